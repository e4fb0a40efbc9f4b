/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/credentials-environment.h"

#include "base/calendar.h"
#include "edge/environment.h"

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
	r = credentials_set_key_id(ret_credentials, id, "AWS_ACCESS_KEY_ID", error);
	if (r < 0)
		return r;
	return credentials_set_secret(
		&ret_credentials->secret, secret, "AWS_SECRET_ACCESS_KEY", error);
}

static int take_token(struct credentials *ret_credentials, struct error *error)
{
	static const char *const names[] = {"AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *token = environment_text(names[i]);

		if (token)
			return credentials_set_secret(
				&ret_credentials->token, token, names[i], error);
	}
	return 0;
}

static int take_expiry(struct credentials *ret_credentials, struct error *error)
{
	const char *text = environment_text("AWS_CREDENTIAL_EXPIRATION");

	if (text && instant_parse_zone(text, &ret_credentials->expires) < 0)
		return error_set(error, ERROR_INVALID,
			"AWS_CREDENTIAL_EXPIRATION is not an instant as 2027-05-01T06:30:00Z");
	return 0;
}

int credentials_environment_load(
	void *context, struct credentials *ret_credentials, struct error *error)
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
	static const struct credentials_provider provider = {.load = credentials_environment_load};

	return &provider;
}
