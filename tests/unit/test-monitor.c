/* SPDX-License-Identifier: Apache-2.0 */
/* The line for Nagios, and the table of `status`: a case a row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/array.h"
#include "base/wrap.h"
#include "program/monitor.h"
#include "program/status-table.h"

#define NOW INT64_C(1798761600) /* 2027-01-01 */
#define AT                                                                                         \
	"\"account\":\"\",\"region\":\"eu-west-1\",\"directory\":\"d-0000000001\",\"name\":"       \
	"\"corp|x\","
#define GOOD                                                                                       \
	"{" AT "\"standing\":\"ready\",\"ldaps\":\"Enabled\",\"health\":[{\"type\":\"Ready\","     \
	"\"status\":\"True\"}],\"certificates\":[{\"state\":\"Registered\",\"type\":"              \
	"\"ClientLDAPS\",\"expires\":\"2028-01-01T00:00:00Z\"}]}"
#define WARNED                                                                                     \
	"{" AT "\"standing\":\"ready\",\"conditions\":[{\"severity\":\"warning\",\"reason\":"      \
	"\"NoRoot\"}]}"
#define FAILED                                                                                     \
	"{" AT "\"standing\":\"held\",\"conditions\":[{\"severity\":\"warning\",\"reason\":"       \
	"\"NoRoot\"},{\"severity\":\"error\",\"reason\":\"WrongName\"}]}"
#define UNREAD                                                                                     \
	"{" AT "\"standing\":\"held\",\"reason\":\"Throttled\",\"health\":[{\"type\":\"Ready\","   \
	"\"status\":\"Unknown\"}]}"
#define WAITING                                                                                    \
	"{" AT "\"standing\":\"waiting\",\"health\":[{\"type\":\"Ready\",\"status\":\"False\"}]}"
#define RELEASED "{" AT "\"standing\":\"released\"}"
#define DESELECTED                                                                                 \
	"{" AT "\"standing\":\"released\",\"conditions\":[{\"severity\":\"warning\",\"reason\":"   \
	"\"Deselected\"}]}"
#define LOOKED	 "{\"looked\":\"2026-12-31T23:59:00Z\",\"interval\":900,\"refused\":false}"
#define LONG_AGO "{\"looked\":\"2026-12-31T23:00:00Z\",\"interval\":900,\"refused\":false}"
#define REFUSED	 "{\"looked\":\"2026-12-31T23:59:00Z\",\"interval\":900,\"refused\":true}"
#define APPLIED	 "{\"looked\":\"2026-01-01T00:00:00Z\",\"interval\":0,\"refused\":false}"

static const struct {
	const char *sentence;
	const char *statuses[3];
	const char *overview;
	enum monitor_state state;
	const char *line; /* how it begins, or a part of it */
} cases[] = {
	{"all is well", {GOOD}, LOOKED, MONITOR_OK,
		"LDAPSWARD OK - 1 of 1 ready | directories=1;;;0 ready=1;;;0 errors=0;;0;0 "
		"warnings=0;0;;0 age=60s;;2700;0 days_left=365;;;\n"},
	{"nothing is known", {NULL}, NULL, MONITOR_UNKNOWN,
		"LDAPSWARD UNKNOWN - no directory is known yet\n"},
	{"only what has left the file is known", {RELEASED}, LOOKED, MONITOR_UNKNOWN,
		"LDAPSWARD UNKNOWN"},
	{"a warning, and no bar in its text", {GOOD, WARNED}, LOOKED, MONITOR_WARNING,
		"LDAPSWARD WARNING - 2 of 2 ready; corp/x (d-0000000001, eu-west-1): NoRoot | "},
	{"an error before a warning", {WARNED, FAILED}, LOOKED, MONITOR_CRITICAL,
		"LDAPSWARD CRITICAL - 1 of 2 ready; corp/x (d-0000000001, eu-west-1): WrongName; "
		"and 1 more | "},
	{"not known whether it is ready", {UNREAD}, LOOKED, MONITOR_WARNING, ": Throttled | "},
	{"one that waits is no reason", {WAITING}, LOOKED, MONITOR_OK, "OK - 0 of 1 ready |"},
	{"what has left the file does not count", {GOOD, RELEASED}, LOOKED, MONITOR_OK,
		"1 of 1 ready"},
	{"what no selector has any more is a warning", {GOOD, DESELECTED}, LOOKED, MONITOR_WARNING,
		"WARNING - 1 of 1 ready; corp/x (d-0000000001, eu-west-1): Deselected | "},
	{"the daemon is gone", {GOOD}, LONG_AGO, MONITOR_CRITICAL,
		"CRITICAL - no pass has ended since 2026-12-31T23:00:00Z; "},
	{"where only `apply` runs nobody promised a pass", {GOOD}, APPLIED, MONITOR_OK,
		" age=31536000s;;;0 "},
	{"the file was refused", {GOOD}, REFUSED, MONITOR_WARNING,
		"WARNING - the file on the disk was refused; 1 of 1"},
	{"no pass has ended yet", {GOOD}, NULL, MONITOR_OK, "warnings=0;0;;0 days_left"},
};

static json_t *parse(const char *text)
{
	json_t *value;

	assert_int_equal(json_parse(text, strlen(text), &value, NULL), 0);
	return value;
}

static void the_line_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct overview overview = overview_read(cases[i].overview, NOW);
		struct monitor monitor = {0};
		enum monitor_state told;
		struct buffer line;

		for (size_t j = 0; cases[i].statuses[j]; j++) {
			json_t *status = parse(cases[i].statuses[j]);

			monitor_add(&monitor, status);
			json_decref(status);
		}
		buffer_init(&line, MONITOR_LINE_MAX);
		assert_int_equal(monitor_text(&monitor, &overview, &line, &told), 0);
		if (told != cases[i].state || !strstr(buffer_text(&line), cases[i].line))
			fail_msg("%s: %d, %s", cases[i].sentence, (int)told, buffer_text(&line));
		assert_ptr_equal(strchr(buffer_text(&line), '\n') + 1,
			buffer_text(&line) + line.length); /* one line */
		buffer_done(&line);
	}
}

#define ONE(state, type, expires)                                                                  \
	"{\"state\":\"" state "\",\"type\":\"" type "\",\"expires\":\"" expires "\"}"
#define YEAR ONE("Registered", "ClientLDAPS", "2028-01-01T00:00:00Z")

static const struct {
	const char *sentence, *status, *row;
} rows[] = {
	{"ready, with a certificate", GOOD,
		"d-0000000001  eu-west-1             on     365              Ready\n"},
	{"nothing of it could be read", UNREAD,
		"d-0000000001  eu-west-1             off    -                Unknown\n"},
	{"it waits", WAITING,
		"d-0000000001  eu-west-1             off    -                NotReady\n"},
	{"it has left the file", RELEASED,
		"d-0000000001  eu-west-1             off    -                released\n"},
	{"more certificates than there is room for, one of them at its end, one of a smart card",
		"{" AT "\"ldaps\":\"Unknown\",\"standing\":\"ready\",\"certificates\":[" YEAR
		"," ONE("Registered", "ClientLDAPS", "2026-01-01T00:00:00Z") "," ONE("Registered",
			"ClientCertAuth", "2029-01-01T00:00:00Z") "," YEAR "," YEAR "]}",
		"d-0000000001  eu-west-1             ?      365 0 365 +1     ready\n"},
	{"a long account, and conditions on two lines",
		"{\"account\":\"a-very-long-account\",\"region\":\"eu-west-1\",\"directory\":\"d-"
		"0000000001\",\"ldaps\":\"Enabled\",\"health\":[{\"type\":\"Ready\",\"status\":"
		"\"False\"},{\"type\":\"CredentialsInvalid\",\"status\":\"True\"}]}",
		"d-0000000001  a-very-long-account/  on     -                NotReady\n"
		"                                                            CredentialsInvalid\n"},
};

static void the_table_fits(void **state)
{
	const struct report_style style = {.width = 80};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		json_t *status = parse(rows[i].status);
		struct buffer row;

		buffer_init(&row, REPORT_TEXT_MAX);
		assert_int_equal(status_table_row(status, NOW, &style, &row), 0);
		if (strcmp(buffer_text(&row), rows[i].row) != 0)
			fail_msg("%s:\n%s%s", rows[i].sentence, buffer_text(&row), rows[i].row);
		for (const char *line = buffer_text(&row); *line; line += strcspn(line, "\n") + 1)
			assert_true(strcspn(line, "\n") <= 80);
		buffer_done(&row);
		json_decref(status);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_says),
		cmocka_unit_test(the_table_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
