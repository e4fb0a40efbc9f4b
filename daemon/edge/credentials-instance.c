/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/credentials-instance.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "edge/clock.h"
#include "edge/credentials-json.h"
#include "edge/environment.h"
#include "edge/fetch.h"
#include "edge/http-url.h"
#include "edge/profile.h"

#define IPV4  "http://169.254.169.254"
#define IPV6  "http://[fd00:ec2::254]"
#define ROLES "/latest/meta-data/iam/security-credentials/"
/* Seconds that a session's token lives (its maximum): a header's value. */
#define TOKEN_TTL "21600"
/* Most that the variables may ask for. */
#define TIMEOUT_MAX 60
/* A name of a role has 64 characters. Bytes. */
#define ROLE_SIZE 129
/* Who says something, for messages, cut. Bytes. */
#define SOURCE_SIZE 160

static const struct credentials_members members = {
	"AccessKeyId", "SecretAccessKey", "Token", "Expiration", false};

/* What a variable or, without it, a key of the profile says. */
struct said {
	const char *text; /* borrowed; NULL: neither */
	char source[SOURCE_SIZE];
};

/* The service, and our session with it. */
struct session {
	const struct profiles *profiles;
	const char *profile;
	char base[FETCH_URL_MAX];
	bool loopback, link;
	bool named; /* an endpoint was configured: that nobody answers there is an error */
	int64_t timeout_ms;
	unsigned attempts;
	const atomic_bool *stop;
	struct secret token;
	struct error *error;
};

static struct said said_by(const struct session *session, const char *variable, const char *key)
{
	struct said said = {.text = environment_text(variable)};

	snprintf(said.source, sizeof(said.source), "%s", variable);
	if (said.text)
		return said;
	said.text = profiles_text(session->profiles, PROFILE_PROFILE, session->profile, key);
	if (said.text && !*said.text)
		said.text = NULL;
	snprintf(said.source, sizeof(said.source), "%s of the profile %s", key, session->profile);
	return said;
}

static int take_number(const struct session *session, const char *variable, const char *key,
	long most, long *number)
{
	struct said said = said_by(session, variable, key);
	char *end = NULL;
	long value = said.text ? strtol(said.text, &end, 10) : *number;

	if (said.text && (*end || value < 1))
		return error_set(session->error, ERROR_INVALID,
			"%s is '%.32s'; it takes a number from 1 on", said.source, said.text);
	*number = value < most ? value : most;
	return 0;
}

static int take_endpoint(struct session *session)
{
	struct said endpoint = said_by(
		session, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
	struct said mode = said_by(session, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
		"ec2_metadata_service_endpoint_mode");
	const char *named = endpoint.text;
	struct http_url url;
	size_t length;

	if (!named && mode.text && strcasecmp(mode.text, "ipv4") != 0 &&
		strcasecmp(mode.text, "ipv6") != 0)
		return error_set(
			session->error, ERROR_INVALID, "%s is neither IPv4 nor IPv6", mode.source);
	session->named = named != NULL;
	if (!named)
		named = mode.text && strcasecmp(mode.text, "ipv6") == 0 ? IPV6 : IPV4;
	length = strlen(named);
	while (length > 0 && named[length - 1] == '/')
		length--;
	if (length > FETCH_URL_MAX / 2 || http_url_parse(named, &url) < 0 || url.user || !url.bare)
		return error_set(session->error, ERROR_INVALID,
			"%s is not scheme, host and port alone, as in " IPV4, endpoint.source);
	memcpy(session->base, named, length);
	session->base[length] = '\0';
	session->loopback = http_host_loopback(url.host);
	session->link =
		strncmp(url.host, "169.254.", 8) == 0 || strcmp(url.host, "[fd00:ec2::254]") == 0;
	if (!session->loopback && !session->link)
		return error_set(session->error, ERROR_INVALID,
			"%s is neither this host nor an address of this link (169.254.0.0/16, "
			"[fd00:ec2::254])",
			endpoint.source);
	return 0;
}

static int ask(struct session *session, enum http_method method, const char *path, const char *more,
	struct http_reply *ret_reply)
{
	char url[FETCH_URL_MAX];
	const struct http_header headers[] = {
		{"X-aws-ec2-metadata-token", secret_text(&session->token)},
		{"x-aws-ec2-metadata-token-ttl-seconds", TOKEN_TTL}};
	const struct fetch request = {.method = method,
		.url = url,
		.loopback = session->loopback,
		.link = session->link,
		.headers = &headers[method == HTTP_PUT],
		.headers_count = 1,
		.timeout_ms = session->timeout_ms,
		.attempts = session->attempts,
		.stop = session->stop};

	snprintf(url, sizeof(url), "%s%s%s", session->base, path, more);
	return fetch(&request, ret_reply, session->error);
}

static int open_session(struct session *session)
{
	struct http_reply reply = {0};
	int r = ask(session, HTTP_PUT, "/latest/api/token", "", &reply);

	if ((r == -ERROR_NETWORK || r == -ERROR_TIMEOUT) && !session->named)
		r = error_set(
			session->error, ERROR_MISSING, "no instance metadata service answers");
	else if (r == 0 && reply.status != 200) {
		fetch_refused(&reply, session->error);
		r = error_prefix(session->error, "no session with version 2 (the only one used)");
	} else if (r == 0)
		r = credentials_set_secret(&session->token, buffer_text(&reply.body),
			"the token of the session", session->error);
	http_reply_done(&reply);
	return r;
}

static int take_role(struct session *session, char ret_role[static ROLE_SIZE])
{
	struct http_reply reply = {0};
	int r = ask(session, HTTP_GET, ROLES, "", &reply);
	size_t length = r == 0 ? strcspn(buffer_text(&reply.body), "\r\n") : 0;

	if (r == 0 && (reply.status == 404 || (reply.status == 200 && length == 0)))
		r = error_set(session->error, ERROR_MISSING, "the instance has no role");
	else if (r == 0 && reply.status != 200)
		r = fetch_refused(&reply, session->error);
	else if (r == 0 && (length >= ROLE_SIZE ||
				   strspn(buffer_text(&reply.body),
					   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					   "0123456789+=,.@_-") < length))
		r = error_set(session->error, ERROR_INVALID, "what it names is no role");
	else if (r == 0)
		snprintf(ret_role, ROLE_SIZE, "%.*s", (int)length, buffer_text(&reply.body));
	http_reply_done(&reply);
	return r;
}

int64_t credentials_instance_expiry(int64_t expires, int64_t now, uint32_t random)
{
	int64_t span = CREDENTIALS_INSTANCE_JITTER_MAX - CREDENTIALS_INSTANCE_JITTER_MIN;
	int64_t jitter = (int64_t)((double)random / (double)UINT32_MAX * (double)span);

	if (expires == 0 || expires - now >= CREDENTIALS_INSTANCE_STABLE)
		return expires;
	return now + CREDENTIALS_INSTANCE_STABLE + CREDENTIALS_INSTANCE_JITTER_MIN + jitter;
}

static int take_keys(struct session *session, const char *role, struct credentials *ret_credentials)
{
	CLEANUP(json_free_ptr) json_t *value = NULL;
	struct http_reply reply = {0};
	uint32_t random = 0;
	int r = ask(session, HTTP_GET, ROLES, role, &reply);
	const char *code;

	if (r == 0 && reply.status != 200)
		r = fetch_refused(&reply, session->error);
	else if (r == 0)
		r = json_parse(buffer_text(&reply.body), reply.body.length, &value, session->error);
	code = json_member_text(value, "Code");
	if (r == 0 && code && strcmp(code, "Success") != 0)
		r = fetch_refused(&reply, session->error);
	if (r == 0)
		r = credentials_from_json(
			value, &members, "the reply", ret_credentials, session->error);
	http_reply_done(&reply);
	if (r < 0)
		return r;
	(void)!getrandom(&random, sizeof(random), GRND_NONBLOCK);
	ret_credentials->expires =
		credentials_instance_expiry(ret_credentials->expires, clock_now(), random);
	return 0;
}

int credentials_instance_load(
	void *context, struct credentials *ret_credentials, struct error *error)
{
	const struct credentials_setting *setting = context;
	CLEANUP(profiles_free_ptr) struct profiles *profiles = NULL;
	long timeout = 1, attempts = 1;
	struct session session = {
		.profile = profile_name(setting->profile), .stop = setting->stop, .error = error};
	char role[ROLE_SIZE] = "";
	int r;

	if (environment_true("AWS_EC2_METADATA_DISABLED"))
		return error_set(error, ERROR_MISSING, "AWS_EC2_METADATA_DISABLED is true");
	r = profiles_load(&profiles, error);
	if (r < 0)
		return r;
	session.profiles = profiles;
	r = take_number(&session, "AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout",
		TIMEOUT_MAX, &timeout);
	if (r == 0)
		r = take_number(&session, "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
			"metadata_service_num_attempts", FETCH_ATTEMPTS_MAX, &attempts);
	session.timeout_ms = timeout * 1000;
	session.attempts = (unsigned)attempts;
	if (r == 0)
		r = take_endpoint(&session);
	if (r == 0)
		r = open_session(&session);
	if (r == 0)
		r = take_role(&session, role);
	if (r == 0)
		r = take_keys(&session, role, ret_credentials);
	secret_done(&session.token);
	return r;
}
