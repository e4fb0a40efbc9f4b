/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/yaml-write.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define PLAIN	LETTERS "0123456789._/-"

/* Bytes of the character at `at`, and its number in *ret_point; 0 if it is no UTF-8. */
static size_t character(const char *at, uint32_t *ret_point)
{
	const unsigned char *byte = (const unsigned char *)at;
	size_t length = byte[0] < 0x80	 ? 1
			: byte[0] < 0xC2 ? 0
			: byte[0] < 0xE0 ? 2
			: byte[0] < 0xF0 ? 3
			: byte[0] < 0xF5 ? 4
					 : 0;
	uint32_t point = length < 2 ? byte[0] : byte[0] & (0x7FU >> length);

	for (size_t i = 1; i < length; i++) {
		if ((byte[i] & 0xC0) != 0x80)
			return 0;
		point = point << 6 | (byte[i] & 0x3FU);
	}
	if ((length == 3 && (point < 0x800 || (point >= 0xD800 && point < 0xE000))) ||
		(length == 4 && (point < 0x10000 || point > 0x10FFFF)))
		return 0;
	*ret_point = point;
	return length;
}

/* What may not stand in a file as it is, or would not be seen for what it is. */
static const struct {
	uint32_t first, last;
} unfit[] = {
	{0x00, 0x1F},
	{0x7F, 0x9F},
	{0x200E, 0x200F}, /* marks of direction */
	{0x2028, 0x202E}, /* ends of lines and of paragraphs; turns of direction */
	{0x2066, 0x2069},
	{0xFEFF, 0xFEFF},
	{0xFFFE, 0xFFFF},
};

static bool is_unfit(uint32_t point)
{
	for (size_t i = 0; i < ARRAY_LENGTH(unfit); i++)
		if (point >= unfit[i].first && point <= unfit[i].last)
			return true;
	return false;
}

/* Words that are no text to some reader or other. */
static bool is_reserved(const char *text)
{
	static const char *const words[] = {
		"null", "true", "false", "yes", "no", "on", "off", "y", "n", "none"};

	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		if (strcasecmp(words[i], text) == 0)
			return true;
	return false;
}

static bool is_plain(const char *text)
{
	return text[0] != '\0' && strchr(LETTERS, text[0]) && text[strspn(text, PLAIN)] == '\0' &&
	       !is_reserved(text);
}

int yaml_write_text(struct buffer *buffer, const char *text)
{
	uint32_t point;

	if (is_plain(text))
		return buffer_append_text(buffer, text);
	buffer_append_text(buffer, "\"");
	while (*text != '\0') {
		size_t length = character(text, &point);

		if (length == 0)
			buffer_append_text(buffer, "?");
		else if (is_unfit(point))
			buffer_printf(buffer, "\\u%04X", (unsigned)point);
		else if (*text == '"' || *text == '\\')
			buffer_printf(buffer, "\\%c", *text);
		else
			buffer_append(buffer, text, length);
		text += length > 0 ? length : 1;
	}
	return buffer_append_text(buffer, "\"");
}

int yaml_write_comment(struct buffer *buffer, size_t indent, const char *text)
{
	uint32_t point;

	buffer_printf(buffer, "%*s#%s", (int)indent, "", text[0] != '\0' ? " " : "");
	while (*text != '\0') {
		size_t length = character(text, &point);

		if (length == 0 || is_unfit(point))
			buffer_append_text(buffer, "?");
		else
			buffer_append(buffer, text, length);
		text += length > 0 ? length : 1;
	}
	return buffer_append_text(buffer, "\n");
}
