/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/control.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "emulator/control-world.h"
#include "emulator/issue.h"
#include "emulator/role.h"
#include "emulator/state.h"

/* ---------------------------------------------------------------- the service */

static int command_fault(struct control *control)
{
	const json_t *faults = json_member_array(control->input, "faults");
	const char *one = json_member_text(control->input, "fault");
	int r = 0;

	if (json_is_true(json_object_get(control->input, "clear")))
		faults_clear(&control->world->faults);
	if (one)
		r = faults_add(&control->world->faults, one, control->error);
	for (size_t i = 0; i < json_array_size(faults) && r == 0; i++) {
		const char *text = json_string_value(json_array_get(faults, i));

		r = text ? faults_add(&control->world->faults, text, control->error)
			 : control_invalid(control, "faults", "a list of texts");
	}
	json_object_set_new(
		control->output, "waiting", json_integer((json_int_t)control->world->faults.count));
	return r;
}

static int apply_setting(
	struct settings *settings, const char *word, const json_t *value, struct control *control)
{
	char text[32];
	int r = 0;

	if (json_is_array(value)) {
		for (size_t i = 0; i < json_array_size(value) && r == 0; i++)
			r = apply_setting(settings, word, json_array_get(value, i), control);
		return r;
	}
	if (json_is_integer(value)) {
		snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(value));
		return settings_apply(settings, word, text, control->error);
	}
	return json_is_string(value)
		       ? settings_apply(settings, word, json_string_value(value), control->error)
		       : control_invalid(control, word, "a text, a number or a list of them");
}

/* All of them or none. */
static int command_settings(struct control *control)
{
	struct settings settings = control->world->settings;
	const char *word;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)control->input, word, value)
	{
		int r = apply_setting(&settings, word, value, control);

		if (r < 0)
			return r;
	}
	control->world->settings = settings;
	return 0;
}

static int command_clock(struct control *control)
{
	struct world *world = control->world;
	int64_t seconds;

	if (control_number(control->input, "advance", &seconds))
		world->clock_offset += seconds;
	if (control_number(control->input, "offset", &seconds))
		world->clock_offset = seconds;
	if (control_number(control->input, "set", &seconds))
		world->clock_offset += seconds - world_now(world);
	json_object_set_new(control->output, "now", json_integer(world_now(world)));
	return 0;
}

/* Whose it is and how long it holds, as far as the command says so; keeps it in the state. */
static int put_credential(struct control *control, struct credential *credential)
{
	const char *user = json_member_text(control->input, "user");
	int64_t life;

	credential->expired = json_is_true(json_object_get(control->input, "expired"));
	if (control_number(control->input, "life", &life))
		credential->until = control->now + life;
	if (user && (!user[0] || strlen(user) >= sizeof(credential->user)))
		return control_invalid(control, "user", "the name of a user");
	if (user)
		memcpy(credential->user, user, strlen(user) + 1);
	credential->kept = true;
	state_save_credential(control->world, credential);
	return 0;
}

static int command_credential(struct control *control)
{
	const char *text = json_member_text(control->input, "credential"),
		   *key = json_member_text(control->input, "access_key");
	char given[SIGV4_ACCESS_KEY_SIZE];
	struct credential *credential;
	int r = text ? world_add_credential(control->world, text, control->error) : 0;

	if (r < 0 || (!key && !text))
		return r;
	if (!key) {
		snprintf(given, sizeof(given), "%.*s", (int)strcspn(text, ":"), text);
		key = given;
	}
	credential = world_credential(control->world, key);
	if (!credential)
		return error_set(control->error, ERROR_MISSING, "there is no such access key");
	return put_credential(control, credential);
}

/* Makes a role or makes it anew; with "remove" it is gone. */
static int command_role(struct control *control)
{
	const char *name = json_member_text(control->input, "name"),
		   *account = json_member_text(control->input, "account");
	struct role *role;
	char arn[ROLE_ARN_SIZE];
	int r;

	if (!account)
		account = world_account(control->world);
	if (json_is_true(json_object_get(control->input, "remove"))) {
		role = name ? role_find(control->world, account, name) : NULL;
		if (!role)
			return error_set(control->error, ERROR_MISSING, "there is no such role");
		state_remove_role(control->world, role);
		role_remove(control->world, role);
		return 0;
	}
	r = role_put(control->world, control->input, account, &role, control->error);
	if (r < 0)
		return r;
	state_save_role(control->world, role);
	role_arn(role, "aws", arn);
	json_object_set_new(control->output, "arn", json_string(arn));
	return 0;
}

/* What was issued; with "role", of that role alone; "expired" ends it now. */
static int command_issued(struct control *control)
{
	const char *role = json_member_text(control->input, "role");
	bool expired = json_is_true(json_object_get(control->input, "expired"));
	json_t *list = json_array();

	for (size_t i = 0; i < control->world->credentials_count; i++) {
		struct credential *one = &control->world->credentials[i];

		if (!one->role[0] || (role && strcmp(role, one->role) != 0))
			continue;
		if (expired && !one->expired) {
			one->expired = true;
			state_save_credential(control->world, one);
		}
		json_array_append_new(list, issue_describe(one));
	}
	json_object_set_new(control->output, "credentials", list);
	return 0;
}

static int command_dump(struct control *control)
{
	const char *id = json_member_text(control->input, "directory");
	json_t *list = json_array();

	for (size_t i = 0; i < control->world->scopes_count; i++) {
		struct scope *scope = control->world->scopes[i];

		scope_settle(control->world, scope, control->now);
		for (size_t j = 0; j < scope->count; j++)
			if (!id || strcmp(scope->resources[j]->model.id, id) == 0)
				json_array_append_new(list, state_describe(scope->resources[j]));
	}
	json_object_set_new(control->output, "now", json_integer(control->now));
	json_object_set_new(control->output, "directories", list);
	return 0;
}

static json_t *count_calls(const struct world *world, int operation)
{
	json_t *counts = json_object();

	for (int refusal = 0; refusal < REFUSALS; refusal++)
		if (world->calls[operation][refusal] > 0)
			json_object_set_new(counts,
				refusal == REFUSAL_NONE ? "OK" : refusal_str((enum refusal)refusal),
				json_integer((json_int_t)world->calls[operation][refusal]));
	return counts;
}

static json_t *count_visits(const struct world *world, int served)
{
	json_t *counts = json_object();

	for (int trouble = 0; trouble < TROUBLES; trouble++)
		if (world->visits[served][trouble] > 0)
			json_object_set_new(counts, trouble_str((enum trouble)trouble),
				json_integer((json_int_t)world->visits[served][trouble]));
	return counts;
}

static int command_counters(struct control *control)
{
	struct world *world = control->world;
	json_t *calls = json_object();

	for (int operation = 0; operation < OPERATIONS; operation++)
		json_object_set_new(calls, operation_str((enum operation)operation),
			count_calls(world, operation));
	for (int served = SERVED_NONE + 1; served < SERVED_KINDS; served++)
		json_object_set_new(
			calls, served_str((enum served)served), count_visits(world, served));
	json_object_set_new(control->output, "calls", calls);
	json_object_set_new(control->output, "in_flight", json_integer(world->in_flight));
	json_object_set_new(control->output, "in_flight_max", json_integer(world->in_flight_max));
	if (json_is_true(json_object_get(control->input, "reset"))) {
		memset(world->calls, 0, sizeof(world->calls));
		memset(world->visits, 0, sizeof(world->visits));
		world->in_flight_max = world->in_flight;
	}
	return 0;
}

/* What names a directory, and what it is or has; a certificate's are CONTROL_ENTRY. */
#define DIRECTORY "directory region account"
#define DIRECTORY_FACTS                                                                            \
	"type stage stage_reason ldaps ldaps_reason edition size short_name description "          \
	"owner_account owner_directory tags"

/* clang-format off */
static const struct {
	const char *word;
	int (*run)(struct control *control);
	const char *members; /* of its object, with spaces between; NULL: it looks itself */
	const char *help;
} commands[] = {
	{"create", command_create, "name count id account region regions certificates " DIRECTORY_FACTS, "name (# is the number) count id account region|regions type stage ldaps "
		"edition size tags{} certificates[]; gives directories[]"},
	{"remove", command_remove, DIRECTORY, "directory: gone at once"},
	{"replicate", command_replicate, DIRECTORY " to", "directory, to: is in that Region too"},
	{"set", command_set, DIRECTORY " name " DIRECTORY_FACTS, "directory, and stage stage_reason name type ldaps ldaps_reason edition tags{} ..."},
	{"register", command_register, DIRECTORY " " CONTROL_ENTRY, "directory pem|common_name expiry, type state reason id: at once, unrefused; "
		"gives certificate"},
	{"deregister", command_deregister, DIRECTORY " certificate", "directory certificate: at once, unrefused"},
	{"certificate", command_certificate, DIRECTORY " certificate state reason fails finish", "directory certificate, and state reason fails finish: changes one entry"},
	{"enable", command_enable, DIRECTORY, "directory: at once, unrefused"},
	{"disable", command_disable, DIRECTORY, "directory: at once, unrefused"},
	{"outcome", command_outcome, DIRECTORY " call count reason", "directory call (register deregister enable) count reason: the next ones fail"},
	{"trust", command_trust, DIRECTORY " remote type direction state", "directory remote type direction state; gives trust"},
	{"fault", command_fault, "fault faults clear", "fault (OPERATION:COUNT:KIND) or faults[]; clear"},
	{"settings", command_settings, NULL, "each setting of the command line by its word"},
	{"clock", command_clock, "advance offset set", "advance, offset or set, in seconds; gives now"},
	{"credential", command_credential, "credential access_key user life expired", "credential (KEY:SECRET[:TOKEN][@ACCOUNT]); access_key, and user life expired"},
	{"role", command_role, "name account path trust external_id web_identity max_duration remove", "name account path trust[] (access keys, ARNs, account ids, *) external_id web_identity "
		"max_duration, or remove; gives arn"},
	{"issued", command_issued, "role expired", "role, expired: ends them; gives credentials[] of roles' sessions"},
	{"dump", command_dump, "directory", "directory; gives now directories[]"},
	{"counters", command_counters, "reset", "reset; gives calls{} in_flight in_flight_max"},
};
/* clang-format on */

void control_help(FILE *file)
{
	fprintf(file, "\nCommands of POST /_control/COMMAND, with the members of their object:\n");
	for (size_t i = 0; i < ARRAY_LENGTH(commands); i++)
		fprintf(file, "  %-28s %s\n", commands[i].word, commands[i].help);
}

int control_run(struct world *world, const char *command, const json_t *input, json_t **ret_output,
	struct error *error)
{
	struct control control = {
		.world = world, .input = input, .now = world_now(world), .error = error};

	if (!json_is_object(input))
		return error_set(error, ERROR_INVALID, "expected a JSON object");
	for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
		int r;

		if (strcmp(commands[i].word, command) != 0)
			continue;
		r = commands[i].members ? control_known(&control, input, commands[i].members) : 0;
		if (r < 0)
			return r;
		control.output = json_object();
		r = control.output ? commands[i].run(&control)
				   : error_set(error, ERROR_MEMORY, "out of memory");
		if (r < 0)
			json_decref(control.output);
		else
			*ret_output = control.output;
		return r;
	}
	return error_set(error, ERROR_INVALID, "'%s' is not a command; --help lists them", command);
}

static int seed_item(struct world *world, const json_t *item, struct error *error)
{
	const char *command;
	json_t *input;

	if (!json_is_object(item))
		return error_set(
			error, ERROR_INVALID, "expected items such as {\"create\": {...}}");
	json_object_foreach((json_t *)(uintptr_t)item, command, input)
	{
		json_t *output;
		int r = control_run(world, command, input, &output, error);

		if (r < 0)
			return error_prefix(error, "%s", command);
		json_decref(output);
	}
	return 0;
}

int control_seed(struct world *world, const char *path, struct error *error)
{
	json_error_t reason;
	json_t *list = json_load_file(path, JSON_REJECT_DUPLICATES, &reason);
	int r = 0;

	if (!json_is_array(list))
		r = error_set(error, ERROR_INVALID, "not a JSON list of commands: %s", reason.text);
	for (size_t i = 0; i < json_array_size(list) && r == 0; i++)
		r = seed_item(world, json_array_get(list, i), error);
	json_decref(list);
	return r < 0 ? error_prefix(error, "%s", path) : 0;
}
