/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/calendar.h"
#include "base/cleanup.h"
#include "emulator/fault.h"

struct settings settings_default(void)
{
	return (struct settings){
		.model = model_options_default(),
		.directory_limit = SETTINGS_DIRECTORY_LIMIT,
		.burst = 1,
		.token_life = SETTINGS_TOKEN_LIFE,
		.clock_window = SETTINGS_CLOCK_WINDOW,
		.clock_refusal = REFUSAL_RequestExpired,
		.page = SERVICE_PAGE_MAX,
		.container_path = "/v2/credentials/emulator",
		.metadata_code = "Success",
		.credential_life = SETTINGS_AS_ASKED,
		.shown_life = SETTINGS_AS_ASKED,
		.exponent = true,
		.empty_object = true,
		.request_id_in_text = true,
	};
}

/* ---------------------------------------------------------------- values */

static int parse_number(
	const char *text, double low, double high, double *ret_number, struct error *error)
{
	char *end;
	double number = strtod(text, &end);

	if (end == text || *end || !(number >= low) || !(number <= high))
		return error_set(error, ERROR_INVALID, "'%s' is not a number from %.0f to %.0f",
			text, low, high);
	*ret_number = number;
	return 0;
}

static int parse_count(
	const char *text, double low, double high, unsigned *ret_count, struct error *error)
{
	double number;
	int r = parse_number(text, low, high, &number, error);

	if (r == 0)
		*ret_count = (unsigned)number;
	return r;
}

/* Seconds as a number or a duration ("90", "15m"), or "never". */
static int parse_seconds(const char *text, int64_t *ret_seconds, struct error *error)
{
	char *end;
	long long seconds;

	if (strcmp(text, "never") == 0) {
		*ret_seconds = MODEL_NEVER;
		return 0;
	}
	errno = 0;
	seconds = strtoll(text, &end, 10);
	if (end != text && !*end && !errno && seconds >= 0 && seconds <= DURATION_MAX) {
		*ret_seconds = seconds;
		return 0;
	}
	if (duration_parse(text, ret_seconds) == 0)
		return 0;
	return error_set(error, ERROR_INVALID,
		"'%s' is not a time: seconds, a duration such as 15m, or never", text);
}

/* The index of `text` in a list of words; -ERROR_INVALID if it is none. */
static int parse_word(const char *text, const char *const *words, size_t count, int *ret_index,
	struct error *error)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i], text) == 0) {
			*ret_index = (int)i;
			return 0;
		}
	return error_set(error, ERROR_INVALID, "'%s' is not one of the allowed words", text);
}

/* Takes "name=value" apart; the name's copy is the caller's to free. */
static int split(const char *text, char **ret_name, const char **ret_value, struct error *error)
{
	const char *equals = strchr(text, '=');

	if (!equals)
		return error_set(error, ERROR_INVALID, "'%s': expected NAME=VALUE", text);
	*ret_name = strndup(text, (size_t)(equals - text));
	*ret_value = equals + 1;
	return *ret_name ? 0 : error_set(error, ERROR_MEMORY, "out of memory");
}

/* ---------------------------------------------------------------- the model's options */

static int apply_guard(struct settings *settings, const char *value, bool on, struct error *error)
{
	enum model_guard guard;

	if (strcmp(value, "all") == 0) {
		settings->model.guards = on ? model_options_default().guards : 0;
		return 0;
	}
	if (model_guard_parse(value, &guard) < 0)
		return error_set(error, ERROR_INVALID,
			"'%s' is not a refusal of the service; --help lists them", value);
	if (on)
		settings->model.guards |= 1u << guard;
	else
		settings->model.guards &= ~(1u << guard);
	return 0;
}

static int apply_refuse(struct settings *settings, const char *value, struct error *error)
{
	return apply_guard(settings, value, true, error);
}

static int apply_allow(struct settings *settings, const char *value, struct error *error)
{
	return apply_guard(settings, value, false, error);
}

static int apply_point(struct settings *settings, const char *value, struct error *error)
{
	CLEANUP(free_ptr) char *name = NULL;
	const char *word;
	enum model_point point;
	uint8_t answer;
	int r = split(value, &name, &word, error);

	if (r < 0)
		return r;
	if (model_point_parse(name, &point) < 0)
		return error_set(error, ERROR_INVALID,
			"'%s' is not an open point of the API; --help lists them", name);
	if (model_answer_parse(point, word, &answer) < 0)
		return error_set(error, ERROR_INVALID,
			"'%s' is not an answer to '%s'; --help lists them", word, name);
	settings->model.points[point] = answer;
	return 0;
}

static int apply_delay(struct settings *settings, const char *value, struct error *error)
{
	static const char *const names[] = {
		"register", "deregister", "enable", "disable", "create", "delete"};
	int64_t *const delays[] = {&settings->model.register_delay,
		&settings->model.deregister_delay, &settings->model.enable_delay,
		&settings->model.disable_delay, &settings->create_delay, &settings->delete_delay};
	CLEANUP(free_ptr) char *name = NULL;
	const char *text;
	int index = 0, r = split(value, &name, &text, error);

	if (r == 0)
		r = parse_word(name, names, ARRAY_LENGTH(names), &index, error);
	return r < 0 ? r : parse_seconds(text, delays[index], error);
}

static int apply_limit(struct settings *settings, const char *value, struct error *error)
{
	static const char *const names[] = {"ldaps", "auth", "directories"};
	unsigned *const limits[] = {&settings->model.ldaps_limit, &settings->model.auth_limit,
		&settings->directory_limit};
	CLEANUP(free_ptr) char *name = NULL;
	const char *text;
	int index = 0, r = split(value, &name, &text, error);

	if (r == 0)
		r = parse_word(name, names, ARRAY_LENGTH(names), &index, error);
	return r < 0 ? r : parse_count(text, 0, 1e6, limits[index], error);
}

/* ---------------------------------------------------------------- rates and forms */

static int apply_rate(struct settings *settings, const char *value, struct error *error)
{
	return parse_number(value, 0, 1e6, &settings->rate, error);
}

static int apply_burst(struct settings *settings, const char *value, struct error *error)
{
	return parse_number(value, 1, 1e6, &settings->burst, error);
}

static int apply_latency(struct settings *settings, const char *value, struct error *error)
{
	double number;
	int r = parse_number(value, 0, SETTINGS_LATENCY_MAX, &number, error);

	if (r == 0)
		settings->latency_ms = (int64_t)number;
	return r;
}

static int apply_token_life(struct settings *settings, const char *value, struct error *error)
{
	return parse_seconds(value, &settings->token_life, error);
}

/* ---------------------------------------------------------------- credentials */

static int apply_life(const char *value, int64_t *ret_life, struct error *error)
{
	if (strcmp(value, "as-asked") != 0)
		return parse_seconds(value, ret_life, error);
	*ret_life = SETTINGS_AS_ASKED;
	return 0;
}

static int apply_credential_life(struct settings *settings, const char *value, struct error *error)
{
	return apply_life(value, &settings->credential_life, error);
}

static int apply_shown_life(struct settings *settings, const char *value, struct error *error)
{
	return apply_life(value, &settings->shown_life, error);
}

/* The value is not in the message: it is a secret. */
static int apply_text(
	const char *value, char ret_text[static SETTINGS_TEXT_SIZE], struct error *error)
{
	if (strlen(value) >= SETTINGS_TEXT_SIZE)
		return error_set(error, ERROR_LIMIT, "expected at most %d characters",
			SETTINGS_TEXT_SIZE - 1);
	memcpy(ret_text, value, strlen(value) + 1);
	return 0;
}

static int apply_web_identity_token(
	struct settings *settings, const char *value, struct error *error)
{
	return apply_text(value, settings->web_identity_token, error);
}

static int apply_sso_token(struct settings *settings, const char *value, struct error *error)
{
	return apply_text(value, settings->sso_token, error);
}

static int apply_container_token(struct settings *settings, const char *value, struct error *error)
{
	return apply_text(value, settings->container_token, error);
}

static int apply_container_path(struct settings *settings, const char *value, struct error *error)
{
	if (value[0] != '/')
		return error_set(error, ERROR_INVALID, "'%s' does not begin with a slash", value);
	return apply_text(value, settings->container_path, error);
}

/* "ROLE[@ACCOUNT]", or "" for none. */
static int apply_role(
	const char *value, char ret_text[static SETTINGS_TEXT_SIZE], struct error *error)
{
	const char *account = strchr(value, '@');

	if (account && (account == value || strlen(account + 1) != 12 ||
			       strspn(account + 1, "0123456789") != 12))
		return error_set(error, ERROR_INVALID,
			"'%s' is not ROLE[@ACCOUNT] with an account of twelve digits", value);
	return apply_text(value, ret_text, error);
}

static int apply_container_role(struct settings *settings, const char *value, struct error *error)
{
	return apply_role(value, settings->container_role, error);
}

static int apply_metadata_role(struct settings *settings, const char *value, struct error *error)
{
	return apply_role(value, settings->metadata_role, error);
}

static int apply_metadata_code(struct settings *settings, const char *value, struct error *error)
{
	return apply_text(value, settings->metadata_code, error);
}

/* ---------------------------------------------------------------- clock and pages */

static int apply_clock_window(struct settings *settings, const char *value, struct error *error)
{
	return parse_seconds(value, &settings->clock_window, error);
}

static int apply_clock_refusal(struct settings *settings, const char *value, struct error *error)
{
	enum refusal refusal = refusal_parse(value);

	if (refusal == REFUSAL_OTHER || refusal_class(refusal) != REFUSAL_CLOCK)
		return error_set(error, ERROR_INVALID,
			"'%s' is not an error code about the clock, such as RequestExpired", value);
	settings->clock_refusal = refusal;
	return 0;
}

static int apply_page(struct settings *settings, const char *value, struct error *error)
{
	return parse_count(value, 1, 1000, &settings->page, error);
}

/* The words of each; NULL ends them for those who only list them. */
static const char *const type_forms[] = {"namespace", "bare", "url", "header", NULL};
static const char *const message_forms[] = {"service", "lower", "upper", "none", NULL};
static const char *const instant_forms[] = {"plain", "exponent", NULL};
static const char *const empty_results[] = {"nothing", "object", NULL};
static const char *const request_places[] = {"apart", "in-message", NULL};

static int apply_type_form(struct settings *settings, const char *value, struct error *error)
{
	int index = 0,
	    r = parse_word(value, type_forms, ARRAY_LENGTH(type_forms) - 1, &index, error);

	if (r == 0)
		settings->type_form = (enum type_form)index;
	return r;
}

static int apply_message_form(struct settings *settings, const char *value, struct error *error)
{
	int index = 0,
	    r = parse_word(value, message_forms, ARRAY_LENGTH(message_forms) - 1, &index, error);

	if (r == 0)
		settings->message_form = (enum message_form)index;
	return r;
}

static int apply_instants(struct settings *settings, const char *value, struct error *error)
{
	int index = 0,
	    r = parse_word(value, instant_forms, ARRAY_LENGTH(instant_forms) - 1, &index, error);

	if (r == 0)
		settings->exponent = index == 1;
	return r;
}

static int apply_empty_result(struct settings *settings, const char *value, struct error *error)
{
	int index = 0,
	    r = parse_word(value, empty_results, ARRAY_LENGTH(empty_results) - 1, &index, error);

	if (r == 0)
		settings->empty_object = index == 1;
	return r;
}

static int apply_request_id(struct settings *settings, const char *value, struct error *error)
{
	int index = 0,
	    r = parse_word(value, request_places, ARRAY_LENGTH(request_places) - 1, &index, error);

	if (r == 0)
		settings->request_id_in_text = index == 1;
	return r;
}

/* clang-format off */
const struct setting settings_table[] = {
	{"refuse", "NAME", "switch a refusal of the service on (all are); all for every one", apply_refuse, NULL},
	{"allow", "NAME", "switch a refusal of the service off; all for every one", apply_allow, NULL},
	{"open-point", "NAME=ANSWER", "answer a question that the API's documentation leaves open", apply_point, NULL},
	{"delay", "CALL=TIME", "how long register, deregister, enable, disable, create or delete takes: "
		"seconds, a duration such as 15m, or never", apply_delay, NULL},
	{"limit", "WHAT=N", "slots for ldaps (5) and auth (100) of a directory, directories (10) of a kind", apply_limit, NULL},
	{"rate", "N", "requests a second for one account and Region, then ThrottlingException; 0: any", apply_rate, NULL},
	{"burst", "N", "requests that may come at once under --rate", apply_burst, NULL},
	{"latency", "MS", "milliseconds before each reply", apply_latency, NULL},
	{"token-life", "TIME", "how long a NextToken holds (300)", apply_token_life, NULL},
	{"clock-window", "TIME", "how far a signature's time may be off (900)", apply_clock_window, NULL},
	{"clock-refusal", "CODE", "what a signature off by more is refused with (RequestExpired)", apply_clock_refusal, NULL},
	{"page", "N", "most items of one page, whatever Limit says (50)", apply_page, NULL},
	{"type-form", "FORM", "how a refusal names its code: namespace, bare, url or header", apply_type_form, type_forms},
	{"message-form", "FORM", "how its text is spelt: service, lower, upper or none", apply_message_form, message_forms},
	{"instants", "FORM", "exponent (1.8E9) or plain", apply_instants, instant_forms},
	{"empty-result", "FORM", "object ({}) or nothing", apply_empty_result, empty_results},
	{"credential-life", "TIME", "how long temporary credentials hold; as-asked (the default) is the time asked for", apply_credential_life, NULL},
	{"shown-life", "TIME", "how long they are said to hold; as-asked (the default) is the truth", apply_shown_life, NULL},
	{"web-identity-token", "TOKEN", "what AssumeRoleWithWebIdentity takes; without it none", apply_web_identity_token, NULL},
	{"sso-token", "TOKEN", "what the SSO portal takes; without it none", apply_sso_token, NULL},
	{"container-path", "PATH", "where containers ask (/v2/credentials/emulator)", apply_container_path, NULL},
	{"container-role", "ROLE[@ACCOUNT]", "what they get; without it nothing", apply_container_role, NULL},
	{"container-token", "TOKEN", "what they must send as Authorization; without it anything", apply_container_token, NULL},
	{"metadata-role", "ROLE[@ACCOUNT]", "what an instance gets by IMDSv2; without it nothing", apply_metadata_role, NULL},
	{"metadata-code", "CODE", "the Code of its keys (Success)", apply_metadata_code, NULL},
	{"request-id", "PLACE", "in-message (also at the end of its text) or apart", apply_request_id, request_places},
};
/* clang-format on */
const size_t settings_count = ARRAY_LENGTH(settings_table);

int settings_apply(
	struct settings *settings, const char *word, const char *value, struct error *error)
{
	for (size_t i = 0; i < settings_count; i++) {
		if (strcmp(settings_table[i].word, word) != 0)
			continue;
		if (settings_table[i].apply(settings, value, error) < 0)
			return error_prefix(error, "%s", word);
		return 0;
	}
	return error_set(error, ERROR_INVALID, "'%s' is not a setting; --help lists them", word);
}

void settings_help(FILE *file)
{
	char form[64];

	for (size_t i = 0; i < settings_count; i++) {
		snprintf(form, sizeof(form), "--%s %s", settings_table[i].word,
			settings_table[i].argument);
		fprintf(file, "  %-28s %s\n", form, settings_table[i].help);
	}
	fprintf(file, "\nRefusals, for --refuse and --allow:\n ");
	for (int guard = 0; guard < MODEL_GUARDS; guard++)
		fprintf(file, " %s", model_guard_str((enum model_guard)guard));
	fprintf(file, "\n\nOpen points and their answers, the first is the default:\n");
	for (int point = 0; point < MODEL_POINTS; point++) {
		const char *answer;

		fprintf(file, "  %-28s", model_point_str((enum model_point)point));
		for (unsigned i = 0; (answer = model_answer_str((enum model_point)point, i)); i++)
			fprintf(file, " %s", answer);
		fprintf(file, "\n");
	}
	fprintf(file, "\nWords for the OPERATION of --fault, beside the service's:\n ");
	for (int served = SERVED_NONE + 1; served < SERVED_KINDS; served++)
		fprintf(file, " %s", served_str((enum served)served));
	fprintf(file, "\n\nKinds of fault, beside the API's error codes:\n");
	for (int kind = FAULT_REFUSE + 1; kind < FAULT_KINDS; kind++)
		fprintf(file, "  %-28s %s\n", fault_kind_str((enum fault_kind)kind),
			fault_kind_help((enum fault_kind)kind));
}
