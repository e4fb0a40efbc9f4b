/* SPDX-License-Identifier: Apache-2.0 */
/* The base layer: errors, buffers, instants and durations, suggestions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/calendar.h"
#include "base/error.h"
#include "base/suggest.h"
#include "base/text.h"

static void error_has_text_and_class_for_every_code(void **state)
{
	(void)state;
	for (int code = 1; code < ERROR_CODES; code++)
		assert_true(strlen(error_str(-code)) > 0);
	assert_int_equal(error_class(-ERROR_NETWORK), ERROR_CLASS_TRANSIENT);
	assert_int_equal(error_class(-ERROR_REFUSED), ERROR_CLASS_PERMANENT);
	assert_int_equal(error_class(-9999), ERROR_CLASS_BUG);
}

static void error_cuts_a_long_message(void **state)
{
	struct error error = {0};
	char text[2 * ERROR_MESSAGE_SIZE];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(error_set(&error, ERROR_INVALID, "%s", text), -ERROR_INVALID);
	assert_int_equal(strlen(error.message), ERROR_MESSAGE_SIZE - 1);
	assert_string_equal(error.message + ERROR_MESSAGE_SIZE - 4, "...");
	memcpy(text + ERROR_MESSAGE_SIZE - 5, "\xc3\xa9", 2); /* a character across the cut */
	error_set(&error, ERROR_INVALID, "%s", text);
	assert_string_equal(error.message + ERROR_MESSAGE_SIZE - 6, "x...");
	error_set(&error, ERROR_IO, "inner");
	assert_int_equal(error_prefix(&error, "outer %d", 1), -ERROR_IO);
	assert_string_equal(error.message, "outer 1: inner");
}

static void texts_are_cut_between_characters(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		const char *fits;
	} cases[] = {
		{"abc", 4, "abc"},			      /* all of it */
		{"abc", 3, "ab"},			      /* one byte too many */
		{"abc", 1, ""},				      /* no room at all */
		{"", 1, ""},				      /* nothing */
		{"a\xc3\xa9", 4, "a\xc3\xa9"},		      /* two bytes that fit */
		{"a\xc3\xa9", 3, "a"},			      /* half of them does not */
		{"a\xe2\x82\xac", 4, "a"},		      /* two of three */
		{"\xf0\x9f\x94\x92", 4, ""},		      /* three of four */
		{"\xf0\x9f\x94\x92z", 5, "\xf0\x9f\x94\x92"}, /* what comes after them */
	};
	char text[8];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		text_copy(cases[i].text, text, cases[i].size);
		assert_string_equal(text, cases[i].fits);
	}
}

static void buffer_keeps_its_limit(void **state)
{
	struct buffer buffer;

	(void)state;
	buffer_init(&buffer, 10);
	assert_string_equal(buffer_text(&buffer), "");
	assert_int_equal(buffer_append_text(&buffer, "0123456789"), 0);
	assert_int_equal(buffer_append_text(&buffer, "x"), -ERROR_LIMIT);
	assert_string_equal(buffer_text(&buffer), "0123456789");
	assert_int_equal(buffer_printf(&buffer, "%d", 1), -ERROR_LIMIT);
	assert_int_equal(buffer_status(&buffer), -ERROR_LIMIT);
	buffer_clear(&buffer);
	assert_int_equal(buffer_printf(&buffer, "%d-%s", 12, "ab"), 0);
	assert_string_equal(buffer_text(&buffer), "12-ab");
	buffer_wipe(&buffer);
	assert_int_equal(buffer.length, 0);
}

static void instants_read_what_they_write(void **state)
{
	static const struct {
		const char *text;
		int result;
		int64_t instant;
	} cases[] = {
		{"2027-05-01", 0, 1809129600},
		{"2027-05-01T06:30:00Z", 0, 1809153000},
		{"2028-02-29", 0, 1835395200},
		{"2027-02-29", -ERROR_INVALID, 0},
		{"2027-05-01T06:30:00", -ERROR_INVALID, 0},
		{"tomorrow", -ERROR_INVALID, 0},
		{"", -ERROR_INVALID, 0},
	};
	char text[INSTANT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		int64_t instant = 0;

		assert_int_equal(instant_parse(cases[i].text, &instant), cases[i].result);
		assert_int_equal(instant, cases[i].instant);
	}
	assert_string_equal(instant_format(1809153000, text), "2027-05-01T06:30:00Z");
	assert_string_equal(instant_format_date(1809153000, text), "2027-05-01");
	assert_string_equal(instant_format(0, text), "never");
}

static void dates_of_http_are_read_as_libc_reads_them(void **state)
{
	static const char *const refused[] = {"", "Sun", "Sun, 06 Nov 1994 08:49:37",
		"Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 GMT ",
		"Sun, 6 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
		"Sun Nov  6 08:49:37 1994", "Sun, 31 Apr 1994 08:49:37 GMT",
		"Sun, 29 Feb 2026 08:49:37 GMT", "Sun, 29 Feb 2100 08:49:37 GMT",
		"Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
		"Sun, 06 Nov 1994 08:49:61 GMT", "Wed, 31 Dec 1969 23:59:59 GMT",
		"Sun, 06 Nov +994 08:49:37 GMT"};
	int64_t instant = 0;
	char text[64];

	(void)state;
	/* every day of two centuries, each at another time */
	for (int64_t expected = 0; expected < 2 * 36525 * DAY; expected += DAY + 7) {
		time_t seconds = (time_t)expected;
		struct tm parts;

		assert_non_null(gmtime_r(&seconds, &parts));
		strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts);
		assert_int_equal(instant_parse_http(text, &instant), 0);
		assert_int_equal(instant, expected);
	}
	for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
		instant = 7;
		assert_int_equal(instant_parse_http(refused[i], &instant), -ERROR_INVALID);
		assert_int_equal(instant, 7);
	}
}

static void instants_of_other_programs_read(void **state)
{
	static const struct {
		const char *text, *plain;
	} taken[] = {
		{"2027-05-01T06:30:00Z", "2027-05-01T06:30:00Z"},
		{"2027-05-01T06:30:00UTC", "2027-05-01T06:30:00Z"},
		{"2027-05-01T06:30:00.123456Z", "2027-05-01T06:30:00Z"},
		{"2027-05-01T06:30:00+00:00", "2027-05-01T06:30:00Z"},
		{"2027-05-01T06:30:00+02:00", "2027-05-01T04:30:00Z"},
		{"2027-05-01T06:30:00.5-0530", "2027-05-01T12:00:00Z"},
	};
	static const char *const refused[] = {"", "Z", "2027-05-01", "2027-05-01T06:30:00",
		"2027-05-01 06:30:00Z", "2027-05-01T06:30:00z", "2027-05-01T06:30:00Zx",
		"2027-05-01T06:30:00+", "2027-05-01T06:30:00+1", "2027-05-01T06:30:00+01",
		"2027-05-01T06:30:00+24:00", "2027-05-01T06:30:00+01:60",
		"2027-05-01T06:30:00+01:000", "2027-02-31T06:30:00Z", "tomorrow, at half past six"};
	int64_t instant, expected;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(taken); i++) {
		assert_int_equal(instant_parse(taken[i].plain, &expected), 0);
		assert_int_equal(instant_parse_zone(taken[i].text, &instant), 0);
		assert_int_equal(instant, expected);
	}
	for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
		instant = 7;
		if (instant_parse_zone(refused[i], &instant) != -ERROR_INVALID || instant != 7)
			fail_msg("%s was taken", refused[i]);
	}
}

static void durations_read_and_write(void **state)
{
	static const struct {
		const char *text;
		int result;
		int64_t seconds;
		const char *written;
	} cases[] = {
		{"15m", 0, 900, "15 m"},
		{"1h30m", 0, 5400, "1 h 30 m"},
		{"3d", 0, 3 * DAY, "3 d"},
		{"2w", 0, 14 * DAY, "14 d"},
		{"1d1s", 0, DAY + 1, "1 d"},
		{"0s", 0, 0, "0 s"},
		{"30m1h", -ERROR_INVALID, 0, NULL},
		{"15", -ERROR_INVALID, 0, NULL},
		{"m", -ERROR_INVALID, 0, NULL},
		{"", -ERROR_INVALID, 0, NULL},
		{"-3d", -ERROR_INVALID, 0, NULL},
		{"99999999999999999999d", -ERROR_LIMIT, 0, NULL},
		{"36501d", -ERROR_LIMIT, 0, NULL},
	};
	char text[DURATION_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		int64_t seconds = 0;

		assert_int_equal(duration_parse(cases[i].text, &seconds), cases[i].result);
		assert_int_equal(seconds, cases[i].seconds);
		if (cases[i].written)
			assert_string_equal(duration_format(seconds, text), cases[i].written);
	}
	assert_string_equal(duration_format(-2 * DAY, text), "-2 d");
}

static void durations_are_written_as_they_are_read(void **state)
{
	static const char *const cases[] = {
		"0s", "15s", "15m", "1h30m", "3d", "3650d", "1d23h59m59s"};
	char text[DURATION_SIZE];
	int64_t seconds;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		assert_int_equal(duration_parse(cases[i], &seconds), 0);
		assert_string_equal(duration_write(seconds, text), cases[i]);
	}
	duration_write(DURATION_MAX, text);
	assert_int_equal(duration_parse(text, &seconds), 0);
	assert_int_equal(seconds, DURATION_MAX);
}

static void suggestions_are_near_or_none(void **state)
{
	static const char *const words[] = {"directories", "defaults", "version", "interval"};

	(void)state;
	assert_string_equal(suggest("directorys", words, 4), "directories");
	assert_string_equal(suggest("vresion", words, 4), "version");
	assert_null(suggest("version", words, 1));
	assert_null(suggest("banana", words, 4));
	assert_null(suggest("", words, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(error_has_text_and_class_for_every_code),
		cmocka_unit_test(error_cuts_a_long_message),
		cmocka_unit_test(texts_are_cut_between_characters),
		cmocka_unit_test(buffer_keeps_its_limit),
		cmocka_unit_test(instants_read_what_they_write),
		cmocka_unit_test(dates_of_http_are_read_as_libc_reads_them),
		cmocka_unit_test(instants_of_other_programs_read),
		cmocka_unit_test(durations_read_and_write),
		cmocka_unit_test(durations_are_written_as_they_are_read),
		cmocka_unit_test(suggestions_are_near_or_none),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
