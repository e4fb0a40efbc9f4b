/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One write as the invariants of the large world look at it; for their sources alone. */

#include "fleet-authority.h"
#include "fleet-invariants.h"

/* What the checks of one write look at. */
struct write {
	struct world *world;
	const struct target *target;
	const struct seat *seat;
	const struct settings *file;
	const struct past *past;
	const struct looking *looking;
	const struct step *step;
	const struct model_certificate *entry; /* in the raw world; NULL if it names none */
	int paper;			       /* in truth; -1 if it is about none */
	int taken_for; /* what the daemon takes it for: the API shows twins alike */
	bool cuts;     /* it removes or disables */
	bool trusted;  /* a removal that can take trust away: not of a failed registration */
};

/* What a certificate has left. Seconds. */
static inline int64_t write_left(const struct write *write, int paper)
{
	return paper_left(write->world, paper);
}

/* A Registered certificate of the authority that ends after now; `without` is left out. */
bool write_covered(const struct write *write, int ca, const struct model_certificate *without);
/* What a removal breaks; NULL: nothing. */
const char *write_check_removal(const struct write *write);
