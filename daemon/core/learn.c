/* SPDX-License-Identifier: Apache-2.0 */
#include "core/learn.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "core/adoption.h"
#include "core/guard.h"
#include "core/rotation.h"

/* One look at work. `situation->memory` is `memory`: what is learnt first is seen by what comes
 * after. */
struct lesson {
	const struct situation *situation;
	const struct observed *observed;
	struct memory *memory;
	int64_t now;
};

/* Success, or a file that changed. */
static void wish_forget(struct memory_wish *wish)
{
	attempt_reset(&wish->registration);
	memset(wish->failure, 0, sizeof(wish->failure));
}

/* Keeps the service's words, cut at a character of UTF-8: they are gone with the entry. */
static void wish_failed(struct memory_wish *wish, const char *reason, int64_t now)
{
	attempt_fail(&wish->registration, REFUSAL_NONE, now);
	memset(wish->failure, 0, sizeof(wish->failure));
	if (reason)
		text_copy(reason, wish->failure, sizeof(wish->failure));
}

/* A file that changed: what was held until then is tried again. */
static void learn_revision(const struct lesson *lesson)
{
	struct memory *memory = lesson->memory;

	if (memory->revision == lesson->situation->wanted->revision)
		return;
	memory->revision = lesson->situation->wanted->revision;
	memory->full_mark = 0;
	if (memory->enable.next == ATTEMPT_HELD)
		attempt_reset(&memory->enable);
	if (memory->disable.next == ATTEMPT_HELD)
		attempt_reset(&memory->disable);
	for (size_t i = 0; i < memory->wishes_count; i++)
		if (memory->wishes[i].registration.next == ATTEMPT_HELD)
			wish_forget(&memory->wishes[i]);
	for (size_t i = 0; i < memory->certificates_count; i++)
		if (memory->certificates[i].deregister.next == ATTEMPT_HELD)
			attempt_reset(&memory->certificates[i].deregister);
}

/* Waiting times break when nobody looked for long, or when time went backwards. */
static void learn_gap(const struct lesson *lesson)
{
	int64_t gap = lesson->now - lesson->memory->looked;

	if (lesson->memory->looked != 0 && (gap < 0 || gap > WAIT_GAP_MAX))
		memory_restart_waits(lesson->memory);
}

/* The one unowned live entry that looks like `certificate`; NULL for none or several. */
static const struct listed *lone_match(
	const struct lesson *lesson, const struct certificate *certificate)
{
	const struct listed *match = NULL;

	for (size_t i = 0; i < lesson->observed->listed_count; i++) {
		const struct listed *listed = &lesson->observed->listed[i];

		if (listed->type != CERTIFICATE_TYPE_CLIENT_LDAPS ||
			listed->state == CERTIFICATE_STATE_DEREGISTERED ||
			!certificate_matches(certificate, listed->common_name, listed->expiry) ||
			memory_find(lesson->memory, listed->id))
			continue;
		if (match)
			return NULL;
		match = listed;
	}
	return match;
}

/* Makes an unowned entry ours. */
static int own(const struct lesson *lesson, const struct listed *listed,
	const struct certificate *certificate, enum origin origin)
{
	const struct authority *authority =
		directory_authority_of(lesson->situation->wanted, &certificate->sha256);
	struct memory_certificate *entry = memory_add(lesson->memory, listed->id, certificate);

	if (!entry)
		return -ERROR_MEMORY;
	entry->origin = origin;
	if (authority)
		memcpy(entry->authority, authority->name,
			strnlen(authority->name, sizeof(entry->authority) - 1));
	return 0;
}

/*
 * Whether the look shows that a deregistration was executed. A failed state that was there before
 * says nothing of this try.
 */
static bool removal_shows(const struct lesson *lesson, const char *id)
{
	const struct listed *listed = observed_find(lesson->observed, id);
	const struct memory_certificate *owned = memory_find(lesson->memory, id);

	if (!listed)
		return !owned || owned->missed; /* one look may be wrong */
	return listed->state == CERTIFICATE_STATE_DEREGISTERING ||
	       listed->state == CERTIFICATE_STATE_DEREGISTERED ||
	       (listed->state == CERTIFICATE_STATE_DEREGISTER_FAILED && !(owned && owned->failed));
}

/* An EnableFailed that was there before, or a word we do not know, says nothing of this try. */
static bool enabling_shows(const struct lesson *lesson)
{
	const struct observed *observed = lesson->observed;

	return observed->ldaps_explicit && (observed->ldaps == LDAPS_STATUS_ENABLING ||
						   observed->ldaps == LDAPS_STATUS_ENABLED ||
						   (observed->ldaps == LDAPS_STATUS_ENABLE_FAILED &&
							   !lesson->memory->enable_failed));
}

/* Whether the look shows the change in flight; an unresolved registration becomes owned here. */
static int change_shows(const struct lesson *lesson, bool *ret_shows)
{
	const struct memory_change *change = &lesson->memory->change;
	const struct observed *observed = lesson->observed;
	const struct listed *match;
	int r = 0;

	switch (change->kind) {
	case STEP_REGISTER:
		if (change->id[0] != '\0') {
			*ret_shows = observed_find(observed, change->id) != NULL;
			break;
		}
		match = lone_match(lesson, change->certificate);
		r = match ? own(lesson, match, change->certificate, ORIGIN_REGISTERED) : 0;
		*ret_shows = match != NULL;
		break;
	case STEP_DEREGISTER:
		*ret_shows = removal_shows(lesson, change->id);
		break;
	case STEP_ENABLE:
		*ret_shows = enabling_shows(lesson);
		break;
	case STEP_DISABLE:
		*ret_shows = observed->ldaps_explicit && observed->ldaps == LDAPS_STATUS_DISABLED;
		break;
	default:
		*ret_shows = true;
		break;
	}
	return r;
}

/* A change that never showed was not executed and never will be. */
static void change_expire(const struct lesson *lesson)
{
	struct memory *memory = lesson->memory;
	struct memory_change change = memory->change;
	struct step step = {.kind = change.kind, .certificate = change.certificate};
	struct outcome outcome = {.kind = OUTCOME_REFUSED, .refusal = REFUSAL_RequestTimeout};

	memcpy(step.id, change.id, sizeof(step.id));
	memory_conclude(memory, &step, &outcome, 0, lesson->now);
	if (change.kind == STEP_REGISTER && change.id[0] != '\0')
		memory_remove(memory, change.id);
}

static int learn_change(const struct lesson *lesson)
{
	struct memory *memory = lesson->memory;
	bool shows = false;
	int r;

	if (memory->change.phase == CHANGE_NONE)
		return 0;
	r = change_shows(lesson, &shows);
	if (r < 0)
		return r;
	if (shows) {
		if (memory->change.kind == STEP_DISABLE)
			memory->was_enabled = false;
		memory->change = (struct memory_change){0};
	} else if (lesson->now >= memory_change_end(&memory->change)) {
		change_expire(lesson);
	}
	return 0;
}

/* A RegisterFailed or DeregisterFailed entry is counted once; success forgets. */
static void learn_state(
	const struct lesson *lesson, struct memory_certificate *owned, const struct listed *listed)
{
	struct memory_wish *wish = memory_wish_find(lesson->memory, &owned->certificate->sha256);

	switch (listed->state) {
	case CERTIFICATE_STATE_REGISTERED:
		if (owned->registered_at == 0)
			owned->registered_at = lesson->now;
		if (wish)
			wish_forget(wish);
		if (lesson->memory->change.phase == CHANGE_NONE)
			owned->removing_since = 0;
		owned->failed = false;
		break;
	case CERTIFICATE_STATE_REGISTER_FAILED:
		if (!owned->failed && wish)
			wish_failed(wish, listed->state_reason, lesson->now);
		owned->failed = true;
		break;
	case CERTIFICATE_STATE_DEREGISTER_FAILED:
		if (!owned->failed && owned->removing_since != 0)
			attempt_fail(&owned->deregister, REFUSAL_NONE, lesson->now);
		owned->failed = true;
		break;
	case CERTIFICATE_STATE_DEREGISTERING:
		owned->failed = false; /* how this one ends is to be counted */
		break;
	default:
		break;
	}
}

/*
 * An owned entry that is no longer there: our removal, an expunged failure, or the work of others.
 * One that never became Registered is a registration that failed and was not kept in the list.
 */
static void learn_gone(const struct lesson *lesson, const struct memory_certificate *owned)
{
	struct memory_wish *wish;

	if (owned->removing_since != 0 || owned->failed)
		return;
	wish = memory_wish_add(lesson->memory, owned->certificate);
	if (!wish)
		return;
	if (owned->registered_at == 0)
		attempt_fail(&wish->registration, REFUSAL_NONE, lesson->now);
	else
		contest_note(&wish->contest, lesson->now);
}

static void learn_authority(const struct lesson *lesson, struct memory_certificate *owned)
{
	const struct authority *authority =
		directory_authority_of(lesson->situation->wanted, &owned->certificate->sha256);

	if (!authority)
		return;
	memset(owned->authority, 0, sizeof(owned->authority));
	memcpy(owned->authority, authority->name,
		strnlen(authority->name, sizeof(owned->authority) - 1));
}

static void learn_owned(const struct lesson *lesson)
{
	struct memory *memory = lesson->memory;
	size_t i = 0;

	memory->vanished = false;
	while (i < memory->certificates_count) {
		struct memory_certificate *owned = &memory->certificates[i];
		const struct listed *listed = observed_find(lesson->observed, owned->id);
		bool expected = memory->change.phase == CHANGE_ACCEPTED &&
				memory->change.kind == STEP_REGISTER &&
				strcmp(memory->change.id, owned->id) == 0;
		bool gone = listed ? listed->state == CERTIFICATE_STATE_DEREGISTERED : !expected;
		bool first = gone && !owned->missed;

		if (listed)
			learn_state(lesson, owned, listed);
		if (first && owned->removing_since == 0 && !owned->failed)
			memory->vanished = true;
		/* one look may be wrong, and what is ours must not be lost by it */
		owned->missed = first && !listed;
		gone = gone && !owned->missed;
		if (gone) {
			learn_gone(lesson, owned);
			memory_remove(memory, owned->id);
			continue;
		}
		learn_authority(lesson, owned);
		i++;
	}
}

/* Adoption: exactly one certificate of the trusted authorities and one entry match each other. */
static int learn_adoption(const struct lesson *lesson)
{
	if (lesson->situation->wanted->adopt != ADOPT_MATCHING)
		return 0;
	for (size_t i = 0; i < lesson->observed->listed_count; i++) {
		const struct listed *listed = &lesson->observed->listed[i];
		const struct certificate *certificate;
		int r;

		if (adoption_judge(lesson->situation, listed, &certificate) != ADOPTION_MATCH)
			continue;
		r = own(lesson, listed, certificate, ORIGIN_ADOPTED);
		if (r < 0)
			return r;
		if (listed->state == CERTIFICATE_STATE_REGISTERED)
			memory_find(lesson->memory, listed->id)->registered_at = lesson->now;
	}
	return 0;
}

static void learn_ldaps(const struct lesson *lesson)
{
	struct memory *memory = lesson->memory;
	const struct observed *observed = lesson->observed;
	bool disabled = !observed->ldaps_explicit || observed->ldaps == LDAPS_STATUS_DISABLED;
	bool failed = observed->ldaps_explicit && observed->ldaps == LDAPS_STATUS_ENABLE_FAILED;
	bool enabled = observed->ldaps_explicit && observed->ldaps == LDAPS_STATUS_ENABLED;

	if (failed && !memory->enable_failed)
		attempt_fail(&memory->enable, REFUSAL_NONE, lesson->now);
	memory->enable_failed = failed;
	if (enabled) {
		attempt_reset(&memory->enable);
		memory->disabled_elsewhere_since = 0;
	}
	if (disabled) {
		attempt_reset(&memory->disable);
		if (memory->was_enabled &&
			lesson->situation->wanted->client_ldaps == CLIENT_LDAPS_ENABLED) {
			memory->disabled_elsewhere_since = lesson->now;
			contest_note(&memory->ldaps_contest, lesson->now);
		}
	}
	if (lesson->situation->wanted->client_ldaps != CLIENT_LDAPS_ENABLED)
		memory->disabled_elsewhere_since = 0;
	if (enabled || disabled)
		memory->was_enabled = enabled;
	if (!observed->ldaps_explicit || observed->ldaps != LDAPS_STATUS_DISABLED)
		memory->disabled_since = 0;
	else if (memory->disabled_since == 0 && lesson->situation->skew != SITUATION_SKEW_UNKNOWN)
		memory->disabled_since = lesson->now;
}

/* Starts a wait at `now` when its conditions hold, breaks it when they do not. */
static void wait_track(int64_t *since, bool holds, int64_t now)
{
	if (!holds)
		*since = 0;
	else if (*since == 0)
		*since = now;
}

/* Retired is taken back when a controller needs it, or nothing of its line comes after it any more
 * (design 4.2). */
static void learn_retired(const struct lesson *lesson)
{
	struct memory *memory = lesson->memory;

	for (size_t i = 0; i < memory->wishes_count; i++) {
		struct memory_wish *wish = &memory->wishes[i];
		const struct digest *sha256 = &wish->certificate->sha256;

		if (proof_without(lesson->situation->proof, sha256) == VERDICT_FAIL ||
			(!memory->vanished &&
				!rotation_succeeded(lesson->situation, wish->certificate)))
			wish->retired = false;
	}
}

/* A wait counts for one reason of leaving alone. */
static void learn_leaving(const struct lesson *lesson, struct memory_certificate *owned)
{
	const struct situation *situation = lesson->situation;
	struct step step = {.kind = STEP_DEREGISTER, .certificate = owned->certificate};
	enum leaving leaving = rotation_leaving(situation, owned);

	if (owned->leaving != leaving)
		owned->removable_since = 0;
	owned->leaving = leaving;
	memcpy(step.id, owned->id, sizeof(step.id));
	wait_track(&owned->removable_since,
		leaving != LEAVING_NOT && guard_check_but_waiting(situation, &step) == GUARD_ALL,
		lesson->now);
}

static void learn_waits(const struct lesson *lesson)
{
	const struct situation *situation = lesson->situation;
	struct memory *memory = lesson->memory;
	struct step disable = {.kind = STEP_DISABLE};

	wait_track(&memory->busy_since, situation_busy(situation), lesson->now);
	wait_track(&memory->disable_since,
		situation_ldaps_on(situation) &&
			guard_check_but_waiting(situation, &disable) == GUARD_ALL,
		lesson->now);
	for (size_t i = 0; i < memory->certificates_count; i++)
		learn_leaving(lesson, &memory->certificates[i]);
}

int learn(const struct situation *situation, struct memory *memory)
{
	struct lesson lesson = {.situation = situation,
		.observed = situation->observed,
		.memory = memory,
		.now = situation->now};
	int r;

	if (!situation_manageable(situation))
		return 0;
	learn_revision(&lesson);
	learn_gap(&lesson);
	r = learn_change(&lesson);
	if (r < 0)
		return r;
	learn_owned(&lesson);
	r = learn_adoption(&lesson);
	if (r < 0)
		return r;
	learn_ldaps(&lesson);
	learn_retired(&lesson);
	learn_waits(&lesson);
	memory->looked = lesson.now;
	return 0;
}
