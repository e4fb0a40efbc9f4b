/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/array.h"
#include "edge/environment.h"

static const char *const styles[TERMINAL_STYLES] = {
	[TERMINAL_RESET] = "\033[0m",
	[TERMINAL_BOLD] = "\033[1m",
	[TERMINAL_DIM] = "\033[2m",
	[TERMINAL_RED] = "\033[31m",
	[TERMINAL_YELLOW] = "\033[33m",
	[TERMINAL_GREEN] = "\033[32m",
};

bool terminal_transient(int fd)
{
	const char *kind = environment_text("TERM");

	return isatty(fd) && kind && strcmp(kind, "dumb") != 0;
}

bool terminal_colour(int fd)
{
	return !environment_text("NO_COLOR") && terminal_transient(fd);
}

bool terminal_unicode(int fd)
{
	static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	const char *locale = NULL;

	if (isatty(fd) && !terminal_transient(fd))
		return false;
	for (size_t i = 0; !locale && i < ARRAY_LENGTH(variables); i++)
		locale = environment_text(variables[i]);
	return locale && (strcasestr(locale, "UTF-8") || strcasestr(locale, "UTF8"));
}

/* 0: it says nothing that can be used. */
static int columns_of_environment(void)
{
	const char *text = environment_text("COLUMNS");
	char *end;
	long columns;

	if (!text)
		return 0;
	columns = strtol(text, &end, 10);
	if (*end != '\0' || columns < 0)
		return 0;
	return columns > TERMINAL_WIDTH_MAX ? TERMINAL_WIDTH_MAX : (int)columns;
}

int terminal_height(int fd)
{
	struct winsize size = {0};

	return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

int terminal_width(int fd)
{
	struct winsize size = {0};
	int columns = 0;

	if (ioctl(fd, TIOCGWINSZ, &size) == 0)
		columns = size.ws_col;
	if (columns == 0)
		columns = columns_of_environment();
	if (columns == 0)
		columns = TERMINAL_WIDTH;
	if (columns < TERMINAL_WIDTH_MIN)
		return TERMINAL_WIDTH_MIN;
	return columns > TERMINAL_WIDTH_MAX ? TERMINAL_WIDTH_MAX : columns;
}

const char *terminal_style(enum terminal_style style, bool colour)
{
	return colour ? styles[style] : "";
}
