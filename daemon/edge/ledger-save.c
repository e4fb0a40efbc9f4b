/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/ledger-save.h"

#include <string.h>

#include "edge/ledger-statement.h"

/* Entries of the history that one new entry may push out for their age: more than one comes in. */
#define PRUNE_BATCH 8

static int save_bound(
	struct database *database, sqlite3_stmt *statement, int code, struct error *error)
{
	if (code != SQLITE_OK)
		return database_fail(database, code, "write the ledger", error);
	return database_run(database, statement, error);
}

static int save_certificate(
	struct database *database, const struct certificate *certificate, struct error *error)
{
	sqlite3_stmt *statement;
	int code, r;

	if (!certificate)
		return 0;
	if (!certificate->der || !certificate->der_length ||
		certificate->der_length > DATABASE_VALUE_MAX / 2)
		return error_set(error, ERROR_INTERNAL, "%s: a certificate comes without its DER",
			database->path);
	r = statement_prepare(database, CERTIFICATE_SAVE, &statement, error);
	if (r < 0)
		return r;
	code = sqlite3_bind_blob(statement, 1, certificate->sha256.bytes,
		sizeof(certificate->sha256.bytes), SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = sqlite3_bind_blob(statement, 2, certificate->der,
			(int)certificate->der_length, SQLITE_STATIC);
	return save_bound(database, statement, code, error);
}

static int save_certificates(
	struct database *database, const struct memory *memory, struct error *error)
{
	int r = save_certificate(database, memory->change.certificate, error);

	for (size_t i = 0; r == 0 && i < memory->certificates_count; i++)
		r = save_certificate(database, memory->certificates[i].certificate, error);
	for (size_t i = 0; r == 0 && i < memory->wishes_count; i++)
		r = save_certificate(database, memory->wishes[i].certificate, error);
	return r;
}

static int clear_rows(struct database *database, enum statement which, const struct ledger_key *key,
	struct error *error)
{
	sqlite3_stmt *statement;
	int r = statement_prepare(database, which, &statement, error);

	if (r < 0)
		return r;
	return save_bound(database, statement, statement_bind_key(statement, key), error);
}

static int save_row(struct database *database, enum statement which, const struct row_table *table,
	const struct ledger_key *key, size_t position, const void *object, struct error *error)
{
	sqlite3_stmt *statement;
	int code, r;

	r = statement_prepare_row(database, which, row_save_sql, table, &statement, error);
	if (r == 0)
		r = row_bind(statement, table, object, error);
	if (r < 0)
		return r;
	code = statement_bind_key(statement, key);
	if (code == SQLITE_OK && table->positioned)
		code = sqlite3_bind_int64(statement, 4, (sqlite3_int64)position);
	return save_bound(database, statement, code, error);
}

static int save_memory(struct database *database, const struct ledger_key *key,
	const struct memory *memory, struct error *error)
{
	int r = 0;

	if (!row_change_possible(&memory->change))
		r = error_set(
			error, ERROR_INTERNAL, "%s: the change in flight is none", database->path);
	if (r == 0)
		r = save_certificates(database, memory, error);
	if (r == 0)
		r = save_row(database, DIRECTORY_SAVE, &row_directory, key, 0, memory, error);
	if (r == 0)
		r = clear_rows(database, ENTRY_CLEAR, key, error);
	for (size_t i = 0; r == 0 && i < memory->certificates_count; i++)
		r = save_row(
			database, ENTRY_SAVE, &row_entry, key, i, &memory->certificates[i], error);
	if (r == 0)
		r = clear_rows(database, WISH_CLEAR, key, error);
	for (size_t i = 0; r == 0 && i < memory->wishes_count; i++)
		r = save_row(database, WISH_SAVE, &row_wish, key, i, &memory->wishes[i], error);
	if (r == 0)
		r = clear_rows(database, ANNOUNCEMENT_CLEAR, key, error);
	for (size_t i = 0; r == 0 && i < memory->announcements_count; i++)
		r = save_row(database, ANNOUNCEMENT_SAVE, &row_announcement, key, i,
			&memory->announcements[i], error);
	return r;
}

/* Old entries go as new ones come: by number, and a few by age. */
static int prune_history(struct database *database, int64_t now, struct error *error)
{
	sqlite3_int64 newest = sqlite3_last_insert_rowid(database->handle);
	sqlite3_stmt *statement;
	int code, r;

	r = statement_prepare(database, HISTORY_PRUNE_COUNT, &statement, error);
	if (r == 0)
		r = save_bound(database, statement,
			sqlite3_bind_int64(statement, 1, newest - LEDGER_HISTORY_MAX), error);
	if (r == 0)
		r = statement_prepare(database, HISTORY_PRUNE_AGE, &statement, error);
	if (r < 0)
		return r;
	code = sqlite3_bind_int64(statement, 1, now - LEDGER_HISTORY_AGE);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, 2, PRUNE_BATCH);
	return save_bound(database, statement, code, error);
}

static int save_entry(
	struct database *database, const struct ledger_entry *entry, struct error *error)
{
	const char *texts[HISTORY_TEXTS] = {entry->key.account, entry->key.region,
		entry->key.directory, entry->action, entry->common_name, entry->id, entry->reason,
		entry->outcome, entry->request_id, entry->text};
	sqlite3_stmt *statement;
	int code = SQLITE_OK, r;

	r = statement_prepare(database, HISTORY_SAVE, &statement, error);
	if (r < 0)
		return r;
	for (int i = 0; code == SQLITE_OK && i < HISTORY_TEXTS; i++)
		code = statement_bind_text(statement, i + 1, texts[i]);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, HISTORY_TEXTS + 1, entry->at);
	if (code == SQLITE_OK && !digest_is_zero(&entry->certificate))
		code = sqlite3_bind_blob(statement, HISTORY_TEXTS + 2, entry->certificate.bytes,
			sizeof(entry->certificate.bytes), SQLITE_STATIC);
	r = save_bound(database, statement, code, error);
	return r < 0 ? r : prune_history(database, entry->at, error);
}

static int save_status(struct database *database, const struct ledger_key *key, const char *text,
	struct error *error)
{
	sqlite3_stmt *statement;
	size_t length = strlen(text);
	int code, r;

	if (length > LEDGER_STATUS_MAX)
		return error_set(error, ERROR_LIMIT,
			"%s: a status of %zu bytes is not kept: %d are allowed", database->path,
			length, LEDGER_STATUS_MAX);
	r = statement_prepare(database, STATUS_SAVE, &statement, error);
	if (r < 0)
		return r;
	code = statement_bind_key(statement, key);
	if (code == SQLITE_OK)
		code = sqlite3_bind_text(statement, 4, text, (int)length, SQLITE_STATIC);
	return save_bound(database, statement, code, error);
}

int ledger_write(struct database *database, const struct ledger_change *change, struct error *error)
{
	int r = 0;

	if (change->memory)
		r = save_memory(database, &change->key, change->memory, error);
	if (r == 0 && change->entry)
		r = save_entry(database, change->entry, error);
	if (r == 0 && change->status)
		r = save_status(database, &change->key, change->status, error);
	return r;
}
