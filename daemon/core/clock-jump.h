/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Whether somebody has set the wall clock, as a clock that nobody sets shows it. */

#include <stdint.h>

/* What network time does not do in small steps somebody has done. Seconds. */
#define CLOCK_JUMP_MIN 30

/*
 * How far the wall clock was set since the last call, seconds: forward or (negative) back; 0 if it
 * was not, or by less than CLOCK_JUMP_MIN. `offset` is what the wall clock `now` (UTC seconds) is
 * ahead of the steady clock `elapsed`: *offset is that of the last call and becomes that of this
 * one, but small steps add up until they count.
 */
int64_t clock_jump(int64_t *offset, int64_t now, int64_t elapsed);
