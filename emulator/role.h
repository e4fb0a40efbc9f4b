/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Roles of IAM: who may assume each, by its trust policy, and for how long. */

#include "edge/json.h"
#include "emulator/identity.h"

/* Principals of one trust policy. */
#define ROLE_PRINCIPALS_MAX 16
/* Longest RoleArn of STS, and the NUL. */
#define ROLE_ARN_SIZE 2049

struct role {
	const char *name; /* interned, as all texts here */
	char account[ACCOUNT_SIZE];
	const char *path;	 /* "" or "a/b/" */
	const char *external_id; /* that must be named; NULL: none is asked for */
	bool web;		 /* trusts the web identity provider */
	int64_t session_max;	 /* MaxSessionDuration, seconds */
	/* Access keys, ARNs (of users, sessions, roles or accounts), account ids, or "*". */
	const char *principals[ROLE_PRINCIPALS_MAX];
	size_t principals_count;
};

/* The role of that name; NULL if there is none. */
struct role *role_find(struct world *world, const char *account, const char *name);
/* The role that an ARN names; NULL if there is none, or it is no role's ARN. */
struct role *role_of_arn(struct world *world, const char *arn);
/* Whether `arn` has the form of a role's. */
bool role_arn_valid(const char *arn);
/* Its ARN in a partition. */
void role_arn(const struct role *role, const char *partition, char ret_arn[static ROLE_ARN_SIZE]);
/* Whether its policy lets the identity assume it with that external id (NULL: none was named). */
bool role_trusts(const struct role *role, const struct identity *identity, const char *external_id);

/*
 * Makes a role, or makes it anew, from {"name", "account", "path", "trust": [...], "external_id",
 * "web_identity", "max_duration"}; `account` stands for a missing one. 0 with the role, or a
 * negative error with its reason.
 */
int role_put(struct world *world, const json_t *object, const char *account, struct role **ret_role,
	struct error *error);
/* The same members, for the state; to be released. */
json_t *role_describe(const struct role *role);
/* Forgets it. */
void role_remove(struct world *world, struct role *role);
