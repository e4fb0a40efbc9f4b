/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keys as programs and local endpoints write them: a JSON object with AccessKeyId,
 * SecretAccessKey, a token and an expiry. No message quotes a value.
 */

#include "edge/credentials.h"
#include "edge/json.h"

/* The names of the members; `token` and `expires` may be missing in the object. */
struct credentials_members {
	const char *id, *secret, *token;
	const char *expires; /* an RFC 3339 text, or a number of milliseconds since 1970 */
	bool milliseconds;
};

/* Takes keys from an object; `where` begins every message. 0, -ERROR_INVALID, -ERROR_LIMIT or
 * -ERROR_MEMORY. */
int credentials_from_json(const json_t *object, const struct credentials_members *members,
	const char *where, struct credentials *ret_credentials, struct error *error);
