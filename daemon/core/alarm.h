/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a person must do in time or LDAPS ends: Registered certificates that near their end without
 * a successor, or that are of no use any more and in the way; and a view that has grown old (design
 * 4.4). Told of what a look shows or, while no look succeeds, of what memory holds.
 */

#include <stdint.h>

#include "core/situation.h"
#include "core/step.h"

/* A certificate that was renewed with its key is told this long before it expires: past its end it
 * may lead path building astray. Seconds. */
#define ALARM_REDUNDANT (INT64_C(30) * 86400)
/* A complete view that is older than so many intervals, in which it was looked for, is Stale. */
#define ALARM_STALE_INTERVALS 3

/* Each adds its conditions and returns the next instant at which one begins or rises, 0 if none
 * does. */

/* Of the entries that a complete look shows. */
int64_t alarm_tell(const struct situation *situation, struct decision *decision);
/* Of those that were Registered when a look was complete last, and of that look's age. */
int64_t alarm_recall(const struct situation *situation, struct decision *decision);
