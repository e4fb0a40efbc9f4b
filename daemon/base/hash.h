/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* FNV-1a, 64 bits: marks for "has this changed"; never for identity or anything hostile. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HASH_START UINT64_C(0xcbf29ce484222325)

static inline uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
	const uint8_t *byte = bytes;

	for (size_t i = 0; i < length; i++)
		/* NOLINTNEXTLINE(clang-analyzer-core.*): it takes an int's bytes for garbage */
		hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static inline uint64_t hash_number(uint64_t hash, int64_t number)
{
	return hash_bytes(hash, &number, sizeof(number));
}

/* NULL and "" differ; the NUL is mixed in, so that neighbours cannot run together. */
static inline uint64_t hash_text(uint64_t hash, const char *text)
{
	return text ? hash_bytes(hash, text, strlen(text) + 1) : hash_number(hash, -1);
}
