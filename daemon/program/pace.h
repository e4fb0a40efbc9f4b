/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How fast a lane may ask: unlimited until the service throttles. Then at PACE_BACK_OFF of what it
 * took, back to that within PACE_RECOVER_MS, and slowly on from there, until it throttles again
 * (design 5). A value without a clock; milliseconds come from the caller.
 */

#include <stdint.h>

/* A throttle slows down to this part of what was taken before it. */
#define PACE_BACK_OFF 0.7
/* So long until the rate is again what was taken. Milliseconds. */
#define PACE_RECOVER_MS 5000
/* Every second after that probes upward by this part. */
#define PACE_PROBE 0.02
/* What was taken is at least this: every wait ends. Requests per second. */
#define PACE_CEILING_MIN 0.5
/* Throttles within this time are one event: they were under way together. Milliseconds. */
#define PACE_SETTLE_MS 1000

/* All-zero is unlimited. */
struct pace {
	double ceiling; /* requests per second that were taken before a throttle; 0: unlimited */
	int64_t throttled_ms;	 /* when the throttle came */
	int64_t next_ms;	 /* when the next request may leave */
	int64_t window_ms;	 /* start of the second in which is counted */
	unsigned asked, refused; /* requests of this second, and throttles */
	unsigned before;	 /* taken in the second before it */
};

/* Takes leave for one request at `now_ms`: milliseconds that it must wait first. */
int64_t pace_take(struct pace *pace, int64_t now_ms);
/* A reply throttled. */
void pace_throttled(struct pace *pace, int64_t now_ms);
