/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What one complete look teaches: memory in, memory out. Resolves the change in flight, notes what
 * became of owned entries, adopts (design 5.3), counts failures once and undoings by others, and
 * starts, keeps or breaks the waiting times. Chooses nothing and writes nothing to the service.
 */
/* clang-format off */
/*
 *   the change in flight  is resolved when the look shows
 *   register              its id, or without an id exactly one unowned live entry that matches: ours
 *   deregister            the entry Deregistering, Deregistered, newly DeregisterFailed, or gone
 *   enable                Enabling, Enabled or a new EnableFailed
 *   disable               Disabled
 *   any of them           nothing of it when memory_change_end has come: not executed, a failure
 *
 * An owned entry is gone when two looks in a row miss it, also one that we removed or that had failed:
 * one look may be wrong, and what is ours, or was tried, must not be lost by it.
 */
/* clang-format on */

#include "core/situation.h"

/*
 * Updates `memory` (which situation->memory must point to) by situation->observed. A look that is
 * not complete, or of another directory than the file names, teaches nothing. 0 or -ERROR_MEMORY /
 * -ERROR_LIMIT (memory may then be half updated: drop it and load again).
 */
int learn(const struct situation *situation, struct memory *memory);
