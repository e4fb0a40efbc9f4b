/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The ledger's tables and everything that is ever asked of them, by name. Part of edge/ledger;
 * nobody else includes this header.
 */

#include "edge/ledger-database.h"
#include "edge/ledger-row.h"
#include "edge/ledger.h"

/* Texts of an entry of the history, in the order of the statements; those of the key come first. */
#define HISTORY_TEXTS 10

/* clang-format off */
enum statement {
	CERTIFICATE_SAVE, CERTIFICATE_LOAD, CERTIFICATE_PRUNE,
	DIRECTORY_SAVE, DIRECTORY_LOAD, DIRECTORY_FIND,
	ENTRY_CLEAR, ENTRY_SAVE, ENTRY_LOAD, ENTRY_FIND,
	WISH_CLEAR, WISH_SAVE, WISH_LOAD, WISH_FIND,
	ANNOUNCEMENT_CLEAR, ANNOUNCEMENT_SAVE, ANNOUNCEMENT_LOAD, ANNOUNCEMENT_FIND,
	ROLLOUT_CLEAR, ROLLOUT_SAVE, ROLLOUT_LOAD,
	SELECTION_CLEAR, SELECTION_SAVE, SELECTION_LOAD,
	HISTORY_SAVE, HISTORY_PRUNE_COUNT, HISTORY_PRUNE_AGE, HISTORY_LOAD,
	STATUS_SAVE, STATUS_LOAD, STATUS_KEYS, STATUS_PAGE, STATUS_FIND,
	STATEMENTS,
};
/* clang-format on */

extern const struct database_schema ledger_schema;

/* Statement `which`, ready to be bound. */
int statement_prepare(struct database *database, enum statement which, sqlite3_stmt **ret_statement,
	struct error *error);

/* The same for a _SAVE, _LOAD or _FIND of one of the tables of edge/ledger-row.h, made by `make`.
 */
int statement_prepare_row(struct database *database, enum statement which,
	int (*make)(const struct row_table *table, struct buffer *buffer),
	const struct row_table *table, sqlite3_stmt **ret_statement, struct error *error);

/* Prepares and runs a statement that binds nothing and gives nothing. */
int statement_run(struct database *database, enum statement which, struct error *error);

/* Binds a text, cut to LEDGER_TEXT_MAX bytes where a character begins; NULL is "". */
int statement_bind_text(sqlite3_stmt *statement, int index, const char *text);
/* Binds the texts of a key to the first three parameters. */
int statement_bind_key(sqlite3_stmt *statement, const struct ledger_key *key);

/* Order of keys, which is that of the statements. */
int key_cmp(const struct ledger_key *a, const struct ledger_key *b);
