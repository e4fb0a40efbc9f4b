/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger: what comes back of what was saved, and who may save. */
#include "ledger-place.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"

/* ---------------------------------------------------------------- what comes back */

static void every_member_comes_back(void **state)
{
	struct place *place = *state;
	CLEANUP(ledger_free_ptr) struct ledger *ledger = open_good(place);
	struct memory extreme = memory_extreme(place), empty = {0};
	struct ledger_records records = {0};
	struct ledger_key other = {"", "eu-central-1", "d-0000000000"};
	struct error error = {0};

	is_good(save_one(ledger, &key, &empty, NULL, &error), &error);
	is_good(save_one(ledger, &key, &extreme, NULL, &error), &error);
	is_good(save_one(ledger, &other, &empty, NULL, &error), &error);
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

/* What comes back into the file is remembered without what stands beside it. */
static void some_come_back_alone(void **state)
{
	struct place *place = *state;
	CLEANUP(ledger_free_ptr) struct ledger *ledger = open_good(place);
	struct memory extreme = memory_extreme(place), sample = memory_sample(place);
	const struct ledger_key keys[] = {{"", "eu-central-1", "d-0000000000"},
		{"prod", "eu-central-1", "d-926708e4f1"}, key,
		{"prod", "eu-west-1", "d-9999999999"}};
	const struct memory *memories[] = {&sample, NULL, &extreme, &extreme};
	struct rollout rollout = {.scope = "prod"};
	struct rollouts rollouts = {.rollouts = &rollout, .count = 1, .revision = 1};
	struct ledger_change change = {.key = key, .rollouts = &rollouts};
	struct ledger_records records = {0};
	struct error error = {0};

	is_good(ledger_save_all(ledger, &change, 1, &error), &error);
	for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
		if (memories[i])
			is_good(save_one(ledger, &keys[i], memories[i], NULL, &error), &error);
	is_good(ledger_load_some(ledger, &place->store, keys, 3, &records, &error), &error);
	assert_int_equal(records.count, 2);
	assert_int_equal(records.rollouts.count, 0);
	assert_true(memory_equal(&ledger_records_find(&records, &keys[0])->memory, &sample));
	assert_true(memory_equal(&ledger_records_find(&records, &keys[2])->memory, &extreme));
	ledger_records_done(&records);
	/* of nothing nothing is read, and so no damage seen */
	sql(place, "UPDATE entry SET origin = 'nonsense'");
	is_good(ledger_load_some(ledger, &place->store, NULL, 0, &records, &error), &error);
	assert_false(ledger_restarted(ledger));
	is_good(ledger_load_some(ledger, &place->store, keys, 1, &records, &error), &error);
	assert_true(ledger_restarted(ledger));
	memory_done(&extreme);
	memory_done(&sample);
}

/* Of another version: it is no reason to lose the rest. */
static void an_announcement_that_nobody_knows_is_forgotten(void **state)
{
	struct place *place = *state;
	struct ledger *ledger = open_good(place);
	struct memory extreme = memory_extreme(place);
	struct ledger_records records = {0};
	struct error error = {0};

	is_good(save_one(ledger, &key, &extreme, NULL, &error), &error);
	ledger_free(ledger);
	sql(place, "UPDATE announcement SET reason = 'Rebaptised' WHERE position = 1");
	ledger = open_good(place);
	load_good(ledger, &place->store, &records);
	assert_null(ledger_notice(ledger));
	assert_int_equal(
		records.records[0].memory.announcements_count, MEMORY_ANNOUNCEMENTS_MAX - 1);
	assert_int_equal(records.records[0].memory.announcements[1].level, 2);
	ledger_records_done(&records);
	ledger_free(ledger);
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

	is_good(save_one(ledger, &key, &empty, NULL, &error), &error);
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
	static const char *const directories[] = {"d-2", "d-1", "d-3", "d-1", "d-2"};
	static const char *const some[] = {"d-1", "d-3"};
	char text[LEDGER_TEXT_MAX + 10];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memcpy(text + LEDGER_TEXT_MAX - 1, "\xc3\xa9", 2); /* a character across the limit */
	for (int i = 0; i < 5; i++) {
		const struct ledger_entry entry = {.at = NOW + i,
			.key = {"prod", "eu-west-1", directories[i]},
			.action = "register",
			.certificate = i ? place->certificates[0]->sha256 : (struct digest){{0}},
			.common_name = "Corp Root",
			.id = "c-0123456789",
			.reason = "Missing",
			.outcome = "accepted",
			.request_id = "5b8b2c1e",
			.text = text};

		is_good(save_one(ledger, &key, &memory, &entry, &error), &error);
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
			&(struct ledger_filter){.directories = directories,
				.directories_count = 1,
				.since = NOW + 1,
				.limit = 1},
			&history, &error),
		&error);
	assert_int_equal(history.count, 1);
	assert_int_equal(history.entries[0].at, NOW + 4);
	ledger_history_done(&history);

	/* what is not asked for does not count for the limit */
	is_good(ledger_history(ledger,
			&(struct ledger_filter){
				.directories = some, .directories_count = 2, .limit = 2},
			&history, &error),
		&error);
	assert_int_equal(history.count, 2);
	assert_int_equal(history.entries[0].at, NOW + 2);
	assert_int_equal(history.entries[1].at, NOW + 3);
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

	is_good(save_one(ledger, &key, NULL, &entry, &error), &error);
	entry.at = NOW + 1;
	is_good(save_one(ledger, &key, NULL, &entry, &error), &error);
	ledger_free(ledger);
	/* As if as many had come since: the next one pushes out number 1, not number 2. */
	snprintf(text, sizeof(text), "UPDATE history SET number = %d WHERE number = 2",
		LEDGER_HISTORY_MAX);
	sql(place, text);
	ledger = open_good(place);
	entry.at = NOW + 2;
	is_good(save_one(ledger, &key, NULL, &entry, &error), &error);
	is_good(ledger_history(ledger, NULL, &history, &error), &error);
	assert_int_equal(history.count, 2);
	assert_int_equal(history.entries[0].at, NOW + 1);
	ledger_history_done(&history);
	/* One second before the limit, and at it. */
	entry.at = NOW + 1 + LEDGER_HISTORY_AGE;
	is_good(save_one(ledger, &key, NULL, &entry, &error), &error);
	is_good(ledger_history(ledger, NULL, &history, &error), &error);
	assert_int_equal(history.count, 3);
	ledger_history_done(&history);
	entry.at++;
	is_good(save_one(ledger, &key, NULL, &entry, &error), &error);
	is_good(ledger_history(ledger, NULL, &history, &error), &error);
	assert_int_equal(history.count, 3);
	assert_int_equal(history.entries[0].at, NOW + 2);
	ledger_history_done(&history);
	ledger_free(ledger);
}

static void statuses_come_page_by_page(void **state)
{
	struct place *place = *state;
	CLEANUP(ledger_free_ptr) struct ledger *ledger = open_good(place);
	static const struct ledger_key keys[] = {{"", "", ""}, {"", "eu-west-1", "d-0000000001"},
		{"", "eu-west-2", "d-0000000000"}, {"prod", "eu-west-1", "d-0000000000"}};
	struct ledger_statuses page = {0};
	struct error error = {0};

	for (size_t i = 4; i-- > 0;)
		is_good(ledger_status_save(ledger, &keys[i], "{}", &error), &error);
	is_good(ledger_status_page(ledger, &keys[0], 2, &page, &error), &error);
	assert_int_equal(page.count, 2);
	assert_string_equal(page.statuses[0].key.directory, "d-0000000001");
	assert_string_equal(page.statuses[1].key.region, "eu-west-2");
	ledger_statuses_done(&page);
	is_good(ledger_status_page(ledger, &keys[2], 2, &page, &error), &error);
	assert_int_equal(page.count, 1);
	assert_string_equal(page.statuses[0].key.account, "prod");
	ledger_statuses_done(&page);
	is_good(ledger_status_page(ledger, &keys[3], 2, &page, &error), &error);
	assert_int_equal(page.count, 0);
	ledger_statuses_done(&page);
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
	is_good(ledger_status_keys(ledger, &statuses, &error), &error);
	assert_int_equal(statuses.count, 2);
	assert_string_equal(statuses.statuses[1].key.directory, key.directory);
	assert_null(statuses.statuses[1].text);
	ledger_statuses_done(&statuses);
	free(text);
	is_good(ledger_status_find(ledger, &program, &text, &error), &error);
	assert_string_equal(text, "{\"looked\": 1}");
	free(text);
	assert_int_equal(ledger_status_find(ledger, &(struct ledger_key){"", "eu-west-1", "d-0"},
				 &text, &error),
		-ERROR_MISSING);
}

/* ---------------------------------------------------------------- who may */

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
	assert_int_equal(save_one(reader, &key, &empty, NULL, &error), -ERROR_INTERNAL);
	save_sample(writer, place);
	ledger_free(writer);
	writer = NULL;
	holds_sample(reader, place);
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
		if (save_one(worker->ledger, &mine, worker->memory, &entry, NULL) < 0)
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

/* A roll-out with members at the ends of their ranges. */
static struct rollout rollout_extreme(void)
{
	struct rollout rollout = {.begun = INT64_MAX,
		.ready_since = INT64_MAX - 1,
		.ready_seen = INT64_MAX,
		.window = INT64_MAX - 2,
		.turns = INT64_MAX - 3,
		.used = INT64_MAX - 4,
		.absent = INT64_MAX - 5,
		.region = "ap-southeast-2",
		.directory = "d-926708e4f1",
		.first = "d-926708e4f1 in ap-southeast-2"};

	memset(rollout.scope, 's', sizeof(rollout.scope) - 1);
	memset(rollout.account, 'a', sizeof(rollout.account) - 1);
	memset(rollout.certificate.bytes, 0xff, sizeof(rollout.certificate.bytes));
	return rollout;
}

static void save_rollouts(
	struct ledger *ledger, struct rollout *list, size_t count, uint64_t revision)
{
	struct rollouts rollouts = {.rollouts = list, .count = count, .revision = revision};
	struct ledger_change change = {.key = key, .rollouts = &rollouts};
	struct error error = {0};

	is_good(ledger_save_all(ledger, &change, 1, &error), &error);
}

static void rollouts_come_back(void **state)
{
	struct place *place = *state;
	CLEANUP(ledger_free_ptr) struct ledger *ledger = open_good(place);
	struct rollout list[] = {{.scope = "prod"}, rollout_extreme()};
	struct ledger_records records = {0};

	save_rollouts(ledger, list, ARRAY_LENGTH(list), 1);
	load_good(ledger, &place->store, &records);
	assert_int_equal(records.rollouts.count, 2);
	for (size_t i = 0; i < ARRAY_LENGTH(list); i++)
		assert_memory_equal(&records.rollouts.rollouts[i], &list[i], sizeof(list[i]));
	assert_int_equal(records.rollouts.revision, 0);
	ledger_records_done(&records);
	save_rollouts(ledger, NULL, 0, 2);
	load_good(ledger, &place->store, &records);
	assert_int_equal(records.rollouts.count, 0);
	ledger_records_done(&records);
}

/* Two workers commit in the other order than the turns were taken: no turn is lost. */
static void of_rollouts_the_latest_stay(void **state)
{
	struct place *place = *state;
	struct ledger *ledger = open_good(place);
	struct rollout early = {.scope = "prod", .turns = 1}, late = {.scope = "prod", .turns = 2};
	struct rollouts both[] = {{.rollouts = &late, .count = 1, .revision = 9},
		{.rollouts = &early, .count = 1, .revision = 8}};
	struct ledger_change changes[] = {
		{.key = key, .rollouts = &both[0]}, {.key = key, .rollouts = &both[1]}};
	struct ledger_records records = {0};
	struct error error = {0};

	is_good(ledger_save_all(ledger, changes, ARRAY_LENGTH(changes), &error), &error);
	save_rollouts(ledger, &early, 1, 7);
	load_good(ledger, &place->store, &records);
	assert_int_equal(records.rollouts.rollouts[0].turns, 2);
	ledger_records_done(&records);
	/* another process counts its own revisions */
	ledger_free(ledger);
	ledger = open_good(place);
	save_rollouts(ledger, &early, 1, 1);
	load_good(ledger, &place->store, &records);
	assert_int_equal(records.rollouts.rollouts[0].turns, 1);
	ledger_records_done(&records);
	ledger_free(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LEDGER_TEST(every_member_comes_back),
		LEDGER_TEST(some_come_back_alone),
		LEDGER_TEST(an_announcement_that_nobody_knows_is_forgotten),
		LEDGER_TEST(every_phase_step_and_refusal_comes_back),
		LEDGER_TEST(certificates_come_back_linked_and_the_unused_ones_go),
		LEDGER_TEST(a_commit_is_all_or_nothing),
		LEDGER_TEST(history_is_filtered_cut_and_in_order),
		LEDGER_TEST(history_is_pruned_by_count_and_age),
		LEDGER_TEST(statuses_come_page_by_page),
		LEDGER_TEST(status_is_replaced_and_limited),
		LEDGER_TEST(a_second_owner_is_refused_by_name_and_pid),
		LEDGER_TEST(a_reader_makes_nothing_and_knows_nothing),
		LEDGER_TEST(readers_look_beside_a_writer),
		LEDGER_TEST(workers_may_save_at_once),
		LEDGER_TEST(rollouts_come_back),
		LEDGER_TEST(of_rollouts_the_latest_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
