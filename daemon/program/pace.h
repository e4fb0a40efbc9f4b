/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How fast a lane may ask: unlimited until the service throttles. Then at PACE_BACK_OFF of what it
 * took, back to that within PACE_RECOVER, slowly on from there, and ever faster the longer it does
 * not throttle: what it took at first may have been far from what it takes (design 5). Requests
 * leave in the order in which they asked. A value without a clock; milliseconds come from the
 * caller.
 */

#include <stdbool.h>
#include <stdint.h>

/* A throttle slows down to this part of what was taken before it. */
#define PACE_BACK_OFF 0.7
/* So long until the rate is again what was taken. Seconds. */
#define PACE_RECOVER 3
/* After that it grows by this part of what was taken in a second, */
#define PACE_PROBE 0.02
/* and by this for the cube of the seconds. Requests per second. */
#define PACE_PROBE_FAR 0.04
/* What was taken is at least this: every wait ends. Requests per second. */
#define PACE_CEILING_MIN 0.5
/* And at least this part of the rate at the throttle: little is taken where little is asked for. */
#define PACE_LEAST 0.5
/* The first throttle comes before much could be taken; it was at least this. Requests per second.
 */
#define PACE_FIRST 5
/* Throttles within this time are one event: they were under way together. Milliseconds. */
#define PACE_SETTLE_MS 1000
/* Who waits asks again after this long at most, as the rate changes. Milliseconds. */
#define PACE_ASK_MS 200

/* All-zero is unlimited. */
struct pace {
	double ceiling; /* requests per second that were taken before a throttle; 0: unlimited */
	double least;	/* of `ceiling`, in the event of the last throttle */
	int64_t throttled_ms; /* when the throttle came */
	double next_ms;	      /* when the next request may leave */
	unsigned asked, left; /* requests that asked for leave while there was a limit, and left */
	int64_t window_ms;    /* start of the second in which is counted */
	unsigned taken, before; /* requests that were taken in this second, and the one before it */
};

/*
 * Asks for leave for one request. 0: it may leave now. Else milliseconds after which to ask again,
 * with the same ticket: 0 at first.
 */
int64_t pace_ask(struct pace *pace, int64_t now_ms, unsigned *ticket);
/* A reply came. */
void pace_replied(struct pace *pace, int64_t now_ms, bool throttled);
