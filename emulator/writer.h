/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Writes the JSON of a reply, member by member, into a buffer. Beside jansson because the service
 * writes instants with an exponent (1.481289211615E9), which no JSON library can be told to do.
 * Whether all of it fitted tells buffer_status at the end.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

struct writer {
	struct buffer *buffer; /* borrowed */
	bool exponent;	       /* instants as 1.8E9; otherwise 1800000000 */
	bool comma;	       /* the next member needs one before it */
};

/* Values take a `key` inside an object, NULL inside an array and at the top. */
void writer_open(struct writer *writer, const char *key, char bracket); /* '{' or '[' */
void writer_close(struct writer *writer, char bracket);			/* '}' or ']' */
/* NULL writes nothing at all. UTF-8 passes unchanged. */
void writer_text(struct writer *writer, const char *key, const char *text);
void writer_number(struct writer *writer, const char *key, int64_t number);
void writer_flag(struct writer *writer, const char *key, bool flag);
/* Epoch seconds with `milliseconds` (0 to 999) behind them. */
void writer_instant(struct writer *writer, const char *key, int64_t seconds, unsigned milliseconds);
