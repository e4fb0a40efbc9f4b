/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What happens again and again is counted, and told the first time and then ever less often.
 * All-zero is what has not happened yet.
 */

#include <stdbool.h>
#include <stdint.h>

struct repeat {
	int64_t since;	/* of the first time; 0: it has not happened */
	int64_t next;	/* it is told again from then on */
	uint32_t count; /* stays at the largest number */
};

/*
 * Counts one more at `now` (any clock in seconds, always the same one). Whether it is to be told:
 * the first time, and again 1 hour, 6 hours and a day after it, and then every 7 days. What was
 * slept through is told once.
 */
bool repeat_count(struct repeat *repeat, int64_t now);
