/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where a test may kill the program: just before and just after each thing that cannot be taken
 * back. Only a build with `./configure --enable-crash-points` has them; elsewhere a crash point is
 * nothing at all.
 *
 * LDAPSWARD_TEST_CRASH=KIND:N:WHEN in the environment, with KIND `commit` or `request`, N counted
 * from 1 through the life of the process and WHEN `before` or `after`, ends the process at once
 * with CRASH_STATUS, as if the power had failed: nothing is flushed, closed or undone.
 */

#include <stdbool.h>

/* Exit status of a crash on purpose; no command of ours ends with it. */
#define CRASH_STATUS 70

enum crash_kind {
	CRASH_COMMIT,  /* a commit to the ledger */
	CRASH_REQUEST, /* a request to the API */
	CRASH_KINDS,
};

/* The point before or after a thing; `before` counts it. Safe from any thread. */
#ifdef CRASH_POINTS
void crash_point(enum crash_kind kind, bool before);
#else
static inline void crash_point(enum crash_kind kind, bool before)
{
	(void)kind;
	(void)before;
}
#endif
