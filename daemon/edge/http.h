/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Requests over HTTP: signed POSTs to an endpoint of AWS, and the few others that get the keys for
 * them. libcurl makes the connections (http-connection.h); TLS is 1.2 or newer and always
 * verified; redirects are never followed; every size and time has a limit. A `struct http` is one
 * worker's connections and is used by one thread at a time; a `struct http_share` holds what the
 * workers of one lane have in common (TLS sessions, resolved names).
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "edge/credentials.h"

/* Name, TCP and TLS together. */
#define HTTP_CONNECT_MS 5000
/* One request from its start to the last byte of its reply. */
#define HTTP_TOTAL_MS 30000
/* A body; the largest real one, 105 certificates, has 20 kB. */
#define HTTP_REPLY_MAX ((size_t)1024 * 1024)
/* All header lines of a reply together. Bytes. */
#define HTTP_HEADERS_MAX ((size_t)64 * 1024)
/* Texts kept of a reply's header, longer ones are cut. Bytes. */
#define HTTP_TEXT_SIZE 128
/* Longest wait that Retry-After can ask for and be told; longer ones are cut to it. */
#define HTTP_RETRY_AFTER_MAX_MS (INT64_C(3600) * 1000)

struct http;
struct http_share;

/* Tests make limits smaller; 0, or more than the limit above, means that limit. */
struct http_limits {
	long connect_ms;
	long total_ms;
	size_t reply_max;
};

enum http_method {
	HTTP_POST,
	HTTP_GET, /* without a body */
	HTTP_PUT, /* likewise */
};

/* A further header. Its value may be secret, and has no line break. */
struct http_header {
	const char *name;
	const char *value; /* NULL: not sent */
};

struct http_request {
	enum http_method method;
	const char *url;	  /* scheme://host[:port]/; plain http for loopback */
	const char *host;	  /* for Host, the port with it if not the scheme's */
	bool loopback;		  /* the host is this one (endpoint.h): no proxy */
	bool link;		  /* an address of this link: plain http is taken, and no proxy */
	bool direct;		  /* whatever the host is: no proxy */
	const char *service;	  /* in the scope of the signature; NULL: the Directory Service */
	const char *region;	  /* for the signature */
	const char *content_type; /* NULL: AWS JSON 1.1 */
	const char *target;	  /* X-Amz-Target; NULL: none */
	const char *body;	  /* NULL: none */
	size_t body_length;
	const struct http_header *headers; /* further ones, not signed */
	size_t headers_count;
	/* sign; never shown. NULL: the request is not signed and has no date. */
	const struct credentials *credentials;
	int64_t date;	  /* that it is signed with, UTC seconds by the service's clock */
	bool once;	  /* a write: a connection of its own, so that nothing is ever resent */
	int64_t wait_ms;  /* at most this long for all of it, if positive and below the limit */
	int64_t deadline; /* on clock_elapsed: no byte leaves after it; 0: none (N4) */
};

struct http_reply {
	/*
	 * Whether any byte of the request can have left. False means that it was provably not
	 * executed: name, connection or TLS failed first. Also set when http_post fails.
	 */
	bool sent;
	long status;		/* 100 to 599 */
	struct buffer body;	/* owned */
	int64_t arrived;	/* clock_elapsed, so that no setting of a clock makes it younger */
	int64_t date;		/* header Date, UTC seconds; 0 if missing or nonsense */
	int64_t skew;		/* `date` less our wall clock at its arrival; 0 without a date */
	int64_t retry_after_ms; /* x-amz-retry-after or Retry-After; -1 if there is none */
	char request_id[HTTP_TEXT_SIZE]; /* x-amzn-RequestId; "" if missing */
	char error_type[HTTP_TEXT_SIZE]; /* x-amzn-ErrorType */
	char content_type[HTTP_TEXT_SIZE];
};

/*
 * NULL if there is no memory. The share must outlive every http made with it. Prepares TLS before
 * it waits for libcurl (http-library.h): the sooner it is called the earlier the first request
 * leaves.
 */
struct http_share *http_share_new(void);
void http_share_free(struct http_share *share);

/*
 * Connections of one worker. `share` and `limits` may be NULL. `bundle` is the file with the CA
 * certificates that are trusted; NULL or "": the system's. `stop`, if not NULL, ends a running
 * request soon after it becomes true (-ERROR_STOPPED), but not a write that has left. NULL if there
 * is no memory.
 */
struct http *http_new(struct http_share *share, const struct http_limits *limits,
	const char *bundle, const atomic_bool *stop);
/* Closes the connections. Accepts NULL. */
void http_free(struct http *http);

/*
 * Sends one request and reads its reply, whatever its status. 0, or with a reason in `error`:
 * -ERROR_NETWORK, -ERROR_TIMEOUT, -ERROR_DENIED (the peer's certificate was not accepted, or a
 * proxy refused), -ERROR_LIMIT (reply too large), -ERROR_INVALID (a URL that is not taken),
 * -ERROR_STOPPED, -ERROR_STALE (the deadline passed while it connected or left), -ERROR_MEMORY.
 * The reason never quotes a URL that may hold a password, such as a proxy's. *ret_reply is
 * overwritten in every case; http_reply_done it.
 */
int http_post(struct http *http, const struct http_request *request, struct http_reply *ret_reply,
	struct error *error);

/*
 * Opens the connection that the next read goes over, if that has the same `url` and the peer has
 * not closed it meanwhile; of `request` only what says where it goes is looked at. It takes
 * HTTP_CONNECT_MS at most. What keeps it from being opened is what the next http_post ends with,
 * whatever that is to send, without another try.
 */
void http_open(struct http *http, const struct http_request *request);

/* Wipes and releases the body; leaves all-zero. Accepts all-zero. */
void http_reply_done(struct http_reply *reply);

/* Connections opened so far: what reuse saves is seen here. */
unsigned long http_connections(const struct http *http);
