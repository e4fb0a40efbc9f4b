/* SPDX-License-Identifier: Apache-2.0 */
#include "base/suggest.h"

#include <string.h>

static size_t smallest(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Optimal string alignment distance over three rolling rows. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t rows[3][SUGGEST_WORD_MAX + 1];
	size_t *older = rows[0], *above = rows[1], *row = rows[2], *spare;

	for (size_t j = 0; j <= b_length; j++)
		above[j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			size_t cost = a[i - 1] != b[j - 1];

			row[j] = smallest(above[j] + 1, row[j - 1] + 1, above[j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = smallest(row[j], row[j], older[j - 2] + 1);
		}
		spare = older;
		older = above;
		above = row;
		row = spare;
	}
	return above[b_length];
}

const char *suggest(const char *word, const char *const *words, size_t count)
{
	size_t length = strlen(word), best_distance = length / 3 > 0 ? length / 3 : 1;
	const char *best = NULL;

	if (length == 0 || length > SUGGEST_WORD_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t other = strlen(words[i]), d;

		if (other > SUGGEST_WORD_MAX)
			continue;
		d = distance(word, length, words[i], other);
		if (d > 0 && (best ? d < best_distance : d <= best_distance)) {
			best = words[i];
			best_distance = d;
		}
	}
	return best;
}
