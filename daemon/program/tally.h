/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How often the looks at one directory have found the same fault, an error or what else keeps it
 * from being managed: what lasts is counted rather than told at each look, and its end is told.
 * Counts from the start of the program; what was told, and since when it holds, is in memory
 * (core/announce) and outlasts it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/memory.h"
#include "core/repeat.h"
#include "core/situation.h"
#include "core/step.h"

struct tally_row {
	struct repeat repeat; /* `since` is when the condition began */
	enum reason reason;
	bool told; /* its begin was told, so its end is told too */
	bool here; /* the look at hand has found it */
};

/* All-zero is empty. */
struct tally {
	struct tally_row *rows; /* owned */
	size_t count, capacity;
	bool recalled; /* what was told by others before is in it */
};

/* Frees what it owns; leaves all-zero. */
void tally_done(struct tally *tally);

/* Takes what was told before this process was, by what is remembered from before its first look;
 * later calls do nothing. So the end is told also of what it never saw itself. */
void tally_recall(struct tally *tally, const struct memory *memory);

/*
 * Counts a condition of a look. Gives how often it is to be said that it was found: 0 if nothing is
 * to be told of it now, 1 if it is news, more for a reminder. What is no fault, thresholds, and
 * what finds no memory are not counted: news is 1, all else 0.
 */
uint32_t tally_take(
	struct tally *tally, const struct situation *situation, const struct condition *condition);

/*
 * Ends the look. Calls `over` for each reason that was told and is found no more, and forgets it; a
 * look by which not every rule could speak ends nothing.
 */
void tally_end(struct tally *tally, const struct situation *situation,
	void (*over)(void *context, const struct tally_row *row), void *context);
