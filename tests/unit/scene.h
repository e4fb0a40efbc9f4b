/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One directory in one Region for tests of the core: what is wanted, seen and remembered, as plain
 * values that a case changes. Begins converged: an authority "corp-root" with one certificate,
 * which is registered by us, trusted and Enabled.
 */

#include "core/situation.h"

/* 2027-01-01T00:00:00Z. */
#define SCENE_NOW INT64_C(1798761600)
#define SCENE_DAY INT64_C(86400)

#define SCENE_CERTIFICATES 8
#define SCENE_AUTHORITIES  4

struct scene {
	struct certificate certificates[SCENE_CERTIFICATES];
	struct authority authorities[SCENE_AUTHORITIES];
	const struct certificate *generations[SCENE_AUTHORITIES][SCENE_CERTIFICATES];
	const struct authority *trust[SCENE_AUTHORITIES];
	struct approval approvals[1];
	struct directory directory;
	struct observed observed; /* owned */
	struct memory memory;	  /* owned */
	struct proof proof;
	struct proof_removal removals[1];
	struct situation situation;
	struct rollout rollout;	  /* of `rollouts` */
	struct rollouts rollouts; /* of the situation, once scene_follow was called */
};

/* Certificates of a scene: self-signed roots of their own names, ten years left. */
enum {
	SCENE_ROOT,
	SCENE_ISSUING, /* signed by SCENE_ROOT, eight years left */
	SCENE_OTHER,
	SCENE_TWIN,   /* looks like SCENE_OTHER to the API */
	SCENE_SHORT,  /* 60 days left */
	SCENE_ENDED,  /* expired two days ago */
	SCENE_COMING, /* valid from tomorrow */
	SCENE_CROSS,  /* a self-issued cross-certificate */
};

/* Ids of the entries of certificates: "c-0000000000" and so on. */
const char *scene_id(int certificate);

void scene_init(struct scene *scene);
void scene_done(struct scene *scene);

/* Trusts one more certificate, in an authority of its own that is named after it. */
void scene_trust(struct scene *scene, int certificate);
/* Trusts nothing any more; what is owned stays recorded under its authority. */
void scene_distrust(struct scene *scene);
/* Lists an entry of the certificate in this state. */
struct listed *scene_list(struct scene *scene, int certificate, enum certificate_state state);
/* Remembers that the entry was listed under this authority. */
void scene_record(struct memory_certificate *owned, const char *authority);
/* Lists it as Registered, by us, under the authority that trusts it or else under one named
 * "former". */
struct memory_certificate *scene_own(struct scene *scene, int certificate);
/* Makes it removable as dropped, for four days already. Returns it. */
struct memory_certificate *scene_dropped(struct memory_certificate *owned);
/* Makes SCENE_OTHER the generation after SCENE_ROOT in its authority: same name, five years more.
 */
void scene_generation(struct scene *scene);
/* The same, Registered by us: its record. */
struct memory_certificate *scene_succeed(struct scene *scene);
/* The settings list says this. */
void scene_ldaps(struct scene *scene, enum ldaps_status status);

/* What decide tells of the scene. */
bool scene_tells(const struct scene *scene, enum reason reason);

/* Another directory went first with SCENE_OTHER under "former", Ready since then (0: it is not). */
void scene_follow(struct scene *scene, int64_t ready_since);
