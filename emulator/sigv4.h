/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * AWS Signature Version 4 as the service checks it, stage by stage: the canonical request, the
 * string to sign, the signing key, the signature. Written from the documentation ("Create a signed
 * AWS API request") on OpenSSL's digests, and shares nothing with the client, so that each proves
 * the other.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* "AWS4-HMAC-SHA256" */
#define SIGV4_ALGORITHM "AWS4-HMAC-SHA256"
/* SHA-256 in hexadecimal digits, and the NUL. */
#define SIGV4_HASH_SIZE 65
/* "20150830T123600Z" and the NUL. */
#define SIGV4_TIME_SIZE 17
/* An access key id has at most 128 characters (IAM). */
#define SIGV4_ACCESS_KEY_SIZE 129
/* Names of Regions and services are shorter by far. */
#define SIGV4_WORD_SIZE 64
/* The list of signed headers of a client that signs everything. */
#define SIGV4_NAMES_SIZE 1024
/* Headers of one request, and the parameters of its query. */
#define SIGV4_HEADERS_MAX 64
/* A canonical request without the body: headers bounded by the server. */
#define SIGV4_CANONICAL_MAX (64 * 1024)

struct sigv4_header {
	const char *name;  /* in any case */
	const char *value; /* as sent */
};

/* A request as it came. Everything is borrowed. */
struct sigv4_request {
	const char *method;
	const char *path;		    /* as sent, percent-encoded, without the query */
	const char *query;		    /* as sent, without the question mark; "" if none */
	const struct sigv4_header *headers; /* in order of arrival */
	size_t headers_count;
	const void *body;
	size_t body_length;
};

/* What the Authorization header says. */
struct sigv4_authorization {
	char access_key[SIGV4_ACCESS_KEY_SIZE];
	char date[9]; /* YYYYMMDD of the credential scope */
	char region[SIGV4_WORD_SIZE];
	char service[SIGV4_WORD_SIZE];
	char signed_headers[SIGV4_NAMES_SIZE]; /* "a;b;c" as sent */
	char signature[SIGV4_HASH_SIZE];
};

/* Reads an Authorization header. 0, or -ERROR_INVALID if it is not whole. */
int sigv4_parse(const char *header, struct sigv4_authorization *ret_authorization);

/* The value of the first header of that name, or NULL. */
const char *sigv4_header(const struct sigv4_request *request, const char *name);
/* Whether `names` ("a;b;c") holds `name`, in any case. */
bool sigv4_covers(const char *names, const char *name);

/* Lower-case hexadecimal SHA-256. */
void sigv4_hash(const void *bytes, size_t length, char ret_hash[static SIGV4_HASH_SIZE]);

/*
 * Appends the canonical request to an empty buffer of SIGV4_CANONICAL_MAX. A signed header that was
 * not sent is left out, so that the signature cannot match. 0, -ERROR_LIMIT or -ERROR_MEMORY.
 */
int sigv4_canonical(
	const struct sigv4_request *request, const char *signed_headers, struct buffer *canonical);
/* Appends the string to sign; `time` is the X-Amz-Date. 0 or the buffer's errors. */
int sigv4_string(const struct sigv4_authorization *authorization, const char *time,
	const struct buffer *canonical, struct buffer *string);
/* The signing key of a secret in a scope. 0 or -ERROR_MEMORY. */
int sigv4_key(const char *secret, const char *date, const char *region, const char *service,
	uint8_t ret_key[static 32]);
/* The signature of the string. 0 or -ERROR_MEMORY. */
int sigv4_sign(const uint8_t key[static 32], const struct buffer *string,
	char ret_signature[static SIGV4_HASH_SIZE]);

/* "20150830T123600Z" as UTC seconds. 0 or -ERROR_INVALID. */
int sigv4_time(const char *text, int64_t *ret_instant);
