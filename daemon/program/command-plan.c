/* SPDX-License-Identifier: Apache-2.0 */
/* `plan`: looks at every directory once and shows what `run` would do; writes nothing anywhere. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/plan.h"
#include "program/commands.h"
#include "program/report.h"
#include "program/selecting.h"
#include "program/setup.h"
#include "program/survey.h"

#define STEP_COUNT(totals, kind) ((totals)->steps[STEP_##kind])

struct totals {
	bool apart; /* a directory in several Regions is among them, and counts in each */
	size_t directories, changing, held, alarms, unread;
	size_t steps[STEPS];
};

struct planning {
	const struct options *options;
	struct totals totals;
	struct plan plan; /* of the directory at hand: too large to be made for each */
	char **texts;	  /* owned: of each target, while those before it are not printed yet */
	size_t targets, printed;
	json_t *selectors; /* owned: what each matches */
	bool unasked;	   /* not all that selectors ask for could be read */
	struct report_style style;
};

/* Prints what is next in the file's order of account, Region and id. */
static void print_ready(struct planning *planning)
{
	while (planning->printed < planning->targets && planning->texts[planning->printed]) {
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
	totals->alarms += report_standing(&plan->end) == STANDING_ALARM;
	totals->unread += report_unread(plan->end.step.reason, complete);
	for (size_t i = 0; i < plan->count; i++)
		totals->steps[plan->steps[i].kind]++;
}

static void seen(void *context, const struct target *target, const struct situation *situation,
	const struct decision *decided, struct rollouts *rollouts)
{
	struct planning *planning = context;
	struct plan *plan = &planning->plan;
	char *text = NULL;

	planning->totals.apart |= target_replicated(target);
	if (plan_make(situation, decided, rollouts, plan) == 0) {
		count(&planning->totals, plan, situation->observed->complete);
		text = plan_text(planning, target, situation, plan);
		plan_done(plan);
	} else {
		planning->totals.unread++;
	}
	planning->texts[target->index] = text ? text : strdup("");
	print_ready(planning);
}

static void selected(void *context, const struct fleet *fleet, const struct knowledge *knowledge)
{
	struct planning *planning = context;

	planning->selectors = selecting_report(fleet, knowledge);
	planning->unasked = selecting_failures(fleet, knowledge, false) > 0;
}

/* What each selector matches: above the directories, which follow from it. */
static void print_selectors(const struct planning *planning)
{
	struct buffer text;

	buffer_init(&text, REPORT_TEXT_MAX);
	if (planning->options->json) {
		json_append(&text, planning->selectors);
		printf("\"selectors\":%s,", buffer_text(&text));
	} else if (json_array_size(planning->selectors) > 0) {
		selecting_report_text(planning->selectors, &planning->style, &text);
		printf("%s\n", buffer_text(&text));
	}
	buffer_done(&text);
}

static int begun(void *context, size_t targets)
{
	struct planning *planning = context;

	planning->targets = targets;
	planning->texts = calloc(targets + 1, sizeof(planning->texts[0]));
	if (!planning->texts)
		return -ERROR_MEMORY;
	if (planning->options->json)
		printf("{\"version\":%d,", REPORT_VERSION);
	print_selectors(planning);
	if (planning->options->json)
		printf("\"directories\":[");
	return 0;
}

static void print_totals(const struct planning *planning)
{
	const struct totals *totals = &planning->totals;

	if (planning->options->json) {
		printf("],\"summary\":{\"directories\":%zu,\"changing\":%zu,\"register\":%zu,"
		       "\"deregister\":%zu,\"enable\":%zu,\"disable\":%zu,\"held\":%zu,\"alarms\":%"
		       "zu,"
		       "\"unread\":%zu}}\n",
			totals->directories, totals->changing, STEP_COUNT(totals, REGISTER),
			STEP_COUNT(totals, DEREGISTER), STEP_COUNT(totals, ENABLE),
			STEP_COUNT(totals, DISABLE), totals->held, totals->alarms, totals->unread);
		return;
	}
	printf("\nPlan: %zu to register, %zu to deregister, %zu to enable, %zu to disable, in %zu "
	       "of %zu directories%s",
		STEP_COUNT(totals, REGISTER), STEP_COUNT(totals, DEREGISTER),
		STEP_COUNT(totals, ENABLE), STEP_COUNT(totals, DISABLE), totals->changing,
		totals->directories, totals->apart ? TARGET_APART : "");
	if (totals->held > 0)
		printf("; %zu held", totals->held);
	if (totals->alarms > 0)
		printf("; %zu with an alarm", totals->alarms);
	puts(".");
}

static int exit_status(const struct planning *planning)
{
	if (planning->totals.unread > 0 || planning->unasked ||
		planning->printed < planning->targets)
		return EXIT_FAILURE;
	return planning->options->detailed_exitcode && planning->totals.changing > 0 ? 2 : 0;
}

int command_plan(const struct options *options)
{
	struct planning planning = {.options = options, .style = report_style_stdout()};
	struct survey_listener listener = {
		.context = &planning, .selected = selected, .begun = begun, .seen = seen};
	struct store store = {0};
	struct fleet fleet = {0};
	struct error error = {0};

	if (!setup_command(options, &store, &fleet))
		return EXIT_FAILURE;
	if (survey_fleet(options, &fleet, &store, &listener, &error) < 0) {
		fprintf(stderr, "ldapsward: %s\n", error.message);
		return EXIT_FAILURE;
	}
	print_totals(&planning);
	return exit_status(&planning);
}
