/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of domain controllers by somebody who probes them: the truth, with silence. */
#include <string.h>

#include "fleet-authority.h"
#include "fleet-controller.h"

/* Looks that a proof takes at the least, across `overlap`. */
#define PROOF_LOOKS 3
/* So long without a look breaks a proof. Seconds. */
#define PROOF_GAP DAYS(2)

static void nearer(int64_t *next, int64_t instant, int64_t now)
{
	if (instant >= now && instant + 1 < *next)
		*next = instant + 1;
}

/* Of all controllers against one set. */
static enum verdict judge(const struct world *world, const struct seat *seat, const struct set *set)
{
	enum verdict verdict = VERDICT_OK;

	for (size_t i = 0; i < seat->controllers_count; i++) {
		const struct controller *controller = &seat->controllers[i];

		if (!controller->there)
			continue;
		if (controller->reach == REACH_SILENT)
			verdict = VERDICT_UNKNOWN;
		else if (controller->reach == REACH_BROKEN ||
			 !controller_verifies(world, controller, set))
			return VERDICT_FAIL;
	}
	return verdict;
}

/* Whether a controller that answers fails without `paper` and verifies with it. */
static bool needs(
	const struct world *world, const struct seat *seat, const struct set *set, int paper)
{
	struct set without = {.count = 0}, with;

	for (int i = 0; i < set->count; i++)
		if (set->papers[i] != paper)
			without.papers[without.count++] = set->papers[i];
	with = without;
	if (with.count < SET_MAX)
		with.papers[with.count++] = paper;
	for (size_t i = 0; i < seat->controllers_count; i++) {
		const struct controller *controller = &seat->controllers[i];

		if (controller->there && controller->reach == REACH_GOOD &&
			!controller_verifies(world, controller, &without) &&
			controller_verifies(world, controller, &with))
			return true;
	}
	return false;
}

static enum verdict judge_without(
	const struct world *world, const struct seat *seat, const struct set *set, int paper)
{
	struct set without = {.count = 0};
	enum verdict verdict;

	for (int i = 0; i < set->count; i++)
		if (set->papers[i] != paper)
			without.papers[without.count++] = set->papers[i];
	if (needs(world, seat, set, paper))
		return VERDICT_FAIL;
	verdict = judge(world, seat, &without);
	return verdict == VERDICT_FAIL && !world->blunt ? VERDICT_UNKNOWN : verdict;
}

/* The next expiry of anything the verdicts rest on. */
static int64_t next_expiry(
	const struct world *world, const struct seat *seat, const struct set *set)
{
	int64_t next = MODEL_NEVER;

	for (int i = 0; i < set->count; i++)
		nearer(&next, certificate_of(world, set->papers[i])->not_after, world->now);
	for (size_t i = 0; i < seat->controllers_count; i++) {
		nearer(&next, seat->controllers[i].not_after, world->now);
		nearer(&next, certificate_of(world, seat->controllers[i].issuer)->not_after,
			world->now);
	}
	return next;
}

/* A trusted certificate in the file that is not in the set may be what a controller needs. */
static bool asked_for(const struct world *world, const struct seat *seat, int paper)
{
	const struct paper *one = &world->papers[paper];

	return one->ca >= 0 && one->in_file && (seat->set.trusts >> one->ca & 1) &&
	       one->certificate.not_after > world->now;
}

static void renew_verdicts(struct world *world, struct target *target)
{
	const struct seat *seat = seat_of(world, target);
	struct probe *probe = &target->probe;
	struct set set;

	set_of(world, target, "", &set);
	probe->seat_epoch = seat->epoch;
	probe->set_epoch = target->epoch;
	probe->valid_until = next_expiry(world, seat, &set);
	probe->registered = judge(world, seat, &set);
	for (int i = 0; i < world->papers_count; i++) {
		bool registered = false;

		for (int j = 0; j < set.count; j++)
			registered |= set.papers[j] == i;
		if (registered)
			probe->now[i] = judge_without(world, seat, &set, i);
		else if (asked_for(world, seat, i) && needs(world, seat, &set, i))
			probe->now[i] = VERDICT_FAIL;
		else
			probe->now[i] = VERDICT_UNKNOWN;
	}
}

static void tell(struct probe *probe, int paper, const struct world *world, enum verdict verdict)
{
	if (verdict != VERDICT_UNKNOWN && probe->proof.removals_count < SET_MAX * 2)
		probe->removals[probe->proof.removals_count++] = (struct proof_removal){
			.certificate = certificate_of(world, paper)->sha256, .without = verdict};
}

void probe_look(struct world *world, struct target *target)
{
	const struct seat *seat = seat_of(world, target);
	struct probe *probe = &target->probe;
	int64_t overlap = seat->directory.overlap;
	bool gap = world->now - probe->looked > PROOF_GAP;

	probe->proof = (struct proof){.removals = probe->removals};
	if (!seat->probed || seat->controllers_count == 0)
		return;
	if (probe->seat_epoch != seat->epoch || probe->set_epoch != target->epoch ||
		world->now >= probe->valid_until || probe->looked == 0)
		renew_verdicts(world, target);
	probe->looked = world->now;
	probe->proof.registered = probe->registered;
	for (int i = 0; i < world->papers_count; i++) {
		enum verdict verdict = probe->now[i];

		if (verdict != VERDICT_OK || gap)
			probe->proven_since[i] = probe->looks[i] = 0;
		if (verdict == VERDICT_OK) {
			if (probe->proven_since[i] == 0)
				probe->proven_since[i] = world->now;
			probe->looks[i]++;
			if (probe->looks[i] < PROOF_LOOKS ||
				world->now - probe->proven_since[i] < overlap)
				verdict = VERDICT_UNKNOWN;
		}
		tell(probe, i, world, verdict);
	}
}

int64_t probe_next(const struct world *world, const struct target *target)
{
	const struct seat *seat = &world->seats[target->seat];
	const struct probe *probe = &target->probe;
	int64_t next = MODEL_NEVER, overlap = seat->directory.overlap;

	if (!seat->probed)
		return MODEL_NEVER;
	for (int i = 0; i < world->papers_count; i++) {
		int64_t done = probe->proven_since[i] + overlap;

		if (probe->proven_since[i] != 0 && world->now < done && done < next)
			next = done;
		if (probe->proven_since[i] != 0 && probe->looks[i] < PROOF_LOOKS &&
			world->now + overlap / PROOF_LOOKS < next)
			next = world->now + overlap / PROOF_LOOKS;
	}
	return probe->valid_until > world->now && probe->valid_until < next ? probe->valid_until
									    : next;
}
