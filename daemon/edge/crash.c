/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/crash.h"

#ifdef CRASH_POINTS

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const kinds[CRASH_KINDS] = {
	[CRASH_COMMIT] = "commit",
	[CRASH_REQUEST] = "request",
};

static atomic_ulong counts[CRASH_KINDS];
/* The number that this thread's last `before` drew: its `after` is the same thing's. */
static _Thread_local unsigned long drawn[CRASH_KINDS];

void crash_point(enum crash_kind kind, bool before)
{
	const char *wish = getenv("LDAPSWARD_TEST_CRASH");
	char here[64];

	if (before)
		drawn[kind] = atomic_fetch_add(&counts[kind], 1) + 1;
	snprintf(here, sizeof(here), "%s:%lu:%s", kinds[kind], drawn[kind],
		before ? "before" : "after");
	if (wish && strcmp(wish, here) == 0)
		_exit(CRASH_STATUS);
}

#endif
