/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/ledger-database.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "edge/crash.h"
#include "edge/file.h"
#include "edge/ledger.h"

/* Files set aside within one second. */
#define ASIDE_MAX 100
/* Pages that SQLite keeps in memory, while the daemon does nothing too: a commit of many changes.
 * KiB. */
#define CACHE_KIB "512"

static const struct {
	int code; /* primary result code */
	enum error_code error;
	const char *advice;
} failures[] = {
	{SQLITE_NOMEM, ERROR_MEMORY, ""},
	{SQLITE_BUSY, ERROR_BUSY, ": another program holds it"},
	{SQLITE_LOCKED, ERROR_BUSY, ": another program holds it"},
	{SQLITE_CORRUPT, ERROR_CORRUPT, ""},
	{SQLITE_NOTADB, ERROR_CORRUPT, ""},
	{SQLITE_ERROR, ERROR_CORRUPT, ""}, /* our statements fit our schema: it is another one */
	{SQLITE_FULL, ERROR_IO, ": free space on its file system"},
	{SQLITE_IOERR, ERROR_IO, ": check the space, the quota and the health of its file system"},
	{SQLITE_READONLY, ERROR_DENIED, ": let the user of this process write it"},
	{SQLITE_PERM, ERROR_DENIED, ": let the user of this process open it"},
	{SQLITE_CANTOPEN, ERROR_DENIED, ": let the user of this process open it and its directory"},
	{SQLITE_TOOBIG, ERROR_LIMIT, ""},
};

/* SQLite opens what it may not write for reading, and then wonders about the descriptor. */
static const char *system_reason(int number)
{
	return number == EBADF ? "it can only be read" : strerrordesc_np(number);
}

int database_fail(const struct database *database, int code, const char *doing, struct error *error)
{
	int number = database->handle ? sqlite3_system_errno(database->handle) : 0;
	int primary = code & 0xff;
	bool system = number && (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN);

	if (code == SQLITE_READONLY_DBMOVED)
		return error_set(error, ERROR_MISSING,
			"%s: cannot %s: the file was removed or moved away while it was in use: "
			"start ldapsward again, it begins as on a new machine",
			database->path, doing);
	for (size_t i = 0; i < ARRAY_LENGTH(failures); i++)
		if (failures[i].code == primary)
			return error_set(error, failures[i].error, "%s: cannot %s: %s%s%s%s",
				database->path, doing,
				primary == SQLITE_ERROR ? sqlite3_errmsg(database->handle)
							: sqlite3_errstr(code),
				system ? ": " : "", system ? system_reason(number) : "",
				failures[i].advice);
	return error_set(error, ERROR_INTERNAL, "%s: cannot %s: %s (%d)", database->path, doing,
		sqlite3_errstr(code), code);
}

/* What is neither opened nor could be again is not handed to SQLite. */
static int database_closed(struct error *error)
{
	return error_set(error, ERROR_IO, "the ledger is closed: it could not be opened again");
}

static int database_exec(struct database *database, const char *sql, struct error *error)
{
	int code;

	if (!database_is_open(database))
		return database_closed(error);
	code = sqlite3_exec(database->handle, sql, NULL, NULL, NULL);
	return code == SQLITE_OK ? 0 : database_fail(database, code, "use the ledger", error);
}

/* The one integer or text that `sql` gives; `text` may be NULL. */
static int database_ask(struct database *database, const char *sql, int64_t *ret_number, char *text,
	size_t text_size, struct error *error)
{
	sqlite3_stmt *statement;
	int code = sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL);

	if (code == SQLITE_OK) {
		code = sqlite3_step(statement);
		if (code == SQLITE_ROW) {
			const unsigned char *found = sqlite3_column_text(statement, 0);

			*ret_number = sqlite3_column_int64(statement, 0);
			if (text)
				snprintf(text, text_size, "%s", found ? (const char *)found : "");
		}
		sqlite3_finalize(statement);
	}
	return code == SQLITE_ROW ? 0 : database_fail(database, code, "read the ledger", error);
}

bool database_is_open(const struct database *database)
{
	return database->handle != NULL;
}

bool database_prepared(const struct database *database, size_t number)
{
	return database->statements[number] != NULL;
}

int database_prepare(struct database *database, size_t number, const char *sql,
	sqlite3_stmt **ret_statement, struct error *error)
{
	sqlite3_stmt **slot = &database->statements[number];
	int code;

	if (!database_is_open(database))
		return database_closed(error);
	if (!*slot) {
		code = sqlite3_prepare_v3(
			database->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL);
		if (code != SQLITE_OK)
			return database_fail(database, code, "use the ledger", error);
	}
	sqlite3_reset(*slot);
	sqlite3_clear_bindings(*slot);
	*ret_statement = *slot;
	return 0;
}

int database_row(struct database *database, sqlite3_stmt *statement, struct error *error)
{
	int code = sqlite3_step(statement);
	bool writes = !sqlite3_stmt_readonly(statement);

	if (code == SQLITE_ROW)
		return 1;
	sqlite3_reset(statement);
	if (code == SQLITE_DONE)
		return 0;
	return database_fail(
		database, code, writes ? "write the ledger" : "read the ledger", error);
}

int database_run(struct database *database, sqlite3_stmt *statement, struct error *error)
{
	int r = database_row(database, statement, error);

	return r < 0 ? r : 0;
}

int database_begin(struct database *database, struct error *error)
{
	return database_exec(database, "BEGIN IMMEDIATE", error);
}

int database_begin_read(struct database *database, struct error *error)
{
	return database_exec(database, "BEGIN", error);
}

void database_rollback(struct database *database)
{
	if (!database_is_open(database))
		return;
	for (size_t i = 0; i < DATABASE_STATEMENTS_MAX; i++)
		sqlite3_reset(database->statements[i]);
	if (!sqlite3_get_autocommit(database->handle))
		sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
}

int database_commit(struct database *database, struct error *error)
{
	int code, r;

	crash_point(CRASH_COMMIT, true);
	code = sqlite3_exec(database->handle, "COMMIT", NULL, NULL, NULL);
	if (code != SQLITE_OK) {
		r = database_fail(database, code, "write the ledger", error);
		database_rollback(database);
		return r;
	}
	crash_point(CRASH_COMMIT, false);
	return 0;
}

void database_close(struct database *database)
{
	for (size_t i = 0; i < DATABASE_STATEMENTS_MAX; i++)
		sqlite3_finalize(database->statements[i]);
	sqlite3_close(database->handle);
	free(database->path);
	*database = (struct database){0};
}

/* Connects and makes the connection suspicious of what it reads; the file is not touched yet. */
static int database_connect(
	struct database *database, const char *path, int flags, struct error *error)
{
	int code = sqlite3_open_v2(path, &database->handle, flags | SQLITE_OPEN_NOMUTEX, NULL);

	if (code != SQLITE_OK)
		return database_fail(database, code, "open the ledger", error);
	sqlite3_extended_result_codes(database->handle, 1);
	sqlite3_busy_timeout(database->handle, LEDGER_BUSY_MS);
	sqlite3_limit(database->handle, SQLITE_LIMIT_LENGTH, DATABASE_VALUE_MAX);
	sqlite3_db_config(database->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(database->handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(database->handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	return database_exec(database,
		"PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
		"PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON;"
		"PRAGMA cache_size = -" CACHE_KIB,
		error);
}

/* Finds the version; an empty file has version 0. */
static int database_version(struct database *database, int64_t *ret_version, struct error *error)
{
	int64_t version = 0, application = 0, objects = 0;
	int r = database_ask(database, "PRAGMA user_version", &version, NULL, 0, error);

	if (r == 0)
		r = database_ask(database, "PRAGMA application_id", &application, NULL, 0, error);
	if (r == 0)
		r = database_ask(
			database, "SELECT count(*) FROM sqlite_master", &objects, NULL, 0, error);
	if (r < 0)
		return r;
	if ((objects || version || application) && application != DATABASE_APPLICATION)
		return error_set(
			error, ERROR_CORRUPT, "%s: is not a ledger of ldapsward", database->path);
	if (version < 0 || (version == 0 && objects))
		return error_set(error, ERROR_CORRUPT, "%s: has the impossible version %lld",
			database->path, (long long)version);
	if (version > database->schema->version)
		return error_set(error, ERROR_UNSUPPORTED,
			"%s: was written by a newer ldapsward (version %lld of the format, this "
			"program knows %d): install that one again, or move the file away; it is "
			"left as it is",
			database->path, (long long)version, database->schema->version);
	*ret_version = version;
	return 0;
}

/* All steps in one transaction: a crash leaves the old version whole. */
static int database_migrate(struct database *database, int64_t version, struct error *error)
{
	char mark[96];
	int r;

	if (version == database->schema->version)
		return 0;
	snprintf(mark, sizeof(mark), "PRAGMA user_version = %d; PRAGMA application_id = %d",
		database->schema->version, DATABASE_APPLICATION);
	r = database_begin(database, error);
	for (; r == 0 && version < database->schema->version; version++)
		r = database_exec(database, database->schema->steps[version], error);
	if (r == 0)
		r = database_exec(database, mark, error);
	if (r < 0) {
		database_rollback(database);
		return r;
	}
	return database_commit(database, error);
}

static int database_check(struct database *database, struct error *error)
{
	char found[200] = "";
	int64_t ignored;
	int r = database_ask(
		database, "PRAGMA quick_check(1)", &ignored, found, sizeof(found), error);

	if (r == 0 && strcmp(found, "ok") != 0)
		r = error_set(error, ERROR_CORRUPT, "%s: %s", database->path, found);
	return r;
}

/* SQLite would make the file with the umask's mode; its journal takes the file's. */
static int database_create(const char *path, struct error *error)
{
	int descriptor = file_create(path);

	if (descriptor >= 0) {
		close(descriptor);
		return 0;
	}
	if (errno == EEXIST)
		return 0;
	return error_set(error,
		errno == EACCES || errno == EPERM || errno == EROFS ? ERROR_DENIED : ERROR_IO,
		"%s: cannot create the ledger: %s", path, strerrordesc_np(errno));
}

static int database_prepare_writing(struct database *database, struct error *error)
{
	int64_t version = 0;
	int r = database_connect(database, database->path, SQLITE_OPEN_READWRITE, error);

	/* SQLite opens a file that it may not write for reading, and says nothing. */
	if (r == 0 && sqlite3_db_readonly(database->handle, "main") == 1)
		r = database_fail(database, SQLITE_READONLY, "write the ledger", error);
	if (r == 0)
		r = database_version(database, &version, error);
	if (r == 0)
		r = database_exec(database,
			"PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL", error);
	if (r == 0)
		r = database_check(database, error);
	return r < 0 ? r : database_migrate(database, version, error);
}

/* Names what is opened; the path is kept for every message. */
static int database_name(struct database *database, const char *path,
	const struct database_schema *schema, struct error *error)
{
	database->schema = schema;
	database->path = strdup(path);
	return database->path ? 0 : error_set(error, ERROR_MEMORY, "%s: out of memory", path);
}

int database_open(struct database *database, const char *path, const struct database_schema *schema,
	struct error *error)
{
	int r = database_name(database, path, schema, error);

	if (r == 0)
		r = database_create(path, error);
	if (r == 0)
		r = database_prepare_writing(database, error);
	if (r < 0)
		database_close(database);
	return r;
}

/* Replaces the connection by one to an empty or copied ledger in memory, of this version. */
static int database_to_memory(
	struct database *database, bool copy, int64_t version, struct error *error)
{
	sqlite3 *file = database->handle;
	int r, code = SQLITE_DONE;

	database->handle = NULL;
	r = database_connect(
		database, ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, error);
	if (r == 0 && copy) {
		sqlite3_backup *backup =
			sqlite3_backup_init(database->handle, "main", file, "main");

		code = backup ? sqlite3_backup_step(backup, -1) : SQLITE_NOMEM;
		sqlite3_backup_finish(backup);
	}
	if (r == 0 && code != SQLITE_DONE)
		r = database_fail(database, code, "copy the ledger", error);
	sqlite3_close(file);
	return r < 0 ? r : database_migrate(database, version, error);
}

static int database_open_existing(struct database *database, bool *ret_found, struct error *error)
{
	int64_t version = 0, ignored;
	int code, r = database_connect(database, database->path, SQLITE_OPEN_READONLY, error);

	/* A writer died amid a commit: the journal that undoes it wants a connection that writes.
	 */
	if (r == 0 && database_ask(database, "PRAGMA user_version", &ignored, NULL, 0, NULL) < 0) {
		code = sqlite3_extended_errcode(database->handle);
		if (code == SQLITE_READONLY_ROLLBACK || code == SQLITE_READONLY_RECOVERY) {
			sqlite3_close(database->handle);
			database->handle = NULL;
			r = database_connect(
				database, database->path, SQLITE_OPEN_READWRITE, error);
		}
	}
	if (r == 0)
		r = database_version(database, &version, error);
	if (r == 0)
		r = database_exec(database, "PRAGMA query_only = ON", error);
	if (r < 0)
		return r;
	*ret_found = version > 0;
	return version == database->schema->version
		       ? 0
		       : database_to_memory(database, true, version, error);
}

int database_open_read(struct database *database, const char *path,
	const struct database_schema *schema, bool *ret_found, struct error *error)
{
	struct stat status;
	int r = database_name(database, path, schema, error);

	if (r < 0)
		return r;
	*ret_found = false;
	if (stat(path, &status) == 0)
		r = database_open_existing(database, ret_found, error);
	else if (errno == ENOENT || errno == ENOTDIR)
		r = database_to_memory(database, false, 0, error);
	else
		r = error_set(error, errno == EACCES ? ERROR_DENIED : ERROR_IO,
			"%s: cannot be read: %s: run this as root or as the user of the service",
			path, strerrordesc_np(errno));
	if (r < 0)
		database_close(database);
	return r;
}

/* The first name that is free. Nobody else makes such names while the lock is held. */
static int aside_name(const char *path, int64_t now, char **ret_name, struct error *error)
{
	time_t instant = (time_t)now;
	struct tm utc;
	char stamp[32];

	if (!gmtime_r(&instant, &utc) || !strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &utc))
		return error_set(
			error, ERROR_INTERNAL, "%s: the clock shows %lld", path, (long long)now);
	for (int i = 1; i <= ASIDE_MAX; i++) {
		char *name, number[16] = "";
		struct stat status;

		if (i > 1)
			snprintf(number, sizeof(number), "-%d", i);
		if (asprintf(&name, "%s.damaged-%s%s", path, stamp, number) < 0)
			return error_set(error, ERROR_MEMORY, "%s: out of memory", path);
		if (lstat(name, &status) < 0 && errno == ENOENT) {
			*ret_name = name;
			return 0;
		}
		free(name);
	}
	return error_set(error, ERROR_LIMIT,
		"%s: %d damaged files were set aside within this second", path, ASIDE_MAX);
}

/* A new name lasts through a power cut only once its directory is on the disk. */
static void sync_directory_of(const char *path)
{
	CLEANUP(free_ptr) char *directory = strdup(path);
	char *slash = directory ? strrchr(directory, '/') : NULL;
	int descriptor;

	if (!slash)
		return;
	*slash = '\0';
	descriptor = open(*directory ? directory : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (descriptor >= 0) {
		fsync(descriptor);
		close(descriptor);
	}
}

int database_set_aside(const char *path, int64_t now, char **ret_aside, struct error *error)
{
	CLEANUP(free_ptr) char *aside = NULL, *journal = NULL, *aside_journal = NULL;
	int r = aside_name(path, now, &aside, error);

	if (r < 0)
		return r;
	if (asprintf(&journal, "%s-journal", path) < 0)
		journal = NULL;
	if (asprintf(&aside_journal, "%s-journal", aside) < 0)
		aside_journal = NULL;
	if (!journal || !aside_journal)
		return error_set(error, ERROR_MEMORY, "%s: out of memory", path);
	/* The journal first: it must never meet the fresh file. */
	if ((rename(journal, aside_journal) < 0 && errno != ENOENT) || rename(path, aside) < 0)
		return error_set(error, ERROR_IO,
			"%s: is damaged and cannot be renamed to %s: %s: move it away", path, aside,
			strerrordesc_np(errno));
	sync_directory_of(path);
	*ret_aside = steal_ptr(&aside);
	return 0;
}
