/* SPDX-License-Identifier: Apache-2.0 */
/* The plan: the steps to where the decision settles, and what is told on the way and at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/array.h"
#include "core/learn.h"
#include "core/plan.h"
#include "tests/unit/scene.h"

static void converged(struct scene *scene)
{
	(void)scene;
}

static void empty(struct scene *scene)
{
	scene->observed.listed_count = 0;
	scene->observed.ldaps_explicit = false;
	memory_remove(&scene->memory, scene_id(SCENE_ROOT));
	scene_trust(scene, SCENE_OTHER);
}

static void wrong_kind(struct scene *scene)
{
	empty(scene);
	scene->observed.type = DIRECTORY_TYPE_SIMPLE_AD;
}

static void observe_only(struct scene *scene)
{
	empty(scene);
	scene->directory.policy = POLICY_OBSERVE;
}

static void half_full(struct scene *scene)
{
	empty(scene);
	scene->directory.certificate_limit = 1;
}

static void others_register(struct scene *scene)
{
	scene_list(scene, SCENE_SHORT, CERTIFICATE_STATE_REGISTERING);
	scene_trust(scene, SCENE_OTHER);
}

static void stuck(struct scene *scene)
{
	scene_list(scene, SCENE_SHORT, CERTIFICATE_STATE_REGISTERING);
	scene->memory.busy_since = SCENE_NOW - SITUATION_STUCK_AFTER;
}

static void make_room(struct scene *scene)
{
	scene->directory.certificate_limit = 2;
	scene_own(scene, SCENE_ENDED);
	scene_trust(scene, SCENE_ENDED);
	scene_trust(scene, SCENE_OTHER);
}

static void drop_all(struct scene *scene)
{
	scene_dropped(scene_own(scene, SCENE_OTHER));
	scene_dropped(&scene->memory.certificates[0]);
	scene_distrust(scene);
	scene->directory.client_ldaps = CLIENT_LDAPS_DISABLED;
	scene_ldaps(scene, LDAPS_STATUS_DISABLED);
	scene->memory.disabled_since = SCENE_NOW - 4 * SCENE_DAY;
}

static const struct {
	const char *what;
	void (*set)(struct scene *scene);
	enum step_kind steps[4]; /* until STEP_OBSERVE */
	enum step_kind end;
	enum reason reason; /* of the end */
} cases[] = {
	{"nothing to do", converged, {0}, STEP_SETTLED, REASON_CONVERGED},
	{"everything, in order", empty, {STEP_REGISTER, STEP_REGISTER, STEP_ENABLE}, STEP_SETTLED,
		REASON_CONVERGED},
	{"nothing is planned for what cannot be managed", wrong_kind, {0}, STEP_HELD,
		REASON_WRONG_KIND},
	{"a policy that writes nothing plans nothing", observe_only, {0}, STEP_HELD,
		REASON_OBSERVING},
	{"as far as the slots go", half_full, {STEP_REGISTER}, STEP_HELD, REASON_NO_FREE_SLOT},
	{"what is in flight is taken to end well", others_register, {STEP_WAIT, STEP_REGISTER},
		STEP_SETTLED, REASON_CONVERGED},
	{"what is Stuck is not", stuck, {0}, STEP_WAIT, REASON_IN_FLIGHT},
	{"first room, then what needs it", make_room, {STEP_DEREGISTER, STEP_REGISTER},
		STEP_SETTLED, REASON_CONVERGED},
	{"the last one too, when LDAPS is settled Disabled", drop_all,
		{STEP_DEREGISTER, STEP_DEREGISTER}, STEP_SETTLED, REASON_CONVERGED},
};

static void check_case(size_t number)
{
	struct scene scene;
	struct plan plan;
	size_t steps = 0, writes = 0;

	scene_init(&scene);
	cases[number].set(&scene);
	assert_int_equal(plan_make(&scene.situation, NULL, NULL, &plan), 0);
	while (steps < ARRAY_LENGTH(cases[number].steps) &&
		cases[number].steps[steps] != STEP_OBSERVE)
		writes += cases[number].steps[steps++] != STEP_WAIT;
	if (plan.count != steps || plan_writes(&plan) != writes || plan.cut)
		fail_msg("%s: %zu steps", cases[number].what, plan.count);
	for (size_t i = 0; i < steps; i++)
		if (plan.steps[i].kind != cases[number].steps[i])
			fail_msg("%s: step %zu is %s", cases[number].what, i,
				step_kind_str(plan.steps[i].kind));
	if (plan.end.step.kind != cases[number].end || plan.end.step.reason != cases[number].reason)
		fail_msg("%s: ends %s, %s", cases[number].what, step_kind_str(plan.end.step.kind),
			reason_str(plan.end.step.reason));
	plan_done(&plan);
	scene_done(&scene);
}

static void plans(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_case(i);
}

/* What the plan is made from stays as it was: planning is free. */
static void nothing_is_changed(void **state)
{
	struct scene scene, before;
	struct plan plan;

	(void)state;
	scene_init(&scene);
	scene_init(&before);
	empty(&scene);
	empty(&before);
	assert_int_equal(plan_make(&scene.situation, NULL, NULL, &plan), 0);
	assert_true(observed_equal(&scene.observed, &before.observed));
	assert_int_equal(scene.memory.certificates_count, 0);
	assert_int_equal(scene.memory.wishes_count, 0);
	assert_int_equal(scene.memory.change.phase, CHANGE_NONE);
	plan_done(&plan);
	scene_done(&scene);
	scene_done(&before);
}

/* After the steps of a plan nothing is left to plan. */
static void a_plan_that_was_carried_out_plans_nothing(void **state)
{
	struct plan plan, again;
	struct scene scene;

	(void)state;
	scene_init(&scene);
	empty(&scene);
	assert_int_equal(plan_make(&scene.situation, NULL, NULL, &plan), 0);
	scene.situation.observed = &plan.look;
	scene.situation.memory = &plan.memory;
	scene.situation.now += 3600;
	assert_int_equal(plan_make(&scene.situation, NULL, NULL, &again), 0);
	assert_int_equal(again.count, 0);
	plan_done(&again);
	plan_done(&plan);
	scene_done(&scene);
}

static bool notes_have(const struct plan *plan, enum reason reason)
{
	for (size_t i = 0; i < plan->notes_count; i++)
		if (plan->notes[i].reason == reason)
			return true;
	return false;
}

/* What the look taught is over at the end, and told nevertheless; what is told there is no note. */
static void notes_are_of_the_way(void **state)
{
	struct scene scene;
	struct plan plan;

	(void)state;
	scene_init(&scene);
	scene_trust(&scene, SCENE_OTHER);
	scene_trust(&scene, SCENE_ISSUING);
	scene_list(&scene, SCENE_OTHER, CERTIFICATE_STATE_REGISTERED);
	assert_int_equal(learn(&scene.situation, &scene.memory), 0);
	assert_int_equal(plan_make(&scene.situation, NULL, NULL, &plan), 0);
	assert_int_equal(plan.count, 1);
	assert_true(notes_have(&plan, REASON_ADOPTED));
	assert_false(notes_have(&plan, REASON_MISSING));
	plan_done(&plan);
	scene_done(&scene);

	scene_init(&scene);
	scene_trust(&scene, SCENE_OTHER);
	scene_list(&scene, SCENE_OTHER, CERTIFICATE_STATE_REGISTERED);
	assert_int_equal(learn(&scene.situation, &scene.memory), 0);
	assert_int_equal(plan_make(&scene.situation, NULL, NULL, &plan), 0);
	assert_int_equal(plan.count, 0);
	assert_int_equal(plan.notes_count, 0); /* the one decision tells it */
	plan_done(&plan);
	scene_done(&scene);
}

static void removals_say_until_when_they_are_reversible(void **state)
{
	struct scene scene;
	struct plan plan;

	(void)state;
	scene_init(&scene);
	scene_dropped(scene_own(&scene, SCENE_OTHER));
	assert_int_equal(plan_make(&scene.situation, NULL, NULL, &plan), 0);
	assert_int_equal(plan.count, 1);
	assert_int_equal(plan.steps[0].reversible_until,
		certificate_reversible_until(&scene.certificates[SCENE_OTHER]));
	plan_done(&plan);
	scene_done(&scene);

	scene_init(&scene);
	make_room(&scene);
	assert_int_equal(plan_make(&scene.situation, NULL, NULL, &plan), 0);
	assert_int_equal(plan.steps[0].reversible_until, 0);
	plan_done(&plan);
	plan_done(NULL);
	scene_done(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plans),
		cmocka_unit_test(nothing_is_changed),
		cmocka_unit_test(a_plan_that_was_carried_out_plans_nothing),
		cmocka_unit_test(notes_are_of_the_way),
		cmocka_unit_test(removals_say_until_when_they_are_reversible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
