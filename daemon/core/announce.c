/* SPDX-License-Identifier: Apache-2.0 */
#include "core/announce.h"

#include <string.h>

#include "base/hash.h"

/* What distinguishes two conditions of one reason, beside certificate, entry, refusal and detail.
 */
enum trait {
	/* the detail is a sentence of the service, of libcurl or the like: its numbers are times,
	 * ports and ids, which are no news; other details are words and names */
	TRAIT_SENTENCE = 1,
	/* each is an event of its own: the sentence's instant and number tell it from the one
	 * before. Their number in a day is limited: by CONTEST_MAX, or by SITUATION_STUCK_AFTER */
	TRAIT_EVENT = 2,
};

static const unsigned traits[REASONS] = {[REASON_UNREADABLE] = TRAIT_SENTENCE,
	[REASON_ACCESS_DENIED] = TRAIT_SENTENCE,
	[REASON_CREDENTIALS_INVALID] = TRAIT_SENTENCE,
	[REASON_WRONG_ACCOUNT] = TRAIT_SENTENCE,
	[REASON_WRONG_SETTINGS] = TRAIT_SENTENCE,
	[REASON_NOT_ACTIVE] = TRAIT_SENTENCE,
	[REASON_STUCK] = TRAIT_EVENT,
	[REASON_REGISTER_FAILED] = TRAIT_SENTENCE,
	[REASON_ENABLE_FAILED] = TRAIT_SENTENCE,
	[REASON_DEREGISTER_FAILED] = TRAIT_SENTENCE,
	[REASON_DISABLE_FAILED] = TRAIT_SENTENCE,
	[REASON_DISABLED_ELSEWHERE] = TRAIT_EVENT,
	[REASON_REMOVED_ELSEWHERE] = TRAIT_EVENT};

static uint64_t hash_sentence(uint64_t mark, const char *text)
{
	for (; text && *text; text++)
		if (*text < '0' || *text > '9')
			mark = hash_bytes(mark, text, 1);
	return mark;
}

static uint64_t hash_certificate(const struct certificate *certificate)
{
	return hash_bytes(HASH_START, &certificate->sha256, sizeof(struct digest));
}

/* What the condition is about. One with a level is about its certificate, under whatever id. */
static uint64_t mark_of(const struct condition *condition)
{
	unsigned trait = traits[condition->reason];
	uint64_t mark = HASH_START;

	if (condition->certificate)
		mark = hash_certificate(condition->certificate);
	if (condition->level != 0)
		return mark;
	mark = trait & TRAIT_SENTENCE ? hash_sentence(mark, condition->detail)
				      : hash_text(mark, condition->detail);
	if (trait & TRAIT_EVENT)
		mark = hash_number(hash_number(mark, condition->at), condition->number);
	mark = hash_number(hash_text(mark, condition->id), condition->refusal);
	return hash_number(mark, condition->holds);
}

/* Whether so long has passed that it may be told again; an instant to come is of a clock that was
 * wrong. */
static bool lapsed(const struct memory_announcement *entry, int64_t now)
{
	return now - entry->told >= ANNOUNCE_AGAIN || now < entry->told;
}

static void forget(struct memory *memory, struct memory_announcement *entry)
{
	struct memory_announcement *end = memory->announcements + memory->announcements_count;

	memmove(entry, entry + 1, (size_t)(end - entry - 1) * sizeof(*entry));
	memory->announcements_count--;
}

/* Makes room where there is none: of those that are over, the one that was told first goes. */
static void make_room(struct memory *memory)
{
	struct memory_announcement *oldest = NULL;

	if (memory->announcements_count < MEMORY_ANNOUNCEMENTS_MAX)
		return;
	for (size_t i = 0; i < memory->announcements_count; i++) {
		struct memory_announcement *entry = &memory->announcements[i];

		if (entry->since == 0 && (!oldest || entry->told < oldest->told))
			oldest = entry;
	}
	if (oldest)
		forget(memory, oldest);
}

/* Notes that the condition holds; returns whether that is news. */
static bool note(struct memory *memory, const struct condition *condition, int64_t now)
{
	uint64_t mark = mark_of(condition);
	struct memory_announcement *entry =
		memory_announcement_find(memory, condition->reason, mark);
	bool news = !entry;

	if (!entry) {
		make_room(memory);
		entry = memory_announcement_add(memory, condition->reason, mark);
		if (!entry)
			return true;
		entry->level = condition->level;
	}
	if (entry->since == 0)
		entry->since = now;
	if (condition->level != 0)
		news = news || condition->level < entry->level;
	else
		news = news || (entry->since > entry->told && lapsed(entry, now));
	/* a level that has fallen is a clock's: what it told too early is told again in its time */
	entry->level = condition->level;
	if (news)
		entry->told = now;
	return news;
}

/* Whether the look shows the certificate of an announcement with a level. */
static bool still_there(
	const struct situation *situation, const struct memory_announcement *announcement)
{
	for (size_t i = 0; i < situation->observed->listed_count; i++) {
		const struct certificate *certificate =
			situation_certificate(situation, &situation->observed->listed[i]);

		if (certificate && hash_certificate(certificate) == announcement->mark)
			return true;
	}
	return false;
}

static bool holds(const struct decision *decision, const struct memory_announcement *announcement)
{
	for (size_t i = 0; i < decision->conditions_count; i++)
		if (decision->conditions[i].reason == announcement->reason &&
			mark_of(&decision->conditions[i]) == announcement->mark)
			return true;
	return false;
}

/* Whether what is over is remembered all the same. */
static bool worth_keeping(
	const struct situation *situation, const struct memory_announcement *announcement)
{
	if (announcement->level != 0)
		return still_there(situation, announcement);
	return reason_severity(announcement->reason) != SEVERITY_NOTE &&
	       !lapsed(announcement, situation->now);
}

/* What every rule that could tell it does not tell is over. */
static void forget_past(
	const struct situation *situation, const struct decision *decision, struct memory *memory)
{
	size_t i = 0;

	while (i < memory->announcements_count) {
		struct memory_announcement *entry = &memory->announcements[i];

		if (holds(decision, entry)) {
			i++;
		} else if (worth_keeping(situation, entry)) {
			entry->since = 0;
			i++;
		} else {
			forget(memory, entry);
		}
	}
}

void announce(const struct situation *situation, struct decision *decision, struct memory *memory)
{
	if (situation_manageable(situation) && !situation_busy(situation))
		forget_past(situation, decision, memory);
	for (size_t i = 0; i < decision->conditions_count; i++)
		decision->conditions[i].news =
			note(memory, &decision->conditions[i], situation->now);
}

int64_t announce_since(const struct memory *memory, const struct condition *condition)
{
	const struct memory_announcement *entry =
		memory_announcement_find(memory, condition->reason, mark_of(condition));

	return entry ? entry->since : 0;
}

bool announce_told(const struct memory *memory, const struct condition *condition)
{
	const struct memory_announcement *entry =
		memory_announcement_find(memory, condition->reason, mark_of(condition));

	return entry && entry->told >= entry->since;
}
