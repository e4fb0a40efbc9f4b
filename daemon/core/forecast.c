/* SPDX-License-Identifier: Apache-2.0 */
#include "core/forecast.h"

#include <string.h>

#include "base/array.h"
#include "core/decide.h"
#include "core/forecast-private.h"
#include "core/guard.h"
#include "core/notices.h"
#include "core/rotation.h"

/* ---- time ---- */

static void sooner(int64_t *next, int64_t now, int64_t instant)
{
	if (instant > now && instant < *next)
		*next = instant;
}

/* Around its end what may be done with a certificate changes, which not every decision tells. */
static void sooner_around(int64_t *next, int64_t now, int64_t not_after)
{
	const int64_t distances[] = {-CERTIFICATE_DOOR - CERTIFICATE_MARGIN - STEP_VIEW_MAX,
		-CERTIFICATE_DOOR - CERTIFICATE_MARGIN + 1, -GUARD_LIFE_LEFT - STEP_VIEW_MAX,
		-STEP_VIEW_MAX, 1, GUARD_EXPIRED_SINCE_FULL, ROTATION_EXPIRED_SINCE};

	for (size_t i = 0; i < ARRAY_LENGTH(distances); i++)
		sooner(next, now, not_after + distances[i]);
}

static void sooner_wanted(int64_t *next, int64_t now, const struct directory *wanted)
{
	for (size_t i = 0; i < wanted->trust_count; i++)
		for (size_t j = 0; j < wanted->trust[i]->count; j++) {
			sooner(next, now, wanted->trust[i]->certificates[j]->not_before);
			sooner_around(next, now, wanted->trust[i]->certificates[j]->not_after);
		}
	for (size_t i = 0; i < wanted->approvals_count; i++) {
		sooner(next, now, wanted->approvals[i].until);
		sooner(next, now, wanted->approvals[i].until - STEP_VIEW_MAX);
	}
}

/* Also what decide does not tell, as something else holds the removal back first. */
static void sooner_owned(
	int64_t *next, const struct situation *situation, const struct memory_certificate *owned)
{
	int64_t now = situation->now, at = 0;

	sooner_around(next, now, owned->certificate->not_after);
	(void)rotation_stays(situation, owned, now + STEP_VIEW_MAX, &at);
	sooner(next, now, at);
	if (owned->removable_since != 0)
		sooner(next, now, owned->removable_since + situation->wanted->grace);
}

/* The next threshold. */
static int64_t next_notice(const struct situation *situation)
{
	struct decision ignored;

	ignored.conditions_count = 0;
	return notices_tell(situation, &ignored);
}

/* The next instant at which anything can change. */
static int64_t next_instant(const struct forecast_walk *walk)
{
	const struct situation *situation = &walk->future.situation;
	const struct memory *memory = situation->memory;
	const struct decision *decision = &walk->decision;
	int64_t now = situation->now, next = walk->forecast->until;
	int64_t ends = model_next(&walk->future.model, &walk->future.options);

	if (ends <= now)
		return now + DECIDE_LOOK_MIN;
	sooner(&next, now, ends);
	if (walk->stride > 0)
		sooner(&next, now, now + walk->stride);
	/* looks at what is in flight show nothing before it ends */
	sooner(&next, now,
		situation_busy(situation) ? next_notice(situation) : decision->step.until);
	for (size_t i = 0; i < decision->conditions_count; i++)
		sooner(&next, now, decision->conditions[i].at);
	if (memory->busy_since != 0)
		sooner(&next, now, memory->busy_since + SITUATION_STUCK_AFTER);
	if (memory->disabled_since != 0)
		sooner(&next, now, memory->disabled_since + situation->wanted->overlap);
	sooner_wanted(&next, now, situation->wanted);
	for (size_t i = 0; i < memory->certificates_count; i++)
		sooner_owned(&next, situation, &memory->certificates[i]);
	for (size_t i = 0; i < situation->observed->listed_count; i++)
		sooner_around(&next, now, situation->observed->listed[i].expiry);
	return next;
}

/* Whether things stand as they will for a while: neither a step nor the end of one is next. */
static bool is_quiet(const struct forecast_walk *walk)
{
	const struct step *step = &walk->decision.step;

	return !step_writes(step) && !(step->kind == STEP_WAIT && step->reason == REASON_MISSED) &&
	       model_next(&walk->future.model, &walk->future.options) == MODEL_NEVER;
}

static void act(struct forecast_walk *walk)
{
	static const enum forecast_kind kinds[STEPS] = {[STEP_REGISTER] = FORECAST_REGISTER,
		[STEP_DEREGISTER] = FORECAST_DEREGISTER,
		[STEP_ENABLE] = FORECAST_ENABLE,
		[STEP_DISABLE] = FORECAST_DISABLE};
	struct step step = walk->decision.step;
	struct condition what = {.reason = step.reason,
		.certificate = step.certificate,
		.reversible_until = step.reversible_until};
	int r = future_act(&walk->future, &step);

	memcpy(what.id, step.id, sizeof(what.id));
	if (r < 0)
		walk->r = r;
	else if (walk->future.memory.change.phase == CHANGE_ACCEPTED)
		forecast_tell(
			walk, walk->future.situation.now, kinds[step.kind], SEVERITY_NOTE, &what);
}

/* Decides, and goes on to the next instant. False at the end. */
static bool walk_on(struct forecast_walk *walk)
{
	struct situation *situation = &walk->future.situation;
	int64_t left = walk->forecast->until - situation->now, next;

	situation->interval = left > DECIDE_LOOK_MIN ? left : DECIDE_LOOK_MIN;
	decide(situation, &walk->decision);
	forecast_note(walk, is_quiet(walk));
	if (walk->r < 0 || walk->forecast->cut || left <= 0)
		return false;
	next = situation->now + DECIDE_LOOK_MIN;
	if (step_writes(&walk->decision.step))
		act(walk);
	else
		next = next_instant(walk);
	/* the passes before it have seen what this one saw */
	if (walk->future.memory.looked != 0 && next - DECIDE_LOOK_MIN > walk->future.memory.looked)
		walk->future.memory.looked = next - DECIDE_LOOK_MIN;
	if (walk->r == 0)
		walk->r = future_look(&walk->future, next);
	return walk->r == 0;
}

/* All that can be said of what could not be read. */
static void tell_unread(struct forecast_walk *walk, const struct situation *situation)
{
	walk->future.situation = *situation;
	decide(situation, &walk->decision);
	forecast_note_conditions(walk);
}

static int walk_through(struct forecast_walk *walk, const struct situation *situation)
{
	size_t looks = 0;
	int r = future_begin(situation, &walk->future);

	if (r < 0)
		return r;
	walk->future.situation.rollouts = NULL;
	while (walk_on(walk))
		if (++looks == FORECAST_LOOKS_MAX) {
			walk->forecast->cut = true;
			break;
		}
	forecast_note_end(walk);
	future_done(&walk->future);
	return walk->r;
}

int forecast_make_by(const struct situation *situation, int64_t until, int64_t stride,
	struct forecast *ret_forecast)
{
	struct forecast forecast = {.begin = situation->now,
		.until = until > situation->now ? until : situation->now,
		.readable = situation->observed->complete && situation->observed->arrived != 0};
	struct forecast_walk walk = {
		.forecast = &forecast, .stride = stride, .noted = situation->now};
	int r = 0;

	if (forecast.readable)
		r = walk_through(&walk, situation);
	else
		tell_unread(&walk, situation);
	if (r == 0)
		r = walk.r;
	if (r < 0) {
		forecast_done(&forecast);
		return r;
	}
	*ret_forecast = forecast;
	return 0;
}

int forecast_make(const struct situation *situation, int64_t until, struct forecast *ret_forecast)
{
	return forecast_make_by(situation, until, 0, ret_forecast);
}
