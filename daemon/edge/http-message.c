/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/http-message.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "edge/http-header.h"

/* "HTTP/1.1 200": what of a status line must be there. Bytes. */
#define STATUS_LENGTH 12
/* Digits of a Content-Length that surely fits; those of a chunk, in hexadecimal. */
#define LENGTH_DIGITS_MAX 18
#define CHUNK_DIGITS_MAX  15

/* ---- what the header says of the body and the connection ---- */

/* Said twice it must be the same (RFC 9112, 6.3). */
static int take_length(struct http_message *message, const char *value)
{
	size_t digits = strspn(value, "0123456789");
	uint64_t length;

	if (digits == 0 || digits > LENGTH_DIGITS_MAX || value[digits])
		return -ERROR_NETWORK;
	length = strtoull(value, NULL, 10);
	if (message->sized && length != message->left)
		return -ERROR_NETWORK;
	message->sized = true;
	message->left = length;
	return 0;
}

/* No other coding was asked for. */
static int take_coding(struct http_message *message, const char *value)
{
	message->chunked = true;
	return strcasecmp(value, "chunked") == 0 ? 0 : -ERROR_NETWORK;
}

static int take_connection(struct http_message *message, const char *value)
{
	if (strcasestr(value, "close"))
		message->keep = false;
	return 0;
}

/* The fields that frame a reply; the others are facts of it, if it is not an interim one. */
static const struct {
	const char *name;
	int (*take)(struct http_message *message, const char *value);
} fields[] = {
	{"connection", take_connection},
	{"content-length", take_length},
	{"transfer-encoding", take_coding},
};

/* ---- lines; `length` is without the line break, but for take_line ---- */

static int take_status(struct http_message *message, const char *line, size_t length)
{
	const char *digits = line + STATUS_LENGTH - 3;

	if (length < STATUS_LENGTH || memcmp(line, "HTTP/1.", 7) != 0 ||
		!isdigit((unsigned char)line[7]) || line[8] != ' ' || digits[0] < '1' ||
		digits[0] > '5' || !isdigit((unsigned char)digits[1]) ||
		!isdigit((unsigned char)digits[2]) ||
		(length > STATUS_LENGTH && line[STATUS_LENGTH] != ' '))
		return -ERROR_NETWORK;
	message->reply->status =
		(digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
	message->keep = line[7] != '0';
	message->state = HTTP_MESSAGE_HEADER;
	return 0;
}

/* The header is whole: how long is the body? (RFC 9112, 6.3) */
static int take_header_end(struct http_message *message)
{
	const struct http_reply *reply = message->reply;

	if (reply->status == 101)
		return -ERROR_NETWORK;
	if (reply->status < 200) {
		message->state = HTTP_MESSAGE_STATUS;
		message->sized = message->chunked = false;
		return 0;
	}
	if (reply->status == 204 || reply->status == 304) {
		message->state = HTTP_MESSAGE_WHOLE;
	} else if (message->chunked) {
		message->keep = message->keep && !message->sized;
		message->state = HTTP_MESSAGE_CHUNK;
	} else if (message->sized) {
		if (message->left > reply->body.limit)
			return -ERROR_LIMIT;
		message->state = message->left ? HTTP_MESSAGE_BODY : HTTP_MESSAGE_WHOLE;
	} else {
		message->keep = false;
		message->state = HTTP_MESSAGE_ENDLESS;
	}
	return 0;
}

static int take_field(struct http_message *message, const char *line, size_t length)
{
	char text[2 * HTTP_TEXT_SIZE], *colon, *end;
	const char *value;

	if (length >= sizeof(text))
		length = sizeof(text) - 1; /* none that we understand is as long */
	memcpy(text, line, length);
	text[length] = '\0';
	colon = strchr(text, ':');
	if (!colon)
		return 0;
	/* a blank before the colon is none of the name's, and must not hide what frames */
	for (end = colon; end > text && isspace((unsigned char)end[-1]); end--)
		;
	*end = '\0';
	value = colon + 1 + strspn(colon + 1, " \t");
	for (size_t i = 0; i < ARRAY_LENGTH(fields); i++)
		if (strcasecmp(fields[i].name, text) == 0)
			return fields[i].take(message, value);
	if (message->reply->status >= 200)
		http_header_take(text, value, message->reply);
	return 0;
}

static int take_chunk(struct http_message *message, const char *line, size_t length)
{
	size_t digits = 0, end;

	message->left = 0;
	for (; digits < length && isxdigit((unsigned char)line[digits]); digits++) {
		unsigned char digit = (unsigned char)line[digits];

		message->left =
			message->left * 16 +
			(uint64_t)(isdigit(digit) ? digit - '0' : tolower(digit) - 'a' + 10);
		if (digits >= CHUNK_DIGITS_MAX)
			return -ERROR_NETWORK;
	}
	for (end = digits; end < length && isblank((unsigned char)line[end]); end++)
		;
	if (digits == 0 || (end < length && line[end] != ';'))
		return -ERROR_NETWORK;
	message->state = message->left ? HTTP_MESSAGE_BODY : HTTP_MESSAGE_TRAILER;
	return 0;
}

/* With its line break, the only line that is empty is that alone: one of blanks continues another.
 */
static int take_line(struct http_message *message, const char *line, size_t length)
{
	bool empty = length == 1 || (length == 2 && line[0] == '\r');

	if (memchr(line, '\0', length)) /* the text of a field would end before the field */
		return -ERROR_NETWORK;
	while (length > 0 && isspace((unsigned char)line[length - 1]))
		length--;
	switch (message->state) {
	case HTTP_MESSAGE_STATUS:
		return take_status(message, line, length);
	case HTTP_MESSAGE_HEADER:
		return empty ? take_header_end(message) : take_field(message, line, length);
	case HTTP_MESSAGE_CHUNK:
		return take_chunk(message, line, length);
	case HTTP_MESSAGE_CHUNK_END:
		message->state = HTTP_MESSAGE_CHUNK;
		return empty ? 0 : -ERROR_NETWORK;
	default: /* a trailer */
		if (empty)
			message->state = HTTP_MESSAGE_WHOLE;
		return 0;
	}
}

/* ---- pieces; each takes some of `length` bytes, and says how many ---- */

static int piece_of_line(
	struct http_message *message, const char *bytes, size_t length, size_t *ret_taken)
{
	const char *end = memchr(bytes, '\n', length);
	size_t taken = end ? (size_t)(end - bytes) + 1 : length;
	int r;

	*ret_taken = taken;
	/* the sizes of chunks are lines too, and as many as a body has bytes */
	if (message->state != HTTP_MESSAGE_CHUNK && message->state != HTTP_MESSAGE_CHUNK_END)
		message->headers_length += taken;
	if (message->headers_length > HTTP_HEADERS_MAX)
		return -ERROR_LIMIT;
	if (end && message->line.length == 0)
		return take_line(message, bytes, taken);
	r = buffer_append(&message->line, bytes, taken);
	if (r < 0 || !end)
		return r;
	r = take_line(message, message->line.data, message->line.length);
	buffer_clear(&message->line);
	return r;
}

static int piece_of_body(
	struct http_message *message, const char *bytes, size_t length, size_t *ret_taken)
{
	bool endless = message->state == HTTP_MESSAGE_ENDLESS;
	size_t taken = endless || length < message->left ? length : (size_t)message->left;
	int r = buffer_append(&message->reply->body, bytes, taken);

	*ret_taken = taken;
	if (r < 0 || endless)
		return r;
	message->left -= taken;
	if (message->left == 0)
		message->state = message->chunked ? HTTP_MESSAGE_CHUNK_END : HTTP_MESSAGE_WHOLE;
	return 0;
}

static int message_failed(const struct http_message *message, int r, struct error *error)
{
	if (r == -ERROR_MEMORY)
		return error_set(error, ERROR_MEMORY, "out of memory");
	if (r == -ERROR_LIMIT)
		return error_set(error, ERROR_LIMIT,
			"the reply is larger than the %zu bytes (header: %zu) that are read",
			message->reply->body.limit, HTTP_HEADERS_MAX);
	return error_set(error, ERROR_NETWORK, "what came is no reply of HTTP/1.1");
}

void http_message_begin(struct http_message *message, struct http_reply *reply)
{
	*message = (struct http_message){.reply = reply};
	buffer_init(&message->line, HTTP_HEADERS_MAX);
}

void http_message_done(struct http_message *message)
{
	buffer_done(&message->line);
}

int http_message_take(
	struct http_message *message, const char *bytes, size_t length, struct error *error)
{
	while (length > 0 && message->state != HTTP_MESSAGE_WHOLE) {
		bool body = message->state == HTTP_MESSAGE_BODY ||
			    message->state == HTTP_MESSAGE_ENDLESS;
		size_t taken;
		int r = body ? piece_of_body(message, bytes, length, &taken)
			     : piece_of_line(message, bytes, length, &taken);

		if (r < 0)
			return message_failed(message, r, error);
		bytes += taken;
		length -= taken;
	}
	if (length > 0) /* more than was asked for: nobody knows what it is */
		message->keep = false;
	return 0;
}

int http_message_end(struct http_message *message, struct error *error)
{
	if (message->state == HTTP_MESSAGE_ENDLESS)
		message->state = HTTP_MESSAGE_WHOLE;
	if (message->state == HTTP_MESSAGE_WHOLE)
		return 0;
	return error_set(error, ERROR_NETWORK, "the connection ended before the whole reply came");
}

void http_reply_done(struct http_reply *reply)
{
	buffer_wipe(&reply->body);
	*reply = (struct http_reply){0};
}
