/* SPDX-License-Identifier: Apache-2.0 */
/* What hangs together, once every certificate of every file is there: who signed whom, which
 * generation comes later, and what is no generation at all. */
#include "edge/configuration-private.h"

#include "base/calendar.h"
#include "core/generation.h"
#include "edge/x509.h"

/* A successor with a new key breaks each controller that has not enrolled anew: two thirds of a
 * template's usual year, and a month (design 4.5). Seconds. */
#define RETIRE_AFTER_SAFE (400 * DAY)

/* A change may take up to 30 min to reach all of AWS (Directory Service's guide). Seconds. */
#define OVERLAP_SAFE (INT64_C(30) * 60)

/* One authority, and where it stands. */
struct judged {
	struct loading *loading;
	const struct authority *authority;
	size_t position; /* in the fleet */
	struct place place;
};

/* ---------------------------------------------------------------- members */

static void tell_rule(const struct judged *judged, const struct certificate *certificate,
	enum generation_rule rule, const struct certificate *other)
{
	const struct member *member =
		members_find(judged->loading, &certificate->sha256, judged->position);
	char expiry[INSTANT_SIZE], other_expiry[INSTANT_SIZE];

	instant_format_date(certificate->not_after, expiry);
	if (!other)
		place_say(judged->loading, SEVERITY_WARNING, member->place,
			"%s: the certificate \"%s\" (expires %s) %s; %s", member->path,
			members_name(certificate), expiry, generation_rule_str(rule),
			generation_rule_advice(rule));
	else
		place_say(judged->loading, SEVERITY_WARNING, member->place,
			"%s: the certificate \"%s\" (expires %s) %s; the other one is \"%s\" in %s "
			"(expires %s): %s",
			member->path, members_name(certificate), expiry, generation_rule_str(rule),
			members_name(other),
			members_find(judged->loading, &other->sha256, judged->position)->path,
			instant_format_date(other->not_after, other_expiry),
			generation_rule_advice(rule));
}

/* Whether a certificate of the same line stands before it. */
static bool line_begun(const struct authority *authority, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (certificate_same_line(
			    authority->certificates[i], authority->certificates[index]))
			return true;
	return false;
}

static bool stands_before(
	const struct authority *authority, const struct certificate *certificate, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (authority->certificates[i] == certificate)
			return true;
	return false;
}

/* What is no generation of its authority; of two that stand in no order the second is told. */
static void judge_members(const struct judged *judged)
{
	const struct authority *authority = judged->authority;
	const struct certificate *first = NULL, *other;

	for (size_t i = 0; i < authority->count; i++) {
		const struct certificate *certificate = authority->certificates[i];
		enum generation_rule rule = generation_judge(authority, certificate, NULL);

		if (rule == GENERATION_OTHER_SUBJECT && !first)
			first = certificate;
		if (rule == GENERATION_OTHER_SUBJECT &&
			!certificate_same_line(first, certificate) && !line_begun(authority, i))
			tell_rule(judged, certificate, rule, first);
		rule = generation_judge_line(authority, certificate, &other);
		if (rule == GENERATION_AMBIGUOUS_ORDER && !stands_before(authority, other, i))
			continue;
		if (rule != GENERATION_GOOD)
			tell_rule(judged, certificate, rule, other);
	}
}

/* An issuing CA whose signer no file holds; once for an authority. */
static void judge_roots(const struct judged *judged)
{
	struct loading *loading = judged->loading;

	for (size_t i = 0; i < judged->authority->count; i++) {
		const struct certificate *certificate = judged->authority->certificates[i];
		const struct member *member;

		if (certificate->not_after < loading->options->now ||
			!digest_is_zero(&certificate->signer) || certificate_is_cross(certificate))
			continue;
		member = members_find(loading, &certificate->sha256, judged->position);
		place_say(loading, SEVERITY_WARNING, member->place,
			"%s: no file holds the CA that issued \"%s\": give it an authority and "
			"name "
			"that in \"trust\" too; whether AWS accepts partial chains is not "
			"documented",
			member->path, members_name(certificate));
		return;
	}
}

/* Whether one that can be registered succeeds it. */
static bool followed(
	const struct authority *authority, const struct certificate *certificate, int64_t now)
{
	for (size_t i = 0; i < authority->count; i++) {
		const struct certificate *later = authority->certificates[i];

		if (generation_succeeds(certificate, later) &&
			certificate_judge(later) == CERTIFICATE_GOOD &&
			certificate_judge_at(later, now) == CERTIFICATE_GOOD)
			return true;
	}
	return false;
}

/* What the clock says: a note where a rotation has gone on without it. */
static void judge_clock(const struct judged *judged)
{
	struct loading *loading = judged->loading;
	int64_t now = loading->options->now;

	for (size_t i = 0; i < judged->authority->count; i++) {
		const struct certificate *certificate = judged->authority->certificates[i];
		enum certificate_rule rule = certificate_judge_at(certificate, now);
		bool passed = rule != CERTIFICATE_NOT_YET_VALID &&
			      followed(judged->authority, certificate, now);

		if (rule == CERTIFICATE_GOOD || certificate_judge(certificate) != CERTIFICATE_GOOD)
			continue;
		member_say(loading, members_find(loading, &certificate->sha256, judged->position),
			passed ? SEVERITY_NOTE : SEVERITY_WARNING, rule,
			passed ? "; a later generation follows it" : "");
	}
}

/* ---------------------------------------------------------------- authorities */

/* Whether the clock alone leaves nothing of it to register. */
static bool authority_ran_out(const struct authority *authority, int64_t now)
{
	for (size_t i = 0; i < authority->count; i++)
		if (certificate_judge(authority->certificates[i]) != CERTIFICATE_GOOD ||
			certificate_judge_at(authority->certificates[i], now) == CERTIFICATE_GOOD)
			return false;
	return true;
}

static bool authority_changed_key(const struct authority *authority)
{
	for (size_t i = 1; i < authority->count; i++)
		if (!digest_equal(
			    &authority->certificates[0]->key, &authority->certificates[i]->key))
			return true;
	return false;
}

/* Where the file says `key` of the authority's rotation; the authority if nowhere. */
static struct place rotation_said(const struct judged *judged, const char *key)
{
	const struct loading *loading = judged->loading;
	const struct yaml_node *own = yaml_get(yaml_get(judged->place.node->next, "rotation"), key);
	const struct yaml_node *common = yaml_get(loading->rotation_place.node, key);

	if (own)
		return (struct place){judged->place.source, own};
	return common ? (struct place){loading->rotation_place.source, common} : judged->place;
}

static void judge_rotation(const struct judged *judged)
{
	const struct authority *authority = judged->authority;
	const struct rotation *rotation = &authority->rotation;
	char length[DURATION_SIZE];

	if (authority_ran_out(authority, judged->loading->options->now))
		place_say(judged->loading, SEVERITY_WARNING, judged->place,
			"the authority \"%s\" has no certificate left that could be registered: "
			"add its next generation",
			authority->name);
	if (rotation->overlap >= 1 && rotation->overlap < OVERLAP_SAFE)
		place_say(judged->loading, SEVERITY_WARNING, rotation_said(judged, "overlap"),
			"the authority \"%s\" has an \"overlap\" of %s: what is registered may "
			"take "
			"30m to take effect everywhere, and nothing is sure before",
			authority->name, duration_write(rotation->overlap, length));
	/* 0: what the file says was an error */
	if (rotation->retire == RETIRE_AFTER && rotation->retire_after > 0 &&
		rotation->retire_after < RETIRE_AFTER_SAFE && authority_changed_key(authority))
		place_say(judged->loading, SEVERITY_WARNING, rotation_said(judged, "retire"),
			"the authority \"%s\" has changed its key, and \"retire: after\" of %s is "
			"less than the 400d in which every domain controller has surely enrolled "
			"anew",
			authority->name, duration_write(rotation->retire_after, length));
}

bool generations_complete(const struct loading *loading)
{
	return !loading->partial && loading->diagnostics->totals[SEVERITY_ERROR] == 0;
}

int generations_build(struct loading *loading)
{
	struct fleet *fleet = &loading->fleet;
	int r = x509_link(loading->store);

	if (r < 0)
		return r;
	for (size_t i = 0; i < fleet->authorities_count; i++)
		authority_sort(&fleet->authorities[i]);
	for (size_t i = 0; i < loading->authorities.count; i++) {
		const struct name *name = &loading->authorities.names[i];
		struct judged judged = {
			loading, &fleet->authorities[name->position], name->position, name->place};

		if (judged.authority->count == 0)
			continue; /* told where its files were read */
		judge_clock(&judged);
		judge_members(&judged);
		judge_rotation(&judged);
		if (generations_complete(loading))
			judge_roots(&judged);
	}
	return 0;
}
