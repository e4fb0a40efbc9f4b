/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the file alone lets one presume of a directory in one Region, for a forecast without the
 * API: that it is Active and converged long ago. Every certificate that it trusts and that is valid
 * now is Registered and ours, the newest generation of each authority first, as far as
 * `certificate_limit` goes; also one that could not be registered any more. LDAPS is as the file
 * wants it; where the file leaves it out it is on, as that is what can break.
 *
 * Never a base for a write: nothing here was seen.
 */

#include "core/fleet.h"
#include "core/memory.h"
#include "core/observed.h"
#include "core/proof.h"
#include "core/situation.h"

/* How long everything is taken to have been as it is, unless a certificate is younger: longer than
 * any waiting time of a file that is meant to end. Seconds. */
#define PRESUMPTION_AGE (INT64_C(3650) * 86400)

/* Not to be moved: its situation points into it. */
struct presumption {
	struct situation situation; /* its memory has learnt its look */
	struct observed observed;   /* owned */
	struct memory memory;	    /* owned */
	struct proof proof;	    /* knows nothing */
};

/*
 * Presumes at `now`, with this many seconds between passes. 0, to be released with presumption_done
 * before `wanted` goes, or -ERROR_MEMORY with nothing to release.
 */
int presumption_make(const struct directory *wanted, int64_t interval, int64_t now,
	struct presumption *ret_presumption);
/* Frees what it owns. */
void presumption_done(struct presumption *presumption);
