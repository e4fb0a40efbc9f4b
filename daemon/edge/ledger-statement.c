/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/ledger-statement.h"

#include <string.h>

#include "base/array.h"
#include "base/text.h"

/* A statement made from a table: names of all columns and as many marks. Bytes. */
#define SQL_MAX 4096

/* clang-format off */
static const char *const schema_steps[] = {
	/* 0: what is remembered of each directory, and what was done */
	"CREATE TABLE certificate (sha256 BLOB PRIMARY KEY NOT NULL, der BLOB NOT NULL);"
	"CREATE TABLE directory (account TEXT NOT NULL, region TEXT NOT NULL, directory TEXT NOT NULL,"
	" revision INTEGER NOT NULL, looked INTEGER NOT NULL, busy_since INTEGER NOT NULL,"
	" disable_since INTEGER NOT NULL, disabled_since INTEGER NOT NULL,"
	" was_enabled INTEGER NOT NULL, disabled_elsewhere_since INTEGER NOT NULL,"
	" full_mark INTEGER NOT NULL, enable_failed INTEGER NOT NULL,"
	" enable_failures INTEGER NOT NULL, enable_next INTEGER NOT NULL, enable_refusal TEXT NOT NULL,"
	" disable_failures INTEGER NOT NULL, disable_next INTEGER NOT NULL,"
	" disable_refusal TEXT NOT NULL, contest_count INTEGER NOT NULL, contest_since INTEGER NOT NULL,"
	" change_phase TEXT NOT NULL, change_kind TEXT NOT NULL,"
	" change_certificate BLOB REFERENCES certificate, change_id TEXT NOT NULL,"
	" change_since INTEGER NOT NULL,"
	" PRIMARY KEY (account, region, directory)) WITHOUT ROWID;"
	"CREATE TABLE entry (account TEXT NOT NULL, region TEXT NOT NULL, directory TEXT NOT NULL,"
	" position INTEGER NOT NULL, id TEXT NOT NULL,"
	" certificate BLOB NOT NULL REFERENCES certificate, authority TEXT NOT NULL,"
	" origin TEXT NOT NULL, registered_at INTEGER NOT NULL, removable_since INTEGER NOT NULL,"
	" removing_since INTEGER NOT NULL, failed INTEGER NOT NULL,"
	" deregister_failures INTEGER NOT NULL, deregister_next INTEGER NOT NULL,"
	" deregister_refusal TEXT NOT NULL,"
	" PRIMARY KEY (account, region, directory, position)) WITHOUT ROWID;"
	"CREATE TABLE wish (account TEXT NOT NULL, region TEXT NOT NULL, directory TEXT NOT NULL,"
	" position INTEGER NOT NULL, certificate BLOB NOT NULL REFERENCES certificate,"
	" retired INTEGER NOT NULL, registration_failures INTEGER NOT NULL,"
	" registration_next INTEGER NOT NULL, registration_refusal TEXT NOT NULL,"
	" failure TEXT NOT NULL, contest_count INTEGER NOT NULL, contest_since INTEGER NOT NULL,"
	" PRIMARY KEY (account, region, directory, position)) WITHOUT ROWID;"
	"CREATE TABLE history (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, certificate BLOB,"
	" account TEXT NOT NULL, region TEXT NOT NULL, directory TEXT NOT NULL, action TEXT NOT NULL,"
	" common_name TEXT NOT NULL, id TEXT NOT NULL, reason TEXT NOT NULL, outcome TEXT NOT NULL,"
	" request_id TEXT NOT NULL, text TEXT NOT NULL)",
	/* 1: what the program last said */
	"CREATE TABLE status (account TEXT NOT NULL, region TEXT NOT NULL, directory TEXT NOT NULL,"
	" text TEXT NOT NULL, PRIMARY KEY (account, region, directory)) WITHOUT ROWID",
	/* 2: which conditions were told */
	"CREATE TABLE announcement (account TEXT NOT NULL, region TEXT NOT NULL,"
	" directory TEXT NOT NULL, position INTEGER NOT NULL, reason TEXT NOT NULL,"
	" mark INTEGER NOT NULL, level INTEGER NOT NULL, since INTEGER NOT NULL,"
	" told INTEGER NOT NULL,"
	" PRIMARY KEY (account, region, directory, position)) WITHOUT ROWID",
	/* 3: which reason of leaving a waiting time counts for; dropped was the only one */
	"ALTER TABLE entry ADD COLUMN leaving TEXT NOT NULL DEFAULT 'not';"
	"UPDATE entry SET leaving = 'dropped' WHERE removable_since <> 0",
	/* 4: how far the roll-outs are */
	"CREATE TABLE rollout (scope TEXT NOT NULL, certificate BLOB NOT NULL,"
	" account TEXT NOT NULL, region TEXT NOT NULL, directory TEXT NOT NULL,"
	" begun INTEGER NOT NULL, ready_since INTEGER NOT NULL, ready_seen INTEGER NOT NULL,"
	" window_begun INTEGER NOT NULL, turns INTEGER NOT NULL, used INTEGER NOT NULL,"
	" PRIMARY KEY (scope, certificate)) WITHOUT ROWID",
	/* 5: what selectors have picked */
	"CREATE TABLE selection (account TEXT NOT NULL, region TEXT NOT NULL, directory TEXT NOT NULL,"
	" type TEXT NOT NULL, name TEXT NOT NULL, picked TEXT NOT NULL, regions TEXT NOT NULL,"
	" tags TEXT, since INTEGER NOT NULL,"
	" PRIMARY KEY (account, region, directory)) WITHOUT ROWID",
	/* 6: how many complete sweeps in a row have not listed it */
	"ALTER TABLE selection ADD COLUMN missed INTEGER NOT NULL DEFAULT 0",
	/* 7: since when no selector has the first of a roll-out */
	"ALTER TABLE rollout ADD COLUMN absent INTEGER NOT NULL DEFAULT 0",
};

_Static_assert(STATEMENTS <= DATABASE_STATEMENTS_MAX, "each statement has its place");

/* Those of the four tables of edge/ledger-row.h are made from them. */
static const char *const statements[STATEMENTS] = {
	[CERTIFICATE_SAVE] = "INSERT OR IGNORE INTO certificate (sha256, der) VALUES (?, ?)",
	[CERTIFICATE_LOAD] = "SELECT sha256, der FROM certificate ORDER BY sha256",
	[CERTIFICATE_PRUNE] = "DELETE FROM certificate WHERE sha256 NOT IN"
		" (SELECT change_certificate FROM directory WHERE change_certificate IS NOT NULL"
		" UNION SELECT certificate FROM entry UNION SELECT certificate FROM wish)",
	[ENTRY_CLEAR] = "DELETE FROM entry WHERE account = ? AND region = ? AND directory = ?",
	[WISH_CLEAR] = "DELETE FROM wish WHERE account = ? AND region = ? AND directory = ?",
	[ANNOUNCEMENT_CLEAR] =
		"DELETE FROM announcement WHERE account = ? AND region = ? AND directory = ?",
	[ROLLOUT_CLEAR] = "DELETE FROM rollout",
	[ROLLOUT_SAVE] = "INSERT INTO rollout (scope, account, region, directory, certificate, begun,"
		" ready_since, ready_seen, window_begun, turns, used, absent)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[ROLLOUT_LOAD] = "SELECT scope, account, region, directory, certificate, begun,"
		" ready_since, ready_seen, window_begun, turns, used, absent FROM rollout"
		" ORDER BY scope, certificate",
	[SELECTION_CLEAR] = "DELETE FROM selection",
	[SELECTION_SAVE] = "INSERT INTO selection (account, region, directory, type, name, picked,"
		" regions, tags, since, missed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[SELECTION_LOAD] = "SELECT account, region, directory, type, name, picked, regions, tags,"
		" since, missed FROM selection ORDER BY account, region, directory",
	[HISTORY_SAVE] = "INSERT INTO history (account, region, directory, action, common_name, id,"
		" reason, outcome, request_id, text, at, certificate)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[HISTORY_PRUNE_COUNT] = "DELETE FROM history WHERE number <= ?",
	[HISTORY_PRUNE_AGE] = "DELETE FROM history WHERE at < ?1 AND number IN"
		" (SELECT number FROM history ORDER BY number LIMIT ?2)",
	[HISTORY_LOAD] = "SELECT account, region, directory, action, common_name, id, reason,"
		" outcome, request_id, text, at, certificate FROM history"
		" WHERE (?1 IS NULL OR account = ?1) AND (?2 IS NULL OR region = ?2)"
		" AND (?3 IS NULL OR instr(?3, ',' || directory || ',') > 0) AND at >= ?4 ORDER BY number DESC LIMIT ?5",
	[STATUS_SAVE] = "INSERT OR REPLACE INTO status (account, region, directory, text)"
		" VALUES (?, ?, ?, ?)",
	[STATUS_FIND] = "SELECT text FROM status WHERE account = ? AND region = ? AND directory = ?",
	[STATUS_LOAD] = "SELECT account, region, directory, text FROM status"
		" ORDER BY account, region, directory",
	[STATUS_KEYS] = "SELECT account, region, directory FROM status"
		" ORDER BY account, region, directory",
	[STATUS_PAGE] = "SELECT account, region, directory, text FROM status"
		" WHERE (account, region, directory) > (?, ?, ?)"
		" ORDER BY account, region, directory LIMIT ?",
};
/* clang-format on */

const struct database_schema ledger_schema = {
	.steps = schema_steps,
	.version = ARRAY_LENGTH(schema_steps),
};

int statement_prepare(struct database *database, enum statement which, sqlite3_stmt **ret_statement,
	struct error *error)
{
	return database_prepare(database, which, statements[which], ret_statement, error);
}

int statement_run(struct database *database, enum statement which, struct error *error)
{
	sqlite3_stmt *statement;
	int r = statement_prepare(database, which, &statement, error);

	return r < 0 ? r : database_run(database, statement, error);
}

int statement_prepare_row(struct database *database, enum statement which,
	int (*make)(const struct row_table *table, struct buffer *buffer),
	const struct row_table *table, sqlite3_stmt **ret_statement, struct error *error)
{
	struct buffer sql;
	int r = 0;

	buffer_init(&sql, SQL_MAX);
	if (!database_prepared(database, which))
		r = make(table, &sql);
	r = r < 0 ? error_set(error, (enum error_code) - r, "%s: %s", database->path, error_str(r))
		  : database_prepare(database, which, buffer_text(&sql), ret_statement, error);
	buffer_done(&sql);
	return r;
}

int statement_bind_text(sqlite3_stmt *statement, int index, const char *text)
{
	size_t length = text ? text_fit(text, LEDGER_TEXT_MAX + 1) : 0;

	return sqlite3_bind_text(statement, index, text ? text : "", (int)length, SQLITE_STATIC);
}

int statement_bind_key(sqlite3_stmt *statement, const struct ledger_key *key)
{
	int code = statement_bind_text(statement, 1, key->account);

	if (code == SQLITE_OK)
		code = statement_bind_text(statement, 2, key->region);
	return code == SQLITE_OK ? statement_bind_text(statement, 3, key->directory) : code;
}

int key_cmp(const struct ledger_key *a, const struct ledger_key *b)
{
	int order = strcmp(a->account, b->account);

	if (order == 0)
		order = strcmp(a->region, b->region);
	return order ? order : strcmp(a->directory, b->directory);
}
