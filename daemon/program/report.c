/* SPDX-License-Identifier: Apache-2.0 */
#include "program/report.h"

#include <string.h>

#include "base/array.h"
#include "base/calendar.h"
#include "core/explain.h"

/* ---- values ---- */

enum standing report_standing(const struct decision *decision)
{
	if (step_writes(&decision->step) || decision->step.reason == REASON_IN_FLIGHT ||
		decision->step.kind == STEP_OBSERVE)
		return STANDING_CHANGING;
	if (decision->step.kind == STEP_HELD)
		return STANDING_HELD;
	for (size_t i = 0; i < decision->conditions_count; i++)
		if (reason_severity(decision->conditions[i].reason) == SEVERITY_ERROR)
			return STANDING_HELD;
	return decision->step.kind == STEP_WAIT ? STANDING_WAITING : STANDING_READY;
}

static const char *const standings[] = {[STANDING_READY] = "ready",
	[STANDING_CHANGING] = "changing",
	[STANDING_WAITING] = "waiting",
	[STANDING_HELD] = "held"};

const char *standing_str(enum standing standing)
{
	return standings[standing];
}

static json_t *instant_json(int64_t instant)
{
	char text[INSTANT_SIZE];

	return instant != 0 ? json_string(instant_format(instant, text)) : json_null();
}

static json_t *digest_json(const struct certificate *certificate)
{
	char text[DIGEST_TEXT_SIZE];

	return certificate ? json_string(digest_format(&certificate->sha256, text)) : json_null();
}

/* A text of core/explain as JSON. */
static json_t *explained(int (*explain)(const struct condition *, struct buffer *),
	const struct condition *condition)
{
	struct buffer text;
	json_t *value;

	buffer_init(&text, EXPLAIN_SIZE);
	explain(condition, &text);
	value = json_string(buffer_text(&text));
	buffer_done(&text);
	return value;
}

static json_t *condition_json(const struct condition *condition)
{
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:o}", "reason",
		reason_str(condition->reason), "severity",
		severity_str(reason_severity(condition->reason)), "message",
		explained(explain_condition, condition), "advice",
		explained(explain_advice, condition), "certificate",
		digest_json(condition->certificate), "id", condition->id, "at",
		instant_json(condition->at));
}

static json_t *conditions_json(const struct decision *decision)
{
	json_t *array = json_array();

	for (size_t i = 0; i < decision->conditions_count; i++)
		(void)json_array_append_new(array, condition_json(&decision->conditions[i]));
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

	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "id", listed->id,
		"common_name", listed->common_name, "sha256", digest_json(certificate), "owner",
		owner_str(owned), "type", certificate_type_str(listed->type), "state",
		certificate_state_str(listed->state), "state_reason",
		listed->state_reason ? listed->state_reason : "", "registered",
		instant_json(owned ? owned->registered_at : 0), "expires",
		instant_json(listed->expiry), "reversible_until",
		instant_json(certificate ? certificate_reversible_until(certificate) : 0));
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

bool report_unread(enum reason reason)
{
	return reason == REASON_UNREADABLE || reason == REASON_THROTTLED ||
	       reason == REASON_ACCESS_DENIED || reason == REASON_CREDENTIALS_INVALID ||
	       reason == REASON_DIRECTORY_MISSING;
}

/* What all reports of a directory begin with. */
static json_t *report_begin(const struct target *target, const struct situation *situation)
{
	const struct observed *observed = situation->observed;
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "account", target->account,
		"region", target->region, "directory", target->id, "name",
		report_name(target, observed), "type", directory_type_str(observed->type), "stage",
		directory_stage_str(observed->stage), "ldaps", ldaps_word(observed));
}

static void report_decision(json_t *report, const struct decision *decision)
{
	(void)json_object_set_new(
		report, "standing", json_string(standings[report_standing(decision)]));
	(void)json_object_set_new(report, "reason", json_string(reason_str(decision->step.reason)));
	(void)json_object_set_new(report, "conditions", conditions_json(decision));
}

json_t *report_status(const struct target *target, const struct situation *situation,
	const struct decision *decision)
{
	json_t *report = report_begin(target, situation);

	report_decision(report, decision);
	(void)json_object_set_new(report, "certificates", certificates_json(situation));
	return report;
}

static json_t *step_json(const struct step *step)
{
	struct condition why = {.reason = step->reason, .certificate = step->certificate};
	struct buffer text;
	json_t *value;

	memcpy(why.id, step->id, sizeof(why.id));
	why.detail = "in flight";
	buffer_init(&text, EXPLAIN_SIZE);
	if (step_writes(step))
		explain_step(step, &text);
	else
		buffer_append_text(&text, "wait for what is in flight");
	value = json_pack("{s:s, s:s, s:s, s:o, s:s, s:o}", "action", step_kind_str(step->kind),
		"text", buffer_text(&text), "reason", reason_str(step->reason), "why",
		explained(explain_condition, &why), "id", step->id, "certificate",
		digest_json(step->certificate));
	buffer_clear(&text);
	explain_reversibility(step, &text);
	(void)json_object_set_new(value, "reversibility", json_string(buffer_text(&text)));
	(void)json_object_set_new(value, "reversible_until", instant_json(step->reversible_until));
	buffer_done(&text);
	return value;
}

json_t *report_plan(
	const struct target *target, const struct situation *situation, const struct plan *plan)
{
	json_t *report = report_begin(target, situation), *steps = json_array();

	for (size_t i = 0; i < plan->count; i++)
		(void)json_array_append_new(steps, step_json(&plan->steps[i]));
	(void)json_object_set_new(report, "steps", steps);
	report_decision(report, &plan->end);
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
	if (name[0] != '\0')
		buffer_printf(buffer, "%s (%s, ", name, directory);
	else
		buffer_printf(buffer, "%s (", directory);
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

/* Conditions that only repeat why a step is taken are left out of texts. */
static bool condition_shown(const json_t *condition)
{
	static const char *const silent[] = {"Missing", "LdapsWanted", "LdapsUnwanted", "Dropped",
		"OwnFailure", "MakeRoom", "Converged"};

	for (size_t i = 0; i < ARRAY_LENGTH(silent); i++)
		if (strcmp(text_of(condition, "reason"), silent[i]) == 0)
			return false;
	return true;
}

static void conditions_text(const json_t *conditions, bool colour, struct buffer *buffer)
{
	size_t i;
	json_t *condition;

	json_array_foreach(conditions, i, condition)
	{
		const char *severity = text_of(condition, "severity");
		const char *advice = text_of(condition, "advice");

		if (!condition_shown(condition))
			continue;
		buffer_printf(buffer, "  %s%s: %s%s: %s\n",
			terminal_style(severity_style(severity), colour), severity,
			text_of(condition, "reason"), terminal_style(TERMINAL_RESET, colour),
			text_of(condition, "message"));
		if (advice[0] != '\0')
			buffer_printf(buffer, "      to do: %s\n", advice);
	}
}

static enum terminal_style standing_style(const char *standing)
{
	if (strcmp(standing, "ready") == 0)
		return TERMINAL_GREEN;
	return strcmp(standing, "held") == 0 ? TERMINAL_RED : TERMINAL_YELLOW;
}

/* "3651", or "-" where there is no date. */
static const char *days_left(const char *expires, int64_t now, char *text, size_t size)
{
	int64_t instant;
	struct buffer buffer;

	if (instant_parse(expires, &instant) < 0)
		return "-";
	buffer_init(&buffer, size - 1);
	buffer_printf(&buffer, "%lld", (long long)((instant - now) / DAY));
	memcpy(text, buffer_text(&buffer), buffer.length + 1);
	buffer_done(&buffer);
	return text;
}

static void certificates_text(const json_t *certificates, int64_t now, struct buffer *buffer)
{
	size_t i;
	json_t *certificate;

	if (json_array_size(certificates) == 0)
		return;
	buffer_printf(buffer, "  %-12s  %-20s  %-9s  %-14s  %-10s  %5s  %s\n", "ID", "NAME",
		"OWNER", "STATE", "EXPIRES", "DAYS", "REVERSIBLE UNTIL");
	json_array_foreach(certificates, i, certificate)
	{
		const char *expires = text_of(certificate, "expires");
		const char *reversible = text_of(certificate, "reversible_until");
		char days[24];

		buffer_printf(buffer, "  %-12s  %-20.20s  %-9s  %-14s  %-10.10s  %5s  %.10s\n",
			text_of(certificate, "id"), text_of(certificate, "common_name"),
			text_of(certificate, "owner"), text_of(certificate, "state"),
			expires[0] != '\0' ? expires : "-",
			days_left(expires, now, days, sizeof(days)),
			reversible[0] != '\0' ? reversible : "-");
	}
}

int report_status_text(const json_t *status, int64_t now, bool colour, struct buffer *buffer)
{
	const char *standing = text_of(status, "standing");

	heading(status, buffer);
	buffer_printf(buffer, ": %s%s%s", terminal_style(standing_style(standing), colour),
		standing, terminal_style(TERMINAL_RESET, colour));
	if (strcmp(standing, "ready") != 0)
		buffer_printf(buffer, " (%s)", text_of(status, "reason"));
	buffer_printf(buffer, "\n  client-side LDAPS: %s\n", text_of(status, "ldaps"));
	certificates_text(json_member_array(status, "certificates"), now, buffer);
	conditions_text(json_member_array(status, "conditions"), colour, buffer);
	return buffer_status(buffer);
}

static char step_sign(const char *action)
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

static void steps_text(const json_t *steps, bool colour, struct buffer *buffer)
{
	size_t i;
	json_t *step;

	json_array_foreach(steps, i, step)
	{
		const char *reversibility = text_of(step, "reversibility");
		char sign = step_sign(text_of(step, "action"));
		enum terminal_style style = sign == '+'	  ? TERMINAL_GREEN
					    : sign == '-' ? TERMINAL_RED
							  : TERMINAL_YELLOW;

		buffer_printf(buffer, "  %s%c %s%s\n", terminal_style(style, colour), sign,
			text_of(step, "text"), terminal_style(TERMINAL_RESET, colour));
		if (sign == '.')
			continue;
		buffer_printf(
			buffer, "      %s: %s\n", text_of(step, "reason"), text_of(step, "why"));
		if (reversibility[0] != '\0')
			buffer_printf(buffer, "      %s\n", reversibility);
	}
}

int report_plan_text(const json_t *plan, bool colour, struct buffer *buffer)
{
	const json_t *steps = json_member_array(plan, "steps");
	const char *standing = text_of(plan, "standing");

	heading(plan, buffer);
	if (json_array_size(steps) > 0)
		buffer_append_text(buffer, ":\n");
	else if (strcmp(standing, "ready") == 0)
		buffer_append_text(buffer, ": nothing to do\n");
	else
		buffer_printf(buffer, ": %s (%s)\n", standing, text_of(plan, "reason"));
	steps_text(steps, colour, buffer);
	conditions_text(json_member_array(plan, "conditions"), colour, buffer);
	return buffer_status(buffer);
}
