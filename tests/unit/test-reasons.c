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
#include "tests/unit/plight.h"

/* ---- what makes each reason ---- */

static void waits_for_certificates(struct scene *scene)
{
	plight_disabled(scene);
	plight_backing_off(scene);
}

static void follows_certificates(struct scene *scene)
{
	plight_disabled(scene);
	plight_second_missing(scene);
}

static void uncovered(struct scene *scene)
{
	plight_disabled(scene);
	plight_short_wanted(scene);
}

static void probe_fails(struct scene *scene)
{
	plight_disabled(scene);
	scene->proof.registered = VERDICT_FAIL;
}

static void disabled_elsewhere(struct scene *scene)
{
	plight_disabled(scene);
	scene->memory.disabled_elsewhere_since = SCENE_NOW - 60;
}

static void enable_failed(struct scene *scene)
{
	scene_ldaps(scene, LDAPS_STATUS_ENABLE_FAILED);
}

static void nothing_trusted(struct scene *scene)
{
	plight_disabled(scene);
	scene_distrust(scene);
}

static void add_only(struct scene *scene)
{
	plight_dropped(scene);
	scene->directory.policy = POLICY_ADD_ONLY;
}

/* What picked the directory of a scene. */
static char place[] = "ldapsward.yaml:41", places[] = "ldapsward.yaml:41 and ldapsward.yaml:52",
	    former[] = "former.example.com";
static const struct selector picker = {.place = place};

static void renamed(struct scene *scene)
{
	scene->directory.selector = &picker;
	scene->directory.name = former;
}

static void selected_twice(struct scene *scene)
{
	scene->directory.contested = places;
}

static void unconfirmed(struct scene *scene)
{
	scene->directory.selector = &picker;
	scene->situation.unconfirmed = true;
}

static void not_covered(struct scene *scene)
{
	assert_int_equal(observed_take_regions(&scene->observed, "eu-west-1 eu-north-1"), 0);
}

static void observing(struct scene *scene)
{
	plight_dropped(scene);
	scene->directory.policy = POLICY_OBSERVE;
}

static void grace(struct scene *scene)
{
	plight_drop_other(scene)->removable_since = SCENE_NOW - SCENE_DAY;
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
	plight_dropped(scene);
	scene->removals[0] = (struct proof_removal){
		.certificate = scene->certificates[SCENE_OTHER].sha256, .without = VERDICT_FAIL};
	scene->proof.removals_count = 1;
}

static void awaits_disabled(struct scene *scene)
{
	last_certificate(scene);
	plight_disabled(scene);
	scene->directory.client_ldaps = CLIENT_LDAPS_DISABLED;
	scene->memory.disabled_since = SCENE_NOW - 3600;
}

static void missed(struct scene *scene)
{
	plight_dropped(scene);
	scene->memory.vanished = true;
}

/* LDAPS on with nothing registered, and a failed removal to be tried again. */
static void contradictory(struct scene *scene)
{
	plight_dropped(scene);
	scene->observed.listed[0].state = CERTIFICATE_STATE_DEREGISTER_FAILED;
	for (size_t i = 1; i < scene->observed.listed_count; i++)
		scene->observed.listed[i].state = CERTIFICATE_STATE_REGISTER_FAILED;
}

static void awaits_turn(struct scene *scene)
{
	plight_dropped(scene);
	scene_follow(scene, SCENE_NOW - 3600);
}

static void awaits_first(struct scene *scene)
{
	plight_dropped(scene);
	scene_follow(scene, 0);
}

static void deregister_gave_up(struct scene *scene)
{
	plight_drop_other(scene)->deregister =
		(struct attempt){.failures = ATTEMPT_FAILURES_MAX, .next = ATTEMPT_HELD};
}

static void disable_gave_up(struct scene *scene)
{
	plight_ldaps_unwanted(scene);
	scene->memory.disable =
		(struct attempt){.failures = ATTEMPT_FAILURES_MAX, .next = ATTEMPT_HELD};
}

static void foreign(struct scene *scene)
{
	scene_list(scene, SCENE_OTHER, CERTIFICATE_STATE_REGISTERED);
}

static void adopted(struct scene *scene)
{
	plight_foreign_match(scene);
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
	plight_unreachable(scene);
	scene->memory.looked = SCENE_NOW - SCENE_DAY;
}

static void converged(struct scene *scene)
{
	(void)scene;
}

/* Beside those of tests/unit/plight.c. */
static const struct plight cases[] = {
	{REASON_CONVERGED, converged},
	{REASON_WAITS_FOR_CERTIFICATES, waits_for_certificates},
	{REASON_FOLLOWS_CERTIFICATES, follows_certificates},
	{REASON_AUTHORITY_UNCOVERED, uncovered},
	{REASON_PROBE_FAILS, probe_fails},
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
	{REASON_NOT_IN_FILES, not_in_files},
	{REASON_NO_ROOT, no_root},
	{REASON_SUCCESSOR_MISSING, successor_missing},
	{REASON_REDUNDANT_EXPIRING, redundant},
	{REASON_STALE, stale},
	{REASON_RENAMED, renamed},
	{REASON_SELECTED_TWICE, selected_twice},
	{REASON_UNCONFIRMED, unconfirmed},
	{REASON_REGION_NOT_COVERED, not_covered},
};

/* Reasons that decide does not tell, and why. */
static const struct {
	enum reason reason;
	const char *why;
} elsewhere[] = {
	{REASON_NOT_OWNED,
		"decide proposes no removal of what is foreign; the guard is tested below"},
	{REASON_DESELECTED,
		"nobody decides on what is not selected any more; program/state tells it"},
};

/* The n-th case of both tables; NULL after the last. */
static const struct plight *case_at(size_t index)
{
	size_t count;
	const struct plight *first = plights(&count);

	if (index < count)
		return &first[index];
	return index - count < ARRAY_LENGTH(cases) ? &cases[index - count] : NULL;
}

static void every_case_tells_its_reason(void **state)
{
	const struct plight *plight;
	struct scene scene;

	(void)state;
	for (size_t i = 0; (plight = case_at(i)); i++) {
		scene_init(&scene);
		plight->set(&scene);
		if (!scene_tells(&scene, plight->reason))
			fail_msg("no %s", reason_str(plight->reason));
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

		for (size_t i = 0; case_at(i); i++)
			found += case_at(i)->reason == reason;
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
