/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/signature.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/error.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define DIGEST	  SHA256_DIGEST_LENGTH
/* Hexadecimal digest and NUL. */
#define HEX_SIZE (2 * DIGEST + 1)

static void hexadecimal(const uint8_t bytes[static DIGEST], char ret_text[static HEX_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST; i++) {
		ret_text[2 * i] = digits[bytes[i] >> 4];
		ret_text[2 * i + 1] = digits[bytes[i] & 15];
	}
	ret_text[2 * DIGEST] = '\0';
}

/* ---- the tools of a key ---- */

void signature_key_done(struct signature_key *key)
{
	secret_done(&key->secret);
	EVP_MAC_CTX_free(key->mac);
	EVP_MD_CTX_free(key->digest);
	explicit_bzero(key, sizeof(*key));
}

/* Makes `key` ready to hash and to sign, the latter with what key_set says. */
static int key_prepare(struct signature_key *key)
{
	char name[] = "SHA256";
	const OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
		OSSL_PARAM_construct_end()};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MD *md = EVP_MD_fetch(NULL, name, NULL);

	key->mac = mac ? EVP_MAC_CTX_new(mac) : NULL;
	key->digest = md ? EVP_MD_CTX_new() : NULL;
	if (!key->mac || !EVP_MAC_CTX_set_params(key->mac, parameters) || !key->digest ||
		!EVP_DigestInit_ex2(key->digest, md, NULL))
		signature_key_done(key);
	EVP_MAC_free(mac);
	EVP_MD_free(md);
	return key->mac ? 0 : -ERROR_MEMORY;
}

static int key_set(struct signature_key *key, const uint8_t *bytes, size_t length)
{
	return EVP_MAC_init(key->mac, bytes, length, NULL) ? 0 : -ERROR_MEMORY;
}

/* HMAC-SHA256 of the texts, one after the other, under the key that is set. */
static int hmac(struct signature_key *key, const char *const texts[], size_t count,
	uint8_t ret_digest[static DIGEST])
{
	size_t length;
	bool good = EVP_MAC_init(key->mac, NULL, 0, NULL);

	for (size_t i = 0; good && i < count; i++)
		good = EVP_MAC_update(key->mac, (const uint8_t *)texts[i], strlen(texts[i]));
	return good && EVP_MAC_final(key->mac, ret_digest, &length, DIGEST) ? 0 : -ERROR_MEMORY;
}

static int hash_end(struct signature_key *key, char ret_text[static HEX_SIZE])
{
	uint8_t digest[DIGEST];

	if (!EVP_DigestFinal_ex(key->digest, digest, NULL))
		return -ERROR_MEMORY;
	hexadecimal(digest, ret_text);
	return 0;
}

static int hash(
	struct signature_key *key, const void *bytes, size_t length, char ret_text[static HEX_SIZE])
{
	return EVP_DigestInit_ex2(key->digest, NULL, NULL) &&
			       EVP_DigestUpdate(key->digest, bytes, length)
		       ? hash_end(key, ret_text)
		       : -ERROR_MEMORY;
}

static int hash_texts(struct signature_key *key, const char *const texts[], size_t count,
	char ret_text[static HEX_SIZE])
{
	bool good = EVP_DigestInit_ex2(key->digest, NULL, NULL);

	for (size_t i = 0; good && i < count; i++)
		good = EVP_DigestUpdate(key->digest, texts[i], strlen(texts[i]));
	return good ? hash_end(key, ret_text) : -ERROR_MEMORY;
}

/* The signing key: the secret, chained through date, Region and service. */
static int derive(struct signature_key *key, const struct signature_request *request)
{
	char day[9], secret[sizeof("AWS4") + SECRET_MAX];
	const char *const chain[] = {day, request->region, request->service, "aws4_request"};
	uint8_t digest[DIGEST];
	int length = snprintf(
		secret, sizeof(secret), "AWS4%s", secret_text(&request->credentials->secret));
	int r = key_set(key, (const uint8_t *)secret, (size_t)length);

	explicit_bzero(secret, sizeof(secret));
	snprintf(day, sizeof(day), "%.8s", request->date);
	for (size_t i = 0; r == 0 && i < ARRAY_LENGTH(chain); i++) {
		r = hmac(key, &chain[i], 1, digest);
		if (r == 0)
			r = key_set(key, digest, DIGEST);
	}
	explicit_bzero(digest, DIGEST);
	return r;
}

/* Makes `key` that of the request, unless it is already. */
static int key_for(const struct signature_request *request, struct signature_key *key)
{
	const char *secret = secret_text(&request->credentials->secret);
	char scope[SIGNATURE_SCOPE_SIZE];
	int r;

	snprintf(scope, sizeof(scope), "%.8s/%s/%s/aws4_request", request->date, request->region,
		request->service);
	if (strcmp(scope, key->scope) == 0 && strcmp(secret, secret_text(&key->secret)) == 0)
		return 0;
	signature_key_done(key);
	r = key_prepare(key);
	if (r == 0)
		r = derive(key, request);
	if (r == 0)
		r = secret_set(&key->secret, secret);
	if (r == 0)
		memcpy(key->scope, scope, sizeof(scope));
	return r;
}

static const char *signed_headers(const struct signature_request *request)
{
	static const char *const names[2][2] = {
		{"content-type;host;x-amz-date", "content-type;host;x-amz-date;x-amz-target"},
		{"content-type;host;x-amz-date;x-amz-security-token",
			"content-type;host;x-amz-date;x-amz-security-token;x-amz-target"}};

	return names[request->credentials->token.length > 0][request->target != NULL];
}

/* The hash of the canonical request: method, path, query, headers by name, their names, body. */
static int hash_request(struct signature_key *key, const struct signature_request *request,
	char ret_text[static HEX_SIZE])
{
	const char *token = secret_text(&request->credentials->token);
	const char *target = request->target;
	char body[HEX_SIZE];
	const char *const canonical[] = {"POST\n/\n\ncontent-type:", request->content_type,
		"\nhost:", request->host, "\nx-amz-date:", request->date,
		*token ? "\nx-amz-security-token:" : "", token, target ? "\nx-amz-target:" : "",
		target ? target : "", "\n\n", signed_headers(request), "\n", body};
	int r = hash(key, request->body, request->body_length, body);

	return r == 0 ? hash_texts(key, canonical, ARRAY_LENGTH(canonical), ret_text) : r;
}

int signature_date(int64_t instant, char ret_date[static SIGNATURE_DATE_SIZE])
{
	time_t seconds = (time_t)instant;
	struct tm parts;
	char date[SIGNATURE_DATE_SIZE];

	if (!gmtime_r(&seconds, &parts) ||
		strftime(date, sizeof(date), "%Y%m%dT%H%M%SZ", &parts) != sizeof(date) - 1)
		return -ERROR_INVALID;
	memcpy(ret_date, date, sizeof(date));
	return 0;
}

int signature_append(const struct signature_request *request, struct signature_key *key,
	struct buffer *authorization)
{
	char canonical[HEX_SIZE], signature[HEX_SIZE];
	const char *const text[] = {
		ALGORITHM "\n", request->date, "\n", key->scope, "\n", canonical};
	const char *const value[] = {ALGORITHM " Credential=", request->credentials->access_key_id,
		"/", key->scope, ", SignedHeaders=", signed_headers(request),
		", Signature=", signature};
	uint8_t digest[DIGEST];
	int r;

	r = key_for(request, key);
	if (r == 0)
		r = hash_request(key, request, canonical);
	if (r == 0)
		r = hmac(key, text, ARRAY_LENGTH(text), digest);
	if (r < 0)
		return r;
	hexadecimal(digest, signature);
	for (size_t i = 0; r == 0 && i < ARRAY_LENGTH(value); i++)
		r = buffer_append_text(authorization, value[i]);
	return r;
}
