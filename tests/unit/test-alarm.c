/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates that near their end, those in the way of their successors, and an old view. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/array.h"
#include "core/alarm.h"
#include "core/threshold.h"
#include "tests/unit/scene.h"

/* What tells: a look, or memory while there is none. */
enum teller {
	LOOK,
	MEMORY,
	TELLERS,
};

static const char *const tellers[TELLERS] = {"a look", "memory"};

static int64_t tell(struct scene *scene, enum teller teller, struct decision *decision)
{
	decision->conditions_count = 0;
	scene->observed.complete = teller == LOOK;
	return teller == LOOK ? alarm_tell(&scene->situation, decision)
			      : alarm_recall(&scene->situation, decision);
}

/* The condition of this reason about `certificate`, NULL if it is not told. */
static const struct condition *told(
	struct scene *scene, enum teller teller, enum reason reason, int certificate)
{
	static struct decision decision;

	tell(scene, teller, &decision);
	for (size_t i = 0; i < decision.conditions_count; i++)
		if (decision.conditions[i].reason == reason &&
			decision.conditions[i].certificate == &scene->certificates[certificate])
			return &decision.conditions[i];
	return NULL;
}

/* SCENE_SHORT is owned, and SCENE_OTHER becomes the next generation of it, owned too. */
static void renewed(struct scene *scene, bool same_key)
{
	struct certificate *old = &scene->certificates[SCENE_SHORT];
	struct certificate *next = &scene->certificates[SCENE_OTHER];

	scene_trust(scene, SCENE_SHORT);
	next->subject = old->subject;
	next->issuer = old->issuer;
	if (same_key)
		next->key = next->signer = old->key;
	scene->generations[1][1] = next;
	scene->authorities[1].count = 2;
	scene_own(scene, SCENE_SHORT);
	scene_own(scene, SCENE_OTHER);
}

/* What is told so long before the end, to the second. */
static void levels(void **state)
{
	static const struct {
		const char *what;
		int64_t left; /* seconds */
		enum reason reason;
		int64_t level, days;
		enum severity severity;
		int64_t next; /* seconds before the end; -1: right after it */
	} cases[] = {
		{"a year is enough", 365 * SCENE_DAY + 1, REASON_NONE, 0, 0, SEVERITY_NOTE,
			365 * SCENE_DAY},
		{"a year", 365 * SCENE_DAY, REASON_SUCCESSOR_MISSING, 365, 365, SEVERITY_NOTE,
			180 * SCENE_DAY},
		{"right before the next", 180 * SCENE_DAY + 1, REASON_SUCCESSOR_MISSING, 365, 180,
			SEVERITY_NOTE, 180 * SCENE_DAY},
		{"half a year", 180 * SCENE_DAY, REASON_SUCCESSOR_MISSING, 180, 180, SEVERITY_NOTE,
			120 * SCENE_DAY},
		{"30 days to act", 120 * SCENE_DAY, REASON_SUCCESSOR_MISSING, 120, 120,
			SEVERITY_WARNING, 100 * SCENE_DAY},
		{"10 days to act", 100 * SCENE_DAY, REASON_SUCCESSOR_MISSING, 100, 100,
			SEVERITY_WARNING, 90 * SCENE_DAY},
		{"the line", 90 * SCENE_DAY, REASON_SUCCESSOR_MISSING, 90, 90, SEVERITY_ERROR,
			30 * SCENE_DAY},
		{"a month", 30 * SCENE_DAY, REASON_SUCCESSOR_MISSING, 30, 30, SEVERITY_ERROR,
			14 * SCENE_DAY},
		{"two weeks", 14 * SCENE_DAY, REASON_SUCCESSOR_MISSING, 14, 14, SEVERITY_ERROR,
			7 * SCENE_DAY},
		{"a week", 7 * SCENE_DAY, REASON_SUCCESSOR_MISSING, 7, 7, SEVERITY_ERROR,
			1 * SCENE_DAY},
		{"a day", SCENE_DAY, REASON_SUCCESSOR_MISSING, 1, 1, SEVERITY_ERROR, -1},
		{"hours", SCENE_DAY - 1, REASON_SUCCESSOR_MISSING, 1, 0, SEVERITY_ERROR, -1},
		{"its last second", 0, REASON_SUCCESSOR_MISSING, 1, 0, SEVERITY_ERROR, -1},
		{"over", -1, REASON_EXPIRED, 0, 0, SEVERITY_WARNING, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases) * TELLERS; i++) {
		size_t number = i / TELLERS;
		struct decision decision;
		struct scene scene;
		int64_t end, next;

		scene_init(&scene);
		end = scene.certificates[SCENE_ROOT].not_after;
		scene.situation.now = end - cases[number].left;
		next = tell(&scene, (enum teller)(i % TELLERS), &decision);
		if (decision.conditions_count != (cases[number].reason != REASON_NONE))
			fail_msg("%s, of %s: %zu told", cases[number].what, tellers[i % TELLERS],
				decision.conditions_count);
		if (cases[number].reason != REASON_NONE) {
			const struct condition *condition = &decision.conditions[0];

			assert_int_equal(condition->reason, cases[number].reason);
			assert_int_equal(condition->level, cases[number].level);
			assert_int_equal(condition->days, cases[number].days);
			assert_int_equal(condition_severity(condition), cases[number].severity);
			assert_int_equal(condition->at, end);
			assert_string_equal(condition->id, scene_id(SCENE_ROOT));
		}
		if (next != (cases[number].next != 0 ? end - cases[number].next : 0))
			fail_msg("%s: the next is not when it should be", cases[number].what);
		scene_done(&scene);
	}
}

/* What makes a successor missing, and what does not. */
static void successors(void **state)
{
	static const struct {
		const char *what;
		bool in_files, registered, missing;
	} cases[] = {
		{"neither in the files nor registered", false, false, true},
		{"registered, and in no file any more", false, true, false},
		{"in the files: what holds it back is told", true, false, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases) * TELLERS; i++) {
		size_t number = i / TELLERS;
		struct scene scene;

		scene_init(&scene);
		renewed(&scene, false);
		if (!cases[number].in_files)
			scene.authorities[1].count = 1;
		if (!cases[number].registered) {
			memory_remove(&scene.memory, scene_id(SCENE_OTHER));
			scene.observed.listed_count--;
		}
		if (!told(&scene, (enum teller)(i % TELLERS), REASON_SUCCESSOR_MISSING,
			    SCENE_SHORT) == cases[number].missing)
			fail_msg("%s, of %s", cases[number].what, tellers[i % TELLERS]);
		scene_done(&scene);
	}
}

static void shorter(struct scene *scene)
{
	scene->certificates[SCENE_OTHER].not_after =
		scene->certificates[SCENE_SHORT].not_after - SCENE_DAY;
}

static void under_door(struct scene *scene)
{
	scene->certificates[SCENE_OTHER].not_after = SCENE_NOW + 91 * SCENE_DAY - 1;
}

static void at_door(struct scene *scene)
{
	scene->certificates[SCENE_OTHER].not_after = SCENE_NOW + 91 * SCENE_DAY;
}

static void leaf(struct scene *scene)
{
	scene->certificates[SCENE_OTHER].ca = false;
}

static void cross(struct scene *scene)
{
	scene->certificates[SCENE_OTHER].self_signed = false;
	scene->certificates[SCENE_OTHER].self_issued = true;
}

static void valid_in_time(struct scene *scene)
{
	scene->certificates[SCENE_OTHER].not_before = scene->certificates[SCENE_SHORT].not_after;
}

static void valid_too_late(struct scene *scene)
{
	scene->certificates[SCENE_OTHER].not_before =
		scene->certificates[SCENE_SHORT].not_after + 1;
}

static void retired(struct scene *scene)
{
	memory_wish_add(&scene->memory, &scene->certificates[SCENE_OTHER])->retired = true;
}

static void other_name(struct scene *scene)
{
	memset(&scene->certificates[SCENE_OTHER].subject, 0x55, sizeof(struct digest));
}

static void one_of_two(struct scene *scene)
{
	struct certificate *twin = &scene->certificates[SCENE_TWIN];

	twin->subject = twin->issuer = scene->certificates[SCENE_SHORT].subject;
	scene->generations[1][2] = twin;
	scene->authorities[1].count = 3;
}

static void observed_only(struct scene *scene)
{
	scene->directory.policy = POLICY_OBSERVE;
}

static void added_only(struct scene *scene)
{
	scene->directory.policy = POLICY_ADD_ONLY;
}

/* What lies in the file and is none. */
static void wrong_successors(void **state)
{
	static const struct {
		const char *what;
		void (*spoil)(struct scene *scene);
		bool missing;
	} cases[] = {
		{"it ends sooner", shorter, true},
		{"it can no longer be registered", under_door, true},
		{"this is the last instant to register it", at_door, false},
		{"it is no CA", leaf, true},
		{"it is a cross-certificate", cross, true},
		{"it begins as the other ends", valid_in_time, false},
		{"it begins after the other's end", valid_too_late, true},
		{"it was retired here", retired, true},
		{"it is another CA's", other_name, true},
		{"policy observe registers nothing", observed_only, true},
		{"policy add-only does", added_only, false},
		{"nothing tells which of two it is, and neither is registered", one_of_two, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct scene scene;

		scene_init(&scene);
		renewed(&scene, false);
		memory_remove(&scene.memory, scene_id(SCENE_OTHER));
		scene.observed.listed_count--;
		cases[i].spoil(&scene);
		if (!told(&scene, LOOK, REASON_SUCCESSOR_MISSING, SCENE_SHORT) == cases[i].missing)
			fail_msg("%s", cases[i].what);
		scene_done(&scene);
	}
}

/* Only what is Registered, and stays, has an end that matters. */
static void what_is_not_there_has_no_end(void **state)
{
	struct memory_certificate *owned;
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene_trust(&scene, SCENE_SHORT);
	owned = scene_own(&scene, SCENE_SHORT);
	assert_non_null(told(&scene, LOOK, REASON_SUCCESSOR_MISSING, SCENE_SHORT));
	assert_non_null(told(&scene, MEMORY, REASON_SUCCESSOR_MISSING, SCENE_SHORT));
	scene.observed.listed[1].state = CERTIFICATE_STATE_REGISTERING;
	owned->registered_at = 0;
	assert_null(told(&scene, LOOK, REASON_SUCCESSOR_MISSING, SCENE_SHORT));
	assert_null(told(&scene, MEMORY, REASON_SUCCESSOR_MISSING, SCENE_SHORT));
	owned->registered_at = owned->removing_since = SCENE_NOW;
	assert_null(told(&scene, MEMORY, REASON_SUCCESSOR_MISSING, SCENE_SHORT));
	scene_done(&scene);
	/* dropped: on its way out */
	scene_init(&scene);
	scene_own(&scene, SCENE_SHORT);
	assert_null(told(&scene, LOOK, REASON_SUCCESSOR_MISSING, SCENE_SHORT));
	assert_null(told(&scene, MEMORY, REASON_SUCCESSOR_MISSING, SCENE_SHORT));
	scene_done(&scene);
	/* foreign, but it is the one that is trusted */
	scene_init(&scene);
	scene_trust(&scene, SCENE_SHORT);
	scene_list(&scene, SCENE_SHORT, CERTIFICATE_STATE_REGISTERED);
	assert_non_null(told(&scene, LOOK, REASON_SUCCESSOR_MISSING, SCENE_SHORT));
	assert_null(told(&scene, MEMORY, REASON_SUCCESSOR_MISSING, SCENE_SHORT));
	scene_done(&scene);
}

static void a_redundant_one_is_told_a_month_before_its_end(void **state)
{
	static const struct {
		const char *what;
		bool same_key;
		int64_t left; /* seconds */
		bool told;
	} cases[] = {
		{"more than a month", true, 30 * SCENE_DAY + 1, false},
		{"a month", true, 30 * SCENE_DAY, true},
		{"over, and still there", true, -1, true},
		{"of another key: controllers may need it to its end", false, 1, false},
		{"of another key: and it is over", false, -1, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases) * TELLERS; i++) {
		size_t number = i / TELLERS;
		enum teller teller = (enum teller)(i % TELLERS);
		const struct condition *condition;
		struct scene scene;

		scene_init(&scene);
		renewed(&scene, cases[number].same_key);
		scene.situation.now =
			scene.certificates[SCENE_SHORT].not_after - cases[number].left;
		condition = told(&scene, teller, REASON_REDUNDANT_EXPIRING, SCENE_SHORT);
		if (!condition == cases[number].told)
			fail_msg("%s, of %s", cases[number].what, tellers[teller]);
		if (condition)
			assert_string_equal(condition->detail, "second");
		assert_null(told(&scene, teller, REASON_SUCCESSOR_MISSING, SCENE_SHORT));
		assert_null(told(&scene, teller, REASON_EXPIRED, SCENE_SHORT));
		scene_done(&scene);
	}
}

static void a_view_grows_old(void **state)
{
	static const struct {
		const char *what;
		int64_t looked, age; /* `looked` 0: never */
		int64_t watching;
		bool complete, stale;
	} cases[] = {
		{"three intervals", SCENE_NOW, 2700, 0, false, false},
		{"a second more", SCENE_NOW, 2701, 0, false, true},
		{"this look is complete", SCENE_NOW, 2701, 0, true, false},
		{"a restart: the last look before it may not be on record", SCENE_NOW, 9999,
			SCENE_NOW + 7299, false, false},
		{"three intervals after it", SCENE_NOW, 9999, SCENE_NOW + 7298, false, true},
		{"nothing was ever seen", 0, 2701, 0, false, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct decision decision = {0};
		struct scene scene;
		int64_t next;

		scene_init(&scene);
		scene.memory.looked = cases[i].looked;
		scene.situation.watching = cases[i].watching;
		scene.observed.complete = cases[i].complete;
		scene.situation.now = SCENE_NOW + cases[i].age;
		next = alarm_recall(&scene.situation, &decision);
		if (decision.conditions_count != cases[i].stale)
			fail_msg("%s", cases[i].what);
		if (cases[i].stale) {
			assert_int_equal(decision.conditions[0].reason, REASON_STALE);
			assert_int_equal(decision.conditions[0].at, SCENE_NOW);
		}
		if (i == 0)
			assert_int_equal(next, SCENE_NOW + 2701);
		scene_done(&scene);
	}
}

static void severities_never_fall(void **state)
{
	(void)state;
	for (size_t i = 1; i < THRESHOLDS; i++) {
		assert_true(thresholds[i].days < thresholds[i - 1].days);
		assert_true(thresholds[i].severity <= thresholds[i - 1].severity);
	}
	assert_int_equal(threshold_severity(1000), SEVERITY_NOTE);
	assert_int_equal(threshold_severity(95), SEVERITY_ERROR);
	assert_int_equal(threshold_severity(0), SEVERITY_ERROR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels),
		cmocka_unit_test(successors),
		cmocka_unit_test(wrong_successors),
		cmocka_unit_test(what_is_not_there_has_no_end),
		cmocka_unit_test(a_redundant_one_is_told_a_month_before_its_end),
		cmocka_unit_test(a_view_grows_old),
		cmocka_unit_test(severities_never_fall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
