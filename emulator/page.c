/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/page.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

/* What a token says, and the mark that shows a forged one. */
struct token {
	int64_t issued;
	uint64_t mark;
	char last[SERVICE_ID_SIZE];
};

/* Over what the token is bound to: the scope, the operation and its directory. */
static uint64_t token_mark(const struct call *call, int64_t issued, const char *last)
{
	uint64_t hash = hash_number(HASH_START, issued);

	hash = hash_number(hash, (int64_t)call->operation);
	hash = hash_text(hash, call->scope->account);
	hash = hash_text(hash, call->scope->region);
	hash = hash_text(hash, call->directory);
	return hash_text(hash, last);
}

void page_token(const struct call *call, const char *last, char ret_token[static PAGE_TOKEN_SIZE])
{
	char plain[PAGE_TOKEN_SIZE / 2];

	snprintf(plain, sizeof(plain), "%" PRId64 ":%016" PRIx64 ":%s", call->now,
		token_mark(call, call->now, last), last);
	for (size_t i = 0; i <= strlen(plain); i++)
		snprintf(ret_token + 2 * i, 3, "%02x", (unsigned)(unsigned char)plain[i]);
	ret_token[2 * strlen(plain)] = '\0';
}

/* The text that was written in hexadecimal; false if it is none or too long. */
static bool unhex(const char *text, char *ret_plain, size_t size)
{
	size_t length = strlen(text) / 2;

	if (length >= size || strlen(text) % 2 != 0)
		return false;
	for (size_t i = 0; i < length; i++) {
		const char pair[3] = {text[2 * i], text[2 * i + 1], '\0'};
		char *end;

		ret_plain[i] = (char)strtoul(pair, &end, 16);
		if (*end)
			return false;
	}
	ret_plain[length] = '\0';
	return true;
}

static bool token_parse(const char *text, struct token *ret_token)
{
	char plain[PAGE_TOKEN_SIZE / 2], *end;

	if (!unhex(text, plain, sizeof(plain)))
		return false;
	ret_token->issued = strtoll(plain, &end, 10);
	if (*end != ':')
		return false;
	ret_token->mark = strtoull(end + 1, &end, 16);
	if (*end != ':' || strlen(end + 1) >= sizeof(ret_token->last))
		return false;
	memcpy(ret_token->last, end + 1, strlen(end + 1) + 1);
	return true;
}

bool page_start(const struct world *world, struct call *call, char ret_last[static SERVICE_ID_SIZE],
	size_t *ret_size)
{
	const char *text = json_member_text(call->input, "NextToken");
	json_int_t limit = json_integer_value(json_object_get(call->input, "Limit"));
	struct token token = {0};

	*ret_size =
		limit > 0 && limit < world->settings.page ? (size_t)limit : world->settings.page;
	ret_last[0] = '\0';
	if (!text)
		return true;
	if (!token_parse(text, &token) ||
		token.mark != token_mark(call, token.issued, token.last) ||
		call->now - token.issued > world->settings.token_life) {
		call->refusal = REFUSAL_InvalidNextTokenException;
		snprintf(call->message, sizeof(call->message),
			"The NextToken value is not valid or has expired.");
		return false;
	}
	memcpy(ret_last, token.last, SERVICE_ID_SIZE);
	return true;
}
