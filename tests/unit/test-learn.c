/* SPDX-License-Identifier: Apache-2.0 */
/* What one look teaches memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "core/learn.h"
#include "stage.h"

/* A row takes a usual scene and changes a member of it. */
#pragma GCC diagnostic ignored "-Woverride-init"

#define S(name) CERTIFICATE_STATE_##name
#define WANTED                                                                                     \
	.policy = POLICY_SYNC, .client_ldaps = CLIENT_LDAPS_ENABLED,                               \
	.trust = TRUST_ROOT | TRUST_ISSUING

/* The change in flight, and whether the look shows it. */
static const struct {
	const char *sentence;
	enum change_phase phase;
	enum step_kind kind;
	unsigned entry; /* whose id the change has, from 1; 0: none */
	bool failed; /* that entry had failed before; for enable: EnableFailed was shown before */
	int64_t age; /* of the intent */
	bool over;   /* nothing is in flight afterwards */
	unsigned failures; /* tries without success that are counted afterwards, of one begun */
	struct scene scene;
} changes[] = {
	/* clang-format off */
	{"a lost registration shows as the one foreign entry that matches", CHANGE_INTENDED, STEP_REGISTER, 0, false, 10, true, 1,
		{WANTED, .adopt_never = true, .entries = {{ROOT, S(REGISTERING), true, 0}}}},
	{"two that match prove nothing", CHANGE_INTENDED, STEP_REGISTER, 0, false, 10, false, 1,
		{WANTED, .adopt_never = true, .entries = {{ROOT, S(REGISTERED), true, 0}, {ROOT, S(REGISTERED), true, 0}}}},
	{"nothing of it a second before 33 min: it may still come", CHANGE_INTENDED, STEP_REGISTER, 0, false, 33 * 60 - 1, false, 1, {WANTED}},
	{"nothing of it after 33 min: it was not executed, and counts", CHANGE_INTENDED, STEP_REGISTER, 0, false, 33 * 60, true, 1, {WANTED}},
	{"a removal shows as Deregistering", CHANGE_INTENDED, STEP_DEREGISTER, 1, false, 10, true, 1,
		{WANTED, .entries = {{ROOT, S(DEREGISTERING), 0, 0}}}},
	{"as a new DeregisterFailed", CHANGE_INTENDED, STEP_DEREGISTER, 1, false, 10, true, 1,
		{WANTED, .entries = {{ROOT, S(DEREGISTER_FAILED), 0, 0}}}},
	{"an old DeregisterFailed proves nothing", CHANGE_INTENDED, STEP_DEREGISTER, 1, true, 10, false, 1,
		{WANTED, .entries = {{ROOT, S(DEREGISTER_FAILED), 0, 0}}}},
	{"nor does an old RegisterFailed", CHANGE_INTENDED, STEP_DEREGISTER, 1, true, 10, false, 1,
		{WANTED, .entries = {{ROOT, S(REGISTER_FAILED), 0, 0}}}},
	{"an enable shows as Enabling", CHANGE_INTENDED, STEP_ENABLE, 0, false, 10, true, 1, {WANTED, .ldaps = LDAPS_STATUS_ENABLING}},
	{"Enabled is its success", CHANGE_INTENDED, STEP_ENABLE, 0, false, 10, true, 0, {WANTED, .ldaps = LDAPS_STATUS_ENABLED}},
	{"a new EnableFailed shows it", CHANGE_INTENDED, STEP_ENABLE, 0, false, 10, true, 1, {WANTED, .ldaps = LDAPS_STATUS_ENABLE_FAILED}},
	{"an old one does not", CHANGE_INTENDED, STEP_ENABLE, 0, true, 10, false, 1, {WANTED, .ldaps = LDAPS_STATUS_ENABLE_FAILED}},
	{"Enabled does not show a disable", CHANGE_ACCEPTED, STEP_DISABLE, 0, false, 93 * 60 - 1, false, 1, {WANTED, .ldaps = LDAPS_STATUS_ENABLED}},
	{"which is given up after 93 min", CHANGE_ACCEPTED, STEP_DISABLE, 0, false, 93 * 60, true, 1, {WANTED, .ldaps = LDAPS_STATUS_ENABLED}},
	{"Disabled shows it", CHANGE_ACCEPTED, STEP_DISABLE, 0, false, 10, true, 0, {WANTED, .ldaps = LDAPS_STATUS_DISABLED}},
	/* clang-format on */
};

static const struct attempt *attempt_of(const struct memory *memory, enum step_kind kind)
{
	static const struct attempt none;

	switch (kind) {
	case STEP_REGISTER:
		return &memory->wishes[0].registration;
	case STEP_DEREGISTER:
		return memory->certificates_count ? &memory->certificates[0].deregister : &none;
	case STEP_ENABLE:
		return &memory->enable;
	default:
		return &memory->disable;
	}
}

static void test_changes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(changes); i++) {
		struct step step = {.kind = changes[i].kind};
		struct stage stage;

		stage_set(&stage, &changes[i].scene);
		if (changes[i].kind == STEP_REGISTER)
			step.certificate = scene_certificate(ROOT);
		if (changes[i].entry)
			snprintf(step.id, sizeof(step.id), "c-%010u", changes[i].entry);
		if (changes[i].entry)
			stage.memory.certificates[0].failed = changes[i].failed;
		stage.memory.enable_failed = changes[i].failed;
		assert_int_equal(memory_intend(&stage.memory, &step, NOW - changes[i].age), 0);
		stage.memory.change.phase = changes[i].phase;
		assert_int_equal(learn(&stage.situation, &stage.memory), 0);
		print_message("%s\n", changes[i].sentence);
		assert_int_equal(stage.memory.change.phase == CHANGE_NONE, changes[i].over);
		assert_int_equal(
			attempt_of(&stage.memory, changes[i].kind)->failures, changes[i].failures);
		stage_done(&stage);
	}
}

static const struct {
	const char *sentence;
	unsigned owned; /* entries that are ours afterwards */
	struct scene scene;
} adoptions[] = {
	/* clang-format off */
	{"exactly one for exactly one: adopted", 1, {WANTED, .entries = {{ROOT, S(REGISTERED), true, 0}}}},
	{"one that is being registered too", 1, {WANTED, .entries = {{ROOT, S(REGISTERING), true, 0}}}},
	{"a failed one is not", 0, {WANTED, .entries = {{ROOT, S(REGISTER_FAILED), true, 0}}}},
	{"adopt: never", 0, {WANTED, .adopt_never = true, .entries = {{ROOT, S(REGISTERED), true, 0}}}},
	{"two entries for one certificate", 0, {WANTED, .entries = {{ROOT, S(REGISTERED), true, 0}, {ROOT, S(REGISTERED), true, 0}}}},
	{"what no trusted authority lists", 0, {WANTED, .entries = {{STRANGER, S(REGISTERED), true, 0}}}},
	{"a smart-card certificate", 0, {WANTED, .entries = {{ROOT, S(REGISTERED), true, CERTIFICATE_TYPE_CLIENT_CERT_AUTH}}}},
	{"an incomplete look teaches nothing", 0, {WANTED, .incomplete = true, .entries = {{ROOT, S(REGISTERED), true, 0}}}},
	{"nor does one of another directory", 0, {WANTED, .wrong_name = true, .entries = {{ROOT, S(REGISTERED), true, 0}}}},
	/* clang-format on */
};

static void test_adoption(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(adoptions); i++) {
		struct stage stage;

		stage_set(&stage, &adoptions[i].scene);
		assert_int_equal(learn(&stage.situation, &stage.memory), 0);
		print_message("%s\n", adoptions[i].sentence);
		assert_int_equal(stage.memory.certificates_count, adoptions[i].owned);
		stage_done(&stage);
	}
}

/* An owned entry that is gone from the listing. */
static void test_gone(void **state)
{
	struct scene scene = {WANTED, .entries = {{ROOT, S(REGISTERED), 0, 0}}};
	struct stage stage;

	(void)state;
	/* others removed it: contradictory for this look, and contested */
	stage_set(&stage, &scene);
	stage.observed.listed_count = 0;
	assert_int_equal(learn(&stage.situation, &stage.memory), 0);
	assert_true(stage.memory.vanished);
	assert_int_equal(stage.memory.certificates_count, 1);
	assert_int_equal(learn(&stage.situation, &stage.memory), 0);
	assert_false(stage.memory.vanished);
	assert_int_equal(stage.memory.certificates_count, 0);
	assert_int_equal(stage.memory.wishes[0].contest.count, 1);
	stage_done(&stage);
	/* one look was wrong: nothing is lost, and nobody is blamed */
	stage_set(&stage, &scene);
	stage.observed.listed_count = 0;
	assert_int_equal(learn(&stage.situation, &stage.memory), 0);
	stage.observed.listed_count = 1;
	assert_int_equal(learn(&stage.situation, &stage.memory), 0);
	assert_false(stage.memory.vanished || stage.memory.certificates[0].missed);
	assert_int_equal(stage.memory.certificates_count, 1);
	assert_int_equal(stage.memory.wishes_count, 0);
	stage_done(&stage);
	/* we removed it */
	stage_set(&stage, &scene);
	stage.observed.listed_count = 0;
	stage.memory.certificates[0].removing_since = NOW - 60;
	assert_int_equal(learn(&stage.situation, &stage.memory), 0);
	assert_false(stage.memory.vanished);
	assert_int_equal(stage.memory.certificates_count, 1);
	assert_int_equal(learn(&stage.situation, &stage.memory), 0);
	assert_int_equal(stage.memory.certificates_count, 0);
	stage_done(&stage);
	/* it never became Registered: the registration failed */
	stage_set(&stage, &scene);
	stage.observed.listed_count = 0;
	stage.memory.certificates[0].registered_at = 0;
	attempt_begin(&memory_wish_add(&stage.memory, scene_certificate(ROOT))->registration, NOW);
	assert_int_equal(learn(&stage.situation, &stage.memory), 0);
	assert_int_equal(learn(&stage.situation, &stage.memory), 0);
	assert_false(stage.memory.vanished);
	assert_int_equal(stage.memory.wishes[0].contest.count, 0);
	assert_int_equal(stage.memory.wishes[0].registration.failures, 1);
	stage_done(&stage);
}

static const struct {
	const char *sentence;
	int64_t looked; /* ago */
	bool kept;	/* the wait goes on */
	struct scene scene;
} waits[] = {
	/* clang-format off */
	{"a wait goes on over 48 h without a look", 172800, true, {WANTED, .client_ldaps = CLIENT_LDAPS_DISABLED, .ldaps = LDAPS_STATUS_ENABLED, .disable_wished = 200000}},
	{"a second more breaks it", 172801, false, {WANTED, .client_ldaps = CLIENT_LDAPS_DISABLED, .ldaps = LDAPS_STATUS_ENABLED, .disable_wished = 200000}},
	{"so does a clock that goes back", -1, false, {WANTED, .client_ldaps = CLIENT_LDAPS_DISABLED, .ldaps = LDAPS_STATUS_ENABLED, .disable_wished = 200000}},
	{"and a change of policy", 60, false, {WANTED, .policy = POLICY_OBSERVE, .client_ldaps = CLIENT_LDAPS_DISABLED, .ldaps = LDAPS_STATUS_ENABLED, .disable_wished = 200000}},
	{"not being its turn does not", 60, true, {WANTED, .out_of_turn = true, .client_ldaps = CLIENT_LDAPS_DISABLED, .ldaps = LDAPS_STATUS_ENABLED, .disable_wished = 200000}},
	/* clang-format on */
};

static void test_waits(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(waits); i++) {
		struct stage stage;

		stage_set(&stage, &waits[i].scene);
		stage.memory.looked = NOW - waits[i].looked;
		assert_int_equal(learn(&stage.situation, &stage.memory), 0);
		print_message("%s\n", waits[i].sentence);
		assert_int_equal(stage.memory.disable_since == NOW - 200000, waits[i].kept);
		stage_done(&stage);
	}
}

static void test_elsewhere(void **state)
{
	struct scene scene = {WANTED, .was_enabled = true, .ldaps = LDAPS_STATUS_DISABLED};
	struct stage stage;

	(void)state;
	stage_set(&stage, &scene);
	assert_int_equal(learn(&stage.situation, &stage.memory), 0);
	assert_int_equal(stage.memory.disabled_elsewhere_since, NOW);
	assert_int_equal(stage.memory.ldaps_contest.count, 1);
	assert_int_equal(stage.memory.disabled_since, NOW);
	stage_done(&stage);
	/* an edit that no longer wants LDAPS forgets it */
	scene.client_ldaps = CLIENT_LDAPS_UNMANAGED;
	stage_set(&stage, &scene);
	assert_int_equal(learn(&stage.situation, &stage.memory), 0);
	assert_int_equal(stage.memory.disabled_elsewhere_since, 0);
	stage_done(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_adoption),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_elsewhere),
	};

	return cmocka_run_group_tests_name("learn", tests, NULL, NULL);
}
