/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Saves what was learnt where no step follows. That needs no network and so no lane, and all that
 * wait are saved in one commit of the ledger, as what costs is the disk's word that it is written.
 * Its one thread is started on demand and leaves when nothing waits.
 */

#include <pthread.h>
#include <stdbool.h>

#include "program/job.h"

struct finished;

struct clerk {
	struct finished *finished; /* borrowed */
	pthread_mutex_t mutex;	   /* guards what follows */
	struct job *first, **last; /* in order of coming */
	bool working;
};

/* All jobs go to `finished` (borrowed) when they are done. */
void clerk_init(struct clerk *clerk, struct finished *finished);

/* Takes a JOB_SAVE; it is the clerk's until it is finished. */
void clerk_submit(struct clerk *clerk, struct job *job);
