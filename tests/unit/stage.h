/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A situation in a few words, the stage of test-decide, test-guard and test-learn: one
 * directory, a root and the generation after it, the issuing CA that it signed, another root, and
 * one that nobody trusts.
 */

#include "core/situation.h"
#include "core/step.h"

#define NOW INT64_C(1800000000)
#define DAY INT64_C(86400)

/* The certificates of every scene. Entry n of a scene has the id c-000000000n, from 1. */
enum scene_who {
	ROOT,
	ISSUING,
	OTHER,
	STRANGER,
	NEXT, /* the generation after ROOT; of its authority only where `next` says so */
	SCENE_CERTIFICATES
};
/* Bits of scene.trust: an authority of its own for each certificate. */
enum {
	TRUST_ROOT = 1,
	TRUST_ISSUING = 2,
	TRUST_OTHER = 4
};

struct scene_entry {
	enum scene_who who;
	enum certificate_state state; /* UNKNOWN ends the list */
	bool foreign;
	enum certificate_type type; /* UNKNOWN: ClientLDAPS */
};

struct scene {
	struct scene_entry entries[5];
	unsigned trust;
	bool unsaid; /* nothing is trusted, without the word none */
	enum policy policy;
	enum client_ldaps client_ldaps;
	bool adopt_never;
	enum ldaps_status ldaps;	  /* UNKNOWN: an empty settings list */
	int64_t left[SCENE_CERTIFICATES]; /* seconds; 0: ten years, NEXT twenty */
	bool next, same_key;		  /* NEXT is in the file; with the key of ROOT */
	int next_made;			  /* NEXT's notBefore less that of ROOT */
	struct rotation rotation;	  /* of every authority; no overlap: the default */
	int64_t overlapped;		  /* how long NEXT has been Registered; 0: 100 days */
	enum leaving leaving;		  /* what `removable` counts for; NOT: dropped */
	unsigned limit;			  /* 0: five */
	/* how long ago, in seconds; 0: not */
	int64_t busy, disable_wished, disabled, disabled_elsewhere, removable, looked;
	bool incomplete, impaired, wrong_name, vanished, out_of_turn, was_enabled;
	bool approve_root, approve_disable;
	int64_t skew;
	struct memory_change change; /* `certificate` is set by change_of */
	enum verdict registered, without_root;
};

/* What a scene is made into; holds what the situation borrows. */
struct stage {
	struct situation situation;
	struct directory directory;
	struct authority authorities[SCENE_CERTIFICATES];
	const struct certificate *lists[SCENE_CERTIFICATES];
	const struct certificate *roots[2];
	const struct authority *trust[SCENE_CERTIFICATES];
	struct approval approvals[2];
	struct observed observed;
	struct listed listed[5];
	struct memory memory;
	struct proof proof;
	struct proof_removal removal;
	struct rollout elsewhere[SCENE_CERTIFICATES + 1]; /* of each authority, and of disabling */
	struct rollouts rollouts;
};

void stage_set(struct stage *stage, const struct scene *scene);
void stage_done(struct stage *stage);
const struct certificate *scene_certificate(enum scene_who who);
