/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keys from the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN
 * (AWS_SECURITY_TOKEN is its legacy name), AWS_CREDENTIAL_EXPIRATION (RFC 3339). A key without its
 * secret, or the reverse, and characters that no key has are errors.
 */

#include "edge/credentials.h"

/* A `load` of struct credentials_provider; its context is not used. */
int credentials_environment_load(
	void *context, struct credentials *ret_credentials, struct error *error);

/* The environment alone, without the rest of the chain. Static, never NULL. */
const struct credentials_provider *credentials_environment(void);
