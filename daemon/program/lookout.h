/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Waits until a change of the configuration's files is complete: a checkout comes in pieces, an
 * editor writes a file more than once. Belongs to the main thread.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "edge/watch.h"

/* A change is complete when nothing more has come for this long, and git is not at work any more:
 * pieces of one checkout come faster. Milliseconds. */
#define LOOKOUT_SETTLE_MS 2000
/* But the files are read so long after the first change at the latest, whatever still comes: a
 * file that is written for ever, or a lock that a git left behind. Milliseconds. */
#define LOOKOUT_SETTLE_MAX_MS 30000

struct lookout {
	sd_event *event;     /* borrowed */
	struct watch *watch; /* borrowed */
	const char *path; /* borrowed; the file whose work tree is asked whether git is at work */
	int64_t first_ms; /* clock_monotonic_ms of the first change that was not read; 0: none */
	int64_t last_ms;  /* and of the last */
	sd_event_source *timer; /* owned by the event loop's end */
	void (*settled)(void *context);
	void *context;
};

/*
 * When to read after changes from `first_ms` to `last_ms`, as clock_monotonic_ms counts. Pure.
 */
int64_t lookout_due(int64_t first_ms, int64_t last_ms);

/*
 * Has `settled` called on each change that is complete. An all-zero lookout; what is passed is
 * borrowed and must outlive the event loop. 0, or -ERROR_INTERNAL.
 */
int lookout_start(struct lookout *lookout, sd_event *event, struct watch *watch, const char *path,
	void (*settled)(void *context), void *context);

/* The files are about to be read, so what came until now is no news. */
void lookout_forget(struct lookout *lookout);
