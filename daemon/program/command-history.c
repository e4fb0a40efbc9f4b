/* SPDX-License-Identifier: Apache-2.0 */
/* `history`: what was done, as the ledger has it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/wrap.h"
#include "edge/json.h"
#include "edge/ledger.h"
#include "program/commands.h"
#include "program/report.h"

/* Where the lines below an instant of the history begin. Columns. */
#define HISTORY_INDENT 4

static int fail(const struct error *error)
{
	fprintf(stderr, "ldapsward: %s\n", error->message);
	return EXIT_FAILURE;
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
		puts(filter.directories_count > 0 || filter.since > 0
				? "Nothing that was asked for has been done."
				: "Nothing has been done yet.");
	ledger_history_done(&history);
	return EXIT_SUCCESS;
}
