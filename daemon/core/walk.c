/* SPDX-License-Identifier: Apache-2.0 */
#include "core/walk.h"

#include <string.h>

#include "core/guard.h"

void walk_tell(struct walk *walk, enum reason reason, const struct certificate *certificate,
	int64_t at, const char *detail)
{
	decision_tell(walk->decision,
		&(struct condition){
			.reason = reason, .certificate = certificate, .at = at, .detail = detail});
}

void walk_expect(struct walk *walk, int64_t instant)
{
	if (instant > walk->situation->now && (walk->next == 0 || instant < walk->next))
		walk->next = instant;
}

/* Reasons that end by themselves. */
static bool reason_passes(enum reason reason, int64_t at)
{
	switch (reason) {
	case REASON_GRACE:
	case REASON_CONTESTED:
	case REASON_AWAITS_DISABLED:
	case REASON_AWAITS_TURN:
	case REASON_AWAITS_FIRST:
	case REASON_DISABLED_ELSEWHERE:
	case REASON_WAITS_FOR_CERTIFICATES:
	case REASON_FOLLOWS_CERTIFICATES:
	case REASON_MISSED:
		return true;
	case REASON_BACKING_OFF:
		return at != 0;
	default:
		return false;
	}
}

/* Reasons for which a superseded certificate stays for long: nothing is wrong, nothing is awaited
 * that anybody would wait for. */
static bool reason_steady(enum reason reason)
{
	switch (reason) {
	case REASON_OVERLAPPING:
	case REASON_AWAITS_PROOF:
	case REASON_AWAITS_AGE:
	case REASON_AWAITS_EXPIRY:
	case REASON_RETIRED_BY_HAND:
		return true;
	default:
		return false;
	}
}

/* What the policy leaves to itself for good: add-only is told so, and holds nothing up. */
static bool left_for_good(const struct walk *walk, const struct step *step, enum reason reason)
{
	return step->reason == REASON_SUPERSEDED && reason == REASON_POLICY &&
	       walk->situation->wanted->policy == POLICY_ADD_ONLY;
}

void walk_block(struct walk *walk, const struct condition *condition)
{
	bool passes = reason_passes(condition->reason, condition->at);
	enum reason *slot = passes ? &walk->waits : &walk->held;

	if (*slot == REASON_NONE && !reason_steady(condition->reason))
		*slot = condition->reason;
	walk_expect(walk, condition->at);
}

/* Whether what `condition` waits for is what is about to be done. */
static bool comes_next(const struct walk *walk, const struct condition *condition)
{
	const struct step *step = &walk->decision->step;

	return condition->reason == REASON_WAITS_FOR_CERTIFICATES && walk->decided &&
	       step->kind == STEP_REGISTER && step->certificate == condition->certificate;
}

void walk_propose(struct walk *walk, struct step step)
{
	struct condition why = {.reason = step.reason, .certificate = step.certificate};
	struct condition condition;

	memcpy(why.id, step.id, sizeof(why.id));
	if (guard_check(walk->situation, &step, &condition) != GUARD_ALL) {
		if (comes_next(walk, &condition))
			condition.reason = REASON_FOLLOWS_CERTIFICATES;
		condition.holds = step.kind;
		condition.reversible_until = step.reversible_until;
		if (reason_steady(condition.reason)) { /* that it is superseded, it says itself */
			if (walk->situation->wanted->policy != POLICY_SYNC)
				return; /* nothing would be done under sync either */
		} else {
			decision_tell(walk->decision, &why);
		}
		decision_tell(walk->decision, &condition);
		if (!left_for_good(walk, &step, condition.reason))
			walk_block(walk, &condition);
		return;
	}
	decision_tell(walk->decision, &why);
	if (walk->decided)
		return;
	step.deadline = walk->observed->arrived + STEP_VIEW_MAX;
	walk->decision->step = step;
	walk->decided = true;
}

void walk_remove(struct walk *walk, const struct memory_certificate *owned, enum reason reason)
{
	int64_t reversible = certificate_reversible_until(owned->certificate);
	struct step step = {.kind = STEP_DEREGISTER,
		.reason = reason,
		.certificate = owned->certificate,
		.reversible_until = reversible > walk->situation->now ? reversible : 0};

	memcpy(step.id, owned->id, sizeof(step.id));
	walk_propose(walk, step);
}
