/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Notices that somebody has set this machine's clock, at once: the kernel tells (edge/clock), and
 * the steady clock says by how much (core/clock-jump). Belongs to the main thread.
 */

#include <stdint.h>
#include <systemd/sd-event.h>

/* After one jump the next is told so much later at the earliest, with what came in between as one:
 * a clock that is torn to and fro is not followed without end. Seconds. */
#define TIMEKEEPER_PAUSE 60

struct timekeeper {
	int64_t pause;		/* tests make it shorter; 0: TIMEKEEPER_PAUSE */
	int64_t offset;		/* how far the wall clock was from the steady one */
	int64_t told;		/* clock_elapsed of the last jump; 0: none */
	sd_event_source *set;	/* owned by the event loop's end; NULL: the kernel does not tell */
	sd_event_source *later; /* the same: the end of a pause; off unless something waits */
	void (*jumped)(void *context, int64_t seconds);
	void *context;
};

/*
 * Has `jumped` called with how far the clock was set, forward or (negative) back, each time that it
 * was by CLOCK_JUMP_MIN or more. A timekeeper that is all-zero but for `pause`; what is passed is
 * borrowed and must outlive the event loop. Where the kernel does not tell, timekeeper_check alone
 * does. 0, or -ERROR_INTERNAL.
 */
int timekeeper_start(struct timekeeper *timekeeper, sd_event *event,
	void (*jumped)(void *context, int64_t seconds), void *context);

/* Looks whether the clock was set. */
void timekeeper_check(struct timekeeper *timekeeper);
