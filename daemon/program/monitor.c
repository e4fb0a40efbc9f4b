/* SPDX-License-Identifier: Apache-2.0 */
#include "program/monitor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/health.h"
#include "program/report.h"

static const char *const states[] = {[MONITOR_OK] = "OK",
	[MONITOR_WARNING] = "WARNING",
	[MONITOR_CRITICAL] = "CRITICAL",
	[MONITOR_UNKNOWN] = "UNKNOWN"};

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_member_text(object, key);

	return text ? text : "";
}

/* The first condition of this severity; NULL if none is. */
static const json_t *condition_of(const json_t *status, const char *severity)
{
	size_t i;
	json_t *condition;

	json_array_foreach(json_member_array(status, "conditions"), i, condition)
	{
		if (strcmp(text_of(condition, "severity"), severity) == 0)
			return condition;
	}
	return NULL;
}

static bool ready_unknown(const json_t *status)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_member_array(status, "health"), i, row)
	{
		if (health_parse(text_of(row, "type")) == HEALTH_READY)
			return truth_parse(text_of(row, "status")) == TRUTH_UNKNOWN;
	}
	return false;
}

/* Names the directory, unless one is named that is as bad. What is after '|' would be data. */
static void blame(
	struct monitor *monitor, enum monitor_state state, const json_t *status, const char *reason)
{
	struct buffer text;

	if (state <= monitor->state)
		return;
	monitor->state = state;
	buffer_init(&text, MONITOR_LINE_MAX);
	report_heading(text_of(status, "name"), text_of(status, "account"),
		text_of(status, "directory"), text_of(status, "region"), &text);
	buffer_printf(&text, ": %s", reason);
	snprintf(monitor->worst, sizeof(monitor->worst), "%s", buffer_text(&text));
	for (char *at = monitor->worst; *at != '\0'; at++)
		if (*at == '|')
			*at = '/';
	buffer_done(&text);
}

static void take_ends(struct monitor *monitor, const json_t *certificates)
{
	size_t i;
	json_t *certificate;
	int64_t end;

	json_array_foreach(certificates, i, certificate)
	{
		if (strcmp(text_of(certificate, "state"), "Registered") == 0 &&
			strcmp(text_of(certificate, "type"), "ClientLDAPS") == 0 &&
			instant_parse(text_of(certificate, "expires"), &end) == 0 &&
			(monitor->end == 0 || end < monitor->end))
			monitor->end = end;
	}
}

void monitor_add(struct monitor *monitor, const json_t *status)
{
	const json_t *error = condition_of(status, "error");
	const json_t *warning = condition_of(status, "warning");
	const char *standing = text_of(status, "standing");

	if (strcmp(standing, "released") == 0) {
		monitor->warnings += warning != NULL;
		if (warning)
			blame(monitor, MONITOR_WARNING, status, text_of(warning, "reason"));
		return;
	}
	monitor->directories++;
	monitor->ready += strcmp(standing, "ready") == 0;
	take_ends(monitor, json_member_array(status, "certificates"));
	if (error) {
		monitor->errors++;
		blame(monitor, MONITOR_CRITICAL, status, text_of(error, "reason"));
	} else if (warning) {
		monitor->warnings++;
		blame(monitor, MONITOR_WARNING, status, text_of(warning, "reason"));
	} else if (ready_unknown(status)) {
		monitor->warnings++;
		blame(monitor, MONITOR_WARNING, status, text_of(status, "reason"));
	}
}

/* "label=value;warning;critical;minimum" of all there is. */
static void put_data(
	const struct monitor *monitor, const struct overview *overview, struct buffer *buffer)
{
	buffer_printf(buffer,
		" | directories=%zu;;;0 ready=%zu;;;0 errors=%zu;;0;0 warnings=%zu;0;;0",
		monitor->directories, monitor->ready, monitor->errors, monitor->warnings);
	if (overview->looked[0] != '\0') {
		buffer_printf(buffer, " age=%" PRId64 "s;;", overview->age);
		if (overview->interval > 0)
			buffer_printf(buffer, "%" PRId64, OVERVIEW_INTERVALS * overview->interval);
		buffer_append_text(buffer, ";0");
	}
	if (monitor->end != 0)
		buffer_printf(buffer, " days_left=%" PRId64 ";;;",
			(monitor->end - overview->written) / DAY);
	buffer_append_text(buffer, "\n");
}

int monitor_text(const struct monitor *monitor, const struct overview *overview,
	struct buffer *buffer, enum monitor_state *ret_state)
{
	enum monitor_state state = monitor->state;
	size_t others = monitor->errors + monitor->warnings;

	if (monitor->directories == 0) {
		*ret_state = MONITOR_UNKNOWN;
		return monitor_text_unknown("no directory is known yet", buffer);
	}
	if (overview->stale)
		state = MONITOR_CRITICAL;
	else if (overview->refused && state == MONITOR_OK)
		state = MONITOR_WARNING;
	buffer_printf(buffer, "LDAPSWARD %s - ", states[state]);
	if (overview->stale)
		buffer_printf(buffer, "no pass has ended since %s; ", overview->looked);
	if (overview->refused)
		buffer_append_text(buffer, "the file on the disk was refused; ");
	buffer_printf(buffer, "%zu of %zu ready", monitor->ready, monitor->directories);
	if (monitor->worst[0] != '\0')
		buffer_printf(buffer, "; %s", monitor->worst);
	if (others > 1)
		buffer_printf(buffer, "; and %zu more", others - 1);
	put_data(monitor, overview, buffer);
	*ret_state = state;
	return buffer_status(buffer);
}

int monitor_text_unknown(const char *reason, struct buffer *buffer)
{
	return buffer_printf(buffer, "LDAPSWARD %s - %s\n", states[MONITOR_UNKNOWN], reason);
}
