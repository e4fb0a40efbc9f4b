/* SPDX-License-Identifier: Apache-2.0 */
/* The fleet of a seed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "fleet-authority.h"
#include "fleet-controller.h"
#include "fleet-happening.h"
#include "fleet-invariants.h"
#include "fleet-plan.h"
#include "fleet-world.h"

static char region_names[REGIONS_MAX][16] = {"eu-west-1", "eu-central-1", "us-east-1"};
static char account_names[ACCOUNTS_MAX][8] = {"prod", "lab", "edge"};
static char wrong_name[] = "mistyped.example.com";

/* ---- the service ---- */

static void make_service(struct world *world)
{
	struct dice *dice = &world->dice;

	world->options = model_options_default();
	for (int guard = 0; guard < MODEL_GUARDS; guard++)
		if (dice_percent(dice, 20))
			world->options.guards &= ~(1U << guard);
	for (int point = 0; point < MODEL_POINTS; point++) {
		uint8_t answers = 0;

		while (answers < MODEL_ANSWERS_MAX &&
			model_answer_str((enum model_point)point, answers))
			answers++;
		if (dice_percent(dice, 30))
			world->options.points[point] = (uint8_t)dice_below(dice, answers);
	}
	world->partial = dice_percent(dice, 50);
	world->blunt = dice_percent(dice, 30);
	if (dice_percent(dice, 20))
		world->options.ldaps_limit = 8;
}

/* ---- CAs ---- */

static int64_t draw_validity(struct dice *dice)
{
	static const int years[] = {2, 3, 5, 10, 20};

	return YEARS(years[dice_below(dice, ARRAY_LENGTH(years))]);
}

static void make_rotation(struct world *world, int ca)
{
	struct dice *dice = &world->dice;
	struct rotation *rotation = &world->authorities[ca].rotation;

	world->cas[ca].retire = (enum retire)dice_below(dice, RETIRE_MANUAL + 1);
	*rotation = (struct rotation){.retire = world->cas[ca].retire,
		.rotate_before = FLEET_ROTATE_BEFORE_DEFAULT,
		.overlap = HOURS(dice_between(dice, 1, 7) * 24),
		.retire_after = DAYS(dice_between(dice, 30, 420)),
		.register_at_threshold = dice_percent(dice, 20)};
}

static void make_ca(struct world *world, int parent)
{
	struct dice *dice = &world->dice;
	int number = world->cas_count++;
	struct ca *ca = &world->cas[number];

	*ca = (struct ca){.parent = parent,
		.current = -1,
		.validity = draw_validity(dice),
		.versions = dice_percent(dice, 60),
		.exact = dice_percent(dice, 30)};
	if (parent >= 0 && ca->validity > world->cas[parent].validity)
		ca->validity = world->cas[parent].validity;
	snprintf(ca->name, sizeof(ca->name), "corp%d-%s", number, parent < 0 ? "root" : "issuing");
	world->authorities[number] =
		(struct authority){.name = ca->name, .certificates = world->lists[number]};
	make_rotation(world, number);
	authority_begin(world, number, dice_between(dice, 0, ca->validity * 3 / 5));
	authority_plan(world, number);
}

/* Two to six: roots alone, and roots with an issuing CA. */
static void make_cas(struct world *world)
{
	int wanted = 2 + dice_below(&world->dice, CAS_MAX - 1);

	while (world->cas_count < wanted) {
		int root = world->cas_count;

		make_ca(world, -1);
		if (world->cas_count < wanted && dice_percent(&world->dice, 60))
			make_ca(world, root);
	}
	world->fleet.authorities = world->authorities;
	world->fleet.authorities_count = (size_t)world->cas_count;
}

/* ---- directories ---- */

/* The fleet is what the file holds. */
static void publish(struct world *world)
{
	size_t count = 0;

	for (size_t i = 0; i < world->seats_count; i++)
		if (!world->seats[i].set.absent)
			world->directories[count++] = world->seats[i].directory;
	world->fleet.directories_count = count;
	rollouts_adopt_fleet(&world->rollouts, &world->fleet);
}

void seat_write(struct world *world, struct seat *seat)
{
	struct directory *directory = &seat->directory;
	size_t regions = 0;

	directory->name = seat->set.wrong_name ? wrong_name : seat->name;
	directory->policy = seat->set.policy;
	directory->client_ldaps = seat->set.client_ldaps;
	directory->adopt = seat->set.adopt;
	directory->trust = seat->trust;
	directory->trust_count = 0;
	directory->overlap = 0;
	for (int ca = 0; ca < world->cas_count; ca++)
		if (seat->set.trusts >> ca & 1) {
			int64_t overlap = world->authorities[ca].rotation.overlap;

			seat->trust[directory->trust_count++] = &world->authorities[ca];
			if (overlap > directory->overlap)
				directory->overlap = overlap;
		}
	if (directory->trust_count == 0)
		directory->overlap = FLEET_OVERLAP_DEFAULT;
	directory->trust_none = directory->trust_count == 0;
	directory->approvals = seat->approvals;
	directory->approvals_count = seat->approvals_count;
	for (size_t i = 0; i < seat->targets_count; i++)
		if (world->targets[seat->targets[i]].there)
			seat->regions[regions++] =
				region_names[world->targets[seat->targets[i]].region];
	directory->regions = seat->regions;
	directory->regions_count = regions;
	directory->revision = directory_revision(directory);
	seat->epoch++; /* what is in the file may be what a controller needs */
	publish(world);
}

/* One hierarchy or two: with the root of each issuing CA in most cases. */
static unsigned draw_trusts(struct world *world)
{
	struct dice *dice = &world->dice;
	unsigned trusts = 0;
	int hierarchies = 1 + dice_percent(dice, 35);

	for (int i = 0; i < hierarchies; i++) {
		int ca = dice_below(dice, world->cas_count), parent = world->cas[ca].parent;

		trusts |= 1U << ca;
		if (parent >= 0 && dice_percent(dice, 92))
			trusts |= 1U << parent;
	}
	return trusts;
}

static void make_controllers(struct world *world, struct seat *seat)
{
	struct dice *dice = &world->dice;
	int domains = 1 + dice_percent(dice, 25);

	for (int domain = 0; domain < domains; domain++) {
		int ca = controller_draw_ca(world, seat), count = 1 + dice_below(dice, 8);
		bool sends = dice_percent(dice, 60);

		for (int i = 0; ca >= 0 && i < count; i++) {
			struct controller *controller =
				&seat->controllers[seat->controllers_count++];

			*controller = (struct controller){.there = true,
				.ca = ca,
				.issuer = world->cas[ca].current,
				.exact = world->cas[ca].exact,
				.sends_issuer = sends};
			controller->not_after =
				certificate_of(world, controller->issuer)->not_after;
			if (controller->not_after > world->now + YEARS(1))
				controller->not_after =
					world->now + dice_between(dice, DAYS(43), YEARS(1));
			plan_add(world,
				controller->not_after - dice_between(dice, DAYS(35), DAYS(42)),
				HAPPENING_CONTROLLER_RENEW, (int)(seat - world->seats),
				(int)seat->controllers_count - 1);
		}
	}
}

static void make_seat(struct world *world)
{
	struct dice *dice = &world->dice;
	size_t number = world->seats_count++;
	struct seat *seat = &world->seats[number];
	struct directory *directory = &seat->directory;

	seat->account = dice_below(dice, world->accounts_count);
	seat->probed = dice_percent(dice, 65);
	snprintf(seat->name, sizeof(seat->name), "corp%zu.example.com", number);
	snprintf(directory->id, sizeof(directory->id), "d-%010zx", number + 1);
	directory->account = &world->accounts[seat->account];
	directory->grace = DAYS(dice_between(dice, 1, 9));
	directory->reenable_after = HOURS(dice_between(dice, 1, 6));
	directory->certificate_limit = world->options.ldaps_limit;
	seat->set = (struct settings){.policy = POLICY_SYNC,
		.client_ldaps = CLIENT_LDAPS_ENABLED,
		.adopt = dice_percent(dice, 85) ? ADOPT_MATCHING : ADOPT_NEVER,
		.trusts = draw_trusts(world)};
	if (dice_percent(dice, 12))
		seat->set.policy = dice_percent(dice, 50) ? POLICY_ADD_ONLY : POLICY_OBSERVE;
	if (dice_percent(dice, 8))
		seat->set.client_ldaps = CLIENT_LDAPS_UNMANAGED;
	seat->home = seat->set;
	make_controllers(world, seat);
}

/* ---- targets ---- */

/* What was set up in the console before the daemon came. */
static void set_up(struct world *world, struct target *target)
{
	struct model_options quick = world->options;
	const struct seat *seat = seat_of(world, target);

	quick.register_delay = quick.enable_delay = 0;
	for (int i = 0; i < world->papers_count; i++)
		if (world->papers[i].ca >= 0 && (seat->set.trusts >> world->papers[i].ca & 1) &&
			dice_percent(&world->dice, 85))
			(void)model_register(&target->model, &quick, certificate_of(world, i),
				CERTIFICATE_TYPE_CLIENT_LDAPS, world->now, NULL);
	(void)model_advance(&target->model, &quick, world->now);
	if (dice_percent(&world->dice, 80))
		(void)model_enable(&target->model, &quick, world->now);
	(void)model_advance(&target->model, &quick, world->now);
}

static void make_target(struct world *world, size_t seat_number, int region, bool there)
{
	size_t number = world->targets_count++;
	struct target *target = &world->targets[number];
	struct seat *seat = &world->seats[seat_number];

	target->seat = seat_number;
	target->region = region;
	target->place = (struct rollout_place){.account = account_names[seat->account],
		.region = region_names[region],
		.directory = seat->directory.id};
	target->lane = seat->account * REGIONS_MAX + region;
	target->there = there;
	seat->targets[seat->targets_count++] = number;
	model_init(&target->model, seat->directory.id, seat->name,
		region == 0 && dice_percent(&world->dice, 30) ? DIRECTORY_TYPE_AD_CONNECTOR
							      : DIRECTORY_TYPE_MICROSOFT_AD);
	target->next_pass = world->now + dice_between(&world->dice, 1, world->interval);
	if (there && dice_percent(&world->dice, 40))
		set_up(world, target);
	target->model_due = model_next(&target->model, &world->options);
	invariants_settle(world, target);
	if (!there)
		plan_add(world,
			world->now + dice_between(&world->dice, DAYS(10), YEARS(WORLD_YEARS - 1)),
			HAPPENING_REGION_JOINS, (int)number, -1);
}

static void make_seats(struct world *world)
{
	int wanted = 8 + dice_below(&world->dice, SEATS_MAX - 7);

	world->fleet.directories = world->directories;
	for (int i = 0; i < wanted; i++) {
		size_t seat = world->seats_count;

		make_seat(world);
		make_target(world, seat, 0, true);
		for (int region = 1; region < world->regions_count; region++)
			if (dice_percent(&world->dice, 25))
				make_target(world, seat, region, dice_percent(&world->dice, 50));
		seat_write(world, &world->seats[seat]);
	}
}

bool happen_REGION_JOINS(struct world *world, int a, int b)
{
	struct target *target = &world->targets[a];

	(void)b;
	target->there = true;
	seat_write(world, seat_of(world, target));
	seat_wake(world, seat_of(world, target));
	target->next_pass = world->now + dice_between(&world->dice, 1, DAYS(2));
	return true;
}

void world_make(struct world *world, uint64_t seed)
{
	static const int64_t intervals[] = {MINUTES(15), HOURS(1), HOURS(6), HOURS(24)};
	struct dice *dice = &world->dice;

	world->seed = seed;
	dice_seed(dice, seed);
	world->now = WORLD_BEGIN;
	world->interval = intervals[dice_below(dice, ARRAY_LENGTH(intervals))];
	world->accounts_count = 1 + dice_below(dice, ACCOUNTS_MAX);
	world->regions_count = 1 + dice_below(dice, REGIONS_MAX);
	for (int i = 0; i < world->accounts_count; i++)
		world->accounts[i] = (struct account){
			.name = account_names[i], .concurrency = ACCOUNT_CONCURRENCY_DEFAULT};
	world->fleet.interval = world->interval;
	world->fleet.parallel = 1 + (unsigned)dice_below(dice, 3);
	world->fleet.accounts = world->accounts;
	world->fleet.accounts_count = (size_t)world->accounts_count;
	make_service(world);
	make_cas(world);
	make_seats(world);
	happening_plan(world);
}

void world_done(struct world *world)
{
	for (size_t i = 0; i < world->targets_count; i++) {
		model_done(&world->targets[i].model);
		memory_done(&world->targets[i].memory);
	}
	rollouts_done(&world->rollouts);
}
