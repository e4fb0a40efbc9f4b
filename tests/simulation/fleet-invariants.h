/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The Never table (design 4) as checks over the raw world, the log of looks and calls, and the
 * file, for the large world as invariants.h has them for the small one. Nothing here calls decide,
 * guard, learn, situation or the model.
 *
 *   N1   N1A N1B N1C at the sending, on the raw directory; "settled Disabled" is what looks said
 *   N2   an entry is foreign unless our call made it, a look made it adoptable by 5.3, or it looks
 *        like what a lost reply of ours may have left
 *   N3   by the certificate's true end, with 90 days and the margin
 *   N4   the look is complete, at most 60 s old, and by a clock within 5 min
 *   N5   N6  by the file of that moment; waits count from the looks that saw it
 *   N7   nothing of type ClientLDAPS, no setting and no request of ours is under way
 *   N8   a removal rests on a listing that shows the entry, of a directory in the file
 *   N9   by name and stage; policies
 *   N10  no write for what is so already; a removal only of what is dropped, superseded as
 *        `retire:` asks, or expired where its slot is needed; what was retired stays so
 *   N11  one write at most three times a day without success; looks at least 15 s apart
 *   N12  of one certificate of one authority (of disabling: of one account) one directory and
 *        Region is cut first, the others not before `overlap` has passed since, and not many at
 *        a time
 *   N13  a domain controller that verified before a removal of ours verifies after it
 *   plus what 4.5 asks beside N1: the view is not contradictory, `grace`, StillNeeded
 */

#include "fleet-world.h"

/* How a pass saw the world. */
struct looking {
	const struct observed *shown; /* what the daemon was shown */
	bool complete;		      /* the reads all worked */
	bool known;		      /* and are of the right directory, Active: it teaches */
	int64_t at;		      /* when */
	/* The change in flight as the ledger held it before the look taught anything. */
	const struct memory_change *change;
};

/* A look is about to be made. NULL, or the sentence that it breaks; so the next two. */
const char *invariants_ask(struct world *world, struct target *target);
/* Before `step` is sent at world->now. */
const char *invariants_write(struct world *world, const struct target *target,
	const struct looking *looking, const struct step *step);
/* What was decided without a write. */
const char *invariants_rest(
	const struct world *world, const struct target *target, const struct step *step);
/* It says settled at the end: NULL, or what is not as the file wants it. */
const char *invariants_settled(const struct world *world, const struct target *target);

/* After a complete look was committed. */
void invariants_look(struct world *world, struct target *target, const struct looking *looking);
/* The intent of a write is committed: what is removed as superseded is retired with it (4.2). */
void invariants_intend(struct world *world, struct target *target, const struct step *step);
/* After a write was sent. */
void invariants_sent(struct world *world, struct target *target, const struct step *step);
/* The service has executed a write of ours that may cut: what invariants_sent made of it. */
void invariants_cut(struct world *world, const struct cut *cut);
/* Our DisableLDAPS was taken by the service. */
void invariants_disabling(const struct world *world, struct target *target);
/* After anything may have ended: success forgets the sends. */
void invariants_settle(const struct world *world, struct target *target);
/* The ledger is lost: nothing is known to be ours any more. */
void invariants_forget(const struct world *world, struct target *target);
/* The directory was out of the file or the file was refused: waits begin anew. */
void invariants_restart(struct target *target);
