/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The ledger as the commands that write begin with it: opened for the one writer, read whole. */

#include "core/store.h"
#include "edge/ledger.h"
#include "program/options.h"
#include "program/scheduler.h"

struct state {
	struct ledger *ledger; /* owned */
	struct ledger_records records;
	struct ledger_statuses statuses;
	struct knowledge knowledge; /* what selectors had picked */
};

/*
 * Opens and reads the ledger for `program` ("ldapsward run"); logs what was set aside. 0, or the
 * negative code of ledger_open or ledger_load with its reason.
 */
int state_open(const struct options *options, const char *program, struct store *store,
	struct state *ret_state, struct error *error);

/*
 * Gives the scheduler's targets what was last told of them, notes that others have left the file,
 * and frees what was only read to start.
 */
void state_recall(struct state *state, const struct scheduler *scheduler);

/* After another fleet was taken: notes of every directory that has left it that it is released,
 * and why where a selector had it. */
void state_release(struct ledger *ledger, const struct scheduler *scheduler);

/* Saves what the roll-outs have learnt from another selection: what no look may follow to save is
 * not lost with the process. What cannot be saved goes with the next look. */
void state_roll(struct ledger *ledger, struct scheduler *scheduler);

/* Notes what `fleet` has picked in `knowledge`, and saves that if it is news. What cannot be saved
 * stays news. */
void state_select(struct ledger *ledger, const struct fleet *fleet, struct knowledge *knowledge);

/*
 * Notes when all that is managed was last looked at (UTC seconds; 0 leaves it as it was), and how
 * often that happens: only the daemon has an interval; and whether the file on the disk was
 * refused.
 */
void state_looked(struct ledger *ledger, const struct scheduler *scheduler, int64_t looked);
