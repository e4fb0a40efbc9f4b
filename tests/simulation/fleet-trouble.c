/* SPDX-License-Identifier: Apache-2.0 */
/* What other people, the service and the daemon's own machine do. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "fleet-authority.h"
#include "fleet-happening.h"
#include "fleet-invariants.h"
#include "fleet-pass.h"
#include "fleet-plan.h"
#include "fleet-service.h"
#include "fleet-story.h"

static struct target *pick(struct world *world, int a)
{
	struct target *target =
		&world->targets[a >= 0 ? a : dice_below(&world->dice, (int)world->targets_count)];

	return target->there ? target : NULL;
}

static int number_of(const struct world *world, const struct target *target)
{
	return (int)(target - world->targets);
}

/* ---- other people ---- */

/* A certificate that others take for one that should be there: of the fleet, or of their own. */
static int draw_paper(struct world *world)
{
	int paper = dice_below(&world->dice, world->papers_count);

	/* which of two twins it was nobody could ever tell */
	if (world->papers[paper].kind != PAPER_TWIN && dice_percent(&world->dice, 70))
		return paper;
	return authority_issue(world, -1, PAPER_FOREIGN, true,
		world->now + DAYS(dice_between(&world->dice, 92, 2000)));
}

static bool others_register(struct world *world, int a, enum certificate_type type)
{
	struct target *target = pick(world, a);
	struct model_options options = world->options;
	int paper = draw_paper(world);
	char name[TARGET_NAME_SIZE];

	options.register_delay = dice_between(&world->dice, 0, MINUTES(30));
	if (!target || paper < 0 ||
		model_register(&target->model, &options, certificate_of(world, paper), type,
			world->now, NULL) != REFUSAL_NONE)
		return false;
	story_target(world, target, "others register %s as %s", paper_name(world, paper, name),
		certificate_type_str(type));
	target_changed(world, target);
	return true;
}

bool happen_OTHERS_REGISTER(struct world *world, int a, int b)
{
	(void)b;
	return others_register(world, a, CERTIFICATE_TYPE_CLIENT_LDAPS);
}

bool happen_OTHERS_AUTH(struct world *world, int a, int b)
{
	(void)b;
	return others_register(world, a, CERTIFICATE_TYPE_CLIENT_CERT_AUTH);
}

bool happen_OTHERS_DEREGISTER(struct world *world, int a, int b)
{
	struct target *target = pick(world, a);
	char id[SERVICE_ID_SIZE], ignored[SERVICE_ID_SIZE], name[TARGET_NAME_SIZE];
	const struct model_certificate *entry;

	(void)b;
	if (!target || target->model.count == 0)
		return false;
	entry = &target->model.certificates[dice_below(&world->dice, (int)target->model.count)];
	memcpy(id, entry->id, sizeof(id));
	paper_name(world, paper_of(world, entry->certificate), name);
	if (service_execute(world, target, STEP_DEREGISTER, -1, id, 0, ignored) != REFUSAL_NONE)
		return false;
	story_target(world, target, "others deregister %s (%s)", id, name);
	return true;
}

static bool others_switch(struct world *world, int a, enum step_kind kind)
{
	struct target *target = pick(world, a);
	char ignored[SERVICE_ID_SIZE];

	if (!target || service_execute(world, target, kind, -1, "", 0, ignored) != REFUSAL_NONE)
		return false;
	story_target(world, target, "others %s LDAPS", step_kind_str(kind));
	return true;
}

bool happen_OTHERS_ENABLE(struct world *world, int a, int b)
{
	(void)b;
	return others_switch(world, a, STEP_ENABLE);
}

bool happen_OTHERS_DISABLE(struct world *world, int a, int b)
{
	(void)b;
	return others_switch(world, a, STEP_DISABLE);
}

/* ---- the service ---- */

static void wake_lane(struct world *world, int lane)
{
	for (size_t i = 0; i < world->targets_count; i++)
		if (world->targets[i].lane == lane)
			target_wake(world, &world->targets[i]);
}

static bool lane_mood(struct world *world, enum mood mood, const char *words)
{
	int lane = world->targets[dice_below(&world->dice, (int)world->targets_count)].lane;

	if (world->lanes[lane].mood != MOOD_GOOD)
		return false;
	world->lanes[lane].mood = mood;
	wake_lane(world, lane);
	story_all(world, "requests of account %d in Region %d are %s", lane / REGIONS_MAX,
		lane % REGIONS_MAX, words);
	plan_add(world, world->now + dice_between(&world->dice, HOURS(1), DAYS(5)),
		HAPPENING_STORM_ENDS, lane, -1);
	return true;
}

bool happen_STORM(struct world *world, int a, int b)
{
	(void)a;
	(void)b;
	return lane_mood(world, MOOD_THROTTLES, "throttled");
}

bool happen_DENIAL(struct world *world, int a, int b)
{
	(void)a;
	(void)b;
	return lane_mood(world, MOOD_DENIES, "denied");
}

bool happen_STORM_ENDS(struct world *world, int a, int b)
{
	(void)b;
	world->lanes[a].mood = MOOD_GOOD;
	wake_lane(world, a);
	story_all(world, "requests of account %d in Region %d are answered again", a / REGIONS_MAX,
		a % REGIONS_MAX);
	return true;
}

bool happen_MOOD(struct world *world, int a, int b)
{
	static const enum mood moods[] = {MOOD_REFUSES, MOOD_LOSES, MOOD_DEAF, MOOD_THROTTLES};
	static const char *const words[MOODS] = {[MOOD_REFUSES] = "refuses",
		[MOOD_LOSES] = "loses requests",
		[MOOD_DEAF] = "loses replies",
		[MOOD_THROTTLES] = "throttles"};
	struct target *target = pick(world, a);

	(void)b;
	if (!target || target->mood != MOOD_GOOD)
		return false;
	target->mood = moods[dice_below(&world->dice, ARRAY_LENGTH(moods))];
	target_wake(world, target);
	story_target(world, target, "%s", words[target->mood]);
	plan_add(world, world->now + dice_between(&world->dice, MINUTES(10), DAYS(15)),
		HAPPENING_MOOD_ENDS, number_of(world, target), -1);
	return true;
}

bool happen_MOOD_ENDS(struct world *world, int a, int b)
{
	(void)b;
	world->targets[a].mood = MOOD_GOOD;
	target_wake(world, &world->targets[a]);
	story_target(world, &world->targets[a], "answers again");
	return true;
}

bool happen_IMPAIRED(struct world *world, int a, int b)
{
	struct target *target = pick(world, a);

	(void)b;
	if (!target || target->model.stage != DIRECTORY_STAGE_ACTIVE)
		return false;
	target->model.stage = DIRECTORY_STAGE_IMPAIRED;
	target_wake(world, target);
	story_target(world, target, "is impaired");
	plan_add(world, world->now + dice_between(&world->dice, HOURS(1), DAYS(10)),
		HAPPENING_ACTIVE, number_of(world, target), -1);
	return true;
}

bool happen_ACTIVE(struct world *world, int a, int b)
{
	(void)b;
	world->targets[a].model.stage = DIRECTORY_STAGE_ACTIVE;
	target_wake(world, &world->targets[a]);
	story_target(world, &world->targets[a], "is active again");
	return true;
}

bool happen_LIE(struct world *world, int a, int b)
{
	struct target *target = pick(world, a);

	(void)b;
	if (!target)
		return false;
	target->lie = LIE_EMPTY + dice_below(&world->dice, LIE_PARTIAL);
	target_wake(world, target);
	return true;
}

bool happen_CURSE(struct world *world, int a, int b)
{
	int paper = dice_below(&world->dice, world->papers_count);
	char name[TARGET_NAME_SIZE];

	(void)a;
	(void)b;
	if (world->papers[paper].cursed)
		return false;
	world->papers[paper].cursed = true;
	story_all(world, "the service dislikes %s", paper_name(world, paper, name));
	plan_add(world, world->now + dice_between(&world->dice, DAYS(1), DAYS(300)),
		HAPPENING_CURSE_ENDS, paper, -1);
	return true;
}

bool happen_CURSE_ENDS(struct world *world, int a, int b)
{
	char name[TARGET_NAME_SIZE];

	(void)b;
	world->papers[a].cursed = false;
	story_all(world, "the service likes %s", paper_name(world, a, name));
	return true;
}

/* ---- the daemon and its machine ---- */

bool happen_CRASH_WAITS(struct world *world, int a, int b)
{
	(void)a;
	(void)b;
	if (world->crash != CRASH_NONE)
		return false;
	world->crash = (enum crash)(1 + dice_below(&world->dice, CRASHES - 1));
	return true;
}

bool happen_DOWN(struct world *world, int a, int b)
{
	(void)a;
	(void)b;
	if (world->down_until > world->now)
		return false;
	story_all(world, "the daemon is stopped");
	daemon_ends(world, dice_between(&world->dice, 10, DAYS(6)));
	return true;
}

bool happen_SKEW(struct world *world, int a, int b)
{
	static const int64_t skews[] = {-DAYS(1), -HOURS(1), -901, -600, -301, -300, 30, 300, 301,
		600, 900, HOURS(5), SITUATION_SKEW_UNKNOWN};

	(void)a;
	(void)b;
	if (world->skew != 0)
		return false;
	world->skew = skews[dice_below(&world->dice, ARRAY_LENGTH(skews))];
	for (size_t i = 0; i < world->targets_count; i++)
		target_wake(world, &world->targets[i]);
	if (world->skew == SITUATION_SKEW_UNKNOWN)
		story_all(world, "replies have no date");
	else
		story_all(world, "the machine's clock is %lld s off", (long long)world->skew);
	plan_add(world, world->now + dice_between(&world->dice, MINUTES(5), DAYS(8)),
		HAPPENING_SKEW_ENDS, -1, -1);
	return true;
}

bool happen_SKEW_ENDS(struct world *world, int a, int b)
{
	(void)a;
	(void)b;
	world->skew = 0;
	for (size_t i = 0; i < world->targets_count; i++)
		target_wake(world, &world->targets[i]);
	story_all(world, "the machine's clock is right again");
	return true;
}

bool happen_LEDGER_LOST(struct world *world, int a, int b)
{
	(void)a;
	(void)b;
	/* once in some years is often enough for a fleet to get anywhere */
	if (!dice_percent(&world->dice, 30))
		return false;
	story_all(world, "the ledger is lost");
	daemon_ends(world, dice_between(&world->dice, 10, HOURS(5)));
	rollouts_done(&world->rollouts);
	world->rollouts.fleet = &world->fleet;
	world->cuts_count = 0;
	for (size_t i = 0; i < world->targets_count; i++) {
		memory_done(&world->targets[i].memory);
		invariants_forget(world, &world->targets[i]);
	}
	return true;
}
