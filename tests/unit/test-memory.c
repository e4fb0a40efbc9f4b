/* SPDX-License-Identifier: Apache-2.0 */
/* What is remembered of a write: its tries and waits, its outcome, and when it is given up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "core/memory.h"

#define NOW    INT64_C(1800000000)
#define MINUTE INT64_C(60)
#define HOUR   INT64_C(3600)

static const struct certificate root = {.sha256 = {{1}}, .common_name = "Root"};

static const struct {
	const char *sentence;
	unsigned tries; /* begun one after the other, each a day apart */
	enum refusal refusal;
	int64_t wait; /* after the last; ATTEMPT_HELD: held */
} failures[] = {
	{"after the first failure the next try waits an hour", 1, REFUSAL_ServiceException, HOUR},
	{"after the second six hours", 2, REFUSAL_ServiceException, 6 * HOUR},
	{"after the third a day", 3, REFUSAL_ServiceException, 24 * HOUR},
	{"what may pass by itself is tried once a day for ever", 9, REFUSAL_ServiceException,
		24 * HOUR},
	{"throttling passes by itself", 4, REFUSAL_ThrottlingException, 24 * HOUR},
	{"missing rights pass without an edit of the file", 4, REFUSAL_AccessDeniedException,
		24 * HOUR},
	{"a request that was lost may get through", 4, REFUSAL_RequestTimeout, 24 * HOUR},
	{"what ended as failed is held after the fourth", 4, REFUSAL_NONE, ATTEMPT_HELD},
	{"but not after the third", 3, REFUSAL_NONE, 24 * HOUR},
	{"a bad certificate is held until the file changes", 4, REFUSAL_InvalidCertificateException,
		ATTEMPT_HELD},
	{"so is a request that the API cannot read", 4, REFUSAL_SerializationException,
		ATTEMPT_HELD},
};

static void test_failures(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(failures); i++) {
		struct attempt attempt = {0};
		int64_t now = NOW;

		for (unsigned n = 0; n < failures[i].tries; n++) {
			now += 24 * HOUR;
			attempt_begin(&attempt, now);
			attempt_fail(&attempt, failures[i].refusal, now);
		}
		print_message("%s\n", failures[i].sentence);
		if (failures[i].wait == ATTEMPT_HELD) {
			assert_int_equal(attempt.next, ATTEMPT_HELD);
			continue;
		}
		assert_false(attempt_ready(&attempt, now + failures[i].wait - 1));
		assert_true(attempt_ready(&attempt, now + failures[i].wait));
	}
}

static void test_attempt(void **state)
{
	struct attempt attempt = {0};

	(void)state;
	/* a try that nobody hears of again counts as failed */
	attempt_begin(&attempt, NOW);
	assert_false(attempt_ready(&attempt, NOW + HOUR - 1));
	assert_true(attempt_ready(&attempt, NOW + HOUR));
	/* one that was never made does not */
	attempt_reset(&attempt);
	attempt_begin(&attempt, NOW);
	attempt_forgive(&attempt);
	assert_int_equal(attempt.failures, 0);
	assert_true(attempt_ready(&attempt, NOW));
	/* no free slot: at once when the listing has changed, but three times a day at most */
	for (int n = 0; n < 2; n++) {
		attempt_begin(&attempt, NOW);
		attempt_spare(&attempt);
		assert_true(attempt_ready(&attempt, NOW));
	}
	attempt_begin(&attempt, NOW);
	attempt_spare(&attempt);
	assert_false(attempt_ready(&attempt, NOW + 24 * HOUR - 1));
	/* a failure of nothing that was begun is nothing of ours */
	attempt_reset(&attempt);
	attempt_fail(&attempt, REFUSAL_NONE, NOW);
	assert_true(attempt_ready(&attempt, NOW));
}

static void test_contest(void **state)
{
	struct contest contest = {0};

	(void)state;
	for (int n = 0; n < CONTEST_MAX; n++)
		contest_note(&contest, NOW + n);
	assert_int_equal(contest_until(&contest, NOW + 10), 0);
	contest_note(&contest, NOW + 10);
	assert_int_equal(contest_until(&contest, NOW + 10), NOW + 10 + CONTEST_WINDOW);
	assert_int_equal(
		contest_until(&contest, NOW + 9 + CONTEST_WINDOW), NOW + 10 + CONTEST_WINDOW);
	assert_int_equal(contest_until(&contest, NOW + 10 + CONTEST_WINDOW), 0);
	/* the window slides: what comes within it goes on counting */
	contest_note(&contest, NOW + 10 + CONTEST_WINDOW);
	assert_int_equal(contest.count, CONTEST_MAX + 2);
	contest_note(&contest, NOW + 11 + 2 * CONTEST_WINDOW);
	assert_int_equal(contest.count, 1);
}

static const struct {
	const char *sentence;
	enum change_phase phase;
	enum step_kind kind;
	int64_t end; /* after `since` */
} ends[] = {
	{"a request may arrive for half an hour, and left late", CHANGE_INTENDED, STEP_REGISTER,
		33 * MINUTE},
	{"what was accepted may take an hour more to show", CHANGE_ACCEPTED, STEP_REGISTER,
		93 * MINUTE},
	{"a DisableLDAPS shows nothing while it is under way", CHANGE_INTENDED, STEP_DISABLE,
		93 * MINUTE},
};

static void test_change_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(ends); i++) {
		struct memory_change change = {
			.phase = ends[i].phase, .kind = ends[i].kind, .since = NOW};

		print_message("%s\n", ends[i].sentence);
		assert_int_equal(memory_change_end(&change), NOW + ends[i].end);
	}
}

static const struct {
	const char *sentence;
	struct outcome outcome;
	enum change_phase phase; /* afterwards */
	bool owned;		 /* the entry is ours afterwards */
	bool ready;		 /* the next try may come at once */
	bool full;		 /* the listing is marked as full */
} outcomes[] = {
	{"accepted: ours at once, by the id of the reply", {OUTCOME_ACCEPTED, 0, "c-0000000001"},
		CHANGE_ACCEPTED, true, false, false},
	{"accepted without an id: a look has to find it", {OUTCOME_ACCEPTED, 0, ""},
		CHANGE_ACCEPTED, false, false, false},
	{"refused: over, and counted", {OUTCOME_REFUSED, REFUSAL_InvalidCertificateException, ""},
		CHANGE_NONE, false, false, false},
	{"no slot: over, and the listing is remembered",
		{OUTCOME_REFUSED, REFUSAL_CertificateLimitExceededException, ""}, CHANGE_NONE,
		false, true, true},
	{"never sent: as if it had not been", {OUTCOME_NOT_EXECUTED, REFUSAL_NONE, ""}, CHANGE_NONE,
		false, true, false},
	{"throttled: not executed, and counted",
		{OUTCOME_NOT_EXECUTED, REFUSAL_ThrottlingException, ""}, CHANGE_NONE, false, false,
		false},
	{"unknown: stays until a look shows it", {OUTCOME_UNKNOWN, REFUSAL_NONE, ""},
		CHANGE_INTENDED, false, false, false},
};

static void test_outcomes(void **state)
{
	struct step step = {.kind = STEP_REGISTER, .certificate = &root, .authority = "corp-root"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(outcomes); i++) {
		struct memory memory = {0}, copy = {0};
		const struct memory_certificate *owned;

		print_message("%s\n", outcomes[i].sentence);
		assert_int_equal(memory_intend(&memory, &step, NOW), 0);
		assert_int_equal(memory.change.phase, CHANGE_INTENDED);
		assert_int_equal(memory_conclude(&memory, &step, &outcomes[i].outcome, 77, NOW), 0);
		assert_int_equal(memory.change.phase, outcomes[i].phase);
		owned = memory_find_certificate(&memory, &root.sha256);
		assert_int_equal(owned != NULL, outcomes[i].owned);
		if (owned)
			assert_string_equal(owned->authority, "corp-root");
		assert_int_equal(
			attempt_ready(&memory_wish_find(&memory, &root.sha256)->registration, NOW),
			outcomes[i].ready);
		assert_int_equal(memory.full_mark, outcomes[i].full ? 77 : 0);
		assert_int_equal(memory_copy(&memory, &copy), 0);
		assert_true(memory_equal(&memory, &copy));
		copy.wishes[0].registration.failures++;
		assert_false(memory_equal(&memory, &copy));
		memory_done(&copy);
		memory_done(&memory);
	}
}

/* No slot is an answer to RegisterCertificate alone. */
static void test_limit_elsewhere(void **state)
{
	struct memory memory = {0};
	struct step step = {.kind = STEP_ENABLE};
	struct outcome outcome = {OUTCOME_REFUSED, REFUSAL_CertificateLimitExceededException, ""};

	(void)state;
	assert_int_equal(memory_intend(&memory, &step, NOW), 0);
	assert_int_equal(memory_conclude(&memory, &step, &outcome, 77, NOW), 0);
	assert_int_equal(memory.full_mark, 0);
	assert_false(attempt_ready(&memory.enable, NOW + HOUR - 1));
	memory_done(&memory);
}

static void test_deregister(void **state)
{
	struct memory memory = {0};
	struct step step = {.kind = STEP_DEREGISTER, .certificate = &root, .id = "c-0000000001"};
	struct outcome stale = {OUTCOME_NOT_EXECUTED, REFUSAL_NONE, ""};

	(void)state;
	assert_non_null(memory_add(&memory, "c-0000000001", &root));
	assert_int_equal(memory_intend(&memory, &step, NOW), 0);
	assert_int_equal(memory_find(&memory, "c-0000000001")->removing_since, NOW);
	assert_int_equal(memory_conclude(&memory, &step, &stale, 0, NOW), 0);
	assert_int_equal(memory_find(&memory, "c-0000000001")->removing_since, 0);
	memory_find(&memory, "c-0000000001")->removable_since = NOW;
	memory.disable_since = NOW;
	memory_restart_waits(&memory);
	assert_int_equal(memory_find(&memory, "c-0000000001")->removable_since, 0);
	assert_int_equal(memory.disable_since, 0);
	memory_done(&memory);
}

/* Each member of an announcement tells two memories apart; what was told moves without the rest. */
static void test_announcements(void **state)
{
	static const struct memory_announcement others[] = {
		{REASON_STUCK, 7, 90, NOW, NOW},
		{REASON_STALE, 8, 90, NOW, NOW},
		{REASON_STALE, 7, 30, NOW, NOW},
		{REASON_STALE, 7, 90, 0, NOW},
		{REASON_STALE, 7, 90, NOW, NOW + 1},
	};
	struct memory memory = {0}, copy = {0};

	(void)state;
	*memory_announcement_add(&memory, REASON_STALE, 7) =
		(struct memory_announcement){REASON_STALE, 7, 90, NOW, NOW};
	assert_null(memory_announcement_find(&memory, REASON_STALE, 8));
	assert_null(memory_announcement_find(&memory, REASON_STUCK, 7));
	assert_non_null(memory_announcement_find(&memory, REASON_STALE, 7));
	assert_int_equal(memory_copy(&memory, &copy), 0);
	assert_true(memory_equal(&memory, &copy));
	for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
		copy.announcements[0] = others[i];
		assert_false(memory_equal(&memory, &copy));
	}
	copy.looked = NOW;
	memory_move_announcements(&copy, &memory);
	assert_int_equal(copy.announcements_count, 0);
	assert_int_equal(memory.looked, 0);
	assert_int_equal(memory.announcements[0].told, NOW + 1);
	memory_done(&copy);
	memory_done(&memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_attempt),
		cmocka_unit_test(test_contest),
		cmocka_unit_test(test_change_end),
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_limit_elsewhere),
		cmocka_unit_test(test_deregister),
		cmocka_unit_test(test_announcements),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
