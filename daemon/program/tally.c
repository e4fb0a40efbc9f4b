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

/* Faults are counted: errors, and what keeps a directory from being managed meanwhile. */
static bool is_fault(enum reason reason)
{
	return reason_severity(reason) == SEVERITY_ERROR || reason == REASON_THROTTLED ||
	       reason == REASON_NOT_ACTIVE;
}

/* The row of the reason, or a new one from `fresh`; NULL without memory. */
static struct tally_row *row_of(struct tally *tally, const struct tally_row *fresh)
{
	for (size_t i = 0; i < tally->count; i++)
		if (tally->rows[i].reason == fresh->reason)
			return &tally->rows[i];
	if (array_reserve(&tally->rows, &tally->capacity, tally->count, sizeof(tally->rows[0]),
		    REASONS) < 0)
		return NULL;
	tally->rows[tally->count] = *fresh;
	return &tally->rows[tally->count++];
}

void tally_recall(struct tally *tally, const struct memory *memory)
{
	for (size_t i = 0; !tally->recalled && i < memory->announcements_count; i++) {
		const struct memory_announcement *entry = &memory->announcements[i];

		if (entry->since != 0 && entry->told >= entry->since && entry->level == 0 &&
			is_fault(entry->reason))
			(void)row_of(tally, &(struct tally_row){.reason = entry->reason,
						    .repeat.since = entry->since,
						    .told = true});
	}
	tally->recalled = true;
}

static struct tally_row *row_of_condition(
	struct tally *tally, const struct situation *situation, const struct condition *condition)
{
	if (condition->level != 0 || !is_fault(condition->reason))
		return NULL;
	return row_of(tally, &(struct tally_row){.reason = condition->reason,
				     .repeat.since = announce_since(situation->memory, condition),
				     .told = announce_told(situation->memory, condition)});
}

uint32_t tally_take(
	struct tally *tally, const struct situation *situation, const struct condition *condition)
{
	struct tally_row *row = row_of_condition(tally, situation, condition);
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
	if (kept == 0) {
		free(tally->rows);
		tally->rows = NULL;
		tally->capacity = 0;
	}
}
