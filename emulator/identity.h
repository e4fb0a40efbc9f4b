/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Who a credential stands for: a user, or a session of a role; with the names that IAM gives them.
 */

#include "emulator/world.h"

/* "arn:aws-us-gov:sts::111122223333:assumed-role/ROLE/SESSION" and the NUL: two names, and the
 * rest. */
#define IDENTITY_ARN_SIZE (2 * WORLD_NAME_SIZE + 64)
/* "AROA...:SESSION" and the NUL. */
#define IDENTITY_ID_SIZE (WORLD_NAME_SIZE + 32)

struct identity {
	char account[ACCOUNT_SIZE];
	char region[REGION_SIZE]; /* that the request is signed for */
	char arn[IDENTITY_ARN_SIZE];
	char user_id[IDENTITY_ID_SIZE];
	char access_key[SIGV4_ACCESS_KEY_SIZE];
	char role[WORLD_NAME_SIZE]; /* "" for a user */
};

/* The identity of a credential that signs for `region`. */
void identity_of(
	const struct credential *credential, const char *region, struct identity *ret_identity);
/* The partition of a Region: "aws" unless its name says another. Static. */
const char *identity_partition(const char *region);
/* The session of a role as STS names it: its ARN and its id. */
void identity_session(const char *partition, const char *account, const char *role,
	const char *session, char ret_arn[static IDENTITY_ARN_SIZE],
	char ret_id[static IDENTITY_ID_SIZE]);
