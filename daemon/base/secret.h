/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A text that must never be seen: kept in memory of its own, wiped before that is released. No
 * function here prints one, and no message may quote one.
 */

#include <stddef.h>

/* A session token of STS is some hundred to two thousand characters; AWS names no maximum. Bytes.
 */
#define SECRET_MAX 8192

struct secret {
	char *text;    /* owned, NUL-terminated; NULL while there is none */
	size_t length; /* bytes, the NUL not counted */
};

/* Copies `text`, wiping what was held before. 0, -ERROR_LIMIT above SECRET_MAX or -ERROR_MEMORY
 * (unchanged then). */
int secret_set(struct secret *secret, const char *text);

/* Wipes and releases; leaves all-zero. Accepts NULL and all-zero. */
void secret_done(struct secret *secret);

/* The text, "" if there is none. Borrowed until the next change. */
const char *secret_text(const struct secret *secret);
