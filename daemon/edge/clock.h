/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one door to the clocks. Everything that asks what time it is asks here, so that the
 * demonstration and the tests can move the wall clock of one process.
 */

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/*
 * Names the file that shifts the wall clock: a signed number of seconds in decimal, read anew at
 * each call. For the demonstration and the tests only: a file that is missing or holds anything
 * else shifts nothing. The monotonic clock is never shifted; clock_elapsed is.
 */
#define CLOCK_DEMO_VARIABLE "LDAPSWARD_DEMO_CLOCK"
/* What a command that looks or acts says at its start where it is set: ages of N4 move with it. */
#define CLOCK_DEMO_WARNING CLOCK_DEMO_VARIABLE " moves the clock: for demonstrations only"
/*
 * With this set to anything, a program that waits with nothing in flight moves the demonstration's
 * clock on instead of sleeping (clock_demo_skip).
 */
#define CLOCK_DEMO_SKIP_VARIABLE "LDAPSWARD_DEMO_SKIP"
/* No shift goes beyond a century; a larger number is refused as a mistake. Seconds. */
#define CLOCK_DEMO_MAX INT64_C(3155760000)

/* The wall clock, UTC seconds since 1970. */
int64_t clock_now(void);

/* Milliseconds since some start: for durations and deadlines. Never goes back. */
int64_t clock_monotonic_ms(void);

/*
 * Seconds that pass steadily, however the wall clock is set, also while the machine sleeps: for the
 * age of a look (N4) and for schedules. The demonstration's shift counts, so that time can be moved
 * on.
 */
int64_t clock_elapsed(void);
/*
 * Whether a deadline on clock_elapsed may have passed; 0 is none and never has. That clock leaves
 * out what a second has begun of, so that the last one counts as passed from its beginning on.
 */
bool clock_past(int64_t deadline);
/*
 * A descriptor that becomes readable when somebody sets the wall clock, or the machine has slept;
 * of a demonstration's clock it knows nothing. -1 with errno if the kernel has none.
 */
int clock_watch(void);
/* Takes from it what came, and has it wait for the next time. */
void clock_watch_again(int descriptor);
/* CLOCK_MONOTONIC this many seconds from now, for pthread_cond_timedwait. */
struct timespec clock_monotonic_after(int64_t seconds);
/* Waits, ending early on no signal. 0 or fewer milliseconds: returns at once. */
void clock_sleep_ms(int64_t milliseconds);
/* Whether the demonstration's clock is in use: waits must then look at it often. */
bool clock_demo(void);
/* Moves the demonstration's clock on by `seconds`, if waits are to be skipped. Whether it did. */
bool clock_demo_skip(int64_t seconds);
