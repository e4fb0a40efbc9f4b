/* SPDX-License-Identifier: Apache-2.0 */
#include "program/status-table.h"

#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/wrap.h"
#include "core/health.h"

/* "d-926708e4f1", "LDAPS" and two spaces after each column. */
#define ID_COLUMNS    12
#define LDAPS_COLUMNS 5
#define BETWEEN	      2
#define CONDITIONS_AT                                                                              \
	(ID_COLUMNS + STATUS_TABLE_WHERE + LDAPS_COLUMNS + STATUS_TABLE_DAYS + 4 * BETWEEN)

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_member_text(object, key);

	return text ? text : "";
}

static void put_cell(struct buffer *buffer, size_t columns, const char *text)
{
	size_t fits = wrap_fit(text, columns);
	struct buffer cell;

	buffer_init(&cell, REPORT_TEXT_MAX);
	buffer_append(&cell, text, fits);
	wrap_pad(buffer, columns + BETWEEN, buffer_text(&cell));
	buffer_done(&cell);
}

int status_table_begin(struct buffer *buffer)
{
	put_cell(buffer, ID_COLUMNS, "DIRECTORY");
	put_cell(buffer, STATUS_TABLE_WHERE, "WHERE");
	put_cell(buffer, LDAPS_COLUMNS, "LDAPS");
	put_cell(buffer, STATUS_TABLE_DAYS, "DAYS LEFT");
	return buffer_append_text(buffer, "CONDITIONS\n");
}

/* "prod/eu-west-1" */
static void put_where(const json_t *status, struct buffer *buffer)
{
	const char *account = text_of(status, "account");
	struct buffer where;

	buffer_init(&where, REPORT_TEXT_MAX);
	buffer_printf(&where, "%s%s%s", account, account[0] != '\0' ? "/" : "",
		text_of(status, "region"));
	put_cell(buffer, STATUS_TABLE_WHERE, buffer_text(&where));
	buffer_done(&where);
}

static const char *ldaps_word(const char *ldaps)
{
	if (strcmp(ldaps, "Enabled") == 0)
		return "on";
	return strcmp(ldaps, "Unknown") == 0 ? "?" : "off";
}

/* "1824 365 +2": of the Registered ones for LDAPS; "0" for one that has ended. */
static void put_days(const json_t *certificates, int64_t now, struct buffer *buffer)
{
	char one[INSTANT_SIZE];
	struct buffer days;
	size_t i, more = 0;
	json_t *certificate;
	int64_t end;

	buffer_init(&days, REPORT_TEXT_MAX);
	json_array_foreach(certificates, i, certificate)
	{
		if (strcmp(text_of(certificate, "state"), "Registered") != 0 ||
			strcmp(text_of(certificate, "type"), "ClientLDAPS") != 0 ||
			instant_parse(text_of(certificate, "expires"), &end) < 0)
			continue;
		snprintf(one, sizeof(one), "%s%lld", days.length > 0 ? " " : "",
			(long long)(end > now ? (end - now) / DAY : 0));
		/* room is kept for " +99" */
		if (more > 0 || days.length + strlen(one) + 4 > STATUS_TABLE_DAYS)
			more++;
		else
			buffer_append_text(&days, one);
	}
	if (more > 0)
		buffer_printf(&days, " +%zu", more);
	put_cell(buffer, STATUS_TABLE_DAYS, days.length > 0 ? buffer_text(&days) : "-");
	buffer_done(&days);
}

/* What is answered with yes, and what becomes of Ready otherwise. What merely cannot be known while
 * that is not known either needs no word. */
static void put_conditions(
	const json_t *status, const struct report_style *style, struct buffer *buffer)
{
	bool good = true;
	struct buffer words;
	size_t i;
	json_t *row;

	buffer_init(&words, REPORT_TEXT_MAX);
	json_array_foreach(json_member_array(status, "health"), i, row)
	{
		enum health_kind kind = health_parse(text_of(row, "type"));
		enum truth truth = truth_parse(text_of(row, "status"));

		if (kind == HEALTHS)
			continue;
		good = good && health_good(kind, truth);
		if (truth == TRUTH_TRUE)
			buffer_printf(&words, " %s", health_str(kind));
		else if (kind == HEALTH_READY)
			buffer_printf(&words, " %s", truth == TRUTH_FALSE ? "NotReady" : "Unknown");
	}
	if (words.length == 0) /* released; of one that no selector has any more, why */
		buffer_printf(&words, " %s",
			json_array_size(json_member_array(status, "conditions")) > 0
				? text_of(status, "reason")
				: text_of(status, "standing"));
	buffer_append_text(
		buffer, terminal_style(good ? TERMINAL_GREEN : TERMINAL_YELLOW, style->colour));
	wrap_words(buffer, CONDITIONS_AT, CONDITIONS_AT, style->width, buffer_text(&words) + 1);
	if (buffer_status(buffer) == 0 && style->colour) {
		buffer->length--; /* the colour ends before the line does */
		buffer_printf(buffer, "%s\n", terminal_style(TERMINAL_RESET, true));
	}
	buffer_done(&words);
}

int status_table_row(
	const json_t *status, int64_t now, const struct report_style *style, struct buffer *buffer)
{
	put_cell(buffer, ID_COLUMNS, text_of(status, "directory"));
	put_where(status, buffer);
	put_cell(buffer, LDAPS_COLUMNS, ldaps_word(text_of(status, "ldaps")));
	put_days(json_member_array(status, "certificates"), now, buffer);
	put_conditions(status, style, buffer);
	return buffer_status(buffer);
}
