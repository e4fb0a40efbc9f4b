/* SPDX-License-Identifier: Apache-2.0 */
#include "core/threshold.h"

#include <stddef.h>

#include "base/calendar.h"

const struct threshold thresholds[THRESHOLDS] = {
	{365, SEVERITY_NOTE},
	{180, SEVERITY_NOTE},
	{120, SEVERITY_WARNING},
	{100, SEVERITY_WARNING},
	{90, SEVERITY_ERROR},
	{30, SEVERITY_ERROR},
	{14, SEVERITY_ERROR},
	{7, SEVERITY_ERROR},
	{1, SEVERITY_ERROR},
};

const struct threshold *threshold_crossed(int64_t end, int64_t now)
{
	const struct threshold *crossed = NULL;

	for (size_t i = 0; i < THRESHOLDS && now >= end - thresholds[i].days * DAY; i++)
		crossed = &thresholds[i];
	return crossed;
}

int64_t threshold_next(int64_t end, int64_t now)
{
	for (size_t i = 0; i < THRESHOLDS; i++)
		if (now < end - thresholds[i].days * DAY)
			return end - thresholds[i].days * DAY;
	return 0;
}

enum severity threshold_severity(int64_t days)
{
	size_t i = 0;

	while (i + 1 < THRESHOLDS && thresholds[i].days > days)
		i++;
	return thresholds[i].severity;
}
