/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics of a status: a case a row, and what keeps a series from standing twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/array.h"
#include "program/metrics.h"

#define TEXT_MAX 65536
#define AT	 "account=\"\",region=\"eu-west-1\",directory=\"d-0000000001\""
#define STATUS(more)                                                                               \
	"{\"account\":\"\",\"region\":\"eu-west-1\",\"directory\":\"d-0000000001\"," more "}"
#define ENTRY(name, sha256, state, type, expires)                                                  \
	"{\"common_name\":\"" name "\",\"sha256\":" sha256 ",\"state\":\"" state                   \
	"\",\"type\":\"" type "\",\"expires\":\"" expires "\",\"reversible_until\":null}"

/* All families of what was added. */
static void text_of(struct metrics *metrics, struct buffer *text)
{
	for (enum metric metric = 0; metric < METRICS; metric++)
		assert_int_equal(metrics_text(metrics, metric, text), 0);
}

static size_t times(const char *text, const char *what)
{
	size_t count = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		count++;
	return count;
}

static const struct {
	const char *sentence, *status, *sample;
	size_t times;
} cases[] = {
	{"a condition that holds is 1",
		STATUS("\"health\":[{\"type\":\"Ready\",\"status\":\"True\"}]"),
		"ldapsward_directory_condition{" AT ",condition=\"Ready\"} 1\n", 1},
	{"one that does not is 0", STATUS("\"health\":[{\"type\":\"Held\",\"status\":\"False\"}]"),
		"ldapsward_directory_condition{" AT ",condition=\"Held\"} 0\n", 1},
	{"one that is not known is -1",
		STATUS("\"health\":[{\"type\":\"Ready\",\"status\":\"Unknown\"}]"),
		"ldapsward_directory_condition{" AT ",condition=\"Ready\"} -1\n", 1},
	{"one of a newer version is left out",
		STATUS("\"health\":[{\"type\":\"Sane\",\"status\":\"True\"}]"),
		"ldapsward_directory_condition", 0},
	{"LDAPS is on", STATUS("\"ldaps\":\"Enabled\""),
		"ldapsward_directory_ldaps_enabled{" AT "} 1\n", 1},
	{"LDAPS is off", STATUS("\"ldaps\":\"NeverEnabled\""),
		"ldapsward_directory_ldaps_enabled{" AT "} 0\n", 1},
	{"LDAPS is not known: no series", STATUS("\"ldaps\":\"Unknown\""),
		"ldapsward_directory_ldaps_enabled", 0},
	{"a directory that has left the file is counted",
		STATUS("\"standing\":\"released\",\"ldaps\":\"Enabled\""),
		"ldapsward_directories{standing=\"released\"} 1\n", 1},
	{"and nothing more is said of it",
		STATUS("\"standing\":\"released\",\"ldaps\":\"Enabled\""), "d-0000000001", 0},
	{"but that no selector has it any more",
		STATUS("\"standing\":\"released\",\"ldaps\":\"Enabled\",\"conditions\":[{"
		       "\"severity\":\"warning\"}]"),
		"ldapsward_directory_problems{" AT ",severity=\"warning\"} 1\n", 1},
	{"and then nothing more either",
		STATUS("\"standing\":\"released\",\"ldaps\":\"Enabled\",\"conditions\":[{"
		       "\"severity\":\"warning\"}]"),
		"ldapsward_directory_ldaps_enabled", 0},
	{"errors are counted",
		STATUS("\"conditions\":[{\"severity\":\"error\"},{\"severity\":\"note\"}]"),
		"ldapsward_directory_problems{" AT ",severity=\"error\"} 1\n", 1},
	{"a certificate has its name and eight digits",
		STATUS("\"certificates\":[" ENTRY("Corp \\\"Root\\\"\\\\", "\"3f9a1c2bffff\"",
			"Registered", "ClientLDAPS", "2031-05-01T00:00:00Z") "]"),
		"ldapsward_certificate_expiry_timestamp_seconds{" AT
		",common_name=\"Corp \\\"Root\\\"\\\\\",sha256=\"3f9a1c2b\"} 1935360000\n",
		1},
	{"one that is not Registered has none",
		STATUS("\"certificates\":[" ENTRY("Corp Root", "null", "RegisterFailed",
			"ClientLDAPS", "2031-05-01T00:00:00Z") "]"),
		"ldapsward_certificate_expiry", 0},
	{"nor has a smart card's",
		STATUS("\"certificates\":[" ENTRY("Corp Root", "null", "Registered",
			"ClientCertAuth", "2031-05-01T00:00:00Z") "]"),
		"ldapsward_certificate_expiry", 0},
	{"of two that nothing tells apart the first to end stands",
		STATUS("\"certificates\":[" ENTRY("Corp Root", "null", "Registered", "ClientLDAPS",
			"2031-05-01T00:00:00Z") "," ENTRY("Corp Root", "null", "Registered",
			"ClientLDAPS", "2030-05-01T00:00:00Z") "]"),
		"ldapsward_certificate_expiry_timestamp_seconds{" AT
		",common_name=\"Corp Root\",sha256=\"\"} 1903824000\n",
		1},
	{"and stands alone",
		STATUS("\"certificates\":[" ENTRY("Corp Root", "null", "Registered", "ClientLDAPS",
			"2031-05-01T00:00:00Z") "," ENTRY("Corp Root", "null", "Registered",
			"ClientLDAPS", "2031-05-01T00:00:00Z") "]"),
		"ldapsward_certificate_expiry_timestamp_seconds{", 1},
};

static void a_status_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct metrics metrics;
		struct buffer text;
		json_t *status;

		assert_int_equal(
			json_parse(cases[i].status, strlen(cases[i].status), &status, NULL), 0);
		buffer_init(&text, TEXT_MAX);
		metrics_init(&metrics);
		metrics_add_status(&metrics, status);
		text_of(&metrics, &text);
		if (times(buffer_text(&text), cases[i].sample) != cases[i].times)
			fail_msg("%s: no '%s' in\n%s", cases[i].sentence, cases[i].sample,
				buffer_text(&text));
		metrics_done(&metrics);
		buffer_done(&text);
		json_decref(status);
	}
}

static void the_program_says(void **state)
{
	const struct overview overview =
		overview_read("{\"looked\":\"2027-01-01T00:00:00Z\",\"interval\":900,"
			      "\"refused\":true}",
			INT64_C(1800000000));
	static char account[] = "prod", region[] = "eu-west-1";
	struct metrics_pass pass = {
		.account = account, .region = region, .passes = 3, .seconds = 7};
	struct metrics_counts counts = {.unrecorded = 2};
	struct metrics metrics;
	struct buffer text;

	(void)state;
	counts.steps[STEP_REGISTER][1] = 4;
	buffer_init(&text, TEXT_MAX);
	metrics_init(&metrics);
	metrics_add_overview(&metrics, &overview);
	metrics_add_counts(&metrics, &counts);
	metrics_add_pass(&metrics, &pass);
	text_of(&metrics, &text);
	assert_non_null(
		strstr(buffer_text(&text), "\nldapsward_config_last_reload_successful 0\n"));
	assert_non_null(
		strstr(buffer_text(&text), "\nldapsward_last_pass_timestamp_seconds 1798761600\n"));
	assert_non_null(strstr(buffer_text(&text), "\nldapsward_interval_seconds 900\n"));
	assert_non_null(strstr(buffer_text(&text),
		"\nldapsward_steps_total{action=\"register\",outcome=\"failed\"} 4\n"));
	assert_non_null(strstr(buffer_text(&text),
		"\nldapsward_passes_total{account=\"prod\",region=\"eu-west-1\"} 3\n"));
	assert_non_null(strstr(buffer_text(&text), "\nldapsward_unrecorded_total 2\n"));
	assert_int_equal(times(buffer_text(&text), "# TYPE ldapsward_steps_total counter\n"), 1);
	assert_int_equal(times(buffer_text(&text), "action=\"wait\""), 0);
	metrics_done(&metrics);
	buffer_done(&text);
}

/* Before the first pass has ended nothing is said of when it did. */
static void nothing_is_made_up(void **state)
{
	const struct overview overview = overview_read(NULL, INT64_C(1800000000));
	struct metrics metrics;
	struct buffer text;

	(void)state;
	buffer_init(&text, TEXT_MAX);
	metrics_init(&metrics);
	metrics_add_overview(&metrics, &overview);
	text_of(&metrics, &text);
	assert_null(strstr(buffer_text(&text), "ldapsward_last_pass_timestamp_seconds"));
	metrics_done(&metrics);
	buffer_done(&text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_status_says),
		cmocka_unit_test(the_program_says),
		cmocka_unit_test(nothing_is_made_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
