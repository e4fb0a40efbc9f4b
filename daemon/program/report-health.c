/* SPDX-License-Identifier: Apache-2.0 */
#include "program/report-health.h"

#include <string.h>

#include "base/calendar.h"
#include "core/explain.h"
#include "program/pass.h"
#include "program/scheduler.h"

/* Whether the daemon goes on with an older file than the one on the disk. */
static bool file_refused(const struct target *target)
{
	return target->pass && target->pass->scheduler->refused;
}

static json_t *health_row_json(enum health_kind kind, const struct health_row *row)
{
	char since[INSTANT_SIZE];
	struct buffer text;
	json_t *value;

	buffer_init(&text, EXPLAIN_SIZE);
	health_explain(row, &text);
	value = json_pack("{s:s, s:s, s:s, s:o, s:o}", "type", health_str(kind), "status",
		truth_str(row->truth), "reason", row->reason, "message",
		json_text(buffer_text(&text)), "since",
		json_string(instant_format(row->since, since)));
	buffer_done(&text);
	return value;
}

json_t *report_health(
	struct target *target, const struct situation *situation, const struct decision *decision)
{
	json_t *array = json_array();
	struct health health;

	health_judge(situation, decision, file_refused(target), &target->health, &health);
	for (enum health_kind kind = 0; kind < HEALTHS; kind++)
		(void)json_array_append_new(array, health_row_json(kind, &health.rows[kind]));
	return array;
}

struct health_past report_health_past(const char *saved)
{
	struct health_past past = {0};
	json_t *rows = NULL, *row;
	size_t i;

	if (json_parse_member(saved, strlen(saved), "health", &rows, NULL) < 0)
		return past;
	json_array_foreach(rows, i, row)
	{
		const char *type = json_member_text(row, "type");
		const char *truth = json_member_text(row, "status");
		const char *since = json_member_text(row, "since");
		enum health_kind kind = type ? health_parse(type) : HEALTHS;

		if (kind < HEALTHS && truth && since &&
			instant_parse(since, &past.since[kind]) == 0)
			past.truth[kind] = (uint8_t)truth_parse(truth);
	}
	json_decref(rows);
	return past;
}
