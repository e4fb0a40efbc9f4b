/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The small world of the exhaustive exploration (design 6.2): one directory in the model, the
 * memory as the ledger holds it, the file, the clock, and what the invariants keep of the past. One
 * value with arrays inside, so that it is copied by assignment; `world_pack` makes of it a short
 * text of bytes that is the same for worlds that cannot be told apart from now on:
 *
 *   time           every instant is kept as its distance from now; one that lies further back than
 *                  anything asks for is kept as just that far
 *   identity       entries are renumbered in the order of their ids
 *   what only is told (the API's codes, when something was first seen) is left out
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fleet.h"
#include "core/memory.h"
#include "core/model.h"
#include "core/proof.h"
#include "core/situation.h"

/* Every world is unpacked at this instant. */
#define WORLD_NOW INT64_C(2000000000)
/* More entries, or owned ones, than any run of the budgets makes; beyond it a world is not entered.
 */
#define WORLD_ENTRIES 10
/* Longest packed world. Bytes. */
#define WORLD_PACKED_MAX 1024
/* Between passes: a day, so that few looks fit into the waits. Seconds. */
#define WORLD_INTERVAL (INT64_C(24) * 3600)
/* `grace` of the file: two looks. Seconds. */
#define WORLD_GRACE (INT64_C(2) * 86400)
/* The other waits of the file, at their defaults. Seconds. */
#define WORLD_OVERLAP  (INT64_C(24) * 3600)
#define WORLD_REENABLE (INT64_C(3600))
/* A request sent by a clock that is 15 min ahead is accepted this long after. Seconds. */
#define WORLD_LATE_MAX (INT64_C(30) * 60)
/* What AWS accepted without showing it ends within this time (assumed). Seconds. */
#define WORLD_DISABLE_MAX (INT64_C(60) * 60)
/* `retire: after` of the file: a day more than grace; and `rotate_before`. Seconds. */
#define WORLD_AFTER	    (INT64_C(3) * 86400)
#define WORLD_ROTATE_BEFORE (INT64_C(100) * 86400)
/* A certificate that does not age. Seconds. */
#define WORLD_LONG (INT64_C(4000) * 86400)

/* Two generations of the root, the issuing CA (or the second root), and one that is in no file. */
enum who {
	A1,
	A2,
	B,
	F,
	CERTIFICATES
};
enum {
	ROOT,
	ISSUING,
	AUTHORITIES
};

/* Bits of struct file, trust. */
enum {
	TRUST_ROOT = 1,
	TRUST_ISSUING = 2,
	TRUST_UNSAID = 4, /* nothing is trusted, and nobody said none: no file can say so */
};
/* Bits of struct file, approve. */
enum {
	APPROVE_A1 = 1,
	APPROVE_DISABLE = 2,
};

struct file {
	uint8_t policy;
	uint8_t client_ldaps;
	uint8_t adopt;
	uint8_t trust;	  /* TRUST_ bits; 0: the word none */
	uint8_t vanished; /* bit of each certificate whose PEM is gone */
	uint8_t approve;  /* APPROVE_ bits */
	uint8_t retire;	  /* enum retire of the root; of the other authority too */
	bool wrong_name;
	bool absent; /* the directory is not in the file */
};

/* What an entry's `mark` says. */
enum {
	MARK_OURS = 1,	/* our RegisterCertificate made it, and the ledger could know */
	MARK_CLAIM = 2, /* could be taken for ours: adopted, or it looks like what a lost reply left
			 */
};

/* How the service answers writes until it changes its mind. */
enum mood {
	MOOD_GOOD,
	MOOD_REFUSES,	/* DirectoryUnavailableException */
	MOOD_THROTTLES, /* ThrottlingException */
	MOOD_LOSES,	/* the request is lost */
	MOOD_DEAF,	/* the reply is lost */
	MOOD_FAILS,	/* accepted, and then it fails */
	MOODS,
};

/* What a write was sent for, to count it. */
enum target {
	TARGET_REGISTER,		  /* + certificate */
	TARGET_DEREGISTER = CERTIFICATES, /* + certificate */
	TARGET_ENABLE = TARGET_DEREGISTER + CERTIFICATES,
	TARGET_DISABLE,
	TARGETS,
};
/* Sends of one target that are remembered: the fourth within a day is one too many (N11). */
#define SENDS_MAX 3

/* What the invariants keep of the call log; changed by invariants.c alone. Instants; 0: not. */
struct past {
	int64_t disable_wished;	       /* since this look the file asks for LDAPS to be off */
	int64_t dropped[CERTIFICATES]; /* since this look its authority is out of trust */
	int64_t live;		       /* since then A2 is Registered in truth */
	int64_t superseded;    /* since this look A2 had been so for `overlap`, and nothing else
				* hindered
				*/
	int64_t said_disabled; /* since this look every one said an explicit Disabled */
	int64_t elsewhere;     /* first look that said Disabled after Enabled without us */
	int64_t busy;	       /* since this look every one showed something in flight */
	int64_t disabling;     /* our DisableLDAPS was accepted and has not ended */
	int64_t sends[TARGETS][SENDS_MAX]; /* without success since; 0 at the end */
	uint8_t shown[CERTIFICATES];	   /* entries of ours that the last look showed live */
	bool removed[CERTIFICATES];	   /* a DeregisterCertificate of ours was sent since */
	bool shown_enabled;		   /* the last look that was clear said Enabled */
	bool disable_sent;		   /* a DisableLDAPS of ours was sent since */
	bool retired;			   /* A1 went as superseded, and A2 was there ever since */
	bool contradictory;		   /* the last look contradicted itself or the one before */
};

/* A request that is under way in the network, its sender gone. */
struct late {
	bool there;
	bool ours; /* the ledger can know of it */
	enum step_kind kind;
	enum who who;
	char id[SERVICE_ID_SIZE];
	int64_t sent;
};

struct world {
	int64_t now;
	int64_t left[CERTIFICATES]; /* not_after less now, when unpacked */
	struct model_directory directory;
	struct model_certificate entries[WORLD_ENTRIES];
	struct memory memory;
	struct memory_certificate owned[WORLD_ENTRIES];
	struct memory_wish wishes[WORLD_ENTRIES];
	struct file file;
	struct past past;
	struct late late;
	enum mood mood;
	uint8_t skew; /* 0: none, 1: the most that is allowed, 2: a second more */
	bool impaired;
	bool out_of_turn;
	enum verdict probed;  /* proof.registered */
	enum verdict without; /* proof of removing A1 */
	bool due;	      /* time has passed, and the daemon has not looked since */
};

/* A fleet's part for this file; borrows from itself, so it may not be copied. */
struct wish {
	struct directory directory;
	struct authority authorities[AUTHORITIES];
	const struct certificate *lists[AUTHORITIES][CERTIFICATES];
	const struct authority *trust[AUTHORITIES];
	struct approval approvals[2];
	struct proof proof;
	struct proof_removal removal;
};

/* An entry that is there when a world begins. */
struct beginning {
	enum who who;
	enum certificate_type type;
	enum certificate_state state;
};

/* Families of events, to be left out of a world that must stay small. */
enum family {
	FAMILY_CRASH = 1,   /* crashes between and around commits and calls */
	FAMILY_LOST = 2,    /* lost and late requests and replies, stale steps */
	FAMILY_REFUSE = 4,  /* refusals that no state of the model explains */
	FAMILY_FOREIGN = 8, /* other people's calls */
	FAMILY_EDIT = 16,
	FAMILY_LOOK = 32, /* looks that lie */
	FAMILY_MOOD = 64,
	FAMILY_REST = 128, /* ledger, clock, stage, proof, turn */
	FAMILY_ALL = 255,
};

/* One small world: how it begins, what the service is like, what may happen. */
struct setting {
	const char *name, *sentence;
	bool unprotected;	    /* every protective refusal of the service is off */
	uint8_t answer;		    /* to every open point that has so many; else its last one */
	bool same_key;		    /* A2 has A1's key */
	bool at_threshold;	    /* and is registered only WORLD_ROTATE_BEFORE A1's end */
	bool second_root;	    /* B is a root of its own, not issued by A1's key */
	uint8_t left_out;	    /* bits of certificates that no file lists */
	uint8_t mortal;		    /* bits of certificates that age */
	int64_t days[CERTIFICATES]; /* that the mortal ones have left at the beginning */
	unsigned limit;		    /* slots, told to both sides; 0: the quota */
	struct file file;
	struct beginning beginning[4];
	size_t beginning_count;
	bool enabled;	 /* LDAPS is on at the beginning */
	unsigned budget; /* disturbances of one run; BUDGET_NONE: any number */
	unsigned families;
};
#define BUDGET_NONE 200

extern const struct setting settings[];
extern const size_t settings_count;

/* Makes the certificates of `setting`; a process explores one at a time. */
void world_use(const struct setting *setting);
const struct setting *world_setting(void);
const struct model_options *world_options(void);
const struct certificate *world_certificate(enum who who);
/* Which one; CERTIFICATES if none of them. */
enum who world_who(const struct certificate *certificate);
const char *world_name(enum who who);
const char *world_authority(int authority);
/* Whether both generations of the root are in files. */
bool world_rotates(void);
/* Whether it ages. */
bool world_mortal(enum who who);

void world_begin(struct world *ret_world);
void world_copy(const struct world *world, struct world *ret_copy);
/* Whether the arrays have room for whatever one event adds. */
bool world_has_room(const struct world *world);
/* Gives the length; `ret_bytes` has room for WORLD_PACKED_MAX. */
size_t world_pack(const struct world *world, uint8_t *ret_bytes);
void world_unpack(const uint8_t *bytes, struct world *ret_world);

void world_wish(const struct world *world, struct wish *ret_wish);
/* `wish` and `observed` are borrowed; the situation's memory is the world's. */
void world_situation(const struct world *world, const struct wish *wish,
	const struct observed *observed, struct situation *ret_situation);

/* The id of this number as the model writes it ("c-0000000001"), and back; 0 for "": millions a
 * second, so without printf. */
void world_id(unsigned number, char ret_id[static SERVICE_ID_SIZE]);
unsigned world_number(const char *id);

/* What pack.c makes a world of: an empty one, the certificates' dates from `left`, an entry. */
void world_blank(struct world *ret_world);
void world_set_dates(const struct world *world);
struct model_certificate *world_add_entry(
	struct world *world, enum who who, enum certificate_type type, unsigned number);
/* What a certificate has left, of which only the way to the next boundary counts. */
int64_t world_clamp_left(enum who who, int64_t left);
/* Whether a wait runs that a long absence of looks would break. */
bool world_waits(const struct world *world);

/* How far the next boundary of any wait or certificate is; 0 if there is none. */
int64_t world_next(const struct world *world);
/* Time passes. */
void world_advance(struct world *world, int64_t seconds);
