/* SPDX-License-Identifier: Apache-2.0 */
#include "core/decide.h"

#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "core/alarm.h"
#include "core/guard.h"
#include "core/notices.h"
#include "core/rotation.h"
#include "core/walk.h"

/* ---- rule 1 ---- */

static bool kind_manageable(enum directory_type type)
{
	return type == DIRECTORY_TYPE_MICROSOFT_AD || type == DIRECTORY_TYPE_AD_CONNECTOR;
}

/* It can be managed, but is not surely the one that the file means. */
static void selection_hold(const struct directory *wanted, const struct observed *observed,
	struct condition *condition)
{
	if (wanted->contested) {
		condition->reason = REASON_SELECTED_TWICE;
		condition->detail = wanted->contested;
	} else if (!wanted->name || strcasecmp(wanted->name, observed->name) == 0) {
		condition->reason = REASON_UNCONFIRMED;
		condition->detail = wanted->selector ? wanted->selector->place : NULL;
	} else {
		condition->reason = wanted->selector && wanted->selector->id[0] == '\0'
					    ? REASON_RENAMED
					    : REASON_WRONG_NAME;
		condition->detail = observed->name;
		condition->expected = wanted->name;
	}
}

/* Whether rule 1 holds the directory. */
static bool rule_manageable(struct walk *walk)
{
	int64_t skew = walk->situation->skew;
	const struct observed *observed = walk->observed;
	struct condition condition = {.reason = REASON_UNREADABLE,
		.refusal = observed->refusal,
		.number = walk->situation->skew,
		.detail = observed->reason};

	if (!guard_forbids(walk->situation, GUARD_N9, STEP_REGISTER))
		return true;
	if (observed->type != DIRECTORY_TYPE_UNKNOWN && !kind_manageable(observed->type)) {
		condition.reason = REASON_WRONG_KIND;
		condition.detail = directory_type_str(observed->type);
	} else if (!observed->complete) {
		condition.reason = reason_of_refusal(
			observed->refusal, skew > SITUATION_SKEW_MAX || skew < -SITUATION_SKEW_MAX);
	} else if (!kind_manageable(observed->type)) {
		condition.reason = REASON_WRONG_KIND;
		condition.detail = directory_type_str(observed->type);
	} else if (observed->stage != DIRECTORY_STAGE_ACTIVE) {
		condition.reason = REASON_NOT_ACTIVE;
		condition.number = observed->stage;
	} else {
		selection_hold(walk->situation->wanted, observed, &condition);
	}
	decision_tell(walk->decision, &condition);
	walk_block(walk, &condition);
	return false;
}

/* ---- rule 2 ---- */

static void tell_busy_entries(struct walk *walk)
{
	int64_t since = walk->situation->memory->busy_since;

	for (size_t i = 0; i < walk->observed->listed_count; i++) {
		const struct listed *listed = &walk->observed->listed[i];
		struct condition condition = {.reason = REASON_IN_FLIGHT,
			.at = since,
			.detail = certificate_state_str(listed->state)};

		if (listed->type != CERTIFICATE_TYPE_CLIENT_LDAPS)
			continue;
		if (listed->state == CERTIFICATE_STATE_UNKNOWN) {
			condition.reason = REASON_UNKNOWN_STATE;
			condition.detail = listed->id;
		} else if (listed->state != CERTIFICATE_STATE_REGISTERING &&
			   listed->state != CERTIFICATE_STATE_DEREGISTERING) {
			continue;
		}
		condition.certificate = situation_certificate(walk->situation, listed);
		memcpy(condition.id, listed->id, sizeof(condition.id));
		decision_tell(walk->decision, &condition);
	}
}

static void tell_busy_ldaps(struct walk *walk)
{
	const struct observed *observed = walk->observed;
	struct condition condition = {.reason = REASON_UNKNOWN_STATE,
		.at = walk->situation->memory->busy_since,
		.detail = "client-side LDAPS"};

	if (!observed->ldaps_explicit)
		return;
	if (observed->ldaps == LDAPS_STATUS_ENABLING)
		condition = (struct condition){.reason = REASON_LDAPS_IN_FLIGHT,
			.at = condition.at,
			.detail = ldaps_status_str(observed->ldaps)};
	else if (observed->ldaps != LDAPS_STATUS_UNKNOWN)
		return;
	decision_tell(walk->decision, &condition);
}

static void tell_change(struct walk *walk)
{
	const struct memory_change *change = &walk->situation->memory->change;
	struct condition condition = {.reason = REASON_UNRESOLVED,
		.certificate = change->certificate,
		.at = memory_change_end(change),
		.detail = operation_str(step_operation(change->kind))};

	if (change->phase == CHANGE_NONE)
		return;
	/* an entry that AWS gave an id is listed at once; DisableLDAPS alone takes its time */
	if (change->phase == CHANGE_ACCEPTED && change->kind == STEP_REGISTER)
		condition.reason = REASON_UNLISTED;
	memcpy(condition.id, change->id, sizeof(condition.id));
	decision_tell(walk->decision, &condition);
	walk_expect(walk, memory_change_end(change));
}

/* Whether nothing is in flight; if something is Stuck the walk goes on, but only to register. */
static bool rule_quiet(struct walk *walk)
{
	const struct situation *situation = walk->situation;
	int64_t since = situation->memory->busy_since;
	int64_t growing = since != 0 ? (situation->now - since) / 2 : 0;

	if (!situation_busy(situation))
		return true;
	tell_busy_entries(walk);
	tell_busy_ldaps(walk);
	tell_change(walk);
	walk->waits = REASON_IN_FLIGHT;
	if (growing < DECIDE_LOOK_MIN)
		growing = DECIDE_LOOK_MIN;
	walk_expect(walk,
		situation->now + (growing < DECIDE_LOOK_BUSY_MAX ? growing : DECIDE_LOOK_BUSY_MAX));
	walk->stuck = since != 0 && situation->now - since >= SITUATION_STUCK_AFTER;
	if (walk->stuck)
		decision_tell(
			walk->decision, &(struct condition){.reason = REASON_STUCK, .at = since});
	return !guard_forbids(situation, GUARD_N7, STEP_DISABLE);
}

/* ---- rule 6; asked by rule 3 where room is needed ---- */

/* One that has a successor is told from the beginning of the overlap. */
static void leave(struct walk *walk, const struct memory_certificate *owned)
{
	switch (rotation_leaving(walk->situation, owned)) {
	case LEAVING_DROPPED:
		walk_remove(walk, owned, REASON_DROPPED);
		break;
	case LEAVING_SUPERSEDED:
		walk_remove(walk, owned, REASON_SUPERSEDED);
		break;
	default:
		if (rotation_authority(walk->situation, owned) &&
			rotation_successor(walk->situation, owned))
			walk_remove(walk, owned, REASON_SUPERSEDED);
		break;
	}
}

static void rule_remove(struct walk *walk)
{
	const struct memory *memory = walk->situation->memory;

	if (walk->removed)
		return;
	walk->removed = true;
	for (size_t i = 0; i < memory->certificates_count; i++) {
		const struct memory_certificate *owned = &memory->certificates[i];
		const struct listed *listed = observed_find(walk->observed, owned->id);

		if (listed && (listed->state == CERTIFICATE_STATE_REGISTERED ||
				      listed->state == CERTIFICATE_STATE_DEREGISTER_FAILED))
			leave(walk, owned);
	}
}

/* ---- rule 3 ---- */

/* Who takes a slot, which says what frees it. */
static enum reason slot_reason(const struct situation *situation, const struct listed *listed)
{
	const struct memory_certificate *owned = situation_owned(situation, listed);

	if (!owned)
		return REASON_FOREIGN_SLOT;
	return rotation_authority(situation, owned) && rotation_successor(situation, owned)
		       ? REASON_SUPERSEDED_SLOT
		       : REASON_SLOT;
}

static void tell_slots(struct walk *walk)
{
	for (size_t i = 0; i < walk->observed->listed_count; i++) {
		const struct listed *listed = &walk->observed->listed[i];
		struct condition condition = {.reason = slot_reason(walk->situation, listed),
			.at = listed->expiry,
			.detail = listed->common_name};

		if (listed->type != CERTIFICATE_TYPE_CLIENT_LDAPS ||
			listed->state == CERTIFICATE_STATE_DEREGISTERED)
			continue;
		condition.certificate = situation_certificate(walk->situation, listed);
		memcpy(condition.id, listed->id, sizeof(condition.id));
		decision_tell(walk->decision, &condition);
	}
}

static bool directory_full(const struct walk *walk)
{
	uint64_t mark = walk->situation->memory->full_mark;

	return observed_slots(walk->observed) >= walk->situation->wanted->certificate_limit ||
	       (mark != 0 && mark == observed_mark(walk->observed));
}

/* `retire: manual`: never by itself, not even for its slot (design 4.5). */
static bool retired_by_hand(const struct walk *walk, const struct memory_certificate *owned)
{
	const struct authority *authority =
		owned ? directory_trusts(walk->situation->wanted, owned->authority) : NULL;

	return authority && authority->rotation.retire == RETIRE_MANUAL;
}

/* An expired entry that fills a slot; guard says whose it must be. */
static void propose_room(struct walk *walk, const struct listed *listed)
{
	const struct memory_certificate *owned = situation_owned(walk->situation, listed);
	int64_t end = owned ? owned->certificate->not_after : listed->expiry;
	struct step step = {.kind = STEP_DEREGISTER,
		.reason = REASON_MAKE_ROOM,
		.certificate = situation_certificate(walk->situation, listed)};
	struct condition ignored;

	if (listed->type != CERTIFICATE_TYPE_CLIENT_LDAPS || retired_by_hand(walk, owned) ||
		walk->situation->now - end < GUARD_EXPIRED_SINCE_FULL ||
		(listed->state != CERTIFICATE_STATE_REGISTERED &&
			listed->state != CERTIFICATE_STATE_DEREGISTER_FAILED))
		return;
	memcpy(step.id, listed->id, sizeof(step.id));
	/* whose slot it is, is told with the slots */
	if (owned || guard_check(walk->situation, &step, &ignored) == GUARD_ALL)
		walk_propose(walk, step);
}

/* Room is made by what has expired, then by what may go anyway; otherwise NoFreeSlot says what
 * takes the slots. */
static void make_room(struct walk *walk, const struct certificate *wanted)
{
	struct condition condition = {.reason = REASON_NO_FREE_SLOT,
		.certificate = wanted,
		.number = (int64_t)observed_slots(walk->observed),
		.holds = STEP_REGISTER};
	enum reason held = walk->held;

	if (walk->full_told)
		return;
	walk->full_told = true;
	for (size_t i = 0; i < walk->observed->listed_count; i++)
		propose_room(walk, &walk->observed->listed[i]);
	if (!walk->decided && !walk->stuck)
		rule_remove(walk);
	if (walk->decided)
		return;
	walk->held = held; /* it is the slot that is missing, not the right to a removal */
	decision_tell(walk->decision, &condition);
	walk_block(walk, &condition);
	tell_slots(walk);
}

/* What the service said of the last try, though its entry is cleared away by now; after all tries
 * the guard tells it. */
static void tell_failure(struct walk *walk, const struct certificate *certificate)
{
	const struct memory_wish *wish =
		memory_wish_find(walk->situation->memory, &certificate->sha256);
	struct condition condition = {.reason = REASON_REGISTER_FAILED, .certificate = certificate};

	if (!wish || wish->registration.failures == 0 || wish->failure[0] == '\0' ||
		wish->registration.next == ATTEMPT_HELD)
		return;
	condition.detail = wish->failure;
	decision_tell(walk->decision, &condition);
}

/* What others removed is told before it is registered again; what is Contested says so itself. */
static void tell_undone(struct walk *walk, const struct certificate *certificate)
{
	int64_t now = walk->situation->now;
	const struct memory_wish *wish =
		memory_wish_find(walk->situation->memory, &certificate->sha256);

	if (!wish || wish->contest.count == 0 || now - wish->contest.since > CONTEST_WINDOW ||
		contest_until(&wish->contest, now) != 0)
		return;
	decision_tell(walk->decision, &(struct condition){.reason = REASON_REMOVED_ELSEWHERE,
					      .certificate = certificate,
					      .number = wish->contest.count});
}

static void register_missing(struct walk *walk, const struct certificate *certificate)
{
	struct step step = {.kind = STEP_REGISTER,
		.reason = REASON_MISSING,
		.certificate = certificate,
		.authority = directory_authority_of(walk->situation->wanted, &certificate->sha256)
				     ->name};
	struct condition condition;

	tell_undone(walk, certificate);
	/* what is forbidden anyway needs no room */
	if (directory_full(walk) && guard_check(walk->situation, &step, &condition) == GUARD_ALL)
		make_room(walk, certificate);
	else
		walk_propose(walk, step);
}

/* An own entry that failed: cleared away, and the reason told. */
static void failed_entry(
	struct walk *walk, const struct memory_certificate *owned, const struct listed *listed)
{
	struct condition condition = {.reason = REASON_REGISTER_FAILED,
		.certificate = owned->certificate,
		.detail = listed->state_reason};

	memcpy(condition.id, owned->id, sizeof(condition.id));
	decision_tell(walk->decision, &condition);
	walk_remove(walk, owned, REASON_OWN_FAILURE);
}

static void rule_failed(struct walk *walk)
{
	const struct memory *memory = walk->situation->memory;

	for (size_t i = 0; i < memory->certificates_count; i++) {
		const struct listed *listed =
			observed_find(walk->observed, memory->certificates[i].id);

		if (listed && listed->state == CERTIFICATE_STATE_REGISTER_FAILED)
			failed_entry(walk, &memory->certificates[i], listed);
	}
}

/* Tells what bars a certificate that has not expired; whether anything does. */
static bool tell_barred(struct walk *walk, const struct certificate *certificate)
{
	const struct situation *situation = walk->situation;
	enum generation_rule rule = situation_barred(situation, certificate);
	struct condition condition = {.reason = reason_of_rule(rule),
		.certificate = certificate,
		.detail = directory_authority_of(situation->wanted, &certificate->sha256)->name};

	if (rule == GENERATION_GOOD || situation->now > certificate->not_after)
		return rule != GENERATION_GOOD;
	decision_tell(walk->decision, &condition);
	if (rule != GENERATION_CROSS)
		walk_block(walk, &condition);
	return true;
}

/*
 * Why a certificate of a trusted authority is not wanted, where that is worth telling; the end of
 * one that is Registered is told by core/notices.
 */
static void tell_unwanted(struct walk *walk, const struct certificate *certificate, bool newest)
{
	const struct situation *situation = walk->situation;
	const struct listed *entry = situation_entry(situation, certificate);

	newest = newest && !(entry && entry->state == CERTIFICATE_STATE_REGISTERED);
	if (tell_barred(walk, certificate))
		return;
	if (certificate_judge(certificate) != CERTIFICATE_GOOD) {
		walk_tell(walk, REASON_NOT_USABLE, certificate, 0,
			certificate_rule_str(certificate_judge(certificate)));
		return;
	}
	switch (certificate_judge_at(certificate, situation->now)) {
	case CERTIFICATE_EXPIRED:
		if (newest)
			walk_tell(walk, REASON_EXPIRED, certificate, certificate->not_after, NULL);
		break;
	case CERTIFICATE_NOT_YET_VALID:
		walk_tell(walk, REASON_NOT_YET_VALID, certificate, certificate->not_before, NULL);
		walk_expect(walk, certificate->not_before);
		break;
	case CERTIFICATE_UNDER_DOOR:
		if (newest || rotation_out_of_reach(situation, certificate))
			walk_tell(walk, newest ? REASON_UNDER_DOOR : REASON_OUT_OF_REACH,
				certificate, certificate->not_after, NULL);
		break;
	default:
		if (rotation_deferred(situation, certificate) != 0) {
			walk_tell(walk, REASON_AWAITS_THRESHOLD, certificate,
				rotation_deferred(situation, certificate), NULL);
			walk_expect(walk, rotation_deferred(situation, certificate));
		} else if (situation_ambiguous(situation, certificate)) {
			struct condition condition = {
				.reason = REASON_INDISTINGUISHABLE, .certificate = certificate};

			decision_tell(walk->decision, &condition);
			walk_block(walk, &condition);
		}
		break;
	}
}

/* A wanted certificate: registered, missing, or looking like somebody else's entry. */
static void wanted_certificate(struct walk *walk, const struct certificate *certificate)
{
	const struct listed *entry = situation_entry(walk->situation, certificate);
	struct condition condition = {.reason = REASON_FOREIGN_MATCH, .certificate = certificate};

	walk_expect(walk, certificate_reversible_until(certificate) + 1);
	if (!entry) {
		tell_failure(walk, certificate);
		register_missing(walk, certificate);
	} else if (!situation_owned(walk->situation, entry)) {
		/* also one that failed: after a lost reply it could be taken for ours (N2) */
		condition.detail = certificate_state_str(entry->state);
		memcpy(condition.id, entry->id, sizeof(condition.id));
		decision_tell(walk->decision, &condition);
		if (entry->state != CERTIFICATE_STATE_REGISTERED)
			walk_block(walk, &condition);
	} else if (entry->state == CERTIFICATE_STATE_REGISTER_FAILED &&
		   walk->situation->wanted->policy == POLICY_ADD_ONLY) {
		register_missing(walk, certificate);
	} else if (entry->state == CERTIFICATE_STATE_DEREGISTER_FAILED) {
		condition = (struct condition){.reason = REASON_DEREGISTER_FAILED,
			.certificate = certificate,
			.detail = entry->state_reason};
		memcpy(condition.id, entry->id, sizeof(condition.id));
		decision_tell(walk->decision, &condition);
		walk_block(walk, &condition);
	}
}

/* The newest generation of every authority comes before the next of any. */
static void rule_register(struct walk *walk)
{
	const struct directory *wanted = walk->situation->wanted;

	for (size_t rank = 0; rank < AUTHORITY_CERTIFICATES_MAX; rank++)
		for (size_t i = 0; i < wanted->trust_count; i++) {
			const struct authority *authority = wanted->trust[i];
			size_t index = authority->count - 1 - rank;

			if (rank >= authority->count)
				continue;
			if (situation_wanted(walk->situation, authority->certificates[index]))
				wanted_certificate(walk, authority->certificates[index]);
			else
				tell_unwanted(walk, authority->certificates[index],
					generation_newest(
						authority, authority->certificates[index]));
		}
}

/* ---- rules 4 and 5 ---- */

static void rule_enable(struct walk *walk)
{
	const struct situation *situation = walk->situation;

	if (situation->wanted->client_ldaps != CLIENT_LDAPS_ENABLED ||
		situation_ldaps_on(situation))
		return;
	if (walk->observed->ldaps_explicit && walk->observed->ldaps == LDAPS_STATUS_ENABLE_FAILED)
		decision_tell(walk->decision, &(struct condition){.reason = REASON_ENABLE_FAILED,
						      .refusal = situation->memory->enable.refusal,
						      .detail = walk->observed->ldaps_reason});
	walk_propose(walk, (struct step){.kind = STEP_ENABLE, .reason = REASON_LDAPS_WANTED});
	if (situation->proof->registered == VERDICT_UNKNOWN &&
		walk->decision->step.kind == STEP_ENABLE)
		decision_tell(walk->decision, &(struct condition){.reason = REASON_UNPROVEN});
}

static void rule_disable(struct walk *walk)
{
	if (walk->situation->wanted->client_ldaps == CLIENT_LDAPS_DISABLED &&
		situation_ldaps_on(walk->situation))
		walk_propose(
			walk, (struct step){.kind = STEP_DISABLE, .reason = REASON_LDAPS_UNWANTED});
}

/* ---- rule 7 ---- */

static void conclude(struct walk *walk)
{
	const struct situation *situation = walk->situation;
	struct step *step = &walk->decision->step;
	int64_t until = situation->now + situation->interval;

	if (walk->decided)
		return;
	if (walk->next != 0 && walk->next < until)
		until = walk->next;
	if (until < situation->now + DECIDE_LOOK_MIN)
		until = situation->now + DECIDE_LOOK_MIN;
	*step = (struct step){.kind = STEP_SETTLED, .reason = REASON_CONVERGED, .until = until};
	if (walk->waits != REASON_NONE) {
		step->kind = STEP_WAIT;
		step->reason = walk->waits;
	}
	if (walk->held != REASON_NONE) {
		step->kind = STEP_HELD;
		step->reason = walk->held;
	}
}

void decide(const struct situation *situation, struct decision *ret_decision)
{
	struct walk walk = {
		.situation = situation, .observed = situation->observed, .decision = ret_decision};

	ret_decision->conditions_count = 0;
	ret_decision->step = (struct step){.kind = STEP_OBSERVE, .reason = REASON_NEVER_SEEN};
	if (situation->observed->arrived == 0)
		return;
	if (rule_manageable(&walk)) {
		bool quiet = rule_quiet(&walk);

		if (quiet)
			rule_failed(&walk);
		if (quiet || walk.stuck)
			rule_register(&walk);
		if (quiet) {
			rule_enable(&walk);
			rule_disable(&walk);
			rule_remove(&walk);
		}
		walk_expect(&walk, notices_tell(situation, ret_decision));
	} else {
		walk_expect(&walk, alarm_recall(situation, ret_decision));
	}
	conclude(&walk);
}
