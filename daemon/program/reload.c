/* SPDX-License-Identifier: Apache-2.0 */
#include "program/reload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "edge/journal.h"

/* All that diagnostics can have to say. Bytes. */
#define RELOAD_TEXT_MAX ((size_t)1024 * 1024)
/* Digits of a commit that people read. */
#define RELOAD_COMMIT_SHOWN 12
/* Regions of a directory that an entry names by its fields; the others are in its text alone. */
#define RELOAD_REGIONS_MAX 16

static const int priorities[SEVERITIES] = {
	[SEVERITY_NOTE] = LOG_INFO, [SEVERITY_WARNING] = LOG_WARNING, [SEVERITY_ERROR] = LOG_ERR};

void edition_done(struct edition *edition)
{
	free(edition->refused);
	*edition = (struct edition){0};
}

void edition_take(struct edition *edition, const char *path)
{
	edition_done(edition);
	(void)git_revision_read(path, &edition->revision);
}

char *edition_text(const struct edition *edition, char text[static EDITION_TEXT_SIZE])
{
	const struct git_revision *revision = &edition->revision;

	text[0] = '\0';
	if (*revision->commit)
		snprintf(text, EDITION_TEXT_SIZE, " at revision %.*s%s%s", RELOAD_COMMIT_SHOWN,
			revision->commit, *revision->branch ? " of " : "", revision->branch);
	return text;
}

/* Each sentence is an entry of its own, so that it has its own priority, or that of `debug`. */
static void tell(const struct diagnostics *diagnostics, bool debug)
{
	struct buffer line;

	buffer_init(&line, RELOAD_TEXT_MAX);
	for (size_t i = 0; i < diagnostics->count; i++) {
		const struct diagnostic *entry = &diagnostics->entries[i];

		buffer_clear(&line);
		diagnostic_format(entry, &line);
		journal_event(EVENT_CONFIGURATION_MISTAKE,
			debug ? LOG_DEBUG : priorities[entry->severity], NULL, 0, "%s",
			buffer_text(&line));
	}
	for (int severity = 0; severity < SEVERITIES; severity++)
		if (diagnostics->totals[severity] > diagnostics->kept[severity])
			journal_event(EVENT_CONFIGURATION_MISTAKE,
				debug ? LOG_DEBUG : priorities[severity], NULL, 0,
				"and %zu more like these",
				diagnostics->totals[severity] - diagnostics->kept[severity]);
	buffer_done(&line);
}

static char *diagnostics_text(const struct diagnostics *diagnostics)
{
	struct buffer text;
	char *taken;

	buffer_init(&text, RELOAD_TEXT_MAX);
	diagnostics_format(diagnostics, &text);
	taken = buffer_steal(&text);
	buffer_done(&text);
	return taken ? taken : strdup("");
}

void edition_refuse(struct edition *edition, const char *path,
	const struct diagnostics *diagnostics, bool start, bool asked)
{
	char *text = diagnostics_text(diagnostics);
	bool known = text && edition->refused && strcmp(text, edition->refused) == 0;

	free(edition->refused);
	edition->refused = text;
	edition->news = !known;
	if (known && !asked) {
		journal_send(LOG_DEBUG, NULL, 0, "%s has the same mistakes still", path);
		return;
	}
	tell(diagnostics, false);
	if (start)
		journal_event(EVENT_NOT_STARTED, JOURNAL_OWN, NULL, 0,
			"%s was not taken; `ldapsward check` tells why", path);
	else
		journal_event(EVENT_CONFIGURATION_REFUSED, JOURNAL_OWN, NULL, 0,
			"%s was not taken; the last good configuration stays in force", path);
}

void edition_tell_notes(const struct diagnostics *diagnostics, bool debug)
{
	tell(diagnostics, debug);
}

/* A directory's own fields, its Regions each. */
static size_t put_directory(const struct directory *directory, struct journal_field *fields)
{
	const char *account = directory->account ? directory->account->name : "";
	size_t count = 0;

	fields[count++] = (struct journal_field){"DIRECTORY_ID", directory->id};
	fields[count++] = (struct journal_field){"DIRECTORY_NAME", directory->name};
	fields[count++] = (struct journal_field){"ACCOUNT", *account ? account : NULL};
	for (size_t i = 0; i < directory->regions_count && i < RELOAD_REGIONS_MAX; i++)
		fields[count++] = (struct journal_field){"REGION", directory->regions[i]};
	return count;
}

static void tell_change(const char *commit, const struct fleet_change *change)
{
	struct journal_field fields[RELOAD_REGIONS_MAX + 4] = {
		{"CONFIG_REVISION", *commit ? commit : NULL}};
	struct buffer text;
	size_t count = 1;

	if (change->thing == FLEET_DIRECTORY)
		count += put_directory(
			change->after ? change->after : change->before, fields + count);
	buffer_init(&text, JOURNAL_MESSAGE_SIZE);
	fleet_change_text(change, &text);
	journal_event(
		EVENT_CONFIGURATION_CHANGED, JOURNAL_OWN, fields, count, "%s", buffer_text(&text));
	buffer_done(&text);
}

/* The changes one by one. */
static void tell_changes(const char *commit, const struct fleet_diff *diff)
{
	struct journal_field field = {"CONFIG_REVISION", *commit ? commit : NULL};
	size_t told = diff->count < RELOAD_CHANGES_MAX ? diff->count : RELOAD_CHANGES_MAX;

	for (size_t i = 0; i < told; i++)
		tell_change(commit, &diff->changes[i]);
	if (diff->count > told)
		journal_event(EVENT_CONFIGURATION_CHANGED, JOURNAL_OWN, &field, 1,
			"and %zu more changes", diff->count - told);
}

void edition_tell_taken(const struct edition *edition, const char *path,
	const struct scheduler *scheduler, const struct fleet_diff *diff)
{
	const char *commit = edition->revision.commit;
	struct journal_field field = {"CONFIG_REVISION", *commit ? commit : NULL};
	char revision[EDITION_TEXT_SIZE];
	struct buffer summary;

	buffer_init(&summary, JOURNAL_MESSAGE_SIZE);
	fleet_diff_summary(diff, &summary);
	journal_event(EVENT_CONFIGURATION_TAKEN, JOURNAL_OWN, &field, 1, "%s taken: %zu %s%s; %s",
		path, scheduler->targets_count, scheduler_directories(scheduler),
		edition_text(edition, revision), buffer_text(&summary));
	buffer_done(&summary);
	tell_changes(commit, diff);
}

void edition_tell_selected(
	const char *path, const struct scheduler *scheduler, const struct fleet_diff *diff)
{
	const char *commit = scheduler->revision ? scheduler->revision : "";
	struct journal_field field = {"CONFIG_REVISION", *commit ? commit : NULL};
	struct buffer summary;

	if (diff->count == 0)
		return;
	buffer_init(&summary, JOURNAL_MESSAGE_SIZE);
	fleet_diff_summary(diff, &summary);
	journal_event(EVENT_SELECTION_CHANGED, JOURNAL_OWN, &field, 1,
		"selectors of %s match otherwise: %zu %s; %s", path, scheduler->targets_count,
		scheduler_directories(scheduler), buffer_text(&summary));
	buffer_done(&summary);
	tell_changes(commit, diff);
}

void edition_tell_homes(struct knowledge *knowledge)
{
	for (size_t i = 0; i < knowledge->homes_count; i++) {
		struct home *home = &knowledge->homes[i];
		const struct journal_field fields[] = {{"REGION", home->region},
			{"ACCOUNT", home->account[0] != '\0' ? home->account : NULL}};

		if (home->news && home->failure)
			journal_event(EVENT_SELECTION_UNREAD, JOURNAL_OWN, fields,
				ARRAY_LENGTH(fields),
				"selectors in %s: %s; what they matched before stays selected",
				home->region, home->failure);
		else if (home->news)
			journal_event(EVENT_SELECTION_READ, JOURNAL_OWN, fields,
				ARRAY_LENGTH(fields),
				"selectors in %s: everything could be asked again", home->region);
		home->news = false;
	}
}
