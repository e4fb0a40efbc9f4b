/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a look has adopted, as entries of the history: what was there before is ldapsward's from
 * then on, and may be removed by it one day, so it is kept who it was and when.
 */

#include "core/memory.h"
#include "edge/ledger.h"

/* All-zero is nothing, as it is after almost every look. */
struct adopted {
	struct ledger_entry *entries; /* owned, with their texts; keys are borrowed */
	size_t count;
};

/* Whether `learnt` has adopted anything that `before` lacks. */
bool adopted_any(const struct memory *before, const struct memory *learnt);

/*
 * Finds the entries that `learnt` has adopted and `before` lacks; `key` is borrowed for as long as
 * the entries live. 0 or -ERROR_MEMORY.
 */
int adopted_between(const struct ledger_key *key, const struct memory *before,
	const struct memory *learnt, int64_t now, struct adopted *ret_adopted);

/* Fills so many changes of the ledger, one for each entry, all of the history alone. */
void adopted_changes(const struct adopted *adopted, struct ledger_change *ret_changes);

/* Frees what it owns; accepts NULL and all-zero; leaves all-zero. */
void adopted_done(struct adopted *adopted);
