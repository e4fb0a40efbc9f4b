/* SPDX-License-Identifier: Apache-2.0 */
#include "program/setup.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "edge/clock.h"
#include "edge/configuration.h"
#include "edge/environment.h"
#include "edge/journal.h"
#include "edge/json.h"

/* All that configuration_load can have to say. Bytes. */
#define SETUP_TEXT_MAX ((size_t)1024 * 1024)

static void reading(void *context, const char *pattern, const char *base)
{
	watch_file(context, pattern, base);
}

int setup_read(const struct options *options, struct store *store, struct watch *watch,
	struct fleet *ret_fleet, struct diagnostics *ret_diagnostics)
{
	const char *region = environment_text("AWS_REGION");
	struct configuration_options how = {.now = clock_now(),
		.region = region ? region : environment_text("AWS_DEFAULT_REGION"),
		.reading = watch ? reading : NULL,
		.context = watch};
	int r;

	if (watch)
		watch_begin(watch);
	r = configuration_load(options->config, &how, store, ret_fleet, ret_diagnostics);
	if (watch)
		watch_end(watch, r == 0);
	return r;
}

int setup_fleet(const struct options *options, struct store *store, struct fleet *ret_fleet)
{
	struct diagnostics diagnostics = {0};
	struct buffer text;
	int r = setup_read(options, store, NULL, ret_fleet, &diagnostics);

	buffer_init(&text, SETUP_TEXT_MAX);
	diagnostics_format(&diagnostics, &text);
	fputs(buffer_text(&text), stderr);
	buffer_done(&text);
	diagnostics_done(&diagnostics);
	return r;
}

bool setup_directory_known(const struct fleet *fleet, const char *directory)
{
	/* before they were asked, selectors may have any */
	return fleet_directory(fleet, directory) || (fleet->selectors_count > 0 && !fleet->base);
}

bool setup_directories_known(const struct options *options, const struct fleet *fleet)
{
	char text[JOURNAL_MESSAGE_SIZE];
	bool known = true;

	for (size_t i = 0; i < options->directories_count; i++) {
		if (setup_directory_known(fleet, options->directories[i]))
			continue;
		snprintf(text, sizeof(text),
			"%s: no directory %s in it%s; --directory takes an id of the file",
			options->config, options->directories[i],
			fleet->base ? ", and no selector has it" : "");
		if (journal_structured())
			journal_event(
				EVENT_CONFIGURATION_MISTAKE, JOURNAL_OWN, NULL, 0, "%s", text);
		else
			fprintf(stderr, "%s\n", text);
		known = false;
	}
	return known;
}

void setup_journal(const struct options *options, enum journal_format format)
{
	journal_start(options->debug, format);
	if (clock_demo())
		journal_event(EVENT_REHEARSAL, JOURNAL_OWN, NULL, 0, CLOCK_DEMO_WARNING);
}

bool setup_command(const struct options *options, struct store *store, struct fleet *ret_fleet)
{
	setup_journal(options, options->log_format);
	return setup_fleet(options, store, ret_fleet) == 0 &&
	       setup_directories_known(options, ret_fleet);
}

/* Memory arenas of the allocator: more only cost memory while workers wait for the network. */
#define SETUP_ARENAS 2

void setup_block_signals(bool reload)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	if (reload)
		sigaddset(&signals, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
}

void setup_process(void)
{
	struct rlimit none = {0, 0};

	(void)mallopt(M_ARENA_MAX, SETUP_ARENAS);
	/* under the address sanitizer nothing else begins the libc's heap before threads */
	(void)malloc_trim(0);
	/* keys must not end in a core file or in a debugger of the same user (N14) */
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)signal(SIGPIPE, SIG_IGN);
	json_start();
}
