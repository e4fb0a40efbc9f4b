/* SPDX-License-Identifier: Apache-2.0 */
#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"

/* Waiting time after the first, second and third failure; the fourth holds (design 4.3). Seconds.
 */
static const int64_t schedule[ATTEMPT_FAILURES_MAX - 1] = {3600, 6 * 3600, 24 * 3600};

void memory_done(struct memory *memory)
{
	if (!memory)
		return;
	free(memory->certificates);
	free(memory->wishes);
	free(memory->announcements);
	*memory = (struct memory){0};
}

/* Copies `count` elements of `size` bytes; NULL for none or without memory. */
static void *array_copy(const void *elements, size_t count, size_t size)
{
	void *copy = count > 0 ? reallocarray(NULL, count, size) : NULL;

	if (copy)
		memcpy(copy, elements, count * size);
	return copy;
}

int memory_copy(const struct memory *memory, struct memory *ret_copy)
{
	struct memory copy = *memory;

	copy.certificates = array_copy(
		memory->certificates, memory->certificates_count, sizeof(memory->certificates[0]));
	copy.certificates_capacity = memory->certificates_count;
	copy.wishes = array_copy(memory->wishes, memory->wishes_count, sizeof(memory->wishes[0]));
	copy.wishes_capacity = memory->wishes_count;
	copy.announcements = array_copy(memory->announcements, memory->announcements_count,
		sizeof(memory->announcements[0]));
	copy.announcements_capacity = memory->announcements_count;
	if ((copy.certificates_count > 0 && !copy.certificates) ||
		(copy.wishes_count > 0 && !copy.wishes) ||
		(copy.announcements_count > 0 && !copy.announcements)) {
		memory_done(&copy);
		return -ERROR_MEMORY;
	}
	*ret_copy = copy;
	return 0;
}

static bool attempt_equal(const struct attempt *a, const struct attempt *b)
{
	return a->failures == b->failures && a->next == b->next && a->refusal == b->refusal;
}

static bool contest_equal(const struct contest *a, const struct contest *b)
{
	return a->count == b->count && a->since == b->since;
}

static bool certificate_entry_equal(
	const struct memory_certificate *a, const struct memory_certificate *b)
{
	return strcmp(a->id, b->id) == 0 && a->certificate == b->certificate &&
	       strcmp(a->authority, b->authority) == 0 && a->origin == b->origin &&
	       a->registered_at == b->registered_at && a->leaving == b->leaving &&
	       a->removable_since == b->removable_since && a->removing_since == b->removing_since &&
	       a->failed == b->failed && a->missed == b->missed &&
	       attempt_equal(&a->deregister, &b->deregister);
}

static bool wish_equal(const struct memory_wish *a, const struct memory_wish *b)
{
	return a->certificate == b->certificate && a->retired == b->retired &&
	       attempt_equal(&a->registration, &b->registration) &&
	       strcmp(a->failure, b->failure) == 0 && contest_equal(&a->contest, &b->contest);
}

static bool announcement_equal(
	const struct memory_announcement *a, const struct memory_announcement *b)
{
	return a->reason == b->reason && a->mark == b->mark && a->level == b->level &&
	       a->since == b->since && a->told == b->told;
}

static bool change_equal(const struct memory_change *a, const struct memory_change *b)
{
	return a->phase == b->phase && a->kind == b->kind && a->certificate == b->certificate &&
	       strcmp(a->id, b->id) == 0 && a->since == b->since;
}

bool memory_equal(const struct memory *a, const struct memory *b)
{
	if (a->revision != b->revision || a->looked != b->looked ||
		a->busy_since != b->busy_since || a->disable_since != b->disable_since ||
		a->disabled_since != b->disabled_since || a->was_enabled != b->was_enabled ||
		a->disabled_elsewhere_since != b->disabled_elsewhere_since ||
		a->full_mark != b->full_mark || a->enable_failed != b->enable_failed ||
		a->vanished != b->vanished || !attempt_equal(&a->enable, &b->enable) ||
		!attempt_equal(&a->disable, &b->disable) ||
		!contest_equal(&a->ldaps_contest, &b->ldaps_contest) ||
		!change_equal(&a->change, &b->change) ||
		a->certificates_count != b->certificates_count ||
		a->wishes_count != b->wishes_count ||
		a->announcements_count != b->announcements_count)
		return false;
	for (size_t i = 0; i < a->certificates_count; i++)
		if (!certificate_entry_equal(&a->certificates[i], &b->certificates[i]))
			return false;
	for (size_t i = 0; i < a->wishes_count; i++)
		if (!wish_equal(&a->wishes[i], &b->wishes[i]))
			return false;
	for (size_t i = 0; i < a->announcements_count; i++)
		if (!announcement_equal(&a->announcements[i], &b->announcements[i]))
			return false;
	return true;
}

struct memory_certificate *memory_find(const struct memory *memory, const char *id)
{
	for (size_t i = 0; i < memory->certificates_count; i++)
		if (strcmp(memory->certificates[i].id, id) == 0)
			return &memory->certificates[i];
	return NULL;
}

struct memory_certificate *memory_find_certificate(
	const struct memory *memory, const struct digest *sha256)
{
	for (size_t i = memory->certificates_count; i > 0; i--)
		if (digest_equal(&memory->certificates[i - 1].certificate->sha256, sha256))
			return &memory->certificates[i - 1];
	return NULL;
}

struct memory_wish *memory_wish_find(const struct memory *memory, const struct digest *sha256)
{
	for (size_t i = 0; i < memory->wishes_count; i++)
		if (digest_equal(&memory->wishes[i].certificate->sha256, sha256))
			return &memory->wishes[i];
	return NULL;
}

struct memory_certificate *memory_add(
	struct memory *memory, const char *id, const struct certificate *certificate)
{
	struct memory_certificate *entry = memory_find(memory, id);

	if (entry)
		return entry;
	if (array_reserve(&memory->certificates, &memory->certificates_capacity,
		    memory->certificates_count, sizeof(memory->certificates[0]),
		    MEMORY_CERTIFICATES_MAX) < 0)
		return NULL;
	entry = &memory->certificates[memory->certificates_count++];
	*entry = (struct memory_certificate){.certificate = certificate};
	memcpy(entry->id, id, strnlen(id, sizeof(entry->id) - 1));
	return entry;
}

struct memory_wish *memory_wish_add(struct memory *memory, const struct certificate *certificate)
{
	struct memory_wish *wish = memory_wish_find(memory, &certificate->sha256);

	if (wish)
		return wish;
	if (array_reserve(&memory->wishes, &memory->wishes_capacity, memory->wishes_count,
		    sizeof(memory->wishes[0]), MEMORY_WISHES_MAX) < 0)
		return NULL;
	wish = &memory->wishes[memory->wishes_count++];
	*wish = (struct memory_wish){.certificate = certificate};
	return wish;
}

void memory_remove(struct memory *memory, const char *id)
{
	struct memory_certificate *entry = memory_find(memory, id), *end;

	if (!entry)
		return;
	end = memory->certificates + memory->certificates_count;
	memmove(entry, entry + 1, (size_t)(end - entry - 1) * sizeof(*entry));
	memory->certificates_count--;
}

struct memory_announcement *memory_announcement_find(
	const struct memory *memory, enum reason reason, uint64_t mark)
{
	for (size_t i = 0; i < memory->announcements_count; i++)
		if (memory->announcements[i].reason == reason &&
			memory->announcements[i].mark == mark)
			return &memory->announcements[i];
	return NULL;
}

struct memory_announcement *memory_announcement_add(
	struct memory *memory, enum reason reason, uint64_t mark)
{
	struct memory_announcement *entry;

	if (array_reserve(&memory->announcements, &memory->announcements_capacity,
		    memory->announcements_count, sizeof(memory->announcements[0]),
		    MEMORY_ANNOUNCEMENTS_MAX) < 0)
		return NULL;
	entry = &memory->announcements[memory->announcements_count++];
	*entry = (struct memory_announcement){.reason = reason, .mark = mark};
	return entry;
}

void memory_move_announcements(struct memory *from, struct memory *to)
{
	free(to->announcements);
	to->announcements = from->announcements;
	to->announcements_count = from->announcements_count;
	to->announcements_capacity = from->announcements_capacity;
	from->announcements = NULL;
	from->announcements_count = from->announcements_capacity = 0;
}

/* The attempt that counts failures of this step; NULL if there is nothing to count on. */
static struct attempt *memory_attempt(struct memory *memory, const struct step *step)
{
	struct memory_certificate *entry;
	struct memory_wish *wish;

	switch (step->kind) {
	case STEP_REGISTER:
		wish = memory_wish_add(memory, step->certificate);
		return wish ? &wish->registration : NULL;
	case STEP_DEREGISTER:
		entry = memory_find(memory, step->id);
		return entry ? &entry->deregister : NULL;
	case STEP_ENABLE:
		return &memory->enable;
	case STEP_DISABLE:
		return &memory->disable;
	default:
		return NULL;
	}
}

/* What is removed as superseded is not wished for again (design 4.2). */
static bool memory_retire(struct memory *memory, const struct certificate *certificate)
{
	struct memory_wish *wish = memory_wish_add(memory, certificate);

	if (wish)
		wish->retired = true;
	return wish != NULL;
}

int memory_intend(struct memory *memory, const struct step *step, int64_t now)
{
	struct memory_certificate *entry = memory_find(memory, step->id);
	struct attempt *attempt = memory_attempt(memory, step);

	if (attempt)
		attempt_begin(attempt, now);
	else if (step->kind == STEP_REGISTER)
		return -ERROR_MEMORY;
	if (step->reason == REASON_SUPERSEDED && !memory_retire(memory, step->certificate))
		return -ERROR_MEMORY;
	memory->change = (struct memory_change){.phase = CHANGE_INTENDED,
		.kind = step->kind,
		.certificate = step->certificate,
		.since = now};
	memcpy(memory->change.id, step->id, sizeof(memory->change.id));
	if (step->kind == STEP_DEREGISTER && entry)
		entry->removing_since = now;
	return 0;
}

/* The change is over without having been executed. */
static void memory_abandon(struct memory *memory)
{
	struct memory_certificate *entry = memory_find(memory, memory->change.id);

	if (memory->change.kind == STEP_DEREGISTER && entry)
		entry->removing_since = 0;
	memory->change = (struct memory_change){0};
}

static int memory_accept(struct memory *memory, const struct step *step, const char *id)
{
	struct memory_certificate *entry;

	memory->change.phase = CHANGE_ACCEPTED;
	if (step->kind != STEP_REGISTER || id[0] == '\0')
		return 0;
	entry = memory_add(memory, id, step->certificate);
	if (!entry)
		return -ERROR_MEMORY;
	entry->origin = ORIGIN_REGISTERED;
	memset(entry->authority, 0, sizeof(entry->authority));
	if (step->authority)
		memcpy(entry->authority, step->authority,
			strnlen(step->authority, sizeof(entry->authority) - 1));
	memcpy(memory->change.id, entry->id, sizeof(memory->change.id));
	return 0;
}

/* It was not executed: what that says of the next try. */
static void memory_refused(struct memory *memory, const struct step *step,
	const struct outcome *outcome, uint64_t observed_mark, int64_t now)
{
	struct attempt *attempt = memory_attempt(memory, step);
	bool full = outcome->refusal == REFUSAL_CertificateLimitExceededException &&
		    step->kind == STEP_REGISTER;

	if (full)
		memory->full_mark = observed_mark;
	if (!attempt)
		return;
	if (outcome->kind == OUTCOME_NOT_EXECUTED && outcome->refusal == REFUSAL_NONE)
		attempt_forgive(attempt);
	else if (full)
		attempt_spare(attempt);
	else
		attempt_fail(attempt, outcome->refusal, now);
}

int memory_conclude(struct memory *memory, const struct step *step, const struct outcome *outcome,
	uint64_t observed_mark, int64_t now)
{
	switch (outcome->kind) {
	case OUTCOME_ACCEPTED:
		return memory_accept(memory, step, outcome->id);
	case OUTCOME_REFUSED:
	case OUTCOME_NOT_EXECUTED:
		memory_refused(memory, step, outcome, observed_mark, now);
		memory_abandon(memory);
		return 0;
	case OUTCOME_UNKNOWN:
		return 0;
	}
	return -ERROR_INTERNAL;
}

int64_t memory_change_end(const struct memory_change *change)
{
	bool unseen = change->phase == CHANGE_ACCEPTED || change->kind == STEP_DISABLE;

	return change->since + CHANGE_LIFETIME + (unseen ? CHANGE_UNSEEN_MAX : 0);
}

void memory_restart_waits(struct memory *memory)
{
	memory->disable_since = 0;
	memory->disabled_since = 0;
	for (size_t i = 0; i < memory->certificates_count; i++)
		memory->certificates[i].removable_since = 0;
}

/* Whether only an edit of the file can make the next try go better. */
static bool failure_lasts(enum refusal refusal)
{
	switch (refusal) {
	case REFUSAL_NONE: /* it ended RegisterFailed, EnableFailed or DeregisterFailed */
	case REFUSAL_InvalidCertificateException:
	case REFUSAL_InvalidParameterException:
	case REFUSAL_ValidationError:
	case REFUSAL_ValidationException:
		return true;
	default:
		return refusal_class(refusal) == REFUSAL_BUG;
	}
}

/* The next try after so many: the last wait of the schedule for every further one. */
static int64_t attempt_wait(const struct attempt *attempt)
{
	int last = ATTEMPT_FAILURES_MAX - 2;

	return schedule[attempt->failures <= last ? attempt->failures - 1 : last];
}

void attempt_begin(struct attempt *attempt, int64_t now)
{
	if (attempt->failures < ATTEMPT_FAILURES_MAX)
		attempt->failures++;
	attempt->refusal = REFUSAL_NONE;
	attempt->next = now + attempt_wait(attempt);
}

void attempt_spare(struct attempt *attempt)
{
	if (attempt->failures < ATTEMPT_FAILURES_MAX - 1)
		attempt->next = 0;
}

void attempt_forgive(struct attempt *attempt)
{
	if (attempt->failures > 0)
		attempt->failures--;
	attempt->next = 0;
}

void attempt_fail(struct attempt *attempt, enum refusal refusal, int64_t now)
{
	if (attempt->failures == 0)
		return;
	attempt->refusal = refusal;
	attempt->next = attempt->failures == ATTEMPT_FAILURES_MAX && failure_lasts(refusal)
				? ATTEMPT_HELD
				: now + attempt_wait(attempt);
}

void attempt_reset(struct attempt *attempt)
{
	*attempt = (struct attempt){0};
}

bool attempt_ready(const struct attempt *attempt, int64_t now)
{
	return now >= attempt->next;
}

void contest_note(struct contest *contest, int64_t now)
{
	if (now - contest->since > CONTEST_WINDOW || now < contest->since)
		contest->count = 0;
	contest->since = now;
	if (contest->count < UINT8_MAX)
		contest->count++;
}

int64_t contest_until(const struct contest *contest, int64_t now)
{
	int64_t until = contest->since + CONTEST_WINDOW;

	return contest->count > CONTEST_MAX && now < until ? until : 0;
}
