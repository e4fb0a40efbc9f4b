/* SPDX-License-Identifier: Apache-2.0 */
#include "program/tally.h"

#include <stdlib.h>

#include "base/array.h"
#include "core/announce.h"

void tally_done(struct tally *tally)
{
	free(tally->rows);
	*tally = (struct tally){0};
}

/* NULL without memory. */
static struct tally_row *row_of(
	struct tally *tally, const struct situation *situation, const struct condition *condition)
{
	for (size_t i = 0; i < tally->count; i++)
		if (tally->rows[i].reason == condition->reason)
			return &tally->rows[i];
	if (array_reserve(&tally->rows, &tally->capacity, tally->count, sizeof(tally->rows[0]),
		    REASONS) < 0)
		return NULL;
	tally->rows[tally->count] = (struct tally_row){.reason = condition->reason,
		.repeat.since = announce_since(situation->memory, condition),
		.told = announce_told(situation->memory, condition)};
	return &tally->rows[tally->count++];
}

/* Faults are counted: errors, and what keeps a directory from being managed meanwhile. */
static bool is_fault(const struct condition *condition)
{
	return condition->level == 0 && (condition_severity(condition) == SEVERITY_ERROR ||
						condition->reason == REASON_THROTTLED ||
						condition->reason == REASON_NOT_ACTIVE);
}

uint32_t tally_take(
	struct tally *tally, const struct situation *situation, const struct condition *condition)
{
	struct tally_row *row = is_fault(condition) ? row_of(tally, situation, condition) : NULL;
	bool due = false;

	if (!row)
		return condition->news ? 1 : 0;
	if (!row->here)
		due = repeat_count(&row->repeat, situation->now);
	row->here = true;
	row->told = row->told || condition->news;
	if (condition->news)
		return 1;
	/* Stale follows from another one, which it comes with and which is reminded of */
	return due && row->told && row->repeat.count > 1 && row->reason != REASON_STALE
		       ? row->repeat.count
		       : 0;
}

void tally_end(struct tally *tally, const struct situation *situation,
	void (*over)(void *context, const struct tally_row *row), void *context)
{
	bool ends = situation_manageable(situation) && !situation_busy(situation);
	size_t kept = 0;

	for (size_t i = 0; i < tally->count; i++) {
		struct tally_row *row = &tally->rows[i];

		if (row->here || !ends) {
			row->here = false;
			tally->rows[kept++] = *row;
		} else if (row->told) {
			over(context, row);
		}
	}
	tally->count = kept;
	if (kept == 0)
		tally_done(tally);
}
