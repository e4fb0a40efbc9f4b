/* SPDX-License-Identifier: Apache-2.0 */
/* A forecast as words, and held against another one. */
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "core/explain.h"
#include "core/forecast.h"

void forecast_done(struct forecast *forecast)
{
	if (!forecast)
		return;
	for (size_t i = 0; i < forecast->events_count; i++)
		free(forecast->events[i].text);
	for (size_t i = 0; i < forecast->spans_count; i++)
		free(forecast->spans[i].name);
	free(forecast->events);
	free(forecast->spans);
	*forecast = (struct forecast){0};
}

const char *forecast_kind_str(enum forecast_kind kind)
{
	static const char *const words[FORECAST_KINDS] = {[FORECAST_REGISTER] = "register",
		[FORECAST_DEREGISTER] = "deregister",
		[FORECAST_ENABLE] = "enable",
		[FORECAST_DISABLE] = "disable",
		[FORECAST_CONDITION] = "condition",
		[FORECAST_DOOR] = "door",
		[FORECAST_EXPIRY] = "expiry",
		[FORECAST_OUTAGE] = "outage",
		[FORECAST_OUTAGE_END] = "outage-end"};

	return (unsigned)kind < FORECAST_KINDS ? words[kind] : "unknown";
}

/* ---- words ---- */

static int explain_call(const struct forecast_event *event, struct buffer *buffer)
{
	static const enum step_kind kinds[FORECAST_KINDS] = {[FORECAST_REGISTER] = STEP_REGISTER,
		[FORECAST_DEREGISTER] = STEP_DEREGISTER,
		[FORECAST_ENABLE] = STEP_ENABLE,
		[FORECAST_DISABLE] = STEP_DISABLE};
	struct step step = {.kind = kinds[event->kind],
		.reason = event->what.reason,
		.certificate = event->what.certificate,
		.reversible_until = event->what.reversible_until};

	memcpy(step.id, event->what.id, sizeof(step.id));
	explain_step(&step, buffer);
	if (step.kind == STEP_DEREGISTER) {
		buffer_append_text(buffer, ", ");
		explain_reversibility(&step, buffer);
	}
	buffer_append_text(buffer, ": ");
	return explain_why(&step, buffer);
}

/* A certificate as such, or the entry of one that is not known. */
static void explain_subject(const struct forecast_event *event, struct buffer *buffer)
{
	const struct condition *what = &event->what;

	if (what->certificate)
		explain_certificate(what->certificate, buffer);
	else
		buffer_printf(buffer, "%s%s%s", what->id, what->id[0] != '\0' ? ", " : "",
			what->detail && what->detail[0] != '\0' ? what->detail
								: "(no common name)");
}

static int explain_outage(const struct forecast_event *event, struct buffer *buffer)
{
	const char *authority = event->what.detail;

	if (event->kind == FORECAST_OUTAGE_END) {
		if (!authority)
			return buffer_append_text(buffer, "the outage ends");
		return buffer_printf(buffer, "the outage of %s ends", authority);
	}
	if (!authority)
		return buffer_append_text(
			buffer, "client-side LDAPS is on with no valid certificate Registered");
	return buffer_printf(buffer,
		"client-side LDAPS is on with no valid certificate of %s Registered: domain "
		"controllers with certificates of it cannot be verified",
		authority);
}

int forecast_explain(const struct forecast_event *event, struct buffer *buffer)
{
	switch (event->kind) {
	case FORECAST_CONDITION:
		return explain_condition(&event->what, buffer);
	case FORECAST_DOOR:
		buffer_append_text(buffer, "one-way door: ");
		explain_subject(event, buffer);
		return buffer_append_text(buffer, " could not be registered again once removed");
	case FORECAST_EXPIRY:
		explain_subject(event, buffer);
		return buffer_append_text(buffer, " has expired");
	case FORECAST_OUTAGE:
	case FORECAST_OUTAGE_END:
		return explain_outage(event, buffer);
	default:
		return explain_call(event, buffer);
	}
}

/* ---- likeness ---- */

static bool text_equal(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Passes come seconds apart: what happens on the same day happens at once. */
static bool day_equal(int64_t a, int64_t b)
{
	return a / DAY == b / DAY;
}

static bool events_alike(const struct forecast_event *a, const struct forecast_event *b)
{
	return a->kind == b->kind && a->severity == b->severity && day_equal(a->at, b->at) &&
	       a->what.reason == b->what.reason && a->what.certificate == b->what.certificate &&
	       a->what.number == b->what.number && a->what.holds == b->what.holds &&
	       text_equal(a->text, b->text);
}

/* What was before the forecast began is not part of it. */
static int64_t span_from(const struct forecast *forecast, const struct forecast_span *span)
{
	return span->from != 0 && span->from < forecast->begin ? forecast->begin : span->from;
}

bool forecast_alike(const struct forecast *a, const struct forecast *b)
{
	if (a->readable != b->readable || a->events_count != b->events_count ||
		a->spans_count != b->spans_count)
		return false;
	for (size_t i = 0; i < a->events_count; i++)
		if (!events_alike(&a->events[i], &b->events[i]))
			return false;
	for (size_t i = 0; i < a->spans_count; i++) {
		const struct forecast_span *one = &a->spans[i], *other = &b->spans[i];

		if (one->certificate != other->certificate || one->expiry != other->expiry ||
			!day_equal(one->to, other->to) ||
			!day_equal(span_from(a, one), span_from(b, other)) ||
			!text_equal(one->name, other->name))
			return false;
	}
	return true;
}
