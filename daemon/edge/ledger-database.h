/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The ledger's SQLite file as a file: opened for its writer or beside it, checked, migrated, set
 * aside when damaged; statements, transactions and errors. What is in it is edge/ledger's business;
 * nobody else includes this header.
 *
 * Journal mode is TRUNCATE with synchronous=FULL. A write-ahead log would need its -shm file, which
 * a reader beside a stopped daemon would have to create. In mode DELETE a power cut after a commit
 * can bring the journal back and undo what was committed (an intent whose request has been sent);
 * TRUNCATE syncs the end of the journal before the commit returns.
 */

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* PRAGMA application_id of a ledger: "LDSW". */
#define DATABASE_APPLICATION 0x4c445357
/* Cached statements of one connection. */
#define DATABASE_STATEMENTS_MAX 40
/* No value of ours comes near; a damaged length must not ask for a gigabyte. Bytes. */
#define DATABASE_VALUE_MAX (1024 * 1024)

/* The steps[n] leads from version n to n + 1; a step that was released is never changed. */
struct database_schema {
	const char *const *steps;
	int version;
};

struct database {
	sqlite3 *handle;
	char *path; /* owned */
	const struct database_schema *schema;
	sqlite3_stmt *statements[DATABASE_STATEMENTS_MAX]; /* by the number that ledger.c gives */
};

/*
 * Opens the file at `path` for writing; makes it (mode 0600) if it is not there. `*database` is
 * all-zero. 0; -ERROR_CORRUPT (damaged, or not a ledger: to be set aside); -ERROR_UNSUPPORTED (of a
 * newer version); -ERROR_DENIED, -ERROR_IO, -ERROR_BUSY, -ERROR_MEMORY. Closed again on failure.
 */
int database_open(struct database *database, const char *path, const struct database_schema *schema,
	struct error *error);

/* Opens it for reading; *ret_found is false (and the database empty) where there is no file. */
int database_open_read(struct database *database, const char *path,
	const struct database_schema *schema, bool *ret_found, struct error *error);

/* Whether it is; of one that is not all calls below give -ERROR_IO, and rollback does nothing. */
bool database_is_open(const struct database *database);
/* Accepts all-zero; leaves all-zero. */
void database_close(struct database *database);

/*
 * Renames the closed file at `path` (and its journal) to PATH.damaged-YYYYMMDDTHHMMSSZ, or with -2,
 * -3, ... behind it: nothing is overwritten. *ret_aside is to be freed. 0, -ERROR_IO, -ERROR_LIMIT,
 * -ERROR_MEMORY.
 */
int database_set_aside(const char *path, int64_t now, char **ret_aside, struct error *error);

/* Statement `number`, made from `sql` at its first use and ready for its first step. */
int database_prepare(struct database *database, size_t number, const char *sql,
	sqlite3_stmt **ret_statement, struct error *error);
/* Whether database_prepare has made it: its text is then not needed. */
bool database_prepared(const struct database *database, size_t number);

/* Runs a statement that gives no rows. */
int database_run(struct database *database, sqlite3_stmt *statement, struct error *error);
/* 1: there is a row; 0: there are no more (the statement is reset); negative: an error. */
int database_row(struct database *database, sqlite3_stmt *statement, struct error *error);

/* Begins what writes, or what only reads (and is ended by database_rollback). */
int database_begin(struct database *database, struct error *error);
int database_begin_read(struct database *database, struct error *error);
/* Commits; whatever fails has been rolled back. */
int database_commit(struct database *database, struct error *error);
void database_rollback(struct database *database);

/* Fills `error` for the SQLite code `code` that came while `doing`. */
int database_fail(
	const struct database *database, int code, const char *doing, struct error *error);
