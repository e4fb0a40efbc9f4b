/* SPDX-License-Identifier: Apache-2.0 */
/* What is counted rather than repeated, clocks that are set, and how urgent a condition is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/calendar.h"
#include "core/clock-jump.h"
#include "core/message.h"
#include "core/repeat.h"

#define NOW INT64_C(1800000000)

static const struct {
	const char *what;
	int64_t at; /* after the first time */
	bool told;
} times[] = {
	{"the first time", 0, true},
	{"a moment later", 1, false},
	{"just before the hour", HOUR - 1, false},
	{"an hour later", HOUR, true},
	{"again in the next minute", HOUR + 60, false},
	{"six hours later", 6 * HOUR, true},
	{"a day later", DAY, true},
	{"six days later", 6 * DAY, false},
	{"a week later", 7 * DAY, true},
	{"after a long sleep, once", 40 * DAY, true},
	{"and not for each week slept", 40 * DAY + 1, false},
	{"at the next full week", 42 * DAY, true},
	{"with a clock that went back", 41 * DAY, false},
};

static void what_repeats_is_told_ever_less(void **state)
{
	struct repeat repeat = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(times); i++) {
		if (repeat_count(&repeat, NOW + times[i].at) != times[i].told)
			fail_msg("%s", times[i].what);
		assert_int_equal(repeat.count, i + 1);
		assert_int_equal(repeat.since, NOW);
	}
	repeat.count = UINT32_MAX;
	repeat_count(&repeat, NOW);
	assert_int_equal(repeat.count, UINT32_MAX);
}

static const struct {
	const char *what;
	int64_t now, elapsed; /* since the start */
	int64_t jump;
} clocks[] = {
	{"time passes", 900, 900, 0},
	{"the wall clock is slewed a little", 1810, 1800, 0},
	{"and a little more, which adds up", 2730, 2700, 30},
	{"that was told", 3630, 3600, 0},
	{"an hour back", 4500 - 3600 + 30, 4500, -3600},
	{"and forward again", 5400 + 30, 5400, 3600},
	{"after a sleep of a month both have gone on", 31 * DAY + 30, 31 * DAY, 0},
};

static void a_clock_that_is_set_is_noticed(void **state)
{
	int64_t offset = NOW - 1000;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(clocks); i++) {
		int64_t jump = clock_jump(&offset, NOW + clocks[i].now, 1000 + clocks[i].elapsed);

		if (jump != clocks[i].jump)
			fail_msg("%s: %lld", clocks[i].what, (long long)jump);
	}
}

static const struct {
	const char *what;
	struct condition condition;
	enum urgency urgency;
} urgencies[] = {
	{"an authority without a certificate while LDAPS is on",
		{.reason = REASON_AUTHORITY_UNCOVERED}, URGENCY_ALERT},
	{"one that holds back what is off still",
		{.reason = REASON_AUTHORITY_UNCOVERED, .holds = STEP_ENABLE}, URGENCY_ERROR},
	{"a week left", {.reason = REASON_SUCCESSOR_MISSING, .level = 7}, URGENCY_ALERT},
	{"a month left", {.reason = REASON_SUCCESSOR_MISSING, .level = 30}, URGENCY_ERROR},
	{"a quarter of a year left", {.reason = REASON_SUCCESSOR_MISSING, .level = 100},
		URGENCY_WARNING},
	{"an error", {.reason = REASON_ACCESS_DENIED}, URGENCY_ERROR},
	{"a warning", {.reason = REASON_THROTTLED}, URGENCY_WARNING},
	{"a note", {.reason = REASON_FOREIGN}, URGENCY_INFO},
};

static void urgency_is_what_somebody_must_do(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(urgencies); i++)
		if (condition_urgency(&urgencies[i].condition) != urgencies[i].urgency)
			fail_msg("%s: %d", urgencies[i].what,
				condition_urgency(&urgencies[i].condition));
}

static void every_reason_has_a_message(void **state)
{
	(void)state;
	assert_null(message_of_reason(REASON_NONE).id);
	for (int reason = REASON_NONE + 1; reason < REASONS; reason++)
		if (!message_of_reason((enum reason)reason).id)
			fail_msg("%s has no id: see CONTRIBUTING.md, A new reason",
				reason_str((enum reason)reason));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_repeats_is_told_ever_less),
		cmocka_unit_test(a_clock_that_is_set_is_noticed),
		cmocka_unit_test(urgency_is_what_somebody_must_do),
		cmocka_unit_test(every_reason_has_a_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
