/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What every command that works on a fleet begins with: reading the file and telling what is wrong.
 */

#include "base/diagnostics.h"
#include "core/fleet.h"
#include "core/store.h"
#include "edge/journal.h"
#include "edge/watch.h"
#include "program/options.h"

/* sysexits.h's EX_CONFIG: the daemon cannot start with this file; systemd must not try again. */
#define EXIT_CONFIGURATION 78

/*
 * Reads the configuration that the options name into all-zero *ret_fleet; certificates go to
 * `store`. Everything that is wrong is written to standard error. 0, or the negative code of
 * configuration_load with *ret_fleet untouched.
 */
int setup_fleet(const struct options *options, struct store *store, struct fleet *ret_fleet);

/*
 * The same, but all that is to be said of the files is left in all-zero *ret_diagnostics. `watch`
 * (NULL: nobody) watches each file from before it is read.
 */
int setup_read(const struct options *options, struct store *store, struct watch *watch,
	struct fleet *ret_fleet, struct diagnostics *ret_diagnostics);

/*
 * Whether a directory is in the fleet. Of a file with selectors that is known only once they were
 * asked (program/selecting); before, any is.
 */
bool setup_directory_known(const struct fleet *fleet, const char *directory);

/* The same of every --directory; says on standard error, or in the journal, which one is not. */
bool setup_directories_known(const struct options *options, const struct fleet *fleet);

/* Decides where messages go, and says so where the clock is moved. */
void setup_journal(const struct options *options, enum journal_format format);

/*
 * What a command that asks AWS once begins with: setup_journal, setup_fleet and
 * setup_directories_known. False if the file is refused, which is told.
 */
bool setup_command(const struct options *options, struct store *store, struct fleet *ret_fleet);

/*
 * Blocks SIGTERM and SIGINT, and SIGHUP if it means `reload`, before anything takes long and before
 * any thread starts: the loop takes them, also those that come before it runs.
 */
void setup_block_signals(bool reload);

/* Prepares memory, signals and limits of the process. Once, first of all. */
void setup_process(void);
