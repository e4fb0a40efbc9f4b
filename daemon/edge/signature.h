/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * AWS Signature Version 4 of the one kind of request that we make, POST / with a body in memory.
 * The digests are OpenSSL's. libcurl 7.88 signs too, but derives the key and prints every digest
 * anew for each request, which is more work than the rest of it, and only with the time of the
 * system: told another, it sends X-Amz-Date twice.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "edge/credentials.h"

/* "20270501T063000Z" and its NUL. */
#define SIGNATURE_DATE_SIZE 17
/* Date, Region, service and "aws4_request", and NUL. */
#define SIGNATURE_SCOPE_SIZE 128
/* Most characters of the Authorization header's value. */
#define SIGNATURE_MAX 1024

/*
 * The key that a secret gives for one day, Region and service, with OpenSSL's two tools: looking
 * them up by name would cost more than a signature. All-zero is none. One thread at a time.
 */
struct signature_key {
	char scope[SIGNATURE_SCOPE_SIZE]; /* "20270501/eu-central-1/ds/aws4_request" */
	struct secret secret;		  /* that it was made of */
	struct evp_mac_ctx_st *mac;	  /* owned: HMAC-SHA256 under the key */
	struct evp_md_ctx_st *digest;	  /* owned: SHA-256 */
};

struct signature_request {
	const char *host;	  /* value of Host, as it is sent */
	const char *content_type; /* values of headers, each without space around it */
	const char *target;	  /* NULL: there is no such header */
	const char *region;
	const char *service;
	const char *date; /* value of X-Amz-Date, SIGNATURE_DATE_SIZE */
	const void *body;
	size_t body_length;
	const struct credentials *credentials; /* a token is signed as X-Amz-Security-Token */
};

/* Writes an instant (UTC seconds) as X-Amz-Date has it. 0 or -ERROR_INVALID. */
int signature_date(int64_t instant, char ret_date[static SIGNATURE_DATE_SIZE]);

/* Wipes and releases it; leaves all-zero. Accepts all-zero. */
void signature_key_done(struct signature_key *key);

/*
 * Appends the value of the Authorization header, which signs content-type, host, x-amz-date,
 * and, if there are any, x-amz-security-token and x-amz-target. `key` is kept from one request to
 * the next and made anew when it is not this request's. 0, -ERROR_LIMIT or -ERROR_MEMORY.
 */
int signature_append(const struct signature_request *request, struct signature_key *key,
	struct buffer *authorization);
