/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the sweeps of DescribeDirectories have told of accounts in which something selects
 * (core/selection): each directory as it was last seen in each Region that was looked in, its home.
 * What a selector has picked is also remembered by the ledger, so that it is known after a restart
 * before the API has answered.
 *
 * Nothing is forgotten for a sweep that failed, or that could not read a tag. A directory that a
 * complete sweep does not list is forgotten after the second one in a row, and so are tags by which
 * it is selected (core/selection-see).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/vocabulary.h"

/* Directories in all homes together, and homes: as many as a fleet can have, and more. */
#define KNOWLEDGE_MAX	    200000
#define KNOWLEDGE_HOMES_MAX 32000
/* Complete sweeps in a row that miss a directory before it is let go: one may err. */
#define KNOWLEDGE_MISSES 2

/* One directory as a sweep tells of it. Texts are the giver's; NULL where there is none. */
struct sighting {
	char id[SERVICE_ID_SIZE];
	enum directory_type type; /* UNKNOWN: not told */
	char *name;		  /* DescribeDirectories: Name; NULL or "": not told */
	char *regions; /* RegionsInfo, with blanks between, the primary one first; NULL or "": not
			  told */
	char *tags;  /* a line for each key and one for its value; NULL: not asked for, or not known
		      */
	bool unread; /* its tags were asked for and could not be read: those known stay */
};

/* What is known of one directory in one home. */
struct known {
	unsigned home;	      /* in `homes` */
	struct sighting seen; /* owned texts; name and regions are never NULL, and regions name the
				 home */
	char *picked;	      /* owned: its name when a selector picked it; NULL: none has it */
	int64_t since;	      /* when that was, UTC seconds; 0: it is not */
	int64_t confirmed; /* when a sweep told all that selectors ask for, on a clock that nobody
			      sets; 0: not since the start, or the last one missed it */
	unsigned sweep;	   /* of its home, that told of it last, and not of less than before */
	uint8_t missed;	   /* complete sweeps in a row that missed it */
};

/* One account in one Region. */
struct home {
	char *account, *region; /* owned */
	unsigned sweep;		/* the number of the one under way, from 1 */
	bool swept;		/* the last sweep was complete */
	char *failure; /* owned: what went wrong in it, also in one that was; NULL if nothing did */
	bool news;     /* that is another than before; whoever tells it sets this false */
};

/* All-zero is: nothing is known. */
struct knowledge {
	struct known *knowns; /* owned; sorted by id, then home */
	size_t count, capacity;
	struct home *homes; /* owned */
	size_t homes_count, homes_capacity;
	bool news; /* something changed that the ledger keeps; whoever saves it sets this false */
};

/* Leaves all-zero; accepts all-zero. */
void knowledge_done(struct knowledge *knowledge);

/* The home of this account and Region, made if there was none. 0, -ERROR_LIMIT or -ERROR_MEMORY. */
int knowledge_home(
	struct knowledge *knowledge, const char *account, const char *region, unsigned *ret_home);

/* What is known of this id in this home; NULL: nothing. */
const struct known *knowledge_at(const struct knowledge *knowledge, const char *id, unsigned home);

/* The first of those known by this id; they end where the id does. `count` if there are none. */
size_t knowledge_from(const struct knowledge *knowledge, const char *id);

/*
 * A sweep tells of a directory, at `at` on a clock that nobody sets. 0, -ERROR_LIMIT or
 * -ERROR_MEMORY, with nothing changed.
 */
int knowledge_see(
	struct knowledge *knowledge, unsigned home, const struct sighting *sighting, int64_t at);

/*
 * A sweep tells of a directory that is known, but lacks tags that it had: these stay as they were,
 * nothing is confirmed, and to the end of the sweep it is as if it had not been told of. 0 or
 * -ERROR_MEMORY, with nothing changed.
 */
int knowledge_miss(struct knowledge *knowledge, unsigned home, const struct sighting *sighting);

/* A sweep has ended: if it was `complete`, who was not told of was missed. `failure` is what went
 * wrong, NULL if nothing did. */
void knowledge_swept(
	struct knowledge *knowledge, unsigned home, bool complete, const char *failure);

/* What the ledger kept: put in as it was, confirmed by nothing, and missed so often; one that was
 * missed too often may be missed once more. 0, -ERROR_LIMIT, -ERROR_MEMORY. */
int knowledge_recall(struct knowledge *knowledge, const char *account, const char *region,
	const struct sighting *sighting, const char *picked, int64_t since, int64_t missed);

/* Notes that a selector has this one by a name, unless it had it already, or that none has it
 * (NULL); `now` in UTC seconds. 0 or -ERROR_MEMORY. */
int knowledge_pick(struct knowledge *knowledge, struct known *known, const char *name, int64_t now);

/* The value of a tag in the lines of a sighting, and its length; NULL if there is none. */
const char *sighting_tag(const struct sighting *sighting, const char *key, size_t *ret_length);
/* Whether the Region is one of a text with blanks between. */
bool regions_text_has(const char *regions, const char *region);
