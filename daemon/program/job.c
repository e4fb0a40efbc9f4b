/* SPDX-License-Identifier: Apache-2.0 */
#include "program/job.h"

#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/text.h"
#include "core/explain.h"
#include "core/guard.h"
#include "edge/clock.h"
#include "edge/observe.h"
#include "edge/x509.h"
#include "program/lane.h"
#include "program/report.h"
#include "program/telling.h"

struct job *job_new(enum job_kind kind, struct lane *lane, struct target *target)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->kind = kind;
	job->lane = lane;
	job->target = target;
	return job;
}

void job_free(struct job *job)
{
	if (!job)
		return;
	shared_sweep_release(job->sweep);
	service_sweep_done(&job->swept);
	finding_filter_free(job->filter);
	observed_done(&job->observed);
	memory_done(&job->memory);
	adopted_done(&job->adopted);
	rollouts_done(&job->rollouts);
	free(job->status);
	free(job);
}

struct shared_sweep *shared_sweep_use(struct shared_sweep *sweep)
{
	if (sweep)
		sweep->users++;
	return sweep;
}

void shared_sweep_release(struct shared_sweep *sweep)
{
	if (!sweep || --sweep->users > 0)
		return;
	service_sweep_done(&sweep->sweep);
	free(sweep);
}

static int hand_page(void *context, struct service_sweep *page)
{
	const struct job *sweep = context;
	struct job *job = job_new(JOB_PAGE, sweep->lane, NULL);

	if (!job)
		return -ERROR_MEMORY;
	job->swept = *page;
	*page = (struct service_sweep){0};
	finished_put(sweep->lane->finished, job);
	return 0;
}

static void run_sweep(struct job *job, struct service *service)
{
	if (job->filter)
		job->result = service_describe_directories(
			service, NULL, &job->swept, &job->reply, &job->error);
	else
		job->result =
			service_sweep_pages(service, hand_page, job, &job->reply, &job->error);
}

/* A look without a sweep asks for its own directory first: fresh enough to act on. */
static void run_look(struct job *job, struct service *service)
{
	struct service_sweep own = {0};
	const struct service_sweep *sweep = job->sweep ? &job->sweep->sweep : &own;

	if (!job->sweep)
		job->result = service_describe_directories(
			service, job->directory, &own, &job->reply, &job->error);
	if (job->result < 0) {
		job->observed.refusal = observe_refusal(&job->error, &job->reply);
		text_copy(job->error.message, job->observed.reason, sizeof(job->observed.reason));
	} else {
		job->result = observe(
			service, sweep, job->directory, &job->observed, &job->reply, &job->error);
	}
	if (job->observed.arrived == 0)
		job->observed.arrived = clock_elapsed();
	service_sweep_done(&own);
}

static int call_register(struct job *job, struct service *service)
{
	char *pem = x509_pem(job->step.certificate);
	int r;

	if (!pem)
		return error_set(&job->error, ERROR_MEMORY, "out of memory");
	r = service_register_certificate(service, job->directory, pem, job->step.deadline,
		job->outcome.id, &job->reply, &job->error);
	free(pem);
	return r;
}

static int call(struct job *job, struct service *service)
{
	const struct step *step = &job->step;

	switch (step->kind) {
	case STEP_REGISTER:
		return call_register(job, service);
	case STEP_DEREGISTER:
		return service_deregister_certificate(service, job->directory, step->id,
			step->deadline, &job->reply, &job->error);
	case STEP_ENABLE:
		return service_enable_ldaps(
			service, job->directory, step->deadline, &job->reply, &job->error);
	case STEP_DISABLE:
		return service_disable_ldaps(
			service, job->directory, step->deadline, &job->reply, &job->error);
	default:
		return error_set(&job->error, ERROR_INTERNAL, "a step that calls nothing");
	}
}

/* What the reply means for memory: only what the API refused by name is a refusal. */
static enum outcome_kind outcome_of(const struct job *job, int result)
{
	if (result == 0)
		return OUTCOME_ACCEPTED;
	if (job->reply.outcome == SERVICE_UNKNOWN)
		return OUTCOME_UNKNOWN;
	return job->reply.refusal != REFUSAL_NONE ? OUTCOME_REFUSED : OUTCOME_NOT_EXECUTED;
}

const char *job_outcome_str(const struct job *job)
{
	switch (job->outcome.kind) {
	case OUTCOME_ACCEPTED:
		return "accepted";
	case OUTCOME_REFUSED:
		return job->reply.code[0] != '\0' ? job->reply.code
						  : refusal_str(job->outcome.refusal);
	case OUTCOME_NOT_EXECUTED:
		return "not sent";
	default:
		return "unknown";
	}
}

static struct ledger_change change_of(const struct job *job)
{
	return (struct ledger_change){.key = job->key,
		.memory = &job->memory,
		.status = job->status,
		.rollouts = job->rolls ? &job->rollouts : NULL};
}

/* How many changes of the ledger a job makes with its memory. */
static size_t changes_count(const struct job *job)
{
	return 1 + job->adopted.count;
}

/* Saves memory as it is, and what was adopted, of some jobs in one commit. */
static int save_learnt(struct job *const *jobs, size_t count, struct error *error)
{
	struct ledger_change *changes;
	size_t all = 0, used = 0;
	int r;

	for (size_t i = 0; i < count; i++)
		all += changes_count(jobs[i]);
	changes = calloc(all, sizeof(changes[0]));
	if (!changes)
		return error_set(error, ERROR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		changes[used] = change_of(jobs[i]);
		adopted_changes(&jobs[i]->adopted, &changes[used + 1]);
		used += changes_count(jobs[i]);
	}
	r = ledger_save_all(jobs[0]->ledger, changes, all, error);
	free(changes);
	return r;
}

/* Saves memory as it is now, and in the history what became of the step. */
static int save_outcome(struct job *job, const char *outcome, struct error *error)
{
	const struct step *step = &job->step;
	struct ledger_change change = change_of(job);
	struct ledger_entry entry = {.at = job->now,
		.key = job->key,
		.action = step_kind_str(step->kind),
		.id = job->outcome.id[0] != '\0' ? job->outcome.id : step->id,
		.reason = reason_str(step->reason),
		.outcome = outcome,
		.request_id = job->reply.request_id};
	struct buffer text;
	int r;

	buffer_init(&text, EXPLAIN_SIZE);
	explain_act(step, &text);
	if (job->ground[0] != '\0')
		buffer_printf(&text, ", as %s", job->ground);
	if (job->result < 0)
		buffer_printf(&text, ": %s", job->error.message);
	entry.text = buffer_text(&text);
	if (step->certificate) {
		entry.certificate = step->certificate->sha256;
		entry.common_name = step->certificate->common_name;
	}
	change.entry = &entry;
	r = ledger_save_all(job->ledger, &change, 1, error);
	buffer_done(&text);
	return r;
}

/* The status is of the look before the step: now it tells of the step too. */
static void put_sent(struct job *job)
{
	struct buffer text;
	char *status;

	buffer_init(&text, EXPLAIN_SIZE);
	telling_sent_text(job, &text);
	status = report_sent_text(job->status, buffer_text(&text));
	free(job->status);
	job->status = status;
	buffer_done(&text);
}

static void saved(struct job *job, int r, const struct error *error)
{
	job->recorded = r == 0;
	if (r < 0)
		job->unrecorded = *error;
}

void jobs_save(struct job *const *jobs, size_t count)
{
	struct error error = {0};
	int r = save_learnt(jobs, count, &error);

	for (size_t i = 0; i < count; i++) {
		struct error own = error;
		/* a value that cannot be kept is no reason for the others to lose theirs */
		int one = r == -ERROR_INTERNAL ? save_learnt(&jobs[i], 1, &own) : r;

		saved(jobs[i], one, &own);
	}
}

/* Whether the orders have changed since the step was decided: another file, another time, or the
 * end. */
static bool obsolete(const struct job *job)
{
	return atomic_load(job->orders_now) != job->orders;
}

/* The call between its two commits. */
static void run_step(struct job *job, struct service *service)
{
	struct error error = {0};

	job->begun = true;
	if (obsolete(job))
		job->result = error_set(&job->error, ERROR_STALE,
			"dropped, as the file has changed, the clock was set, or the program "
			"ends");
	else if (guard_stale(&job->step, clock_elapsed()))
		job->result = error_set(&job->error, ERROR_STALE,
			"dropped, as the look it rests on is more than 60 s old");
	else
		job->result = call(job, service);
	job->outcome.kind = outcome_of(job, job->result);
	job->outcome.refusal = job->reply.refusal;
	memory_conclude(&job->memory, &job->step, &job->outcome, job->observed_mark, job->now);
	put_sent(job);
	saved(job, save_outcome(job, job_outcome_str(job), &error), &error);
}

/* Design 5.3: commit the intent, call, commit the outcome. An intent that cannot be kept is not
 * acted on, and one that is obsolete is not even kept. */
static void run_commit(struct job *job, struct service *service)
{
	struct error error = {0};
	int r;

	if (obsolete(job)) {
		job->result = -ERROR_STALE;
		return;
	}
	r = memory_intend(&job->memory, &job->step, job->now);
	if (r < 0)
		error_set(&error, ERROR_MEMORY, "out of memory");
	else
		put_sent(job);
	if (r == 0)
		r = save_learnt(&job, 1, &error);
	saved(job, r, &error);
	if (r == 0)
		run_step(job, service);
}

void job_run(struct job *job, struct service *service)
{
	switch (job->kind) {
	case JOB_SWEEP:
		run_sweep(job, service);
		break;
	case JOB_PAGE:
		break;
	case JOB_TAGS:
		job->result = finding_tags(
			service, job->whose, &job->swept, &job->reply, &job->unread, &job->error);
		break;
	case JOB_LOOK:
		run_look(job, service);
		break;
	case JOB_SAVE:
		jobs_save(&job, 1);
		break;
	case JOB_COMMIT:
		run_commit(job, service);
		break;
	}
}
