/* SPDX-License-Identifier: Apache-2.0 */
#include "program/telling.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/hash.h"
#include "base/wrap.h"
#include "core/explain.h"
#include "edge/clock.h"
#include "program/entry.h"
#include "program/pass.h"
#include "program/report-health.h"
#include "program/report.h"
#include "program/scheduler-private.h"

/* What a lane gathers is told so long after the first at the latest: a pass may take long while an
 * API is dying, and between passes nothing else ends the wait. Seconds. */
#define TELLING_WAIT 60

/* What a look could not read stays as it was last read. */
static void keep_certificates(const struct target *target, json_t *status, struct buffer *text)
{
	struct ledger_key key = target_key(target);
	struct error ignored;
	char *before = NULL;

	if (!target->pass || !target->pass->scheduler->ledger ||
		ledger_status_find(target->pass->scheduler->ledger, &key, &before, &ignored) < 0)
		return;
	if (report_keep_certificates(status, before)) {
		buffer_clear(text);
		json_append(text, status);
	}
	free(before);
}

char *telling_status(
	struct target *target, const struct situation *situation, const struct decision *decision)
{
	json_t *status = report_status(target, situation, decision);
	struct buffer text;
	uint64_t mark;

	buffer_init(&text, LEDGER_STATUS_MAX);
	if (!status || json_append(&text, status) < 0) {
		json_decref(status);
		buffer_done(&text);
		return NULL;
	}
	mark = hash_text(HASH_START, buffer_text(&text));
	/* a write changes what is saved even if the look has shown nothing new */
	if (mark == target->told && !step_writes(&decision->step)) {
		json_decref(status);
		buffer_done(&text);
		return NULL;
	}
	target->told = mark;
	if (!situation->observed->complete)
		keep_certificates(target, status, &text);
	json_decref(status);
	return buffer_steal(&text);
}

void telling_status_known(struct target *target, const char *text)
{
	target->told = hash_text(HASH_START, text);
	target->health = report_health_past(text);
}

static void heading(const struct target *target, struct buffer *buffer)
{
	const char *name = target->wanted ? target->wanted->name : NULL;

	report_heading(name ? name : "", target->account, target->id, target->region, buffer);
}

/* What is rarely about one directory: the API, the network, the keys or the clock is at fault. */
static const bool common[REASONS] = {[REASON_UNREADABLE] = true,
	[REASON_THROTTLED] = true,
	[REASON_ACCESS_DENIED] = true,
	[REASON_CREDENTIALS_INVALID] = true,
	[REASON_WRONG_ACCOUNT] = true,
	[REASON_WRONG_SETTINGS] = true,
	[REASON_CLOCK_SKEW] = true,
	[REASON_STALE] = true};

static int gathered_due(sd_event_source *source, uint64_t usec, void *context)
{
	(void)source;
	(void)usec;
	telling_gathered(context);
	return 0;
}

/* What was gathered is told at the end of the pass, or by this timer. */
static void wait_for_more(struct pass *pass)
{
	int enabled = SD_EVENT_OFF;

	if (pass->telling && sd_event_source_get_enabled(pass->telling, &enabled) >= 0 &&
		enabled != SD_EVENT_OFF)
		return;
	scheduler_timer(pass->scheduler, &pass->telling, clock_elapsed() + TELLING_WAIT,
		gathered_due, pass);
}

/* Sends the sentence, now or with those of the other directories of the lane. */
static void tell(
	const struct target *target, const struct entry *entry, const char *sentence, bool gather)
{
	struct pass *pass = gather ? target->pass : NULL;
	struct buffer text;

	buffer_init(&text, JOURNAL_MESSAGE_SIZE);
	heading(target, &text);
	if (pass) {
		roundup_add(&pass->roundup, entry, buffer_text(&text), sentence,
			!pass->passing && pass->lane);
		wait_for_more(pass);
	} else {
		buffer_printf(&text, ": %s", sentence);
		entry_send(entry, buffer_text(&text));
	}
	buffer_done(&text);
}

void telling_gathered(struct pass *pass)
{
	struct buffer place;

	if (pass->telling)
		(void)sd_event_source_set_enabled(pass->telling, SD_EVENT_OFF);
	buffer_init(&place, JOURNAL_FIELD_SIZE);
	if (pass->account[0] != '\0')
		buffer_printf(&place, "account '%s' in %s", pass->account, pass->region);
	else
		buffer_append_text(&place, pass->region);
	roundup_tell(&pass->roundup, buffer_text(&place));
	buffer_done(&place);
}

/* "96 looks found it so since 2027-05-01T06:30:00Z" */
static void put_repeated(const struct repeat *repeat, struct buffer *buffer)
{
	char since[INSTANT_SIZE];

	instant_format(repeat->since, since);
	if (repeat->count > 1)
		buffer_printf(
			buffer, "%" PRIu32 " looks found it so since %s", repeat->count, since);
	else
		buffer_printf(buffer, "it was so since %s", since);
}

static const struct repeat *repeat_of(const struct target *target, enum reason reason)
{
	for (size_t i = 0; i < target->tally.count; i++)
		if (target->tally.rows[i].reason == reason)
			return &target->tally.rows[i].repeat;
	return NULL;
}

static void condition_text(const struct target *target, const struct condition *condition,
	uint32_t times, struct buffer *text)
{
	const struct repeat *repeat = times > 1 ? repeat_of(target, condition->reason) : NULL;

	buffer_printf(text, "%s: ", reason_str(condition->reason));
	explain_condition(condition, text);
	if (repeat) {
		buffer_append_text(text, "; ");
		put_repeated(repeat, text);
	}
	if (reason_advice(condition->reason)[0] != '\0') {
		buffer_append_text(text, "; to do: ");
		explain_advice(condition, target->id, target->region, text);
	}
}

/* Tells a condition, found for the `times`th time. `request_id`: of the look. */
static void tell_condition(const struct target *target, const struct condition *condition,
	uint32_t times, const char *request_id)
{
	const struct message message = message_of_reason(condition->reason);
	struct entry entry;
	struct buffer text;

	entry_begin(&entry, target, &message, condition_urgency(condition));
	entry_add(&entry, "REASON", message.name);
	entry_certificate(&entry, condition->certificate, condition->id);
	entry_repeated(&entry, times);
	if (common[condition->reason])
		entry_add(&entry, "AWS_REQUEST_ID", request_id);
	buffer_init(&text, JOURNAL_MESSAGE_SIZE);
	condition_text(target, condition, times, &text);
	tell(target, &entry, buffer_text(&text), common[condition->reason]);
	buffer_done(&text);
}

static void tell_over(void *context, const struct tally_row *row)
{
	const struct message message = message_of_event(EVENT_CONDITION_OVER);
	const struct target *target = context;
	struct entry entry;
	struct buffer text;

	entry_begin(&entry, target, &message, message.urgency);
	entry_add(&entry, "REASON", reason_str(row->reason));
	entry_repeated(&entry, row->repeat.count);
	buffer_init(&text, JOURNAL_MESSAGE_SIZE);
	buffer_printf(&text, "%s is over; ", reason_str(row->reason));
	put_repeated(&row->repeat, &text);
	tell(target, &entry, buffer_text(&text), true);
	buffer_done(&text);
}

static void tell_standing(const struct target *target, const struct decision *decision)
{
	const struct message message = message_of_reason(decision->step.reason);
	struct entry entry;

	entry_begin(&entry, target, &message, URGENCY_NOTICE);
	entry_add(&entry, "REASON", message.name);
	tell(target, &entry, reason_text(REASON_CONVERGED), true);
}

/* What was ready when it was seen last, be it by another process, is no news. */
static bool comes_to_rest(const struct target *target, const struct decision *decision)
{
	return decision->step.kind == STEP_SETTLED &&
	       target->health.truth[HEALTH_READY] != TRUTH_TRUE &&
	       report_standing(decision) == STANDING_READY;
}

void telling_decided(struct target *target, const struct situation *situation,
	const struct decision *decision, const char *request_id)
{
	tally_recall(&target->tally, &target->memory);
	for (size_t i = 0; i < decision->conditions_count; i++) {
		const struct condition *condition = &decision->conditions[i];
		uint32_t times = tally_take(&target->tally, situation, condition);

		if (times > 0)
			tell_condition(target, condition, times, request_id);
	}
	tally_end(&target->tally, situation, tell_over, target);
	if (comes_to_rest(target, decision))
		tell_standing(target, decision);
}

static int outcome_text(const struct job *job, struct buffer *buffer)
{
	buffer_append_text(buffer, job_outcome_str(job));
	if (job->outcome.id[0] != '\0')
		buffer_printf(buffer, " as %s", job->outcome.id);
	if (job->result < 0)
		buffer_printf(buffer, ": %s", job->error.message);
	return buffer_status(buffer);
}

int telling_outcome_text(const struct job *job, size_t width, struct buffer *buffer)
{
	struct buffer words;

	buffer_init(&words, JOURNAL_MESSAGE_SIZE);
	outcome_text(job, &words);
	buffer_printf(buffer, "%*s", REPORT_INDENT, "");
	wrap_words(buffer, REPORT_INDENT, REPORT_INDENT, width, buffer_text(&words));
	buffer_done(&words);
	return buffer_status(buffer);
}

int telling_act_text(const struct job *job, struct buffer *buffer)
{
	explain_act(&job->step, buffer);
	buffer_append_text(buffer, ": ");
	return outcome_text(job, buffer);
}

int telling_sent_text(const struct job *job, struct buffer *buffer)
{
	if (job->begun && job->outcome.kind == OUTCOME_NOT_EXECUTED)
		return buffer_status(buffer);
	if (job->begun)
		return telling_act_text(job, buffer);
	explain_act(&job->step, buffer);
	return buffer_append_text(buffer, ": begun, and its outcome is not known yet");
}

/* A throttled request and the like was answered, though not executed. */
static enum event event_of(const struct job *job)
{
	if (job->result == 0)
		return EVENT_CHANGE_ACCEPTED;
	if (job->outcome.kind == OUTCOME_UNKNOWN)
		return EVENT_CHANGE_UNKNOWN;
	return job->outcome.kind == OUTCOME_REFUSED || job->outcome.refusal != REFUSAL_NONE
		       ? EVENT_CHANGE_REFUSED
		       : EVENT_CHANGE_UNSENT;
}

static void entry_step(struct entry *entry, const struct job *job)
{
	const char *id = job->outcome.id[0] != '\0' ? job->outcome.id : job->step.id;

	entry_add(entry, "ACTION", step_kind_str(job->step.kind));
	entry_add(entry, "REASON", reason_str(job->step.reason));
	entry_certificate(entry, job->step.certificate, id);
	entry_add(entry, "AWS_REQUEST_ID", job->reply.request_id);
}

void telling_acted(const struct target *target, const struct job *job)
{
	const struct message message = message_of_event(event_of(job));
	struct entry entry;
	struct buffer text;

	entry_begin(&entry, target, &message, message.urgency);
	entry_step(&entry, job);
	buffer_init(&text, JOURNAL_MESSAGE_SIZE);
	telling_act_text(job, &text);
	tell(target, &entry, buffer_text(&text), false);
	buffer_done(&text);
}

void telling_unsaved(const struct target *target, const struct job *job, uint32_t times)
{
	const struct message message = message_of_event(EVENT_UNRECORDED);
	struct entry entry;
	struct buffer text;

	entry_begin(&entry, target, &message, message.urgency);
	if (step_writes(&job->step))
		entry_step(&entry, job);
	entry_repeated(&entry, times);
	buffer_init(&text, JOURNAL_MESSAGE_SIZE);
	buffer_printf(&text, "%s could not be recorded%s: %s; ",
		job->begun ? "what became of the last step" : "what was learnt or intended",
		job->begun ? "; it is looked at again" : ", so nothing was sent",
		job->unrecorded.message);
	if (times > 1)
		buffer_printf(&text, "this has happened %" PRIu32 " times; ", times);
	buffer_append_text(
		&text, "to do: see that the state directory has room and can be written");
	tell(target, &entry, buffer_text(&text), false);
	buffer_done(&text);
}
