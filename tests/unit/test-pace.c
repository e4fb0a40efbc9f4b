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
	unsigned ticket;
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
		pace_replied(&simulation->pace, now_ms, !worker->taken);
		worker->stage = STAGE_IDLE;
		if (!worker->taken) {
			simulation->outcome.throttled++;
			simulation->left++;
			worker->at_ms = now_ms + BACKOFF_MS;
			return;
		}
	}
	if (worker->stage == STAGE_IDLE && simulation->left > 0) {
		simulation->left--;
		worker->stage = STAGE_PACED;
		worker->ticket = 0;
	}
	if (worker->stage == STAGE_PACED) {
		int64_t wait_ms = pace_ask(&simulation->pace, now_ms, &worker->ticket);

		worker->at_ms = now_ms + wait_ms;
		if (wait_ms > 0)
			return;
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
	{"and one that allows next to nothing", 4, 60, 1, 1, 1.6, 0.35},
	{"no burst at all: the first throttle tells next to nothing of the limit", 4, 1000, 50, 1,
		1.8, 0.02},
	{"the same, with many in flight", 50, 1000, 50, 1, 1.8, 0.06},
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

/* Somebody new asks: what it must wait. */
static int64_t ask(struct pace *pace, int64_t now_ms)
{
	unsigned ticket = 0;

	return pace_ask(pace, now_ms, &ticket);
}

static void nothing_is_paced_without_a_throttle(void **state)
{
	struct pace pace = {0};

	(void)state;
	for (int64_t i = 0; i < 10000; i++) {
		assert_int_equal(ask(&pace, i), 0);
		pace_replied(&pace, i, false);
	}
}

static void a_throttle_after_a_rest_does_not_count_the_rest(void **state)
{
	struct pace pace = {0};
	int64_t now_ms = 0;

	(void)state;
	for (int i = 0; i < 40; i++)
		pace_replied(&pace, now_ms++, false);
	now_ms += 900 * 1000;
	for (int i = 0; i < 40; i++)
		pace_replied(&pace, now_ms++, false);
	pace_replied(&pace, now_ms, true);
	assert_in_range(pace.ceiling, 40, 80);
	assert_in_range(ask(&pace, now_ms), 1000 / 80, 1000 / (40 * PACE_BACK_OFF) + 1);
}

static void requests_are_spaced(void **state)
{
	struct pace pace = {
		.ceiling = 10, .throttled_ms = 1000 - PACE_RECOVER * 1000, .next_ms = 1000};

	(void)state;
	assert_int_equal(ask(&pace, 1000), 0);
	assert_in_range(ask(&pace, 1000), 1, 101);
	/* nobody sleeps for longer than this at once, as the rate may change meanwhile */
	for (int i = 0; i < 20; i++)
		assert_in_range(ask(&pace, 1000), 1, PACE_ASK_MS);
}

static void a_pause_saves_up_one_request(void **state)
{
	struct pace pace = {
		.ceiling = 10, .throttled_ms = 1000 - PACE_RECOVER * 1000, .next_ms = 1000};

	(void)state;
	assert_int_equal(ask(&pace, 1000), 0);
	assert_int_equal(ask(&pace, 1900), 0);
	assert_int_equal(ask(&pace, 1900), 0);
	assert_in_range(ask(&pace, 1900), 80, 100);
}

static void who_asked_first_leaves_first(void **state)
{
	struct pace pace = {
		.ceiling = 10, .throttled_ms = 1000 - PACE_RECOVER * 1000, .next_ms = 1000};
	unsigned tickets[5] = {0};
	size_t left = 0;

	(void)state;
	assert_int_equal(ask(&pace, 1000), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(tickets); i++)
		assert_true(pace_ask(&pace, 1000, &tickets[i]) > 0);
	/* whoever asks again, and however often: the last first */
	for (int64_t now_ms = 1000; left < ARRAY_LENGTH(tickets); now_ms += 10) {
		assert_true(now_ms < 2000);
		for (size_t i = ARRAY_LENGTH(tickets); i-- > left;)
			if (pace_ask(&pace, now_ms, &tickets[i]) == 0)
				assert_int_equal(i, left++);
	}
}

static void a_throttle_slows_and_time_quickens(void **state)
{
	struct pace pace = {0};
	int64_t now_ms = 10000, waits[3];

	(void)state;
	for (; now_ms < 12000; now_ms += 10)
		pace_replied(&pace, now_ms, false);
	pace_replied(&pace, now_ms, true); /* 100 a second were taken: 70 are left */
	waits[0] = ask(
		&(struct pace){
			.ceiling = pace.ceiling, .throttled_ms = now_ms, .next_ms = pace.next_ms},
		now_ms);
	assert_in_range(waits[0], 13, 16);
	for (int i = 0; i < 3; i++) {
		struct pace then = pace;

		ask(&then, now_ms + (PACE_RECOVER + 10 * i) * 1000);
		ask(&then, now_ms + (PACE_RECOVER + 10 * i) * 1000);
		waits[i] = ask(&then, now_ms + (PACE_RECOVER + 10 * i) * 1000);
	}
	assert_in_range(waits[0], 10, 11);
	assert_in_range(waits[1], 6, 8);
	assert_in_range(waits[2], 1, 3);
}

static void every_wait_ends(void **state)
{
	struct pace pace = {0};
	unsigned ticket = 0;
	int64_t now_ms = 0, wait_ms;

	(void)state;
	for (; now_ms < 100000; now_ms += 1500)
		pace_replied(&pace, now_ms, true);
	ask(&pace, now_ms);
	while ((wait_ms = pace_ask(&pace, now_ms, &ticket)) > 0)
		now_ms += wait_ms;
	assert_in_range(now_ms, 100000, 105000);
}

static void tickets_never_run_out(void **state)
{
	struct pace pace = {.ceiling = 1000, .asked = UINT32_MAX - 3, .left = UINT32_MAX - 3};
	int64_t now_ms = 100000;

	(void)state;
	for (int i = 0; i < 10; i++) {
		unsigned ticket = 0;
		int64_t wait_ms;

		while ((wait_ms = pace_ask(&pace, now_ms, &ticket)) > 0)
			now_ms += wait_ms;
	}
	assert_in_range(now_ms, 100000, 100100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_limit_is_found_and_kept),
		cmocka_unit_test(nothing_is_paced_without_a_throttle),
		cmocka_unit_test(a_throttle_after_a_rest_does_not_count_the_rest),
		cmocka_unit_test(requests_are_spaced),
		cmocka_unit_test(a_pause_saves_up_one_request),
		cmocka_unit_test(who_asked_first_leaves_first),
		cmocka_unit_test(a_throttle_slows_and_time_quickens),
		cmocka_unit_test(every_wait_ends),
		cmocka_unit_test(tickets_never_run_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
