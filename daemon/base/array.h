/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Growing arrays that are born with a limit. An array is a pointer, a count and a capacity that its
 * owner keeps side by side; array_reserve makes room for one more element.
 */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/*
 * Makes `*elements` (elements of `size` bytes) hold at least `count` + 1, doubling `*capacity`, but
 * never more than `limit` elements. Returns 0, -ERROR_LIMIT or -ERROR_MEMORY (nothing changes
 * then).
 */
static inline int array_reserve(
	void *elements, size_t *capacity, size_t count, size_t size, size_t limit)
{
	size_t wanted = *capacity ? *capacity * 2 : 8;
	void *old, *grown;

	if (count < *capacity)
		return 0;
	if (count >= limit)
		return -ERROR_LIMIT;
	if (wanted > limit)
		wanted = limit;
	memcpy(&old, elements, sizeof(old)); /* a struct ** may not be read as a void ** */
	grown = reallocarray(old, wanted, size);
	if (!grown)
		return -ERROR_MEMORY;
	memcpy(elements, &grown, sizeof(grown));
	*capacity = wanted;
	return 0;
}

/* Number of elements of a true array. */
#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))
