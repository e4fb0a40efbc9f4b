/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/sts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/calendar.h"
#include "emulator/auth.h"
#include "emulator/form.h"
#include "emulator/issue.h"
#include "emulator/role.h"
#include "emulator/xml.h"

/* DurationSeconds by default, at least, at most, and where a role assumes another. */
#define DURATION_DEFAULT 3600
#define DURATION_LEAST	 900
#define DURATION_MOST	 43200
#define DURATION_CHAINED 3600

/* An action under way. */
struct action {
	struct visit *visit;
	struct form form;
	struct xml xml;
};

/* ---------------------------------------------------------------- parameters */

/* What the service model says of a parameter. */
struct parameter {
	const char *name;
	bool required;
	size_t low, high; /* characters */
	const char *more; /* characters beside letters, digits and _; NULL: any */
	const char *pattern;
};

/* clang-format off */
static const struct parameter role_arn_parameter = {"RoleArn", true, 20, 2048, NULL, NULL};
static const struct parameter session_parameter = {"RoleSessionName", true, 2, 64, "+=,.@-", "[\\w+=,.@-]*"};
static const struct parameter external_parameter = {"ExternalId", false, 2, 1224, "+=,.@:/-", "[\\w+=,.@:\\/-]*"};
static const struct parameter token_parameter = {"WebIdentityToken", true, 4, 20000, NULL, NULL};
/* clang-format on */

static void invalid(struct action *action, const struct parameter *parameter, const char *value,
	const char *rule)
{
	visit_refuse(action->visit, TROUBLE_ValidationError,
		"1 validation error detected: Value %s%.64s%s at '%c%s' failed to satisfy "
		"constraint: Member must %s",
		value ? "'" : "", value ? value : "null", value ? "'" : "",
		tolower((unsigned char)parameter->name[0]), parameter->name + 1, rule);
}

static bool spelt(const char *text, const char *more)
{
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && *text != '_' && !strchr(more, *text))
			return false;
	return true;
}

/* The value of a parameter; false with the action refused. */
static bool take(struct action *action, const struct parameter *parameter, const char **ret_value)
{
	const char *value = form_get(&action->form, parameter->name);
	char rule[96] = "";

	if (!value && parameter->required)
		snprintf(rule, sizeof(rule), "not be null");
	else if (value && strlen(value) < parameter->low)
		snprintf(rule, sizeof(rule), "have length greater than or equal to %zu",
			parameter->low);
	else if (value && strlen(value) > parameter->high)
		snprintf(rule, sizeof(rule), "have length less than or equal to %zu",
			parameter->high);
	else if (value && parameter->more && !spelt(value, parameter->more))
		snprintf(rule, sizeof(rule), "satisfy regular expression pattern: %s",
			parameter->pattern);
	if (rule[0]) {
		invalid(action, parameter, value, rule);
		return false;
	}
	*ret_value = value;
	return true;
}

/* DurationSeconds; false with the action refused. */
static bool take_duration(struct action *action, const struct role *role, int64_t *ret_life)
{
	static const struct parameter duration = {.name = "DurationSeconds"};
	const char *text = form_get(&action->form, duration.name);
	char *end;
	long life = text ? strtol(text, &end, 10) : DURATION_DEFAULT;

	if (text && (end == text || *end))
		invalid(action, &duration, text, "be a number");
	else if (life < DURATION_LEAST)
		invalid(action, &duration, text, "have value greater than or equal to 900");
	else if (life > DURATION_MOST)
		invalid(action, &duration, text, "have value less than or equal to 43200");
	else if (life > role->session_max)
		visit_refuse(action->visit, TROUBLE_ValidationError,
			"The requested DurationSeconds exceeds the MaxSessionDuration set for this "
			"role.");
	else if (life > DURATION_CHAINED && action->visit->identity.role[0])
		visit_refuse(action->visit, TROUBLE_ValidationError,
			"The requested DurationSeconds exceeds the 1 hour session limit for roles "
			"assumed by role chaining.");
	*ret_life = life;
	return action->visit->trouble == TROUBLE_NONE;
}

/* ---------------------------------------------------------------- replies */

static void open_result(struct action *action, const char *name)
{
	char element[64];

	snprintf(element, sizeof(element), "%sResponse", name);
	xml_open(&action->xml, element, "xmlns=\"" STS_NAMESPACE "\"");
	snprintf(element, sizeof(element), "%sResult", name);
	xml_open(&action->xml, element, NULL);
}

static void close_result(struct action *action, const char *name)
{
	char element[64];

	snprintf(element, sizeof(element), "%sResult", name);
	xml_close(&action->xml, element);
	xml_open(&action->xml, "ResponseMetadata", NULL);
	xml_text(&action->xml, "RequestId", action->visit->reply->request_id);
	xml_close(&action->xml, "ResponseMetadata");
	snprintf(element, sizeof(element), "%sResponse", name);
	xml_close(&action->xml, element);
}

static void write_session(struct action *action, const char *partition,
	const struct credential *credential, int64_t expiration)
{
	char arn[IDENTITY_ARN_SIZE], id[IDENTITY_ID_SIZE], instant[INSTANT_SIZE];
	struct xml *xml = &action->xml;

	identity_session(
		partition, credential->account, credential->role, credential->session, arn, id);
	xml_open(xml, "AssumedRoleUser", NULL);
	xml_text(xml, "AssumedRoleId", id);
	xml_text(xml, "Arn", arn);
	xml_close(xml, "AssumedRoleUser");
	xml_open(xml, "Credentials", NULL);
	xml_text(xml, "AccessKeyId", credential->access_key);
	xml_text(xml, "SecretAccessKey", credential->secret);
	xml_text(xml, "SessionToken", credential->token);
	xml_text(xml, "Expiration", instant_format(expiration, instant));
	xml_close(xml, "Credentials");
}

/* Makes the session and writes it; an issued session is the end of both ways to assume. */
static bool grant(
	struct action *action, const struct role *role, const char *partition, const char *session)
{
	struct issue issue = {role->account, role->name, session, 0};
	struct credential credential;
	int64_t expiration;

	if (!take_duration(action, role, &issue.life))
		return false;
	if (issue_make(action->visit->world, &issue, action->visit->now, &credential, &expiration) <
		0) {
		visit_refuse(action->visit, TROUBLE_InternalFailure,
			"We encountered an internal error. Please try again.");
		return false;
	}
	open_result(action, served_str(action->visit->served));
	write_session(action, partition, &credential, expiration);
	explicit_bzero(&credential, sizeof(credential));
	return true;
}

/* The partition that a role's ARN names, cut to what partitions have. */
static void partition_of(const char *arn, char ret_partition[static 16])
{
	snprintf(ret_partition, 16, "%.*s", (int)strcspn(arn + 4, ":"), arn + 4);
}

/* ---------------------------------------------------------------- actions */

static const struct {
	enum refusal refusal;
	enum trouble trouble;
	const char *message; /* NULL: as it was told */
} refusals[] = {
	{REFUSAL_MissingAuthenticationTokenException, TROUBLE_MissingAuthenticationToken,
		"Request is missing Authentication Token"},
	{REFUSAL_UnrecognizedClientException, TROUBLE_InvalidClientTokenId, NULL},
	{REFUSAL_ExpiredTokenException, TROUBLE_ExpiredToken, NULL},
	{REFUSAL_IncompleteSignature, TROUBLE_IncompleteSignature, NULL},
};

/* Whether the request is signed by someone known; refused otherwise. */
static bool authenticate(struct visit *visit)
{
	char message[AUTH_MESSAGE_SIZE];
	enum refusal refusal = auth_check(
		visit->world, visit->request, "sts", visit->now, &visit->identity, message);

	if (refusal == REFUSAL_NONE)
		return true;
	for (size_t i = 0; i < ARRAY_LENGTH(refusals); i++)
		if (refusals[i].refusal == refusal) {
			visit_refuse(visit, refusals[i].trouble, "%s",
				refusals[i].message ? refusals[i].message : message);
			return false;
		}
	/* A wrong clock is a wrong signature to STS. */
	visit_refuse(visit, TROUBLE_SignatureDoesNotMatch, "%s", message);
	return false;
}

static void assume_role(struct action *action)
{
	struct visit *visit = action->visit;
	const char *arn, *session, *external;
	const struct role *role;
	char partition[16];

	if (!authenticate(visit) || !take(action, &role_arn_parameter, &arn) ||
		!take(action, &session_parameter, &session) ||
		!take(action, &external_parameter, &external))
		return;
	if (!role_arn_valid(arn)) {
		visit_refuse(visit, TROUBLE_ValidationError, "%.256s is invalid", arn);
		return;
	}
	role = role_of_arn(visit->world, arn);
	if (!role || !role_trusts(role, &visit->identity, external)) {
		visit_refuse(visit, TROUBLE_AccessDenied,
			"User: %s is not authorized to perform: sts:AssumeRole on resource: %.256s",
			visit->identity.arn, arn);
		return;
	}
	partition_of(arn, partition);
	if (grant(action, role, partition, session))
		close_result(action, served_str(visit->served));
}

/* Whether the token is the provider's; refused otherwise. */
static bool check_web_token(struct visit *visit, const char *token)
{
	const char *known = visit->world->settings.web_identity_token;

	if (known[0] && strcmp(token, known) == 0)
		return true;
	visit_refuse(visit, TROUBLE_InvalidIdentityToken,
		"The ID Token provided is not a valid JWT. (You may see this error if you sent an "
		"Access Token)");
	return false;
}

static void assume_role_with_web_identity(struct action *action)
{
	struct visit *visit = action->visit;
	const char *arn, *session, *token;
	const struct role *role;
	char partition[16];

	if (!take(action, &role_arn_parameter, &arn) ||
		!take(action, &session_parameter, &session) ||
		!take(action, &token_parameter, &token) || !check_web_token(visit, token))
		return;
	role = role_arn_valid(arn) ? role_of_arn(visit->world, arn) : NULL;
	if (!role || !role->web) {
		visit_refuse(visit, TROUBLE_AccessDenied,
			"Not authorized to perform sts:AssumeRoleWithWebIdentity");
		return;
	}
	partition_of(arn, partition);
	if (!grant(action, role, partition, session))
		return;
	xml_text(&action->xml, "SubjectFromWebIdentityToken",
		"system:serviceaccount:emulator:" WORLD_USER);
	xml_text(&action->xml, "Audience", "sts.amazonaws.com");
	xml_text(&action->xml, "Provider",
		"arn:aws:iam::" WORLD_ACCOUNT ":oidc-provider/oidc.example.com");
	close_result(action, served_str(visit->served));
}

static void get_caller_identity(struct action *action)
{
	struct visit *visit = action->visit;
	const char *name = served_str(visit->served);

	if (!authenticate(visit))
		return;
	open_result(action, name);
	xml_text(&action->xml, "Arn", visit->identity.arn);
	xml_text(&action->xml, "UserId", visit->identity.user_id);
	xml_text(&action->xml, "Account", visit->identity.account);
	close_result(action, name);
}

static void unknown_action(struct action *action)
{
	const char *name = form_get(&action->form, "Action"),
		   *version = form_get(&action->form, "Version");

	if (!name)
		visit_refuse(action->visit, TROUBLE_MissingAction,
			"The request must contain the parameter Action");
	else
		visit_refuse(action->visit, TROUBLE_InvalidAction,
			"Could not find operation %.64s for version %.32s", name,
			version ? version : "NO_VERSION_SPECIFIED");
}

/* ---------------------------------------------------------------- the host */

static bool sts_takes(const struct world *world, const struct sigv4_request *request)
{
	const char *type = sigv4_header(request, "content-type");

	(void)world;
	return strcmp(request->method, "POST") == 0 && strcmp(request->path, "/") == 0 && type &&
	       strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0;
}

static enum served sts_name(const struct visit *visit)
{
	enum served served = SERVED_UNKNOWN_ACTION;
	struct form form;

	if (form_parse(visit->request->body, visit->request->body_length, &form) == 0) {
		const char *name = form_get(&form, "Action"), *version = form_get(&form, "Version");

		if (name && version && strcmp(version, STS_VERSION) == 0)
			served = served_parse(name);
	}
	form_done(&form);
	return served == SERVED_ASSUME_ROLE || served == SERVED_ASSUME_ROLE_WITH_WEB_IDENTITY ||
			       served == SERVED_GET_CALLER_IDENTITY
		       ? served
		       : SERVED_UNKNOWN_ACTION;
}

static void sts_run(struct visit *visit)
{
	static void (*const actions[SERVED_KINDS])(struct action * action) = {
		[SERVED_ASSUME_ROLE] = assume_role,
		[SERVED_ASSUME_ROLE_WITH_WEB_IDENTITY] = assume_role_with_web_identity,
		[SERVED_GET_CALLER_IDENTITY] = get_caller_identity,
		[SERVED_UNKNOWN_ACTION] = unknown_action,
	};
	struct action action = {.visit = visit, .xml = {.buffer = &visit->reply->body}};

	visit->reply->content_type = "text/xml";
	if (form_parse(visit->request->body, visit->request->body_length, &action.form) < 0)
		visit_refuse(visit, TROUBLE_InternalFailure, "out of memory");
	else
		actions[visit->served](&action);
	form_done(&action.form);
}

static void sts_refuse(struct visit *visit)
{
	struct xml xml = {.buffer = &visit->reply->body};

	visit->reply->content_type = "text/xml";
	xml_open(&xml, "ErrorResponse", "xmlns=\"" STS_NAMESPACE "\"");
	xml_open(&xml, "Error", NULL);
	xml_text(&xml, "Type", trouble_status(visit->trouble) < 500 ? "Sender" : "Receiver");
	xml_text(&xml, "Code", trouble_str(visit->trouble));
	xml_text(&xml, "Message", visit->message);
	xml_close(&xml, "Error");
	xml_text(&xml, "RequestId", visit->reply->request_id);
	xml_close(&xml, "ErrorResponse");
}

const struct visit_host sts_host = {sts_takes, sts_name, sts_run, sts_refuse};
