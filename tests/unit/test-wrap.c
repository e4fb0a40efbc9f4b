/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/array.h"
#include "base/wrap.h"

#define ROOM 256

static void words_are_laid_out(void **state)
{
	static const struct {
		const char *what;
		size_t at, indent, width;
		const char *text, *laid_out;
	} cases[] = {
		{"nothing is a line without words", 0, 0, 10, "", "\n"},
		{"what fits exactly stays on its line", 0, 0, 7, "one two", "one two\n"},
		{"one column less breaks it", 0, 0, 6, "one two", "one\ntwo\n"},
		{"later lines are indented", 2, 2, 7, "one two six", "one\n  two\n  six\n"},
		{"a line that was begun goes on with a space", 4, 2, 20, "one", " one\n"},
		{"and breaks where the first word does not fit", 4, 2, 6, "one two",
			"\n  one\n  two\n"},
		{"a word longer than a line stays whole", 0, 0, 4, "a longest b",
			"a\nlongest\nb\n"},
		{"what is between backquotes stays whole", 0, 0, 8, "do `a b c d` now",
			"do\n`a b c d`\nnow\n"},
		{"several spaces are one", 0, 0, 20, "one   two", "one two\n"},
		{"a character of several bytes is one column", 0, 0, 7, "\u00fcbe r\u00e4t",
			"\u00fcbe r\u00e4t\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct buffer buffer;

		buffer_init(&buffer, ROOM);
		print_message("%s\n", cases[i].what);
		assert_int_equal(0, wrap_words(&buffer, cases[i].at, cases[i].indent,
					    cases[i].width, cases[i].text));
		assert_string_equal(buffer_text(&buffer), cases[i].laid_out);
		buffer_done(&buffer);
	}
}

static void columns_are_padded(void **state)
{
	struct buffer buffer;

	(void)state;
	buffer_init(&buffer, ROOM);
	assert_int_equal(0, wrap_pad(&buffer, 5, "r\u00e4t"));
	assert_int_equal(0, wrap_pad(&buffer, 2, "|longer"));
	assert_string_equal(buffer_text(&buffer), "r\u00e4t  |longer");
	assert_int_equal(5 + 7, wrap_columns(buffer_text(&buffer)));
	buffer_done(&buffer);
}

static void characters_have_their_columns(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
		size_t fit; /* bytes in three columns */
	} cases[] = {
		{"", 0, 0}, {"abcd", 4, 3}, {"r\u00e4ts", 4, 4},
		{"\u8a8d\u8a3c\u5c40", 6, 3},	/* ideographs */
		{"a\u8a8d\u8a3c", 5, 4},	/* the third column is the second of one */
		{"e\u0301tat", 4, 5},		/* a mark over the e */
		{"\uff21\uff22", 4, 3},		/* fullwidth letters */
		{"\U00020000\U00020001", 4, 4}, /* four bytes each */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		assert_int_equal(wrap_columns(cases[i].text), cases[i].columns);
		assert_int_equal(wrap_fit(cases[i].text, 3), cases[i].fit);
		assert_int_equal(wrap_fit(cases[i].text, 99), strlen(cases[i].text));
	}
	/* what is no UTF-8 ends all the same */
	assert_int_equal(wrap_columns("\xe8\xaa"), 1);
	assert_int_equal(wrap_columns("\xff\x80\x80\x80\x80"), 2);
}

/* What AWS tells comes from whoever may register a certificate. */
static void nothing_is_told_to_the_terminal(void **state)
{
	static const char text[] = "a\nb \x1b[31mred\tc \xc2\x9b"
				   "1m \xc3\x9b \xe2\x80\xae\xe2\x82\xae";
	struct buffer buffer;

	(void)state;
	buffer_init(&buffer, 200);
	wrap_text(&buffer, text);
	assert_string_equal(buffer_text(&buffer), "a?b ?[31mred?c ?1m \xc3\x9b ?\xe2\x82\xae");
	buffer_clear(&buffer);
	wrap_words(&buffer, 0, 2, 12, text);
	assert_string_equal(
		buffer_text(&buffer), "a?b\n  ?[31mred?c\n  ?1m \xc3\x9b ?\xe2\x82\xae\n");
	buffer_clear(&buffer);
	wrap_pad(&buffer, 4, "a\nb");
	assert_string_equal(buffer_text(&buffer), "a?b ");
	buffer_done(&buffer);
}

static void a_full_buffer_is_told(void **state)
{
	struct buffer buffer;

	(void)state;
	buffer_init(&buffer, 4);
	assert_true(wrap_words(&buffer, 0, 0, 80, "more than four") < 0);
	assert_true(wrap_pad(&buffer, 9, "") < 0);
	buffer_done(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_laid_out),
		cmocka_unit_test(columns_are_padded),
		cmocka_unit_test(characters_have_their_columns),
		cmocka_unit_test(nothing_is_told_to_the_terminal),
		cmocka_unit_test(a_full_buffer_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
