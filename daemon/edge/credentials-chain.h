/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The sources of keys in their order, which is our own, as that of every AWS tool is:
 *
 *	1 the environment
 *	2 web identity of the environment
 *	3 the profile (credentials-profile.h has the order of its ways)
 *	4 the container
 *	5 the role of the instance
 *
 * One that is not configured passes on to the next; one that is configured but broken is an error
 * that names it. A profile chosen in our own file skips 1 and 2; AWS_PROFILE alone does not. A role
 * of our own file is then assumed with these keys, and an account id of our own file must be
 * theirs.
 */

#include "edge/credentials.h"

/* A `load` of struct credentials_provider; `context` is a struct credentials_setting. Blocks for as
 * long as the sources do. -ERROR_ACCOUNT if the keys are another account's. */
int credentials_chain_load(void *context, struct credentials *ret_credentials, struct error *error);

/* A `stamp` of struct credentials_provider: of the shared configuration files. `context` is not
 * used. */
uint64_t credentials_chain_stamp(void *context);
