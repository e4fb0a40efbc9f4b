/* SPDX-License-Identifier: Apache-2.0 */
/* Commands are split as the AWS CLI splits them, and programs end when they must. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/array.h"
#include "edge/clock.h"
#include "edge/process.h"
#include "tests/unit/valgrind.h"

/* Nothing here takes longer on a slow machine. Milliseconds. */
#define PATIENCE_MS 30000

static void splits_like_shlex(void **state)
{
	/* what Python's shlex.split gives, joined by '|' */
	static const struct {
		const char *command, *words;
	} cases[] = {
		{"/bin/a b c", "/bin/a|b|c"},
		{"  /bin/a\t\n b ", "/bin/a|b"},
		{"/bin/a 'one word' \"two words\"", "/bin/a|one word|two words"},
		{"/bin/a 'a\\b' \"a\\b\" a\\b", "/bin/a|a\\b|a\\b|ab"},
		{"/bin/a \"say \\\"hi\\\" \\\\ \"", "/bin/a|say \"hi\" \\ "},
		{"/bin/a x'y'\"z\"", "/bin/a|xyz"},
		{"/bin/a '' \"\"", "/bin/a||"},
		{"/bin/a $HOME *.c ;rm", "/bin/a|$HOME|*.c|;rm"},
		{"/bin/a # no comment", "/bin/a|#|no|comment"},
		{"/bin/a b\\ c", "/bin/a|b c"},
		{"/bin/a 'open", NULL},
		{"/bin/a \"open", NULL},
		{"/bin/a \\", NULL},
		{"   ", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct process_words words = {0};
		struct error error = {0};
		int r = process_split(cases[i].command, &words, &error);
		struct buffer joined;

		buffer_init(&joined, 256);
		for (size_t j = 0; j < words.count; j++)
			buffer_printf(&joined, "%s%s", j ? "|" : "", words.words[j]);
		if (!cases[i].words ? r != -ERROR_INVALID
				    : r != 0 || strcmp(buffer_text(&joined), cases[i].words) != 0)
			fail_msg("%s: %d, %s", cases[i].command, r, buffer_text(&joined));
		buffer_done(&joined);
		process_words_done(&words);
	}
}

static int run(const char *script, int64_t timeout_ms, const atomic_bool *stop,
	struct process_result *ret_result, struct error *error)
{
	struct process_words words = {
		.words = {strdup("/bin/sh"), strdup("-c"), strdup(script)}, .count = 3};
	int r = process_run(&words, timeout_ms, stop, ret_result, error);

	process_words_done(&words);
	return r;
}

static void takes_what_a_program_prints(void **state)
{
	struct process_result result;
	struct error error = {0};

	(void)state;
	setenv("LDAPSWARD_TEST_WORD", "passed on", 1);
	assert_int_equal(run("echo out; echo \"$LDAPSWARD_TEST_WORD\"; echo err >&2; cat; exit 3",
				 PATIENCE_MS, NULL, &result, &error),
		0);
	assert_int_equal(result.status, 3);
	assert_string_equal(buffer_text(&result.output), "out\npassed on\n");
	assert_string_equal(buffer_text(&result.errors), "err?");
	process_result_done(&result);
}

static void ends_what_goes_on(void **state)
{
	struct process_result result;
	struct error error = {0};
	int64_t began = clock_monotonic_ms();
	atomic_bool stop = true;

	(void)state;
	assert_int_equal(
		run("sleep 1000 & sleep 1000", 100, NULL, &result, &error), -ERROR_TIMEOUT);
	process_result_done(&result);
	assert_int_equal(run("sleep 1000", PATIENCE_MS, &stop, &result, &error), -ERROR_STOPPED);
	process_result_done(&result);
	/* what it leaves behind holds its output open, and goes with it */
	assert_int_equal(run("sleep 1000 & echo $!", PATIENCE_MS, NULL, &result, &error), 0);
	for (int i = 0;
		i < 1000 && kill((pid_t)strtol(buffer_text(&result.output), NULL, 10), 0) == 0; i++)
		clock_sleep_ms(10);
	process_result_done(&result);
	assert_true(clock_monotonic_ms() - began < 20 * PATIENCE_MS);
}

static void has_limits(void **state)
{
	struct process_result result;
	struct error error = {0};
	struct process_words words = {.words = {strdup("/nonexistent/program")}, .count = 1};

	(void)state;
	assert_int_equal(run("yes", PATIENCE_MS, NULL, &result, &error), -ERROR_LIMIT);
	assert_true(result.output.length <= PROCESS_OUTPUT_MAX);
	process_result_done(&result);
	assert_int_equal(run("yes | head -c 100000 >&2", PATIENCE_MS, NULL, &result, &error), 0);
	assert_int_equal(result.errors.length, PROCESS_ERRORS_MAX);
	process_result_done(&result);
	assert_int_equal(process_run(&words, PATIENCE_MS, NULL, &result, &error),
		under_valgrind() ? 0 : -ERROR_MISSING);
	process_result_done(&result);
	process_words_done(&words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_like_shlex),
		cmocka_unit_test(takes_what_a_program_prints),
		cmocka_unit_test(ends_what_goes_on),
		cmocka_unit_test(has_limits),
	};

	return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
