/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * When to look again at what failed and may pass: soon after the first time, then ever more rarely,
 * until it is the interval again in which everything is looked at (design 5, N11). What fails for
 * good until somebody changes something waits for the interval at once.
 */

#include <stdbool.h>
#include <stdint.h>

/* What is waited first lies between this, the rate of N11, and twice as much. Seconds. */
#define BACKOFF_FIRST 15

/*
 * Seconds to wait after `failures` failures in a row, from 1 on: between BACKOFF_FIRST x
 * 2^(failures - 1) and twice that, where in between as `salt` says, so that what failed together
 * does not come back together; at most `interval`. Without a failure it is `interval`.
 */
int64_t backoff_seconds(unsigned failures, int64_t interval, uint64_t salt);

/* Whether what failed with this error (negative) may pass by itself. */
bool backoff_worth(int error);
