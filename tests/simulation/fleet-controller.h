/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Domain controllers: when a certificate of theirs verifies against a set of registered CA
 * certificates (the table of OpenSSL's answers: key match; a leaf that names its issuer with the
 * serial number wants that very certificate; an issuing CA wants its root beside it unless partial
 * chains are accepted), and what somebody who probes them can know.
 */

#include "fleet-world.h"

/* Registered certificates, each once. */
struct set {
	int papers[SET_MAX];
	int count;
};

/* What is Registered as ClientLDAPS; `without` is left out ("" for nothing). */
void set_of(const struct world *world, const struct target *target, const char *without,
	struct set *ret_set);
/* Whether the certificate that the controller shows verifies now. */
bool controller_verifies(
	const struct world *world, const struct controller *controller, const struct set *set);

/* Gives a controller a certificate of what its CA signs with now, and plans its renewal. */
void controller_enrol(struct world *world, struct seat *seat, int index);
/* The CA that the controllers of a seat enrol with: an issuing one that it trusts, or a root. -1 if
 * it trusts none. */
int controller_draw_ca(struct world *world, const struct seat *seat);
/* All of them enrol anew within `within` seconds, for a calm world. */
void controllers_hurry(struct world *world, int64_t within);

/* Looks at all controllers of the target's directory: world's truth, silence and noise into
 * target->probe.proof. To be called before each decision. */
void probe_look(struct world *world, struct target *target);
/* When a proof that is under way will be complete; MODEL_NEVER if none is. */
int64_t probe_next(const struct world *world, const struct target *target);
