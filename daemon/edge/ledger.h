/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What must outlive the process (design 5.3): per (account, Region, directory) its `struct memory`,
 * the certificates that memories speak of, the history of what was done, and what the program last
 * said of itself. One SQLite file, LEDGER_FILE in the state directory; this module is the one door
 * to it, and these few functions are all that another back end would have to offer.
 *
 * One writer at a time holds the state (a lock file with its program and pid); readers may look
 * beside it. A file that is damaged is set aside under another name and a fresh one begun: an empty
 * ledger leads to adoption or to nothing, never to a removal. No secret is ever put in.
 *
 * A ledger may be used from several threads at once: each call holds it until it is done.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/calendar.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "core/knowledge.h"
#include "core/memory.h"
#include "core/rollout.h"
#include "core/store.h"

/* In the state directory. */
#define LEDGER_FILE	 "ledger.sqlite"
#define LEDGER_LOCK_FILE "ledger.lock"
/* Ten entries for each slot of 4,000 directories: some 50 MB at most. Entries. */
#define LEDGER_HISTORY_MAX 200000
/* The whole life of most rotations: a CA's renewal takes a year or two. Seconds. */
#define LEDGER_HISTORY_AGE (1100 * DAY)
/* Longest text of an entry of the history; a longer one is cut. Bytes. */
#define LEDGER_TEXT_MAX 1024
/* Longest text of a status: 96 conditions of a kilobyte and the rest. Bytes. */
#define LEDGER_STATUS_MAX (256 * 1024)
/* Directories that can be remembered, those that left the file included. */
#define LEDGER_RECORDS_MAX 200000

struct ledger;

/* Which directory, where. Texts are borrowed; account "" is the standard AWS chain. */
struct ledger_key {
	const char *account;
	const char *region;
	const char *directory;
};

/* One thing that was done, or tried. NULL texts are kept as "". */
struct ledger_entry {
	int64_t at; /* the API's time, UTC seconds */
	struct ledger_key key;
	const char *action;	   /* "register", ... */
	struct digest certificate; /* zero if it was not about one */
	const char *common_name;
	const char *id;		/* CertificateId */
	const char *reason;	/* why it was done: a name of core/reason.h */
	const char *outcome;	/* "accepted", "refused", ... or the API's code */
	const char *request_id; /* x-amzn-RequestId, for AWS support */
	const char *text;	/* a sentence for people */
	char *owned; /* of entries that ledger_history gives: holds the texts; else NULL */
};

/* One change to save: what is NULL stays as it is. All is borrowed for the call. */
struct ledger_change {
	struct ledger_key key;
	const struct memory *memory;
	const struct ledger_entry *entry; /* added to the history */
	const char *status;		  /* at most LEDGER_STATUS_MAX bytes */
	/* All there are, at a revision; of several saved in any order the latest stays. */
	const struct rollouts *rollouts;
};

struct ledger_record {
	struct ledger_key key;
	struct memory memory;
	char *owned; /* holds the texts of `key` */
};

/* All-zero is empty. */
struct ledger_records {
	struct ledger_record *records; /* owned; sorted by account, region, directory (strcmp) */
	size_t count, capacity;
	struct rollouts rollouts; /* owned; without a fleet, at revision 0 */
};

/* What the program last said of one directory, or of itself (a key of three empty texts). */
struct ledger_status {
	struct ledger_key key;
	const char *text; /* NULL where only keys were asked for */
	char *owned;	  /* holds the texts */
};

struct ledger_statuses {
	struct ledger_status *statuses; /* owned; sorted as records are */
	size_t count, capacity;
};

/* What of the history to give; NULL texts and zeros ask for everything. */
struct ledger_filter {
	const char *account;
	const char *region;
	const char *const *directories; /* any of these; NULL: all */
	size_t directories_count;
	int64_t since; /* entries of this instant or later */
	size_t limit;  /* the latest so many of what passes; 0: LEDGER_HISTORY_MAX */
};

struct ledger_history {
	struct ledger_entry *entries; /* owned; oldest first */
	size_t count, capacity;
};

/*
 * Opens the ledger in `state_directory` for its one writer, `program` ("ldapsward run"). Makes the
 * directory (mode 0700) if its parent is there, the file (mode 0600) and the lock; migrates an
 * older file; sets a damaged one aside as LEDGER_FILE ".damaged-" and `now` (the local clock, UTC
 * seconds), see ledger_notice. 0, or with the reason in `error`: -ERROR_BUSY (another owner, named
 * with its pid), -ERROR_UNSUPPORTED (a newer version wrote the file, which is left alone),
 * -ERROR_DENIED, -ERROR_MISSING (no parent), -ERROR_IO, -ERROR_MEMORY.
 */
int ledger_open(const char *state_directory, const char *program, int64_t now,
	struct ledger **ret_ledger, struct error *error);

/*
 * Opens it for reading, beside a writer or without one; makes no file and no directory. Where there
 * is no ledger yet this succeeds and everything is empty: see ledger_found. (After a crash amid a
 * commit the first reader that may write finishes what SQLite began.) 0, or -ERROR_UNSUPPORTED,
 * -ERROR_DENIED, -ERROR_CORRUPT (left as it is), -ERROR_BUSY, -ERROR_IO, -ERROR_MEMORY.
 */
int ledger_open_read(const char *state_directory, struct ledger **ret_ledger, struct error *error);

/* Closes and frees it; accepts NULL. No other thread may be using it. */
void ledger_free(struct ledger *ledger);
CLEANUP_DEFINE(ledger)

/* False if a reader found no ledger: nothing is known. */
bool ledger_found(const struct ledger *ledger);

/*
 * Whether a damaged file was set aside and a fresh one begun since this was asked last, at opening,
 * loading or saving: what was saved before is to be saved again.
 */
bool ledger_restarted(struct ledger *ledger);

/*
 * Whether a change could not be saved as the file was removed or moved away, or its place taken by
 * another one: nothing can be saved any more, and opening it again begins anew.
 */
bool ledger_gone(struct ledger *ledger);

/* What happened to the last damaged file, a sentence to be logged once; NULL if nothing did.
 * Borrowed. */
const char *ledger_notice(const struct ledger *ledger);

/*
 * Reads everything that is remembered, and puts the certificates into `store` (linked). The writer
 * sets aside a file with impossible values as ledger_open does a damaged one and gives an empty
 * list; a reader gets -ERROR_CORRUPT. 0, or an error as of ledger_open. A file that could not be
 * set aside leaves the ledger closed: each load and each save tries again to open it, all else
 * gives -ERROR_IO until then.
 */
int ledger_load(struct ledger *ledger, struct store *store, struct ledger_records *ret_records,
	struct error *error);
/*
 * The same of the directories of these keys alone, which are sorted as records are, and without the
 * roll-outs: what of them is remembered. Of no keys nothing is read.
 */
int ledger_load_some(struct ledger *ledger, struct store *store, const struct ledger_key *keys,
	size_t count, struct ledger_records *ret_records, struct error *error);
/* Frees what it owns; accepts NULL and all-zero; leaves all-zero. */
void ledger_records_done(struct ledger_records *records);
/* The record of this key, or NULL. */
struct ledger_record *ledger_records_find(
	const struct ledger_records *records, const struct ledger_key *key);

/*
 * Makes changes in one commit, all of them or none: replaces the memory of each directory, adds its
 * `entry` to the history, replaces its status, replaces the roll-outs; returns when that is on the
 * disk. The certificates that a memory names must have their DER. 0, -ERROR_INTERNAL (an impossible
 * value, a reader's ledger), -ERROR_IO (full disk, a ledger that is closed, ...), -ERROR_BUSY (a
 * reader stood in the way for LEDGER_BUSY_MS), -ERROR_LIMIT (a status that is too long),
 * -ERROR_MEMORY.
 */
int ledger_save_all(struct ledger *ledger, const struct ledger_change *changes, size_t count,
	struct error *error);

/* Replaces what is said of one directory, or of the program (a key of three empty texts). */
int ledger_status_save(
	struct ledger *ledger, const struct ledger_key *key, const char *text, struct error *error);
/* What was last said of one. -ERROR_MISSING if nothing was; *ret_text is the caller's to free. */
int ledger_status_find(
	struct ledger *ledger, const struct ledger_key *key, char **ret_text, struct error *error);
int ledger_status_load(
	struct ledger *ledger, struct ledger_statuses *ret_statuses, struct error *error);
/* Of which directories something was said, without what. */
int ledger_status_keys(
	struct ledger *ledger, struct ledger_statuses *ret_statuses, struct error *error);
/*
 * The same a few at a time, for one who wants them all and holds nobody up: at most `limit` of
 * those whose key comes after `after`; none is the end. The one of the program comes after nothing.
 */
int ledger_status_page(struct ledger *ledger, const struct ledger_key *after, size_t limit,
	struct ledger_statuses *ret_statuses, struct error *error);
/* Frees what it owns; accepts NULL and all-zero; leaves all-zero. */
void ledger_statuses_done(struct ledger_statuses *statuses);

/* Gives the latest entries that pass `filter` (NULL: all), oldest first. */
int ledger_history(struct ledger *ledger, const struct ledger_filter *filter,
	struct ledger_history *ret_history, struct error *error);
/* Frees what it owns; accepts NULL and all-zero; leaves all-zero. */
void ledger_history_done(struct ledger_history *history);

/*
 * Replaces what selectors have picked by what `knowledge` says of it, in one commit; errors as of
 * ledger_save_all. `news` of it is the caller's to clear.
 */
int ledger_selection_save(
	struct ledger *ledger, const struct knowledge *knowledge, struct error *error);
/* Puts it into all-zero `knowledge`, as known, and confirmed by nothing. 0 or an error as of
 * ledger_status_load. */
int ledger_selection_load(struct ledger *ledger, struct knowledge *knowledge, struct error *error);

/* How long a commit waits for readers, and a reader for a commit. Milliseconds. */
#define LEDGER_BUSY_MS 5000
