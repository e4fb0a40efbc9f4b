/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/plight.h"

#include <string.h>

#include "base/array.h"

static void never_seen(struct scene *scene)
{
	scene->observed.arrived = 0;
}

static void unread(struct scene *scene, enum refusal refusal)
{
	scene->observed.complete = false;
	scene->observed.refusal = refusal;
}

void plight_unreachable(struct scene *scene)
{
	unread(scene, REFUSAL_NONE);
}

static void throttled(struct scene *scene)
{
	unread(scene, REFUSAL_ThrottlingException);
}

static void denied(struct scene *scene)
{
	unread(scene, REFUSAL_AccessDeniedException);
}

static void keys_wrong(struct scene *scene)
{
	unread(scene, REFUSAL_UnrecognizedClientException);
}

static void keys_foreign(struct scene *scene)
{
	unread(scene, REFUSAL_WrongAccount);
}

static void set_wrong(struct scene *scene)
{
	unread(scene, REFUSAL_WrongSettings);
}

static void missing_directory(struct scene *scene)
{
	unread(scene, REFUSAL_EntityDoesNotExistException);
}

static void impaired(struct scene *scene)
{
	scene->observed.stage = DIRECTORY_STAGE_IMPAIRED;
}

static void simple(struct scene *scene)
{
	scene->observed.type = DIRECTORY_TYPE_SIMPLE_AD;
}

static void misnamed(struct scene *scene)
{
	static char name[] = "lab.example.com";

	scene->directory.name = name;
}

void plight_disabled(struct scene *scene)
{
	scene_ldaps(scene, LDAPS_STATUS_DISABLED);
}

static void skewed(struct scene *scene)
{
	plight_disabled(scene);
	scene->situation.skew = 301;
}

void plight_second_missing(struct scene *scene)
{
	scene_trust(scene, SCENE_OTHER);
}

void plight_ldaps_unwanted(struct scene *scene)
{
	scene->directory.client_ldaps = CLIENT_LDAPS_DISABLED;
	scene->memory.disable_since = SCENE_NOW - 4 * SCENE_DAY;
}

struct memory_certificate *plight_drop_other(struct scene *scene)
{
	return scene_dropped(scene_own(scene, SCENE_OTHER));
}

void plight_dropped(struct scene *scene)
{
	plight_drop_other(scene);
}

static void own_failure(struct scene *scene)
{
	scene_own(scene, SCENE_OTHER);
	scene_trust(scene, SCENE_OTHER);
	scene->observed.listed[1].state = CERTIFICATE_STATE_REGISTER_FAILED;
}

static void full_of_expired(struct scene *scene)
{
	scene->directory.certificate_limit = 2;
	scene_own(scene, SCENE_ENDED);
	scene_trust(scene, SCENE_ENDED);
	scene_trust(scene, SCENE_OTHER);
}

static void full(struct scene *scene)
{
	scene->directory.certificate_limit = 2;
	scene_list(scene, SCENE_SHORT, CERTIFICATE_STATE_REGISTERED);
	scene_trust(scene, SCENE_OTHER);
}

static void registering(struct scene *scene)
{
	scene->observed.listed[0].state = CERTIFICATE_STATE_REGISTERING;
	scene->memory.busy_since = SCENE_NOW - 60;
}

static void stuck(struct scene *scene)
{
	registering(scene);
	scene->memory.busy_since = SCENE_NOW - 3600;
}

static void enabling(struct scene *scene)
{
	scene_ldaps(scene, LDAPS_STATUS_ENABLING);
}

static void unknown_state(struct scene *scene)
{
	scene_ldaps(scene, LDAPS_STATUS_UNKNOWN);
}

static void unresolved(struct scene *scene)
{
	scene->memory.change = (struct memory_change){
		.phase = CHANGE_INTENDED, .kind = STEP_DISABLE, .since = SCENE_NOW - 60};
}

static void unlisted(struct scene *scene)
{
	scene_trust(scene, SCENE_OTHER);
	scene->memory.change = (struct memory_change){.phase = CHANGE_ACCEPTED,
		.kind = STEP_REGISTER,
		.certificate = &scene->certificates[SCENE_OTHER],
		.id = "c-9a67e9f2aa",
		.since = SCENE_NOW - 60};
}

void plight_short_wanted(struct scene *scene)
{
	scene_trust(scene, SCENE_SHORT);
}

static void ended_wanted(struct scene *scene)
{
	scene_trust(scene, SCENE_ENDED);
}

static void coming_wanted(struct scene *scene)
{
	scene_trust(scene, SCENE_COMING);
}

/* The root and a generation after it, Registered for so long. */
static struct memory_certificate *succeed(struct scene *scene, int64_t seconds)
{
	scene_succeed(scene)->registered_at = SCENE_NOW - seconds;
	return &scene->memory.certificates[0];
}

static void superseded(struct scene *scene)
{
	succeed(scene, 2 * SCENE_DAY);
	scene->directory.approvals = scene->approvals;
	scene->approvals[0].certificate = scene->certificates[SCENE_ROOT].sha256;
	scene->directory.approvals_count = 1;
}

static void overlapping(struct scene *scene)
{
	succeed(scene, SCENE_DAY - 1);
}

static void awaits_proof(struct scene *scene)
{
	succeed(scene, SCENE_DAY);
}

static void awaits_age(struct scene *scene)
{
	struct memory_certificate *owned = succeed(scene, 2 * SCENE_DAY);

	scene->authorities[0].rotation.retire = RETIRE_AFTER;
	scene->authorities[0].rotation.retire_after = 400 * SCENE_DAY;
	owned->leaving = LEAVING_SUPERSEDED;
	owned->removable_since = SCENE_NOW - 399 * SCENE_DAY;
}

static void awaits_expiry(struct scene *scene)
{
	succeed(scene, 2 * SCENE_DAY);
	scene->authorities[0].rotation.retire = RETIRE_AT_EXPIRY;
}

static void retired_by_hand(struct scene *scene)
{
	succeed(scene, 2 * SCENE_DAY);
	scene->authorities[0].rotation.retire = RETIRE_MANUAL;
}

static void awaits_threshold(struct scene *scene)
{
	scene_generation(scene);
	scene->certificates[SCENE_OTHER].key = scene->certificates[SCENE_ROOT].key;
	scene->authorities[0].rotation.register_at_threshold = true;
	scene->authorities[0].rotation.rotate_before = 120 * SCENE_DAY;
}

static void cross_wanted(struct scene *scene)
{
	scene_trust(scene, SCENE_CROSS);
}

static void unusable_wanted(struct scene *scene)
{
	scene_trust(scene, SCENE_OTHER);
	scene->certificates[SCENE_OTHER].pss = true;
}

/* A later one joins the root in its authority. */
static struct certificate *joined(struct scene *scene, int number)
{
	struct certificate *certificate = &scene->certificates[number];

	scene->generations[0][1] = certificate;
	scene->authorities[0].count = 2;
	certificate->subject = scene->certificates[SCENE_ROOT].subject;
	return certificate;
}

/* One with 60 days left comes before the root in its authority. */
static void out_of_reach(struct scene *scene)
{
	struct certificate *certificate = &scene->certificates[SCENE_SHORT];

	certificate->subject = scene->certificates[SCENE_ROOT].subject;
	certificate->not_before = scene->certificates[SCENE_ROOT].not_before;
	scene->generations[0][0] = certificate;
	scene->generations[0][1] = &scene->certificates[SCENE_ROOT];
	scene->authorities[0].count = 2;
}

static void other_subject(struct scene *scene)
{
	joined(scene, SCENE_OTHER)->subject.bytes[0] ^= 1;
}

static void ambiguous_order(struct scene *scene)
{
	joined(scene, SCENE_OTHER)->not_before += SCENE_DAY;
}

static void shorter_life(struct scene *scene)
{
	struct certificate *certificate = joined(scene, SCENE_OTHER);

	certificate->not_before += SCENE_DAY;
	certificate->not_after -= SCENE_DAY;
}

static void twins_wanted(struct scene *scene)
{
	scene_trust(scene, SCENE_OTHER);
	scene_trust(scene, SCENE_TWIN);
}

void plight_foreign_match(struct scene *scene)
{
	scene_trust(scene, SCENE_OTHER);
	scene_list(scene, SCENE_OTHER, CERTIFICATE_STATE_REGISTERED);
}

/* Two slots, both taken by generations of the root, and another one is wanted. */
static void full_of_generations(struct scene *scene)
{
	(void)scene_succeed(scene);
	scene_trust(scene, SCENE_ISSUING);
	scene->directory.certificate_limit = 2;
}

static struct memory_wish *wish_other(struct scene *scene)
{
	scene_trust(scene, SCENE_OTHER);
	return memory_wish_add(&scene->memory, &scene->certificates[SCENE_OTHER]);
}

void plight_backing_off(struct scene *scene)
{
	wish_other(scene)->registration = (struct attempt){.failures = 1, .next = SCENE_NOW + 3600};
}

static void gave_up(struct scene *scene)
{
	wish_other(scene)->registration =
		(struct attempt){.failures = ATTEMPT_FAILURES_MAX, .next = ATTEMPT_HELD};
}

static void removed_once(struct scene *scene)
{
	wish_other(scene)->contest = (struct contest){.count = 1, .since = SCENE_NOW - 60};
}

static void contested(struct scene *scene)
{
	wish_other(scene)->contest =
		(struct contest){.count = CONTEST_MAX + 1, .since = SCENE_NOW - 60};
}

static const struct plight table[] = {
	{REASON_NEVER_SEEN, never_seen},
	{REASON_MISSING, plight_second_missing},
	{REASON_LDAPS_WANTED, plight_disabled},
	{REASON_LDAPS_UNWANTED, plight_ldaps_unwanted},
	{REASON_DROPPED, plight_dropped},
	{REASON_SUPERSEDED, superseded},
	{REASON_OVERLAPPING, overlapping},
	{REASON_AWAITS_PROOF, awaits_proof},
	{REASON_AWAITS_AGE, awaits_age},
	{REASON_AWAITS_EXPIRY, awaits_expiry},
	{REASON_RETIRED_BY_HAND, retired_by_hand},
	{REASON_AWAITS_THRESHOLD, awaits_threshold},
	{REASON_OUT_OF_REACH, out_of_reach},
	{REASON_OWN_FAILURE, own_failure},
	{REASON_MAKE_ROOM, full_of_expired},
	{REASON_UNREADABLE, plight_unreachable},
	{REASON_THROTTLED, throttled},
	{REASON_ACCESS_DENIED, denied},
	{REASON_CREDENTIALS_INVALID, keys_wrong},
	{REASON_WRONG_ACCOUNT, keys_foreign},
	{REASON_WRONG_SETTINGS, set_wrong},
	{REASON_DIRECTORY_MISSING, missing_directory},
	{REASON_NOT_ACTIVE, impaired},
	{REASON_WRONG_KIND, simple},
	{REASON_WRONG_NAME, misnamed},
	{REASON_CLOCK_SKEW, skewed},
	{REASON_IN_FLIGHT, registering},
	{REASON_LDAPS_IN_FLIGHT, enabling},
	{REASON_UNKNOWN_STATE, unknown_state},
	{REASON_UNRESOLVED, unresolved},
	{REASON_UNLISTED, unlisted},
	{REASON_STUCK, stuck},
	{REASON_UNDER_DOOR, plight_short_wanted},
	{REASON_EXPIRED, ended_wanted},
	{REASON_NOT_YET_VALID, coming_wanted},
	{REASON_NOT_USABLE, unusable_wanted},
	{REASON_CROSS_CERTIFICATE, cross_wanted},
	{REASON_OTHER_SUBJECT, other_subject},
	{REASON_AMBIGUOUS_ORDER, ambiguous_order},
	{REASON_SHORTER_LIFE, shorter_life},
	{REASON_INDISTINGUISHABLE, twins_wanted},
	{REASON_FOREIGN_MATCH, plight_foreign_match},
	{REASON_BACKING_OFF, plight_backing_off},
	{REASON_REGISTER_FAILED, gave_up},
	{REASON_CONTESTED, contested},
	{REASON_NO_FREE_SLOT, full},
	{REASON_SLOT, full},
	{REASON_SUPERSEDED_SLOT, full_of_generations},
	{REASON_FOREIGN_SLOT, full},
	{REASON_AUTHORITY_UNCOVERED, plight_short_wanted},
	{REASON_UNPROVEN, plight_disabled},
	{REASON_REMOVED_ELSEWHERE, removed_once},
};

const struct plight *plights(size_t *ret_count)
{
	*ret_count = ARRAY_LENGTH(table);
	return table;
}
