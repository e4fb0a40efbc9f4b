/* SPDX-License-Identifier: Apache-2.0 */
#include "program/scheduler.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "core/announce.h"
#include "core/backoff.h"
#include "core/decide.h"
#include "core/guard.h"
#include "core/learn.h"
#include "core/rollout-look.h"
#include "edge/clock.h"
#include "edge/observe.h"
#include "program/pass.h"
#include "program/scheduler-private.h"

#define USEC_PER_SEC  UINT64_C(1000000)
#define USEC_PER_MSEC UINT64_C(1000)

/* Arms a timer for `at` (clock_elapsed); a time that is past is now. */
void scheduler_timer(struct scheduler *scheduler, sd_event_source **source, int64_t at,
	sd_event_time_handler_t handler, void *context)
{
	int64_t left = at - clock_elapsed();
	uint64_t usec = left > 0 ? (uint64_t)left * USEC_PER_SEC : 0;

	if (!*source) {
		(void)sd_event_add_time_relative(
			scheduler->event, source, CLOCK_BOOTTIME, usec, 0, handler, context);
		return;
	}
	(void)sd_event_source_set_time_relative(*source, usec);
	(void)sd_event_source_set_enabled(*source, SD_EVENT_ONESHOT);
}

/* ---- looking ---- */

/* False without memory: it is looked at in the next pass. */
bool target_look(struct target *target, struct shared_sweep *sweep)
{
	struct pass *pass = target->pass;
	struct job *job = job_new(JOB_LOOK, pass->lane, target);

	if (!job)
		return false;
	memcpy(job->directory, target->id, sizeof(job->directory));
	job->sweep = shared_sweep_use(sweep);
	target->busy = true;
	target->look_at = 0;
	target->looked_at = clock_elapsed();
	if (target->timer)
		(void)sd_event_source_set_enabled(target->timer, SD_EVENT_OFF);
	lane_submit(pass->lane, job);
	return true;
}

static int target_due(sd_event_source *source, uint64_t usec, void *context)
{
	struct target *target = context;

	(void)source;
	(void)usec;
	if (!target->busy && target->wanted && !target->pass->scheduler->stopping)
		(void)target_look(target, NULL);
	return 0;
}

/* What must not wait so long as `until` because the last look failed, and how often it has. */
static int64_t target_back_off(const struct target *target, int64_t until, int64_t now)
{
	uint64_t salt = hash_number(hash_text(HASH_START, target->id), now);
	int64_t interval = target->pass->scheduler->fleet->interval,
		soon = now + backoff_seconds(target->failures, interval, salt);

	return target->failures > 0 && soon < until ? soon : until;
}

/* Looks again at API time `until`, but never twice within DECIDE_LOOK_MIN (N11). */
void target_look_again(struct target *target, int64_t until, int64_t now)
{
	struct scheduler *scheduler = target->pass->scheduler;
	int64_t at = clock_elapsed();

	until = target_back_off(target, until, now);
	if (until > now)
		at += until - now;
	if (at < target->looked_at + DECIDE_LOOK_MIN)
		at = target->looked_at + DECIDE_LOOK_MIN;
	if (!target->pass->lane ||
		(scheduler->mode == SCHEDULER_RUN && at + DECIDE_LOOK_MIN > target->pass->next_at))
		return; /* the pass comes first, or right after: it would look twice (N10) */
	target->look_at = at;
	scheduler_timer(scheduler, &target->timer, at, target_due, target);
}

/* ---- deciding ---- */

static void target_finish(struct target *target)
{
	struct scheduler *scheduler = target->pass->scheduler;

	if (scheduler->mode == SCHEDULER_RUN || target->finished)
		return;
	target->finished = true;
	if (--scheduler->unfinished == 0)
		(void)sd_event_exit(scheduler->event, 0);
}

/* Whether `learnt` says anything that the ledger must know. */
static bool memory_news(const struct target *target, struct memory *learnt)
{
	int64_t looked = learnt->looked;
	bool news;

	if (target->dirty || looked - target->saved_looked >= SCHEDULER_SAVE_LOOKED)
		return true;
	/* how old the last complete look is counts from now on, also after a crash */
	if (!target->complete && looked != target->saved_looked)
		return true;
	learnt->looked = target->memory.looked;
	news = !memory_equal(learnt, &target->memory);
	learnt->looked = looked;
	return news;
}

/* Whether the step was executed, or may have been. */
static bool executed(const struct job *job)
{
	return job->begun &&
	       (job->outcome.kind == OUTCOME_ACCEPTED || job->outcome.kind == OUTCOME_UNKNOWN);
}

/* Whether the ledger lacks something of the roll-outs. */
static bool rollouts_news(const struct scheduler *scheduler)
{
	return scheduler->rollouts.revision != scheduler->rollouts_sent;
}

/* The step takes its turn, if it needs one, and the job what the ledger lacks of the roll-outs.
 * False without memory: no turn was taken. */
static bool take_turn(
	struct job *job, struct scheduler *scheduler, const struct situation *situation)
{
	if (situation_turn(situation, &job->step, &job->turn)) {
		if (rollouts_take(&scheduler->rollouts, &job->turn) < 0)
			return false;
		job->turns = true;
		text_copy(job->turn.scope, job->scope, sizeof(job->scope));
		job->turn.scope = job->scope;
	}
	if (!job->turns && !rollouts_news(scheduler))
		return true;
	if (rollouts_copy(&scheduler->rollouts, &job->rollouts) < 0) {
		if (job->turns)
			rollouts_give_back(&scheduler->rollouts, &job->turn);
		return false;
	}
	job->rolls = true;
	scheduler->rollouts_sent = scheduler->rollouts.revision;
	return true;
}

/* The job is back: a turn whose step was surely not executed is another's. */
static void settle_turn(struct scheduler *scheduler, const struct job *job)
{
	if (job->turns && !executed(job))
		rollouts_give_back(&scheduler->rollouts, &job->turn);
	if (job->rolls && !job->recorded)
		scheduler->rollouts_sent = 0; /* to be handed over again; no revision is 0 */
}

/* Hands memory and step to a worker; takes over `learnt` and `status`. */
static void submit_commit(struct target *target, struct memory *learnt,
	const struct situation *situation, const struct step *step, char *status)
{
	struct scheduler *scheduler = target->pass->scheduler;
	enum job_kind kind = step_writes(step) ? JOB_COMMIT : JOB_SAVE;
	struct job *job = job_new(kind, target->pass->lane, target);

	if (job) {
		job->step = *step;
		job->key = target_key(target);
	}
	if (!job ||
		adopted_between(&job->key, &target->memory, learnt, situation->now, &job->adopted) <
			0 ||
		!take_turn(job, scheduler, situation)) {
		job_free(job);
		memory_done(learnt);
		free(status);
		target_finish(target); /* decided anew in the next pass */
		return;
	}
	memcpy(job->directory, target->id, sizeof(job->directory));
	job->ledger = scheduler->ledger;
	if (step->authority) {
		memcpy(job->authority, step->authority,
			strnlen(step->authority, sizeof(job->authority) - 1));
		job->step.authority = job->authority;
	}
	(void)rotation_ground(situation, step, job->ground);
	job->memory = *learnt;
	job->observed_mark = observed_mark(situation->observed);
	job->now = situation->now;
	job->status = status;
	job->restarts = target->restarts;
	job->orders = atomic_load(&scheduler->orders);
	job->orders_now = &scheduler->orders;
	scheduler->writing++;
	target->busy = true;
	if (kind == JOB_SAVE)
		clerk_submit(&scheduler->clerk, job);
	else
		lane_submit(target->pass->lane, job);
}

/* What `apply` still waits for: its own steps, and what is in flight. */
static bool under_way(const struct step *step)
{
	return step_writes(step) || step->kind == STEP_OBSERVE ||
	       (step->kind == STEP_WAIT &&
		       (step->reason == REASON_IN_FLIGHT || step->reason == REASON_MISSED));
}

/* What was learnt becomes what is remembered. */
static void learnt_keep(struct target *target, struct memory *learnt)
{
	memory_done(&target->memory);
	target->memory = *learnt;
	target->restarted = target->restarts;
}

static void follow(struct target *target, struct memory *learnt, const struct situation *situation,
	const struct decision *decision, char *status)
{
	const struct step *step = &decision->step,
			  again = {.kind = STEP_OBSERVE, .until = situation->now};
	bool news = memory_news(target, learnt), moved = target->state != step->kind;
	const struct scheduler_listener *listener = &target->pass->scheduler->listener;

	target->state = step->kind;
	target->reason = step->reason;
	if (moved && listener->moved)
		listener->moved(listener->context, target);
	if (step_writes(step) && guard_stale(step, clock_elapsed())) {
		/* the sweep of a long pass is too old to act on: look at this one alone */
		if (adopted_any(&target->memory, learnt)) {
			submit_commit(target, learnt, situation, &again, status);
			return;
		}
		free(status);
		learnt_keep(target, learnt);
		target->told = 0;
		target->dirty = true;
		target_look_again(target, situation->now, situation->now);
		return;
	}
	if (target->pass->scheduler->ledger &&
		(step_writes(step) || news || status || rollouts_news(target->pass->scheduler))) {
		submit_commit(target, learnt, situation, step, status);
		return;
	}
	free(status);
	learnt_keep(target, learnt);
	if (target->pass->scheduler->mode == SCHEDULER_RUN || under_way(step))
		target_look_again(target, step->until, situation->now);
	else
		target_finish(target);
}

/* Learns from a look, decides, and follows the decision. */
static void target_decide(
	struct target *target, const struct observed *observed, const struct service_reply *reply)
{
	static const struct proof nothing_proven;
	struct scheduler *scheduler = target->pass->scheduler;
	struct memory learnt;
	struct decision decision;
	struct situation situation = {.wanted = target->wanted,
		.observed = observed,
		.memory = &learnt,
		.proof = &nothing_proven,
		.now = service_reply_now(reply),
		.skew = reply->dated ? -reply->skew : SITUATION_SKEW_UNKNOWN,
		.interval = scheduler->fleet->interval,
		.watching = target->watching,
		.unconfirmed = target_unconfirmed(target),
		.rollouts = &scheduler->rollouts,
		.place = {target->account, target->region, target->id}};
	char *status;

	if (target->watching == 0)
		target->watching = situation.watching = situation.now;
	target->complete = observed->complete;
	if (memory_copy(&target->memory, &learnt) < 0) {
		target_finish(target); /* without memory: the next pass tries again */
		return;
	}
	if (target->restarts != target->restarted)
		memory_restart_waits(&learnt);
	if (learn(&situation, &learnt) < 0) {
		memory_done(&learnt);
		target_finish(target);
		return;
	}
	decide(&situation, &decision);
	rollouts_look(&scheduler->rollouts, &situation, &decision);
	if (scheduler->tells)
		announce(&situation, &decision, &learnt);
	status = scheduler->listener.decided(
		scheduler->listener.context, target, &situation, &decision, reply->request_id);
	if (scheduler->mode == SCHEDULER_PLAN) {
		memory_done(&learnt);
		free(status);
		target_finish(target);
		return;
	}
	follow(target, &learnt, &situation, &decision, status);
}

/* A look that could not even begin. */
void target_decide_unread(
	struct target *target, const struct error *error, const struct service_reply *reply)
{
	struct observed observed = {
		.refusal = observe_refusal(error, reply), .arrived = clock_elapsed()};

	text_copy(error->message, observed.reason, sizeof(observed.reason));
	target->looked_at = clock_elapsed();
	target->failures = 0; /* the pass tries again */
	target_decide(target, &observed, reply);
}

/* ---- taking jobs back ---- */

static void looked(struct job *job)
{
	struct target *target = job->target;
	struct pass *pass = target->pass;

	target->busy = false;
	target->looked_at = clock_elapsed(); /* it may have waited long in its lane (N11) */
	target->failures = backoff_worth(job->result) ? target->failures + 1 : 0;
	if (job->sweep)
		pass->looking--;
	if (!target->wanted)
		scheduler_bury(pass->scheduler, target);
	else if (!pass->scheduler->stopping)
		target_decide(target, &job->observed, &job->reply);
}

static void committed(struct job *job)
{
	struct target *target = job->target;
	struct scheduler *scheduler = target->pass->scheduler;

	scheduler->writing--;
	target->busy = false;
	if (job->recorded || job->begun) {
		memory_done(&target->memory);
		target->memory = job->memory;
		job->memory = (struct memory){0};
		target->restarted = job->restarts;
		target->dirty = !job->recorded;
		if (job->recorded)
			target->saved_looked = target->memory.looked;
	} else {
		target->told = 0; /* its status was not saved either */
		memory_move_announcements(&job->memory, &target->memory);
		target->dirty = true;
	}
	if (job->begun)
		target->told = 0; /* its status says what was sent, until the next look */
	if (target->lost) {
		target->dirty = true;
		target->told = 0;
		target->lost = false;
	}
	settle_turn(scheduler, job);
	if (job->recorded && job->status && scheduler->listener.saved)
		scheduler->listener.saved(scheduler->listener.context);
	if (job->begun)
		scheduler->listener.acted(scheduler->listener.context, target, job);
	if (job->unrecorded.code != 0)
		scheduler->listener.unsaved(scheduler->listener.context, target, job);
	if (!target->wanted) {
		scheduler_bury(scheduler, target);
		return;
	}
	if (scheduler->stopping)
		return;
	if (job->begun || job->result == -ERROR_STALE)
		target_look_again(target, job->now, job->now);
	else if (scheduler->mode == SCHEDULER_RUN && job->unrecorded.code != 0)
		return; /* the next pass tries again: a full disk is no reason to ask the API often
			 */
	else if (scheduler->mode == SCHEDULER_RUN || (job->recorded && under_way(&job->step)))
		target_look_again(target, job->step.until, job->now);
	else
		target_finish(target);
}

static void take(struct job *job)
{
	switch (job->kind) {
	case JOB_SWEEP:
		if (!job->lane->pass->scheduler->stopping)
			pass_swept(job->lane->pass, job);
		break;
	case JOB_PAGE:
		pass_paged(job->lane->pass, job);
		break;
	case JOB_TAGS:
		pass_tagged(job->lane->pass, job);
		break;
	case JOB_LOOK:
		looked(job);
		break;
	case JOB_SAVE:
	case JOB_COMMIT:
		committed(job);
		break;
	}
	/* whatever it was, it has made room in its lane; where there is none, only the clerk works
	 */
	if (job->lane)
		pass_pump(job->lane->pass);
}

/*
 * What was learnt in a pass is saved after its last look: of thousands of directories these are
 * tens of megabytes, which would be kept until the next pass.
 */
static void give_back(struct scheduler *scheduler)
{
	if (scheduler->mode != SCHEDULER_RUN || scheduler->writing > 0 ||
		scheduler->ended < SCHEDULER_TRIM_JOBS)
		return;
	for (size_t i = 0; i < scheduler->passes_count; i++)
		if (scheduler->passes[i]->passing)
			return;
	scheduler->ended = 0;
	(void)malloc_trim(0);
}

static int jobs_finished(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct scheduler *scheduler = context;
	struct job *job = finished_take(&scheduler->finished);

	(void)source;
	(void)fd;
	(void)events;
	while (job) {
		struct job *next = job->next;

		take(job);
		job_free(job);
		job = next;
		scheduler->ended++;
	}
	give_back(scheduler);
	if (scheduler->stopping && scheduler->writing == 0)
		(void)sd_event_exit(scheduler->event, 0);
	return 0;
}

/* ---- the demonstration's clock ---- */

static bool idle(const struct scheduler *scheduler)
{
	for (size_t i = 0; i < scheduler->passes_count; i++)
		if (scheduler->passes[i]->passing)
			return false;
	for (size_t i = 0; i < scheduler->targets_count; i++)
		if (scheduler->targets[i]->busy)
			return false;
	return true;
}

/* The nearest look that is waited for; 0 if none is. */
static int64_t nearest(const struct scheduler *scheduler)
{
	int64_t at = 0;

	for (size_t i = 0; i < scheduler->targets_count; i++) {
		const struct target *target = scheduler->targets[i];

		if (target->look_at != 0 && !target->finished && (at == 0 || target->look_at < at))
			at = target->look_at;
	}
	return at;
}

/* A clock that jumps moves no timer of the kernel: what has become due is begun here. */
static int demo_tick(sd_event_source *source, uint64_t usec, void *context)
{
	struct scheduler *scheduler = context;
	int64_t at = nearest(scheduler), now = clock_elapsed();

	(void)usec;
	if (scheduler->mode == SCHEDULER_APPLY && at > now && idle(scheduler) &&
		clock_demo_skip(at - now))
		now = at;
	for (size_t i = 0; i < scheduler->targets_count; i++) {
		struct target *target = scheduler->targets[i];

		if (target->look_at != 0 && target->look_at <= now && !target->busy) {
			target_due(NULL, 0, target);
		}
	}
	for (size_t i = 0; i < scheduler->passes_count; i++)
		if (scheduler->passes[i]->next_at != 0 && scheduler->passes[i]->next_at <= now)
			pass_begin(scheduler->passes[i]);
	(void)sd_event_source_set_time_relative(source, SCHEDULER_DEMO_MS * USEC_PER_MSEC);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* ---- beginning and end ---- */

void scheduler_begin(struct scheduler *scheduler)
{
	/* what it took to read the file and the ledger is not needed any more */
	(void)malloc_trim(0);
	for (size_t i = 0; i < scheduler->passes_count; i++) {
		struct pass *pass = scheduler->passes[i];

		/* what a pass under way has looked at already was decided by another file */
		pass->again = pass->passing;
		pass_begin(pass);
	}
	if (scheduler->mode != SCHEDULER_RUN && scheduler->mode != SCHEDULER_DISCOVER &&
		scheduler->unfinished == 0)
		(void)sd_event_exit(scheduler->event, 0);
}

int scheduler_init(struct scheduler *scheduler, enum scheduler_mode mode, sd_event *event,
	struct ledger *ledger, const struct scheduler_listener *listener, struct error *error)
{
	int r = finished_init(&scheduler->finished, error);

	if (r < 0)
		return r;
	clerk_init(&scheduler->clerk, &scheduler->finished);
	scheduler->mode = mode;
	scheduler->event = event;
	scheduler->ledger = ledger;
	scheduler->listener = *listener;
	if (sd_event_add_io(event, &scheduler->wake, scheduler->finished.event, EPOLLIN,
		    jobs_finished, scheduler) < 0)
		return error_set(error, ERROR_INTERNAL, "the event loop takes no more sources");
	if (clock_demo() && (mode == SCHEDULER_RUN || mode == SCHEDULER_APPLY))
		(void)sd_event_add_time_relative(event, &scheduler->tick, CLOCK_MONOTONIC,
			SCHEDULER_DEMO_MS * USEC_PER_MSEC, 1, demo_tick, scheduler);
	return 0;
}

static int stop_due(sd_event_source *source, uint64_t usec, void *context)
{
	struct scheduler *scheduler = context;

	(void)source;
	(void)usec;
	return sd_event_exit(scheduler->event, 0);
}

void scheduler_bury(struct scheduler *scheduler, struct target *target)
{
	/* its last job has said how it stands, which is told no more */
	if (scheduler->listener.buried)
		scheduler->listener.buried(scheduler->listener.context);
	for (size_t i = 0; i < scheduler->released_count; i++)
		if (scheduler->released[i] == target)
			scheduler->released[i] = scheduler->released[--scheduler->released_count];
	target_free(target);
}

void scheduler_stop(struct scheduler *scheduler)
{
	if (scheduler->stopping)
		return;
	scheduler->stopping = true;
	atomic_fetch_add(&scheduler->orders, 1);
	atomic_store(&scheduler->stop, true);
	if (scheduler->writing == 0)
		(void)sd_event_exit(scheduler->event, 0);
	else
		(void)sd_event_add_time_relative(scheduler->event, NULL, CLOCK_MONOTONIC,
			SCHEDULER_STOP_MS * USEC_PER_MSEC, 1, stop_due, scheduler);
}
