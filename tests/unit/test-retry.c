/* SPDX-License-Identifier: Apache-2.0 */
/* How often and how soon a request is sent again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "edge/retry.h"

#define FILE_NAME "test-retry.config"

static int clear(void **state)
{
	static const char *const names[] = {"AWS_MAX_ATTEMPTS", "AWS_PROFILE",
		"AWS_DEFAULT_PROFILE", "AWS_SHARED_CREDENTIALS_FILE"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		unsetenv(names[i]);
	setenv("AWS_CONFIG_FILE", FILE_NAME, 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", FILE_NAME ".no", 1);
	unlink(FILE_NAME);
	return 0;
}

static void attempts(void **state)
{
	static const struct {
		const char *what, *variable, *file, *chosen, *profile;
		unsigned attempts; /* 0: refused */
		const char *says;
	} cases[] = {
		{"nobody says anything", NULL, NULL, NULL, NULL, 3, NULL},
		{"the environment says", "7", NULL, NULL, NULL, 7, NULL},
		{"the default profile says", NULL, "[default]\nmax_attempts = 5\n", NULL, NULL, 5,
			NULL},
		{"the environment comes first", "1", "[default]\nmax_attempts = 5\n", NULL, NULL, 1,
			NULL},
		{"an empty variable is not set", "", "[default]\nmax_attempts = 5\n", NULL, NULL, 5,
			NULL},
		{"the chosen profile says", NULL,
			"[default]\nmax_attempts = 5\n[profile b]\nmax_attempts=2\n", "b", NULL, 2,
			NULL},
		{"our own file chooses before it", NULL,
			"[profile a]\nmax_attempts=6\n[profile b]\nmax_attempts=2\n", "b", "a", 6,
			NULL},
		{"a profile that says nothing does not ask the default one", NULL,
			"[default]\nmax_attempts = 5\n[profile b]\nregion=x\n", NULL, "b", 3, NULL},
		{"a file that is none is for those who need its keys", NULL, "nonsense\n", NULL,
			NULL, 3, NULL},
		{"more than can be used", "1000000000000000000000", NULL, NULL, NULL, 100, NULL},
		{"not once", "0", NULL, NULL, NULL, 0, "AWS_MAX_ATTEMPTS is '0'"},
		{"a negative number", "-1", NULL, NULL, NULL, 0, "AWS_MAX_ATTEMPTS is '-1'"},
		{"a word", "many", NULL, NULL, NULL, 0, "takes a number from 1 on"},
		{"a word after a number", "3x", NULL, NULL, NULL, 0, "AWS_MAX_ATTEMPTS is '3x'"},
		{"a word in the file", NULL, "\n[profile b]\nmax_attempts = many\n", NULL, "b", 0,
			"max_attempts of profile b (" FILE_NAME ":2) is 'many'"},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct error error = {0};
		unsigned found = 0;
		int r;

		clear(state);
		if (cases[i].variable)
			setenv("AWS_MAX_ATTEMPTS", cases[i].variable, 1);
		if (cases[i].chosen)
			setenv("AWS_PROFILE", cases[i].chosen, 1);
		if (cases[i].file) {
			FILE *file = fopen(FILE_NAME, "w");

			assert_non_null(file);
			fputs(cases[i].file, file);
			fclose(file);
		}
		r = retry_attempts(cases[i].profile, &found, &error);
		if (found != cases[i].attempts || (r < 0) != (cases[i].attempts == 0) ||
			(cases[i].says && !strstr(error.message, cases[i].says)))
			fail_msg("%s: %u, '%s'", cases[i].what, found, error.message);
	}
	clear(state);
}

static void waits(void **state)
{
	static const struct {
		const char *what;
		unsigned attempt;
		uint32_t random;
		int64_t asked_ms, wait_ms;
	} cases[] = {
		{"the first is up to a second", 0, UINT32_MAX, -1, 1000},
		{"any part of it", 0, UINT32_MAX / 4 + 1, -1, 250},
		{"from nothing on", 4, 0, -1, 0},
		{"the second is up to two", 1, UINT32_MAX, -1, 2000},
		{"the fifth is up to sixteen", 4, UINT32_MAX, -1, 16000},
		{"none is longer than twenty", 5, UINT32_MAX, -1, 20000},
		{"however many there were", RETRY_ATTEMPTS_MAX, UINT32_MAX, -1, 20000},
		{"the service may ask for longer", 0, UINT32_MAX, 7000, 7000},
		{"it does not ask for shorter", 2, UINT32_MAX, 7, 4000},
		{"nor for longer than twenty", 0, 0, 3600000, 20000},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		int64_t wait_ms =
			retry_wait_ms(cases[i].attempt, cases[i].random, cases[i].asked_ms);

		if (wait_ms != cases[i].wait_ms)
			fail_msg("%s: %lld", cases[i].what, (long long)wait_ms);
	}
	for (unsigned i = 0; i < 100; i++)
		assert_in_range(retry_wait_random_ms(0, -1), 0, 1000);
}

static void a_service_that_is_down_uses_up_the_quota(void **state)
{
	struct retry retry;
	int cost = 0;

	(void)state;
	retry_init(&retry);
	for (int i = 0; i < RETRY_QUOTA / RETRY_COST; i++)
		assert_true(retry_take(&retry, false, &cost));
	cost = 0;
	assert_false(retry_take(&retry, false, &cost));
	assert_int_equal(cost, 0);
	/* five requests that succeed at once bring one further attempt */
	for (int i = 0; i < RETRY_COST; i++) {
		assert_false(retry_take(&retry, false, &cost));
		retry_return(&retry, 0);
	}
	assert_true(retry_take(&retry, false, &cost));
	assert_false(retry_take(&retry, false, &cost));
}

static void time_outs_cost_more(void **state)
{
	struct retry retry;
	int cost, taken = 0;

	(void)state;
	retry_init(&retry);
	while (retry_take(&retry, true, &cost))
		taken++;
	assert_int_equal(taken, RETRY_QUOTA / RETRY_TIMEOUT);
	/* a success gives back what it took */
	retry_return(&retry, cost);
	assert_true(retry_take(&retry, true, &cost));
}

static void there_are_never_more_tokens(void **state)
{
	struct retry retry;
	int cost, taken = 0;

	(void)state;
	retry_init(&retry);
	assert_true(retry_take(&retry, false, &cost));
	for (int i = 0; i < 100; i++)
		retry_return(&retry, cost);
	while (retry_take(&retry, false, &cost))
		taken++;
	assert_int_equal(taken, RETRY_QUOTA / RETRY_COST);
}

static void what_was_signed_counts(void **state)
{
	static const struct {
		const char *what;
		int64_t signed_at, date, skew, correction;
		bool mistimed;
	} cases[] = {
		{"a right clock", 1000, 1002, 2, 7, false},
		{"one behind", 1000, 4600, 3600, 3600, true},
		{"one ahead", 4600, 1000, -3600, -3600, true},
		{"set right while the request was under way", 1000, 4600, 0, 0, true},
		{"set wrong meanwhile: the time was not it", 1000, 1000, -3600, 7, false},
		{"corrected before, and set right since", 4600, 1000, 0, 0, true},
		{"a second less than counts", 1000, 1000 + RETRY_MISTIMED - 1, 59, 7, false},
		{"as much as counts", 1000, 1000 + RETRY_MISTIMED, 60, 60, true},
		{"no Date", 1000, 0, 0, 7, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct retry retry;

		retry_init(&retry);
		atomic_store(&retry.correction, 7);
		if (retry_mistimed(&retry, cases[i].signed_at, cases[i].date, cases[i].skew) !=
				cases[i].mistimed ||
			atomic_load(&retry.correction) != cases[i].correction)
			fail_msg("%s", cases[i].what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(attempts, clear, clear),
		cmocka_unit_test(waits),
		cmocka_unit_test(a_service_that_is_down_uses_up_the_quota),
		cmocka_unit_test(time_outs_cost_more),
		cmocka_unit_test(there_are_never_more_tokens),
		cmocka_unit_test(what_was_signed_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
