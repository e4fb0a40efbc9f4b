/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/credentials-container.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "edge/credentials-json.h"
#include "edge/environment.h"
#include "edge/fetch.h"
#include "edge/file.h"
#include "edge/http-url.h"

#define RELATIVE   "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
#define FULL	   "AWS_CONTAINER_CREDENTIALS_FULL_URI"
#define TOKEN	   "AWS_CONTAINER_AUTHORIZATION_TOKEN"
#define TOKEN_FILE "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"

/* Where AWS hands out keys over plain http. */
static const char *const hosts[] = {"169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"};

static const struct credentials_members members = {
	"AccessKeyId", "SecretAccessKey", "Token", "Expiration", false};

static bool host_known(const char *host)
{
	for (size_t i = 0; i < ARRAY_LENGTH(hosts); i++)
		if (strcmp(hosts[i], host) == 0)
			return true;
	return false;
}

/* Where to ask. The URL may be as good as a key: no message quotes it. */
static int take_url(char *ret_url, size_t size, struct fetch *fetch, struct error *error)
{
	const char *relative = environment_text(RELATIVE), *full = environment_text(FULL);
	const char *name = relative ? RELATIVE : FULL;
	struct http_url url;
	int length;

	if (relative && *relative != '/')
		return error_set(error, ERROR_INVALID, "%s does not begin with \"/\"", name);
	length = snprintf(ret_url, size, "%s%s", relative ? "http://169.254.170.2" : "",
		relative ? relative : full);
	if (length < 0 || (size_t)length >= size || http_url_parse(ret_url, &url) < 0 || url.user)
		return error_set(error, ERROR_INVALID,
			"%s is not a URL without a user name, of at most %zu characters", name,
			size - 1);
	fetch->loopback = http_host_loopback(url.host);
	fetch->link = host_known(url.host);
	if (strcmp(url.scheme, "https") != 0 &&
		!(strcmp(url.scheme, "http") == 0 && (fetch->loopback || fetch->link)))
		return error_set(error, ERROR_INVALID,
			"%s is %s:// to %s; plain http is allowed to localhost, 127.0.0.0/8, "
			"[::1], 169.254.170.2, 169.254.170.23 and [fd00:ec2::23] only, https to "
			"any host",
			name, url.scheme, url.host);
	return 0;
}

/* The value of the Authorization header; a line break in it would smuggle in another header. */
static int take_token(struct secret *ret_token, struct error *error)
{
	const char *file = environment_text(TOKEN_FILE), *text = environment_text(TOKEN);
	struct buffer read;
	int r = 0;

	buffer_init(&read, SECRET_MAX);
	if (file)
		r = file_read(file, &read, error);
	if (r == 0 && file)
		text = buffer_text(&read);
	if (r == 0 && text && strpbrk(text, "\r\n"))
		r = error_set(error, ERROR_INVALID,
			"%s holds a line break, which a header cannot (its value is not shown)",
			file ? file : TOKEN);
	else if (r == 0 && file && read.length == 0)
		r = error_set(error, ERROR_INVALID, "%s: the token is empty", file);
	else if (r == 0 && text && secret_set(ret_token, text) < 0)
		r = error_set(error, ERROR_LIMIT, "%s is longer than %d characters",
			file ? file : TOKEN, SECRET_MAX);
	buffer_wipe(&read);
	return r == -ERROR_MISSING ? -ERROR_INVALID : r;
}

static int take_reply(const struct http_reply *reply, const char *host,
	struct credentials *ret_credentials, struct error *error)
{
	CLEANUP(json_free_ptr) json_t *value = NULL;
	int r;

	if (reply->status != 200) {
		r = fetch_refused(reply, error);
		error_prefix(error, "%s", host);
		return r;
	}
	r = json_parse(buffer_text(&reply->body), reply->body.length, &value, error);
	if (r < 0) {
		error_prefix(error, "the reply of %s", host);
		return r;
	}
	return credentials_from_json(value, &members, "the reply", ret_credentials, error);
}

int credentials_container_load(
	void *context, struct credentials *ret_credentials, struct error *error)
{
	const struct credentials_setting *setting = context;
	char url[FETCH_URL_MAX], host[300];
	struct secret token = {0};
	struct http_header header = {"Authorization", NULL};
	struct http_reply reply = {0};
	struct fetch request = {.method = HTTP_GET,
		.url = url,
		.direct = true,
		.headers = &header,
		.headers_count = 1,
		.timeout_ms = CREDENTIALS_CONTAINER_MS,
		.attempts = CREDENTIALS_CONTAINER_ATTEMPTS,
		.pause_ms = CREDENTIALS_CONTAINER_PAUSE_MS,
		.bundle = environment_text("AWS_CA_BUNDLE"),
		.stop = setting->stop};
	int r;

	if (!environment_text(RELATIVE) && !environment_text(FULL))
		return error_set(error, ERROR_MISSING, "neither " RELATIVE " nor " FULL " is set");
	r = take_url(url, sizeof(url), &request, error);
	if (r == 0)
		r = take_token(&token, error);
	header.value = token.text;
	if (r == 0)
		r = fetch(&request, &reply, error);
	if (r == 0) {
		(void)fetch_host(url, host, sizeof(host));
		r = take_reply(&reply, host, ret_credentials, error);
	}
	http_reply_done(&reply);
	secret_done(&token);
	explicit_bzero(url, sizeof(url));
	return r;
}
