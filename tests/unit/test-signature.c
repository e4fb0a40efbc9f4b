/* SPDX-License-Identifier: Apache-2.0 */
/* Signature Version 4: what botocore, another implementation, makes of the same requests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/array.h"
#include "edge/signature.h"

static const struct {
	const char *what;
	const char *secret, *token, *region, *host, *date, *body;
	const char *expected;
} cases[] = {
	{"a request with a body", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "", "eu-west-1",
		"ds.eu-west-1.amazonaws.com", "20270501T063000Z",
		"{\"DirectoryId\":\"d-926708e4f1\",\"Limit\":50}",
		"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20270501/eu-west-1/ds/aws4_request, "
		"SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
		"Signature=5874eea88868a3aaf0948b213e396512a8e347b289727444e0edb7c681bb1f83"},
	{"one without", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "", "eu-west-1",
		"ds.eu-west-1.amazonaws.com", "20270501T063000Z", "",
		"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20270501/eu-west-1/ds/aws4_request, "
		"SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
		"Signature=a0ba5b8802a48cbd282527511f0d68dc691517e6ed7e3e5a7d97cadd3e302025"},
	{"a session token, and a port in Host", "secret", "IQoJb3JpZ2lu/+=", "us-gov-west-1",
		"127.0.0.1:8080", "20261231T235959Z", "{}",
		"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261231/us-gov-west-1/ds/aws4_request, "
		"SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "
		"Signature=626f7036fb061b042de7a14cbaafd291b6430d3416402a2a6e8a74a02aff141b"},
};

/* With a key that is used again and again, as a worker does. */
static int sign(size_t i, size_t limit, struct signature_key *key, struct buffer *ret_authorization)
{
	struct credentials credentials = {.access_key_id = "AKIDEXAMPLE"};
	struct signature_request request = {.host = cases[i].host,
		.content_type = "application/x-amz-json-1.1",
		.target = "DirectoryService_20150416.ListCertificates",
		.region = cases[i].region,
		.service = "ds",
		.date = cases[i].date,
		.body = cases[i].body,
		.body_length = strlen(cases[i].body),
		.credentials = &credentials};
	int r;

	assert_int_equal(secret_set(&credentials.secret, cases[i].secret), 0);
	assert_int_equal(secret_set(&credentials.token, cases[i].token), 0);
	buffer_init(ret_authorization, limit);
	r = signature_append(&request, key, ret_authorization);
	credentials_done(&credentials);
	return r;
}

static void signatures_are_those_of_others(void **state)
{
	struct signature_key key = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct buffer authorization;

		print_message("%s\n", cases[i].what);
		assert_int_equal(sign(i, SIGNATURE_MAX, &key, &authorization), 0);
		assert_string_equal(buffer_text(&authorization), cases[i].expected);
		buffer_done(&authorization);
		assert_int_equal(sign(i, 50, &key, &authorization), -ERROR_LIMIT);
		buffer_done(&authorization);
	}
	signature_key_done(&key);
}

static void dates_are_utc(void **state)
{
	char date[SIGNATURE_DATE_SIZE] = "";

	(void)state;
	assert_int_equal(signature_date(0, date), 0);
	assert_string_equal(date, "19700101T000000Z");
	assert_int_equal(signature_date(INT64_C(1809153000), date), 0);
	assert_string_equal(date, "20270501T063000Z");
	assert_int_equal(signature_date(INT64_MAX, date), -ERROR_INVALID);
	assert_int_equal(signature_date(INT64_C(253402300800), date), -ERROR_INVALID);
	assert_string_equal(date, "20270501T063000Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_are_those_of_others),
		cmocka_unit_test(dates_are_utc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
