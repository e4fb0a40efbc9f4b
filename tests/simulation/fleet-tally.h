/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What was lived through, counted: of one seed, and of all together. */

#include "fleet-happening.h"
#include "fleet-world.h"

/* Why a controller may stop verifying by a write of ours (N13). */
enum exception {
	EXCEPTION_AFTER,    /* the administrator's word instead of proof */
	EXCEPTION_DROPPED,  /* its authority was taken out of trust */
	EXCEPTION_APPROVED, /* the removal was approved */
	EXCEPTION_OFF,	    /* LDAPS was off, and settled so */
	EXCEPTION_TWIN,	    /* it was taken for one that the API shows alike */
	EXCEPTIONS,
};

struct tally {
	uint64_t seeds, directories, targets;
	double years;			   /* of directories, each Region apart */
	uint64_t passes, skipped, checked; /* executed, left out, executed to check the claim */
	uint64_t steps[STEPS];
	uint64_t writes[STEPS];
	uint64_t retired[RETIRE_MANUAL + 1]; /* removals of superseded ones by setting */
	uint64_t kept_by_hand;		     /* superseded at the end, under retire: manual */
	uint64_t exceptions[EXCEPTIONS];
	uint64_t endings[ENDINGS];
	uint64_t held[REASONS], waited[REASONS]; /* how targets ended, by reason */
	uint64_t released[REASONS];		 /* blocking facts taken away, the reason gone */
	uint64_t happenings[HAPPENINGS];
	uint64_t crashes[CRASHES];
	double seconds; /* of one core */
};

/* Adds `part` to `sum`. */
void tally_add(struct tally *sum, const struct tally *part);
/* Prints all of it. */
void tally_print(const struct tally *tally);
/* Whether everything was reached that a full run must reach; prints what was not. */
bool tally_complete(const struct tally *tally);
