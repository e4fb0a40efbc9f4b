/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rollout-look.h"

#include <string.h>

#include "core/guard.h"
#include "core/rotation.h"

/* Errors that only the calendar makes. */
static bool of_the_calendar(enum reason reason)
{
	return reason == REASON_EXPIRED || reason == REASON_SUCCESSOR_MISSING ||
	       reason == REASON_UNDER_DOOR;
}

static bool any_error(const struct decision *decision)
{
	for (size_t i = 0; i < decision->conditions_count; i++) {
		const struct condition *condition = &decision->conditions[i];

		if (condition_severity(condition) == SEVERITY_ERROR &&
			!of_the_calendar(condition->reason))
			return true;
	}
	return false;
}

/* Held, and by more than a removal that may not be. */
static bool is_held(const struct decision *decision)
{
	if (decision->step.kind != STEP_HELD)
		return false;
	for (size_t i = 0; i < decision->conditions_count; i++)
		if (decision->conditions[i].reason == decision->step.reason &&
			decision->conditions[i].holds == STEP_DEREGISTER)
			return false;
	return true;
}

static bool ldaps_right(const struct situation *situation)
{
	switch (situation->wanted->client_ldaps) {
	case CLIENT_LDAPS_ENABLED:
		return situation->observed->ldaps_explicit &&
		       situation->observed->ldaps == LDAPS_STATUS_ENABLED;
	case CLIENT_LDAPS_DISABLED:
		return !situation_ldaps_on(situation);
	default:
		return true;
	}
}

static bool all_covered(const struct situation *situation)
{
	for (size_t i = 0; i < situation->wanted->trust_count; i++)
		if (!guard_covers(situation, situation->wanted->trust[i], ""))
			return false;
	return true;
}

bool rollout_ready(const struct situation *situation, const struct decision *decision)
{
	return situation_manageable(situation) && situation->skew != SITUATION_SKEW_UNKNOWN &&
	       !situation_busy(situation) && ldaps_right(situation) && all_covered(situation) &&
	       !is_held(decision) && !any_error(decision);
}

/* How far the place is with what the roll-out is about. */
enum progress {
	DONE,
	COMING, /* it is to be done, now or later, or nobody can tell */
	NONE,	/* it is not to be done here any more */
};

/* One look that misses it does not make it gone yet. */
static enum progress removal_progress(
	const struct situation *situation, const struct memory_certificate *owned)
{
	const struct listed *listed = owned ? observed_find(situation->observed, owned->id) : NULL;

	if (!owned)
		return DONE;
	if (!listed || listed->state == CERTIFICATE_STATE_DEREGISTERED)
		return COMING;
	/* one that made room may be there twice: the other goes once it is superseded */
	return owned->leaving != LEAVING_NOT || rotation_successor(situation, owned) ? COMING
										     : NONE;
}

static enum progress disable_progress(const struct situation *situation)
{
	if (!situation_ldaps_on(situation))
		return DONE;
	return situation->wanted->client_ldaps == CLIENT_LDAPS_DISABLED ? COMING : NONE;
}

static enum progress progress(const struct situation *situation, const struct rollout *rollout)
{
	enum progress progress;

	if (!situation_manageable(situation) || situation_busy(situation))
		return COMING;
	progress = digest_is_zero(&rollout->certificate)
			   ? disable_progress(situation)
			   : removal_progress(situation, memory_find_certificate(situation->memory,
								 &rollout->certificate));
	/* who is paused does not hold up the others */
	return progress == COMING && situation->wanted->policy != POLICY_SYNC ? NONE : progress;
}

/* Those that the directory waits for. */
static void await_turns(struct rollouts *rollouts, const struct situation *situation,
	const struct decision *decision)
{
	for (size_t i = 0; i < decision->conditions_count; i++) {
		const struct condition *condition = &decision->conditions[i];
		struct step step = {.kind = condition->holds};
		struct rollout_turn turn;

		if (condition->reason != REASON_AWAITS_TURN &&
			condition->reason != REASON_AWAITS_FIRST)
			continue;
		memcpy(step.id, condition->id, sizeof(step.id));
		if (situation_turn(situation, &step, &turn))
			rollouts_await(rollouts, &turn);
	}
}

void rollouts_look(struct rollouts *rollouts, const struct situation *situation,
	const struct decision *decision)
{
	for (size_t i = 0; i < rollouts->count; i++) {
		struct rollout *rollout = &rollouts->rollouts[i];
		enum progress progressed;

		if (!rollout_led_by(rollout, &situation->place) ||
			rollout_forgotten(rollout, situation->now))
			continue;
		progressed = progress(situation, rollout);
		if (progressed == NONE)
			rollouts_vacate(rollouts, rollout);
		else
			rollouts_see(rollouts, rollout,
				progressed == DONE && rollout_ready(situation, decision),
				situation->now);
	}
	await_turns(rollouts, situation, decision);
}
