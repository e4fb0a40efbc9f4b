/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Plain facts of the raw world and of what was shown, for the invariants alone. */

#include <string.h>

#include "core/observed.h"
#include "core/step.h"
#include "shown.h"
#include "world.h"

#define DAYS(n) (INT64_C(86400) * (n))

/* ---- facts of the raw world ---- */

static inline const struct model_certificate *entry_of(const struct world *world, const char *id)
{
	for (size_t i = 0; i < world->directory.count; i++)
		if (memcmp(world->entries[i].id, id, SERVICE_ID_SIZE) == 0)
			return &world->entries[i];
	return NULL;
}

static inline int64_t left(const struct world *world, enum who who)
{
	return world_certificate(who)->not_after - world->now;
}

/* Which authority has the certificate; AUTHORITIES for the foreign one. */
static inline int authority_of(enum who who)
{
	return who == F ? AUTHORITIES : who == B ? ISSUING : ROOT;
}

static inline bool trusts(const struct file *file, int authority)
{
	return authority != AUTHORITIES && (file->trust >> authority & 1) != 0;
}

static inline bool in_file(enum who who)
{
	return who != F && !(world_setting()->left_out >> who & 1);
}

static inline bool listed_in(const struct file *file, enum who who)
{
	return in_file(who) && trusts(file, authority_of(who)) && !(file->vanished >> who & 1);
}

static inline bool approved(const struct file *file, enum who who)
{
	return who == A1 && (file->approve & APPROVE_A1);
}

static inline bool off(const struct world *world)
{
	return world->directory.ldaps != LDAPS_STATUS_ENABLED &&
	       world->directory.ldaps != LDAPS_STATUS_ENABLING;
}

static inline unsigned slots(void)
{
	return world_setting()->limit ? world_setting()->limit : 5;
}

/* ---- matching, as 5.3 says it ---- */

static inline bool looks_like(enum who who, const struct listed *listed)
{
	const struct certificate *certificate = world_certificate(who);
	int64_t apart = listed->expiry - certificate->not_after;

	return listed->type == CERTIFICATE_TYPE_CLIENT_LDAPS && apart > -2 && apart < 2 &&
	       strcmp(listed->common_name, certificate->common_name) == 0;
}

/* How many entries of the listing, other than failed ones, look like it. */
static inline int entries_like(const struct observed *shown, enum who who)
{
	int count = 0;

	for (size_t i = 0; i < shown->listed_count; i++)
		count += looks_like(who, &shown->listed[i]) &&
			 shown->listed[i].state != CERTIFICATE_STATE_DEREGISTERED &&
			 shown->listed[i].state != CERTIFICATE_STATE_REGISTER_FAILED;
	return count;
}

static inline enum target target_of(const struct step *step, enum who who)
{
	switch (step->kind) {
	case STEP_REGISTER:
		return (enum target)(TARGET_REGISTER + (int)who);
	case STEP_DEREGISTER:
		return (enum target)(TARGET_DEREGISTER + (int)who);
	case STEP_ENABLE:
		return TARGET_ENABLE;
	default:
		return TARGET_DISABLE;
	}
}
