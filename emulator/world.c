/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/world.h"

#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "edge/clock.h"
#include "edge/x509.h"

int world_init(struct world *world)
{
	*world = (struct world){.settings = settings_default()};
	return pthread_mutex_init(&world->lock, NULL) == 0 ? 0 : -ERROR_MEMORY;
}

static void resource_free(struct resource *resource)
{
	model_done(&resource->model);
	free(resource->trusts);
	free(resource->ocsps);
	free(resource->tags);
	free(resource);
}

static void scope_free(struct scope *scope)
{
	for (size_t i = 0; i < scope->count; i++)
		resource_free(scope->resources[i]);
	free(scope->resources);
	free(scope);
}

void world_done(struct world *world)
{
	if (world->log)
		fclose(world->log);
	for (size_t i = 0; i < world->scopes_count; i++)
		scope_free(world->scopes[i]);
	free(world->scopes);
	if (world->credentials)
		explicit_bzero(world->credentials,
			world->credentials_capacity * sizeof(world->credentials[0]));
	free(world->credentials);
	free(world->roles);
	faults_clear(&world->faults);
	store_done(&world->store);
	for (size_t i = 0; i < WORLD_PEMS; i++)
		free(world->pems[i].pem);
	tdestroy(world->texts, free);
	pthread_mutex_destroy(&world->lock);
}

int world_open_log(struct world *world, const char *path, struct error *error)
{
	world->log = fopen(path, "ae");
	return world->log ? 0 : error_set(error, ERROR_IO, "%s: %s", path, strerror(errno));
}

int64_t world_now(const struct world *world)
{
	return clock_now() + world->clock_offset;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(a, b);
}

const char *world_text(struct world *world, const char *text)
{
	char *copy = text ? strdup(text) : NULL;
	const char *const *found = copy ? tsearch(copy, &world->texts, compare_texts) : NULL;

	if (!found || *found != copy)
		free(copy);
	return found ? *found : NULL;
}

/* ---------------------------------------------------------------- scopes */

static struct scope *scope_new(const char *account, const char *region, int64_t now_ms)
{
	struct scope *scope = calloc(1, sizeof(*scope));

	if (!scope)
		return NULL;
	snprintf(scope->account, sizeof(scope->account), "%s", account);
	snprintf(scope->region, sizeof(scope->region), "%s", region);
	scope->tokens = -1;
	scope->filled_ms = now_ms;
	return scope;
}

struct scope *world_scope(struct world *world, const char *account, const char *region, bool make)
{
	struct scope *scope;

	for (size_t i = 0; i < world->scopes_count; i++)
		if (strcmp(world->scopes[i]->account, account) == 0 &&
			strcmp(world->scopes[i]->region, region) == 0)
			return world->scopes[i];
	if (!make || strlen(account) >= ACCOUNT_SIZE || strlen(region) >= REGION_SIZE ||
		array_reserve(&world->scopes, &world->scopes_capacity, world->scopes_count,
			sizeof(scope), WORLD_SCOPES_MAX) < 0)
		return NULL;
	scope = scope_new(account, region, clock_monotonic_ms());
	if (scope)
		world->scopes[world->scopes_count++] = scope;
	return scope;
}

bool scope_admits(struct scope *scope, const struct settings *settings, int64_t now_ms)
{
	if (settings->rate <= 0)
		return true;
	if (scope->tokens < 0)
		scope->tokens = settings->burst;
	scope->tokens += settings->rate * (double)(now_ms - scope->filled_ms) / 1000;
	scope->filled_ms = now_ms;
	if (scope->tokens > settings->burst)
		scope->tokens = settings->burst;
	if (scope->tokens < 1)
		return false;
	scope->tokens -= 1;
	return true;
}

/* ---------------------------------------------------------------- credentials */

static int credential_error(struct error *error)
{
	return error_set(error, ERROR_INVALID,
		"expected KEY:SECRET[:TOKEN][@ACCOUNT], the account of twelve digits");
}

/* Copies a part that must fit and, unless `optional`, not be empty. */
static bool take_part(const char *part, bool optional, char *ret_text, size_t size)
{
	size_t length = part ? strlen(part) : 0;

	if (length >= size || (length == 0 && !optional))
		return false;
	memcpy(ret_text, part ? part : "", length + 1);
	return true;
}

static bool parse_credential(char *text, struct credential *credential)
{
	char *rest = text, *account = strrchr(text, '@');
	const char *key, *secret;

	if (account)
		*account++ = '\0';
	key = strsep(&rest, ":");
	secret = strsep(&rest, ":");
	if (account && (strlen(account) != 12 || strspn(account, "0123456789") != 12))
		return false;
	return take_part(account ? account : WORLD_ACCOUNT, false, credential->account,
		       sizeof(credential->account)) &&
	       take_part(key, false, credential->access_key, sizeof(credential->access_key)) &&
	       take_part(secret, false, credential->secret, sizeof(credential->secret)) &&
	       take_part(rest, true, credential->token, sizeof(credential->token));
}

int world_put_credential(struct world *world, const struct credential *credential)
{
	struct credential *known = world_credential(world, credential->access_key);

	if (!known) {
		if (array_reserve(&world->credentials, &world->credentials_capacity,
			    world->credentials_count, sizeof(*credential),
			    WORLD_CREDENTIALS_MAX) < 0)
			return -ERROR_LIMIT;
		known = &world->credentials[world->credentials_count++];
	}
	*known = *credential;
	return 0;
}

const char *world_account(const struct world *world)
{
	return world->credentials_count > 0 ? world->credentials[0].account : WORLD_ACCOUNT;
}

int world_add_credential(struct world *world, const char *text, struct error *error)
{
	struct credential credential = {0};
	int r;
	char *copy = strdup(text);
	bool good = copy && parse_credential(copy, &credential);

	if (copy)
		explicit_bzero(copy, strlen(text));
	free(copy);
	if (!good)
		return credential_error(error);
	r = world_put_credential(world, &credential);
	explicit_bzero(&credential, sizeof(credential));
	return r < 0 ? error_set(error, ERROR_LIMIT, "too many credentials") : 0;
}

struct credential *world_credential(struct world *world, const char *access_key)
{
	for (size_t i = 0; i < world->credentials_count; i++)
		if (strcmp(world->credentials[i].access_key, access_key) == 0)
			return &world->credentials[i];
	return NULL;
}

/* ---------------------------------------------------------------- directories */

void world_new_id(struct world *world, char kind, char ret_id[static SERVICE_ID_SIZE])
{
	/* An odd factor visits all 24 bits before it comes round. */
	uint64_t jump = (++world->sequence * UINT64_C(0x9e3779)) & 0xffffff;

	snprintf(
		ret_id, SERVICE_ID_SIZE, "%c-%04" PRIx64 "%06" PRIx64, kind, WORLD_ID_PREFIX, jump);
}

/* The index of the first directory whose id is not before `id`. */
static size_t scope_position(const struct scope *scope, const char *id)
{
	size_t low = 0, high = scope->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(scope->resources[middle]->model.id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t scope_after(const struct scope *scope, const char *id)
{
	size_t position = scope_position(scope, id);

	return position +
	       (position < scope->count && strcmp(scope->resources[position]->model.id, id) == 0);
}

struct resource *scope_find(const struct scope *scope, const char *id)
{
	size_t position = scope_position(scope, id);

	return position < scope->count && strcmp(scope->resources[position]->model.id, id) == 0
		       ? scope->resources[position]
		       : NULL;
}

static int scope_insert(struct scope *scope, struct resource *resource)
{
	size_t position = scope_position(scope, resource->model.id);
	int r = array_reserve(&scope->resources, &scope->capacity, scope->count,
		sizeof(scope->resources[0]), WORLD_DIRECTORIES_MAX);

	if (r < 0)
		return r;
	memmove(&scope->resources[position + 1], &scope->resources[position],
		(scope->count - position) * sizeof(scope->resources[0]));
	scope->resources[position] = resource;
	scope->count++;
	return 0;
}

int world_create(struct world *world, struct scope *scope, const char *id, const char *name,
	enum directory_type type, struct resource **ret_resource)
{
	struct resource *resource;
	char fresh[SERVICE_ID_SIZE];
	int r;

	if (id && scope_find(scope, id))
		return -ERROR_EXISTS;
	if (!id) {
		do
			world_new_id(world, 'd', fresh);
		while (scope_find(scope, fresh));
		id = fresh;
	}
	resource = calloc(1, sizeof(*resource));
	if (!resource)
		return -ERROR_MEMORY;
	model_init(&resource->model, id, world_text(world, name), type);
	/* Certificate ids start somewhere of the directory's own. */
	world_new_id(world, 'c', fresh);
	resource->model.next_id = strtoull(fresh + 2, NULL, 16);
	resource->scope = scope;
	resource->launched = resource->stage_updated = world_now(world);
	r = scope_insert(scope, resource);
	if (r < 0) {
		resource_free(resource);
		return r;
	}
	*ret_resource = resource;
	return 0;
}

void world_remove(struct world *world, struct resource *resource)
{
	struct scope *scope = resource->scope;
	size_t position = scope_position(scope, resource->model.id);

	(void)world;
	scope->count--;
	memmove(&scope->resources[position], &scope->resources[position + 1],
		(scope->count - position) * sizeof(scope->resources[0]));
	resource_free(resource);
}

int resource_tag(struct world *world, struct resource *resource, const char *key, const char *value)
{
	struct tag tag = {world_text(world, key), world_text(world, value)};
	int r;

	if (!tag.key || !tag.value)
		return -ERROR_MEMORY;
	for (size_t i = 0; i < resource->tags_count; i++)
		if (strcmp(resource->tags[i].key, key) == 0) {
			resource->tags[i] = tag;
			return 0;
		}
	r = array_reserve(&resource->tags, &resource->tags_capacity, resource->tags_count,
		sizeof(tag), WORLD_TAGS_MAX);
	if (r == 0)
		resource->tags[resource->tags_count++] = tag;
	return r;
}

/* Does what is due; false if the directory is gone now. */
static bool settle(struct world *world, struct resource *resource, int64_t now)
{
	model_advance(&resource->model, &world->settings.model, now);
	if (resource->stage_due == 0 || resource->stage_due > now)
		return true;
	if (resource->stage_next == DIRECTORY_STAGE_DELETED) {
		world_remove(world, resource);
		return false;
	}
	resource->model.stage = resource->stage_next;
	resource->stage_updated = resource->stage_due;
	resource->stage_due = 0;
	return true;
}

struct resource *world_find(struct world *world, struct scope *scope, const char *id, int64_t now)
{
	struct resource *resource = scope_find(scope, id);

	return resource && settle(world, resource, now) ? resource : NULL;
}

struct resource *world_find_anywhere(struct world *world, const char *id, int64_t now)
{
	for (size_t i = 0; i < world->scopes_count; i++) {
		struct resource *resource = world_find(world, world->scopes[i], id, now);

		if (resource)
			return resource;
	}
	return NULL;
}

void scope_settle(struct world *world, struct scope *scope, int64_t now)
{
	for (size_t i = scope->count; i > 0; i--)
		settle(world, scope->resources[i - 1], now);
}

static const struct certificate *read_pem(struct world *world, const char *pem, size_t length)
{
	const struct certificate *found[X509_FILE_CERTIFICATES_MAX];
	size_t count = 0;

	/* What x509_read would take beyond that, the service does not: DER, bare base64, PKCS#7. */
	if (!strstr(pem, "-----BEGIN CERTIFICATE-----") ||
		x509_read(pem, length, &world->store, found, &count, NULL) < 0 || count != 1)
		return NULL;
	return found[0];
}

const struct certificate *world_certificate(struct world *world, const char *pem, size_t length)
{
	const struct certificate *certificate = NULL;
	size_t at = world->pems_next;

	for (size_t i = 0; i < WORLD_PEMS && !certificate; i++)
		if (world->pems[i].pem && strcmp(world->pems[i].pem, pem) == 0)
			certificate = world->pems[i].certificate;
	if (!certificate && (certificate = read_pem(world, pem, length))) {
		free(world->pems[at].pem);
		world->pems[at].pem = strdup(pem);
		world->pems[at].certificate = certificate;
		world->pems_next = (at + 1) % WORLD_PEMS;
	}
	if (certificate && world->settings.model.points[MODEL_POINT_PARTIAL_CHAIN] != 0 &&
		x509_link(&world->store) < 0)
		return NULL;
	return certificate;
}
