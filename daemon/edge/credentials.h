/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The keys that sign requests, and where they come from. A provider is two functions, so that
 * profiles, roles and the like fit behind the same door; today there is the environment alone.
 * Nothing here prints a key, not even a part of one.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"

/* An access key id has 16 to 128 characters; shorter ones occur in tests. */
#define CREDENTIALS_KEY_ID_MAX 128

struct credentials {
	char access_key_id[CREDENTIALS_KEY_ID_MAX + 1];
	struct secret secret; /* the secret access key */
	struct secret token;  /* the session token; empty for long-lived keys */
	int64_t expires;      /* UTC seconds; 0: static, or not told */
};

/* Wipes; leaves all-zero. Accepts NULL and all-zero. */
void credentials_done(struct credentials *credentials);

/* Whether the two sign alike: a reload that brought nothing new is no reason to try again. */
bool credentials_equal(const struct credentials *a, const struct credentials *b);

struct credentials_provider {
	/* Gets keys anew; may block. 0, or an error with its reason: -ERROR_MISSING if none are
	 * configured, -ERROR_INVALID if they are malformed. Safe from several threads. */
	int (*load)(void *context, struct credentials *ret_credentials, struct error *error);
	/* Releases `context`; NULL if there is nothing to release. */
	void (*free)(void *context);
	void *context;
};

/*
 * AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN (AWS_SECURITY_TOKEN is its legacy
 * name), AWS_CREDENTIAL_EXPIRATION (RFC 3339). A key without its secret, or the reverse, and
 * characters that no key has are errors. Static, never NULL.
 */
const struct credentials_provider *credentials_environment(void);
