/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is worth telling of a directory although no rule acts on it: foreign entries, what was
 * adopted or is kept without a file, trusted authorities that nothing registered vouches for, paths
 * that end in no root, and the alarms (core/alarm).
 */

#include <stdint.h>

#include "core/situation.h"
#include "core/step.h"

/* Adds the conditions; returns the next instant at which one begins, 0 if none does. */
int64_t notices_tell(const struct situation *situation, struct decision *decision);
