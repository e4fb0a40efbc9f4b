/* SPDX-License-Identifier: Apache-2.0 */
/* What is written is read back as the same text, and no comment ends before its line does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "edge/yaml-write.h"
#include "edge/yaml.h"

#define TEXT_MAX 1024

static const struct {
	const char *text;
	const char *back; /* what is read; NULL: the same */
} texts[] = {
	{"corp-root", NULL}, {"", NULL}, {"none", NULL}, {"NULL", NULL}, {"~", NULL},
	{"2024", NULL}, {"0x1f", NULL}, {"true", NULL}, {"- item", NULL}, {"a: b", NULL},
	{"a #b", NULL}, {"#", NULL}, {"\"quoted\" and 'quoted'", NULL}, {"back\\slash\\", NULL},
	{"[a, b]", NULL}, {"{a: b}", NULL}, {"*alias", NULL}, {"&anchor", NULL}, {"!!int 3", NULL},
	{"| block", NULL}, {"%YAML 1.1", NULL}, {"---", NULL}, {"two\nlines\r\n\tand a tab", NULL},
	{" spaces ", NULL}, {"\x01\x1b[31m\x7f", NULL}, {"Größe Ж 東京 \xF0\x9F\x94\x92", NULL},
	{"\xE2\x80\xA8 \xC2\x85 \xEF\xBB\xBF \xE2\x80\xAE", NULL}, /* U+2028 U+0085 U+FEFF U+202E */
	{"\xFF half \xC3", "? half ?"},
	{"\xED\xA0\x80 \xC0\xAF \xF4\x90\x80\x80",
		"??? ?? ????"}, /* a surrogate, too long, too high */
};

static void parse(const struct buffer *buffer, struct yaml_tree *ret_tree)
{
	struct diagnostics diagnostics = {0};

	if (yaml_parse(buffer->data, buffer->length, "x", &diagnostics, ret_tree) < 0 ||
		diagnostics.count > 0)
		fail_msg("not taken: %s", buffer_text(buffer));
	diagnostics_done(&diagnostics);
}

static void texts_are_read_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		const char *expected = texts[i].back ? texts[i].back : texts[i].text;
		struct yaml_tree tree = {0};
		const struct yaml_node *list;
		struct buffer buffer;

		buffer_init(&buffer, TEXT_MAX);
		buffer_append_text(&buffer, "k: ");
		yaml_write_text(&buffer, texts[i].text);
		buffer_append_text(&buffer, "\nl: [");
		yaml_write_text(&buffer, texts[i].text);
		assert_int_equal(buffer_append_text(&buffer, "]\n"), 0);
		parse(&buffer, &tree);
		assert_int_equal(tree.root->length, 2);
		assert_int_equal(yaml_get(tree.root, "k")->kind, YAML_SCALAR);
		assert_string_equal(yaml_get(tree.root, "k")->text, expected);
		list = yaml_get(tree.root, "l");
		assert_int_equal(list->length, 1);
		assert_string_equal(list->first->text, expected);
		yaml_tree_done(&tree);
		buffer_done(&buffer);
	}
}

static void comments_stay_comments(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		struct yaml_tree tree = {0};
		struct buffer buffer;
		char evil[TEXT_MAX];

		snprintf(evil, sizeof(evil), "%s\nx: 1\ry: 2\xC2\x85z: 3\xE2\x80\xA8w: 4",
			texts[i].text);
		buffer_init(&buffer, TEXT_MAX);
		yaml_write_comment(&buffer, 2, evil);
		assert_int_equal(strlen(buffer_text(&buffer)),
			(size_t)(strchr(buffer_text(&buffer), '\n') - buffer_text(&buffer)) + 1);
		buffer_append_text(&buffer, "k: v\n");
		yaml_write_comment(&buffer, 0, evil);
		parse(&buffer, &tree);
		assert_int_equal(tree.root->length, 1);
		yaml_tree_done(&tree);
		buffer_done(&buffer);
	}
}

static void plain_words_stay_plain(void **state)
{
	struct buffer buffer;

	(void)state;
	buffer_init(&buffer, TEXT_MAX);
	yaml_write_text(&buffer, "eu-west-1");
	yaml_write_comment(&buffer, 1, "x");
	yaml_write_comment(&buffer, 0, "");
	assert_string_equal(buffer_text(&buffer), "eu-west-1 # x\n#\n");
	buffer_done(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_read_back),
		cmocka_unit_test(comments_stay_comments),
		cmocka_unit_test(plain_words_stay_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
