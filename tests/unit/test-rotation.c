/* SPDX-License-Identifier: Apache-2.0 */
/* When an earlier generation goes and a later one waits: the table of design 4.5, to the second. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "base/array.h"
#include "core/decide.h"
#include "core/learn.h"
#include "core/rotation.h"
#include "stage.h"

/* clang-format off */
#define S(state) CERTIFICATE_STATE_##state
#define LIVE .policy = POLICY_SYNC, .client_ldaps = CLIENT_LDAPS_ENABLED, .ldaps = LDAPS_STATUS_ENABLED, .next = true
#define ROTATING .entries = {{ROOT, S(REGISTERED), 0, 0}, {NEXT, S(REGISTERED), 0, 0}}, .trust = TRUST_ROOT, LIVE
#define AFTER .rotation = {.retire = RETIRE_AFTER, .retire_after = 400 * DAY}, .leaving = LEAVING_SUPERSEDED
#define DOOR (91 * DAY)

static const struct {
	const char *sentence;
	enum reason stays; /* NONE: it goes */
	int64_t at;	   /* less NOW; 0: not asked */
	struct scene scene;
} cases[] = {
	{"both are Registered for a second less than overlap", REASON_OVERLAPPING, 1, {ROTATING, .overlapped = DAY - 1}},
	{"overlap is over, but nothing is proven", REASON_AWAITS_PROOF, 3651 * DAY, {ROTATING, .overlapped = DAY}},
	{"unknown is no proof, however long", REASON_AWAITS_PROOF, 0, {ROTATING, .overlapped = 5000 * DAY}},
	{"proven: it goes", REASON_NONE, 0, {ROTATING, .overlapped = DAY, .without_root = VERDICT_OK}},
	{"proven before overlap: it stays", REASON_OVERLAPPING, 0, {ROTATING, .overlapped = DAY - 1, .without_root = VERDICT_OK}},
	{"proven and irreversible: it goes", REASON_NONE, 0, {ROTATING, .left = {[ROOT] = 10 * DAY}, .without_root = VERDICT_OK}},
	{"expired for 23 h 59 min 59 s: it stays", REASON_AWAITS_PROOF, 1, {ROTATING, .left = {[ROOT] = 1 - DAY}}},
	{"expired for a day: it goes without proof", REASON_NONE, 0, {ROTATING, .left = {[ROOT] = -DAY}}},
	{"approved: it goes without proof", REASON_NONE, 0, {ROTATING, .approve_root = true}},
	{"approved, but still overlapping: it stays", REASON_OVERLAPPING, 0, {ROTATING, .approve_root = true, .overlapped = DAY - 1}},
	{"at_expiry: proof changes nothing", REASON_AWAITS_EXPIRY, 3651 * DAY,
		{ROTATING, .rotation = {.retire = RETIRE_AT_EXPIRY}, .without_root = VERDICT_OK}},
	{"at_expiry: it goes a day after its end", REASON_NONE, 0, {ROTATING, .rotation = {.retire = RETIRE_AT_EXPIRY}, .left = {[ROOT] = -DAY}}},
	{"manual: never by itself, not even proven", REASON_RETIRED_BY_HAND, 0,
		{ROTATING, .rotation = {.retire = RETIRE_MANUAL}, .without_root = VERDICT_OK}},
	{"manual: not even expired", REASON_RETIRED_BY_HAND, 0, {ROTATING, .rotation = {.retire = RETIRE_MANUAL}, .left = {[ROOT] = -DAY}}},
	{"manual: approved it goes", REASON_NONE, 0, {ROTATING, .rotation = {.retire = RETIRE_MANUAL}, .approve_root = true}},
	{"after: a second too early", REASON_AWAITS_AGE, 1, {ROTATING, AFTER, .removable = 400 * DAY - 1}},
	{"after: it goes", REASON_NONE, 0, {ROTATING, AFTER, .removable = 400 * DAY}},
	{"after: a wait that counts for something else does not count", REASON_AWAITS_AGE, 400 * DAY,
		{ROTATING, .rotation = {.retire = RETIRE_AFTER, .retire_after = 400 * DAY}, .leaving = LEAVING_DROPPED, .removable = 500 * DAY}},
	{"after: what cannot be over before the 90-day line waits for the end, and says so at once", REASON_AWAITS_EXPIRY, 301 * DAY,
		{ROTATING, AFTER, .removable = 10 * DAY, .left = {[ROOT] = 300 * DAY}}},
	{"after: expired for a day it goes, however shortly it was superseded", REASON_NONE, 0,
		{ROTATING, AFTER, .removable = 10 * DAY, .left = {[ROOT] = -DAY}}},
	{"after: irreversible when it would be sent, so it waits for the end", REASON_AWAITS_EXPIRY, 92 * DAY + 60,
		{ROTATING, AFTER, .removable = 400 * DAY, .left = {[ROOT] = DOOR + 60}}},
	{"after: a second more and it goes", REASON_NONE, 0, {ROTATING, AFTER, .removable = 400 * DAY, .left = {[ROOT] = DOOR + 61}}},
	{"after: it goes a day after its end", REASON_NONE, 0, {ROTATING, AFTER, .removable = 400 * DAY, .left = {[ROOT] = -DAY}}},
};

static const struct {
	const char *sentence;
	enum leaving leaving; /* of ROOT */
	struct scene scene;
} states[] = {
	{"superseded", LEAVING_SUPERSEDED, {ROTATING, .overlapped = DAY}},
	{"a successor that is only in the file supersedes nothing", LEAVING_NOT, {LIVE, .trust = TRUST_ROOT, .entries = {{ROOT, S(REGISTERED), 0, 0}}}},
	{"nor one that is on its way", LEAVING_NOT, {LIVE, .trust = TRUST_ROOT, .entries = {{ROOT, S(REGISTERED), 0, 0}, {NEXT, S(REGISTERING), 0, 0}}}},
	{"nor one that failed to leave", LEAVING_NOT, {LIVE, .trust = TRUST_ROOT, .entries = {{ROOT, S(REGISTERED), 0, 0}, {NEXT, S(DEREGISTER_FAILED), 0, 0}}}},
	{"nor a foreign one", LEAVING_NOT, {LIVE, .trust = TRUST_ROOT, .entries = {{ROOT, S(REGISTERED), 0, 0}, {NEXT, S(REGISTERED), true, 0}}}},
	{"nor one that expires before the removal would be sent", LEAVING_NOT, {ROTATING, .left = {[ROOT] = 30, [NEXT] = 60}}},
	{"nor one that was made before it, though it ends later", LEAVING_NOT, {ROTATING, .next_made = -1}},
	{"nor one that ends before it", LEAVING_NOT, {ROTATING, .left = {[ROOT] = 100 * DAY, [NEXT] = 99 * DAY}}},
	{"its authority is trusted no more: dropped", LEAVING_DROPPED, {LIVE, .trust = TRUST_OTHER, .entries = {{ROOT, S(REGISTERED), 0, 0}, {NEXT, S(REGISTERED), 0, 0}}}},
};
/* clang-format on */

static void what_stays_and_until_when(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct stage stage;
		enum reason reason;
		int64_t at;

		stage_set(&stage, &cases[i].scene);
		print_message("%s\n", cases[i].sentence);
		reason = rotation_stays(&stage.situation,
			memory_find(&stage.memory, "c-0000000001"), NOW + STEP_VIEW_MAX, &at);
		assert_string_equal(reason_str(reason), reason_str(cases[i].stays));
		if (cases[i].at)
			assert_int_equal(at, NOW + cases[i].at);
		stage_done(&stage);
	}
}

/* decide and guard say the same of the same scenes. */
static void what_goes_is_deregistered(void **state)
{
	static struct decision decision;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		bool goes = cases[i].stays == REASON_NONE;
		struct stage stage;

		stage_set(&stage, &cases[i].scene);
		decide(&stage.situation, &decision);
		print_message("%s\n", cases[i].sentence);
		assert_int_equal(decision.step.kind, goes ? STEP_DEREGISTER : STEP_SETTLED);
		if (goes)
			assert_int_equal(decision.step.reason, REASON_SUPERSEDED);
		stage_done(&stage);
	}
}

static void what_is_superseded(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(states); i++) {
		struct stage stage;

		stage_set(&stage, &states[i].scene);
		print_message("%s\n", states[i].sentence);
		assert_int_equal(rotation_leaving(&stage.situation,
					 memory_find(&stage.memory, "c-0000000001")),
			states[i].leaving);
		stage_done(&stage);
	}
}

static void a_same_key_successor_can_wait(void **state)
{
	struct scene scene = {.entries = {{ROOT, S(REGISTERED), 0, 0}},
		.trust = TRUST_ROOT,
		.policy = POLICY_SYNC,
		.next = true,
		.same_key = true,
		.left = {[ROOT] = 120 * DAY + 1},
		.rotation = {.register_at_threshold = true, .rotate_before = 120 * DAY}};
	struct stage stage;

	(void)state;
	stage_set(&stage, &scene);
	assert_int_equal(rotation_deferred(&stage.situation, scene_certificate(NEXT)), NOW + 1);
	assert_false(situation_wanted(&stage.situation, scene_certificate(NEXT)));
	stage_done(&stage);
	scene.left[ROOT] = 120 * DAY;
	stage_set(&stage, &scene);
	assert_int_equal(rotation_deferred(&stage.situation, scene_certificate(NEXT)), 0);
	stage_done(&stage);
	scene.left[ROOT] = 0;
	scene.same_key = false; /* the first controller that enrols under it would break */
	stage_set(&stage, &scene);
	assert_int_equal(rotation_deferred(&stage.situation, scene_certificate(NEXT)), 0);
	stage_done(&stage);
	scene.same_key = true;
	scene.entries[0].state = CERTIFICATE_STATE_UNKNOWN; /* nothing is there: both are wanted */
	stage_set(&stage, &scene);
	assert_int_equal(rotation_deferred(&stage.situation, scene_certificate(NEXT)), 0);
	stage_done(&stage);
}

/* add-only removes nothing, so what stays is not told, what may go is, and neither holds it up. */
static void add_only_is_ready(void **state)
{
	struct scene scene = {ROTATING, .overlapped = DAY};
	static struct decision decision;
	struct stage stage;

	(void)state;
	scene.policy = POLICY_ADD_ONLY;
	stage_set(&stage, &scene);
	decide(&stage.situation, &decision);
	assert_int_equal(decision.step.kind, STEP_SETTLED);
	assert_int_equal(decision.conditions_count, 0);
	stage_done(&stage);
	scene.left[ROOT] = -DAY;
	stage_set(&stage, &scene);
	decide(&stage.situation, &decision);
	assert_int_equal(decision.step.kind, STEP_SETTLED);
	assert_int_equal(decision.conditions_count, 2);
	assert_int_equal(decision.conditions[0].reason, REASON_SUPERSEDED);
	assert_int_equal(decision.conditions[1].reason, REASON_POLICY);
	stage_done(&stage);
}

/* What an approval says of itself, and what is too long for it. */
static void a_ground_has_its_reason(void **state)
{
	static const struct scene scene = {ROTATING, .approve_root = true};
	const struct step step = {.kind = STEP_DEREGISTER,
		.reason = REASON_SUPERSEDED,
		.certificate = scene_certificate(ROOT)};
	char ground[ROTATION_GROUND_SIZE], reason[2 * ROTATION_GROUND_SIZE];
	struct stage stage;

	(void)state;
	stage_set(&stage, &scene);
	memset(reason, 'x', sizeof(reason));
	memcpy(reason, "moved", sizeof("moved"));
	stage.approvals[0].reason = reason;
	assert_string_equal(rotation_ground(&stage.situation, &step, ground),
		"its removal is approved in the file: moved");
	reason[5] = 'x';
	reason[sizeof(reason) - 1] = '\0';
	assert_int_equal(
		strlen(rotation_ground(&stage.situation, &step, ground)), ROTATION_GROUND_SIZE - 1);
	stage_done(&stage);
}

static void what_lets_it_go(void **state)
{
	static const struct {
		const char *ground;
		struct scene scene;
	} grounds[] = {
		{"its removal is approved in the file", {ROTATING, .approve_root = true}},
		{"its removal is approved in the file",
			{LIVE, .trust = TRUST_OTHER,
				.entries = {{ROOT, S(REGISTERED), 0, 0},
					{OTHER, S(REGISTERED), 0, 0}},
				.approve_root = true}},
		{"it has expired", {ROTATING, .left = {[ROOT] = -DAY}}},
		{"it is proven that no domain controller needs it",
			{ROTATING, .without_root = VERDICT_OK}},
		{"it has been superseded for as long as `retire` says",
			{ROTATING, AFTER, .removable = 400 * DAY}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(grounds); i++) {
		static struct decision decision;
		char ground[ROTATION_GROUND_SIZE];
		struct stage stage;

		stage_set(&stage, &grounds[i].scene);
		decide(&stage.situation, &decision);
		assert_string_equal(rotation_ground(&stage.situation, &decision.step, ground),
			grounds[i].ground);
		stage_done(&stage);
	}
}

static void what_a_probe_found_is_told(void **state)
{
	struct scene scene = {ROTATING, .overlapped = DAY};
	static struct decision decision;
	struct stage stage;

	(void)state;
	stage_set(&stage, &scene);
	decide(&stage.situation, &decision);
	assert_int_equal(decision.conditions[0].reason, REASON_AWAITS_PROOF);
	assert_string_equal(decision.conditions[0].detail,
		"it is not proven that no domain controller needs it any more");
	stage_done(&stage);
	scene.without_root = VERDICT_FAIL;
	stage_set(&stage, &scene);
	decide(&stage.situation, &decision);
	assert_string_equal(decision.conditions[0].detail, "a domain controller still needs it");
	stage_done(&stage);
}

/* Retired is committed with the intent, and taken back when it is needed again. */
static void what_is_retired_is_not_wanted(void **state)
{
	static const struct scene scene = {ROTATING, .overlapped = DAY, .without_root = VERDICT_OK};
	static struct decision decision;
	const struct certificate *root = scene_certificate(ROOT);
	struct stage stage;

	(void)state;
	stage_set(&stage, &scene);
	decide(&stage.situation, &decision);
	assert_true(situation_wanted(&stage.situation, root));
	assert_int_equal(memory_intend(&stage.memory, &decision.step, NOW), 0);
	assert_true(memory_wish_find(&stage.memory, &root->sha256)->retired);
	assert_false(situation_wanted(&stage.situation, root));
	assert_int_equal(learn(&stage.situation, &stage.memory), 0);
	assert_true(memory_wish_find(&stage.memory, &root->sha256)->retired);
	stage.removal.without = VERDICT_FAIL;
	assert_int_equal(learn(&stage.situation, &stage.memory), 0);
	assert_false(memory_wish_find(&stage.memory, &root->sha256)->retired);
	stage_done(&stage);
}

/* A retired certificate comes back when nothing follows it any more. */
static void what_has_no_successor_is_not_retired(void **state)
{
	static const struct scene scene = {.entries = {{ROOT, S(REGISTERED), 0, 0}},
		.trust = TRUST_ROOT,
		.policy = POLICY_SYNC,
		.next = true};
	struct stage stage;

	(void)state;
	stage_set(&stage, &scene);
	memory_wish_add(&stage.memory, scene_certificate(ROOT))->retired = true;
	assert_int_equal(learn(&stage.situation, &stage.memory), 0);
	assert_true(situation_wanted(&stage.situation, scene_certificate(ROOT)));
	stage_done(&stage);
}

/* Grace counts from the drop, not from the day it was superseded. */
static void a_drop_has_a_grace_of_its_own(void **state)
{
	static const struct scene scene = {LIVE, .trust = TRUST_OTHER,
		.entries = {{ROOT, S(REGISTERED), 0, 0}, {OTHER, S(REGISTERED), 0, 0}},
		.leaving = LEAVING_SUPERSEDED, .removable = 300 * DAY};
	static struct decision decision;
	struct stage stage;

	(void)state;
	stage_set(&stage, &scene);
	decide(&stage.situation, &decision);
	assert_int_equal(decision.step.reason, REASON_GRACE);
	assert_int_equal(learn(&stage.situation, &stage.memory), 0);
	assert_int_equal(stage.memory.certificates[0].removable_since, NOW);
	assert_int_equal(stage.memory.certificates[0].leaving, LEAVING_DROPPED);
	stage_done(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stays_and_until_when),
		cmocka_unit_test(what_goes_is_deregistered),
		cmocka_unit_test(what_is_superseded),
		cmocka_unit_test(a_same_key_successor_can_wait),
		cmocka_unit_test(add_only_is_ready),
		cmocka_unit_test(what_lets_it_go),
		cmocka_unit_test(a_ground_has_its_reason),
		cmocka_unit_test(what_a_probe_found_is_told),
		cmocka_unit_test(what_is_retired_is_not_wanted),
		cmocka_unit_test(what_has_no_successor_is_not_retired),
		cmocka_unit_test(a_drop_has_a_grace_of_its_own),
	};

	return cmocka_run_group_tests_name("rotation", tests, NULL, NULL);
}
