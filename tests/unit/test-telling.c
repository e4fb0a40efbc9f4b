/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions are logged when they are news. */
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
#include "edge/journal.h"
#include "program/telling.h"

static struct target target = {
	.account = (char[]){""}, .region = "eu-west-1", .id = "d-926708e4f1"};

/* How many lines of the log a decision of these conditions makes. */
static unsigned lines_of(const struct condition *conditions, size_t count)
{
	static struct decision decision;
	const struct situation situation = {0};
	FILE *file = tmpfile();
	int own = dup(STDERR_FILENO), byte;
	unsigned lines = 0;

	decision = (struct decision){.step.kind = STEP_HELD, .conditions_count = count};
	for (size_t i = 0; i < count; i++)
		decision.conditions[i] = conditions[i];
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
	telling_decided(&target, &situation, &decision);
	assert_true(dup2(own, STDERR_FILENO) >= 0);
	close(own);
	rewind(file);
	while ((byte = fgetc(file)) != EOF)
		lines += byte == '\n';
	fclose(file);
	return lines;
}

/* What is news is told; which conditions are, core/announce says. */
static void only_news_is_told(void **state)
{
	const struct condition conditions[] = {{.reason = REASON_NO_FREE_SLOT, .news = true},
		{.reason = REASON_CONTESTED}, {.reason = REASON_FOREIGN, .news = true}};

	(void)state;
	assert_int_equal(lines_of(conditions, ARRAY_LENGTH(conditions)), 2);
	assert_int_equal(lines_of(NULL, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_news_is_told),
	};

	journal_start(true, false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
