/* SPDX-License-Identifier: Apache-2.0 */
/* The log sink: what a message looks like, and where it goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/array.h"
#include "edge/journal.h"
#include "edge/notify.h"
#include "edge/terminal.h"

/* Room for what every case writes. */
#define OUTPUT_SIZE 8192

static const struct {
	const char *what, *text;
	size_t size;
	const char *shown;
} cleanings[] = {
	{"plain text stays", "corp-root registered", 64, "corp-root registered"},
	{"text of other scripts stays", "Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x94\x91", 64,
		"Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x94\x91"},
	{"a newline begins no line of its own", "one\ntwo\r\n", 64, "one?two??"},
	{"an escape reaches no terminal", "\033[2Jgone\177", 64, "?[2Jgone?"},
	{"nor does one of C1",
		"a\xc2\x9b"
		"2J",
		64, "a?2J"},
	{"a byte that begins nothing", "a\xffz", 64, "a?z"},
	{"a character that is cut off", "a\xe2\x82", 64, "a??"},
	{"an overlong slash", "\xc0\xaf", 64, "??"},
	{"half of a surrogate pair", "\xed\xa0\x80", 64, "???"},
	{"beyond the last character", "\xf4\x90\x80\x80", 64, "????"},
	{"text that just fits", "1234567", 8, "1234567"},
	{"one byte more is cut, and the cut marked", "12345678", 8, "1234..."},
	{"no character is cut in two",
		"123\xe2\x82\xac"
		"5678",
		8, "123..."},
	{"the smallest room", "12345", 4, "..."},
	{"nothing", "", 4, ""},
};

static void text_is_cleaned(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cleanings); i++) {
		char shown[64];

		memset(shown, '#', sizeof(shown));
		journal_clean(cleanings[i].text, shown, cleanings[i].size);
		if (strcmp(shown, cleanings[i].shown) != 0)
			fail_msg("%s: \"%s\"", cleanings[i].what, shown);
	}
}

static void a_line_has_one_beginning_and_one_end(void **state)
{
	char line[JOURNAL_LINE_SIZE], text[2 * JOURNAL_MESSAGE_SIZE];

	(void)state;
	assert_string_equal(
		journal_line(JOURNAL_STYLE_PLAIN, LOG_ERR, "a\nb", line), "ldapsward: a?b\n");
	assert_string_equal(
		journal_line(JOURNAL_STYLE_PREFIXED, LOG_ERR, "a\nb", line), "<3>a?b\n");
	assert_string_equal(
		journal_line(JOURNAL_STYLE_PREFIXED, LOG_DAEMON | LOG_INFO, "a", line), "<6>a\n");
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	journal_line(JOURNAL_STYLE_PLAIN, LOG_INFO, text, line);
	assert_int_equal(strlen(line), strlen("ldapsward: \n") + JOURNAL_MESSAGE_SIZE - 1);
	assert_string_equal(line + strlen(line) - 5, "x...\n");
}

/* What the messages of a program look like whose standard error is a file. */
static char *written(bool debug, const char *stream, char ret_output[static OUTPUT_SIZE])
{
	const struct journal_field fields[] = {
		{"DIRECTORY_ID", "d-926708e4f1"}, {"ACTION", NULL}, {"not a name", "x"}};
	char text[2 * JOURNAL_MESSAGE_SIZE];
	FILE *file = tmpfile();
	int old = dup(STDERR_FILENO);
	size_t length;

	assert_non_null(file);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	if (stream)
		setenv("JOURNAL_STREAM", stream, 1);
	else
		unsetenv("JOURNAL_STREAM");
	dup2(fileno(file), STDERR_FILENO);
	journal_start(debug, JOURNAL_FORMAT_AUTO);
	errno = EXDEV;
	journal_send(LOG_NOTICE, fields, ARRAY_LENGTH(fields), "%s is %d", "one", 1);
	journal_send(LOG_DEBUG, NULL, 0, "detail");
	assert_int_equal(errno, EXDEV);
	journal_send(LOG_ERR, NULL, 0, "%s", text);
	dup2(old, STDERR_FILENO);
	close(old);
	rewind(file);
	length = fread(ret_output, 1, OUTPUT_SIZE - 1, file);
	ret_output[length] = '\0';
	fclose(file);
	return ret_output;
}

static void a_service_manager_gets_prefixed_lines(void **state)
{
	char output[OUTPUT_SIZE];
	const char *quiet = "<5>one is 1\n<3>xxx", *debug = "<5>one is 1\n<7>detail\n<3>xxx";

	(void)state;
	setenv("INVOCATION_ID", "0123456789abcdef0123456789abcdef", 1);
	written(false, NULL, output);
	assert_int_equal(strncmp(output, quiet, strlen(quiet)), 0);
	assert_string_equal(output + strlen(output) - 5, "x...\n");
	written(true, NULL, output);
	assert_int_equal(strncmp(output, debug, strlen(debug)), 0);
	/* The stream of a parent whose standard error was another. */
	written(false, "8:15", output);
	assert_int_equal(strncmp(output, quiet, strlen(quiet)), 0);
	unsetenv("INVOCATION_ID");
}

static void a_file_gets_plain_lines(void **state)
{
	char output[OUTPUT_SIZE];
	const char *plain = "ldapsward: one is 1\nldapsward: xxx";

	(void)state;
	unsetenv("INVOCATION_ID");
	written(false, NULL, output);
	assert_int_equal(strncmp(output, plain, strlen(plain)), 0);
}

/* ---- the journal itself: the linker puts this in its place ---- */

static char taken[OUTPUT_SIZE]; /* "NAME=value" lines */
static int answer;

int __wrap_sd_journal_sendv(const struct iovec *fields, int count);

int __wrap_sd_journal_sendv(const struct iovec *fields, int count)
{
	size_t used = 0;

	for (int i = 0; i < count; i++) {
		assert_true(used + fields[i].iov_len + 2 < sizeof(taken));
		memcpy(taken + used, fields[i].iov_base, fields[i].iov_len);
		used += fields[i].iov_len;
		taken[used++] = '\n';
	}
	taken[used] = '\0';
	return answer;
}

/* Sends what every case sends to a standard error that the service manager calls the journal. */
static char *sent(enum journal_format format, char ret_output[static OUTPUT_SIZE])
{
	const struct journal_field fields[] = {{"REGION", "eu-west-1"}, {"REGION", "eu-central-1"},
		{"ACTION", NULL}, {"no name", "x"}, {"_PID", "1"},
		{"DIRECTORY_NAME", "a\nFORGED=1"}};
	FILE *file = tmpfile();
	int old = dup(STDERR_FILENO);
	struct stat status;
	char stream[64];
	size_t length;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &status), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)status.st_dev,
		(unsigned long long)status.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	setenv("INVOCATION_ID", "0123456789abcdef0123456789abcdef", 1);
	taken[0] = '\0';
	dup2(fileno(file), STDERR_FILENO);
	journal_start(false, format);
	journal_event(
		EVENT_CHANGE_ACCEPTED, JOURNAL_OWN, fields, ARRAY_LENGTH(fields), "sent %d", 1);
	dup2(old, STDERR_FILENO);
	close(old);
	rewind(file);
	length = fread(ret_output, 1, OUTPUT_SIZE - 1, file);
	ret_output[length] = '\0';
	fclose(file);
	unsetenv("JOURNAL_STREAM");
	unsetenv("INVOCATION_ID");
	return ret_output;
}

static void the_journal_gets_all_fields(void **state)
{
	char output[OUTPUT_SIZE], expected[OUTPUT_SIZE];

	(void)state;
	answer = 0;
	snprintf(expected, sizeof(expected),
		"MESSAGE=sent 1\nPRIORITY=5\nSYSLOG_IDENTIFIER=ldapsward\nMESSAGE_ID=%s\n"
		"REGION=eu-west-1\nREGION=eu-central-1\nDIRECTORY_NAME=a?FORGED=1\n",
		message_of_event(EVENT_CHANGE_ACCEPTED).id);
	assert_string_equal(sent(JOURNAL_FORMAT_AUTO, output), "");
	assert_string_equal(taken, expected);
	assert_true(journal_structured());
}

static void a_journal_that_takes_nothing_gets_a_line(void **state)
{
	char output[OUTPUT_SIZE];

	(void)state;
	answer = -ENOBUFS;
	assert_string_equal(sent(JOURNAL_FORMAT_AUTO, output), "<5>sent 1\n");
}

static void text_is_text_also_where_a_journal_is(void **state)
{
	char output[OUTPUT_SIZE];

	(void)state;
	assert_string_equal(sent(JOURNAL_FORMAT_TEXT, output), "<5>sent 1\n");
	assert_string_equal(taken, "");
	assert_false(journal_structured());
}

static void json_has_the_names_of_the_journal(void **state)
{
	char output[OUTPUT_SIZE], expected[OUTPUT_SIZE];

	(void)state;
	snprintf(expected, sizeof(expected),
		"\"PRIORITY\":5,\"MESSAGE\":\"sent 1\",\"MESSAGE_ID\":\"%s\","
		"\"REGION\":[\"eu-west-1\",\"eu-central-1\"],\"DIRECTORY_NAME\":\"a?FORGED=1\"}\n",
		message_of_event(EVENT_CHANGE_ACCEPTED).id);
	sent(JOURNAL_FORMAT_JSON, output);
	assert_int_equal(strncmp(output, "{\"TIME\":\"2", strlen("{\"TIME\":\"2")), 0);
	assert_string_equal(strstr(output, "\"PRIORITY\""), expected);
	assert_string_equal(taken, "");
}

static void nobody_listens_and_nothing_happens(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	notify_ready(NULL);
	notify_reloading();
	notify_status("%d", 1);
	setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
	notify_ready("ready");
	notify_stopping(1500);
	unsetenv("NOTIFY_SOCKET");
}

static void a_file_is_no_terminal(void **state)
{
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	unsetenv("COLUMNS");
	assert_false(terminal_colour(fileno(file)));
	assert_false(terminal_transient(fileno(file)));
	assert_int_equal(terminal_width(fileno(file)), TERMINAL_WIDTH);
	setenv("COLUMNS", "132", 1);
	assert_int_equal(terminal_width(fileno(file)), 132);
	setenv("COLUMNS", "1", 1);
	assert_int_equal(terminal_width(fileno(file)), TERMINAL_WIDTH_MIN);
	setenv("COLUMNS", "99999999999999999999", 1);
	assert_int_equal(terminal_width(fileno(file)), TERMINAL_WIDTH_MAX);
	setenv("COLUMNS", "wide", 1);
	assert_int_equal(terminal_width(fileno(file)), TERMINAL_WIDTH);
	fclose(file);
}

static void a_terminal_is_one(void **state)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY);

	(void)state;
	if (terminal < 0)
		skip(); /* no /dev/ptmx here */
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	assert_true(terminal_colour(terminal));
	setenv("NO_COLOR", "1", 1);
	assert_false(terminal_colour(terminal));
	assert_true(terminal_transient(terminal));
	unsetenv("NO_COLOR");
	setenv("TERM", "dumb", 1);
	assert_false(terminal_colour(terminal));
	assert_false(terminal_transient(terminal));
	close(terminal);
}

static void every_style_has_its_escape(void **state)
{
	(void)state;
	for (int style = 0; style < TERMINAL_STYLES; style++) {
		assert_int_equal(terminal_style((enum terminal_style)style, true)[0], '\033');
		assert_string_equal(terminal_style((enum terminal_style)style, false), "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_cleaned),
		cmocka_unit_test(a_line_has_one_beginning_and_one_end),
		cmocka_unit_test(a_service_manager_gets_prefixed_lines),
		cmocka_unit_test(a_file_gets_plain_lines),
		cmocka_unit_test(the_journal_gets_all_fields),
		cmocka_unit_test(a_journal_that_takes_nothing_gets_a_line),
		cmocka_unit_test(text_is_text_also_where_a_journal_is),
		cmocka_unit_test(json_has_the_names_of_the_journal),
		cmocka_unit_test(nobody_listens_and_nothing_happens),
		cmocka_unit_test(a_file_is_no_terminal),
		cmocka_unit_test(a_terminal_is_one),
		cmocka_unit_test(every_style_has_its_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
