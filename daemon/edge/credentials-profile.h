/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keys of a profile of the shared configuration files. Its first way to them counts, in the order
 * of the AWS CLI: a role (with source_profile or credential_source, or for a web identity), IAM
 * Identity Center, keys in the credentials file, a program that prints them, keys in the config
 * file. Half of a way is an error. The files are read anew at each load.
 */

#include "edge/credentials.h"

/* Profiles that name one another as their source. */
#define CREDENTIALS_PROFILES_MAX 16

/*
 * A `load` of struct credentials_provider; `context` is a struct credentials_setting: its profile,
 * or AWS_PROFILE's, or "default". A profile that was named but is not there is an error; one that
 * holds no way to keys, and a missing default, are -ERROR_MISSING.
 */
int credentials_profile_load(
	void *context, struct credentials *ret_credentials, struct error *error);
