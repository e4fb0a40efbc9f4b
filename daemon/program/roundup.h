/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What one pass finds in many directories at once, such as an API that is away, as one entry of the
 * journal for the lane instead of one for each directory. Each directory's own entry is told as
 * well, at debug, unless they are a few: then these are told and nothing else. Belongs to the main
 * thread.
 */

#include <stddef.h>
#include <stdint.h>

#include "program/entry.h"

/* So many directories are told one by one; of more, how many they are. */
#define ROUNDUP_SINGLES 3
/* Different things that one pass gathers; of those that are more each is told at once. */
#define ROUNDUP_KINDS_MAX 16
/* What was gathered is told so long after the first at the latest: a pass may take long while an
 * API is dying. Seconds. */
#define ROUNDUP_WAIT 60

struct roundup_kind;

/* All-zero is empty. */
struct roundup {
	struct roundup_kind *kinds; /* owned */
	size_t count;
	int64_t began; /* clock_elapsed of the first that is gathered */
};

/*
 * Gathers an entry that says `sentence` of the directory that `heading` names; all is copied.
 * Alike is what has the same MESSAGE_ID, REASON and priority. Without memory it is told at once.
 */
void roundup_add(struct roundup *roundup, const struct entry *entry, const char *heading,
	const char *sentence);

/* Tells what was gathered, of the directories at `place` ("account 'prod' in eu-west-1"). */
void roundup_tell(struct roundup *roundup, const char *place);

/* Frees what it owns, untold; leaves all-zero. */
void roundup_done(struct roundup *roundup);
