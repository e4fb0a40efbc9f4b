/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The plan: decide applied to the model of what was seen until it settles (design 4.1), so that
 * what is shown is by construction what will be done. What is in flight is taken to end well,
 * unless it is Stuck, and no time passes: what must wait for `grace` or an overlap stays as a
 * condition with its date.
 */

#include "core/situation.h"
#include "core/step.h"

/* Five slots, each emptied and filled, LDAPS off and on, with room to spare. */
#define PLAN_STEPS_MAX 64

/* An adoption, a removal by others or a failure for each slot, and a word on LDAPS. */
#define PLAN_NOTES_MAX 16

struct plan {
	struct step
		steps[PLAN_STEPS_MAX]; /* writes, in order; waits for what is in flight already */
	size_t count;
	bool cut; /* more than PLAN_STEPS_MAX: never seen, told if it happens */
	/* What is told on the way and no more at the end: Adopted, InFlight, ... */
	struct condition notes[PLAN_NOTES_MAX];
	size_t notes_count;
	struct decision end;  /* what decide says after all steps; its texts are those of `look`,
				 `memory` or the situation */
	struct memory memory; /* owned: what would be remembered then */
	struct observed look; /* owned: what the last of the steps would show */
};

/*
 * Plans from `situation`, whose memory has learnt the look already. `decided` is what decide says
 * of it, if the caller knows, or NULL. Its turns (N12) are taken in
 * `rollouts`, those of the situation, so that the plan of the next directory knows of them; NULL:
 * the situation has none. 0, to be released with
 * plan_done before what the situation borrows goes, or -ERROR_MEMORY.
 */
int plan_make(const struct situation *situation, const struct decision *decided,
	struct rollouts *rollouts, struct plan *ret_plan);

/* Frees what it owns. Accepts NULL and all-zero. */
void plan_done(struct plan *plan);

/* How many steps of the plan are writes. */
size_t plan_writes(const struct plan *plan);
