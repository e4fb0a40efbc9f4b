/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/ledger-rollout.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "edge/ledger-row.h"
#include "edge/ledger-statement.h"

/* Columns of the statements: texts, the digest, then the numbers. */
#define TEXTS 4

static const size_t numbers[] = {
	offsetof(struct rollout, begun),
	offsetof(struct rollout, ready_since),
	offsetof(struct rollout, ready_seen),
	offsetof(struct rollout, window),
	offsetof(struct rollout, turns),
	offsetof(struct rollout, used),
	offsetof(struct rollout, absent),
};

static int bind(sqlite3_stmt *statement, const struct rollout *rollout)
{
	const char *const texts[TEXTS] = {
		rollout->scope, rollout->account, rollout->region, rollout->directory};
	int code = SQLITE_OK;

	for (int i = 0; code == SQLITE_OK && i < TEXTS; i++)
		code = statement_bind_text(statement, i + 1, texts[i]);
	if (code == SQLITE_OK)
		code = sqlite3_bind_blob(statement, TEXTS + 1, rollout->certificate.bytes,
			sizeof(rollout->certificate.bytes), SQLITE_STATIC);
	for (size_t i = 0; code == SQLITE_OK && i < ARRAY_LENGTH(numbers); i++) {
		int64_t number;

		memcpy(&number, (const char *)rollout + numbers[i], sizeof(number));
		code = sqlite3_bind_int64(statement, TEXTS + 2 + (int)i, number);
	}
	return code;
}

int ledger_write_rollouts(
	struct database *database, const struct rollouts *rollouts, struct error *error)
{
	int r = statement_run(database, ROLLOUT_CLEAR, error);

	for (size_t i = 0; r == 0 && i < rollouts->count; i++) {
		sqlite3_stmt *statement;
		int code;

		r = statement_prepare(database, ROLLOUT_SAVE, &statement, error);
		if (r < 0)
			break;
		code = bind(statement, &rollouts->rollouts[i]);
		r = code == SQLITE_OK ? database_run(database, statement, error)
				      : database_fail(database, code, "write the ledger", error);
	}
	return r;
}

/* False for a text that is too long. */
static bool take_text(const char *text, char *ret_text, size_t size)
{
	if (strlen(text) >= size)
		return false;
	text_copy(text, ret_text, size);
	return true;
}

/* False for what cannot have been written. */
static bool take_row(sqlite3_stmt *row, const char *const texts[TEXTS], struct rollout *rollout)
{
	const void *digest = sqlite3_column_blob(row, TEXTS);

	if (!digest || sqlite3_column_bytes(row, TEXTS) != sizeof(rollout->certificate.bytes))
		return false;
	memcpy(rollout->certificate.bytes, digest, sizeof(rollout->certificate.bytes));
	for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
		int64_t number = sqlite3_column_int64(row, TEXTS + 1 + (int)i);

		if (sqlite3_column_type(row, TEXTS + 1 + (int)i) != SQLITE_INTEGER || number < 0)
			return false;
		memcpy((char *)rollout + numbers[i], &number, sizeof(number));
	}
	return take_text(texts[0], rollout->scope, sizeof(rollout->scope)) &&
	       take_text(texts[1], rollout->account, sizeof(rollout->account)) &&
	       take_text(texts[2], rollout->region, sizeof(rollout->region)) &&
	       take_text(texts[3], rollout->directory, sizeof(rollout->directory)) &&
	       rollout->ready_seen >= rollout->ready_since;
}

int ledger_read_rollouts(struct database *database, struct rollouts *rollouts, struct error *error)
{
	sqlite3_stmt *row;
	int r = statement_prepare(database, ROLLOUT_LOAD, &row, error);

	while (r == 0 && (r = database_row(database, row, error)) > 0) {
		struct rollout rollout = {0};
		const char *texts[TEXTS];
		char *owned = NULL;

		r = row_texts(row, 0, TEXTS, texts, &owned, error);
		if (r == 0 && !take_row(row, texts, &rollout))
			r = error_set(error, ERROR_CORRUPT, "a roll-out has an impossible value");
		free(owned);
		if (r == 0)
			r = rollouts_add(rollouts, &rollout);
		if (r == -ERROR_LIMIT)
			r = error_set(error, ERROR_CORRUPT, "there are too many roll-outs");
		else if (r == -ERROR_MEMORY)
			r = error_set(error, ERROR_MEMORY, "roll-outs: out of memory");
	}
	return r;
}
