/* SPDX-License-Identifier: Apache-2.0 */
/* `plan`: looks at every directory once and shows what `run` would do; writes nothing anywhere. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/plan.h"
#include "edge/clock.h"
#include "edge/environment.h"
#include "program/commands.h"
#include "program/report.h"
#include "program/scheduler.h"
#include "program/setup.h"

#define STEP_COUNT(totals, kind) ((totals)->steps[STEP_##kind])

struct totals {
	size_t directories, changing, held, unread;
	size_t steps[STEPS];
};

struct planning {
	const struct options *options;
	struct scheduler scheduler;
	struct totals totals;
	char **texts; /* owned: of each target, while those before it are not printed yet */
	size_t printed;
	struct report_style style;
};

/* Prints what is next in the file's order of account, Region and id. */
static void print_ready(struct planning *planning)
{
	while (planning->printed < planning->scheduler.targets_count &&
		planning->texts[planning->printed]) {
		if (planning->options->json && planning->printed > 0)
			fputs(",\n", stdout);
		fputs(planning->texts[planning->printed], stdout);
		free(planning->texts[planning->printed]);
		planning->texts[planning->printed++] = NULL;
	}
}

static char *plan_text(const struct planning *planning, const struct target *target,
	const struct situation *situation, const struct plan *plan)
{
	struct buffer text;
	json_t *value;

	buffer_init(&text, REPORT_TEXT_MAX);
	if (!planning->options->json && plan->count == 0 && plan->end.conditions_count == 0) {
		/* the common case needs no detour */
		report_heading(report_name(target, situation->observed), target->account,
			target->id, target->region, &text);
		buffer_append_text(&text, ": nothing to do\n");
		return buffer_steal(&text);
	}
	value = report_plan(target, situation, plan);
	if (planning->options->json)
		json_append(&text, value);
	else
		report_plan_text(value, &planning->style, &text);
	json_decref(value);
	return buffer_steal(&text);
}

static void count(struct totals *totals, const struct plan *plan, bool complete)
{
	totals->directories++;
	totals->changing += plan_writes(plan) > 0;
	totals->held += report_standing(&plan->end) == STANDING_HELD;
	totals->unread += report_unread(plan->end.step.reason, complete);
	for (size_t i = 0; i < plan->count; i++)
		totals->steps[plan->steps[i].kind]++;
}

static char *decided(void *context, struct target *target, const struct situation *situation,
	const struct decision *decision)
{
	struct planning *planning = context;
	struct plan *plan = calloc(1, sizeof(*plan));
	char *text = NULL;

	(void)decision;
	if (plan && plan_make(situation, &planning->scheduler.rollouts, plan) == 0) {
		count(&planning->totals, plan, situation->observed->complete);
		text = plan_text(planning, target, situation, plan);
		plan_done(plan);
	} else {
		planning->totals.unread++;
	}
	free(plan);
	planning->texts[target->index] = text ? text : strdup("");
	print_ready(planning);
	return NULL;
}

static void ignore_act(void *context, struct target *target, const struct job *job)
{
	(void)context;
	(void)target;
	(void)job;
}

static void ignore_unsaved(void *context, struct target *target, const struct job *job)
{
	(void)context;
	(void)target;
	(void)job;
}

static void ignore_pass(void *context, const struct pass *pass, int64_t elapsed)
{
	(void)context;
	(void)pass;
	(void)elapsed;
}

static void print_totals(const struct planning *planning)
{
	const struct totals *totals = &planning->totals;

	if (planning->options->json) {
		printf("],\"summary\":{\"directories\":%zu,\"changing\":%zu,\"register\":%zu,"
		       "\"deregister\":%zu,\"enable\":%zu,\"disable\":%zu,\"held\":%zu,"
		       "\"unread\":%zu}}\n",
			totals->directories, totals->changing, STEP_COUNT(totals, REGISTER),
			STEP_COUNT(totals, DEREGISTER), STEP_COUNT(totals, ENABLE),
			STEP_COUNT(totals, DISABLE), totals->held, totals->unread);
		return;
	}
	printf("\nPlan: %zu to register, %zu to deregister, %zu to enable, %zu to disable, in %zu "
	       "of %zu directories",
		STEP_COUNT(totals, REGISTER), STEP_COUNT(totals, DEREGISTER),
		STEP_COUNT(totals, ENABLE), STEP_COUNT(totals, DISABLE), totals->changing,
		totals->directories);
	if (totals->held > 0)
		printf("; %zu held", totals->held);
	puts(".");
}

static int exit_status(const struct planning *planning)
{
	if (planning->totals.unread > 0 || planning->printed < planning->scheduler.targets_count)
		return EXIT_FAILURE;
	return planning->options->detailed_exitcode && planning->totals.changing > 0 ? 2 : 0;
}

/* What the ledger remembers, if there is one; a plan without it is that of a first run. */
static int recall(const struct options *options, struct store *store,
	struct ledger_records *ret_records, struct error *error)
{
	struct ledger *ledger;
	int r = ledger_open_read(options->state_directory, &ledger, error);

	if (r < 0)
		return r;
	if (ledger_found(ledger))
		r = ledger_load(ledger, store, ret_records, error);
	ledger_free(ledger);
	return r;
}

static int plan_fleet(struct planning *planning, const struct fleet *fleet, struct store *store,
	struct error *error)
{
	static const struct scheduler_listener deaf = {.decided = decided,
		.acted = ignore_act,
		.unsaved = ignore_unsaved,
		.passed = ignore_pass};
	struct scheduler_listener listener = deaf;
	struct ledger_records records = {0};
	sd_event *event = NULL;
	int r;

	listener.context = planning;
	if (sd_event_new(&event) < 0)
		return error_set(error, ERROR_INTERNAL, "no event loop");
	r = recall(planning->options, store, &records, error);
	if (r == 0)
		r = scheduler_init(
			&planning->scheduler, SCHEDULER_PLAN, event, NULL, &listener, error);
	if (r == 0)
		r = scheduler_adopt_fleet(&planning->scheduler, fleet, &records,
			planning->options->directories, planning->options->directories_count,
			error);
	ledger_records_done(&records);
	if (r < 0)
		return r;
	planning->texts = calloc(planning->scheduler.targets_count + 1, sizeof(planning->texts[0]));
	if (!planning->texts)
		return error_set(error, ERROR_MEMORY, "out of memory");
	if (planning->options->json)
		printf("{\"version\":%d,\"directories\":[", REPORT_VERSION);
	scheduler_begin(&planning->scheduler);
	(void)sd_event_loop(event);
	print_totals(planning);
	return 0;
}

int command_plan(const struct options *options)
{
	struct planning planning = {.options = options, .style = report_style_stdout()};
	struct store store = {0};
	struct fleet fleet = {0};
	struct error error = {0};

	if (clock_demo())
		fputs("ldapsward: " CLOCK_DEMO_WARNING "\n", stderr);
	if (setup_fleet(options, &store, &fleet) < 0 || !setup_directories_known(options, &fleet))
		return EXIT_FAILURE;
	if (plan_fleet(&planning, &fleet, &store, &error) < 0) {
		fprintf(stderr, "ldapsward: %s\n", error.message);
		return EXIT_FAILURE;
	}
	return exit_status(&planning);
}
