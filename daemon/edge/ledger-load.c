/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/ledger-load.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "edge/ledger-rollout.h"
#include "edge/ledger-statement.h"
#include "edge/x509.h"

static int load_certificate(sqlite3_stmt *row, struct store *store,
	struct row_certificates *certificates, struct error *error)
{
	const void *sha256 = sqlite3_column_blob(row, 0), *der = sqlite3_column_blob(row, 1);
	const struct certificate *certificate;
	int r;

	if (sqlite3_column_bytes(row, 0) != sizeof(struct digest) || !der)
		return error_set(error, ERROR_CORRUPT, "a certificate is incomplete");
	r = x509_read_der(der, (size_t)sqlite3_column_bytes(row, 1), store, &certificate, error);
	if (r == -ERROR_INVALID || r == -ERROR_DENIED)
		return error_set(error, ERROR_CORRUPT, "a certificate cannot be read");
	if (r < 0)
		return r;
	if (memcmp(certificate->sha256.bytes, sha256, sizeof(struct digest)) != 0)
		return error_set(error, ERROR_CORRUPT, "a certificate is not the one it should be");
	r = array_reserve(&certificates->certificates, &certificates->capacity, certificates->count,
		sizeof(certificates->certificates[0]), STORE_CERTIFICATES_MAX);
	if (r < 0)
		return error_set(error, (enum error_code) - r, "certificates: %s", error_str(r));
	certificates->certificates[certificates->count++] = certificate;
	return 0;
}

static int load_certificates(struct database *database, struct store *store,
	struct row_certificates *certificates, struct error *error)
{
	sqlite3_stmt *statement;
	int r = statement_prepare(database, CERTIFICATE_LOAD, &statement, error);

	if (r < 0)
		return r;
	while ((r = database_row(database, statement, error)) > 0) {
		r = load_certificate(statement, store, certificates, error);
		if (r < 0)
			return r;
	}
	return r;
}

static int load_directory(sqlite3_stmt *row, const struct row_certificates *certificates,
	struct ledger_records *records, struct error *error)
{
	struct ledger_record record = {0};
	const char *texts[3];
	int r = row_read(row, &row_directory, certificates, &record.memory, error);

	if (r < 0)
		return r;
	if (!row_change_possible(&record.memory.change))
		return error_set(error, ERROR_CORRUPT, "directory.change_kind is no change");
	r = array_reserve(&records->records, &records->capacity, records->count,
		sizeof(records->records[0]), LEDGER_RECORDS_MAX);
	if (r < 0)
		return error_set(error, (enum error_code) - r, "directories: %s", error_str(r));
	r = row_texts(row, 0, ARRAY_LENGTH(texts), texts, &record.owned, error);
	if (r < 0)
		return r;
	record.key = (struct ledger_key){texts[0], texts[1], texts[2]};
	records->records[records->count++] = record;
	return 0;
}

static int load_entry(sqlite3_stmt *row, const struct row_certificates *certificates,
	struct memory *memory, struct error *error)
{
	struct memory_certificate entry = {0};
	int r = row_read(row, &row_entry, certificates, &entry, error);

	if (r < 0)
		return r;
	r = array_reserve(&memory->certificates, &memory->certificates_capacity,
		memory->certificates_count, sizeof(entry), MEMORY_CERTIFICATES_MAX);
	if (r < 0)
		return error_set(error, r == -ERROR_LIMIT ? ERROR_CORRUPT : ERROR_MEMORY,
			"entries of one directory: %s", error_str(r));
	memory->certificates[memory->certificates_count++] = entry;
	return 0;
}

static int load_wish(sqlite3_stmt *row, const struct row_certificates *certificates,
	struct memory *memory, struct error *error)
{
	struct memory_wish wish = {0};
	int r = row_read(row, &row_wish, certificates, &wish, error);

	if (r < 0)
		return r;
	r = array_reserve(&memory->wishes, &memory->wishes_capacity, memory->wishes_count,
		sizeof(wish), MEMORY_WISHES_MAX);
	if (r < 0)
		return error_set(error, r == -ERROR_LIMIT ? ERROR_CORRUPT : ERROR_MEMORY,
			"wishes of one directory: %s", error_str(r));
	memory->wishes[memory->wishes_count++] = wish;
	return 0;
}

static int load_announcement(sqlite3_stmt *row, const struct row_certificates *certificates,
	struct memory *memory, struct error *error)
{
	struct memory_announcement entry = {0};
	int r = row_read(row, &row_announcement, certificates, &entry, error);

	if (r < 0 || entry.reason == REASON_NONE)
		return r;
	r = array_reserve(&memory->announcements, &memory->announcements_capacity,
		memory->announcements_count, sizeof(entry), MEMORY_ANNOUNCEMENTS_MAX);
	if (r < 0)
		return error_set(error, r == -ERROR_LIMIT ? ERROR_CORRUPT : ERROR_MEMORY,
			"announcements of one directory: %s", error_str(r));
	memory->announcements[memory->announcements_count++] = entry;
	return 0;
}

/* All rows of a table, or those of `key`, ready for the first. */
static int select_rows(struct database *database, const struct row_table *table,
	enum statement load, enum statement find, const struct ledger_key *key,
	sqlite3_stmt **ret_statement, struct error *error)
{
	int r = statement_prepare_row(database, key ? find : load,
		key ? row_find_sql : row_load_sql, table, ret_statement, error);
	int code = r == 0 && key ? statement_bind_key(*ret_statement, key) : SQLITE_OK;

	return code == SQLITE_OK ? r : database_fail(database, code, "read the ledger", error);
}

static int load_directories(struct database *database, const struct row_certificates *certificates,
	const struct ledger_key *key, struct ledger_records *records, struct error *error)
{
	sqlite3_stmt *statement;
	int r = select_rows(
		database, &row_directory, DIRECTORY_LOAD, DIRECTORY_FIND, key, &statement, error);

	if (r < 0)
		return r;
	while ((r = database_row(database, statement, error)) > 0) {
		r = load_directory(statement, certificates, records, error);
		if (r < 0)
			return r;
	}
	return r;
}

/* The record of a row; both come in the same order, so `cursor` only moves on. NULL: none. */
static struct ledger_record *record_of_row(
	sqlite3_stmt *row, const struct ledger_records *records, size_t *cursor)
{
	struct ledger_key key = {
		.account = (const char *)sqlite3_column_text(row, 0),
		.region = (const char *)sqlite3_column_text(row, 1),
		.directory = (const char *)sqlite3_column_text(row, 2),
	};

	if (!key.account || !key.region || !key.directory)
		return NULL;
	while (*cursor < records->count && key_cmp(&records->records[*cursor].key, &key) < 0)
		++*cursor;
	if (*cursor == records->count || key_cmp(&records->records[*cursor].key, &key) != 0)
		return NULL;
	return &records->records[*cursor];
}

/* A table with many rows of one directory. */
struct positioned {
	const struct row_table *table;
	enum statement load, find;
	int (*take)(sqlite3_stmt *row, const struct row_certificates *certificates,
		struct memory *memory, struct error *error);
};

static const struct positioned lists[] = {
	{&row_entry, ENTRY_LOAD, ENTRY_FIND, load_entry},
	{&row_wish, WISH_LOAD, WISH_FIND, load_wish},
	{&row_announcement, ANNOUNCEMENT_LOAD, ANNOUNCEMENT_FIND, load_announcement},
};

/* The rows of all directories, or of `key`, each given to the memory of its directory, which is not
 * before the record at `cursor`. */
static int load_positioned(struct database *database, const struct positioned *positioned,
	const struct row_certificates *certificates, const struct ledger_key *key, size_t cursor,
	const struct ledger_records *records, struct error *error)
{
	sqlite3_stmt *statement;
	int r = select_rows(database, positioned->table, positioned->load, positioned->find, key,
		&statement, error);

	if (r < 0)
		return r;
	while ((r = database_row(database, statement, error)) > 0) {
		struct ledger_record *record = record_of_row(statement, records, &cursor);

		r = record ? positioned->take(statement, certificates, &record->memory, error)
			   : error_set(error, ERROR_CORRUPT, "%s: a row belongs to no directory",
				     positioned->table->name);
		if (r < 0)
			return r;
	}
	return r;
}

/* The memories of all directories, or of that of `key`. */
static int load_memories(struct database *database, const struct row_certificates *certificates,
	const struct ledger_key *key, struct ledger_records *records, struct error *error)
{
	size_t before = records->count;
	int r = load_directories(database, certificates, key, records, error);

	for (size_t i = 0; r == 0 && i < ARRAY_LENGTH(lists); i++)
		r = load_positioned(database, &lists[i], certificates, key, before, records, error);
	return r;
}

/* Everything in one read transaction, so that a commit in between is seen whole or not at all. */
int ledger_read(struct database *database, struct store *store, const struct ledger_key *keys,
	size_t count, struct ledger_records *records, struct error *error)
{
	struct row_certificates certificates = {0};
	int r = database_begin_read(database, error);

	if (r == 0)
		r = load_certificates(database, store, &certificates, error);
	if (r == 0 && !keys)
		r = load_memories(database, &certificates, NULL, records, error);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = load_memories(database, &certificates, &keys[i], records, error);
	if (r == 0 && !keys)
		r = ledger_read_rollouts(database, &records->rollouts, error);
	database_rollback(database);
	free(certificates.certificates);
	if (r == 0 && x509_link(store) < 0)
		r = error_set(error, ERROR_MEMORY, "certificates: out of memory");
	return r;
}
