/* SPDX-License-Identifier: Apache-2.0 */
#include "core/repeat.h"

#include <stddef.h>

#include "base/array.h"
#include "base/calendar.h"

/* The last word of the table goes on for ever. Seconds. */
#define WEEK (7 * DAY)

/* When it is told again, after the first time. Seconds. */
static const int64_t reminders[] = {HOUR, 6 * HOUR, DAY};

static int64_t next_after(int64_t since, int64_t now)
{
	int64_t past = now - since;

	for (size_t i = 0; i < ARRAY_LENGTH(reminders); i++)
		if (past < reminders[i])
			return since + reminders[i];
	return since + (past / WEEK + 1) * WEEK;
}

bool repeat_count(struct repeat *repeat, int64_t now)
{
	if (repeat->count < UINT32_MAX)
		repeat->count++;
	if (repeat->since != 0 && now < repeat->next)
		return false;
	if (repeat->since == 0)
		repeat->since = now;
	repeat->next = next_after(repeat->since, now);
	return true;
}
