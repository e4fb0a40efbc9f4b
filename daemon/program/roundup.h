/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a lane finds in many directories at once, such as an API that is away, as one entry of the
 * journal instead of one for each directory. Each directory's own entry is told as well, at debug,
 * unless they are a few: then these are told and nothing else. In a pass all wait for its end;
 * between passes the first few are told at once, and the others are counted. Belongs to the main
 * thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include "program/entry.h"

/* So many directories are told one by one; of more, how many they are. */
#define ROUNDUP_SINGLES 3
/* Different things that one pass gathers; of those that are more each is told at once. */
#define ROUNDUP_KINDS_MAX 16
struct roundup_kind;

/* All-zero is empty. */
struct roundup {
	struct roundup_kind *kinds; /* owned */
	size_t count;
};

/*
 * Gathers an entry that says `sentence` of the directory that `heading` names; all is copied.
 * Alike is what has the same MESSAGE_ID, REASON and priority. `at_once`: the first ROUNDUP_SINGLES
 * are told now. Without memory it is told at once.
 */
void roundup_add(struct roundup *roundup, const struct entry *entry, const char *heading,
	const char *sentence, bool at_once);

/* Tells what was gathered, of the directories at `place` ("account 'prod' in eu-west-1"). */
void roundup_tell(struct roundup *roundup, const char *place);

/* Frees what it owns, untold; leaves all-zero. */
void roundup_done(struct roundup *roundup);
