/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What holds a target, in truth: each reason that may stand at the end of a calm run has a fact of
 * the world that bears it out, and a way to take that fact away alone.
 */

#include "fleet-world.h"

/* The fact behind the reason, in words; NULL if the world does not bear it out. */
const char *release_fact(
	const struct world *world, const struct target *target, enum reason reason);
/* Takes it away. */
void release_take(struct world *world, struct target *target, enum reason reason);
/* Whether what is waited for comes by time alone. */
bool release_by_itself(enum reason reason);
