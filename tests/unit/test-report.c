/* SPDX-License-Identifier: Apache-2.0 */
/* How a directory stands, and what people and machines are shown of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "core/decide.h"
#include "program/report-health.h"
#include "program/report.h"
#include "tests/unit/scene.h"

static void standings(void **state)
{
	static const struct {
		const char *what;
		enum step_kind kind;
		enum reason reason, told; /* `told` NONE: no condition */
		enum standing standing;
	} cases[] = {
		{"nothing to do", STEP_SETTLED, REASON_CONVERGED, REASON_NONE, STANDING_READY},
		{"a note changes nothing", STEP_SETTLED, REASON_CONVERGED, REASON_FOREIGN,
			STANDING_READY},
		{"a warning does not either", STEP_SETTLED, REASON_CONVERGED, REASON_NO_ROOT,
			STANDING_READY},
		{"an error does", STEP_SETTLED, REASON_CONVERGED, REASON_AUTHORITY_UNCOVERED,
			STANDING_ALARM},
		{"what is held back counts for more", STEP_HELD, REASON_POLICY,
			REASON_AUTHORITY_UNCOVERED, STANDING_HELD},
		{"not looked at yet", STEP_OBSERVE, REASON_NEVER_SEEN, REASON_NONE,
			STANDING_CHANGING},
		{"a write", STEP_REGISTER, REASON_MISSING, REASON_NONE, STANDING_CHANGING},
		{"a write goes on beside an error", STEP_REGISTER, REASON_MISSING,
			REASON_INDISTINGUISHABLE, STANDING_CHANGING},
		{"something in flight", STEP_WAIT, REASON_IN_FLIGHT, REASON_IN_FLIGHT,
			STANDING_CHANGING},
		{"something that is stuck", STEP_WAIT, REASON_IN_FLIGHT, REASON_STUCK,
			STANDING_HELD},
		{"time is missing", STEP_WAIT, REASON_GRACE, REASON_GRACE, STANDING_WAITING},
		{"time is missing, and an alarm", STEP_WAIT, REASON_DISABLED_ELSEWHERE,
			REASON_DISABLED_ELSEWHERE, STANDING_HELD},
		{"somebody must act", STEP_HELD, REASON_POLICY, REASON_POLICY, STANDING_HELD},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct decision decision = {
			.step = {.kind = cases[i].kind, .reason = cases[i].reason}};

		if (cases[i].told != REASON_NONE)
			decision_tell(&decision, &(struct condition){.reason = cases[i].told});
		if (report_standing(&decision) != cases[i].standing)
			fail_msg("%s: %s", cases[i].what, standing_str(report_standing(&decision)));
	}
}

static void headings(void **state)
{
	static const struct {
		const char *name, *account, *text;
	} cases[] = {
		{"corp.example.com", "", "corp.example.com (d-0000000000, eu-west-1)"},
		{"corp.example.com", "prod", "corp.example.com (d-0000000000, prod, eu-west-1)"},
		{"", "", "d-0000000000 (eu-west-1)"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct buffer text;

		buffer_init(&text, 200);
		report_heading(cases[i].name, cases[i].account, "d-0000000000", "eu-west-1", &text);
		assert_string_equal(buffer_text(&text), cases[i].text);
		buffer_done(&text);
	}
}

static void only_rule_one_is_unread(void **state)
{
	(void)state;
	assert_true(report_unread(REASON_UNREADABLE, false));
	assert_true(report_unread(REASON_THROTTLED, false));
	assert_true(report_unread(REASON_ACCESS_DENIED, false));
	assert_true(report_unread(REASON_CREDENTIALS_INVALID, false));
	assert_true(report_unread(REASON_DIRECTORY_MISSING, false));
	assert_false(report_unread(REASON_WRONG_KIND, false));
	assert_false(report_unread(REASON_NOT_ACTIVE, false));
	assert_false(report_unread(REASON_CONVERGED, false));
	assert_true(report_unread(REASON_CLOCK_SKEW, false));
	assert_false(report_unread(REASON_CLOCK_SKEW, true)); /* it was read; a step is held back */
}

/* The status of a scene whose last answers were these. */
static json_t *status_after(struct scene *scene, const struct health_past *past)
{
	static char account[] = "";
	struct target target = {.account = account,
		.region = "eu-west-1",
		.wanted = &scene->directory,
		.health = *past};
	struct decision decision;

	memcpy(target.id, scene->directory.id, sizeof(target.id));
	decide(&scene->situation, &decision);
	return report_status(&target, &scene->situation, &decision);
}

static json_t *status_of(struct scene *scene)
{
	static const struct health_past nothing;

	return status_after(scene, &nothing);
}

static void what_stands_in_the_way_is_the_reason(void **state)
{
	struct scene scene;
	json_t *status;

	(void)state;
	scene_init(&scene);
	status = status_of(&scene);
	assert_string_equal(json_member_text(status, "standing"), "ready");
	assert_string_equal(json_member_text(status, "reason"), "Converged");
	json_decref(status);
	scene_trust(&scene, SCENE_SHORT);
	status = status_of(&scene);
	assert_string_equal(json_member_text(status, "standing"), "alarm");
	assert_string_equal(json_member_text(status, "reason"), "AuthorityUncovered");
	json_decref(status);
	scene_done(&scene);
}

/* One and the same status is read before and behind the 90-day line. */
static void the_line_is_told_from_both_sides(void **state)
{
	const struct report_style style = {.width = 80};
	struct scene scene;
	struct buffer text;
	json_t *status;
	int64_t door;

	(void)state;
	scene_init(&scene);
	door = certificate_reversible_until(&scene.certificates[SCENE_ROOT]);
	status = status_of(&scene);
	buffer_init(&text, REPORT_TEXT_MAX);
	assert_int_equal(report_status_text(status, door - 1, &style, &text), 0);
	assert_non_null(strstr(buffer_text(&text), "left, removal reversible until 2036-"));
	buffer_clear(&text);
	assert_int_equal(report_status_text(status, door, &style, &text), 0);
	assert_non_null(strstr(buffer_text(&text), "left, removal irreversible since 2036-"));
	buffer_done(&text);
	json_decref(status);
	scene_done(&scene);
}

/* What the service, or a file, says is shown whatever its bytes are. */
static void no_condition_is_lost(void **state)
{
	const json_t *conditions;
	struct scene scene;
	json_t *status;

	(void)state;
	scene_init(&scene);
	scene.observed.complete = false;
	memcpy(scene.observed.reason, "Caf\xc3", sizeof("Caf\xc3"));
	memcpy(scene.observed.name, "caf\xc3.example.com", sizeof("caf\xc3.example.com"));
	scene.directory.name = NULL;
	status = status_of(&scene);
	conditions = json_member_array(status, "conditions");
	assert_int_equal(json_array_size(conditions), 1);
	assert_string_equal(json_member_text(json_array_get(conditions, 0), "message"),
		"could not be read: Caf?");
	assert_string_equal(json_member_text(status, "name"), "caf?.example.com");
	json_decref(status);
	scene_done(&scene);
}

static void what_is_held_back_is_named(void **state)
{
	const json_t *conditions, *grace;
	struct scene scene;
	json_t *status;

	(void)state;
	scene_init(&scene);
	scene_dropped(scene_own(&scene, SCENE_OTHER))->removable_since = SCENE_NOW;
	status = status_of(&scene);
	assert_string_equal(json_member_text(status, "standing"), "waiting");
	conditions = json_member_array(status, "conditions");
	assert_int_equal(json_array_size(conditions), 2);
	assert_null(json_member_text(json_array_get(conditions, 0), "holds"));
	grace = json_array_get(conditions, 1);
	assert_string_equal(json_member_text(grace, "reason"), "Grace");
	assert_string_equal(json_member_text(grace, "holds"), "deregister");
	assert_string_equal(json_member_text(grace, "at"), "2027-01-04T00:00:00Z");
	assert_string_equal(json_member_text(grace, "reversible_until"), "2036-09-29T00:00:00Z");
	json_decref(status);
	scene_done(&scene);
}

/* The same status on another day is the same text: nothing is told anew because time passes. */
static void a_status_does_not_change_with_the_clock_alone(void **state)
{
	struct scene scene;
	struct health_past past;
	json_t *before, *after;
	char *saved;

	(void)state;
	scene_init(&scene);
	before = status_of(&scene);
	saved = json_dumps(before, 0);
	scene.situation.now += SCENE_DAY;
	past = report_health_past(saved);
	after = status_after(&scene, &past);
	assert_true(json_equal(before, after));
	free(saved);
	json_decref(before);
	json_decref(after);
	scene_done(&scene);
}

/* A restart, or another file, moves no answer; another answer moves its own `since` alone. */
static void since_is_kept_with_what_was_saved(void **state)
{
	struct health_past past, fresh = report_health_past("{}");
	struct scene scene;
	json_t *status, *health;
	char *saved;

	(void)state;
	assert_int_equal(fresh.since[HEALTH_READY], 0);
	assert_int_equal(report_health_past("nonsense").since[HEALTH_READY], 0);
	assert_int_equal(report_health_past("{\"health\":[1,{\"type\":\"Ready\"}]}").since[0], 0);
	scene_init(&scene);
	status = status_of(&scene);
	saved = json_dumps(status, 0);
	json_decref(status);
	past = report_health_past(saved);
	free(saved);
	assert_int_equal(past.truth[HEALTH_READY], TRUTH_TRUE);
	assert_int_equal(past.since[HEALTH_READY], scene.situation.now);
	scene.situation.now += SCENE_DAY;
	scene.observed.complete = false;
	scene.memory.looked = scene.situation.now - 60;
	status = status_after(&scene, &past);
	health = json_object_get(status, "health");
	assert_int_equal(json_array_size(health), HEALTHS);
	assert_string_equal(
		json_member_text(json_array_get(health, HEALTH_READY), "status"), "Unknown");
	assert_string_equal(json_member_text(json_array_get(health, HEALTH_READY), "since"),
		"2027-01-02T00:00:00Z");
	assert_string_equal(
		json_member_text(json_array_get(health, HEALTH_STALE), "status"), "False");
	assert_string_equal(json_member_text(json_array_get(health, HEALTH_STALE), "since"),
		"2027-01-01T00:00:00Z");
	json_decref(status);
	scene_done(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(standings),
		cmocka_unit_test(headings),
		cmocka_unit_test(only_rule_one_is_unread),
		cmocka_unit_test(what_stands_in_the_way_is_the_reason),
		cmocka_unit_test(the_line_is_told_from_both_sides),
		cmocka_unit_test(no_condition_is_lost),
		cmocka_unit_test(what_is_held_back_is_named),
		cmocka_unit_test(since_is_kept_with_what_was_saved),
		cmocka_unit_test(a_status_does_not_change_with_the_clock_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
