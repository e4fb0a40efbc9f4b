/* SPDX-License-Identifier: Apache-2.0 */
/* The accounts of a configuration, and the endpoints that they name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "edge/configuration-private.h"
#include "edge/endpoint.h"

/* What only goes with a role, and ids that contradict each other. */
static void account_check(
	struct loading *loading, const char *file, const struct schema_value values[static KEYS])
{
	static const enum key of_role[] = {KEY_EXTERNAL_ID, KEY_SESSION_NAME, KEY_DURATION};
	const struct yaml_node *role = values[KEY_ROLE_ARN].node;
	const struct yaml_node *id = values[KEY_ACCOUNT_ID].node;

	for (size_t i = 0; i < ARRAY_LENGTH(of_role) && !values[KEY_ROLE_ARN].refused; i++)
		if (values[of_role[i]].node && !role)
			schema_say(loading->diagnostics, SEVERITY_ERROR, file,
				values[of_role[i]].node,
				"\"%s\" is told to a role, but there is no \"role_arn\" here",
				schema_key(of_role[i])->name);
	if (role && id && strncmp(strstr(role->text, ":iam::") + 6, id->text, 12) != 0)
		schema_say(loading->diagnostics, SEVERITY_ERROR, file, id,
			"\"account_id\" is %s, but \"role_arn\" names a role of account %.12s",
			id->text, strstr(role->text, ":iam::") + 6);
}

/* ---------------------------------------------------------------- endpoints */

/* Whether a URL may be used; its place is told where not. It may hold a password: never shown. */
static bool url_check(
	struct loading *loading, const char *file, const char *key, const struct yaml_node *node)
{
	struct endpoint endpoint;
	struct error error = {0};
	char name[SCHEMA_NAME_MAX];

	snprintf(name, sizeof(name), "\"%s\"", key);
	if (endpoint_take(name, node->text, &endpoint, &error) == 0)
		return true;
	schema_say(loading->diagnostics, SEVERITY_ERROR, file, node, "%s", error.message);
	return false;
}

static int endpoint_add(struct account *account, const char *region, const char *url)
{
	struct account_endpoint *endpoint = &account->endpoints[account->endpoints_count++];

	endpoint->region = region ? strdup(region) : NULL;
	endpoint->url = strdup(url);
	return endpoint->url && (!region || endpoint->region) ? 0 : -ERROR_MEMORY;
}

/* One URL, or one for each Region. */
static int endpoints_take(struct loading *loading, const char *file,
	const struct schema_value *value, struct account *account)
{
	const struct yaml_node *node = value->node;
	const char *key = schema_key(KEY_ENDPOINT)->name;
	int r = 0;

	if (!node)
		return 0;
	account->endpoints = calloc(
		node->kind == YAML_MAPPING ? node->length : 1, sizeof(account->endpoints[0]));
	if (!account->endpoints)
		return -ERROR_MEMORY;
	if (node->kind != YAML_MAPPING)
		return url_check(loading, file, key, node) ? endpoint_add(account, NULL, node->text)
							   : 0;
	for (const struct yaml_node *name = node->first; r == 0 && name; name = name->next->next)
		if (url_check(loading, file, key, name->next))
			r = endpoint_add(account, name->text, name->next->text);
	return r;
}

static int sts_endpoint_take(struct loading *loading, const char *file,
	const struct schema_value *value, struct account *account)
{
	if (!value->node ||
		!url_check(loading, file, schema_key(KEY_STS_ENDPOINT)->name, value->node))
		return 0;
	account->sts_endpoint = strdup(value->node->text);
	return account->sts_endpoint ? 0 : -ERROR_MEMORY;
}

/* ---------------------------------------------------------------- accounts */

/* A copy of a text; an absent one stays NULL. */
static bool account_text(const struct schema_value *value, char **ret_text)
{
	*ret_text = value->node ? strdup(value->node->text) : NULL;
	return !value->node || *ret_text;
}

static bool account_take(const struct schema_value values[static KEYS], struct account *account)
{
	account->concurrency = (unsigned)values[KEY_CONCURRENCY].number;
	account->duration = values[KEY_DURATION].node ? values[KEY_DURATION].number : 0;
	return account_text(&values[KEY_PROFILE], &account->profile) &&
	       account_text(&values[KEY_ROLE_ARN], &account->role_arn) &&
	       account_text(&values[KEY_EXTERNAL_ID], &account->external_id) &&
	       account_text(&values[KEY_SESSION_NAME], &account->session_name) &&
	       account_text(&values[KEY_ACCOUNT_ID], &account->account_id);
}

static int account_build(
	struct loading *loading, const struct source *source, const struct yaml_node *name)
{
	struct fleet *fleet = &loading->fleet;
	struct account *account = &fleet->accounts[fleet->accounts_count];
	struct schema_value values[KEYS];

	schema_read(SECTION_ACCOUNT, name->next, source->file, loading->diagnostics, values);
	account_check(loading, source->file, values);
	account->name = strdup(name->text);
	if (!account->name || !account_take(values, account) ||
		endpoints_take(loading, source->file, &values[KEY_ENDPOINT], account) < 0 ||
		sts_endpoint_take(loading, source->file, &values[KEY_STS_ENDPOINT], account) < 0) {
		fleet->accounts_count++; /* what it holds is freed with the rest */
		return -ERROR_MEMORY;
	}
	names_add(&loading->accounts, name->text, fleet->accounts_count++,
		(struct place){source, name});
	return 0;
}

/* The first account is the standard AWS chain, for directories that name none. */
int accounts_build(struct loading *loading)
{
	size_t count = loading_count(loading, KEY_ACCOUNTS, FLEET_ACCOUNTS_MAX);
	struct fleet *fleet = &loading->fleet;
	int r = names_open(&loading->accounts, count);

	fleet->accounts = r == 0 ? calloc(count + 1, sizeof(fleet->accounts[0])) : NULL;
	if (!fleet->accounts)
		return -ERROR_MEMORY;
	fleet->accounts[0] =
		(struct account){.name = strdup(""), .concurrency = ACCOUNT_CONCURRENCY_DEFAULT};
	fleet->accounts_count = 1;
	if (!fleet->accounts[0].name)
		return -ERROR_MEMORY;
	for (size_t i = 0; count <= FLEET_ACCOUNTS_MAX && i < loading->sources_count; i++) {
		const struct source *source = &loading->sources[i];
		const struct yaml_node *all = source->values[KEY_ACCOUNTS].node;

		for (const struct yaml_node *name = all ? all->first : NULL; name;
			name = name->next->next)
			if ((r = account_build(loading, source, name)) < 0)
				return r;
	}
	names_close(loading, &loading->accounts, "account");
	return 0;
}

/* Whether directories of the account are in two Regions; gives them. */
static bool in_two_regions(const struct fleet *fleet, const struct account *account,
	const char **ret_one, const char **ret_other)
{
	*ret_one = NULL;
	for (size_t i = 0; i < fleet->directories_count; i++) {
		const struct directory *directory = &fleet->directories[i];

		for (size_t j = 0; directory->account == account && j < directory->regions_count;
			j++) {
			*ret_other = directory->regions[j];
			if (!*ret_one)
				*ret_one = *ret_other;
			else if (strcmp(*ret_one, *ret_other) != 0)
				return true;
		}
	}
	return false;
}

void accounts_judge(struct loading *loading)
{
	const struct fleet *fleet = &loading->fleet;
	const char *one, *other;
	struct endpoint endpoint;

	for (size_t i = 0; i < loading->accounts.count; i++) {
		const struct name *name = &loading->accounts.names[i];
		const struct account *account = &fleet->accounts[name->position];

		if (account->endpoints_count != 1 || account->endpoints[0].region ||
			endpoint_take("", account->endpoints[0].url, &endpoint, NULL) < 0 ||
			endpoint.loopback || !in_two_regions(fleet, account, &one, &other))
			continue;
		place_say(loading, SEVERITY_WARNING, name->place,
			"the one \"endpoint\" of account \"%s\" is asked for %s and for %s; that "
			"of "
			"AWS PrivateLink serves its own Region alone: name one for each",
			account->name, one, other);
	}
}
