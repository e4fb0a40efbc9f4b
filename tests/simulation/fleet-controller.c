/* SPDX-License-Identifier: Apache-2.0 */
#include "fleet-controller.h"

#include <string.h>

#include "fleet-authority.h"
#include "fleet-happening.h"
#include "fleet-plan.h"
#include "fleet-story.h"

/* A leaf lives a year and is renewed six weeks before its end (AD CS's template). Seconds. */
#define LEAF_LIFE  DAYS(365)
#define LEAF_RENEW DAYS(42)

void set_of(const struct world *world, const struct target *target, const char *without,
	struct set *ret_set)
{
	struct set set = {.count = 0};

	for (size_t i = 0; i < target->model.count && set.count < SET_MAX; i++) {
		const struct model_certificate *entry = &target->model.certificates[i];

		if (entry->type == CERTIFICATE_TYPE_CLIENT_LDAPS &&
			entry->state == CERTIFICATE_STATE_REGISTERED &&
			strcmp(entry->id, without) != 0)
			set.papers[set.count++] = paper_of(world, entry->certificate);
	}
	*ret_set = set;
}

/* ---- verifying ---- */

static bool key_is(const struct digest *key, const struct digest *other)
{
	return key->bytes[0] == other->bytes[0];
}

/* Whether a path may end at, or go on from, this registered certificate. */
static bool anchors(const struct world *world, const struct set *set, int paper)
{
	const struct certificate *certificate = certificate_of(world, paper);

	if (certificate->not_after < world->now)
		return false;
	if (certificate->self_signed || world->partial)
		return true;
	for (int i = 0; i < set->count; i++) {
		const struct certificate *root = certificate_of(world, set->papers[i]);

		if (root->self_signed && key_is(&root->key, &certificate->signer) &&
			root->not_after >= world->now)
			return true;
	}
	return false;
}

bool controller_verifies(
	const struct world *world, const struct controller *controller, const struct set *set)
{
	const struct certificate *issuer = certificate_of(world, controller->issuer);

	if (controller->not_after < world->now)
		return false;
	for (int i = 0; i < set->count; i++) {
		const struct certificate *one = certificate_of(world, set->papers[i]);

		if (key_is(&one->key, &issuer->key) &&
			(!controller->exact || set->papers[i] == controller->issuer) &&
			anchors(world, set, set->papers[i]))
			return true;
		/* its issuing CA's certificate comes with it, and a root has signed that */
		if (controller->sends_issuer && !issuer->self_signed &&
			issuer->not_after >= world->now && key_is(&one->key, &issuer->signer) &&
			anchors(world, set, set->papers[i]))
			return true;
	}
	return false;
}

/* ---- their certificates ---- */

int controller_draw_ca(struct world *world, const struct seat *seat)
{
	int choices[CAS_MAX], count = 0;

	for (int ca = 0; ca < world->cas_count; ca++) {
		bool issues = true;

		for (int other = 0; other < world->cas_count; other++)
			issues &= !(
				world->cas[other].parent == ca && (seat->home.trusts >> other & 1));
		if ((seat->home.trusts >> ca & 1) && issues)
			choices[count++] = ca;
	}
	return count > 0 ? choices[dice_below(&world->dice, count)] : -1;
}

static void plan_renewal(struct world *world, const struct seat *seat, int index)
{
	int64_t at = seat->controllers[index].not_after - LEAF_RENEW;

	if (at < world->now + DAYS(7))
		at = world->now + DAYS(7);
	plan_add(world, at + dice_between(&world->dice, 0, HOURS(20)), HAPPENING_CONTROLLER_RENEW,
		(int)(seat - world->seats), index);
}

/* Takes a certificate of `left` seconds at the most, as far as its CA lives. */
static bool enrol(struct world *world, struct seat *seat, int index, int64_t left)
{
	struct controller *controller = &seat->controllers[index];
	int issuer = world->cas[controller->ca].current;
	const struct certificate *old = certificate_of(world, controller->issuer);
	const struct certificate *new = certificate_of(world, issuer);

	if (new->not_after <= world->now)
		return false;
	if (memcmp(&old->key, &new->key, sizeof(old->key)) != 0)
		happening_count(world, HAPPENING_CONTROLLER_MOVE);
	controller->issuer = issuer;
	controller->exact = world->cas[controller->ca].exact;
	controller->not_after =
		world->now + left < new->not_after ? world->now + left : new->not_after;
	seat->epoch++;
	return true;
}

void controller_enrol(struct world *world, struct seat *seat, int index)
{
	enrol(world, seat, index, LEAF_LIFE);
	plan_renewal(world, seat, index);
}

HAPPENING_NEVER(CONTROLLER_MOVE)

bool happen_CONTROLLER_RENEW(struct world *world, int a, int b)
{
	struct seat *seat = &world->seats[a];
	struct controller *controller = &seat->controllers[b];
	char name[TARGET_NAME_SIZE];
	bool done = false;

	if (!controller->there)
		return false;
	done = enrol(world, seat, b, LEAF_LIFE);
	plan_renewal(world, seat, b);
	if (done) {
		story_seat(world, seat, "controller %d has a new certificate, of %s", b,
			paper_name(world, controller->issuer, name));
		seat_wake(world, seat);
	}
	return done;
}

static bool renews(int kind)
{
	return kind == HAPPENING_CONTROLLER_RENEW;
}

void controllers_hurry(struct world *world, int64_t within)
{
	plan_forget(world, renews);
	for (size_t s = 0; s < world->seats_count; s++)
		for (size_t i = 0; i < world->seats[s].controllers_count; i++)
			plan_add(world, world->now + dice_between(&world->dice, 1, within),
				HAPPENING_CONTROLLER_RENEW, (int)s, (int)i);
}

/* ---- what can go wrong with them ---- */

/* A controller of some seat, if the happening names none. */
static struct controller *pick(struct world *world, int *a, int *b)
{
	if (*a < 0) {
		*a = dice_below(&world->dice, (int)world->seats_count);
		if (world->seats[*a].controllers_count == 0)
			return NULL;
		*b = dice_below(&world->dice, (int)world->seats[*a].controllers_count);
	}
	return world->seats[*a].controllers[*b].there ? &world->seats[*a].controllers[*b] : NULL;
}

static bool set_reach(struct world *world, int a, int b, enum reach reach, const char *words)
{
	struct controller *controller = pick(world, &a, &b);

	if (!controller || controller->reach == reach)
		return false;
	controller->reach = reach;
	world->seats[a].epoch++;
	story_seat(world, &world->seats[a], "controller %d %s", b, words);
	seat_wake(world, &world->seats[a]);
	if (reach != REACH_GOOD)
		plan_add(world, world->now + dice_between(&world->dice, MINUTES(20), DAYS(20)),
			HAPPENING_CONTROLLER_GOOD, a, b);
	return true;
}

bool happen_CONTROLLER_SILENT(struct world *world, int a, int b)
{
	return set_reach(world, a, b, REACH_SILENT, "cannot be probed");
}

bool happen_CONTROLLER_BROKEN(struct world *world, int a, int b)
{
	return set_reach(world, a, b, REACH_BROKEN, "shows a certificate that fails");
}

bool happen_CONTROLLER_GOOD(struct world *world, int a, int b)
{
	return set_reach(world, a, b, REACH_GOOD, "can be probed again");
}

bool happen_CONTROLLER_JOINS(struct world *world, int a, int b)
{
	struct seat *seat = &world->seats[dice_below(&world->dice, (int)world->seats_count)];
	int ca = controller_draw_ca(world, seat);

	(void)a;
	(void)b;
	if (ca < 0 || seat->controllers_count == CONTROLLERS_MAX ||
		paper_left(world, world->cas[ca].current) <= 0)
		return false;
	seat->controllers[seat->controllers_count] = (struct controller){.there = true,
		.ca = ca,
		.issuer = world->cas[ca].current,
		.sends_issuer = dice_percent(&world->dice, 50)};
	controller_enrol(world, seat, (int)seat->controllers_count++);
	story_seat(world, seat, "controller %zu is promoted", seat->controllers_count - 1);
	seat_wake(world, seat);
	return true;
}

bool happen_CONTROLLER_LEAVES(struct world *world, int a, int b)
{
	struct controller *controller = pick(world, &a, &b);

	if (!controller)
		return false;
	controller->there = false;
	world->seats[a].epoch++;
	story_seat(world, &world->seats[a], "controller %d is demoted", b);
	seat_wake(world, &world->seats[a]);
	return true;
}
