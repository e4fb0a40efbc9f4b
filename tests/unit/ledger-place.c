/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger-place.h"

#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "edge/x509.h"

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

int place_make(void **state)
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

int place_remove(void **state)
{
	struct place *place = *state;

	nftw(place->top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	store_done(&place->store);
	free(place);
	return 0;
}

const char *path_in(const struct place *place, const char *name, char ret_path[static 160])
{
	snprintf(ret_path, 160, "%s/%s", place->state, name);
	return ret_path;
}

off_t size_of(const struct place *place, const char *name)
{
	char path[160];
	struct stat status;

	return stat(path_in(place, name, path), &status) < 0 ? -1 : status.st_size;
}

struct ledger *open_good(const struct place *place)
{
	struct ledger *ledger = NULL;
	struct error error = {0};

	if (ledger_open(place->state, "ldapsward run", NOW, &ledger, &error) < 0)
		fail_msg("%s", error.message);
	return ledger;
}

struct ledger *open_read_good(const struct place *place)
{
	struct ledger *ledger = NULL;
	struct error error = {0};

	if (ledger_open_read(place->state, &ledger, &error) < 0)
		fail_msg("%s", error.message);
	return ledger;
}

void load_good(struct ledger *ledger, struct store *store, struct ledger_records *records)
{
	struct error error = {0};

	if (ledger_load(ledger, store, records, &error) < 0)
		fail_msg("%s", error.message);
}

void is_good(int r, const struct error *error)
{
	if (r < 0)
		fail_msg("%s", error->message);
}

void says(const char *message, const char *word)
{
	if (!strstr(message, word))
		fail_msg("'%s' does not say '%s'", message, word);
}

const struct ledger_key key = {"prod", "eu-west-1", "d-926708e4f1"};

struct memory memory_sample(const struct place *place)
{
	struct memory memory = {.revision = 7, .looked = NOW};
	struct memory_certificate *entry;

	entry = memory_add(&memory, "c-0123456789", place->certificates[0]);
	entry->registered_at = NOW - 5;
	memory_wish_add(&memory, place->certificates[1])->registration.failures = 1;
	return memory;
}

int save_one(struct ledger *ledger, const struct ledger_key *directory, const struct memory *memory,
	const struct ledger_entry *entry, struct error *error)
{
	const struct ledger_change change = {.key = *directory, .memory = memory, .entry = entry};

	return ledger_save_all(ledger, &change, 1, error);
}

void save_sample(struct ledger *ledger, const struct place *place)
{
	struct memory memory = memory_sample(place);
	struct rollout rollout = {.scope = "corp-root", .directory = "d-926708e4f1", .turns = 1};
	struct rollouts rollouts = {.rollouts = &rollout, .count = 1, .revision = 1};
	const struct ledger_change change = {.key = key, .memory = &memory, .rollouts = &rollouts};
	struct error error = {0};

	is_good(ledger_save_all(ledger, &change, 1, &error), &error);
	memory_done(&memory);
}

void holds_sample(struct ledger *ledger, struct place *place)
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

void sql(const struct place *place, const char *text)
{
	char path[160], *message = NULL;
	sqlite3 *database;

	assert_int_equal(sqlite3_open(path_in(place, LEDGER_FILE, path), &database), SQLITE_OK);
	if (sqlite3_exec(database, text, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", text, message);
	sqlite3_close(database);
}

struct memory memory_extreme(const struct place *place)
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
		.enable = {.failures = UINT8_MAX, .next = ATTEMPT_HELD, .refusal = REFUSAL_OTHER},
		.disable = {.failures = ATTEMPT_FAILURES_MAX,
			.next = INT64_MAX - 4,
			.refusal = REFUSAL_SerializationException},
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
		entry->leaving = (enum leaving)(i % 3);
		entry->removing_since = INT64_MAX;
		entry->failed = i % 3 == 0;
		entry->deregister = (struct attempt){.failures = (uint8_t)i,
			.next = INT64_MAX - i,
			.refusal = (enum refusal)(i % REFUSALS)};
	}
	for (unsigned i = 0; i < 2; i++) {
		wish = memory_wish_add(&memory, place->certificates[i]);
		wish->retired = i == 0;
		wish->registration = (struct attempt){
			.failures = UINT8_MAX, .next = ATTEMPT_HELD, .refusal = REFUSAL_OTHER};
		wish->contest = (struct contest){UINT8_MAX, INT64_MAX};
	}
	for (unsigned i = 0; i < MEMORY_ANNOUNCEMENTS_MAX; i++) {
		struct memory_announcement *announcement = memory_announcement_add(
			&memory, (enum reason)(1 + i % (REASONS - 1)), UINT64_MAX - i);

		announcement->level = i;
		announcement->since = i % 2 ? 0 : INT64_MAX - i;
		announcement->told = INT64_MAX;
	}
	return memory;
}

int in_child(int (*act)(struct place *place), struct place *place)
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
