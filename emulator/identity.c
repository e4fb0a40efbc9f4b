/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/identity.h"

#include <string.h>

#include "base/array.h"
#include "base/hash.h"

/* Unique ids: four letters of the kind and seventeen more. */
#define UNIQUE_ID_SIZE 22

const char *identity_partition(const char *region)
{
	static const struct {
		const char *start, *partition;
	} partitions[] = {{"cn-", "aws-cn"}, {"us-gov-", "aws-us-gov"}, {"eusc-", "aws-eusc"},
		{"us-iso-", "aws-iso"}, {"us-isob-", "aws-iso-b"}, {"eu-isoe-", "aws-iso-e"},
		{"us-isof-", "aws-iso-f"}};

	for (size_t i = 0; i < ARRAY_LENGTH(partitions); i++)
		if (strncmp(region, partitions[i].start, strlen(partitions[i].start)) == 0)
			return partitions[i].partition;
	return "aws";
}

/* The same for the same name in the same account, always. */
static void unique_id(
	const char *kind, const char *account, const char *name, char ret_id[static UNIQUE_ID_SIZE])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint64_t hash = hash_text(hash_text(HASH_START, account), name);

	memcpy(ret_id, kind, 4);
	for (int i = 4; i < UNIQUE_ID_SIZE - 1; i++) {
		ret_id[i] = letters[hash & 31];
		hash = hash >> 5 | hash << 59;
	}
	ret_id[UNIQUE_ID_SIZE - 1] = '\0';
}

void identity_session(const char *partition, const char *account, const char *role,
	const char *session, char ret_arn[static IDENTITY_ARN_SIZE],
	char ret_id[static IDENTITY_ID_SIZE])
{
	char id[UNIQUE_ID_SIZE];

	unique_id("AROA", account, role, id);
	snprintf(ret_arn, IDENTITY_ARN_SIZE, "arn:%s:sts::%s:assumed-role/%s/%s", partition,
		account, role, session);
	snprintf(ret_id, IDENTITY_ID_SIZE, "%s:%s", id, session);
}

void identity_of(
	const struct credential *credential, const char *region, struct identity *ret_identity)
{
	const char *partition = identity_partition(region),
		   *user = credential->user[0] ? credential->user : WORLD_USER;

	*ret_identity = (struct identity){0};
	snprintf(ret_identity->account, sizeof(ret_identity->account), "%s", credential->account);
	snprintf(ret_identity->region, sizeof(ret_identity->region), "%s", region);
	snprintf(ret_identity->access_key, sizeof(ret_identity->access_key), "%s",
		credential->access_key);
	snprintf(ret_identity->role, sizeof(ret_identity->role), "%s", credential->role);
	if (credential->role[0]) {
		identity_session(partition, credential->account, credential->role,
			credential->session, ret_identity->arn, ret_identity->user_id);
		return;
	}
	unique_id("AIDA", credential->account, user, ret_identity->user_id);
	snprintf(ret_identity->arn, sizeof(ret_identity->arn), "arn:%s:iam::%s:user/%s", partition,
		credential->account, user);
}
