/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The large world of the simulation (design 6.3): a fleet of directories in several accounts and
 * Regions, the CAs behind them, their domain controllers, the file, the daemon and its clock. A
 * seed makes it (fleet-make.c); time goes from one thing that happens to the next.
 *
 *   paper    one certificate that ever exists; everything else borrows from it
 *   seat     one directory of the file, the same in all its Regions, with its controllers
 *   target   one directory in one Region: what is managed, a world of its own
 *   lane     one account in one Region, as the requests to it share their fate
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fleet.h"
#include "core/guard.h"
#include "core/memory.h"
#include "core/model.h"
#include "core/proof.h"
#include "core/rollout.h"
#include "core/situation.h"
#include "fleet-dice.h"

#define MINUTES(n) (INT64_C(60) * (n))
#define HOURS(n)   (INT64_C(3600) * (n))
#define DAYS(n)	   (INT64_C(86400) * (n))
#define YEARS(n)   (INT64_C(365 * 86400) * (n))

/* The first day of 2030, and how long is lived. */
#define WORLD_BEGIN INT64_C(1893456000)
#define WORLD_YEARS 10

/* Bounds of a fleet; each seed stays below them. */
#define PAPERS_MAX	   220
#define CAS_MAX		   6
#define ACCOUNTS_MAX	   3
#define REGIONS_MAX	   3
#define SEATS_MAX	   24
#define TARGETS_MAX	   (SEATS_MAX * REGIONS_MAX)
#define CONTROLLERS_MAX	   16 /* two trusted domains of up to 8 */
#define SEAT_APPROVALS_MAX 6
/* Certificates Registered in one directory at a time: 5 slots, or 8, or plenty at the end. */
#define SET_MAX 48
/* Things planned at one time: a renewal for each controller and CA, and ends of disturbances. */
#define PLANS_MAX 2048
/* Cuts that are remembered: more than a fleet makes in a month. */
#define CUTS_MAX 1024
/* Sends of one write that are remembered: the fourth within a day is one too many (N11). */
#define SENDS_MAX 3
/* A request sent by a clock that is 15 min ahead is accepted this long after. Seconds. */
#define LATE_MAX MINUTES(30)

enum paper_kind {
	PAPER_GENERATION,
	PAPER_OTHER_SUBJECT, /* the wrong successors */
	PAPER_SHORTER,
	PAPER_UNDER_DOOR,
	PAPER_CROSS,
	PAPER_TWIN,    /* same common name and expiry as a true generation */
	PAPER_FOREIGN, /* of no CA of the fleet */
};

struct paper {
	struct certificate certificate; /* first, so that one leads to the other */
	enum paper_kind kind;
	int ca; /* whose; -1: foreign */
	int number;
	bool in_file; /* its PEM lies in the directory of the authority */
	bool cursed;  /* the service finds its registration failed every time */
};

/* A certification authority, as its administrators run it. */
struct ca {
	char name[24];
	int parent;  /* its root; -1: a root itself */
	int current; /* the paper it signs with */
	int generations;
	int64_t validity;
	bool versions; /* AD CS numbers its generations */
	bool exact;    /* leaves name their issuer with its serial number, not by key alone */
	enum retire retire;
};

enum reach {
	REACH_GOOD,
	REACH_SILENT, /* nobody can tell: unknown */
	REACH_BROKEN, /* it shows a certificate that fails, whatever is registered */
};

/* A domain controller of a trusted domain and the certificate of its LDAPS. */
struct controller {
	bool there;
	int ca;
	int issuer; /* the paper that signed its leaf */
	bool exact;
	bool sends_issuer; /* it sends the issuing CA's certificate beside its own */
	int64_t not_after;
	enum reach reach;
};

/* The file's settings of one directory that operators edit. */
struct settings {
	enum policy policy;
	enum client_ldaps client_ldaps;
	enum adopt adopt;
	unsigned trusts; /* bit of each CA */
	bool absent, wrong_name;
};

struct seat {
	struct settings set, home;  /* as the file says now, and as the edits revert to */
	struct directory directory; /* made of `set` by seat_write */
	char name[24], *regions[REGIONS_MAX];
	const struct authority *trust[CAS_MAX];
	struct approval approvals[SEAT_APPROVALS_MAX];
	size_t approvals_count;
	struct controller controllers[CONTROLLERS_MAX];
	size_t controllers_count;
	int account;
	size_t targets[REGIONS_MAX];
	size_t targets_count; /* Regions the directory has */
	bool probed;	      /* somebody probes its controllers */
	unsigned epoch;	      /* of its controllers: changes with each */
};

/* How the service answers requests until it changes its mind. */
enum mood {
	MOOD_GOOD,
	MOOD_THROTTLES,
	MOOD_REFUSES, /* DirectoryUnavailableException */
	MOOD_DENIES,  /* AccessDeniedException, to reads too */
	MOOD_LOSES,   /* the request is lost */
	MOOD_DEAF,    /* the reply is lost */
	MOODS,
};

struct lane {
	enum mood mood;
};

/* What an entry's `mark` says. */
enum {
	MARK_OURS = 1,
	MARK_CLAIM = 2, /* could be taken for ours: adopted, or what a lost reply left */
};

/* A removal or disable of ours that the service has executed. */
struct cut {
	int64_t at;
	size_t target;
	int paper;	   /* -1: LDAPS was disabled */
	int scope;	   /* the CA; of a disable the account */
	uint64_t revision; /* of the directory's part of the file then */
};

#define CUT_NONE (-2)

/* A request that is under way in the network, its sender gone. */
struct late {
	bool there, ours;
	enum step_kind kind;
	int paper;
	char id[SERVICE_ID_SIZE];
	int64_t sent;
	uint32_t number;
	struct cut cut;
};

/* What the invariants keep of one target; changed by fleet-log.c alone. Instants; 0: not. */
struct past {
	int64_t looked; /* the last complete look, or pass that would have been one */
	int64_t asked;	/* the last look of any kind (N11) */
	int64_t disable_wished, said_disabled, elsewhere, busy, disabling;
	int64_t dropped[CAS_MAX];		 /* since this look it is out of trust */
	int64_t registered[PAPERS_MAX];		 /* since then it is Registered in truth */
	int64_t sends[2][PAPERS_MAX][SENDS_MAX]; /* registrations, removals */
	int64_t switches[2][SENDS_MAX];		 /* enable, disable */
	uint8_t shown[PAPERS_MAX];
	int64_t removed[PAPERS_MAX]; /* our removal was sent, and may still arrive */
	bool retired[PAPERS_MAX];    /* and a later generation is there ever since */
	bool let_go[PAPERS_MAX];     /* its removal was intended, whatever is there since */
	bool shown_enabled, disable_sent, contradictory;
	uint64_t revision; /* of the file at the last complete look */
};

/* What is known of the controllers of one target's directory, as somebody who probes would. */
struct probe {
	unsigned seat_epoch, set_epoch; /* what the verdicts were made of */
	int64_t valid_until;		/* the next expiry that could change them */
	int64_t looked;
	enum verdict registered;
	enum verdict now[PAPERS_MAX];	  /* this look's: without it */
	int64_t proven_since[PAPERS_MAX]; /* looks since then all said OK */
	int looks[PAPERS_MAX];
	struct proof_removal removals[SET_MAX * 2];
	struct proof proof;
};

/* How a target ended. */
enum ending {
	ENDING_OPEN,
	ENDING_ABSENT, /* not in the file */
	ENDING_SETTLED,
	ENDING_WAITS,
	ENDING_HELD,
	ENDINGS,
};

struct target {
	size_t seat;
	int region, lane;
	struct rollout_place place;
	bool there; /* the directory has come to this Region */
	struct model_directory model;
	struct memory memory;
	struct late late;
	struct past past;
	struct probe probe;
	enum mood mood;
	int lie;	/* LIE_ of the next look */
	unsigned epoch; /* of its Registered set: changes with each change of the model */
	int64_t next_pass, passed;
	int64_t model_due;   /* when the service changes something of it by itself */
	int64_t slept_since; /* passes are skipped since; 0: none are */
	/* The last pass said settled, and until then nothing changes by itself; 0: it did not, or
	 * something has changed since. */
	int64_t claimed_until;
	struct step last; /* decided last */
};

enum lie {
	LIE_NONE,
	LIE_EMPTY,
	LIE_WITHOUT,
	LIE_UNKNOWN,
	LIE_PARTIAL,
};

/* Where the daemon crashes in the next pass that comes there. */
enum crash {
	CRASH_NONE,
	CRASH_LEARNED_NOT, /* before what a look taught is committed */
	CRASH_LEARNED,	   /* after it */
	CRASH_INTENDED,	   /* after the intent, before the call */
	CRASH_SENT,	   /* after the call, before its outcome is committed */
	CRASHES,
};

struct plan_item {
	int64_t at;
	uint32_t order; /* of two at one time the one planned first */
	uint16_t kind;	/* PLAN_ */
	int16_t a, b;
};

struct tally;
struct story;

struct world {
	uint64_t seed;
	struct dice dice;
	int64_t now, end;
	bool calm; /* nothing goes wrong any more */

	struct model_options options; /* of the service in all Regions */
	bool partial;		      /* applications accept a partial chain */
	bool blunt;		      /* a controller that fails anyway counts as needing all */
	int64_t interval;

	struct paper papers[PAPERS_MAX];
	int papers_count;
	uint8_t keys; /* handed out */
	struct ca cas[CAS_MAX];
	int cas_count;
	struct fleet fleet;
	struct account accounts[ACCOUNTS_MAX];
	struct authority authorities[CAS_MAX];
	const struct certificate *lists[CAS_MAX][AUTHORITY_CERTIFICATES_MAX];
	struct directory directories[SEATS_MAX]; /* those that are in the file */
	struct seat seats[SEATS_MAX];
	size_t seats_count;
	struct target targets[TARGETS_MAX];
	size_t targets_count;
	struct lane lanes[ACCOUNTS_MAX * REGIONS_MAX];
	int accounts_count, regions_count;

	int64_t skew;	    /* of the daemon's clock */
	int64_t down_until; /* the daemon does not run before this */
	enum crash crash;   /* waits for its moment */
	struct rollouts rollouts;
	struct cut cuts[CUTS_MAX]; /* the last ones, round and round; for N12 */
	size_t cuts_count;	   /* ever */
	struct cut sending;	   /* what was sent last; scope CUT_NONE: it cuts nothing */

	struct plan_item plans[PLANS_MAX];
	size_t plans_count;
	uint32_t plans_order;

	struct tally *tally;
	struct story *story;
	const char *broken; /* the sentence that was broken; NULL: none */
	size_t broken_by;   /* its target */
};

/* Makes the fleet of a seed in all-zero `world`. */
void world_make(struct world *world, uint64_t seed);
void world_done(struct world *world);

/* Lives until `end`, or until something is broken. */
void world_live(struct world *world, int64_t end);
/* Nothing goes wrong from now on: CAs are renewed, controllers move soon, moods are good. */
void world_calm(struct world *world);

/* The first sentence that is broken stays. */
void world_break(struct world *world, const struct target *target, const char *sentence);

static inline struct seat *seat_of(struct world *world, const struct target *target)
{
	return &world->seats[target->seat];
}

/* Makes the file's part of a seat anew from its settings. */
void seat_write(struct world *world, struct seat *seat);
/* Whether the daemon has it to manage. */
bool target_managed(const struct world *world, const struct target *target);
/* The target is to be looked at when its next pass comes round. */
void target_wake(struct world *world, struct target *target);
void seat_wake(struct world *world, struct seat *seat);
/* Notes that passes were skipped until now: what they would have left behind. */
void target_rouse(struct world *world, struct target *target);
/* Its model has changed. */
void target_changed(struct world *world, struct target *target);
/* Time has come to world->now for it. */
void target_advance(struct world *world, struct target *target);

static inline int paper_of(const struct world *world, const struct certificate *certificate)
{
	return certificate ? (int)((const struct paper *)(const void *)certificate - world->papers)
			   : -1;
}
