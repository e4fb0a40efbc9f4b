/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which conditions are news: each is told once, also across restarts, for what was told is in
 * memory (design 4.4). What makes two conditions the same is their reason and what they are about,
 * not the instants and numbers of their sentences, which move.
 */
/* clang-format off */
/*
 *   with a level       once for each threshold that is crossed, at first sight of a certificate only
 *                      for the nearest; remembered while the certificate is there
 *   error, warning     once while it lasts; one that ends and comes back is told again, but not
 *                      before ANNOUNCE_AGAIN has passed since it was told
 *   note               whenever it begins
 */
/* clang-format on */

#include "core/situation.h"
#include "core/step.h"

/* What comes and goes with each look is told no more often than this. Seconds. */
#define ANNOUNCE_AGAIN (INT64_C(24) * 3600)

/*
 * Marks the conditions of `decision` that are to be told now, and notes them in `memory` (which
 * situation->memory must point to), to be saved after they were told: a crash in between tells
 * twice, never not at all. Only a look by which every rule has spoken shows that a condition is
 * over: the directory is manageable and nothing is in flight. What finds no place in `memory` is
 * told each time.
 */
void announce(const struct situation *situation, struct decision *decision, struct memory *memory);

/* Since when the condition holds without a break, as far as that was noted; 0 if it was not. */
int64_t announce_since(const struct memory *memory, const struct condition *condition);

/* Whether what holds now was told when it began, or since. */
bool announce_told(const struct memory *memory, const struct condition *condition);
