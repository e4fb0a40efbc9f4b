/* SPDX-License-Identifier: Apache-2.0 */
/* What is worth telling although no rule acts on it, and when the next of it begins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/array.h"
#include "core/notices.h"
#include "tests/unit/scene.h"

/* How often the notices of the scene tell `reason`; when the next begins in *ret_next. */
static size_t told(const struct scene *scene, enum reason reason, int64_t *ret_next)
{
	struct decision decision = {0};
	size_t count = 0;
	int64_t next = notices_tell(&scene->situation, &decision);

	for (size_t i = 0; i < decision.conditions_count; i++)
		count += decision.conditions[i].reason == reason;
	if (ret_next)
		*ret_next = next;
	return count;
}

static void the_next_alarm_is_told(void **state)
{
	struct scene scene;
	int64_t end, next;

	(void)state;
	scene_init(&scene);
	end = scene.certificates[SCENE_ROOT].not_after;
	scene.situation.now = end - 90 * SCENE_DAY - 1;
	assert_int_equal(told(&scene, REASON_SUCCESSOR_MISSING, &next), 1);
	assert_int_equal(next, end - 90 * SCENE_DAY);
	scene_done(&scene);
}

static void foreign_entries_are_told(void **state)
{
	static const struct {
		enum certificate_type type;
		enum certificate_state state;
		size_t told;
		const char *why;
	} cases[] = {
		{CERTIFICATE_TYPE_CLIENT_LDAPS, CERTIFICATE_STATE_REGISTERED, 1, "others' CA"},
		{CERTIFICATE_TYPE_CLIENT_LDAPS, CERTIFICATE_STATE_REGISTER_FAILED, 1,
			"others' failure"},
		{CERTIFICATE_TYPE_CLIENT_LDAPS, CERTIFICATE_STATE_DEREGISTERED, 0, "it is gone"},
		{CERTIFICATE_TYPE_CLIENT_CERT_AUTH, CERTIFICATE_STATE_REGISTERED, 0,
			"smart cards are none of our business"},
		{CERTIFICATE_TYPE_UNKNOWN, CERTIFICATE_STATE_REGISTERED, 1,
			"a type we do not know is foreign"},
	};
	struct scene scene;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		scene_init(&scene);
		scene_list(&scene, SCENE_OTHER, cases[i].state)->type = cases[i].type;
		if (told(&scene, REASON_FOREIGN, NULL) != cases[i].told)
			fail_msg("%s", cases[i].why);
		scene_done(&scene);
	}
}

static void an_entry_that_was_told_as_a_slot_is_not_told_twice(void **state)
{
	struct decision decision = {0};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene_list(&scene, SCENE_OTHER, CERTIFICATE_STATE_REGISTERED);
	decision_tell(&decision,
		&(struct condition){.reason = REASON_FOREIGN_SLOT, .id = "c-0000000002"});
	notices_tell(&scene.situation, &decision);
	assert_int_equal(decision.conditions_count, 1);
	scene_done(&scene);
}

static void adoption_is_told_by_the_look_that_adopts(void **state)
{
	struct memory_certificate *owned;
	struct scene scene;

	(void)state;
	scene_init(&scene);
	owned = &scene.memory.certificates[0];
	owned->registered_at = SCENE_NOW;
	assert_int_equal(told(&scene, REASON_ADOPTED, NULL), 0);
	owned->origin = ORIGIN_ADOPTED;
	assert_int_equal(told(&scene, REASON_ADOPTED, NULL), 1);
	scene.situation.now++;
	assert_int_equal(told(&scene, REASON_ADOPTED, NULL), 0);
	scene_done(&scene);
}

static void an_authority_that_nothing_vouches_for_is_told_while_ldaps_is_on(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene_trust(&scene, SCENE_SHORT);
	assert_int_equal(told(&scene, REASON_AUTHORITY_UNCOVERED, NULL), 1);
	scene_ldaps(&scene, LDAPS_STATUS_DISABLED);
	assert_int_equal(told(&scene, REASON_AUTHORITY_UNCOVERED, NULL), 0);
	scene_done(&scene);

	/* what can be registered will be: no alarm before */
	scene_init(&scene);
	scene_trust(&scene, SCENE_OTHER);
	assert_int_equal(told(&scene, REASON_AUTHORITY_UNCOVERED, NULL), 0);
	scene.directory.policy = POLICY_OBSERVE; /* but not under observe */
	assert_int_equal(told(&scene, REASON_AUTHORITY_UNCOVERED, NULL), 1);
	scene_done(&scene);
}

static void a_path_ends_in_a_root_that_is_there(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene_trust(&scene, SCENE_ISSUING);
	scene_own(&scene, SCENE_ISSUING);
	assert_int_equal(told(&scene, REASON_NO_ROOT, NULL), 0);
	/* neither trusted nor listed */
	scene.generations[0][0] = &scene.certificates[SCENE_OTHER];
	memory_remove(&scene.memory, scene_id(SCENE_ROOT));
	assert_int_equal(told(&scene, REASON_NO_ROOT, NULL), 1);
	scene_done(&scene);
}

/* A directory of a hundred slots has more to tell than fits: notes give way, in their order. */
static void alarms_are_not_crowded_out(void **state)
{
	static const struct condition alarm = {.reason = REASON_SUCCESSOR_MISSING, .level = 30};
	static struct decision decision;
	struct condition *conditions = decision.conditions;

	(void)state;
	decision_tell(&decision, &(struct condition){.reason = REASON_NO_FREE_SLOT});
	for (int64_t i = 1; i < 2 * DECISION_CONDITIONS_MAX; i++)
		decision_tell(
			&decision, &(struct condition){.reason = REASON_FOREIGN_SLOT, .number = i});
	decision_tell(&decision, &alarm);
	assert_int_equal(decision.conditions_count, DECISION_CONDITIONS_MAX);
	assert_int_equal(conditions[0].reason, REASON_NO_FREE_SLOT);
	assert_int_equal(conditions[1].number, 1);
	assert_int_equal(
		conditions[DECISION_CONDITIONS_MAX - 2].number, DECISION_CONDITIONS_MAX - 2);
	assert_int_equal(conditions[DECISION_CONDITIONS_MAX - 1].reason, alarm.reason);
	for (int i = 1; i < DECISION_CONDITIONS_MAX; i++)
		decision_tell(&decision, &alarm);
	assert_int_equal(conditions[0].reason, REASON_NO_FREE_SLOT);
	assert_int_equal(conditions[1].level, 30);
	assert_int_equal(decision.conditions_count, DECISION_CONDITIONS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_alarm_is_told),
		cmocka_unit_test(foreign_entries_are_told),
		cmocka_unit_test(an_entry_that_was_told_as_a_slot_is_not_told_twice),
		cmocka_unit_test(adoption_is_told_by_the_look_that_adopts),
		cmocka_unit_test(an_authority_that_nothing_vouches_for_is_told_while_ldaps_is_on),
		cmocka_unit_test(a_path_ends_in_a_root_that_is_there),
		cmocka_unit_test(alarms_are_not_crowded_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
