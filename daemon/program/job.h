/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One piece of blocking work: a value in, a value out (design 5). The main thread makes a job, a
 * worker of the lane runs it in straight-line code, and the main thread takes it back. A job owns
 * all that it holds but the certificates, which are the store's and live as long as the program.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/memory.h"
#include "core/observed.h"
#include "core/rollout.h"
#include "core/rotation.h"
#include "core/step.h"
#include "edge/ledger.h"
#include "edge/service.h"
#include "program/adopted.h"
#include "program/finding.h"

/* Memories saved in one commit: what comes back together is decided on before the next look. */
#define JOBS_SAVE_MAX 256

struct lane;
struct target;

enum job_kind {
	/* DescribeDirectories of the lane; comes back after the last of its pages, or, where tags
	 * are to be read, with all in one */
	JOB_SWEEP,
	JOB_PAGE,   /* a page of a sweep: made by its worker, and done when it is made */
	JOB_TAGS,   /* the tags of a page of a sweep */
	JOB_LOOK,   /* one complete look at one directory */
	JOB_SAVE,   /* memory to the ledger */
	JOB_COMMIT, /* memory with the intent of a step to the ledger, the call, and its outcome */
};

/* A page of the sweep that the looks at its directories share; freed with its last user. Main
 * thread only. */
struct shared_sweep {
	struct service_sweep sweep;
	unsigned users;
};

struct job {
	enum job_kind kind;
	struct job *next;      /* in the lane's or the finished queue */
	struct target *target; /* of the main thread; NULL for a sweep */
	struct lane *lane;     /* of its target; NULL for a SAVE where there is none */

	/* in */
	char directory[SERVICE_ID_SIZE];
	struct shared_sweep
		*sweep; /* LOOK: borrowed by the worker; NULL: describe this one alone */
	struct finding_filter *filter; /* SWEEP: owned: whose tags are read; NULL: nobody's */
	struct finding_filter *whose;  /* TAGS: the same, borrowed from the pass */
	struct ledger *ledger;	       /* SAVE, COMMIT */
	struct ledger_key key; /* SAVE, COMMIT: borrowed from the target, which outlives its jobs */
	struct step step;      /* SAVE, COMMIT */
	char authority[AUTHORITY_NAME_SIZE]; /* COMMIT: of the step; the fleet may go meanwhile */
	char ground[ROTATION_GROUND_SIZE];   /* COMMIT: what allows it, for the history */
	struct memory memory;	/* SAVE, COMMIT: owned; as learnt in, as concluded out */
	struct adopted adopted; /* SAVE, COMMIT: owned; what of `memory` is new to the history */
	uint64_t observed_mark; /* COMMIT: of the look that the step rests on */
	int64_t now;		/* SAVE, COMMIT: the API's time */
	char *status;		/* SAVE, COMMIT: owned; NULL: unchanged */
	/* SAVE, COMMIT: owned; the roll-outs, with the turn that this step takes, where the ledger
	 * lacks something of them; and the turn (its texts are `scope` and the target's). */
	struct rollouts rollouts;
	bool rolls, turns; /* whether there are any to be saved, and whether it takes a turn */
	struct rollout_turn turn;
	char scope[ROLLOUT_SCOPE_SIZE];
	unsigned restarts; /* SAVE, COMMIT: of the target's, those that `memory` has learnt */
	/* COMMIT: the orders that were in force, and those that are: borrowed. A step is not begun
	 * under orders that have changed since: another file, another time, or the end. */
	unsigned orders;
	const atomic_uint *orders_now;

	/* out */
	int result; /* 0 or the negative error code of `error` */
	struct error error;
	struct service_reply reply;
	struct error unread;	    /* TAGS: why one could not be read; code 0: all were */
	struct service_sweep swept; /* PAGE, TAGS, SWEEP with a filter: owned */
	struct observed observed;   /* LOOK: owned */
	struct outcome outcome;	    /* COMMIT */
	bool recorded;		    /* SAVE, COMMIT: the ledger holds `memory` as it is now */
	struct error unrecorded;    /* why it does not */
	bool begun;		    /* COMMIT: the call was made, or could have been */
};

/* NULL without memory. */
struct job *job_new(enum job_kind kind, struct lane *lane, struct target *target);
/* Frees the job and what it owns; accepts NULL. Main thread, for `sweep`'s sake. */
void job_free(struct job *job);

/* Runs a job on the calling worker's own client. Blocks. Fills the results. */
void job_run(struct job *job, struct service *service);

/* Runs 1 to JOBS_SAVE_MAX jobs of kind JOB_SAVE, in one commit. Blocks. Fills their results. */
void jobs_save(struct job *const *jobs, size_t count);

/* What became of a write, for people and the history: "accepted", the API's code, "unknown", "not
 * sent". */
const char *job_outcome_str(const struct job *job);

/* One more user of the sweep; accepts NULL. */
struct shared_sweep *shared_sweep_use(struct shared_sweep *sweep);
/* One fewer; accepts NULL. */
void shared_sweep_release(struct shared_sweep *sweep);
