/* SPDX-License-Identifier: Apache-2.0 */
/* Ledger files: whatever a reader takes, the writer keeps and gives back the same; what the writer
 * cannot read it sets aside, and it works on. */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "edge/ledger.h"

#define NOW INT64_C(1798761600) /* 2027-01-01T00:00:00Z */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		abort();
}

static const char *path_in(const char *directory, const char *name, char ret_path[static PATH_MAX])
{
	snprintf(ret_path, PATH_MAX, "%s/%s", directory, name);
	return ret_path;
}

static void put(const char *directory, const uint8_t *data, size_t size)
{
	char path[PATH_MAX];
	FILE *file = fopen(path_in(directory, LEDGER_FILE, path), "wb");

	check(file && fwrite(data, 1, size, file) == size);
	fclose(file);
}

static void tidy(const char *directory)
{
	static const char *const names[] = {LEDGER_FILE, LEDGER_FILE "-journal", LEDGER_FILE "-wal",
		LEDGER_FILE "-shm", LEDGER_LOCK_FILE, LEDGER_FILE ".damaged-20270101T000000Z",
		LEDGER_FILE ".damaged-20270101T000000Z-journal"};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(path_in(directory, names[i], path));
	check(rmdir(directory) == 0);
}

/* Reads all that can be read; returns what loading it gave. */
static int read_all(const char *directory, struct store *store, struct ledger_records *records)
{
	struct ledger_statuses statuses = {0};
	struct ledger_history history = {0};
	struct ledger *ledger = NULL;
	struct error error = {0};
	int r = ledger_open_read(directory, &ledger, &error);

	if (r == 0) {
		r = ledger_load(ledger, store, records, &error);
		if (ledger_status_load(ledger, &statuses, NULL) == 0)
			ledger_statuses_done(&statuses);
		if (ledger_history(ledger, NULL, &history, NULL) == 0)
			ledger_history_done(&history);
	}
	check((r == 0) == (error.code == 0) && error.code == r);
	ledger_free(ledger);
	return r;
}

/* What was read can be written over itself, and everything is still there. */
static void write_back(const char *directory, struct store *store, struct ledger_records *records)
{
	struct ledger_records again = {0};
	struct knowledge knowledge = {0};
	struct ledger *ledger = NULL;

	if (ledger_open(directory, "fuzz", NOW, &ledger, NULL) < 0)
		return; /* a newer version */
	check(ledger_load(ledger, store, &again, NULL) == 0);
	(void)ledger_selection_load(ledger, &knowledge, NULL);
	knowledge_done(&knowledge);
	for (size_t i = 0; i < records->count && !ledger_notice(ledger); i++) {
		struct ledger_record *record = &records->records[i];

		const struct ledger_change change = {.key = record->key, .memory = &record->memory};

		check(memory_equal(&again.records[i].memory, &record->memory));
		check(ledger_save_all(ledger, &change, 1, NULL) != 0 ||
			again.count == records->count);
	}
	ledger_records_done(&again);
	ledger_free(ledger);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char directory[] = "/tmp/fuzz-ledger-XXXXXX";
	struct ledger_records records = {0};
	struct store store = {0};

	check(mkdtemp(directory) != NULL);
	put(directory, data, size);
	if (read_all(directory, &store, &records) < 0)
		check(records.count == 0);
	write_back(directory, &store, &records);
	ledger_records_done(&records);
	store_done(&store);
	tidy(directory);
	return 0;
}
