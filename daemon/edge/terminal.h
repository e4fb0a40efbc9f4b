/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What may be written to a descriptor beside plain text: colours, lines that are drawn over. */

#include <stdbool.h>

/* Columns where nothing says how wide it is: as the manuals and --help are laid out. */
#define TERMINAL_WIDTH 80
/* Narrower ones cannot be laid out for; they are taken to be this wide. Columns. */
#define TERMINAL_WIDTH_MIN 20
/* A wider line is hard to read. Columns. */
#define TERMINAL_WIDTH_MAX 500

enum terminal_style {
	TERMINAL_RESET, /* ends the others */
	TERMINAL_BOLD,
	TERMINAL_DIM,
	TERMINAL_RED,
	TERMINAL_YELLOW,
	TERMINAL_GREEN,
	TERMINAL_STYLES, /* count, not a style */
};

/* Whether colours are welcome: a terminal that is not "dumb", and no NO_COLOR
 * (https://no-color.org). */
bool terminal_colour(int fd);

/* The width of the terminal, else COLUMNS of the environment, else TERMINAL_WIDTH; within
 * TERMINAL_WIDTH_MIN and TERMINAL_WIDTH_MAX. */
int terminal_width(int fd);

/* The lines of the terminal; 0 where nothing says how many. */
int terminal_height(int fd);

/*
 * Whether signs beyond ASCII may be written to it: the locale (LC_ALL, LC_CTYPE, LANG) says UTF-8,
 * and it is no terminal that is "dumb".
 */
bool terminal_unicode(int fd);

/* Whether a line of progress may be drawn and drawn over: a terminal that is not "dumb". */
bool terminal_transient(int fd);

/* The escape sequence of `style`; "" without `colour`. Static, never NULL. */
const char *terminal_style(enum terminal_style style, bool colour);

/* A page of its own that leaves the one before as it was, and whose lines end with the terminal's
 * and do not go on below: to it and back, to its start, to the end of a line and of the page. */
#define TERMINAL_PAGE	     "\033[?1049h\033[?7l"
#define TERMINAL_PAGE_LEAVE  "\033[?7h\033[?1049l"
#define TERMINAL_HOME	     "\033[H"
#define TERMINAL_CLEAR_LINE  "\033[K"
#define TERMINAL_CLEAR_BELOW "\033[J"

/* What takes a drawn line away again: to its start, and clear. */
#define TERMINAL_ERASE_LINE "\r\033[K"
