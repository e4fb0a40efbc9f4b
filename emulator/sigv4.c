/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/sigv4.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/error.h"

/* A parameter of the query, as sent. */
struct parameter {
	const char *name;
	size_t name_length;
	const char *value;
	size_t value_length;
};

/* ---------------------------------------------------------------- the header */

/* Copies what stands before `end` of *cursor and steps past it; false if it does not fit. */
static bool take_until(const char **cursor, char end, char *ret_text, size_t size)
{
	const char *stop = strchr(*cursor, end);
	size_t length = stop ? (size_t)(stop - *cursor) : 0;

	if (!stop || length == 0 || length >= size)
		return false;
	memcpy(ret_text, *cursor, length);
	ret_text[length] = '\0';
	*cursor = stop + 1;
	return true;
}

static bool parse_credential(const char *value, struct sigv4_authorization *authorization)
{
	return take_until(
		       &value, '/', authorization->access_key, sizeof(authorization->access_key)) &&
	       take_until(&value, '/', authorization->date, sizeof(authorization->date)) &&
	       take_until(&value, '/', authorization->region, sizeof(authorization->region)) &&
	       take_until(&value, '/', authorization->service, sizeof(authorization->service)) &&
	       strcmp(value, "aws4_request") == 0;
}

/* The value of "Name=" in a list parted by commas and spaces, copied; false if missing. */
static bool parse_part(const char *list, const char *name, char *ret_text, size_t size)
{
	const char *start = strstr(list, name);
	size_t length;

	if (!start || (start != list && start[-1] != ' ' && start[-1] != ','))
		return false;
	start += strlen(name);
	length = strcspn(start, ", ");
	if (length == 0 || length >= size)
		return false;
	memcpy(ret_text, start, length);
	ret_text[length] = '\0';
	return true;
}

int sigv4_parse(const char *header, struct sigv4_authorization *ret_authorization)
{
	struct sigv4_authorization authorization;
	char credential[SIGV4_ACCESS_KEY_SIZE + 3 * SIGV4_WORD_SIZE];

	if (strncmp(header, SIGV4_ALGORITHM " ", strlen(SIGV4_ALGORITHM " ")) != 0)
		return -ERROR_INVALID;
	header += strlen(SIGV4_ALGORITHM " ");
	if (!parse_part(header, "Credential=", credential, sizeof(credential)) ||
		!parse_part(header, "SignedHeaders=", authorization.signed_headers,
			sizeof(authorization.signed_headers)) ||
		!parse_part(header, "Signature=", authorization.signature,
			sizeof(authorization.signature)) ||
		!parse_credential(credential, &authorization))
		return -ERROR_INVALID;
	*ret_authorization = authorization;
	return 0;
}

const char *sigv4_header(const struct sigv4_request *request, const char *name)
{
	for (size_t i = 0; i < request->headers_count; i++)
		if (strcasecmp(request->headers[i].name, name) == 0)
			return request->headers[i].value;
	return NULL;
}

bool sigv4_covers(const char *names, const char *name)
{
	size_t wanted = strlen(name);

	while (*names) {
		size_t length = strcspn(names, ";");

		if (length == wanted && strncasecmp(names, name, length) == 0)
			return true;
		names += length + (names[length] == ';');
	}
	return false;
}

/* ---------------------------------------------------------------- digests */

static void hexadecimal(const uint8_t bytes[static 32], char ret_text[static SIGV4_HASH_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < 32; i++) {
		ret_text[2 * i] = digits[bytes[i] >> 4];
		ret_text[2 * i + 1] = digits[bytes[i] & 15];
	}
	ret_text[64] = '\0';
}

void sigv4_hash(const void *bytes, size_t length, char ret_hash[static SIGV4_HASH_SIZE])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];

	SHA256(length > 0 ? bytes : (const void *)"", length, digest);
	hexadecimal(digest, ret_hash);
}

static int hmac(const void *key, size_t key_length, const void *text, size_t length,
	uint8_t ret_digest[static 32])
{
	return HMAC(EVP_sha256(), key, (int)key_length, text, length, ret_digest, NULL)
		       ? 0
		       : -ERROR_MEMORY;
}

int sigv4_key(const char *secret, const char *date, const char *region, const char *service,
	uint8_t ret_key[static 32])
{
	char start[4 + 128 + 1];
	const char *const steps[] = {date, region, service, "aws4_request"};
	const void *key = start;
	size_t length = (size_t)snprintf(start, sizeof(start), "AWS4%s", secret);
	uint8_t derived[32];
	int r = length < sizeof(start) ? 0 : -ERROR_LIMIT;

	for (size_t i = 0; i < ARRAY_LENGTH(steps) && r == 0; i++) {
		r = hmac(key, length, steps[i], strlen(steps[i]), derived);
		memcpy(ret_key, derived, sizeof(derived));
		key = ret_key;
		length = sizeof(derived);
	}
	OPENSSL_cleanse(start, sizeof(start));
	OPENSSL_cleanse(derived, sizeof(derived));
	return r;
}

int sigv4_sign(const uint8_t key[static 32], const struct buffer *string,
	char ret_signature[static SIGV4_HASH_SIZE])
{
	uint8_t digest[32];
	int r = hmac(key, 32, buffer_text(string), string->length, digest);

	if (r == 0)
		hexadecimal(digest, ret_signature);
	return r;
}

/* ---------------------------------------------------------------- the canonical request */

static bool unreserved(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.' || c == '~';
}

/* Percent-encodes what is not unreserved; bytes in `keep` stay. */
static void append_encoded(struct buffer *buffer, const char *text, size_t length, const char *keep)
{
	for (size_t i = 0; i < length; i++)
		if (unreserved(text[i]) || strchr(keep, text[i]))
			buffer_append(buffer, &text[i], 1);
		else
			buffer_printf(buffer, "%%%02X", (unsigned)(unsigned char)text[i]);
}

static int compare_run(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t common = a_length < b_length ? a_length : b_length;
	int order = memcmp(a, b, common);

	if (order != 0)
		return order;
	return a_length < b_length ? -1 : a_length > b_length;
}

static int compare_parameters(const void *a, const void *b)
{
	const struct parameter *one = a, *other = b;
	int order = compare_run(one->name, one->name_length, other->name, other->name_length);

	return order != 0 ? order
			  : compare_run(one->value, one->value_length, other->value,
				    other->value_length);
}

/* Parameters by name and value, each with "="; percent signs were the client's own. */
static void append_query(struct buffer *buffer, const char *query)
{
	struct parameter parameters[SIGV4_HEADERS_MAX];
	size_t count = 0;

	while (*query && count < SIGV4_HEADERS_MAX) {
		size_t length = strcspn(query, "&");
		const char *equals = memchr(query, '=', length);
		size_t name_length = equals ? (size_t)(equals - query) : length;

		parameters[count++] = (struct parameter){query, name_length,
			equals ? equals + 1 : "", equals ? length - name_length - 1 : 0};
		query += length + (query[length] == '&');
	}
	qsort(parameters, count, sizeof(parameters[0]), compare_parameters);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buffer_append_text(buffer, "&");
		append_encoded(buffer, parameters[i].name, parameters[i].name_length, "%");
		buffer_append_text(buffer, "=");
		append_encoded(buffer, parameters[i].value, parameters[i].value_length, "%");
	}
}

/* A value without the space around it, and one space for each run of them. */
static void append_trimmed(struct buffer *buffer, const char *value)
{
	bool started = false, space = false;

	for (; *value; value++) {
		if (*value == ' ' || *value == '\t' || *value == '\r' || *value == '\n') {
			space = started;
			continue;
		}
		if (space)
			buffer_append_text(buffer, " ");
		buffer_append(buffer, value, 1);
		started = true;
		space = false;
	}
}

/* "name:value,value\n" of a header; nothing if it was not sent. */
static void append_header(
	struct buffer *buffer, const struct sigv4_request *request, const char *name, size_t length)
{
	bool found = false;

	for (size_t i = 0; i < request->headers_count; i++) {
		if (strlen(request->headers[i].name) != length ||
			strncasecmp(request->headers[i].name, name, length) != 0)
			continue;
		if (found)
			buffer_append_text(buffer, ",");
		for (size_t j = 0; j < length && !found; j++) {
			char lower = (char)tolower((unsigned char)name[j]);

			buffer_append(buffer, &lower, 1);
		}
		if (!found)
			buffer_append_text(buffer, ":");
		append_trimmed(buffer, request->headers[i].value);
		found = true;
	}
	if (found)
		buffer_append_text(buffer, "\n");
}

int sigv4_canonical(
	const struct sigv4_request *request, const char *signed_headers, struct buffer *canonical)
{
	char hash[SIGV4_HASH_SIZE];

	buffer_printf(canonical, "%s\n", request->method);
	append_encoded(canonical, request->path, strlen(request->path), "/");
	buffer_append_text(canonical, "\n");
	append_query(canonical, request->query);
	buffer_append_text(canonical, "\n");
	for (const char *name = signed_headers; *name;) {
		size_t length = strcspn(name, ";");

		append_header(canonical, request, name, length);
		name += length + (name[length] == ';');
	}
	sigv4_hash(request->body, request->body_length, hash);
	buffer_printf(canonical, "\n%s\n%s", signed_headers, hash);
	return buffer_status(canonical);
}

int sigv4_string(const struct sigv4_authorization *authorization, const char *time,
	const struct buffer *canonical, struct buffer *string)
{
	char hash[SIGV4_HASH_SIZE];

	sigv4_hash(buffer_text(canonical), canonical->length, hash);
	buffer_printf(string, SIGV4_ALGORITHM "\n%s\n%s/%s/%s/aws4_request\n%s", time,
		authorization->date, authorization->region, authorization->service, hash);
	return buffer_status(string);
}

int sigv4_time(const char *text, int64_t *ret_instant)
{
	struct tm broken = {0};
	const char *end = strptime(text, "%Y%m%dT%H%M%SZ", &broken);

	if (strlen(text) != SIGV4_TIME_SIZE - 1 || !end || *end)
		return -ERROR_INVALID;
	*ret_instant = timegm(&broken);
	return 0;
}
