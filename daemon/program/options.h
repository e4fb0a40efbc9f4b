/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The command line. One table of commands and one of options drive the parsing, `--help`,
 * `COMMAND --help` and the completion in shells; the manual ldapsward(8) is held to them by a test.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/completion.h"
#include "base/error.h"
#include "edge/journal.h"

/* --directory is for looking at a few; those who want more want the whole fleet. */
#define OPTIONS_DIRECTORIES_MAX 64
/* --account and --region of export: as many as an export of a whole company takes. */
#define OPTIONS_ACCOUNTS_MAX 64
#define OPTIONS_REGIONS_MAX  32
/* apply waits this long unless --timeout says otherwise: registrations take minutes. Seconds. */
#define OPTIONS_TIMEOUT_S INT64_C(3600)
/* forecast looks so far ahead unless --until says otherwise: the first alarm about a certificate
 * comes a year before its end, and a month to act. Seconds. */
#define OPTIONS_UNTIL_S (INT64_C(400) * 86400)
/* More entries than a ledger keeps; a larger --limit is a mistake. */
#define OPTIONS_LIMIT_MAX 1000000
/* All that --help prints. Bytes. */
#define OPTIONS_HELP_MAX 8192

enum command {
	COMMAND_RUN,
	COMMAND_CHECK,
	COMMAND_PLAN,
	COMMAND_APPLY,
	COMMAND_ADOPT,
	COMMAND_STATUS,
	COMMAND_FORECAST,
	COMMAND_HISTORY,
	COMMAND_EXPORT,
	COMMANDS, /* count, not a command */
};

/* All texts are borrowed: from the arguments, the environment or the program. */
struct options {
	enum command command; /* COMMANDS: none, for what is printed instead of doing anything */
	bool help, version;   /* to be printed instead of doing anything */
	/* --completion SHELL: the same; COMPLETION_SHELLS: not asked for */
	enum completion_shell completion;
	const char *config; /* --config FILE, or the operand of check; else CONFIGURATION_FILE */
	/* --state-dir DIRECTORY; else the environment's STATE_DIRECTORY, else the macro of that
	 * name */
	const char *state_directory;
	const char *directories[OPTIONS_DIRECTORIES_MAX]; /* each --directory ID: valid, no two the
							     same */
	size_t directories_count;			  /* 0: all */
	const char *accounts[OPTIONS_ACCOUNTS_MAX]; /* export --account NAME: no two the same */
	size_t accounts_count;			    /* 0: the standard AWS chain */
	const char *regions[OPTIONS_REGIONS_MAX];   /* export --region NAME: no two the same */
	size_t regions_count;			    /* 0: as file and environment say */
	bool json;				    /* --json */
	bool detailed_exitcode;			    /* plan --detailed-exitcode */
	bool dry_run;				    /* adopt --dry-run */
	bool strict;				    /* check --strict */
	bool monitor, watch;			    /* status --monitor, --watch */
	bool debug;				    /* --debug */
	enum journal_format log_format;		    /* --log-format */
	bool offline;				    /* forecast --offline */
	int64_t until;	   /* forecast --until: UTC seconds, later than now; 0: the default */
	int64_t timeout_s; /* apply --timeout DURATION; seconds */
	int64_t since;	   /* history --since: UTC seconds; 0: from the beginning */
	size_t limit;	   /* history --limit N: the newest N; 0: all */
};

/* The name of a command, as it is typed. Static, never NULL. */
const char *command_str(enum command command);

/*
 * Does all that a main wants: true to go on with *ret_options, or false to end the process with
 * *ret_status: 0 after --help, --version or --completion (on standard output), EX_USAGE (64) after
 * a mistake (one line on standard error). Reads the clock for `--since 7d`. Not from two threads.
 */
bool options_parse(int argc, char **argv, struct options *ret_options, int *ret_status);

/*
 * options_parse without a word: 0, or -ERROR_INVALID with a sentence that says what is allowed.
 * `now` is what `--since 7d` counts back from, UTC seconds.
 */
int options_read(
	int argc, char **argv, int64_t now, struct options *ret_options, struct error *error);

/* Appends the text of `ldapsward COMMAND --help`; COMMANDS: that of `ldapsward --help`. 0, or as
 * buffer_append. */
int options_help(enum command command, struct buffer *buffer);

/* Appends what completes the command line in a shell. 0 or a buffer's error. */
int options_completion(enum completion_shell shell, struct buffer *buffer);
