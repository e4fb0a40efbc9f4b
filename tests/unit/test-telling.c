/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions are logged when they are news, once. */
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

static unsigned line_of(struct condition condition)
{
	return lines_of(&condition, 1);
}

static int forget(void **state)
{
	(void)state;
	free(target.told_conditions);
	target.told_conditions = NULL;
	target.told_conditions_count = 0;
	return 0;
}

static void what_changed_is_told_again(void **state)
{
	static const struct {
		const char *what;
		struct condition condition;
		unsigned lines;
	} cases[] = {
		{"a cause", {.reason = REASON_UNREADABLE, .detail = "no route (after 3 ms)"}, 1},
		{"the same, but for a number",
			{.reason = REASON_UNREADABLE, .detail = "no route (after 5001 ms)"}, 0},
		{"another cause", {.reason = REASON_UNREADABLE, .detail = "HTTP status 500"}, 1},
		{"no cause", {.reason = REASON_UNREADABLE}, 1},
		{"an authority", {.reason = REASON_AUTHORITY_UNCOVERED, .detail = "ca-1"}, 1},
		{"the same later",
			{.reason = REASON_AUTHORITY_UNCOVERED, .detail = "ca-1", .at = 7}, 0},
		{"a second one, which differs in a digit",
			{.reason = REASON_AUTHORITY_UNCOVERED, .detail = "ca-2"}, 1},
		{"how often", {.reason = REASON_CONTESTED, .number = 1}, 1},
		{"more often", {.reason = REASON_CONTESTED, .number = 2}, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		if (line_of(cases[i].condition) != cases[i].lines)
			fail_msg("%s", cases[i].what);
}

/* As many as a decision can hold are told once, and none of them takes memory when all is well. */
static void many_are_told_once(void **state)
{
	struct condition conditions[DECISION_CONDITIONS_MAX] = {0};

	(void)state;
	for (unsigned i = 0; i < DECISION_CONDITIONS_MAX; i++) {
		conditions[i].reason = REASON_FOREIGN;
		snprintf(conditions[i].id, sizeof(conditions[i].id), "c-%010u", i);
	}
	assert_int_equal(lines_of(conditions, DECISION_CONDITIONS_MAX), DECISION_CONDITIONS_MAX);
	assert_int_equal(lines_of(conditions, DECISION_CONDITIONS_MAX), 0);
	assert_int_equal(lines_of(conditions + 1, DECISION_CONDITIONS_MAX - 1), 0);
	assert_int_equal(lines_of(conditions, 2), 1);
	assert_int_equal(lines_of(NULL, 0), 0);
	assert_null(target.told_conditions);
	assert_int_equal(lines_of(conditions, 1), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_changed_is_told_again, forget),
		cmocka_unit_test_teardown(many_are_told_once, forget),
	};

	journal_start(true, false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
