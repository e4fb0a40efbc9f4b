/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The Security Token Service: the three calls that give keys and say whose they are (query protocol
 * of 2011-06-15, replies in XML), at the Region's own host or an endpoint of one's own
 * (endpoint.h). Every message tells which call of which host failed, and what can be done; none
 * quotes a key or a token.
 */

#include <stdint.h>

#include "edge/credentials.h"

/* What STS takes (its API reference). */
#define STS_DURATION_MIN     INT64_C(900)
#define STS_DURATION_MAX     INT64_C(43200)
#define STS_DURATION_DEFAULT INT64_C(3600)
#define STS_SESSION_MAX	     64
#define STS_EXTERNAL_ID_MAX  1224
#define STS_ROLE_ARN_MAX     2048
/* An account id and its NUL. Bytes. */
#define STS_ACCOUNT_SIZE 13
/* Attempts of one call, those with a corrected time among them, and the time of all of them. */
#define STS_ATTEMPTS 3
#define STS_CALL_MS  INT64_C(30000)

struct sts_role {
	const char *arn;
	const char *session_name; /* NULL: ldapsward-HOST */
	const char *external_id;  /* NULL: none */
	int64_t duration;	  /* seconds; 0: STS_DURATION_DEFAULT */
};

/*
 * `setting` says where STS is asked: its endpoint, profile and Region. Each: 0, or an error with
 * its reason: -ERROR_REFUSED (STS said no), -ERROR_SERVICE, -ERROR_CORRUPT (a reply that makes no
 * sense), what http_post and endpoint_resolve say, never -ERROR_MISSING.
 */

/* Keys of a role, asked for with `source`. */
int sts_assume_role(const struct credentials_setting *setting, const struct credentials *source,
	const struct sts_role *role, struct credentials *ret_credentials, struct error *error);

/* Keys of a role for a token of another identity provider; not signed. */
int sts_assume_role_with_web_identity(const struct credentials_setting *setting,
	const struct sts_role *role, const struct secret *token,
	struct credentials *ret_credentials, struct error *error);

/* Whose keys these are. */
int sts_account(const struct credentials_setting *setting, const struct credentials *credentials,
	char ret_account[static STS_ACCOUNT_SIZE], struct error *error);

/* The session's name where none is given: "ldapsward-" and what fits of the name of this host. */
void sts_session_name(char ret_name[static STS_SESSION_MAX + 1]);
