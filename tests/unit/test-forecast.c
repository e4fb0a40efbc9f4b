/* SPDX-License-Identifier: Apache-2.0 */
/* The forecast: what happens on which day, that jumping misses nothing, and its bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/calendar.h"
#include "core/forecast.h"
#include "core/learn.h"
#include "tests/unit/scene.h"

/* Days of a scene, and the instants that the certificates make of them. */
#define AT(days)   (SCENE_NOW + (days)*SCENE_DAY)
#define DOOR(days) (AT((days)-91) + 1)
#define END(days)  (AT(days) + 1)

/* ---- situations ---- */

/* The only certificate of the directory ends so many days from now. */
static void ends_in(struct scene *scene, int certificate, int64_t days)
{
	scene->certificates[certificate].not_after = AT(days);
	for (size_t i = 0; i < scene->observed.listed_count; i++)
		if (strcmp(scene->observed.listed[i].id, scene_id(certificate)) == 0)
			scene->observed.listed[i].expiry = AT(days);
}

static void root_ends(struct scene *scene)
{
	ends_in(scene, SCENE_ROOT, 300);
}

/* A later generation of the root, by the same name and another key, in the same authority. */
static void successor(struct scene *scene)
{
	struct certificate *next = &scene->certificates[SCENE_OTHER];
	struct authority *authority = &scene->authorities[0];

	ends_in(scene, SCENE_ROOT, 300);
	next->subject = next->issuer = scene->certificates[SCENE_ROOT].subject;
	snprintf(next->common_name, sizeof(next->common_name), "%s",
		scene->certificates[SCENE_ROOT].common_name);
	scene->generations[0][authority->count++] = next;
}

static void successor_comes(struct scene *scene)
{
	successor(scene);
	scene->certificates[SCENE_OTHER].not_before = AT(200);
}

static void successor_late(struct scene *scene)
{
	successor(scene);
	scene->certificates[SCENE_OTHER].not_before = AT(320);
}

/* The administrator's word instead of proof. */
static void retired_after(struct scene *scene)
{
	successor(scene);
	scene->authorities[0].rotation.retire = RETIRE_AFTER;
	scene->authorities[0].rotation.retire_after = 40 * SCENE_DAY;
}

static void retired_by_hand(struct scene *scene)
{
	successor(scene);
	scene->authorities[0].rotation.retire = RETIRE_MANUAL;
}

/* The same key, which need not be registered before the old one nears its end. */
static void deferred(struct scene *scene)
{
	successor(scene);
	scene->certificates[SCENE_OTHER].key = scene->certificates[SCENE_ROOT].key;
	scene->certificates[SCENE_OTHER].signer = scene->certificates[SCENE_ROOT].key;
	scene->authorities[0].rotation.register_at_threshold = true;
	scene->authorities[0].rotation.rotate_before = 120 * SCENE_DAY;
}

/* Full, so that the successor has to wait for the slot. */
static void full(struct scene *scene)
{
	successor(scene);
	scene->directory.certificate_limit = 1;
}

static void observed_only(struct scene *scene)
{
	successor(scene);
	scene->directory.policy = POLICY_OBSERVE;
}

static void off(struct scene *scene)
{
	root_ends(scene);
	scene->directory.client_ldaps = CLIENT_LDAPS_UNMANAGED;
	scene_ldaps(scene, LDAPS_STATUS_DISABLED);
}

static void dropped(struct scene *scene)
{
	scene_own(scene, SCENE_OTHER);
}

static void dropped_late(struct scene *scene)
{
	scene_own(scene, SCENE_SHORT);
}

static void dropped_approved(struct scene *scene)
{
	dropped_late(scene);
	scene->approvals[0] = (struct approval){
		.certificate = scene->certificates[SCENE_SHORT].sha256, .until = AT(10)};
	scene->directory.approvals_count = 1;
}

/* The removal is approved, but a controller needs it until the approval has ended. */
static void approval_ends(struct scene *scene)
{
	dropped_approved(scene);
	scene->removals[0] = (struct proof_removal){
		.certificate = scene->certificates[SCENE_SHORT].sha256, .without = VERDICT_FAIL};
	scene->proof.removals_count = 1;
}

/* A second authority whose only certificate has ended. */
static void uncovered_now(struct scene *scene)
{
	scene_trust(scene, SCENE_ENDED);
	scene_own(scene, SCENE_ENDED);
}

/* A second authority whose first certificate begins tomorrow. */
static void begins_tomorrow(struct scene *scene)
{
	scene_trust(scene, SCENE_COMING);
}

static void to_be_disabled(struct scene *scene)
{
	scene->directory.client_ldaps = CLIENT_LDAPS_DISABLED;
	scene_distrust(scene);
}

static void empty(struct scene *scene)
{
	scene->observed.listed_count = 0;
	scene->observed.ldaps_explicit = false;
	memory_remove(&scene->memory, scene_id(SCENE_ROOT));
}

static void foreign_ends(struct scene *scene)
{
	scene_list(scene, SCENE_SHORT, CERTIFICATE_STATE_REGISTERED);
}

static void stuck(struct scene *scene)
{
	root_ends(scene);
	scene_list(scene, SCENE_SHORT, CERTIFICATE_STATE_REGISTERING);
	scene->memory.busy_since = SCENE_NOW - SITUATION_STUCK_AFTER;
}

static void in_flight(struct scene *scene)
{
	scene_list(scene, SCENE_SHORT, CERTIFICATE_STATE_REGISTERING);
	scene->memory.busy_since = SCENE_NOW - 60;
}

/* ---- drawn situations ---- */

/* How many are drawn. */
#define SEEDS 100

/* State of the draw (Numerical Recipes' generator): the same number, the same situation. */
static unsigned choices;

static int choose(int from)
{
	choices = choices * 1664525U + 1013904223U;
	return (int)((choices >> 16) % (unsigned)from);
}

static void draw_directory(struct scene *scene)
{
	struct directory *directory = &scene->directory;

	directory->policy = choose(4) > 0 ? POLICY_SYNC : POLICY_ADD_ONLY;
	directory->client_ldaps = choose(4) > 0 ? CLIENT_LDAPS_ENABLED : CLIENT_LDAPS_DISABLED;
	directory->certificate_limit = 1 + (unsigned)choose(5);
	directory->grace = choose(10) * SCENE_DAY;
	if (choose(4) == 0)
		scene_ldaps(scene, LDAPS_STATUS_DISABLED);
	if (choose(3) == 0) {
		scene->approvals[0] = (struct approval){
			.certificate = scene->certificates[choose(SCENE_CERTIFICATES)].sha256,
			.until = AT(choose(300))};
		directory->approvals_count = 1;
	}
	if (choose(3) == 0) {
		scene->removals[0] = (struct proof_removal){
			.certificate = scene->certificates[choose(SCENE_CERTIFICATES)].sha256,
			.without = choose(2) ? VERDICT_FAIL : VERDICT_OK};
		scene->proof.removals_count = 1;
	}
}

static void draw_rotation(struct rotation *rotation)
{
	rotation->overlap = (1 + choose(5)) * SCENE_DAY;
	rotation->retire = (enum retire)choose(RETIRE_MANUAL + 1);
	rotation->retire_after = (30 + choose(100)) * SCENE_DAY;
	rotation->register_at_threshold = choose(2);
	rotation->rotate_before = (100 + choose(100)) * SCENE_DAY;
}

static void drawn(struct scene *scene)
{
	if (choose(2))
		successor(scene);
	if (choose(3) == 0)
		scene->certificates[SCENE_OTHER].key = scene->certificates[SCENE_ROOT].key;
	if (choose(2))
		scene->certificates[SCENE_OTHER].not_before = AT(choose(400));
	ends_in(scene, SCENE_ROOT, 20 + choose(500));
	if (choose(2))
		scene_own(scene, choose(2) ? SCENE_SHORT : SCENE_ENDED);
	if (choose(2))
		scene_trust(scene, choose(2) ? SCENE_COMING : SCENE_ISSUING);
	if (choose(4) == 0)
		scene_list(scene, SCENE_TWIN, CERTIFICATE_STATE_REGISTERED);
	draw_rotation(&scene->authorities[0].rotation);
	draw_directory(scene);
	if (choose(6) == 0)
		scene_distrust(scene);
}

/* ---- what happens when ---- */

struct expected {
	enum forecast_kind kind;
	int64_t at;
	int who;	    /* a certificate of the scene; -1: none */
	enum reason reason; /* of a condition; NONE: any */
};

#define EXPECTED_MAX 8
#define NOBODY	     (-1)

/* Conditions are compared only where a row names one: other tests say when they begin. */
static const struct {
	const char *what;
	void (*set)(struct scene *scene);
	int64_t days; /* horizon */
	size_t outages;
	struct expected events[EXPECTED_MAX]; /* until one without an instant */
} cases[] = {
	/* clang-format off */
	{"the only certificate ends: an outage from its first second on", root_ends, 400, 1,
		{{FORECAST_DOOR, DOOR(300), SCENE_ROOT, 0}, {FORECAST_EXPIRY, END(300), SCENE_ROOT, 0},
		{FORECAST_OUTAGE, END(300), NOBODY, 0}}},
	{"the horizon ends before the end: none", root_ends, 300, 0,
		{{FORECAST_DOOR, DOOR(300), SCENE_ROOT, 0}}},
	{"LDAPS off: an end, but no outage", off, 400, 0,
		{{FORECAST_DOOR, DOOR(300), SCENE_ROOT, 0}, {FORECAST_EXPIRY, END(300), SCENE_ROOT, 0}}},
	{"a successor is registered at once: no outage", successor, 400, 0,
		{{FORECAST_REGISTER, AT(0), SCENE_OTHER, 0}, {FORECAST_DOOR, DOOR(300), SCENE_ROOT, 0},
		{FORECAST_EXPIRY, END(300), SCENE_ROOT, 0}, {FORECAST_DEREGISTER, AT(301), SCENE_ROOT, 0}}},
	{"one that is valid later is registered then", successor_comes, 400, 0,
		{{FORECAST_REGISTER, AT(200), SCENE_OTHER, 0}, {FORECAST_DOOR, DOOR(300), SCENE_ROOT, 0},
		{FORECAST_EXPIRY, END(300), SCENE_ROOT, 0}, {FORECAST_DEREGISTER, AT(301), SCENE_ROOT, 0}}},
	{"one that comes too late ends the outage", successor_late, 400, 1,
		{{FORECAST_DOOR, DOOR(300), SCENE_ROOT, 0}, {FORECAST_EXPIRY, END(300), SCENE_ROOT, 0},
		{FORECAST_OUTAGE, END(300), NOBODY, 0}, {FORECAST_REGISTER, AT(320), SCENE_OTHER, 0},
		{FORECAST_OUTAGE_END, AT(320) + 15, NOBODY, 0},
		{FORECAST_DEREGISTER, AT(321) + 15, SCENE_ROOT, 0}}},
	{"the old one goes when `after` says", retired_after, 400, 0,
		{{FORECAST_REGISTER, AT(0), SCENE_OTHER, 0}, {FORECAST_DEREGISTER, AT(41) + 15, SCENE_ROOT, 0}}},
	{"or never by itself", retired_by_hand, 400, 0,
		{{FORECAST_REGISTER, AT(0), SCENE_OTHER, 0}, {FORECAST_DOOR, DOOR(300), SCENE_ROOT, 0},
		{FORECAST_EXPIRY, END(300), SCENE_ROOT, 0}}},
	{"one that is deferred is registered at the threshold", deferred, 290, 0,
		{{FORECAST_REGISTER, AT(180), SCENE_OTHER, 0}, {FORECAST_DOOR, DOOR(300), SCENE_ROOT, 0}}},
	{"a full directory has no room for the successor, and stays out: the last one is never removed", full, 310, 1,
		{{FORECAST_DOOR, DOOR(300), SCENE_ROOT, 0}, {FORECAST_EXPIRY, END(300), SCENE_ROOT, 0},
		{FORECAST_OUTAGE, END(300), NOBODY, 0}}},
	{"a policy that writes nothing does not register it", observed_only, 400, 1,
		{{FORECAST_DOOR, DOOR(300), SCENE_ROOT, 0}, {FORECAST_EXPIRY, END(300), SCENE_ROOT, 0},
		{FORECAST_OUTAGE, END(300), NOBODY, 0}}},
	{"a dropped one goes after `grace`", dropped, 400, 0,
		{{FORECAST_DEREGISTER, AT(3), SCENE_OTHER, 0}}},
	{"a dropped one behind the door goes a day after its end", dropped_late, 400, 0,
		{{FORECAST_CONDITION, AT(0), SCENE_SHORT, REASON_IRREVERSIBLE},
		{FORECAST_EXPIRY, END(60), SCENE_SHORT, 0}, {FORECAST_DEREGISTER, AT(61), SCENE_SHORT, 0}}},
	{"or at once with an approval", dropped_approved, 400, 0,
		{{FORECAST_DEREGISTER, AT(0), SCENE_SHORT, 0}}},
	{"an approval that ends takes the removal with it", approval_ends, 30, 0,
		{{FORECAST_CONDITION, AT(10) - STEP_VIEW_MAX, SCENE_SHORT, REASON_IRREVERSIBLE}}},
	{"taken down: off after `grace`, the last one when Disabled has lasted", to_be_disabled, 400, 0,
		{{FORECAST_DISABLE, AT(3), NOBODY, 0}, {FORECAST_DEREGISTER, AT(7) + 15, SCENE_ROOT, 0}}},
	{"from nothing: registered, then enabled", empty, 400, 0,
		{{FORECAST_REGISTER, AT(0), SCENE_ROOT, 0}, {FORECAST_ENABLE, AT(0) + 15, NOBODY, 0}}},
	{"a foreign one ends too, and nothing of it is ours", foreign_ends, 400, 0,
		{{FORECAST_EXPIRY, END(60), NOBODY, 0}}},
	{"what is in flight ends well", in_flight, 400, 0, {{FORECAST_EXPIRY, END(60), NOBODY, 0}}},
	{"what is Stuck never ends, and hides no threshold", stuck, 400, 1,
		{{FORECAST_CONDITION, AT(0), NOBODY, REASON_STUCK}, {FORECAST_DOOR, DOOR(300), SCENE_ROOT, 0},
		{FORECAST_EXPIRY, END(300), SCENE_ROOT, 0}, {FORECAST_OUTAGE, END(300), NOBODY, 0}}},
	{"one that begins tomorrow is registered then, and nothing is out before", begins_tomorrow, 30,
		0, {{FORECAST_REGISTER, AT(1), SCENE_COMING, 0}}},
	{"an authority whose certificate has ended already is an outage now", uncovered_now, 30, 1,
		{{FORECAST_OUTAGE, AT(0), NOBODY, 0}}},
	/* clang-format on */
};

/* The forecast of a case, from a memory that has learnt the look. */
static void make(struct scene *scene, void (*set)(struct scene *scene), int64_t until,
	int64_t stride, struct forecast *ret_forecast)
{
	scene_init(scene);
	set(scene);
	assert_int_equal(learn(&scene->situation, &scene->memory), 0);
	assert_int_equal(forecast_make_by(&scene->situation, until, stride, ret_forecast), 0);
}

static void print_events(const struct forecast *forecast)
{
	struct buffer text;
	char at[INSTANT_SIZE];

	buffer_init(&text, 1000000);
	for (size_t i = 0; i < forecast->events_count; i++) {
		buffer_clear(&text);
		forecast_explain(&forecast->events[i], &text);
		print_message("%s %s %s\n", instant_format(forecast->events[i].at, at),
			forecast_kind_str(forecast->events[i].kind), buffer_text(&text));
	}
	buffer_done(&text);
}

static bool meets(const struct scene *scene, const struct forecast_event *event,
	const struct expected *expected)
{
	const struct certificate *who =
		expected->who == NOBODY ? NULL : &scene->certificates[expected->who];

	return event->kind == expected->kind && event->at == expected->at &&
	       event->what.certificate == who &&
	       (expected->reason == REASON_NONE || event->what.reason == expected->reason);
}

/* Whether the rest of the events, conditions that no row names left out, are what is expected. */
static bool events_meet(
	const struct scene *scene, const struct forecast *forecast, const struct expected *expected)
{
	size_t next = 0;

	for (size_t i = 0; i < forecast->events_count; i++) {
		if (next < EXPECTED_MAX && expected[next].at != 0 &&
			meets(scene, &forecast->events[i], &expected[next]))
			next++;
		else if (forecast->events[i].kind != FORECAST_CONDITION)
			return false;
	}
	return next == EXPECTED_MAX || expected[next].at == 0;
}

static void happens(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct scene scene;
		struct forecast forecast;

		make(&scene, cases[i].set, AT(cases[i].days), 0, &forecast);
		if (!events_meet(&scene, &forecast, cases[i].events) ||
			forecast.outages != cases[i].outages || forecast.cut ||
			!forecast.readable) {
			print_events(&forecast);
			fail_msg("%s: not so, %zu outages", cases[i].what, forecast.outages);
		}
		forecast_done(&forecast);
		scene_done(&scene);
	}
}

/* The first second of an outage is within a horizon that ends with it. */
static void the_horizon_is_included(void **state)
{
	struct scene scene;
	struct forecast forecast;

	(void)state;
	make(&scene, root_ends, END(300), 0, &forecast);
	assert_int_equal(forecast.outages, 1);
	assert_int_equal(forecast.first_outage, END(300));
	forecast_done(&forecast);
	scene_done(&scene);
	make(&scene, root_ends, AT(-5), 0, &forecast);
	assert_int_equal(forecast.until, AT(0));
	assert_int_equal(forecast.outages, 0);
	forecast_done(&forecast);
	scene_done(&scene);
}

/* Every removal says until when it can be undone. */
static void removals_say_whether_they_can_be_undone(void **state)
{
	struct scene scene;
	struct forecast forecast;
	struct buffer text;

	(void)state;
	buffer_init(&text, 10000);
	for (int late = 0; late < 2; late++) {
		make(&scene, late ? dropped_late : dropped, AT(100), 0, &forecast);
		for (size_t i = 0; i < forecast.events_count; i++)
			if (forecast.events[i].kind == FORECAST_DEREGISTER)
				forecast_explain(&forecast.events[i], &text);
		assert_non_null(strstr(buffer_text(&text),
			late ? ", irreversible: " : ", reversible until 2036-09-29: "));
		forecast_done(&forecast);
		scene_done(&scene);
	}
	buffer_done(&text);
}

/* What cannot be read has no future; the reason is told. */
static void unread(void **state)
{
	struct scene scene;
	struct forecast forecast;

	(void)state;
	scene_init(&scene);
	scene.observed.complete = false;
	assert_int_equal(forecast_make(&scene.situation, AT(400), &forecast), 0);
	assert_false(forecast.readable);
	assert_int_equal(forecast.events_count, 1);
	assert_int_equal(forecast.events[0].what.reason, REASON_UNREADABLE);
	forecast_done(&forecast);
	scene_done(&scene);
}

static void rows(void **state)
{
	struct scene scene;
	struct forecast forecast;

	(void)state;
	make(&scene, successor_comes, AT(400), 0, &forecast);
	assert_int_equal(forecast.spans_count, 2);
	assert_ptr_equal(forecast.spans[0].certificate, &scene.certificates[SCENE_ROOT]);
	assert_true(forecast.spans[0].from <= AT(0));
	assert_ptr_equal(forecast.spans[1].certificate, &scene.certificates[SCENE_OTHER]);
	assert_int_equal(forecast.spans[1].from, AT(200) + 15);
	assert_int_equal(forecast.spans[1].to, 0);
	forecast_done(&forecast);
	scene_done(&scene);
	make(&scene, observed_only, AT(400), 0, &forecast);
	assert_int_equal(forecast.spans_count, 2);
	assert_int_equal(forecast.spans[1].from, 0);
	forecast_done(&forecast);
	scene_done(&scene);
	make(&scene, dropped, AT(400), 0, &forecast);
	assert_int_equal(forecast.spans[1].to, AT(3) + 15);
	forecast_done(&forecast);
	scene_done(&scene);
}

/* ---- jumps ---- */

/* Whether `later`, of a walk in short steps, tells the same at most a step after. */
static bool found_in(
	const struct forecast_event *event, const struct forecast *later, int64_t stride)
{
	for (size_t i = 0; i < later->events_count; i++) {
		const struct forecast_event *other = &later->events[i];

		if (other->kind == event->kind && other->what.reason == event->what.reason &&
			other->what.certificate == event->what.certificate &&
			other->what.number == event->what.number &&
			other->at >= event->at - stride && other->at <= event->at + stride)
			return true;
	}
	return false;
}

/* Whether both tell the same, at most a step apart. */
static bool walks_agree(struct forecast *far, struct forecast *near, int64_t stride)
{
	/* certificates of two scenes are equal, but not the same */
	for (size_t i = 0; i < far->events_count; i++)
		far->events[i].what.certificate = NULL;
	for (size_t i = 0; i < near->events_count; i++)
		near->events[i].what.certificate = NULL;
	for (size_t i = 0; i < far->events_count; i++)
		if (!found_in(&far->events[i], near, stride))
			return false;
	return far->events_count == near->events_count && far->outages == near->outages;
}

static void compare_walks(const char *what, unsigned seed, void (*set)(struct scene *scene))
{
	const int64_t stride = SCENE_DAY / 4;
	struct scene scene, other;
	struct forecast far, near;

	choices = seed;
	make(&scene, set, AT(450), 0, &far);
	choices = seed;
	make(&other, set, AT(450), stride, &near);
	if (!walks_agree(&far, &near, stride)) {
		print_events(&far);
		print_message("in short steps:\n");
		print_events(&near);
		fail_msg("%s (%u): %zu events, and %zu in short steps", what, seed,
			far.events_count, near.events_count);
	}
	forecast_done(&far);
	forecast_done(&near);
	scene_done(&scene);
	scene_done(&other);
}

/* A walk that looks every quarter of a day sees what the jumps see, and no more. */
static void jumps_miss_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		compare_walks(cases[i].what, 0, cases[i].set);
	for (unsigned seed = 1; seed <= SEEDS; seed++)
		compare_walks("a drawn situation", seed, drawn);
}

/* The same situation has one future, and forecasting changes nothing of it. */
static void is_repeatable(void **state)
{
	struct scene scene, before;
	struct forecast first, second;

	(void)state;
	make(&scene, successor_late, AT(4000), 0, &first);
	scene_init(&before);
	successor_late(&before);
	assert_int_equal(learn(&before.situation, &before.memory), 0);
	assert_int_equal(forecast_make(&scene.situation, AT(4000), &second), 0);
	assert_true(forecast_alike(&first, &second));
	assert_true(observed_equal(&scene.observed, &before.observed));
	assert_int_equal(scene.memory.certificates_count, before.memory.certificates_count);
	assert_int_equal(scene.memory.looked, before.memory.looked);
	forecast_done(&second);
	scene_done(&before);
	make(&before, root_ends, AT(4000), 0, &second);
	assert_false(forecast_alike(&first, &second));
	forecast_done(&first);
	forecast_done(&second);
	scene_done(&scene);
	scene_done(&before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(happens),
		cmocka_unit_test(the_horizon_is_included),
		cmocka_unit_test(removals_say_whether_they_can_be_undone),
		cmocka_unit_test(unread),
		cmocka_unit_test(rows),
		cmocka_unit_test(jumps_miss_nothing),
		cmocka_unit_test(is_repeatable),
	};

	return cmocka_run_group_tests_name("forecast", tests, NULL, NULL);
}
