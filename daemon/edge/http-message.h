/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A reply of HTTP/1.1 cut out of the bytes of a connection as they come (RFC 9112). Nothing but
 * memory: the same bytes give the same reply however they are cut into pieces. The body has the
 * length that Content-Length or the chunks say, or lasts until the connection ends. Header lines
 * that say nothing we need are passed over, whatever is in them.
 *
 * libcurl would do this too, and formats every header a character at a time: a third of what a
 * look at a directory costs (tests/bench).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "edge/http.h"

enum http_message_state {
	HTTP_MESSAGE_STATUS, /* the first line */
	HTTP_MESSAGE_HEADER,
	HTTP_MESSAGE_BODY,	/* `left` more bytes */
	HTTP_MESSAGE_ENDLESS,	/* until the connection ends */
	HTTP_MESSAGE_CHUNK,	/* the line with a chunk's size */
	HTTP_MESSAGE_CHUNK_END, /* the line break behind it */
	HTTP_MESSAGE_TRAILER,
	HTTP_MESSAGE_WHOLE,
};

struct http_message {
	struct http_reply *reply; /* borrowed; its body has the limit of the buffer */
	enum http_message_state state;
	struct buffer line;    /* owned: the line under way, if it came in pieces */
	size_t headers_length; /* bytes of status, header and trailer lines so far */
	uint64_t left;	       /* bytes of the body, or of the chunk, still to come */
	bool sized, chunked;   /* what the header says of the body */
	bool keep;	       /* the connection can be used again, once the reply is whole */
};

/* Begins a reply, whose facts and body go to `reply`. */
void http_message_begin(struct http_message *message, struct http_reply *reply);
/* Releases what a reply in pieces needed; the reply stays. */
void http_message_done(struct http_message *message);

/*
 * Takes what came. 0 if the state says whether it is whole; -ERROR_NETWORK (no HTTP/1.x, or a
 * length that cannot be), -ERROR_LIMIT (body or header too large) or -ERROR_MEMORY.
 */
int http_message_take(
	struct http_message *message, const char *bytes, size_t length, struct error *error);
/* The connection has ended: 0 if that makes the reply whole, else -ERROR_NETWORK. */
int http_message_end(struct http_message *message, struct error *error);
