/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a sweep tells of a directory, taken into what is known with an eye on who has it: a listing
 * may err once (core/knowledge), and so may the tags that come with it.
 */

#include <stdint.h>

#include "core/fleet.h"
#include "core/knowledge.h"

/*
 * As knowledge_see, but for one that a selector of `fleet` has by a tag that is not told any more:
 * that look has missed it (knowledge_miss), and its tags stay as they were known, until
 * KNOWLEDGE_MISSES complete sweeps in a row have. A tag of another value counts at once.
 */
int selection_see(const struct fleet *fleet, struct knowledge *knowledge, unsigned home,
	const struct sighting *sighting, int64_t at);
