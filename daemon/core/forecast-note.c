/* SPDX-License-Identifier: Apache-2.0 */
/* What a forecast notes at each look: rows, ends, outages and conditions. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "core/forecast-private.h"
#include "core/generation.h"
#include "core/guard.h"

/* The last of the outages: of nothing at all; before it one for each trusted authority. */
#define OUTAGE_OF_ALL DIRECTORY_TRUST_MAX

/* ---- the list ---- */

static bool limit_reached(struct forecast_walk *walk, int r)
{
	if (r == -ERROR_LIMIT)
		walk->forecast->cut = true;
	else if (r < 0)
		walk->r = r;
	return r < 0;
}

void forecast_tell(struct forecast_walk *walk, int64_t at, enum forecast_kind kind,
	enum severity severity, const struct condition *what)
{
	struct forecast *forecast = walk->forecast;
	struct forecast_event event = {.at = at, .kind = kind, .severity = severity, .what = *what};
	size_t place = forecast->events_count;

	if (limit_reached(
		    walk, array_reserve(&forecast->events, &forecast->events_capacity,
				  forecast->events_count, sizeof(event), FORECAST_EVENTS_MAX)))
		return;
	if (what->detail) {
		event.text = strdup(what->detail);
		if (!event.text) {
			walk->r = -ERROR_MEMORY;
			return;
		}
		event.what.detail = event.text;
	}
	while (place > 0 && forecast->events[place - 1].at > at) {
		forecast->events[place] = forecast->events[place - 1];
		place--;
	}
	forecast->events[place] = event;
	forecast->events_count++;
}

/* ---- rows ---- */

static struct forecast_span *span_find(const struct forecast *forecast, const char *id)
{
	for (size_t i = 0; i < forecast->spans_count; i++)
		if (strcmp(forecast->spans[i].id, id) == 0)
			return &forecast->spans[i];
	return NULL;
}

static size_t rank_of(const struct directory *wanted, const struct certificate *certificate)
{
	const struct authority *authority =
		certificate ? directory_authority_of(wanted, &certificate->sha256) : NULL;
	size_t rank = 0;

	if (!authority)
		return DIRECTORY_TRUST_MAX;
	while (wanted->trust[rank] != authority)
		rank++;
	return rank;
}

static void span_add(struct forecast_walk *walk, const struct forecast_span *span, const char *name)
{
	struct forecast *forecast = walk->forecast;
	struct forecast_span *added;

	if (limit_reached(walk, array_reserve(&forecast->spans, &forecast->spans_capacity,
					forecast->spans_count, sizeof(*span), FORECAST_SPANS_MAX)))
		return;
	added = &forecast->spans[forecast->spans_count++];
	*added = *span;
	added->rank = rank_of(walk->future.situation.wanted, span->certificate);
	if (span->certificate)
		return;
	added->name = strdup(name);
	if (!added->name)
		walk->r = -ERROR_MEMORY;
}

static bool is_registered(const struct listed *listed)
{
	return listed && listed->type == CERTIFICATE_TYPE_CLIENT_LDAPS &&
	       listed->state == CERTIFICATE_STATE_REGISTERED;
}

static void spans_begin(struct forecast_walk *walk)
{
	const struct situation *situation = &walk->future.situation;

	for (size_t i = 0; i < situation->observed->listed_count; i++) {
		const struct listed *listed = &situation->observed->listed[i];
		const struct memory_certificate *owned = situation_owned(situation, listed);
		struct forecast_span span = {.expiry = listed->expiry, .from = situation->now};

		if (!is_registered(listed) || span_find(walk->forecast, listed->id))
			continue;
		if (owned && owned->registered_at != 0)
			span.from = owned->registered_at;
		span.certificate = situation_certificate(situation, listed);
		memcpy(span.id, listed->id, sizeof(span.id));
		span_add(walk, &span, listed->common_name);
	}
}

/* Trusted certificates of which no row was made, as far as they have not expired. */
static void spans_end(struct forecast_walk *walk)
{
	const struct directory *wanted = walk->future.situation.wanted;

	for (size_t i = 0; i < wanted->trust_count; i++)
		for (size_t j = 0; j < wanted->trust[i]->count; j++) {
			const struct certificate *certificate = wanted->trust[i]->certificates[j];
			bool known = certificate->not_after < walk->forecast->begin ||
				     certificate_is_cross(certificate);

			for (size_t k = 0; !known && k < walk->forecast->spans_count; k++)
				known = walk->forecast->spans[k].certificate == certificate;
			if (!known)
				span_add(walk,
					&(struct forecast_span){.certificate = certificate,
						.expiry = certificate->not_after},
					NULL);
		}
}

static int span_cmp(const void *a, const void *b)
{
	const struct forecast_span *one = a, *other = b;

	if (one->rank != other->rank)
		return one->rank < other->rank ? -1 : 1;
	if (one->expiry != other->expiry)
		return one->expiry < other->expiry ? -1 : 1;
	return strcmp(one->id, other->id);
}

/* Whether a later generation is Registered and unexpired beside it. */
static bool superseded(const struct forecast_walk *walk, const struct forecast_span *span)
{
	for (size_t i = 0; i < walk->forecast->spans_count; i++) {
		const struct forecast_span *other = &walk->forecast->spans[i];

		if (other->to == 0 && other->certificate && span->certificate &&
			other->expiry >= walk->future.situation.now &&
			generation_succeeds(span->certificate, other->certificate))
			return true;
	}
	return false;
}

/* Tells of an instant that has come since the last look: an end of which nothing later is there is
 * worth a warning. */
static void tell_passed(struct forecast_walk *walk, const struct forecast_span *span, int64_t at,
	enum forecast_kind kind)
{
	struct condition what = {.certificate = span->certificate,
		.detail = span->certificate ? span->certificate->common_name : span->name};
	bool minor = !span->certificate || superseded(walk, span);

	if (at <= walk->noted || at > walk->future.situation.now)
		return;
	memcpy(what.id, span->id, sizeof(what.id));
	forecast_tell(walk, at, kind, minor ? SEVERITY_NOTE : SEVERITY_WARNING, &what);
}

static void spans_pass(struct forecast_walk *walk)
{
	for (size_t i = 0; i < walk->forecast->spans_count; i++) {
		struct forecast_span *span = &walk->forecast->spans[i];

		if (span->to != 0)
			continue;
		if (span->certificate)
			tell_passed(walk, span, certificate_reversible_until(span->certificate) + 1,
				FORECAST_DOOR);
		tell_passed(walk, span, span->expiry + 1, FORECAST_EXPIRY);
		if (!is_registered(observed_find(walk->future.situation.observed, span->id)))
			span->to = walk->future.situation.now;
	}
}

/* ---- outages ---- */

/* Whether nothing Registered is valid. */
static bool nothing_valid(const struct situation *situation)
{
	for (size_t i = 0; i < situation->observed->listed_count; i++)
		if (is_registered(&situation->observed->listed[i]) &&
			situation->observed->listed[i].expiry >= situation->now)
			return false;
	return true;
}

static void outage_check(struct forecast_walk *walk, size_t bit, bool uncovered, bool quiet)
{
	const struct situation *situation = &walk->future.situation;
	struct condition what = {.reason = REASON_AUTHORITY_UNCOVERED};

	if (bit < situation->wanted->trust_count)
		what.detail = situation->wanted->trust[bit]->name;
	if (!uncovered) {
		if (walk->outage[bit])
			forecast_tell(
				walk, situation->now, FORECAST_OUTAGE_END, SEVERITY_NOTE, &what);
		walk->outage[bit] = false;
		walk->uncovered[bit] = 0;
		return;
	}
	if (walk->uncovered[bit] == 0)
		walk->uncovered[bit] = situation->now;
	/* what the next step mends is none */
	if (walk->outage[bit] || !quiet)
		return;
	forecast_tell(walk, walk->uncovered[bit], FORECAST_OUTAGE, SEVERITY_ERROR, &what);
	walk->outage[bit] = true;
	if (walk->forecast->outages++ == 0 || walk->uncovered[bit] < walk->forecast->first_outage)
		walk->forecast->first_outage = walk->uncovered[bit];
}

/* What no certificate of an authority was valid for yet needs none. */
static bool has_begun(const struct authority *authority, int64_t now)
{
	for (size_t i = 0; i < authority->count; i++)
		if (authority->certificates[i]->not_before <= now)
			return true;
	return false;
}

static void outages_check(struct forecast_walk *walk, bool quiet)
{
	/* the guard looks as far ahead as a call may take; here it is valid to its last second */
	struct situation situation = walk->future.situation;
	const struct directory *wanted = situation.wanted;
	bool on = situation_ldaps_on(&situation);

	outage_check(walk, OUTAGE_OF_ALL,
		on && wanted->trust_count == 0 && nothing_valid(&situation), quiet);
	situation.now -= STEP_VIEW_MAX + 1;
	for (size_t i = 0; i < wanted->trust_count; i++)
		outage_check(walk, i,
			on && has_begun(wanted->trust[i], walk->future.situation.now) &&
				!guard_covers(&situation, wanted->trust[i], ""),
			quiet);
}

/* ---- conditions ---- */

static bool same_condition(const struct condition *a, const struct condition *b)
{
	return a->reason == b->reason && a->certificate == b->certificate && a->holds == b->holds &&
	       a->number == b->number && a->level == b->level && strcmp(a->id, b->id) == 0;
}

/* What is told by an event of another kind. */
static bool told_otherwise(const struct forecast_walk *walk, const struct condition *condition)
{
	if (condition->reason == REASON_AUTHORITY_UNCOVERED)
		return condition->holds == STEP_OBSERVE;
	if (condition->reason != REASON_EXPIRED)
		return false;
	for (size_t i = 0; i < walk->forecast->spans_count; i++)
		if (walk->forecast->spans[i].certificate == condition->certificate &&
			walk->forecast->spans[i].expiry >= walk->forecast->begin)
			return true;
	return false;
}

void forecast_note_conditions(struct forecast_walk *walk)
{
	const struct decision *decision = &walk->decision;

	for (size_t i = 0; i < decision->conditions_count; i++) {
		const struct condition *condition = &decision->conditions[i];
		enum severity severity = condition_severity(condition);
		bool known = severity == SEVERITY_NOTE || told_otherwise(walk, condition);

		for (size_t j = 0; !known && j < walk->before_count; j++)
			known = same_condition(condition, &walk->before[j]);
		if (!known)
			forecast_tell(walk, walk->future.situation.now, FORECAST_CONDITION,
				severity, condition);
	}
	memcpy(walk->before, decision->conditions,
		decision->conditions_count * sizeof(walk->before[0]));
	walk->before_count = decision->conditions_count;
}

void forecast_note(struct forecast_walk *walk, bool quiet)
{
	spans_pass(walk);
	spans_begin(walk);
	outages_check(walk, quiet);
	if (quiet)
		forecast_note_conditions(walk);
	walk->noted = walk->future.situation.now;
}

void forecast_note_end(struct forecast_walk *walk)
{
	spans_end(walk);
	if (walk->forecast->spans_count > 0)
		qsort(walk->forecast->spans, walk->forecast->spans_count,
			sizeof(walk->forecast->spans[0]), span_cmp);
}
