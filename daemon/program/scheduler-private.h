/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of the scheduler know of each other. */

#include <stdbool.h>
#include <stdint.h>

#include "program/job.h"
#include "program/pass.h"
#include "program/scheduler.h"

/* Arms a timer for `at` (clock_elapsed); a time that is past is now. */
void scheduler_timer(struct scheduler *scheduler, sd_event_source **source, int64_t at,
	sd_event_time_handler_t handler, void *context);

/* Looks at a directory that `page` tells of; NULL: it asks for itself. False without memory: it is
 * looked at in the next pass. */
bool target_look(struct target *target, struct shared_sweep *page);
/* Whether it is only remembered that a selector picked it. */
bool target_unconfirmed(const struct target *target);
/* Looks again at API time `until`, but never twice within DECIDE_LOOK_MIN (N11). */
void target_look_again(struct target *target, int64_t until, int64_t now);
/* Decides on a look that could not even begin. */
void target_decide_unread(
	struct target *target, const struct error *error, const struct service_reply *reply);

/* Begins a pass now, unless one is under way, and arms the timer of the next. */
void pass_begin(struct pass *pass);
/* A page of the sweep came: its directories are ready to be looked at. Takes over what it tells. */
void pass_paged(struct pass *pass, struct job *job);
/* The tags of a page were read. Takes over what it tells. */
void pass_tagged(struct pass *pass, struct job *job);
/* The sweep has come back, well or not: it has ended, unless tags are to be read, for which its
 * directories are taken over. */
void pass_swept(struct pass *pass, struct job *job);
/* Keeps the lane fed with looks, and ends the pass after the last. */
void pass_pump(struct pass *pass);
