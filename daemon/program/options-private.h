/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The two tables behind options.h, for its parser and its help; nobody else includes this. */

#include "program/options.h"

#define OPTIONS_ROWS	 21 /* options there are */
#define COMMAND_STATUSES 5  /* most exit statuses that one command tells apart */

/* Sets of commands that take an option: one bit each, and one for no command at all. */
#define OPTIONS_FOR(command)  (1U << (command))
#define OPTIONS_EVERY_COMMAND (OPTIONS_FOR(COMMANDS) - 1)
#define OPTIONS_ALWAYS	      (OPTIONS_EVERY_COMMAND | OPTIONS_FOR(COMMANDS))

struct command_row {
	const char *name;
	const char *operand;	 /* the one it may take; NULL: none */
	const char *summary;	 /* for the list of commands: fits one line */
	const char *description; /* for its own help: sentences, laid out there */
	struct {
		int status;
		const char *meaning; /* NULL: the end of the list */
	} statuses[COMMAND_STATUSES];
};

struct option_row {
	const char *name;     /* without the hyphens */
	char letter;	      /* 0: none */
	const char *argument; /* what it is called in the help; NULL: takes none */
	unsigned commands;    /* OPTIONS_FOR of each that takes it */
	size_t flag;	      /* offset of the bool to set, where `take` is NULL */
	/* Reads the argument: 0, or -ERROR_INVALID with a sentence that names no option. */
	int (*take)(struct options *options, const char *value, int64_t now, struct error *error);
	const char *help; /* sentences, laid out there */
};

extern const struct command_row command_rows[COMMANDS];
extern const struct option_row option_rows[OPTIONS_ROWS]; /* sorted by name */
