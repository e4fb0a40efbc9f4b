/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The rounds of one lane (design 5): sweep once, look at each directory as soon as a page of the
 * sweep has told of it, then sleep until the next. Belongs to the main thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "program/finding.h"
#include "program/lane.h"
#include "program/roundup.h"
#include "program/target.h"

struct scheduler;

/* 128 random bits as 32 hexadecimal digits and NUL. Bytes. */
#define PASS_ID_SIZE 33

/* What came of a sweep as a whole. */
struct sweep_end {
	int result; /* 0 or the negative error code of `error` */
	struct error error;
	struct error reason; /* why the tags of `unread` directories could not be read */
	size_t unread;
	struct service_reply reply;
};

struct pass {
	struct scheduler *scheduler; /* borrowed */
	char *account;		     /* owned */
	char region[ENDPOINT_REGION_SIZE];
	struct lane *lane;  /* never freed: a worker may hang in it; NULL if it could not be made */
	struct error error; /* why there is no lane */
	struct target **targets; /* owned array of the scheduler's targets, in their order */
	size_t targets_count, targets_capacity;
	unsigned adoption;	/* scheduler.adoptions when it was told the terms of its account */
	unsigned round;		/* number of this pass, from 1 */
	char id[PASS_ID_SIZE];	/* of this pass, for the journal; "" before the first */
	struct roundup roundup; /* what is found in many of its directories at once */
	sd_event_source *telling; /* owned: tells that; NULL: it never had to */
	unsigned failures;	  /* sweeps in a row that failed and may pass (core/backoff) */
	bool again;		  /* a new file was taken meanwhile: another pass follows at once */
	bool passing;		  /* between the sweep and the last look */
	bool sweeping;		  /* pages of the sweep may come */
	bool patchy;		  /* what a page said was lost: who is not told of may be there */
	struct target *ready, **last; /* to be looked at in this pass, in order of being told of */
	bool selects;	      /* a selector looks here: each sweep tells scheduler->knowledge */
	unsigned home;	      /* in it */
	bool unlearnt;	      /* something that the sweep under way told was lost */
	struct sweep_end end; /* of the last sweep */
	/* A sweep of which tags are read, a page at a time; all-zero between sweeps. */
	struct service_sweep untagged; /* owned: what it has told */
	size_t untagged_from;	       /* the first whose page is still to be cut */
	struct finding_filter *filter; /* owned: whose tags; NULL: none are read */
	size_t tagging;		       /* pages under way */
	/* Of a sweep that only discovered, in order: the first round goes by them. The last tells
	 * of nobody. */
	struct shared_sweep **pages; /* owned */
	size_t pages_count, pages_capacity;
	size_t looking;		/* looks of this pass under way */
	int64_t began, next_at; /* clock_elapsed */
	int64_t ended;		/* the last pass, UTC seconds; 0: none has */
	sd_event_source *timer; /* owned */
};

/* A pass of this lane without targets; a lane that cannot be made is kept as `error`. NULL: no
 * memory. */
struct pass *pass_new(struct scheduler *scheduler, const struct account *account,
	const char *region, struct keyring *keyring);
/* Other terms of its account; a lane that could not be made is tried again. */
void pass_change(struct pass *pass, const struct account *account, struct keyring *keyring);
/* Frees the pass, not its lane. Accepts NULL. */
void pass_free(struct pass *pass);
/* Forgets its targets, before they change: a new fleet gives them anew. A pass that is under way
 * becomes patchy. */
void pass_clear(struct pass *pass);
/* Adds a target. 0 or -ERROR_MEMORY. */
int pass_add(struct pass *pass, struct target *target);
/* The target of this directory, or NULL. */
struct target *pass_find(const struct pass *pass, const char *id);
/* Puts a target among those that are ready, unless it was in this round; with what it is told by
 * (NULL: it will ask itself). */
void pass_ready(struct pass *pass, struct target *target, struct shared_sweep *page);
/* Keeps a page for the first round: the pass is one more user. 0, -ERROR_MEMORY or -ERROR_LIMIT. */
int pass_keep(struct pass *pass, struct shared_sweep *page);
/* Forgets those that it kept. */
void pass_forget(struct pass *pass);
/* Takes the first that is ready; its `page` is the caller's to release. NULL if none is. */
struct target *pass_next(struct pass *pass);
