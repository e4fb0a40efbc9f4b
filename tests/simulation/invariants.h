/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The Never table (design 4) as checks over the raw world and the log of looks and calls. Nothing
 * here calls decide, guard, learn, situation or the model: matching, paths and arithmetic are
 * written anew, so that a mistake there is not made here.
 *
 *   N1   N1A N1B N1C at the sending, on the raw directory; "settled Disabled" is what looks said
 *   N2   an entry is foreign unless our call made it, a look made it adoptable by 5.3, or it looks
 *        like what a lost reply of ours may have left (the API cannot tell such two apart)
 *   N3   by the certificate's true end, with 90 days and the margin
 *   N4   the look is complete, at most 60 s old, and by a clock within 5 min
 *   N5   N6  by the file of that moment; waits count from the looks that saw it
 *   N7   nothing of type ClientLDAPS, no setting and no request of ours is under way
 *   N8   a removal rests on a file that trusts something or says none, and on a listing that shows
 *        the entry; N9 by name, stage and policy
 *   N10  no write for what is so already; a removal only of what 4.3 and 4.5 name
 *   N11  one write at most three times a day without success, counted anew when
 *        the file was edited ("held until the file changes", 4.3); looks at least 15 s apart
 *   N12  no removal or disable out of turn
 *   plus what 4.5 asks beside N1: the view is not contradictory, `grace`, StillNeeded
 */

#include "core/observed.h"
#include "core/step.h"
#include "world.h"

/* How a pass saw the world. */
struct looking {
	const struct observed *shown; /* what the daemon was shown */
	bool complete;		      /* the reads all worked */
	int64_t at;		      /* when */
	bool edited;		      /* the file is another than at the look before */
	int64_t before;		      /* the complete look before that the ledger holds; 0: none */
};

/* After a complete look was committed. */
void invariants_look(struct world *world, const struct looking *looking);
/* Before `step` is sent at world->now: NULL, or the sentence that it breaks. */
const char *invariants_write(
	const struct world *world, const struct looking *looking, const struct step *step);
/* After it was sent: the log's line. */
void invariants_sent(struct world *world, const struct step *step);
/* Our DisableLDAPS was taken by the service. */
void invariants_disabling(struct world *world);
/* An entry of this certificate was removed to the end: the next removal is another write. */
void invariants_removed(struct world *world, enum who who);
/* After anything may have ended: success forgets the sends, an ended disable is no longer under
 * way. */
void invariants_settle(struct world *world);
/* What was decided without a write: NULL, or the sentence it breaks. */
const char *invariants_rest(const struct world *world, const struct step *step);
/* The daemon says settled, and nothing is under way: NULL, or what is not as the file wants it. */
const char *invariants_settled(const struct world *world);
/* The ledger is lost: nothing is known to be ours any more. */
void invariants_forget(struct world *world);
/* The directory was out of the file or the file was refused: waits begin anew. */
void invariants_restart(struct world *world);
