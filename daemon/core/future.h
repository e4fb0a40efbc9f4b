/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A situation that goes on: core/model stands in for the service, every call of ours goes as the
 * service answers it, what is in flight ends well unless it is Stuck, and each look is learnt from.
 * What decide says of `situation` is the next step. `plan` takes the steps of an instant in it,
 * `forecast` those of years (design 4.1).
 */

#include "core/memory.h"
#include "core/model.h"
#include "core/observed.h"
#include "core/situation.h"
#include "core/step.h"

/* Not to be moved: its situation points into it. */
struct future {
	struct situation situation; /* at this point of it; its observed is the look it began with,
				     * then `observed`; its memory is `memory` */
	struct observed observed;   /* owned: the last look; all-zero before the first */
	struct memory memory;	    /* owned */
	struct model_directory model;
	struct model_options options;
	int64_t arrived; /* what every look says of its age: that of the first */
	/* N12, borrowed: where future_act takes the turns; those of `situation`, set by who began
	 * it, shared by the futures of one fleet. NULL: none are taken. */
	struct rollouts *rollouts;
};

/*
 * Begins where `situation`, whose memory has learnt its look, is. 0, to be released with
 * future_done before what the situation borrows goes, or -ERROR_MEMORY with nothing to release.
 */
int future_begin(const struct situation *situation, struct future *ret_future);
/* Frees what it owns. */
void future_done(struct future *future);

/* Takes `step`, a write, now: intent, call, outcome. 0 or an error of memory. */
int future_act(struct future *future, const struct step *step);

/* Lets time go on until `now`, ends what is due, looks and learns. 0 or an error of memory. */
int future_look(struct future *future, int64_t now);
