/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/credentials.h"

#include <string.h>

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

int credentials_set_secret(
	struct secret *secret, const char *value, const char *where, struct error *error)
{
	int r;

	if (!visible(value))
		return error_set(error, ERROR_INVALID,
			"%s holds a space, a line break or another character that no key has "
			"(its value is not shown)",
			where);
	r = secret_set(secret, value);
	if (r == -ERROR_LIMIT)
		return error_set(
			error, ERROR_LIMIT, "%s is longer than %d characters", where, SECRET_MAX);
	return r < 0 ? error_set(error, ERROR_MEMORY, "out of memory") : 0;
}

int credentials_set_key_id(
	struct credentials *credentials, const char *value, const char *where, struct error *error)
{
	size_t length = strlen(value);

	if (length > CREDENTIALS_KEY_ID_MAX || strspn(value, WORD_CHARACTERS) != length)
		return error_set(error, ERROR_INVALID,
			"%s is not an access key id: at most %d letters, digits, '_' and '-' are "
			"allowed (its value is not shown)",
			where, CREDENTIALS_KEY_ID_MAX);
	memcpy(credentials->access_key_id, value, length + 1);
	return 0;
}

int credentials_copy(const struct credentials *from, struct credentials *ret_credentials)
{
	struct credentials copy = {.expires = from->expires, .source = from->source};
	int r = secret_set(&copy.secret, secret_text(&from->secret));

	memcpy(copy.access_key_id, from->access_key_id, sizeof(copy.access_key_id));
	if (r == 0 && from->token.length > 0)
		r = secret_set(&copy.token, secret_text(&from->token));
	if (r < 0)
		credentials_done(&copy);
	else
		*ret_credentials = copy;
	return r;
}
