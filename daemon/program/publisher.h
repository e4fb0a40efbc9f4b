/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Writes for others what the ledger says of all directories: the status file (program/overview) and
 * the metrics (program/metrics), each replaced as a whole. It works in a thread of its own, from
 * what is saved, so that whoever decides never waits for it; it sleeps while nothing changes.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/step.h"
#include "edge/ledger.h"

/* In the first directory of the environment's RUNTIME_DIRECTORY (systemd.exec(5)). */
#define PUBLISHER_STATUS_FILE "status.json"
/* Mode of both: who may enter the directory may read; there is no secret in them. */
#define PUBLISHER_MODE 0644
/* A pass over 10,000 directories changes as many: files are written at most once a second, */
#define PUBLISHER_GAP_MS 1000
/* and not again before so many times the time it took has passed: a twentieth of one processor. */
#define PUBLISHER_REST 20
/* Directories that are read at a time, while the ledger is held: a few milliseconds. */
#define PUBLISHER_PAGE 64
/* How long the end waits for what is still to be written; less than what the end may take. */
#define PUBLISHER_END_MS 1000

struct publisher;

/*
 * Starts it. `ledger` is borrowed for good. Without RUNTIME_DIRECTORY no status file is written. 0,
 * or -ERROR_MEMORY, or -ERROR_INTERNAL without a thread.
 */
int publisher_new(struct ledger *ledger, struct publisher **ret_publisher, struct error *error);

/* Each may be called from any thread, and with NULL, which does nothing. */

/* Where the metrics go from now on; NULL: nowhere. What is there stays. */
void publisher_metrics_file(struct publisher *publisher, const char *path);
/* What is saved has changed: it is written soon. */
void publisher_changed(struct publisher *publisher);
/* A step was taken (`failed`: tried). */
void publisher_stepped(struct publisher *publisher, enum step_kind kind, bool failed);
/* Something could not be recorded. */
void publisher_unrecorded(struct publisher *publisher);
/* A pass of an account in a Region has ended, and took so long. */
void publisher_passed(
	struct publisher *publisher, const char *account, const char *region, int64_t seconds);

/*
 * Writes what is still to be written, and ends it, waiting at most PUBLISHER_END_MS. It is not
 * freed: the process ends, perhaps with the thread in mid-write.
 */
void publisher_end(struct publisher *publisher);
