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

#define ENDPOINT "AWS_EC2_METADATA_SERVICE_ENDPOINT"
#define MODE	 "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"
#define IPV4	 "http://169.254.169.254"
#define IPV6	 "http://[fd00:ec2::254]"
#define ROLES	 "/latest/meta-data/iam/security-credentials/"
/* Seconds that a session's token lives (its maximum): a header's value. */
#define TOKEN_TTL "21600"
/* Most that the variables may ask for. */
#define TIMEOUT_MAX 60
/* A name of a role has 64 characters. Bytes. */
#define ROLE_SIZE 129

static const struct credentials_members members = {
	"AccessKeyId", "SecretAccessKey", "Token", "Expiration", false};

/* The service, and our session with it. */
struct session {
	char base[FETCH_URL_MAX];
	bool loopback, link;
	bool named; /* an endpoint was configured: that nobody answers there is an error */
	int64_t timeout_ms;
	unsigned attempts;
	const atomic_bool *stop;
	struct secret token;
	struct error *error;
};

static int take_number(const char *name, long most, long *number, struct error *error)
{
	const char *text = environment_text(name);
	char *end = NULL;
	long value = text ? strtol(text, &end, 10) : *number;

	if (text && (*end || value < 1))
		return error_set(error, ERROR_INVALID, "%s is '%.32s'; it takes a number from 1 on",
			name, text);
	*number = value < most ? value : most;
	return 0;
}

static int take_endpoint(struct session *session)
{
	const char *named = environment_text(ENDPOINT), *mode = environment_text(MODE);
	struct http_url url;
	size_t length;

	if (!named && mode && strcasecmp(mode, "ipv4") != 0 && strcasecmp(mode, "ipv6") != 0)
		return error_set(session->error, ERROR_INVALID, MODE " is neither IPv4 nor IPv6");
	session->named = named != NULL;
	if (!named)
		named = mode && strcasecmp(mode, "ipv6") == 0 ? IPV6 : IPV4;
	length = strlen(named);
	while (length > 0 && named[length - 1] == '/')
		length--;
	if (length > FETCH_URL_MAX / 2 || http_url_parse(named, &url) < 0 || url.user || !url.bare)
		return error_set(session->error, ERROR_INVALID,
			ENDPOINT " is not scheme, host and port alone, as in " IPV4);
	memcpy(session->base, named, length);
	session->base[length] = '\0';
	session->loopback = http_host_loopback(url.host);
	session->link =
		strncmp(url.host, "169.254.", 8) == 0 || strcmp(url.host, "[fd00:ec2::254]") == 0;
	if (!session->loopback && !session->link)
		return error_set(session->error, ERROR_INVALID,
			ENDPOINT
			" is neither this host nor an address of this link (169.254.0.0/16, "
			"[fd00:ec2::254])");
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
	long timeout = 1, attempts = 1;
	struct session session = {.stop = setting->stop, .error = error};
	char role[ROLE_SIZE] = "";
	int r;

	if (environment_true("AWS_EC2_METADATA_DISABLED"))
		return error_set(error, ERROR_MISSING, "AWS_EC2_METADATA_DISABLED is true");
	r = take_number("AWS_METADATA_SERVICE_TIMEOUT", TIMEOUT_MAX, &timeout, error);
	if (r == 0)
		r = take_number(
			"AWS_METADATA_SERVICE_NUM_ATTEMPTS", FETCH_ATTEMPTS_MAX, &attempts, error);
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
