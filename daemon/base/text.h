/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Text that came from outside and goes to a terminal or a log. */

#include <stdbool.h>

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
