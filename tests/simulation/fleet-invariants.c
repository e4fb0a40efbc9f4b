/* SPDX-License-Identifier: Apache-2.0 */
/* What is checked of each write and of each rest in the large world. */
#include "fleet-invariants.h"

#include "base/array.h"
#include "base/calendar.h"
#include "fleet-facts.h"
#include "fleet-story.h"
#include "fleet-write.h"

static const char *check_view(const struct write *write)
{
	const struct world *world = write->world;
	int64_t skew = world->skew;

	if (!write->looking->complete)
		return "N4: a write rests on a look that was not complete";
	if (write->target->model.stage != DIRECTORY_STAGE_ACTIVE)
		return "rule 1: a write to a directory that is not Active";
	if (write->file->wrong_name)
		return "N9: a write to a directory of another name";
	if (write->file->absent)
		return "N8: a write to a directory that is not in the file";
	if (!write->target->there)
		return "N9: a write to a Region that the directory does not have";
	if (write->step->kind != STEP_REGISTER && (skew > 300 || skew < -300))
		return "N4: sent by a clock more than 5 min off";
	if (write->step->kind == STEP_DEREGISTER && write->past->contradictory)
		return "4.5: a removal on a look that contradicts itself or the one before";
	if (world->now - write->looking->at > 60)
		return "N4: sent more than 60 s after the look";
	return NULL;
}

static const char *check_policy(const struct write *write)
{
	if (write->file->policy == POLICY_OBSERVE)
		return "policy observe: something was written";
	if (write->file->policy == POLICY_ADD_ONLY && write->cuts)
		return "policy add-only: something was removed or disabled";
	return NULL;
}

/* ---- N12 ---- */

/* The first cut of the roll-out that this write belongs to; NULL: it is the first. */
static const struct cut *first_cut(const struct write *write, int paper, int scope)
{
	const struct world *world = write->world;
	const struct cut *first = NULL;

	for (size_t i = world->cuts_count; i > 0 && i + CUTS_MAX > world->cuts_count; i--) {
		const struct cut *cut = &world->cuts[(i - 1) % CUTS_MAX];

		if (cut->paper == paper && cut->scope == scope)
			first = cut;
	}
	return first;
}

/* Whether the directory that went first is still to be gone by: its part of the file has not
 * changed since, and the service has not said that nothing came of it. */
static bool still_first(const struct world *world, const struct cut *cut)
{
	const struct target *target = &world->targets[cut->target];
	const struct seat *seat = &world->seats[target->seat];

	for (size_t i = 0; i < target->model.count; i++)
		if (target->model.certificates[i].state == CERTIFICATE_STATE_DEREGISTER_FAILED &&
			paper_of(world, target->model.certificates[i].certificate) == cut->paper)
			return false;
	return !seat->set.absent && seat->directory.revision == cut->revision;
}

static void story_first(const struct write *write, const struct cut *first)
{
	char name[TARGET_NAME_SIZE], when[INSTANT_SIZE];

	story_target(write->world, write->target, "%s went first on %s",
		target_name(write->world, &write->world->targets[first->target], name),
		instant_format(first->at, when));
}

static const char *check_turn(const struct write *write)
{
	const struct world *world = write->world;
	size_t self = (size_t)(write->target - world->targets);
	bool removes = write->step->kind == STEP_DEREGISTER;
	int scope = removes && write->entry ? world->papers[write->paper].ca : write->seat->account;
	int64_t overlap = removes && scope >= 0 ? world->authorities[scope].rotation.overlap
						: write->seat->directory.overlap;
	const struct cut *first;
	unsigned others = 0;

	if (!write->cuts || !write->trusted || (removes && !write->entry))
		return NULL;
	first = first_cut(write, removes ? write->paper : -1, scope);
	if (!first || first->target == self || !still_first(world, first))
		return NULL;
	if (world->now - first->at < overlap)
		story_first(write, first);
	if (world->now - first->at < overlap)
		return "N12: a second directory is cut before the first stayed Ready for overlap";
	for (size_t i = world->cuts_count; i > 0 && i + CUTS_MAX > world->cuts_count; i--) {
		const struct cut *cut = &world->cuts[(i - 1) % CUTS_MAX];

		others += cut->scope == scope && (cut->paper < 0) == !removes &&
			  cut->target != self && world->now - cut->at < world->interval;
	}
	/* two windows may touch */
	return others >= 2 * world->fleet.parallel ? "N12: more than `parallel` in an interval"
						   : NULL;
}

/* N7: what is under way in truth. */
static const char *check_flight(const struct write *write)
{
	const struct target *target = write->target;
	bool stuck = write->past->busy != 0 && write->world->now - write->past->busy >= HOURS(1);

	if (target->late.there && target->late.ours)
		return "N7: a request of ours is still under way";
	if (write->past->disabling != 0)
		return "N7: a DisableLDAPS of ours is still under way";
	if (stuck && write->step->kind == STEP_REGISTER)
		return NULL;
	for (size_t i = 0; i < target->model.count; i++) {
		const struct model_certificate *entry = &target->model.certificates[i];

		if (ldaps_type(entry) &&
			(entry->state == CERTIFICATE_STATE_REGISTERING ||
				entry->state == CERTIFICATE_STATE_DEREGISTERING) &&
			shown_entry(write->looking->shown, entry->id))
			return "N7: a certificate is in flight";
	}
	return target->model.ldaps == LDAPS_STATUS_ENABLING ? "N7: LDAPS is in flight" : NULL;
}

static const char *check_rate(const struct write *write)
{
	const struct past *past = write->past;
	bool second = write->step->kind == STEP_DEREGISTER || write->step->kind == STEP_DISABLE;
	const int64_t *sends = past->switches[second];

	if (write->step->kind == STEP_REGISTER || write->step->kind == STEP_DEREGISTER) {
		if (write->paper < 0)
			return NULL;
		sends = past->sends[second][write->paper];
	}
	if (sends[SENDS_MAX - 1] != 0 && write->world->now - sends[SENDS_MAX - 1] < DAYS(1))
		return "N11: the same write a fourth time within 24 h, without success";
	return NULL;
}

/* ---- registering ---- */

/* An entry of ours that is known to be of another certificate that looks the same. */
static bool is_another(const struct write *write, const struct listed *listed)
{
	const struct model_certificate *entry = entry_of(write->target, listed->id);

	return entry && entry->mark != 0 &&
	       paper_of(write->world, entry->certificate) != write->paper;
}

static const char *check_register(const struct write *write)
{
	const struct observed *shown = write->looking->shown;
	const struct certificate *certificate;

	if (write->paper < 0 || !listed_in(write->world, write->file, write->paper))
		return "rule 3: a certificate is registered that the file does not ask for";
	certificate = certificate_of(write->world, write->paper);
	if (certificate->self_issued && !certificate->self_signed)
		return "S13: a cross-certificate is registered";
	if (write_left(write, write->paper) + 60 <= DAYS(91))
		return "4.2: a certificate is registered that is not registrable";
	if (write->past->retired[write->paper] &&
		probed_without(write->world, write->target, write->paper) != VERDICT_FAIL)
		return "N10: what was retired is registered again, and no controller needs it";
	for (size_t i = 0; i < shown->listed_count; i++)
		if ((shown->listed[i].state == CERTIFICATE_STATE_REGISTERED ||
			    shown->listed[i].state == CERTIFICATE_STATE_REGISTERING) &&
			looks_like(write->world, write->paper, &shown->listed[i]) &&
			!is_another(write, &shown->listed[i]))
			return "N10: what is listed already is registered again";
	return NULL;
}

/* ---- enabling and disabling ---- */

static bool is_there(const struct world *world, const struct target *target, int paper)
{
	for (size_t i = 0; i < target->model.count; i++)
		if (registered(&target->model.certificates[i]) &&
			alike(world, paper,
				paper_of(world, target->model.certificates[i].certificate)))
			return true;
	return false;
}

/* register: at_threshold: a same-key successor that may still wait for it. */
static bool may_wait(const struct world *world, const struct target *target, int paper)
{
	const struct rotation *rotation = &world->authorities[world->papers[paper].ca].rotation;

	for (int i = 0; rotation->register_at_threshold && i < world->papers_count; i++)
		if (later_generation(world, i, paper) && is_there(world, target, i) &&
			key_equal(&certificate_of(world, i)->key,
				&certificate_of(world, paper)->key) &&
			paper_left(world, i) > rotation->rotate_before - DAYS(1))
			return true;
	return false;
}

/* Whether the file asks for this certificate to be Registered. */
static bool is_wanted(const struct world *world, const struct target *target, int paper)
{
	const struct settings *file = &world->seats[target->seat].set;
	const struct certificate *certificate = certificate_of(world, paper);

	return listed_in(world, file, paper) && paper_left(world, paper) > DAYS(91) &&
	       (certificate->self_signed || !certificate->self_issued) &&
	       world->papers[paper].kind == PAPER_GENERATION && !target->past.let_go[paper] &&
	       !has_twin(world, file, paper) && !may_wait(world, target, paper);
}

static const char *check_enable(const struct write *write)
{
	const struct world *world = write->world;

	if (!is_off(write->target))
		return "N10: LDAPS is on already";
	if (write->file->client_ldaps != CLIENT_LDAPS_ENABLED)
		return "rule 4: LDAPS is enabled though the file does not ask for it";
	if (write->file->trusts == 0)
		return "N5: LDAPS is enabled with nothing trusted";
	for (int i = 0; i < world->papers_count; i++)
		if (is_wanted(world, write->target, i) && !is_there(world, write->target, i))
			return "N5: LDAPS is enabled before a wanted certificate is Registered";
	for (int ca = 0; ca < world->cas_count; ca++)
		if (trusts(write->file, ca) && !write_covered(write, ca, NULL))
			return "N5: LDAPS is enabled while a trusted authority has no unexpired "
			       "certificate";
	if (write->target->probe.proof.registered == VERDICT_FAIL)
		return "N5: LDAPS is enabled while the probe fails";
	if (write->past->elsewhere != 0 &&
		world->now - write->past->elsewhere < write->seat->directory.reenable_after)
		return "rule 4: LDAPS is enabled again before reenable_after";
	return NULL;
}

static const char *check_disable(const struct write *write)
{
	const struct world *world = write->world;

	if (write->file->client_ldaps != CLIENT_LDAPS_DISABLED)
		return "N6: LDAPS is disabled though the file does not say disabled";
	if (!approved_disable(world, write->seat) &&
		(write->past->disable_wished == 0 ||
			world->now - write->past->disable_wished < write->seat->directory.grace))
		return "N6: LDAPS is disabled before grace is over, and without approval";
	return is_off(write->target) ? "N10: LDAPS is off already" : NULL;
}

/* ---- what is asked from outside ---- */

const char *invariants_write(struct world *world, const struct target *target,
	const struct looking *looking, const struct step *step)
{
	static const char *(*const common[])(const struct write *) = {
		check_view, check_policy, check_turn, check_flight, check_rate};
	static const char *(*const own[STEPS])(const struct write *) = {
		[STEP_REGISTER] = check_register,
		[STEP_DEREGISTER] = write_check_removal,
		[STEP_ENABLE] = check_enable,
		[STEP_DISABLE] = check_disable};
	struct write write = {.world = world,
		.target = target,
		.seat = seat_of(world, target),
		.file = &seat_of(world, target)->set,
		.past = &target->past,
		.looking = looking,
		.step = step,
		.paper = paper_of(world, step->certificate),
		.taken_for = paper_of(world, step->certificate),
		.cuts = step->kind == STEP_DEREGISTER || step->kind == STEP_DISABLE};

	if (step->kind == STEP_DEREGISTER) {
		write.entry = entry_of(target, step->id);
		if (write.entry)
			write.paper = paper_of(world, write.entry->certificate);
	}
	write.trusted = !write.entry || write.entry->state != CERTIFICATE_STATE_REGISTER_FAILED;
	for (size_t i = 0; i < ARRAY_LENGTH(common); i++) {
		const char *broken = common[i](&write);

		if (broken)
			return broken;
	}
	return own[step->kind](&write);
}

const char *invariants_ask(struct world *world, struct target *target)
{
	int64_t gap = world->now - target->past.asked;

	target->past.asked = world->now;
	return gap < 15 ? "N11: two looks at one directory within 15 s" : NULL;
}

const char *invariants_rest(
	const struct world *world, const struct target *target, const struct step *step)
{
	(void)target;
	if (step->kind == STEP_OBSERVE)
		return "rule 0: nothing is decided on a look that was made";
	if (step->until < world->now + 15)
		return "N11: the next look is less than 15 s away";
	if (step->until > world->now + world->interval)
		return "rule 7: the next look is further away than the interval";
	return NULL;
}

const char *invariants_settled(const struct world *world, const struct target *target)
{
	const struct settings *file = &world->seats[target->seat].set;

	if (file->policy == POLICY_OBSERVE || file->absent)
		return NULL;
	for (int i = 0; i < world->papers_count; i++)
		if (is_wanted(world, target, i) && !is_there(world, target, i))
			return "settled though a wanted certificate is not Registered";
	if (file->client_ldaps == CLIENT_LDAPS_ENABLED && is_off(target))
		return "settled though LDAPS is wanted and off";
	if (file->client_ldaps == CLIENT_LDAPS_DISABLED && file->policy == POLICY_SYNC &&
		!is_off(target))
		return "settled though LDAPS is to be off and on";
	return NULL;
}
