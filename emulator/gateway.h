/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From a whole HTTP request to a whole reply: route, signature, rate, fault, operation, form of the
 * reply, count and log line. Knows nothing of sockets.
 */

#include <stdint.h>

#include "base/buffer.h"
#include "emulator/sigv4.h"
#include "emulator/world.h"

/* Longest body of a request. Bytes. */
#define GATEWAY_BODY_MAX (1024 * 1024)
/* Longest reply: a dump of ten thousand directories. Bytes. */
#define GATEWAY_REPLY_MAX (256 * 1024 * 1024)
/* A reply of the fault "huge". Bytes. */
#define GATEWAY_HUGE (4 * 1024 * 1024)
/* "hang" answers after this after all, so that nothing stays for ever. Milliseconds. */
#define GATEWAY_HANG_MS (60 * 60 * 1000)
/* Where the control path begins. */
#define GATEWAY_CONTROL "/_control/"
/* "11111111-2222-3333-4444-555555555555" and the NUL. */
#define REQUEST_ID_SIZE 37
/* "Sun, 06 Nov 1994 08:49:37 GMT" and the NUL. */
#define HTTP_DATE_SIZE 32

struct reply {
	unsigned status;
	const char *content_type; /* static */
	const char *error_type;	  /* x-amzn-ErrorType, static; NULL for none */
	struct buffer body;	  /* owned */
	char request_id[REQUEST_ID_SIZE];
	char date[HTTP_DATE_SIZE]; /* "" for no Date header */
	enum fault_kind fault;	   /* what is to be done to the connection */
	int64_t delay_ms;	   /* before it is sent */
};

/* Answers one request. `too_large` tells that its body was cut off. */
void gateway_handle(struct world *world, const struct sigv4_request *request, bool too_large,
	struct reply *ret_reply);
void reply_done(struct reply *reply);
