/* SPDX-License-Identifier: Apache-2.0 */
#include "fleet-end.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fleet-facts.h"
#include "fleet-invariants.h"
#include "fleet-release.h"
#include "fleet-story.h"
#include "fleet-tally.h"

/* So long after the last disturbance everything has come to rest. Seconds. */
#define CALM DAYS(120)
/* So long after a fact was taken away nothing is held by it any more: `grace`, a roll-out, the
 * longest back-off. Seconds. */
#define FREED DAYS(40)

static enum ending ending_of(const struct world *world, const struct target *target)
{
	if (!target_managed(world, target))
		return ENDING_ABSENT;
	switch (target->last.kind) {
	case STEP_SETTLED:
		return ENDING_SETTLED;
	case STEP_WAIT:
		return ENDING_WAITS;
	case STEP_HELD:
		return ENDING_HELD;
	default:
		return ENDING_OPEN;
	}
}

static bool at_rest(const struct world *world)
{
	for (size_t i = 0; i < world->targets_count; i++)
		if (ending_of(world, &world->targets[i]) == ENDING_OPEN)
			return false;
	return true;
}

/* Lives on to a moment in which no target is in the midst of one of its tries. */
static void live_to_rest(struct world *world, int64_t end)
{
	world_live(world, end);
	for (int i = 0; i < 8 && !at_rest(world); i++)
		world_live(world, world->now + MINUTES(30));
}

/* ---- what holds ---- */

/* Takes the fact away and lives on. Whether the reason is gone and nothing was broken. */
static bool frees(struct world *world, struct target *target, enum reason reason)
{
	release_take(world, target, reason);
	live_to_rest(world, world->now + FREED);
	return !world->broken && (!target_managed(world, target) || target->last.reason != reason);
}

/* The same in a copy of the whole world: a child of this process. */
static bool frees_copy(struct world *world, struct target *target, enum reason reason)
{
	int ended = 0;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0)
		_exit(!frees(world, target, reason));
	return child > 0 && waitpid(child, &ended, 0) == child && WIFEXITED(ended) &&
	       WEXITSTATUS(ended) == 0;
}

static void check_fact(struct world *world, struct target *target)
{
	enum reason reason = target->last.reason;
	const char *fact = release_fact(world, target, reason);

	if (!fact) {
		world_break(world, target,
			"it is held by a reason that no fact of the world bears out");
		return;
	}
	if (frees_copy(world, target, reason)) {
		world->tally->released[reason]++;
		return;
	}
	/* live it here, to be told */
	story_target(world, target, "to free it from %s this is taken away: %s", reason_str(reason),
		fact);
	(void)frees(world, target, reason);
	world_break(world, target, "it stays held though what held it is gone");
}

/* ---- how it ended ---- */

/* Superseded certificates that wait for a hand. */
static void count_kept(struct world *world, const struct target *target)
{
	for (size_t i = 0; i < target->model.count; i++) {
		int paper = paper_of(world, target->model.certificates[i].certificate);
		int ca = world->papers[paper].ca;

		if (!registered(&target->model.certificates[i]) || ca < 0 ||
			world->cas[ca].retire != RETIRE_MANUAL)
			continue;
		for (int j = 0; j < world->papers_count; j++)
			world->tally->kept_by_hand += target->past.registered[j] != 0 &&
						      later_generation(world, paper, j);
	}
}

static void end_target(struct world *world, struct target *target)
{
	enum ending ending = ending_of(world, target);

	world->tally->endings[ending]++;
	count_kept(world, target);
	if (ending == ENDING_OPEN)
		world_break(world, target, "N11: it does not come to rest");
	if (ending == ENDING_SETTLED)
		world_break(world, target, invariants_settled(world, target));
	if (ending == ENDING_WAITS)
		world->tally->waited[target->last.reason]++;
	if (ending == ENDING_HELD)
		world->tally->held[target->last.reason]++;
	if (ending == ENDING_HELD ||
		(ending == ENDING_WAITS && !release_by_itself(target->last.reason)))
		check_fact(world, target);
}

void world_end(struct world *world)
{
	world_calm(world);
	live_to_rest(world, world->now + CALM);
	for (size_t i = 0; i < world->targets_count && !world->broken; i++)
		end_target(world, &world->targets[i]);
}
