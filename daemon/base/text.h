/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Text that came from outside and goes to a terminal or a log. */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * How many bytes of UTF-8 `text` fit into `size` bytes with their NUL, cut before a character that
 * would not fit whole: half of one would make the rest invalid, for JSON too. `size` is at least 1.
 */
static inline size_t text_fit(const char *text, size_t size)
{
	size_t length = strnlen(text, size);

	if (length > 0 && length == size)
		for (length--; length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80;)
			length--;
	return length;
}

/* Copies as much of `text` as text_fit says, with a NUL. */
static inline void text_copy(const char *text, char *ret_text, size_t size)
{
	size_t length = text_fit(text, size);

	memcpy(ret_text, text, length);
	ret_text[length] = '\0';
}

/*
 * Whether a control character begins at `at` in UTF-8 text: those of ASCII, and those of C1 (two
 * bytes from C2 80 to C2 9F), which terminals obey as well.
 */
static inline bool text_is_control(const char *at)
{
	unsigned char first = (unsigned char)at[0];

	return (first > 0 && first < ' ') || first == 0x7F ||
	       (first == 0xC2 && (unsigned char)at[1] >= 0x80 && (unsigned char)at[1] < 0xA0);
}

/* Puts "?" in the place of the first byte of every control character. */
static inline void text_clean(char *text)
{
	for (; *text; text++)
		if (text_is_control(text)) {
			if ((unsigned char)*text == 0xC2)
				text[1] = '?';
			*text = '?';
		}
}
