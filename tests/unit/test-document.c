/* SPDX-License-Identifier: Apache-2.0 */
/* Our reader of JSON takes what it should, and what jansson takes, and sees the same in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "edge/document.h"
#include "tests/unit/twin.h"

static int read_both(const char *text, size_t length)
{
	int r = 0;

	if (!twin_read(text, length, &r))
		fail_msg("not read as jansson reads it: %.*s", (int)length, text);
	return r;
}

struct reading {
	const char *text;
	int r;
};

static void read_all(const struct reading *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (read_both(cases[i].text, strlen(cases[i].text)) != cases[i].r)
			fail_msg("%s", cases[i].text);
}

static void values_and_white_space(void **state)
{
	static const struct reading cases[] = {
		{"{}", 0},
		{" [1, 2.5e3, \"\\u00e9\", true, null, false] \n", 0},
		{"\t{\r\n\"a\" : [ ] , \"b\":{ \"a\":{}}}", 0},
		{"\"text\"", 0},
		{"null", 0},
		{"", -ERROR_INVALID},
		{" ", -ERROR_INVALID},
		{"\f1", -ERROR_INVALID},
		{"\xef\xbb\xbf{}", -ERROR_INVALID},
		{"nul", -ERROR_INVALID},
		{"nulll", -ERROR_INVALID},
		{"True", -ERROR_INVALID},
		{"truefalse", -ERROR_INVALID},
		{"NaN", -ERROR_INVALID},
		{"// comment\n{}", -ERROR_INVALID},
	};

	(void)state;
	read_all(cases, ARRAY_LENGTH(cases));
}

static void lists_and_objects(void **state)
{
	static const struct reading cases[] = {
		{"{", -ERROR_INVALID},
		{"[", -ERROR_INVALID},
		{"[1", -ERROR_INVALID},
		{"[1}", -ERROR_INVALID},
		{"[,1]", -ERROR_INVALID},
		{"[1,]", -ERROR_INVALID},
		{"[1 2]", -ERROR_INVALID},
		{"{}x", -ERROR_INVALID},
		{"{} {}", -ERROR_INVALID},
		{"]", -ERROR_INVALID},
		{"{'a':1}", -ERROR_INVALID},
		{"{a:1}", -ERROR_INVALID},
		{"{1:1}", -ERROR_INVALID},
		{"{\"a\"}", -ERROR_INVALID},
		{"{\"a\":}", -ERROR_INVALID},
		{"{\"a\",1}", -ERROR_INVALID},
		{"{\"a\":1,}", -ERROR_INVALID},
		{"{\"a\":1,\"a\":2}", -ERROR_INVALID},
		{"{\"a\":{\"b\":1},\"b\":{\"a\":1}}", 0},
		{"{\"a\":1,\"b\":2,\"\\u0061\":3}", -ERROR_INVALID},
		{"{\"\":1}", 0},
	};

	(void)state;
	read_all(cases, ARRAY_LENGTH(cases));
}

static void texts(void **state)
{
	static const struct reading cases[] = {
		{"\"", -ERROR_INVALID},
		{"\"a", -ERROR_INVALID},
		{"\"a\\\"", -ERROR_INVALID},
		{"\"a\tb\"", -ERROR_INVALID},
		{"\"a\nb\"", -ERROR_INVALID},
		{"\"a\x7f\"", 0},
		{"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", 0},
		{"\"\\a\"", -ERROR_INVALID},
		{"\"\\", -ERROR_INVALID},
		{"\"\\u12\"", -ERROR_INVALID},
		{"\"\\u12g4\"", -ERROR_INVALID},
		{"\"\\u0000\"", -ERROR_INVALID},
		{"\"\\u0001\\u007F\\u07ff\\u0800\\uFFFF\"", 0},
		{"\"\\ud83d\\ude00x\"", 0},
		{"\"\\ud800\\udc00\\udbff\\udfff\"", 0},
		{"\"\\ud83d\"", -ERROR_INVALID},
		{"\"\\ud83dx\"", -ERROR_INVALID},
		{"\"\\ud83d\\n\"", -ERROR_INVALID},
		{"\"\\ud83d\\ud83d\"", -ERROR_INVALID},
		{"\"\\ude00\"", -ERROR_INVALID},
	};

	(void)state;
	read_all(cases, ARRAY_LENGTH(cases));
	assert_int_equal(read_both("\"a\0b\"", 5), -ERROR_INVALID);
	assert_int_equal(read_both("[1]\0", 4), -ERROR_INVALID);
}

/* The ends of each length, forms that are too long, surrogates, beyond Unicode. */
static void utf_8(void **state)
{
	static const struct reading cases[] = {
		{"\"\xc2\x80\xdf\xbf\"", 0},
		{"\"\xe0\xa0\x80\xef\xbf\xbf\"", 0},
		{"\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"", 0},
		{"\"\x80\"", -ERROR_INVALID},
		{"\"\xff\"", -ERROR_INVALID},
		{"\"\xc3\"", -ERROR_INVALID},
		{"\"\xe2\x82\"", -ERROR_INVALID},
		{"\"\xc1\xbf\"", -ERROR_INVALID},
		{"\"\xe0\x9f\xbf\"", -ERROR_INVALID},
		{"\"\xf0\x8f\xbf\xbf\"", -ERROR_INVALID},
		{"\"\xed\x9f\xbf\"", 0},
		{"\"\xed\xa0\x80\"", -ERROR_INVALID},
		{"\"\xf4\x90\x80\x80\"", -ERROR_INVALID},
		{"\"\xf5\x80\x80\x80\"", -ERROR_INVALID},
	};

	(void)state;
	read_all(cases, ARRAY_LENGTH(cases));
}

static void numbers(void **state)
{
	static const struct reading cases[] = {
		{"0", 0},
		{"-0", 0},
		{"1.779148800123E9", 0},
		{"1e-400", 0},
		{"9223372036854775807", 0},
		{"-9223372036854775808", 0},
		{"9223372036854775808", -ERROR_INVALID},
		{"99999999999999999999", -ERROR_INVALID},
		{"99999999999999999999.0", 0},
		{"1.7976931348623157e308", 0},
		{"1e999", -ERROR_INVALID},
		{"-1E+999", -ERROR_INVALID},
		{"01", -ERROR_INVALID},
		{"0x10", -ERROR_INVALID},
		{"+1", -ERROR_INVALID},
		{"-", -ERROR_INVALID},
		{".5", -ERROR_INVALID},
		{"1.", -ERROR_INVALID},
		{"1.e3", -ERROR_INVALID},
		{"1e", -ERROR_INVALID},
		{"1e+", -ERROR_INVALID},
		{"-Infinity", -ERROR_INVALID},
	};

	(void)state;
	read_all(cases, ARRAY_LENGTH(cases));
}

/* xorshift64: the same changes in every run. */
static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Texts that were good and are cut, or have bytes exchanged for others that matter. */
static void what_is_harmed_is_read_as_jansson_reads_it(void **state)
{
	static const char *const texts[] = {
		"{\"CertificatesInfo\":[{\"CertificateId\":\"c-90671ea1a3\",\"CommonName\":"
		"\"Caf\xc3\xa9 "
		"\\u00e9\\ud83d\\ude00\",\"ExpiryDateTime\":1.8E9,\"State\":\"Registered\"},{}],"
		"\"NextToken\":null}",
		"[[1,-2.50,3e+4,true,false,null],{\"a\":{\"b\":[\"\\\"\\\\\\n\"]}, \"c\" : "
		"\"\xe2\x82\xac\"}]",
	};
	static const char marks[] =
		"\"\"\\\\{}[]:,,0123eE+-.tfnu \n\x01\x7f\x80\xc3\xe2\xed\xf0\xff";
	uint64_t seed = 20270501;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		const char *text = texts[round % ARRAY_LENGTH(texts)];
		size_t length = strlen(text), changes = next(&seed) % 4;
		char harmed[512];

		memcpy(harmed, text, length);
		for (size_t i = 0; i < changes; i++)
			harmed[next(&seed) % length] = marks[next(&seed) % (sizeof(marks) - 1)];
		if (next(&seed) % 4 == 0)
			length = next(&seed) % length;
		(void)read_both(harmed, length);
	}
}

static int read_deep(size_t depth, const char *opening, const char *closing)
{
	struct buffer text;
	int r;

	buffer_init(&text, DOCUMENT_TEXT_MAX);
	for (size_t i = 0; i < depth; i++)
		buffer_append_text(&text, opening);
	buffer_append_text(&text, "1");
	for (size_t i = 0; i < depth; i++)
		buffer_append_text(&text, closing);
	r = read_both(text.data, text.length);
	buffer_done(&text);
	return r;
}

static void depth_and_size_are_bounded(void **state)
{
	CLEANUP(free_ptr) char *large = malloc(DOCUMENT_TEXT_MAX + 1);

	(void)state;
	assert_int_equal(read_deep(DOCUMENT_DEPTH_MAX, "[", "]"), 0);
	assert_int_equal(read_deep(DOCUMENT_DEPTH_MAX + 1, "[", "]"), -ERROR_LIMIT);
	assert_int_equal(read_deep(DOCUMENT_DEPTH_MAX, "{\"\":", "}"), 0);
	assert_int_equal(read_deep(DOCUMENT_DEPTH_MAX + 1, "{\"\":", "}"), -ERROR_LIMIT);
	assert_non_null(large);
	memset(large, ' ', DOCUMENT_TEXT_MAX + 1);
	large[0] = '1';
	assert_int_equal(read_both(large, DOCUMENT_TEXT_MAX), 0);
	assert_int_equal(read_both(large, DOCUMENT_TEXT_MAX + 1), -ERROR_LIMIT);
	/* more values than there was room for at first: one for every two bytes */
	large[0] = '[';
	for (size_t i = 1; i + 1 < DOCUMENT_TEXT_MAX; i += 2)
		memcpy(large + i, "1,", 2);
	memcpy(large + DOCUMENT_TEXT_MAX - 3, "11]", 3);
	assert_int_equal(read_both(large, DOCUMENT_TEXT_MAX), 0);
}

static int read_members(size_t count)
{
	struct buffer text;
	int r;

	buffer_init(&text, DOCUMENT_TEXT_MAX);
	for (size_t i = 0; i < count; i++)
		buffer_printf(&text, "%c\"%zu\":{}", i ? ',' : '{', i);
	buffer_append_text(&text, "}");
	r = read_both(text.data, text.length);
	buffer_done(&text);
	return r;
}

static void members_are_bounded(void **state)
{
	(void)state;
	assert_int_equal(read_members(DOCUMENT_MEMBERS_MAX), 0);
	assert_int_equal(read_members(DOCUMENT_MEMBERS_MAX + 1), -ERROR_LIMIT);
}

static void members_of_another_kind_are_missing(void **state)
{
	static const char text[] = "{\"t\":\"\u00e9\u00e9\",\"n\":1.5E3,\"m\":-1.5,\"a\":[1,[2],3],"
				   "\"o\":{\"t\":\"inner\"},\"z\":null,\"l\":1e300}";
	CLEANUP(document_done) struct document document = {0};
	const struct value *root;
	int64_t instant = 7;
	char copy[4];

	(void)state;
	assert_int_equal(document_parse(text, strlen(text), &document, NULL), 0);
	root = document.values;
	assert_string_equal(value_member_text(root, "t"), "\u00e9\u00e9");
	assert_null(value_member_text(root, "n"));
	assert_null(value_member_text(root, "z"));
	assert_null(value_member_text(NULL, "t"));
	assert_null(value_member_text(value_member(root, "a"), "t"));
	assert_int_equal(value_count(value_member(root, "a")), 3);
	assert_int_equal(value_count(root), 0);
	assert_int_equal(value_count(NULL), 0);
	assert_null(value_first(value_member(root, "t")));
	assert_string_equal(value_member_text(value_member_object(root, "o"), "t"), "inner");
	assert_null(value_member_object(root, "a"));
	assert_false(value_member_instant(root, "t", &instant));
	assert_false(value_member_instant(root, "l", &instant));
	assert_false(value_member_instant(root, "none", &instant));
	assert_int_equal(instant, 7);
	assert_true(value_member_instant(root, "n", &instant));
	assert_int_equal(instant, 1500);
	assert_true(value_member_instant(root, "m", &instant));
	assert_int_equal(instant, -2);
	value_member_copy(root, "t", copy, sizeof(copy));
	assert_string_equal(copy, "\u00e9");
	value_member_copy(root, "none", copy, sizeof(copy));
	assert_string_equal(copy, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_and_white_space),
		cmocka_unit_test(lists_and_objects),
		cmocka_unit_test(texts),
		cmocka_unit_test(utf_8),
		cmocka_unit_test(numbers),
		cmocka_unit_test(what_is_harmed_is_read_as_jansson_reads_it),
		cmocka_unit_test(depth_and_size_are_bounded),
		cmocka_unit_test(members_are_bounded),
		cmocka_unit_test(members_of_another_kind_are_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
