/* SPDX-License-Identifier: Apache-2.0 */
/* `adopt`: shows which certificates that were there before match files, and records them as ours.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/learn.h"
#include "edge/clock.h"
#include "program/adopted.h"
#include "program/adoption-report.h"
#include "program/commands.h"
#include "program/selecting.h"
#include "program/setup.h"
#include "program/survey.h"

struct adopting {
	const struct options *options;
	const struct fleet *fleet;
	struct ledger *ledger; /* owned; NULL: nothing is recorded, see dry_run */
	json_t **reports;      /* owned: of each target */
	size_t targets, seen;
	bool apart;	   /* a directory in several Regions is among them, and counts in each */
	size_t unrecorded; /* directories whose adoptions could not be saved */
	struct adoption_totals totals;
	struct report_style style;
};

/* ---- recording ---- */

static int save(struct adopting *adopting, const struct ledger_key *key,
	const struct memory *learnt, const struct adopted *adopted, struct error *error)
{
	struct ledger_change *changes = calloc(adopted->count + 1, sizeof(changes[0]));
	int r;

	if (!changes)
		return error_set(error, ERROR_MEMORY, "out of memory");
	changes[0] = (struct ledger_change){.key = *key, .memory = learnt};
	adopted_changes(adopted, &changes[1]);
	r = ledger_save_all(adopting->ledger, changes, adopted->count + 1, error);
	free(changes);
	return r;
}

/* Design 5.3: what is remembered and what the history says of it, in one commit. */
static void record(
	struct adopting *adopting, const struct target *target, const struct situation *situation)
{
	struct ledger_key key = target_key(target);
	struct adopted adopted = {0};
	struct error error = {0};
	int r;

	if (!adopting->ledger || !adopted_any(&target->memory, situation->memory))
		return;
	r = adopted_between(&key, &target->memory, situation->memory, situation->now, &adopted);
	if (r < 0)
		error_set(&error, ERROR_MEMORY, "out of memory");
	else
		r = save(adopting, &key, situation->memory, &adopted, &error);
	if (r < 0) {
		adopting->unrecorded++;
		fprintf(stderr, "ldapsward: %s (%s): nothing could be recorded: %s\n", target->id,
			target->region, error.message);
	}
	adopted_done(&adopted);
}

/* ---- looking ---- */

/* The file's word on adoption is for the daemon; who runs this command has decided. */
static void seen(void *context, const struct target *target, const struct situation *situation,
	const struct decision *decided, struct rollouts *rollouts)
{
	struct adopting *adopting = context;
	struct directory wanted = *situation->wanted;
	struct situation own = *situation;
	struct memory learnt = {0};

	(void)decided;
	(void)rollouts;
	adopting->apart |= target_replicated(target);
	wanted.adopt = ADOPT_MATCHING;
	own.wanted = &wanted;
	own.memory = &learnt;
	if (memory_copy(&target->memory, &learnt) == 0 && learn(&own, &learnt) == 0) {
		adopting->reports[target->index] = adoption_report(
			target, &own, adopting->fleet, &target->memory, &adopting->totals);
		record(adopting, target, &own);
	}
	adopting->seen += adopting->reports[target->index] != NULL;
	memory_done(&learnt);
}

static void selected(void *context, const struct fleet *fleet, const struct knowledge *knowledge)
{
	struct adopting *adopting = context;

	adopting->totals.unread += selecting_failures(fleet, knowledge, true);
}

static int begun(void *context, size_t targets)
{
	struct adopting *adopting = context;

	adopting->targets = targets;
	adopting->reports = calloc(targets + 1, sizeof(adopting->reports[0]));
	return adopting->reports ? 0 : -ERROR_MEMORY;
}

/* ---- the end ---- */

static void print_report(const struct adopting *adopting, size_t index)
{
	struct buffer text;

	buffer_init(&text, LEDGER_STATUS_MAX);
	if (adopting->options->json) {
		json_append(&text, adopting->reports[index]);
		printf("%s%s", index > 0 ? ",\n" : "", buffer_text(&text));
	} else {
		adoption_report_text(adopting->reports[index], &adopting->style, &text);
		fputs(buffer_text(&text), stdout);
	}
	buffer_done(&text);
}

static void print_totals(const struct adopting *adopting)
{
	const struct adoption_totals *totals = &adopting->totals;

	if (adopting->options->json) {
		printf("],\"summary\":{\"directories\":%zu,\"adopted\":%zu,\"owned\":%zu,"
		       "\"foreign\":%zu,\"held\":%zu,\"unread\":%zu}}\n",
			adopting->targets, totals->adopted, totals->owned, totals->foreign,
			totals->held, totals->unread);
		return;
	}
	printf("\nAdopt: %zu %s, %zu ldapsward's already, %zu left alone; %zu director%s%s",
		totals->adopted, adopting->options->dry_run ? "to be recorded" : "recorded",
		totals->owned, totals->foreign, adopting->targets,
		adopting->targets == 1 ? "y" : "ies", adopting->apart ? TARGET_APART : "");
	if (totals->held > 0)
		printf(", %zu held", totals->held);
	if (totals->unread > 0)
		printf(", %zu not read", totals->unread);
	fputs(".\n", stdout);
}

static int exit_status(const struct adopting *adopting)
{
	const struct adoption_totals *totals = &adopting->totals;

	if (totals->unread > 0 || adopting->unrecorded > 0 || adopting->seen < adopting->targets)
		return EXIT_FAILURE;
	return totals->foreign > 0 || totals->held > 0 ? 2 : EXIT_SUCCESS;
}

static int print(const struct adopting *adopting)
{
	if (adopting->options->json)
		printf("{\"version\":%d,\"recorded\":%s,\"directories\":[", REPORT_VERSION,
			adopting->options->dry_run ? "false" : "true");
	for (size_t i = 0; i < adopting->targets; i++)
		if (adopting->reports[i])
			print_report(adopting, i);
	print_totals(adopting);
	return exit_status(adopting);
}

/* The one writer of the ledger: refused beside a daemon, which is named. */
static int open_ledger(struct adopting *adopting, struct error *error)
{
	int r = 0;

	if (!adopting->options->dry_run)
		r = ledger_open(adopting->options->state_directory, "ldapsward adopt", clock_now(),
			&adopting->ledger, error);
	if (r == 0 && adopting->ledger && ledger_restarted(adopting->ledger))
		fprintf(stderr, "ldapsward: %s\n", ledger_notice(adopting->ledger));
	return r;
}

int command_adopt(const struct options *options)
{
	struct adopting adopting = {.options = options, .style = report_style_stdout()};
	struct survey_listener listener = {
		.context = &adopting, .selected = selected, .begun = begun, .seen = seen};
	struct store store = {0};
	struct fleet fleet = {0};
	struct error error = {0};

	if (!setup_command(options, &store, &fleet))
		return EXIT_FAILURE;
	adopting.fleet = &fleet;
	if (open_ledger(&adopting, &error) < 0 ||
		survey_fleet(options, &fleet, &store, &listener, &error) < 0) {
		fprintf(stderr, "ldapsward: %s\n", error.message);
		return EXIT_FAILURE;
	}
	ledger_free(adopting.ledger);
	return print(&adopting);
}
