/* SPDX-License-Identifier: Apache-2.0 */
/* The pace of a lane, against a service with a token bucket: time, waste, and that waits end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/array.h"
#include "program/pace.h"

#define WORKERS_MAX 64
#define LATENCY_MS  50
/* An attempt that was throttled is made again after this. Milliseconds. */
#define BACKOFF_MS 500

struct bucket {
	double rate, burst, tokens;
	int64_t filled_ms;
};

static int bucket_take(struct bucket *bucket, int64_t now_ms)
{
	bucket->tokens += bucket->rate * (double)(now_ms - bucket->filled_ms) / 1000;
	bucket->filled_ms = now_ms;
	if (bucket->tokens > bucket->burst)
		bucket->tokens = bucket->burst;
	if (bucket->tokens < 1)
		return 0;
	bucket->tokens--;
	return 1;
}

/* What workers did with a number of requests. */
struct outcome {
	int64_t took_ms;
	unsigned sent, throttled;
};

enum stage {
	STAGE_IDLE,
	STAGE_PACED,
	STAGE_FLYING,
};

struct worker {
	enum stage stage;
	int64_t at_ms; /* when its stage ends */
	int taken;     /* FLYING: what the reply will say */
};

struct simulation {
	struct pace pace;
	struct bucket bucket;
	struct outcome outcome;
	unsigned left, done;
};

static void step(struct simulation *simulation, struct worker *worker, int64_t now_ms)
{
	if (worker->stage == STAGE_FLYING) {
		simulation->done += (unsigned)worker->taken;
		worker->stage = STAGE_IDLE;
		if (!worker->taken) {
			simulation->outcome.throttled++;
			simulation->left++;
			pace_throttled(&simulation->pace, now_ms);
			worker->at_ms = now_ms + BACKOFF_MS;
			return;
		}
	}
	if (worker->stage == STAGE_IDLE && simulation->left > 0) {
		simulation->left--;
		worker->stage = STAGE_PACED;
		worker->at_ms = now_ms + pace_take(&simulation->pace, now_ms);
	}
	if (worker->stage == STAGE_PACED && worker->at_ms <= now_ms) {
		simulation->outcome.sent++;
		worker->taken = bucket_take(&simulation->bucket, now_ms);
		worker->stage = STAGE_FLYING;
		worker->at_ms = now_ms + LATENCY_MS;
	}
}

static struct outcome simulate(unsigned workers, unsigned requests, double rate, double burst)
{
	struct simulation simulation = {.bucket = {rate, burst, burst, 1}, .left = requests};
	struct worker crew[WORKERS_MAX] = {0};
	int64_t now_ms = 1;

	for (; simulation.done < requests; now_ms++) {
		assert_true(now_ms < 3600 * 1000);
		for (unsigned i = 0; i < workers; i++)
			if (crew[i].at_ms <= now_ms)
				step(&simulation, &crew[i], now_ms);
	}
	simulation.outcome.took_ms = now_ms;
	return simulation.outcome;
}

static const struct {
	const char *what;
	unsigned workers, requests;
	double rate, burst;
	double time_max, waste_max; /* by the ideal time; part of what was sent */
} cases[] = {
	{"50 requests a second, 50 in flight: the first volley is most of it", 50, 1000, 50, 50,
		1.1, 0.06},
	{"as many workers as are by default", 4, 1000, 50, 50, 1.1, 0.02},
	{"a service that allows little", 4, 200, 5, 5, 1.1, 0.06},
	{"and one that allows next to nothing", 4, 60, 1, 1, 1.6, 0.3},
	{"a large burst before the limit", 50, 3000, 50, 1000, 1.25, 0.06},
};

static void a_limit_is_found_and_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct outcome outcome = simulate(
			cases[i].workers, cases[i].requests, cases[i].rate, cases[i].burst);
		double ideal_ms =
			((double)cases[i].requests - cases[i].burst) / cases[i].rate * 1000;
		double time = (double)outcome.took_ms / ideal_ms;
		double waste = (double)outcome.throttled / (double)outcome.sent;

		print_message("%s: %.2f of the ideal time, %.1f %% wasted\n", cases[i].what, time,
			waste * 100);
		assert_true(time <= cases[i].time_max);
		assert_true(waste <= cases[i].waste_max);
	}
}

static void nothing_is_paced_without_a_throttle(void **state)
{
	struct pace pace = {0};

	(void)state;
	for (int64_t i = 0; i < 10000; i++)
		assert_int_equal(pace_take(&pace, i), 0);
}

static void a_throttle_after_a_rest_does_not_count_the_rest(void **state)
{
	struct pace pace = {0};
	int64_t now_ms = 0;

	(void)state;
	for (int i = 0; i < 40; i++)
		pace_take(&pace, now_ms++);
	now_ms += 900 * 1000;
	for (int i = 0; i < 40; i++)
		pace_take(&pace, now_ms++);
	pace_throttled(&pace, now_ms);
	pace_take(&pace, now_ms);
	assert_in_range(pace_take(&pace, now_ms), 10, 100);
}

static void requests_are_spaced(void **state)
{
	struct pace pace = {.ceiling = 10, .throttled_ms = 1000 - PACE_RECOVER_MS};

	(void)state;
	assert_int_equal(pace_take(&pace, 1000), 0);
	assert_int_equal(pace_take(&pace, 1000), 100);
	assert_int_equal(pace_take(&pace, 1000), 200);
	assert_in_range(pace_take(&pace, 1150), 140, 150);
	/* what was not asked is not saved up: no burst after a pause */
	assert_int_equal(pace_take(&pace, 1900), 0);
	assert_in_range(pace_take(&pace, 1900), 90, 100);
}

static void a_throttle_slows_and_time_quickens(void **state)
{
	struct pace pace = {0};
	int64_t first, later;

	(void)state;
	for (int64_t i = 0; i < 200; i++)
		assert_int_equal(pace_take(&pace, 10000 + i * 10), 0);
	pace_throttled(&pace, 12000); /* 100 a second were taken: 70 are left */
	pace_take(&pace, 12000);
	assert_in_range(pace_take(&pace, 12000), 13, 16);
	pace_take(&pace, 12000 + PACE_RECOVER_MS);
	first = pace_take(&pace, 12000 + PACE_RECOVER_MS);
	pace_take(&pace, 60000);
	later = pace_take(&pace, 60000);
	assert_int_equal(first, 10);
	assert_true(later < first);
}

static void every_wait_ends(void **state)
{
	struct pace pace = {0};

	(void)state;
	for (int64_t now_ms = 0; now_ms < 100000; now_ms += 1500)
		pace_throttled(&pace, now_ms);
	pace_take(&pace, 100000);
	assert_in_range(pace_take(&pace, 100000), 1, 3000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_limit_is_found_and_kept),
		cmocka_unit_test(nothing_is_paced_without_a_throttle),
		cmocka_unit_test(a_throttle_after_a_rest_does_not_count_the_rest),
		cmocka_unit_test(requests_are_spaced),
		cmocka_unit_test(a_throttle_slows_and_time_quickens),
		cmocka_unit_test(every_wait_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
