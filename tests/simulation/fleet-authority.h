/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* CAs as their administrators run them: certificates, renewals, and what lies in the file. */

#include "fleet-world.h"

/* A new certificate of `ca` (-1: of nobody in the fleet), signed by whoever signs now, not in the
 * file yet. Its number; -1 when the world has no more room. */
int authority_issue(
	struct world *world, int ca, enum paper_kind kind, bool new_key, int64_t not_after);
/* A CA that begins `age` seconds ago with the first generation, in the file. */
void authority_begin(struct world *world, int ca, int64_t age);
/* Whether the file holds another one that the API shows alike. */
bool authority_has_twin(const struct world *world, int paper);
/* Puts a certificate into the file or takes it out. False if that leaves an authority empty. */
bool authority_file(struct world *world, int paper, bool in_file);
/* Plans the renewal of what `ca` signs with. */
void authority_plan(struct world *world, int ca);
/* A timely renewal that is in the file and signs at once, for a calm world. */
void authority_renew_now(struct world *world, int ca, int64_t left);

static inline const struct certificate *certificate_of(const struct world *world, int paper)
{
	return &world->papers[paper].certificate;
}

static inline int64_t paper_left(const struct world *world, int paper)
{
	return world->papers[paper].certificate.not_after - world->now;
}
