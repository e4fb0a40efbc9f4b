/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The keys that sign requests, and the door behind which each source of them stands
 * (credentials-chain.h has their order). Nothing here prints a key, not even a part of one.
 */

#include <stdatomic.h>
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
	const char *source;   /* "the profile", for people; static; NULL: not told */
};

/* Wipes; leaves all-zero. Accepts NULL and all-zero. */
void credentials_done(struct credentials *credentials);

/* Whether the two sign alike: a reload that brought nothing new is no reason to try again. */
bool credentials_equal(const struct credentials *a, const struct credentials *b);

/* 0 or -ERROR_MEMORY. */
int credentials_copy(const struct credentials *from, struct credentials *ret_credentials);

/*
 * Take one part from outside; `where` names its source in messages, which never show the value. 0,
 * -ERROR_INVALID (characters that no key has), -ERROR_LIMIT or -ERROR_MEMORY.
 */
int credentials_set_key_id(
	struct credentials *credentials, const char *value, const char *where, struct error *error);
int credentials_set_secret(
	struct secret *secret, const char *value, const char *where, struct error *error);

struct credentials_provider {
	/* Gets keys; may block. 0, or an error with its reason: -ERROR_MISSING if none are
	 * configured here, so that the next may be asked; everything else is configured but broken.
	 * Safe from several threads. */
	int (*load)(void *context, struct credentials *ret_credentials, struct error *error);
	/* The service has refused these keys: the next load brings others, if there are any. NULL
	 * where every load asks its source anew. */
	void (*refused)(void *context, const struct credentials *credentials);
	/* A number that changes when the files that the keys come from do: a reason to load anew.
	 * Cheap. NULL where nothing of the kind is known. */
	uint64_t (*stamp)(void *context);
	void *context;
};

/*
 * How the keys of one account are got: what the sources are told, and the context of each `load`
 * below credentials-*.h. Texts are borrowed and must outlive whoever holds it; NULL: not said.
 */
struct credentials_setting {
	const char *profile;	  /* chosen in our own file; NULL: what AWS_PROFILE says */
	const char *role_arn;	  /* assumed with the keys of the chain; NULL: none */
	const char *external_id;  /* for role_arn */
	const char *session_name; /* for role_arn; NULL: ldapsward-HOST */
	int64_t duration;	  /* of the role's session, seconds; 0: an hour */
	const char *account_id;	  /* whose the keys must be; NULL: anybody's */
	const char *sts_endpoint; /* the URL of STS; NULL: as environment and profile say */
	const char *region;	  /* where STS is asked if neither environment nor profile says */
	const atomic_bool *stop;  /* the program ends; may be NULL */
};
