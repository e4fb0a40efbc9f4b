/* SPDX-License-Identifier: Apache-2.0 */
#include "program/roundup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* An entry that is kept: everything is its own. */
struct saying {
	char *message;
	struct journal_field fields[JOURNAL_FIELDS_MAX];
	size_t count;
};

struct roundup_kind {
	int priority;
	size_t count;	/* directories */
	char *sentence; /* owned; of the first one */
	struct saying sayings[ROUNDUP_SINGLES];
	size_t sayings_count;
	size_t said; /* of these, told already */
};

/* What is of one directory alone, and not of all that a kind gathers. */
static const char *const own_fields[] = {"DIRECTORY_ID", "DIRECTORY_NAME", "CERTIFICATE_ID",
	"CERTIFICATE_SHA256", "NOT_AFTER", "AWS_REQUEST_ID"};

static bool is_own(const char *name)
{
	for (size_t i = 0; i < ARRAY_LENGTH(own_fields); i++)
		if (strcmp(own_fields[i], name) == 0)
			return true;
	return false;
}

static void saying_done(struct saying *saying)
{
	for (size_t i = 0; i < saying->count; i++)
		free((void *)(uintptr_t)saying->fields[i].value);
	free(saying->message);
	*saying = (struct saying){0};
}

/* False without memory. */
static bool saying_take(
	struct saying *saying, const struct entry *entry, const char *heading, const char *sentence)
{
	if (asprintf(&saying->message, "%s: %s", heading, sentence) < 0) {
		saying->message = NULL;
		return false;
	}
	for (size_t i = 0; i < entry->count; i++) {
		struct journal_field field = {
			entry->fields[i].name, strdup(entry->fields[i].value)};

		if (!field.value) {
			saying_done(saying);
			return false;
		}
		saying->fields[saying->count++] = field;
	}
	return true;
}

static const char *value_of(const struct saying *saying, const char *name)
{
	for (size_t i = 0; i < saying->count; i++)
		if (strcmp(saying->fields[i].name, name) == 0)
			return saying->fields[i].value;
	return "";
}

static bool alike(const struct roundup_kind *kind, const struct entry *entry)
{
	const struct saying *first = &kind->sayings[0];

	return kind->priority == entry->priority &&
	       strcmp(value_of(first, "MESSAGE_ID"), entry_value(entry, "MESSAGE_ID")) == 0 &&
	       strcmp(value_of(first, "REASON"), entry_value(entry, "REASON")) == 0;
}

/* Sends one directory's own entry. */
static void say(int priority, const struct saying *saying)
{
	journal_send(priority, saying->fields, saying->count, "%s", saying->message);
}

static void tell_at_once(
	int priority, const struct entry *entry, const char *heading, const char *sentence)
{
	journal_send(priority, entry->fields, entry->count, "%s: %s", heading, sentence);
}

/* NULL without memory, or where there are too many. */
static struct roundup_kind *kind_of(
	struct roundup *roundup, const struct entry *entry, const char *sentence)
{
	struct roundup_kind *kind;

	for (size_t i = 0; i < roundup->count; i++)
		if (alike(&roundup->kinds[i], entry))
			return &roundup->kinds[i];
	if (!roundup->kinds)
		roundup->kinds = calloc(ROUNDUP_KINDS_MAX, sizeof(roundup->kinds[0]));
	if (!roundup->kinds || roundup->count == ROUNDUP_KINDS_MAX)
		return NULL;
	kind = &roundup->kinds[roundup->count];
	kind->sentence = strdup(sentence);
	if (!kind->sentence)
		return NULL;
	roundup->count++;
	kind->priority = entry->priority;
	return kind;
}

/* Without memory for the first one nothing is alike. */
static void kind_undo(struct roundup *roundup, struct roundup_kind *kind)
{
	if (kind->sayings_count > 0)
		return;
	free(kind->sentence);
	*kind = (struct roundup_kind){0};
	roundup->count--;
}

void roundup_add(struct roundup *roundup, const struct entry *entry, const char *heading,
	const char *sentence, bool at_once)
{
	struct roundup_kind *kind = kind_of(roundup, entry, sentence);
	struct saying *saying = kind ? &kind->sayings[kind->sayings_count] : NULL;

	if (kind && kind->sayings_count == ROUNDUP_SINGLES) {
		kind->count++;
		tell_at_once(LOG_DEBUG, entry, heading, sentence);
	} else if (kind && saying_take(saying, entry, heading, sentence)) {
		kind->count++;
		kind->sayings_count++;
		if (at_once && kind->said + 1 == kind->sayings_count) {
			kind->said++;
			say(kind->priority, saying);
		}
	} else {
		tell_at_once(entry->priority, entry, heading, sentence);
		if (kind)
			kind_undo(roundup, kind);
	}
}

/* "d-926708e4f1, d-926708e4f2, d-926708e4f3 and 997 others" */
static void names_append(const struct roundup_kind *kind, struct buffer *buffer)
{
	size_t others = kind->count - kind->sayings_count;

	for (size_t i = 0; i < kind->sayings_count; i++)
		buffer_printf(buffer, "%s%s", i > 0 ? ", " : "",
			value_of(&kind->sayings[i], "DIRECTORY_ID"));
	buffer_printf(buffer, " and %zu other%s", others, others == 1 ? "" : "s");
}

static void tell_many(const struct roundup_kind *kind, const char *place)
{
	const struct saying *first = &kind->sayings[0];
	struct journal_field fields[JOURNAL_FIELDS_MAX];
	char number[ENTRY_NUMBER_SIZE];
	struct buffer names;
	size_t count = 0;

	for (size_t i = 0; i < first->count && count < JOURNAL_FIELDS_MAX - 1; i++)
		if (!is_own(first->fields[i].name))
			fields[count++] = first->fields[i];
	snprintf(number, sizeof(number), "%zu", kind->count);
	fields[count++] = (struct journal_field){"DIRECTORIES", number};
	buffer_init(&names, JOURNAL_MESSAGE_SIZE);
	names_append(kind, &names);
	journal_send(kind->priority, fields, count, "%s: %zu directories (%s): %s", place,
		kind->count, buffer_text(&names), kind->sentence);
	buffer_done(&names);
}

static void tell_kind(const struct roundup_kind *kind, const char *place)
{
	bool many = kind->count > kind->sayings_count;

	if (many)
		tell_many(kind, place);
	for (size_t i = kind->said; i < kind->sayings_count; i++)
		say(many ? LOG_DEBUG : kind->priority, &kind->sayings[i]);
}

void roundup_tell(struct roundup *roundup, const char *place)
{
	for (size_t i = 0; i < roundup->count; i++)
		tell_kind(&roundup->kinds[i], place);
	roundup_done(roundup);
}

void roundup_done(struct roundup *roundup)
{
	for (size_t i = 0; i < roundup->count; i++) {
		for (size_t j = 0; j < roundup->kinds[i].sayings_count; j++)
			saying_done(&roundup->kinds[i].sayings[j]);
		free(roundup->kinds[i].sentence);
	}
	free(roundup->kinds);
	*roundup = (struct roundup){0};
}
