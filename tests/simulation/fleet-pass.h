/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One pass of the daemon over one target: look, learn, commit, decide, and for a write: intend,
 * commit, send unless stale, conclude, commit; with the crashes between, the lies of the look and
 * the losses of the call. The ledger is target->memory; a crash before a commit gives back what was
 * there before.
 */

#include "fleet-world.h"

void pass_run(struct world *world, struct target *target);
/* The daemon ends now and runs again after `seconds`: what only it knew is gone. */
void daemon_ends(struct world *world, int64_t seconds);
