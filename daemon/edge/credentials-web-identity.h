/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keys of a role for a token of another identity provider (EKS IRSA, OIDC). The token's file is
 * read anew at each load, as who wrote it renews it.
 */

#include "edge/credentials.h"
#include "edge/sts.h"

/* The token in `token_file` for the keys of a role. 0, or an error with its reason; never
 * -ERROR_MISSING. */
int credentials_web_identity(const struct credentials_setting *setting, const struct sts_role *role,
	const char *token_file, struct credentials *ret_credentials, struct error *error);

/*
 * A `load` of struct credentials_provider over AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN and
 * AWS_ROLE_SESSION_NAME; `context` is a struct credentials_setting. The first without the second is
 * an error.
 */
int credentials_web_identity_load(
	void *context, struct credentials *ret_credentials, struct error *error);
