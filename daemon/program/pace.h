/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How fast a lane may ask: unlimited until the service throttles, then a rate that backs off on
 * every throttle and probes upward (design 5). A value without a clock; milliseconds come from the
 * caller.
 */

#include <stdint.h>

/* A throttle slows down to this part of the rate that was measured, or allowed. */
#define PACE_BACK_OFF 0.7
/* The rate never falls below this: every wait ends. Requests per second. */
#define PACE_RATE_MIN 0.5
/* Every second without a throttle probes upward by this part. */
#define PACE_PROBE 0.02
/* Throttles within this time are one event: they were under way together. Milliseconds. */
#define PACE_SETTLE_MS 1000

/* All-zero is unlimited. */
struct pace {
	double rate;	    /* requests per second; 0: unlimited */
	int64_t next_ms;    /* when the next request may leave */
	int64_t changed_ms; /* when the rate last changed */
	int64_t window_ms;  /* start of the window in which requests are counted */
	unsigned window;    /* requests of the window */
	double measured;    /* requests per second of the last full window */
};

/* Takes leave for one request at `now_ms`: milliseconds that it must wait first. */
int64_t pace_take(struct pace *pace, int64_t now_ms);
/* A reply throttled. */
void pace_throttled(struct pace *pace, int64_t now_ms);
