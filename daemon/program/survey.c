/* SPDX-License-Identifier: Apache-2.0 */
#include "program/survey.h"

#include <stdlib.h>

#include "program/scheduler.h"
#include "program/selecting.h"
#include "program/setup.h"

struct survey {
	struct scheduler scheduler;
	const struct survey_listener *listener; /* borrowed */
};

static char *decided(void *context, struct target *target, const struct situation *situation,
	const struct decision *decision, const char *request_id)
{
	struct survey *survey = context;
	struct rollouts *rollouts = &survey->scheduler.rollouts;

	(void)request_id;
	/* a roll-out has learnt from the look since it was decided */
	survey->listener->seen(survey->listener->context, target, situation,
		rollouts->count == 0 ? decision : NULL, rollouts);
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

static void ignore_pass(void *context, struct pass *pass, int64_t elapsed)
{
	(void)context;
	(void)pass;
	(void)elapsed;
}

/* What the ledger remembers, if there is one; a look without it is that of a first run. */
static int recall(const struct options *options, struct store *store,
	struct ledger_records *ret_records, struct knowledge *knowledge, struct error *error)
{
	struct ledger *ledger;
	int r;

	if (!options->state_directory)
		return 0;
	r = ledger_open_read(options->state_directory, &ledger, error);

	if (r < 0)
		return r;
	if (ledger_found(ledger))
		r = ledger_load(ledger, store, ret_records, error);
	if (r == 0 && ledger_found(ledger))
		r = ledger_selection_load(ledger, knowledge, error);
	ledger_free(ledger);
	return r;
}

/* The fleet with what is selected, made for good: looks borrow from it until the end. */
static int select_all(const struct options *options, const struct fleet *file,
	struct scheduler *scheduler, const struct survey_listener *listener,
	const struct fleet **ret_fleet, struct error *error)
{
	struct knowledge *knowledge = scheduler->knowledge;
	int r = selecting_needed(options, file) ? selecting_discover(scheduler, file, error) : 0;

	if (r < 0)
		return r;
	*ret_fleet = selecting_make((struct fleet *)(uintptr_t)file, knowledge, error);
	if (!*ret_fleet)
		return error->code;
	if (!setup_directories_known(options, *ret_fleet))
		return error_set(error, ERROR_MISSING, "nothing was looked at");
	if (listener->selected)
		listener->selected(listener->context, *ret_fleet, knowledge);
	return 0;
}

int survey_fleet(const struct options *options, const struct fleet *fleet, struct store *store,
	const struct survey_listener *listener, struct error *error)
{
	static struct survey survey; /* jobs may still be under way at the end */
	static struct knowledge knowledge;
	struct scheduler_listener ears = {.context = &survey,
		.decided = decided,
		.acted = ignore_act,
		.unsaved = ignore_unsaved,
		.passed = ignore_pass};
	struct ledger_records records = {0};
	sd_event *event = NULL;
	int r;

	survey.listener = listener;
	survey.scheduler.keyrings = listener->keyrings;
	if (sd_event_new(&event) < 0)
		return error_set(error, ERROR_INTERNAL, "no event loop");
	r = scheduler_init(&survey.scheduler, SCHEDULER_PLAN, event, NULL, &ears, error);
	if (r < 0)
		return r;
	scheduler_foresee(&survey.scheduler, fleet, options->directories,
		options->directories_count, selecting_needed(options, fleet));
	survey.scheduler.knowledge = &knowledge;
	r = recall(options, store, &records, &knowledge, error);
	if (r == 0)
		r = select_all(options, fleet, &survey.scheduler, listener, &fleet, error);
	if (r == 0)
		r = scheduler_adopt_fleet(&survey.scheduler, fleet, &records, options->directories,
			options->directories_count, error);
	ledger_records_done(&records);
	if (r < 0)
		return r;
	r = listener->begun(listener->context, survey.scheduler.targets_count);
	if (r < 0)
		return error_set(error, (enum error_code) - r, "out of memory");
	scheduler_begin(&survey.scheduler);
	(void)sd_event_loop(event);
	return 0;
}
