/* SPDX-License-Identifier: Apache-2.0 */
#include "program/timeline.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/calendar.h"
#include "base/text.h"
#include "base/wrap.h"
#include "edge/terminal.h"

/* "2027-05-01", and what stands between the parts of a row. */
#define DATE_LENGTH 10
#define INDENT	    2
#define GAP	    1

enum sign {
	SIGN_BLANK,
	SIGN_LISTED,	 /* could be Registered and is not */
	SIGN_REGISTERED, /* with more than 90 days left */
	SIGN_LAST_DAYS,	 /* Registered behind the one-way door */
	SIGN_EXPIRED,	 /* still Registered after its end */
	SIGN_BEGIN,	 /* it is registered here */
	SIGN_END,	 /* it is removed here */
	SIGN_EXPIRY,
	SIGN_OUTAGE,
	SIGN_TODAY,
	SIGN_AXIS,
	SIGN_TICK,
	SIGNS,
};

static const struct {
	const char *unicode, *ascii;
	enum terminal_style style;
	const char *meaning; /* NULL: it needs none */
} signs[SIGNS] = {
	[SIGN_BLANK] = {" ", " ", TERMINAL_RESET, NULL},
	[SIGN_REGISTERED] = {"━", "=", TERMINAL_GREEN, "Registered"},
	[SIGN_LAST_DAYS] = {"▒", "#", TERMINAL_YELLOW, "its last 90 days: no way back"},
	[SIGN_EXPIRY] = {"╳", "X", TERMINAL_RED, "it expires"},
	[SIGN_EXPIRED] = {"╌", "-", TERMINAL_DIM, "expired, still Registered"},
	[SIGN_BEGIN] = {"┣", "[", TERMINAL_GREEN, "it is registered"},
	[SIGN_END] = {"┫", "]", TERMINAL_RESET, "it is removed"},
	[SIGN_LISTED] = {"·", ".", TERMINAL_DIM, "not Registered"},
	[SIGN_OUTAGE] = {"█", "!", TERMINAL_RED, "outage"},
	[SIGN_TODAY] = {"▼", "v", TERMINAL_BOLD, "today"},
	[SIGN_AXIS] = {"─", "-", TERMINAL_DIM, NULL},
	[SIGN_TICK] = {"┬", "+", TERMINAL_DIM, NULL},
};

/* The signs in the order of the legend. */
static const enum sign legend[] = {SIGN_TODAY, SIGN_REGISTERED, SIGN_LAST_DAYS, SIGN_EXPIRY,
	SIGN_EXPIRED, SIGN_BEGIN, SIGN_END, SIGN_LISTED, SIGN_OUTAGE};

/* Where what stands. */
struct chart {
	const struct forecast *forecast;
	const struct timeline_style *style;
	struct buffer *buffer;
	int64_t begin, end;		    /* of the lane */
	size_t name, lane;		    /* columns */
	enum sign cells[TIMELINE_LANE_MAX]; /* of the row to be drawn */
};

static const char *sign_str(const struct timeline_style *style, enum sign sign)
{
	return style->unicode ? signs[sign].unicode : signs[sign].ascii;
}

/* ---- the scale ---- */

/* When column `column` of the lane begins. */
static int64_t column_at(const struct chart *chart, size_t column)
{
	return chart->begin + (chart->end - chart->begin) * (int64_t)column / (int64_t)chart->lane;
}

/* The column of an instant; the lane's length beyond its end. */
static size_t column_of(const struct chart *chart, int64_t at)
{
	size_t column = 0;

	while (column < chart->lane && column_at(chart, column + 1) <= at)
		column++;
	return column;
}

/* The first instant of the month that is `months` after year 0. */
static int64_t month_begin(int months)
{
	char text[INSTANT_SIZE];
	int64_t at = 0;

	snprintf(text, sizeof(text), "%04d-%02d-01", months / 12, months % 12 + 1);
	(void)instant_parse(text, &at);
	return at;
}

/* The month of an instant, counted as above. */
static int month_of(int64_t at)
{
	char text[INSTANT_SIZE];
	int month = 0;

	instant_format_date(at, text);
	for (size_t i = 0; i < strlen("2027-05"); i++)
		if (i != strlen("2027"))
			month = month * 10 + (text[i] - '0');
	return month / 100 * 12 + month % 100 - 1;
}

/* From tick to tick, with what is shown of a date. */
static const struct scale {
	int days, months;    /* one of them is 0 */
	size_t from, length; /* of "2027-05-01" */
} scales[] = {
	{1, 0, 5, 5},
	{2, 0, 5, 5},
	{7, 0, 5, 5},
	{0, 1, 0, 7},
	{0, 2, 0, 7},
	{0, 3, 0, 7},
	{0, 6, 0, 7},
	{0, 12, 0, 4},
	{0, 24, 0, 4},
	{0, 60, 0, 4},
	{0, 120, 0, 4},
	{0, 240, 0, 4},
};

/* The finest whose labels have room beside each other. */
static const struct scale *scale_of(const struct chart *chart)
{
	for (size_t i = 0; i < ARRAY_LENGTH(scales); i++) {
		int64_t step = scales[i].days * DAY + scales[i].months * (30 * DAY);

		if (step * (int64_t)chart->lane >=
			(chart->end - chart->begin) * (int64_t)(scales[i].length + 2))
			return &scales[i];
	}
	return &scales[ARRAY_LENGTH(scales) - 1];
}

/* The number of the last tick at or before an instant, and the instant of a tick. */
static int64_t tick_number(const struct scale *scale, int64_t at)
{
	return scale->days > 0 ? at / (scale->days * DAY) : month_of(at) / scale->months;
}

static int64_t tick_at(const struct scale *scale, int64_t number)
{
	return scale->days > 0 ? number * scale->days * DAY
			       : month_begin((int)number * scale->months);
}

static void draw_cells(const struct chart *chart, size_t columns)
{
	const char *reset = terminal_style(TERMINAL_RESET, chart->style->colour);
	enum terminal_style last = TERMINAL_RESET;

	for (size_t i = 0; i < columns; i++) {
		enum terminal_style style = signs[chart->cells[i]].style;

		if (style != last && last != TERMINAL_RESET)
			buffer_append_text(chart->buffer, reset);
		if (style != last && style != TERMINAL_RESET)
			buffer_append_text(
				chart->buffer, terminal_style(style, chart->style->colour));
		last = style;
		buffer_append_text(chart->buffer, sign_str(chart->style, chart->cells[i]));
	}
	if (last != TERMINAL_RESET)
		buffer_append_text(chart->buffer, reset);
}

/* The labels of the ticks, and below them the line with the ticks and today. */
static void draw_scale(struct chart *chart)
{
	const struct scale *scale = scale_of(chart);
	char labels[TIMELINE_LANE_MAX + 1], text[INSTANT_SIZE];

	memset(labels, ' ', sizeof(labels));
	labels[chart->lane] = '\0';
	for (size_t i = 0; i < chart->lane; i++)
		chart->cells[i] = SIGN_AXIS;
	/* each tick is at least a column after the one before */
	for (int64_t number = tick_number(scale, chart->begin) + 1;; number++) {
		int64_t at = tick_at(scale, number);
		size_t column = column_of(chart, at);

		if (at < chart->begin || column >= chart->lane)
			break;
		chart->cells[column] = SIGN_TICK;
		if (column + scale->length <= chart->lane)
			memcpy(&labels[column], &instant_format_date(at, text)[scale->from],
				scale->length);
	}
	chart->cells[column_of(chart, chart->forecast->begin)] = SIGN_TODAY;
	buffer_printf(chart->buffer, "%*s%s%*sexpires\n", (int)(INDENT + chart->name + GAP), "",
		labels, GAP, "");
	buffer_printf(chart->buffer, "%*s", (int)(INDENT + chart->name + GAP), "");
	draw_cells(chart, chart->lane);
	buffer_append_text(chart->buffer, "\n");
}

/* ---- rows ---- */

/* Appends the name, cut to its columns, and spaces up to the lane. */
static void draw_name(const struct chart *chart, const char *name)
{
	buffer_printf(chart->buffer, "%*s", INDENT, "");
	if (name[0] == '\0')
		name = "(no common name)";
	if (wrap_columns(name) > chart->name) {
		size_t length = wrap_fit(name, chart->name - 1), columns;
		char cut[CERTIFICATE_NAME_SIZE];

		text_copy(name, cut, length + 1 < sizeof(cut) ? length + 1 : sizeof(cut));
		columns = wrap_columns(cut);
		wrap_text(chart->buffer, cut);
		wrap_pad(chart->buffer, chart->name - columns, chart->style->unicode ? "…" : "~");
	} else {
		wrap_pad(chart->buffer, chart->name, name);
	}
	buffer_printf(chart->buffer, "%*s", GAP, "");
}

static const char *span_name(const struct forecast_span *span)
{
	return span->certificate ? span->certificate->common_name : span->name;
}

static bool within(int64_t instant, int64_t begin, int64_t end)
{
	return instant >= begin && instant < end;
}

/* How it stands at one instant. */
static enum sign span_standing(const struct forecast_span *span, int64_t at)
{
	int64_t door = span->expiry - CERTIFICATE_DOOR - CERTIFICATE_MARGIN;

	if (span->from != 0 && at >= span->from && (span->to == 0 || at < span->to)) {
		if (at > span->expiry)
			return SIGN_EXPIRED;
		return at > door ? SIGN_LAST_DAYS : SIGN_REGISTERED;
	}
	if ((span->from != 0 && at >= span->from) || !span->certificate)
		return SIGN_BLANK;
	return within(at, span->certificate->not_before, door) ? SIGN_LISTED : SIGN_BLANK;
}

static enum sign span_sign(
	const struct chart *chart, const struct forecast_span *span, int64_t begin, int64_t end)
{
	if (within(span->expiry, begin, end) && (span->to == 0 || span->to > span->expiry))
		return SIGN_EXPIRY;
	if (span->to != 0 && within(span->to, begin, end))
		return SIGN_END;
	if (span->from > chart->forecast->begin && within(span->from, begin, end))
		return SIGN_BEGIN;
	return span_standing(span, begin + (end - begin) / 2);
}

static void draw_span(struct chart *chart, const struct forecast_span *span)
{
	char date[INSTANT_SIZE];

	for (size_t i = 0; i < chart->lane; i++)
		chart->cells[i] =
			span_sign(chart, span, column_at(chart, i), column_at(chart, i + 1));
	draw_name(chart, span_name(span));
	draw_cells(chart, chart->lane);
	buffer_printf(chart->buffer, "%*s%s\n", GAP, "", instant_format_date(span->expiry, date));
}

/* Whether an outage falls into the time from `begin` to `end`. */
static bool outage_within(const struct forecast *forecast, int64_t begin, int64_t end)
{
	size_t under_way = 0;

	for (size_t i = 0; i < forecast->events_count && forecast->events[i].at < end; i++) {
		const struct forecast_event *event = &forecast->events[i];

		if (event->kind == FORECAST_OUTAGE) {
			under_way++;
			if (event->at >= begin)
				return true;
		} else if (event->kind == FORECAST_OUTAGE_END) {
			under_way--;
			if (event->at > begin)
				return true;
		}
	}
	return under_way > 0;
}

static void draw_outages(struct chart *chart)
{
	size_t columns = 0;

	if (chart->forecast->outages == 0)
		return;
	for (size_t i = 0; i < chart->lane; i++) {
		bool out = outage_within(
			chart->forecast, column_at(chart, i), column_at(chart, i + 1));

		chart->cells[i] = out ? SIGN_OUTAGE : SIGN_BLANK;
		if (out)
			columns = i + 1;
	}
	draw_name(chart, "outage");
	draw_cells(chart, columns);
	buffer_append_text(chart->buffer, "\n");
}

int timeline_draw(
	const struct forecast *forecast, const struct timeline_style *style, struct buffer *buffer)
{
	int64_t length = forecast->until - forecast->begin;
	size_t fixed = INDENT + GAP + GAP + DATE_LENGTH;
	/* a little of the past, so that today stands out; at least a second per column */
	struct chart chart = {.forecast = forecast,
		.style = style,
		.buffer = buffer,
		.begin = forecast->begin - length / TIMELINE_LANE_MIN,
		.end = forecast->until + 1};

	if (forecast->spans_count == 0)
		return buffer_status(buffer);
	if (chart.end - chart.begin < TIMELINE_LANE_MAX)
		chart.end = chart.begin + TIMELINE_LANE_MAX;
	for (size_t i = 0; i < forecast->spans_count; i++) {
		size_t columns = wrap_columns(span_name(&forecast->spans[i]));

		if (columns > chart.name)
			chart.name = columns;
	}
	if (chart.name > TIMELINE_NAME_MAX)
		chart.name = TIMELINE_NAME_MAX;
	if (chart.name < strlen("outage"))
		chart.name = strlen("outage");
	fixed += chart.name;
	chart.lane =
		style->width > fixed + TIMELINE_LANE_MIN ? style->width - fixed : TIMELINE_LANE_MIN;
	if (chart.lane > TIMELINE_LANE_MAX)
		chart.lane = TIMELINE_LANE_MAX;
	draw_scale(&chart);
	for (size_t i = 0; i < forecast->spans_count; i++)
		draw_span(&chart, &forecast->spans[i]);
	draw_outages(&chart);
	return buffer_status(buffer);
}

int timeline_legend(const struct timeline_style *style, struct buffer *buffer)
{
	size_t column = 0;

	for (size_t i = 0; i < ARRAY_LENGTH(legend); i++) {
		const char *meaning = signs[legend[i]].meaning;
		/* sign, space, meaning and what parts it from the next stay together */
		size_t columns = 2 + wrap_columns(meaning) + 1;

		if (column > 0 && column + 1 + columns > style->width) {
			buffer_append_text(buffer, "\n");
			column = 0;
		}
		buffer_printf(buffer, "%s%s%s%s %s%s", column > 0 ? " " : "",
			terminal_style(signs[legend[i]].style, style->colour),
			sign_str(style, legend[i]), terminal_style(TERMINAL_RESET, style->colour),
			meaning, i + 1 < ARRAY_LENGTH(legend) ? "," : "");
		column += columns + (column > 0);
	}
	return buffer_append_text(buffer, "\n");
}
