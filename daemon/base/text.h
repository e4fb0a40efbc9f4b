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
 * Bytes of the control character that begins at `at` in UTF-8 text, 0 if none does: those of ASCII,
 * those of C1 (U+0080 to U+009F), which terminals obey as well, and the ends of lines and the turns
 * of direction (U+2028 to U+202E, U+2066 to U+2069), behind which words are not read as they stand.
 */
static inline size_t text_control(const char *at)
{
	const unsigned char *byte = (const unsigned char *)at;

	if ((byte[0] > 0 && byte[0] < ' ') || byte[0] == 0x7F)
		return 1;
	if (byte[0] == 0xC2 && byte[1] >= 0x80 && byte[1] < 0xA0)
		return 2;
	if (byte[0] != 0xE2)
		return 0;
	return (byte[1] == 0x80 && byte[2] >= 0xA8 && byte[2] <= 0xAE) ||
			       (byte[1] == 0x81 && byte[2] >= 0xA6 && byte[2] <= 0xA9)
		       ? 3
		       : 0;
}

static inline bool text_is_control(const char *at)
{
	return text_control(at) > 0;
}

/* Puts "?" in the place of every byte of a control character. */
static inline void text_clean(char *text)
{
	while (*text) {
		size_t length = text_control(text);

		memset(text, '?', length);
		text += length ? length : 1;
	}
}
