/* SPDX-License-Identifier: Apache-2.0 */
/* How time goes: from one thing that happens to the next. */
#include "base/array.h"
#include "fleet-authority.h"
#include "fleet-controller.h"
#include "fleet-happening.h"
#include "fleet-invariants.h"
#include "fleet-pass.h"
#include "fleet-plan.h"
#include "fleet-story.h"
#include "fleet-tally.h"
#include "fleet-world.h"

void world_break(struct world *world, const struct target *target, const char *sentence)
{
	if (!sentence || world->broken)
		return;
	world->broken = sentence;
	world->broken_by = (size_t)(target - world->targets);
	story_target(world, target, "VIOLATION: %s", sentence);
}

bool target_managed(const struct world *world, const struct target *target)
{
	return target->there && !world->seats[target->seat].set.absent;
}

void target_wake(struct world *world, struct target *target)
{
	int64_t at = world->now + dice_between(&world->dice, 15, world->interval);

	target->claimed_until = 0;
	if (at < target->next_pass)
		target->next_pass = at;
}

void seat_wake(struct world *world, struct seat *seat)
{
	for (size_t i = 0; i < seat->targets_count; i++)
		target_wake(world, &world->targets[seat->targets[i]]);
}

void target_rouse(struct world *world, struct target *target)
{
	int64_t slept = target->slept_since, skipped, last;

	target->slept_since = 0;
	if (slept == 0)
		return;
	skipped = (world->now - 1 - slept) / world->interval;
	if (skipped <= 0)
		return;
	last = slept + skipped * world->interval;
	world->tally->skipped += (uint64_t)skipped;
	target->memory.looked = target->past.looked = last;
	if (target->probe.looked == slept)
		target->probe.looked = last;
	for (int i = 0; i < world->papers_count; i++)
		if (target->probe.looks[i] > 0 && target->probe.looks[i] < 100)
			target->probe.looks[i] += (int)(skipped < 100 ? skipped : 100);
}

void target_changed(struct world *world, struct target *target)
{
	target->epoch++;
	target->model_due = model_next(&target->model, &world->options);
	invariants_settle(world, target);
	target_wake(world, target);
}

void target_advance(struct world *world, struct target *target)
{
	if (world->now >= target->model_due &&
		model_advance(&target->model, &world->options, world->now)) {
		story_target(world, target, "what was under way has ended");
		target_changed(world, target);
	}
}

/* When the target's next pass comes, if the daemon runs then. */
static int64_t pass_time(const struct world *world, const struct target *target)
{
	if (!target_managed(world, target))
		return MODEL_NEVER;
	return target->next_pass > world->down_until ? target->next_pass : world->down_until;
}

static int64_t next_time(const struct world *world)
{
	int64_t next = plan_next(world);

	for (size_t i = 0; i < world->targets_count; i++) {
		const struct target *target = &world->targets[i];
		int64_t pass = pass_time(world, target);

		if (pass < next)
			next = pass;
		if (target->model_due < next)
			next = target->model_due;
	}
	return next;
}

void world_live(struct world *world, int64_t end)
{
	struct plan_item item;
	int64_t next;

	while (!world->broken && (next = next_time(world)) <= end) {
		if (next > world->now)
			world->now = next;
		while (plan_take(world, &item))
			(void)happening_let(world, item.kind, item.a, item.b);
		for (size_t i = 0; i < world->targets_count; i++) {
			target_advance(world, &world->targets[i]);
			if (pass_time(world, &world->targets[i]) <= world->now)
				pass_run(world, &world->targets[i]);
		}
	}
	if (world->now < end && !world->broken)
		world->now = end;
}

/* ---- calm ---- */

static void calm_target(struct world *world, struct target *target)
{
	target->mood = MOOD_GOOD;
	target->lie = LIE_NONE;
	target_wake(world, target);
}

void world_calm(struct world *world)
{
	world->calm = true;
	plan_forget(world, happening_disturbs);
	for (size_t i = 0; i < ARRAY_LENGTH(world->lanes); i++)
		world->lanes[i].mood = MOOD_GOOD;
	for (size_t i = 0; i < world->targets_count; i++)
		calm_target(world, &world->targets[i]);
	for (size_t i = 0; i < world->seats_count; i++) {
		struct seat *seat = &world->seats[i];

		for (size_t j = 0; j < seat->controllers_count; j++)
			seat->controllers[j].reach = REACH_GOOD;
		seat->epoch++;
	}
	world->crash = CRASH_NONE;
	/* roots first: an issuing CA's certificate ends with its root's */
	for (int ca = 0; ca < world->cas_count; ca++)
		authority_renew_now(world, ca, DAYS(600));
	controllers_hurry(world, DAYS(40));
}
