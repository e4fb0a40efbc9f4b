/* SPDX-License-Identifier: Apache-2.0 */
#include "core/guard.h"

#include <string.h>

#include "core/rotation.h"

/* Tests build this file once for each rule with that rule taken out; a release takes out none. */
#ifndef GUARD_WITHOUT
#define GUARD_WITHOUT -1
#endif

#define FOR(kind) (1U << STEP_##kind)
#define REMOVING  FOR(DEREGISTER)
#define CUTTING	  (FOR(DEREGISTER) | FOR(DISABLE))
#define RISKING	  (CUTTING | FOR(ENABLE))
#define WRITING	  (RISKING | FOR(REGISTER))

/* What a rule looks at; `entry` and `owned` are NULL where the step names none. */
struct view {
	const struct situation *situation;
	const struct step *step;
	const struct listed *entry;
	const struct memory_certificate *owned;
	struct condition *tell; /* to be filled by a rule that forbids */
};

/* The latest instant at which the step can still be sent: what ends before it does not count. */
static int64_t sent_by(const struct situation *situation)
{
	return situation->now + STEP_VIEW_MAX;
}

/* Fills what is told and says "forbidden", so that a rule can end with it. */
static bool forbid(const struct view *view, enum reason reason, int64_t at, const char *detail)
{
	*view->tell = (struct condition){.reason = reason,
		.certificate = view->step->certificate,
		.at = at,
		.detail = detail};
	memcpy(view->tell->id, view->step->id, sizeof(view->tell->id));
	return true;
}

static bool policy_forbids(const struct view *view)
{
	enum policy policy = view->situation->wanted->policy;
	bool adds = view->step->kind == STEP_REGISTER || view->step->kind == STEP_ENABLE;

	if (policy == POLICY_OBSERVE)
		return forbid(view, REASON_OBSERVING, 0, NULL);
	return policy == POLICY_ADD_ONLY && !adds &&
	       forbid(view, REASON_POLICY, 0, policy_str(policy));
}

static bool n9_forbids(const struct view *view)
{
	return !situation_manageable(view->situation) &&
	       forbid(view, REASON_UNREADABLE, 0, view->situation->observed->reason);
}

static bool n7_forbids(const struct view *view)
{
	const struct situation *situation = view->situation;
	int64_t since = situation->memory->busy_since;
	bool stuck = since != 0 && situation->now - since >= SITUATION_STUCK_AFTER;

	if (!situation_busy(situation))
		return false;
	if (stuck && view->step->kind == STEP_REGISTER &&
		situation->memory->change.phase == CHANGE_NONE)
		return false;
	return forbid(view, stuck ? REASON_STUCK : REASON_IN_FLIGHT, since, "busy");
}

/* What is told when all tries of a write have failed. */
static enum reason gave_up_reason(enum step_kind kind)
{
	switch (kind) {
	case STEP_REGISTER:
		return REASON_REGISTER_FAILED;
	case STEP_DEREGISTER:
		return REASON_DEREGISTER_FAILED;
	case STEP_ENABLE:
		return REASON_ENABLE_FAILED;
	default:
		return REASON_DISABLE_FAILED;
	}
}

/* The attempt and the contest that a step answers to. */
static bool n11_forbids(const struct view *view)
{
	const struct memory *memory = view->situation->memory;
	const struct memory_wish *wish;
	const struct attempt *attempt = NULL;
	const struct contest *contest = NULL;
	const char *failure = NULL;
	int64_t now = view->situation->now, until;

	if (view->step->kind == STEP_REGISTER) {
		wish = memory_wish_find(memory, &view->step->certificate->sha256);
		attempt = wish ? &wish->registration : NULL;
		contest = wish ? &wish->contest : NULL;
		failure = wish ? wish->failure : NULL;
	} else if (view->step->kind == STEP_DEREGISTER) {
		attempt = view->owned ? &view->owned->deregister : NULL;
	} else if (view->step->kind == STEP_ENABLE) {
		attempt = &memory->enable;
		contest = &memory->ldaps_contest;
	} else {
		attempt = &memory->disable;
	}
	until = contest ? contest_until(contest, now) : 0;
	if (until != 0) {
		forbid(view, REASON_CONTESTED, until, NULL);
		view->tell->number = contest->count;
		return true;
	}
	if (!attempt || attempt_ready(attempt, now))
		return false;
	if (attempt->next == ATTEMPT_HELD)
		forbid(view, gave_up_reason(view->step->kind), 0, failure);
	else
		forbid(view, REASON_BACKING_OFF, attempt->next,
			operation_str(step_operation(view->step->kind)));
	view->tell->refusal = attempt->refusal;
	return true;
}

static bool n4_clock_forbids(const struct view *view)
{
	int64_t skew = view->situation->skew;

	if (skew <= SITUATION_SKEW_MAX && skew >= -SITUATION_SKEW_MAX)
		return false;
	forbid(view, REASON_CLOCK_SKEW, 0, NULL);
	view->tell->number = skew;
	return true;
}

/* Where a wait of `length` that began at `since` (0: not yet) ends; 0 if it is over. */
static int64_t wait_end(int64_t since, int64_t length, int64_t now)
{
	int64_t end = (since != 0 ? since : now) + length;

	return since != 0 && now >= end ? 0 : end;
}

static bool is_registered(const struct listed *listed)
{
	return listed->type == CERTIFICATE_TYPE_CLIENT_LDAPS &&
	       listed->state == CERTIFICATE_STATE_REGISTERED;
}

static bool n4_view_forbids(const struct view *view)
{
	const struct observed *observed = view->situation->observed;
	size_t registered = 0;

	for (size_t i = 0; i < observed->listed_count; i++)
		registered += is_registered(&observed->listed[i]);
	if (view->situation->memory->vanished)
		return forbid(view, REASON_MISSED, view->situation->now + SITUATION_LOOK_MIN, NULL);
	return registered == 0 && view->step->kind == STEP_DEREGISTER &&
	       situation_ldaps_on(view->situation) &&
	       forbid(view, REASON_CONTRADICTORY, 0, "LDAPS is on with nothing registered");
}

static bool n2_forbids(const struct view *view)
{
	bool ours =
		view->entry && view->owned && view->entry->type == CERTIFICATE_TYPE_CLIENT_LDAPS;

	return !ours && forbid(view, REASON_NOT_OWNED, 0, NULL);
}

static bool n8_forbids(const struct view *view)
{
	const struct directory *wanted = view->situation->wanted;

	return wanted->trust_count == 0 && !wanted->trust_none &&
	       forbid(view, REASON_NOTHING_TRUSTED, 0, NULL);
}

static bool carries_trust(const struct view *view)
{
	return situation_carries_trust(view->entry);
}

/* An expired certificate whose slot is needed. */
static bool makes_room(const struct view *view)
{
	return view->step->reason == REASON_MAKE_ROOM && view->owned &&
	       view->situation->now - view->owned->certificate->not_after >=
		       GUARD_EXPIRED_SINCE_FULL;
}

static bool retire_forbids(const struct view *view)
{
	const struct situation *situation = view->situation;
	enum reason reason;
	int64_t at;

	if (!view->owned || !carries_trust(view) || makes_room(view) ||
		rotation_leaving(situation, view->owned) == LEAVING_DROPPED)
		return false;
	if (!rotation_successor(situation, view->owned))
		return forbid(view, REASON_AUTHORITY_LEFT_BARE, 0, view->owned->authority);
	reason = rotation_stays(situation, view->owned, sent_by(situation), &at);
	return reason != REASON_NONE &&
	       forbid(view, reason, at,
		       reason == REASON_AWAITS_PROOF
			       ? rotation_doubt(situation, view->owned->certificate)
			       : NULL);
}

/* The last one: it goes when LDAPS has been off for long enough, where it is or is to be off. */
static bool last_forbids(const struct view *view)
{
	const struct situation *situation = view->situation;
	const struct observed *observed = situation->observed;

	if (observed->ldaps_explicit && observed->ldaps == LDAPS_STATUS_DISABLED)
		return forbid(view, REASON_AWAITS_DISABLED,
			wait_end(situation->memory->disabled_since, situation->wanted->overlap,
				situation->now),
			NULL);
	if (situation_ldaps_on(situation) &&
		situation->wanted->client_ldaps == CLIENT_LDAPS_DISABLED)
		return forbid(view, REASON_AWAITS_DISABLED, 0, NULL);
	return forbid(view, REASON_LAST_CERTIFICATE, 0, NULL);
}

static bool n1a_forbids(const struct view *view)
{
	const struct observed *observed = view->situation->observed;

	if (!carries_trust(view) || situation_settled_disabled(view->situation))
		return false;
	for (size_t i = 0; i < observed->listed_count; i++) {
		const struct listed *other = &observed->listed[i];

		if (strcmp(other->id, view->step->id) != 0 && is_registered(other) &&
			other->expiry - sent_by(view->situation) > GUARD_LIFE_LEFT)
			return false;
	}
	return last_forbids(view);
}

/* (b) and (c) yield to expiry of the removed one and to approval. */
static bool yields(const struct view *view)
{
	const struct certificate *removed = view->owned ? view->owned->certificate : NULL;

	return removed && (view->situation->now > removed->not_after ||
				  directory_approval(view->situation->wanted, &removed->sha256,
					  sent_by(view->situation)));
}

bool guard_covers(
	const struct situation *situation, const struct authority *authority, const char *without)
{
	const struct observed *observed = situation->observed;

	for (size_t i = 0; i < observed->listed_count; i++) {
		const struct listed *listed = &observed->listed[i];
		const struct certificate *certificate;

		if (!is_registered(listed) || strcmp(listed->id, without) == 0 ||
			listed->expiry <= sent_by(situation))
			continue;
		certificate = situation_certificate(situation, listed);
		for (size_t j = 0; certificate && j < authority->count; j++)
			if (authority->certificates[j] == certificate)
				return true;
	}
	return false;
}

static bool n1b_forbids(const struct view *view)
{
	const struct directory *wanted = view->situation->wanted;

	if (!carries_trust(view) || situation_settled_disabled(view->situation) || yields(view))
		return false;
	for (size_t i = 0; i < wanted->trust_count; i++)
		if (!guard_covers(view->situation, wanted->trust[i], view->step->id))
			return forbid(view, REASON_AUTHORITY_LEFT_BARE, 0, wanted->trust[i]->name);
	return false;
}

/*
 * Whether `certificate` reaches a self-signed root through Registered entries other than `without`.
 * Each hop goes to a signer, so `hops` (the number of entries) bounds a cycle of
 * cross-certificates.
 */
static bool reaches_root(const struct situation *situation, const struct certificate *certificate,
	const char *without, size_t hops)
{
	const struct observed *observed = situation->observed;

	if (certificate->self_signed)
		return true;
	for (size_t i = 0; hops > 0 && i < observed->listed_count; i++) {
		const struct listed *listed = &observed->listed[i];
		const struct certificate *signer;

		if (!is_registered(listed) || strcmp(listed->id, without) == 0)
			continue;
		signer = situation_certificate(situation, listed);
		if (signer && !digest_is_zero(&certificate->signer) &&
			digest_equal(&signer->key, &certificate->signer) &&
			reaches_root(situation, signer, without, hops - 1))
			return true;
	}
	return false;
}

/* Five hops are more than any chain of CAs in a directory of five slots has. */
#define PATH_HOPS_MAX 5

static bool n1c_forbids(const struct view *view)
{
	const struct situation *situation = view->situation;
	const struct observed *observed = situation->observed;

	if (!carries_trust(view) || situation_settled_disabled(situation) || yields(view))
		return false;
	for (size_t i = 0; i < observed->listed_count; i++) {
		const struct listed *other = &observed->listed[i];
		const struct certificate *certificate;

		if (!is_registered(other) || strcmp(other->id, view->step->id) == 0)
			continue;
		certificate = situation_certificate(situation, other);
		if (certificate && reaches_root(situation, certificate, "", PATH_HOPS_MAX) &&
			!reaches_root(situation, certificate, view->step->id, PATH_HOPS_MAX))
			return forbid(view, REASON_PATH_BROKEN, 0, certificate->common_name);
	}
	return false;
}

static bool n3_forbids(const struct view *view)
{
	const struct situation *situation = view->situation;
	const struct certificate *removed = view->owned ? view->owned->certificate : NULL;
	bool full = view->step->reason == REASON_MAKE_ROOM &&
		    observed_slots(situation->observed) >= situation->wanted->certificate_limit;
	int64_t expired = full ? GUARD_EXPIRED_SINCE_FULL : ROTATION_EXPIRED_SINCE;

	if (!removed || !carries_trust(view) ||
		sent_by(situation) < certificate_reversible_until(removed) ||
		situation->now - removed->not_after >= expired ||
		directory_approval(situation->wanted, &removed->sha256, sent_by(situation)) ||
		proof_without(situation->proof, &removed->sha256) == VERDICT_OK)
		return false;
	return forbid(view, REASON_IRREVERSIBLE, certificate_reversible_until(removed), NULL);
}

static bool needed_forbids(const struct view *view)
{
	return view->owned && carries_trust(view) &&
	       proof_without(view->situation->proof, &view->owned->certificate->sha256) ==
		       VERDICT_FAIL &&
	       forbid(view, REASON_STILL_NEEDED, 0, NULL);
}

/* Of what is dropped. An expired certificate is past all grace: what it was needed for has ended
 * with it. */
static bool grace_forbids(const struct view *view)
{
	const struct situation *situation = view->situation;
	bool counted;
	int64_t end;

	if (!view->owned || !carries_trust(view) ||
		rotation_leaving(situation, view->owned) != LEAVING_DROPPED ||
		situation->now - view->owned->certificate->not_after >= GUARD_EXPIRED_SINCE_FULL ||
		directory_approval(
			situation->wanted, &view->owned->certificate->sha256, sent_by(situation)))
		return false;
	counted = view->owned->leaving == LEAVING_DROPPED;
	end = wait_end(counted ? view->owned->removable_since : 0, situation->wanted->grace,
		situation->now);
	return end != 0 && forbid(view, REASON_GRACE, end, NULL);
}

/* Whether only its place in its authority bars it: which CA is meant, the file has to say first. */
static bool would_be_wanted(
	const struct situation *situation, const struct certificate *certificate)
{
	return certificate_registrable(certificate, situation->now) &&
	       situation_barred(situation, certificate) > GENERATION_CROSS;
}

/* Whether controllers may need it, though nobody can register it here any more. */
static bool may_be_needed(const struct situation *situation, const struct certificate *certificate)
{
	return situation->proof->registered != VERDICT_OK &&
	       rotation_out_of_reach(situation, certificate);
}

static bool n5_forbids(const struct view *view)
{
	const struct situation *situation = view->situation;
	const struct directory *wanted = situation->wanted;

	if (wanted->trust_count == 0)
		return forbid(view, REASON_NOTHING_TRUSTED, 0, NULL);
	for (size_t i = 0; i < wanted->trust_count; i++)
		for (size_t j = 0; j < wanted->trust[i]->count; j++) {
			const struct certificate *certificate = wanted->trust[i]->certificates[j];
			const struct listed *entry = situation_entry(situation, certificate);

			if ((!situation_wanted(situation, certificate) &&
				    !would_be_wanted(situation, certificate) &&
				    !may_be_needed(situation, certificate)) ||
				(entry && entry->state == CERTIFICATE_STATE_REGISTERED))
				continue;
			forbid(view, REASON_WAITS_FOR_CERTIFICATES, 0, NULL);
			view->tell->certificate = certificate;
			return true;
		}
	for (size_t i = 0; i < wanted->trust_count; i++)
		if (!guard_covers(situation, wanted->trust[i], ""))
			return forbid(view, REASON_AUTHORITY_UNCOVERED, 0, wanted->trust[i]->name);
	return situation->proof->registered == VERDICT_FAIL &&
	       forbid(view, REASON_PROBE_FAILS, 0, NULL);
}

static bool reenable_forbids(const struct view *view)
{
	const struct situation *situation = view->situation;
	int64_t since = situation->memory->disabled_elsewhere_since;

	if (since == 0 || situation->now - since >= situation->wanted->reenable_after)
		return false;
	return forbid(
		view, REASON_DISABLED_ELSEWHERE, since + situation->wanted->reenable_after, NULL);
}

static bool n6_file_forbids(const struct view *view)
{
	return view->situation->wanted->client_ldaps != CLIENT_LDAPS_DISABLED &&
	       forbid(view, REASON_POLICY, 0, "of the file");
}

static bool n6_grace_forbids(const struct view *view)
{
	const struct situation *situation = view->situation;
	int64_t end = wait_end(
		situation->memory->disable_since, situation->wanted->grace, situation->now);

	return !directory_approval_disable(situation->wanted, sent_by(situation)) && end != 0 &&
	       forbid(view, REASON_GRACE, end, NULL);
}

static bool n12_forbids(const struct view *view)
{
	const struct rollouts *rollouts = view->situation->rollouts;
	struct rollout_turn turn;
	struct rollout_wait wait;

	if (!rollouts || !situation_turn(view->situation, view->step, &turn) ||
		rollouts_allow(rollouts, &turn, &wait))
		return false;
	return forbid(view, wait.until != 0 ? REASON_AWAITS_TURN : REASON_AWAITS_FIRST, wait.until,
		wait.first ? wait.first : "another directory");
}

static const struct {
	const char *name;
	unsigned kinds; /* bits of step kinds it applies to */
	bool waits;	/* it only makes one wait */
	bool (*forbids)(const struct view *view);
} rules[GUARD_RULES] = {
	[GUARD_RETIRE] = {"RETIRE", REMOVING, true, retire_forbids},
	[GUARD_POLICY] = {"POLICY", WRITING, false, policy_forbids},
	[GUARD_N9] = {"N9", WRITING, false, n9_forbids},
	[GUARD_N7] = {"N7", WRITING, true, n7_forbids},
	[GUARD_N11] = {"N11", WRITING, true, n11_forbids},
	[GUARD_N4_CLOCK] = {"N4_CLOCK", RISKING, false, n4_clock_forbids},
	[GUARD_N4_VIEW] = {"N4_VIEW", REMOVING | FOR(REGISTER), false, n4_view_forbids},
	[GUARD_N2] = {"N2", REMOVING, false, n2_forbids},
	[GUARD_N8] = {"N8", CUTTING, false, n8_forbids},
	[GUARD_N1A] = {"N1A", REMOVING, false, n1a_forbids},
	[GUARD_N1B] = {"N1B", REMOVING, false, n1b_forbids},
	[GUARD_N1C] = {"N1C", REMOVING, false, n1c_forbids},
	[GUARD_N3] = {"N3", REMOVING, false, n3_forbids},
	[GUARD_NEEDED] = {"NEEDED", REMOVING, false, needed_forbids},
	[GUARD_GRACE] = {"GRACE", REMOVING, true, grace_forbids},
	[GUARD_N5] = {"N5", FOR(ENABLE), false, n5_forbids},
	[GUARD_REENABLE] = {"REENABLE", FOR(ENABLE), true, reenable_forbids},
	[GUARD_N6_FILE] = {"N6_FILE", FOR(DISABLE), false, n6_file_forbids},
	[GUARD_N6_GRACE] = {"N6_GRACE", FOR(DISABLE), true, n6_grace_forbids},
	[GUARD_N12] = {"N12", CUTTING, true, n12_forbids},
};

static enum guard_rule guard_walk(const struct situation *situation, const struct step *step,
	bool waiting, struct condition *ret_condition)
{
	struct condition tell;
	struct view view = {.situation = situation, .step = step, .tell = &tell};

	if (step->id[0] != '\0') {
		view.entry = observed_find(situation->observed, step->id);
		view.owned = memory_find(situation->memory, step->id);
	}
	for (int i = 0; i < GUARD_RULES; i++) {
		if (i == GUARD_WITHOUT || !(rules[i].kinds & 1U << step->kind) ||
			(rules[i].waits && !waiting) || !rules[i].forbids(&view))
			continue;
		*ret_condition = tell;
		return (enum guard_rule)i;
	}
	return GUARD_ALL;
}

enum guard_rule guard_check(
	const struct situation *situation, const struct step *step, struct condition *ret_condition)
{
	return guard_walk(situation, step, true, ret_condition);
}

enum guard_rule guard_check_but_waiting(const struct situation *situation, const struct step *step)
{
	struct condition ignored;

	return guard_walk(situation, step, false, &ignored);
}

bool guard_forbids(const struct situation *situation, enum guard_rule rule, enum step_kind kind)
{
	struct condition ignored;
	struct step step = {.kind = kind};
	struct view view = {.situation = situation, .step = &step, .tell = &ignored};

	return (int)rule != GUARD_WITHOUT && rules[rule].forbids(&view);
}

bool guard_stale(const struct step *step, int64_t clock)
{
	return GUARD_WITHOUT != GUARD_N4_AGE && clock > step->deadline;
}

const char *guard_rule_str(enum guard_rule rule)
{
	if (rule == GUARD_N4_AGE)
		return "N4_AGE";
	return (unsigned)rule < GUARD_RULES ? rules[rule].name : "ALL";
}
