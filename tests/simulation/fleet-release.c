/* SPDX-License-Identifier: Apache-2.0 */
#include "fleet-release.h"

#include "base/array.h"
#include "fleet-authority.h"
#include "fleet-controller.h"
#include "fleet-facts.h"

/* Slots in which nothing is ever missing. */
#define SLOTS_PLENTY 40

static struct seat *seat_at(const struct world *world, const struct target *target)
{
	return (struct seat *)(uintptr_t)&world->seats[target->seat];
}

/* ---- facts ---- */

static bool by_policy(const struct world *world, const struct target *target)
{
	return seat_at(world, target)->set.policy != POLICY_SYNC;
}

static bool by_no_trust(const struct world *world, const struct target *target)
{
	const struct settings *file = &seat_at(world, target)->set;

	return file->trusts == 0 && file->client_ldaps == CLIENT_LDAPS_ENABLED;
}

static bool by_foreign_entry(const struct world *world, const struct target *target)
{
	const struct settings *file = &seat_at(world, target)->set;

	for (size_t i = 0; i < target->model.count; i++) {
		const struct model_certificate *entry = &target->model.certificates[i];
		int paper = paper_of(world, entry->certificate);

		if (ldaps_type(entry) && !memory_find(&target->memory, entry->id) &&
			(listed_in(world, file, paper) || has_twin(world, file, paper)))
			return true;
	}
	return false;
}

static bool by_slots(const struct world *world, const struct target *target)
{
	unsigned taken = 0;

	for (size_t i = 0; i < target->model.count; i++)
		taken += ldaps_type(&target->model.certificates[i]);
	return taken >= world->options.ldaps_limit ||
	       taken >= seat_at(world, target)->directory.certificate_limit;
}

/* Answers of the service that can hold something for ever. */
static const enum model_point stubborn[] = {MODEL_POINT_DUPLICATE, MODEL_POINT_DUPLICATE_TYPE,
	MODEL_POINT_FAILED_DUPLICATE, MODEL_POINT_PARTIAL_CHAIN, MODEL_POINT_DEREGISTER_ENABLED,
	MODEL_POINT_FAILED_SLOT, MODEL_POINT_DEREGISTERED_SLOT, MODEL_POINT_NINETY_DAYS};

/* The service answers as only some services may, or dislikes a certificate, or did once too often.
 */
static bool by_service(const struct world *world, const struct target *target)
{
	bool is = by_slots(world, target) || target->memory.full_mark != 0;

	for (size_t i = 0; i < ARRAY_LENGTH(stubborn); i++)
		is |= world->options.points[stubborn[i]] != 0;
	for (int i = 0; i < world->papers_count; i++)
		is |= world->papers[i].cursed;
	for (size_t i = 0; i < target->memory.wishes_count; i++)
		is |= target->memory.wishes[i].registration.next == ATTEMPT_HELD;
	return is;
}

static bool by_failures(const struct world *world, const struct target *target)
{
	bool is = target->memory.enable.failures >= ATTEMPT_FAILURES_MAX ||
		  target->memory.disable.failures >= ATTEMPT_FAILURES_MAX;

	for (size_t i = 0; i < target->model.count; i++)
		is |= target->model.certificates[i].state == CERTIFICATE_STATE_DEREGISTER_FAILED;
	return is || by_service(world, target);
}

static bool by_controllers(const struct world *world, const struct target *target)
{
	const struct seat *seat = seat_at(world, target);
	struct set set, less;

	set_of(world, target, "", &set);
	for (size_t i = 0; i < seat->controllers_count; i++) {
		if (!seat->controllers[i].there)
			continue;
		if (!controller_verifies(world, &seat->controllers[i], &set))
			return true;
		for (size_t j = 0; j < target->model.count; j++) {
			set_of(world, target, target->model.certificates[j].id, &less);
			if (!controller_verifies(world, &seat->controllers[i], &less))
				return true;
		}
	}
	return false;
}

/* Not two Registered certificates live on. */
static bool by_loneliness(const struct world *world, const struct target *target)
{
	int live = 0;

	for (size_t i = 0; i < target->model.count; i++)
		live += registered(&target->model.certificates[i]) &&
			paper_left(
				world, paper_of(world, target->model.certificates[i].certificate)) >
				DAYS(7);
	return live < 2;
}

/* A certificate of ours is left that its file or a later one has left behind. */
static bool by_keeping(const struct world *world, const struct target *target)
{
	(void)world;
	return target->memory.certificates_count > 0;
}

static bool by_wrong_file(const struct world *world, const struct target *target)
{
	for (int i = 0; i < world->papers_count; i++)
		if (world->papers[i].kind != PAPER_GENERATION &&
			listed_in(world, &seat_at(world, target)->set, i))
			return true;
	return false;
}

static bool by_another(const struct world *world, const struct target *target)
{
	for (size_t i = 0; i < world->rollouts.count; i++)
		if (world->rollouts.rollouts[i].directory[0] != '\0' &&
			!rollout_led_by(&world->rollouts.rollouts[i], &target->place))
			return true;
	return false;
}

/* A trusted CA has nothing Registered that lives. */
static bool by_bareness(const struct world *world, const struct target *target)
{
	const struct settings *file = &seat_at(world, target)->set;

	for (int ca = 0; ca < world->cas_count; ca++) {
		bool covered = !trusts(file, ca);

		for (size_t i = 0; i < target->model.count; i++) {
			const struct model_certificate *entry = &target->model.certificates[i];
			int paper = paper_of(world, entry->certificate);

			covered |= registered(entry) && world->papers[paper].ca == ca &&
				   paper_left(world, paper) > 0;
		}
		if (!covered)
			return true;
	}
	return false;
}

/* ---- taking them away ---- */

static void write_file(struct world *world, const struct target *target)
{
	struct seat *seat = seat_at(world, target);

	seat_write(world, seat);
	seat_wake(world, seat);
}

static void take_policy(struct world *world, struct target *target)
{
	seat_at(world, target)->set.policy = POLICY_SYNC;
	write_file(world, target);
}

static void take_no_trust(struct world *world, struct target *target)
{
	seat_at(world, target)->set.client_ldaps = CLIENT_LDAPS_UNMANAGED;
	write_file(world, target);
}

static void drop_entry(struct target *target, size_t index)
{
	struct model_directory *model = &target->model;

	memmove(&model->certificates[index], &model->certificates[index + 1],
		(model->count - index - 1) * sizeof(model->certificates[0]));
	model->count--;
}

static void take_foreign_entries(struct world *world, struct target *target)
{
	for (size_t i = target->model.count; i-- > 0;)
		if (ldaps_type(&target->model.certificates[i]) &&
			!memory_find(&target->memory, target->model.certificates[i].id))
			drop_entry(target, i);
	target_changed(world, target);
}

/* AWS raises the quota, and the file says so. */
static void take_slots(struct world *world, struct target *target)
{
	world->options.ldaps_limit = SLOTS_PLENTY;
	seat_at(world, target)->directory.certificate_limit = SLOTS_PLENTY;
	write_file(world, target);
}

/* The service gives way, and an operator edits the file, as the manual says. */
static void take_service(struct world *world, struct target *target)
{
	for (size_t i = 0; i < ARRAY_LENGTH(stubborn); i++)
		world->options.points[stubborn[i]] = 0;
	for (int i = 0; i < world->papers_count; i++)
		world->papers[i].cursed = false;
	seat_at(world, target)->directory.reenable_after++;
	take_slots(world, target);
}

/* Others get rid of what the service could not deregister. */
static void take_failures(struct world *world, struct target *target)
{
	for (size_t i = target->model.count; i-- > 0;)
		if (target->model.certificates[i].state == CERTIFICATE_STATE_DEREGISTER_FAILED)
			drop_entry(target, i);
	target_changed(world, target);
	take_service(world, target);
}

static void take_controllers(struct world *world, struct target *target)
{
	struct seat *seat = seat_at(world, target);

	for (size_t i = 0; i < seat->controllers_count; i++)
		seat->controllers[i].there = false;
	seat->epoch++;
	seat_wake(world, seat);
}

/* Others register one that lives, in a slot of its own. */
static void take_loneliness(struct world *world, struct target *target)
{
	struct model_options quick = world->options;
	int paper = authority_issue(world, -1, PAPER_FOREIGN, true, world->now + YEARS(5));

	quick.ldaps_limit = SLOTS_PLENTY;
	quick.register_delay = 0;
	if (paper >= 0)
		(void)model_register(&target->model, &quick, certificate_of(world, paper),
			CERTIFICATE_TYPE_CLIENT_LDAPS, world->now, NULL);
	(void)model_advance(&target->model, &quick, world->now);
	target_changed(world, target);
}

/* Whatever is owned may go. */
static void take_keeping(struct world *world, struct target *target)
{
	struct seat *seat = seat_at(world, target);

	seat->approvals_count = 0;
	for (size_t i = 0; i < target->memory.certificates_count; i++)
		if (seat->approvals_count < SEAT_APPROVALS_MAX)
			seat->approvals[seat->approvals_count++] = (struct approval){
				.certificate = target->memory.certificates[i].certificate->sha256};
	write_file(world, target);
}

static void take_wrong_files(struct world *world, struct target *target)
{
	for (int i = 0; i < world->papers_count; i++)
		if (world->papers[i].kind != PAPER_GENERATION &&
			listed_in(world, &seat_at(world, target)->set, i))
			(void)authority_file(world, i, false);
}

/* All others leave the file, also its replicas: nobody else went first. */
static void take_others(struct world *world, struct target *target)
{
	for (size_t i = 0; i < world->seats_count; i++)
		if (i != target->seat)
			world->seats[i].set.absent = true;
	for (size_t i = 0; i < world->targets_count; i++)
		if (&world->targets[i] != target)
			world->targets[i].there = false;
	write_file(world, target);
}

/* The file asks for no LDAPS where a CA has come to its end. */
static void take_bareness(struct world *world, struct target *target)
{
	take_no_trust(world, target);
}

/* ---- the table ---- */

static const struct {
	enum reason reason;
	bool (*is)(const struct world *world, const struct target *target);
	void (*take)(struct world *world, struct target *target);
	const char *fact;
} facts[] = {
	{REASON_OBSERVING, by_policy, take_policy, "the policy"},
	{REASON_POLICY, by_policy, take_policy, "the policy"},
	{REASON_NOTHING_TRUSTED, by_no_trust, take_no_trust,
		"LDAPS is wanted with nothing trusted"},
	{REASON_FOREIGN_MATCH, by_foreign_entry, take_foreign_entries,
		"an entry that looks like a certificate of the file"},
	{REASON_NO_FREE_SLOT, by_service, take_service,
		"all slots are taken, or the service says so"},
	{REASON_REGISTER_FAILED, by_service, take_service, "the service dislikes a certificate"},
	{REASON_BACKING_OFF, by_service, take_service, "the service refuses for ever"},
	{REASON_DEREGISTER_FAILED, by_failures, take_failures, "an entry that is DeregisterFailed"},
	{REASON_ENABLE_FAILED, by_failures, take_service, "the service failed too often"},
	{REASON_DISABLE_FAILED, by_failures, take_service, "the service failed too often"},
	{REASON_PROBE_FAILS, by_controllers, take_controllers, "a controller does not verify"},
	{REASON_STILL_NEEDED, by_controllers, take_controllers, "a controller needs it"},
	{REASON_LAST_CERTIFICATE, by_loneliness, take_loneliness, "no other one lives"},
	{REASON_CONTRADICTORY, by_loneliness, take_loneliness,
		"LDAPS is on with nothing Registered"},
	{REASON_AUTHORITY_LEFT_BARE, by_keeping, take_keeping, "its CA has no other one"},
	{REASON_PATH_BROKEN, by_keeping, take_keeping, "a path runs through it"},
	{REASON_IRREVERSIBLE, by_keeping, take_keeping, "it could not be taken back"},
	{REASON_OTHER_SUBJECT, by_wrong_file, take_wrong_files, "a wrong successor in the file"},
	{REASON_SHORTER_LIFE, by_wrong_file, take_wrong_files, "a wrong successor in the file"},
	{REASON_AMBIGUOUS_ORDER, by_wrong_file, take_wrong_files, "a twin in the file"},
	{REASON_INDISTINGUISHABLE, by_wrong_file, take_wrong_files, "a twin in the file"},
	{REASON_AWAITS_FIRST, by_another, take_others,
		"another directory went first and is not Ready"},
	{REASON_AUTHORITY_UNCOVERED, by_bareness, take_bareness,
		"a trusted CA has come to its end"},
};

const char *release_fact(const struct world *world, const struct target *target, enum reason reason)
{
	for (size_t i = 0; i < ARRAY_LENGTH(facts); i++)
		if (facts[i].reason == reason)
			return facts[i].is(world, target) ? facts[i].fact : NULL;
	return NULL;
}

void release_take(struct world *world, struct target *target, enum reason reason)
{
	for (size_t i = 0; i < ARRAY_LENGTH(facts); i++)
		if (facts[i].reason == reason)
			facts[i].take(world, target);
}

bool release_by_itself(enum reason reason)
{
	switch (reason) {
	case REASON_GRACE:
	case REASON_AWAITS_DISABLED:
	case REASON_AWAITS_TURN:
	case REASON_IN_FLIGHT:
	case REASON_MISSED:
		return true;
	default:
		return false;
	}
}
