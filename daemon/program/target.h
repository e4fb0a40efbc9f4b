/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One directory in one Region as the main thread keeps it between looks: whose it is, what is
 * remembered of it and when to look next. Belongs to the main thread; workers get copies.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "core/fleet.h"
#include "core/health.h"
#include "core/memory.h"
#include "core/step.h"
#include "edge/endpoint.h"
#include "edge/ledger.h"
#include "program/tally.h"

struct pass;
struct shared_sweep;

/* There are many: members are in an order without gaps. */
struct target {
	char *account; /* owned; "" is the standard chain */
	char region[ENDPOINT_REGION_SIZE];
	char id[SERVICE_ID_SIZE];
	bool dirty;		      /* the ledger lacks something of `memory` */
	bool lost;		      /* what the job under way saves may be lost: save it again */
	bool busy;		      /* a job of it is under way */
	bool finished;		      /* plan and apply: nothing more is to be done in this run */
	bool kept;		      /* while a new fleet is taken: it stays */
	bool complete;		      /* the last look was */
	unsigned round;		      /* of its pass, in which it was ready last */
	unsigned failures;	      /* looks in a row that failed and may pass (core/backoff) */
	unsigned restarts, restarted; /* how often every waiting time was to begin anew
				       * (design 4.5), and how many of these `memory` has seen */
	enum step_kind state;	      /* of the last decision */
	enum reason reason;
	const struct directory *wanted; /* borrowed from the fleet; NULL once released */
	size_t index;			/* among the scheduler's targets */
	struct pass *pass;		/* that looks at it */
	struct memory memory;
	int64_t saved_looked;	   /* memory.looked as the ledger has it */
	struct target *ready_next; /* while it is ready to be looked at */
	struct shared_sweep *page; /* likewise: what it is told by; owned use; may be NULL */
	int64_t watching;	   /* the API's time of its first look; 0: none yet */
	int64_t looked_at;	   /* clock_elapsed of the last look; 0: never */
	int64_t look_at;	   /* clock_elapsed of the next look apart from the pass; 0: none */
	uint64_t told;		   /* mark of what was last told of it */
	struct health_past health; /* what was answered last */
	struct tally tally;	   /* of what its looks find again and again */
	sd_event_source *timer;	   /* owned; NULL if only the pass looks at it */
};

/* NULL without memory. */
struct target *target_new(const char *account, const char *region, const struct directory *wanted);
/* Accepts NULL. */
void target_free(struct target *target);
/* Texts are borrowed from the target. */
struct ledger_key target_key(const struct target *target);
/* Whether its directory is worked on in several Regions: then there is a target in each. */
bool target_replicated(const struct target *target);
/* What follows "directories" where targets were counted and one of them is replicated. */
#define TARGET_APART " (each Region apart)"
/* By account, Region, directory. */
int target_cmp(const struct target *a, const struct target *b);
