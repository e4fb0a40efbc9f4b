/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which directories the file's selectors pick, and in which Regions: from the file's fleet and what
 * sweeps have told (core/knowledge) to a fleet in which every directory is named (design 2). It is
 * a value like the file's own, so that the way from one selection to the next is that from one file
 * to the next.
 */
/* clang-format off */
/*
 *   named by `id` elsewhere in the file     the entry with the id; no selector has it
 *   matched by one selector                 that one
 *   matched by several                      the first in the file, `contested`: nothing is written
 *   matched by none                         nobody's: left as it is
 *   `id` with `regions: all`                always there: in the Regions it is known in, else in all
 *                                           the Regions that it is looked for in
 */
/* clang-format on */
/*
 * A selector looks in its Regions (`homes`) of its account. What it picks is looked after in all
 * Regions that RegionsInfo names, or in those of them that are in its list. Its name is the one
 * under which it was picked, until no selector has it any more (N9).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "core/fleet.h"
#include "core/knowledge.h"

/* A selection that no sweep has confirmed for so many intervals writes nothing. */
#define SELECTION_CONFIRMED_INTERVALS 3

/* Why a selector has a directory, or has not; in the order in which it is asked. */
enum verdict_selector {
	SELECTOR_MATCHES,
	SELECTOR_OTHER_ID,
	SELECTOR_KIND, /* neither AWS Managed Microsoft AD nor AD Connector: never picked */
	SELECTOR_TYPE,
	SELECTOR_NAME,
	SELECTOR_TAGS_UNKNOWN,
	SELECTOR_TAG_MISSING,
	SELECTOR_TAG_OTHER,
};

/* *ret_tag (may be NULL) is the place of the tag that differs. */
enum verdict_selector selector_judge(
	const struct selector *selector, const struct sighting *sighting, size_t *ret_tag);

/* The verdict as words that follow the directory: "has no tag env". 0 or a buffer's error. */
int selector_explain(
	const struct selector *selector, const struct sighting *sighting, struct buffer *buffer);

/* Whether it looks there. */
bool selector_looks_in(const struct selector *selector, const char *account, const char *region);

/* Whether what is known of the directory, in any of the places where it looks, makes it the
 * selector's: what selection_make goes by. */
bool selector_has(
	const struct selector *selector, const struct knowledge *knowledge, const char *id);

/* `pattern` with * for any characters and ? for one, in upper or lower case alike. */
bool selector_name_matches(const char *pattern, const char *name);

/*
 * The fleet that `base` and `knowledge` make. What it gives borrows from `base`, which must not be
 * moved, and from nothing else. 0, -ERROR_MEMORY, or -ERROR_LIMIT beyond FLEET_DIRECTORIES_MAX.
 */
int selection_make(
	const struct fleet *base, const struct knowledge *knowledge, struct fleet *ret_fleet);

/*
 * Whether a sweep of late has told all that the directory's selector asks for; `elapsed` is now on
 * the clock of known.confirmed. What the file names by id needs nobody's word.
 */
bool selection_confirmed(const struct directory *directory, const struct knowledge *knowledge,
	int64_t interval, int64_t elapsed);

/* Notes in `knowledge` what `fleet` has picked, `now` in UTC seconds. 0 or -ERROR_MEMORY. */
int selection_note(const struct fleet *fleet, struct knowledge *knowledge, int64_t now);

/* Whether the two, made from one base, ask for the same. */
bool selection_equal(const struct fleet *a, const struct fleet *b);

/*
 * Why no selector of `fleet` has the directory any more, as words that follow "it": "has no tag
 * env". 0 or a buffer's error.
 */
int selection_explain_loss(const struct fleet *fleet, const struct knowledge *knowledge,
	const char *id, struct buffer *buffer);
