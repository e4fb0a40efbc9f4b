/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * All that one decision looks at, for one directory in one Region, and the questions that learn,
 * decide and guard ask of it alike: which entry is whose, and what is wanted (design 4.2).
 * Everything is borrowed.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/fleet.h"
#include "core/generation.h"
#include "core/memory.h"
#include "core/observed.h"
#include "core/proof.h"
#include "core/rollout.h"
#include "core/step.h"

/* A clock further from the API's blocks removals, enable and disable (N4). Seconds. */
#define SITUATION_SKEW_MAX 300
/* Replies without a Date: how far the clocks are apart is not known, so it is too far. */
#define SITUATION_SKEW_UNKNOWN INT64_MAX
/* N11: reads of one directory are at least this far apart. Seconds. */
#define SITUATION_LOOK_MIN 15
/* Something in flight for longer is Stuck (design 4.3, rule 2). Seconds. */
#define SITUATION_STUCK_AFTER (INT64_C(60) * 60)

struct situation {
	const struct directory *wanted;
	const struct observed *observed;
	const struct memory *memory;
	const struct proof *proof;
	int64_t now;	  /* the API's time */
	int64_t skew;	  /* our clock less the API's, seconds */
	int64_t interval; /* between passes, seconds */
	int64_t watching; /* since when this process looks here, the API's time; 0: for long */
	bool unconfirmed; /* it is only remembered that a selector picked it (core/selection) */
	/* N12: the roll-outs of the fleet; NULL: there is no other directory. */
	const struct rollouts *rollouts;
	struct rollout_place place; /* of this one in them */
};

/* The owned record of a listed entry; NULL if it is foreign. */
struct memory_certificate *situation_owned(
	const struct situation *situation, const struct listed *listed);

/*
 * What a listed ClientLDAPS entry is, as far as it can be known: the owned certificate, or, for a
 * foreign entry, the one certificate of a trusted authority that it matches; NULL if none or
 * several.
 */
const struct certificate *situation_certificate(
	const struct situation *situation, const struct listed *listed);

/*
 * The entry (in any state but Deregistered) that carries `certificate`, or NULL. Of several the one
 * that is most there: Registered, Registering, on its way out, RegisterFailed; then owned before
 * foreign.
 */
const struct listed *situation_entry(
	const struct situation *situation, const struct certificate *certificate);

/* Whether another certificate that is trusted here, and could be registered, looks the same to the
 * API (design 4.2): cross-certificates, which often end with the older root, could not. */
bool situation_ambiguous(const struct situation *situation, const struct certificate *certificate);

/*
 * What bars a certificate of a trusted authority from being registered here, though its dates may
 * allow it; GENERATION_GOOD for one that nothing bars, and for one of no trusted authority. Where
 * an authority has several subjects, a line that has a Registered entry here goes on. What is owned
 * already is not barred by its order.
 */
enum generation_rule situation_barred(
	const struct situation *situation, const struct certificate *certificate);

/*
 * Wanted (design 4.2): of a trusted authority, registrable now, not barred as above, not retired
 * or deferred here, and not ambiguous unless it is the one that is owned already.
 */
bool situation_wanted(const struct situation *situation, const struct certificate *certificate);

/* Dropped: owned, recorded under an authority, and neither listed by a trusted one nor recorded
 * under one. */
bool situation_dropped(const struct situation *situation, const struct memory_certificate *owned);

/* Something of type ClientLDAPS or the LDAPS setting is in flight, in an unknown state, or a change
 * is. */
bool situation_busy(const struct situation *situation);

/* LDAPS is on or on its way there, or in a state that could be. */
bool situation_ldaps_on(const struct situation *situation);

/* Settled Disabled: an explicit Disabled for `overlap` (design 4.5). */
bool situation_settled_disabled(const struct situation *situation);

/* The view is complete, of the directory that the file names, Active and of a manageable kind. */
bool situation_manageable(const struct situation *situation);

/*
 * The turn that `step` takes in a roll-out (N12): of a removal in that of the authority that the
 * certificate is recorded under, of a disable in that of the account. False if it takes none: no
 * other write rolls out, nor does clearing away what never became Registered. Texts are borrowed.
 */
bool situation_turn(
	const struct situation *situation, const struct step *step, struct rollout_turn *ret_turn);

/* Whether removing the listed entry (NULL: it is not listed) can take trust away at all: one that
 * never became Registered has none. */
bool situation_carries_trust(const struct listed *listed);
