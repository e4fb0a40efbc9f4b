/* SPDX-License-Identifier: Apache-2.0 */
/* A file that is replaced: whole or not at all, whatever the umask and a crash before left. */
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

#include "base/buffer.h"
#include "edge/file.h"
#include "edge/replace.h"

struct place {
	char directory[64], path[96], aside[96];
};

static int place_make(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	snprintf(place->directory, sizeof(place->directory), "/tmp/ldapsward-replace-XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	snprintf(place->path, sizeof(place->path), "%s/x.prom", place->directory);
	snprintf(place->aside, sizeof(place->aside), "%s/.x.prom.new", place->directory);
	*state = place;
	return 0;
}

static int place_remove(void **state)
{
	struct place *place = *state;

	(void)unlink(place->path);
	(void)unlink(place->aside);
	assert_int_equal(rmdir(place->directory), 0); /* nothing else is left */
	free(place);
	return 0;
}

static void holds(const struct place *place, const char *text)
{
	struct error error = {0};
	struct buffer buffer;

	buffer_init(&buffer, 100);
	assert_int_equal(file_read(place->path, &buffer, &error), 0);
	assert_string_equal(buffer_text(&buffer), text);
	buffer_done(&buffer);
}

static void write_text(const struct place *place, const char *text)
{
	struct replacement *replacement;
	struct error error = {0};

	assert_int_equal(replacement_new(place->path, 0644, &replacement, &error), 0);
	replacement_put_text(replacement, text);
	assert_int_equal(replacement_commit(replacement, &error), 0);
	replacement_free(replacement);
}

static void the_old_text_stays_until_the_new_one_is_whole(void **state)
{
	struct place *place = *state;
	struct replacement *replacement;
	struct error error = {0};

	write_text(place, "old");
	assert_int_equal(replacement_new(place->path, 0644, &replacement, &error), 0);
	replacement_put_text(replacement, "new");
	holds(place, "old");
	replacement_free(replacement); /* never committed */
	holds(place, "old");
	assert_int_equal(access(place->aside, F_OK), -1);
	write_text(place, "newest");
	holds(place, "newest");
}

static void what_a_crash_has_left_is_in_nobodys_way(void **state)
{
	struct place *place = *state;

	assert_int_equal(symlink(place->path, place->aside), 0);
	write_text(place, "text");
	holds(place, "text");
}

static void the_mode_is_the_one_that_was_asked_for(void **state)
{
	struct place *place = *state;
	struct stat status;
	mode_t before = umask(077);

	write_text(place, "text");
	(void)umask(before);
	assert_int_equal(stat(place->path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0644);
}

static void what_cannot_be_written_is_told(void **state)
{
	struct place *place = *state;
	struct replacement *replacement = NULL;
	struct error error = {0};
	char path[128];

	snprintf(path, sizeof(path), "%s/none/x.prom", place->directory);
	assert_int_equal(replacement_new(path, 0644, &replacement, &error), -ERROR_MISSING);
	assert_non_null(strstr(error.message, path));
	assert_null(replacement);
	/* a directory stands where the file is to be */
	assert_int_equal(mkdir(place->path, 0700), 0);
	assert_int_equal(replacement_new(place->path, 0644, &replacement, &error), 0);
	assert_int_equal(replacement_commit(replacement, &error), -ERROR_IO);
	replacement_free(replacement);
	assert_int_equal(rmdir(place->path), 0);
}

int main(void)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)
	static const struct CMUnitTest tests[] = {
		IN_PLACE(the_old_text_stays_until_the_new_one_is_whole),
		IN_PLACE(what_a_crash_has_left_is_in_nobodys_way),
		IN_PLACE(the_mode_is_the_one_that_was_asked_for),
		IN_PLACE(what_cannot_be_written_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
