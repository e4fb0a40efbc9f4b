/* SPDX-License-Identifier: Apache-2.0 */
#include "base/completion-private.h"

/*
 * bash takes --option=value apart at each "=" and wants back only what stands after the last one:
 * the words are joined first, and what is there already is cut from the answers. Where somebody
 * told it not to (COMP_WORDBREAKS), it wants back the option as well.
 */
static const char begin[] =
	"()\n"
	"{\n"
	"\tlocal option= options= value= command= operand= prefix= word i\n"
	"\tlocal -a words=(\"${COMP_WORDS[0]}\") answers=()\n"
	"\tCOMPREPLY=()\n"
	"\tfor ((i = 1; i <= COMP_CWORD; i++)); do\n"
	"\t\tif [[ ${COMP_WORDS[i]} == = || ${COMP_WORDS[i - 1]} == = ]]; then\n"
	"\t\t\twords[${#words[@]}-1]+=${COMP_WORDS[i]}\n"
	"\t\telse\n"
	"\t\t\twords+=(\"${COMP_WORDS[i]}\")\n"
	"\t\tfi\n"
	"\tdone\n"
	"\tvalue=${words[${#words[@]}-1]}\n"
	"\tfor word in \"${words[@]:1:${#words[@]}-2}\"; do\n"
	"\t\tif [[ $option ]]; then\n"
	"\t\t\toption=\n"
	"\t\t\tcontinue\n"
	"\t\tfi\n"
	"\t\tcase $word in\n";
static const char middle[] =
	"\t\t-*) ;;\n"
	"\t\t*) if [[ $command ]]; then operand=$word; else command=$word; fi ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\tif [[ ! $option && $value == --*=* ]]; then\n"
	"\t\t[[ $COMP_WORDBREAKS == *=* ]] || prefix=${value%%=*}=\n"
	"\t\toption=${value%%=*}\n"
	"\t\tvalue=${value#*=}\n"
	"\tfi\n"
	"\tcase $command in\n";
/* Options are offered where one is begun, and where nothing else can stand. */
static const char before_values[] =
	"\tesac\n"
	"\tif [[ ! $option && $value == -* ]]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$value\")\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tcase ${option:-$command} in\n";
static const char end[] = "\t*)\n"
			  "\t\t[[ $option || $value ]] || read -ra answers <<<\"$options\"\n"
			  "\t\t;;\n"
			  "\tesac\n"
			  "\tfor word in \"${answers[@]}\"; do\n"
			  "\t\tif [[ $value == *=* && $COMP_WORDBREAKS == *=* ]]; then\n"
			  "\t\t\tword=${word#\"${value%=*}=\"}\n"
			  "\t\tfi\n"
			  "\t\tCOMPREPLY+=(\"$prefix$word\")\n"
			  "\tdone\n"
			  "}\n";

static void name_option(const struct completion_option *option, struct buffer *buffer)
{
	buffer_printf(buffer, "--%s", option->name);
	if (option->letter)
		buffer_printf(buffer, " -%c", option->letter);
}

/* The pattern of the options whose next word is their value. */
static void write_takers(const struct completion *completion, struct buffer *buffer)
{
	const char *between = "\t\t";

	for (size_t i = 0; i < completion->options_count; i++) {
		if (!completion->options[i].argument)
			continue;
		buffer_printf(buffer, "%s--%s", between, completion->options[i].name);
		between = " | ";
	}
	buffer_append_text(buffer, ") option=$word ;;\n");
}

/* Which options there are after a command, and after none. */
static void write_options(const struct completion *completion, struct buffer *buffer)
{
	for (size_t command = 0; command <= completion->commands_count; command++) {
		const char *between = "";

		buffer_printf(buffer, "\t%s) options=\"",
			command == completion->commands_count ? "*"
							      : completion->commands[command].name);
		for (size_t i = 0; i < completion->options_count; i++) {
			if (!completion_takes(&completion->options[i], command))
				continue;
			buffer_append_text(buffer, between);
			name_option(&completion->options[i], buffer);
			between = " ";
		}
		buffer_append_text(buffer, "\" ;;\n");
	}
}

static void write_value(const struct completion_value *value, struct buffer *buffer)
{
	switch (value->kind) {
	case COMPLETION_FREE:
		break;
	case COMPLETION_FILE:
	case COMPLETION_FOLDER:
		buffer_printf(buffer,
			"\t\tcompopt -o filenames 2>/dev/null\n"
			"\t\tmapfile -t COMPREPLY < <(compgen -P \"$prefix\" -%c -- \"$value\")\n"
			"\t\treturn\n",
			value->kind == COMPLETION_FILE ? 'f' : 'd');
		break;
	case COMPLETION_WORDS:
		buffer_append_text(buffer, "\t\tmapfile -t answers < <(compgen -W \"");
		for (size_t i = 0; value->words[i]; i++)
			buffer_printf(buffer, "%s%s", i ? " " : "", value->words[i]);
		buffer_append_text(buffer, "\" -- \"$value\")\n");
		break;
	case COMPLETION_LISTED:
		buffer_printf(buffer,
			"\t\tmapfile -t answers < <(compgen -W \"$(sh -c '%s' sh \"${words[@]:1}\" "
			"2>/dev/null)\" -- \"$value\")\n",
			value->script);
		break;
	}
}

static void write_operands(const struct completion *completion, struct buffer *buffer)
{
	for (size_t i = 0; i < completion->commands_count; i++) {
		const struct completion_command *command = &completion->commands[i];
		struct completion_value value;

		if (!command->operand)
			continue;
		value = completion_value_of(completion, command->operand, NULL);
		buffer_printf(buffer, "\t%s)\n\t\t[[ ! $operand ]] || return 0\n", command->name);
		write_value(&value, buffer);
		buffer_append_text(buffer, "\t\t;;\n");
	}
	if (completion->commands_count == 0)
		return;
	buffer_append_text(buffer, "\t\"\")\n\t\tmapfile -t answers < <(compgen -W \"");
	for (size_t i = 0; i < completion->commands_count; i++)
		buffer_printf(buffer, "%s%s", i ? " " : "", completion->commands[i].name);
	buffer_append_text(buffer, "\" -- \"$value\")\n\t\t;;\n");
}

void completion_write_bash(const struct completion *completion, struct buffer *buffer)
{
	buffer_printf(buffer, "# Completes %s in bash; made by %s --completion bash.\n\n_",
		completion->program, completion->program);
	completion_function(completion, "", buffer);
	buffer_append_text(buffer, begin);
	write_takers(completion, buffer);
	buffer_append_text(buffer, middle);
	write_options(completion, buffer);
	buffer_append_text(buffer, before_values);
	for (size_t i = 0; i < completion->options_count; i++) {
		const struct completion_option *option = &completion->options[i];
		struct completion_value value;

		if (!option->argument)
			continue;
		value = completion_value_of(completion, option->argument, option->words);
		if (value.kind == COMPLETION_FREE)
			continue;
		buffer_printf(buffer, "\t--%s)\n", option->name);
		write_value(&value, buffer);
		buffer_append_text(buffer, "\t\t;;\n");
	}
	write_operands(completion, buffer);
	buffer_append_text(buffer, end);
	buffer_append_text(buffer, "complete -F _");
	completion_function(completion, "", buffer);
	buffer_printf(buffer, " %s\n", completion->program);
}
