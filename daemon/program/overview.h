/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The document of all directories, as `status --json` prints it and the status file holds it:
 * {version, written, looked, interval, stale, refused, directories[]}. Its head is what the program
 * last said of itself (a key of three empty texts in the ledger); the directories are the saved
 * statuses as they are.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/calendar.h"
#include "edge/ledger.h"

/* A last look that is older than so many intervals is told: the daemon does not run, or hangs. */
#define OVERVIEW_INTERVALS 3
/* All of the document but its directories. Bytes. */
#define OVERVIEW_HEAD_MAX 1024

/* What the program last said of itself, at an instant. */
struct overview {
	int64_t written;	   /* when this is asked, UTC seconds */
	char looked[INSTANT_SIZE]; /* end of the last complete pass; "" if it is not known */
	int64_t age;		   /* seconds since then */
	int64_t interval;	   /* between passes; 0 if no daemon makes them */
	bool stale;		   /* longer ago than OVERVIEW_INTERVALS of them */
	bool refused; /* the file on the disk was not taken: an older one is in force */
};

/* The key under which the program speaks of itself. */
extern const struct ledger_key overview_key;

/* Reads what was saved (NULL: nothing was) at `now`. */
struct overview overview_read(const char *saved, int64_t now);

/* What is saved: of the last complete pass (UTC seconds). 0 or a buffer's error. */
int overview_save_text(int64_t looked, int64_t interval, bool refused, struct buffer *buffer);

/* The document's text before its directories, which follow with commas between, and after them. */
int overview_begin(const struct overview *overview, struct buffer *buffer);
#define OVERVIEW_SEPARATOR ",\n"
#define OVERVIEW_END	   "]}\n"
