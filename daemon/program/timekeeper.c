/* SPDX-License-Identifier: Apache-2.0 */
#include "program/timekeeper.h"

#include <sys/epoll.h>

#include "base/error.h"
#include "core/clock-jump.h"
#include "edge/clock.h"

#define USEC_PER_SEC UINT64_C(1000000)

/* When the pause is over is not to the second. */
static void check_later(struct timekeeper *timekeeper, int64_t seconds)
{
	(void)sd_event_source_set_time_relative(
		timekeeper->later, (uint64_t)seconds * USEC_PER_SEC);
	(void)sd_event_source_set_enabled(timekeeper->later, SD_EVENT_ONESHOT);
}

void timekeeper_check(struct timekeeper *timekeeper)
{
	int64_t now = clock_elapsed(), jump, end = timekeeper->told + timekeeper->pause;

	/* a rehearsal moves both clocks, but not while they are read one after the other */
	if (clock_demo())
		return;
	if (timekeeper->told != 0 && now < end) {
		check_later(timekeeper, end - now);
		return;
	}
	jump = clock_jump(&timekeeper->offset, clock_now(), now);
	if (jump == 0)
		return;
	timekeeper->told = now;
	timekeeper->jumped(timekeeper->context, jump);
}

static int on_later(sd_event_source *source, uint64_t usec, void *context)
{
	(void)source;
	(void)usec;
	timekeeper_check(context);
	return 0;
}

static int on_set(sd_event_source *source, int fd, uint32_t events, void *context)
{
	(void)source;
	(void)events;
	clock_watch_again(fd);
	timekeeper_check(context);
	return 0;
}

int timekeeper_start(struct timekeeper *timekeeper, sd_event *event,
	void (*jumped)(void *context, int64_t seconds), void *context)
{
	int fd = clock_watch();

	timekeeper->offset = clock_now() - clock_elapsed();
	timekeeper->pause = timekeeper->pause ? timekeeper->pause : TIMEKEEPER_PAUSE;
	timekeeper->jumped = jumped;
	timekeeper->context = context;
	if (sd_event_add_time_relative(
		    event, &timekeeper->later, CLOCK_MONOTONIC, 0, 0, on_later, timekeeper) < 0 ||
		sd_event_source_set_enabled(timekeeper->later, SD_EVENT_OFF) < 0)
		return -ERROR_INTERNAL;
	if (fd >= 0 &&
		sd_event_add_io(event, &timekeeper->set, fd, EPOLLIN, on_set, timekeeper) < 0)
		return -ERROR_INTERNAL;
	return 0;
}
