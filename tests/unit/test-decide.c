/* SPDX-License-Identifier: Apache-2.0 */
/* Which step a situation leads to, and for what reason: the rules of decide in their order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/array.h"
#include "core/decide.h"
#include "stage.h"

/* A row takes a usual scene and changes a member of it. */
#pragma GCC diagnostic ignored "-Woverride-init"

#define S(name) CERTIFICATE_STATE_##name
#define WANTED                                                                                     \
	.policy = POLICY_SYNC, .client_ldaps = CLIENT_LDAPS_ENABLED,                               \
	.trust = TRUST_ROOT | TRUST_ISSUING
#define BOTH .entries = {{ROOT, S(REGISTERED), 0, 0}, {ISSUING, S(REGISTERED), 0, 0}}
#define DROPPED                                                                                    \
	.entries = {{ROOT, S(REGISTERED), 0, 0}, {OTHER, S(REGISTERED), 0, 0}},                    \
	.policy = POLICY_SYNC, .client_ldaps = CLIENT_LDAPS_ENABLED,                               \
	.ldaps = LDAPS_STATUS_ENABLED, .trust = TRUST_OTHER
#define MINUTE 60

static const struct {
	const char *sentence;
	enum step_kind kind;
	enum reason reason;
	int64_t until;	    /* after NOW; 0: not looked at */
	enum scene_who who; /* of a register or deregister */
	struct scene scene;
} cases[] = {
	/* clang-format off */
	{"an incomplete look is held", STEP_HELD, REASON_UNREADABLE, 0, 0, {WANTED, .incomplete = true}},
	{"not Active is held", STEP_HELD, REASON_NOT_ACTIVE, 0, 0, {WANTED, .impaired = true}},
	{"another name is held", STEP_HELD, REASON_WRONG_NAME, 0, 0, {WANTED, .wrong_name = true}},
	{"something in flight is waited for, at least 15 s", STEP_WAIT, REASON_IN_FLIGHT, 15, 0,
		{WANTED, .entries = {{ROOT, S(REGISTERING), 0, 0}}, .busy = 10}},
	{"ever longer", STEP_WAIT, REASON_IN_FLIGHT, 50, 0,
		{WANTED, .entries = {{ROOT, S(REGISTERING), 0, 0}}, .busy = 100}},
	{"but no longer than 5 min", STEP_WAIT, REASON_IN_FLIGHT, 300, 0,
		{WANTED, .entries = {{ROOT, S(REGISTERING), 0, 0}}, .busy = 3000}},
	{"after an hour others are registered beside it", STEP_REGISTER, REASON_MISSING, 0, ISSUING,
		{WANTED, .entries = {{ROOT, S(REGISTERING), 0, 0}}, .busy = 3600}},
	{"but not enabled", STEP_WAIT, REASON_IN_FLIGHT, 0, 0,
		{WANTED, .entries = {{ROOT, S(REGISTERED), 0, 0}, {ISSUING, S(REGISTERED), 0, 0}, {OTHER, S(DEREGISTERING), 0, 0}}, .busy = 3600}},
	{"an empty directory: the first is registered", STEP_REGISTER, REASON_MISSING, 0, ROOT, {WANTED}},
	{"then the next", STEP_REGISTER, REASON_MISSING, 0, ISSUING, {WANTED, .entries = {{ROOT, S(REGISTERED), 0, 0}}}},
	{"then LDAPS is enabled", STEP_ENABLE, REASON_LDAPS_WANTED, 0, 0, {WANTED, BOTH}},
	{"then it is settled for the interval", STEP_SETTLED, REASON_CONVERGED, 900, 0, {WANTED, BOTH, .ldaps = LDAPS_STATUS_ENABLED}},
	{"policy observe only says so", STEP_HELD, REASON_OBSERVING, 0, 0, {WANTED, .policy = POLICY_OBSERVE}},
	{"LDAPS that the file leaves out is left alone", STEP_SETTLED, REASON_CONVERGED, 0, 0,
		{WANTED, BOTH, .client_ldaps = CLIENT_LDAPS_UNMANAGED}},
	{"a certificate with 91 days is not missing", STEP_ENABLE, REASON_LDAPS_WANTED, 0, 0,
		{WANTED, .entries = {{ROOT, S(REGISTERED), 0, 0}}, .trust = TRUST_ROOT, .left = {[ROOT] = 91 * DAY}}},
	{"one of which no certificate can be registered holds LDAPS back", STEP_HELD, REASON_AUTHORITY_UNCOVERED, 0, 0,
		{WANTED, .trust = TRUST_ROOT, .left = {[ROOT] = 91 * DAY}}},
	{"a second more is registered", STEP_REGISTER, REASON_MISSING, 0, ROOT, {WANTED, .trust = TRUST_ROOT, .left = {[ROOT] = 91 * DAY + 1}}},
	{"an own failed entry is cleared away first", STEP_DEREGISTER, REASON_OWN_FAILURE, 0, ROOT,
		{WANTED, .entries = {{ROOT, S(REGISTER_FAILED), 0, 0}}}},
	{"nothing is tried beside others' failed twin, but the next is registered", STEP_REGISTER, REASON_MISSING, 0, ISSUING,
		{WANTED, .entries = {{ROOT, S(REGISTER_FAILED), true, 0}}}},
	{"under add-only it is registered beside its failed entry", STEP_REGISTER, REASON_MISSING, 0, ROOT,
		{WANTED, .policy = POLICY_ADD_ONLY, .entries = {{ROOT, S(REGISTER_FAILED), 0, 0}}}},
	{"a failed entry does not hide the one that succeeded", STEP_ENABLE, REASON_LDAPS_WANTED, 0, 0,
		{WANTED, .policy = POLICY_ADD_ONLY, .entries = {{ROOT, S(REGISTER_FAILED), 0, 0}, {ROOT, S(REGISTERED), 0, 0}, {ISSUING, S(REGISTERED), 0, 0}}}},
	{"a foreign one that looks the same is not registered twice", STEP_ENABLE, REASON_LDAPS_WANTED, 0, 0,
		{WANTED, .entries = {{ROOT, S(REGISTERED), true, 0}, {ISSUING, S(REGISTERED), 0, 0}}}},
	{"a full directory without anything expired is held", STEP_HELD, REASON_NO_FREE_SLOT, 0, 0,
		{WANTED, .limit = 1, .entries = {{ROOT, S(REGISTERED), 0, 0}}}},
	{"an expired one makes room", STEP_DEREGISTER, REASON_MAKE_ROOM, 0, OTHER,
		{WANTED, .limit = 2, .entries = {{ROOT, S(REGISTERED), 0, 0}, {OTHER, S(REGISTERED), 0, 0}}, .left = {[OTHER] = -300}}},
	{"not before 5 min", STEP_HELD, REASON_NO_FREE_SLOT, 0, 0,
		{WANTED, .limit = 2, .entries = {{ROOT, S(REGISTERED), 0, 0}, {OTHER, S(REGISTERED), 0, 0}}, .left = {[OTHER] = -299}}},
	{"a foreign expired one does not", STEP_HELD, REASON_NO_FREE_SLOT, 0, 0,
		{WANTED, .limit = 2, .entries = {{ROOT, S(REGISTERED), 0, 0}, {OTHER, S(REGISTERED), true, 0}}, .left = {[OTHER] = -300}}},
	{"what others disabled is enabled after an hour, to the second", STEP_WAIT, REASON_DISABLED_ELSEWHERE, 15, 0,
		{WANTED, BOTH, .ldaps = LDAPS_STATUS_DISABLED, .disabled_elsewhere = 3590}},
	{"a disable is announced for three days", STEP_WAIT, REASON_GRACE, 0, 0,
		{WANTED, BOTH, .client_ldaps = CLIENT_LDAPS_DISABLED, .ldaps = LDAPS_STATUS_ENABLED}},
	{"and then sent", STEP_DISABLE, REASON_LDAPS_UNWANTED, 0, 0,
		{WANTED, BOTH, .client_ldaps = CLIENT_LDAPS_DISABLED, .ldaps = LDAPS_STATUS_ENABLED, .disable_wished = 3 * DAY}},
	{"a dropped certificate waits for grace, and looks when it ends", STEP_WAIT, REASON_GRACE, 100, 0,
		{DROPPED, .removable = 3 * DAY - 100}},
	{"and goes", STEP_DEREGISTER, REASON_DROPPED, 0, ROOT, {DROPPED, .removable = 3 * DAY}},
	{"one that cannot be registered again stays", STEP_HELD, REASON_IRREVERSIBLE, 0, 0,
		{DROPPED, .removable = 3 * DAY, .left = {[ROOT] = 91 * DAY}}},
	{"where LDAPS is to be off, the last one waits for that, which waits for its turn", STEP_WAIT, REASON_AWAITS_FIRST, 0, 0,
		{.entries = {{ROOT, S(REGISTERED), 0, 0}}, .policy = POLICY_SYNC, .client_ldaps = CLIENT_LDAPS_DISABLED,
			.ldaps = LDAPS_STATUS_ENABLED, .disable_wished = 4 * DAY, .removable = 4 * DAY, .out_of_turn = true}},
	{"where it is to be on, the last one stays", STEP_HELD, REASON_NOTHING_TRUSTED, 0, 0,
		{.entries = {{ROOT, S(REGISTERED), 0, 0}}, .policy = POLICY_SYNC, .client_ldaps = CLIENT_LDAPS_ENABLED,
			.ldaps = LDAPS_STATUS_DISABLED, .removable = 4 * DAY}},
	{"a removal out of turn waits", STEP_WAIT, REASON_AWAITS_FIRST, 0, 0, {DROPPED, .removable = 3 * DAY, .out_of_turn = true}},
	/* clang-format on */
};

static void test_rules(void **state)
{
	static struct decision decision;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct step *step = &decision.step;
		struct stage stage;

		stage_set(&stage, &cases[i].scene);
		decide(&stage.situation, &decision);
		print_message("%s\n", cases[i].sentence);
		assert_string_equal(step_kind_str(step->kind), step_kind_str(cases[i].kind));
		assert_string_equal(reason_str(step->reason), reason_str(cases[i].reason));
		if (step->kind == STEP_REGISTER || step->kind == STEP_DEREGISTER)
			assert_ptr_equal(step->certificate, scene_certificate(cases[i].who));
		if (step_writes(step)) {
			assert_int_equal(step->deadline, NOW + STEP_VIEW_MAX);
		} else {
			assert_true(step->until >= NOW + DECIDE_LOOK_MIN);
			assert_true(step->until <= NOW + FLEET_INTERVAL_DEFAULT);
		}
		if (cases[i].until)
			assert_int_equal(step->until, NOW + cases[i].until);
		stage_done(&stage);
	}
}

/* The same situation gives the same decision, and nothing seen means: look. */
static void test_pure(void **state)
{
	static struct decision one, two;
	struct scene scene = {WANTED};
	struct observed nothing = {0};
	struct stage stage;

	(void)state;
	stage_set(&stage, &scene);
	decide(&stage.situation, &one);
	decide(&stage.situation, &two);
	assert_int_equal(one.step.kind, two.step.kind);
	assert_int_equal(one.conditions_count, two.conditions_count);
	stage.situation.observed = &nothing;
	decide(&stage.situation, &one);
	assert_int_equal(one.step.kind, STEP_OBSERVE);
	stage_done(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_pure),
	};

	return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
