/* SPDX-License-Identifier: Apache-2.0 */
#include "program/report.h"

#include <string.h>

#include "base/calendar.h"
#include "base/wrap.h"
#include "core/announce.h"
#include "core/explain.h"
#include "core/rotation.h"
#include "program/report-health.h"
#include "program/report-table.h"

/* Where a status stands that is kept of a directory that has left the file. */
#define STANDING_RELEASED "released"

struct report_style report_style_stdout(void)
{
	return (struct report_style){
		.colour = terminal_colour(1), .width = (size_t)terminal_width(1)};
}

/* ---- values ---- */

/* The first condition that is an error; REASON_NONE if none is. */
static enum reason first_error(const struct decision *decision)
{
	for (size_t i = 0; i < decision->conditions_count; i++)
		if (condition_severity(&decision->conditions[i]) == SEVERITY_ERROR)
			return decision->conditions[i].reason;
	return REASON_NONE;
}

enum standing report_standing(const struct decision *decision)
{
	if (step_writes(&decision->step) || decision->step.kind == STEP_OBSERVE)
		return STANDING_CHANGING;
	if (decision->step.kind == STEP_HELD)
		return STANDING_HELD;
	if (first_error(decision) != REASON_NONE)
		return decision->step.kind == STEP_SETTLED ? STANDING_ALARM : STANDING_HELD;
	if (decision->step.reason == REASON_IN_FLIGHT)
		return STANDING_CHANGING;
	return decision->step.kind == STEP_WAIT ? STANDING_WAITING : STANDING_READY;
}

/* Why it stands so: what only waits or is settled is held by its first error. */
static enum reason standing_reason(const struct decision *decision)
{
	enum reason error = first_error(decision);
	bool held = decision->step.kind == STEP_WAIT || decision->step.kind == STEP_SETTLED;

	return held && error != REASON_NONE ? error : decision->step.reason;
}

static const char *const standings[] = {[STANDING_READY] = "ready",
	[STANDING_CHANGING] = "changing",
	[STANDING_WAITING] = "waiting",
	[STANDING_HELD] = "held",
	[STANDING_ALARM] = "alarm"};

const char *standing_str(enum standing standing)
{
	return standings[standing];
}

json_t *report_instant(int64_t instant)
{
	char text[INSTANT_SIZE];

	return instant != 0 ? json_string(instant_format(instant, text)) : json_null();
}

json_t *report_digest(const struct certificate *certificate)
{
	char text[DIGEST_TEXT_SIZE];

	return certificate ? json_string(digest_format(&certificate->sha256, text)) : json_null();
}

/* What was explained so far as JSON; the buffer is empty then. */
static json_t *text_json(struct buffer *text)
{
	json_t *value = json_text(buffer_text(text));

	buffer_clear(text);
	return value;
}

static json_t *condition_json(
	const struct condition *condition, const char *directory, const char *region)
{
	json_t *value, *message, *advice;
	struct buffer text;

	buffer_init(&text, EXPLAIN_SIZE);
	explain_condition(condition, &text);
	message = text_json(&text);
	explain_advice(condition, directory, region, &text);
	advice = text_json(&text);
	value = json_pack("{s:s, s:s, s:o, s:o, s:s?, s:o, s:s, s:o, s:o}", "reason",
		reason_str(condition->reason), "severity",
		severity_str(condition_severity(condition)), "message", message, "advice", advice,
		"holds", condition->holds != STEP_OBSERVE ? step_kind_str(condition->holds) : NULL,
		"certificate", report_digest(condition->certificate), "id", condition->id, "at",
		report_instant(condition->at), "reversible_until",
		report_instant(condition->reversible_until));
	buffer_done(&text);
	return value;
}

/* `memory` says since when they hold; NULL: that is not told. */
static json_t *conditions_json(const struct target *target, const struct memory *memory,
	const struct condition *conditions, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *value = condition_json(&conditions[i], target->id, target->region);

		if (memory)
			(void)json_object_set_new(value, "since",
				report_instant(announce_since(memory, &conditions[i])));
		(void)json_array_append_new(array, value);
	}
	return array;
}

static const char *owner_str(const struct memory_certificate *owned)
{
	if (!owned)
		return "foreign";
	return owned->origin == ORIGIN_ADOPTED ? "adopted" : "ldapsward";
}

static json_t *certificate_json(const struct situation *situation, const struct listed *listed)
{
	const struct memory_certificate *owned = situation_owned(situation, listed);
	const struct certificate *certificate = situation_certificate(situation, listed);

	return json_pack("{s:s, s:o, s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "id", listed->id,
		"common_name", json_text(listed->common_name), "sha256", report_digest(certificate),
		"owner", owner_str(owned), "type", certificate_type_str(listed->type), "state",
		certificate_state_str(listed->state), "state_reason",
		json_text(listed->state_reason ? listed->state_reason : ""), "registered",
		report_instant(owned ? owned->registered_at : 0), "expires",
		report_instant(listed->expiry), "reversible_until",
		report_instant(certificate ? certificate_reversible_until(certificate) : 0));
}

static json_t *certificates_json(const struct situation *situation)
{
	json_t *array = json_array();

	for (size_t i = 0; i < situation->observed->listed_count; i++)
		(void)json_array_append_new(
			array, certificate_json(situation, &situation->observed->listed[i]));
	return array;
}

static const char *ldaps_word(const struct observed *observed)
{
	if (!observed->complete)
		return "Unknown";
	return observed->ldaps_explicit ? ldaps_status_str(observed->ldaps) : "NeverEnabled";
}

const char *report_name(const struct target *target, const struct observed *observed)
{
	if (observed->name[0] != '\0')
		return observed->name;
	return target->wanted->name ? target->wanted->name : "";
}

bool report_unread(enum reason reason, bool complete)
{
	return (reason == REASON_CLOCK_SKEW && !complete) || reason == REASON_UNREADABLE ||
	       reason == REASON_THROTTLED || reason == REASON_ACCESS_DENIED ||
	       reason == REASON_CREDENTIALS_INVALID || reason == REASON_WRONG_ACCOUNT ||
	       reason == REASON_WRONG_SETTINGS || reason == REASON_DIRECTORY_MISSING;
}

json_t *report_begin(const struct target *target, const struct situation *situation)
{
	const struct observed *observed = situation->observed;

	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:s}", "account", target->account,
		"region", target->region, "directory", target->id, "name",
		json_text(report_name(target, observed)), "type",
		directory_type_str(observed->type), "stage", directory_stage_str(observed->stage),
		"ldaps", ldaps_word(observed));
}

void report_decision(json_t *report, const struct target *target, const struct memory *memory,
	const struct decision *decision)
{
	(void)json_object_set_new(
		report, "standing", json_string(standings[report_standing(decision)]));
	(void)json_object_set_new(
		report, "reason", json_string(reason_str(standing_reason(decision))));
	(void)json_object_set_new(report, "conditions",
		conditions_json(target, memory, decision->conditions, decision->conditions_count));
}

json_t *report_status(
	struct target *target, const struct situation *situation, const struct decision *decision)
{
	json_t *report = report_begin(target, situation);

	report_decision(report, target, situation->memory, decision);
	(void)json_object_set_new(report, "health", report_health(target, situation, decision));
	(void)json_object_set_new(report, "certificates", certificates_json(situation));
	(void)json_object_set_new(report, "certificates_old", json_false());
	if (situation->wanted->selector)
		(void)json_object_set_new(
			report, "selector", json_text(situation->wanted->selector->place));
	return report;
}

/* Whether a loss is told that need not be told any more, or not yet: its instant is of a clock that
 * was wrong. */
static bool loss_over(const json_t *status, int64_t now)
{
	const json_t *conditions = json_member_array(status, "conditions");
	const char *text = json_member_text(json_array_get(conditions, 0), "at");
	int64_t at;

	return text && (instant_parse(text, &at) < 0 || now - at >= REPORT_LOSS_TOLD || now < at);
}

bool report_is_selected(const json_t *status)
{
	return json_member_text(status, "selector") != NULL;
}

bool report_release(json_t *status, const struct condition *loss, int64_t now)
{
	const char *standing = json_member_text(status, "standing");
	json_t *conditions;

	if (!standing)
		return false;
	if (strcmp(standing, STANDING_RELEASED) == 0) {
		if (!loss_over(status, now))
			return false;
		loss = NULL;
	}
	conditions = json_array();
	if (loss)
		(void)json_array_append_new(
			conditions, condition_json(loss, json_member_text(status, "directory"),
					    json_member_text(status, "region")));
	(void)json_object_set_new(status, "standing", json_string(STANDING_RELEASED));
	(void)json_object_set_new(
		status, "reason", json_string(loss ? reason_str(loss->reason) : "Released"));
	(void)json_object_set_new(status, "conditions", conditions);
	(void)json_object_set_new(status, "health", json_array());
	return true;
}

bool report_keep_certificates(json_t *status, const char *before)
{
	json_t *certificates = NULL;
	bool found;

	if (json_parse_member(before, strlen(before), "certificates", &certificates, NULL) < 0)
		return false;
	found = json_array_size(certificates) > 0;
	if (found) {
		(void)json_object_set(status, "certificates", certificates);
		(void)json_object_set_new(status, "certificates_old", json_true());
	}
	json_decref(certificates);
	return found;
}

void report_sent(json_t *status, const char *sent)
{
	if (sent[0] != '\0')
		(void)json_object_set_new(status, "sent", json_text(sent));
	else
		(void)json_object_del(status, "sent");
}

char *report_sent_text(const char *status, const char *sent)
{
	json_t *value = NULL;
	struct buffer text;

	buffer_init(&text, LEDGER_STATUS_MAX);
	if (!status || json_parse(status, strlen(status), &value, NULL) < 0)
		return NULL;
	report_sent(value, sent);
	if (json_append(&text, value) < 0)
		buffer_done(&text);
	json_decref(value);
	return text.length > 0 ? buffer_steal(&text) : NULL;
}

/* What a function of core/explain says of a step, as JSON. */
static json_t *explained_step(
	int (*explain)(const struct step *, struct buffer *), const struct step *step)
{
	struct buffer text;
	json_t *value;

	buffer_init(&text, EXPLAIN_SIZE);
	explain(step, &text);
	value = json_text(buffer_text(&text));
	buffer_done(&text);
	return value;
}

/* What is to be known of a step: that LDAPS is enabled without proof (design 4.3, rule 4), why a
 * generation may go now. */
static json_t *step_note(const struct step *step, const struct situation *situation)
{
	char ground[ROTATION_GROUND_SIZE];

	if (step->kind == STEP_ENABLE && situation->proof->registered == VERDICT_UNKNOWN)
		return json_string(reason_text(REASON_UNPROVEN));
	return json_text(rotation_ground(situation, step, ground));
}

static json_t *step_json(const struct step *step, const struct situation *situation)
{
	json_t *text = step_writes(step) ? explained_step(explain_step, step)
					 : json_string("wait for what is in flight");

	return json_pack("{s:s, s:o, s:s, s:o, s:s, s:o, s:o, s:o, s:o}", "action",
		step_kind_str(step->kind), "text", text, "reason", reason_str(step->reason), "why",
		explained_step(explain_why, step), "id", step->id, "certificate",
		report_digest(step->certificate), "reversibility",
		explained_step(explain_reversibility, step), "reversible_until",
		report_instant(step->reversible_until), "note", step_note(step, situation));
}

json_t *report_plan(
	const struct target *target, const struct situation *situation, const struct plan *plan)
{
	json_t *report = report_begin(target, situation), *steps = json_array();

	for (size_t i = 0; i < plan->count; i++)
		(void)json_array_append_new(steps, step_json(&plan->steps[i], situation));
	(void)json_object_set_new(report, "steps", steps);
	(void)json_object_set_new(
		report, "notes", conditions_json(target, NULL, plan->notes, plan->notes_count));
	report_decision(report, target, NULL, &plan->end);
	return report;
}

/* ---- texts ---- */

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_member_text(object, key);

	return text ? text : "";
}

int report_heading(const char *name, const char *account, const char *directory, const char *region,
	struct buffer *buffer)
{
	if (name[0] != '\0') {
		wrap_text(buffer, name);
		buffer_printf(buffer, " (%s, ", directory);
	} else {
		buffer_printf(buffer, "%s (", directory);
	}
	if (account[0] != '\0')
		buffer_printf(buffer, "%s, ", account);
	return buffer_printf(buffer, "%s)", region);
}

static void heading(const json_t *report, struct buffer *buffer)
{
	report_heading(text_of(report, "name"), text_of(report, "account"),
		text_of(report, "directory"), text_of(report, "region"), buffer);
}

static enum terminal_style severity_style(const char *severity)
{
	if (strcmp(severity, "error") == 0)
		return TERMINAL_RED;
	return strcmp(severity, "warning") == 0 ? TERMINAL_YELLOW : TERMINAL_DIM;
}

/* One condition, and on lines of its own what to do about it. */
static void condition_text(
	const json_t *condition, const struct report_style *style, struct buffer *buffer)
{
	const char *severity = text_of(condition, "severity");
	const char *reason = text_of(condition, "reason");
	const char *advice = text_of(condition, "advice");
	const char *since = text_of(condition, "since");
	struct buffer words;

	buffer_init(&words, EXPLAIN_SIZE);
	buffer_append_text(&words, text_of(condition, "message"));
	if (since[0] != '\0' && strcmp(severity, "note") != 0)
		buffer_printf(&words, " (since %s)", since);
	buffer_printf(buffer,
		"  %s%s: %s%s:", terminal_style(severity_style(severity), style->colour), severity,
		reason, terminal_style(TERMINAL_RESET, style->colour));
	wrap_words(buffer, 2 + strlen(severity) + 2 + strlen(reason) + 1, REPORT_INDENT,
		style->width, buffer_text(&words));
	buffer_done(&words);
	if (advice[0] == '\0')
		return;
	buffer_printf(buffer, "%*sto do:", REPORT_INDENT, "");
	wrap_words(buffer, REPORT_INDENT + strlen("to do:"), REPORT_INDENT, style->width, advice);
}

/* Whether one of the first `count` reads the same: a directory can have one cause of many effects.
 */
static bool condition_repeats(const json_t *conditions, size_t count, const json_t *condition)
{
	for (size_t i = 0; i < count; i++) {
		const json_t *before = json_array_get(conditions, i);

		if (strcmp(text_of(before, "reason"), text_of(condition, "reason")) == 0 &&
			strcmp(text_of(before, "message"), text_of(condition, "message")) == 0)
			return true;
	}
	return false;
}

void report_conditions_text(
	const json_t *conditions, const struct report_style *style, struct buffer *buffer)
{
	size_t i;
	json_t *condition;

	json_array_foreach(conditions, i, condition)
	{
		if (!condition_repeats(conditions, i, condition))
			condition_text(condition, style, buffer);
	}
}

static enum terminal_style standing_style(const char *standing)
{
	if (strcmp(standing, "ready") == 0)
		return TERMINAL_GREEN;
	return strcmp(standing, "held") == 0 || strcmp(standing, "alarm") == 0 ? TERMINAL_RED
									       : TERMINAL_YELLOW;
}

/* What the look that all else is of could not see. */
static void sent_text(const json_t *status, const struct report_style *style, struct buffer *buffer)
{
	const char *sent = json_member_text(status, "sent");
	struct buffer words;

	if (!sent)
		return;
	buffer_init(&words, REPORT_TEXT_MAX);
	buffer_printf(&words, "%s; what follows was seen before that", sent);
	buffer_append_text(buffer, "  ");
	wrap_words(buffer, 2, REPORT_INDENT, style->width, buffer_text(&words));
	buffer_done(&words);
}

int report_status_text(
	const json_t *status, int64_t now, const struct report_style *style, struct buffer *buffer)
{
	const char *standing = text_of(status, "standing");

	heading(status, buffer);
	buffer_printf(buffer, ": %s%s%s", terminal_style(standing_style(standing), style->colour),
		standing, terminal_style(TERMINAL_RESET, style->colour));
	if (strcmp(standing, "ready") != 0)
		buffer_printf(buffer, " (%s)", text_of(status, "reason"));
	buffer_append_text(buffer, "\n");
	sent_text(status, style, buffer);
	buffer_printf(buffer, "  client-side LDAPS: %s\n", text_of(status, "ldaps"));
	if (strcmp(standing, STANDING_RELEASED) == 0)
		buffer_printf(buffer, "  no longer %s: left as it was last seen\n",
			json_array_size(json_member_array(status, "conditions")) > 0
				? "selected"
				: "in the file");
	else if (json_is_true(json_object_get(status, "certificates_old")))
		buffer_append_text(buffer, "  certificates as they were last read:\n");
	report_table(json_member_array(status, "certificates"), now, style, buffer);
	report_conditions_text(json_member_array(status, "conditions"), style, buffer);
	return buffer_status(buffer);
}

/* ---- the steps of a plan ---- */

char report_step_sign(const char *action)
{
	switch (action[0]) {
	case 'r':
		return '+';
	case 'd':
		return strcmp(action, "deregister") == 0 ? '-' : '~';
	case 'w':
		return '.';
	default:
		return '~';
	}
}

enum terminal_style report_step_style(const char *action)
{
	char sign = report_step_sign(action);

	if (sign == '+')
		return TERMINAL_GREEN;
	return sign == '-' ? TERMINAL_RED : TERMINAL_YELLOW;
}

/* "because it is wanted and not registered (Missing); reversible" */
static void step_reason_text(
	const json_t *step, const struct report_style *style, struct buffer *buffer)
{
	struct buffer words;

	buffer_init(&words, EXPLAIN_SIZE);
	buffer_printf(&words, "because %s (%s); %s", text_of(step, "why"), text_of(step, "reason"),
		text_of(step, "reversibility"));
	buffer_printf(buffer, "%*s", REPORT_INDENT, "");
	wrap_words(buffer, REPORT_INDENT, REPORT_INDENT, style->width, buffer_text(&words));
	buffer_done(&words);
}

static void steps_text(const json_t *steps, const struct report_style *style, struct buffer *buffer)
{
	size_t i;
	json_t *step;

	json_array_foreach(steps, i, step)
	{
		const char *action = text_of(step, "action"), *note = text_of(step, "note");

		buffer_printf(buffer, "  %s%c %s%s\n",
			terminal_style(report_step_style(action), style->colour),
			report_step_sign(action), text_of(step, "text"),
			terminal_style(TERMINAL_RESET, style->colour));
		if (text_of(step, "why")[0] != '\0')
			step_reason_text(step, style, buffer);
		if (note[0] == '\0')
			continue;
		buffer_printf(buffer, "%*snote:", REPORT_INDENT, "");
		wrap_words(
			buffer, REPORT_INDENT + strlen("note:"), REPORT_INDENT, style->width, note);
	}
}

int report_plan_text(const json_t *plan, const struct report_style *style, struct buffer *buffer)
{
	const json_t *steps = json_member_array(plan, "steps");
	const char *standing = text_of(plan, "standing");

	heading(plan, buffer);
	if (json_array_size(steps) > 0)
		buffer_append_text(buffer, ":\n");
	else if (strcmp(standing, "ready") == 0)
		buffer_append_text(buffer, ": nothing to do\n");
	else if (strcmp(standing, "alarm") == 0)
		buffer_printf(buffer, ": nothing to do; alarm (%s)\n", text_of(plan, "reason"));
	else
		buffer_printf(buffer, ": %s (%s)\n", standing, text_of(plan, "reason"));
	steps_text(steps, style, buffer);
	report_conditions_text(json_member_array(plan, "notes"), style, buffer);
	report_conditions_text(json_member_array(plan, "conditions"), style, buffer);
	return buffer_status(buffer);
}
