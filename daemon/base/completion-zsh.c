/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/completion-private.h"

/* Special in what _arguments and _describe take; there is no single quote in it, it stands in
 * double quotes. */
#define SPECIAL "[]:\\\"$`"

static void write_action(const struct completion *completion, const char *argument,
	const char *const *words, struct buffer *buffer)
{
	struct completion_value value = completion_value_of(completion, argument, words);

	buffer_append_text(buffer, ":");
	completion_sentence(argument, SPECIAL, buffer);
	buffer_append_text(buffer, ":");
	switch (value.kind) {
	case COMPLETION_FREE:
		buffer_append_text(buffer, " ");
		break;
	case COMPLETION_FILE:
		buffer_append_text(buffer, "_files");
		break;
	case COMPLETION_FOLDER:
		buffer_append_text(buffer, "_files -/");
		break;
	case COMPLETION_WORDS:
		buffer_append_text(buffer, "(");
		for (size_t i = 0; value.words[i]; i++)
			buffer_printf(buffer, "%s%s", i ? " " : "", value.words[i]);
		buffer_append_text(buffer, ")");
		break;
	case COMPLETION_LISTED:
		for (size_t i = 0; i < completion->values_count; i++) {
			if (completion->values[i].script != value.script)
				continue;
			buffer_printf(buffer, "_%s_%zu", completion->program, i);
		}
		break;
	}
}

/* `whole` holds the words of the whole line: _arguments cuts the command off. */
static void write_lists(const struct completion *completion, struct buffer *buffer)
{
	for (size_t i = 0; i < completion->values_count; i++) {
		if (completion->values[i].kind != COMPLETION_LISTED)
			continue;
		buffer_printf(buffer,
			"_%s_%zu() {\n\tlocal -a found\n"
			"\tfound=(${(f)\"$(sh -c '%s' sh \"${whole[@]}\" 2>/dev/null)\"})\n"
			"\t(( $#found )) && compadd -a found\n}\n\n",
			completion->program, i, completion->values[i].script);
	}
}

static void write_option(const struct completion *completion,
	const struct completion_option *option, const char *name, struct buffer *buffer)
{
	buffer_printf(buffer, " \\\n\t\t\t\"*%s%s[", name, option->argument ? "=" : "");
	completion_sentence(option->help, SPECIAL, buffer);
	buffer_append_text(buffer, "]");
	if (option->argument)
		write_action(completion, option->argument, option->words, buffer);
	buffer_append_text(buffer, "\"");
}

/* "--" and the longest name of an option. Bytes. */
#define NAME_SIZE 64

/* The call of _arguments for a command; `commands_count`: for the program alone. */
static void write_arguments(
	const struct completion *completion, size_t index, struct buffer *buffer)
{
	char name[NAME_SIZE];

	buffer_append_text(buffer, "\t\t_arguments -S");
	for (size_t i = 0; i < completion->options_count; i++) {
		const struct completion_option *option = &completion->options[i];

		if (!completion_takes(option, index))
			continue;
		snprintf(name, sizeof(name), "--%s", option->name);
		write_option(completion, option, name, buffer);
		snprintf(name, sizeof(name), "-%c", option->letter);
		if (option->letter)
			write_option(completion, option, name, buffer);
	}
	if (index < completion->commands_count && completion->commands[index].operand) {
		buffer_append_text(buffer, " \\\n\t\t\t\"1");
		write_action(completion, completion->commands[index].operand, NULL, buffer);
		buffer_append_text(buffer, "\"");
	}
	buffer_append_text(buffer, "\n");
}

/* Before a command there are only the commands and a few options; after it, its own. */
static void write_commands(const struct completion *completion, struct buffer *buffer)
{
	buffer_append_text(buffer, "\tlocal -a commands=(\n");
	for (size_t i = 0; i < completion->commands_count; i++) {
		buffer_printf(buffer, "\t\t\"%s:", completion->commands[i].name);
		completion_sentence(completion->commands[i].help, SPECIAL, buffer);
		buffer_append_text(buffer, "\"\n");
	}
	buffer_append_text(buffer, "\t)\n"
				   "\tif (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n"
				   "\t\t_describe -t commands command commands\n"
				   "\t\treturn\n"
				   "\tfi\n"
				   "\tif [[ $words[2] != -* ]]; then\n"
				   "\t\tshift words\n"
				   "\t\t(( CURRENT-- ))\n"
				   "\tfi\n"
				   "\tcase $words[1] in\n");
	for (size_t i = 0; i < completion->commands_count; i++) {
		buffer_printf(buffer, "\t%s)\n", completion->commands[i].name);
		write_arguments(completion, i, buffer);
		buffer_append_text(buffer, "\t\t;;\n");
	}
	buffer_append_text(buffer, "\t*)\n");
	write_arguments(completion, completion->commands_count, buffer);
	buffer_append_text(buffer, "\t\t;;\n\tesac\n");
}

void completion_write_zsh(const struct completion *completion, struct buffer *buffer)
{
	const char *program = completion->program;

	buffer_printf(buffer,
		"#compdef %s\n# Completes %s in zsh; made by %s --completion zsh.\n\n", program,
		program, program);
	write_lists(completion, buffer);
	buffer_printf(buffer, "_%s() {\n\tlocal -a whole=(\"${words[@]:1}\")\n", program);
	if (completion->commands_count > 0)
		write_commands(completion, buffer);
	else
		write_arguments(completion, 0, buffer);
	/* autoloaded, this file is the function; sourced, it only names it */
	buffer_printf(buffer,
		"}\n\nif [[ $funcstack[1] == _%s ]]; then\n\t_%s \"$@\"\nelse\n\tcompdef _%s "
		"%s\nfi\n",
		program, program, program, program);
}
