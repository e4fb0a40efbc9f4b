/* SPDX-License-Identifier: Apache-2.0 */
/* A look: what it holds, and when two looks show the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/array.h"
#include "tests/unit/scene.h"

static void entries_are_sorted_and_found(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene_list(&scene, SCENE_SHORT, CERTIFICATE_STATE_REGISTERED);
	scene_list(&scene, SCENE_ISSUING, CERTIFICATE_STATE_REGISTERED);
	observed_sort(&scene.observed);
	assert_string_equal(scene.observed.listed[0].id, scene_id(SCENE_ROOT));
	assert_string_equal(scene.observed.listed[1].id, scene_id(SCENE_ISSUING));
	assert_string_equal(scene.observed.listed[2].id, scene_id(SCENE_SHORT));
	assert_ptr_equal(
		observed_find(&scene.observed, scene_id(SCENE_SHORT)), &scene.observed.listed[2]);
	assert_null(observed_find(&scene.observed, scene_id(SCENE_OTHER)));
	scene_done(&scene);
}

/* ---- one change each ---- */

static void change_complete(struct observed *observed)
{
	observed->complete = false;
}

static void change_refusal(struct observed *observed)
{
	observed->refusal = REFUSAL_ThrottlingException;
}

static void change_name(struct observed *observed)
{
	observed->name[0] = 'x';
}

static void change_type(struct observed *observed)
{
	observed->type = DIRECTORY_TYPE_AD_CONNECTOR;
}

static void change_stage(struct observed *observed)
{
	observed->stage = DIRECTORY_STAGE_IMPAIRED;
}

static void change_explicit(struct observed *observed)
{
	observed->ldaps_explicit = false;
}

static void change_ldaps(struct observed *observed)
{
	observed->ldaps = LDAPS_STATUS_ENABLING;
}

static void change_state(struct observed *observed)
{
	observed->listed[0].state = CERTIFICATE_STATE_DEREGISTERING;
}

static void change_entry_type(struct observed *observed)
{
	observed->listed[0].type = CERTIFICATE_TYPE_CLIENT_CERT_AUTH;
}

static void change_expiry(struct observed *observed)
{
	observed->listed[0].expiry++;
}

static void change_common_name(struct observed *observed)
{
	observed->listed[0].common_name[0] = 'x';
}

static void change_id(struct observed *observed)
{
	observed->listed[0].id[2] = 'f';
}

static void change_count(struct observed *observed)
{
	observed->listed_count = 0;
}

static void change_arrived(struct observed *observed)
{
	observed->arrived++;
}

static void change_reason(struct observed *observed)
{
	observed->reason[0] = 'x';
	observed->ldaps_reason[0] = 'x';
}

static void looks_are_compared(void **state)
{
	static const struct {
		const char *what;
		void (*change)(struct observed *observed);
		bool same;
	} cases[] = {
		{"complete", change_complete, false},
		{"refusal", change_refusal, false},
		{"name", change_name, false},
		{"type", change_type, false},
		{"stage", change_stage, false},
		{"an empty list of settings", change_explicit, false},
		{"LDAPS", change_ldaps, false},
		{"an entry's state", change_state, false},
		{"an entry's type", change_entry_type, false},
		{"an entry's expiry", change_expiry, false},
		{"an entry's common name", change_common_name, false},
		{"an entry's id", change_id, false},
		{"how many entries", change_count, false},
		{"when it arrived", change_arrived, true},
		{"what people are told", change_reason, true},
	};
	struct scene one, other;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		size_t count;

		scene_init(&one);
		scene_init(&other);
		assert_true(observed_equal(&one.observed, &other.observed));
		assert_true(observed_mark(&one.observed) == observed_mark(&other.observed));
		count = other.observed.listed_count;
		cases[i].change(&other.observed);
		if (observed_equal(&one.observed, &other.observed) != cases[i].same ||
			(observed_mark(&one.observed) == observed_mark(&other.observed)) !=
				cases[i].same)
			fail_msg("%s", cases[i].what);
		other.observed.listed_count = count;
		scene_done(&one);
		scene_done(&other);
	}
}

static void a_mark_is_never_nothing(void **state)
{
	struct observed observed = {0};

	(void)state;
	assert_true(observed_mark(&observed) != 0);
}

static void slots_are_counted(void **state)
{
	static const struct {
		enum certificate_state state;
		size_t slots;
	} cases[] = {
		{CERTIFICATE_STATE_UNKNOWN, 0},
		{CERTIFICATE_STATE_REGISTERING, 1},
		{CERTIFICATE_STATE_REGISTERED, 1},
		{CERTIFICATE_STATE_REGISTER_FAILED, 0},
		{CERTIFICATE_STATE_DEREGISTERING, 1},
		{CERTIFICATE_STATE_DEREGISTERED, 0},
		{CERTIFICATE_STATE_DEREGISTER_FAILED, 1},
	};
	struct scene scene;

	(void)state;
	assert_int_equal(ARRAY_LENGTH(cases), CERTIFICATE_STATES);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		scene_init(&scene);
		scene.observed.listed[0].state = cases[i].state;
		assert_int_equal(observed_slots(&scene.observed), cases[i].slots);
		scene.observed.listed[0].type = CERTIFICATE_TYPE_CLIENT_CERT_AUTH;
		assert_int_equal(observed_slots(&scene.observed), 0);
		scene.observed.listed[0].type = CERTIFICATE_TYPE_UNKNOWN;
		assert_int_equal(observed_slots(&scene.observed), 0);
		scene_done(&scene);
	}
}

static void nothing_can_be_released(void **state)
{
	struct observed observed = {0};

	(void)state;
	observed_done(NULL);
	observed_done(&observed);
	observed_sort(&observed);
	assert_null(observed_find(&observed, "c-0000000000"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_sorted_and_found),
		cmocka_unit_test(looks_are_compared),
		cmocka_unit_test(a_mark_is_never_nothing),
		cmocka_unit_test(slots_are_counted),
		cmocka_unit_test(nothing_can_be_released),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
