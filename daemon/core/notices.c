/* SPDX-License-Identifier: Apache-2.0 */
#include "core/notices.h"

#include <string.h>

#include "core/guard.h"

/* Whether the entry was told as one that takes a slot. */
static bool told_as_slot(const struct decision *decision, const struct listed *listed)
{
	for (size_t i = 0; i < decision->conditions_count; i++)
		if (decision->conditions[i].reason == REASON_FOREIGN_SLOT &&
			strcmp(decision->conditions[i].id, listed->id) == 0)
			return true;
	return false;
}

static void tell_foreign(struct decision *decision, const struct listed *listed)
{
	struct condition condition = {
		.reason = REASON_FOREIGN, .at = listed->expiry, .detail = listed->common_name};

	if (told_as_slot(decision, listed))
		return;
	memcpy(condition.id, listed->id, sizeof(condition.id));
	decision_tell(decision, &condition);
}

/* What this very look adopted, and what is kept although no file holds it any more. */
static void tell_owned(const struct situation *situation, struct decision *decision,
	const struct memory_certificate *owned)
{
	const struct directory *wanted = situation->wanted;
	const struct authority *authority = directory_trusts(wanted, owned->authority);
	struct condition condition = {.certificate = owned->certificate};

	memcpy(condition.id, owned->id, sizeof(condition.id));
	condition.reason = REASON_ADOPTED;
	if (owned->origin == ORIGIN_ADOPTED && owned->registered_at == situation->now)
		decision_tell(decision, &condition);
	condition.reason = REASON_NOT_IN_FILES;
	condition.detail = authority ? authority->name : NULL;
	if (authority && !directory_authority_of(wanted, &owned->certificate->sha256))
		decision_tell(decision, &condition);
}

/* Whether a registrable certificate of the authority is there to be registered. */
static bool has_wanted(const struct situation *situation, const struct authority *authority)
{
	for (size_t i = 0; i < authority->count; i++)
		if (situation_wanted(situation, authority->certificates[i]))
			return true;
	return false;
}

/* While LDAPS is on, an authority that nothing registered vouches for is an outage. */
static void tell_uncovered(const struct situation *situation, struct decision *decision)
{
	const struct directory *wanted = situation->wanted;

	for (size_t i = 0; situation_ldaps_on(situation) && i < wanted->trust_count; i++)
		if (!guard_covers(situation, wanted->trust[i], "") &&
			!has_wanted(situation, wanted->trust[i]))
			decision_tell(
				decision, &(struct condition){.reason = REASON_AUTHORITY_UNCOVERED,
						  .detail = wanted->trust[i]->name});
}

/* Whether a later generation of the certificate's line is Registered too. */
static bool succeeded(const struct situation *situation, const struct certificate *certificate)
{
	for (size_t i = 0; i < situation->observed->listed_count; i++) {
		const struct listed *other = &situation->observed->listed[i];
		const struct certificate *later = situation_certificate(situation, other);

		if (later && other->state == CERTIFICATE_STATE_REGISTERED &&
			generation_succeeds(certificate, later))
			return true;
	}
	return false;
}

/* Tells that a certificate nears or is past its end; returns when the next of this begins. */
static int64_t tell_expiry(const struct situation *situation, struct decision *decision,
	const struct certificate *certificate)
{
	int64_t soon = certificate->not_after - NOTICES_EXPIRES_SOON;
	struct condition condition = {.reason = REASON_EXPIRES_SOON,
		.certificate = certificate,
		.at = certificate->not_after};

	if (succeeded(situation, certificate))
		return 0;
	if (situation->now <= soon)
		return soon + 1;
	if (situation->now > certificate->not_after)
		condition.reason = REASON_EXPIRED;
	decision_tell(decision, &condition);
	return situation->now > certificate->not_after ? 0 : certificate->not_after + 1;
}

/* Whether the signer of `certificate` is trusted or listed here. */
static bool signer_present(const struct situation *situation, const struct certificate *certificate)
{
	const struct directory *wanted = situation->wanted;

	for (size_t i = 0; i < wanted->trust_count; i++)
		for (size_t j = 0; j < wanted->trust[i]->count; j++)
			if (digest_equal(
				    &wanted->trust[i]->certificates[j]->key, &certificate->signer))
				return true;
	for (size_t i = 0; i < situation->observed->listed_count; i++) {
		const struct certificate *other =
			situation_certificate(situation, &situation->observed->listed[i]);

		if (other && digest_equal(&other->key, &certificate->signer))
			return true;
	}
	return false;
}

static int64_t tell_known(const struct situation *situation, struct decision *decision,
	const struct certificate *certificate)
{
	if (!certificate->self_signed && !signer_present(situation, certificate))
		decision_tell(decision,
			&(struct condition){.reason = REASON_NO_ROOT, .certificate = certificate});
	return tell_expiry(situation, decision, certificate);
}

/* What is on its way out needs no successor. */
static bool is_dropped(const struct situation *situation, const struct listed *listed)
{
	const struct memory_certificate *owned = situation_owned(situation, listed);

	return owned && situation_dropped(situation, owned);
}

int64_t notices_tell(const struct situation *situation, struct decision *decision)
{
	int64_t next = 0;

	tell_uncovered(situation, decision);
	for (size_t i = 0; i < situation->observed->listed_count; i++) {
		const struct listed *listed = &situation->observed->listed[i];
		const struct certificate *certificate = situation_certificate(situation, listed);
		int64_t begins = 0;

		if (listed->type == CERTIFICATE_TYPE_CLIENT_CERT_AUTH ||
			listed->state == CERTIFICATE_STATE_DEREGISTERED)
			continue;
		if (situation_owned(situation, listed))
			tell_owned(situation, decision, situation_owned(situation, listed));
		else if (!certificate)
			tell_foreign(decision, listed);
		if (certificate && listed->state == CERTIFICATE_STATE_REGISTERED &&
			!is_dropped(situation, listed))
			begins = tell_known(situation, decision, certificate);
		if (begins > situation->now && (next == 0 || begins < next))
			next = begins;
	}
	return next;
}
