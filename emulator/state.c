/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/state.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "edge/x509.h"
#include "emulator/issue.h"
#include "emulator/role.h"

/* ---------------------------------------------------------------- out */

/* Sets a text unless it is NULL. */
static void set_text(json_t *object, const char *key, const char *text)
{
	if (text)
		json_object_set_new(object, key, json_string(text));
}

static json_t *describe_certificate(const struct model_certificate *entry)
{
	json_t *object = json_pack("{s:s s:s s:s s:s s:I s:I s:I s:b}", "id", entry->id, "type",
		certificate_type_str(entry->type), "state", certificate_state_str(entry->state),
		"common_name", entry->common_name, "expiry", (json_int_t)entry->expiry,
		"registered_at", (json_int_t)entry->registered_at, "due", (json_int_t)entry->due,
		"fails", entry->fails);
	char digest[DIGEST_TEXT_SIZE];

	set_text(object, "reason", entry->reason);
	if (entry->certificate)
		set_text(object, "sha256", digest_format(&entry->certificate->sha256, digest));
	return object;
}

static json_t *describe_ldaps(const struct model_directory *model)
{
	json_t *object = json_pack("{s:b s:s s:s s:I s:I}", "explicit", model->ldaps_explicit,
		"status", ldaps_status_str(model->ldaps), "next",
		ldaps_status_str(model->ldaps_next), "due", (json_int_t)model->ldaps_due, "updated",
		(json_int_t)model->ldaps_updated);

	set_text(object, "reason", model->ldaps_reason);
	return object;
}

static json_t *describe_trusts(const struct resource *resource)
{
	json_t *trusts = json_array();

	for (size_t i = 0; i < resource->trusts_count; i++) {
		const struct trust *trust = &resource->trusts[i];

		json_array_append_new(trusts,
			json_pack("{s:s s:s s:s s:s s:s s:I}", "id", trust->id, "remote",
				trust->remote, "type", trust->type, "direction", trust->direction,
				"state", trust->state, "created", (json_int_t)trust->created));
	}
	return trusts;
}

static json_t *describe_tags(const struct resource *resource)
{
	json_t *tags = json_object();

	for (size_t i = 0; i < resource->tags_count; i++)
		set_text(tags, resource->tags[i].key, resource->tags[i].value);
	return tags;
}

/* Texts of a directory by their key, for both ways. */
static const struct {
	const char *key;
	size_t offset;
} resource_texts[] = {
	{"short_name", offsetof(struct resource, short_name)},
	{"edition", offsetof(struct resource, edition)},
	{"size", offsetof(struct resource, size)},
	{"description", offsetof(struct resource, description)},
	{"vpc", offsetof(struct resource, vpc)},
	{"stage_reason", offsetof(struct resource, stage_reason)},
	{"owner_account", offsetof(struct resource, owner_account)},
	{"owner_directory", offsetof(struct resource, owner_directory)},
};

json_t *state_describe(const struct resource *resource)
{
	const struct model_directory *model = &resource->model;
	json_t *certificates = json_array(), *object, *ocsps = json_object();

	for (size_t i = 0; i < model->count; i++)
		json_array_append_new(certificates, describe_certificate(&model->certificates[i]));
	for (size_t i = 0; i < resource->ocsps_count; i++)
		set_text(ocsps, resource->ocsps[i].certificate, resource->ocsps[i].url);
	object = json_pack("{s:s s:s s:s s:s s:s s:s s:b s:I s:I s:I s:s s:I s:o s:o s:o s:o s:o}",
		"kind", "directory", "account", resource->scope->account, "region",
		resource->scope->region, "id", model->id, "type", directory_type_str(model->type),
		"stage", directory_stage_str(model->stage), "additional", resource->additional,
		"launched", (json_int_t)resource->launched, "stage_updated",
		(json_int_t)resource->stage_updated, "stage_due", (json_int_t)resource->stage_due,
		"stage_next", directory_stage_str(resource->stage_next), "next_id",
		(json_int_t)model->next_id, "certificates", certificates, "ldaps",
		describe_ldaps(model), "trusts", describe_trusts(resource), "ocsp", ocsps, "tags",
		describe_tags(resource));
	set_text(object, "name", model->name);
	for (size_t i = 0; i < ARRAY_LENGTH(resource_texts); i++) {
		const char *text;

		memcpy(&text, (const char *)resource + resource_texts[i].offset, sizeof(text));
		set_text(object, resource_texts[i].key, text);
	}
	return object;
}

/* One line; a failing disk is reported once and stops nothing. */
static void write_line(struct world *world, json_t *object)
{
	if (!object || json_dumpf(object, world->state, JSON_COMPACT) < 0 ||
		fputc('\n', world->state) == EOF || fflush(world->state) == EOF) {
		if (!world->state_failed)
			fprintf(stderr, "ldapsward-emulator: the state could not be written: %s\n",
				strerror(errno));
		world->state_failed = true;
	}
	json_decref(object);
}

static void write_directory(struct world *world, const struct resource *resource)
{
	json_t *object = state_describe(resource);

	json_object_set_new(object, "sequence", json_integer((json_int_t)world->sequence));
	write_line(world, object);
}

static void write_certificates(struct world *world)
{
	for (; world->state_certificates < world->store.count; world->state_certificates++) {
		CLEANUP(free_ptr)
		char *pem = x509_pem(world->store.certificates[world->state_certificates]);

		write_line(world, json_pack("{s:s s:s*}", "kind", "certificate", "pem", pem));
	}
}

void state_save(struct world *world, const struct resource *resource)
{
	if (!world->state)
		return;
	write_certificates(world);
	write_directory(world, resource);
}

void state_remove(struct world *world, const struct scope *scope, const char *id)
{
	if (world->state)
		write_line(world, json_pack("{s:s s:s s:s s:s}", "kind", "removed", "account",
					  scope->account, "region", scope->region, "id", id));
}

static void write_kind(struct world *world, const char *kind, json_t *object)
{
	if (world->state) {
		json_object_set_new(object, "kind", json_string(kind));
		write_line(world, json_incref(object));
	}
	json_decref(object);
}

void state_save_credential(struct world *world, const struct credential *credential)
{
	write_kind(world, "credential", issue_describe(credential));
}

void state_save_role(struct world *world, const struct role *role)
{
	write_kind(world, "role", role_describe(role));
}

void state_remove_role(struct world *world, const struct role *role)
{
	write_kind(world, "removed-role", role_describe(role));
}

/* ---------------------------------------------------------------- in */

static const char *text_of(struct world *world, const json_t *object, const char *key)
{
	return world_text(world, json_member_text(object, key));
}

static void restore_certificate(
	struct world *world, const json_t *object, struct model_certificate *entry)
{
	const char *digest = json_member_text(object, "sha256");
	struct digest sha256;

	json_member_copy(object, "id", entry->id, sizeof(entry->id));
	entry->type = certificate_type_parse(json_member_text(object, "type"));
	entry->state = certificate_state_parse(json_member_text(object, "state"));
	entry->common_name = text_of(world, object, "common_name");
	if (!entry->common_name)
		entry->common_name = "";
	entry->reason = text_of(world, object, "reason");
	entry->expiry = json_integer_value(json_object_get(object, "expiry"));
	entry->registered_at = json_integer_value(json_object_get(object, "registered_at"));
	entry->due = json_integer_value(json_object_get(object, "due"));
	entry->fails = json_is_true(json_object_get(object, "fails"));
	if (digest && digest_parse(digest, &sha256) == 0)
		entry->certificate = store_find(&world->store, &sha256);
}

static int restore_certificates(
	struct world *world, const json_t *array, struct model_directory *model)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		struct model_certificate entry = {0};
		int r = array_reserve(&model->certificates, &model->capacity, model->count,
			sizeof(entry), OBSERVED_CERTIFICATES_MAX);

		if (r < 0)
			return r;
		restore_certificate(world, json_array_get(array, i), &entry);
		model->certificates[model->count++] = entry;
	}
	return 0;
}

static void restore_ldaps(struct world *world, const json_t *object, struct model_directory *model)
{
	model->ldaps_explicit = json_is_true(json_object_get(object, "explicit"));
	model->ldaps = ldaps_status_parse(json_member_text(object, "status"));
	model->ldaps_next = ldaps_status_parse(json_member_text(object, "next"));
	model->ldaps_due = json_integer_value(json_object_get(object, "due"));
	model->ldaps_updated = json_integer_value(json_object_get(object, "updated"));
	model->ldaps_reason = text_of(world, object, "reason");
}

static int restore_trusts(struct world *world, const json_t *array, struct resource *resource)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *object = json_array_get(array, i);
		struct trust trust = {.remote = text_of(world, object, "remote"),
			.type = text_of(world, object, "type"),
			.direction = text_of(world, object, "direction"),
			.state = text_of(world, object, "state"),
			.created = json_integer_value(json_object_get(object, "created"))};
		int r = array_reserve(&resource->trusts, &resource->trusts_capacity,
			resource->trusts_count, sizeof(trust), WORLD_TRUSTS_MAX);

		if (r < 0)
			return r;
		json_member_copy(object, "id", trust.id, sizeof(trust.id));
		resource->trusts[resource->trusts_count++] = trust;
	}
	return 0;
}

static int restore_ocsps(struct world *world, const json_t *object, struct resource *resource)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		struct ocsp ocsp = {.url = world_text(world, json_string_value(value))};
		int r = array_reserve(&resource->ocsps, &resource->ocsps_capacity,
			resource->ocsps_count, sizeof(ocsp), OBSERVED_CERTIFICATES_MAX);

		if (r < 0)
			return r;
		snprintf(ocsp.certificate, sizeof(ocsp.certificate), "%s", key);
		resource->ocsps[resource->ocsps_count++] = ocsp;
	}
	return 0;
}

static int restore_tags(struct world *world, const json_t *object, struct resource *resource)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		int r = resource_tag(world, resource, key, json_string_value(value));

		if (r < 0)
			return r;
	}
	return 0;
}

static void restore_facts(struct world *world, const json_t *object, struct resource *resource)
{
	uint64_t sequence = (uint64_t)json_integer_value(json_object_get(object, "sequence"));

	if (sequence > world->sequence)
		world->sequence = sequence;
	resource->model.stage = directory_stage_parse(json_member_text(object, "stage"));
	resource->model.next_id = (uint64_t)json_integer_value(json_object_get(object, "next_id"));
	resource->additional = json_is_true(json_object_get(object, "additional"));
	resource->launched = json_integer_value(json_object_get(object, "launched"));
	resource->stage_updated = json_integer_value(json_object_get(object, "stage_updated"));
	resource->stage_due = json_integer_value(json_object_get(object, "stage_due"));
	resource->stage_next = directory_stage_parse(json_member_text(object, "stage_next"));
	for (size_t i = 0; i < ARRAY_LENGTH(resource_texts); i++) {
		const char *text = text_of(world, object, resource_texts[i].key);

		memcpy((char *)resource + resource_texts[i].offset, &text, sizeof(text));
	}
}

/* Forgets what an earlier line said of this directory. */
static void forget(struct scope *scope, const char *id, struct world *world)
{
	struct resource *known = scope && id ? scope_find(scope, id) : NULL;

	if (known)
		world_remove(world, known);
}

static int restore_directory(struct world *world, const json_t *object)
{
	const char *account = json_member_text(object, "account"),
		   *region = json_member_text(object, "region"),
		   *id = json_member_text(object, "id"), *name = json_member_text(object, "name");
	struct scope *scope = account && region ? world_scope(world, account, region, true) : NULL;
	struct resource *resource;
	int r;

	if (!scope || !id || !service_id_valid(id, 'd'))
		return -ERROR_INVALID;
	forget(scope, id, world);
	r = world_create(world, scope, id, name,
		directory_type_parse(json_member_text(object, "type")), &resource);
	if (r < 0)
		return r;
	restore_facts(world, object, resource);
	restore_ldaps(world, json_member_object(object, "ldaps"), &resource->model);
	r = restore_certificates(
		world, json_member_array(object, "certificates"), &resource->model);
	if (r == 0)
		r = restore_trusts(world, json_member_array(object, "trusts"), resource);
	if (r == 0)
		r = restore_tags(world, json_member_object(object, "tags"), resource);
	return r < 0 ? r : restore_ocsps(world, json_member_object(object, "ocsp"), resource);
}

static int restore_role(struct world *world, const json_t *object, bool removed)
{
	struct role *role;
	int r = role_put(world, object, WORLD_ACCOUNT, &role, NULL);

	if (r == 0 && removed)
		role_remove(world, role);
	return r;
}

static int restore_line(struct world *world, const json_t *object)
{
	const char *kind = json_member_text(object, "kind"), *pem = json_member_text(object, "pem"),
		   *account = json_member_text(object, "account"),
		   *region = json_member_text(object, "region");

	if (kind && strcmp(kind, "directory") == 0)
		return restore_directory(world, object);
	if (kind && strcmp(kind, "credential") == 0)
		return issue_restore(world, object);
	if (kind && (strcmp(kind, "role") == 0 || strcmp(kind, "removed-role") == 0))
		return restore_role(world, object, strcmp(kind, "role") != 0);
	if (kind && pem && strcmp(kind, "certificate") == 0)
		return world_certificate(world, pem, strlen(pem)) ? 0 : -ERROR_INVALID;
	if (kind && account && region && strcmp(kind, "removed") == 0) {
		forget(world_scope(world, account, region, false), json_member_text(object, "id"),
			world);
		return 0;
	}
	return -ERROR_INVALID;
}

static int load(struct world *world, FILE *file, const char *path, struct error *error)
{
	CLEANUP(free_ptr) char *line = NULL;
	size_t capacity = 0, number = 0;
	ssize_t length;

	while ((length = getline(&line, &capacity, file)) > 0) {
		json_t *object = NULL;
		int r;

		number++;
		/* A line without its end is one whose write was cut off: it never counted. */
		if (line[length - 1] != '\n')
			break;
		r = json_parse(line, (size_t)length, &object, error);
		if (r == 0)
			r = restore_line(world, object);
		json_decref(object);
		if (r < 0)
			return error_set(error, (enum error_code) - r,
				"%s:%zu: not a line of an emulator's state; move the file away to "
				"start anew",
				path, number);
	}
	return 0;
}

/* Writes everything to a new file and puts it in the place of the old one. */
static int rewrite(struct world *world, const char *path, struct error *error)
{
	CLEANUP(free_ptr) char *fresh = NULL;

	if (asprintf(&fresh, "%s.new", path) < 0)
		return error_set(error, ERROR_MEMORY, "out of memory");
	world->state = fopen(fresh, "we");
	/* It holds keys: its owner's alone. */
	if (!world->state || fchmod(fileno(world->state), S_IRUSR | S_IWUSR) < 0)
		return error_set(error, ERROR_IO, "%s: %s", fresh, strerror(errno));
	write_certificates(world);
	for (size_t i = 0; i < world->scopes_count; i++)
		for (size_t j = 0; j < world->scopes[i]->count; j++)
			write_directory(world, world->scopes[i]->resources[j]);
	for (size_t i = 0; i < world->roles_count; i++)
		state_save_role(world, &world->roles[i]);
	for (size_t i = 0; i < world->credentials_count; i++)
		if (world->credentials[i].kept)
			state_save_credential(world, &world->credentials[i]);
	if (world->state_failed || fsync(fileno(world->state)) < 0 || rename(fresh, path) < 0)
		return error_set(error, ERROR_IO, "%s: %s", path, strerror(errno));
	return 0;
}

int state_open(struct world *world, const char *path, struct error *error)
{
	FILE *file = fopen(path, "re");
	int r = 0;

	if (file) {
		r = load(world, file, path, error);
		fclose(file);
	} else if (errno != ENOENT) {
		return error_set(error, ERROR_IO, "%s: %s", path, strerror(errno));
	}
	return r < 0 ? r : rewrite(world, path, error);
}

void state_close(struct world *world)
{
	if (world->state)
		fclose(world->state);
	world->state = NULL;
}
