/* SPDX-License-Identifier: Apache-2.0 */
/* What is news, once: thresholds, what comes and goes, a restart, and a full memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "core/announce.h"
#include "core/decide.h"
#include "tests/unit/scene.h"

/* Announces these conditions in the scene's situation; returns how many of them are news. */
static size_t news_of(struct scene *scene, const struct condition *conditions, size_t count)
{
	static struct decision decision;
	size_t news = 0;

	decision.conditions_count = 0;
	for (size_t i = 0; i < count; i++)
		decision_tell(&decision, &conditions[i]);
	announce(&scene->situation, &decision, &scene->memory);
	for (size_t i = 0; i < decision.conditions_count; i++)
		news += decision.conditions[i].news;
	return news;
}

static size_t news(struct scene *scene, struct condition condition)
{
	return news_of(scene, &condition, 1);
}

/* Decides and announces; whether `reason` is told, and at which level. -1: it is not. */
static int64_t told_level(struct scene *scene, enum reason reason)
{
	static struct decision decision;

	decide(&scene->situation, &decision);
	announce(&scene->situation, &decision, &scene->memory);
	for (size_t i = 0; i < decision.conditions_count; i++)
		if (decision.conditions[i].reason == reason && decision.conditions[i].news)
			return decision.conditions[i].level;
	return -1;
}

/* What a restart leaves: memory as the ledger has it. */
static void restart(struct scene *scene)
{
	struct memory again = {0};

	assert_int_equal(memory_copy(&scene->memory, &again), 0);
	memory_done(&scene->memory);
	scene->memory = again;
}

static void every_level_is_told_once(void **state)
{
	static const struct {
		const char *what;
		int64_t left; /* days of SCENE_ROOT */
		bool unread, restart;
		int64_t told; /* level; -1: nothing */
	} steps[] = {
		{"there is time", 366, false, false, -1},
		{"a year", 365, false, false, 365},
		{"the next look", 364, false, false, -1},
		{"a restart is no news", 363, false, true, -1},
		{"half a year", 180, false, false, 180},
		{"the API is away", 121, true, false, -1},
		{"and it rises all the same", 120, true, false, 120},
		{"the API is back", 119, false, false, -1},
		{"100 days, after a restart", 100, false, true, 100},
		{"a long absence: two at once are one", 20, false, false, 30},
		{"two weeks", 14, true, true, 14},
		{"a week", 7, false, false, 7},
		{"a look in between", 2, false, false, -1},
		{"a day", 1, false, false, 1},
		{"its last day", 0, false, false, -1},
		{"a clock that stepped back", 10, false, false, -1},
		{"what comes again is told again", 7, false, false, 7},
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) {
		int64_t level;

		scene.observed.complete = !steps[i].unread;
		scene.situation.now =
			scene.certificates[SCENE_ROOT].not_after - steps[i].left * SCENE_DAY;
		if (steps[i].restart)
			restart(&scene);
		level = told_level(&scene, REASON_SUCCESSOR_MISSING);
		if (level != steps[i].told)
			fail_msg("%s: %lld", steps[i].what, (long long)level);
	}
	scene_done(&scene);
}

static void at_first_sight_only_the_nearest_is_told(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene.situation.now = scene.certificates[SCENE_ROOT].not_after - 95 * SCENE_DAY;
	assert_int_equal(told_level(&scene, REASON_SUCCESSOR_MISSING), 100);
	assert_int_equal(told_level(&scene, REASON_SUCCESSOR_MISSING), -1);
	assert_int_equal(scene.memory.announcements_count, 1);
	scene_done(&scene);
}

static void a_level_is_remembered_while_its_certificate_is_there(void **state)
{
	struct certificate *next;
	struct scene scene;

	(void)state;
	scene_init(&scene);
	next = &scene.certificates[SCENE_OTHER];
	next->subject = next->issuer = scene.certificates[SCENE_ROOT].subject;
	next->not_after += SCENE_DAY;
	scene.generations[0][1] = next;
	scene.situation.now = scene.certificates[SCENE_ROOT].not_after - 120 * SCENE_DAY;
	assert_int_equal(told_level(&scene, REASON_SUCCESSOR_MISSING), 120);
	/* a successor comes, and goes after long */
	next->not_after += 3650 * SCENE_DAY;
	scene.authorities[0].count = 2;
	assert_int_equal(told_level(&scene, REASON_SUCCESSOR_MISSING), -1);
	scene.situation.now += 5 * SCENE_DAY;
	assert_int_equal(told_level(&scene, REASON_SUCCESSOR_MISSING), -1);
	scene.authorities[0].count = 1;
	assert_int_equal(told_level(&scene, REASON_SUCCESSOR_MISSING), -1);
	/* the certificate goes, and comes back */
	scene.observed.listed_count = 0;
	assert_int_equal(told_level(&scene, REASON_SUCCESSOR_MISSING), -1);
	scene.observed.listed_count = 1;
	assert_int_equal(told_level(&scene, REASON_SUCCESSOR_MISSING), 120);
	scene_done(&scene);
}

static void what_changed_is_told_again(void **state)
{
	static const struct {
		const char *what;
		struct condition condition;
		size_t news;
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
		{"an event", {.reason = REASON_DISABLED_ELSEWHERE, .at = 100}, 1},
		{"the same event", {.reason = REASON_DISABLED_ELSEWHERE, .at = 100}, 0},
		{"another event", {.reason = REASON_DISABLED_ELSEWHERE, .at = 200}, 1},
		{"an entry", {.reason = REASON_DEREGISTER_FAILED, .id = "c-0000000001"}, 1},
		{"another entry", {.reason = REASON_DEREGISTER_FAILED, .id = "c-0000000002"}, 1},
		{"another refusal",
			{.reason = REASON_DEREGISTER_FAILED,
				.id = "c-0000000002",
				.refusal = REFUSAL_ClientException},
			1},
		{"a removal that is held back", {.reason = REASON_POLICY, .holds = STEP_DEREGISTER},
			1},
		{"a disable that is", {.reason = REASON_POLICY, .holds = STEP_DISABLE}, 1},
	};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		if (news(&scene, cases[i].condition) != cases[i].news)
			fail_msg("%s", cases[i].what);
	scene_done(&scene);
}

static void what_comes_and_goes_is_told_once_a_day(void **state)
{
	static const struct {
		const char *what;
		int64_t at; /* hours */
		bool holds, incomplete, busy, news;
		bool since; /* it holds since this very look */
	} steps[] = {
		{"it begins", 0, true, false, false, true, true},
		{"it lasts", 1, true, false, false, false, false},
		{"it is over", 2, false, false, false, false, false},
		{"back within a day", 3, true, false, false, false, true},
		{"over", 4, false, false, false, false, false},
		{"back", 5, true, false, false, false, true},
		{"still there after a day: told again", 24, true, false, false, true, false},
		{"and no more than that", 30, true, false, false, false, false},
		{"nor when it lasts for days", 96, true, false, false, false, false},
		{"what no look shows is not over", 97, false, true, false, false, false},
		{"it was there all the time", 98, true, false, false, false, false},
		{"nor while something is in flight", 99, false, false, true, false, false},
		{"there all the time", 100, true, false, false, false, false},
		{"over, and more than a day ago", 101, false, false, false, false, false},
		{"it begins anew", 102, true, false, false, true, true},
	};
	const struct condition condition = {.reason = REASON_NO_FREE_SLOT};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) {
		scene.situation.now = SCENE_NOW + steps[i].at * 3600;
		scene.observed.complete = !steps[i].incomplete;
		scene.observed.listed[0].state = steps[i].busy ? CERTIFICATE_STATE_REGISTERING
							       : CERTIFICATE_STATE_REGISTERED;
		restart(&scene);
		if (news_of(&scene, &condition, steps[i].holds) != steps[i].news)
			fail_msg("%s", steps[i].what);
		if (steps[i].holds && (announce_since(&scene.memory, &condition) ==
					      scene.situation.now) != steps[i].since)
			fail_msg("%s: since when?", steps[i].what);
	}
	scene_done(&scene);
}

static void a_note_is_told_whenever_it_begins(void **state)
{
	const struct condition note = {.reason = REASON_MISSING};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	assert_int_equal(news(&scene, note), 1);
	assert_int_equal(news(&scene, note), 0);
	assert_int_equal(news_of(&scene, NULL, 0), 0);
	assert_int_equal(scene.memory.announcements_count, 0);
	assert_int_equal(announce_since(&scene.memory, &note), 0);
	assert_int_equal(news(&scene, note), 1);
	scene_done(&scene);
}

/* A clock that ran ahead must not silence an alarm for as long as it did. */
static void an_instant_to_come_silences_nothing(void **state)
{
	const struct condition condition = {.reason = REASON_NO_FREE_SLOT};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene.situation.now = SCENE_NOW + 3650 * SCENE_DAY;
	assert_int_equal(news(&scene, condition), 1);
	scene.situation.now = SCENE_NOW;
	assert_int_equal(news_of(&scene, NULL, 0), 0);
	assert_int_equal(news(&scene, condition), 1);
	scene_done(&scene);
}

/* As many as can be told at once, again and again others: what lasts is not told twice. */
static void a_full_memory_forgets_what_is_over(void **state)
{
	struct condition conditions[DECISION_CONDITIONS_MAX] = {0};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	conditions[0].reason = REASON_NO_FREE_SLOT;
	for (unsigned round = 0; round < 10; round++) {
		for (unsigned i = 1; i < DECISION_CONDITIONS_MAX; i++) {
			conditions[i].reason = REASON_FOREIGN_MATCH;
			snprintf(conditions[i].id, sizeof(conditions[i].id), "c-%010u",
				round * 1000 + i);
		}
		scene.situation.now++;
		assert_int_equal(news_of(&scene, conditions, DECISION_CONDITIONS_MAX),
			DECISION_CONDITIONS_MAX - (round > 0));
		assert_true(scene.memory.announcements_count <= MEMORY_ANNOUNCEMENTS_MAX);
		assert_int_equal(news_of(&scene, conditions, DECISION_CONDITIONS_MAX), 0);
	}
	assert_int_equal(announce_since(&scene.memory, &conditions[0]), SCENE_NOW + 1);
	scene_done(&scene);
}

/* A twin in one decision is no second piece of news. */
static void twins_are_one(void **state)
{
	const struct condition twins[] = {{.reason = REASON_NO_ROOT}, {.reason = REASON_NO_ROOT}};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	assert_int_equal(news_of(&scene, twins, ARRAY_LENGTH(twins)), 1);
	scene_done(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_level_is_told_once),
		cmocka_unit_test(at_first_sight_only_the_nearest_is_told),
		cmocka_unit_test(a_level_is_remembered_while_its_certificate_is_there),
		cmocka_unit_test(what_changed_is_told_again),
		cmocka_unit_test(what_comes_and_goes_is_told_once_a_day),
		cmocka_unit_test(a_note_is_told_whenever_it_begins),
		cmocka_unit_test(an_instant_to_come_silences_nothing),
		cmocka_unit_test(a_full_memory_forgets_what_is_over),
		cmocka_unit_test(twins_are_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
