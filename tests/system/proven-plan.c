/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the plan of a renewal of which a probe of the domain controllers knows something: proof is
 * a value that decide takes, and nothing that runs makes it yet.
 *
 *   proven-plan CASE text|json
 *
 * A root ends in `left` days, the generation after it has been Registered for `beside` days. For
 * tests/system/golden_rotation.py.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "core/learn.h"
#include "program/report.h"
#include "tests/unit/scene.h"

#define PLAN_TEXT_MAX ((size_t)64 * 1024)
/* As where there is no terminal. */
#define COLUMNS 88

static const struct {
	const char *name;
	int64_t left, beside;	 /* days */
	enum verdict without;	 /* the root */
	enum verdict registered; /* the set as it is */
	bool off, approved;	 /* LDAPS; the removal of the root */
} cases[] = {
	{"needed", 275, 90, VERDICT_FAIL, VERDICT_OK, false, false},
	{"unknown", 275, 90, VERDICT_UNKNOWN, VERDICT_UNKNOWN, false, false},
	{"overlap", 364, 0, VERDICT_OK, VERDICT_OK, false, false},
	{"proven", 120, 245, VERDICT_OK, VERDICT_OK, false, false},
	{"proven-door", 60, 305, VERDICT_OK, VERDICT_OK, false, false},
	{"needed-approved", 60, 305, VERDICT_FAIL, VERDICT_OK, false, true},
	{"enable", 275, 90, VERDICT_FAIL, VERDICT_OK, true, false},
	{"enable-fails", 275, 90, VERDICT_FAIL, VERDICT_FAIL, true, false},
};

static void set(struct scene *scene, size_t number)
{
	struct certificate *root = &scene->certificates[SCENE_ROOT];
	struct memory_certificate *next = scene_succeed(scene);

	next->registered_at = SCENE_NOW - cases[number].beside * SCENE_DAY - 3600;
	root->not_after = SCENE_NOW + cases[number].left * SCENE_DAY;
	for (size_t i = 0; i < scene->observed.listed_count; i++)
		if (strcmp(scene->observed.listed[i].id, scene_id(SCENE_ROOT)) == 0)
			scene->observed.listed[i].expiry = root->not_after;
	scene->memory.certificates[0].registered_at = SCENE_NOW - 400 * SCENE_DAY;
	scene->proof.registered = cases[number].registered;
	scene->removals[0] = (struct proof_removal){root->sha256, cases[number].without};
	scene->proof.removals_count = 1;
	if (cases[number].off)
		scene_ldaps(scene, LDAPS_STATUS_DISABLED);
	if (cases[number].approved) {
		scene->approvals[0].certificate = root->sha256;
		scene->directory.approvals_count = 1;
	}
}

static int print(const json_t *report, bool json)
{
	struct report_style style = {.width = COLUMNS};
	struct buffer text;
	int r;

	buffer_init(&text, PLAN_TEXT_MAX);
	r = json ? json_append(&text, report) : report_plan_text(report, &style, &text);
	if (r == 0)
		printf("%s%s", buffer_text(&text), json ? "\n" : "");
	buffer_done(&text);
	return r;
}

static int show(size_t number, bool json)
{
	struct scene scene;
	struct plan plan;
	struct target target = {.account = (char[]){""}, .region = "eu-west-1"};
	json_t *report = NULL;
	int r;

	scene_init(&scene);
	set(&scene, number);
	memcpy(target.id, scene.directory.id, sizeof(scene.directory.id));
	target.wanted = &scene.directory;
	r = learn(&scene.situation, &scene.memory);
	if (r == 0 && (r = plan_make(&scene.situation, NULL, NULL, &plan)) == 0) {
		report = report_plan(&target, &scene.situation, &plan);
		r = report ? print(report, json) : -1;
		json_decref(report);
		plan_done(&plan);
	}
	scene_done(&scene);
	return r;
}

int main(int argc, char *argv[])
{
	for (size_t i = 0; argc == 3 && i < ARRAY_LENGTH(cases); i++)
		if (strcmp(argv[1], cases[i].name) == 0)
			return show(i, strcmp(argv[2], "json") == 0) == 0 ? EXIT_SUCCESS
									  : EXIT_FAILURE;
	fputs("usage: proven-plan CASE text|json\n", stderr);
	return EXIT_FAILURE;
}
