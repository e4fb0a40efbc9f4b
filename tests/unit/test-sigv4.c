/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signature Version 4 against the published examples: the signing test suite of the AWS general
 * reference and the ListUsers walk-through of the IAM documentation. Every stage is compared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "emulator/sigv4.h"

#define SECRET	   "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define SUITE_TIME "20150830T123600Z"
#define NOTHING	   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SUITE_HOST "host:example.amazonaws.com\n"
#define SUITE_DATE "x-amz-date:20150830T123600Z\n"
/* Tokens of the suite's examples. */
#define STS_TOKEN                                                                                  \
	"AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXm"  \
	"xfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0" \
	"KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZ" \
	"bqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
#define SESSION_TOKEN "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"

#define HEADERS_MAX 6

struct vector {
	const char *name;
	const char *method;
	const char *path;
	const char *query;
	struct sigv4_header headers[HEADERS_MAX];
	const char *body;
	const char *signed_headers;
	const char *service;
	const char *canonical;
	const char *hash; /* of the canonical request, where it is published; else NULL */
	const char *signature;
};

/* clang-format off */
static const struct vector vectors[] = {
	{"get-vanilla", "GET", "/", "",
		{{"Host", "example.amazonaws.com"}, {"X-Amz-Date", SUITE_TIME}}, "",
		"host;x-amz-date", "service",
		"GET\n/\n\n" SUITE_HOST SUITE_DATE "\nhost;x-amz-date\n" NOTHING,
		"bb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63",
		"5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
	{"get-vanilla-query-order-key-case", "GET", "/", "Param2=value2&Param1=value1",
		{{"Host", "example.amazonaws.com"}, {"X-Amz-Date", SUITE_TIME}}, "",
		"host;x-amz-date", "service",
		"GET\n/\nParam1=value1&Param2=value2\n" SUITE_HOST SUITE_DATE "\nhost;x-amz-date\n" NOTHING,
		"816cd5b414d056048ba4f7c5386d6e0533120fb1fcfa93762cf0fc39e2cf19e0",
		"b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
	{"get-header-key-duplicate", "GET", "/", "",
		{{"Host", "example.amazonaws.com"}, {"My-Header1", "value2"}, {"My-Header1", "value2"},
		 {"My-Header1", "value1"}, {"X-Amz-Date", SUITE_TIME}}, "",
		"host;my-header1;x-amz-date", "service",
		"GET\n/\n\n" SUITE_HOST "my-header1:value2,value2,value1\n" SUITE_DATE
		"\nhost;my-header1;x-amz-date\n" NOTHING,
		NULL, "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
	{"get-header-value-trim", "GET", "/", "",
		{{"Host", "example.amazonaws.com"}, {"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""},
		 {"X-Amz-Date", SUITE_TIME}}, "",
		"host;my-header1;my-header2;x-amz-date", "service",
		"GET\n/\n\n" SUITE_HOST "my-header1:value1\nmy-header2:\"a b c\"\n" SUITE_DATE
		"\nhost;my-header1;my-header2;x-amz-date\n" NOTHING,
		NULL, "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
	{"get-vanilla-with-session-token", "GET", "/", "",
		{{"Host", "example.amazonaws.com"}, {"X-Amz-Date", SUITE_TIME}, {"X-Amz-Security-Token", SESSION_TOKEN}}, "",
		"host;x-amz-date;x-amz-security-token", "service",
		"GET\n/\n\n" SUITE_HOST SUITE_DATE "x-amz-security-token:" SESSION_TOKEN
		"\n\nhost;x-amz-date;x-amz-security-token\n" NOTHING,
		NULL, "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"},
	{"post-vanilla", "POST", "/", "",
		{{"Host", "example.amazonaws.com"}, {"X-Amz-Date", SUITE_TIME}}, "",
		"host;x-amz-date", "service",
		"POST\n/\n\n" SUITE_HOST SUITE_DATE "\nhost;x-amz-date\n" NOTHING,
		"553f88c9e4d10fc9e109e2aeb65f030801b70c2f6468faca261d401ae622fc87",
		"5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
	{"post-sts-header-before", "POST", "/", "",
		{{"Host", "example.amazonaws.com"}, {"X-Amz-Date", SUITE_TIME}, {"X-Amz-Security-Token", STS_TOKEN}}, "",
		"host;x-amz-date;x-amz-security-token", "service",
		"POST\n/\n\n" SUITE_HOST SUITE_DATE "x-amz-security-token:" STS_TOKEN
		"\n\nhost;x-amz-date;x-amz-security-token\n" NOTHING,
		"c237e1b440d4c63c32ca95b5b99481081cb7b13c7e40434868e71567c1a882f6",
		"85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
	{"post-x-www-form-urlencoded", "POST", "/", "",
		{{"Content-Type", "application/x-www-form-urlencoded"}, {"Host", "example.amazonaws.com"},
		 {"X-Amz-Date", SUITE_TIME}}, "Param1=value1",
		"content-type;host;x-amz-date", "service",
		"POST\n/\n\ncontent-type:application/x-www-form-urlencoded\n" SUITE_HOST SUITE_DATE
		"\ncontent-type;host;x-amz-date\n"
		"9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
		"42a5e5bb34198acb3e84da4f085bb7927f2bc277ca766e6d19c73c2154021281",
		"ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
	{"IAM ListUsers", "GET", "/", "Action=ListUsers&Version=2010-05-08",
		{{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
		 {"Host", "iam.amazonaws.com"}, {"X-Amz-Date", SUITE_TIME}}, "",
		"content-type;host;x-amz-date", "iam",
		"GET\n/\nAction=ListUsers&Version=2010-05-08\n"
		"content-type:application/x-www-form-urlencoded; charset=utf-8\nhost:iam.amazonaws.com\n"
		SUITE_DATE "\ncontent-type;host;x-amz-date\n" NOTHING,
		"f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59",
		"5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"},
};
/* clang-format on */

static struct sigv4_request request_of(const struct vector *vector)
{
	struct sigv4_request request = {.method = vector->method,
		.path = vector->path,
		.query = vector->query,
		.headers = vector->headers,
		.body = vector->body,
		.body_length = strlen(vector->body)};

	while (request.headers_count < HEADERS_MAX && vector->headers[request.headers_count].name)
		request.headers_count++;
	return request;
}

static void play(const struct vector *vector)
{
	struct sigv4_request request = request_of(vector);
	struct sigv4_authorization authorization = {.date = "20150830", .region = "us-east-1"};
	struct buffer canonical, string;
	char hash[SIGV4_HASH_SIZE], expected[512];
	uint8_t key[32];

	buffer_init(&canonical, SIGV4_CANONICAL_MAX);
	buffer_init(&string, SIGV4_CANONICAL_MAX);
	snprintf(authorization.service, sizeof(authorization.service), "%s", vector->service);
	assert_int_equal(sigv4_canonical(&request, vector->signed_headers, &canonical), 0);
	assert_string_equal(buffer_text(&canonical), vector->canonical);
	sigv4_hash(buffer_text(&canonical), canonical.length, hash);
	if (vector->hash)
		assert_string_equal(hash, vector->hash);
	assert_int_equal(sigv4_string(&authorization, SUITE_TIME, &canonical, &string), 0);
	snprintf(expected, sizeof(expected),
		"AWS4-HMAC-SHA256\n" SUITE_TIME "\n20150830/us-east-1/%s/aws4_request\n%s",
		vector->service, hash);
	assert_string_equal(buffer_text(&string), expected);
	assert_int_equal(sigv4_key(SECRET, "20150830", "us-east-1", vector->service, key), 0);
	assert_int_equal(sigv4_sign(key, &string, hash), 0);
	assert_string_equal(hash, vector->signature);
	buffer_done(&canonical);
	buffer_done(&string);
}

static void every_published_example_comes_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		print_message("%s\n", vectors[i].name);
		play(&vectors[i]);
	}
}

static void check_key(const char *date, const char *expected)
{
	uint8_t key[32];
	char text[SIGV4_HASH_SIZE];

	assert_int_equal(sigv4_key(SECRET, date, "us-east-1", "iam", key), 0);
	for (int i = 0; i < 32; i++)
		snprintf(text + 2 * i, 3, "%02x", key[i]);
	assert_string_equal(text, expected);
}

static void signing_keys_are_the_documented_ones(void **state)
{
	(void)state;
	check_key("20150830", "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
	check_key("20120215", "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d");
}

static void a_header_is_read_or_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"Basic dXNlcg==",
		"AWS4-HMAC-SHA256",
		"AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/ds, SignedHeaders=host, "
		"Signature=0",
		"AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/ds/aws5_request, "
		"SignedHeaders=host, Signature=0",
		"AWS4-HMAC-SHA256 Credential=A/201508301/us-east-1/ds/aws4_request, "
		"SignedHeaders=host, Signature=0",
		"AWS4-HMAC-SHA256 SignedHeaders=host, Signature=0",
		"AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/ds/aws4_request, Signature=0",
		"AWS4-HMAC-SHA256 Credential=A/20150830/us-east-1/ds/aws4_request, "
		"SignedHeaders=host",
	};
	struct sigv4_authorization authorization;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(sigv4_parse(bad[i], &authorization), -ERROR_INVALID);
	assert_int_equal(
		sigv4_parse("AWS4-HMAC-SHA256 Credential=AKID/20150830/eu-west-1/ds/aws4_request, "
			    "SignedHeaders=host;x-amz-date, Signature=00ff",
			&authorization),
		0);
	assert_string_equal(authorization.access_key, "AKID");
	assert_string_equal(authorization.date, "20150830");
	assert_string_equal(authorization.region, "eu-west-1");
	assert_string_equal(authorization.service, "ds");
	assert_string_equal(authorization.signed_headers, "host;x-amz-date");
	assert_string_equal(authorization.signature, "00ff");
	assert_true(sigv4_covers(authorization.signed_headers, "X-Amz-Date"));
	assert_false(sigv4_covers(authorization.signed_headers, "x-amz"));
}

static void an_instant_is_read_or_refused(void **state)
{
	int64_t instant = 0;

	(void)state;
	assert_int_equal(sigv4_time(SUITE_TIME, &instant), 0);
	assert_int_equal(instant, 1440938160);
	assert_int_equal(sigv4_time("20150830", &instant), -ERROR_INVALID);
	assert_int_equal(sigv4_time("20150830T123600Zx", &instant), -ERROR_INVALID);
	assert_int_equal(sigv4_time("2015-08-30T12:36", &instant), -ERROR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_published_example_comes_out),
		cmocka_unit_test(signing_keys_are_the_documented_ones),
		cmocka_unit_test(a_header_is_read_or_refused),
		cmocka_unit_test(an_instant_is_read_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
