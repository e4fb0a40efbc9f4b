/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every reason there is can come about: a case for each, and none without. What a later part of the
 * program brings is listed with what brings it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/array.h"
#include "core/decide.h"
#include "core/guard.h"
#include "core/learn.h"
#include "tests/unit/scene.h"

/* ---- what makes each reason ---- */

static void never_seen(struct scene *scene)
{
	scene->observed.arrived = 0;
}

static void unread(struct scene *scene, enum refusal refusal)
{
	scene->observed.complete = false;
	scene->observed.refusal = refusal;
}

static void unreachable(struct scene *scene)
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

static void disabled(struct scene *scene)
{
	scene_ldaps(scene, LDAPS_STATUS_DISABLED);
}

static void skewed(struct scene *scene)
{
	disabled(scene);
	scene->situation.skew = 301;
}

static void second_missing(struct scene *scene)
{
	scene_trust(scene, SCENE_OTHER);
}

static void ldaps_unwanted(struct scene *scene)
{
	scene->directory.client_ldaps = CLIENT_LDAPS_DISABLED;
	scene->memory.disable_since = SCENE_NOW - 4 * SCENE_DAY;
}

static struct memory_certificate *drop_other(struct scene *scene)
{
	return scene_dropped(scene_own(scene, SCENE_OTHER));
}

static void dropped(struct scene *scene)
{
	drop_other(scene);
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

static void short_wanted(struct scene *scene)
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

static void foreign_match(struct scene *scene)
{
	scene_trust(scene, SCENE_OTHER);
	scene_list(scene, SCENE_OTHER, CERTIFICATE_STATE_REGISTERED);
}

static struct memory_wish *wish_other(struct scene *scene)
{
	scene_trust(scene, SCENE_OTHER);
	return memory_wish_add(&scene->memory, &scene->certificates[SCENE_OTHER]);
}

static void backing_off(struct scene *scene)
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

static void waits_for_certificates(struct scene *scene)
{
	disabled(scene);
	backing_off(scene);
}

static void follows_certificates(struct scene *scene)
{
	disabled(scene);
	second_missing(scene);
}

static void uncovered(struct scene *scene)
{
	disabled(scene);
	short_wanted(scene);
}

static void probe_fails(struct scene *scene)
{
	disabled(scene);
	scene->proof.registered = VERDICT_FAIL;
}

static void disabled_elsewhere(struct scene *scene)
{
	disabled(scene);
	scene->memory.disabled_elsewhere_since = SCENE_NOW - 60;
}

static void enable_failed(struct scene *scene)
{
	scene_ldaps(scene, LDAPS_STATUS_ENABLE_FAILED);
}

static void nothing_trusted(struct scene *scene)
{
	disabled(scene);
	scene_distrust(scene);
}

static void add_only(struct scene *scene)
{
	dropped(scene);
	scene->directory.policy = POLICY_ADD_ONLY;
}

static void observing(struct scene *scene)
{
	dropped(scene);
	scene->directory.policy = POLICY_OBSERVE;
}

static void grace(struct scene *scene)
{
	drop_other(scene)->removable_since = SCENE_NOW - SCENE_DAY;
}

static void last_certificate(struct scene *scene)
{
	scene_distrust(scene);
	scene_dropped(&scene->memory.certificates[0]);
}

static void left_bare(struct scene *scene)
{
	/* the file has another certificate in the authority, which is not registered */
	scene_own(scene, SCENE_OTHER);
	scene_record(&scene->memory.certificates[0], "former");
	scene->generations[0][0] = &scene->certificates[SCENE_SHORT];
	scene_dropped(&scene->memory.certificates[0]);
}

static void path_broken(struct scene *scene)
{
	scene_own(scene, SCENE_ISSUING);
	scene_record(&scene->memory.certificates[0], "former");
	scene->generations[0][0] = &scene->certificates[SCENE_ISSUING];
	scene_dropped(&scene->memory.certificates[0]);
}

static void irreversible(struct scene *scene)
{
	scene_dropped(scene_own(scene, SCENE_SHORT));
}

static void still_needed(struct scene *scene)
{
	dropped(scene);
	scene->removals[0] = (struct proof_removal){
		.certificate = scene->certificates[SCENE_OTHER].sha256, .without = VERDICT_FAIL};
	scene->proof.removals_count = 1;
}

static void awaits_disabled(struct scene *scene)
{
	last_certificate(scene);
	disabled(scene);
	scene->directory.client_ldaps = CLIENT_LDAPS_DISABLED;
	scene->memory.disabled_since = SCENE_NOW - 3600;
}

static void missed(struct scene *scene)
{
	dropped(scene);
	scene->memory.vanished = true;
}

/* LDAPS on with nothing registered, and a failed removal to be tried again. */
static void contradictory(struct scene *scene)
{
	dropped(scene);
	scene->observed.listed[0].state = CERTIFICATE_STATE_DEREGISTER_FAILED;
	for (size_t i = 1; i < scene->observed.listed_count; i++)
		scene->observed.listed[i].state = CERTIFICATE_STATE_REGISTER_FAILED;
}

static void awaits_turn(struct scene *scene)
{
	dropped(scene);
	scene_follow(scene, SCENE_NOW - 3600);
}

static void awaits_first(struct scene *scene)
{
	dropped(scene);
	scene_follow(scene, 0);
}

static void deregister_gave_up(struct scene *scene)
{
	drop_other(scene)->deregister =
		(struct attempt){.failures = ATTEMPT_FAILURES_MAX, .next = ATTEMPT_HELD};
}

static void disable_gave_up(struct scene *scene)
{
	ldaps_unwanted(scene);
	scene->memory.disable =
		(struct attempt){.failures = ATTEMPT_FAILURES_MAX, .next = ATTEMPT_HELD};
}

static void foreign(struct scene *scene)
{
	scene_list(scene, SCENE_OTHER, CERTIFICATE_STATE_REGISTERED);
}

static void adopted(struct scene *scene)
{
	foreign_match(scene);
	assert_int_equal(learn(&scene->situation, &scene->memory), 0);
}

static void not_in_files(struct scene *scene)
{
	scene_record(scene_own(scene, SCENE_OTHER), "corp-root");
}

static void no_root(struct scene *scene)
{
	scene_trust(scene, SCENE_ISSUING);
	scene_own(scene, SCENE_ISSUING);
	memset(&scene->certificates[SCENE_ISSUING].signer, 0x77, sizeof(struct digest));
}

static void successor_missing(struct scene *scene)
{
	scene_trust(scene, SCENE_SHORT);
	scene_own(scene, SCENE_SHORT);
}

static void redundant(struct scene *scene)
{
	struct certificate *next = &scene->certificates[SCENE_OTHER];

	successor_missing(scene);
	*next = scene->certificates[SCENE_SHORT];
	memset(&next->sha256, 0x55, sizeof(next->sha256));
	next->not_after += 3650 * SCENE_DAY;
	scene_own(scene, SCENE_OTHER);
	scene->situation.now += 30 * SCENE_DAY;
}

static void stale(struct scene *scene)
{
	unreachable(scene);
	scene->memory.looked = SCENE_NOW - SCENE_DAY;
}

static void converged(struct scene *scene)
{
	(void)scene;
}

static const struct {
	enum reason reason;
	void (*set)(struct scene *scene);
} cases[] = {
	{REASON_NEVER_SEEN, never_seen},
	{REASON_MISSING, second_missing},
	{REASON_LDAPS_WANTED, disabled},
	{REASON_LDAPS_UNWANTED, ldaps_unwanted},
	{REASON_DROPPED, dropped},
	{REASON_SUPERSEDED, superseded},
	{REASON_OVERLAPPING, overlapping},
	{REASON_AWAITS_PROOF, awaits_proof},
	{REASON_AWAITS_AGE, awaits_age},
	{REASON_AWAITS_EXPIRY, awaits_expiry},
	{REASON_RETIRED_BY_HAND, retired_by_hand},
	{REASON_AWAITS_THRESHOLD, awaits_threshold},
	{REASON_OWN_FAILURE, own_failure},
	{REASON_MAKE_ROOM, full_of_expired},
	{REASON_CONVERGED, converged},
	{REASON_UNREADABLE, unreachable},
	{REASON_THROTTLED, throttled},
	{REASON_ACCESS_DENIED, denied},
	{REASON_CREDENTIALS_INVALID, keys_wrong},
	{REASON_DIRECTORY_MISSING, missing_directory},
	{REASON_NOT_ACTIVE, impaired},
	{REASON_WRONG_KIND, simple},
	{REASON_WRONG_NAME, misnamed},
	{REASON_CLOCK_SKEW, skewed},
	{REASON_IN_FLIGHT, registering},
	{REASON_LDAPS_IN_FLIGHT, enabling},
	{REASON_UNKNOWN_STATE, unknown_state},
	{REASON_UNRESOLVED, unresolved},
	{REASON_STUCK, stuck},
	{REASON_UNDER_DOOR, short_wanted},
	{REASON_EXPIRED, ended_wanted},
	{REASON_NOT_YET_VALID, coming_wanted},
	{REASON_NOT_USABLE, unusable_wanted},
	{REASON_CROSS_CERTIFICATE, cross_wanted},
	{REASON_OTHER_SUBJECT, other_subject},
	{REASON_AMBIGUOUS_ORDER, ambiguous_order},
	{REASON_SHORTER_LIFE, shorter_life},
	{REASON_INDISTINGUISHABLE, twins_wanted},
	{REASON_FOREIGN_MATCH, foreign_match},
	{REASON_BACKING_OFF, backing_off},
	{REASON_REGISTER_FAILED, gave_up},
	{REASON_CONTESTED, contested},
	{REASON_NO_FREE_SLOT, full},
	{REASON_SLOT, full},
	{REASON_FOREIGN_SLOT, full},
	{REASON_WAITS_FOR_CERTIFICATES, waits_for_certificates},
	{REASON_FOLLOWS_CERTIFICATES, follows_certificates},
	{REASON_AUTHORITY_UNCOVERED, uncovered},
	{REASON_AUTHORITY_UNCOVERED, short_wanted},
	{REASON_PROBE_FAILS, probe_fails},
	{REASON_UNPROVEN, disabled},
	{REASON_DISABLED_ELSEWHERE, disabled_elsewhere},
	{REASON_ENABLE_FAILED, enable_failed},
	{REASON_NOTHING_TRUSTED, nothing_trusted},
	{REASON_POLICY, add_only},
	{REASON_OBSERVING, observing},
	{REASON_GRACE, grace},
	{REASON_LAST_CERTIFICATE, last_certificate},
	{REASON_AUTHORITY_LEFT_BARE, left_bare},
	{REASON_PATH_BROKEN, path_broken},
	{REASON_IRREVERSIBLE, irreversible},
	{REASON_STILL_NEEDED, still_needed},
	{REASON_AWAITS_DISABLED, awaits_disabled},
	{REASON_CONTRADICTORY, contradictory},
	{REASON_MISSED, missed},
	{REASON_AWAITS_TURN, awaits_turn},
	{REASON_AWAITS_FIRST, awaits_first},
	{REASON_DEREGISTER_FAILED, deregister_gave_up},
	{REASON_DISABLE_FAILED, disable_gave_up},
	{REASON_FOREIGN, foreign},
	{REASON_ADOPTED, adopted},
	{REASON_REMOVED_ELSEWHERE, removed_once},
	{REASON_NOT_IN_FILES, not_in_files},
	{REASON_NO_ROOT, no_root},
	{REASON_SUCCESSOR_MISSING, successor_missing},
	{REASON_REDUNDANT_EXPIRING, redundant},
	{REASON_STALE, stale},
};

/* Reasons that decide does not tell, and why. */
static const struct {
	enum reason reason;
	const char *why;
} elsewhere[] = {
	{REASON_NOT_OWNED,
		"decide proposes no removal of what is foreign; the guard is tested below"},
};

static void every_case_tells_its_reason(void **state)
{
	struct scene scene;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		scene_init(&scene);
		cases[i].set(&scene);
		if (!scene_tells(&scene, cases[i].reason))
			fail_msg("no %s", reason_str(cases[i].reason));
		scene_done(&scene);
	}
}

/* Else a case would pass whatever it sets. */
static void nothing_is_told_of_a_converged_directory(void **state)
{
	struct decision decision;
	struct scene scene;

	(void)state;
	scene_init(&scene);
	decide(&scene.situation, &decision);
	assert_int_equal(decision.step.kind, STEP_SETTLED);
	assert_int_equal(decision.conditions_count, 0);
	scene_done(&scene);
}

static void every_reason_has_a_case(void **state)
{
	(void)state;
	for (unsigned reason = REASON_NONE + 1; reason < REASONS; reason++) {
		unsigned found = 0;

		for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
			found += cases[i].reason == reason;
		for (size_t i = 0; i < ARRAY_LENGTH(elsewhere); i++)
			found += elsewhere[i].reason == reason;
		if (found == 0)
			fail_msg("no case for %s", reason_str((enum reason)reason));
	}
}

static void the_guard_keeps_what_is_foreign(void **state)
{
	struct step step = {.kind = STEP_DEREGISTER, .id = "c-0000000002"};
	struct condition condition = {0};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	foreign(&scene);
	assert_int_equal(guard_check(&scene.situation, &step, &condition), GUARD_N2);
	assert_int_equal(condition.reason, REASON_NOT_OWNED);
	assert_string_equal(condition.id, "c-0000000002");
	scene_done(&scene);
}

/* What holds a write back names it, and only that. */
static void what_holds_back_names_the_write(void **state)
{
	struct decision decision;
	struct scene scene;

	(void)state;
	scene_init(&scene);
	grace(&scene);
	decide(&scene.situation, &decision);
	assert_int_equal(decision.conditions_count, 2);
	assert_int_equal(decision.conditions[0].reason, REASON_DROPPED);
	assert_int_equal(decision.conditions[0].holds, STEP_OBSERVE);
	assert_int_equal(decision.conditions[1].holds, STEP_DEREGISTER);
	assert_int_equal(decision.conditions[1].reversible_until,
		certificate_reversible_until(&scene.certificates[SCENE_OTHER]));
	scene_done(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_told_of_a_converged_directory),
		cmocka_unit_test(every_case_tells_its_reason),
		cmocka_unit_test(every_reason_has_a_case),
		cmocka_unit_test(the_guard_keeps_what_is_foreign),
		cmocka_unit_test(what_holds_back_names_the_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
