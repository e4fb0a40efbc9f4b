/* SPDX-License-Identifier: Apache-2.0 */
/* Every rule of the guard, at its limit: one second before it and at it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/array.h"
#include "core/guard.h"
#include "stage.h"

/* A row takes a usual scene and changes a member of it. */
#pragma GCC diagnostic ignored "-Woverride-init"

#define S(name) CERTIFICATE_STATE_##name
/* A root and its issuing CA are ours, LDAPS is on. */
#define BOTH                                                                                       \
	{                                                                                          \
		{ROOT, S(REGISTERED), 0, 0},                                                       \
		{                                                                                  \
			ISSUING, S(REGISTERED), 0, 0                                               \
		}                                                                                  \
	}
#define HEALTHY                                                                                    \
	.policy = POLICY_SYNC, .client_ldaps = CLIENT_LDAPS_ENABLED, .ldaps = LDAPS_STATUS_ENABLED
/* The root is dropped, its wait is over, another root stays. */
#define DROPPED                                                                                    \
	.entries = {{ROOT, S(REGISTERED), 0, 0}, {OTHER, S(REGISTERED), 0, 0}}, HEALTHY,           \
	.trust = TRUST_OTHER, .removable = 3 * DAY
/* The file says off. */
#define LEAVING                                                                                    \
	.entries = BOTH, .trust = TRUST_ROOT | TRUST_ISSUING, .policy = POLICY_SYNC,               \
	.client_ldaps = CLIENT_LDAPS_DISABLED, .ldaps = LDAPS_STATUS_ENABLED
/* Everything is there, LDAPS is off. */
#define READY                                                                                      \
	.entries = BOTH, .trust = TRUST_ROOT | TRUST_ISSUING, .policy = POLICY_SYNC,               \
	.client_ldaps = CLIENT_LDAPS_ENABLED, .ldaps = LDAPS_STATUS_DISABLED
#define MINUTE 60
#define DOOR   (91 * DAY)

static const struct {
	const char *sentence;
	enum guard_rule forbids; /* GUARD_ALL: none */
	enum step_kind kind;
	unsigned entry; /* the n-th, from 1; 0: the step names none */
	struct scene scene;
} cases[] = {
	/* clang-format off */
	{"a dropped certificate goes when all is well", GUARD_ALL, STEP_DEREGISTER, 1, {DROPPED}},
	{"LDAPS is enabled when all is there", GUARD_ALL, STEP_ENABLE, 0, {READY}},
	{"a disable that was announced for three days is sent", GUARD_ALL, STEP_DISABLE, 0, {LEAVING, .disable_wished = 3 * DAY}},
	{"observe writes nothing", GUARD_POLICY, STEP_ENABLE, 0, {READY, .policy = POLICY_OBSERVE}},
	{"add-only enables", GUARD_ALL, STEP_ENABLE, 0, {READY, .policy = POLICY_ADD_ONLY}},
	{"add-only removes nothing", GUARD_POLICY, STEP_DEREGISTER, 1, {DROPPED, .policy = POLICY_ADD_ONLY}},
	{"add-only disables nothing", GUARD_POLICY, STEP_DISABLE, 0, {LEAVING, .disable_wished = 3 * DAY, .policy = POLICY_ADD_ONLY}},
	{"another name: nothing", GUARD_N9, STEP_ENABLE, 0, {READY, .wrong_name = true}},
	{"an incomplete look: nothing", GUARD_N9, STEP_ENABLE, 0, {READY, .incomplete = true}},
	{"not Active: nothing", GUARD_N9, STEP_ENABLE, 0, {READY, .impaired = true}},
	{"a change under way: nothing", GUARD_N7, STEP_ENABLE, 0, {READY, .change = {.phase = CHANGE_INTENDED, .kind = STEP_ENABLE, .since = NOW}}},
	{"an entry in flight for 59 min 59 s blocks a registration", GUARD_N7, STEP_REGISTER, 0,
		{READY, .entries = {{ROOT, S(REGISTERING), 0, 0}}, .busy = 3599}},
	{"after an hour it no longer does", GUARD_ALL, STEP_REGISTER, 0,
		{READY, .entries = {{ROOT, S(REGISTERING), 0, 0}}, .busy = 3600}},
	{"but it still blocks a removal", GUARD_N7, STEP_DEREGISTER, 1,
		{DROPPED, .entries = {{ROOT, S(REGISTERED), 0, 0}, {OTHER, S(REGISTERING), 0, 0}}, .busy = 3600}},
	{"and nothing is sent beside an unresolved change, however long it takes", GUARD_N7, STEP_REGISTER, 0,
		{READY, .busy = 7200, .change = {.phase = CHANGE_INTENDED, .kind = STEP_ENABLE, .since = NOW}}},
	{"a smart-card entry in flight is not ours", GUARD_ALL, STEP_ENABLE, 0,
		{READY, .entries = {{ROOT, S(REGISTERED), 0, 0}, {ISSUING, S(REGISTERED), 0, 0},
			{STRANGER, S(REGISTERING), true, CERTIFICATE_TYPE_CLIENT_CERT_AUTH}}}},
	{"a clock 300 s off may remove", GUARD_ALL, STEP_DEREGISTER, 1, {DROPPED, .skew = -300}},
	{"301 s may not", GUARD_N4_CLOCK, STEP_DEREGISTER, 1, {DROPPED, .skew = -301}},
	{"nor enable", GUARD_N4_CLOCK, STEP_ENABLE, 0, {READY, .skew = 301}},
	{"it may register", GUARD_ALL, STEP_REGISTER, 0, {READY, .skew = 301}},
	{"an owned certificate is gone without us: no removal", GUARD_N4_VIEW, STEP_DEREGISTER, 1, {DROPPED, .vanished = true}},
	{"LDAPS is on with nothing registered: no removal", GUARD_N4_VIEW, STEP_DEREGISTER, 1,
		{DROPPED, .entries = {{ROOT, S(DEREGISTER_FAILED), 0, 0}}}},
	{"a foreign entry stays", GUARD_N2, STEP_DEREGISTER, 1,
		{DROPPED, .entries = {{ROOT, S(REGISTERED), true, 0}, {OTHER, S(REGISTERED), 0, 0}}}},
	{"a smart-card entry stays, even under an id that was ours", GUARD_N2, STEP_DEREGISTER, 1,
		{DROPPED, .entries = {{ROOT, S(REGISTERED), 0, CERTIFICATE_TYPE_CLIENT_CERT_AUTH}, {OTHER, S(REGISTERED), 0, 0}}}},
	{"an id that is not listed is not removed", GUARD_N2, STEP_DEREGISTER, 3, {DROPPED}},
	{"a file that trusts nothing without the word none removes nothing", GUARD_N8, STEP_DEREGISTER, 1,
		{DROPPED, .trust = 0, .unsaid = true}},
	{"7 days and a minute in the one that stays are too few", GUARD_N1A, STEP_DEREGISTER, 1,
		{DROPPED, .left = {[OTHER] = 7 * DAY + MINUTE}}},
	{"a second more is enough", GUARD_ALL, STEP_DEREGISTER, 1, {DROPPED, .left = {[OTHER] = 7 * DAY + MINUTE + 1}}},
	{"the last one stays for 23 h 59 min 59 s after Disabled", GUARD_N1A, STEP_DEREGISTER, 1,
		{.entries = {{ROOT, S(REGISTERED), 0, 0}}, .policy = POLICY_SYNC, .client_ldaps = CLIENT_LDAPS_DISABLED,
		 .ldaps = LDAPS_STATUS_DISABLED, .removable = 3 * DAY, .disabled = DAY - 1}},
	{"and goes after 24 h", GUARD_ALL, STEP_DEREGISTER, 1,
		{.entries = {{ROOT, S(REGISTERED), 0, 0}}, .policy = POLICY_SYNC, .client_ldaps = CLIENT_LDAPS_DISABLED,
		 .ldaps = LDAPS_STATUS_DISABLED, .removable = 3 * DAY, .disabled = DAY}},
	{"an empty settings list is no Disabled", GUARD_N1A, STEP_DEREGISTER, 1,
		{.entries = {{ROOT, S(REGISTERED), 0, 0}}, .policy = POLICY_SYNC, .removable = 3 * DAY, .disabled = DAY}},
	{"approval does not take the last one", GUARD_N1A, STEP_DEREGISTER, 1,
		{DROPPED, .entries = {{ROOT, S(REGISTERED), 0, 0}}, .approve_root = true}},
	{"a trusted authority that is bare keeps the others", GUARD_N1B, STEP_DEREGISTER, 1,
		{DROPPED, .trust = TRUST_OTHER | TRUST_ISSUING}},
	{"approval takes it all the same", GUARD_ALL, STEP_DEREGISTER, 1,
		{DROPPED, .trust = TRUST_OTHER | TRUST_ISSUING, .approve_root = true}},
	{"the path of another to its root is not cut", GUARD_N1C, STEP_DEREGISTER, 1,
		{DROPPED, .entries = BOTH, .trust = TRUST_ISSUING}},
	{"a trusted one without a successor stays", GUARD_RETIRE, STEP_DEREGISTER, 1,
		{DROPPED, .trust = TRUST_ROOT | TRUST_OTHER, .approve_root = true}},
	{"91 days and a minute: irreversible when it is sent", GUARD_N3, STEP_DEREGISTER, 1,
		{DROPPED, .left = {[ROOT] = DOOR + MINUTE}}},
	{"a second more: reversible", GUARD_ALL, STEP_DEREGISTER, 1, {DROPPED, .left = {[ROOT] = DOOR + MINUTE + 1}}},
	{"proof allows what is irreversible", GUARD_ALL, STEP_DEREGISTER, 1,
		{DROPPED, .left = {[ROOT] = DOOR}, .without_root = VERDICT_OK}},
	{"unknown is no proof", GUARD_N3, STEP_DEREGISTER, 1, {DROPPED, .left = {[ROOT] = DOOR}}},
	{"expired for 23 h 59 min 59 s: it stays", GUARD_N3, STEP_DEREGISTER, 1, {DROPPED, .left = {[ROOT] = 1 - DAY}}},
	{"for 24 h: it goes", GUARD_ALL, STEP_DEREGISTER, 1, {DROPPED, .left = {[ROOT] = -DAY}}},
	{"its slot is needed: after 5 min", GUARD_ALL, STEP_DEREGISTER, 1, {DROPPED, .left = {[ROOT] = -300}, .limit = 2}},
	{"not a second before", GUARD_N3, STEP_DEREGISTER, 1, {DROPPED, .left = {[ROOT] = -299}, .limit = 2}},
	{"a controller needs it", GUARD_NEEDED, STEP_DEREGISTER, 1, {DROPPED, .without_root = VERDICT_FAIL}},
	{"grace has a second left", GUARD_GRACE, STEP_DEREGISTER, 1, {DROPPED, .removable = 3 * DAY - 1}},
	{"grace has not begun", GUARD_GRACE, STEP_DEREGISTER, 1, {DROPPED, .removable = 0}},
	{"approval needs no grace", GUARD_ALL, STEP_DEREGISTER, 1, {DROPPED, .removable = 0, .approve_root = true}},
	{"a failed registration needs none of it", GUARD_ALL, STEP_DEREGISTER, 1,
		{READY, .entries = {{ROOT, S(REGISTER_FAILED), 0, 0}}, .out_of_turn = true}},
	{"a wanted certificate is not Registered yet", GUARD_N5, STEP_ENABLE, 0, {READY, .entries = {{ROOT, S(REGISTERED), 0, 0}}}},
	{"a trusted authority has only an expired one", GUARD_N5, STEP_ENABLE, 0, {READY, .left = {[ROOT] = -1}}},
	{"or one that ends before the call is sent", GUARD_N5, STEP_ENABLE, 0, {READY, .left = {[ROOT] = MINUTE}}},
	{"a second more is enough", GUARD_ALL, STEP_ENABLE, 0, {READY, .left = {[ROOT] = MINUTE + 1}}},
	{"what is no successor is in the file: what it is meant to be, has to be said first", GUARD_N5, STEP_ENABLE, 0,
		{READY, .next = true, .next_made = 1, .left = {[NEXT] = 300 * DAY}}},
	{"but one that could not be registered anyway changes nothing", GUARD_ALL, STEP_ENABLE, 0,
		{READY, .next = true, .next_made = 1, .left = {[NEXT] = DOOR}}},
	{"an earlier generation is out of reach, and controllers may need it", GUARD_N5, STEP_ENABLE, 0,
		{.policy = POLICY_SYNC, .client_ldaps = CLIENT_LDAPS_ENABLED, .trust = TRUST_ROOT, .next = true,
		 .entries = {{NEXT, S(REGISTERED), 0, 0}}, .left = {[ROOT] = 60 * DAY}}},
	{"the probe says that they do not", GUARD_ALL, STEP_ENABLE, 0,
		{.policy = POLICY_SYNC, .client_ldaps = CLIENT_LDAPS_ENABLED, .trust = TRUST_ROOT, .next = true,
		 .entries = {{NEXT, S(REGISTERED), 0, 0}}, .left = {[ROOT] = 60 * DAY}, .registered = VERDICT_OK}},
	{"once it has ended nobody needs it", GUARD_ALL, STEP_ENABLE, 0,
		{.policy = POLICY_SYNC, .client_ldaps = CLIENT_LDAPS_ENABLED, .trust = TRUST_ROOT, .next = true,
		 .entries = {{NEXT, S(REGISTERED), 0, 0}}, .left = {[ROOT] = -1}}},
	{"the probe fails", GUARD_N5, STEP_ENABLE, 0, {READY, .registered = VERDICT_FAIL}},
	{"nothing is trusted", GUARD_N5, STEP_ENABLE, 0, {READY, .trust = 0}},
	{"others disabled it 59 min 59 s ago", GUARD_REENABLE, STEP_ENABLE, 0, {READY, .disabled_elsewhere = 3599}},
	{"an hour ago", GUARD_ALL, STEP_ENABLE, 0, {READY, .disabled_elsewhere = 3600}},
	{"the file does not say disabled", GUARD_N6_FILE, STEP_DISABLE, 0, {LEAVING, .client_ldaps = CLIENT_LDAPS_UNMANAGED}},
	{"a disable waits for grace to the second", GUARD_N6_GRACE, STEP_DISABLE, 0, {LEAVING, .disable_wished = 3 * DAY - 1}},
	{"approval disables at once", GUARD_ALL, STEP_DISABLE, 0, {LEAVING, .approve_disable = true}},
	{"out of turn nothing is disabled", GUARD_N12, STEP_DISABLE, 0, {LEAVING, .disable_wished = 3 * DAY, .out_of_turn = true}},
	{"out of turn nothing is removed", GUARD_N12, STEP_DEREGISTER, 1, {DROPPED, .out_of_turn = true}},
	/* clang-format on */
};

static void test_rules(void **state)
{
	bool seen[GUARD_RULES] = {[GUARD_N11] = true}; /* test_tries */

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct step step = {
			.kind = cases[i].kind, .certificate = scene_certificate(ISSUING)};
		struct condition condition;
		struct stage stage;

		stage_set(&stage, &cases[i].scene);
		if (cases[i].scene.limit == 2)
			step.reason = REASON_MAKE_ROOM;
		if (cases[i].entry)
			memcpy(step.id, "c-0000000001", sizeof(step.id));
		if (cases[i].entry)
			step.id[SERVICE_ID_SIZE - 2] = (char)('0' + cases[i].entry);
		print_message("%s\n", cases[i].sentence);
		assert_string_equal(
			guard_rule_str(guard_check(&stage.situation, &step, &condition)),
			guard_rule_str(cases[i].forbids));
		if (cases[i].forbids != GUARD_ALL)
			seen[cases[i].forbids] = true;
		stage_done(&stage);
	}
	for (int rule = 0; rule < GUARD_RULES; rule++)
		assert_true(seen[rule]);
}

static void test_tries(void **state)
{
	struct step step = {.kind = STEP_ENABLE};
	struct scene scene = {READY};
	struct condition condition;
	struct stage stage;

	(void)state;
	stage_set(&stage, &scene);
	stage.memory.enable = (struct attempt){.failures = 1, .next = NOW + 1};
	assert_int_equal(guard_check(&stage.situation, &step, &condition), GUARD_N11);
	assert_int_equal(guard_check_but_waiting(&stage.situation, &step), GUARD_ALL);
	stage.memory.enable.next = NOW;
	assert_int_equal(guard_check(&stage.situation, &step, &condition), GUARD_ALL);
	stage.memory.ldaps_contest = (struct contest){CONTEST_MAX + 1, NOW - CONTEST_WINDOW + 1};
	assert_int_equal(guard_check(&stage.situation, &step, &condition), GUARD_N11);
	stage.memory.ldaps_contest.since--;
	assert_int_equal(guard_check(&stage.situation, &step, &condition), GUARD_ALL);
	stage_done(&stage);
}

static void test_stale(void **state)
{
	struct step step = {.deadline = NOW + STEP_VIEW_MAX};

	(void)state;
	assert_false(guard_stale(&step, NOW + 60));
	assert_true(guard_stale(&step, NOW + 61));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_tries),
		cmocka_unit_test(test_stale),
	};

	return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
