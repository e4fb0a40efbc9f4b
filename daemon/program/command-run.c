/* SPDX-License-Identifier: Apache-2.0 */
/* `run`: the daemon. A change of the files or SIGHUP reads them again, SIGTERM and SIGINT end it
 * (design 5). */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/calendar.h"
#include "config.h"
#include "edge/journal.h"
#include "edge/notify.h"
#include "program/bulletin.h"
#include "program/commands.h"
#include "program/lookout.h"
#include "program/pass.h"
#include "program/publisher.h"
#include "program/reload.h"
#include "program/report.h"
#include "program/scheduler.h"
#include "program/selecting.h"
#include "program/setup.h"
#include "program/state.h"
#include "program/telling.h"
#include "program/timekeeper.h"

/* STATUS= is told at most so often while directories move. Microseconds. */
#define STATUS_USEC (UINT64_C(250) * 1000)

struct daemon {
	const struct options *options;
	struct store store;
	struct fleet *fleet; /* owned; of the last good file, with what its selectors pick */
	struct edition edition;
	struct watch *watch; /* owned; NULL if changes of files cannot be noticed */
	struct lookout lookout;
	bool gone;  /* the ledger is, and the program ends */
	bool blind; /* it was told that not all of them are noticed */
	struct state state;
	struct scheduler scheduler;
	struct publisher *publisher; /* never freed: its thread may be writing at the end */
	sd_event *event;
	sd_event_source *status; /* off unless STATUS= is to be told anew */
	struct bulletin bulletin;
	struct timekeeper timekeeper;
};

static char *decided(void *context, struct target *target, const struct situation *situation,
	const struct decision *decision, const char *request_id)
{
	(void)context;
	telling_decided(target, situation, decision, request_id);
	return telling_status(target, situation, decision);
}

static void acted(void *context, struct target *target, const struct job *job)
{
	struct daemon *daemon = context;

	telling_acted(target, job);
	publisher_stepped(daemon->publisher, job->step.kind, job->result < 0);
}

static void saved(void *context)
{
	struct daemon *daemon = context;

	publisher_changed(daemon->publisher);
}

static void buried(void *context)
{
	struct daemon *daemon = context;

	state_release(daemon->state.ledger, &daemon->scheduler);
	publisher_changed(daemon->publisher);
}

/* What cannot be recorded is not done: without its file there is nothing left to do. */
static void check_ledger(struct daemon *daemon)
{
	if (daemon->gone || !ledger_gone(daemon->state.ledger))
		return;
	daemon->gone = true;
	journal_event(EVENT_LEDGER_GONE, JOURNAL_OWN, NULL, 0,
		"%s/" LEDGER_FILE " was removed or moved away while it was in use; nothing can be "
		"recorded any more, so ldapsward ends; started again it begins as on a new machine",
		daemon->options->state_directory);
	notify_stopping(SCHEDULER_STOP_MS);
	scheduler_stop(&daemon->scheduler);
}

static void unsaved(void *context, struct target *target, const struct job *job)
{
	struct daemon *daemon = context;

	bulletin_unsaved(&daemon->bulletin, target, job);
	publisher_unrecorded(daemon->publisher);
	check_ledger(daemon);
}

static void tell_status(const struct daemon *daemon)
{
	bulletin_status(&daemon->bulletin, daemon->edition.refused != NULL);
}

static int status_due(sd_event_source *source, uint64_t usec, void *context)
{
	(void)source;
	(void)usec;
	tell_status(context);
	return 0;
}

/* Thousands of directories may move in one second. */
static void moved(void *context, const struct target *target)
{
	const struct daemon *daemon = context;
	int enabled = SD_EVENT_ON;

	(void)target;
	if (!daemon->bulletin.looked || sd_event_source_get_enabled(daemon->status, &enabled) < 0 ||
		enabled != SD_EVENT_OFF)
		return;
	(void)sd_event_source_set_time_relative(daemon->status, STATUS_USEC);
	(void)sd_event_source_set_enabled(daemon->status, SD_EVENT_ONESHOT);
}

/* A damaged ledger is begun anew from what is remembered here. */
static void save_again(struct daemon *daemon)
{
	journal_event(EVENT_LEDGER_DAMAGED, JOURNAL_OWN, NULL, 0, "%s",
		ledger_notice(daemon->state.ledger));
	scheduler_save_again(&daemon->scheduler);
	daemon->state.knowledge.news = true;
}

/* What the program says of itself. */
static void tell_looked(struct daemon *daemon)
{
	state_looked(
		daemon->state.ledger, &daemon->scheduler, scheduler_looked(&daemon->scheduler));
	publisher_changed(daemon->publisher);
	check_ledger(daemon);
}

/* What was found by the clock of before, its distance to AWS's above all, is found anew. */
static void jumped(void *context, int64_t seconds)
{
	struct daemon *daemon = context;

	bulletin_clock(seconds);
	scheduler_clock_set(&daemon->scheduler);
}

/* Between passes nothing of a pass is kept. */
static void passed(void *context, struct pass *pass, int64_t elapsed)
{
	struct daemon *daemon = context;

	if (ledger_restarted(daemon->state.ledger))
		save_again(daemon);
	tell_looked(daemon);
	bulletin_passed(&daemon->bulletin, pass, elapsed);
	publisher_passed(daemon->publisher, pass->account, pass->region, elapsed);
	tell_status(daemon);
	timekeeper_check(&daemon->timekeeper);
	(void)malloc_trim(0);
}

/*
 * Reads the files; NULL if they are refused. What is wrong with them is told then, or left in
 * `ret_diagnostics`.
 */
static struct fleet *load(struct daemon *daemon, bool asked, struct diagnostics *ret_diagnostics)
{
	struct fleet *fleet = calloc(1, sizeof(*fleet)), *made;
	struct error error = {0};
	int r = fleet ? setup_read(daemon->options, &daemon->store, daemon->watch, fleet,
				ret_diagnostics)
		      : -ERROR_MEMORY;

	if (r == 0) {
		made = selecting_make(fleet, &daemon->state.knowledge, &error);
		if (made)
			return made;
		fleet_done(fleet);
		diagnostics_add(ret_diagnostics, SEVERITY_ERROR, daemon->options->config, 0, 0,
			"%s", error.message);
	}
	edition_refuse(&daemon->edition, daemon->options->config, ret_diagnostics,
		daemon->fleet == NULL, asked);
	free(fleet);
	return NULL;
}

/* Another fleet is in force: what left it is released, what came is looked at. */
static void adopted(struct daemon *daemon)
{
	if (ledger_restarted(daemon->state.ledger))
		save_again(daemon);
	state_release(daemon->state.ledger, &daemon->scheduler);
	state_select(daemon->state.ledger, daemon->fleet, &daemon->state.knowledge);
	tell_looked(daemon);
}

/* What selectors pick is another: the same file makes another fleet. */
static void reselect(struct daemon *daemon)
{
	struct knowledge *knowledge = &daemon->state.knowledge;
	struct fleet_diff diff = {0};
	struct error error = {0};
	struct fleet *old = daemon->fleet, *fleet = selecting_again(old, knowledge, &error);

	if (fleet && (fleet_diff(old, fleet, &diff) < 0 ||
			     scheduler_adopt_selection(&daemon->scheduler, fleet,
				     daemon->options->directories,
				     daemon->options->directories_count, &error) < 0)) {
		selecting_drop(fleet);
		fleet = NULL;
		if (error.code == 0)
			error_set(&error, ERROR_MEMORY, "out of memory");
	}
	bulletin_selected(&daemon->bulletin, error.code != 0 ? error.message : NULL);
	if (fleet) {
		edition_tell_selected(daemon->options->config, &daemon->scheduler, &diff);
		daemon->fleet = fleet;
		adopted(daemon);
	} else {
		state_select(daemon->state.ledger, old, knowledge);
	}
	fleet_diff_done(&diff);
	if (fleet)
		selecting_drop(old);
	scheduler_release_firsts(&daemon->scheduler);
	state_roll(daemon->state.ledger, &daemon->scheduler);
	scheduler_begin_new(&daemon->scheduler);
}

/* A sweep in which selectors look has ended. */
static void discovered(void *context)
{
	struct daemon *daemon = context;

	edition_tell_homes(&daemon->state.knowledge);
	reselect(daemon);
}

/* Puts the fleet of another file in force. The ledger is read as a whole: an administrator who
 * reloads finds out that it is damaged, while all that was in it is still remembered here. */
static int adopt(struct daemon *daemon, const struct fleet *fleet, struct error *error)
{
	struct ledger_records records = {0};
	int r = ledger_load(daemon->state.ledger, &daemon->store, &records, error);

	if (r == 0)
		r = scheduler_adopt_fleet(&daemon->scheduler, fleet, &records,
			daemon->options->directories, daemon->options->directories_count, error);
	ledger_records_done(&records);
	return r;
}

/* The files were taken: they are told, and looked after at once. */
static void take(struct daemon *daemon, struct fleet *fleet, const struct fleet_diff *diff)
{
	const char *path = daemon->options->config;
	struct error error = {0};

	if (adopt(daemon, fleet, &error) < 0) {
		journal_event(EVENT_CONFIGURATION_REFUSED, JOURNAL_OWN, NULL, 0,
			"%s could not be taken: %s; the last good configuration stays in force",
			path, error.message);
		selecting_drop_file(fleet);
		return;
	}
	edition_take(&daemon->edition, path);
	edition_tell_taken(&daemon->edition, path, &daemon->scheduler, diff);
	selecting_drop_file(daemon->fleet);
	daemon->fleet = fleet;
	publisher_metrics_file(daemon->publisher, fleet->metrics_file);
	adopted(daemon);
	scheduler_begin(&daemon->scheduler);
}

/* What is not noticed by itself is told when that is news. */
static void tell_blind(struct daemon *daemon)
{
	const char *blind = daemon->watch ? watch_blind(daemon->watch) : NULL;

	if (blind && !daemon->blind)
		journal_event(EVENT_CONFIGURATION_UNWATCHED, JOURNAL_OWN, NULL, 0, "%s", blind);
	daemon->blind = blind != NULL;
}

/* Refused: everything that waits begins to wait anew, and is looked at so that its status says so.
 */
static void keep(struct daemon *daemon)
{
	scheduler_restart_waits(&daemon->scheduler);
	tell_looked(daemon);
	if (daemon->edition.news)
		scheduler_begin(&daemon->scheduler);
}

/* The files were read well: told and taken, unless that would change nothing. */
static void follow(struct daemon *daemon, bool asked, struct fleet *fleet,
	const struct diagnostics *diagnostics)
{
	struct fleet_diff diff = {0};

	if (fleet_diff(daemon->fleet, fleet, &diff) < 0) {
		selecting_drop_file(
			fleet); /* without memory: the next change, or SIGHUP, tries again */
		return;
	}
	if (!asked && fleet_diff_empty(&diff) && !daemon->edition.refused) {
		journal_send(LOG_DEBUG, NULL, 0, "%s was read and asks for nothing else",
			daemon->options->config);
		edition_take(&daemon->edition, daemon->options->config);
		selecting_drop_file(fleet);
	} else {
		edition_tell_notes(diagnostics, false);
		take(daemon, fleet, &diff);
	}
	fleet_diff_done(&diff);
}

/* Reads the files, because it was `asked` for or because they changed. */
static void reload(struct daemon *daemon, bool asked)
{
	struct diagnostics diagnostics = {0};
	struct fleet *fleet;

	notify_reloading();
	if (daemon->watch)
		lookout_forget(&daemon->lookout);
	fleet = load(daemon, asked, &diagnostics);
	if (fleet)
		follow(daemon, asked, fleet, &diagnostics);
	else
		keep(daemon);
	diagnostics_done(&diagnostics);
	tell_blind(daemon);
	tell_status(daemon);
	notify_ready(NULL);
	(void)malloc_trim(0);
}

static void on_settled(void *context)
{
	reload(context, false);
}

static int on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
	(void)source;
	(void)info;
	reload(context, true);
	return 0;
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
	struct daemon *daemon = context;

	(void)source;
	notify_stopping(SCHEDULER_STOP_MS);
	for (size_t i = 0; i < daemon->scheduler.passes_count; i++)
		telling_gathered(daemon->scheduler.passes[i]);
	journal_event(EVENT_STOPPED, JOURNAL_OWN, NULL, 0, "stopping on %s",
		info->ssi_signo == SIGINT ? "SIGINT" : "SIGTERM");
	scheduler_stop(&daemon->scheduler);
	return 0;
}

/* Signals come through the loop; setup_block_signals blocked them. */
static int take_signals(struct daemon *daemon)
{
	if (sd_event_add_signal(daemon->event, NULL, SIGTERM, on_stop, daemon) < 0 ||
		sd_event_add_signal(daemon->event, NULL, SIGINT, on_stop, daemon) < 0 ||
		sd_event_add_signal(daemon->event, NULL, SIGHUP, on_reload, daemon) < 0)
		return -ERROR_INTERNAL;
	(void)sd_event_set_watchdog(daemon->event, true);
	return 0;
}

static int take_timers(struct daemon *daemon)
{
	if (sd_event_add_time_relative(daemon->event, &daemon->status, CLOCK_MONOTONIC, 0, 0,
		    status_due, daemon) < 0 ||
		sd_event_source_set_enabled(daemon->status, SD_EVENT_OFF) < 0 ||
		timekeeper_start(&daemon->timekeeper, daemon->event, jumped, daemon) < 0)
		return -ERROR_INTERNAL;
	return daemon->watch ? lookout_start(&daemon->lookout, daemon->event, daemon->watch,
				       daemon->options->config, on_settled, daemon)
			     : 0;
}

/* Watching begins before the first reading; without it SIGHUP remains. */
static void watch_begin_early(struct daemon *daemon)
{
	struct error error;

	if (watch_new(&daemon->watch, &error) < 0)
		journal_event(
			EVENT_CONFIGURATION_UNWATCHED, JOURNAL_OWN, NULL, 0, "%s", error.message);
}

/* The file was read before the ledger: now with what its selectors had picked. */
static int recall_selection(struct daemon *daemon, struct error *error)
{
	struct fleet *fleet = selecting_again(daemon->fleet, &daemon->state.knowledge, error);

	if (fleet) {
		selecting_drop(daemon->fleet);
		daemon->fleet = fleet;
	}
	daemon->scheduler.knowledge = &daemon->state.knowledge;
	return error->code != 0 ? error->code : 0;
}

static int begin(struct daemon *daemon, struct error *error)
{
	struct scheduler_listener listener = {.context = daemon,
		.decided = decided,
		.moved = moved,
		.buried = buried,
		.acted = acted,
		.saved = saved,
		.unsaved = unsaved,
		.discovered = discovered,
		.passed = passed};
	int r = state_open(daemon->options, "ldapsward run", &daemon->store, &daemon->state, error);

	if (r < 0 || (r = recall_selection(daemon, error)) < 0)
		return r;
	if (sd_event_new(&daemon->event) < 0 || take_signals(daemon) < 0 || take_timers(daemon) < 0)
		return error_set(error, ERROR_INTERNAL, "no event loop");
	r = scheduler_init(&daemon->scheduler, SCHEDULER_RUN, daemon->event, daemon->state.ledger,
		&listener, error);
	if (r == 0)
		r = scheduler_adopt_fleet(&daemon->scheduler, daemon->fleet, &daemon->state.records,
			daemon->options->directories, daemon->options->directories_count, error);
	if (r == 0)
		r = publisher_new(daemon->state.ledger, &daemon->publisher, error);
	if (r < 0)
		return r;
	daemon->scheduler.store = &daemon->store;
	daemon->scheduler.revision = daemon->edition.revision.commit;
	daemon->scheduler.tells = true;
	bulletin_begin(&daemon->bulletin, &daemon->scheduler);
	publisher_metrics_file(daemon->publisher, daemon->fleet->metrics_file);
	state_recall(&daemon->state, &daemon->scheduler);
	return 0;
}

static bool load_first(struct daemon *daemon)
{
	struct diagnostics diagnostics = {0};
	bool loaded;

	daemon->fleet = load(daemon, true, &diagnostics);
	loaded = daemon->fleet != NULL;
	if (loaded) {
		edition_tell_notes(&diagnostics, false);
		edition_take(&daemon->edition, daemon->options->config);
		tell_blind(daemon);
		loaded = setup_directories_known(
			daemon->options, daemon->fleet->base ? daemon->fleet->base : daemon->fleet);
		if (!loaded)
			journal_event(EVENT_NOT_STARTED, JOURNAL_OWN, NULL, 0, "%s was not taken",
				daemon->options->config);
	}
	diagnostics_done(&diagnostics);
	return loaded;
}

int command_run(const struct options *options)
{
	struct daemon daemon = {.options = options};
	struct journal_field revisions[] = {{"CONFIG_REVISION", NULL}};
	char revision[EDITION_TEXT_SIZE];
	struct error error = {0};

	setup_block_signals(true);
	setup_journal(options, options->json ? JOURNAL_FORMAT_JSON : options->log_format);
	watch_begin_early(&daemon);
	if (!load_first(&daemon))
		return EXIT_CONFIGURATION;
	if (begin(&daemon, &error) < 0) {
		journal_event(EVENT_NOT_STARTED, JOURNAL_OWN, NULL, 0, "%s", error.message);
		return EXIT_FAILURE;
	}
	if (daemon.edition.revision.commit[0] != '\0')
		revisions[0].value = daemon.edition.revision.commit;
	journal_event(EVENT_STARTED, JOURNAL_OWN, revisions, ARRAY_LENGTH(revisions),
		"ldapsward %s with %zu %s of %s%s", PACKAGE_VERSION, daemon.scheduler.targets_count,
		scheduler_directories(&daemon.scheduler), options->config,
		edition_text(&daemon.edition, revision));
	notify_ready(daemon.scheduler.passes_count > 0 ? "the first pass is under way"
						       : "no directory is looked after");
	scheduler_begin(&daemon.scheduler);
	(void)sd_event_loop(daemon.event);
	publisher_end(daemon.publisher);
	return daemon.gone ? EXIT_FAILURE : EXIT_SUCCESS;
}
