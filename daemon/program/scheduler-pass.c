/* SPDX-License-Identifier: Apache-2.0 */
/* The rounds of a lane: who is looked at when. What follows from a look is in scheduler.c. */
#include <stdlib.h>
#include <systemd/sd-id128.h>

#include "base/hash.h"
#include "core/backoff.h"
#include "core/decide.h"
#include "core/selection.h"
#include "edge/clock.h"
#include "program/pass.h"
#include "program/scheduler-private.h"

static struct shared_sweep *share(struct service_sweep *sweep)
{
	struct shared_sweep *shared = calloc(1, sizeof(*shared));

	if (!shared)
		return NULL;
	*shared = (struct shared_sweep){.sweep = *sweep, .users = 1};
	*sweep = (struct service_sweep){0};
	return shared;
}

/*
 * Whether what the page has told leaves the target with the selector that picked it. One that it
 * takes away is not looked at before the end of the sweep has settled whose it is.
 */
static bool holds(struct pass *pass, const struct target *target)
{
	const struct selector *selector = target->wanted->selector;
	const struct knowledge *knowledge = pass->scheduler->knowledge;

	if (!selector || !pass->selects || selector_has(selector, knowledge, target->id))
		return true;
	pass->patchy = true;
	return false;
}

/* A sweep that was begun for another file need not have asked for the tags that this one selects
 * by: that it tells none says nothing. */
static void forget_unasked(struct service_sweep *page)
{
	for (size_t i = 0; i < page->count; i++)
		page->directories[i].unread =
			page->directories[i].unread || !page->directories[i].tags;
}

/* Whom the page tells of is ready to be looked at. */
static void pass_tell(struct pass *pass, struct shared_sweep *page)
{
	for (size_t i = 0; i < page->sweep.count; i++) {
		struct target *target = pass_find(pass, page->sweep.directories[i].id);

		if (target && holds(pass, target))
			pass_ready(pass, target, page);
	}
}

void pass_paged(struct pass *pass, struct job *job)
{
	struct shared_sweep *page = share(&job->swept);

	if (!page) {
		pass->patchy = pass->unlearnt = true;
		return;
	}
	if (pass->again)
		forget_unasked(&page->sweep);
	if (pass->selects && finding_learn(pass->scheduler->fleet, pass->scheduler->knowledge,
				     pass->home, &page->sweep, clock_elapsed()) < 0)
		pass->unlearnt = true;
	pass_tell(pass, page);
	if (pass->scheduler->mode == SCHEDULER_DISCOVER && pass_keep(pass, page) < 0)
		pass->patchy = true;
	shared_sweep_release(page);
}

void pass_tagged(struct pass *pass, struct job *job)
{
	struct sweep_end *end = &pass->end;

	pass->tagging--;
	for (size_t i = 0; i < job->swept.count; i++)
		end->unread += job->swept.directories[i].unread;
	if (job->unread.code != 0)
		end->reason = job->unread;
	if (job->result == 0) {
		pass_paged(pass, job);
		return;
	}
	pass->patchy = pass->unlearnt = true;
	end->result = job->result;
	end->error = job->error;
}

/* What the sweep has told, complete or not, may make another fleet of the file. */
static void pass_discovered(struct pass *pass, const struct sweep_end *end)
{
	struct scheduler *scheduler = pass->scheduler;

	if (!pass->selects)
		return;
	knowledge_swept(scheduler->knowledge, pass->home, end->result == 0 && !pass->unlearnt,
		end->result < 0		? end->error.message
		: end->reason.code != 0 ? end->reason.message
					: NULL);
	pass->unlearnt = false;
	if (scheduler->listener.discovered)
		scheduler->listener.discovered(scheduler->listener.context);
}

/* `plan` and `apply` ask once, and go by it until their end. */
bool target_unconfirmed(const struct target *target)
{
	const struct scheduler *scheduler = target->pass->scheduler;
	int64_t interval = scheduler->mode == SCHEDULER_RUN
				   ? scheduler->fleet->interval
				   : INT64_MAX / SELECTION_CONFIRMED_INTERVALS;

	return scheduler->knowledge && !selection_confirmed(target->wanted, scheduler->knowledge,
					       interval, clock_elapsed());
}

static int pass_due(sd_event_source *source, uint64_t usec, void *context)
{
	struct pass *pass = context;

	(void)source;
	(void)usec;
	pass_begin(pass);
	return 0;
}

static void pass_end(struct pass *pass)
{
	struct scheduler *scheduler = pass->scheduler;

	pass->passing = false;
	if (scheduler->mode == SCHEDULER_DISCOVER) {
		scheduler->unfinished--;
		return;
	}
	pass->ended = clock_now();
	scheduler->listener.passed(
		scheduler->listener.context, pass, clock_elapsed() - pass->began);
	if (pass->again) {
		pass->again = false;
		pass_begin(pass);
	}
}

/* Those that a new fleet or a lost page took from a sweep that has ended ask for themselves. */
static void pass_patch(struct pass *pass)
{
	if (!pass->patchy || pass->sweeping)
		return;
	pass->patchy = false;
	for (size_t i = 0; i < pass->targets_count; i++)
		pass_ready(pass, pass->targets[i], NULL);
}

static void pass_look(struct pass *pass, struct target *target, struct shared_sweep *page)
{
	if (target->busy || !target->wanted)
		return;
	if (target->looked_at != 0 && clock_elapsed() < target->looked_at + DECIDE_LOOK_MIN)
		target_look_again(target, 0, 0);
	else if (target_look(target, page) && page)
		pass->looking++;
}

/* Lanes do not all begin at once: each has its own place in the interval. */
static int64_t pass_phase(const struct pass *pass, int64_t interval)
{
	uint64_t hash = hash_text(hash_text(HASH_START, pass->account), pass->region);

	return interval > 0 ? (int64_t)(hash % (uint64_t)interval) : 0;
}

static void pass_schedule(struct pass *pass)
{
	int64_t interval = pass->scheduler->fleet->interval, now = clock_elapsed();
	int64_t phase = pass_phase(pass, interval);

	if (pass->scheduler->mode != SCHEDULER_RUN)
		return;
	pass->next_at = now - (now - phase) % interval + interval;
	if (pass->next_at < now + DECIDE_LOOK_MIN)
		pass->next_at += interval;
	scheduler_timer(pass->scheduler, &pass->timer, pass->next_at, pass_due, pass);
}

/* What made the lane impossible may have been put right since: it is tried once a round. */
static bool pass_open(struct pass *pass)
{
	struct scheduler *scheduler = pass->scheduler;
	const struct account *account = fleet_account(scheduler->fleet, pass->account);
	struct keyring *keyring;

	if (pass->lane)
		return true;
	keyring =
		account ? keyring_of(&scheduler->keyrings, account, pass->region, &scheduler->stop)
			: NULL;
	if (keyring)
		pass_change(pass, account, keyring);
	return pass->lane != NULL;
}

/* A round in which there is no way to ask: every directory is told why. */
static void pass_unread(struct pass *pass, const struct error *error)
{
	/* profiles that cannot be read give no keys either, and that is what must be put right */
	const struct service_reply reply = {
		.class = error->code == -ERROR_CORRUPT ? REFUSAL_CREDENTIALS : REFUSAL_TRANSIENT};
	const struct sweep_end failed = {.result = -ERROR_MISSING, .error = *error};

	for (size_t i = 0; i < pass->targets_count; i++)
		if (!pass->targets[i]->busy)
			target_decide_unread(pass->targets[i], error, &reply);
	pass_discovered(pass, &failed);
	pass_end(pass);
}

/* What failed as a whole is tried again as a whole, before its time. */
static void pass_back_off(struct pass *pass, int result)
{
	int64_t now = clock_elapsed(), interval = pass->scheduler->fleet->interval, at;
	uint64_t salt =
		hash_text(hash_text(hash_number(HASH_START, now), pass->account), pass->region);

	pass->failures = backoff_worth(result) ? pass->failures + 1 : 0;
	at = now + backoff_seconds(pass->failures, interval, salt);
	if (pass->failures == 0 || pass->scheduler->mode != SCHEDULER_RUN || at >= pass->next_at)
		return;
	pass->next_at = at;
	scheduler_timer(pass->scheduler, &pass->timer, at, pass_due, pass);
}

/* What was not told as a whole is asked for again; `rest` is what is known of all others. */
static void pass_keep_rest(struct pass *pass, int result, struct shared_sweep *rest)
{
	if (pass->scheduler->mode == SCHEDULER_DISCOVER &&
		(result < 0 || !rest || pass_keep(pass, rest) < 0))
		pass_forget(pass);
}

/* The sweep has ended: those that no page told of are not there, or a page was lost. */
static void pass_told(struct pass *pass)
{
	const struct sweep_end *end = &pass->end;
	struct service_sweep nothing = {.arrived = end->reply.arrived,
		.date = end->reply.date,
		.date_arrived = end->reply.date_arrived,
		.skew = end->reply.skew,
		.dated = end->reply.dated};
	struct shared_sweep *page;

	if (end->reply.date != 0)
		pass->scheduler->ahead = service_reply_now(&end->reply) - clock_now();
	pass_back_off(pass, end->result);
	pass_discovered(pass, end);
	page = pass->patchy ? NULL : share(&nothing);
	pass->sweeping = pass->patchy = false;
	for (size_t i = 0; i < pass->targets_count; i++) {
		struct target *target = pass->targets[i];

		if (end->result == 0)
			pass_ready(pass, target, page);
		else if (target->round != pass->round && !target->busy)
			target_decide_unread(target, &end->error, &end->reply);
	}
	pass_keep_rest(pass, end->result, page);
	shared_sweep_release(page);
}

void pass_swept(struct pass *pass, struct job *job)
{
	pass->end =
		(struct sweep_end){.result = job->result, .error = job->error, .reply = job->reply};
	if (!job->filter || job->result < 0) {
		pass_told(pass);
		return;
	}
	pass->untagged = job->swept;
	job->swept = (struct service_sweep){0};
	pass->filter = job->filter;
	job->filter = NULL;
}

/* The next few directories have their tags read, if they are asked for. */
static void pass_tag(struct pass *pass)
{
	struct job *job = job_new(JOB_TAGS, pass->lane, NULL);

	if (!job || finding_page(&pass->untagged, pass->untagged_from, &job->swept) < 0) {
		job_free(job);
		pass->untagged_from = pass->untagged.count;
		pass->patchy = pass->unlearnt = true;
		pass->end.result = error_set(&pass->end.error, ERROR_MEMORY, "out of memory");
		return;
	}
	pass->untagged_from += job->swept.count;
	if (!finding_wants(pass->filter, &job->swept)) {
		pass_paged(pass, job);
		job_free(job);
		return;
	}
	job->whose = pass->filter;
	pass->tagging++;
	lane_submit(pass->lane, job);
}

/* All tags were read. */
static void pass_tags_end(struct pass *pass)
{
	struct sweep_end *end = &pass->end;

	service_sweep_done(&pass->untagged);
	pass->untagged_from = 0;
	finding_filter_free(pass->filter);
	pass->filter = NULL;
	if (end->unread > 1)
		error_prefix(
			&end->reason, "the tags of %zu directories could not be read", end->unread);
	pass_told(pass);
}

/* Gives the lane the next thing to ask. False if there is none now. */
static bool pass_feed(struct pass *pass)
{
	struct target *target = pass_next(pass);

	if (target) {
		struct shared_sweep *page = target->page;

		target->page = NULL;
		pass_look(pass, target, page);
		shared_sweep_release(page);
		return true;
	}
	if (!pass->filter)
		return false;
	if (pass->untagged_from < pass->untagged.count)
		pass_tag(pass);
	else if (pass->tagging == 0)
		pass_tags_end(pass);
	else
		return false;
	return true;
}

/* Keeps the lane fed, and ends the pass after the last look. */
void pass_pump(struct pass *pass)
{
	if (!pass->passing || pass->scheduler->stopping)
		return;
	pass_patch(pass);
	while (lane_load(pass->lane) < pass->lane->concurrency * (1 + SCHEDULER_AHEAD) &&
		pass_feed(pass))
		;
	if (!pass->sweeping && !pass->ready && pass->looking == 0)
		pass_end(pass);
}

/* Begins a round with what the sweep before it has told. */
static void pass_replay(struct pass *pass)
{
	size_t last = pass->pages_count - 1;

	pass->passing = true;
	for (size_t i = 0; i < last; i++)
		pass_tell(pass, pass->pages[i]);
	for (size_t i = 0; i < pass->targets_count; i++)
		pass_ready(pass, pass->targets[i], pass->pages[last]);
	pass_forget(pass);
	pass_pump(pass);
}

/* So that the entries of one pass are found together. */
static void pass_name(struct pass *pass)
{
	sd_id128_t id;

	if (sd_id128_randomize(&id) >= 0)
		sd_id128_to_string(id, pass->id);
}

void pass_begin(struct pass *pass)
{
	struct scheduler *scheduler = pass->scheduler;
	struct error error = {0};
	struct job *job;

	pass_schedule(pass);
	if (pass->passing || scheduler->stopping || !scheduler_has_work(pass))
		return;
	pass->began = clock_elapsed();
	pass->round++;
	pass_name(pass);
	if (!pass_open(pass)) {
		pass_unread(pass, &pass->error);
		return;
	}
	if (pass->pages_count > 0) {
		pass_replay(pass);
		return;
	}
	job = job_new(JOB_SWEEP, pass->lane, NULL);
	if (!job || (pass->selects && finding_filter_make(scheduler->fleet, pass->account,
					      pass->region, &job->filter) < 0)) {
		job_free(job);
		error_set(&error, ERROR_MEMORY, "out of memory");
		pass_unread(pass, &error);
		return;
	}
	pass->passing = pass->sweeping = true;
	lane_submit(pass->lane, job);
}

void scheduler_begin_new(struct scheduler *scheduler)
{
	for (size_t i = 0; i < scheduler->passes_count; i++) {
		struct pass *pass = scheduler->passes[i];

		if (pass->passing || !scheduler_has_work(pass))
			continue;
		if (pass->round == 0) {
			pass_begin(pass);
			continue;
		}
		for (size_t j = 0; j < pass->targets_count; j++) {
			struct target *target = pass->targets[j];

			if (target->busy)
				continue;
			if (target->looked_at == 0 && !pass->lane)
				pass_begin(pass);
			else if (target->looked_at == 0 || (target->reason == REASON_UNCONFIRMED &&
								   !target_unconfirmed(target)))
				target_look_again(target, 0, 0);
		}
	}
}

int64_t scheduler_looked(const struct scheduler *scheduler)
{
	int64_t oldest = INT64_MAX;

	for (size_t i = 0; i < scheduler->passes_count; i++) {
		const struct pass *pass = scheduler->passes[i];

		if (scheduler_has_work(pass) && pass->ended < oldest)
			oldest = pass->ended;
	}
	return oldest < INT64_MAX ? oldest : 0;
}

int64_t scheduler_next(const struct scheduler *scheduler)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < scheduler->passes_count; i++) {
		const struct pass *pass = scheduler->passes[i];

		if (scheduler_has_work(pass) && pass->next_at != 0 && pass->next_at < next)
			next = pass->next_at;
	}
	return next < INT64_MAX ? clock_now() + next - clock_elapsed() : 0;
}

int scheduler_discover(struct scheduler *scheduler, const struct fleet *file, struct error *error)
{
	enum scheduler_mode mode = scheduler->mode;
	int r;

	scheduler->mode = SCHEDULER_DISCOVER;
	r = scheduler_adopt_fleet(scheduler, file, NULL, NULL, 0, error);
	if (r == 0)
		scheduler_begin(scheduler);
	while (r == 0 && !scheduler->stopping && scheduler->unfinished > 0)
		if (sd_event_run(scheduler->event, UINT64_MAX) < 0)
			r = error_set(error, ERROR_INTERNAL, "the event loop has failed");
	scheduler->mode = mode;
	scheduler->fleet = NULL; /* nothing was looked after yet */
	return r;
}
