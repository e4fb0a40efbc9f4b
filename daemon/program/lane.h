/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The workers of one account in one Region (design 5): a queue, up to `concurrency` threads that
 * are started on demand and leave when idle, and the pace that they keep together. A lane whose
 * keys have to be got waits for them without a worker, but for one that connects (lane_open). Lanes
 * share nothing, so a dead Region starves nobody. What a worker finishes goes to the `finished`
 * queue of the main thread.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "core/fleet.h"
#include "edge/credentials.h"
#include "edge/endpoint.h"
#include "edge/http.h"
#include "edge/retry.h"
#include "program/job.h"
#include "program/keyring.h"
#include "program/pace.h"

/* A worker without work leaves after this long, and its connection with it. Seconds. */
#define LANE_IDLE_S 5
/* Connection failures in a row after which a lane tries with one request at a time (design 5). */
#define LANE_FAILURES_MAX 2
/* Stack of a worker: libcurl, OpenSSL and SQLite need some 100 kB. Bytes. */
#define LANE_STACK (512 * 1024)

struct pass;

/* Jobs that are done, and how the main thread is woken. */
struct finished {
	pthread_mutex_t mutex;
	struct job *first, **last; /* in order of finishing */
	int event;		   /* eventfd */
};

struct lane {
	struct pass *pass;		      /* of the main thread: the rounds of this lane */
	const char *account;		      /* borrowed from the owner of the lane */
	_Atomic(struct keyring *) keyring;    /* borrowed: of the account; never freed */
	struct credentials_provider provider; /* asks the keyring that there is now */
	unsigned concurrency;		      /* threads at most */
	struct finished *finished;	      /* borrowed */
	const atomic_bool *stop;	      /* borrowed: the program ends */
	struct http_share *share;	      /* owned */
	struct retry retry;		      /* of all workers together */

	pthread_mutex_t mutex;	  /* guards what follows */
	struct endpoint endpoint; /* written by the main thread alone */
	unsigned moves;		  /* how often it has changed */
	pthread_cond_t work;
	struct job *first, **last;
	unsigned queued, running, threads, idle;
	bool opening;		 /* the next worker to begin connects first */
	unsigned clients;	 /* workers that hold connections: those that leave, too */
	unsigned failures;	 /* connection failures in a row */
	struct keyring *awaited; /* that wakes this lane when it has keys; NULL: none */
	struct pace pace;
};

/* 0, or -ERROR_INTERNAL if the kernel gives no eventfd. */
int finished_init(struct finished *finished, struct error *error);
/* Any thread: hands over a job that is done, which is the main thread's then. */
void finished_put(struct finished *finished, struct job *job);
/* Takes all that is done, in order; NULL if nothing is. Clears the eventfd. */
struct job *finished_take(struct finished *finished);

/*
 * A lane without workers yet, on the terms of `account`, which may go. Its `name`, `keyring`,
 * `finished` and `stop` are borrowed and must outlive the lane, which is never freed: a worker may
 * hang in it when the program ends. NULL with a reason.
 */
struct lane *lane_new(const char *name, const char *region, const struct account *account,
	struct keyring *keyring, struct finished *finished, const atomic_bool *stop,
	struct error *error);

/* Other terms: endpoint and requests in flight from the next job on, keys and attempts from the
 * next request on. What cannot be taken is logged, and stays as it was. */
void lane_change(struct lane *lane, const struct account *account, struct keyring *keyring);

/*
 * Starts a worker that connects before there is a job, where there is none yet. The first job waits
 * for it, HTTP_CONNECT_MS at most, and what kept it from connecting is that job's first attempt;
 * unless the job comes later than LANE_IDLE_S, when it has left. Without a thread nothing happens.
 */
void lane_open(struct lane *lane);

/* Queues a job, which the lane owns until it is finished, and starts a worker if one is needed. */
void lane_submit(struct lane *lane, struct job *job);

/* Jobs that are queued or running. */
unsigned lane_load(struct lane *lane);
