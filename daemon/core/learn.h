/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What one complete look teaches: memory in, memory out. Resolves the change in flight, notes what
 * became of owned entries, adopts (design 5.3), counts failures once and undoings by others, and
 * starts, keeps or breaks the waiting times. Chooses nothing and writes nothing to the service.
 *
 *   the change in flight      resolved when the look shows
 *   register                  its id, or without an id exactly one unowned live entry that matches:
 * ours deregister                the entry Deregistering, Deregistered, DeregisterFailed or gone
 *   enable                    Enabling, Enabled or EnableFailed
 *   disable                   Disabled
 *   any of them               nothing of it until memory_change_end: not executed
 */

#include "core/situation.h"

/*
 * Updates `memory` (which situation->memory must point to) by situation->observed. A look that is
 * not complete, or of another directory than the file names, teaches nothing. 0 or -ERROR_MEMORY /
 * -ERROR_LIMIT (memory may then be half updated: drop it and load again).
 */
int learn(const struct situation *situation, struct memory *memory);
