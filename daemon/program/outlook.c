/* SPDX-License-Identifier: Apache-2.0 */
#include "program/outlook.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/calendar.h"
#include "base/hash.h"
#include "base/wrap.h"
#include "core/explain.h"
#include "edge/terminal.h"
#include "program/report.h"

/* "  2027-05-01 ! ": where the sentence of an event begins. Columns. */
#define EVENT_INDENT 15

/* ---- values ---- */

/* An event whose entry's id nobody knows. */
static struct forecast_event without_id(const struct forecast_event *event)
{
	struct forecast_event copy = *event;

	memset(copy.what.id, 0, sizeof(copy.what.id));
	return copy;
}

static json_t *message_json(const struct forecast_event *event)
{
	struct buffer text;
	json_t *value;

	buffer_init(&text, EXPLAIN_SIZE);
	forecast_explain(event, &text);
	value = json_text(buffer_text(&text));
	buffer_done(&text);
	return value;
}

static json_t *advice_json(const struct outlook_place *place, const struct forecast_event *event)
{
	struct buffer text;
	json_t *value;

	buffer_init(&text, EXPLAIN_SIZE);
	if (event->kind == FORECAST_CONDITION)
		explain_advice(&event->what, place->directory, place->region, &text);
	value = json_text(buffer_text(&text));
	buffer_done(&text);
	return value;
}

static bool is_outage(const struct forecast_event *event)
{
	return event->kind == FORECAST_OUTAGE || event->kind == FORECAST_OUTAGE_END;
}

static json_t *event_json(const struct outlook_place *place, const struct forecast_event *event)
{
	const struct condition *what = &event->what;
	bool reasoned = event->kind != FORECAST_DOOR && event->kind != FORECAST_EXPIRY;

	return json_pack("{s:o, s:s, s:s, s:o, s:o, s:s?, s:s?, s:o, s:s, s:s?, s:o}", "at",
		report_instant(event->at), "kind", forecast_kind_str(event->kind), "severity",
		severity_str(event->severity), "message", message_json(event), "advice",
		advice_json(place, event), "reason", reasoned ? reason_str(what->reason) : NULL,
		"holds", what->holds != STEP_OBSERVE ? step_kind_str(what->holds) : NULL,
		"certificate", report_digest(what->certificate), "id", what->id, "authority",
		is_outage(event) ? what->detail : NULL, "reversible_until",
		report_instant(what->reversible_until));
}

static json_t *span_json(const struct forecast_span *span, bool ids)
{
	const char *name = span->certificate ? span->certificate->common_name : span->name;

	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "id", ids ? span->id : "",
		"common_name", json_text(name), "sha256", report_digest(span->certificate),
		"registered", report_instant(span->from), "removed", report_instant(span->to),
		"expires", report_instant(span->expiry), "reversible_until",
		report_instant(
			span->certificate ? certificate_reversible_until(span->certificate) : 0));
}

json_t *outlook_json(const struct outlook_place *place, const struct forecast *forecast, bool ids)
{
	json_t *events = json_array(), *certificates = json_array();

	for (size_t i = 0; i < forecast->events_count; i++) {
		struct forecast_event event = forecast->events[i];

		if (!ids)
			event = without_id(&event);
		(void)json_array_append_new(events, event_json(place, &event));
	}
	for (size_t i = 0; i < forecast->spans_count; i++)
		(void)json_array_append_new(certificates, span_json(&forecast->spans[i], ids));
	return json_pack("{s:s, s:s, s:s, s:o, s:b, s:b, s:I, s:o, s:o, s:o}", "account",
		place->account, "region", place->region, "directory", place->directory, "name",
		json_text(place->name), "read", forecast->readable, "cut", forecast->cut, "outages",
		(json_int_t)forecast->outages, "first_outage",
		report_instant(forecast->first_outage), "events", events, "certificates",
		certificates);
}

/* ---- blocks ---- */

/* Equal for those that forecast_alike calls alike. */
static uint64_t mark_of(const struct directory *wanted, const struct forecast *forecast)
{
	uint64_t mark = hash_number(HASH_START, (int64_t)wanted->trust_count);

	for (size_t i = 0; i < wanted->trust_count; i++)
		mark = hash_text(mark, wanted->trust[i]->name);
	mark = hash_number(mark, (int64_t)forecast->spans_count);
	for (size_t i = 0; i < forecast->events_count; i++) {
		mark = hash_number(mark, forecast->events[i].at / DAY);
		mark = hash_number(mark, forecast->events[i].kind);
	}
	return mark;
}

static bool trust_equal(const struct directory *a, const struct directory *b)
{
	for (size_t i = 0; i < a->trust_count && a->trust_count == b->trust_count; i++)
		if (a->trust[i] != b->trust[i])
			return false;
	return a->trust_count == b->trust_count;
}

static struct outlook_block *block_find(const struct outlook *outlook, uint64_t mark,
	const struct directory *wanted, const struct forecast *forecast)
{
	for (size_t i = 0; i < outlook->count; i++)
		if (outlook->blocks[i].mark == mark &&
			trust_equal(outlook->blocks[i].wanted, wanted) &&
			forecast_alike(&outlook->blocks[i].forecast, forecast))
			return &outlook->blocks[i];
	return NULL;
}

static int name_place(const struct outlook_place *place, struct buffer *buffer)
{
	return report_heading(place->name, place->account, place->directory, place->region, buffer);
}

static int block_join(
	struct outlook_block *block, const struct outlook_place *place, struct forecast *forecast)
{
	forecast_done(forecast);
	buffer_append_text(&block->names, ", ");
	block->count++;
	return name_place(place, &block->names);
}

int outlook_add(struct outlook *outlook, const struct outlook_place *place,
	const struct directory *wanted, struct forecast *forecast)
{
	uint64_t mark = mark_of(wanted, forecast);
	struct outlook_block *block = block_find(outlook, mark, wanted, forecast);
	int r;

	if (block)
		return block_join(block, place, forecast);
	r = array_reserve(&outlook->blocks, &outlook->capacity, outlook->count,
		sizeof(outlook->blocks[0]), SIZE_MAX / sizeof(outlook->blocks[0]));
	if (r < 0) {
		forecast_done(forecast);
		return r;
	}
	block = &outlook->blocks[outlook->count];
	*block = (struct outlook_block){.forecast = *forecast,
		.wanted = wanted,
		.count = 1,
		.order = outlook->count,
		.mark = mark};
	outlook->count++;
	buffer_init(&block->names, OUTLOOK_TEXT_MAX);
	return name_place(place, &block->names);
}

/* Outages first, the nearest before the others; then what could not be read. */
static int64_t block_rank(const struct outlook_block *block)
{
	if (block->forecast.first_outage != 0)
		return block->forecast.first_outage;
	return block->forecast.readable ? INT64_MAX : INT64_MAX - 1;
}

static int block_cmp(const void *a, const void *b)
{
	const struct outlook_block *one = a, *other = b;
	int64_t rank = block_rank(one), other_rank = block_rank(other);

	if (rank != other_rank)
		return rank < other_rank ? -1 : 1;
	return one->order < other->order ? -1 : one->order > other->order;
}

void outlook_sort(struct outlook *outlook)
{
	if (outlook->count > 0)
		qsort(outlook->blocks, outlook->count, sizeof(outlook->blocks[0]), block_cmp);
}

void outlook_done(struct outlook *outlook)
{
	if (!outlook)
		return;
	for (size_t i = 0; i < outlook->count; i++) {
		forecast_done(&outlook->blocks[i].forecast);
		buffer_done(&outlook->blocks[i].names);
	}
	free(outlook->blocks);
	*outlook = (struct outlook){0};
}

/* ---- text ---- */

static const struct {
	char sign;
	enum terminal_style style;
} marks[FORECAST_KINDS] = {
	[FORECAST_REGISTER] = {'+', TERMINAL_GREEN},
	[FORECAST_DEREGISTER] = {'-', TERMINAL_YELLOW},
	[FORECAST_ENABLE] = {'~', TERMINAL_YELLOW},
	[FORECAST_DISABLE] = {'~', TERMINAL_YELLOW},
	[FORECAST_CONDITION] = {'*', TERMINAL_RESET},
	[FORECAST_DOOR] = {'|', TERMINAL_YELLOW},
	[FORECAST_EXPIRY] = {'X', TERMINAL_YELLOW},
	[FORECAST_OUTAGE] = {'!', TERMINAL_RED},
	[FORECAST_OUTAGE_END] = {'.', TERMINAL_GREEN},
};

static enum terminal_style event_style(const struct forecast_event *event)
{
	if (event->severity == SEVERITY_ERROR)
		return TERMINAL_RED;
	if (event->kind == FORECAST_CONDITION)
		return TERMINAL_YELLOW;
	return event->severity == SEVERITY_NOTE && event->kind == FORECAST_EXPIRY
		       ? TERMINAL_DIM
		       : marks[event->kind].style;
}

/* Whether both are thresholds that one certificate passes. */
static bool is_again(const struct forecast_event *event, const struct forecast_event *first)
{
	return event->kind == FORECAST_CONDITION && first->kind == FORECAST_CONDITION &&
	       event->what.level != 0 && first->what.level != 0 &&
	       event->what.reason == first->what.reason &&
	       event->what.certificate == first->what.certificate &&
	       strcmp(event->what.id, first->what.id) == 0;
}

/* Whether an earlier line tells of this one: a person need not read a threshold nine times. */
static bool told_before(const struct forecast *forecast, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (is_again(&forecast->events[index], &forecast->events[i]))
			return true;
	return false;
}

/* "; again on 2030-09-22, 2030-10-02" */
static void again_words(const struct forecast *forecast, size_t index, struct buffer *words)
{
	const char *separator = "; again on";
	char date[INSTANT_SIZE];

	for (size_t i = index + 1; i < forecast->events_count; i++)
		if (is_again(&forecast->events[i], &forecast->events[index])) {
			buffer_printf(words, "%s %s", separator,
				instant_format_date(forecast->events[i].at, date));
			separator = ",";
		}
}

static void event_text(const struct forecast *forecast, size_t index,
	const struct timeline_style *style, bool ids, struct buffer *buffer)
{
	struct forecast_event event = forecast->events[index];
	struct buffer words;
	char date[INSTANT_SIZE];

	if (!ids)
		event = without_id(&event);
	buffer_init(&words, EXPLAIN_SIZE + 512);
	if (event.kind == FORECAST_CONDITION)
		buffer_printf(&words, "%s: %s: ", severity_str(event.severity),
			reason_str(event.what.reason));
	if (event.kind == FORECAST_OUTAGE)
		buffer_append_text(&words, "OUTAGE: ");
	forecast_explain(&event, &words);
	again_words(forecast, index, &words);
	buffer_printf(buffer, "  %s %s%c%s ", instant_format_date(event.at, date),
		terminal_style(event_style(&event), style->colour), marks[event.kind].sign,
		terminal_style(TERMINAL_RESET, style->colour));
	wrap_words(buffer, EVENT_INDENT, EVENT_INDENT, style->width, buffer_text(&words));
	buffer_done(&words);
}

/* "OUTAGE from 2027-10-28 on" */
static void standing_text(
	const struct forecast *forecast, const struct timeline_style *style, struct buffer *buffer)
{
	const char *red = terminal_style(TERMINAL_RED, style->colour);
	const char *reset = terminal_style(TERMINAL_RESET, style->colour);
	char date[INSTANT_SIZE];

	if (!forecast->readable)
		buffer_printf(buffer, "%snot read%s", red, reset);
	else if (forecast->first_outage == forecast->begin)
		buffer_printf(buffer, "%sOUTAGE now%s", red, reset);
	else if (forecast->outages > 0)
		buffer_printf(buffer, "%sOUTAGE on %s%s", red,
			instant_format_date(forecast->first_outage, date), reset);
	else if (forecast->events_count == 0)
		buffer_append_text(buffer, "nothing happens");
	else
		buffer_append_text(buffer, "no outage");
}

int outlook_text(const struct outlook_block *block, const struct timeline_style *style, bool ids,
	struct buffer *buffer)
{
	const struct forecast *forecast = &block->forecast;

	if (block->count > 1) {
		buffer_printf(buffer, "%zu directories alike: ", block->count);
		standing_text(forecast, style, buffer);
		buffer_append_text(buffer, "\n  ");
		wrap_words(buffer, 2, 2, style->width, buffer_text(&block->names));
	} else {
		buffer_printf(buffer, "%s: ", buffer_text(&block->names));
		standing_text(forecast, style, buffer);
		buffer_append_text(buffer, "\n");
	}
	timeline_draw(forecast, style, buffer);
	/* entries of directories that are alike have different ids */
	for (size_t i = 0; i < forecast->events_count; i++)
		if (!told_before(forecast, i))
			event_text(forecast, i, style, ids && block->count == 1, buffer);
	if (forecast->cut)
		buffer_append_text(buffer, "  and more: the list is cut here\n");
	return buffer_status(buffer);
}
