/* SPDX-License-Identifier: Apache-2.0 */
/* What a file lets one presume: which certificates, LDAPS, and that nothing is left to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/array.h"
#include "core/decide.h"
#include "core/presumption.h"
#include "tests/unit/scene.h"

static void plain(struct scene *scene)
{
	(void)scene;
}

/* A root of two generations, and another authority. */
static void generations(struct scene *scene)
{
	scene->generations[0][0] = &scene->certificates[SCENE_SHORT];
	scene->generations[0][1] = &scene->certificates[SCENE_ROOT];
	scene->authorities[0].count = 2;
	scene_trust(scene, SCENE_OTHER);
}

static void one_slot(struct scene *scene)
{
	generations(scene);
	scene->directory.certificate_limit = 1;
}

static void two_slots(struct scene *scene)
{
	generations(scene);
	scene->directory.certificate_limit = 2;
}

static void not_now(struct scene *scene)
{
	scene_trust(scene, SCENE_ENDED);
	scene_trust(scene, SCENE_COMING);
	scene_trust(scene, SCENE_CROSS);
}

static void twins(struct scene *scene)
{
	scene_trust(scene, SCENE_OTHER);
	scene_trust(scene, SCENE_TWIN);
}

static void unfit(struct scene *scene)
{
	scene_trust(scene, SCENE_OTHER);
	scene->certificates[SCENE_OTHER].pss = true;
}

static void unmanaged(struct scene *scene)
{
	scene->directory.client_ldaps = CLIENT_LDAPS_UNMANAGED;
}

static void off(struct scene *scene)
{
	scene->directory.client_ldaps = CLIENT_LDAPS_DISABLED;
}

static const struct {
	const char *what;
	void (*set)(struct scene *scene);
	int registered[4]; /* certificates of the scene, in order, until -1 */
	enum ldaps_status ldaps;
} cases[] = {
	{"what is trusted is registered", plain, {SCENE_ROOT, -1}, LDAPS_STATUS_ENABLED},
	{"the newest of each authority first", generations,
		{SCENE_ROOT, SCENE_OTHER, SCENE_SHORT, -1}, LDAPS_STATUS_ENABLED},
	{"as far as the slots go", two_slots, {SCENE_ROOT, SCENE_OTHER, -1}, LDAPS_STATUS_ENABLED},
	{"however few they are", one_slot, {SCENE_ROOT, -1}, LDAPS_STATUS_ENABLED},
	{"not what has ended, begins later or is a cross-certificate", not_now, {SCENE_ROOT, -1},
		LDAPS_STATUS_ENABLED},
	{"of two that look alike the first", twins, {SCENE_ROOT, SCENE_OTHER, -1},
		LDAPS_STATUS_ENABLED},
	{"not what AWS refuses", unfit, {SCENE_ROOT, -1}, LDAPS_STATUS_ENABLED},
	{"LDAPS that the file leaves out is on", unmanaged, {SCENE_ROOT, -1}, LDAPS_STATUS_ENABLED},
	{"off where the file says so", off, {SCENE_ROOT, -1}, LDAPS_STATUS_DISABLED},
};

static void check_case(size_t number)
{
	struct scene scene;
	struct presumption presumption;
	size_t count = 0;

	scene_init(&scene);
	cases[number].set(&scene);
	assert_int_equal(presumption_make(&scene.directory, 900, SCENE_NOW, &presumption), 0);
	while (cases[number].registered[count] >= 0)
		count++;
	if (presumption.observed.listed_count != count ||
		presumption.memory.certificates_count != count ||
		presumption.observed.ldaps != cases[number].ldaps)
		fail_msg("%s: %zu registered", cases[number].what,
			presumption.observed.listed_count);
	for (size_t i = 0; i < count; i++) {
		const struct memory_certificate *owned = &presumption.memory.certificates[i];

		if (owned->certificate != &scene.certificates[cases[number].registered[i]] ||
			strcmp(owned->id, presumption.observed.listed[i].id) != 0 ||
			owned->registered_at != owned->certificate->not_before)
			fail_msg("%s: certificate %zu", cases[number].what, i);
	}
	presumption_done(&presumption);
	scene_done(&scene);
}

static void presumes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		check_case(i);
}

static void nothing_is_left_to_do(void **state)
{
	struct scene scene;
	struct presumption presumption;
	struct decision decision;

	(void)state;
	scene_init(&scene);
	assert_int_equal(presumption_make(&scene.directory, 900, SCENE_NOW, &presumption), 0);
	decide(&presumption.situation, &decision);
	assert_int_equal(decision.step.kind, STEP_SETTLED);
	assert_int_equal(decision.step.reason, REASON_CONVERGED);
	assert_int_equal(decision.conditions_count, 0);
	presumption_done(&presumption);
	scene_done(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(presumes),
		cmocka_unit_test(nothing_is_left_to_do),
	};

	return cmocka_run_group_tests_name("presumption", tests, NULL, NULL);
}
