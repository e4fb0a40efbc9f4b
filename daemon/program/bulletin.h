/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the daemon says of itself and of all directories together: STATUS= in one line, and in the
 * journal that it has looked at every directory, that the ledger cannot be written or can be again,
 * that what selectors match cannot be taken or can be again, that somebody has set the clock, and
 * what a pass has gathered. Belongs to the main thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/repeat.h"
#include "program/job.h"
#include "program/pass.h"
#include "program/scheduler.h"

struct bulletin {
	const struct scheduler *scheduler; /* borrowed */
	struct repeat unsaved;		   /* what could not be recorded, until all is again */
	bool unsaved_now;		   /* something could not be since the last pass ended */
	struct repeat unselected; /* what selectors match could not be taken, until it is */
	bool looked;		  /* at every directory, once at least */
};

/* Begins, with an all-zero bulletin. */
void bulletin_begin(struct bulletin *bulletin, const struct scheduler *scheduler);

/* Counts that something could not be recorded, and tells it the first time and ever less often: a
 * full disk concerns every directory alike. */
void bulletin_unsaved(
	struct bulletin *bulletin, const struct target *target, const struct job *job);

/* A sweep has ended, and what selectors match could not be taken for this reason (NULL: it was):
 * tells it the first time and ever less often, and its end. */
void bulletin_selected(struct bulletin *bulletin, const char *why_not);

/* Tells that somebody has set this machine's clock by so many seconds, back if negative. */
void bulletin_clock(int64_t seconds);

/* Tells what is to be told at the end of a pass that took `elapsed` seconds. */
void bulletin_passed(struct bulletin *bulletin, struct pass *pass, int64_t elapsed);

/* Tells the service manager how the directories stand. `refused`: an older file is in force. */
void bulletin_status(const struct bulletin *bulletin, bool refused);
