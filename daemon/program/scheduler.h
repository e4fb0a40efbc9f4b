/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one thread that decides (design 5). It owns the targets and the lanes, sends out jobs, takes
 * them back, lets the core learn and decide, and sends the one step that follows. The same
 * scheduler serves the daemon, which never ends, `apply`, which ends when nothing is under way any
 * more, and `plan`, which looks once and commits nothing.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

#include "core/knowledge.h"
#include "core/rollout.h"
#include "core/situation.h"
#include "core/step.h"
#include "edge/ledger.h"
#include "program/clerk.h"
#include "program/lane.h"
#include "program/target.h"

/* Looks that wait in a lane behind those that run: enough that no worker ever idles. Per worker. */
#define SCHEDULER_AHEAD 2
/* Memory whose only news is the time of the look is saved this often. Seconds. */
#define SCHEDULER_SAVE_LOOKED (INT64_C(6) * 3600)
/* How long an end waits for a write that is under way; less than the two seconds of an end, by what
 * a busy machine takes for the rest of it. */
#define SCHEDULER_STOP_MS 1200
/* With the demonstration's clock: how often it is read while waiting. Milliseconds. */
#define SCHEDULER_DEMO_MS 20
/* So many intervals a place that went first in a roll-out stays so while no selector has it. */
#define SCHEDULER_FIRST_PATIENCE 2
/* Memory is given back to the system after so many jobs: that of a few is not worth the search. */
#define SCHEDULER_TRIM_JOBS 64
/* Lanes that connect before the ledger is read, which needs descriptors too: with more of them it
 * is not one connection that is waited for. */
#define SCHEDULER_FORESEEN_MAX 64

enum scheduler_mode {
	SCHEDULER_RUN,
	/* sweeps once where selectors look, and looks at nothing: goes before APPLY or PLAN, which
	 * then go by what it was told (scheduler_discover) */
	SCHEDULER_DISCOVER,
	SCHEDULER_APPLY,
	SCHEDULER_PLAN,
};

/* Who is told. Called on the main thread; what is passed is borrowed for the call. */
struct scheduler_listener {
	void *context;
	/*
	 * A look was taken and decided on. Returns the text of the target's status if it should be
	 * saved (owned by the caller), NULL if it has not changed. `request_id`: of the last reply
	 * of the look; "" if there was none.
	 */
	char *(*decided)(void *context, struct target *target, const struct situation *situation,
		const struct decision *decision, const char *request_id);
	/* The target has come to another kind of step; NULL if nobody cares. */
	void (*moved)(void *context, const struct target *target);
	/* The last job of a released target has ended; NULL if nobody cares. */
	void (*buried)(void *context);
	/* A step was taken, or tried. */
	void (*acted)(void *context, struct target *target, const struct job *job);
	/* What was recorded has changed what is said of a directory; NULL if nobody cares. */
	void (*saved)(void *context);
	/* Something could not be recorded (job->unrecorded); unless job->begun it was not done. */
	void (*unsaved)(void *context, struct target *target, const struct job *job);
	/* A sweep that selectors wait for has ended, well or not, and scheduler->knowledge knows
	 * what it told: the moment to take another fleet; NULL if nobody cares. */
	void (*discovered)(void *context);
	/* A pass over all directories of a lane has ended, `elapsed` seconds after its begin. Also
	 * where there is no lane, and nothing could be looked at. */
	void (*passed)(void *context, struct pass *pass, int64_t elapsed);
};

struct scheduler {
	enum scheduler_mode mode;
	sd_event *event;       /* borrowed */
	struct ledger *ledger; /* borrowed; NULL for plan */
	/* Borrowed: gets the certificates of what the ledger remembers of directories that come
	 * later; NULL where only one fleet is adopted. */
	struct store *store;
	const struct fleet *fleet; /* borrowed; changes with scheduler_adopt_fleet */
	const char *revision; /* borrowed: the commit of the files in force; NULL or "": none */
	/* What selectors know; borrowed; main thread. NULL: nothing is asked for them. */
	struct knowledge *knowledge;
	struct scheduler_listener listener;
	struct target **targets; /* owned; sorted by target_cmp */
	size_t targets_count;
	struct pass **passes; /* owned: one for each lane */
	size_t passes_count, passes_capacity;
	struct keyring *keyrings; /* one for each account, and those of files before; never freed */
	struct finished finished;
	struct clerk clerk;
	atomic_bool stop; /* workers end */
	bool stopping;
	bool tells; /* what is decided goes to the journal: what is told is noted (core/announce) */
	bool refused;		  /* the file on the disk was not taken: an older one is in force */
	size_t unfinished;	  /* plan and apply: targets that are not finished */
	size_t writing;		  /* commits under way */
	size_t ended;		  /* jobs since memory was given back to the system */
	struct rollouts rollouts; /* owned: who may remove and disable when (N12) */
	uint64_t rollouts_sent;	  /* their revision that was last handed to the ledger */
	int64_t ahead;	    /* what AWS's clock is ahead of ours, as the last sweep told; seconds */
	atomic_uint orders; /* grows with every file that is taken, when the clock is set, and at
			     * the end */
	unsigned adoptions; /* fleets that were given, taken or not */
	struct target **released; /* owned: out of the file, but with a job under way */
	size_t released_count;
	sd_event_source *wake, *tick; /* owned */
};

/*
 * Prepares an all-zero scheduler. `event` and `ledger` are borrowed. 0 or an error with its reason.
 */
int scheduler_init(struct scheduler *scheduler, enum scheduler_mode mode, sd_event *event,
	struct ledger *ledger, const struct scheduler_listener *listener, struct error *error);

/*
 * Makes the lanes of the first fleet, and has up to SCHEDULER_FORESEEN_MAX of them connect while
 * the caller reads the ledger that the fleet is taken with. `only` as below; `selectors`: what they
 * ask comes first. What fails is told when the fleet is taken, or with the first request.
 */
void scheduler_foresee(struct scheduler *scheduler, const struct fleet *fleet,
	const char *const *only, size_t only_count, bool selectors);

/*
 * Takes a fleet, at start or at a reload: keeps the targets that stay, adds those that are new
 * with what `records` remember of them, at first also of the roll-outs, releases those that are
 * gone. `records` may be NULL: nothing is remembered at first, and later what the ledger has of
 * those that are new. `only` (ids, count of them; 0: all) limits the targets. The old fleet may be
 * freed after this returned 0; on failure nothing has changed.
 */
int scheduler_adopt_fleet(struct scheduler *scheduler, const struct fleet *fleet,
	struct ledger_records *records, const char *const *only, size_t only_count,
	struct error *error);

/*
 * Takes a fleet that is the one before but for what selectors pick: as scheduler_adopt_fleet, but
 * no file was read, so that one that was refused stays refused. Only what is new is looked at, by
 * scheduler_begin_new.
 */
int scheduler_adopt_selection(struct scheduler *scheduler, const struct fleet *fleet,
	const char *const *only, size_t only_count, struct error *error);

/* After a sweep: who went first in a roll-out, and no selector has had it for long, is released
 * from it. */
void scheduler_release_firsts(struct scheduler *scheduler);

/*
 * For `plan` and `apply`, before a fleet is adopted: sweeps everywhere that selectors of `file`
 * look, which scheduler->knowledge is told, and what fails. The looks that come after go by the
 * same sweep. Runs the loop until that is done, or until scheduler_stop. 0 or an error with its
 * reason.
 */
int scheduler_discover(struct scheduler *scheduler, const struct fleet *file, struct error *error);

/* Begins a pass over every lane now. */
void scheduler_begin(struct scheduler *scheduler);

/* Our clock was set: nothing is sent any more that was decided by how far it was from AWS's (N4),
 * and a pass over every lane begins. */
void scheduler_clock_set(struct scheduler *scheduler);

/* Looks at targets that nobody has looked at or that were not confirmed, where no pass is under
 * way.
 */
void scheduler_begin_new(struct scheduler *scheduler);

/* Whether the pass has anything to ask. */
bool scheduler_has_work(const struct pass *pass);

/* The ledger was begun anew: what is remembered is saved again, with the next look at each. */
void scheduler_save_again(struct scheduler *scheduler);

/* A file was refused: every waiting time begins anew (design 4.5). */
void scheduler_restart_waits(struct scheduler *scheduler);

/*
 * Stops: no more jobs; the loop ends when no write is under way any more, or after
 * SCHEDULER_STOP_MS.
 */
void scheduler_stop(struct scheduler *scheduler);

/* When the last complete pass over all that is managed ended: of the last passes of every lane, the
 * one that is the longest ago. UTC seconds; 0 if a lane has not ended one yet. */
int64_t scheduler_looked(const struct scheduler *scheduler);

/* When the next pass of any lane begins, UTC seconds; 0 if none is to. */
int64_t scheduler_next(const struct scheduler *scheduler);

/* What its targets are called after their number: "directory", "directories", or that they are
 * counted in each Region apart, where one is in several. */
const char *scheduler_directories(const struct scheduler *scheduler);

/* The target of this key, or NULL. */
struct target *scheduler_find(const struct scheduler *scheduler, const struct ledger_key *key);

/* Frees a released target whose last job has ended. */
void scheduler_bury(struct scheduler *scheduler, struct target *target);
