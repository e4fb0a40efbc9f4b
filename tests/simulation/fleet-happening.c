/* SPDX-License-Identifier: Apache-2.0 */
#include "fleet-happening.h"

#include "fleet-plan.h"
#include "fleet-tally.h"

static const struct {
	const char *name, *sentence;
	int weight;
	happening_fn *happen;
} table[HAPPENINGS] = {
#define X(name, weight, sentence) [HAPPENING_##name] = {#name, sentence, weight, happen_##name},
	HAPPENING_TABLE(X)
#undef X
};

void happening_count(struct world *world, enum happening kind)
{
	world->tally->happenings[kind]++;
}

bool happening_let(struct world *world, int kind, int a, int b)
{
	if (!table[kind].happen(world, a, b))
		return false;
	happening_count(world, (enum happening)kind);
	return true;
}

/* Throws for a disturbance by the weights of the table. */
static int draw(struct world *world)
{
	int all = 0, kind = 0, left;

	for (int i = 0; i < HAPPENINGS; i++)
		all += table[i].weight;
	left = dice_below(&world->dice, all);
	while (left >= table[kind].weight)
		left -= table[kind++].weight;
	return kind;
}

bool happen_DISTURBANCE(struct world *world, int a, int b)
{
	(void)a;
	(void)b;
	happening_plan(world);
	/* a few throws: not everything can happen at any time */
	for (int i = 0; i < 4; i++)
		if (happening_let(world, draw(world), -1, -1))
			return true;
	return false;
}

/* Some disturbance of some directory once in two days: each has a few a year. */
void happening_plan(struct world *world)
{
	plan_add(world, world->now + dice_between(&world->dice, 1, DAYS(4)), HAPPENING_DISTURBANCE,
		-1, -1);
}

bool happening_disturbs(int kind)
{
	return kind == HAPPENING_DISTURBANCE || kind == HAPPENING_CA_RENEW ||
	       kind == HAPPENING_CA_LIVE || kind == HAPPENING_CA_PUBLISH;
}

const char *happening_str(int kind)
{
	return table[kind].sentence;
}

const char *happening_name(int kind)
{
	return table[kind].name;
}
