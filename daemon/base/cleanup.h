/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Ownership at the declaration: a variable marked CLEANUP(noun_free_ptr) releases what it holds
 * when it leaves scope. CLEANUP_DEFINE makes that function from a `noun_free(struct noun *)`.
 */

#include <stdlib.h>
#include <string.h>

#define CLEANUP(function) __attribute__((cleanup(function)))

/* Defines `void noun_free_ptr(struct noun **)` for CLEANUP. `noun_free` must accept NULL. */
#define CLEANUP_DEFINE(noun)                                                                       \
	static inline void noun##_free_ptr(struct noun **object)                                   \
	{                                                                                          \
		noun##_free(*object);                                                              \
	}

/* For `CLEANUP(free_ptr) char *text`. memcpy, as a char ** may not be read as a void **. */
static inline void free_ptr(void *pointer)
{
	void *owned;

	memcpy(&owned, pointer, sizeof(owned));
	free(owned);
}

/* Frees nothing: hands the pointer at `pointer` over to the caller and clears the variable. */
static inline void *steal_ptr(void *pointer)
{
	void *stolen, *none = NULL;

	memcpy(&stolen, pointer, sizeof(stolen));
	memcpy(pointer, &none, sizeof(none));
	return stolen;
}
