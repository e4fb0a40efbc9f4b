/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* "Did you mean": the nearest of the allowed words to one that was misspelt. */

#include <stddef.h>

/* Longer words are not compared: nobody misspells a paragraph. Bytes. */
#define SUGGEST_WORD_MAX 64

/*
 * The word of `words` (count of them) nearest to `word` by edit distance (a swap of neighbours
 * counts one), if it is at most a third of the word's length away and at least 1; otherwise NULL.
 * Borrowed from `words`.
 */
const char *suggest(const char *word, const char *const *words, size_t count);
