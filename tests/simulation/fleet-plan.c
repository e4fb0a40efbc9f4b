/* SPDX-License-Identifier: Apache-2.0 */
#include "fleet-plan.h"

#include <stdio.h>
#include <stdlib.h>

/* A binary heap, the earliest on top. */

static bool before(const struct plan_item *a, const struct plan_item *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void swap(struct plan_item *a, struct plan_item *b)
{
	struct plan_item kept = *a;

	*a = *b;
	*b = kept;
}

static void rise(struct plan_item *plans, size_t at)
{
	for (; at > 0 && before(&plans[at], &plans[(at - 1) / 2]); at = (at - 1) / 2)
		swap(&plans[at], &plans[(at - 1) / 2]);
}

static void sink(struct plan_item *plans, size_t count, size_t at)
{
	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && before(&plans[child + 1], &plans[child]))
			child++;
		if (!before(&plans[child], &plans[at]))
			return;
		swap(&plans[child], &plans[at]);
	}
}

void plan_add(struct world *world, int64_t at, int kind, int a, int b)
{
	if (world->plans_count == PLANS_MAX) {
		fprintf(stderr, "soak: more than %d things are planned\n", PLANS_MAX);
		exit(2);
	}
	world->plans[world->plans_count] =
		(struct plan_item){.at = at > world->now ? at : world->now,
			.order = world->plans_order++,
			.kind = (uint16_t)kind,
			.a = (int16_t)a,
			.b = (int16_t)b};
	rise(world->plans, world->plans_count++);
}

int64_t plan_next(const struct world *world)
{
	return world->plans_count > 0 ? world->plans[0].at : MODEL_NEVER;
}

bool plan_take(struct world *world, struct plan_item *ret_item)
{
	if (plan_next(world) > world->now)
		return false;
	*ret_item = world->plans[0];
	world->plans[0] = world->plans[--world->plans_count];
	sink(world->plans, world->plans_count, 0);
	return true;
}

void plan_forget(struct world *world, bool (*forgets)(int kind))
{
	size_t kept = 0;

	for (size_t i = 0; i < world->plans_count; i++)
		if (!forgets(world->plans[i].kind))
			world->plans[kept++] = world->plans[i];
	world->plans_count = kept;
	for (size_t i = kept / 2; i-- > 0;)
		sink(world->plans, kept, i);
}
