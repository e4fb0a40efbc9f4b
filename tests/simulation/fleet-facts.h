/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Plain facts of the raw large world and of what was shown, for the invariants alone. */

#include <string.h>

#include "core/observed.h"
#include "fleet-authority.h"
#include "fleet-world.h"
#include "shown.h"

static inline const struct model_certificate *entry_of(const struct target *target, const char *id)
{
	for (size_t i = 0; i < target->model.count; i++)
		if (memcmp(target->model.certificates[i].id, id, SERVICE_ID_SIZE) == 0)
			return &target->model.certificates[i];
	return NULL;
}

static inline bool trusts(const struct settings *file, int ca)
{
	return ca >= 0 && (file->trusts >> ca & 1) != 0;
}

static inline bool listed_in(const struct world *world, const struct settings *file, int paper)
{
	return world->papers[paper].in_file && trusts(file, world->papers[paper].ca);
}

static inline bool approved(const struct world *world, const struct seat *seat, int paper)
{
	for (size_t i = 0; i < seat->approvals_count; i++) {
		const struct approval *approval = &seat->approvals[i];

		if (!approval->disable && (approval->until == 0 || world->now < approval->until) &&
			memcmp(&approval->certificate, &certificate_of(world, paper)->sha256,
				sizeof(struct digest)) == 0)
			return true;
	}
	return false;
}

static inline bool approved_disable(const struct world *world, const struct seat *seat)
{
	for (size_t i = 0; i < seat->approvals_count; i++)
		if (seat->approvals[i].disable &&
			(seat->approvals[i].until == 0 || world->now < seat->approvals[i].until))
			return true;
	return false;
}

static inline bool is_off(const struct target *target)
{
	return target->model.ldaps != LDAPS_STATUS_ENABLED &&
	       target->model.ldaps != LDAPS_STATUS_ENABLING;
}

static inline bool key_equal(const struct digest *a, const struct digest *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* Whether `newer` is a later generation of the line of `older`, as 4.2 says it. */
static inline bool later_generation(const struct world *world, int older, int newer)
{
	const struct certificate *a = certificate_of(world, older),
				 *b = certificate_of(world, newer);
	bool numbered = a->version_certificate >= 0 && b->version_certificate >= 0 &&
			a->version_certificate != b->version_certificate;

	return world->papers[older].ca >= 0 && world->papers[older].ca == world->papers[newer].ca &&
	       key_equal(&a->subject, &b->subject) && (a->self_signed || !a->self_issued) &&
	       (b->self_signed || !b->self_issued) && b->not_after > a->not_after &&
	       (!numbered || b->version_certificate > a->version_certificate);
}

/* ---- matching, as 5.3 says it ---- */

static inline bool looks_like(const struct world *world, int paper, const struct listed *listed)
{
	const struct certificate *certificate = certificate_of(world, paper);
	int64_t apart = listed->expiry - certificate->not_after;

	return listed->type == CERTIFICATE_TYPE_CLIENT_LDAPS && apart > -2 && apart < 2 &&
	       strcmp(listed->common_name, certificate->common_name) == 0;
}

/* How many entries of the listing, other than failed ones, look like it. */
static inline int entries_like(const struct world *world, const struct observed *shown, int paper)
{
	int count = 0;

	for (size_t i = 0; i < shown->listed_count; i++)
		count += looks_like(world, paper, &shown->listed[i]) &&
			 shown->listed[i].state != CERTIFICATE_STATE_DEREGISTERED &&
			 shown->listed[i].state != CERTIFICATE_STATE_REGISTER_FAILED;
	return count;
}

/* Whether the API shows the two alike, so that nobody can tell which of them is registered. */
static inline bool alike(const struct world *world, int paper, int other)
{
	const struct certificate *a = certificate_of(world, paper),
				 *b = certificate_of(world, other);
	int64_t apart = a->not_after - b->not_after;

	return apart > -2 && apart < 2 && strcmp(a->common_name, b->common_name) == 0;
}

/* Another certificate in the file that the API shows alike. */
static inline bool has_twin(const struct world *world, const struct settings *file, int paper)
{
	for (int i = 0; i < world->papers_count; i++)
		if (i != paper && listed_in(world, file, i) && alike(world, i, paper))
			return true;
	return false;
}

/* The value that the daemon was given of somebody's probe. */
static inline enum verdict probed_without(
	const struct world *world, const struct target *target, int paper)
{
	const struct proof *proof = &target->probe.proof;

	for (size_t i = 0; i < proof->removals_count; i++)
		if (key_equal(
			    &proof->removals[i].certificate, &certificate_of(world, paper)->sha256))
			return proof->removals[i].without;
	return VERDICT_UNKNOWN;
}
