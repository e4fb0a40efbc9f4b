/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The answers of core/health as the `health` of a status: a list of {type, status, reason, message,
 * since}, in the order of enum health_kind.
 */

#include "core/health.h"
#include "edge/json.h"
#include "program/target.h"

/* The list; what is answered is noted in the target. NULL without memory. */
json_t *report_health(
	struct target *target, const struct situation *situation, const struct decision *decision);

/* What a status that was saved answers, for `since`; all-zero where it has none. */
struct health_past report_health_past(const char *saved);
