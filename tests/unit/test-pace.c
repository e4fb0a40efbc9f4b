/* SPDX-License-Identifier: Apache-2.0 */
/* How fast a lane may ask: unlimited, slower on every throttle, faster with every quiet second. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "program/pace.h"

/* So far that rounding does not matter. Requests per second. */
#define NEAR 0.001

static void check_rate(double rate, double expected)
{
	assert_true(rate > expected - NEAR && rate < expected + NEAR);
}

static void nothing_limits_before_a_throttle(void **state)
{
	struct pace pace = {0};

	(void)state;
	for (int64_t i = 0; i < 1000; i++)
		assert_int_equal(pace_take(&pace, 5000 + i / 10), 0);
}

/* 100 requests in a second, then a throttle: 70 a second are left. */
static struct pace throttled_at_hundred(void)
{
	struct pace pace = {0};

	for (int64_t i = 0; i <= 200; i++)
		pace_take(&pace, 10000 + i * 10);
	pace_throttled(&pace, 12000);
	return pace;
}

static void a_throttle_slows_to_a_part_of_what_was_measured(void **state)
{
	struct pace pace = throttled_at_hundred();

	(void)state;
	assert_true(pace.rate > 65 && pace.rate < 75);
}

static void requests_are_spaced(void **state)
{
	struct pace pace = {.rate = 10, .changed_ms = 1000};

	(void)state;
	assert_int_equal(pace_take(&pace, 1000), 0);
	assert_int_equal(pace_take(&pace, 1000), 100);
	assert_int_equal(pace_take(&pace, 1000), 200);
	assert_int_equal(pace_take(&pace, 1150), 150);
	/* what was not asked is not saved up: no burst after a pause */
	assert_int_equal(pace_take(&pace, 1900), 0);
	assert_int_equal(pace_take(&pace, 1900), 100);
}

static void throttles_that_were_under_way_together_are_one(void **state)
{
	struct pace pace = {.rate = 10, .changed_ms = 1000};

	(void)state;
	pace_throttled(&pace, 1000 + PACE_SETTLE_MS - 1);
	check_rate(pace.rate, 10);
	pace_throttled(&pace, 1000 + PACE_SETTLE_MS);
	check_rate(pace.rate, 10 * PACE_BACK_OFF);
}

static void it_never_stops(void **state)
{
	struct pace pace = {0};

	(void)state;
	for (int64_t i = 0; i < 100; i++)
		pace_throttled(&pace, 10000 + i * PACE_SETTLE_MS);
	check_rate(pace.rate, PACE_RATE_MIN);
	pace_take(&pace, 10000 + 99 * PACE_SETTLE_MS);
	assert_int_equal(
		pace_take(&pace, 10000 + 99 * PACE_SETTLE_MS), (int64_t)(1000.0 / PACE_RATE_MIN));
}

static void every_quiet_second_probes_upward(void **state)
{
	struct pace pace = {.rate = 10, .changed_ms = 1000};

	(void)state;
	pace_take(&pace, 1999);
	check_rate(pace.rate, 10);
	pace_take(&pace, 2000);
	check_rate(pace.rate, 10 * (1 + PACE_PROBE));
	pace_take(&pace, 4000);
	check_rate(pace.rate, 10 * (1 + PACE_PROBE) * (1 + PACE_PROBE) * (1 + PACE_PROBE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_limits_before_a_throttle),
		cmocka_unit_test(a_throttle_slows_to_a_part_of_what_was_measured),
		cmocka_unit_test(requests_are_spaced),
		cmocka_unit_test(throttles_that_were_under_way_together_are_one),
		cmocka_unit_test(it_never_stops),
		cmocka_unit_test(every_quiet_second_probes_upward),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
