/* SPDX-License-Identifier: Apache-2.0 */
#include "core/plan.h"

#include <string.h>

#include "base/error.h"
#include "core/decide.h"
#include "core/learn.h"
#include "core/model.h"

/* A future in which every call of ours goes well. */
struct future {
	struct situation situation; /* its observed and memory are those below */
	struct observed observed;
	struct memory memory;
	struct model_directory model;
	struct model_options options;
	const struct observed *seen; /* what the next step rests on: the look, then `observed` */
};

static void future_done(struct future *future)
{
	observed_done(&future->observed);
	memory_done(&future->memory);
	model_done(&future->model);
}

/* The service as far as we know it: only its quota could surprise, and decide counts that itself.
 */
static struct model_options future_options(const struct situation *situation)
{
	struct model_options options = model_options_default();

	options.ldaps_limit = situation->wanted->certificate_limit;
	options.auth_limit = OBSERVED_CERTIFICATES_MAX;
	options.register_delay = options.deregister_delay = 0;
	options.enable_delay = options.disable_delay = 0;
	return options;
}

static int future_begin(struct future *future, const struct situation *situation)
{
	int r;

	*future = (struct future){.situation = *situation,
		.options = future_options(situation),
		.seen = situation->observed};
	r = memory_copy(situation->memory, &future->memory);
	if (r < 0)
		return r;
	r = model_from_observed(situation->observed, situation->wanted->id, &future->options,
		situation->now, &future->model);
	if (r < 0) {
		memory_done(&future->memory);
		return r;
	}
	for (size_t i = 0; i < situation->observed->listed_count; i++) {
		const struct listed *listed = &situation->observed->listed[i];
		struct model_certificate *entry = model_find(&future->model, listed->id);

		if (entry)
			entry->certificate = situation_certificate(situation, listed);
	}
	future->situation.memory = &future->memory;
	future->situation.observed = &future->observed;
	return 0;
}

/* Lets everything in flight end, looks and learns. */
static int future_look(struct future *future)
{
	struct situation *situation = &future->situation;
	int64_t arrived = future->observed.arrived;
	int r;

	situation->now += DECIDE_LOOK_MIN;
	model_advance(&future->model, &future->options, situation->now);
	observed_done(&future->observed);
	r = model_observe(&future->model, &future->options, situation->now, &future->observed);
	if (r < 0)
		return r;
	future->observed.arrived = arrived != 0 ? arrived : situation->now;
	future->seen = &future->observed;
	return learn(situation, &future->memory);
}

static enum refusal future_call(struct future *future, const struct step *step, char *ret_id)
{
	struct model_directory *model = &future->model;
	struct model_certificate *entry;
	int64_t now = future->situation.now;
	enum refusal refusal;

	switch (step->kind) {
	case STEP_REGISTER:
		refusal = model_register(model, &future->options, step->certificate,
			CERTIFICATE_TYPE_CLIENT_LDAPS, now, &entry);
		if (refusal == REFUSAL_NONE)
			memcpy(ret_id, entry->id, sizeof(entry->id));
		return refusal;
	case STEP_DEREGISTER:
		return model_deregister(model, &future->options, step->id, now);
	case STEP_ENABLE:
		return model_enable(model, &future->options, now);
	case STEP_DISABLE:
		return model_disable(model, &future->options, now);
	default:
		return REFUSAL_NONE;
	}
}

static int future_act(struct future *future, const struct step *step)
{
	struct outcome outcome = {.kind = OUTCOME_ACCEPTED};
	int64_t now = future->situation.now;
	int r = memory_intend(&future->memory, step, now);

	if (r < 0)
		return r;
	outcome.refusal = future_call(future, step, outcome.id);
	if (outcome.refusal != REFUSAL_NONE)
		outcome.kind = OUTCOME_REFUSED;
	return memory_conclude(&future->memory, step, &outcome, observed_mark(future->seen), now);
}

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

static int future_run(struct future *future, struct plan *plan)
{
	struct decision *end = &plan->end;

	*end = plan->now;
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
		r = future_look(future);
		if (r < 0)
			return r;
		decide(&future->situation, end);
	}
	plan->cut = goes_on(end);
	plan_trim(plan);
	return 0;
}

int plan_make(const struct situation *situation, struct plan *ret_plan)
{
	struct future future;
	int r;

	ret_plan->count = ret_plan->notes_count = 0;
	ret_plan->cut = false;
	ret_plan->look = (struct observed){0};
	ret_plan->memory = (struct memory){0};
	decide(situation, &ret_plan->now);
	ret_plan->end = ret_plan->now;
	if (!goes_on(&ret_plan->now))
		return 0;
	r = future_begin(&future, situation);
	if (r < 0)
		return r;
	future.observed.arrived = situation->observed->arrived;
	r = future_run(&future, ret_plan);
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
