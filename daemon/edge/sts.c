/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/sts.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/array.h"
#include "base/calendar.h"
#include "base/text.h"
#include "edge/clock.h"
#include "edge/endpoint.h"
#include "edge/http.h"
#include "edge/retry.h"
#include "edge/xml.h"

#define CONTENT_TYPE "application/x-www-form-urlencoded; charset=utf-8"
/* A form: a web identity token, each of its characters as three, and the rest. Bytes. */
#define FORM_MAX ((size_t)3 * SECRET_MAX + 8192)
/* Codes and messages of STS, cut. Bytes. */
#define CODE_SIZE    64
#define MESSAGE_SIZE 256
/* First wait between two attempts; doubled, and a random part of it is waited. Milliseconds. */
#define BACKOFF_MS INT64_C(500)
/* Characters of a secret by which a message that quotes it is known. */
#define SECRET_TELL 12

/* A code of STS: what it means, and whether the same call may succeed in a moment. */
static const struct {
	const char *code;
	bool again;
	const char *hint;
} codes[] = {
	{"ExpiredTokenException", false, "the token has ended: provide a new one"},
	{"ExpiredToken", false, "the keys that ask for the role have ended"},
	{"IDPCommunicationError", true, "STS could not reach the identity provider"},
	{"IDPRejectedClaim", false,
		"the identity provider rejects the token: has it been revoked?"},
	{"InvalidIdentityToken", false,
		"the token is not taken: check its audience and the identity provider in IAM"},
	{"MalformedPolicyDocument", false, "the policy of the session is malformed"},
	{"PackedPolicyTooLarge", false, "policies and tags of the session are too large"},
	{"RegionDisabledException", false,
		"STS is not activated in this Region: activate it in IAM, or set AWS_REGION"},
	{"AccessDenied", false,
		"the trust policy of the role must allow this identity, and the external id must "
		"be the one it asks for"},
	{"ValidationError", false, "check role, session name, external id and duration"},
	{"InvalidClientTokenId", false, "the access key is not known or not active"},
	{"SignatureDoesNotMatch", false, "check the secret access key, and the clock of this host"},
	{"Throttling", true, "too many requests"},
	{"ServiceUnavailable", true, "STS is not available"},
	{"InternalFailure", true, "STS failed"},
};

/* One call under way. */
struct call {
	const struct credentials_setting *setting;
	const struct credentials *credentials; /* NULL: not signed */
	const struct secret *token;	       /* that the form holds; NULL: none */
	const char *action;
	struct buffer form;
	struct endpoint endpoint;
	struct retry retry; /* of this call alone: for the time that is signed */
	int64_t signed_at;  /* that the last request was signed with */
	bool again;	    /* what failed may succeed in a moment */
	struct error *error;
};

/* ---- the form ---- */

static void form_add(struct buffer *form, const char *name, const char *value)
{
	if (!value)
		return;
	buffer_printf(form, "&%s=", name);
	for (; *value; value++)
		if (isalnum((unsigned char)*value) || strchr("-_.~", *value))
			buffer_append(form, value, 1);
		else
			buffer_printf(form, "%%%02X", (unsigned char)*value);
}

void sts_session_name(char ret_name[static STS_SESSION_MAX + 1])
{
	char host[STS_SESSION_MAX + 1] = "";

	if (gethostname(host, sizeof(host) - 1) < 0 || !host[0])
		text_copy("host", host, sizeof(host));
	for (char *at = host; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("=,.@-_+", *at))
			*at = '-';
	snprintf(ret_name, STS_SESSION_MAX + 1, "ldapsward-%.*s",
		STS_SESSION_MAX - (int)sizeof("ldapsward-") + 1, host);
}

static void form_role(struct buffer *form, const struct sts_role *role)
{
	char session[STS_SESSION_MAX + 1], duration[32];

	sts_session_name(session);
	snprintf(duration, sizeof(duration), "%" PRId64,
		role->duration ? role->duration : STS_DURATION_DEFAULT);
	form_add(form, "RoleArn", role->arn);
	form_add(form, "RoleSessionName", role->session_name ? role->session_name : session);
	form_add(form, "DurationSeconds", duration);
	form_add(form, "ExternalId", role->external_id);
}

/* ---- the reply ---- */

static const char *hint_of(struct call *call, const char *code)
{
	for (size_t i = 0; i < ARRAY_LENGTH(codes); i++)
		if (strcmp(codes[i].code, code) == 0) {
			call->again = codes[i].again;
			return codes[i].hint;
		}
	return NULL;
}

/* A message that repeats a secret is dropped. */
static void hide(const struct secret *secret, char *message)
{
	char tell[SECRET_TELL + 1];

	if (!secret || secret->length < SECRET_TELL)
		return;
	memcpy(tell, secret->text, SECRET_TELL);
	tell[SECRET_TELL] = '\0';
	if (strstr(message, tell))
		message[0] = '\0';
	explicit_bzero(tell, sizeof(tell));
}

static int refused(struct call *call, const struct http_reply *reply)
{
	struct secret code = {0}, message = {0};
	const struct xml_wish wishes[] = {
		{"ErrorResponse/Error/Code", &code}, {"ErrorResponse/Error/Message", &message}};
	char code_text[CODE_SIZE], text[MESSAGE_SIZE];
	const char *hint;

	(void)xml_texts(
		buffer_text(&reply->body), reply->body.length, wishes, ARRAY_LENGTH(wishes), NULL);
	text_copy(secret_text(&code), code_text, sizeof(code_text));
	text_copy(secret_text(&message), text, sizeof(text));
	secret_done(&code);
	secret_done(&message);
	text_clean(code_text);
	text_clean(text);
	hide(call->token, text);
	hide(call->credentials ? &call->credentials->secret : NULL, text);
	hide(call->credentials ? &call->credentials->token : NULL, text);
	call->again = reply->status >= 500 || reply->status == 429;
	hint = hint_of(call, code_text);
	/* a wrong time is a wrong signature to STS */
	if (call->credentials &&
		retry_mistimed(&call->retry, call->signed_at, reply->date, reply->skew))
		call->again = true;
	if (!code_text[0])
		return error_set(call->error, call->again ? ERROR_SERVICE : ERROR_REFUSED,
			"HTTP status %ld without an error code", reply->status);
	return error_set(call->error, call->again ? ERROR_SERVICE : ERROR_REFUSED, "%s%s%s%s%s%s",
		code_text, text[0] ? ": " : "", text, hint ? " (" : "", hint ? hint : "",
		hint ? ")" : "");
}

/* ---- one call ---- */

static int attempt(struct call *call, struct http *http, struct http_reply *ret_reply)
{
	const struct http_request request = {.url = call->endpoint.url,
		.host = call->endpoint.host,
		.loopback = call->endpoint.loopback,
		.service = "sts",
		.region = call->endpoint.region,
		.content_type = CONTENT_TYPE,
		.body = buffer_text(&call->form),
		.body_length = call->form.length,
		.credentials = call->credentials,
		.date = retry_date(&call->retry)};
	int r = http_post(http, &request, ret_reply, call->error);

	call->signed_at = request.date;
	call->again = r == -ERROR_NETWORK || r == -ERROR_TIMEOUT;
	if (r == 0 && ret_reply->status != 200)
		r = refused(call, ret_reply);
	return r;
}

/* A random part of it, so that hosts that failed together do not come back together. */
static void wait_before(unsigned attempt)
{
	uint32_t random = UINT32_MAX / 2;

	(void)!getrandom(&random, sizeof(random), GRND_NONBLOCK);
	clock_sleep_ms((int64_t)((double)random / (double)UINT32_MAX *
				 (double)(BACKOFF_MS << (attempt - 1))));
}

static int call_send(struct call *call, struct http_reply *ret_reply)
{
	struct http *http = http_new(NULL, NULL, call->endpoint.bundle, call->setting->stop);
	int64_t end = clock_monotonic_ms() + STS_CALL_MS;
	int r = http ? 0 : error_set(call->error, ERROR_MEMORY, "out of memory");

	for (unsigned i = 1; http; i++) {
		r = attempt(call, http, ret_reply);
		if (r == 0 || !call->again || i == STS_ATTEMPTS || clock_monotonic_ms() >= end)
			break;
		http_reply_done(ret_reply);
		wait_before(i);
	}
	http_free(http);
	return r;
}

/* Sends the form and takes what is wished for. */
static int call_run(struct call *call, const struct xml_wish *wishes, size_t count)
{
	struct http_reply reply = {0};
	int r = endpoint_resolve(&(struct endpoint_wish){.service = ENDPOINT_STS,
					 .url = call->setting->sts_endpoint,
					 .profile = call->setting->profile,
					 .fallback = call->setting->region},
		&call->endpoint, call->error);

	if (r == 0 && buffer_status(&call->form) < 0)
		r = error_set(call->error, ERROR_LIMIT, "the request is too long");
	if (r == 0)
		r = call_send(call, &reply);
	if (r == 0 && (xml_texts(buffer_text(&reply.body), reply.body.length, wishes, count,
			       call->error) < 0))
		r = error_set(call->error, ERROR_CORRUPT, "the reply makes no sense");
	http_reply_done(&reply);
	buffer_wipe(&call->form);
	if (r == -ERROR_MISSING) /* no Region: that is broken, not left out */
		r = -ERROR_INVALID;
	if (r < 0) {
		error_prefix(call->error, "%s of STS%s%s", call->action,
			call->endpoint.host[0] ? " at " : "", call->endpoint.host);
		call->error->code = r;
	}
	return r;
}

static void call_begin(struct call *call)
{
	retry_init(&call->retry);
	buffer_init(&call->form, FORM_MAX);
	buffer_printf(&call->form, "Action=%s&Version=2011-06-15", call->action);
}

/* Keys of the result of an action. */
static int call_credentials(
	struct call *call, const char *result, struct credentials *ret_credentials)
{
	static const char *const names[] = {
		"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"};
	struct credentials credentials = {0};
	struct secret id = {0}, expires = {0};
	char paths[ARRAY_LENGTH(names)][128];
	const struct xml_wish wishes[] = {{paths[0], &id}, {paths[1], &credentials.secret},
		{paths[2], &credentials.token}, {paths[3], &expires}};
	int r;

	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		snprintf(paths[i], sizeof(paths[i]), "%sResponse/%sResult/Credentials/%s", result,
			result, names[i]);
	r = call_run(call, wishes, ARRAY_LENGTH(wishes));
	if (r == 0)
		r = credentials_set_key_id(
			&credentials, secret_text(&id), "AccessKeyId of STS", call->error);
	if (r == 0 && (!id.length || !credentials.secret.length || !credentials.token.length ||
			      instant_parse_zone(secret_text(&expires), &credentials.expires) < 0))
		r = error_set(call->error, ERROR_CORRUPT,
			"%s of STS at %s: the reply lacks keys, token or a readable expiry",
			call->action, call->endpoint.host);
	secret_done(&id);
	secret_done(&expires);
	if (r < 0)
		credentials_done(&credentials);
	else
		*ret_credentials = credentials;
	return r;
}

int sts_assume_role(const struct credentials_setting *setting, const struct credentials *source,
	const struct sts_role *role, struct credentials *ret_credentials, struct error *error)
{
	struct call call = {
		.setting = setting, .credentials = source, .action = "AssumeRole", .error = error};
	int r;

	call_begin(&call);
	form_role(&call.form, role);
	r = call_credentials(&call, "AssumeRole", ret_credentials);
	if (r < 0)
		error_prefix(error, "role %s", role->arn);
	return r;
}

int sts_assume_role_with_web_identity(const struct credentials_setting *setting,
	const struct sts_role *role, const struct secret *token,
	struct credentials *ret_credentials, struct error *error)
{
	struct call call = {.setting = setting,
		.token = token,
		.action = "AssumeRoleWithWebIdentity",
		.error = error};
	int r;

	call_begin(&call);
	form_role(&call.form, role);
	form_add(&call.form, "WebIdentityToken", secret_text(token));
	r = call_credentials(&call, "AssumeRoleWithWebIdentity", ret_credentials);
	if (r < 0)
		error_prefix(error, "role %s", role->arn);
	return r;
}

int sts_account(const struct credentials_setting *setting, const struct credentials *credentials,
	char ret_account[static STS_ACCOUNT_SIZE], struct error *error)
{
	struct call call = {.setting = setting,
		.credentials = credentials,
		.action = "GetCallerIdentity",
		.error = error};
	struct secret account = {0};
	const struct xml_wish wishes[] = {
		{"GetCallerIdentityResponse/GetCallerIdentityResult/Account", &account}};
	int r;

	call_begin(&call);
	r = call_run(&call, wishes, ARRAY_LENGTH(wishes));
	if (r == 0 && (account.length != STS_ACCOUNT_SIZE - 1 ||
			      strspn(account.text, "0123456789") != account.length))
		r = error_set(error, ERROR_CORRUPT, "%s of STS at %s: the reply names no account",
			call.action, call.endpoint.host);
	if (r == 0)
		memcpy(ret_account, account.text, STS_ACCOUNT_SIZE);
	secret_done(&account);
	return r;
}
