/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One connection to a server as libcurl makes it: name, proxy, TCP, TLS and all that verifies the
 * peer; and the bytes that go over it. What they mean is http.c's. Used by one thread at a time.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "edge/http.h"

struct http_connection;

/* What a connection is made with; borrowed, and must outlive it. */
struct http_dial {
	struct http_share *share; /* may be NULL */
	long connect_ms;	  /* name, TCP and TLS together */
	const char *bundle;	  /* file with the CA certificates; NULL: the system's */
	const atomic_bool *stop;  /* may be NULL: ends the making soon after it becomes true */
};

/*
 * Connects to the server of `request`, until `end_ms` (clock_monotonic_ms) at the latest. 0, or
 * with a reason that names the server: -ERROR_NETWORK (also: the host of a loopback request is
 * elsewhere), -ERROR_TIMEOUT, -ERROR_DENIED (the peer's certificate was not accepted, or a proxy
 * refused), -ERROR_INVALID (a URL that is not taken), -ERROR_STOPPED, -ERROR_MEMORY. Nothing of the
 * request has left.
 */
int http_connection_open(const struct http_dial *dial, const struct http_request *request,
	int64_t end_ms, struct http_connection **ret_connection, struct error *error);
/* Closes it. Accepts NULL. */
void http_connection_free(struct http_connection *connection);

/* Whether it leads to this URL and nothing came meanwhile, not even its end. Accepts NULL. */
bool http_connection_usable(struct http_connection *connection, const char *url);

/*
 * Sends all of it. 0, -ERROR_NETWORK, -ERROR_TIMEOUT, -ERROR_STOPPED (`stop` may be NULL) or
 * -ERROR_STALE (`deadline` on clock_elapsed, unless 0, passed before all had left), with a reason;
 * some may have left then.
 */
int http_connection_send(struct http_connection *connection, const char *bytes, size_t length,
	int64_t deadline, int64_t end_ms, const atomic_bool *stop, struct error *error);

/*
 * Waits for bytes, and takes up to `size`; *ret_length 0: the peer ended it. Errors as above; one
 * is an end of which TLS says nothing, which need not be the peer's.
 */
int http_connection_receive(struct http_connection *connection, char *bytes, size_t size,
	int64_t end_ms, const atomic_bool *stop, size_t *ret_length, struct error *error);

/*
 * Puts before a reason whom it is about: scheme, host and port, and the proxy without its password.
 * Returns the error's code, negative.
 */
int http_connection_prefix(const struct http_connection *connection, struct error *error);
