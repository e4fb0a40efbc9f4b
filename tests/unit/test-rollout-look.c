/* SPDX-License-Identifier: Apache-2.0 */
/* What a look at a directory says of the roll-outs in which it went first (N12): a sentence a row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/array.h"
#include "core/decide.h"
#include "core/rollout-look.h"
#include "tests/unit/scene.h"

#define NOW  SCENE_NOW
#define HOUR INT64_C(3600)

/* ---------------------------------------------------------------- Ready */

static void converged(struct scene *scene)
{
	(void)scene;
}

static void incomplete(struct scene *scene)
{
	scene->observed.complete = false;
}

static void other_name(struct scene *scene)
{
	static char name[] = "other.example.com";

	scene->directory.name = name;
}

static void undated(struct scene *scene)
{
	scene->situation.skew = SITUATION_SKEW_UNKNOWN;
}

static void in_flight(struct scene *scene)
{
	scene_list(scene, SCENE_OTHER, CERTIFICATE_STATE_REGISTERING);
}

static void unresolved(struct scene *scene)
{
	scene->memory.change = (struct memory_change){
		.phase = CHANGE_INTENDED, .kind = STEP_DISABLE, .since = NOW};
}

static void ldaps_off(struct scene *scene)
{
	scene_ldaps(scene, LDAPS_STATUS_DISABLED);
}

static void ldaps_on_unwanted(struct scene *scene)
{
	scene->directory.client_ldaps = CLIENT_LDAPS_DISABLED;
}

static void ldaps_off_as_wanted(struct scene *scene)
{
	ldaps_off(scene);
	scene->directory.client_ldaps = CLIENT_LDAPS_DISABLED;
}

static void ldaps_unmanaged(struct scene *scene)
{
	ldaps_off(scene);
	scene->directory.client_ldaps = CLIENT_LDAPS_UNMANAGED;
}

static void uncovered(struct scene *scene)
{
	scene_trust(scene, SCENE_SHORT);
}

static void uncovered_yet(struct scene *scene)
{
	scene_trust(scene, SCENE_OTHER);
}

static void full(struct scene *scene)
{
	scene->directory.certificate_limit = 1;
	scene_trust(scene, SCENE_OTHER);
	scene_trust(scene, SCENE_TWIN);
}

static void near_its_end(struct scene *scene)
{
	scene_own(scene, SCENE_SHORT);
	scene_trust(scene, SCENE_SHORT);
}

/* What must stay for its age is no fault of what is there. */
static void irreversible(struct scene *scene)
{
	scene_dropped(scene_own(scene, SCENE_SHORT));
}

static void paused(struct scene *scene)
{
	scene->directory.policy = POLICY_OBSERVE;
	scene_trust(scene, SCENE_OTHER);
}

static const struct {
	const char *sentence;
	void (*set)(struct scene *scene);
	bool ready;
} looks[] = {
	{"all is as the file wants it", converged, true},
	{"a look that is not complete", incomplete, false},
	{"another directory than the file names", other_name, false},
	{"replies without a date", undated, false},
	{"something is in flight", in_flight, false},
	{"a change of ours is not resolved", unresolved, false},
	{"LDAPS is off and should be on", ldaps_off, false},
	{"LDAPS is on and should be off", ldaps_on_unwanted, false},
	{"LDAPS is off, as it should be", ldaps_off_as_wanted, true},
	{"LDAPS is not managed", ldaps_unmanaged, true},
	{"a trusted authority has nothing registered", uncovered, false},
	{"a trusted authority is about to have something registered", uncovered_yet, false},
	{"something is held", full, false},
	{"a certificate nears its end", near_its_end, true},
	{"a removal is held back, and nothing else", irreversible, true},
	{"what is wanted is held back by the policy", paused, false},
};

static void test_ready(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(looks); i++) {
		struct decision decision;
		struct scene scene;

		scene_init(&scene);
		looks[i].set(&scene);
		decide(&scene.situation, &decision);
		if (rollout_ready(&scene.situation, &decision) != looks[i].ready)
			fail_msg("%s: %s", looks[i].sentence,
				looks[i].ready ? "not Ready" : "Ready");
		scene_done(&scene);
	}
}

static const struct {
	const char *sentence;
	enum reason reason;
	enum step_kind holds, step;
	bool ready;
} told[] = {
	{"an error", REASON_CONTESTED, STEP_REGISTER, STEP_WAIT, false},
	{"an error that the calendar makes", REASON_SUCCESSOR_MISSING, STEP_OBSERVE, STEP_SETTLED,
		true},
	{"a warning", REASON_BACKING_OFF, STEP_REGISTER, STEP_WAIT, true},
	{"it is held", REASON_OBSERVING, STEP_REGISTER, STEP_HELD, false},
	{"it is held by a removal alone", REASON_IRREVERSIBLE, STEP_DEREGISTER, STEP_HELD, true},
};

/* What the decision says counts as well as what the look shows. */
static void test_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(told); i++) {
		struct decision decision = {
			.step = {.kind = told[i].step, .reason = told[i].reason}};
		struct scene scene;

		scene_init(&scene);
		decision_tell(&decision,
			&(struct condition){.reason = told[i].reason, .holds = told[i].holds});
		if (rollout_ready(&scene.situation, &decision) != told[i].ready)
			fail_msg("%s: %s", told[i].sentence, told[i].ready ? "not Ready" : "Ready");
		scene_done(&scene);
	}
}

/* ---------------------------------------------------------------- the first */

/* The directory of the scene went first with SCENE_OTHER, or with disabling. */
enum role {
	REMOVES,
	DISABLES,
};

enum seen {
	SEEN_READY,
	SEEN_BROKEN,
	SEEN_GONE, /* it goes first no more */
};

static void still_there(struct scene *scene)
{
	scene_dropped(scene_own(scene, SCENE_OTHER));
}

static void trusted_again(struct scene *scene)
{
	scene_own(scene, SCENE_OTHER);
	scene_trust(scene, SCENE_OTHER);
}

static void paused_before(struct scene *scene)
{
	still_there(scene);
	scene->directory.policy = POLICY_OBSERVE;
}

static void unlisted_once(struct scene *scene)
{
	trusted_again(scene);
	scene->observed.listed_count--;
}

static void unlisted_unread(struct scene *scene)
{
	trusted_again(scene);
	incomplete(scene);
}

/* The root, one of whose two entries made room for its successor. */
static void succeeded_just_now(struct scene *scene)
{
	scene_succeed(scene)->registered_at = NOW;
	scene->rollout.certificate = scene->certificates[SCENE_ROOT].sha256;
}

static const struct {
	const char *sentence;
	enum role role;
	void (*set)(struct scene *scene);
	enum seen seen;
} firsts[] = {
	{"the certificate is gone and all is well", REMOVES, converged, SEEN_READY},
	{"it is gone, and something is in flight", REMOVES, in_flight, SEEN_BROKEN},
	{"it is still there", REMOVES, still_there, SEEN_BROKEN},
	{"one look missed it", REMOVES, unlisted_once, SEEN_BROKEN},
	{"it is there and wanted again", REMOVES, trusted_again, SEEN_GONE},
	{"it is there, and its successor has just come", REMOVES, succeeded_just_now, SEEN_BROKEN},
	{"nobody could look", REMOVES, unlisted_unread, SEEN_BROKEN},
	{"it is there, and the directory is paused", REMOVES, paused_before, SEEN_GONE},
	{"LDAPS is off", DISABLES, ldaps_off_as_wanted, SEEN_READY},
	{"LDAPS is still on", DISABLES, ldaps_on_unwanted, SEEN_BROKEN},
	{"LDAPS is on, and wanted again", DISABLES, converged, SEEN_GONE},
};

static void lead(struct scene *scene, enum role role)
{
	struct rollout *rollout = &scene->rollout;

	scene_follow(scene, NOW - HOUR);
	memcpy(rollout->directory, scene->directory.id, sizeof(rollout->directory));
	if (role == REMOVES)
		return;
	rollout->certificate = (struct digest){0};
	memset(rollout->scope, 0, sizeof(rollout->scope));
}

static void test_firsts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(firsts); i++) {
		struct decision decision;
		struct scene scene;
		enum seen seen = SEEN_READY;

		scene_init(&scene);
		lead(&scene, firsts[i].role);
		firsts[i].set(&scene);
		decide(&scene.situation, &decision);
		rollouts_look(&scene.rollouts, &scene.situation, &decision);
		if (scene.rollout.directory[0] == '\0')
			seen = SEEN_GONE;
		else if (scene.rollout.ready_since == 0)
			seen = SEEN_BROKEN;
		if (seen != firsts[i].seen)
			fail_msg("%s: %d", firsts[i].sentence, (int)seen);
		scene_done(&scene);
	}
}

/* Who waits keeps the roll-out from being forgotten, and its look says nothing of the first. */
static void test_waiting(void **state)
{
	struct decision decision;
	struct scene scene;

	(void)state;
	scene_init(&scene);
	still_there(&scene);
	scene_follow(&scene, NOW - HOUR);
	decide(&scene.situation, &decision);
	assert_int_equal(decision.step.reason, REASON_AWAITS_TURN);
	rollouts_look(&scene.rollouts, &scene.situation, &decision);
	assert_int_equal(scene.rollout.used, NOW);
	assert_int_equal(scene.rollout.ready_since, NOW - HOUR);
	scene_done(&scene);
}

/* What is forgotten is kept up to date no more. */
static void test_forgotten(void **state)
{
	struct decision decision;
	struct scene scene;

	(void)state;
	scene_init(&scene);
	lead(&scene, REMOVES);
	scene.rollout.used = NOW - ROLLOUT_FORGET_AFTER - 1;
	decide(&scene.situation, &decision);
	rollouts_look(&scene.rollouts, &scene.situation, &decision);
	assert_int_equal(scene.rollout.ready_seen, NOW - HOUR);
	scene.rollout.used++;
	rollouts_look(&scene.rollouts, &scene.situation, &decision);
	assert_int_equal(scene.rollout.ready_seen, NOW);
	scene_done(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ready),
		cmocka_unit_test(test_told),
		cmocka_unit_test(test_firsts),
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
