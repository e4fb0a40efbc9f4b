/* SPDX-License-Identifier: Apache-2.0 */
#include "core/plan.h"

#include <string.h>

#include "core/decide.h"
#include "core/future.h"

static bool worth_showing(const struct step *step)
{
	return step_writes(step) || (step->kind == STEP_WAIT && step->reason == REASON_IN_FLIGHT);
}

/* What is Stuck is not taken to end. */
static bool is_stuck(const struct decision *decision)
{
	for (size_t i = 0; i < decision->conditions_count; i++)
		if (decision->conditions[i].reason == REASON_STUCK)
			return true;
	return false;
}

/* Whether the plan goes on beyond `decision`. */
static bool goes_on(const struct decision *decision)
{
	return step_writes(&decision->step) ||
	       (decision->step.kind == STEP_WAIT && decision->step.reason == REASON_MISSED) ||
	       (worth_showing(&decision->step) && !is_stuck(decision));
}

/*
 * Reasons that the decision at the end does not tell again. Those of the second row are of the look
 * itself: later ones would borrow from looks that are gone.
 */
static bool worth_noting(enum reason reason, bool first)
{
	switch (reason) {
	case REASON_ADOPTED:
	case REASON_REMOVED_ELSEWHERE:
		return true;
	case REASON_REGISTER_FAILED:
	case REASON_ENABLE_FAILED:
	case REASON_IN_FLIGHT:
	case REASON_LDAPS_IN_FLIGHT:
	case REASON_UNRESOLVED:
	case REASON_UNLISTED:
		return first;
	default:
		return false;
	}
}

static bool told_in(
	const struct condition *conditions, size_t count, const struct condition *condition)
{
	for (size_t i = 0; i < count; i++)
		if (conditions[i].reason == condition->reason &&
			conditions[i].certificate == condition->certificate &&
			(condition->certificate || strcmp(conditions[i].id, condition->id) == 0))
			return true;
	return false;
}

static void plan_note(struct plan *plan, const struct decision *decision, bool first)
{
	for (size_t i = 0; i < decision->conditions_count; i++) {
		const struct condition *condition = &decision->conditions[i];

		if (worth_noting(condition->reason, first) && plan->notes_count < PLAN_NOTES_MAX &&
			!told_in(plan->notes, plan->notes_count, condition))
			plan->notes[plan->notes_count++] = *condition;
	}
}

/* Drops the notes that the end tells all the same. */
static void plan_trim(struct plan *plan)
{
	size_t kept = 0;

	for (size_t i = 0; i < plan->notes_count; i++)
		if (!told_in(plan->end.conditions, plan->end.conditions_count, &plan->notes[i]))
			plan->notes[kept++] = plan->notes[i];
	plan->notes_count = kept;
}

static int plan_run(struct plan *plan, struct future *future)
{
	struct decision *end = &plan->end;

	for (size_t i = 0; i < PLAN_STEPS_MAX && goes_on(end); i++) {
		struct step step = end->step;
		bool ours = future->memory.change.phase != CHANGE_NONE;
		int r = step_writes(&step) ? future_act(future, &step) : 0;

		if (r < 0)
			return r;
		/* of our own steps the end is shown by the next one */
		if (step_writes(&step) || (worth_showing(&step) && !ours))
			plan->steps[plan->count++] = step;
		plan_note(plan, end, i == 0);
		r = future_look(future, future->situation.now + DECIDE_LOOK_MIN);
		if (r < 0)
			return r;
		decide(&future->situation, end);
	}
	plan->cut = goes_on(end);
	plan_trim(plan);
	return 0;
}

int plan_make(const struct situation *situation, const struct decision *decided,
	struct rollouts *rollouts, struct plan *ret_plan)
{
	struct future future;
	int r;

	ret_plan->count = ret_plan->notes_count = 0;
	ret_plan->cut = false;
	ret_plan->look = (struct observed){0};
	ret_plan->memory = (struct memory){0};
	if (decided)
		decision_copy(decided, &ret_plan->end);
	else
		decide(situation, &ret_plan->end);
	if (!goes_on(&ret_plan->end))
		return 0;
	r = future_begin(situation, &future);
	if (r < 0)
		return r;
	future.rollouts = rollouts;
	r = plan_run(ret_plan, &future);
	if (r == 0) {
		ret_plan->look = future.observed;
		ret_plan->memory = future.memory;
		future.observed = (struct observed){0};
		future.memory = (struct memory){0};
	}
	future_done(&future);
	return r;
}

void plan_done(struct plan *plan)
{
	if (!plan)
		return;
	observed_done(&plan->look);
	memory_done(&plan->memory);
}

size_t plan_writes(const struct plan *plan)
{
	size_t writes = 0;

	for (size_t i = 0; i < plan->count; i++)
		writes += step_writes(&plan->steps[i]);
	return writes;
}
