/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Text laid out in columns for people. A character is a column, those of East Asian scripts are
 * two, marks over the character before are none. What is laid out may come from anywhere: a control
 * character, which could end the line or tell the terminal something, becomes "?". */

#include <stddef.h>

#include "base/buffer.h"

/* Columns of UTF-8 text. */
size_t wrap_columns(const char *text);

/* Appends the text as it stands on a line, alone. 0 or a buffer's error. */
int wrap_text(struct buffer *buffer, const char *text);

/* How many bytes of UTF-8 text fit into so many columns: whole characters. */
size_t wrap_fit(const char *text, size_t columns);

/* Appends the text and spaces up to `columns`; longer text is not cut. 0 or a buffer's error. */
int wrap_pad(struct buffer *buffer, size_t columns, const char *text);

/*
 * Appends the words of `text` in lines of at most `width` columns, the last with its newline. The
 * first line goes on at column `at`, with a space if that is beyond `indent`; the others begin at
 * column `indent`. A word that is longer than a line stays whole, as does what is between
 * backquotes: commands are to be copied. 0 or a buffer's error.
 */
int wrap_words(struct buffer *buffer, size_t at, size_t indent, size_t width, const char *text);
