/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/role.h"

#include <string.h>

#include "base/array.h"

/* MaxSessionDuration of a role, by default and at most (IAM). Seconds. */
#define SESSION_DEFAULT 3600
#define SESSION_MAX	43200

struct role *role_find(struct world *world, const char *account, const char *name)
{
	for (size_t i = 0; i < world->roles_count; i++)
		if (strcmp(world->roles[i].account, account) == 0 &&
			strcmp(world->roles[i].name, name) == 0)
			return &world->roles[i];
	return NULL;
}

/* "arn:PARTITION:iam::ACCOUNT:" of an ARN is stepped over; NULL if it does not begin so. */
static const char *after_account(const char *arn, char ret_account[static ACCOUNT_SIZE])
{
	const char *colon;

	if (strncmp(arn, "arn:aws", 7) != 0 || !(colon = strchr(arn + 4, ':')) ||
		strncmp(colon, ":iam::", 6) != 0)
		return NULL;
	arn = colon + 6;
	if (strspn(arn, "0123456789") != ACCOUNT_SIZE - 1 || arn[ACCOUNT_SIZE - 1] != ':')
		return NULL;
	memcpy(ret_account, arn, ACCOUNT_SIZE - 1);
	ret_account[ACCOUNT_SIZE - 1] = '\0';
	return arn + ACCOUNT_SIZE;
}

bool role_arn_valid(const char *arn)
{
	char account[ACCOUNT_SIZE];
	const char *rest = after_account(arn, account);

	return rest && strncmp(rest, "role/", 5) == 0 && rest[5] && rest[strlen(rest) - 1] != '/';
}

struct role *role_of_arn(struct world *world, const char *arn)
{
	char account[ACCOUNT_SIZE];
	const char *path, *name;
	struct role *role;

	if (!role_arn_valid(arn))
		return NULL;
	path = after_account(arn, account) + strlen("role/");
	name = strrchr(path, '/');
	name = name ? name + 1 : path;
	role = role_find(world, account, name);
	return role && strlen(role->path) == (size_t)(name - path) &&
			       strncmp(role->path, path, (size_t)(name - path)) == 0
		       ? role
		       : NULL;
}

void role_arn(const struct role *role, const char *partition, char ret_arn[static ROLE_ARN_SIZE])
{
	snprintf(ret_arn, ROLE_ARN_SIZE, "arn:%s:iam::%s:role/%s%s", partition, role->account,
		role->path, role->name);
}

/* Whether a principal of a policy is this identity. */
static bool is_principal(const char *principal, const struct identity *identity)
{
	char account[ACCOUNT_SIZE];
	const char *rest = after_account(principal, account), *name;

	if (strcmp(principal, "*") == 0 || strcmp(principal, identity->account) == 0 ||
		strcmp(principal, identity->access_key) == 0 ||
		strcmp(principal, identity->arn) == 0)
		return true;
	if (!rest || strcmp(account, identity->account) != 0)
		return false;
	name = strrchr(rest, '/');
	return strcmp(rest, "root") == 0 ||
	       (strncmp(rest, "role/", 5) == 0 && name && strcmp(name + 1, identity->role) == 0);
}

bool role_trusts(const struct role *role, const struct identity *identity, const char *external_id)
{
	if (role->external_id && (!external_id || strcmp(role->external_id, external_id) != 0))
		return false;
	for (size_t i = 0; i < role->principals_count; i++)
		if (is_principal(role->principals[i], identity))
			return true;
	return false;
}

/* ---------------------------------------------------------------- made and kept */

static int read_principals(
	struct world *world, const json_t *list, struct role *role, struct error *error)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = world_text(world, json_string_value(json_array_get(list, i)));

		if (!text || role->principals_count == ROLE_PRINCIPALS_MAX)
			return error_set(error, ERROR_INVALID,
				"'trust': expected at most %d access keys, ARNs, account ids or *",
				ROLE_PRINCIPALS_MAX);
		role->principals[role->principals_count++] = text;
	}
	return 0;
}

static int read_role(struct world *world, const json_t *object, const char *account,
	struct role *role, struct error *error)
{
	const char *name = json_member_text(object, "name"),
		   *path = json_member_text(object, "path"),
		   *own = json_member_text(object, "account");
	const json_t *longest = json_object_get(object, "max_duration");
	size_t length = path ? strlen(path) : 0;

	account = own ? own : account;
	if (!name || !name[0] || strlen(name) >= WORLD_NAME_SIZE || strchr(name, '/'))
		return error_set(error, ERROR_INVALID, "'name': expected the name of a role");
	if (strlen(account) != 12 || strspn(account, "0123456789") != 12)
		return error_set(error, ERROR_INVALID, "'account': expected twelve digits");
	if (length > 0 && (path[0] == '/' || path[length - 1] != '/' || length > 512))
		return error_set(error, ERROR_INVALID, "'path': expected words such as a/b/");
	role->session_max = longest ? json_integer_value(longest) : SESSION_DEFAULT;
	if (role->session_max < SESSION_DEFAULT || role->session_max > SESSION_MAX)
		return error_set(error, ERROR_INVALID, "'max_duration': expected %d to %d seconds",
			SESSION_DEFAULT, SESSION_MAX);
	memcpy(role->account, account, ACCOUNT_SIZE);
	role->name = world_text(world, name);
	role->path = world_text(world, path ? path : "");
	role->external_id = world_text(world, json_member_text(object, "external_id"));
	role->web = json_is_true(json_object_get(object, "web_identity"));
	return role->name && role->path
		       ? read_principals(world, json_member_array(object, "trust"), role, error)
		       : error_set(error, ERROR_MEMORY, "out of memory");
}

int role_put(struct world *world, const json_t *object, const char *account, struct role **ret_role,
	struct error *error)
{
	struct role role = {0}, *known;
	int r = read_role(world, object, account, &role, error);

	if (r < 0)
		return r;
	known = role_find(world, role.account, role.name);
	if (!known) {
		if (array_reserve(&world->roles, &world->roles_capacity, world->roles_count,
			    sizeof(role), WORLD_ROLES_MAX) < 0)
			return error_set(error, ERROR_LIMIT, "too many roles");
		known = &world->roles[world->roles_count++];
	}
	*known = role;
	*ret_role = known;
	return 0;
}

json_t *role_describe(const struct role *role)
{
	json_t *trust = json_array(), *object;

	for (size_t i = 0; i < role->principals_count; i++)
		json_array_append_new(trust, json_string(role->principals[i]));
	object = json_pack("{s:s s:s s:s s:b s:I s:o}", "name", role->name, "account",
		role->account, "path", role->path, "web_identity", role->web, "max_duration",
		(json_int_t)role->session_max, "trust", trust);
	if (role->external_id)
		json_object_set_new(object, "external_id", json_string(role->external_id));
	return object;
}

void role_remove(struct world *world, struct role *role)
{
	size_t at = (size_t)(role - world->roles);

	world->roles_count--;
	memmove(role, role + 1, (world->roles_count - at) * sizeof(*role));
}
