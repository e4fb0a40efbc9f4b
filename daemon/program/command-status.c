/* SPDX-License-Identifier: Apache-2.0 */
/* `status`: what the ledger says, beside a running daemon or without one. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/cleanup.h"
#include "edge/clock.h"
#include "edge/file.h"
#include "edge/json.h"
#include "edge/ledger.h"
#include "program/commands.h"
#include "program/monitor.h"
#include "program/overview.h"
#include "program/report.h"
#include "program/status-table.h"

/* design 3: status 3 is "nothing known" */
#define EXIT_UNKNOWN 3
/* --watch: how often the ledger's file is looked at: a person sees no difference to at once. */
#define WATCH_MS 500
/* More than any terminal shows. Bytes. */
#define WATCH_PAGE_MAX ((size_t)1024 * 1024)

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

/* ---- reading ---- */

/* What the ledger says, at an instant. */
struct recorded {
	struct ledger_statuses statuses;
	struct overview overview;
};

static int known_read(
	const struct options *options, struct recorded *ret_known, struct error *error)
{
	struct recorded known = {0};
	struct ledger *ledger = NULL;
	int r = ledger_open_read(options->state_directory, &ledger, error);

	if (r == 0 && ledger_found(ledger))
		r = ledger_status_load(ledger, &known.statuses, error);
	ledger_free(ledger);
	if (r < 0)
		return r;
	/* sorted by key: its own comes first */
	known.overview = overview_read(
		known.statuses.count > 0 && known.statuses.statuses[0].key.directory[0] == '\0'
			? known.statuses.statuses[0].text
			: NULL,
		clock_now());
	*ret_known = known;
	return 0;
}

/* The next status that was asked for, to be freed; NULL at the end. */
static json_t *known_next(
	const struct options *options, const struct recorded *known, size_t *index)
{
	while (*index < known->statuses.count) {
		const struct ledger_status *status = &known->statuses.statuses[(*index)++];
		json_t *value = NULL;

		if (status->key.directory[0] != '\0' && selected(options, status->key.directory) &&
			json_parse(status->text, strlen(status->text), &value, NULL) == 0)
			return value;
	}
	return NULL;
}

/* ---- printing ---- */

static void print_age(FILE *file, const struct overview *age, bool known)
{
	char since[DURATION_SIZE], interval[DURATION_SIZE];
	int64_t shown = age->age - age->age % 60;

	if (age->looked[0] == '\0' && !known)
		return;
	if (age->looked[0] == '\0')
		fputs("Last look: none that went over all directories has ended yet.\n", file);
	else if (shown <= 0)
		fputs("Last look: less than a minute ago.\n", file);
	else
		fprintf(file, "Last look: %s ago.\n", duration_format(shown, since));
	if (age->stale)
		fprintf(file,
			"That is more than %d intervals of %s: what follows is old. Is `ldapsward "
			"run` "
			"running, and what does its log say?\n",
			OVERVIEW_INTERVALS, duration_format(age->interval, interval));
	if (age->refused)
		fputs("The file on the disk was refused and an older one is in force: `ldapsward "
		      "check` tells why.\n",
			file);
	fputs("\n", file);
}

static void print_age_json(FILE *file, const struct overview *overview)
{
	struct buffer text;

	buffer_init(&text, OVERVIEW_HEAD_MAX);
	overview_begin(overview, &text);
	fputs(buffer_text(&text), file);
	buffer_done(&text);
}

/* All at one glance. */
static void print_table(const struct options *options, const struct recorded *known,
	const struct report_style *style, FILE *file)
{
	struct buffer text;
	json_t *status;
	size_t i = 0;

	buffer_init(&text, REPORT_TEXT_MAX);
	status_table_begin(&text);
	while ((status = known_next(options, known, &i))) {
		(void)status_table_row(status, known->overview.written, style, &text);
		fputs(buffer_text(&text), file);
		buffer_clear(&text);
		json_decref(status);
	}
	buffer_done(&text);
}

static void print_status(const struct options *options, const struct recorded *known,
	const struct report_style *style, const json_t *status, bool first, FILE *file)
{
	struct buffer text;

	buffer_init(&text, REPORT_TEXT_MAX);
	if (options->json) {
		json_append(&text, status);
		fprintf(file, "%s%s", first ? "" : OVERVIEW_SEPARATOR, buffer_text(&text));
	} else if (report_status_text(status, known->overview.written, style, &text) == 0) {
		fprintf(file, "\n%s", buffer_text(&text));
	}
	buffer_done(&text);
}

/* The whole of `status`; returns its exit status. */
static int print_all(const struct options *options, const struct recorded *known,
	const struct report_style *style, FILE *file)
{
	size_t count = 0, ready = 0, i = 0;
	json_t *status;

	if (options->json)
		print_age_json(file, &known->overview);
	else
		print_age(file, &known->overview, known->statuses.count > 0);
	while ((status = known_next(options, known, &i))) {
		const char *standing = json_member_text(status, "standing");

		if (count == 0 && !options->json)
			print_table(options, known, style, file);
		print_status(options, known, style, status, count == 0, file);
		count++;
		ready += standing &&
			 (strcmp(standing, "ready") == 0 || strcmp(standing, "released") == 0);
		json_decref(status);
	}
	if (options->json)
		fputs(OVERVIEW_END, file);
	else if (count == 0 && options->directories_count > 0)
		fputs("Nothing is known of what was asked for: no pass has looked at it.\n", file);
	else if (count == 0)
		fputs("Nothing is known yet: neither `ldapsward run` nor `apply` has looked.\n",
			file);
	if (count == 0)
		return EXIT_UNKNOWN;
	return ready == count && !known->overview.stale ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- once ---- */

static int print_monitor(const struct options *options)
{
	enum monitor_state state = MONITOR_UNKNOWN;
	struct monitor monitor = {0};
	struct recorded known = {0};
	struct error error = {0};
	struct buffer text;
	json_t *status;
	size_t i = 0;

	buffer_init(&text, MONITOR_LINE_MAX);
	if (known_read(options, &known, &error) < 0) {
		monitor_text_unknown(error.message, &text);
	} else {
		while ((status = known_next(options, &known, &i))) {
			monitor_add(&monitor, status);
			json_decref(status);
		}
		monitor_text(&monitor, &known.overview, &text, &state);
	}
	fputs(buffer_text(&text), stdout);
	buffer_done(&text);
	ledger_statuses_done(&known.statuses);
	return (int)state;
}

static int print_once(const struct options *options, FILE *file)
{
	const struct report_style style = report_style_stdout();
	struct error error = {0};
	struct recorded known;
	int status;

	if (known_read(options, &known, &error) < 0)
		return fail(&error);
	status = print_all(options, &known, &style, file);
	ledger_statuses_done(&known.statuses);
	return status;
}

/* ---- again and again ---- */

/* Writes a page in one go over the one before, so that nothing flickers; what does not fit below
 * the terminal's end is left out. */
static void draw(const char *page)
{
	int height = terminal_height(STDOUT_FILENO);
	const char *line = page;
	struct buffer text;

	buffer_init(&text, WATCH_PAGE_MAX);
	buffer_append_text(&text, TERMINAL_HOME);
	for (int row = 1; *line != '\0' && (height == 0 || row <= height); row++) {
		size_t length = strcspn(line, "\n");

		if (row > 1)
			buffer_append_text(&text, "\n");
		buffer_append(&text, line, length);
		buffer_append_text(&text, TERMINAL_CLEAR_LINE);
		line += length + (line[length] == '\n');
	}
	buffer_append_text(&text, TERMINAL_CLEAR_BELOW);
	fputs(buffer_text(&text), stdout);
	(void)fflush(stdout);
	buffer_done(&text);
}

/* False without memory. */
static bool draw_known(const struct options *options, int *ret_status)
{
	char *page = NULL;
	size_t length = 0;
	FILE *file = open_memstream(&page, &length);

	if (!file)
		return false;
	*ret_status = print_once(options, file);
	if (fclose(file) != 0)
		return false;
	if (options->json)
		fputs(page, stdout);
	else
		draw(page);
	free(page);
	return fflush(stdout) == 0;
}

/* Waits until the ledger is another one, or the minute is, or the terminal; false if it is to end.
 */
static bool wait_for_news(const char *path, uint64_t mark, bool json, const sigset_t *signals)
{
	const struct timespec wait = {.tv_nsec = WATCH_MS * INT64_C(1000000)};
	int64_t minute = clock_now() / 60;

	do {
		int number = sigtimedwait(signals, NULL, &wait);

		if (number == SIGWINCH)
			return true;
		if (number > 0)
			return false;
	} while (file_mark(path) == mark && (json || clock_now() / 60 == minute));
	return true;
}

static int watch(const struct options *options)
{
	CLEANUP(free_ptr) char *path = NULL;
	int ignored;
	sigset_t signals;
	uint64_t mark;

	if (!options->json && !terminal_transient(STDOUT_FILENO)) {
		fputs("ldapsward: status --watch draws on a terminal; elsewhere say --watch "
		      "--json\n",
			stderr);
		return EXIT_FAILURE;
	}
	if (asprintf(&path, "%s/" LEDGER_FILE, options->state_directory) < 0) {
		path = NULL;
		return EXIT_FAILURE;
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGWINCH);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	if (!options->json)
		fputs(TERMINAL_PAGE, stdout);
	do {
		mark = file_mark(path);
	} while (draw_known(options, &ignored) &&
		 wait_for_news(path, mark, options->json, &signals));
	if (!options->json)
		fputs(TERMINAL_PAGE_LEAVE, stdout);
	return EXIT_SUCCESS;
}

int command_status(const struct options *options)
{
	if (options->monitor)
		return print_monitor(options);
	return options->watch ? watch(options) : print_once(options, stdout);
}
