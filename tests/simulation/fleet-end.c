/* SPDX-License-Identifier: Apache-2.0 */
#include "fleet-end.h"

#include "fleet-invariants.h"
#include "fleet-tally.h"

/* So long after the last disturbance everything has come to rest. Seconds. */
#define CALM DAYS(120)

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

void world_end(struct world *world)
{
	world_calm(world);
	world_live(world, world->now + CALM);
	/* not in the midst of one of its tries */
	for (int i = 0; i < 8 && !at_rest(world); i++)
		world_live(world, world->now + MINUTES(30));
	for (size_t i = 0; i < world->targets_count && !world->broken; i++) {
		struct target *target = &world->targets[i];
		enum ending ending = ending_of(world, target);

		world->tally->endings[ending]++;
		if (ending == ENDING_OPEN)
			world_break(world, target, "N11: it does not come to rest");
		if (ending == ENDING_SETTLED)
			world_break(world, target, invariants_settled(world, target));
		if (ending == ENDING_WAITS)
			world->tally->waited[target->last.reason]++;
		if (ending == ENDING_HELD)
			world->tally->held[target->last.reason]++;
	}
}
