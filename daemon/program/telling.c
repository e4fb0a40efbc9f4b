/* SPDX-License-Identifier: Apache-2.0 */
#include "program/telling.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/calendar.h"
#include "base/hash.h"
#include "base/wrap.h"
#include "core/explain.h"
#include "edge/journal.h"
#include "program/pass.h"
#include "program/report-health.h"
#include "program/report.h"
#include "program/scheduler.h"

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
	if (mark == target->told) {
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

/* The fields of an entry; what has no value is left out by the journal. */
struct fields {
	struct journal_field list[10];
	char sha256[DIGEST_TEXT_SIZE];
	char not_after[INSTANT_SIZE];
};

static void fields_fill(struct fields *fields, const struct target *target, const char *action,
	const char *reason, const struct certificate *certificate, const char *id,
	const char *request_id)
{
	const char *name = target->wanted ? target->wanted->name : NULL;
	struct journal_field list[] = {
		{"DIRECTORY_ID", target->id},
		{"DIRECTORY_NAME", name},
		{"REGION", target->region},
		{"ACCOUNT", target->account[0] != '\0' ? target->account : NULL},
		{"ACTION", action},
		{"REASON", reason},
		{"CERTIFICATE_ID", id && id[0] != '\0' ? id : NULL},
		{"CERTIFICATE_SHA256",
			certificate ? digest_format(&certificate->sha256, fields->sha256) : NULL},
		{"NOT_AFTER", certificate
				      ? instant_format(certificate->not_after, fields->not_after)
				      : NULL},
		{"AWS_REQUEST_ID", request_id && request_id[0] != '\0' ? request_id : NULL},
	};

	memcpy(fields->list, list, sizeof(list));
}

static void heading(const struct target *target, struct buffer *buffer)
{
	const char *name = target->wanted ? target->wanted->name : NULL;

	report_heading(name ? name : "", target->account, target->id, target->region, buffer);
}

static int severity_priority(enum severity severity)
{
	static const int priorities[SEVERITIES] = {[SEVERITY_ERROR] = LOG_ERR,
		[SEVERITY_WARNING] = LOG_WARNING,
		[SEVERITY_NOTE] = LOG_INFO};

	return priorities[severity];
}

static void tell_condition(const struct target *target, const struct condition *condition)
{
	struct fields fields;
	struct buffer text;

	buffer_init(&text, JOURNAL_MESSAGE_SIZE);
	heading(target, &text);
	buffer_printf(&text, ": %s: ", reason_str(condition->reason));
	explain_condition(condition, &text);
	if (reason_advice(condition->reason)[0] != '\0') {
		buffer_append_text(&text, "; to do: ");
		explain_advice(condition, target->id, target->region, &text);
	}
	fields_fill(&fields, target, NULL, reason_str(condition->reason), condition->certificate,
		condition->id, NULL);
	journal_send(severity_priority(condition_severity(condition)), fields.list,
		ARRAY_LENGTH(fields.list), "%s", buffer_text(&text));
	buffer_done(&text);
}

static void tell_standing(const struct target *target, const struct decision *decision)
{
	struct fields fields;
	struct buffer text;

	buffer_init(&text, JOURNAL_MESSAGE_SIZE);
	heading(target, &text);
	buffer_append_text(&text, ": everything is as the file wants it");
	fields_fill(&fields, target, NULL, reason_str(decision->step.reason), NULL, NULL, NULL);
	journal_send(LOG_NOTICE, fields.list, ARRAY_LENGTH(fields.list), "%s", buffer_text(&text));
	buffer_done(&text);
}

void telling_decided(
	struct target *target, const struct situation *situation, const struct decision *decision)
{
	(void)situation;
	for (size_t i = 0; i < decision->conditions_count; i++)
		if (decision->conditions[i].news)
			tell_condition(target, &decision->conditions[i]);
	if (decision->step.kind == STEP_SETTLED && target->state != STEP_SETTLED &&
		report_standing(decision) == STANDING_READY)
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

void telling_acted(const struct target *target, const struct job *job)
{
	const char *id = job->outcome.id[0] != '\0' ? job->outcome.id : job->step.id;
	struct fields fields;
	struct buffer text;

	buffer_init(&text, JOURNAL_MESSAGE_SIZE);
	heading(target, &text);
	buffer_append_text(&text, ": ");
	telling_act_text(job, &text);
	fields_fill(&fields, target, step_kind_str(job->step.kind), reason_str(job->step.reason),
		job->step.certificate, id, job->reply.request_id);
	journal_send(job->result == 0 ? LOG_NOTICE : LOG_WARNING, fields.list,
		ARRAY_LENGTH(fields.list), "%s", buffer_text(&text));
	buffer_done(&text);
}

void telling_unsaved(const struct target *target, const struct job *job)
{
	struct fields fields;

	fields_fill(&fields, target, NULL, "Unrecorded", NULL, NULL, NULL);
	journal_send(LOG_ERR, fields.list, ARRAY_LENGTH(fields.list),
		"%s (%s): %s could not be recorded%s: %s; to do: see that the state directory has "
		"room and can be written",
		target->id, target->region,
		job->begun ? "what became of the last step" : "what was learnt or intended",
		job->begun ? "; it is looked at again" : ", so nothing was sent",
		job->unrecorded.message);
}
