/* SPDX-License-Identifier: Apache-2.0 */
#include "program/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/cleanup.h"
#include "base/suggest.h"
#include "base/text.h"
#include "config.h"
#include "edge/clock.h"
#include "edge/environment.h"
#include "program/options-private.h"

/* What getopt_long returns for the first row of the table: above all letters. */
#define ROW_FIRST 256
/* "run, check, plan" and so on, with room for more commands. Bytes. */
#define LIST_SIZE 128

const char *command_str(enum command command)
{
	return command_rows[command].name;
}

/* The names of the commands in a set, as "a, b or c". */
static char *command_list(unsigned set, char ret_list[static LIST_SIZE])
{
	size_t used = 0;

	ret_list[0] = '\0';
	for (unsigned i = 0; i < COMMANDS; i++) {
		unsigned later = set & OPTIONS_EVERY_COMMAND & ~(OPTIONS_FOR(i + 1) - 1);

		if (!(set & OPTIONS_FOR(i)))
			continue;
		snprintf(ret_list + used, LIST_SIZE - used, "%s%s", command_rows[i].name,
			!later			     ? ""
			: (later & (later - 1)) == 0 ? " or "
						     : ", ");
		used += strlen(ret_list + used);
	}
	return ret_list;
}

/* The command of that name; COMMANDS: none. */
static enum command command_parse(const char *name)
{
	for (unsigned i = 0; i < COMMANDS; i++)
		if (strcmp(command_rows[i].name, name) == 0)
			return (enum command)i;
	return COMMANDS;
}

static int unknown_command(const char *name, struct error *error)
{
	const char *names[COMMANDS], *nearest;
	char list[LIST_SIZE];

	for (size_t i = 0; i < COMMANDS; i++)
		names[i] = command_rows[i].name;
	nearest = suggest(name, names, COMMANDS);
	if (nearest)
		return error_set(error, ERROR_INVALID, "unknown command '%s'; did you mean '%s'?",
			name, nearest);
	return error_set(error, ERROR_INVALID,
		"unknown command '%s': there are %s; see ldapsward --help", name,
		command_list(OPTIONS_EVERY_COMMAND, list));
}

/* "plan: " before a message, "" where there is no command. */
static int usage_prefix(enum command command, struct error *error)
{
	return command == COMMANDS ? error->code
				   : error_prefix(error, "%s", command_rows[command].name);
}

static int unknown_option(enum command command, const char *argument, struct error *error)
{
	const char *names[OPTIONS_ROWS], *nearest, *name = argument + strspn(argument, "-");
	char word[SUGGEST_WORD_MAX + 1];
	size_t count = 0;

	for (size_t i = 0; i < OPTIONS_ROWS; i++)
		if (option_rows[i].commands & OPTIONS_FOR(command))
			names[count++] = option_rows[i].name;
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(name, "="), name);
	nearest = suggest(word, names, count);
	if (nearest)
		error_set(error, ERROR_INVALID, "unknown option '%s'; did you mean '--%s'?",
			argument, nearest);
	else
		error_set(error, ERROR_INVALID, "unknown option '%s'; see ldapsward%s%s --help",
			argument, command == COMMANDS ? "" : " ",
			command == COMMANDS ? "" : command_rows[command].name);
	return usage_prefix(command, error);
}

static int foreign_option(
	enum command command, const struct option_row *option, struct error *error)
{
	char list[LIST_SIZE];

	if (command == COMMANDS)
		return error_set(error, ERROR_INVALID,
			"a command comes before '--%s': ldapsward COMMAND --%s", option->name,
			option->name);
	if (!(option->commands & OPTIONS_EVERY_COMMAND))
		return error_set(error, ERROR_INVALID,
			"%s takes no '--%s': it stands without a command",
			command_rows[command].name, option->name);
	return error_set(error, ERROR_INVALID, "%s takes no '--%s': it is for %s",
		command_rows[command].name, option->name, command_list(option->commands, list));
}

static int take_option(const struct option_row *option, const char *value, int64_t now,
	struct options *options, struct error *error)
{
	if (!(option->commands & OPTIONS_FOR(options->command)))
		return foreign_option(options->command, option, error);
	if (!option->take) {
		*((bool *)((char *)options + option->flag)) = true;
		return 0;
	}
	if (option->take(options, value, now, error) == 0)
		return 0;
	error_prefix(error, "--%s", option->name);
	return usage_prefix(options->command, error);
}

/* What getopt_long found wrong: `found` is '?' or ':', `row` the option that it belongs to. */
static int wrong_option(
	int found, int row, const char *argument, enum command command, struct error *error)
{
	const struct option_row *option;

	if (row == 0)
		return unknown_option(command, argument, error);
	if (row < ROW_FIRST) { /* a letter, maybe among others */
		const char letter[] = {'-', (char)row, '\0'};

		return unknown_option(command, letter, error);
	}
	option = &option_rows[row - ROW_FIRST];
	if (found == ':')
		error_set(error, ERROR_INVALID, "'--%s' needs a value: --%s %s", option->name,
			option->name, option->argument);
	else
		error_set(error, ERROR_INVALID, "'--%s' takes no value, but has one: '%s'",
			option->name, argument);
	return usage_prefix(command, error);
}

/* The options of getopt_long, from the table; ends with zeros. */
static void table_of_getopt(struct option ret_table[static OPTIONS_ROWS + 1],
	char ret_letters[static OPTIONS_ROWS + 3], bool stop)
{
	size_t letters = 0;

	if (stop)
		ret_letters[letters++] = '+';
	ret_letters[letters++] = ':';
	for (size_t i = 0; i < OPTIONS_ROWS; i++) {
		ret_table[i] = (struct option){option_rows[i].name,
			option_rows[i].argument ? required_argument : no_argument, NULL,
			ROW_FIRST + (int)i};
		if (option_rows[i].letter)
			ret_letters[letters++] = option_rows[i].letter;
	}
	ret_table[OPTIONS_ROWS] = (struct option){0};
	ret_letters[letters] = '\0';
}

static int row_of_letter(int found)
{
	for (int i = 0; i < OPTIONS_ROWS; i++)
		if (option_rows[i].letter && option_rows[i].letter == found)
			return ROW_FIRST + i;
	return found;
}

/* Whether something is to be printed instead of doing anything. */
static bool is_asked(const struct options *options)
{
	return options->help || options->version || options->completion != COMPLETION_SHELLS;
}

/* Takes all options, up to one that is printed; operands are then from argv[optind] on. */
static int take_options(
	int argc, char **argv, int64_t now, struct options *options, struct error *error)
{
	struct option table[OPTIONS_ROWS + 1];
	char letters[OPTIONS_ROWS + 3];
	int found, result = 0;

	table_of_getopt(table, letters, options->command == COMMANDS);
	optind = 0; /* glibc: begin anew */
	opterr = 0;
	while (result == 0 && !is_asked(options)) {
		found = getopt_long(argc, argv, letters, table, NULL);
		if (found == -1)
			break;
		if (found == '?' || found == ':')
			result = wrong_option(
				found, optopt, argv[optind - 1], options->command, error);
		else
			result = take_option(&option_rows[row_of_letter(found) - ROW_FIRST], optarg,
				now, options, error);
	}
	return result;
}

/* What stands after the options. */
static int take_operands(
	int argc, char **argv, bool config_given, struct options *options, struct error *error)
{
	const struct command_row *command = &command_rows[options->command];

	if (argc == 0)
		return 0;
	if (!command->operand)
		return error_set(error, ERROR_INVALID, "%s takes options alone, but there is '%s'",
			command->name, argv[0]);
	if (argc > 1)
		return error_set(error, ERROR_INVALID, "%s takes one %s, but there is also '%s'",
			command->name, command->operand, argv[1]);
	if (config_given)
		return error_set(error, ERROR_INVALID,
			"%s: '%s' and '--config %s' name two configurations: give one",
			command->name, argv[0], options->config);
	options->config = argv[0];
	return 0;
}

static int read_command(
	int argc, char **argv, int64_t now, struct options *options, struct error *error)
{
	char list[LIST_SIZE];
	int result;

	if (argc > 1 && argv[1][0] != '-') {
		options->command = command_parse(argv[1]);
		if (options->command == COMMANDS)
			return unknown_command(argv[1], error);
		argc--; /* the command stands where getopt_long looks for the program's name */
		argv++;
	}
	result = take_options(argc, argv, now, options, error);
	if (result < 0)
		return result;
	if (options->command == COMMANDS && options->help && optind < argc)
		options->command = command_parse(argv[optind]); /* "--help plan" */
	if (is_asked(options))
		return 0;
	if (options->command == COMMANDS)
		return error_set(error, ERROR_INVALID,
			"a command is missing: %s; see ldapsward --help",
			command_list(OPTIONS_EVERY_COMMAND, list));
	return take_operands(argc - optind, argv + optind, options->config != NULL, options, error);
}

int options_read(
	int argc, char **argv, int64_t now, struct options *ret_options, struct error *error)
{
	struct options options = {
		.command = COMMANDS,
		.completion = COMPLETION_SHELLS,
		.timeout_s = OPTIONS_TIMEOUT_S,
	};
	struct error reason = {0};
	int result = read_command(argc, argv, now, &options, &reason);

	if (result < 0) {
		text_clean(reason.message);
		return error_set(error, ERROR_INVALID, "%s", reason.message);
	}
	if (options.monitor && (options.watch || options.json))
		return error_set(error, ERROR_INVALID,
			"status: --monitor prints its one line once: leave out --%s",
			options.watch ? "watch" : "json");
	if (!options.config)
		options.config = CONFIGURATION_FILE;
	if (!options.state_directory)
		options.state_directory = environment_text("STATE_DIRECTORY");
	if (!options.state_directory)
		options.state_directory = STATE_DIRECTORY;
	*ret_options = options;
	return 0;
}

/* Prints what was asked for; 0, or EX_SOFTWARE. */
static int print_asked(const struct options *options)
{
	CLEANUP(buffer_done) struct buffer buffer;
	int r;

	buffer_init(&buffer, options->help ? OPTIONS_HELP_MAX : COMPLETION_MAX);
	if (options->help)
		r = options_help(options->command, &buffer);
	else if (options->version)
		r = buffer_append_text(&buffer, "ldapsward " PACKAGE_VERSION "\n");
	else
		r = options_completion(options->completion, &buffer);
	if (r < 0)
		return EX_SOFTWARE;
	fputs(buffer_text(&buffer), stdout);
	return 0;
}

bool options_parse(int argc, char **argv, struct options *ret_options, int *ret_status)
{
	struct options options;
	struct error error = {0};

	if (options_read(argc, argv, clock_now(), &options, &error) < 0) {
		fprintf(stderr, "ldapsward: %s\n", error.message);
		*ret_status = EX_USAGE;
		return false;
	}
	if (!is_asked(&options)) {
		*ret_options = options;
		return true;
	}
	*ret_status = print_asked(&options);
	if (fflush(stdout) != 0 && errno != EPIPE) {
		fprintf(stderr, "ldapsward: the output could not be written: %s\n",
			strerrordesc_np(errno));
		*ret_status = EXIT_FAILURE;
	}
	return false;
}
