/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/credentials.h"

#include <string.h>

#include "base/calendar.h"
#include "edge/environment.h"

#define WORD_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

void credentials_done(struct credentials *credentials)
{
	if (!credentials)
		return;
	secret_done(&credentials->secret);
	secret_done(&credentials->token);
	explicit_bzero(credentials, sizeof(*credentials));
}

bool credentials_equal(const struct credentials *a, const struct credentials *b)
{
	return strcmp(a->access_key_id, b->access_key_id) == 0 &&
	       strcmp(secret_text(&a->secret), secret_text(&b->secret)) == 0 &&
	       strcmp(secret_text(&a->token), secret_text(&b->token)) == 0;
}

/* A line break in a key would smuggle a header into the request; no key has a space either. */
static bool visible(const char *text)
{
	for (; *text; text++)
		if (*text < '!' || *text > '~')
			return false;
	return true;
}

static int take_secret(
	const char *name, const char *value, struct secret *ret_secret, struct error *error)
{
	int r;

	if (!visible(value))
		return error_set(error, ERROR_INVALID,
			"%s holds a space, a line break or another character that no key has "
			"(its value is not shown)",
			name);
	r = secret_set(ret_secret, value);
	if (r == -ERROR_LIMIT)
		return error_set(
			error, ERROR_LIMIT, "%s is longer than %d characters", name, SECRET_MAX);
	return r < 0 ? error_set(error, ERROR_MEMORY, "out of memory") : 0;
}

static int take_key_id(const char *value, struct credentials *ret_credentials, struct error *error)
{
	size_t length = strlen(value);

	if (length > CREDENTIALS_KEY_ID_MAX || strspn(value, WORD_CHARACTERS) != length)
		return error_set(error, ERROR_INVALID,
			"AWS_ACCESS_KEY_ID is not an access key id: at most %d letters, digits, "
			"'_' "
			"and '-' are allowed (its value is not shown)",
			CREDENTIALS_KEY_ID_MAX);
	memcpy(ret_credentials->access_key_id, value, length + 1);
	return 0;
}

static int take_pair(struct credentials *ret_credentials, struct error *error)
{
	const char *id = environment_text("AWS_ACCESS_KEY_ID");
	const char *secret = environment_text("AWS_SECRET_ACCESS_KEY");
	int r;

	if (!id && !secret)
		return error_set(error, ERROR_MISSING,
			"no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and "
			"AWS_SESSION_TOKEN for temporary keys) in the environment");
	if (!id || !secret)
		return error_set(error, ERROR_INVALID, "%s is set but %s is not: both are needed",
			id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
			id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
	r = take_key_id(id, ret_credentials, error);
	if (r < 0)
		return r;
	return take_secret("AWS_SECRET_ACCESS_KEY", secret, &ret_credentials->secret, error);
}

static int take_token(struct credentials *ret_credentials, struct error *error)
{
	static const char *const names[] = {"AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *token = environment_text(names[i]);

		if (token)
			return take_secret(names[i], token, &ret_credentials->token, error);
	}
	return 0;
}

static int take_expiry(struct credentials *ret_credentials, struct error *error)
{
	const char *text = environment_text("AWS_CREDENTIAL_EXPIRATION");

	if (text && instant_parse(text, &ret_credentials->expires) < 0)
		return error_set(error, ERROR_INVALID,
			"AWS_CREDENTIAL_EXPIRATION is not an instant as 2027-05-01T06:30:00Z");
	return 0;
}

static int environment_load(void *context, struct credentials *ret_credentials, struct error *error)
{
	struct credentials credentials = {0};
	int r = take_pair(&credentials, error);

	(void)context;
	if (r == 0)
		r = take_token(&credentials, error);
	if (r == 0)
		r = take_expiry(&credentials, error);
	if (r < 0)
		credentials_done(&credentials);
	else
		*ret_credentials = credentials;
	return r;
}

const struct credentials_provider *credentials_environment(void)
{
	static const struct credentials_provider provider = {.load = environment_load};

	return &provider;
}
