/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Rows of the ledger and the structs of core/memory.h, member for column: one table of fields for
 * each struct, from which the statements, the writing and the reading are made, so that none can
 * forget a member. What could not have been written is not read either (-ERROR_CORRUPT) and the
 * other way round (-ERROR_INTERNAL). Enumerations are kept as words: their numbers may change.
 */

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "core/certificate.h"
#include "core/memory.h"

enum row_kind {
	ROW_INSTANT,	 /* int64_t, 0 or more */
	ROW_MARK,	 /* uint64_t */
	ROW_FLAG,	 /* bool */
	ROW_COUNT,	 /* uint8_t */
	ROW_TEXT,	 /* char[size], no control characters */
	ROW_WORD,	 /* an enum, as one of `words` */
	ROW_REFUSAL,	 /* enum refusal, as the API's code */
	ROW_REASON,	 /* enum reason, as its name */
	ROW_CERTIFICATE, /* const struct certificate *, as its digest; NULL only if `optional` */
	ROW_KINDS,
};

struct row_field {
	const char *column;
	size_t offset; /* of the member */
	enum row_kind kind;
	bool optional;
	size_t size; /* bytes of a text, number of words */
	const char *const *words;
};

struct row_table {
	const char *name; /* of the SQL table */
	bool positioned;  /* many rows of one directory, in order */
	const struct row_field *fields;
	size_t count;
};

extern const struct row_table row_directory;	/* struct memory less its lists */
extern const struct row_table row_entry;	/* struct memory_certificate */
extern const struct row_table row_wish;		/* struct memory_wish */
extern const struct row_table row_announcement; /* struct memory_announcement */

/* The ledger's certificates, sorted by digest. */
struct row_certificates {
	const struct certificate **certificates; /* the array is owned, what it names is not */
	size_t count, capacity;
};

/* INSERT OR REPLACE of account, region, directory, position (if positioned) and the fields. */
int row_save_sql(const struct row_table *table, struct buffer *buffer);
/* SELECT of the same columns, in order of the key. */
int row_load_sql(const struct row_table *table, struct buffer *buffer);
/* The same of one directory: its key is to be bound. */
int row_find_sql(const struct row_table *table, struct buffer *buffer);
/* The column or parameter (from 0) of the first field. */
size_t row_first(const struct row_table *table);

/* Binds the fields of the struct at `object`, which must outlive the step. */
int row_bind(sqlite3_stmt *statement, const struct row_table *table, const void *object,
	struct error *error);
/* Reads the fields of the current row into the struct at `ret_object`. */
int row_read(sqlite3_stmt *statement, const struct row_table *table,
	const struct row_certificates *certificates, void *ret_object, struct error *error);

/* What no single field shows: a change in flight that is none of the four writes never ends. */
bool row_change_possible(const struct memory_change *change);

/*
 * Copies `count` texts of the current row, from column `first`, into one block in *ret_owned, to be
 * freed, and points `ret_texts` at them. 0, -ERROR_CORRUPT (no text, or a NUL in it) or
 * -ERROR_MEMORY.
 */
int row_texts(sqlite3_stmt *statement, int first, size_t count, const char **ret_texts,
	char **ret_owned, struct error *error);
