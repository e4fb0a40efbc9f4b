/* SPDX-License-Identifier: Apache-2.0 */
#include "core/generation.h"

#include <stdio.h>

static const struct {
	const char *sentence, *advice;
} rules[GENERATION_RULES] = {
	[GENERATION_GOOD] = {"is a generation of its authority", ""},
	[GENERATION_CROSS] =
		{"is a self-issued cross-certificate, signed with another key than its own, "
		 "as the (n-m) files of CertEnroll are: it is no generation and is "
		 "never registered",
			"leave it out of the authority"},
	[GENERATION_OTHER_SUBJECT] = {"has another subject than the rest of its authority, which "
				      "must be one CA with all its generations",
		"give each CA an authority of its own"},
	[GENERATION_AMBIGUOUS_ORDER] =
		{"stands in no order with another generation: neither the CA "
		 "version nor the expiry tells which of the two comes later",
			"keep one of the two"},
	[GENERATION_SHORTER_LIFE] = {"comes later than another generation and does not outlive it: "
				     "it is no successor and is never registered",
		"have it issued with a longer life, or leave it out of the authority"},
};

static const char *const links[GENERATION_LINKS] = {[GENERATION_LINK_NONE] = "none",
	[GENERATION_LINK_SAME_KEY] = "same key",
	[GENERATION_LINK_CROSS_SIGNED] = "cross-signed",
	[GENERATION_LINK_NEW_KEY] = "new key"};

/* What may be a generation at all; what is no usable CA certificate is told by its own rules. */
static bool is_member(const struct certificate *certificate)
{
	return certificate_judge(certificate) == CERTIFICATE_GOOD &&
	       !certificate_is_cross(certificate);
}

/* Whether `later` was made after `earlier`, by all that can tell: also what must not order. */
static bool made_later(const struct certificate *earlier, const struct certificate *later)
{
	if (earlier->version_certificate >= 0 && later->version_certificate >= 0 &&
		earlier->version_certificate != later->version_certificate)
		return earlier->version_certificate < later->version_certificate;
	return earlier->not_before < later->not_before;
}

/* What `certificate` breaks with another one of its line. */
static enum generation_rule judge_pair(
	const struct certificate *certificate, const struct certificate *other)
{
	if (certificate_generation_cmp(certificate, other) == 0)
		return GENERATION_AMBIGUOUS_ORDER;
	if (made_later(other, certificate) && certificate->not_after <= other->not_after)
		return GENERATION_SHORTER_LIFE;
	return GENERATION_GOOD;
}

enum generation_rule generation_judge_line(const struct authority *authority,
	const struct certificate *certificate, const struct certificate **ret_other)
{
	enum generation_rule worst = GENERATION_GOOD;
	const struct certificate *with = NULL;

	if (certificate_is_cross(certificate))
		worst = GENERATION_CROSS;
	for (size_t i = 0; is_member(certificate) && i < authority->count; i++) {
		const struct certificate *other = authority->certificates[i];
		enum generation_rule rule = GENERATION_GOOD;

		if (is_member(other) && certificate_same_line(certificate, other) &&
			!digest_equal(&certificate->sha256, &other->sha256))
			rule = judge_pair(certificate, other);
		if (rule != GENERATION_GOOD && (worst == GENERATION_GOOD || rule < worst)) {
			worst = rule;
			with = other;
		}
	}
	if (ret_other)
		*ret_other = with;
	return worst;
}

enum generation_rule generation_judge(const struct authority *authority,
	const struct certificate *certificate, const struct certificate **ret_other)
{
	for (size_t i = 0; is_member(certificate) && i < authority->count; i++) {
		const struct certificate *other = authority->certificates[i];

		if (!is_member(other) || digest_equal(&other->subject, &certificate->subject))
			continue;
		if (ret_other)
			*ret_other = other;
		return GENERATION_OTHER_SUBJECT;
	}
	return generation_judge_line(authority, certificate, ret_other);
}

static unsigned row(enum generation_rule rule)
{
	return (unsigned)rule < GENERATION_RULES ? rule : GENERATION_GOOD;
}

const char *generation_rule_str(enum generation_rule rule)
{
	return rules[row(rule)].sentence;
}

const char *generation_rule_advice(enum generation_rule rule)
{
	return rules[row(rule)].advice;
}

bool generation_succeeds(const struct certificate *older, const struct certificate *newer)
{
	return certificate_same_line(older, newer) &&
	       certificate_generation_cmp(older, newer) < 0 &&
	       older->not_after < newer->not_after && !made_later(newer, older);
}

const struct certificate *generation_before(
	const struct authority *authority, const struct certificate *certificate)
{
	const struct certificate *before = NULL;

	for (size_t i = 0; i < authority->count; i++) {
		const struct certificate *other = authority->certificates[i];

		if (is_member(other) && generation_succeeds(other, certificate) &&
			(!before || certificate_generation_cmp(before, other) < 0) &&
			generation_judge_line(authority, other, NULL) == GENERATION_GOOD)
			before = other;
	}
	return before;
}

bool generation_newest(const struct authority *authority, const struct certificate *certificate)
{
	for (size_t i = 0; i < authority->count; i++)
		if (is_member(authority->certificates[i]) &&
			generation_succeeds(certificate, authority->certificates[i]))
			return false;
	return true;
}

enum generation_link generation_link(const struct authority *authority,
	const struct certificate *older, const struct certificate *newer)
{
	if (!older || !newer || !certificate_same_line(older, newer))
		return GENERATION_LINK_NONE;
	if (digest_equal(&older->key, &newer->key))
		return GENERATION_LINK_SAME_KEY;
	for (size_t i = 0; i < authority->count; i++) {
		const struct certificate *cross = authority->certificates[i];

		if (certificate_is_cross(cross) && digest_equal(&cross->key, &newer->key) &&
			digest_equal(&cross->signer, &older->key) &&
			digest_equal(&cross->subject, &newer->subject))
			return GENERATION_LINK_CROSS_SIGNED;
	}
	return GENERATION_LINK_NEW_KEY;
}

const char *generation_link_str(enum generation_link link)
{
	return links[(unsigned)link < GENERATION_LINKS ? link : GENERATION_LINK_NONE];
}

bool generation_signed_in(const struct authority *authority, const struct certificate *certificate)
{
	if (certificate->self_signed)
		return true;
	for (size_t i = 0; i < authority->count; i++)
		if (digest_equal(&authority->certificates[i]->key, &certificate->signer))
			return true;
	return false;
}

char *generation_version(
	const struct certificate *certificate, char ret_text[static GENERATION_VERSION_SIZE])
{
	ret_text[0] = '\0';
	if (certificate->version_certificate >= 0 && certificate->version_key >= 0)
		snprintf(ret_text, GENERATION_VERSION_SIZE, "V%u.%u",
			(unsigned)(uint16_t)certificate->version_certificate,
			(unsigned)(uint16_t)certificate->version_key);
	return ret_text;
}
