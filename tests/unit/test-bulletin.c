/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon tells of itself: once while it lasts, ever less often, and its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/calendar.h"
#include "edge/clock.h"
#include "edge/journal.h"
#include "program/bulletin.h"

#define TEXT_MAX 4096

static char clock_path[] = "/tmp/ldapsward-bulletin-XXXXXX";
static FILE *file;
static int own;

/* Moves the wall clock and the elapsed time of this process. */
static void move_to(int64_t seconds)
{
	FILE *shift = fopen(clock_path, "w");

	assert_non_null(shift);
	fprintf(shift, "%lld\n", (long long)seconds);
	assert_int_equal(fclose(shift), 0);
}

static void listen(void)
{
	file = tmpfile();
	own = dup(STDERR_FILENO);
	assert_non_null(file);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
}

/* What was told since listen(). */
static const char *heard(void)
{
	static char text[TEXT_MAX];
	size_t length;

	assert_true(dup2(own, STDERR_FILENO) >= 0);
	close(own);
	rewind(file);
	length = fread(text, 1, sizeof(text) - 1, file);
	text[length] = '\0';
	fclose(file);
	return text;
}

static void a_selection_that_cannot_be_taken_is_told_once(void **state)
{
	static const struct {
		int64_t at;
		const char *why_not, *told, *with; /* NULL: nothing */
		const char *why;
	} sweeps[] = {
		{0, NULL, NULL, NULL, "all is well"},
		{900, "too many", "could not be taken: too many", "\"PRIORITY\":3", "news"},
		{1800, "too many", NULL, NULL, "it lasts"},
		{2700, "too many", NULL, NULL, "it lasts"},
		{900 + HOUR, "too many", "could not be taken: too many", "REPEATED", "a reminder"},
		{1800 + HOUR, "too many", NULL, NULL, "it lasts"},
		{2700 + HOUR, NULL, "could be taken again", "\"PRIORITY\":5", "its end"},
		{3600 + HOUR, NULL, NULL, NULL, "all is well"},
		{4500 + HOUR, "too many", "could not be taken: too many", NULL, "news again"},
	};
	struct bulletin bulletin = {0};

	(void)state;
	journal_start(false, JOURNAL_FORMAT_JSON);
	for (size_t i = 0; i < ARRAY_LENGTH(sweeps); i++) {
		const char *text;

		move_to(sweeps[i].at);
		listen();
		bulletin_selected(&bulletin, sweeps[i].why_not);
		text = heard();
		if (sweeps[i].told ? !strstr(text, sweeps[i].told) ||
					     (sweeps[i].with && !strstr(text, sweeps[i].with))
				   : *text)
			fail_msg("%s: %s", sweeps[i].why, text);
	}
}

static int begin(void **state)
{
	int descriptor = mkstemp(clock_path);

	(void)state;
	if (descriptor < 0)
		return -1;
	close(descriptor);
	return setenv(CLOCK_DEMO_VARIABLE, clock_path, 1);
}

static int end(void **state)
{
	(void)state;
	return unlink(clock_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_selection_that_cannot_be_taken_is_told_once),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
