/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A reply of HTTP read from bytes that come in pieces, for the tests and the fuzzer: however they
 * are cut, the same must come out.
 */

#include <stdbool.h>
#include <stddef.h>

#include "edge/http-message.h"

/* Smaller than HTTP_REPLY_MAX, so that small inputs meet it. Bytes. */
#define CUT_REPLY_MAX 4096

struct cut {
	int r;			 /* of what failed first, the end of the connection included */
	bool keep;		 /* as http_message says it */
	struct http_reply reply; /* owned; without meaning if `r` is negative */
};

/* Reads `bytes` in pieces of `piece` bytes (0: at once), after which the connection ends. */
void cut_read(const char *bytes, size_t length, size_t piece, struct cut *ret_cut);
void cut_done(struct cut *cut);
bool cut_equal(const struct cut *a, const struct cut *b);

/* Whether pieces of one, two, three, seven and 64 bytes give what all at once gives. */
bool cut_same(const char *bytes, size_t length);
