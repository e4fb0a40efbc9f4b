/* SPDX-License-Identifier: Apache-2.0 */
#include "fleet-service.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "fleet-authority.h"
#include "fleet-happening.h"
#include "fleet-invariants.h"
#include "fleet-plan.h"
#include "fleet-story.h"

/* ---- writes ---- */

static const struct answer good = {.arrives = true, .told = true};

/* What now and then becomes of a request on a good day. */
static const struct answer odd[] = {
	{.arrives = false},		   /* the request is lost */
	{.arrives = false, .hangs = true}, /* and arrives later */
	{.arrives = true},		   /* the reply is lost */
	{.arrives = true, .told = true, .slow = 60},
	{.arrives = true, .told = true, .slow = 61}, /* stale */
	{.told = true,
		.refusal = REFUSAL_DirectoryUnavailableException,
		.told_as = OUTCOME_REFUSED},
	{.told = true, .refusal = REFUSAL_ThrottlingException, .told_as = OUTCOME_NOT_EXECUTED},
	{.told = true, .refusal = REFUSAL_InvalidCertificateException, .told_as = OUTCOME_REFUSED},
	{.told = true,
		.refusal = REFUSAL_CertificateLimitExceededException,
		.told_as = OUTCOME_REFUSED},
};

static const struct answer moody[MOODS] = {
	[MOOD_GOOD] = {.arrives = true, .told = true},
	[MOOD_THROTTLES] = {.told = true,
		.refusal = REFUSAL_ThrottlingException,
		.told_as = OUTCOME_NOT_EXECUTED},
	[MOOD_REFUSES] = {.told = true,
		.refusal = REFUSAL_DirectoryUnavailableException,
		.told_as = OUTCOME_REFUSED},
	[MOOD_DENIES] = {.told = true,
		.refusal = REFUSAL_AccessDeniedException,
		.told_as = OUTCOME_REFUSED},
	[MOOD_LOSES] = {.arrives = false},
	[MOOD_DEAF] = {.arrives = true},
};

static enum mood mood_of(const struct world *world, const struct target *target)
{
	enum mood lane = world->lanes[target->lane].mood;

	return lane != MOOD_GOOD ? lane : target->mood;
}

struct answer service_answer(struct world *world, const struct target *target)
{
	enum mood mood = mood_of(world, target);
	struct answer answer;

	if (world->calm)
		return good;
	if (mood != MOOD_GOOD && (mood == MOOD_DENIES || dice_percent(&world->dice, 70))) {
		answer = moody[mood];
		answer.hangs = mood == MOOD_LOSES && dice_percent(&world->dice, 40);
		return answer;
	}
	if (dice_percent(&world->dice, 8))
		return odd[dice_below(&world->dice, ARRAY_LENGTH(odd))];
	return good;
}

static int64_t draw_delay(struct world *world)
{
	struct dice *dice = &world->dice;
	int throw = dice_below(dice, 100);

	if (throw < 25)
		return 0;
	if (throw < 92 || world->calm)
		return dice_between(dice, 1, MINUTES(30));
	return throw < 98 ? dice_between(dice, MINUTES(30), HOURS(8))
			  : dice_between(dice, HOURS(8), DAYS(3));
}

static enum refusal execute_register(struct world *world, struct target *target,
	const struct model_options *options, int paper, uint32_t mark, char *ret_id)
{
	struct model_certificate *entry = NULL;
	enum refusal refusal = model_register(&target->model, options, certificate_of(world, paper),
		CERTIFICATE_TYPE_CLIENT_LDAPS, world->now, &entry);

	if (refusal != REFUSAL_NONE)
		return refusal;
	entry->mark = mark;
	if (world->papers[paper].cursed || (!world->calm && dice_percent(&world->dice, 4))) {
		entry->fails = true;
		entry->reason = "the service disliked it";
	}
	memcpy(ret_id, entry->id, SERVICE_ID_SIZE);
	return refusal;
}

static enum refusal execute_deregister(struct world *world, struct target *target,
	const struct model_options *options, const char *id)
{
	enum refusal refusal = model_deregister(&target->model, options, id, world->now);
	struct model_certificate *entry = model_find(&target->model, id);

	if (refusal == REFUSAL_NONE && entry && !world->calm && dice_percent(&world->dice, 4)) {
		entry->fails = true;
		entry->reason = "the service could not";
	}
	return refusal;
}

static enum refusal execute_enable(
	struct world *world, struct target *target, const struct model_options *options)
{
	enum refusal refusal = model_enable(&target->model, options, world->now);

	if (refusal == REFUSAL_NONE && target->model.ldaps_due > 0 && !world->calm &&
		dice_percent(&world->dice, 4)) {
		target->model.ldaps_next = LDAPS_STATUS_ENABLE_FAILED;
		target->model.ldaps_reason = "no domain controller answered";
	}
	return refusal;
}

enum refusal service_execute(struct world *world, struct target *target, enum step_kind kind,
	int paper, const char *id, uint32_t mark, char ret_id[static SERVICE_ID_SIZE])
{
	struct model_options options = world->options;
	enum refusal refusal;

	options.register_delay = options.deregister_delay = draw_delay(world);
	options.enable_delay = options.disable_delay = draw_delay(world);
	if (options.disable_delay > HOURS(1))
		options.disable_delay =
			HOURS(1); /* the longest that anything is documented to take */
	switch (kind) {
	case STEP_REGISTER:
		refusal = execute_register(world, target, &options, paper, mark, ret_id);
		break;
	case STEP_DEREGISTER:
		refusal = execute_deregister(world, target, &options, id);
		break;
	case STEP_ENABLE:
		refusal = execute_enable(world, target, &options);
		break;
	default:
		refusal = model_disable(&target->model, &options, world->now);
		if (refusal == REFUSAL_NONE && mark != 0 && target->model.ldaps_due > 0)
			invariants_disabling(world, target);
		break;
	}
	if (refusal == REFUSAL_NONE)
		target_changed(world, target);
	return refusal;
}

void service_hang(struct world *world, struct target *target, const struct step *step)
{
	if (target->late.there)
		return;
	target->late = (struct late){.there = true,
		.ours = true,
		.kind = step->kind,
		.paper = paper_of(world, step->certificate),
		.sent = world->now,
		.number = target->late.number + 1,
		.cut = world->sending};
	memcpy(target->late.id, step->id, sizeof(step->id));
	plan_add(world, world->now + dice_between(&world->dice, 1, LATE_MAX),
		HAPPENING_LATE_ARRIVES, (int)(target - world->targets),
		(int)(target->late.number & 0x7fff));
}

bool happen_LATE_ARRIVES(struct world *world, int a, int b)
{
	struct target *target = &world->targets[a];
	struct late late = target->late;
	char id[SERVICE_ID_SIZE] = "";
	enum refusal refusal;

	if (!late.there || (int)(late.number & 0x7fff) != b)
		return false;
	target->late.there = false;
	refusal = service_execute(
		world, target, late.kind, late.paper, late.id, late.ours ? MARK_OURS : 0, id);
	if (refusal == REFUSAL_NONE)
		invariants_cut(world, &late.cut);
	story_target(world, target, "the late %s arrives: %s", step_kind_str(late.kind),
		refusal_str(refusal));
	return true;
}

/* ---- reads ---- */

static void drop_listed(struct observed *observed, size_t index)
{
	free(observed->listed[index].state_reason);
	observed->listed_count--;
	memmove(&observed->listed[index], &observed->listed[index + 1],
		(observed->listed_count - index) * sizeof(observed->listed[0]));
}

static void fail(struct observed *observed, enum refusal refusal)
{
	observed->complete = false;
	observed->refusal = refusal;
}

static void lie(struct world *world, struct target *target, struct observed *observed)
{
	switch (target->lie) {
	case LIE_EMPTY:
		while (observed->listed_count > 0)
			drop_listed(observed, 0);
		break;
	case LIE_WITHOUT:
		if (observed->listed_count > 0)
			drop_listed(observed,
				(size_t)dice_below(&world->dice, (int)observed->listed_count));
		break;
	case LIE_UNKNOWN:
		observed->ldaps_explicit = true;
		observed->ldaps = LDAPS_STATUS_UNKNOWN;
		break;
	case LIE_PARTIAL:
		if (observed->listed_count > 0)
			drop_listed(observed, observed->listed_count - 1);
		fail(observed, REFUSAL_InvalidNextTokenException);
		break;
	default:
		return;
	}
	story_target(world, target, "a look lies");
	target->lie = LIE_NONE;
}

void service_distort(struct world *world, struct target *target, struct observed *observed)
{
	enum mood mood = mood_of(world, target);

	if (world->skew != SITUATION_SKEW_UNKNOWN &&
		(world->skew > MINUTES(15) || world->skew < -MINUTES(15)))
		fail(observed, REFUSAL_RequestExpired);
	else if (mood == MOOD_DENIES)
		fail(observed, REFUSAL_AccessDeniedException);
	else if (mood == MOOD_THROTTLES && dice_percent(&world->dice, 60))
		fail(observed, REFUSAL_ThrottlingException);
	else if (mood == MOOD_LOSES && dice_percent(&world->dice, 40))
		fail(observed, REFUSAL_ServiceException);
	else
		lie(world, target, observed);
}
