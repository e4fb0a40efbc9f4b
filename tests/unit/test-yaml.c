/* SPDX-License-Identifier: Apache-2.0 */
/* YAML as edge/yaml takes it: the tree, the places, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buffer.h"
#include "edge/yaml.h"

/* Writes the tree in one line: texts as they are, "~" for nothing. */
static void dump(const struct yaml_node *node, struct buffer *buffer)
{
	const char *separator = "";
	bool value = false;

	if (node->kind == YAML_NULL || node->kind == YAML_SCALAR) {
		buffer_printf(buffer, node->plain ? "%s" : "\"%s\"",
			node->kind == YAML_NULL ? "~" : node->text);
		return;
	}
	buffer_append_text(buffer, node->kind == YAML_MAPPING ? "{" : "[");
	for (const struct yaml_node *child = node->first; child; child = child->next) {
		buffer_append_text(buffer, value ? ": " : separator);
		dump(child, buffer);
		separator = ", ";
		value = node->kind == YAML_MAPPING && !value;
	}
	buffer_append_text(buffer, node->kind == YAML_MAPPING ? "}" : "]");
}

static const struct {
	const char *what, *yaml, *tree, *said;
} cases[] = {
	{"scalars, lists, mappings", "a: 1\nb: [x, 'y', ~]\nc:\n  - {}\n",
		"{a: 1, b: [x, \"y\", ~], c: [{}]}", ""},
	{"an empty file has no tree", "", NULL, ""},
	{"comments alone have no tree", "# nothing\n", NULL, ""},
	{"an empty value is nothing, a quoted empty one is a text", "a:\nb: ''\n",
		"{a: ~, b: \"\"}", ""},
	{"a byte order mark and CRLF",
		"\xEF\xBB\xBF"
		"a: 1\r\nb: 2\r\n",
		"{a: 1, b: 2}", ""},
	{"an alias stands for what its anchor holds", "a: &x [1, 2]\nb: *x\nc: &y z\nd: *y\n",
		"{a: [1, 2], b: [1, 2], c: z, d: z}", ""},
	{"an alias as a key", "a: &x word\n*x : 1\n", "{a: word, word: 1}", ""},
	{"a key twice", "a: 1\nb: 2\na: 3\nb: 4\n", "{a: 1, b: 2}",
		"f:3:1: the key \"a\" is here twice: the first is on line 1\n"
		"f:4:1: the key \"b\" is here twice: the first is on line 2\n"},
	{"a key three times, the first being the first", "{a: 1, a: 2, a: 3}", "{a: 1}",
		"f:1:8: the key \"a\" is here twice: the first is on line 1\n"
		"f:1:14: the key \"a\" is here twice: the first is on line 1\n"},
	{"merge keys", "a: &x {k: 1}\nb:\n  <<: *x\n  l: 2\n", "{a: {k: 1}, b: {l: 2}}",
		"f:3:3: merge keys (\"<<\") are not part of the format: write the keys out, or say "
		"them once under defaults\n"},
	{"a quoted << is a word like others", "\"<<\": 1\n", "{\"<<\": 1}", ""},
	{"a list as a key", "? [a, b]\n: 1\n", "{}", "f:1:3: a key must be a word, found a list\n"},
	{"a tag", "a: !!str 1\nb: !x [1]\n", "{a: 1, b: [1]}",
		"f:1:4: tags (\"!\") are not part of the format: write the value without one\n"
		"f:2:4: tags (\"!\") are not part of the format: write the value without one\n"},
	{"an unknown alias", "a: *x\n", NULL, "f:1:4: the alias *x has no anchor before it\n"},
	{"an alias inside itself", "a: &x\n  - *x\n", NULL,
		"f:2:5: the alias *x stands inside what it refers to\n"},
	{"an anchor twice", "a: &x 1\nb: &x 2\n", "{a: 1, b: 2}",
		"f:2:4: the anchor &x is defined twice\n"},
	{"two documents", "a: 1\n---\nb: 1\n", NULL,
		"f:2:1: a second document (\"---\") in one file: put it into a file of its own "
		"under conf.d\n"},
	{"a tab behind other characters", "é: 1\nü: [ö,\n\tx]\na:\n\tb: 1\n", NULL,
		"f:5:1: not YAML: a tab where only spaces may indent\n"},
	{"a tab", "a:\n\tb: 1\n", NULL, "f:2:1: not YAML: a tab where only spaces may indent\n"},
	{"an open list", "a: [1, 2\nb: 3\n", NULL,
		"f:2:2: not YAML: did not find expected ',' or ']' while parsing a flow sequence "
		"that starts on line 1\n"},
	{"wrong indentation", "a:\n  b: 1\n c: 2\n", NULL,
		"f:3:2: not YAML: did not find expected key while parsing a block mapping that "
		"starts on line 1\n"},
	{"Latin-1",
		"a: 1\nb: \xE4"
		"xyz\n",
		NULL,
		"f:2:5: not UTF-8 text: invalid trailing UTF-8 octet: save the file as "
		"UTF-8\n"},
	{"a control character", "a: x\x01\n", NULL,
		"f:1:5: not YAML: control characters are not allowed\n"},
	{"a NUL in a text", "a: \"x\\0y\"\n", "{a: \"x\"}",
		"f:1:4: a text may not contain a NUL character\n"},
};

static void yaml_reads_its_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct diagnostics diagnostics = {0};
		struct yaml_tree tree = {0};
		struct buffer got, said;
		int r = yaml_parse(cases[i].yaml, strlen(cases[i].yaml),
			diagnostics_file(&diagnostics, "f"), &diagnostics, &tree);

		buffer_init(&got, 1000);
		buffer_init(&said, 1000);
		if (tree.root)
			dump(tree.root, &got);
		diagnostics_sort(&diagnostics);
		diagnostics_format(&diagnostics, &said);
		if (strcmp(buffer_text(&got), cases[i].tree ? cases[i].tree : "") != 0 ||
			strcmp(buffer_text(&said), cases[i].said) != 0)
			print_error("%s: got\n%s\n%s", cases[i].what, buffer_text(&got),
				buffer_text(&said));
		assert_string_equal(buffer_text(&got), cases[i].tree ? cases[i].tree : "");
		assert_string_equal(buffer_text(&said), cases[i].said);
		assert_true((r < 0) == (!cases[i].tree && *cases[i].said));
		buffer_done(&got);
		buffer_done(&said);
		yaml_tree_done(&tree);
		diagnostics_done(&diagnostics);
	}
}

/* Parses what `text` holds and checks that the one thing said begins with `said` ("" : nothing). */
static void check_said(const struct buffer *text, const char *said)
{
	struct diagnostics diagnostics = {0};
	struct yaml_tree tree = {0};
	struct buffer got;

	assert_int_equal(buffer_status(text), 0);
	yaml_parse(buffer_text(text), text->length, diagnostics_file(&diagnostics, "f"),
		&diagnostics, &tree);
	buffer_init(&got, 1000);
	diagnostics_format(&diagnostics, &got);
	assert_string_equal(buffer_text(&got), said);
	assert_int_equal(!tree.root, *said != '\0');
	buffer_done(&got);
	yaml_tree_done(&tree);
	diagnostics_done(&diagnostics);
}

static void yaml_keeps_its_depth(void **state)
{
	struct buffer text;

	(void)state;
	buffer_init(&text, 1000);
	for (int i = 0; i < YAML_DEPTH_MAX; i++)
		buffer_append_text(&text, "[");
	for (int i = 0; i < YAML_DEPTH_MAX; i++)
		buffer_append_text(&text, "]");
	check_said(&text, "");
	buffer_clear(&text);
	for (int i = 0; i < 10 * YAML_DEPTH_MAX; i++)
		buffer_append_text(&text, "[");
	check_said(&text, "f:1:33: nested more than 32 deep: the limit\n");
	buffer_done(&text);
}

static void yaml_knows_the_other_unicode(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
	} texts[] = {{"\xFF\xFE"
		      "a\0:\0",
			     6},
		{"\xFE\xFF\0a\0:", 6}, {"a\0:\0", 4}, {"\0a\0:", 4}};
	struct buffer text;

	(void)state;
	buffer_init(&text, 100);
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		buffer_clear(&text);
		buffer_append(&text, texts[i].bytes, texts[i].length);
		check_said(&text,
			"f:1:1: this is UTF-16, as some editors of Windows write it: save "
			"the file as UTF-8\n");
	}
	buffer_done(&text);
}

static void yaml_survives_an_alias_bomb(void **state)
{
	struct buffer text;

	(void)state;
	buffer_init(&text, 10000);
	buffer_append_text(&text, "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 10; i++) {
		buffer_printf(&text, "l%d: &l%d [", i, i);
		for (int j = 0; j < 10; j++)
			buffer_printf(&text, "%s*l%d", j ? ", " : "", i - 1);
		buffer_append_text(&text, "]\n");
	}
	check_said(&text, "f:6:45: more than 1000000 nodes, aliases counted as what they stand "
			  "for: the limit of one file\n");
	buffer_done(&text);
}

static void yaml_keeps_its_number_of_anchors(void **state)
{
	struct buffer text;

	(void)state;
	buffer_init(&text, 100000);
	for (int i = 0; i <= YAML_ANCHORS_MAX; i++)
		buffer_printf(&text, "- &a%d x\n", i);
	check_said(&text, "f:1001:3: more than 1000 anchors: the limit of one file\n");
	buffer_done(&text);
}

static void yaml_keeps_its_size(void **state)
{
	struct buffer text;

	(void)state;
	buffer_init(&text, 2 * YAML_FILE_MAX);
	buffer_append_text(&text, "#");
	while (text.length < YAML_FILE_MAX)
		buffer_append_text(&text, "x");
	buffer_append_text(&text, "x");
	check_said(&text,
		"f:1:1: longer than 1048576 bytes, the limit of one file: split it over conf.d\n");
	buffer_done(&text);
}

static void yaml_get_finds_a_key(void **state)
{
	static const char text[] = "one: 1\ntwo:\n  three: 3\n";
	struct diagnostics diagnostics = {0};
	const struct yaml_node *three;
	struct yaml_tree tree = {0};

	(void)state;
	assert_int_equal(yaml_parse(text, strlen(text), diagnostics_file(&diagnostics, "f"),
				 &diagnostics, &tree),
		0);
	three = yaml_get(yaml_get(tree.root, "two"), "three");
	assert_non_null(three);
	assert_string_equal(three->text, "3");
	assert_int_equal(three->line, 3);
	assert_int_equal(three->column, 10);
	assert_null(yaml_get(tree.root, "three"));
	assert_null(yaml_get(three, "one"));
	yaml_tree_done(&tree);
	diagnostics_done(&diagnostics);
}

static void diagnostics_are_bounded_sorted_and_not_repeated(void **state)
{
	struct diagnostics diagnostics = {0};
	const char *first = diagnostics_file(&diagnostics, "z"),
		   *second = diagnostics_file(&diagnostics, "a");
	struct buffer text;

	(void)state;
	for (unsigned i = DIAGNOSTICS_MAX + 7; i > 0; i--)
		diagnostics_add(&diagnostics, SEVERITY_WARNING, first, i + 100, 1, "w%u", i);
	diagnostics_add(&diagnostics, SEVERITY_ERROR, second, 1, 2, "later file");
	diagnostics_add(&diagnostics, SEVERITY_ERROR, first, 3, 4, "first line");
	diagnostics_add(&diagnostics, SEVERITY_ERROR, first, 3, 4, "first line");
	diagnostics_add(&diagnostics, SEVERITY_NOTE, NULL, 0, 0, "nowhere");
	diagnostics_sort(&diagnostics);
	buffer_init(&text, 100000);
	diagnostics_format(&diagnostics, &text);
	assert_int_equal(strncmp(buffer_text(&text), "z:3:4: first line\nz:108:1: warning: w8\n",
				 strlen("z:3:4: first line\nz:108:1: warning: w8\n")),
		0);
	assert_non_null(strstr(buffer_text(&text),
		"w207\na:1:2: later file\nnote: nowhere\nand 7 more warnings\n"));
	assert_int_equal(diagnostics.totals[SEVERITY_ERROR], 2);
	assert_false(diagnostics_room(&diagnostics, SEVERITY_WARNING));
	buffer_done(&text);
	diagnostics_done(&diagnostics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(yaml_reads_its_table),
		cmocka_unit_test(yaml_keeps_its_depth),
		cmocka_unit_test(yaml_knows_the_other_unicode),
		cmocka_unit_test(yaml_survives_an_alias_bomb),
		cmocka_unit_test(yaml_keeps_its_number_of_anchors),
		cmocka_unit_test(yaml_keeps_its_size),
		cmocka_unit_test(yaml_get_finds_a_key),
		cmocka_unit_test(diagnostics_are_bounded_sorted_and_not_repeated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
