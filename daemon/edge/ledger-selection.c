/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/ledger-selection.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "core/vocabulary.h"
#include "edge/ledger-row.h"
#include "edge/ledger-statement.h"

/* Columns of the statements: texts, the tags, which may be NULL, the instant and the misses. */
#define TEXTS 7

static int bind(
	sqlite3_stmt *statement, const struct knowledge *knowledge, const struct known *known)
{
	const struct home *home = &knowledge->homes[known->home];
	const char *const texts[TEXTS] = {home->account, home->region, known->seen.id,
		directory_type_str(known->seen.type), known->seen.name, known->picked,
		known->seen.regions};
	int code = SQLITE_OK;

	for (int i = 0; code == SQLITE_OK && i < TEXTS; i++)
		code = statement_bind_text(statement, i + 1, texts[i]);
	if (code == SQLITE_OK) /* longer than other texts may be; NULL is bound as such */
		code = sqlite3_bind_text(statement, TEXTS + 1, known->seen.tags, -1, SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, TEXTS + 2, known->since);
	return code == SQLITE_OK ? sqlite3_bind_int64(statement, TEXTS + 3, known->missed) : code;
}

int ledger_write_selection(
	struct database *database, const struct knowledge *knowledge, struct error *error)
{
	int r = statement_run(database, SELECTION_CLEAR, error);

	for (size_t i = 0; r == 0 && i < knowledge->count; i++) {
		sqlite3_stmt *statement;
		int code;

		if (!knowledge->knowns[i].picked)
			continue;
		r = statement_prepare(database, SELECTION_SAVE, &statement, error);
		if (r < 0)
			break;
		code = bind(statement, knowledge, &knowledge->knowns[i]);
		r = code == SQLITE_OK ? database_run(database, statement, error)
				      : database_fail(database, code, "write the ledger", error);
	}
	return r;
}

static int take(struct knowledge *knowledge, const char *const texts[TEXTS], const char *tags,
	int64_t since, int64_t missed, struct error *error)
{
	struct sighting sighting = {.type = directory_type_parse(texts[3]),
		.name = (char *)(uintptr_t)texts[4],
		.regions = (char *)(uintptr_t)texts[6],
		.tags = (char *)(uintptr_t)tags};
	int r;

	if (!service_id_valid(texts[2], 'd') || since < 0)
		return 0;
	memcpy(sighting.id, texts[2], sizeof(sighting.id));
	r = knowledge_recall(knowledge, texts[0], texts[1], &sighting, texts[5], since, missed);
	return r < 0 ? error_set(error, (enum error_code) - r, "selection: %s", error_str(r)) : 0;
}

int ledger_read_selection(
	struct database *database, struct knowledge *knowledge, struct error *error)
{
	sqlite3_stmt *row;
	int r = statement_prepare(database, SELECTION_LOAD, &row, error);

	while (r == 0 && (r = database_row(database, row, error)) > 0) {
		const char *texts[TEXTS], *tags = NULL;
		char *owned = NULL, *owned_tags = NULL;
		bool tagged = sqlite3_column_type(row, TEXTS) != SQLITE_NULL;

		r = row_texts(row, 0, TEXTS, texts, &owned, error);
		if (r == 0 && tagged)
			r = row_texts(row, TEXTS, 1, &tags, &owned_tags, error);
		if (r == 0)
			r = take(knowledge, texts, tags, sqlite3_column_int64(row, TEXTS + 1),
				sqlite3_column_int64(row, TEXTS + 2), error);
		free(owned);
		free(owned_tags);
		if (r == -ERROR_CORRUPT)
			r = 0;
	}
	return r;
}
