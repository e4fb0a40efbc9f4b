/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of a certificate, each one second before its limit and at it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/array.h"
#include "base/calendar.h"
#include "core/certificate.h"
#include "core/vocabulary.h"

#define NOW  INT64_C(1800000000)
#define LINE (91 * DAY) /* 90 days and the margin */

/* A CA with nothing wrong: a year left, self-signed, no AD CS version. */
static struct certificate good(void)
{
	return (struct certificate){
		.subject.bytes = {1},
		.issuer.bytes = {1},
		.key.bytes = {2},
		.signer.bytes = {2},
		.not_before = NOW - 365 * DAY,
		.not_after = NOW + 365 * DAY,
		.version_certificate = -1,
		.version_key = -1,
		.pem_length = 1200,
		.ca = true,
		.cert_sign = true,
		.self_issued = true,
		.self_signed = true,
		.common_name = "Corp Root CA",
	};
}

static void what_no_clock_changes(void **state)
{
	static const struct {
		bool ca, cert_sign, pss;
		size_t pem_length;
		enum certificate_rule rule;
		const char *why;
	} cases[] = {
		{true, true, false, 1200, CERTIFICATE_GOOD, "a CA"},
		{false, true, false, 1200, CERTIFICATE_NOT_CA, "no CA:TRUE"},
		{true, false, false, 1200, CERTIFICATE_NO_CERT_SIGN, "may not sign certificates"},
		{true, true, true, 1200, CERTIFICATE_PSS, "RSASSA-PSS"},
		{true, true, false, SERVICE_PEM_MAX, CERTIFICATE_GOOD, "just short enough"},
		{true, true, false, SERVICE_PEM_MAX + 1, CERTIFICATE_TOO_LONG, "one too long"},
		{false, false, true, SERVICE_PEM_MAX + 1, CERTIFICATE_NOT_CA,
			"of several faults the first"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct certificate certificate = good();

		certificate.ca = cases[i].ca;
		certificate.cert_sign = cases[i].cert_sign;
		certificate.pss = cases[i].pss;
		certificate.pem_length = cases[i].pem_length;
		if (certificate_judge(&certificate) != cases[i].rule)
			fail_msg("%s", cases[i].why);
		assert_int_equal(certificate_registrable(&certificate, NOW),
			cases[i].rule == CERTIFICATE_GOOD);
		/* and the clock rules do not see it */
		assert_int_equal(certificate_judge_at(&certificate, NOW), CERTIFICATE_GOOD);
	}
}

static void what_the_clock_changes(void **state)
{
	static const struct {
		int64_t starts_in, left; /* seconds from NOW */
		enum certificate_rule rule;
		bool valid;
		const char *why;
	} cases[] = {
		{-DAY, LINE + 1, CERTIFICATE_GOOD, true, "a second above 90 days and the margin"},
		{-DAY, LINE, CERTIFICATE_UNDER_DOOR, true, "at the line"},
		{-DAY, 90 * DAY + 1, CERTIFICATE_UNDER_DOOR, true, "AWS would, the margin not"},
		{-DAY, 0, CERTIFICATE_UNDER_DOOR, true, "its last second"},
		{-DAY, -1, CERTIFICATE_EXPIRED, false, "the second after"},
		{0, 365 * DAY, CERTIFICATE_GOOD, true, "its first second"},
		{1, 365 * DAY, CERTIFICATE_NOT_YET_VALID, false, "the second before"},
		{1, LINE, CERTIFICATE_NOT_YET_VALID, false, "not valid yet, and too short"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct certificate certificate = good();

		certificate.not_before = NOW + cases[i].starts_in;
		certificate.not_after = NOW + cases[i].left;
		if (certificate_judge_at(&certificate, NOW) != cases[i].rule ||
			certificate_valid(&certificate, NOW) != cases[i].valid)
			fail_msg("%s", cases[i].why);
		assert_int_equal(certificate_registrable(&certificate, NOW),
			cases[i].rule == CERTIFICATE_GOOD);
		assert_int_equal(certificate_judge(&certificate), CERTIFICATE_GOOD);
	}
}

static void the_door_closes_once(void **state)
{
	struct certificate certificate = good();
	int64_t until = certificate_reversible_until(&certificate);

	(void)state;
	assert_int_equal(certificate.not_after - until, LINE);
	assert_true(certificate_registrable(&certificate, until - 1));
	assert_false(certificate_registrable(&certificate, until));
}

static void every_rule_has_a_sentence(void **state)
{
	(void)state;
	for (unsigned rule = 0; rule < CERTIFICATE_RULES; rule++)
		for (unsigned other = 0; other < rule; other++)
			assert_string_not_equal(certificate_rule_str((enum certificate_rule)rule),
				certificate_rule_str((enum certificate_rule)other));
	assert_non_null(certificate_rule_str(CERTIFICATE_RULES));
}

static void generations_have_an_order(void **state)
{
	static const struct {
		int32_t version_a, key_a, version_b, key_b;
		int64_t left_a, left_b; /* days */
		int64_t start_a, start_b;
		int order; /* of a and b: -1 a first */
		const char *why;
	} cases[] = {
		{-1, -1, -1, -1, 100, 200, -9, -9, -1, "no version: the earlier expiry first"},
		{-1, -1, -1, -1, 200, 200, -9, -1, 0, "the start never counts"},
		{0, 0, 1, 0, 300, 200, -9, -9, -1, "the version before the expiry"},
		{2, 2, 1, 1, 100, 200, -9, -9, 1, "from either side"},
		{1, 0, 1, 1, 100, 200, -9, -9, -1, "one version: by expiry"},
		{0, 0, -1, -1, 100, 200, -9, -9, -1, "a version on one side alone: by expiry"},
		{-1, -1, 9, 9, 200, 100, -9, -9, 1, "a version on the other alone: by expiry"},
		{1, 1, 1, 1, 200, 200, -9, -1, 0, "nothing tells them apart"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct certificate a = good(), b = good();
		int there, back;

		a.version_certificate = cases[i].version_a;
		a.version_key = cases[i].key_a;
		a.not_before = NOW + cases[i].start_a * DAY;
		a.not_after = NOW + cases[i].left_a * DAY;
		b.version_certificate = cases[i].version_b;
		b.version_key = cases[i].key_b;
		b.not_before = NOW + cases[i].start_b * DAY;
		b.not_after = NOW + cases[i].left_b * DAY;
		there = certificate_generation_cmp(&a, &b);
		back = certificate_generation_cmp(&b, &a);
		if ((there > 0) - (there < 0) != cases[i].order ||
			(back > 0) - (back < 0) != -cases[i].order)
			fail_msg("%s", cases[i].why);
	}
}

static void cross_certificates_are_of_no_line(void **state)
{
	struct certificate root = good(), other = good(), cross = good(), issuing = good();

	(void)state;
	cross.self_signed = false; /* subject equals issuer, but another key signed */
	issuing.self_issued = issuing.self_signed = false;
	issuing.issuer.bytes[0] = 9;
	assert_true(certificate_is_cross(&cross));
	assert_false(certificate_is_cross(&root));
	assert_false(certificate_is_cross(&issuing));
	assert_true(certificate_same_line(&root, &other));
	assert_true(certificate_same_line(&root, &issuing));
	assert_false(certificate_same_line(&root, &cross));
	assert_false(certificate_same_line(&cross, &root));
	other.subject.bytes[31] = 1;
	assert_false(certificate_same_line(&root, &other));
}

static void the_api_tells_name_and_expiry_alone(void **state)
{
	static const struct {
		const char *a, *b;
		int64_t apart; /* seconds of expiry */
		bool alike;
		const char *why;
	} cases[] = {
		{"Corp Root CA", "Corp Root CA", 0, true, "same name, same expiry"},
		{"Corp Root CA", "Corp Root CA", 1, true, "rounding of a second"},
		{"Corp Root CA", "Corp Root CA", -1, true, "in either direction"},
		{"Corp Root CA", "Corp Root CA", 2, false, "two seconds are no rounding"},
		{"Corp Root CA", "Corp Root CA", -2, false, "in either direction"},
		{"Corp Root CA", "corp root ca", 0, false, "the API's name is a plain text"},
		{"", "", 0, true, "what has no name is told by its expiry alone"},
		{"Corp Root CA", "", 0, false, "nor is matched"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct certificate a = good(), b = good();

		snprintf(a.common_name, sizeof(a.common_name), "%s", cases[i].a);
		snprintf(b.common_name, sizeof(b.common_name), "%s", cases[i].b);
		b.not_after = a.not_after + cases[i].apart;
		if (certificate_indistinguishable(&a, &b) != cases[i].alike ||
			certificate_indistinguishable(&b, &a) != cases[i].alike ||
			certificate_matches(&a, cases[i].b, b.not_after) != cases[i].alike)
			fail_msg("%s", cases[i].why);
	}
}

static void digests_read_what_they_write(void **state)
{
	static const char text[] =
		"00010203040506070809a0b0c0d0e0f0ffeeddccbbaa99887766554433221100";
	static const char *const good_texts[] = {
		"00:01:02:03:04:05:06:07:08:09:A0:B0:C0:D0:E0:F0:"
		"FF:EE:DD:CC:BB:AA:99:88:77:66:55:44:33:22:11:00",
		"00010203040506070809A0B0C0D0E0F0FFEEDDCCBBAA99887766554433221100",
	};
	static const char *const bad[] = {
		"",
		"00",
		"00010203040506070809a0b0c0d0e0f0ffeeddccbbaa998877665544332211",
		"00010203040506070809a0b0c0d0e0f0ffeeddccbbaa9988776655443322110",
		"00010203040506070809a0b0c0d0e0f0ffeeddccbbaa9988776655443322110000",
		"00010203040506070809a0b0c0d0e0f0ffeeddccbbaa9988776655443322110g",
		":0010203040506070809a0b0c0d0e0f0ffeeddccbbaa99887766554433221100",
		"00010203040506070809a0b0c0d0e0f0ffeeddccbbaa99887766554433221100:",
	};
	struct digest digest, other = {0};
	char again[DIGEST_TEXT_SIZE];

	(void)state;
	assert_int_equal(digest_parse(text, &digest), 0);
	assert_string_equal(digest_format(&digest, again), text);
	for (size_t i = 0; i < ARRAY_LENGTH(good_texts); i++) {
		assert_int_equal(digest_parse(good_texts[i], &other), 0);
		assert_true(digest_equal(&digest, &other));
	}
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
		assert_int_equal(digest_parse(bad[i], &other), -ERROR_INVALID);
		assert_true(digest_equal(&digest, &other)); /* untouched */
	}
	other.bytes[31] = 1;
	assert_true(digest_cmp(&digest, &other) < 0);
	assert_true(digest_cmp(&other, &digest) > 0);
	assert_int_equal(digest_cmp(&digest, &digest), 0);
	assert_false(digest_is_zero(&other));
	assert_true(digest_is_zero(&(struct digest){0}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_no_clock_changes),
		cmocka_unit_test(what_the_clock_changes),
		cmocka_unit_test(the_door_closes_once),
		cmocka_unit_test(every_rule_has_a_sentence),
		cmocka_unit_test(generations_have_an_order),
		cmocka_unit_test(cross_certificates_are_of_no_line),
		cmocka_unit_test(the_api_tells_name_and_expiry_alone),
		cmocka_unit_test(digests_read_what_they_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
