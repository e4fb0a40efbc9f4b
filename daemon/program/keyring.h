/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The keys of one account, shared by the workers of all its lanes: got once, and refreshed ahead of
 * their end by a thread of their own while the work goes on with what is valid. Where nothing is,
 * lanes wait for them without a worker.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/fleet.h"
#include "edge/credentials.h"

/*
 * Before the end of keys that live long enough (AWS SDKs): from the first on they are refreshed,
 * from the second on every try that fails is told. For keys that live shorter this is when half, or
 * two thirds, of their time is over. Seconds.
 */
#define KEYRING_ADVISORY  INT64_C(900)
#define KEYRING_MANDATORY INT64_C(600)
/* After a refresh that failed, or brought nothing new, nobody tries again for this long; and
 * whether the source has changed is looked at no more often. Seconds. */
#define KEYRING_RETRY INT64_C(15)
/* Stack of the thread that refreshes. Bytes. */
#define KEYRING_STACK (512 * 1024)

/* When keys are due, on clock_elapsed. */
struct keyring_times {
	int64_t advisory, mandatory, end; /* INT64_MAX: never */
};

/* The times of keys that were got at `elapsed` and `now`, and end at `expires` (0: never). */
struct keyring_times keyring_times(int64_t expires, int64_t now, int64_t elapsed);

struct keyring;

/*
 * A keyring without keys yet, over a provider that is called by one thread at a time and must
 * outlive it. `name` is the account's, for the log. It is never freed: a worker may hang in it when
 * the program ends. NULL without memory.
 */
struct keyring *keyring_new(const struct credentials_provider *provider, const char *name);

/*
 * The keyring of an account in a list of all there ever were, which may begin with NULL; one is
 * added if there is none that was made for what the account says now. Its keys come from the chain;
 * `region` is where STS is asked if nobody else says. The texts are copied. NULL without memory.
 */
struct keyring *keyring_of(struct keyring **list, const struct account *account, const char *region,
	const atomic_bool *stop);

/*
 * Whether a load gives keys, or a reason why there are none, without waiting. If not, they are
 * being got, and another thread calls `wake` once when that has ended, however it did; the context
 * must live until then. Never blocks for long itself.
 */
bool keyring_ready(struct keyring *keyring, void (*wake)(void *context), void *context);

/* Whether the source is being asked. */
bool keyring_busy(struct keyring *keyring);

/* The door for a client: its load gives a copy of what is valid. Lives as long as the keyring. */
const struct credentials_provider *keyring_provider(struct keyring *keyring);

/* Files may have changed: what failed is tried again at once, and what has changed is read, in the
 * whole list. */
void keyring_retry(struct keyring *list);
