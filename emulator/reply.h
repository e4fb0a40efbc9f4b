/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A whole reply, and what a fault does to it. */

#include <stdint.h>

#include "base/buffer.h"
#include "emulator/fault.h"

/* Longest reply: a dump of ten thousand directories. Bytes. */
#define REPLY_MAX (256 * 1024 * 1024)
/* A reply of the fault "huge". Bytes. */
#define REPLY_HUGE (4 * 1024 * 1024)
/* "hang" answers after this after all, so that nothing stays for ever. Milliseconds. */
#define REPLY_HANG_MS (60 * 60 * 1000)
/* "11111111-2222-3333-4444-555555555555" and the NUL. */
#define REQUEST_ID_SIZE 37
/* "Sun, 06 Nov 1994 08:49:37 GMT" and the NUL. */
#define HTTP_DATE_SIZE 32

struct reply {
	unsigned status;
	const char *content_type; /* static */
	const char *error_type;	  /* x-amzn-ErrorType, static; NULL for none */
	int64_t token_ttl;	  /* of a metadata token, seconds; 0 for none */
	struct buffer body;	  /* owned */
	char request_id[REQUEST_ID_SIZE];
	char date[HTTP_DATE_SIZE]; /* "" for no Date header */
	enum fault_kind fault;	   /* what is to be done to the connection */
	int64_t delay_ms;	   /* before it is sent */
};

/* An empty reply of status 500 with an id and the date of `now`. */
void reply_init(struct reply *ret_reply, int64_t now);
/* What a fault does to the reply; what it does to the connection is the server's. */
void reply_distort(struct reply *reply, enum fault_kind kind);
void reply_done(struct reply *reply);
