/* SPDX-License-Identifier: Apache-2.0 */
/* What operators do to the file, and how they take it back. */
#include <string.h>

#include "fleet-authority.h"
#include "fleet-happening.h"
#include "fleet-invariants.h"
#include "fleet-plan.h"
#include "fleet-story.h"

/* Of edits, so many stay (they are what the operator wanted), the others are reverted. Percent. */
#define STAYS 15

static struct seat *pick(struct world *world, int *a)
{
	if (*a < 0)
		*a = dice_below(&world->dice, (int)world->seats_count);
	return &world->seats[*a];
}

/* After an edit of `seat`: its part of the file is written, and some day the edit is reverted. */
static bool edited(struct world *world, struct seat *seat, bool stays)
{
	seat_write(world, seat);
	seat_wake(world, seat);
	if (!stays)
		plan_add(world, world->now + dice_between(&world->dice, MINUTES(10), DAYS(40)),
			HAPPENING_EDIT_REVERT, (int)(seat - world->seats), -1);
	return true;
}

bool happen_EDIT_POLICY(struct world *world, int a, int b)
{
	struct seat *seat = pick(world, &a);

	(void)b;
	seat->set.policy = (enum policy)dice_below(&world->dice, POLICY_SYNC + 1);
	story_seat(world, seat, "policy: %s", policy_str(seat->set.policy));
	return edited(world, seat, false);
}

bool happen_EDIT_LDAPS(struct world *world, int a, int b)
{
	struct seat *seat = pick(world, &a);
	bool stays = dice_percent(&world->dice, STAYS);

	(void)b;
	seat->set.client_ldaps =
		(enum client_ldaps)dice_below(&world->dice, CLIENT_LDAPS_DISABLED + 1);
	if (stays)
		seat->home.client_ldaps = seat->set.client_ldaps;
	story_seat(world, seat, "client_ldaps: %s", client_ldaps_str(seat->set.client_ldaps));
	return edited(world, seat, stays);
}

bool happen_EDIT_TRUST(struct world *world, int a, int b)
{
	struct seat *seat = pick(world, &a);
	bool stays = dice_percent(&world->dice, STAYS);
	unsigned bit = 1U << dice_below(&world->dice, world->cas_count);

	(void)b;
	if (dice_percent(&world->dice, 15))
		seat->set.trusts = 0;
	else
		seat->set.trusts ^= bit;
	if (stays)
		seat->home.trusts = seat->set.trusts;
	story_seat(world, seat, "trust: CAs %#x", seat->set.trusts);
	return edited(world, seat, stays);
}

bool happen_EDIT_ADOPT(struct world *world, int a, int b)
{
	struct seat *seat = pick(world, &a);

	(void)b;
	seat->set.adopt = seat->set.adopt == ADOPT_NEVER ? ADOPT_MATCHING : ADOPT_NEVER;
	story_seat(world, seat, "adopt: %s", seat->set.adopt == ADOPT_NEVER ? "never" : "matching");
	return edited(world, seat, false);
}

bool happen_EDIT_NAME(struct world *world, int a, int b)
{
	struct seat *seat = pick(world, &a);

	(void)b;
	seat->set.wrong_name = true;
	story_seat(world, seat, "its name is mistyped in the file");
	return edited(world, seat, false);
}

/* A directory that leaves the file or comes back begins its waits anew. */
static void restart(struct world *world, struct seat *seat)
{
	for (size_t i = 0; i < seat->targets_count; i++) {
		struct target *target = &world->targets[seat->targets[i]];

		target_rouse(world, target);
		memory_restart_waits(&target->memory);
		invariants_restart(target);
		target->claimed_until = 0;
	}
}

bool happen_EDIT_ABSENT(struct world *world, int a, int b)
{
	struct seat *seat = pick(world, &a);

	(void)b;
	restart(world, seat);
	seat->set.absent = true;
	story_seat(world, seat, "leaves the file");
	return edited(world, seat, false);
}

bool happen_EDIT_REFUSED(struct world *world, int a, int b)
{
	(void)a;
	(void)b;
	for (size_t i = 0; i < world->seats_count; i++)
		restart(world, &world->seats[i]);
	story_all(world, "the file is refused; the last good one stays");
	return true;
}

bool happen_EDIT_REVERT(struct world *world, int a, int b)
{
	struct seat *seat = pick(world, &a);

	(void)b;
	if (seat->set.absent)
		restart(world, seat);
	seat->set = seat->home;
	story_seat(world, seat, "edits are reverted");
	return edited(world, seat, true);
}

/* ---- approvals ---- */

/* A certificate that is registered in one of the seat's Regions; -1: none. */
static int registered_somewhere(struct world *world, const struct seat *seat)
{
	const struct model_directory *model =
		&world->targets[seat->targets[dice_below(&world->dice, (int)seat->targets_count)]]
			 .model;

	return model->count > 0
		       ? paper_of(world,
				 model->certificates[dice_below(&world->dice, (int)model->count)]
					 .certificate)
		       : -1;
}

static bool approve(struct world *world, struct seat *seat, struct approval approval)
{
	if (seat->approvals_count == SEAT_APPROVALS_MAX)
		return false;
	if (dice_percent(&world->dice, 40))
		approval.until = world->now + dice_between(&world->dice, HOURS(1), DAYS(30));
	seat->approvals[seat->approvals_count++] = approval;
	plan_add(world, world->now + dice_between(&world->dice, HOURS(1), DAYS(60)),
		HAPPENING_EDIT_LAPSE, (int)(seat - world->seats), -1);
	return edited(world, seat, true);
}

bool happen_EDIT_APPROVE(struct world *world, int a, int b)
{
	struct seat *seat = pick(world, &a);
	int paper = registered_somewhere(world, seat);
	char name[TARGET_NAME_SIZE];

	(void)b;
	if (paper < 0)
		return false;
	story_seat(world, seat, "removing %s is approved", paper_name(world, paper, name));
	return approve(world, seat,
		(struct approval){.certificate = certificate_of(world, paper)->sha256});
}

bool happen_EDIT_APPROVE_DISABLE(struct world *world, int a, int b)
{
	struct seat *seat = pick(world, &a);

	(void)b;
	story_seat(world, seat, "disabling is approved");
	return approve(world, seat, (struct approval){.disable = true});
}

bool happen_EDIT_LAPSE(struct world *world, int a, int b)
{
	struct seat *seat = pick(world, &a);

	(void)b;
	if (seat->approvals_count == 0)
		return false;
	seat->approvals[0] = seat->approvals[--seat->approvals_count];
	story_seat(world, seat, "an approval is taken out of the file");
	return edited(world, seat, true);
}

/* ---- authorities ---- */

bool happen_EDIT_RETIRE(struct world *world, int a, int b)
{
	int ca = dice_below(&world->dice, world->cas_count);

	(void)a;
	(void)b;
	world->cas[ca].retire = (enum retire)dice_below(&world->dice, RETIRE_MANUAL + 1);
	story_all(world, "%s: retire: %s", world->cas[ca].name, retire_str(world->cas[ca].retire));
	/* it is written with the list of its certificates */
	return authority_file(
		world, world->cas[ca].current, world->papers[world->cas[ca].current].in_file);
}

bool happen_EDIT_PEM(struct world *world, int a, int b)
{
	int paper = dice_below(&world->dice, world->papers_count);
	char name[TARGET_NAME_SIZE];
	bool old = paper_left(world, paper) < 0;

	(void)a;
	(void)b;
	if (world->papers[paper].ca < 0 || !world->papers[paper].in_file ||
		authority_has_twin(world, paper) || !authority_file(world, paper, false))
		return false;
	story_all(world, "the file of %s is deleted", paper_name(world, paper, name));
	if (!old || dice_percent(&world->dice, 30))
		plan_add(world, world->now + dice_between(&world->dice, MINUTES(10), DAYS(50)),
			HAPPENING_EDIT_BACK, paper, -1);
	return true;
}

bool happen_EDIT_BACK(struct world *world, int a, int b)
{
	char name[TARGET_NAME_SIZE];

	(void)b;
	story_all(world, "the file of %s is put back", paper_name(world, a, name));
	return authority_file(world, a, true);
}

bool happen_EDIT_TWIN(struct world *world, int a, int b)
{
	int ca = dice_below(&world->dice, world->cas_count);
	int paper = authority_issue(world, ca, PAPER_TWIN, true,
		certificate_of(world, world->cas[ca].current)->not_after);
	char name[TARGET_NAME_SIZE];

	(void)a;
	(void)b;
	if (paper < 0 || !world->papers[world->cas[ca].current].in_file)
		return false;
	story_all(world, "%s, a twin, is put into the file", paper_name(world, paper, name));
	plan_add(world, world->now + dice_between(&world->dice, DAYS(1), DAYS(60)),
		HAPPENING_CA_WITHDRAW, paper, -1);
	return authority_file(world, paper, true);
}
