/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keys of a permission set of IAM Identity Center (a profile with sso_session, or the older
 * sso_start_url), for the token that `aws sso login` left in ~/.aws/sso/cache. The token is read,
 * never refreshed: only a person can log in, so one that has ended is an error that says how.
 */

#include "edge/credentials.h"

struct profiles;

/* One attempt and their number. */
#define CREDENTIALS_SSO_MS	 INT64_C(15000)
#define CREDENTIALS_SSO_ATTEMPTS 3
#define CREDENTIALS_SSO_PAUSE_MS INT64_C(500)

/* Whether the profile is one of these: sso_account_id or sso_role_name says so, as with the AWS
 * CLI. */
bool credentials_sso_is(const struct profiles *profiles, const char *profile);

/* 0, or an error with its reason; never -ERROR_MISSING. */
int credentials_sso(const struct profiles *profiles, const char *profile,
	const struct credentials_setting *setting, struct credentials *ret_credentials,
	struct error *error);
