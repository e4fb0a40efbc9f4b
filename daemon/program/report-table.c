/* SPDX-License-Identifier: Apache-2.0 */
#include "program/report-table.h"

#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/wrap.h"

/* "2027-05-01" of an instant. */
#define DATE_LENGTH 10

enum column {
	COLUMN_ID,
	COLUMN_NAME,
	COLUMN_OWNER,
	COLUMN_STATE,
	COLUMN_REGISTERED,
	COLUMN_EXPIRES,
	COLUMNS
};

static const struct {
	const char *title, *member;
	int cut; /* bytes that are shown; 0: all */
} columns[COLUMNS] = {
	[COLUMN_ID] = {"ID", "id", 0},
	[COLUMN_NAME] = {"NAME", "common_name", 0},
	[COLUMN_OWNER] = {"OWNER", "owner", 0},
	[COLUMN_STATE] = {"STATE", "state", 0},
	[COLUMN_REGISTERED] = {"REGISTERED", "registered", DATE_LENGTH},
	[COLUMN_EXPIRES] = {"EXPIRES", "expires", DATE_LENGTH},
};

static const char *member_or_empty(const json_t *object, const char *key)
{
	const char *text = json_member_text(object, key);

	return text ? text : "";
}

/* What a column shows of a certificate, or its title for NULL; "-" for nothing. */
static const char *cell(
	const json_t *certificate, enum column column, char ret_date[static DATE_LENGTH + 1])
{
	const char *text = certificate ? member_or_empty(certificate, columns[column].member)
				       : columns[column].title;

	if (text[0] == '\0')
		return "-";
	if (!certificate || columns[column].cut == 0)
		return text;
	snprintf(ret_date, DATE_LENGTH + 1, "%s", text);
	return ret_date;
}

static void measure(const json_t *certificates, size_t widths[static COLUMNS])
{
	char date[DATE_LENGTH + 1];

	for (enum column column = 0; column < COLUMNS; column++) {
		widths[column] = strlen(columns[column].title);
		for (size_t i = 0; i < json_array_size(certificates); i++) {
			size_t needs =
				wrap_columns(cell(json_array_get(certificates, i), column, date));

			if (needs > widths[column])
				widths[column] = needs;
		}
	}
}

static void row_text(
	const json_t *certificate, const size_t widths[static COLUMNS], struct buffer *buffer)
{
	char date[DATE_LENGTH + 1];

	buffer_append_text(buffer, "  ");
	for (enum column column = 0; column < COLUMNS - 1; column++) {
		wrap_pad(buffer, widths[column], cell(certificate, column, date));
		buffer_append_text(buffer, "  ");
	}
	buffer_printf(buffer, "%s\n", cell(certificate, COLUMNS - 1, date));
}

/* The second line: "1824 days left, reversible until 2031-11-29", and the API's reason. */
static void more_text(const json_t *certificate, int64_t now, size_t indent,
	const struct report_style *style, struct buffer *buffer)
{
	const char *reversible = member_or_empty(certificate, "reversible_until");
	const char *reason = member_or_empty(certificate, "state_reason");
	int64_t expires, door;

	if (instant_parse(member_or_empty(certificate, "expires"), &expires) == 0) {
		buffer_printf(buffer, "%*s", (int)indent, "");
		if (expires > now)
			buffer_printf(buffer, "%lld days left", (long long)((expires - now) / DAY));
		else
			buffer_append_text(buffer, "expired");
		if (instant_parse(reversible, &door) == 0)
			buffer_printf(buffer, ", removal %s %.*s",
				now < door ? "reversible until" : "irreversible since", DATE_LENGTH,
				reversible);
		buffer_append_text(buffer, "\n");
	}
	if (reason[0] == '\0')
		return;
	buffer_printf(buffer, "%*sAWS says:", (int)indent, "");
	wrap_words(buffer, indent + strlen("AWS says:"), indent, style->width, reason);
}

void report_table(const json_t *certificates, int64_t now, const struct report_style *style,
	struct buffer *buffer)
{
	size_t widths[COLUMNS], i;
	json_t *certificate;

	if (json_array_size(certificates) == 0)
		return;
	measure(certificates, widths);
	row_text(NULL, widths, buffer);
	json_array_foreach(certificates, i, certificate)
	{
		row_text(certificate, widths, buffer);
		more_text(certificate, now, 2 + widths[COLUMN_ID] + 2, style, buffer);
	}
}
