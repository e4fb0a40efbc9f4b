/* SPDX-License-Identifier: Apache-2.0 */
/* `apply`: one pass to the end, waiting for what is in flight, and a word for every directory. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/calendar.h"
#include "core/explain.h"
#include "core/repeat.h"
#include "edge/clock.h"
#include "edge/git-revision.h"
#include "edge/journal.h"
#include "program/commands.h"
#include "program/pass.h"
#include "program/publisher.h"
#include "program/reload.h"
#include "program/report.h"
#include "program/scheduler.h"
#include "program/selecting.h"
#include "program/setup.h"
#include "program/state.h"
#include "program/telling.h"

/* How often the line of progress is drawn anew on a terminal. Microseconds. */
#define APPLY_DRAW_USEC (UINT64_C(1000) * 1000)

/* The last step of a directory. */
struct act {
	struct step step; /* its certificate is the store's */
	int64_t at;	  /* clock_elapsed */
	bool open;	  /* it was told, and the directory is not ready yet */
};

struct applying {
	const struct options *options;
	struct scheduler scheduler;
	struct publisher *publisher; /* never freed: its thread may be writing at the end */
	sd_event *event;
	int64_t began;	/* clock_elapsed */
	bool transient; /* progress may be drawn on standard error */
	bool text;	/* what happens is printed for people; not where the journal is told it */
	struct git_revision revision; /* of the files */
	bool timed_out, stopped;
	struct report_style style;
	size_t done, failed; /* writes */
	size_t unread;
	struct repeat unsaved;	    /* what could not be recorded */
	json_t **reports;	    /* owned: the last status of each target */
	struct act *acts;	    /* owned: of each target */
	const struct target *shown; /* whose lines are being printed; NULL at first */
};

/* ---- progress ---- */

static void erase(const struct applying *applying)
{
	if (applying->transient)
		fputs(TERMINAL_ERASE_LINE, stderr);
}

/* What a directory waits for, in the words of its own condition; NULL if none says so. */
static const char *waits_for(const json_t *report)
{
	static const char *const waits[] = {"InFlight", "LdapsInFlight", "Unresolved", "Unlisted"};
	const json_t *conditions = report ? json_member_array(report, "conditions") : NULL;
	json_t *condition;
	size_t i;

	json_array_foreach(conditions, i, condition)
	{
		const char *reason = json_member_text(condition, "reason");

		for (size_t j = 0; reason && j < ARRAY_LENGTH(waits); j++)
			if (strcmp(reason, waits[j]) == 0)
				return json_member_text(condition, "message");
	}
	return NULL;
}

/*
 * The last step and since when; else what a look has shown. What matters less comes last: the line
 * is cut at the terminal's width.
 */
static void put_wait(const struct applying *applying, size_t index, struct buffer *buffer)
{
	const char *condition = waits_for(applying->reports[index]);
	const struct act *act = &applying->acts[index];
	char since[DURATION_SIZE];

	buffer_append_text(buffer, applying->scheduler.targets[index]->id);
	if (act->open) {
		duration_format(clock_elapsed() - act->at, since);
		buffer_printf(buffer, " since %s: ", since);
		explain_step(&act->step, buffer);
	} else {
		buffer_printf(buffer, ": %s", condition ? condition : "is looked at");
	}
}

/* One line: how far it is, and what the first that is not there yet waits for, since when. */
static void draw(const struct applying *applying)
{
	const struct scheduler *scheduler = &applying->scheduler;
	struct buffer line;
	char since[DURATION_SIZE];
	size_t i = 0;

	while (i < scheduler->targets_count && scheduler->targets[i]->finished)
		i++;
	/* while selectors are asked there are none yet */
	if (!applying->transient || i == scheduler->targets_count)
		return;
	buffer_init(&line, REPORT_TEXT_MAX);
	buffer_printf(&line, "%zu of %zu done, %s; ",
		scheduler->targets_count - scheduler->unfinished, scheduler->targets_count,
		duration_format(clock_elapsed() - applying->began, since));
	put_wait(applying, i, &line);
	fprintf(stderr, TERMINAL_ERASE_LINE "%.*s", terminal_width(2) - 1, buffer_text(&line));
	buffer_done(&line);
}

static int draw_due(sd_event_source *source, uint64_t usec, void *context)
{
	(void)usec;
	draw(context);
	(void)sd_event_source_set_time_relative(source, APPLY_DRAW_USEC);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* ---- what is told ---- */

/* The directory's name above its lines, unless the line before was its own. */
static void print_heading(struct applying *applying, const struct target *target)
{
	struct buffer text;

	if (applying->shown == target)
		return;
	applying->shown = target;
	buffer_init(&text, JOURNAL_MESSAGE_SIZE);
	report_heading(target->wanted->name ? target->wanted->name : "", target->account,
		target->id, target->region, &text);
	printf("%s:\n", buffer_text(&text));
	buffer_done(&text);
}

/* The end of what was begun; directories that needed nothing are only counted. */
static void print_ready(struct applying *applying, const struct target *target)
{
	if (!applying->text || !applying->acts[target->index].open)
		return;
	applying->acts[target->index].open = false;
	erase(applying);
	print_heading(applying, target);
	printf("  %s= ready%s\n", terminal_style(TERMINAL_GREEN, applying->style.colour),
		terminal_style(TERMINAL_RESET, applying->style.colour));
	(void)fflush(stdout);
}

static char *decided(void *context, struct target *target, const struct situation *situation,
	const struct decision *decision, const char *request_id)
{
	struct applying *applying = context;

	if (applying->scheduler.tells)
		telling_decided(target, situation, decision, request_id);
	json_decref(applying->reports[target->index]);
	applying->reports[target->index] = report_status(target, situation, decision);
	if (report_standing(decision) == STANDING_READY)
		print_ready(applying, target);
	return telling_status(target, situation, decision);
}

static void print_step(const struct applying *applying, const struct job *job)
{
	const char *action = step_kind_str(job->step.kind);
	struct buffer text;

	buffer_init(&text, JOURNAL_MESSAGE_SIZE);
	buffer_printf(&text, "  %s%c ",
		terminal_style(report_step_style(action), applying->style.colour),
		report_step_sign(action));
	explain_act(&job->step, &text);
	buffer_printf(&text, "%s\n", terminal_style(TERMINAL_RESET, applying->style.colour));
	telling_outcome_text(job, applying->style.width, &text);
	fputs(buffer_text(&text), stdout);
	(void)fflush(stdout);
	buffer_done(&text);
}

/* What is told of it until the next look, if one follows. */
static void note_sent(json_t *report, const struct job *job)
{
	struct buffer text;

	buffer_init(&text, JOURNAL_MESSAGE_SIZE);
	telling_sent_text(job, &text);
	report_sent(report, buffer_text(&text));
	buffer_done(&text);
}

static void saved(void *context)
{
	struct applying *applying = context;

	publisher_changed(applying->publisher);
}

static void acted(void *context, struct target *target, const struct job *job)
{
	struct applying *applying = context;

	publisher_stepped(applying->publisher, job->step.kind, job->result < 0);
	applying->done += job->result == 0;
	applying->failed += job->result < 0;
	note_sent(applying->reports[target->index], job);
	applying->acts[target->index] =
		(struct act){.step = job->step, .at = clock_elapsed(), .open = true};
	if (applying->scheduler.tells)
		telling_acted(target, job);
	if (!applying->text)
		return;
	erase(applying);
	print_heading(applying, target);
	print_step(applying, job);
}

static void unsaved(void *context, struct target *target, const struct job *job)
{
	struct applying *applying = context;

	publisher_unrecorded(applying->publisher);
	erase(applying);
	if (repeat_count(&applying->unsaved, clock_elapsed()))
		telling_unsaved(target, job, applying->unsaved.count);
}

static void passed(void *context, struct pass *pass, int64_t elapsed)
{
	struct applying *applying = context;

	telling_gathered(pass);
	publisher_passed(applying->publisher, pass->account, pass->region, elapsed);
}

/* ---- the end ---- */

static int on_timeout(sd_event_source *source, uint64_t usec, void *context)
{
	struct applying *applying = context;

	(void)source;
	(void)usec;
	applying->timed_out = true;
	scheduler_stop(&applying->scheduler);
	return 0;
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
	struct applying *applying = context;

	(void)source;
	(void)info;
	applying->stopped = true;
	scheduler_stop(&applying->scheduler);
	return 0;
}

/* How many directories are ready, and how many have an alarm. */
struct census {
	size_t ready, alarms;
	bool apart; /* a directory in several Regions is among them, and counts in each */
};

static struct census take_census(const struct applying *applying)
{
	struct census census = {0};

	for (size_t i = 0; i < applying->scheduler.targets_count; i++) {
		const json_t *report = applying->reports[i];
		const char *standing = report ? json_member_text(report, "standing") : NULL;

		census.apart |= target_replicated(applying->scheduler.targets[i]);
		census.ready += standing && strcmp(standing, standing_str(STANDING_READY)) == 0;
		census.alarms += standing && strcmp(standing, standing_str(STANDING_ALARM)) == 0;
	}
	return census;
}

/* Those that are not ready, a paragraph each. */
static void print_unready(const struct applying *applying)
{
	bool spaced = applying->shown != NULL;

	for (size_t i = 0; i < applying->scheduler.targets_count; i++) {
		const json_t *report = applying->reports[i];
		const char *standing = report ? json_member_text(report, "standing") : NULL;
		struct buffer text;

		if (standing && strcmp(standing, standing_str(STANDING_READY)) == 0)
			continue;
		buffer_init(&text, REPORT_TEXT_MAX);
		if (report)
			report_status_text(report, clock_now(), &applying->style, &text);
		else
			buffer_printf(
				&text, "%s: not looked at\n", applying->scheduler.targets[i]->id);
		printf("%s%s", spaced ? "\n" : "", buffer_text(&text));
		buffer_done(&text);
		spaced = true;
	}
}

/* "2 steps done, 0 failed; 3 of 4 directories ready, 1 with an alarm" */
static void put_end(
	const struct applying *applying, const struct census *census, struct buffer *buffer)
{
	buffer_printf(buffer, "%zu step%s done, %zu failed; %zu of %zu directories%s ready",
		applying->done, applying->done == 1 ? "" : "s", applying->failed, census->ready,
		applying->scheduler.targets_count, census->apart ? TARGET_APART : "");
	if (census->alarms > 0)
		buffer_printf(buffer, ", %zu with an alarm", census->alarms);
}

static void print_text(const struct applying *applying)
{
	struct census census = take_census(applying);
	struct buffer end;

	print_unready(applying);
	if (applying->timed_out)
		printf("Not finished in %" PRId64 " s; the same command goes on where this one "
		       "stopped.\n",
			applying->options->timeout_s);
	else if (applying->stopped)
		puts("Stopped; the same command goes on from here.");
	buffer_init(&end, JOURNAL_MESSAGE_SIZE);
	put_end(applying, &census, &end);
	printf("%sApply: %s.\n",
		applying->shown || census.ready < applying->scheduler.targets_count ? "\n" : "",
		buffer_text(&end));
	buffer_done(&end);
}

static void tell_end(const struct applying *applying)
{
	const struct journal_field revision = {
		"CONFIG_REVISION", *applying->revision.commit ? applying->revision.commit : NULL};
	struct census census = take_census(applying);
	struct buffer end;

	for (size_t i = 0; i < applying->scheduler.passes_count; i++)
		telling_gathered(applying->scheduler.passes[i]);
	buffer_init(&end, JOURNAL_MESSAGE_SIZE);
	put_end(applying, &census, &end);
	journal_event(EVENT_APPLIED, JOURNAL_OWN, &revision, 1, "apply: %s%s", buffer_text(&end),
		applying->timed_out ? "; not finished in time, the next run goes on"
		: applying->stopped ? "; stopped, the next run goes on"
				    : "");
	buffer_done(&end);
}

static void print_json(const struct applying *applying)
{
	struct buffer text;

	printf("{\"version\":%d,\"done\":%zu,\"failed\":%zu,\"timed_out\":%s,\"directories\":[",
		REPORT_VERSION, applying->done, applying->failed,
		applying->timed_out ? "true" : "false");
	for (size_t i = 0; i < applying->scheduler.targets_count; i++) {
		buffer_init(&text, LEDGER_STATUS_MAX);
		if (applying->reports[i])
			json_append(&text, applying->reports[i]);
		printf("%s%s", i > 0 ? ",\n" : "",
			applying->reports[i] ? buffer_text(&text) : "null");
		buffer_done(&text);
	}
	puts("]}");
}

static int exit_status(struct applying *applying)
{
	bool converged = true;

	for (size_t i = 0; i < applying->scheduler.targets_count; i++) {
		const struct target *target = applying->scheduler.targets[i];

		if (report_unread(target->reason, target->complete) || !applying->reports[i])
			applying->unread++;
		converged = converged && target->finished && target->state == STEP_SETTLED;
	}
	if (applying->timed_out)
		return 2;
	if (applying->stopped || applying->unread > 0 || applying->unsaved.count > 0)
		return EXIT_FAILURE;
	return converged ? EXIT_SUCCESS : 2;
}

/* ---- the beginning ---- */

static int take_events(struct applying *applying)
{
	if (sd_event_add_signal(applying->event, NULL, SIGTERM, on_stop, applying) < 0 ||
		sd_event_add_signal(applying->event, NULL, SIGINT, on_stop, applying) < 0 ||
		sd_event_add_time_relative(applying->event, NULL, CLOCK_MONOTONIC,
			(uint64_t)applying->options->timeout_s * 1000000, 0, on_timeout,
			applying) < 0 ||
		sd_event_add_time_relative(applying->event, NULL, CLOCK_MONOTONIC, APPLY_DRAW_USEC,
			0, draw_due, applying) < 0)
		return -ERROR_INTERNAL;
	return 0;
}

/*
 * What selectors pick: asked first, and remembered. If the end comes meanwhile it is what they had
 * picked before, of which nothing will be looked at. NULL with a reason.
 */
static const struct fleet *select_all(
	struct applying *applying, struct fleet *file, struct state *state, struct error *error)
{
	const struct fleet *fleet;
	int r = selecting_needed(applying->options, file)
			? selecting_discover(&applying->scheduler, file, error)
			: 0;

	if (r < 0 && r != -ERROR_STOPPED)
		return NULL;
	fleet = selecting_make(file, &state->knowledge, error);
	if (!fleet || r < 0)
		return fleet;
	if (!setup_directories_known(applying->options, fleet)) {
		error_set(error, ERROR_MISSING, "nothing was looked at");
		return NULL;
	}
	applying->unread += selecting_failures(fleet, &state->knowledge, true);
	state_select(state->ledger, fleet, &state->knowledge);
	return fleet;
}

static int apply(
	struct applying *applying, struct fleet *file, struct store *store, struct error *error)
{
	struct scheduler_listener listener = {.context = applying,
		.decided = decided,
		.acted = acted,
		.saved = saved,
		.unsaved = unsaved,
		.passed = passed};
	struct scheduler *scheduler = &applying->scheduler;
	static struct state state; /* jobs may still be under way at the end */
	const struct fleet *fleet;
	int r = state_open(applying->options, "ldapsward apply", store, &state, error);

	if (r < 0)
		return r;
	scheduler->knowledge = &state.knowledge;
	if (sd_event_new(&applying->event) < 0)
		return error_set(error, ERROR_INTERNAL, "no event loop");
	r = scheduler_init(
		scheduler, SCHEDULER_APPLY, applying->event, state.ledger, &listener, error);
	if (r < 0)
		return r;
	if (take_events(applying) < 0)
		return error_set(error, ERROR_INTERNAL, "no event loop");
	fleet = select_all(applying, file, &state, error);
	if (!fleet)
		return error->code;
	r = scheduler_adopt_fleet(scheduler, fleet, &state.records, applying->options->directories,
		applying->options->directories_count, error);
	if (r < 0)
		return r;
	applying->reports = calloc(scheduler->targets_count + 1, sizeof(applying->reports[0]));
	applying->acts = calloc(scheduler->targets_count + 1, sizeof(applying->acts[0]));
	if (!applying->reports || !applying->acts)
		return error_set(error, ERROR_MEMORY, "out of memory");
	r = publisher_new(state.ledger, &applying->publisher, error);
	if (r < 0)
		return r;
	publisher_metrics_file(applying->publisher, fleet->metrics_file);
	(void)git_revision_read(applying->options->config, &applying->revision);
	scheduler->revision = applying->revision.commit;
	scheduler->tells = journal_structured();
	if (scheduler->stopping)
		return 0;
	state_recall(&state, scheduler);
	scheduler_begin(scheduler);
	(void)sd_event_loop(applying->event);
	if (applying->options->directories_count == 0 && scheduler->unfinished == 0)
		state_looked(state.ledger, scheduler, clock_now());
	publisher_changed(applying->publisher);
	publisher_end(applying->publisher);
	erase(applying);
	return 0;
}

/* Where messages have fields mistakes have them too; warnings would be told with every run. False
 * if the files are refused. */
static bool read_files(const struct options *options, struct store *store, struct fleet *fleet)
{
	struct diagnostics diagnostics = {0};
	int r;

	if (!journal_structured())
		return setup_fleet(options, store, fleet) == 0 &&
		       setup_directories_known(options, fleet);
	r = setup_read(options, store, NULL, fleet, &diagnostics);
	edition_tell_notes(&diagnostics, r == 0);
	diagnostics_done(&diagnostics);
	if (r == 0 && setup_directories_known(options, fleet))
		return true;
	journal_event(EVENT_NOT_APPLIED, JOURNAL_OWN, NULL, 0,
		"apply: %s was not taken; nothing was done", options->config);
	return false;
}

static void tell_failure(const struct error *error)
{
	if (journal_structured())
		journal_event(EVENT_NOT_APPLIED, JOURNAL_OWN, NULL, 0, "apply: %s", error->message);
	else
		fprintf(stderr, "ldapsward: %s\n", error->message);
}

int command_apply(const struct options *options)
{
	struct applying applying = {.options = options,
		.began = clock_elapsed(),
		.transient = terminal_transient(2) && !options->json,
		.style = report_style_stdout()};
	struct store store = {0};
	struct fleet fleet = {0};
	struct error error = {0};

	setup_block_signals(false);
	setup_journal(options, options->log_format);
	if (!read_files(options, &store, &fleet))
		return EXIT_FAILURE;
	applying.transient = applying.transient && !journal_structured();
	applying.text = !options->json && !journal_takes(STDOUT_FILENO);
	if (apply(&applying, &fleet, &store, &error) < 0) {
		tell_failure(&error);
		return EXIT_FAILURE;
	}
	if (applying.scheduler.tells)
		tell_end(&applying);
	if (options->json)
		print_json(&applying);
	else if (applying.text)
		print_text(&applying);
	return exit_status(&applying);
}
