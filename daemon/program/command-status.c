/* SPDX-License-Identifier: Apache-2.0 */
/* `status` and `history`: what the ledger says, beside a running daemon or without one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/wrap.h"
#include "edge/clock.h"
#include "edge/json.h"
#include "program/commands.h"
#include "program/overview.h"
#include "program/report.h"

/* design 3: status 3 is "nothing known" */
#define EXIT_UNKNOWN 3
/* Where the lines below an instant of the history begin. Columns. */
#define HISTORY_INDENT 4

static bool selected(const struct options *options, const char *directory)
{
	for (size_t i = 0; i < options->directories_count; i++)
		if (strcmp(options->directories[i], directory) == 0)
			return true;
	return options->directories_count == 0;
}

static int fail(const struct error *error)
{
	fprintf(stderr, "ldapsward: %s\n", error->message);
	return EXIT_FAILURE;
}

static void print_age(const struct overview *age)
{
	char since[DURATION_SIZE], interval[DURATION_SIZE];
	int64_t shown = age->age - age->age % 60;

	if (age->looked[0] == '\0')
		return;
	if (shown <= 0)
		puts("Last look: less than a minute ago.");
	else
		printf("Last look: %s ago.\n", duration_format(shown, since));
	if (age->stale)
		printf("That is more than %d intervals of %s: what follows is old. Is `ldapsward "
		       "run` "
		       "running, and what does its log say?\n",
			OVERVIEW_INTERVALS, duration_format(age->interval, interval));
	puts("");
}

static void print_age_json(const struct overview *overview)
{
	struct buffer text;

	buffer_init(&text, OVERVIEW_HEAD_MAX);
	overview_begin(overview, &text);
	fputs(buffer_text(&text), stdout);
	buffer_done(&text);
}

/* Prints one status; returns whether all is well with it: it is ready, or released. */
static bool print_status(const struct options *options, const struct report_style *style,
	const char *saved, bool first)
{
	json_t *status = NULL;
	struct error error;
	struct buffer text;
	const char *standing;
	bool ready;

	if (json_parse(saved, strlen(saved), &status, &error) < 0)
		return false;
	buffer_init(&text, REPORT_TEXT_MAX);
	standing = json_member_text(status, "standing");
	ready = standing && (strcmp(standing, "ready") == 0 || strcmp(standing, "released") == 0);
	if (options->json)
		printf("%s%s", first ? "" : OVERVIEW_SEPARATOR, saved);
	else if (report_status_text(status, clock_now(), style, &text) == 0)
		printf("%s%s", first ? "" : "\n", buffer_text(&text));
	buffer_done(&text);
	json_decref(status);
	return ready;
}

int command_status(const struct options *options)
{
	const struct report_style style = report_style_stdout();
	struct ledger_statuses statuses = {0};
	struct ledger *ledger = NULL;
	struct error error = {0};
	size_t known = 0, ready = 0;
	struct overview age;
	int r = ledger_open_read(options->state_directory, &ledger, &error);

	if (r == 0 && ledger_found(ledger))
		r = ledger_status_load(ledger, &statuses, &error);
	ledger_free(ledger);
	if (r < 0)
		return fail(&error);
	/* sorted by key: its own comes first */
	age = overview_read(statuses.count > 0 && statuses.statuses[0].key.directory[0] == '\0'
				    ? statuses.statuses[0].text
				    : NULL,
		clock_now());
	if (options->json)
		print_age_json(&age);
	else
		print_age(&age);
	for (size_t i = 0; i < statuses.count; i++) {
		const struct ledger_status *status = &statuses.statuses[i];

		if (status->key.directory[0] == '\0' || !selected(options, status->key.directory))
			continue;
		ready += print_status(options, &style, status->text, known == 0);
		known++;
	}
	if (options->json)
		fputs(OVERVIEW_END, stdout);
	else if (known == 0)
		puts("Nothing is known yet: neither `ldapsward run` nor `apply` has looked.");
	ledger_statuses_done(&statuses);
	if (known == 0)
		return EXIT_UNKNOWN;
	return ready == known && !age.stale ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void print_entry_json(const struct ledger_entry *entry, bool first)
{
	char at[INSTANT_SIZE], sha256[DIGEST_TEXT_SIZE];
	struct buffer text;
	json_t *value = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:o}",
		"at", instant_format(entry->at, at), "account", entry->key.account, "region",
		entry->key.region, "directory", entry->key.directory, "action", entry->action,
		"certificate",
		digest_is_zero(&entry->certificate) ? ""
						    : digest_format(&entry->certificate, sha256),
		"common_name", json_text(entry->common_name), "id", entry->id, "reason",
		entry->reason, "outcome", entry->outcome, "request_id", entry->request_id, "text",
		json_text(entry->text));

	buffer_init(&text, LEDGER_TEXT_MAX * 8);
	json_append(&text, value);
	printf("%s%s", first ? "" : ",\n", buffer_text(&text));
	buffer_done(&text);
	json_decref(value);
}

/* The step, and below it which request it was; a step that failed ends with the API's words. */
static void print_entry_text(const struct ledger_entry *entry, size_t width)
{
	char at[INSTANT_SIZE];
	struct buffer text;

	buffer_init(&text, LEDGER_TEXT_MAX * 2);
	buffer_printf(&text, "%s  %s (%s)  %s", instant_format(entry->at, at), entry->key.directory,
		entry->key.region, entry->outcome);
	if (strcmp(entry->action, "register") == 0 && entry->id[0] != '\0')
		buffer_printf(&text, " as %s", entry->id);
	buffer_printf(&text, "\n%*s", HISTORY_INDENT, "");
	wrap_words(&text, HISTORY_INDENT, HISTORY_INDENT, width, entry->text);
	buffer_printf(&text, "%*s%s", HISTORY_INDENT, "", entry->reason);
	if (entry->request_id[0] != '\0')
		buffer_printf(&text, "; request %s", entry->request_id);
	puts(buffer_text(&text));
	buffer_done(&text);
}

int command_history(const struct options *options)
{
	const struct report_style style = report_style_stdout();
	const struct ledger_filter filter = {.directories = options->directories,
		.directories_count = options->directories_count,
		.since = options->since,
		.limit = options->limit};
	struct ledger_history history = {0};
	struct ledger *ledger = NULL;
	struct error error = {0};
	bool first = true;
	int r = ledger_open_read(options->state_directory, &ledger, &error);

	if (r == 0 && ledger_found(ledger))
		r = ledger_history(ledger, &filter, &history, &error);
	ledger_free(ledger);
	if (r < 0)
		return fail(&error);
	if (options->json)
		printf("{\"version\":%d,\"entries\":[", REPORT_VERSION);
	for (size_t i = 0; i < history.count; i++) {
		if (options->json)
			print_entry_json(&history.entries[i], first);
		else
			print_entry_text(&history.entries[i], style.width);
		first = false;
	}
	if (options->json)
		puts("]}");
	else if (first)
		puts("Nothing has been done yet.");
	ledger_history_done(&history);
	return EXIT_SUCCESS;
}
