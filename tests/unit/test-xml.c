/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of small XML replies; what is no such reply is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "edge/xml.h"

static int read_one(const char *text, const char *path, struct secret *ret_value)
{
	const struct xml_wish wish = {path, ret_value};
	struct error error = {0};

	return xml_texts(text, strlen(text), &wish, 1, &error);
}

static void finds_texts(void **state)
{
	static const struct {
		const char *why, *text, *path, *value;
	} cases[] = {
		{"of the root", "<a>x</a>", "a", "x"},
		{"below it", "<a><b>x</b><c>y</c></a>", "a/c", "y"},
		{"the first of two", "<a><b>x</b><b>y</b></a>", "a/b", "x"},
		{"with entities", "<a>&lt;&amp;&#65;</a>", "a", "<&A"},
		{"in a section of CDATA", "<a><![CDATA[<x>]]></a>", "a", "<x>"},
		{"not one elsewhere", "<a><c><b>x</b></c></a>", "a/b", ""},
		{"with a namespace", "<a xmlns=\"https://sts.amazonaws.com/\"><b>x</b></a>", "a/b",
			"x"},
		{"an empty one", "<a><b/></a>", "a/b", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct secret value = {0};

		assert_int_equal(read_one(cases[i].text, cases[i].path, &value), 0);
		if (strcmp(secret_text(&value), cases[i].value) != 0)
			fail_msg("%s: %s", cases[i].why, secret_text(&value));
		secret_done(&value);
	}
}

static void refuses(void **state)
{
	static const struct {
		const char *why, *text;
		int code;
	} cases[] = {
		{"nothing", "", -ERROR_INVALID},
		{"no XML", "{\"a\": 1}", -ERROR_INVALID},
		{"half of it", "<a><b>x</b>", -ERROR_INVALID},
		{"a document type", "<!DOCTYPE a [<!ENTITY b \"x\">]><a>&b;</a>", -ERROR_INVALID},
		{"an unknown entity", "<a>&b;</a>", -ERROR_INVALID},
		{"too deep",
			"<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a></a></a></a></a></a></"
			"a>"
			"</a></a></a></a></a></a></a></a></a></a></a>",
			-ERROR_LIMIT},
	};
	char *large = calloc(1, XML_TEXT_MAX + 2);
	struct secret value = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		int r = read_one(cases[i].text, "a", &value);

		if (r != cases[i].code)
			fail_msg("%s: %d", cases[i].why, r);
		secret_done(&value);
	}
	assert_non_null(large);
	memset(large, ' ', XML_TEXT_MAX + 1);
	assert_int_equal(read_one(large, "a", &value), -ERROR_LIMIT);
	snprintf(large, XML_TEXT_MAX, "<a>%*s</a>", SECRET_MAX + 1, "x");
	assert_int_equal(read_one(large, "a", &value), -ERROR_LIMIT);
	secret_done(&value);
	free(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_texts),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests_name("xml", tests, NULL, NULL);
}
