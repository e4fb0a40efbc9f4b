/* SPDX-License-Identifier: Apache-2.0 */
/* A clock that is set, once and to and fro: this program's own, as the kernel's cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "edge/clock.h"
#include "program/timekeeper.h"

#define PAUSE	    2
#define PATIENCE_MS 60000
#define USEC_PER_MS UINT64_C(1000)

static int64_t shift;
static int64_t told[8];
static size_t count;

/* In the place of the C library's. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	int r = (int)syscall(SYS_clock_gettime, clock, now);

	if (clock == CLOCK_REALTIME)
		now->tv_sec += shift;
	return r;
}

static void jumped(void *context, int64_t seconds)
{
	(void)context;
	if (count < sizeof(told) / sizeof(told[0]))
		told[count++] = seconds;
}

static void to_and_fro(void **state)
{
	struct timekeeper timekeeper = {.pause = PAUSE};
	sd_event *event = NULL;
	int64_t end;

	(void)state;
	assert_true(sd_event_new(&event) >= 0);
	assert_int_equal(timekeeper_start(&timekeeper, event, jumped, NULL), 0);
	timekeeper_check(&timekeeper);
	shift = 20;
	timekeeper_check(&timekeeper);
	assert_int_equal(count, 0); /* network time may do so much */
	shift = 3600;
	timekeeper_check(&timekeeper);
	assert_int_equal(count, 1);
	assert_in_range(told[0], 3599, 3601);
	/* in the pause nothing is told, and after it what is left of it */
	shift = 86400;
	timekeeper_check(&timekeeper);
	shift = -7200;
	timekeeper_check(&timekeeper);
	assert_int_equal(count, 1);
	end = clock_monotonic_ms() + PATIENCE_MS;
	while (count < 2 && clock_monotonic_ms() < end)
		(void)sd_event_run(event, 100 * USEC_PER_MS);
	assert_int_equal(count, 2);
	assert_in_range(-told[1], 10799, 10801);
	/* what came to nothing is nothing */
	shift = 0;
	timekeeper_check(&timekeeper);
	shift = -7200;
	end = clock_monotonic_ms() + INT64_C(2000) * PAUSE;
	while (clock_monotonic_ms() < end)
		(void)sd_event_run(event, 100 * USEC_PER_MS);
	timekeeper_check(&timekeeper);
	assert_int_equal(count, 2);
	sd_event_source_unref(timekeeper.set);
	sd_event_source_unref(timekeeper.later);
	sd_event_unref(event);
}

/* The kernel takes the timer, and says nothing while nobody sets its clock. */
static void nothing_comes_of_nothing(void **state)
{
	int descriptor = clock_watch();
	uint64_t ended;

	(void)state;
	assert_true(descriptor >= 0);
	assert_int_equal(read(descriptor, &ended, sizeof(ended)), -1);
	clock_watch_again(descriptor);
	assert_int_equal(read(descriptor, &ended, sizeof(ended)), -1);
	close(descriptor);
}

static void a_rehearsal_sets_no_clock(void **state)
{
	struct timekeeper timekeeper = {.pause = PAUSE};
	sd_event *event = NULL;

	(void)state;
	count = 0;
	setenv(CLOCK_DEMO_VARIABLE, "/nonexistent/clock", 1);
	assert_true(sd_event_new(&event) >= 0);
	assert_int_equal(timekeeper_start(&timekeeper, event, jumped, NULL), 0);
	shift += 3600;
	timekeeper_check(&timekeeper);
	assert_int_equal(count, 0);
	sd_event_source_unref(timekeeper.set);
	sd_event_source_unref(timekeeper.later);
	sd_event_unref(event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_comes_of_nothing),
		cmocka_unit_test(to_and_fro),
		cmocka_unit_test(a_rehearsal_sets_no_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
