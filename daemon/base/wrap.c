/* SPDX-License-Identifier: Apache-2.0 */
#include "base/wrap.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"

/* Characters that take another number of columns than one: the blocks of Unicode (UAX 11, wide and
 * fullwidth; marks that are drawn over the one before) that occur in names. In order. */
static const struct {
	uint32_t first, last;
	uint8_t columns;
} odd[] = {
	{0x0300, 0x036F, 0},   /* combining marks */
	{0x0483, 0x0489, 0},   /* of Cyrillic */
	{0x0591, 0x05BD, 0},   /* of Hebrew */
	{0x064B, 0x065F, 0},   /* of Arabic */
	{0x1100, 0x115F, 2},   /* Hangul Jamo */
	{0x200B, 0x200F, 0},   /* no width, directions */
	{0x20D0, 0x20F0, 0},   /* combining marks for symbols */
	{0x2E80, 0x303E, 2},   /* radicals, punctuation of CJK */
	{0x3041, 0xA4CF, 2},   /* kana, ideographs, Yi */
	{0xAC00, 0xD7A3, 2},   /* Hangul */
	{0xF900, 0xFAFF, 2},   /* compatibility ideographs */
	{0xFE00, 0xFE0F, 0},   /* variation selectors */
	{0xFE20, 0xFE2F, 0},   /* combining half marks */
	{0xFE30, 0xFE6F, 2},   /* compatibility forms */
	{0xFF01, 0xFF60, 2},   /* fullwidth forms */
	{0xFFE0, 0xFFE6, 2},   /* fullwidth signs */
	{0x1F300, 0x1F64F, 2}, /* pictographs */
	{0x1F900, 0x1F9FF, 2}, /* more of them */
	{0x20000, 0x3FFFD, 2}, /* more ideographs */
};

static size_t character_columns(uint32_t character)
{
	for (size_t i = 0; i < ARRAY_LENGTH(odd) && odd[i].first <= character; i++)
		if (character <= odd[i].last)
			return odd[i].columns;
	return 1;
}

/* Whether the byte is one of the later ones of a character (10xxxxxx). */
static bool goes_on(char byte)
{
	return ((unsigned char)byte & 0xC0) == 0x80;
}

/* Bytes of the character that begins at `text`, and its columns. */
static size_t character_length(const char *text, size_t length, size_t *ret_columns)
{
	unsigned char first = (unsigned char)text[0];
	uint32_t character = first < 0x80   ? first
			     : first < 0xE0 ? first & 0x1F
			     : first < 0xF0 ? first & 0x0F
					    : first & 0x07;
	size_t i = 1;

	for (; i < length && i < 4 && goes_on(text[i]); i++)
		character = character << 6 | ((unsigned char)text[i] & 0x3F);
	*ret_columns = character_columns(character);
	return i;
}

static size_t columns_of(const char *text, size_t length)
{
	size_t all = 0, columns;

	while (length > 0) {
		size_t bytes = character_length(text, length, &columns);

		all += columns;
		text += bytes;
		length -= bytes;
	}
	return all;
}

size_t wrap_fit(const char *text, size_t columns)
{
	size_t length = strlen(text), used = 0, at = 0, own;

	while (at < length) {
		size_t bytes = character_length(&text[at], length - at, &own);

		if (used + own > columns)
			break;
		used += own;
		at += bytes;
	}
	return at;
}

size_t wrap_columns(const char *text)
{
	return columns_of(text, strlen(text));
}

/* Each character as wide as it was measured. */
static int put(struct buffer *buffer, const char *text, size_t length)
{
	size_t plain = 0, columns;

	for (size_t i = 0; i < length; i += character_length(&text[i], length - i, &columns)) {
		if (!text_is_control(&text[i]))
			continue;
		buffer_append(buffer, &text[plain], i - plain);
		buffer_append_text(buffer, "?");
		plain = i + text_control(&text[i]);
	}
	return plain < length ? buffer_append(buffer, &text[plain], length - plain)
			      : buffer_status(buffer);
}

int wrap_text(struct buffer *buffer, const char *text)
{
	return put(buffer, text, strlen(text));
}

int wrap_pad(struct buffer *buffer, size_t columns, const char *text)
{
	size_t used = wrap_columns(text);

	(void)wrap_text(buffer, text);
	return buffer_printf(buffer, "%*s", used < columns ? (int)(columns - used) : 0, "");
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
		put(buffer, text, length);
		column += columns;
		text += length;
		text += strspn(text, " ");
	}
	return buffer_append_text(buffer, "\n");
}
