/* SPDX-License-Identifier: Apache-2.0 */
#include "base/completion-private.h"

/* What ends a text in single quotes there. */
#define SPECIAL "'\\"

/* A function for each list that a script makes. */
static void write_lists(const struct completion *completion, struct buffer *buffer)
{
	for (size_t i = 0; i < completion->values_count; i++) {
		if (completion->values[i].kind != COMPLETION_LISTED)
			continue;
		buffer_append_text(buffer, "function __");
		completion_function(completion, "_", buffer);
		buffer_printf(buffer,
			"%zu\n    sh -c '%s' sh (commandline -opc) 2>/dev/null\nend\n", i,
			completion->values[i].script);
	}
	buffer_append_text(buffer, "\n");
}

static void write_value(const struct completion *completion, const char *argument,
	const char *const *words, struct buffer *buffer)
{
	struct completion_value value = completion_value_of(completion, argument, words);

	if (value.kind == COMPLETION_FILE) {
		buffer_append_text(buffer, " -F");
		return;
	}
	buffer_append_text(buffer, " -f");
	if (value.kind == COMPLETION_FOLDER)
		buffer_append_text(buffer, " -a '(__fish_complete_directories)'");
	if (value.kind == COMPLETION_WORDS) {
		buffer_append_text(buffer, " -a '");
		for (size_t i = 0; value.words[i]; i++)
			buffer_printf(buffer, "%s%s", i ? " " : "", value.words[i]);
		buffer_append_text(buffer, "'");
	}
	for (size_t i = 0; value.kind == COMPLETION_LISTED && i < completion->values_count; i++) {
		if (completion->values[i].script != value.script)
			continue;
		buffer_append_text(buffer, " -a '(__");
		completion_function(completion, "_", buffer);
		buffer_printf(buffer, "%zu)'", i);
	}
}

/* Where an option may stand: after the commands that take it, and before any if one may. */
static void write_condition(const struct completion *completion,
	const struct completion_option *option, struct buffer *buffer)
{
	bool all = true, alone = completion_takes(option, completion->commands_count);
	const char *before =
		alone ? "; or __fish_seen_subcommand_from" : "__fish_seen_subcommand_from";

	for (size_t i = 0; i <= completion->commands_count; i++)
		all = all && completion_takes(option, i);
	if (all)
		return;
	buffer_printf(buffer, " -n '%s", alone ? "__fish_use_subcommand" : "");
	for (size_t i = 0; i < completion->commands_count; i++)
		if (completion_takes(option, i)) {
			buffer_printf(buffer, "%s %s", before, completion->commands[i].name);
			before = "";
		}
	buffer_append_text(buffer, "'");
}

void completion_write_fish(const struct completion *completion, struct buffer *buffer)
{
	const char *program = completion->program;

	buffer_printf(buffer, "# Completes %s in fish; made by %s --completion fish.\n\n", program,
		program);
	write_lists(completion, buffer);
	buffer_printf(buffer, "complete -c %s -f\n", program);
	for (size_t i = 0; i < completion->commands_count; i++) {
		const struct completion_command *command = &completion->commands[i];

		buffer_printf(buffer, "complete -c %s -n __fish_use_subcommand -a %s -d '", program,
			command->name);
		completion_sentence(command->help, SPECIAL, buffer);
		buffer_append_text(buffer, "'\n");
		if (!command->operand)
			continue;
		buffer_printf(buffer, "complete -c %s -n '__fish_seen_subcommand_from %s'", program,
			command->name);
		write_value(completion, command->operand, NULL, buffer);
		buffer_append_text(buffer, "\n");
	}
	for (size_t i = 0; i < completion->options_count; i++) {
		const struct completion_option *option = &completion->options[i];

		buffer_printf(buffer, "complete -c %s", program);
		write_condition(completion, option, buffer);
		buffer_printf(buffer, " -l %s", option->name);
		if (option->letter)
			buffer_printf(buffer, " -s %c", option->letter);
		if (option->argument) {
			buffer_append_text(buffer, " -r");
			write_value(completion, option->argument, option->words, buffer);
		}
		buffer_append_text(buffer, " -d '");
		completion_sentence(option->help, SPECIAL, buffer);
		buffer_append_text(buffer, "'\n");
	}
}
