/* SPDX-License-Identifier: Apache-2.0 */
#include "core/notices.h"

#include <string.h>

#include "core/alarm.h"
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

/* Whether a registrable certificate of the authority is there and will be registered. */
static bool has_wanted(const struct situation *situation, const struct authority *authority)
{
	if (situation->wanted->policy == POLICY_OBSERVE)
		return false;
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

static void tell_known(const struct situation *situation, struct decision *decision,
	const struct certificate *certificate)
{
	if (!certificate->self_signed && !signer_present(situation, certificate))
		decision_tell(decision,
			&(struct condition){.reason = REASON_NO_ROOT, .certificate = certificate});
}

/* What is on its way out needs no root. */
static bool is_dropped(const struct situation *situation, const struct listed *listed)
{
	const struct memory_certificate *owned = situation_owned(situation, listed);

	return owned && situation_dropped(situation, owned);
}

/* Where it is replicated to and nothing looks after it. */
static void tell_regions(const struct situation *situation, struct decision *decision)
{
	const struct directory *wanted = situation->wanted;
	const struct observed *observed = situation->observed;

	for (size_t i = 0; !wanted->regions_all && i < observed->regions_count; i++)
		if (!directory_has_region(wanted, observed_region(observed, i)))
			decision_tell(
				decision, &(struct condition){.reason = REASON_REGION_NOT_COVERED,
						  .detail = observed_region(observed, i)});
}

int64_t notices_tell(const struct situation *situation, struct decision *decision)
{
	tell_uncovered(situation, decision);
	tell_regions(situation, decision);
	for (size_t i = 0; i < situation->observed->listed_count; i++) {
		const struct listed *listed = &situation->observed->listed[i];
		const struct certificate *certificate = situation_certificate(situation, listed);

		if (listed->type == CERTIFICATE_TYPE_CLIENT_CERT_AUTH ||
			listed->state == CERTIFICATE_STATE_DEREGISTERED)
			continue;
		if (situation_owned(situation, listed))
			tell_owned(situation, decision, situation_owned(situation, listed));
		else if (!certificate)
			tell_foreign(decision, listed);
		if (certificate && listed->state == CERTIFICATE_STATE_REGISTERED &&
			!is_dropped(situation, listed))
			tell_known(situation, decision, certificate);
	}
	return alarm_tell(situation, decision);
}
