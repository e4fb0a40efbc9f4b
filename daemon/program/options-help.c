/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/wrap.h"
#include "program/options-private.h"

/* As a terminal is wide where nothing says otherwise; piped help is read as well. Columns. */
#define WIDTH 80
/* "  --name ARGUMENT", with room for the longest. Bytes. */
#define LABEL_SIZE 48

/* A row of a table: the label, padded to `width`, and what it means. */
static void row(struct buffer *buffer, const char *label, size_t width, const char *text)
{
	buffer_printf(buffer, "%-*s", (int)width, label);
	wrap_words(buffer, width, width, WIDTH, text);
}

static char *option_label(const struct option_row *option, char ret_label[static LABEL_SIZE])
{
	snprintf(ret_label, LABEL_SIZE, "  %c%c%s--%s%s%s", option->letter ? '-' : ' ',
		option->letter ? option->letter : ' ', option->letter ? ", " : "  ", option->name,
		option->argument ? " " : "", option->argument ? option->argument : "");
	return ret_label;
}

/* `run` has a log where the others have a document. */
static const char *option_help(const struct option_row *option, enum command command)
{
	if (command == COMMAND_RUN && option->flag == offsetof(struct options, json))
		return "Log one JSON object a line instead of text.";
	return option->help;
}

static void options_section(struct buffer *buffer, enum command command)
{
	char label[LABEL_SIZE];
	size_t width = 0;

	for (size_t i = 0; i < OPTIONS_ROWS; i++) {
		size_t length = strlen(option_label(&option_rows[i], label));

		if ((option_rows[i].commands & OPTIONS_FOR(command)) && length + 2 > width)
			width = length + 2;
	}
	buffer_append_text(buffer, "\nOptions:\n");
	for (size_t i = 0; i < OPTIONS_ROWS; i++)
		if (option_rows[i].commands & OPTIONS_FOR(command))
			row(buffer, option_label(&option_rows[i], label), width,
				option_help(&option_rows[i], command));
}

static void help_of_all(struct buffer *buffer)
{
	char label[LABEL_SIZE];
	size_t width = 0;

	buffer_append_text(buffer,
		"Usage: ldapsward COMMAND [OPTION]...\n\n"
		"Keeps client-side LDAPS of AWS directories as one file says.\n\n"
		"Commands:\n");
	for (size_t i = 0; i < COMMANDS; i++)
		if (strlen(command_rows[i].name) + 4 > width)
			width = strlen(command_rows[i].name) + 4;
	for (size_t i = 0; i < COMMANDS; i++) {
		snprintf(label, sizeof(label), "  %s", command_rows[i].name);
		row(buffer, label, width, command_rows[i].summary);
	}
	options_section(buffer, COMMANDS);
	buffer_append_text(buffer, "\nldapsward COMMAND --help tells what a command does, its "
				   "options and exit\nstatuses. More in ldapsward(8) and "
				   "ldapsward.yaml(5).\n");
}

static void help_of_one(const struct command_row *command, struct buffer *buffer)
{
	char label[LABEL_SIZE];

	buffer_printf(buffer, "Usage: ldapsward %s [OPTION]...%s%s%s\n\n", command->name,
		command->operand ? " [" : "", command->operand ? command->operand : "",
		command->operand ? "]" : "");
	wrap_words(buffer, 0, 0, WIDTH, command->description);
	options_section(buffer, (enum command)(command - command_rows));
	buffer_append_text(buffer, "\nExit status:\n");
	for (size_t i = 0; i < COMMAND_STATUSES && command->statuses[i].meaning; i++) {
		snprintf(label, sizeof(label), "  %2d", command->statuses[i].status);
		row(buffer, label, 6, command->statuses[i].meaning);
	}
}

int options_help(enum command command, struct buffer *buffer)
{
	if (command == COMMANDS)
		help_of_all(buffer);
	else
		help_of_one(&command_rows[command], buffer);
	return buffer_status(buffer);
}
