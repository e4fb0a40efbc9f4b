/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/ledger.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/buffer.h"
#include "edge/ledger-load.h"
#include "edge/ledger-rollout.h"
#include "edge/ledger-save.h"
#include "edge/ledger-selection.h"
#include "edge/ledger-statement.h"
#include "edge/lock.h"

/* "d-926708e4f1" and its comma, for each directory that is asked for; more than a command line has.
 * Bytes. */
#define FILTER_MAX ((size_t)1024 * 1024)

struct ledger {
	pthread_mutex_t mutex; /* around everything below, but what is fixed once it is open */
	struct database database;
	char *path;	   /* owned; of LEDGER_FILE */
	struct lock *lock; /* owned; NULL for a reader */
	bool found;
	uint64_t rollouts; /* latest revision that this process has saved; 0: none */
	bool restarted;	   /* a fresh file has begun since ledger_restarted was asked */
	bool gone;	   /* the file is no longer where it was */
	int64_t opened;	   /* local clock, for the name of a file that is set aside */
	struct error notice;
};

/* ---------------------------------------------------------------- opening */

static int state_directory_make(const char *path, struct error *error)
{
	struct stat status;

	if (mkdir(path, 0700) == 0)
		return 0;
	if (errno == ENOENT)
		return error_set(error, ERROR_MISSING,
			"%s: cannot be created, as the directory above it does not exist: create "
			"that, or name another state directory",
			path);
	if (errno != EEXIST)
		return error_set(error,
			errno == EACCES || errno == EPERM || errno == EROFS ? ERROR_DENIED
									    : ERROR_IO,
			"%s: cannot create the state directory: %s", path, strerrordesc_np(errno));
	if (stat(path, &status) < 0)
		return error_set(error, ERROR_IO, "%s: cannot be used as state directory: %s", path,
			strerrordesc_np(errno));
	if (!S_ISDIR(status.st_mode))
		return error_set(error, ERROR_INVALID,
			"%s: is not a directory: move it away, or name another state directory",
			path);
	return 0;
}

/* NULL without memory. */
static struct ledger *ledger_new(const char *state_directory, int64_t now)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	if (!ledger || asprintf(&ledger->path, "%s/%s", state_directory, LEDGER_FILE) < 0) {
		free(ledger);
		return NULL;
	}
	pthread_mutex_init(&ledger->mutex, NULL);
	ledger->opened = now;
	return ledger;
}

void ledger_free(struct ledger *ledger)
{
	if (!ledger)
		return;
	database_close(&ledger->database);
	lock_free(ledger->lock);
	pthread_mutex_destroy(&ledger->mutex);
	free(ledger->path);
	free(ledger);
}

/* After `reason` showed that the file is damaged: keeps it under another name, begins anew. Leaves
 * the ledger closed on failure: the next use tries again, see ledger_reopen. */
static int ledger_restart(struct ledger *ledger, const struct error *reason, struct error *error)
{
	CLEANUP(free_ptr) char *aside = NULL;
	int r;

	database_close(&ledger->database);
	r = database_set_aside(ledger->path, ledger->opened, &aside, error);
	if (r < 0)
		return r;
	error_set(&ledger->notice, ERROR_CORRUPT,
		"the ledger is damaged (%s) and was set aside as %s; a fresh one begins: "
		"certificates that match the files exactly are adopted, nothing is removed",
		reason->message, aside);
	ledger->restarted = true;
	ledger->rollouts = 0;
	return database_open(&ledger->database, ledger->path, &ledger_schema, error);
}

static int ledger_open_locked(struct ledger *ledger, struct error *error)
{
	struct error reason = {0};
	int r = database_open(&ledger->database, ledger->path, &ledger_schema, &reason);

	if (r == 0)
		r = statement_run(&ledger->database, CERTIFICATE_PRUNE, &reason);
	if (r == -ERROR_CORRUPT)
		return ledger_restart(ledger, &reason, error);
	return r < 0 ? error_set(error, (enum error_code) - r, "%s", reason.message) : 0;
}

/* Opens what a failed restart left closed. */
static int ledger_reopen(struct ledger *ledger, struct error *error)
{
	struct error reason = {0};

	if (database_is_open(&ledger->database) || ledger_open_locked(ledger, &reason) == 0)
		return 0;
	return error_set(error, ERROR_IO, "the ledger is closed: %s", reason.message);
}

int ledger_open(const char *state_directory, const char *program, int64_t now,
	struct ledger **ret_ledger, struct error *error)
{
	CLEANUP(ledger_free_ptr) struct ledger *ledger = ledger_new(state_directory, now);
	CLEANUP(free_ptr) char *lock_path = NULL;
	int r;

	if (!ledger || asprintf(&lock_path, "%s/%s", state_directory, LEDGER_LOCK_FILE) < 0) {
		lock_path = NULL;
		return error_set(error, ERROR_MEMORY, "%s: out of memory", state_directory);
	}
	r = state_directory_make(state_directory, error);
	if (r == 0)
		r = lock_take(lock_path, program, &ledger->lock, error);
	if (r == 0)
		r = ledger_open_locked(ledger, error);
	if (r < 0)
		return r;
	ledger->found = true;
	*ret_ledger = steal_ptr(&ledger);
	return 0;
}

int ledger_open_read(const char *state_directory, struct ledger **ret_ledger, struct error *error)
{
	CLEANUP(ledger_free_ptr) struct ledger *ledger = ledger_new(state_directory, 0);
	int r;

	if (!ledger)
		return error_set(error, ERROR_MEMORY, "%s: out of memory", state_directory);
	r = database_open_read(
		&ledger->database, ledger->path, &ledger_schema, &ledger->found, error);
	if (r < 0)
		return r;
	*ret_ledger = steal_ptr(&ledger);
	return 0;
}

bool ledger_found(const struct ledger *ledger)
{
	return ledger->found;
}

const char *ledger_notice(const struct ledger *ledger)
{
	return ledger->notice.code ? ledger->notice.message : NULL;
}

bool ledger_restarted(struct ledger *ledger)
{
	bool restarted;

	pthread_mutex_lock(&ledger->mutex);
	restarted = ledger->restarted;
	ledger->restarted = false;
	pthread_mutex_unlock(&ledger->mutex);
	return restarted;
}

bool ledger_gone(struct ledger *ledger)
{
	bool gone;

	pthread_mutex_lock(&ledger->mutex);
	gone = ledger->gone;
	pthread_mutex_unlock(&ledger->mutex);
	return gone;
}

/* ---------------------------------------------------------------- loading */

void ledger_records_done(struct ledger_records *records)
{
	if (!records)
		return;
	for (size_t i = 0; i < records->count; i++) {
		memory_done(&records->records[i].memory);
		free(records->records[i].owned);
	}
	free(records->records);
	rollouts_done(&records->rollouts);
	*records = (struct ledger_records){0};
}

static int record_order(const void *key, const void *record)
{
	return key_cmp(key, &((const struct ledger_record *)record)->key);
}

struct ledger_record *ledger_records_find(
	const struct ledger_records *records, const struct ledger_key *key)
{
	if (!records->count)
		return NULL;
	return bsearch(
		key, records->records, records->count, sizeof(records->records[0]), record_order);
}

static int load_records(struct ledger *ledger, struct store *store, const struct ledger_key *keys,
	size_t count, struct ledger_records *ret_records, struct error *error)
{
	struct ledger_records records = {0};
	struct error reason = {0};
	int r;

	pthread_mutex_lock(&ledger->mutex);
	r = ledger_reopen(ledger, &reason);
	if (r == 0)
		r = ledger_read(&ledger->database, store, keys, count, &records, &reason);
	if (r < 0)
		ledger_records_done(&records);
	if (r == -ERROR_CORRUPT && ledger->lock) {
		r = ledger_restart(ledger, &reason, error);
	} else if (r < 0)
		error_set(error, (enum error_code) - r, "%s: %s", ledger->path, reason.message);
	pthread_mutex_unlock(&ledger->mutex);
	if (r == 0)
		*ret_records = records;
	return r;
}

int ledger_load(struct ledger *ledger, struct store *store, struct ledger_records *ret_records,
	struct error *error)
{
	return load_records(ledger, store, NULL, 0, ret_records, error);
}

int ledger_load_some(struct ledger *ledger, struct store *store, const struct ledger_key *keys,
	size_t count, struct ledger_records *ret_records, struct error *error)
{
	if (count == 0) {
		*ret_records = (struct ledger_records){0};
		return 0;
	}
	return load_records(ledger, store, keys, count, ret_records, error);
}

/* ---------------------------------------------------------------- saving */

/* Jobs end in any order: roll-outs that are older than those saved are contained in them. */
static int save_rollouts(struct ledger *ledger, const struct ledger_change *changes, size_t count,
	uint64_t *ret_revision, struct error *error)
{
	const struct rollouts *latest = NULL;
	uint64_t revision = ledger->rollouts;
	int r = 0;

	for (size_t i = 0; i < count; i++)
		if (changes[i].rollouts && changes[i].rollouts->revision > revision) {
			latest = changes[i].rollouts;
			revision = latest->revision;
		}
	if (latest)
		r = ledger_write_rollouts(&ledger->database, latest, error);
	*ret_revision = revision;
	return r;
}

/* Takes the mutex, whatever comes of it, and begins what save_end ends. */
static int save_begin(struct ledger *ledger, struct error *error)
{
	int r;

	pthread_mutex_lock(&ledger->mutex);
	if (!ledger->lock)
		return error_set(error, ERROR_INTERNAL, "%s: was opened for reading", ledger->path);
	r = ledger_reopen(ledger, error);
	return r == 0 ? database_begin(&ledger->database, error) : r;
}

/* Commits, unless `r` says that something has failed; the mutex stays taken. 0 or what failed. */
static int save_end(struct ledger *ledger, int r, struct error *error)
{
	if (r == 0)
		r = database_commit(&ledger->database, error);
	else
		database_rollback(&ledger->database);
	ledger->gone = ledger->gone || r == -ERROR_MISSING;
	return r;
}

int ledger_save_all(struct ledger *ledger, const struct ledger_change *changes, size_t count,
	struct error *error)
{
	uint64_t revision = 0;
	int r = save_begin(ledger, error);

	for (size_t i = 0; r == 0 && i < count; i++)
		r = ledger_write(&ledger->database, &changes[i], error);
	if (r == 0)
		r = save_rollouts(ledger, changes, count, &revision, error);
	r = save_end(ledger, r, error);
	if (r == 0)
		ledger->rollouts = revision;
	pthread_mutex_unlock(&ledger->mutex);
	return r;
}

int ledger_status_save(
	struct ledger *ledger, const struct ledger_key *key, const char *text, struct error *error)
{
	const struct ledger_change change = {.key = *key, .status = text};

	return ledger_save_all(ledger, &change, 1, error);
}

int ledger_selection_save(
	struct ledger *ledger, const struct knowledge *knowledge, struct error *error)
{
	int r = save_begin(ledger, error);

	if (r == 0)
		r = ledger_write_selection(&ledger->database, knowledge, error);
	r = save_end(ledger, r, error);
	pthread_mutex_unlock(&ledger->mutex);
	return r;
}

int ledger_selection_load(struct ledger *ledger, struct knowledge *knowledge, struct error *error)
{
	int r = 0;

	pthread_mutex_lock(&ledger->mutex);
	if (database_is_open(&ledger->database)) {
		r = ledger_read_selection(&ledger->database, knowledge, error);
		database_rollback(&ledger->database);
	}
	pthread_mutex_unlock(&ledger->mutex);
	return r;
}

/* ---------------------------------------------------------------- status and history */

void ledger_statuses_done(struct ledger_statuses *statuses)
{
	if (!statuses)
		return;
	for (size_t i = 0; i < statuses->count; i++)
		free(statuses->statuses[i].owned);
	free(statuses->statuses);
	*statuses = (struct ledger_statuses){0};
}

static int load_status(sqlite3_stmt *row, struct ledger_statuses *statuses, struct error *error)
{
	struct ledger_status status = {0};
	const char *texts[4] = {NULL};
	size_t columns = (size_t)sqlite3_column_count(row); /* without the text, or with it */
	int r = array_reserve(&statuses->statuses, &statuses->capacity, statuses->count,
		sizeof(status), LEDGER_RECORDS_MAX);

	if (r < 0)
		return error_set(error, (enum error_code) - r, "status: %s", error_str(r));
	r = row_texts(row, 0, columns, texts, &status.owned, error);
	if (r < 0)
		return r;
	status.key = (struct ledger_key){texts[0], texts[1], texts[2]};
	status.text = texts[3];
	statuses->statuses[statuses->count++] = status;
	return 0;
}

int ledger_status_find(
	struct ledger *ledger, const struct ledger_key *key, char **ret_text, struct error *error)
{
	sqlite3_stmt *statement;
	const char *text;
	int code, r;

	pthread_mutex_lock(&ledger->mutex);
	r = statement_prepare(&ledger->database, STATUS_FIND, &statement, error);
	code = r == 0 ? statement_bind_key(statement, key) : SQLITE_OK;
	if (code != SQLITE_OK)
		r = database_fail(&ledger->database, code, "read the ledger", error);
	if (r == 0)
		r = database_row(&ledger->database, statement, error);
	if (r > 0)
		r = row_texts(statement, 0, 1, &text, ret_text, error);
	else if (r == 0)
		r = error_set(error, ERROR_MISSING, "nothing was said of %s", key->directory);
	database_rollback(&ledger->database);
	pthread_mutex_unlock(&ledger->mutex);
	return r;
}

/* All, or those of a page, which begins after a key. */
static int load_statuses(struct ledger *ledger, enum statement which,
	const struct ledger_key *after, size_t limit, struct ledger_statuses *ret_statuses,
	struct error *error)
{
	struct ledger_statuses statuses = {0};
	sqlite3_stmt *statement;
	int code = SQLITE_OK, r;

	pthread_mutex_lock(&ledger->mutex);
	r = statement_prepare(&ledger->database, which, &statement, error);
	if (r == 0 && after)
		code = statement_bind_key(statement, after);
	if (r == 0 && after && code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, 4, (sqlite3_int64)limit);
	if (code != SQLITE_OK)
		r = database_fail(&ledger->database, code, "read the ledger", error);
	while (r == 0 && (r = database_row(&ledger->database, statement, error)) > 0)
		r = load_status(statement, &statuses, error);
	database_rollback(&ledger->database);
	pthread_mutex_unlock(&ledger->mutex);
	if (r < 0)
		ledger_statuses_done(&statuses);
	else
		*ret_statuses = statuses;
	return r;
}

int ledger_status_load(
	struct ledger *ledger, struct ledger_statuses *ret_statuses, struct error *error)
{
	return load_statuses(ledger, STATUS_LOAD, NULL, 0, ret_statuses, error);
}

int ledger_status_keys(
	struct ledger *ledger, struct ledger_statuses *ret_statuses, struct error *error)
{
	return load_statuses(ledger, STATUS_KEYS, NULL, 0, ret_statuses, error);
}

int ledger_status_page(struct ledger *ledger, const struct ledger_key *after, size_t limit,
	struct ledger_statuses *ret_statuses, struct error *error)
{
	return load_statuses(ledger, STATUS_PAGE, after, limit, ret_statuses, error);
}

void ledger_history_done(struct ledger_history *history)
{
	if (!history)
		return;
	for (size_t i = 0; i < history->count; i++)
		free(history->entries[i].owned);
	free(history->entries);
	*history = (struct ledger_history){0};
}

static int load_history_entry(
	sqlite3_stmt *row, struct ledger_history *history, struct error *error)
{
	struct ledger_entry entry = {.at = sqlite3_column_int64(row, HISTORY_TEXTS)};
	const void *digest = sqlite3_column_blob(row, HISTORY_TEXTS + 1);
	const char *texts[HISTORY_TEXTS];
	int r = array_reserve(&history->entries, &history->capacity, history->count, sizeof(entry),
		LEDGER_HISTORY_MAX);

	if (r < 0)
		return error_set(error, (enum error_code) - r, "history: %s", error_str(r));
	r = row_texts(row, 0, ARRAY_LENGTH(texts), texts, &entry.owned, error);
	if (r < 0)
		return r;
	if (digest && sqlite3_column_bytes(row, HISTORY_TEXTS + 1) == sizeof(entry.certificate))
		memcpy(entry.certificate.bytes, digest, sizeof(entry.certificate.bytes));
	entry.key = (struct ledger_key){texts[0], texts[1], texts[2]};
	entry.action = texts[3];
	entry.common_name = texts[4];
	entry.id = texts[5];
	entry.reason = texts[6];
	entry.outcome = texts[7];
	entry.request_id = texts[8];
	entry.text = texts[9];
	history->entries[history->count++] = entry;
	return 0;
}

/* The latest come first from the table, so that a limit keeps them. */
static void history_reverse(struct ledger_history *history)
{
	for (size_t i = 0; i < history->count / 2; i++) {
		struct ledger_entry *a = &history->entries[i];
		struct ledger_entry *b = &history->entries[history->count - 1 - i];
		struct ledger_entry swapped = *a;

		*a = *b;
		*b = swapped;
	}
}

/* ",d-926708e4f1,d-906721ab03,": which of them an entry is about is looked up in that. */
static int bind_directories(sqlite3_stmt *statement, int index, const struct ledger_filter *filter)
{
	struct buffer text;
	int code = SQLITE_NOMEM;

	buffer_init(&text, FILTER_MAX);
	for (size_t i = 0; i < filter->directories_count; i++)
		buffer_printf(&text, ",%s", filter->directories[i]);
	if (buffer_append_text(&text, ",") == 0)
		code = sqlite3_bind_text(
			statement, index, buffer_text(&text), (int)text.length, SQLITE_TRANSIENT);
	buffer_done(&text);
	return code;
}

static int prepare_history(struct ledger *ledger, const struct ledger_filter *filter,
	sqlite3_stmt **ret_statement, struct error *error)
{
	const char *const texts[] = {filter->account, filter->region};
	size_t limit = filter->limit && filter->limit < LEDGER_HISTORY_MAX ? filter->limit
									   : LEDGER_HISTORY_MAX;
	int r = statement_prepare(&ledger->database, HISTORY_LOAD, ret_statement, error);
	int code = SQLITE_OK;

	if (r < 0)
		return r;
	for (size_t i = 0; code == SQLITE_OK && i < ARRAY_LENGTH(texts); i++)
		if (texts[i])
			code = statement_bind_text(*ret_statement, (int)i + 1, texts[i]);
	if (code == SQLITE_OK && filter->directories_count > 0)
		code = bind_directories(*ret_statement, 3, filter);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(*ret_statement, 4, filter->since);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(*ret_statement, 5, (sqlite3_int64)limit);
	return code == SQLITE_OK ? 0
				 : database_fail(&ledger->database, code, "read the ledger", error);
}

int ledger_history(struct ledger *ledger, const struct ledger_filter *filter,
	struct ledger_history *ret_history, struct error *error)
{
	static const struct ledger_filter everything = {0};
	struct ledger_history history = {0};
	sqlite3_stmt *statement;
	int r;

	pthread_mutex_lock(&ledger->mutex);
	r = prepare_history(ledger, filter ? filter : &everything, &statement, error);
	while (r == 0 && (r = database_row(&ledger->database, statement, error)) > 0)
		r = load_history_entry(statement, &history, error);
	database_rollback(&ledger->database);
	pthread_mutex_unlock(&ledger->mutex);
	if (r < 0) {
		ledger_history_done(&history);
		return r;
	}
	history_reverse(&history);
	*ret_history = history;
	return 0;
}
