/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger: what comes back, who may write, what becomes of old, new and damaged files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "edge/ledger.h"
#include "edge/x509.h"

#define NOW    INT64_C(1798761600) /* 2027-01-01T00:00:00Z */
#define NOBODY 65534
/* Name of a file set aside at NOW. */
#define ASIDE LEDGER_FILE ".damaged-20270101T000000Z"

/* ---------------------------------------------------------------- the place of one test */

struct place {
	char top[64];	/* made and removed for each test */
	char state[80]; /* in it; not made */
	struct store store;
	const struct certificate *certificates[2];
};

static const struct certificate *certificate_of(struct store *store, const char *name)
{
	const struct certificate *found[X509_FILE_CERTIFICATES_MAX];
	struct error error = {0};
	size_t count;
	char path[4096], bytes[16384];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", ZOO, name);
	file = fopen(path, "rb");
	assert_non_null(file);
	if (x509_read(bytes, fread(bytes, 1, sizeof(bytes), file), store, found, &count, &error) <
		0)
		fail_msg("%s: %s", name, error.message);
	fclose(file);
	return found[0];
}

static int place_make(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	snprintf(place->top, sizeof(place->top), "/tmp/test-ledger-XXXXXX");
	if (!mkdtemp(place->top))
		return -1;
	snprintf(place->state, sizeof(place->state), "%s/state", place->top);
	place->certificates[0] = certificate_of(&place->store, "corp-root.pem");
	place->certificates[1] = certificate_of(&place->store, "corp-issuing.pem");
	*state = place;
	return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *ftw)
{
	(void)status;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int place_remove(void **state)
{
	struct place *place = *state;

	nftw(place->top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	store_done(&place->store);
	free(place);
	return 0;
}

static const char *path_in(const struct place *place, const char *name, char ret_path[static 160])
{
	snprintf(ret_path, 160, "%s/%s", place->state, name);
	return ret_path;
}

static off_t size_of(const struct place *place, const char *name)
{
	char path[160];
	struct stat status;

	return stat(path_in(place, name, path), &status) < 0 ? -1 : status.st_size;
}

static struct ledger *open_good(const struct place *place)
{
	struct ledger *ledger = NULL;
	struct error error = {0};

	if (ledger_open(place->state, "ldapsward run", NOW, &ledger, &error) < 0)
		fail_msg("%s", error.message);
	return ledger;
}

static struct ledger *open_read_good(const struct place *place)
{
	struct ledger *ledger = NULL;
	struct error error = {0};

	if (ledger_open_read(place->state, &ledger, &error) < 0)
		fail_msg("%s", error.message);
	return ledger;
}

static void load_good(struct ledger *ledger, struct store *store, struct ledger_records *records)
{
	struct error error = {0};

	if (ledger_load(ledger, store, records, &error) < 0)
		fail_msg("%s", error.message);
}

static void is_good(int r, const struct error *error)
{
	if (r < 0)
		fail_msg("%s", error->message);
}

/* The message is the person's only help: it says each of these. */
static void says(const char *message, const char *word)
{
	if (!strstr(message, word))
		fail_msg("'%s' does not say '%s'", message, word);
}

static const struct ledger_key key = {"prod", "eu-west-1", "d-926708e4f1"};

static struct memory memory_sample(const struct place *place)
{
	struct memory memory = {.revision = 7, .looked = NOW};
	struct memory_certificate *entry;

	entry = memory_add(&memory, "c-0123456789", place->certificates[0]);
	entry->registered_at = NOW - 5;
	memory_wish_add(&memory, place->certificates[1])->registration.failures = 1;
	return memory;
}

static void save_sample(struct ledger *ledger, const struct place *place)
{
	struct memory memory = memory_sample(place);
	struct error error = {0};

	is_good(ledger_save(ledger, &key, &memory, NULL, &error), &error);
	memory_done(&memory);
}

/* The sample is there, and nothing else. */
static void holds_sample(struct ledger *ledger, struct place *place)
{
	struct memory memory = memory_sample(place);
	struct ledger_records records = {0};

	load_good(ledger, &place->store, &records);
	assert_int_equal(records.count, 1);
	assert_non_null(ledger_records_find(&records, &key));
	assert_true(memory_equal(&records.records[0].memory, &memory));
	ledger_records_done(&records);
	memory_done(&memory);
}

static void sql(const struct place *place, const char *text)
{
	char path[160], *message = NULL;
	sqlite3 *database;

	assert_int_equal(sqlite3_open(path_in(place, LEDGER_FILE, path), &database), SQLITE_OK);
	if (sqlite3_exec(database, text, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", text, message);
	sqlite3_close(database);
}

/* ---------------------------------------------------------------- what comes back */

static struct memory memory_extreme(const struct place *place)
{
	struct memory memory = {
		.revision = UINT64_MAX,
		.looked = INT64_MAX,
		.busy_since = INT64_MAX - 1,
		.disable_since = 1,
		.disabled_since = INT64_MAX - 2,
		.was_enabled = true,
		.disabled_elsewhere_since = INT64_MAX - 3,
		.full_mark = UINT64_C(1) << 63,
		.enable_failed = true,
		.enable = {UINT8_MAX, ATTEMPT_HELD, REFUSAL_OTHER},
		.disable = {ATTEMPT_FAILURES_MAX, INT64_MAX - 4, REFUSAL_SerializationException},
		.ldaps_contest = {UINT8_MAX, INT64_MAX - 5},
		.change = {CHANGE_ACCEPTED, STEP_DEREGISTER, place->certificates[1], "c-ffffffffff",
			INT64_MAX - 6},
	};
	struct memory_certificate *entry;
	struct memory_wish *wish;

	for (unsigned i = 0; i < MEMORY_CERTIFICATES_MAX; i++) {
		char id[SERVICE_ID_SIZE];

		snprintf(id, sizeof(id), "c-%010x", i);
		entry = memory_add(&memory, id, place->certificates[i % 2]);
		memset(entry->authority, 'a', sizeof(entry->authority) - 1);
		entry->origin = i % 2 ? ORIGIN_ADOPTED : ORIGIN_REGISTERED;
		entry->registered_at = INT64_MAX - i;
		entry->removable_since = i;
		entry->removing_since = INT64_MAX;
		entry->failed = i % 3 == 0;
		entry->deregister =
			(struct attempt){(uint8_t)i, INT64_MAX - i, (enum refusal)(i % REFUSALS)};
	}
	for (unsigned i = 0; i < 2; i++) {
		wish = memory_wish_add(&memory, place->certificates[i]);
		wish->retired = i == 0;
		wish->registration = (struct attempt){UINT8_MAX, ATTEMPT_HELD, REFUSAL_OTHER};
		wish->contest = (struct contest){UINT8_MAX, INT64_MAX};
	}
	return memory;
}

static void every_member_comes_back(void **state)
{
	struct place *place = *state;
	CLEANUP(ledger_free_ptr) struct ledger *ledger = open_good(place);
	struct memory extreme = memory_extreme(place), empty = {0};
	struct ledger_records records = {0};
	struct ledger_key other = {"", "eu-central-1", "d-0000000000"};
	struct error error = {0};

	is_good(ledger_save(ledger, &key, &empty, NULL, &error), &error);
	is_good(ledger_save(ledger, &key, &extreme, NULL, &error), &error);
	is_good(ledger_save(ledger, &other, &empty, NULL, &error), &error);
	load_good(ledger, &place->store, &records);
	assert_int_equal(records.count, 2);
	assert_true(memory_equal(&ledger_records_find(&records, &key)->memory, &extreme));
	assert_true(memory_equal(&ledger_records_find(&records, &other)->memory, &empty));
	other.region = "eu-central-2";
	assert_null(ledger_records_find(&records, &other));
	assert_null(ledger_notice(ledger));
	ledger_records_done(&records);
	assert_null(ledger_records_find(&records, &key));
	memory_done(&extreme);
}

static void every_phase_step_and_refusal_comes_back(void **state)
{
	static const enum step_kind kinds[] = {
		STEP_REGISTER, STEP_DEREGISTER, STEP_ENABLE, STEP_DISABLE};
	struct place *place = *state;
	CLEANUP(ledger_free_ptr) struct ledger *ledger = open_good(place);
	struct ledger_change changes[REFUSALS];
	struct memory memories[REFUSALS] = {0};
	struct ledger_records records = {0};
	char directories[REFUSALS][SERVICE_ID_SIZE];
	struct error error = {0};

	for (unsigned i = 0; i < REFUSALS; i++) {
		snprintf(directories[i], sizeof(directories[i]), "d-%010x", i);
		memories[i].enable.refusal = (enum refusal)i;
		memories[i].change.phase = (enum change_phase)(i % 3);
		memories[i].change.kind = kinds[i % ARRAY_LENGTH(kinds)];
		changes[i] = (struct ledger_change){
			.key = {"a", "r", directories[i]}, .memory = &memories[i]};
	}
	is_good(ledger_save_all(ledger, changes, REFUSALS, &error), &error);
	load_good(ledger, &place->store, &records);
	assert_int_equal(records.count, REFUSALS);
	for (unsigned i = 0; i < REFUSALS; i++)
		assert_true(memory_equal(&records.records[i].memory, &memories[i]));
	ledger_records_done(&records);
}

static void certificates_come_back_linked_and_the_unused_ones_go(void **state)
{
	struct place *place = *state;
	CLEANUP(ledger_free_ptr) struct ledger *ledger = open_good(place);
	struct store store = {0};
	struct ledger_records records = {0};
	struct memory empty = {0};
	const struct certificate *found;
	struct error error = {0};

	save_sample(ledger, place);
	load_good(ledger, &store, &records);
	assert_int_equal(store.count, 2);
	found = records.records[0].memory.certificates[0].certificate;
	assert_true(digest_equal(&found->sha256, &place->certificates[0]->sha256));
	assert_int_equal(found->der_length, place->certificates[0]->der_length);
	assert_memory_equal(found->der, place->certificates[0]->der, found->der_length);
	assert_true(digest_equal(&found->signer, &found->key));
	ledger_records_done(&records);
	store_done(&store);

	is_good(ledger_save(ledger, &key, &empty, NULL, &error), &error);
	ledger_free(ledger);
	ledger = open_good(place);
	load_good(ledger, &store, &records);
	assert_int_equal(store.count, 0);
	assert_int_equal(records.count, 1);
	ledger_records_done(&records);
	store_done(&store);
}

static void a_commit_is_all_or_nothing(void **state)
{
	struct place *place = *state;
	CLEANUP(ledger_free_ptr) struct ledger *ledger = open_good(place);
	struct certificate bare = *place->certificates[1];
	struct memory good = {.looked = 1}, bad[4];
	struct ledger_history history = {0};
	struct error error;

	save_sample(ledger, place);
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
		bad[i] = memory_sample(place);
	bad[0].busy_since = -1;
	bad[1].change.phase = CHANGE_INTENDED; /* of STEP_OBSERVE */
	bad[2].certificates[0].id[0] = '\n';
	bare.der = NULL;
	bad[3].wishes[0].certificate = &bare;
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
		const struct ledger_entry entry = {.at = NOW, .key = key, .action = "register"};
		const struct ledger_change changes[] = {
			{.key = key, .memory = &good, .entry = &entry, .status = "x"},
			{.key = {"", "", "d-2"}, .memory = &bad[i]},
		};

		error = (struct error){0};
		assert_int_equal(ledger_save_all(ledger, changes, 2, &error), -ERROR_INTERNAL);
		assert_int_equal(error.code, -ERROR_INTERNAL);
		memory_done(&bad[i]);
	}
	holds_sample(ledger, place);
	is_good(ledger_history(ledger, NULL, &history, &error), &error);
	assert_int_equal(history.count, 0);
}

static void history_is_filtered_cut_and_in_order(void **state)
{
	struct place *place = *state;
	CLEANUP(ledger_free_ptr) struct ledger *ledger = open_good(place);
	struct memory memory = memory_sample(place);
	struct ledger_history history = {0};
	struct error error = {0};
	char text[LEDGER_TEXT_MAX + 10];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memcpy(text + LEDGER_TEXT_MAX - 1, "\xc3\xa9", 2); /* a character across the limit */
	for (int i = 0; i < 5; i++) {
		const struct ledger_entry entry = {.at = NOW + i,
			.key = {"prod", "eu-west-1", i % 2 ? "d-1" : "d-2"},
			.action = "register",
			.certificate = i ? place->certificates[0]->sha256 : (struct digest){{0}},
			.common_name = "Corp Root",
			.id = "c-0123456789",
			.reason = "Missing",
			.outcome = "accepted",
			.request_id = "5b8b2c1e",
			.text = text};

		is_good(ledger_save(ledger, &key, &memory, &entry, &error), &error);
	}
	is_good(ledger_history(ledger, NULL, &history, &error), &error);
	assert_int_equal(history.count, 5);
	for (int i = 0; i < 5; i++)
		assert_int_equal(history.entries[i].at, NOW + i);
	assert_true(digest_is_zero(&history.entries[0].certificate));
	assert_true(digest_equal(&history.entries[1].certificate, &place->certificates[0]->sha256));
	assert_string_equal(history.entries[1].key.account, "prod");
	assert_string_equal(history.entries[1].key.region, "eu-west-1");
	assert_string_equal(history.entries[1].key.directory, "d-1");
	assert_string_equal(history.entries[1].action, "register");
	assert_string_equal(history.entries[1].common_name, "Corp Root");
	assert_string_equal(history.entries[1].id, "c-0123456789");
	assert_string_equal(history.entries[1].reason, "Missing");
	assert_string_equal(history.entries[1].outcome, "accepted");
	assert_string_equal(history.entries[1].request_id, "5b8b2c1e");
	assert_int_equal(strlen(history.entries[1].text), LEDGER_TEXT_MAX - 1);
	ledger_history_done(&history);

	is_good(ledger_history(ledger,
			&(struct ledger_filter){.directory = "d-2", .since = NOW + 1, .limit = 1},
			&history, &error),
		&error);
	assert_int_equal(history.count, 1);
	assert_int_equal(history.entries[0].at, NOW + 4);
	ledger_history_done(&history);
	memory_done(&memory);
}

static void history_is_pruned_by_count_and_age(void **state)
{
	struct place *place = *state;
	struct ledger *ledger = open_good(place);
	struct ledger_history history = {0};
	struct ledger_entry entry = {.at = NOW, .key = key, .action = "enable"};
	struct error error = {0};
	char text[200];

	is_good(ledger_save(ledger, &key, NULL, &entry, &error), &error);
	entry.at = NOW + 1;
	is_good(ledger_save(ledger, &key, NULL, &entry, &error), &error);
	ledger_free(ledger);
	/* As if as many had come since: the next one pushes out number 1, not number 2. */
	snprintf(text, sizeof(text), "UPDATE history SET number = %d WHERE number = 2",
		LEDGER_HISTORY_MAX);
	sql(place, text);
	ledger = open_good(place);
	entry.at = NOW + 2;
	is_good(ledger_save(ledger, &key, NULL, &entry, &error), &error);
	is_good(ledger_history(ledger, NULL, &history, &error), &error);
	assert_int_equal(history.count, 2);
	assert_int_equal(history.entries[0].at, NOW + 1);
	ledger_history_done(&history);
	/* One second before the limit, and at it. */
	entry.at = NOW + 1 + LEDGER_HISTORY_AGE;
	is_good(ledger_save(ledger, &key, NULL, &entry, &error), &error);
	is_good(ledger_history(ledger, NULL, &history, &error), &error);
	assert_int_equal(history.count, 3);
	ledger_history_done(&history);
	entry.at++;
	is_good(ledger_save(ledger, &key, NULL, &entry, &error), &error);
	is_good(ledger_history(ledger, NULL, &history, &error), &error);
	assert_int_equal(history.count, 3);
	assert_int_equal(history.entries[0].at, NOW + 2);
	ledger_history_done(&history);
	ledger_free(ledger);
}

static void status_is_replaced_and_limited(void **state)
{
	struct place *place = *state;
	CLEANUP(ledger_free_ptr) struct ledger *ledger = open_good(place);
	const struct ledger_key program = {"", "", ""};
	struct ledger_statuses statuses = {0};
	struct error error = {0};
	char *text = calloc(1, LEDGER_STATUS_MAX + 2);

	memset(text, 'x', LEDGER_STATUS_MAX);
	is_good(ledger_status_save(ledger, &key, "{}", &error), &error);
	is_good(ledger_status_save(ledger, &key, text, &error), &error);
	is_good(ledger_status_save(ledger, &program, "{\"looked\": 1}", &error), &error);
	text[LEDGER_STATUS_MAX] = 'x';
	assert_int_equal(ledger_status_save(ledger, &key, text, &error), -ERROR_LIMIT);
	is_good(ledger_status_load(ledger, &statuses, &error), &error);
	assert_int_equal(statuses.count, 2);
	assert_string_equal(statuses.statuses[0].key.directory, "");
	assert_string_equal(statuses.statuses[0].text, "{\"looked\": 1}");
	assert_string_equal(statuses.statuses[1].key.directory, key.directory);
	assert_int_equal(strlen(statuses.statuses[1].text), LEDGER_STATUS_MAX);
	ledger_statuses_done(&statuses);
	free(text);
}

/* ---------------------------------------------------------------- who may */

/* Runs `act` in a process of its own and gives its exit status. */
static int in_child(int (*act)(struct place *place), struct place *place)
{
	pid_t child = fork();
	int status = -1;

	assert_true(child >= 0);
	if (child == 0)
		_exit(act(place));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void a_second_owner_is_refused_by_name_and_pid(void **state)
{
	struct place *place = *state;
	struct ledger *ledger = NULL;
	struct error error = {0};
	char pid_text[32], byte;
	int ready[2];
	pid_t child;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		open_good(place);
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(
		ledger_open(place->state, "ldapsward apply", NOW, &ledger, &error), -ERROR_BUSY);
	assert_null(ledger);
	snprintf(pid_text, sizeof(pid_text), "pid %d ", (int)child);
	says(error.message, "ldapsward run");
	says(error.message, pid_text);
	ledger_free(open_read_good(place));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	/* A dead owner leaves nothing to clean up. */
	ledger_free(open_good(place));
	close(ready[0]);
	close(ready[1]);
}

static void a_reader_makes_nothing_and_knows_nothing(void **state)
{
	struct place *place = *state;
	struct ledger_records records = {0};
	struct ledger_statuses statuses = {0};
	struct ledger_history history = {0};
	struct error error = {0};
	struct ledger *ledger;

	for (int round = 0; round < 2; round++) { /* no directory, then no file in it */
		ledger = open_read_good(place);
		assert_false(ledger_found(ledger));
		load_good(ledger, &place->store, &records);
		assert_int_equal(records.count, 0);
		is_good(ledger_status_load(ledger, &statuses, &error), &error);
		assert_int_equal(statuses.count, 0);
		is_good(ledger_history(ledger, NULL, &history, &error), &error);
		assert_int_equal(history.count, 0);
		ledger_free(ledger);
		if (round == 0) {
			assert_int_equal(access(place->state, F_OK), -1);
			assert_int_equal(mkdir(place->state, 0700), 0);
		} else {
			assert_int_equal(rmdir(place->state), 0); /* it is empty */
		}
	}
}

static void readers_look_beside_a_writer(void **state)
{
	struct place *place = *state;
	CLEANUP(ledger_free_ptr) struct ledger *writer = open_good(place);
	CLEANUP(ledger_free_ptr) struct ledger *reader = open_read_good(place);
	struct ledger_records records = {0};
	struct memory empty = {0};
	struct error error = {0};

	assert_true(ledger_found(reader));
	load_good(reader, &place->store, &records);
	assert_int_equal(records.count, 0);
	save_sample(writer, place);
	holds_sample(reader, place);
	assert_int_equal(ledger_save(reader, &key, &empty, NULL, &error), -ERROR_INTERNAL);
	save_sample(writer, place);
	ledger_free(writer);
	writer = NULL;
	holds_sample(reader, place);
}

static int die_amid_a_commit(struct place *place)
{
	sql(place, "BEGIN IMMEDIATE; UPDATE directory SET looked = 5; COMMIT");
	sql(place, "UPDATE directory SET looked = 1798761600");
	{
		char path[160];
		sqlite3 *database;

		if (sqlite3_open(path_in(place, LEDGER_FILE, path), &database) ||
			sqlite3_exec(database,
				"BEGIN IMMEDIATE; UPDATE directory SET looked = 5;"
				"DELETE FROM entry",
				NULL, NULL, NULL))
			_exit(1);
	}
	_exit(0);
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

struct worker {
	struct ledger *ledger;
	struct memory *memory;
	char directory[SERVICE_ID_SIZE];
	int failures;
};

static void *work(void *argument)
{
	struct worker *worker = argument;
	const struct ledger_key mine = {"", "eu-west-1", worker->directory};
	const struct ledger_entry entry = {.at = NOW, .key = mine, .action = "register"};

	for (int i = 0; i < 10; i++)
		if (ledger_save(worker->ledger, &mine, worker->memory, &entry, NULL) < 0)
			worker->failures++;
	return NULL;
}

static void workers_may_save_at_once(void **state)
{
	struct place *place = *state;
	CLEANUP(ledger_free_ptr) struct ledger *ledger = open_good(place);
	struct memory memory = memory_sample(place);
	struct ledger_history history = {0};
	struct ledger_records records = {0};
	struct worker workers[4];
	pthread_t threads[4];
	struct error error = {0};

	for (int i = 0; i < 4; i++) {
		workers[i] = (struct worker){.ledger = ledger, .memory = &memory};
		snprintf(workers[i].directory, SERVICE_ID_SIZE, "d-%d", i);
		assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(workers[i].failures, 0);
	}
	load_good(ledger, &place->store, &records);
	assert_int_equal(records.count, 4);
	for (int i = 0; i < 4; i++)
		assert_true(memory_equal(&records.records[i].memory, &memory));
	is_good(ledger_history(ledger, NULL, &history, &error), &error);
	assert_int_equal(history.count, 40);
	ledger_history_done(&history);
	ledger_records_done(&records);
	memory_done(&memory);
}

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
	r = ledger_save(ledger, &key, &memory, &entry, &error);
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
	sql(place, "DROP TABLE status; PRAGMA user_version = 1");
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
	sql(place, "PRAGMA user_version = 2");
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
		load_good(ledger, &place->store, &records);
		assert_int_equal(records.count, 0);
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

#define LEDGER_TEST(name) cmocka_unit_test_setup_teardown(name, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LEDGER_TEST(every_member_comes_back),
		LEDGER_TEST(every_phase_step_and_refusal_comes_back),
		LEDGER_TEST(certificates_come_back_linked_and_the_unused_ones_go),
		LEDGER_TEST(a_commit_is_all_or_nothing),
		LEDGER_TEST(history_is_filtered_cut_and_in_order),
		LEDGER_TEST(history_is_pruned_by_count_and_age),
		LEDGER_TEST(status_is_replaced_and_limited),
		LEDGER_TEST(a_second_owner_is_refused_by_name_and_pid),
		LEDGER_TEST(a_reader_makes_nothing_and_knows_nothing),
		LEDGER_TEST(readers_look_beside_a_writer),
		LEDGER_TEST(a_reader_sees_what_was_committed_after_a_crash),
		LEDGER_TEST(workers_may_save_at_once),
		LEDGER_TEST(only_its_user_may_read_it),
		LEDGER_TEST(a_place_that_cannot_be_is_refused),
		LEDGER_TEST(what_may_not_be_written_is_refused),
		LEDGER_TEST(a_full_disk_leaves_what_was),
		LEDGER_TEST(an_older_file_is_migrated),
		LEDGER_TEST(a_newer_file_is_refused_and_left_alone),
		LEDGER_TEST(a_damaged_file_is_set_aside),
		LEDGER_TEST(what_was_set_aside_is_never_overwritten),
		LEDGER_TEST(a_journal_goes_with_its_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
