/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from outside has limits, and JSON made here can be read again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "edge/json.h"

static json_t *parse(const char *text, int expected)
{
	struct error error = {0};
	json_t *value = NULL;

	assert_int_equal(json_parse(text, strlen(text), &value, &error), expected);
	assert_int_equal(value != NULL, expected == 0);
	assert_int_equal(error.message[0] != '\0', expected < 0);
	return value;
}

static void what_is_json_and_what_is_not(void **state)
{
	static const struct {
		const char *text;
		int r;
	} cases[] = {
		{"{}", 0},
		{" [1, 2.5e3, \"\\u00e9\", true, null] \n", 0},
		{"\"text\"", 0},
		{"1", 0},
		{"", -ERROR_INVALID},
		{"{", -ERROR_INVALID},
		{"{}x", -ERROR_INVALID},
		{"{} {}", -ERROR_INVALID},
		{"{'a':1}", -ERROR_INVALID},
		{"{\"a\":1,}", -ERROR_INVALID},
		{"{\"a\":1,\"a\":2}", -ERROR_INVALID},
		{"\"a\\u0000b\"", -ERROR_INVALID},
		{"\"\xff\"", -ERROR_INVALID},
		{"1e999", -ERROR_INVALID},
		{"NaN", -ERROR_INVALID},
		{"99999999999999999999", -ERROR_INVALID},
		{"// comment\n{}", -ERROR_INVALID},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		json_decref(parse(cases[i].text, cases[i].r));
}

/* `depth` arrays in one another, in front of `rest`. */
static json_t *parse_deep(size_t depth, const char *rest, int expected)
{
	char text[4 * JSON_DEPTH_MAX + 64];
	size_t length = 0;

	for (size_t i = 0; i < depth; i++)
		text[length++] = '[';
	memcpy(text + length, rest, strlen(rest));
	length += strlen(rest);
	for (size_t i = 0; i < depth; i++)
		text[length++] = ']';
	text[length] = '\0';
	return parse(text, expected);
}

static void depth_and_size_are_bounded(void **state)
{
	char *large = malloc(JSON_TEXT_MAX + 1);
	json_t *value = NULL;

	(void)state;
	json_decref(parse_deep(JSON_DEPTH_MAX, "", 0));
	parse_deep(JSON_DEPTH_MAX + 1, "", -ERROR_LIMIT);
	/* brackets in texts are no depth, and an escaped quote does not end a text */
	json_decref(parse_deep(JSON_DEPTH_MAX, "\"[[[{{{\\\"[[[{{{\"", 0));
	parse_deep(JSON_DEPTH_MAX, "\"\\\\\", [1]", -ERROR_LIMIT);
	assert_non_null(large);
	memset(large, ' ', JSON_TEXT_MAX + 1);
	large[0] = '1';
	assert_int_equal(json_parse(large, JSON_TEXT_MAX, &value, NULL), 0);
	json_decref(value);
	assert_int_equal(json_parse(large, JSON_TEXT_MAX + 1, &value, NULL), -ERROR_LIMIT);
	free(large);
}

/* What the member `a` of a text is, written again; its code where it cannot be read. */
static void one_member_is_read_alone(void **state)
{
	static const struct {
		const char *what, *text, *value;
		int code;
	} cases[] = {
		{"the first of two", "{\"a\":[1,2],\"b\":3}", "[1,2]", 0},
		{"the last, with white space", "{ \"b\" : 3 , \"a\" :\n{\"c\":4}\n}", "{\"c\":4}",
			0},
		{"a text with quotes and braces in it", "{\"b\":\"\\\"a\\\":1}\",\"a\":\"}\\\"\"}",
			"\"}\\\"\"", 0},
		{"a text of that name is no member", "{\"b\":\"a\",\"a\":5}", "5", 0},
		{"a member of a member is another", "{\"b\":{\"a\":1},\"c\":[{\"a\":2}]}", NULL,
			-ERROR_MISSING},
		{"a longer name is another", "{\"aa\":1}", NULL, -ERROR_MISSING},
		{"a list has no members", "[\"a\",1]", NULL, -ERROR_MISSING},
		{"nothing", "", NULL, -ERROR_MISSING},
		{"nothing behind the name", "{\"a\"", NULL, -ERROR_MISSING},
		{"a text without an end", "{\"b\":\"\\", NULL, -ERROR_MISSING},
		{"nothing behind the colon", "{\"a\":", NULL, -ERROR_INVALID},
		{"no value", "{\"a\":}", NULL, -ERROR_INVALID},
		{"half a value", "{\"a\":[1", NULL, -ERROR_INVALID},
		{"what is behind it is not judged", "{\"a\":[1]nonsense", "[1]", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		/* without its NUL, so that whoever reads beyond it is found */
		size_t length = strlen(cases[i].text);
		char *text = malloc(length + (length == 0));
		json_t *value = NULL;
		struct buffer buffer;

		memcpy(text, cases[i].text, length);
		buffer_init(&buffer, 100);
		print_message("%s\n", cases[i].what);
		assert_int_equal(json_parse_member(text, length, "a", &value, NULL), cases[i].code);
		if (cases[i].value) {
			assert_int_equal(json_append(&buffer, value), 0);
			assert_string_equal(buffer_text(&buffer), cases[i].value);
		} else {
			assert_null(value);
		}
		json_decref(value);
		buffer_done(&buffer);
		free(text);
	}
}

static void members_of_another_type_are_missing(void **state)
{
	CLEANUP(json_free_ptr)
	json_t *value = parse(
		"{\"t\":\"\u00e9\u00e9\",\"n\":1.5E3,\"m\":-1.5,\"a\":[],\"o\":{},\"z\":null}", 0);
	int64_t instant = 7;
	char text[4];

	(void)state;
	assert_string_equal(json_member_text(value, "t"), "\u00e9\u00e9");
	assert_null(json_member_text(value, "n"));
	assert_null(json_member_text(value, "z"));
	assert_null(json_member_text(NULL, "t"));
	assert_null(json_member_text(json_member_array(value, "a"), "t"));
	assert_non_null(json_member_object(value, "o"));
	assert_null(json_member_array(value, "o"));
	assert_null(json_member_object(value, "a"));
	assert_false(json_member_instant(value, "t", &instant));
	assert_false(json_member_instant(value, "none", &instant));
	assert_int_equal(instant, 7);
	assert_true(json_member_instant(value, "n", &instant));
	assert_int_equal(instant, 1500);
	assert_true(json_member_instant(value, "m", &instant));
	assert_int_equal(instant, -2);
	json_member_copy(value, "t", text, sizeof(text));
	assert_string_equal(text, "\u00e9");
	json_member_copy(value, "none", text, sizeof(text));
	assert_string_equal(text, "");
}

static void what_is_written_is_read_again(void **state)
{
	CLEANUP(json_free_ptr)
	json_t *value = json_pack("{s:s, s:i}", "PEM", "-----\n\"\\/\u00e9", "Limit", 50);
	struct buffer buffer;
	json_t *again = NULL;

	(void)state;
	buffer_init(&buffer, 1000);
	assert_int_equal(json_append(&buffer, value), 0);
	assert_int_equal(json_parse(buffer.data, buffer.length, &again, NULL), 0);
	assert_true(json_equal(value, again));
	json_decref(again);
	buffer_done(&buffer);
	buffer_init(&buffer, 10);
	assert_int_equal(json_append(&buffer, value), -ERROR_LIMIT);
	buffer_done(&buffer);
}

static void no_text_is_lost(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{"", ""}, {"Caf\xc3\xa9", "Caf\xc3\xa9"},
		{"Caf\xc3", "Caf?"},	   /* half of a character */
		{"\xc3\xa9 \xff", "?? ?"}, /* not UTF-8 as a whole */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		json_t *value = json_text(cases[i].text);

		assert_string_equal(json_string_value(value), cases[i].shown);
		json_decref(value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_json_and_what_is_not),
		cmocka_unit_test(depth_and_size_are_bounded),
		cmocka_unit_test(one_member_is_read_alone),
		cmocka_unit_test(members_of_another_type_are_missing),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(no_text_is_lost),
	};

	json_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
