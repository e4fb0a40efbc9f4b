/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The rounds of one lane: sweep once, then look at each of its directories, then sleep until the
 * next (design 5). Belongs to the main thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "program/lane.h"
#include "program/target.h"

struct scheduler;

struct pass {
	struct scheduler *scheduler; /* borrowed */
	char *account;		     /* owned */
	char region[ENDPOINT_REGION_SIZE];
	struct lane *lane;  /* never freed: a worker may hang in it; NULL if it could not be made */
	struct error error; /* why there is no lane */
	struct target **targets; /* owned array of the scheduler's targets, in their order */
	size_t targets_count, targets_capacity;
	bool passing;		    /* between the sweep and the last look */
	size_t cursor;		    /* the next to look at in this pass */
	size_t looking;		    /* looks of this pass under way */
	struct shared_sweep *sweep; /* of this pass; owned; NULL before it arrived */
	int64_t began, next_at;	    /* clock_elapsed */
	sd_event_source *timer;	    /* owned */
};

/* A pass of this lane without targets; a lane that cannot be made is kept as `error`. NULL: no
 * memory. */
struct pass *pass_new(
	struct scheduler *scheduler, const char *account, const char *region, unsigned concurrency);
/* Frees the pass, not its lane. Accepts NULL. */
void pass_free(struct pass *pass);
/* Forgets its targets (a new fleet gives them anew); a pass that is under way ends with what it
 * has. */
void pass_clear(struct pass *pass);
/* Adds a target. 0 or -ERROR_MEMORY. */
int pass_add(struct pass *pass, struct target *target);
