/* SPDX-License-Identifier: Apache-2.0 */
/* What a watch notices: every way by which another file comes to be read, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "edge/watch.h"

/* A place of its own for each case. */
static char place[64];

static void sh(const char *command)
{
	assert_int_equal(chdir(place), 0);
	/* a test may: what it runs is in the tables below */
	assert_int_equal((system)(command), 0);
	assert_int_equal(chdir("/"), 0);
}

static void begin(void)
{
	memcpy(place, "/tmp/test-watch.XXXXXX", sizeof("/tmp/test-watch.XXXXXX"));
	assert_non_null(mkdtemp(place));
	sh("mkdir -p conf/ca conf/conf.d store other && echo a >conf/main.yaml && "
	   "echo a >conf/ca/a.pem && echo a >store/shared.pem && echo a >other/file && "
	   "ln -s ../store/shared.pem conf/ca-link.pem && ln -s conf current");
}

static void end(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", place);
	assert_int_equal((system)(command), 0);
}

/* Reads as the program does: the file, conf.d, and the certificates that the file names. */
static void reading(struct watch *watch, const char *way, bool whole)
{
	char main[256];

	snprintf(main, sizeof(main), "%s/%s/main.yaml", place, way);
	watch_begin(watch);
	watch_file(watch, main, "");
	watch_file(watch, "conf.d/*.yaml", main);
	watch_file(watch, "ca/*.pem", main);
	watch_file(watch, "ca-link.pem", main);
	watch_file(watch, "sub*/late/x.pem", main);
	watch_end(watch, whole);
}

struct change {
	const char *said, *command;
	bool noticed;
};

static const struct change changes[] = {
	{"nothing", "true", false},
	{"the file is written in place", "echo b >conf/main.yaml", true},
	{"an editor puts another in its place", "echo b >conf/.new && mv conf/.new conf/main.yaml",
		true},
	{"the file goes", "rm conf/main.yaml", true},
	{"its mode changes", "chmod 600 conf/main.yaml", true},
	{"an editor's own file beside it", "echo b >conf/.main.yaml.swp && rm conf/.main.yaml.swp",
		false},
	{"a reader", "cat conf/main.yaml >/dev/null", false},
	{"a part appears", "echo b >conf/conf.d/10.yaml", true},
	{"a file that is no part", "echo b >conf/conf.d/10.yaml.bak", false},
	{"a hidden part is none", "echo b >conf/conf.d/.10.yaml", false},
	{"a certificate is added", "echo b >conf/ca/b.pem", true},
	{"a certificate goes", "rm conf/ca/a.pem", true},
	{"what a link points at is written", "echo b >store/shared.pem", true},
	{"what a link points at is replaced", "echo b >store/n && mv store/n store/shared.pem",
		true},
	{"the link points elsewhere", "ln -sfn ../other/file conf/ca-link.pem", true},
	{"the directory of the certificates goes", "rm -r conf/ca", true},
	{"the directory of the certificates is renamed", "mv conf/ca conf/ca2", true},
	{"the link to the whole is swapped",
		"cp -r conf conf2 && ln -sfn conf2 next && "
		"mv -T next current",
		true},
	{"the whole vanishes", "rm -r conf", true},
	{"a directory comes that a pattern names", "mkdir conf/sub1", true},
	{"something else on the way", "touch elsewhere && mkdir more", false},
	{"something else where a link points", "touch store/elsewhere.pem", false},
};

static void changes_are_noticed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(changes); i++) {
		struct error error;
		struct watch *watch;

		begin();
		assert_int_equal(watch_new(&watch, &error), 0);
		reading(watch, "current", true);
		assert_null(watch_blind(watch));
		assert_false(watch_read(watch));
		sh(changes[i].command);
		if (watch_read(watch) != changes[i].noticed)
			fail_msg("%s: %s", changes[i].said,
				changes[i].noticed ? "not noticed" : "noticed");
		assert_false(watch_read(watch));
		watch_free(watch);
		end();
	}
}

/* After a change that makes another way to the files, that way is watched. */
static void the_new_way_is_watched(void **state)
{
	static const struct {
		const char *said, *first, *then;
		bool noticed;
	} cases[] = {
		{"a directory that went comes back", "rm -r conf", "mkdir conf", true},
		{"and the file in it, read in between", "rm -r conf && mkdir conf",
			"echo c >conf/main.yaml", true},
		{"behind a swapped link",
			"cp -r conf conf2 && ln -sfn conf2 next && mv -T next current",
			"echo c >conf2/ca/a.pem", true},
		{"the old place behind a swapped link",
			"cp -r conf conf2 && ln -sfn conf2 next && mv -T next current",
			"echo c >conf/ca/a.pem", false},
		{"where a link now points", "ln -sfn ../other/file conf/ca-link.pem",
			"echo c >other/file", true},
		{"where it pointed before", "ln -sfn ../other/file conf/ca-link.pem",
			"echo c >store/shared.pem", false},
		{"deeper below what came", "mkdir conf/sub1", "mkdir conf/sub1/late", true},
		{"at the end of what came", "mkdir -p conf/sub1/late",
			"echo c >conf/sub1/late/x.pem", true},
		{"another in its place", "mv conf/ca conf/ca2 && mkdir conf/ca",
			"echo c >conf/ca/c.pem", true},
		{"what was moved away", "mv conf/ca conf/ca2 && mkdir conf/ca",
			"echo c >conf/ca2/c.pem", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct error error;
		struct watch *watch;

		begin();
		assert_int_equal(watch_new(&watch, &error), 0);
		reading(watch, "current", true);
		sh(cases[i].first);
		if (!watch_read(watch))
			fail_msg("%s: the first change was not noticed", cases[i].said);
		reading(watch, "current", true);
		(void)watch_read(watch); /* of what is watched no more */
		sh(cases[i].then);
		if (watch_read(watch) != cases[i].noticed)
			fail_msg("%s: %s", cases[i].said,
				cases[i].noticed ? "not noticed" : "noticed");
		watch_free(watch);
		end();
	}
}

static void a_reading_that_ended_early_forgets_nothing(void **state)
{
	struct error error;
	struct watch *watch;
	char main[256];

	(void)state;
	begin();
	assert_int_equal(watch_new(&watch, &error), 0);
	reading(watch, "conf", true);
	snprintf(main, sizeof(main), "%s/conf/main.yaml", place);
	watch_begin(watch);
	watch_file(watch, main, "");
	watch_end(watch, false);
	sh("echo b >store/shared.pem");
	assert_true(watch_read(watch));
	watch_begin(watch);
	watch_file(watch, main, "");
	watch_end(watch, true);
	(void)watch_read(watch);
	sh("echo c >store/shared.pem");
	assert_false(watch_read(watch));
	watch_free(watch);
	end();
}

/* A queue that overflows means that anything may have changed, whatever came before. */
static void an_overflow_is_a_change(void **state)
{
	char command[256];
	unsigned limit = 0;
	struct error error;
	struct watch *watch;
	FILE *file = fopen("/proc/sys/fs/inotify/max_queued_events", "r");

	(void)state;
	assert_non_null(file);
	assert_int_equal((fscanf)(file, "%u", &limit), 1);
	fclose(file);
	if (limit > 100000)
		skip();
	begin();
	assert_int_equal(watch_new(&watch, &error), 0);
	reading(watch, "conf", true);
	/* each is two events or more, and none has a name that matters */
	snprintf(command, sizeof(command), "seq -f conf/conf.d/%%g.txt 1 %u | xargs touch", limit);
	sh(command);
	assert_true(watch_read(watch));
	sh("echo b >conf/main.yaml");
	assert_true(watch_read(watch));
	watch_free(watch);
	end();
}

static void more_names_than_are_kept_are_all_noticed(void **state)
{
	struct error error;
	struct watch *watch;
	char main[256], name[32];

	(void)state;
	begin();
	assert_int_equal(watch_new(&watch, &error), 0);
	snprintf(main, sizeof(main), "%s/conf/main.yaml", place);
	watch_begin(watch);
	for (int i = 0; i < WATCH_NAMES_MAX + 10; i++) {
		snprintf(name, sizeof(name), "ca/%d.pem", i);
		watch_file(watch, name, main);
	}
	watch_end(watch, true);
	snprintf(name, sizeof(name), "touch conf/ca/%d.pem", WATCH_NAMES_MAX + 9);
	sh(name);
	assert_true(watch_read(watch));
	watch_begin(watch);
	watch_file(watch, "ca/1.pem", main);
	watch_end(watch, true);
	sh(name);
	assert_false(watch_read(watch));
	watch_free(watch);
	end();
}

static void links_that_go_round_end(void **state)
{
	struct error error;
	struct watch *watch;
	char main[256];

	(void)state;
	begin();
	sh("ln -s round conf/round && ln -s there/x conf/here && ln -s here/x conf/there");
	assert_int_equal(watch_new(&watch, &error), 0);
	snprintf(main, sizeof(main), "%s/conf/main.yaml", place);
	watch_begin(watch);
	watch_file(watch, "round", main);
	watch_file(watch, "here", main);
	watch_end(watch, true);
	sh("ln -sfn main.yaml conf/round");
	assert_true(watch_read(watch));
	watch_free(watch);
	end();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_are_noticed),
		cmocka_unit_test(the_new_way_is_watched),
		cmocka_unit_test(a_reading_that_ended_early_forgets_nothing),
		cmocka_unit_test(an_overflow_is_a_change),
		cmocka_unit_test(more_names_than_are_kept_are_all_noticed),
		cmocka_unit_test(links_that_go_round_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
