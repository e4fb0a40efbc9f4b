/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One request of the Directory Service with all its attempts: what edge/service is made of, and no
 * one else includes. Here is decided what is sent again, and when (service.h says how).
 */

#include "base/buffer.h"
#include "edge/retry.h"
#include "edge/service.h"

struct service {
	struct http *http;
	struct endpoint endpoint;
	const struct credentials_provider *provider; /* borrowed */
	struct credentials credentials;		     /* of the last request; empty before it */
	struct retry *retry;			     /* borrowed, or `own` */
	struct retry own;
	int64_t call_ms;   /* the time of one call; the sweep has more */
	int64_t paced_ms;  /* of the call under way, spent in hooks.pace */
	int64_t signed_at; /* that the last request was signed with */
	struct service_hooks hooks;
	struct service_counters counters;
};

/* One of the typed calls under way. */
struct call {
	struct service *service;
	enum operation operation;
	const char *subject;	     /* the directory, or NULL for all */
	int64_t end_ms;		     /* on the monotonic clock: nothing starts after it */
	int64_t deadline;	     /* of a write, on clock_elapsed; 0: none */
	struct service_reply *reply; /* the caller's */
	struct error *error;
};

/* Puts "ListCertificates of d-926708e4f1 in eu-west-1: " before the call's message; returns its
 * code. */
int call_prefix(const struct call *call);

/*
 * Sends `body` until it is answered with a status 2xx, refused for good, or its attempts or its
 * time are used up. 0 with the reply in *ret_http (http_reply_done it), or an error as service.h
 * lists them; *call->reply is filled in every case.
 */
int exchange(const struct call *call, const struct buffer *body, struct http_reply *ret_http);
