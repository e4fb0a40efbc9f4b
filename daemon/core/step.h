/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one thing to do next for one directory in one Region, and the conditions that explain it:
 * codes with arguments, which core/explain turns into words (design 4.1).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/certificate.h"
#include "core/reason.h"
#include "core/vocabulary.h"

/* N4: a write is sent at most this long after the oldest reply that it rests on. Seconds. */
#define STEP_VIEW_MAX 60
/* Conditions of one directory: each of 5 slots and 16 authorities can have a few. */
#define DECISION_CONDITIONS_MAX 96

enum step_kind {
	STEP_OBSERVE,	 /* look first: nothing is known */
	STEP_REGISTER,	 /* `certificate` */
	STEP_DEREGISTER, /* `id`, which is `certificate` */
	STEP_ENABLE,
	STEP_DISABLE,
	STEP_WAIT,    /* until `until`, for `reason`, then look again */
	STEP_SETTLED, /* nothing to do until `until` */
	STEP_HELD, /* something is wrong that only a change elsewhere mends; look again at `until`
		    */
	STEPS,
};

struct step {
	enum step_kind kind;
	enum reason reason;		       /* why, or what is waited for */
	const struct certificate *certificate; /* borrowed from the store; NULL if not about one */
	const char *authority; /* for register: that lists it; borrowed from the fleet; else NULL */
	char id[SERVICE_ID_SIZE]; /* "" if not about an entry */
	int64_t until;		  /* for wait, settled and held: API time of the next look */
	int64_t deadline; /* for writes: not sent after this, on the clock of observed.arrived (N4)
			   */
	int64_t reversible_until; /* for deregister: until when it can be undone; 0: irreversible */
};

/* One thing to be told about a directory. */
struct condition {
	enum reason reason;
	const struct certificate *certificate; /* borrowed; NULL if not about a known one */
	char id[SERVICE_ID_SIZE];	       /* "" if not about an entry */
	int64_t at;			       /* the instant the sentence speaks of; 0: none */
	int64_t number;			       /* the number the sentence speaks of */
	int64_t days;  /* that are left of `certificate`, rounded down; where the sentence tells */
	int64_t level; /* the threshold that is crossed, in days before the end; 0: none */
	bool news;     /* it is to be told now (core/announce) */
	enum refusal refusal; /* the API's code, where it is its answer */
	const char *detail; /* borrowed from the situation (a name, the API's reason); NULL: none */
	const char *expected; /* borrowed; what the file says instead of `detail`; NULL: nothing */
	enum step_kind holds; /* the write that it holds back; STEP_OBSERVE: none */
	int64_t reversible_until; /* of a deregister that is held back; 0: irreversible */
};

struct decision {
	struct step step;
	struct condition conditions[DECISION_CONDITIONS_MAX]; /* in order of the walk */
	size_t conditions_count;
};

/* How much the condition matters: as its reason does or, with a level, as its threshold does. */
enum severity condition_severity(const struct condition *condition);

/* "register", "deregister", ... Static, never NULL. */
const char *step_kind_str(enum step_kind kind);
/* The operation that a write step calls; OPERATION_UNKNOWN for the others. */
enum operation step_operation(enum step_kind kind);
bool step_writes(const struct step *step);

/* Adds a condition; beyond DECISION_CONDITIONS_MAX a note is dropped, as a person has read enough
 * by then, and the last note gives way to what is none: a hundred slots hide no alarm. */
void decision_tell(struct decision *decision, const struct condition *condition);
/* Copies what there is of it, not the room for more: a decision is large, and most have few
 * conditions. */
void decision_copy(const struct decision *decision, struct decision *ret_copy);
