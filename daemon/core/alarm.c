/* SPDX-License-Identifier: Apache-2.0 */
#include "core/alarm.h"

#include <string.h>

#include "base/calendar.h"
#include "core/generation.h"
#include "core/threshold.h"

/* A certificate that is Registered here, or was when a look was complete last. */
struct present {
	const struct certificate *certificate;
	const struct memory_certificate *owned; /* NULL if it is foreign */
	const char *id;
};

struct presence {
	const struct situation *situation;
	struct present list[OBSERVED_CERTIFICATES_MAX];
	size_t count;
};

_Static_assert(MEMORY_CERTIFICATES_MAX <= OBSERVED_CERTIFICATES_MAX, "memory fits as a look does");

static void presence_see(struct presence *presence)
{
	const struct situation *situation = presence->situation;

	for (size_t i = 0; i < situation->observed->listed_count; i++) {
		const struct listed *listed = &situation->observed->listed[i];
		const struct certificate *certificate = situation_certificate(situation, listed);

		if (certificate && listed->state == CERTIFICATE_STATE_REGISTERED)
			presence->list[presence->count++] = (struct present){
				certificate, situation_owned(situation, listed), listed->id};
	}
}

static void presence_recall(struct presence *presence)
{
	const struct memory *memory = presence->situation->memory;

	for (size_t i = 0; i < memory->certificates_count; i++) {
		const struct memory_certificate *owned = &memory->certificates[i];

		if (owned->registered_at != 0 && owned->removing_since == 0)
			presence->list[presence->count++] =
				(struct present){owned->certificate, owned, owned->id};
	}
}

/* Whether a later generation is Registered too; with `same_key`, one of the same key. */
static bool succeeded(
	const struct presence *presence, const struct certificate *certificate, bool same_key)
{
	for (size_t i = 0; i < presence->count; i++) {
		const struct certificate *later = presence->list[i].certificate;

		if (generation_succeeds(certificate, later) &&
			(!same_key || digest_equal(&certificate->key, &later->key)))
			return true;
	}
	return false;
}

/* Whether `later` can still be registered before `certificate` ends. What holds it back until then
 * is told by its own reason. */
static bool is_coming(const struct situation *situation, const struct certificate *certificate,
	const struct certificate *later)
{
	const struct memory_wish *wish = memory_wish_find(situation->memory, &later->sha256);
	const struct authority *authority =
		directory_authority_of(situation->wanted, &later->sha256);

	return generation_succeeds(certificate, later) &&
	       certificate_judge(later) == CERTIFICATE_GOOD &&
	       generation_judge_line(authority, later, NULL) == GENERATION_GOOD &&
	       !(wish && wish->retired) && situation->now <= certificate_reversible_until(later) &&
	       later->not_before <= certificate->not_after;
}

/* Whether the files hold a successor that is to be registered: under observe nothing is. */
static bool successor_coming(
	const struct situation *situation, const struct certificate *certificate)
{
	const struct directory *wanted = situation->wanted;

	if (wanted->policy == POLICY_OBSERVE)
		return false;
	for (size_t i = 0; i < wanted->trust_count; i++)
		for (size_t j = 0; j < wanted->trust[i]->count; j++)
			if (is_coming(situation, certificate, wanted->trust[i]->certificates[j]))
				return true;
	return false;
}

static struct condition condition_of(
	const struct situation *situation, const struct present *present, enum reason reason)
{
	struct condition condition = {.reason = reason,
		.certificate = present->certificate,
		.at = present->certificate->not_after,
		.days = (present->certificate->not_after - situation->now) / DAY};

	memcpy(condition.id, present->id, strnlen(present->id, sizeof(condition.id) - 1));
	return condition;
}

/* It ends, and nothing takes its place. */
static int64_t tell_end(
	const struct situation *situation, struct decision *decision, const struct present *present)
{
	struct condition condition = condition_of(situation, present, REASON_SUCCESSOR_MISSING);
	int64_t end = present->certificate->not_after, now = situation->now;
	const struct threshold *crossed = threshold_crossed(end, now);
	int64_t next = threshold_next(end, now);

	if (now > end) {
		condition.reason = REASON_EXPIRED;
		decision_tell(decision, &condition);
		return 0;
	}
	if (crossed && !successor_coming(situation, present->certificate)) {
		condition.level = crossed->days;
		decision_tell(decision, &condition);
	}
	return next != 0 ? next : end + 1;
}

/* Its successor has the same key, so that it is of no use to anyone. */
static int64_t tell_redundant(
	const struct situation *situation, struct decision *decision, const struct present *present)
{
	struct condition condition = condition_of(situation, present, REASON_REDUNDANT_EXPIRING);
	int64_t begins = present->certificate->not_after - ALARM_REDUNDANT;

	if (situation->now < begins)
		return begins;
	condition.detail = present->owned ? present->owned->authority : NULL;
	decision_tell(decision, &condition);
	return 0;
}

static int64_t tell_present(
	const struct presence *presence, struct decision *decision, const struct present *present)
{
	const struct situation *situation = presence->situation;

	/* what is on its way out needs no successor */
	if (present->owned && situation_dropped(situation, present->owned))
		return 0;
	if (!succeeded(presence, present->certificate, false))
		return tell_end(situation, decision, present);
	if (succeeded(presence, present->certificate, true))
		return tell_redundant(situation, decision, present);
	return 0;
}

static int64_t nearer(int64_t one, int64_t other)
{
	if (one == 0 || other == 0)
		return one + other;
	return one < other ? one : other;
}

static int64_t tell_all(const struct presence *presence, struct decision *decision)
{
	int64_t next = 0;

	for (size_t i = 0; i < presence->count; i++)
		next = nearer(next, tell_present(presence, decision, &presence->list[i]));
	return next;
}

int64_t alarm_tell(const struct situation *situation, struct decision *decision)
{
	struct presence presence;

	presence.situation = situation;
	presence.count = 0;
	presence_see(&presence);
	return tell_all(&presence, decision);
}

/*
 * A look that is complete but of no use, as of a directory that is not Active, is no old view. The
 * ledger may not know of the last complete look before a restart, so the time counts from there.
 */
static int64_t tell_stale(const struct situation *situation, struct decision *decision)
{
	int64_t looked = situation->memory->looked;
	int64_t since = looked > situation->watching ? looked : situation->watching;
	int64_t begins = since + ALARM_STALE_INTERVALS * situation->interval + 1;

	if (looked == 0 || situation->observed->complete)
		return 0;
	if (situation->now < begins)
		return begins;
	decision_tell(decision, &(struct condition){.reason = REASON_STALE, .at = looked});
	return 0;
}

int64_t alarm_recall(const struct situation *situation, struct decision *decision)
{
	struct presence presence;
	int64_t next = tell_stale(situation, decision);

	presence.situation = situation;
	presence.count = 0;
	presence_recall(&presence);
	return nearer(next, tell_all(&presence, decision));
}
