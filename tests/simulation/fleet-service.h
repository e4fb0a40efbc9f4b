/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The service as its callers meet it: what a write does to the model, and how reads are answered.
 */

#include "fleet-world.h"

/* How one write of ours goes. */
struct answer {
	bool arrives;		   /* the service gets it and does what it does */
	bool told;		   /* its reply comes back */
	bool hangs;		   /* it does not arrive now, but later */
	enum refusal refusal;	   /* the service refuses with this, whatever its state */
	enum outcome_kind told_as; /* of that refusal */
	int64_t slow;		   /* seconds between the intent and the sending */
};

/* Throws for the answer to the next write of the target. */
struct answer service_answer(struct world *world, const struct target *target);
/* Does what is asked; how long it takes and how it ends is thrown. Gives a new entry's id and
 * marks it. */
enum refusal service_execute(struct world *world, struct target *target, enum step_kind kind,
	int paper, const char *id, uint32_t mark, char ret_id[static SERVICE_ID_SIZE]);
/* Spoils what was read, as moods and lies ask; true if the look arrived as it is. */
void service_distort(struct world *world, struct target *target, struct observed *observed);
/* A request of ours hangs in the network. */
void service_hang(struct world *world, struct target *target, const struct step *step);
