/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The SSO portal: GET /federation/credentials?role_name=&account_id= with the token of a session in
 * x-amz-sso_bearer_token gives the keys of a role that the account has. Not signed.
 */

#include "emulator/visit.h"

extern const struct visit_host portal_host;
