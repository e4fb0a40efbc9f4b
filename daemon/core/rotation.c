/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rotation.h"

#include <string.h>

#include "base/text.h"
#include "core/generation.h"
#include "core/step.h"

const struct authority *rotation_authority(
	const struct situation *situation, const struct memory_certificate *owned)
{
	const struct authority *authority =
		directory_authority_of(situation->wanted, &owned->certificate->sha256);

	return authority ? authority : directory_trusts(situation->wanted, owned->authority);
}

const struct memory_certificate *rotation_successor(
	const struct situation *situation, const struct memory_certificate *owned)
{
	const struct memory *memory = situation->memory;
	const struct memory_certificate *successor = NULL;

	for (size_t i = 0; i < memory->certificates_count; i++) {
		const struct memory_certificate *other = &memory->certificates[i];
		const struct listed *listed = observed_find(situation->observed, other->id);

		if (!listed || listed->state != CERTIFICATE_STATE_REGISTERED ||
			other->registered_at == 0 ||
			other->certificate->not_after <= situation->now + STEP_VIEW_MAX ||
			!generation_succeeds(owned->certificate, other->certificate))
			continue;
		if (!successor || other->registered_at < successor->registered_at)
			successor = other;
	}
	return successor;
}

/* When the overlap with the successor ends. */
static int64_t overlap_end(
	const struct authority *authority, const struct memory_certificate *successor)
{
	return successor->registered_at + authority->rotation.overlap;
}

enum leaving rotation_leaving(
	const struct situation *situation, const struct memory_certificate *owned)
{
	const struct authority *authority = rotation_authority(situation, owned);
	const struct memory_certificate *successor;

	if (situation_dropped(situation, owned))
		return LEAVING_DROPPED;
	successor = authority ? rotation_successor(situation, owned) : NULL;
	return successor && situation->now >= overlap_end(authority, successor) ? LEAVING_SUPERSEDED
										: LEAVING_NOT;
}

/* `{after: DURATION}`: the wait runs with everything else allowed. What could not end it while the
 * removal is reversible waits for the end of the certificate. */
static enum reason age_stays(const struct situation *situation,
	const struct memory_certificate *owned, int64_t length, int64_t sent_by, int64_t *ret_at)
{
	bool counted = owned->leaving == LEAVING_SUPERSEDED && owned->removable_since != 0;
	int64_t end = (counted ? owned->removable_since : situation->now) + length;
	int64_t door = certificate_reversible_until(owned->certificate);

	if (situation->now - owned->certificate->not_after >= ROTATION_EXPIRED_SINCE ||
		(situation->now >= end && sent_by < door))
		return REASON_NONE;
	if (situation->now < end && end < door) {
		*ret_at = end;
		return REASON_AWAITS_AGE;
	}
	*ret_at = owned->certificate->not_after + ROTATION_EXPIRED_SINCE;
	return REASON_AWAITS_EXPIRY;
}

/* What `retire:` says of one that has not been expired for a day, is not approved and is not
 * proven to be needed by nobody. */
static enum reason retire_stays(const struct situation *situation,
	const struct memory_certificate *owned, const struct rotation *rotation, int64_t sent_by,
	int64_t *ret_at)
{
	int64_t expired = owned->certificate->not_after + ROTATION_EXPIRED_SINCE;

	switch (rotation->retire) {
	case RETIRE_AFTER:
		return age_stays(situation, owned, rotation->retire_after, sent_by, ret_at);
	case RETIRE_AT_EXPIRY:
		*ret_at = expired;
		return REASON_AWAITS_EXPIRY;
	case RETIRE_WHEN_PROVEN:
		*ret_at = expired;
		return REASON_AWAITS_PROOF;
	default:
		*ret_at = 0;
		return REASON_RETIRED_BY_HAND;
	}
}

enum reason rotation_stays(const struct situation *situation,
	const struct memory_certificate *owned, int64_t sent_by, int64_t *ret_at)
{
	const struct authority *authority = rotation_authority(situation, owned);
	const struct memory_certificate *successor = rotation_successor(situation, owned);
	const struct certificate *certificate = owned->certificate;
	enum retire retire;

	*ret_at = 0;
	if (!authority || !successor)
		return REASON_NONE;
	if (situation->now < overlap_end(authority, successor)) {
		*ret_at = overlap_end(authority, successor);
		return REASON_OVERLAPPING;
	}
	retire = authority->rotation.retire;
	if (directory_approval(situation->wanted, &certificate->sha256, sent_by) ||
		(retire == RETIRE_WHEN_PROVEN &&
			proof_without(situation->proof, &certificate->sha256) == VERDICT_OK) ||
		((retire == RETIRE_WHEN_PROVEN || retire == RETIRE_AT_EXPIRY) &&
			situation->now - certificate->not_after >= ROTATION_EXPIRED_SINCE))
		return REASON_NONE;
	return retire_stays(situation, owned, &authority->rotation, sent_by, ret_at);
}

const char *rotation_doubt(const struct situation *situation, const struct certificate *certificate)
{
	return proof_without(situation->proof, &certificate->sha256) == VERDICT_FAIL
		       ? "a domain controller still needs it"
		       : "it is not proven that no domain controller needs it any more";
}

/* What `retire:` asked for and has. */
static const char *retire_ground(
	const struct situation *situation, const struct certificate *certificate)
{
	if (certificate->not_after < situation->now)
		return "it has expired";
	if (proof_without(situation->proof, &certificate->sha256) == VERDICT_OK)
		return "it is proven that no domain controller needs it";
	return "it has been superseded for as long as `retire` says";
}

char *rotation_ground(const struct situation *situation, const struct step *step,
	char ret_text[static ROTATION_GROUND_SIZE])
{
	static const char approved[] = "its removal is approved in the file";
	bool superseded = step->reason == REASON_SUPERSEDED;
	const struct approval *approval = NULL;

	if (superseded || step->reason == REASON_DROPPED)
		approval = directory_approval(
			situation->wanted, &step->certificate->sha256, situation->now);
	ret_text[0] = '\0';
	if (approval && approval->reason) {
		text_copy(approved, ret_text, ROTATION_GROUND_SIZE);
		text_copy(": ", ret_text + strlen(ret_text), sizeof(": "));
		text_copy(approval->reason, ret_text + strlen(ret_text),
			ROTATION_GROUND_SIZE - strlen(ret_text));
	} else if (approval || superseded) {
		text_copy(approval ? approved : retire_ground(situation, step->certificate),
			ret_text, ROTATION_GROUND_SIZE);
	}
	return ret_text;
}

/* The newest generation before `certificate` that is Registered here and not expired. */
static const struct certificate *current_generation(
	const struct situation *situation, const struct certificate *certificate)
{
	const struct certificate *current = NULL;

	for (size_t i = 0; i < situation->observed->listed_count; i++) {
		const struct listed *listed = &situation->observed->listed[i];
		const struct certificate *other = situation_certificate(situation, listed);

		if (!other || listed->state != CERTIFICATE_STATE_REGISTERED ||
			other->not_after <= situation->now ||
			!generation_succeeds(other, certificate))
			continue;
		if (!current || certificate_generation_cmp(current, other) < 0)
			current = other;
	}
	return current;
}

int64_t rotation_deferred(const struct situation *situation, const struct certificate *certificate)
{
	const struct authority *authority =
		directory_authority_of(situation->wanted, &certificate->sha256);
	const struct listed *entry;
	const struct certificate *current;
	int64_t until;

	if (!authority || !authority->rotation.register_at_threshold)
		return 0;
	entry = situation_entry(situation, certificate);
	if (entry && entry->state != CERTIFICATE_STATE_REGISTER_FAILED)
		return 0;
	current = current_generation(situation, certificate);
	if (!current || !digest_equal(&current->key, &certificate->key))
		return 0;
	until = current->not_after - authority->rotation.rotate_before;
	return situation->now < until ? until : 0;
}

bool rotation_out_of_reach(const struct situation *situation, const struct certificate *certificate)
{
	const struct authority *authority =
		directory_authority_of(situation->wanted, &certificate->sha256);
	const struct memory_wish *wish = memory_wish_find(situation->memory, &certificate->sha256);

	return authority && certificate_judge(certificate) == CERTIFICATE_GOOD &&
	       certificate_judge_at(certificate, situation->now) == CERTIFICATE_UNDER_DOOR &&
	       situation_barred(situation, certificate) == GENERATION_GOOD &&
	       !generation_newest(authority, certificate) && !(wish && wish->retired) &&
	       !situation_entry(situation, certificate);
}

bool rotation_succeeded(const struct situation *situation, const struct certificate *certificate)
{
	for (size_t i = 0; i < situation->observed->listed_count; i++) {
		const struct listed *listed = &situation->observed->listed[i];
		const struct certificate *other = situation_certificate(situation, listed);

		if (other && generation_succeeds(certificate, other) &&
			(listed->state == CERTIFICATE_STATE_REGISTERED ||
				listed->state == CERTIFICATE_STATE_REGISTERING))
			return true;
	}
	return situation->memory->change.phase != CHANGE_NONE &&
	       situation->memory->change.kind == STEP_REGISTER;
}
