/* SPDX-License-Identifier: Apache-2.0 */
#include "core/situation.h"

#include <strings.h>

#include "core/rotation.h"

struct memory_certificate *situation_owned(
	const struct situation *situation, const struct listed *listed)
{
	return memory_find(situation->memory, listed->id);
}

/* The one certificate of all trusted authorities that looks like the entry; NULL for none or
 * several. */
static const struct certificate *match_trusted(
	const struct situation *situation, const struct listed *listed)
{
	const struct certificate *match = NULL;

	for (size_t i = 0; i < situation->wanted->trust_count; i++) {
		const struct authority *authority = situation->wanted->trust[i];

		for (size_t j = 0; j < authority->count; j++) {
			const struct certificate *certificate = authority->certificates[j];

			if (!certificate_matches(
				    certificate, listed->common_name, listed->expiry) ||
				certificate == match)
				continue;
			if (match)
				return NULL;
			match = certificate;
		}
	}
	return match;
}

const struct certificate *situation_certificate(
	const struct situation *situation, const struct listed *listed)
{
	const struct memory_certificate *owned = situation_owned(situation, listed);

	if (listed->type != CERTIFICATE_TYPE_CLIENT_LDAPS)
		return NULL;
	return owned ? owned->certificate : match_trusted(situation, listed);
}

/* How much an entry in this state is there: a failed try does not hide the one that succeeded. */
static int presence(enum certificate_state state)
{
	switch (state) {
	case CERTIFICATE_STATE_REGISTERED:
		return 5;
	case CERTIFICATE_STATE_REGISTERING:
		return 4;
	case CERTIFICATE_STATE_REGISTER_FAILED:
		return 1;
	case CERTIFICATE_STATE_DEREGISTERED:
		return 0;
	default:
		return 3;
	}
}

const struct listed *situation_entry(
	const struct situation *situation, const struct certificate *certificate)
{
	const struct listed *best = NULL;
	int best_rank = 0;

	for (size_t i = 0; i < situation->observed->listed_count; i++) {
		const struct listed *listed = &situation->observed->listed[i];
		const struct memory_certificate *owned = situation_owned(situation, listed);
		bool same = owned ? owned->certificate == certificate
				  : certificate_matches(
					    certificate, listed->common_name, listed->expiry);
		int rank = presence(listed->state) * 2;

		if (!same || rank == 0 || listed->type != CERTIFICATE_TYPE_CLIENT_LDAPS)
			continue;
		rank += owned != NULL;
		if (rank > best_rank) {
			best = listed;
			best_rank = rank;
		}
	}
	return best;
}

bool situation_ambiguous(const struct situation *situation, const struct certificate *certificate)
{
	for (size_t i = 0; i < situation->wanted->trust_count; i++) {
		const struct authority *authority = situation->wanted->trust[i];

		for (size_t j = 0; j < authority->count; j++)
			if (authority->certificates[j] != certificate &&
				!certificate_is_cross(authority->certificates[j]) &&
				certificate_indistinguishable(
					authority->certificates[j], certificate))
				return true;
	}
	return false;
}

/* Whether a certificate of the same line is Registered here. */
static bool line_registered(
	const struct situation *situation, const struct certificate *certificate)
{
	for (size_t i = 0; i < situation->observed->listed_count; i++) {
		const struct listed *listed = &situation->observed->listed[i];
		const struct certificate *there = situation_certificate(situation, listed);

		if (there && listed->state == CERTIFICATE_STATE_REGISTERED &&
			certificate_same_line(there, certificate))
			return true;
	}
	return false;
}

enum generation_rule situation_barred(
	const struct situation *situation, const struct certificate *certificate)
{
	const struct authority *authority =
		directory_authority_of(situation->wanted, &certificate->sha256);
	enum generation_rule rule =
		authority ? generation_judge(authority, certificate, NULL) : GENERATION_GOOD;

	if (rule == GENERATION_OTHER_SUBJECT && line_registered(situation, certificate))
		rule = generation_judge_line(authority, certificate, NULL);
	if ((rule == GENERATION_AMBIGUOUS_ORDER || rule == GENERATION_SHORTER_LIFE) &&
		memory_find_certificate(situation->memory, &certificate->sha256))
		rule = GENERATION_GOOD;
	return rule;
}

bool situation_wanted(const struct situation *situation, const struct certificate *certificate)
{
	const struct memory_wish *wish = memory_wish_find(situation->memory, &certificate->sha256);

	return directory_authority_of(situation->wanted, &certificate->sha256) &&
	       certificate_registrable(certificate, situation->now) &&
	       situation_barred(situation, certificate) == GENERATION_GOOD &&
	       !(wish && wish->retired) && rotation_deferred(situation, certificate) == 0 &&
	       (memory_find_certificate(situation->memory, &certificate->sha256) ||
		       !situation_ambiguous(situation, certificate));
}

bool situation_dropped(const struct situation *situation, const struct memory_certificate *owned)
{
	/* one that was never seen in the file under a name could belong to any authority */
	return owned->authority[0] != '\0' &&
	       !directory_authority_of(situation->wanted, &owned->certificate->sha256) &&
	       !directory_trusts(situation->wanted, owned->authority);
}

static bool listed_busy(const struct listed *listed)
{
	return listed->type == CERTIFICATE_TYPE_CLIENT_LDAPS &&
	       (listed->state == CERTIFICATE_STATE_REGISTERING ||
		       listed->state == CERTIFICATE_STATE_DEREGISTERING ||
		       listed->state == CERTIFICATE_STATE_UNKNOWN);
}

bool situation_busy(const struct situation *situation)
{
	const struct observed *observed = situation->observed;

	if (situation->memory->change.phase != CHANGE_NONE)
		return true;
	for (size_t i = 0; i < observed->listed_count; i++)
		if (listed_busy(&observed->listed[i]))
			return true;
	return observed->ldaps_explicit && (observed->ldaps == LDAPS_STATUS_ENABLING ||
						   observed->ldaps == LDAPS_STATUS_UNKNOWN);
}

bool situation_ldaps_on(const struct situation *situation)
{
	return situation->observed->ldaps_explicit &&
	       situation->observed->ldaps != LDAPS_STATUS_DISABLED &&
	       situation->observed->ldaps != LDAPS_STATUS_ENABLE_FAILED;
}

bool situation_settled_disabled(const struct situation *situation)
{
	const struct observed *observed = situation->observed;
	int64_t since = situation->memory->disabled_since;

	return observed->ldaps_explicit && observed->ldaps == LDAPS_STATUS_DISABLED && since != 0 &&
	       situation->now - since >= situation->wanted->overlap;
}

bool situation_manageable(const struct situation *situation)
{
	const struct observed *observed = situation->observed;
	const struct directory *wanted = situation->wanted;
	const char *name = wanted->name;

	return !wanted->contested && !situation->unconfirmed && observed->complete &&
	       observed->stage == DIRECTORY_STAGE_ACTIVE &&
	       (observed->type == DIRECTORY_TYPE_MICROSOFT_AD ||
		       observed->type == DIRECTORY_TYPE_AD_CONNECTOR) &&
	       (!name || strcasecmp(name, observed->name) == 0);
}

bool situation_carries_trust(const struct listed *listed)
{
	return !listed || listed->state != CERTIFICATE_STATE_REGISTER_FAILED;
}

/* The overlap of a removed certificate's authority, though it may be trusted here no more. */
static int64_t overlap_of(const struct situation *situation, const char *name)
{
	const struct fleet *fleet = situation->rollouts ? situation->rollouts->fleet : NULL;
	const struct authority *authority = directory_trusts(situation->wanted, name);

	if (!authority && fleet)
		authority = fleet_authority(fleet, name);
	return authority ? authority->rotation.overlap : situation->wanted->overlap;
}

bool situation_turn(
	const struct situation *situation, const struct step *step, struct rollout_turn *ret_turn)
{
	const struct memory_certificate *owned;
	struct rollout_turn turn = {.place = situation->place,
		.scope = situation->place.account ? situation->place.account : "",
		.overlap = situation->wanted->overlap,
		.interval = situation->interval,
		.now = situation->now};

	if (step->kind == STEP_DEREGISTER) {
		owned = memory_find(situation->memory, step->id);
		if (!owned ||
			!situation_carries_trust(observed_find(situation->observed, step->id)))
			return false;
		turn.scope = owned->authority;
		turn.certificate = owned->certificate->sha256;
		turn.overlap = overlap_of(situation, owned->authority);
	} else if (step->kind != STEP_DISABLE) {
		return false;
	}
	*ret_turn = turn;
	return true;
}
