/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

int secret_set(struct secret *secret, const char *text)
{
	size_t length = strnlen(text, SECRET_MAX + 1);
	char *copy;

	if (length > SECRET_MAX)
		return -ERROR_LIMIT;
	copy = malloc(length + 1);
	if (!copy)
		return -ERROR_MEMORY;
	memcpy(copy, text, length + 1);
	secret_done(secret);
	*secret = (struct secret){copy, length};
	return 0;
}

void secret_done(struct secret *secret)
{
	if (!secret)
		return;
	if (secret->text)
		explicit_bzero(secret->text, secret->length);
	free(secret->text);
	*secret = (struct secret){0};
}

const char *secret_text(const struct secret *secret)
{
	return secret->text ? secret->text : "";
}
