/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/ledger-row.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "core/memory.h"

static const char *const origins[] = {
	[ORIGIN_REGISTERED] = "registered",
	[ORIGIN_ADOPTED] = "adopted",
};

static const char *const leavings[] = {
	[LEAVING_NOT] = "not",
	[LEAVING_DROPPED] = "dropped",
	[LEAVING_SUPERSEDED] = "superseded",
};

static const char *const phases[] = {
	[CHANGE_NONE] = "none",
	[CHANGE_INTENDED] = "intended",
	[CHANGE_ACCEPTED] = "accepted",
};

static const char *const steps[] = {
	[STEP_OBSERVE] = "observe",
	[STEP_REGISTER] = "register",
	[STEP_DEREGISTER] = "deregister",
	[STEP_ENABLE] = "enable",
	[STEP_DISABLE] = "disable",
	[STEP_WAIT] = "wait",
	[STEP_SETTLED] = "settled",
	[STEP_HELD] = "held",
};
_Static_assert(ARRAY_LENGTH(steps) == STEPS, "each step has its word");

/* clang-format off */
#define INSTANT(type, member, name) {.column = name, .offset = offsetof(type, member), .kind = ROW_INSTANT}
#define MARK(type, member, name) {.column = name, .offset = offsetof(type, member), .kind = ROW_MARK}
#define FLAG(type, member, name) {.column = name, .offset = offsetof(type, member), .kind = ROW_FLAG}
#define COUNT(type, member, name) {.column = name, .offset = offsetof(type, member), .kind = ROW_COUNT}
#define REFUSED(type, member, name) {.column = name, .offset = offsetof(type, member), .kind = ROW_REFUSAL}
#define REASON(type, member, name) {.column = name, .offset = offsetof(type, member), .kind = ROW_REASON}
#define CERTIFICATE(type, member, name, optional_) \
	{.column = name, .offset = offsetof(type, member), .kind = ROW_CERTIFICATE, .optional = optional_}
#define TEXT(type, member, name) \
	{.column = name, .offset = offsetof(type, member), .kind = ROW_TEXT, .size = sizeof(((type *)0)->member)}
#define WORD(type, member, name, words_) \
	{.column = name, .offset = offsetof(type, member), .kind = ROW_WORD, .size = ARRAY_LENGTH(words_), .words = words_}
#define ATTEMPT(type, member, name) \
	COUNT(type, member.failures, name "_failures"), INSTANT(type, member.next, name "_next"), \
	REFUSED(type, member.refusal, name "_refusal")
#define CONTEST(type, member, name) \
	COUNT(type, member.count, name "_count"), INSTANT(type, member.since, name "_since")

static const struct row_field directory_fields[] = {
	MARK(struct memory, revision, "revision"),
	INSTANT(struct memory, looked, "looked"),
	INSTANT(struct memory, busy_since, "busy_since"),
	INSTANT(struct memory, disable_since, "disable_since"),
	INSTANT(struct memory, disabled_since, "disabled_since"),
	FLAG(struct memory, was_enabled, "was_enabled"),
	INSTANT(struct memory, disabled_elsewhere_since, "disabled_elsewhere_since"),
	MARK(struct memory, full_mark, "full_mark"),
	FLAG(struct memory, enable_failed, "enable_failed"),
	ATTEMPT(struct memory, enable, "enable"),
	ATTEMPT(struct memory, disable, "disable"),
	CONTEST(struct memory, ldaps_contest, "contest"),
	WORD(struct memory, change.phase, "change_phase", phases),
	WORD(struct memory, change.kind, "change_kind", steps),
	CERTIFICATE(struct memory, change.certificate, "change_certificate", true),
	TEXT(struct memory, change.id, "change_id"),
	INSTANT(struct memory, change.since, "change_since"),
};

static const struct row_field entry_fields[] = {
	TEXT(struct memory_certificate, id, "id"),
	CERTIFICATE(struct memory_certificate, certificate, "certificate", false),
	TEXT(struct memory_certificate, authority, "authority"),
	WORD(struct memory_certificate, origin, "origin", origins),
	INSTANT(struct memory_certificate, registered_at, "registered_at"),
	INSTANT(struct memory_certificate, removable_since, "removable_since"),
	WORD(struct memory_certificate, leaving, "leaving", leavings),
	INSTANT(struct memory_certificate, removing_since, "removing_since"),
	FLAG(struct memory_certificate, failed, "failed"),
	ATTEMPT(struct memory_certificate, deregister, "deregister"),
};

static const struct row_field wish_fields[] = {
	CERTIFICATE(struct memory_wish, certificate, "certificate", false),
	FLAG(struct memory_wish, retired, "retired"),
	ATTEMPT(struct memory_wish, registration, "registration"),
	TEXT(struct memory_wish, failure, "failure"),
	CONTEST(struct memory_wish, contest, "contest"),
};

static const struct row_field announcement_fields[] = {
	REASON(struct memory_announcement, reason, "reason"),
	MARK(struct memory_announcement, mark, "mark"),
	INSTANT(struct memory_announcement, level, "level"), /* in days, but never negative either */
	INSTANT(struct memory_announcement, since, "since"),
	INSTANT(struct memory_announcement, told, "told"),
};
/* clang-format on */

const struct row_table row_directory = {
	.name = "directory", .fields = directory_fields, .count = ARRAY_LENGTH(directory_fields)};
const struct row_table row_entry = {.name = "entry",
	.positioned = true,
	.fields = entry_fields,
	.count = ARRAY_LENGTH(entry_fields)};
const struct row_table row_wish = {.name = "wish",
	.positioned = true,
	.fields = wish_fields,
	.count = ARRAY_LENGTH(wish_fields)};
const struct row_table row_announcement = {.name = "announcement",
	.positioned = true,
	.fields = announcement_fields,
	.count = ARRAY_LENGTH(announcement_fields)};

/* Enumerations are read and written through an unsigned of their size. */
_Static_assert(sizeof(enum refusal) == sizeof(unsigned), "an enum is an unsigned");
_Static_assert(sizeof(enum reason) == sizeof(unsigned), "an enum is an unsigned");
_Static_assert(sizeof(enum leaving) == sizeof(unsigned), "an enum is an unsigned");
_Static_assert(sizeof(enum origin) == sizeof(unsigned), "an enum is an unsigned");

/* ---------------------------------------------------------------- statements */

static void row_columns(const struct row_table *table, struct buffer *buffer)
{
	buffer_append_text(buffer, table->positioned ? "account, region, directory, position"
						     : "account, region, directory");
	for (size_t i = 0; i < table->count; i++)
		buffer_printf(buffer, ", %s", table->fields[i].column);
}

size_t row_first(const struct row_table *table)
{
	return table->positioned ? 4 : 3;
}

int row_save_sql(const struct row_table *table, struct buffer *buffer)
{
	buffer_printf(buffer, "INSERT OR REPLACE INTO %s (", table->name);
	row_columns(table, buffer);
	buffer_append_text(buffer, ") VALUES (?");
	for (size_t i = 1; i < row_first(table) + table->count; i++)
		buffer_append_text(buffer, ", ?");
	buffer_append_text(buffer, ")");
	return buffer_status(buffer);
}

static int row_select(const struct row_table *table, const char *which, struct buffer *buffer)
{
	buffer_append_text(buffer, "SELECT ");
	row_columns(table, buffer);
	buffer_printf(buffer, " FROM %s%s ORDER BY account, region, directory%s", table->name,
		which, table->positioned ? ", position" : "");
	return buffer_status(buffer);
}

int row_load_sql(const struct row_table *table, struct buffer *buffer)
{
	return row_select(table, "", buffer);
}

int row_find_sql(const struct row_table *table, struct buffer *buffer)
{
	return row_select(table, " WHERE account = ? AND region = ? AND directory = ?", buffer);
}

/* ---------------------------------------------------------------- writing */

/* Each gives a SQLite code; SQLITE_MISMATCH is a value that the field cannot have. */

static int bind_instant(
	sqlite3_stmt *statement, int index, const struct row_field *field, const void *member)
{
	int64_t value;

	(void)field;
	memcpy(&value, member, sizeof(value));
	return value < 0 ? SQLITE_MISMATCH : sqlite3_bind_int64(statement, index, value);
}

static int bind_mark(
	sqlite3_stmt *statement, int index, const struct row_field *field, const void *member)
{
	int64_t value; /* the same bits: SQLite has no unsigned */

	(void)field;
	memcpy(&value, member, sizeof(value));
	return sqlite3_bind_int64(statement, index, value);
}

static int bind_flag(
	sqlite3_stmt *statement, int index, const struct row_field *field, const void *member)
{
	bool value;

	(void)field;
	memcpy(&value, member, sizeof(value));
	return sqlite3_bind_int(statement, index, value);
}

static int bind_count(
	sqlite3_stmt *statement, int index, const struct row_field *field, const void *member)
{
	uint8_t value;

	(void)field;
	memcpy(&value, member, sizeof(value));
	return sqlite3_bind_int(statement, index, value);
}

static bool text_good(const char *text, size_t length, size_t size)
{
	if (length >= size)
		return false;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < ' ')
			return false;
	return true;
}

static int bind_text(
	sqlite3_stmt *statement, int index, const struct row_field *field, const void *member)
{
	const char *text = member;
	size_t length = strnlen(text, field->size);

	if (!text_good(text, length, field->size))
		return SQLITE_MISMATCH;
	return sqlite3_bind_text(statement, index, text, (int)length, SQLITE_STATIC);
}

static int bind_word(
	sqlite3_stmt *statement, int index, const struct row_field *field, const void *member)
{
	unsigned value;

	memcpy(&value, member, sizeof(value));
	if (value >= field->size)
		return SQLITE_MISMATCH;
	return sqlite3_bind_text(statement, index, field->words[value], -1, SQLITE_STATIC);
}

static int bind_refusal(
	sqlite3_stmt *statement, int index, const struct row_field *field, const void *member)
{
	enum refusal value;

	(void)field;
	memcpy(&value, member, sizeof(value));
	if (value >= REFUSALS)
		return SQLITE_MISMATCH;
	return sqlite3_bind_text(statement, index, value == REFUSAL_NONE ? "" : refusal_str(value),
		-1, SQLITE_STATIC);
}

static int bind_reason(
	sqlite3_stmt *statement, int index, const struct row_field *field, const void *member)
{
	enum reason value;

	(void)field;
	memcpy(&value, member, sizeof(value));
	if (value == REASON_NONE || value >= REASONS)
		return SQLITE_MISMATCH;
	return sqlite3_bind_text(statement, index, reason_str(value), -1, SQLITE_STATIC);
}

static int bind_certificate(
	sqlite3_stmt *statement, int index, const struct row_field *field, const void *member)
{
	const struct certificate *certificate;

	memcpy(&certificate, member, sizeof(certificate));
	if (!certificate)
		return field->optional ? sqlite3_bind_null(statement, index) : SQLITE_MISMATCH;
	return sqlite3_bind_blob(statement, index, certificate->sha256.bytes,
		sizeof(certificate->sha256.bytes), SQLITE_STATIC);
}

/* ---------------------------------------------------------------- reading */

/* Each tells whether the column holds what the field can be. */

static bool column_number(sqlite3_stmt *statement, int column, int64_t *ret_number)
{
	*ret_number = sqlite3_column_int64(statement, column);
	return sqlite3_column_type(statement, column) == SQLITE_INTEGER;
}

/* The text and its length; false if it is none or has a NUL in it. */
static bool column_text(
	sqlite3_stmt *statement, int column, const char **ret_text, size_t *ret_length)
{
	if (sqlite3_column_type(statement, column) != SQLITE_TEXT)
		return false;
	*ret_text = (const char *)sqlite3_column_text(statement, column);
	*ret_length = (size_t)sqlite3_column_bytes(statement, column);
	return *ret_text && strlen(*ret_text) == *ret_length;
}

static bool read_instant(sqlite3_stmt *statement, int column, const struct row_field *field,
	const struct row_certificates *certificates, void *ret_member)
{
	int64_t value;

	(void)field;
	(void)certificates;
	if (!column_number(statement, column, &value) || value < 0)
		return false;
	memcpy(ret_member, &value, sizeof(value));
	return true;
}

static bool read_mark(sqlite3_stmt *statement, int column, const struct row_field *field,
	const struct row_certificates *certificates, void *ret_member)
{
	int64_t value;

	(void)field;
	(void)certificates;
	if (!column_number(statement, column, &value))
		return false;
	memcpy(ret_member, &value, sizeof(value));
	return true;
}

static bool read_flag(sqlite3_stmt *statement, int column, const struct row_field *field,
	const struct row_certificates *certificates, void *ret_member)
{
	int64_t value;
	bool flag;

	(void)field;
	(void)certificates;
	if (!column_number(statement, column, &value) || value < 0 || value > 1)
		return false;
	flag = value == 1;
	memcpy(ret_member, &flag, sizeof(flag));
	return true;
}

static bool read_count(sqlite3_stmt *statement, int column, const struct row_field *field,
	const struct row_certificates *certificates, void *ret_member)
{
	int64_t value;
	uint8_t count;

	(void)field;
	(void)certificates;
	if (!column_number(statement, column, &value) || value < 0 || value > UINT8_MAX)
		return false;
	count = (uint8_t)value;
	memcpy(ret_member, &count, sizeof(count));
	return true;
}

static bool read_text(sqlite3_stmt *statement, int column, const struct row_field *field,
	const struct row_certificates *certificates, void *ret_member)
{
	const char *text;
	size_t length;

	(void)certificates;
	if (!column_text(statement, column, &text, &length) ||
		!text_good(text, length, field->size))
		return false;
	memcpy(ret_member, text, length + 1);
	return true;
}

static bool read_word(sqlite3_stmt *statement, int column, const struct row_field *field,
	const struct row_certificates *certificates, void *ret_member)
{
	const char *text;
	size_t length;

	(void)certificates;
	if (!column_text(statement, column, &text, &length))
		return false;
	for (unsigned value = 0; value < field->size; value++)
		if (strcmp(field->words[value], text) == 0) {
			memcpy(ret_member, &value, sizeof(value));
			return true;
		}
	return false;
}

/* A code that this version does not know is REFUSAL_OTHER, as it is in a reply. */
static bool read_refusal(sqlite3_stmt *statement, int column, const struct row_field *field,
	const struct row_certificates *certificates, void *ret_member)
{
	const char *text;
	size_t length;
	enum refusal value;

	(void)field;
	(void)certificates;
	if (!column_text(statement, column, &text, &length))
		return false;
	value = length ? refusal_parse(text) : REFUSAL_NONE;
	memcpy(ret_member, &value, sizeof(value));
	return true;
}

/* One that this version does not know is REASON_NONE: told by another, and forgotten here. */
static bool read_reason(sqlite3_stmt *statement, int column, const struct row_field *field,
	const struct row_certificates *certificates, void *ret_member)
{
	const char *text;
	size_t length;
	enum reason value;

	(void)field;
	(void)certificates;
	if (!column_text(statement, column, &text, &length))
		return false;
	value = reason_parse(text);
	memcpy(ret_member, &value, sizeof(value));
	return true;
}

static int certificate_order(const void *digest, const void *element)
{
	const struct certificate *certificate;

	memcpy(&certificate, element, sizeof(certificate));
	return digest_cmp(digest, &certificate->sha256);
}

static bool read_certificate(sqlite3_stmt *statement, int column, const struct row_field *field,
	const struct row_certificates *certificates, void *ret_member)
{
	struct digest digest;
	const void *found;

	if (field->optional && sqlite3_column_type(statement, column) == SQLITE_NULL) {
		memset(ret_member, 0, sizeof(const struct certificate *));
		return true;
	}
	if (sqlite3_column_type(statement, column) != SQLITE_BLOB ||
		sqlite3_column_bytes(statement, column) != sizeof(digest.bytes))
		return false;
	memcpy(digest.bytes, sqlite3_column_blob(statement, column), sizeof(digest.bytes));
	if (!certificates->count)
		return false;
	found = bsearch(&digest, certificates->certificates, certificates->count,
		sizeof(certificates->certificates[0]), certificate_order);
	if (found)
		memcpy(ret_member, found, sizeof(const struct certificate *));
	return found != NULL;
}

/* ---------------------------------------------------------------- whole rows */

static const struct {
	int (*bind)(sqlite3_stmt *statement, int index, const struct row_field *field,
		const void *member);
	bool (*read)(sqlite3_stmt *statement, int column, const struct row_field *field,
		const struct row_certificates *certificates, void *ret_member);
} kinds[ROW_KINDS] = {
	[ROW_INSTANT] = {bind_instant, read_instant},
	[ROW_MARK] = {bind_mark, read_mark},
	[ROW_FLAG] = {bind_flag, read_flag},
	[ROW_COUNT] = {bind_count, read_count},
	[ROW_TEXT] = {bind_text, read_text},
	[ROW_WORD] = {bind_word, read_word},
	[ROW_REFUSAL] = {bind_refusal, read_refusal},
	[ROW_REASON] = {bind_reason, read_reason},
	[ROW_CERTIFICATE] = {bind_certificate, read_certificate},
};

int row_bind(sqlite3_stmt *statement, const struct row_table *table, const void *object,
	struct error *error)
{
	int first = (int)row_first(table);

	for (size_t i = 0; i < table->count; i++) {
		const struct row_field *field = &table->fields[i];
		int code = kinds[field->kind].bind(
			statement, first + (int)i + 1, field, (const char *)object + field->offset);

		if (code == SQLITE_NOMEM)
			return error_set(error, ERROR_MEMORY, "out of memory");
		if (code != SQLITE_OK)
			return error_set(error, ERROR_INTERNAL,
				"%s.%s: a value that cannot be is not written (%s)", table->name,
				field->column, sqlite3_errstr(code));
	}
	return 0;
}

int row_read(sqlite3_stmt *statement, const struct row_table *table,
	const struct row_certificates *certificates, void *ret_object, struct error *error)
{
	int first = (int)row_first(table);

	for (size_t i = 0; i < table->count; i++) {
		const struct row_field *field = &table->fields[i];

		if (!kinds[field->kind].read(statement, first + (int)i, field, certificates,
			    (char *)ret_object + field->offset))
			return error_set(error, ERROR_CORRUPT, "%s.%s holds an impossible value",
				table->name, field->column);
	}
	return 0;
}

bool row_change_possible(const struct memory_change *change)
{
	return change->phase == CHANGE_NONE || change->kind == STEP_REGISTER ||
	       change->kind == STEP_DEREGISTER || change->kind == STEP_ENABLE ||
	       change->kind == STEP_DISABLE;
}

int row_texts(sqlite3_stmt *statement, int first, size_t count, const char **ret_texts,
	char **ret_owned, struct error *error)
{
	size_t size = 1, length = 0;
	const char *text = NULL;
	char *owned, *next;

	for (size_t i = 0; i < count; i++) {
		if (!column_text(statement, first + (int)i, &text, &length))
			return error_set(error, ERROR_CORRUPT, "%s holds no text",
				sqlite3_column_name(statement, first + (int)i));
		size += length + 1;
	}
	owned = next = malloc(size + 1); /* also where count is 0 */
	if (!owned)
		return error_set(error, ERROR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		column_text(statement, first + (int)i, &text, &length);
		ret_texts[i] = memcpy(next, text, length + 1);
		next += length + 1;
	}
	*ret_owned = owned;
	return 0;
}
