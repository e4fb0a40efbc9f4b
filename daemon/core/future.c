/* SPDX-License-Identifier: Apache-2.0 */
#include "core/future.h"

#include <string.h>

#include "core/learn.h"

void future_done(struct future *future)
{
	observed_done(&future->observed);
	memory_done(&future->memory);
	model_done(&future->model);
}

/* The service as far as we know it: only its quota could surprise, and decide counts that itself.
 */
static struct model_options options_of(const struct situation *situation)
{
	struct model_options options = model_options_default();

	options.ldaps_limit = situation->wanted->certificate_limit;
	options.auth_limit = OBSERVED_CERTIFICATES_MAX;
	options.register_delay = options.deregister_delay = 0;
	options.enable_delay = options.disable_delay = 0;
	return options;
}

/* What has not ended for an hour is not taken to end. */
static struct model_options options_of_begun(
	const struct situation *situation, const struct model_options *options)
{
	struct model_options begun = *options;
	int64_t since = situation->memory->busy_since;

	if (since != 0 && situation->now - since >= SITUATION_STUCK_AFTER)
		begun.register_delay = begun.deregister_delay = begun.enable_delay =
			begun.disable_delay = MODEL_NEVER;
	return begun;
}

int future_begin(const struct situation *situation, struct future *ret_future)
{
	const struct observed *observed = situation->observed;
	struct model_options begun;
	struct memory memory = {0};
	int r = memory_copy(situation->memory, &memory);

	if (r < 0)
		return r;
	*ret_future = (struct future){.situation = *situation,
		.memory = memory,
		.options = options_of(situation),
		.arrived = observed->arrived};
	begun = options_of_begun(situation, &ret_future->options);
	r = model_from_observed(
		observed, situation->wanted->id, &begun, situation->now, &ret_future->model);
	if (r < 0) {
		memory_done(&ret_future->memory);
		return r;
	}
	for (size_t i = 0; i < observed->listed_count; i++)
		ret_future->model.certificates[i].certificate =
			situation_certificate(situation, &observed->listed[i]);
	ret_future->situation.memory = &ret_future->memory;
	return 0;
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

int future_act(struct future *future, const struct step *step)
{
	struct outcome outcome = {.kind = OUTCOME_ACCEPTED};
	int64_t now = future->situation.now;
	struct rollout_turn turn;
	int r = 0;

	if (future->rollouts && situation_turn(&future->situation, step, &turn))
		r = rollouts_take(future->rollouts, &turn);
	if (r == 0)
		r = memory_intend(&future->memory, step, now);
	if (r < 0)
		return r;
	outcome.refusal = future_call(future, step, outcome.id);
	if (outcome.refusal != REFUSAL_NONE)
		outcome.kind = OUTCOME_REFUSED;
	return memory_conclude(
		&future->memory, step, &outcome, observed_mark(future->situation.observed), now);
}

int future_look(struct future *future, int64_t now)
{
	struct situation *situation = &future->situation;
	struct observed observed;
	int r;

	model_advance(&future->model, &future->options, now);
	r = model_observe(&future->model, &future->options, now, &observed);
	if (r == 0) {
		r = observed_copy_regions(future->situation.observed, &observed);
		if (r < 0)
			observed_done(&observed);
	}
	if (r < 0)
		return r;
	observed.arrived = future->arrived;
	observed_done(&future->observed);
	future->observed = observed;
	situation->observed = &future->observed;
	situation->now = now;
	return learn(situation, &future->memory);
}
