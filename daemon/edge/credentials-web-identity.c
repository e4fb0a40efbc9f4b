/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/credentials-web-identity.h"

#include <ctype.h>

#include "edge/environment.h"
#include "edge/file.h"

static int read_token(const char *path, struct secret *ret_token, struct error *error)
{
	struct buffer text;
	int r;

	buffer_init(&text, SECRET_MAX);
	r = file_read(path, &text, error);
	while (r == 0 && text.length > 0 && isspace((unsigned char)text.data[text.length - 1]))
		text.data[--text.length] = '\0';
	if (r == 0 && text.length == 0)
		r = error_set(error, ERROR_INVALID, "%s: the token is empty", path);
	if (r == 0)
		r = credentials_set_secret(ret_token, buffer_text(&text), path, error);
	buffer_wipe(&text);
	return r == -ERROR_MISSING ? -ERROR_INVALID : r;
}

int credentials_web_identity(const struct credentials_setting *setting, const struct sts_role *role,
	const char *token_file, struct credentials *ret_credentials, struct error *error)
{
	struct secret token = {0};
	int r = read_token(token_file, &token, error);

	if (r == 0)
		r = sts_assume_role_with_web_identity(
			setting, role, &token, ret_credentials, error);
	secret_done(&token);
	return r;
}

int credentials_web_identity_load(
	void *context, struct credentials *ret_credentials, struct error *error)
{
	const struct credentials_setting *setting = context;
	const char *file = environment_text("AWS_WEB_IDENTITY_TOKEN_FILE");
	const struct sts_role role = {.arn = environment_text("AWS_ROLE_ARN"),
		.session_name = environment_text("AWS_ROLE_SESSION_NAME")};

	if (!file)
		return error_set(error, ERROR_MISSING, "AWS_WEB_IDENTITY_TOKEN_FILE is not set");
	if (!role.arn)
		return error_set(error, ERROR_INVALID,
			"AWS_WEB_IDENTITY_TOKEN_FILE is set but AWS_ROLE_ARN is not: both are "
			"needed");
	return credentials_web_identity(setting, &role, file, ret_credentials, error);
}
