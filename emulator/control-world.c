/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/control-world.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "emulator/state.h"

/* ---------------------------------------------------------------- members */

const char *control_text(const struct control *control, const char *key)
{
	return world_text(control->world, json_member_text(control->input, key));
}

bool control_number(const json_t *object, const char *key, int64_t *ret_number)
{
	const json_t *member = json_object_get(object, key);

	if (!json_is_integer(member))
		return false;
	*ret_number = json_integer_value(member);
	return true;
}

/* Whether `word` is one of `words`. */
static bool is_word(const char *words, const char *word)
{
	size_t length = strlen(word);

	for (words += strspn(words, " "); *words; words += strspn(words, " ")) {
		size_t next = strcspn(words, " ");

		if (next == length && memcmp(words, word, length) == 0)
			return true;
		words += next;
	}
	return false;
}

/* clang-format off */
/* What is no text, by its name: that means the same in all commands. */
static const struct kind {
	const char *members;
	bool integer, truth, list, object;
	const char *allowed;
} kinds[] = {
	{"count expiry due registered_at advance offset set life max_duration", .integer = true, .allowed = "a whole number"},
	{"expired clear reset remove web_identity fails finish", .truth = true, .allowed = "true or false"},
	{"certificates faults regions trust", .list = true, .allowed = "a list"},
	{"tags", .object = true, .allowed = "an object"},
};
/* clang-format on */

/* What a member must be; NULL if it is. */
static const char *expected_of(const char *member, const json_t *value)
{
	for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
		if (is_word(kinds[i].members, member))
			return (kinds[i].integer && json_is_integer(value)) ||
					       (kinds[i].truth && json_is_boolean(value)) ||
					       (kinds[i].list && json_is_array(value)) ||
					       (kinds[i].object && json_is_object(value))
				       ? NULL
				       : kinds[i].allowed;
	return json_is_string(value) ? NULL : "a text";
}

int control_known(const struct control *control, const json_t *object, const char *members)
{
	const char *member, *allowed;
	json_t *value;

	if (!json_is_object(object))
		return error_set(control->error, ERROR_INVALID,
			"expected an object with some of these members: %s", members);
	json_object_foreach((json_t *)(uintptr_t)object, member, value)
	{
		if (!is_word(members, member))
			return error_set(control->error, ERROR_INVALID,
				"'%s' is none of its members: %s", member, members);
		allowed = expected_of(member, value);
		if (allowed && !json_is_null(value))
			return error_set(control->error, ERROR_INVALID, "'%s': expected %s", member,
				allowed);
	}
	return 0;
}

static const char *account_of(const struct control *control)
{
	const char *account = json_member_text(control->input, "account");

	return account ? account : world_account(control->world);
}

/* The directory that the command names, in its account and Region if it names those. */
static struct resource *resource_of(struct control *control)
{
	const char *id = json_member_text(control->input, "directory"),
		   *region = json_member_text(control->input, "region");
	struct scope *scope =
		region ? world_scope(control->world, account_of(control), region, false) : NULL;
	struct resource *resource = NULL;

	if (id && region)
		resource = scope ? world_find(control->world, scope, id, control->now) : NULL;
	else if (id)
		resource = world_find_anywhere(control->world, id, control->now);
	if (!resource)
		error_set(
			control->error, ERROR_MISSING, "there is no directory '%s'", id ? id : "");
	return resource;
}

int control_invalid(struct control *control, const char *key, const char *allowed)
{
	return error_set(control->error, ERROR_INVALID, "'%s': expected %s", key, allowed);
}

/* Whatever the service would refuse, others have done it. */
static struct model_options unrefused(const struct world *world)
{
	struct model_options options = world->settings.model;

	options.guards = 0;
	options.points[MODEL_POINT_REPEAT] = 1;
	options.points[MODEL_POINT_DEREGISTER_ENABLED] = 0;
	options.points[MODEL_POINT_ENABLE_REGISTERING] = 0;
	return options;
}

/* ---------------------------------------------------------------- certificates */

/* What a command says of a certificate beyond its PEM. */
static int put_facts(struct control *control, const json_t *item, struct model_certificate *entry)
{
	const char *state = json_member_text(item, "state"), *id = json_member_text(item, "id"),
		   *name = json_member_text(item, "common_name");

	entry->state = state ? certificate_state_parse(state) : CERTIFICATE_STATE_REGISTERED;
	if (entry->state == CERTIFICATE_STATE_UNKNOWN)
		return control_invalid(control, "state", "a state such as Registered");
	entry->fails = false;
	entry->reason = world_text(control->world, json_member_text(item, "reason"));
	entry->due = entry->state == CERTIFICATE_STATE_REGISTERING ||
				     entry->state == CERTIFICATE_STATE_DEREGISTERING
			     ? MODEL_NEVER
			     : 0;
	control_number(item, "due", &entry->due);
	control_number(item, "expiry", &entry->expiry);
	control_number(item, "registered_at", &entry->registered_at);
	if (name)
		entry->common_name = world_text(control->world, name);
	if (id && !service_id_valid(id, 'c'))
		return control_invalid(control, "id", "an id such as c-0123456789");
	if (id)
		memcpy(entry->id, id, sizeof(entry->id));
	return 0;
}

/* Registers `item` at once; gives its id. */
static int put_certificate(struct control *control, struct resource *resource, const json_t *item,
	const struct model_certificate **ret_entry)
{
	const char *pem = json_member_text(item, "pem"), *word = json_member_text(item, "type");
	enum certificate_type type =
		word ? certificate_type_parse(word) : CERTIFICATE_TYPE_CLIENT_LDAPS;
	struct model_options options = unrefused(control->world);
	const struct certificate *certificate =
		pem ? world_certificate(control->world, pem, strlen(pem)) : NULL;
	struct model_certificate *entry;
	int r;

	if (pem && !certificate)
		return control_invalid(control, "pem", "the PEM of one certificate");
	if (type == CERTIFICATE_TYPE_UNKNOWN)
		return control_invalid(control, "type", "ClientLDAPS or ClientCertAuth");
	if (model_register(&resource->model, &options, certificate, type, control->now, &entry) !=
		REFUSAL_NONE)
		return error_set(control->error, ERROR_LIMIT, "the directory lists too many");
	r = put_facts(control, item, entry);
	if (r == 0 && ret_entry)
		*ret_entry = entry;
	return r;
}

int command_register(struct control *control)
{
	struct resource *resource = resource_of(control);
	const struct model_certificate *entry = NULL;
	int r = resource ? put_certificate(control, resource, control->input, &entry)
			 : -ERROR_MISSING;

	if (r < 0 || !entry)
		return r;
	state_save(control->world, resource);
	json_object_set_new(control->output, "certificate", json_string(entry->id));
	return 0;
}

static struct model_certificate *entry_of(struct control *control, struct resource *resource)
{
	const char *id = json_member_text(control->input, "certificate");
	struct model_certificate *entry = resource && id ? model_find(&resource->model, id) : NULL;

	if (resource && !entry)
		error_set(control->error, ERROR_MISSING, "there is no certificate '%s'",
			id ? id : "");
	return entry;
}

int command_deregister(struct control *control)
{
	struct resource *resource = resource_of(control);
	struct model_certificate *entry = entry_of(control, resource);
	struct model_options options = unrefused(control->world);
	char id[SERVICE_ID_SIZE];

	if (!entry)
		return -ERROR_MISSING;
	memcpy(id, entry->id, sizeof(id));
	model_deregister(&resource->model, &options, id, control->now);
	model_finish(&resource->model, &options, id, true, control->now);
	state_save(control->world, resource);
	return 0;
}

/* Changes one entry as it stands: its state, what becomes of it, or its end now. */
int command_certificate(struct control *control)
{
	struct resource *resource = resource_of(control);
	struct model_certificate *entry = entry_of(control, resource);
	const json_t *fails = json_object_get(control->input, "fails"),
		     *finish = json_object_get(control->input, "finish");
	const char *reason = control_text(control, "reason");

	if (!entry)
		return -ERROR_MISSING;
	if (json_member_text(control->input, "state") &&
		put_facts(control, control->input, entry) < 0)
		return -ERROR_INVALID;
	if (fails)
		entry->fails = json_is_true(fails);
	if (reason)
		entry->reason = reason;
	if (finish)
		model_finish(&resource->model, &control->world->settings.model,
			json_member_text(control->input, "certificate"), json_is_true(finish),
			control->now);
	state_save(control->world, resource);
	return 0;
}

/* ---------------------------------------------------------------- directories */

/* Texts of a directory that a command may set, by the member's name. */
static const struct {
	const char *key;
	size_t offset;
} texts[] = {
	{"short_name", offsetof(struct resource, short_name)},
	{"edition", offsetof(struct resource, edition)},
	{"size", offsetof(struct resource, size)},
	{"description", offsetof(struct resource, description)},
	{"stage_reason", offsetof(struct resource, stage_reason)},
	{"owner_account", offsetof(struct resource, owner_account)},
	{"owner_directory", offsetof(struct resource, owner_directory)},
	{"name", offsetof(struct resource, model.name)},
	{"ldaps_reason", offsetof(struct resource, model.ldaps_reason)},
};

/* Sets LDAPS to a status as if it had always been so; "never" is never enabled. */
static int put_ldaps(struct control *control, struct resource *resource, const char *word)
{
	struct model_directory *model = &resource->model;
	enum ldaps_status status =
		strcmp(word, "never") == 0 ? LDAPS_STATUS_DISABLED : ldaps_status_parse(word);

	if (status == LDAPS_STATUS_UNKNOWN)
		return control_invalid(control, "ldaps", "a status such as Enabled, or never");
	model->ldaps_explicit = strcmp(word, "never") != 0;
	model->ldaps = status;
	model->ldaps_due = status == LDAPS_STATUS_ENABLING ? MODEL_NEVER : 0;
	model->ldaps_next = status == LDAPS_STATUS_ENABLING ? LDAPS_STATUS_ENABLED : status;
	model->ldaps_updated = model->ldaps_explicit ? control->now : 0;
	return 0;
}

static int put_stage(struct control *control, struct resource *resource)
{
	const char *word = json_member_text(control->input, "stage");

	if (!word)
		return 0;
	if (directory_stage_parse(word) == DIRECTORY_STAGE_UNKNOWN)
		return control_invalid(control, "stage", "a stage such as Active or Impaired");
	resource->model.stage = directory_stage_parse(word);
	resource->stage_updated = control->now;
	resource->stage_due = 0;
	return 0;
}

/* All of its tags, in place of those it has. */
static int put_tags(struct control *control, struct resource *resource)
{
	const json_t *tags = json_member_object(control->input, "tags");
	const char *key;
	json_t *value;

	if (tags)
		resource->tags_count = 0;
	json_object_foreach((json_t *)(uintptr_t)tags, key, value)
	{
		if (!json_is_string(value) ||
			resource_tag(control->world, resource, key, json_string_value(value)) < 0)
			return control_invalid(control, "tags", "at most 50 texts by their keys");
	}
	return 0;
}

/* Everything that `create` and `set` share. */
static int put_members(struct control *control, struct resource *resource)
{
	const char *type = json_member_text(control->input, "type"),
		   *ldaps = json_member_text(control->input, "ldaps");

	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		const char *text = control_text(control, texts[i].key);

		if (text && strcmp(texts[i].key, "name") != 0)
			memcpy((char *)resource + texts[i].offset, &text, sizeof(text));
	}
	if (type && directory_type_parse(type) == DIRECTORY_TYPE_UNKNOWN)
		return control_invalid(
			control, "type", "a type such as MicrosoftAD or ADConnector");
	if (type)
		resource->model.type = directory_type_parse(type);
	if (ldaps && put_ldaps(control, resource, ldaps) < 0)
		return -ERROR_INVALID;
	if (put_tags(control, resource) < 0)
		return -ERROR_INVALID;
	return put_stage(control, resource);
}

/* What a real one of its type has and the command does not name. */
static void put_defaults(struct world *world, struct resource *resource)
{
	if (resource->model.type == DIRECTORY_TYPE_MICROSOFT_AD && !resource->edition)
		resource->edition = world_text(world, "Enterprise");
	if (resource->model.type != DIRECTORY_TYPE_MICROSOFT_AD && !resource->size)
		resource->size = world_text(world, "Small");
}

/* The name of the n-th of many: each # stands for n. */
static const char *numbered(struct control *control, const char *name, int64_t number)
{
	char text[OBSERVED_NAME_SIZE] = "";
	size_t length = 0;

	for (; *name && length + 24 < sizeof(text); name++)
		if (*name == '#')
			length += (size_t)snprintf(
				text + length, sizeof(text) - length, "%lld", (long long)number);
		else
			text[length++] = *name;
	text[length] = '\0';
	return world_text(control->world, text);
}

static int create_one(struct control *control, struct scope *scope, const char *id,
	const char *name, struct resource **ret_resource)
{
	const json_t *certificates = json_member_array(control->input, "certificates");
	struct resource *resource;
	int r = world_create(
		control->world, scope, id, name, DIRECTORY_TYPE_MICROSOFT_AD, &resource);

	if (r < 0)
		return error_set(
			control->error, (enum error_code) - r, "the directory: %s", error_str(r));
	r = put_members(control, resource);
	for (size_t i = 0; i < json_array_size(certificates) && r == 0; i++)
		r = put_certificate(control, resource, json_array_get(certificates, i), NULL);
	if (r < 0) {
		world_remove(control->world, resource);
		return r;
	}
	put_defaults(control->world, resource);
	*ret_resource = resource;
	return 0;
}

/* The directory in each Region that the command names, the first being its primary. */
static int create_everywhere(struct control *control, const char *id, const char *name)
{
	const json_t *regions = json_member_array(control->input, "regions");
	const char *single = json_member_text(control->input, "region");
	size_t count = regions ? json_array_size(regions) : 1;
	char first[SERVICE_ID_SIZE] = "";

	if (count == 0)
		return control_invalid(control, "regions", "at least one Region");
	for (size_t i = 0; i < count; i++) {
		const char *region = regions  ? json_string_value(json_array_get(regions, i))
				     : single ? single
					      : CONTROL_REGION;
		struct scope *scope =
			region ? world_scope(control->world, account_of(control), region, true)
			       : NULL;
		struct resource *resource = NULL;
		int r = scope ? create_one(control, scope, i > 0 ? first : id, name, &resource)
			      : control_invalid(control, "region", "a Region and an account");

		if (r < 0)
			return r;
		memcpy(first, resource->model.id, sizeof(first));
		resource->additional = i > 0;
		state_save(control->world, resource);
	}
	json_array_append_new(json_object_get(control->output, "directories"), json_string(first));
	return 0;
}

int command_create(struct control *control)
{
	const char *id = json_member_text(control->input, "id"),
		   *name = json_member_text(control->input, "name");
	const json_t *certificates = json_member_array(control->input, "certificates");
	int64_t count = 1;
	int r = 0;

	for (size_t i = 0; i < json_array_size(certificates); i++) {
		r = control_known(control, json_array_get(certificates, i), CONTROL_ENTRY);
		if (r < 0)
			return error_prefix(control->error, "certificates");
	}
	control_number(control->input, "count", &count);
	if (id && (!service_id_valid(id, 'd') || count != 1))
		return control_invalid(control, "id", "one id such as d-0123456789");
	if (count < 1 || count > WORLD_DIRECTORIES_MAX)
		return control_invalid(control, "count", "how many directories");
	json_object_set_new(control->output, "directories", json_array());
	for (int64_t i = 1; i <= count && r == 0; i++)
		r = create_everywhere(
			control, id, numbered(control, name ? name : "corp#.example.com", i));
	return r;
}

/* What a directory in another Region has of the one it comes from. */
static void copy_texts(const struct resource *from, struct resource *to)
{
	to->short_name = from->short_name;
	to->edition = from->edition;
	to->description = from->description;
	to->vpc = from->vpc;
}

int command_replicate(struct control *control)
{
	const char *region = json_member_text(control->input, "to");
	struct resource *resource = resource_of(control), *copy;
	struct scope *scope = resource && region ? world_scope(control->world,
							   resource->scope->account, region, true)
						 : NULL;
	int r;

	if (!resource)
		return -ERROR_MISSING;
	if (!scope)
		return control_invalid(control, "to", "a Region");
	r = world_create(control->world, scope, resource->model.id, resource->model.name,
		resource->model.type, &copy);
	if (r < 0)
		return error_set(
			control->error, (enum error_code) - r, "the directory: %s", error_str(r));
	copy_texts(resource, copy);
	copy->additional = true;
	state_save(control->world, copy);
	return 0;
}

int command_set(struct control *control)
{
	struct resource *resource = resource_of(control);
	const char *name = control_text(control, "name");
	int r = resource ? put_members(control, resource) : -ERROR_MISSING;

	if (r < 0)
		return r;
	if (name)
		resource->model.name = name;
	state_save(control->world, resource);
	return 0;
}

int command_remove(struct control *control)
{
	struct resource *resource = resource_of(control);

	if (!resource)
		return -ERROR_MISSING;
	state_remove(control->world, resource->scope, resource->model.id);
	world_remove(control->world, resource);
	return 0;
}

int command_enable(struct control *control)
{
	struct resource *resource = resource_of(control);

	if (!resource)
		return -ERROR_MISSING;
	put_ldaps(control, resource, "Enabled");
	state_save(control->world, resource);
	return 0;
}

int command_disable(struct control *control)
{
	struct resource *resource = resource_of(control);

	if (!resource)
		return -ERROR_MISSING;
	put_ldaps(control, resource, "Disabled");
	state_save(control->world, resource);
	return 0;
}

int command_outcome(struct control *control)
{
	static const char *const calls[OUTCOME_CALLS] = {[OUTCOME_REGISTER] = "register",
		[OUTCOME_DEREGISTER] = "deregister",
		[OUTCOME_ENABLE] = "enable"};
	struct resource *resource = resource_of(control);
	const char *word = json_member_text(control->input, "call");
	int64_t count = 1;

	if (!resource)
		return -ERROR_MISSING;
	control_number(control->input, "count", &count);
	for (int call = 0; call < OUTCOME_CALLS && word; call++)
		if (strcmp(calls[call], word) == 0 && count >= 0 && count <= 1000000) {
			resource->outcomes[call].count = (unsigned)count;
			resource->outcomes[call].reason = control_text(control, "reason");
			return 0;
		}
	return control_invalid(control, "call", "register, deregister or enable, and a count");
}

int command_trust(struct control *control)
{
	struct resource *resource = resource_of(control);
	const char *type = control_text(control, "type"),
		   *direction = control_text(control, "direction"),
		   *state = control_text(control, "state");
	struct trust trust = {.remote = control_text(control, "remote"),
		.type = type ? type : "Forest",
		.direction = direction ? direction : "Two-Way",
		.state = state ? state : "Verified",
		.created = control->now};

	if (!resource)
		return -ERROR_MISSING;
	if (!trust.remote)
		return control_invalid(control, "remote", "the name of a domain");
	if (array_reserve(&resource->trusts, &resource->trusts_capacity, resource->trusts_count,
		    sizeof(trust), WORLD_TRUSTS_MAX) < 0)
		return error_set(control->error, ERROR_LIMIT, "too many trusts");
	world_new_id(control->world, 't', trust.id);
	resource->trusts[resource->trusts_count++] = trust;
	state_save(control->world, resource);
	json_object_set_new(control->output, "trust", json_string(trust.id));
	return 0;
}
