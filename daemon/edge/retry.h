/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How often and how soon a request is sent again: the standard mode of the AWS SDKs, whose numbers
 * these are. What the clients of one lane share, on any number of threads: a service that is down
 * is not asked three times by every call, however many workers ask.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Attempts of one request, the first included, where nobody says otherwise. */
#define RETRY_ATTEMPTS 3
/* More are of no use: a call has a minute for all of its attempts. */
#define RETRY_ATTEMPTS_MAX 100
/* Most that is waited between two attempts, and that a reply can ask for. Milliseconds. */
#define RETRY_WAIT_MAX_MS INT64_C(20000)
/* Tokens at the beginning, and at most; what a further attempt costs of them, what one costs after
 * a time-out, and what a success brings that needed no further attempt. */
#define RETRY_QUOTA   500
#define RETRY_COST    5
#define RETRY_TIMEOUT 10
#define RETRY_SUCCESS 1
/* A Date that is nearer than this to the time that was signed with is no reason to sign anew: the
 * service allows minutes, and a request takes its time. Seconds. */
#define RETRY_MISTIMED 60

struct retry {
	atomic_uint attempts; /* of one request, 1 to RETRY_ATTEMPTS_MAX */
	atomic_int quota;     /* tokens left */
	/* the service's clock less ours, as far as signing needs it; seconds */
	_Atomic(int64_t) correction;
};

/* With RETRY_ATTEMPTS, all tokens and no correction. */
void retry_init(struct retry *retry);

/*
 * Attempts that the AWS tools would make: AWS_MAX_ATTEMPTS, else max_attempts of `profile` (NULL:
 * of the one that the environment chooses, or default), else RETRY_ATTEMPTS; never more than
 * RETRY_ATTEMPTS_MAX. Files that cannot be read say nothing here: who needs keys of them tells. 0,
 * or -ERROR_INVALID with what holds no number from 1 on.
 */
int retry_attempts(const char *profile, unsigned *ret_attempts, struct error *error);

/* Takes what a further attempt costs; *ret_cost is for retry_return. False, with nothing taken, if
 * there is not so much left. */
bool retry_take(struct retry *retry, bool timeout, int *ret_cost);
/* A request has succeeded whose last further attempt cost so much; 0: it needed none. */
void retry_return(struct retry *retry, int cost);

/* The time to sign a request with now: by the service's clock, as far as it is known. */
int64_t retry_date(const struct retry *retry);

/*
 * Of a request that was signed with `signed_at` and refused: whether another time would be taken,
 * by the reply's `date` (0: it had none). Then retry_date is corrected by `skew`, what `date` is
 * ahead of our clock: it may have been set while the request was under way, so that neither alone
 * tells what was wrong.
 */
bool retry_mistimed(struct retry *retry, int64_t signed_at, int64_t date, int64_t skew);

/*
 * What to wait before a further attempt (0: the first of them): `random`, from 0 to UINT32_MAX, of
 * min(2^attempt s, RETRY_WAIT_MAX_MS), but at least what the service asked for (`asked_ms`; -1: it
 * did not) as far as that is not more than RETRY_WAIT_MAX_MS. Milliseconds.
 */
int64_t retry_wait_ms(unsigned attempt, uint32_t random, int64_t asked_ms);
/* The same with a number of its own making. */
int64_t retry_wait_random_ms(unsigned attempt, int64_t asked_ms);
