/* SPDX-License-Identifier: Apache-2.0 */
#include "base/wrap.h"

#include <stdbool.h>
#include <string.h>

/* Every byte but the later ones of a character (10xxxxxx) begins one. */
static size_t columns_of(const char *text, size_t length)
{
	size_t columns = 0;

	for (size_t i = 0; i < length; i++)
		columns += ((unsigned char)text[i] & 0xC0) != 0x80;
	return columns;
}

size_t wrap_columns(const char *text)
{
	return columns_of(text, strlen(text));
}

int wrap_pad(struct buffer *buffer, size_t columns, const char *text)
{
	size_t used = wrap_columns(text);

	return buffer_printf(buffer, "%s%*s", text, used < columns ? (int)(columns - used) : 0, "");
}

/* Up to the next space that is not between backquotes. */
static size_t word_length(const char *text)
{
	bool quoted = false;
	size_t length = 0;

	for (; text[length] != '\0' && (quoted || text[length] != ' '); length++)
		quoted ^= text[length] == '`';
	return length;
}

int wrap_words(struct buffer *buffer, size_t at, size_t indent, size_t width, const char *text)
{
	size_t column = at;

	while (*text) {
		size_t length = word_length(text);
		size_t columns = columns_of(text, length);

		if (column > indent && column + 1 + columns > width) {
			buffer_printf(buffer, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			buffer_append_text(buffer, " ");
			column++;
		}
		buffer_append(buffer, text, length);
		column += columns;
		text += length;
		text += strspn(text, " ");
	}
	return buffer_append_text(buffer, "\n");
}
