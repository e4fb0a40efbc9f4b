/* SPDX-License-Identifier: Apache-2.0 */
/* `run`: the daemon. SIGHUP reads the file again, SIGTERM and SIGINT end it (design 5). */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "config.h"
#include "edge/clock.h"
#include "edge/journal.h"
#include "edge/notify.h"
#include "program/commands.h"
#include "program/pass.h"
#include "program/report.h"
#include "program/scheduler.h"
#include "program/setup.h"
#include "program/state.h"
#include "program/telling.h"

struct daemon {
	const struct options *options;
	struct store store;
	struct fleet *fleet; /* owned; the last good one */
	struct state state;
	struct scheduler scheduler;
	sd_event *event;
	size_t unsaved;	 /* what could not be recorded since the end of the last pass */
	bool first_pass; /* while it lasts every directory moves: STATUS= is told at its end */
};

static char *decided(void *context, struct target *target, const struct situation *situation,
	const struct decision *decision)
{
	(void)context;
	telling_decided(target, situation, decision);
	return telling_status(target, situation, decision);
}

static void acted(void *context, struct target *target, const struct job *job)
{
	(void)context;
	telling_acted(target, job);
}

static void buried(void *context)
{
	struct daemon *daemon = context;

	state_release(daemon->state.ledger, &daemon->scheduler);
}

/* A full disk concerns every directory alike: one is told, the others are counted. */
static void unsaved(void *context, struct target *target, const struct job *job)
{
	struct daemon *daemon = context;

	if (daemon->unsaved++ == 0)
		telling_unsaved(target, job);
}

static const char *directories(size_t count)
{
	return count == 1 ? "directory" : "directories";
}

static void tell_status(const struct scheduler *scheduler)
{
	size_t ready = 0, held = 0;

	for (size_t i = 0; i < scheduler->targets_count; i++) {
		ready += scheduler->targets[i]->state == STEP_SETTLED;
		held += scheduler->targets[i]->state == STEP_HELD;
	}
	notify_status("%zu %s: %zu converged, %zu held", scheduler->targets_count,
		directories(scheduler->targets_count), ready, held);
}

static void moved(void *context, const struct target *target)
{
	const struct daemon *daemon = context;

	(void)target;
	if (!daemon->first_pass)
		tell_status(&daemon->scheduler);
}

/* A damaged ledger is begun anew from what is remembered here. */
static void save_again(struct daemon *daemon)
{
	journal_send(LOG_WARNING, NULL, 0, "%s", ledger_notice(daemon->state.ledger));
	scheduler_save_again(&daemon->scheduler);
}

/* Between passes nothing of a pass is kept. */
static void passed(void *context, const struct pass *pass, int64_t elapsed)
{
	struct daemon *daemon = context;

	daemon->first_pass = false;
	if (ledger_restarted(daemon->state.ledger))
		save_again(daemon);
	if (daemon->unsaved > 1)
		journal_send(LOG_ERR, NULL, 0, "and %zu more could not be recorded",
			daemon->unsaved - 1);
	daemon->unsaved = 0;
	state_looked(
		daemon->state.ledger, &daemon->scheduler, scheduler_looked(&daemon->scheduler));
	journal_send(LOG_DEBUG, NULL, 0, "a pass over account '%s' in %s took %lld s",
		pass->account, pass->region, (long long)elapsed);
	tell_status(&daemon->scheduler);
	(void)malloc_trim(0);
}

static int load(struct daemon *daemon, struct fleet **ret_fleet)
{
	struct fleet *fleet = calloc(1, sizeof(*fleet));
	int r = fleet ? setup_fleet(daemon->options, &daemon->store, fleet) : -ERROR_MEMORY;

	if (r == 0)
		*ret_fleet = fleet;
	else
		free(fleet);
	return r;
}

static void tell_taken(const struct daemon *daemon)
{
	size_t count = daemon->scheduler.targets_count;

	journal_send(LOG_NOTICE, NULL, 0, "%s taken: %zu %s", daemon->options->config, count,
		directories(count));
}

static void reload(struct daemon *daemon)
{
	struct fleet *fleet = NULL, *old = daemon->fleet;
	struct ledger_records records = {0};
	struct error error = {0};

	if (load(daemon, &fleet) != 0) {
		journal_send(LOG_ERR, NULL, 0,
			"%s was not taken; the last good configuration stays in force",
			daemon->options->config);
		scheduler_restart_waits(&daemon->scheduler);
		return;
	}
	/* directories that come back to the file are remembered */
	if (ledger_load(daemon->state.ledger, &daemon->store, &records, &error) < 0 ||
		scheduler_adopt_fleet(&daemon->scheduler, fleet, &records,
			daemon->options->directories, daemon->options->directories_count,
			&error) < 0) {
		journal_send(LOG_ERR, NULL, 0,
			"%s could not be taken: %s; the last good configuration stays in force",
			daemon->options->config, error.message);
		ledger_records_done(&records);
		fleet_done(fleet);
		free(fleet);
		return;
	}
	if (ledger_restarted(daemon->state.ledger))
		save_again(daemon);
	ledger_records_done(&records);
	daemon->fleet = fleet;
	fleet_done(old);
	free(old);
	tell_taken(daemon);
	state_release(daemon->state.ledger, &daemon->scheduler);
	scheduler_begin(&daemon->scheduler);
}

static int on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
	struct daemon *daemon = context;

	(void)source;
	(void)info;
	notify_reloading();
	reload(daemon);
	notify_ready(NULL);
	return 0;
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
	struct daemon *daemon = context;

	(void)source;
	notify_stopping();
	journal_send(LOG_INFO, NULL, 0, "stopping on signal %u", info->ssi_signo);
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

static int begin(struct daemon *daemon, struct error *error)
{
	struct scheduler_listener listener = {.context = daemon,
		.decided = decided,
		.moved = moved,
		.buried = buried,
		.acted = acted,
		.unsaved = unsaved,
		.passed = passed};
	int r = state_open(daemon->options, "ldapsward run", &daemon->store, &daemon->state, error);

	if (r < 0)
		return r;
	if (sd_event_new(&daemon->event) < 0 || take_signals(daemon) < 0)
		return error_set(error, ERROR_INTERNAL, "no event loop");
	r = scheduler_init(&daemon->scheduler, SCHEDULER_RUN, daemon->event, daemon->state.ledger,
		&listener, error);
	if (r == 0)
		r = scheduler_adopt_fleet(&daemon->scheduler, daemon->fleet, &daemon->state.records,
			daemon->options->directories, daemon->options->directories_count, error);
	if (r == 0)
		state_recall(&daemon->state, &daemon->scheduler);
	return r;
}

int command_run(const struct options *options)
{
	struct daemon daemon = {.options = options, .first_pass = true};
	struct error error = {0};

	setup_block_signals(true);
	journal_start(options->debug, options->json);
	if (load(&daemon, &daemon.fleet) < 0 || !setup_directories_known(options, daemon.fleet)) {
		journal_send(LOG_ERR, NULL, 0, "%s was not taken; `ldapsward check` tells why",
			options->config);
		return EXIT_CONFIGURATION;
	}
	if (clock_demo())
		journal_send(LOG_WARNING, NULL, 0, CLOCK_DEMO_WARNING);
	if (begin(&daemon, &error) < 0) {
		journal_send(LOG_ERR, NULL, 0, "%s", error.message);
		return EXIT_FAILURE;
	}
	journal_send(LOG_INFO, NULL, 0, "ldapsward %s with %zu %s of %s", PACKAGE_VERSION,
		daemon.scheduler.targets_count, directories(daemon.scheduler.targets_count),
		options->config);
	notify_ready("the first pass is under way");
	scheduler_begin(&daemon.scheduler);
	(void)sd_event_loop(daemon.event);
	return EXIT_SUCCESS;
}
