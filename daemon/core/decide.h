/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The decision: what to do next for one directory in one Region (design 4.1, 4.3). A pure function:
 * the same situation gives the same decision. decide proposes in this order, guard forbids; what
 * may not act leaves its reason in the conditions and the next rule speaks; the first step that may
 * be taken is returned. Only rules 1 and 2 end the walk.
 */
/* clang-format off */
/*
 *   rule  when                                                      step
 *   0     nothing was ever read                                     observe
 *   1     not readable, not Active, wrong kind, wrong name          held
 *   2     a change, an entry or the setting is in flight            wait; Stuck: rule 3 may register
 *   3     an own entry failed                                       deregister it (OwnFailure)
 *         a wanted certificate is missing, newest generation first  register
 *         ... and the directory is full                             deregister an expired (MakeRoom)
 *   4     LDAPS is wanted and off                                   enable
 *   5     LDAPS is to be off and on                                 disable
 *   6     something owned is dropped                                deregister
 *   7     something was forbidden for a time only                   wait until that time
 *         something was forbidden                                   held
 *         nothing is left to do                                     settled
 *
 * `until` of wait, held and settled is the earliest of the next pass and the next instant at which
 * something changes by itself; it is never nearer than DECIDE_LOOK_MIN.
 */
/* clang-format on */

#include "core/situation.h"
#include "core/step.h"

/* N11: reads of one directory are at least this far apart. Seconds. */
#define DECIDE_LOOK_MIN SITUATION_LOOK_MIN
/* While something is in flight looks come at growing distances up to this. Seconds. */
#define DECIDE_LOOK_BUSY_MAX 300
/* Decides. `ret_decision` borrows from the situation. */
void decide(const struct situation *situation, struct decision *ret_decision);
