/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: what is taken, what is refused and how, and the help that the tables make. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/calendar.h"
#include "program/options-private.h"

#define ARGUMENTS_MAX 8
#define NOW	      INT64_C(1800000000)
#define ID	      "d-926708e4f1"
#define OTHER	      "d-0000000000"

static const struct {
	const char *what;
	const char *arguments[ARGUMENTS_MAX];
	struct options taken; /* without config, state_directory and timeout_s: their defaults */
} goods[] = {
	{"a command alone", {"run"}, {.command = COMMAND_RUN}},
	{"flags", {"plan", "--json", "--detailed-exitcode", "--debug"},
		{.command = COMMAND_PLAN, .json = true, .detailed_exitcode = true, .debug = true}},
	{"a file for check", {"check", "--strict", "x.yaml"},
		{.command = COMMAND_CHECK, .strict = true, .config = "x.yaml"}},
	{"options after an operand", {"check", "x.yaml", "--json"},
		{.command = COMMAND_CHECK, .json = true, .config = "x.yaml"}},
	{"an operand that looks like an option", {"check", "--", "--json"},
		{.command = COMMAND_CHECK, .config = "--json"}},
	{"the last of two wins", {"run", "--config", "a", "--config=b"},
		{.command = COMMAND_RUN, .config = "b"}},
	{"the state directory", {"run", "--state-dir", "/s"},
		{.command = COMMAND_RUN, .state_directory = "/s"}},
	{"directories, each once",
		{"status", "--directory", ID, "--directory", OTHER, "--directory", ID},
		{.command = COMMAND_STATUS, .directories = {ID, OTHER}, .directories_count = 2}},
	{"a time to wait", {"apply", "--timeout", "1h30m"},
		{.command = COMMAND_APPLY, .timeout_s = 90 * MINUTE}},
	{"since a date", {"history", "--since", "2027-05-01"},
		{.command = COMMAND_HISTORY, .since = INT64_C(1809129600)}},
	{"since so long ago", {"history", "--since", "7d"},
		{.command = COMMAND_HISTORY, .since = NOW - 7 * DAY}},
	{"since before there was time", {"history", "--since", "36500d"},
		{.command = COMMAND_HISTORY, .since = 0}},
	{"the newest ten", {"history", "--limit", "10"}, {.command = COMMAND_HISTORY, .limit = 10}},
	{"as many as there may be", {"history", "--limit", "1000000"},
		{.command = COMMAND_HISTORY, .limit = OPTIONS_LIMIT_MAX}},
	{"until a date", {"forecast", "--until", "2100-01-01"},
		{.command = COMMAND_FORECAST, .until = INT64_C(4102444800)}},
	{"until so far ahead, from the file alone", {"forecast", "--offline", "--until", "3650d"},
		{.command = COMMAND_FORECAST, .offline = true, .until = NOW + 3650 * DAY}},
	{"help", {"--help"}, {.command = COMMANDS, .help = true}},
	{"help by letter", {"-h"}, {.command = COMMANDS, .help = true}},
	{"help of a command", {"plan", "--help"}, {.command = COMMAND_PLAN, .help = true}},
	{"help, then a command", {"--help", "plan"}, {.command = COMMAND_PLAN, .help = true}},
	{"help, whatever follows", {"plan", "--help", "--nonsense"},
		{.command = COMMAND_PLAN, .help = true}},
	{"the version", {"--version"}, {.command = COMMANDS, .version = true}},
};

static const struct {
	const char *what;
	const char *arguments[ARGUMENTS_MAX];
	const char *message;
} bads[] = {
	{"nothing", {NULL},
		"a command is missing: run, check, plan, apply, adopt, status, forecast, "
		"history or export; see ldapsward --help"},
	{"a command misspelt", {"paln"}, "unknown command 'paln'; did you mean 'plan'?"},
	{"a command that there is not", {"frobnicate"},
		"unknown command 'frobnicate': there are run, check, plan, apply, adopt, status, "
		"forecast, history or export; see ldapsward --help"},
	{"an empty command", {""},
		"unknown command '': there are run, check, plan, apply, adopt, status, "
		"forecast, history or export; see ldapsward --help"},
	{"an option misspelt", {"plan", "--jsno"},
		"plan: unknown option '--jsno'; did you mean '--json'?"},
	{"an option misspelt, with its value", {"plan", "--confg=x"},
		"plan: unknown option '--confg=x'; did you mean '--config'?"},
	{"an option that there is not", {"plan", "--frobnicate"},
		"plan: unknown option '--frobnicate'; see ldapsward plan --help"},
	{"letters that there are not", {"plan", "-xy"},
		"plan: unknown option '-x'; see ldapsward plan --help"},
	{"an unknown option without a command", {"--frobnicate"},
		"unknown option '--frobnicate'; see ldapsward --help"},
	{"an option of another command", {"plan", "--strict"},
		"plan takes no '--strict': it is for check"},
	{"an option of other commands", {"apply", "--limit", "3"},
		"apply takes no '--limit': it is for history"},
	{"an option before the command", {"--json", "plan"},
		"a command comes before '--json': ldapsward COMMAND --json"},
	{"no value", {"plan", "--config"}, "plan: '--config' needs a value: --config FILE"},
	{"an empty value", {"plan", "--config", ""},
		"plan: --config: the name of a file is wanted"},
	{"a value too many", {"plan", "--json=yes"},
		"plan: '--json' takes no value, but has one: '--json=yes'"},
	{"an operand too many", {"plan", "x"}, "plan takes options alone, but there is 'x'"},
	{"two files", {"check", "x", "y"}, "check takes one FILE, but there is also 'y'"},
	{"a file in both ways", {"check", "--config", "x", "y"},
		"check: 'y' and '--config x' name two configurations: give one"},
	{"no id", {"plan", "--directory", "corp"},
		"plan: --directory: 'corp' is no directory id: d- and ten of 0-9 and a-f, such as "
		"d-926708e4f1"},
	{"a horizon that is over", {"forecast", "--until", "2001-01-01"},
		"forecast: --until: '2001-01-01' is not within the next 100 years"},
	{"no horizon", {"forecast", "--until", "0d"},
		"forecast: --until: '0d' is not within the next 100 years"},
	{"a horizon that is neither", {"forecast", "--until", "soon"},
		"forecast: --until: 'soon' is neither a date such as 2027-05-01 or "
		"2027-05-01T06:30:00Z nor how far ahead, such as 90d or 3650d"},
	{"from the file alone, for a plan", {"plan", "--offline"},
		"plan takes no '--offline': it is for forecast"},
	{"no time to wait", {"apply", "--timeout", "0s"},
		"apply: --timeout: '0s' is no duration: such as 30s, 15m or 1h30m"},
	{"a time without a unit", {"apply", "--timeout", "5"},
		"apply: --timeout: '5' is no duration: such as 30s, 15m or 1h30m"},
	{"no date", {"history", "--since", "yesterday"},
		"history: --since: 'yesterday' is neither a date such as 2027-05-01 or "
		"2027-05-01T06:30:00Z nor how long ago, such as 7d or 12h"},
	{"a shell that is not known", {"--completion", "tcsh"},
		"--completion: 'tcsh' is none of bash, zsh and fish"},
	{"a completion of a command", {"plan", "--completion", "bash"},
		"plan takes no '--completion': it stands without a command"},
	{"no entries", {"history", "--limit", "0"},
		"history: --limit: '0' is no number from 1 to 1000000"},
	{"too many entries", {"history", "--limit", "1000001"},
		"history: --limit: '1000001' is no number from 1 to 1000000"},
	{"more than a number holds", {"history", "--limit", "18446744073709551617"},
		"history: --limit: '18446744073709551617' is no number from 1 to 1000000"},
	{"a number and more", {"history", "--limit", "-1"},
		"history: --limit: '-1' is no number from 1 to 1000000"},
	{"a line for Nagios, again and again", {"status", "--monitor", "--watch"},
		"status: --monitor prints its one line once: leave out --watch"},
	{"a line for Nagios as JSON", {"status", "--json", "--monitor"},
		"status: --monitor prints its one line once: leave out --json"},
	{"an escape in a word", {"pl\033[2Jan"},
		"unknown command 'pl?[2Jan': there are run, check, plan, apply, adopt, status, "
		"forecast, history or export; see ldapsward --help"},
};

/* options_read, over a copy of `arguments`: getopt_long reorders them. */
static int take(const char *const arguments[static ARGUMENTS_MAX], struct options *ret_options,
	struct error *error)
{
	static char texts[ARGUMENTS_MAX][64];
	char *argv[ARGUMENTS_MAX + 2];
	char program[] = "ldapsward";
	int argc = 0;

	argv[argc++] = program;
	for (size_t i = 0; i < ARGUMENTS_MAX && arguments[i]; i++) {
		snprintf(texts[i], sizeof(texts[i]), "%s", arguments[i]);
		argv[argc++] = texts[i];
	}
	argv[argc] = NULL;
	return options_read(argc, argv, NOW, ret_options, error);
}

static const char *or_default(const char *text, const char *otherwise)
{
	return text ? text : otherwise;
}

static void assert_same(const char *what, const struct options *got, const struct options *want)
{
	bool same = got->command == want->command && got->help == want->help &&
		    got->version == want->version &&
		    strcmp(got->config, or_default(want->config, CONFIGURATION_FILE)) == 0 &&
		    strcmp(got->state_directory,
			    or_default(want->state_directory, STATE_DIRECTORY)) == 0 &&
		    got->directories_count == want->directories_count && got->json == want->json &&
		    got->detailed_exitcode == want->detailed_exitcode &&
		    got->strict == want->strict && got->debug == want->debug &&
		    got->timeout_s == (want->timeout_s ? want->timeout_s : OPTIONS_TIMEOUT_S) &&
		    got->since == want->since && got->limit == want->limit &&
		    got->offline == want->offline && got->until == want->until &&
		    got->completion == COMPLETION_SHELLS;

	for (size_t i = 0; same && i < got->directories_count; i++)
		same = strcmp(got->directories[i], want->directories[i]) == 0;
	if (!same)
		fail_msg("%s: taken for something else", what);
}

static void good_ones_are_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(goods); i++) {
		struct options options;
		struct error error = {0};

		if (take(goods[i].arguments, &options, &error) < 0)
			fail_msg("%s: %s", goods[i].what, error.message);
		assert_same(goods[i].what, &options, &goods[i].taken);
	}
}

static void bad_ones_are_refused_with_what_to_do(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(bads); i++) {
		struct options options = {.limit = 4711};
		struct error error = {0};

		if (take(bads[i].arguments, &options, &error) != -ERROR_INVALID)
			fail_msg("%s: taken", bads[i].what);
		if (strcmp(error.message, bads[i].message) != 0)
			fail_msg("%s: \"%s\"", bads[i].what, error.message);
		assert_int_equal(options.limit, 4711);
	}
}

static void directories_have_a_limit(void **state)
{
	static char texts[2 * (OPTIONS_DIRECTORIES_MAX + 1)][16];
	char *argv[ARRAY_LENGTH(texts) + 3], program[] = "ldapsward", command[] = "plan";
	struct options options;
	struct error error = {0};

	(void)state;
	argv[0] = program;
	argv[1] = command;
	for (size_t i = 0; i <= OPTIONS_DIRECTORIES_MAX; i++) {
		snprintf(texts[2 * i], sizeof(texts[0]), "--directory");
		snprintf(texts[2 * i + 1], sizeof(texts[0]), "d-%010zx", i);
		argv[2 + 2 * i] = texts[2 * i];
		argv[3 + 2 * i] = texts[2 * i + 1];
	}
	argv[ARRAY_LENGTH(texts) + 2] = NULL;
	assert_int_equal(
		options_read(2 * OPTIONS_DIRECTORIES_MAX + 2, argv, NOW, &options, &error), 0);
	assert_int_equal(options.directories_count, OPTIONS_DIRECTORIES_MAX);
	assert_int_equal(options_read(2 * OPTIONS_DIRECTORIES_MAX + 4, argv, NOW, &options, &error),
		-ERROR_INVALID);
	assert_string_equal(
		error.message, "plan: --directory: at most 64 can be named; leave it out for all");
}

static void the_service_names_the_state_directory(void **state)
{
	const char *const plain[ARGUMENTS_MAX] = {"run"}, *const given[ARGUMENTS_MAX] = {
								  "run", "--state-dir", "/s"};
	struct options options;

	(void)state;
	setenv("STATE_DIRECTORY", "/var/lib/of-the-service", 1);
	assert_int_equal(take(plain, &options, NULL), 0);
	assert_string_equal(options.state_directory, "/var/lib/of-the-service");
	assert_int_equal(take(given, &options, NULL), 0);
	assert_string_equal(options.state_directory, "/s");
	setenv("STATE_DIRECTORY", "", 1);
	assert_int_equal(take(plain, &options, NULL), 0);
	assert_string_equal(options.state_directory, STATE_DIRECTORY);
	unsetenv("STATE_DIRECTORY");
}

static void completion_names_all_there_is(void **state)
{
	static const char *const known[] = {"DIRECTORY", "DURATION", "FILE", "FORMAT", "ID", "N",
		"NAME", "REGION", "SHELL", "WHEN"};
	char text[64];

	(void)state;
	for (unsigned shell = 0; shell < COMPLETION_SHELLS; shell++) {
		const char *name = completion_shell_str((enum completion_shell)shell);
		const char *const arguments[ARGUMENTS_MAX] = {"--completion", name};
		struct options options;
		struct buffer script;

		assert_int_equal(take(arguments, &options, NULL), 0);
		assert_int_equal(options.completion, shell);
		buffer_init(&script, COMPLETION_MAX);
		assert_int_equal(options_completion(options.completion, &script), 0);
		for (int i = 0; i < OPTIONS_ROWS; i++) {
			snprintf(text, sizeof(text), shell == COMPLETION_FISH ? "-l %s" : "--%s",
				option_rows[i].name);
			if (!strstr(buffer_text(&script), text))
				fail_msg("%s: %s is not there", name, text);
		}
		buffer_done(&script);
	}
	for (int i = 0; i < OPTIONS_ROWS; i++) {
		bool found = !option_rows[i].argument;

		for (size_t word = 0; !found && word < ARRAY_LENGTH(known); word++)
			found = strcmp(option_rows[i].argument, known[word]) == 0;
		if (!found)
			fail_msg("%s is new: options-completion.c must know how it is completed",
				option_rows[i].argument);
	}
}

static void the_tables_have_no_holes(void **state)
{
	(void)state;
	for (int i = 0; i < COMMANDS; i++) {
		assert_non_null(command_rows[i].name);
		assert_non_null(command_rows[i].statuses[0].meaning);
	}
	for (int i = 0; i < OPTIONS_ROWS; i++) {
		assert_non_null(option_rows[i].name);
		assert_true((option_rows[i].argument != NULL) == (option_rows[i].take != NULL));
		assert_true(option_rows[i].take || option_rows[i].flag > 0);
		assert_true(i == 0 || strcmp(option_rows[i - 1].name, option_rows[i].name) < 0);
	}
}

/* Whether the help of a command names exactly the options that it takes. */
static void assert_names_its_options(enum command command, const char *help)
{
	for (int i = 0; i < OPTIONS_ROWS; i++) {
		char line[40];

		snprintf(line, sizeof(line), "--%s ", option_rows[i].name);
		if (!strstr(help, line) == !!(option_rows[i].commands & OPTIONS_FOR(command)))
			fail_msg("%s in the help of %s", line,
				command == COMMANDS ? "all" : command_str(command));
	}
}

static void the_help_is_complete_and_fits(void **state)
{
	(void)state;
	for (int command = 0; command <= COMMANDS; command++) {
		struct buffer help;

		buffer_init(&help, OPTIONS_HELP_MAX);
		assert_int_equal(options_help((enum command)command, &help), 0);
		assert_names_its_options((enum command)command, buffer_text(&help));
		for (const char *line = buffer_text(&help); *line;
			line += strcspn(line, "\n") + 1) {
			size_t length = strcspn(line, "\n");

			/* A path of this build may be longer than any line. */
			if (length > 80 && !memchr(line, '/', length))
				fail_msg("%.*s", (int)length, line);
			assert_true(length == 0 || line[length - 1] != ' ');
		}
		buffer_done(&help);
	}
}

/* What options_parse prints on `stream`, and the status it ends with. */
static int printed(FILE *stream, char *first, char *second, char ret_text[static 512])
{
	char program[] = "ldapsward", *argv[] = {program, first, second, NULL};
	struct options options;
	FILE *file = tmpfile();
	int old = dup(fileno(stream)), status = -1;
	size_t length;

	assert_non_null(file);
	fflush(stream);
	dup2(fileno(file), fileno(stream));
	assert_false(options_parse(second ? 3 : 2, argv, &options, &status));
	fflush(stream);
	dup2(old, fileno(stream));
	close(old);
	rewind(file);
	length = fread(ret_text, 1, 511, file);
	ret_text[length] = '\0';
	fclose(file);
	return status;
}

static void help_goes_out_and_mistakes_to_the_error(void **state)
{
	char text[512], help[] = "--help", version[] = "--version", wrong[] = "paln", run[] = "run";

	(void)state;
	assert_int_equal(printed(stdout, help, NULL, text), 0);
	assert_int_equal(strncmp(text, "Usage: ldapsward COMMAND", 24), 0);
	assert_int_equal(printed(stdout, run, help, text), 0);
	assert_int_equal(strncmp(text, "Usage: ldapsward run [OPTION]...\n", 33), 0);
	assert_int_equal(printed(stdout, version, NULL, text), 0);
	assert_int_equal(strncmp(text, "ldapsward ", 10), 0);
	assert_int_equal(printed(stderr, wrong, NULL, text), 64);
	assert_string_equal(text, "ldapsward: unknown command 'paln'; did you mean 'plan'?\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones_are_taken),
		cmocka_unit_test(bad_ones_are_refused_with_what_to_do),
		cmocka_unit_test(directories_have_a_limit),
		cmocka_unit_test(the_service_names_the_state_directory),
		cmocka_unit_test(completion_names_all_there_is),
		cmocka_unit_test(the_tables_have_no_holes),
		cmocka_unit_test(the_help_is_complete_and_fits),
		cmocka_unit_test(help_goes_out_and_mistakes_to_the_error),
	};

	unsetenv("STATE_DIRECTORY");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
