/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

#define BUFFER_FIRST 256 /* bytes of the first allocation: most lines fit */

void buffer_init(struct buffer *buffer, size_t limit)
{
	*buffer = (struct buffer){.limit = limit};
}

void buffer_done(struct buffer *buffer)
{
	if (!buffer)
		return;
	free(buffer->data);
	buffer_init(buffer, buffer->limit);
}

void buffer_wipe(struct buffer *buffer)
{
	if (buffer && buffer->data)
		explicit_bzero(buffer->data, buffer->capacity);
	buffer_done(buffer);
}

/*
 * Growth moves to fresh memory and wipes the old, since a buffer may hold a secret and realloc
 * would leave a copy behind.
 */
static int buffer_grow(struct buffer *buffer, size_t more)
{
	size_t needed, capacity = buffer->capacity ? buffer->capacity : BUFFER_FIRST;
	char *grown;

	if (buffer->broken)
		return buffer->broken;
	if (more > buffer->limit - buffer->length)
		return buffer->broken = -ERROR_LIMIT;
	needed = buffer->length + more + 1;
	if (needed <= buffer->capacity)
		return 0;
	while (capacity < needed)
		capacity *= 2;
	grown = malloc(capacity);
	if (!grown)
		return buffer->broken = -ERROR_MEMORY;
	if (buffer->data) {
		memcpy(grown, buffer->data, buffer->length + 1);
		explicit_bzero(buffer->data, buffer->capacity);
		free(buffer->data);
	}
	buffer->data = grown;
	buffer->capacity = capacity;
	return 0;
}

int buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
	int r = buffer_grow(buffer, length);

	if (r < 0)
		return r;
	if (length > 0)
		memcpy(buffer->data + buffer->length, bytes, length);
	buffer->length += length;
	buffer->data[buffer->length] = '\0';
	return 0;
}

int buffer_append_text(struct buffer *buffer, const char *text)
{
	return buffer_append(buffer, text, strlen(text));
}

int buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list arguments, again;
	size_t room;
	int length, r = buffer->data ? 0 : buffer_grow(buffer, 0);

	if (!buffer->data)
		return r;
	/* most texts fit into what is there, and need not be formatted twice */
	room = buffer->capacity - buffer->length;
	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(buffer->data + buffer->length, room, format, arguments);
	va_end(arguments);
	r = length < 0 ? -ERROR_INTERNAL : buffer_grow(buffer, (size_t)length);
	if (r == 0 && (size_t)length >= room)
		vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, again);
	va_end(again);
	if (r == 0)
		buffer->length += (size_t)length;
	else
		buffer->data[buffer->length] = '\0';
	return r;
}

void buffer_clear(struct buffer *buffer)
{
	buffer->length = 0;
	buffer->broken = 0;
	if (buffer->data)
		buffer->data[0] = '\0';
}

const char *buffer_text(const struct buffer *buffer)
{
	return buffer->data ? buffer->data : "";
}

int buffer_status(const struct buffer *buffer)
{
	return buffer->broken;
}

char *buffer_steal(struct buffer *buffer)
{
	char *data = buffer->broken ? NULL : buffer->data;

	if (data)
		buffer_init(buffer, buffer->limit);
	return data;
}
