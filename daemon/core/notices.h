/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is worth telling of a directory although no rule acts on it: foreign entries, what was
 * adopted or is kept without a file, trusted authorities that nothing registered vouches for,
 * registered certificates that near their end without a successor, paths that end in no root.
 */

#include <stdint.h>

#include "core/situation.h"
#include "core/step.h"

/* A registered certificate without a successor is told this long before it expires: the 90-day line
 * and 30 days to act (design 4.4). Seconds. */
#define NOTICES_EXPIRES_SOON (INT64_C(120) * 86400)

/* Adds the conditions; returns the next instant at which one begins, 0 if none does. */
int64_t notices_tell(const struct situation *situation, struct decision *decision);
