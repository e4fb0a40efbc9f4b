/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Valgrind gives a vfork memory of its own, so that posix_spawn cannot tell what its child met: a
 * program that is not there looks like one that ended with 127.
 */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static inline bool under_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "vgpreload") != NULL;
}
