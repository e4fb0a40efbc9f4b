/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One look at every directory, for the commands that show what will be: reads the API and the
 * ledger, also beside a running daemon, and writes nothing anywhere.
 */

#include "core/fleet.h"
#include "core/knowledge.h"
#include "core/situation.h"
#include "core/store.h"
#include "program/options.h"
#include "program/target.h"

/* Who is told, on the thread that called; what is passed is borrowed for the call. */
struct survey_listener {
	void *context;
	/* Keyrings that there are already, as of keyring_of; NULL: none. */
	struct keyring *keyrings;
	/* What selectors have picked, before anything else; NULL if nobody cares. `fleet` is what
	 * is worked on. */
	void (*selected)(
		void *context, const struct fleet *fleet, const struct knowledge *knowledge);
	/* How many targets there are, before the first look. 0, or a negative code that ends the
	 * survey. */
	int (*begun)(void *context, size_t targets);
	/* A look was taken and learnt from, complete or not: in no order; target->index counts in
	 * the order of account, Region and id. `decided` is what decide says of the situation; NULL
	 * if it must be asked (again). `rollouts` are those of the situation: turns that
	 * are taken in them (core/future) are not kept. */
	void (*seen)(void *context, const struct target *target, const struct situation *situation,
		const struct decision *decided, struct rollouts *rollouts);
};

/*
 * Looks at the directories of `fleet` that the options name, after asking where its
 * selectors look. `store` gets what the ledger
 * knows, if the options name a state directory; without one nothing is remembered. 0 or an error
 * with its reason; what was begun is not released, as the process ends after it.
 */
int survey_fleet(const struct options *options, const struct fleet *fleet, struct store *store,
	const struct survey_listener *listener, struct error *error);
