/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The generations of every authority, as `check` shows them: first as a JSON value of one
 * documented shape (ldapsward(8), JSON OUTPUT), from which the text is written.
 */

#include <stdint.h>

#include "base/buffer.h"
#include "core/fleet.h"
#include "edge/json.h"

/*
 * A list with every certificate of every authority, in the file's order of authorities and the
 * order of generations: {authority, certificate, common_name, version, expires, days_left, link,
 * registrable_until, rule}. `days_left` is 0 once it has expired. `rule` is the reason
 * (core/reason) for which it is no generation, and `registrable_until` then null; "" if it is one.
 * NULL without memory.
 */
json_t *lineage_report(const struct fleet *fleet, int64_t now);

/* The same for people: a table for each authority. A buffer's error. */
int lineage_text(const json_t *lineage, int64_t now, struct buffer *buffer);
