/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The chance of the simulation: xoshiro256** (Blackman and Vigna), seeded by splitmix64. The same
 * seed gives the same throws on every machine.
 */

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t state[4];
};

static inline void dice_seed(struct dice *dice, uint64_t seed)
{
	for (int i = 0; i < 4; i++) {
		uint64_t mixed = seed += UINT64_C(0x9e3779b97f4a7c15);

		mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
		mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
		dice->state[i] = mixed ^ mixed >> 31;
	}
}

static inline uint64_t dice_rotate(uint64_t bits, int by)
{
	return bits << by | bits >> (64 - by);
}

static inline uint64_t dice_throw(struct dice *dice)
{
	uint64_t *s = dice->state, result = dice_rotate(s[1] * 5, 7) * 9, t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = dice_rotate(s[3], 45);
	return result;
}

/* 0 to limit - 1; `limit` is more than 0. */
static inline int dice_below(struct dice *dice, int limit)
{
	return (int)(dice_throw(dice) % (uint64_t)limit);
}

/* From `low` to `high`, both included. */
static inline int64_t dice_between(struct dice *dice, int64_t low, int64_t high)
{
	return low + (int64_t)(dice_throw(dice) % (uint64_t)(high - low + 1));
}

/* True in `percent` of a hundred throws. */
static inline bool dice_percent(struct dice *dice, int percent)
{
	return dice_below(dice, 100) < percent;
}
