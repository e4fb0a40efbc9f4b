/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "edge/clock.h"
#include "edge/configuration.h"
#include "edge/environment.h"
#include "edge/json.h"
#include "program/commands.h"
#include "program/lineage.h"
#include "program/report.h"
#include "program/setup.h"

/* All that there can be to say. Bytes. */
#define CHECK_TEXT_MAX ((size_t)64 * 1024 * 1024)

/* "1000 selectors, ". Bytes. */
#define SELECTORS_SIZE 40

/* What was read, and when. */
struct checked {
	const struct diagnostics *diagnostics;
	const struct fleet *fleet; /* empty if the file is refused */
	int64_t now;
	bool good;
};

/* Entries with an id and all its Regions. */
static size_t named_all(const struct fleet *fleet)
{
	size_t count = 0;

	for (size_t i = 0; i < fleet->selectors_count; i++)
		count += fleet->selectors[i].id[0] != '\0';
	return count;
}

/* ", 2 selectors", whose directories the API alone knows; "" for none. */
static const char *selectors_text(const struct fleet *fleet, char text[static SELECTORS_SIZE])
{
	size_t count = fleet->selectors_count - named_all(fleet);

	text[0] = '\0';
	if (count > 0)
		snprintf(text, SELECTORS_SIZE, "%zu selector%s, ", count, count == 1 ? "" : "s");
	return text;
}

static void print_json(const struct checked *checked)
{
	const struct diagnostics *diagnostics = checked->diagnostics;
	const struct fleet *fleet = checked->fleet;
	struct buffer text;
	json_t *list = json_array(), *root;

	for (size_t i = 0; i < diagnostics->count; i++) {
		const struct diagnostic *entry = &diagnostics->entries[i];

		(void)json_array_append_new(
			list, json_pack("{s:s, s:o, s:i, s:i, s:o}", "severity",
				      severity_str(entry->severity), "file",
				      json_text(entry->file ? entry->file : ""), "line",
				      (int)entry->line, "column", (int)entry->column, "message",
				      json_text(entry->sentence)));
	}
	root = json_pack("{s:i, s:b, s:I, s:I, s:I, s:o, s:o}", "version", REPORT_VERSION, "good",
		checked->good, "directories",
		(json_int_t)(fleet->directories_count + named_all(fleet)), "selectors",
		(json_int_t)(fleet->selectors_count - named_all(fleet)), "authorities",
		(json_int_t)fleet->authorities_count, "generations",
		lineage_report(fleet, checked->now), "diagnostics", list);
	buffer_init(&text, CHECK_TEXT_MAX);
	json_append(&text, root);
	puts(buffer_text(&text));
	buffer_done(&text);
	json_decref(root);
}

static void print_text(const struct options *options, const struct checked *checked)
{
	const struct diagnostics *diagnostics = checked->diagnostics;
	const struct fleet *fleet = checked->fleet;
	json_t *lineage = lineage_report(fleet, checked->now);
	size_t directories = fleet->directories_count + named_all(fleet);
	char selectors[SELECTORS_SIZE];
	struct buffer text;

	buffer_init(&text, CHECK_TEXT_MAX);
	diagnostics_format(diagnostics, &text);
	lineage_text(lineage, checked->now, &text);
	fputs(buffer_text(&text), stdout);
	buffer_done(&text);
	json_decref(lineage);
	if (checked->good)
		printf("%s: good: %zu director%s, %s%zu authorit%s\n", options->config, directories,
			directories == 1 ? "y" : "ies", selectors_text(fleet, selectors),
			fleet->authorities_count, fleet->authorities_count == 1 ? "y" : "ies");
	else
		printf("%s: not good: %zu error%s, %zu warning%s\n", options->config,
			diagnostics->totals[SEVERITY_ERROR],
			diagnostics->totals[SEVERITY_ERROR] == 1 ? "" : "s",
			diagnostics->totals[SEVERITY_WARNING],
			diagnostics->totals[SEVERITY_WARNING] == 1 ? "" : "s");
}

/* Whether every --directory is in the file; one that is not is a mistake like those in it. */
static bool directories_known(
	const struct options *options, const struct fleet *fleet, struct diagnostics *diagnostics)
{
	const char *file = diagnostics_file(diagnostics, options->config);
	bool known = true;

	for (size_t i = 0; i < options->directories_count; i++) {
		if (setup_directory_known(fleet, options->directories[i]))
			continue;
		diagnostics_add(diagnostics, SEVERITY_ERROR, file, 0, 0,
			"no directory %s in it; --directory takes an id of the file",
			options->directories[i]);
		known = false;
	}
	return known;
}

int command_check(const struct options *options)
{
	const char *region = environment_text("AWS_REGION");
	struct configuration_options how = {.now = clock_now(),
		.region = region ? region : environment_text("AWS_DEFAULT_REGION")};
	struct diagnostics diagnostics = {0};
	struct store store = {0};
	struct fleet fleet = {0};
	struct checked checked;
	bool good = configuration_load(options->config, &how, &store, &fleet, &diagnostics) == 0;

	if (good)
		good = directories_known(options, &fleet, &diagnostics);
	if (options->strict && diagnostics.totals[SEVERITY_WARNING] > 0)
		good = false;
	checked = (struct checked){&diagnostics, &fleet, how.now, good};
	if (options->json)
		print_json(&checked);
	else
		print_text(options, &checked);
	fleet_done(&fleet);
	store_done(&store);
	diagnostics_done(&diagnostics);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
