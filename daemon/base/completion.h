/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A program's command line as data, and what completes it in a shell: a script for bash, zsh or
 * fish that needs no other. The program fills the description from the tables that its parser and
 * its help are made of, so that all three say the same.
 *
 * Commands are the first word, where there are any; options are long ones with "--", some with a
 * letter too. What an option takes is known by the word that the help has for it.
 */

#include <stddef.h>

#include "base/buffer.h"

/* The longest script; the emulator's for zsh has some 10 KB. Bytes. */
#define COMPLETION_MAX 65536

enum completion_shell {
	COMPLETION_BASH,
	COMPLETION_ZSH,
	COMPLETION_FISH,
	COMPLETION_SHELLS, /* count, not a shell */
};

enum completion_kind {
	COMPLETION_FREE,   /* nothing is known but the user */
	COMPLETION_FILE,   /* a file */
	COMPLETION_FOLDER, /* a directory of the file system */
	COMPLETION_WORDS,  /* one of `words` */
	COMPLETION_LISTED, /* one of the lines that `script` prints */
};

/* What a word of the help, such as FILE, stands for. All borrowed. */
struct completion_value {
	const char *argument; /* the word */
	enum completion_kind kind;
	const char *const *words; /* COMPLETION_WORDS: ends with NULL */
	/* COMPLETION_LISTED: for sh -c, with the words of the command line as arguments; prints a
	 * word a line. It stands in single quotes in each shell: without single quotes, and with
	 * a backslash before letters and digits alone. */
	const char *script;
};

/* All borrowed. */
struct completion_option {
	const char *name;     /* without the hyphens */
	char letter;	      /* 0: none */
	const char *argument; /* NULL: takes none */
	const char *help;     /* its first sentence is shown, where a shell shows any */
	unsigned commands; /* bit i: command i takes it; bit `commands_count`: without a command */
	/* Words it takes, ends with NULL, where they are its own; NULL: as `values` says. */
	const char *const *words;
};

struct completion_command {
	const char *name;
	const char *operand; /* the word of the help for the one it may take; NULL: none */
	const char *help;
};

/* All borrowed. */
struct completion {
	const char *program;
	const struct completion_command *commands;
	size_t commands_count; /* 0: the program has options alone */
	const struct completion_option *options;
	size_t options_count;
	const struct completion_value *values; /* a word that is not here is COMPLETION_FREE */
	size_t values_count;
};

/* "bash", "zsh" or "fish". */
const char *completion_shell_str(enum completion_shell shell);
/* The shell of that name; COMPLETION_SHELLS: none. */
enum completion_shell completion_shell_parse(const char *name);

/* Appends the script. 0 or a buffer's error. */
int completion_write(
	const struct completion *completion, enum completion_shell shell, struct buffer *buffer);
