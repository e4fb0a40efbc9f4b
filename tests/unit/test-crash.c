/* SPDX-License-Identifier: Apache-2.0 */
/* Crash points, and what the ledger holds after each: all that was committed, and nothing else. */
#include "ledger-place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "edge/crash.h"

/* The first commit makes the tables. */
#define COMMITS 4

/* Each commit after the first says how many saves there were. */
static int save_thrice(struct place *place)
{
	struct ledger *ledger = open_good(place);

	for (int64_t i = 1; i < COMMITS; i++) {
		const struct memory memory = {.looked = i};
		const struct ledger_entry entry = {.at = i, .key = key};

		if (save_one(ledger, &key, &memory, &entry, NULL) < 0)
			return 1;
	}
	return 0;
}

/* How many saves the ledger knows of. */
static int saves_kept(struct place *place, bool reader)
{
	struct ledger *ledger = reader ? open_read_good(place) : open_good(place);
	struct ledger_records records = {0};
	struct ledger_history history = {0};
	struct error error = {0};
	int64_t saves;

	assert_null(ledger_notice(ledger));
	load_good(ledger, &place->store, &records);
	is_good(ledger_history(ledger, NULL, &history, &error), &error);
	saves = records.count > 0 ? records.records[0].memory.looked : 0;
	assert_int_equal(history.count, saves);
	ledger_records_done(&records);
	ledger_history_done(&history);
	ledger_free(ledger);
	return (int)saves;
}

/* Exit statuses, of processes of their own: a commit that is made here would count there. */
static int saves_for_reader(struct place *place)
{
	return saves_kept(place, true);
}

static int saves_for_writer(struct place *place)
{
	return saves_kept(place, false);
}

static void every_commit_is_there_after_a_crash(void **state)
{
	static const char *const whens[] = {"before", "after"};

	for (int i = 0; i < 2 * COMMITS; i++) {
		struct place *place;
		int commit = i / 2 + 1, saves = i / 2 + i % 2 - 1;
		void *own;
		char wish[64];

		assert_int_equal(place_make(&own), 0);
		place = own;
		snprintf(wish, sizeof(wish), "commit:%d:%s", commit, whens[i % 2]);
		setenv("LDAPSWARD_TEST_CRASH", wish, 1);
		assert_int_equal(in_child(save_thrice, place), CRASH_STATUS);
		unsetenv("LDAPSWARD_TEST_CRASH");
		saves = saves < 0 ? 0 : saves; /* none but the tables' own */
		assert_int_equal(in_child(saves_for_reader, place), saves);
		assert_int_equal(in_child(saves_for_writer, place), saves);
		place_remove(&own);
	}
	(void)state;
}

static void nothing_else_crashes(void **state)
{
	static const char *const wishes[] = {"commit:5:before", "commit:0:after", "commit:1",
		"request:1:before", "commit:01:before", "", "commit:1:before "};

	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		struct place *place;
		void *own;

		assert_int_equal(place_make(&own), 0);
		place = own;
		setenv("LDAPSWARD_TEST_CRASH", wishes[i], 1);
		assert_int_equal(in_child(save_thrice, place), 0);
		unsetenv("LDAPSWARD_TEST_CRASH");
		assert_int_equal(in_child(saves_for_reader, place), COMMITS - 1);
		place_remove(&own);
	}
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_commit_is_there_after_a_crash),
		cmocka_unit_test(nothing_else_crashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
