/* SPDX-License-Identifier: Apache-2.0 */
#include "core/certificate.h"

#include <string.h>

#include "base/error.h"
#include "core/vocabulary.h"

static const char *const rules[CERTIFICATE_RULES] = {
	[CERTIFICATE_GOOD] = "good",
	[CERTIFICATE_NOT_CA] = "not a CA certificate: basicConstraints must say CA:TRUE",
	[CERTIFICATE_NO_CERT_SIGN] =
		"may not sign certificates: keyUsage is present and must include keyCertSign",
	[CERTIFICATE_PSS] = "uses RSASSA-PSS, which AWS Directory Service does not support: have "
			    "it issued with "
			    "RSA PKCS#1 v1.5 or ECDSA",
	[CERTIFICATE_TOO_LONG] = "is longer than the 8192 characters of PEM that the API takes",
	[CERTIFICATE_EXPIRED] = "has expired",
	[CERTIFICATE_NOT_YET_VALID] = "is not valid yet",
	[CERTIFICATE_UNDER_DOOR] =
		"cannot be registered any more: AWS wants more than 90 days of life left, and "
		"ldapsward one day more",
};

bool digest_equal(const struct digest *a, const struct digest *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool digest_is_zero(const struct digest *digest)
{
	static const struct digest zero;

	return digest_equal(digest, &zero);
}

int digest_cmp(const struct digest *a, const struct digest *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

char *digest_format(const struct digest *digest, char ret_text[static DIGEST_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	char *out = ret_text;

	for (size_t i = 0; i < sizeof(digest->bytes); i++) {
		*out++ = digits[digest->bytes[i] >> 4];
		*out++ = digits[digest->bytes[i] & 15];
	}
	*out = '\0';
	return ret_text;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int digest_parse(const char *text, struct digest *ret_digest)
{
	struct digest digest;

	for (size_t i = 0; i < sizeof(digest.bytes); i++) {
		int high, low;

		if (i > 0 && *text == ':')
			text++;
		high = hex_digit(text[0]);
		low = high < 0 ? -1 : hex_digit(text[1]);
		if (low < 0)
			return -ERROR_INVALID;
		digest.bytes[i] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	if (*text != '\0')
		return -ERROR_INVALID;
	*ret_digest = digest;
	return 0;
}

enum certificate_rule certificate_judge(const struct certificate *certificate)
{
	if (!certificate->ca)
		return CERTIFICATE_NOT_CA;
	if (!certificate->cert_sign)
		return CERTIFICATE_NO_CERT_SIGN;
	if (certificate->pss)
		return CERTIFICATE_PSS;
	if (certificate->pem_length > SERVICE_PEM_MAX)
		return CERTIFICATE_TOO_LONG;
	return CERTIFICATE_GOOD;
}

enum certificate_rule certificate_judge_at(const struct certificate *certificate, int64_t now)
{
	if (now > certificate->not_after)
		return CERTIFICATE_EXPIRED;
	if (now < certificate->not_before)
		return CERTIFICATE_NOT_YET_VALID;
	if (certificate->not_after - now <= CERTIFICATE_DOOR + CERTIFICATE_MARGIN)
		return CERTIFICATE_UNDER_DOOR;
	return CERTIFICATE_GOOD;
}

const char *certificate_rule_str(enum certificate_rule rule)
{
	return rules[(unsigned)rule < CERTIFICATE_RULES ? rule : CERTIFICATE_GOOD];
}

bool certificate_registrable(const struct certificate *certificate, int64_t now)
{
	return certificate_judge(certificate) == CERTIFICATE_GOOD &&
	       certificate_judge_at(certificate, now) == CERTIFICATE_GOOD;
}

bool certificate_valid(const struct certificate *certificate, int64_t now)
{
	return certificate->not_before <= now && now <= certificate->not_after;
}

int64_t certificate_reversible_until(const struct certificate *certificate)
{
	return certificate->not_after - CERTIFICATE_DOOR - CERTIFICATE_MARGIN;
}

static int order(int64_t older, int64_t newer)
{
	return older < newer ? -1 : older > newer;
}

int certificate_generation_cmp(const struct certificate *older, const struct certificate *newer)
{
	if (older->version_certificate >= 0 && newer->version_certificate >= 0 &&
		older->version_certificate != newer->version_certificate)
		return order(older->version_certificate, newer->version_certificate);
	return order(older->not_after, newer->not_after);
}

bool certificate_is_cross(const struct certificate *certificate)
{
	return certificate->self_issued && !certificate->self_signed;
}

bool certificate_same_line(const struct certificate *a, const struct certificate *b)
{
	return digest_equal(&a->subject, &b->subject) && !certificate_is_cross(a) &&
	       !certificate_is_cross(b);
}

bool certificate_matches(
	const struct certificate *certificate, const char *common_name, int64_t expiry)
{
	int64_t apart = certificate->not_after - expiry;

	return strcmp(certificate->common_name, common_name) == 0 &&
	       apart >= -CERTIFICATE_EXPIRY_SLACK && apart <= CERTIFICATE_EXPIRY_SLACK;
}

bool certificate_indistinguishable(const struct certificate *a, const struct certificate *b)
{
	return certificate_matches(a, b->common_name, b->not_after);
}
