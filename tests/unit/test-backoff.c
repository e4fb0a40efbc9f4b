/* SPDX-License-Identifier: Apache-2.0 */
/* When what failed is looked at again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/array.h"
#include "base/error.h"
#include "core/backoff.h"

static void waits(void **state)
{
	static const struct {
		const char *what;
		unsigned failures;
		int64_t interval;
		uint64_t salt;
		int64_t wait;
	} cases[] = {
		{"what is well waits for the interval", 0, 900, 7, 900},
		{"after the first failure it is the rate of N11 at least", 1, 900, 0, 15},
		{"and twice that at most", 1, 900, 15, 30},
		{"after the second from there on", 2, 900, 0, 30},
		{"up to twice that again", 2, 900, 30, 60},
		{"it grows", 5, 900, 0, 240},
		{"never beyond the interval", 6, 900, 480, 900},
		{"however often it failed", UINT32_MAX, 900, 1, 900},
		{"an interval of 15 s is kept", 1, 15, 15, 15},
		{"a day's as well", 20, 86400, UINT64_MAX, 86400},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		int64_t wait = backoff_seconds(cases[i].failures, cases[i].interval, cases[i].salt);

		if (wait != cases[i].wait)
			fail_msg("%s: %lld", cases[i].what, (long long)wait);
	}
}

static void never_before_the_rate_nor_after_the_interval(void **state)
{
	(void)state;
	for (unsigned failures = 1; failures < 20; failures++)
		for (uint64_t salt = 0; salt < 2000; salt += 7)
			assert_in_range(backoff_seconds(failures, 3600, salt), BACKOFF_FIRST, 3600);
}

static void worth(void **state)
{
	static const struct {
		int error;
		bool worth;
	} cases[] = {
		{0, false},
		{-ERROR_NETWORK, true},
		{-ERROR_TIMEOUT, true},
		{-ERROR_SERVICE, true},
		{-ERROR_BUSY, true},
		{-ERROR_REFUSED, false}, /* until a right or an id changes */
		{-ERROR_CORRUPT, false}, /* it would make no sense again */
		{-ERROR_DENIED, false},	 /* the peer's certificate */
		{-ERROR_MISSING, false}, /* no keys */
		{-ERROR_ACCOUNT, false},
		{-ERROR_INTERNAL, false},
		{-ERROR_STOPPED, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		if (backoff_worth(cases[i].error) != cases[i].worth)
			fail_msg("%s", error_str(cases[i].error));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits),
		cmocka_unit_test(never_before_the_rate_nor_after_the_interval),
		cmocka_unit_test(worth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
