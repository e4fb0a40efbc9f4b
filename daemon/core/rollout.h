/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who may take trust away, and when (design, N12): the roll-outs of a fleet. A roll-out is about
 * one certificate of one authority, or about disabling LDAPS in one account. One place (a directory
 * in one Region) goes first; the others follow only after looks have seen it Ready for `overlap`
 * without a break, and then at most `parallel` of them in an interval.
 *
 * Pure values: a question is asked of them, a turn is taken and given back, a look at a place is
 * noted. edge/ledger keeps them, program/scheduler owns the one that counts. A lost record makes a
 * roll-out begin anew: more careful, never less. All instants are the API's time, UTC seconds.
 */
/* clang-format off */
/*
 *   a place may take a turn          when
 *   that went first itself           always: it may have to try again; its Ready time begins anew
 *   and become the first             nobody is, and no other roll-out of the same scope has a first,
 *                                    at another place, that is not proven; and the window has room
 *   after another one went first     that one is proven, so are all firsts of the scope, and the
 *                                    window has room
 *
 * The window of a scope has room while fewer than `parallel` turns were taken in it, of all its
 * certificates together; a window begins with its first turn and lasts one interval.
 */
/* clang-format on */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/certificate.h"
#include "core/vocabulary.h"

/* Names of authorities and of accounts have at most 64 characters. */
#define ROLLOUT_SCOPE_SIZE 65
/* Names of Regions, as edge/endpoint has them. */
#define ROLLOUT_REGION_SIZE 33
/* "d-926708e4f1 in ap-southeast-2" */
#define ROLLOUT_TEXT_SIZE (SERVICE_ID_SIZE + 4 + ROLLOUT_REGION_SIZE)
/*
 * Roll-outs that are remembered at once: every account and every authority of the largest file, and
 * as much again. Beyond it none begins before an old one is forgotten.
 */
#define ROLLOUTS_MAX 4096
/*
 * A roll-out in which nobody took a turn or waited for one is forgotten after this: twice the
 * longest time a fleet is usually left with half an edit. What comes later begins anew. Seconds.
 */
#define ROLLOUT_FORGET_AFTER (INT64_C(30) * 86400)
/*
 * That it was looked at, waited for, or still seen Ready is worth a commit this often; after a
 * crash that much of it is not known. Seconds.
 */
#define ROLLOUT_SAVE_EVERY (INT64_C(6) * 3600)
/* As every other wait, being Ready breaks when nobody looked for two days (design 4.5). Seconds. */
#define ROLLOUT_GAP_MAX (INT64_C(48) * 3600)

struct fleet;

/* One directory in one Region. Texts are borrowed; NULL is "". Account "" is the standard chain. */
struct rollout_place {
	const char *account;
	const char *region;
	const char *directory;
};

struct rollout {
	char scope[ROLLOUT_SCOPE_SIZE]; /* authority; for disabling the account */
	struct digest certificate;	/* zero: this is about disabling LDAPS */
	/* The place that went first; an empty `directory`: nobody did, or it left the fleet. */
	char account[ROLLOUT_SCOPE_SIZE];
	char region[ROLLOUT_REGION_SIZE];
	char directory[SERVICE_ID_SIZE];
	char first[ROLLOUT_TEXT_SIZE]; /* the same for people, or who last was it: "d-926708e4f1 in
					* eu-west-1" */
	int64_t begun;		       /* when its first intent was committed */
	int64_t ready_since; /* the looks at it have found it Ready since this one; 0: they do not
			      */
	int64_t ready_seen;  /* the last of these looks */
	int64_t window;	     /* begin of the last window; 0: none */
	int64_t turns;	     /* taken in it */
	int64_t used;	     /* last turn, or the last time that somebody waited for one */
	int64_t absent;	     /* since when no selector has the first; 0: it is there */
};

/* All-zero is empty. */
struct rollouts {
	const struct fleet *fleet; /* borrowed: `parallel`, and the overlaps of authorities. NULL:
				    * 1, and the overlap of the directory that asks */
	struct rollout *rollouts;  /* owned; in no order */
	size_t count, capacity;
	uint64_t revision; /* grows with every change that is worth keeping; not kept itself */
};

/* A turn that a place asks for, takes or gives back: see situation_turn. */
struct rollout_turn {
	const char *scope;	   /* borrowed */
	struct digest certificate; /* zero: to disable LDAPS */
	struct rollout_place place;
	int64_t overlap;  /* how long the first must have been Ready, seconds */
	int64_t interval; /* length of a window, seconds */
	int64_t now;
};

/* Why not. */
struct rollout_wait {
	/* Who went first, for people; borrowed from the record. NULL: nobody did, but the window is
	 * full, or there is no room for another roll-out. */
	const char *first;
	int64_t ready_since; /* of it; 0: it is not Ready */
	int64_t until;	     /* nothing changes before; 0: nobody can tell */
};

/* Whether the place may take this turn. If not, *ret_wait says why (else untouched). */
bool rollouts_allow(const struct rollouts *rollouts, const struct rollout_turn *turn,
	struct rollout_wait *ret_wait);

/*
 * Takes a turn that is allowed: to be kept with the intent of the step. 0, -ERROR_MEMORY, or
 * -ERROR_LIMIT (ROLLOUTS_MAX, or a text that is too long); nothing has changed then.
 */
int rollouts_take(struct rollouts *rollouts, const struct rollout_turn *turn);
/* Gives back the very turn that was taken: the step was surely not executed. Being Ready begins
 * anew nevertheless. */
void rollouts_give_back(struct rollouts *rollouts, const struct rollout_turn *turn);

/* The record; NULL if there is none. */
struct rollout *rollouts_find(
	const struct rollouts *rollouts, const char *scope, const struct digest *certificate);
/* Whether this place went first in it. */
bool rollout_led_by(const struct rollout *rollout, const struct rollout_place *place);
/* Whether the first has been seen Ready for `overlap` without a break. */
bool rollout_proven(const struct rollout *rollout, int64_t overlap);

/* Whether it counts no more (ROLLOUT_FORGET_AFTER). */
bool rollout_forgotten(const struct rollout *rollout, int64_t now);

/* A look at the first of it: Ready at `now`, or not. */
void rollouts_see(struct rollouts *rollouts, struct rollout *rollout, bool ready, int64_t now);
/* The first is none any more: another one will go first. */
void rollouts_vacate(struct rollouts *rollouts, struct rollout *rollout);
/* The place waits for this turn: its roll-out is not to be forgotten. */
void rollouts_await(struct rollouts *rollouts, const struct rollout_turn *turn);

/* Takes a fleet over: a first that is not in it is none any more, unless it is one that no selector
 * had before either, and there still are selectors. */
void rollouts_adopt_fleet(struct rollouts *rollouts, const struct fleet *fleet);
/*
 * Takes over what selectors pick now, at `now`, the API's UTC seconds. One reply may err, and a tag
 * be written anew: a first that none has any more is one until it was away for `patience`
 * seconds, also across restarts. To be called again until then.
 */
void rollouts_adopt_selection(
	struct rollouts *rollouts, const struct fleet *fleet, int64_t now, int64_t patience);

/* Frees what it owns; accepts NULL and all-zero; leaves all-zero. */
void rollouts_done(struct rollouts *rollouts);
/* A deep copy into *ret_copy. 0 or -ERROR_MEMORY. */
int rollouts_copy(const struct rollouts *rollouts, struct rollouts *ret_copy);
/* Adds a record as it is, for what was kept: its text is made. 0, -ERROR_MEMORY or -ERROR_LIMIT. */
int rollouts_add(struct rollouts *rollouts, const struct rollout *rollout);
