/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger's file: where it may lie, full disks and crashes, older, newer and damaged files. */
#include "ledger-place.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"

#define NOBODY 65534

/* ---------------------------------------------------------------- where it lies */

static unsigned mode_of(const char *path)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return status.st_mode & 07777;
}

static void only_its_user_may_read_it(void **state)
{
	struct place *place = *state;
	mode_t mask = umask(0);
	struct ledger *ledger = open_good(place);
	char path[160];

	save_sample(ledger, place);
	assert_int_equal(mode_of(place->state), 0700);
	assert_int_equal(mode_of(path_in(place, LEDGER_FILE, path)), 0600);
	assert_int_equal(mode_of(path_in(place, LEDGER_LOCK_FILE, path)), 0600);
	assert_int_equal(mode_of(path_in(place, LEDGER_FILE "-journal", path)), 0600);
	ledger_free(ledger);
	umask(mask);
}

static void a_place_that_cannot_be_is_refused(void **state)
{
	struct place *place = *state;
	struct ledger *ledger = NULL;
	struct error error = {0};
	char deep[160];
	FILE *file = fopen(place->state, "w");

	fclose(file);
	assert_int_equal(
		ledger_open(place->state, "ldapsward run", NOW, &ledger, &error), -ERROR_INVALID);
	says(error.message, "not a directory");
	unlink(place->state);
	snprintf(deep, sizeof(deep), "%s/not/there", place->top);
	assert_int_equal(ledger_open(deep, "ldapsward run", NOW, &ledger, &error), -ERROR_MISSING);
	says(error.message, deep);
	assert_null(ledger);
}

/* Exit status: the error code that opening by somebody else gave. */
static int open_as_nobody(struct place *place)
{
	struct ledger *ledger = NULL;
	struct error error = {0};
	int r;

	if (geteuid() == 0 && (setegid(NOBODY) < 0 || seteuid(NOBODY) < 0))
		return 99;
	r = ledger_open(place->state, "ldapsward run", NOW, &ledger, &error);
	return r == 0 || !strstr(error.message, place->state) ? 98 : -r;
}

static int read_as_nobody(struct place *place)
{
	struct ledger *ledger = NULL;
	struct error error = {0};
	int r;

	if (geteuid() == 0 && (setegid(NOBODY) < 0 || seteuid(NOBODY) < 0))
		return 99;
	r = ledger_open_read(place->state, &ledger, &error);
	return r == 0 || !strstr(error.message, place->state) ? 98 : -r;
}

static void what_may_not_be_written_is_refused(void **state)
{
	struct place *place = *state;
	struct ledger *ledger;
	char file[160], lock[160];

	/* The directory above. */
	assert_int_equal(chmod(place->top, 0555), 0);
	assert_int_equal(in_child(open_as_nobody, place), ERROR_DENIED);
	assert_int_equal(chmod(place->top, 0755), 0);
	ledger = open_good(place);
	save_sample(ledger, place);
	ledger_free(ledger);
	/* The directory. */
	assert_int_equal(chmod(place->state, 0), 0);
	assert_int_equal(in_child(open_as_nobody, place), ERROR_DENIED);
	assert_int_equal(in_child(read_as_nobody, place), ERROR_DENIED);
	/* The file: SQLite itself would open it for reading and say nothing. */
	assert_int_equal(chmod(place->state, 0777), 0);
	assert_int_equal(chmod(path_in(place, LEDGER_LOCK_FILE, lock), 0666), 0);
	assert_int_equal(chmod(path_in(place, LEDGER_FILE, file), 0444), 0);
	assert_int_equal(in_child(open_as_nobody, place), ERROR_DENIED);
	assert_int_equal(chmod(file, 0), 0);
	assert_int_equal(in_child(read_as_nobody, place), ERROR_DENIED);
	assert_int_equal(chmod(file, 0600), 0);
	assert_int_equal(chmod(place->state, 0700), 0);
	ledger = open_good(place);
	assert_null(ledger_notice(ledger));
	holds_sample(ledger, place);
	ledger_free(ledger);
}

/* Exit status: the error code of a save that finds no room, then of one that does. */
static int save_without_room(struct place *place)
{
	struct ledger *ledger = open_good(place);
	struct memory memory = memory_extreme(place);
	struct ledger_entry entry = {.at = NOW, .key = key};
	struct rlimit limit;
	struct error error = {0};
	int r;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = (rlim_t)size_of(place, LEDGER_FILE);
	setrlimit(RLIMIT_FSIZE, &limit);
	r = save_one(ledger, &key, &memory, &entry, &error);
	if (!strstr(error.message, "space"))
		return 98;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
	if (ledger_status_save(ledger, &key, "{}", &error) < 0)
		return 97;
	return -r;
}

static void a_full_disk_leaves_what_was(void **state)
{
	struct place *place = *state;
	struct ledger *ledger = open_good(place);
	struct ledger_history history = {0};
	struct error error = {0};

	save_sample(ledger, place);
	ledger_free(ledger);
	assert_int_equal(in_child(save_without_room, place), ERROR_IO);
	ledger = open_good(place);
	assert_null(ledger_notice(ledger));
	holds_sample(ledger, place);
	is_good(ledger_history(ledger, NULL, &history, &error), &error);
	assert_int_equal(history.count, 0);
	ledger_free(ledger);
}

/* ---------------------------------------------------------------- after a crash */

/* Leaves a journal behind that has to be played back. */
static int die_amid_a_commit(struct place *place)
{
	char path[160];
	sqlite3 *database;

	if (sqlite3_open(path_in(place, LEDGER_FILE, path), &database) != SQLITE_OK)
		return 1;
	return sqlite3_exec(database,
		"BEGIN IMMEDIATE; UPDATE directory SET looked = 5; DELETE FROM entry", NULL, NULL,
		NULL);
}

static void a_reader_sees_what_was_committed_after_a_crash(void **state)
{
	struct place *place = *state;
	struct ledger *ledger = open_good(place);

	save_sample(ledger, place);
	ledger_free(ledger);
	assert_int_equal(in_child(die_amid_a_commit, place), 0);
	assert_true(size_of(place, LEDGER_FILE "-journal") > 0);
	ledger = open_read_good(place);
	holds_sample(ledger, place);
	ledger_free(ledger);
	ledger = open_good(place);
	assert_null(ledger_notice(ledger));
	holds_sample(ledger, place);
	ledger_free(ledger);
}

/* ---------------------------------------------------------------- older, newer, damaged */

static void an_older_file_is_migrated(void **state)
{
	struct place *place = *state;
	struct ledger *ledger = open_good(place);
	struct ledger_statuses statuses = {0};
	struct error error = {0};
	char path[160];
	FILE *file;

	save_sample(ledger, place);
	ledger_free(ledger);
	sql(place, "DROP TABLE selection; DROP TABLE rollout; DROP TABLE announcement; "
		   "DROP TABLE status; "
		   "ALTER TABLE entry DROP COLUMN leaving; PRAGMA user_version = 1");
	/* A reader leaves it as it is. */
	ledger = open_read_good(place);
	assert_true(ledger_found(ledger));
	holds_sample(ledger, place);
	is_good(ledger_status_load(ledger, &statuses, &error), &error);
	ledger_free(ledger);
	sql(place, "CREATE TABLE status (text); DROP TABLE status; PRAGMA user_version = 1");
	ledger = open_good(place);
	assert_null(ledger_notice(ledger));
	holds_sample(ledger, place);
	is_good(ledger_status_save(ledger, &key, "{}", &error), &error);
	ledger_free(ledger);
	/* Version 0 is an empty file: a crash between its creation and the first commit. */
	file = fopen(path_in(place, LEDGER_FILE, path), "w");
	fclose(file);
	ledger = open_read_good(place);
	assert_false(ledger_found(ledger));
	ledger_free(ledger);
	ledger = open_good(place);
	assert_null(ledger_notice(ledger));
	save_sample(ledger, place);
	holds_sample(ledger, place);
	ledger_free(ledger);
}

/* The version before the roll-outs: they begin anew. */
static void a_file_without_rollouts_is_migrated(void **state)
{
	struct place *place = *state;
	struct ledger *ledger = open_good(place);
	struct ledger_records records = {0};
	struct rollout rollout = {.scope = "corp-root", .directory = "d-926708e4f1", .begun = NOW};
	struct rollouts rollouts = {.rollouts = &rollout, .count = 1, .revision = 1};
	struct ledger_change change = {.key = key, .rollouts = &rollouts};
	struct error error = {0};

	save_sample(ledger, place);
	ledger_free(ledger);
	sql(place, "DROP TABLE selection; DROP TABLE rollout; PRAGMA user_version = 4");
	ledger = open_good(place);
	assert_null(ledger_notice(ledger));
	holds_sample(ledger, place);
	is_good(ledger_save_all(ledger, &change, 1, &error), &error);
	ledger_free(ledger);
	/* of a first that no selector has nothing was kept: it is there */
	sql(place, "ALTER TABLE rollout DROP COLUMN absent; PRAGMA user_version = 7");
	ledger = open_good(place);
	assert_null(ledger_notice(ledger));
	load_good(ledger, &place->store, &records);
	assert_int_equal(records.rollouts.count, 1);
	assert_int_equal(records.rollouts.rollouts[0].begun, NOW);
	assert_int_equal(records.rollouts.rollouts[0].absent, 0);
	ledger_records_done(&records);
	ledger_free(ledger);
}

static void a_newer_file_is_refused_and_left_alone(void **state)
{
	struct place *place = *state;
	struct ledger *ledger = open_good(place), *none = NULL;
	struct error error = {0};

	save_sample(ledger, place);
	ledger_free(ledger);
	sql(place, "PRAGMA user_version = 99");
	assert_int_equal(
		ledger_open(place->state, "ldapsward run", NOW, &none, &error), -ERROR_UNSUPPORTED);
	says(error.message, "version 99");
	assert_int_equal(ledger_open_read(place->state, &none, &error), -ERROR_UNSUPPORTED);
	assert_null(none);
	assert_int_equal(size_of(place, ASIDE), -1);
	sql(place, "PRAGMA user_version = 8");
	ledger = open_good(place);
	holds_sample(ledger, place);
	ledger_free(ledger);
}

static void overwrite(const struct place *place, off_t at, size_t length)
{
	char path[160];
	int descriptor = open(path_in(place, LEDGER_FILE, path), O_WRONLY);

	for (size_t i = 0; i < length; i++)
		assert_int_equal(pwrite(descriptor, "\xa5", 1, at + (off_t)i), 1);
	close(descriptor);
}

static void cut(const struct place *place, off_t length)
{
	char path[160];

	assert_int_equal(truncate(path_in(place, LEDGER_FILE, path), length), 0);
}

static const struct damage {
	const char *what;
	const char *sql;  /* NULL: bytes */
	off_t at;	  /* overwrite from here */
	size_t length;	  /* so many; 0: cut the file at `at` */
	bool reader_sees; /* a reader, which does not check the whole file, must notice */
} damages[] = {
	{"the header is not SQLite's", .at = 0, .length = 16, .reader_sees = true},
	{"the schema's page is overwritten", .at = 100, .length = 3000, .reader_sees = true},
	{"the tables' pages are overwritten", .at = 4096, .length = 9 * 4096},
	{"the file is cut to a piece of a page", .at = 700, .reader_sees = true},
	{"the file is cut after some pages", .at = 3 * 4096},
	{"another program's database", "PRAGMA application_id = 1", .reader_sees = true},
	{"a version below nothing", "PRAGMA user_version = -3", .reader_sees = true},
	{"tables, but no version", "PRAGMA user_version = 0", .reader_sees = true},
	{"a table is missing", "DROP TABLE entry", .reader_sees = true},
	{"a column is missing", "ALTER TABLE wish DROP COLUMN retired", .reader_sees = true},
	{"a flag is 7", "UPDATE directory SET was_enabled = 7", .reader_sees = true},
	{"an instant is negative", "UPDATE entry SET registered_at = -1", .reader_sees = true},
	{"an instant is text", "UPDATE directory SET looked = 'x'", .reader_sees = true},
	{"a count is 256", "UPDATE wish SET registration_failures = 256", .reader_sees = true},
	{"an unknown phase", "UPDATE directory SET change_phase = 'x'", .reader_sees = true},
	{"a change that is none",
		"UPDATE directory SET change_phase = 'intended', change_kind = 'wait'",
		.reader_sees = true},
	{"an id is too long", "UPDATE entry SET id = 'c-0123456789a'", .reader_sees = true},
	{"an id is a blob", "UPDATE entry SET id = x'00'", .reader_sees = true},
	{"an id has a NUL", "UPDATE entry SET id = 'c-' || char(0)", .reader_sees = true},
	{"an entry of no directory", "UPDATE entry SET region = 'x'", .reader_sees = true},
	{"an unknown certificate", "UPDATE entry SET certificate = zeroblob(32)",
		.reader_sees = true},
	{"no certificate", "UPDATE wish SET certificate = zeroblob(0)", .reader_sees = true},
	{"a DER that is none", "UPDATE certificate SET der = x'3000'", .reader_sees = true},
	{"a roll-out of no certificate", "UPDATE rollout SET certificate = x'00'",
		.reader_sees = true},
	{"a roll-out's instant is text", "UPDATE rollout SET begun = 'x'", .reader_sees = true},
	{"a roll-out was seen before it began", "UPDATE rollout SET ready_since = 7",
		.reader_sees = true},
	{"the DERs are swapped",
		"UPDATE certificate SET der = (SELECT max(c.der) FROM certificate AS c)",
		.reader_sees = true},
};

static void damage(const struct place *place, const struct damage *damage)
{
	if (damage->sql)
		sql(place, damage->sql);
	else if (damage->length)
		overwrite(place, damage->at, damage->length);
	else
		cut(place, damage->at);
}

static void a_damaged_file_is_set_aside(void **state)
{
	struct place *place = *state;
	char path[160];

	for (size_t i = 0; i < ARRAY_LENGTH(damages); i++) {
		struct ledger_records records = {0};
		struct ledger *ledger = open_good(place);
		struct error error = {0};
		off_t size;
		int r;

		print_message("%s\n", damages[i].what);
		save_sample(ledger, place);
		ledger_free(ledger);
		ledger = NULL;
		damage(place, &damages[i]);
		size = size_of(place, LEDGER_FILE);
		r = ledger_open_read(place->state, &ledger, &error);
		if (r == 0)
			r = ledger_load(ledger, &place->store, &records, &error);
		if (damages[i].reader_sees)
			assert_int_equal(r, -ERROR_CORRUPT);
		ledger_free(ledger);
		ledger_records_done(&records);
		assert_int_equal(size_of(place, ASIDE), -1);
		assert_int_equal(size_of(place, LEDGER_FILE), size);

		ledger = open_good(place);
		r = ledger_restarted(ledger);
		assert_int_equal(r, ledger_notice(ledger) != NULL);
		load_good(ledger, &place->store, &records);
		assert_int_equal(records.count, 0);
		assert_int_equal(ledger_restarted(ledger), !r); /* found by the one or the other */
		assert_non_null(ledger_notice(ledger));
		says(ledger_notice(ledger), ASIDE);
		assert_int_equal(size_of(place, ASIDE), size);
		save_sample(ledger, place);
		holds_sample(ledger, place);
		ledger_free(ledger);
		ledger = open_good(place);
		assert_null(ledger_notice(ledger));
		holds_sample(ledger, place);
		ledger_free(ledger);
		unlink(path_in(place, ASIDE, path));
		unlink(path_in(place, ASIDE "-journal", path));
	}
}

static void what_was_set_aside_is_never_overwritten(void **state)
{
	struct place *place = *state;
	static const char *const names[] = {ASIDE, ASIDE "-2", ASIDE "-3"};

	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		struct ledger *ledger = open_good(place);
		char path[160];

		ledger_free(ledger);
		cut(place, 100 + (off_t)i);
		/* A journal of the damaged file must not be played into the fresh one. */
		sql(place, "SELECT 1");
		ledger_free(open_good(place));
		for (size_t j = 0; j <= i; j++)
			assert_int_equal(size_of(place, names[j]), 100 + j);
		assert_int_equal(access(path_in(place, LEDGER_FILE, path), F_OK), 0);
	}
}

static void a_journal_goes_with_its_file(void **state)
{
	struct place *place = *state;
	struct ledger *ledger = open_good(place);

	save_sample(ledger, place);
	ledger_free(ledger);
	assert_int_equal(in_child(die_amid_a_commit, place), 0);
	overwrite(place, 0, 16);
	ledger = open_good(place);
	assert_non_null(ledger_notice(ledger));
	save_sample(ledger, place);
	holds_sample(ledger, place);
	assert_true(size_of(place, ASIDE) > 0);
	ledger_free(ledger);
}

/* Impossible values leave a file that opens again; what is no database is set aside at that. */
static void what_cannot_be_set_aside_is_tried_again(void **state)
{
	struct place *place = *state;
	static const char *const values = "UPDATE directory SET was_enabled = 7";
	const struct damage cases[] = {
		{"an impossible value", .sql = values},
		{"no database, by its counter a changed one", .at = 0, .length = 100},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct memory memory = memory_sample(place);
		struct ledger *ledger = open_good(place);
		struct ledger_records records = {0};
		struct ledger_history history = {0};
		struct error error = {0};
		char away[sizeof(place->state) + 8];

		print_message("%s\n", cases[i].what);
		save_sample(ledger, place);
		damage(place, &cases[i]);
		snprintf(away, sizeof(away), "%s.away", place->state);
		assert_int_equal(rename(place->state, away), 0);
		assert_true(ledger_load(ledger, &place->store, &records, &error) < 0);
		says(error.message, "cannot be renamed");
		assert_int_equal(save_one(ledger, &key, &memory, NULL, &error), -ERROR_IO);
		says(error.message, "the ledger is closed: ");
		assert_int_equal(ledger_history(ledger, NULL, &history, &error), -ERROR_IO);
		says(error.message, "the ledger is closed: ");
		assert_int_equal(ledger_load(ledger, &place->store, &records, &error), -ERROR_IO);
		assert_false(ledger_restarted(ledger));

		assert_int_equal(rename(away, place->state), 0);
		save_sample(ledger, place);
		assert_int_equal(ledger_restarted(ledger), cases[i].length > 0);
		holds_sample(ledger, place);
		memory_done(&memory);
		ledger_free(ledger);
	}
}

/* What selectors have picked comes back as it was; what they have not is not kept. */
static void a_selection_comes_back(void **state)
{
	struct place *place = *state;
	struct ledger *ledger = open_good(place);
	struct knowledge before = {0}, after = {0};
	char name[] = "Corp.example.com", regions[] = "eu-west-1 eu-central-1",
	     tags[] = "env\nprod \xc3\xa4\nempty\n\n";
	struct sighting one = {.id = "d-0000000001",
		.type = DIRECTORY_TYPE_AD_CONNECTOR,
		.name = name,
		.regions = regions,
		.tags = tags};
	struct sighting bare = {.id = "d-0000000002"};
	struct error error = {0};

	assert_int_equal(
		knowledge_recall(&before, "prod", "eu-west-1", &one, "corp.example.com", NOW, 1),
		0);
	assert_int_equal(knowledge_recall(&before, "", "eu-west-2", &bare, "", NOW, 7), 0);
	assert_int_equal(knowledge_see(&before, 0, &bare, 5), 0);
	is_good(ledger_selection_save(ledger, &before, &error), &error);
	is_good(ledger_selection_save(ledger, &before, &error), &error);
	ledger_free(ledger);
	ledger = open_good(place);
	is_good(ledger_selection_load(ledger, &after, &error), &error);
	assert_int_equal(after.count, 2);
	assert_string_equal(after.knowns[0].seen.id, one.id);
	assert_int_equal(after.knowns[0].seen.type, one.type);
	assert_string_equal(after.knowns[0].seen.name, one.name);
	assert_string_equal(after.knowns[0].seen.regions, one.regions);
	assert_string_equal(after.knowns[0].seen.tags, one.tags);
	assert_string_equal(after.knowns[0].picked, "corp.example.com");
	assert_int_equal(after.knowns[0].since, NOW);
	assert_int_equal(after.knowns[0].confirmed, 0);
	assert_int_equal(after.knowns[0].missed, 1);
	assert_int_equal(after.knowns[1].missed, 1);
	assert_string_equal(after.homes[after.knowns[0].home].account, "prod");
	assert_null(after.knowns[1].seen.tags);
	knowledge_done(&after);
	sql(place, "UPDATE selection SET directory = 'nobody' WHERE account = ''");
	is_good(ledger_selection_load(ledger, &after, &error), &error);
	assert_int_equal(after.count, 1);
	knowledge_done(&before);
	knowledge_done(&after);
	ledger_free(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LEDGER_TEST(a_selection_comes_back),
		LEDGER_TEST(only_its_user_may_read_it),
		LEDGER_TEST(a_place_that_cannot_be_is_refused),
		LEDGER_TEST(what_may_not_be_written_is_refused),
		LEDGER_TEST(a_full_disk_leaves_what_was),
		LEDGER_TEST(a_reader_sees_what_was_committed_after_a_crash),
		LEDGER_TEST(an_older_file_is_migrated),
		LEDGER_TEST(a_file_without_rollouts_is_migrated),
		LEDGER_TEST(a_newer_file_is_refused_and_left_alone),
		LEDGER_TEST(a_damaged_file_is_set_aside),
		LEDGER_TEST(what_was_set_aside_is_never_overwritten),
		LEDGER_TEST(a_journal_goes_with_its_file),
		LEDGER_TEST(what_cannot_be_set_aside_is_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
