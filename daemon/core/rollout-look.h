/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a look at one directory says of the roll-outs in which it went first (N12): whether it is
 * Ready, so that the others may follow, and whether it is still the one to go first.
 */

#include "core/rollout.h"
#include "core/situation.h"
#include "core/step.h"

/*
 * Ready: the look is complete, dated and of a directory that can be managed; nothing is in flight;
 * LDAPS is as the file wants it; every trusted authority is covered; the decision does not hold the
 * directory, unless it is only that a certificate may not be removed, which takes nothing away; and
 * no condition is an error, other than those of the calendar: a certificate that comes to its end
 * says nothing against a removal elsewhere.
 */
bool rollout_ready(const struct situation *situation, const struct decision *decision);

/*
 * Notes the look in every roll-out that concerns the directory. `decision` is what decide says of
 * `situation`; the roll-outs that the situation borrows may be these. One in which it went first
 * sees it Ready only once what it rolls out is done there, and while that stays so: a certificate
 * that was registered again because a domain controller needs it holds the others up too. If it is
 * not to be done there any more (the file or the policy changed), another one goes first. And what
 * the directory itself waits for is not forgotten.
 */
void rollouts_look(struct rollouts *rollouts, const struct situation *situation,
	const struct decision *decision);
