/* SPDX-License-Identifier: Apache-2.0 */
/* Files: what is read, what is refused, what a pattern finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "edge/file.h"

static char place[] = "/tmp/test-file.XXXXXX";

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static const char *const files[] = {
	"a.pem", "b.pem", "B.pem", ".hidden.pem", "we[i]rd/b.pem", "sub/main.yaml", "sub/c.pem"};

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(place));
	assert_int_equal(chdir(place), 0);
	assert_int_equal(mkdir("sub", 0700), 0);
	assert_int_equal(mkdir("we[i]rd", 0700), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(files); i++)
		put(files[i], "0123456789");
	assert_int_equal(symlink("a.pem", "link.pem"), 0);
	assert_int_equal(symlink("nowhere", "dangling.txt"), 0);
	assert_int_equal(mkfifo("pipe", 0600), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(files); i++)
		unlink(files[i]);
	unlink("link.pem");
	unlink("dangling.txt");
	unlink("pipe");
	rmdir("sub");
	rmdir("we[i]rd");
	return chdir("/") || rmdir(place);
}

static void a_file_is_read_whole_or_not_at_all(void **state)
{
	static const struct {
		const char *path;
		size_t limit;
		int result;
		const char *said;
	} cases[] = {
		{"a.pem", 100, 0, ""},
		{"a.pem", 10, 0, ""},
		{"link.pem", 10, 0, ""},
		{"a.pem", 9, -ERROR_LIMIT,
			"cannot read a.pem: it is longer than 9 bytes, the limit of such a file"},
		{"none.pem", 100, -ERROR_MISSING,
			"cannot read none.pem: No such file or directory"},
		{"a.pem/x", 100, -ERROR_MISSING, "cannot read a.pem/x: Not a directory"},
		{"dangling.txt", 100, -ERROR_MISSING,
			"cannot read dangling.txt: No such file or directory"},
		{"sub", 100, -ERROR_INVALID, "cannot read sub: it is a directory, not a file"},
		{"pipe", 100, -ERROR_INVALID,
			"cannot read pipe: it is not a regular file; pipes and devices are not "
			"read"},
		{"/dev/zero", 100, -ERROR_INVALID,
			"cannot read /dev/zero: it is not a regular file; pipes and devices are "
			"not "
			"read"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct error error = {0};
		struct buffer text;

		buffer_init(&text, cases[i].limit);
		assert_int_equal(file_read(cases[i].path, &text, &error), cases[i].result);
		assert_string_equal(error.message, cases[i].said);
		buffer_clear(&text);
		assert_int_equal(file_read(cases[i].path, &text, NULL), cases[i].result);
		assert_string_equal(buffer_text(&text), cases[i].result == 0 ? "0123456789" : "");
		buffer_done(&text);
	}
}

static void who_names_the_file_tells_its_name_once(void **state)
{
	struct error error = {0};
	struct buffer text;

	(void)state;
	buffer_init(&text, 100);
	assert_int_equal(file_read_named("none.pem", &text, &error), -ERROR_MISSING);
	assert_string_equal(error.message, "cannot be read: No such file or directory");
	assert_int_equal(file_read_named("sub", &text, &error), -ERROR_INVALID);
	assert_string_equal(error.message, "cannot be read: it is a directory, not a file");
	assert_int_equal(file_read_named("a.pem", &text, &error), 0);
	assert_string_equal(buffer_text(&text), "0123456789");
	buffer_done(&text);
}

static void a_pattern_finds_files_in_order(void **state)
{
	static const struct {
		const char *what, *pattern, *base, *found;
	} cases[] = {
		{"sorted by bytes, without hidden ones", "*.pem", "main.yaml",
			"B.pem a.pem b.pem link.pem "},
		{"without wildcards: the file, there or not", "none.pem", "main.yaml", "none.pem "},
		{"relative to the file that names it", "c.pem", "sub/main.yaml", "sub/c.pem "},
		{"the same for a pattern", "*.pem", "sub/main.yaml", "sub/c.pem "},
		{"upwards", "../[ab].pem", "sub/main.yaml", "sub/../a.pem sub/../b.pem "},
		{"wildcards in the base's own name are none", "?.pem", "we[i]rd/main.yaml",
			"we[i]rd/b.pem "},
		{"nothing there", "x*.pem", "main.yaml", ""},
		{"no such directory", "none/*.pem", "main.yaml", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct file_list list = {0};
		struct error error = {0};
		struct buffer got;

		buffer_init(&got, 1000);
		assert_int_equal(file_find(cases[i].pattern, cases[i].base, 10, &list, &error), 0);
		for (size_t j = 0; j < list.count; j++)
			buffer_printf(&got, "%s ", list.paths[j]);
		if (strcmp(buffer_text(&got), cases[i].found) != 0)
			print_error("%s\n", cases[i].what);
		assert_string_equal(buffer_text(&got), cases[i].found);
		buffer_done(&got);
		file_list_done(&list);
	}
}

static void an_absolute_pattern_stands_alone(void **state)
{
	struct file_list list = {0};
	struct error error = {0};
	char pattern[64];

	(void)state;
	snprintf(pattern, sizeof(pattern), "%s/a.*", place);
	assert_int_equal(file_find(pattern, "sub/main.yaml", 10, &list, &error), 0);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.paths[0] + strlen(place), "/a.pem");
	file_list_done(&list);
}

static void a_pattern_keeps_its_limit(void **state)
{
	struct file_list list = {0};
	struct error error = {0};

	(void)state;
	assert_int_equal(file_find("*.pem", "main.yaml", 3, &list, &error), -ERROR_LIMIT);
	assert_string_equal(error.message, "*.pem matches 4 files; at most 3 are taken");
	assert_null(list.paths);
}

static void an_unreadable_directory_is_not_an_empty_one(void **state)
{
	struct file_list list = {0};
	struct error error = {0};

	(void)state;
	if (geteuid() == 0)
		skip(); /* root reads everything */
	assert_int_equal(chmod("sub", 0), 0);
	assert_int_equal(file_find("sub/*.pem", "main.yaml", 3, &list, &error), -ERROR_IO);
	assert_int_equal(chmod("sub", 0700), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_read_whole_or_not_at_all),
		cmocka_unit_test(who_names_the_file_tells_its_name_once),
		cmocka_unit_test(a_pattern_finds_files_in_order),
		cmocka_unit_test(an_absolute_pattern_stands_alone),
		cmocka_unit_test(a_pattern_keeps_its_limit),
		cmocka_unit_test(an_unreadable_directory_is_not_an_empty_one),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
