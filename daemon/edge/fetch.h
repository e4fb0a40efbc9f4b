/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Unsigned requests to those who hand out keys: the endpoints of a container, of an instance, and
 * the SSO portal. Tried again where the network or the far side failed; a message names the host
 * alone, as paths and headers are as good as keys.
 */

#include "edge/http.h"
#include "edge/json.h"

/* Most of a URL with its path. Bytes. */
#define FETCH_URL_MAX 2048
/* Attempts at most. */
#define FETCH_ATTEMPTS_MAX 10

struct fetch {
	enum http_method method;
	const char *url;	     /* whole */
	bool loopback, link, direct; /* as in struct http_request */
	const struct http_header *headers;
	size_t headers_count;
	int64_t timeout_ms;
	unsigned attempts;
	int64_t pause_ms;   /* between two */
	const char *bundle; /* of CA certificates; NULL: the system's */
	const atomic_bool *stop;
};

/* 0 with a reply of whatever status, or http_post's errors; a failure of the network, status 429
 * and those from 500 on are tried again, as far as `attempts` goes. *ret_reply is overwritten in
 * every case; http_reply_done it. */
int fetch(const struct fetch *fetch, struct http_reply *ret_reply, struct error *error);

/*
 * A refusal for people: "HTTP status 403", with `code` and `message` where the reply is a JSON
 * object that has them. Always -ERROR_REFUSED, or -ERROR_SERVICE from status 500 on.
 */
int fetch_refused(const struct http_reply *reply, struct error *error);

/* "host" or "host:port" of a URL, cut to `size`. False if it is none, or holds a user name. */
bool fetch_host(const char *url, char *ret_host, size_t size);
