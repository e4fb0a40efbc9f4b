/* SPDX-License-Identifier: Apache-2.0 */
/* What can happen in a world, and what it costs. */
#include "base/array.h"
#include "events.h"

/* Which family each event belongs to; 0: it happens in every world. */
static const unsigned families[EVENTS] = {
#define FAMILY_0		  0
#define X(name, family, sentence) [EVENT_##name] = FAMILY_##family,
	EVENT_TABLE(X)
#undef X
};

struct lister {
	const struct world *world;
	struct event *events;
	unsigned *costs;
	size_t count;
};

/* A family that the setting leaves out does not happen. */
static void list(struct lister *lister, enum event_kind kind, uint8_t argument, unsigned cost)
{
	if (families[kind] != 0 && !(families[kind] & world_setting()->families) && cost != 0)
		return;
	lister->events[lister->count] = (struct event){(uint8_t)kind, argument};
	lister->costs[lister->count++] = cost;
}

/* A change of a value costs, the way back does not. */
static void list_values(struct lister *lister, enum event_kind kind, unsigned now, unsigned usual,
	const uint8_t *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (values[i] != now)
			list(lister, kind, values[i], values[i] != usual);
}

static void list_passes(struct lister *lister)
{
	if (lister->world->file.absent)
		return;
	list(lister, EVENT_PASS, 0, 0);
	list(lister, EVENT_EVE_PASS, 0, 0);
	list(lister, EVENT_EVE_SLOW, 0, 0);
	for (int kind = EVENT_PASS_CRASH_LEARNED; kind <= EVENT_PASS_DENIED; kind++)
		list(lister, (enum event_kind)kind, 0, 1);
	for (int kind = EVENT_LOOK_FAILED; kind <= EVENT_LOOK_EMPTY; kind++)
		list(lister, (enum event_kind)kind, 0, 1);
	for (size_t i = 0; lister->world->directory.count > 1 && i < lister->world->directory.count;
		i++)
		list(lister, EVENT_LOOK_WITHOUT, (uint8_t)i, 1);
	list(lister, EVENT_LOOK_UNKNOWN, 0, 1);
}

static void list_service(struct lister *lister)
{
	const struct world *world = lister->world;
	bool fails = world->mood == MOOD_FAILS;

	for (size_t i = 0; i < world->directory.count; i++)
		if (world->entries[i].due != 0) {
			if (!fails && !world->entries[i].fails)
				list(lister, EVENT_FINISH, (uint8_t)i, 0);
			list(lister, EVENT_FINISH_BADLY, (uint8_t)i,
				!fails && !world->entries[i].fails);
		}
	if (world->directory.ldaps_due != 0) {
		if (!fails)
			list(lister, EVENT_FINISH, EVENT_LDAPS, 0);
		list(lister, EVENT_FINISH_BADLY, EVENT_LDAPS, !fails);
	}
	if (world->late.there)
		list(lister, EVENT_LATE_ARRIVES, 0, 0);
}

static void list_others(struct lister *lister)
{
	const struct world *world = lister->world;

	for (uint8_t who = A1; who < CERTIFICATES; who++)
		if (!(world_setting()->left_out >> who & 1))
			list(lister, EVENT_OTHERS_REGISTER, who, 1);
	list(lister, EVENT_OTHERS_REGISTER_AUTH, A1, 1);
	for (size_t i = 0; i < world->directory.count; i++)
		list(lister, EVENT_OTHERS_DEREGISTER, (uint8_t)i, 1);
	list(lister, EVENT_OTHERS_ENABLE, 0, 1);
	list(lister, EVENT_OTHERS_DISABLE, 0, 1);
}

static void list_edits(struct lister *lister)
{
	static const uint8_t values[] = {0, 1, 2, 3, TRUST_UNSAID};
	const struct file *file = &lister->world->file, *usual = &world_setting()->file;

	list_values(lister, EVENT_EDIT_POLICY, file->policy, usual->policy, values, 3);
	list_values(lister, EVENT_EDIT_LDAPS, file->client_ldaps, usual->client_ldaps, values, 3);
	list_values(lister, EVENT_EDIT_TRUST, file->trust, usual->trust, values, 5);
	list_values(lister, EVENT_EDIT_ADOPT, file->adopt, usual->adopt, values, 2);
	list_values(lister, EVENT_EDIT_APPROVE, file->approve, usual->approve, values, 3);
	if (world_rotates())
		list_values(lister, EVENT_EDIT_RETIRE, file->retire, usual->retire, values, 4);
	for (uint8_t who = A1; who <= A2; who++)
		/* an authority keeps one certificate: a file without is refused */
		if (!((world_setting()->left_out | file->vanished) & (1 << (A1 + A2 - who))))
			list(lister, EVENT_EDIT_PEM, who,
				!((file->vanished ^ usual->vanished) >> who & 1));
	list(lister, EVENT_EDIT_NAME, 0, !file->wrong_name);
	list(lister, EVENT_EDIT_ABSENT, 0, !file->absent);
	list(lister, EVENT_EDIT_REFUSED, 0, 1);
}

static void list_rest(struct lister *lister)
{
	static const uint8_t values[MOODS] = {0, 1, 2, 3, 4, 5};
	const struct world *world = lister->world;

	list(lister, EVENT_LEDGER_LOST, 0, 1);
	list_values(lister, EVENT_SKEW, world->skew, 0, values, 3);
	list(lister, EVENT_STAGE, 0, !world->impaired);
	list(lister, EVENT_TURN, 0, !world->out_of_turn);
	list_values(lister, EVENT_PROBED, world->probed, VERDICT_UNKNOWN, values, 3);
	list_values(lister, EVENT_WITHOUT, world->without, VERDICT_UNKNOWN, values, 3);
	list_values(lister, EVENT_MOOD, world->mood, MOOD_GOOD, values, MOODS);
}

size_t events_of(const struct world *world, struct event ret_events[static EVENTS_MAX],
	unsigned ret_costs[static EVENTS_MAX])
{
	struct lister lister = {.world = world, .events = ret_events, .costs = ret_costs};

	list_passes(&lister);
	list(&lister, EVENT_TIME, 0, world->due && !world->file.absent);
	list_service(&lister);
	/* what happens before the pass that is due could as well have happened before the time */
	if (world->due && !world->file.absent)
		return lister.count;
	list_others(&lister);
	list_edits(&lister);
	list_rest(&lister);
	return lister.count;
}
