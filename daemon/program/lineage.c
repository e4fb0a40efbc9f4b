/* SPDX-License-Identifier: Apache-2.0 */
#include "program/lineage.h"

#include <stdio.h>
#include <string.h>

#include "base/calendar.h"
#include "base/wrap.h"
#include "core/generation.h"
#include "core/reason.h"

/* ---------------------------------------------------------------- the value */

static json_t *instant_json(int64_t instant)
{
	char text[INSTANT_SIZE];

	return json_string(instant_format(instant, text));
}

/* What is no generation is not registered at all. */
static json_t *until_json(const struct certificate *certificate, enum generation_rule rule)
{
	return rule == GENERATION_GOOD ? instant_json(certificate_reversible_until(certificate))
				       : json_null();
}

static json_t *certificate_json(
	const struct authority *authority, const struct certificate *certificate, int64_t now)
{
	int64_t left = certificate->not_after - now;
	enum generation_rule rule = generation_judge(authority, certificate, NULL);
	const struct certificate *before = generation_before(authority, certificate);
	char digest[DIGEST_TEXT_SIZE], version[GENERATION_VERSION_SIZE];

	return json_pack("{s:o, s:s, s:o, s:s, s:o, s:I, s:s, s:o, s:s}", "authority",
		json_text(authority->name), "certificate",
		digest_format(&certificate->sha256, digest), "common_name",
		json_text(certificate->common_name), "version",
		generation_version(certificate, version), "expires",
		instant_json(certificate->not_after), "days_left",
		(json_int_t)(left > 0 ? left / DAY : 0), "link",
		generation_link_str(generation_link(authority, before, certificate)),
		"registrable_until", until_json(certificate, rule), "rule",
		rule != GENERATION_GOOD ? reason_str(reason_of_rule(rule)) : "");
}

json_t *lineage_report(const struct fleet *fleet, int64_t now)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < fleet->authorities_count; i++) {
		const struct authority *authority = &fleet->authorities[i];

		for (size_t j = 0; list && j < authority->count; j++)
			if (json_array_append_new(list,
				    certificate_json(authority, authority->certificates[j], now)) <
				0) {
				json_decref(list);
				list = NULL;
			}
	}
	return list;
}

/* ---------------------------------------------------------------- the text */

enum column {
	NAME,
	VERSION,
	EXPIRES,
	DAYS,
	LINK,
	UNTIL,
	COLUMNS
};

#define CELL_SIZE (CERTIFICATE_NAME_SIZE + 1)

static const char *const titles[COLUMNS] = {
	"NAME", "VERSION", "EXPIRES", "DAYS LEFT", "LINK", "REGISTRABLE UNTIL"};

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_member_text(object, key);

	return text ? text : "";
}

/* The date of an instant, "-" for none; `passed`, if it is not NULL, for one that has passed. */
static void date_cell(const json_t *row, const char *key, int64_t now, const char *passed,
	char ret_cell[static CELL_SIZE])
{
	int64_t instant;

	if (instant_parse(text_of(row, key), &instant) < 0)
		snprintf(ret_cell, CELL_SIZE, "-");
	else if (passed && instant < now)
		snprintf(ret_cell, CELL_SIZE, "%s", passed);
	else
		instant_format_date(instant, ret_cell);
}

/* How it hangs on the one before; what is no generation shows the rule it breaks. */
static const char *link_of(const json_t *row)
{
	const char *rule = text_of(row, "rule"), *link = text_of(row, "link");

	if (rule[0] != '\0')
		return rule;
	return strcmp(link, generation_link_str(GENERATION_LINK_NONE)) == 0 ? "first" : link;
}

static void cell(
	const json_t *row, enum column column, int64_t now, char ret_cell[static CELL_SIZE])
{
	int64_t days = 0, expires = 0;
	const char *text = "";

	switch (column) {
	case NAME:
		text = text_of(row, "common_name");
		break;
	case VERSION:
		text = text_of(row, "version");
		break;
	case LINK:
		text = link_of(row);
		break;
	case EXPIRES:
		date_cell(row, "expires", now, NULL, ret_cell);
		return;
	case UNTIL:
		date_cell(row, "registrable_until", now, "no longer", ret_cell);
		return;
	default:
		(void)json_member_instant(row, "days_left", &days);
		if (instant_parse(text_of(row, "expires"), &expires) == 0 && expires < now)
			snprintf(ret_cell, CELL_SIZE, "expired");
		else
			snprintf(ret_cell, CELL_SIZE, "%lld", (long long)days);
		return;
	}
	snprintf(ret_cell, CELL_SIZE, "%s", text[0] != '\0' ? text : "-");
}

/* The rows from `first` on that are of the same authority. */
static size_t rows_of(const json_t *lineage, size_t first)
{
	const char *name = text_of(json_array_get(lineage, first), "authority");
	size_t count = 0;

	while (first + count < json_array_size(lineage) &&
		strcmp(text_of(json_array_get(lineage, first + count), "authority"), name) == 0)
		count++;
	return count;
}

static void measure(const json_t *lineage, int64_t now, size_t widths[static COLUMNS])
{
	char text[CELL_SIZE];

	for (enum column column = 0; column < COLUMNS; column++) {
		widths[column] = strlen(titles[column]);
		for (size_t i = 0; i < json_array_size(lineage); i++) {
			size_t needs;

			cell(json_array_get(lineage, i), column, now, text);
			needs = wrap_columns(text);
			if (needs > widths[column])
				widths[column] = needs;
		}
	}
}

/* NULL: the titles. */
static void row_text(
	const json_t *row, int64_t now, const size_t widths[static COLUMNS], struct buffer *buffer)
{
	char text[CELL_SIZE];

	for (enum column column = 0; column < COLUMNS; column++) {
		snprintf(text, sizeof(text), "%s", titles[column]);
		if (row)
			cell(row, column, now, text);
		buffer_append_text(buffer, "  ");
		if (column < COLUMNS - 1)
			wrap_pad(buffer, widths[column], text);
		else
			buffer_printf(buffer, "%s\n", text);
	}
}

int lineage_text(const json_t *lineage, int64_t now, struct buffer *buffer)
{
	size_t widths[COLUMNS], rows;

	measure(lineage, now, widths);
	for (size_t first = 0; first < json_array_size(lineage); first += rows) {
		rows = rows_of(lineage, first);
		buffer_printf(
			buffer, "%s:\n", text_of(json_array_get(lineage, first), "authority"));
		row_text(NULL, now, widths, buffer);
		for (size_t i = first; i < first + rows; i++)
			row_text(json_array_get(lineage, i), now, widths, buffer);
	}
	return buffer_status(buffer);
}
