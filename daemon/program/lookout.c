/* SPDX-License-Identifier: Apache-2.0 */
#include "program/lookout.h"

#include "base/error.h"
#include "edge/clock.h"
#include "edge/git-revision.h"

#define USEC_PER_MSEC UINT64_C(1000)

int64_t lookout_due(int64_t first_ms, int64_t last_ms)
{
	int64_t quiet = last_ms + LOOKOUT_SETTLE_MS, latest = first_ms + LOOKOUT_SETTLE_MAX_MS;

	return quiet < latest ? quiet : latest;
}

static void lookout_arm(struct lookout *lookout)
{
	int64_t left = lookout_due(lookout->first_ms, lookout->last_ms) - clock_monotonic_ms();

	(void)sd_event_source_set_time_relative(
		lookout->timer, left > 0 ? (uint64_t)left * USEC_PER_MSEC : 0);
	(void)sd_event_source_set_enabled(lookout->timer, SD_EVENT_ONESHOT);
}

static int changed(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct lookout *lookout = context;

	(void)source;
	(void)fd;
	(void)events;
	if (!watch_read(lookout->watch))
		return 0;
	lookout->last_ms = clock_monotonic_ms();
	if (lookout->first_ms == 0)
		lookout->first_ms = lookout->last_ms;
	lookout_arm(lookout);
	return 0;
}

static int quiet(sd_event_source *source, uint64_t usec, void *context)
{
	struct lookout *lookout = context;
	int64_t now = clock_monotonic_ms();

	(void)source;
	(void)usec;
	if (git_revision_busy(lookout->path) && now < lookout->first_ms + LOOKOUT_SETTLE_MAX_MS) {
		lookout->last_ms = now;
		lookout_arm(lookout);
		return 0;
	}
	lookout->settled(lookout->context);
	return 0;
}

int lookout_start(struct lookout *lookout, sd_event *event, struct watch *watch, const char *path,
	void (*settled)(void *context), void *context)
{
	*lookout = (struct lookout){.event = event,
		.watch = watch,
		.path = path,
		.settled = settled,
		.context = context};
	if (sd_event_add_io(event, NULL, watch_fd(watch), EPOLLIN, changed, lookout) < 0 ||
		sd_event_add_time_relative(
			event, &lookout->timer, CLOCK_MONOTONIC, 0, 0, quiet, lookout) < 0)
		return -ERROR_INTERNAL;
	return sd_event_source_set_enabled(lookout->timer, SD_EVENT_OFF) < 0 ? -ERROR_INTERNAL : 0;
}

void lookout_forget(struct lookout *lookout)
{
	(void)watch_read(lookout->watch);
	lookout->first_ms = lookout->last_ms = 0;
	(void)sd_event_source_set_enabled(lookout->timer, SD_EVENT_OFF);
}
