/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One walk of decide through its rules (design 4.3): what was found so far, and how a rule speaks.
 * The first write that guard allows is the step; of every other the reason is told, and whether
 * something else must change, or time must pass, or nothing is wrong with it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/memory.h"
#include "core/observed.h"
#include "core/situation.h"
#include "core/step.h"

/* One walk through the rules. */
struct walk {
	const struct situation *situation;
	const struct observed *observed;
	struct decision *decision;
	bool decided;	   /* a step that may be taken was found */
	bool stuck;	   /* rule 2 found something Stuck: only register may follow */
	bool full_told;	   /* NoFreeSlot is told once */
	bool removed;	   /* rule 6 has spoken */
	enum reason held;  /* the first reason that only a change elsewhere removes */
	enum reason waits; /* the first reason that time removes */
	int64_t next;	   /* the nearest instant at which something changes by itself; 0: none */
};

/* Tells a reason about a certificate; `detail` is borrowed; NULL and 0 for what there is not. */
void walk_tell(struct walk *walk, enum reason reason, const struct certificate *certificate,
	int64_t at, const char *detail);

/* Something happens by itself at `instant`: the next look is not later. */
void walk_expect(struct walk *walk, int64_t instant);

/* Something is held back by what `condition` says: the step, if none is taken, waits or is held for
 * it, unless it is a reason for which nothing is awaited. */
void walk_block(struct walk *walk, const struct condition *condition);

/* Takes `step` if nothing forbids it and none was taken before; otherwise tells why not. */
void walk_propose(struct walk *walk, struct step step);

/* Proposes the removal of an owned entry. */
void walk_remove(struct walk *walk, const struct memory_certificate *owned, enum reason reason);
