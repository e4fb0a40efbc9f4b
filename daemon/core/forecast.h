/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The future of one directory in one Region if nobody does anything: decide and the model with the
 * clock running (design 4.1), as a dated list. Time goes from one instant at which something can
 * change to the next; the passes in between, which would see nothing new, are taken as made. So an
 * event is dated as early as it can be: the daemon comes to it with its next pass.
 *
 * What nobody can know is taken to stay or to go well: calls succeed, others change nothing, what
 * the domain controllers need is as `proof` has it, and the directory gets its turn in every
 * roll-out at once (N12), so that of several directories the first removal is dated here.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/severity.h"
#include "core/situation.h"
#include "core/step.h"

/* A certificate has a dozen events in its life; more than these nobody reads. */
#define FORECAST_EVENTS_MAX 1024
/* Entries that were ever Registered, and trusted certificates that never were. */
#define FORECAST_SPANS_MAX 1024
/* Looks of one forecast: a certificate has some twenty instants, and a step takes two. */
#define FORECAST_LOOKS_MAX 16384

/* What happens. The arguments are in `what`, those named here. */
enum forecast_kind {
	FORECAST_REGISTER,   /* ours; certificate, reason */
	FORECAST_DEREGISTER, /* ours; certificate, id, reason, reversible_until */
	FORECAST_ENABLE,     /* ours; reason */
	FORECAST_DISABLE,    /* ours; reason */
	FORECAST_CONDITION,  /* a condition of at least a warning begins: all of it */
	FORECAST_DOOR,	     /* from now on the removal of a Registered one cannot be undone;
			      * certificate, id */
	FORECAST_EXPIRY,     /* a Registered one has expired; certificate, id; detail: the entry's
			      * common name */
	FORECAST_OUTAGE,     /* LDAPS is on, and of the trusted authority `detail` (NULL: at all)
			      * nothing is Registered and unexpired; one of which no certificate
			      * is valid yet has issued nothing and needs none */
	FORECAST_OUTAGE_END, /* of that outage */
	FORECAST_KINDS,
};

struct forecast_event {
	int64_t at; /* the first second at which it is so */
	enum forecast_kind kind;
	enum severity severity;
	struct condition what; /* its `detail` is `text`; the rest is borrowed from the situation */
	char *text;	       /* owned; NULL if there is no detail */
};

/* When one certificate was, is and will be Registered: a row of the timeline. */
struct forecast_span {
	const struct certificate *certificate; /* borrowed; NULL if not known which it is */
	char *name;		  /* owned; the entry's common name where there is no certificate */
	char id[SERVICE_ID_SIZE]; /* "" if never Registered */
	int64_t expiry;
	int64_t from; /* Registered since; as the memory has it, else since first seen; 0: never */
	int64_t to;   /* the first instant at which it no longer is; 0: it stays */
	size_t rank;  /* of its authority in `trust`; DIRECTORY_TRUST_MAX if none trusts it */
};

struct forecast {
	int64_t begin, until;
	bool readable; /* the look it begins with is complete; if not, only conditions are told */
	bool cut;      /* a limit above was reached: what comes later is not told */
	struct forecast_event *events; /* owned; in order of time */
	size_t events_count, events_capacity;
	struct forecast_span *spans; /* owned; by rank, then the first to expire first */
	size_t spans_count, spans_capacity;
	size_t outages;	      /* events of that kind */
	int64_t first_outage; /* 0: none */
};

/*
 * Forecasts from `situation`, whose memory has learnt the look, until `until`, to be released with
 * forecast_done before what the situation borrows goes. An `until` that is not later tells what is.
 * 0 or -ERROR_MEMORY.
 */
int forecast_make(const struct situation *situation, int64_t until, struct forecast *ret_forecast);

/* The same in jumps of at most `stride` seconds (0: as far as they go): for tests, which hold one
 * against the other. */
int forecast_make_by(const struct situation *situation, int64_t until, int64_t stride,
	struct forecast *ret_forecast);

/* Frees what it owns. Accepts NULL and all-zero. */
void forecast_done(struct forecast *forecast);

/* Whether two tell the same of directories that trust the same, apart from ids. */
bool forecast_alike(const struct forecast *a, const struct forecast *b);

/* "register", "door", "outage-end", ... Static, never NULL. */
const char *forecast_kind_str(enum forecast_kind kind);

/* The event as a sentence without its final full stop. 0 or a buffer's error. */
int forecast_explain(const struct forecast_event *event, struct buffer *buffer);
