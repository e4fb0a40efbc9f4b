/* SPDX-License-Identifier: Apache-2.0 */
#include "core/forecast.h"

#include <string.h>

#include "base/array.h"
#include "core/decide.h"
#include "core/future.h"
#include "core/generation.h"
#include "core/guard.h"
#include "core/notices.h"
#include "core/rotation.h"

/* Bits of walk.outages: one for each trusted authority, and one for "nothing at all". */
#define OUTAGE_OF_ALL DIRECTORY_TRUST_MAX

/* One forecast on its way. */
struct walk {
	struct forecast *forecast;
	struct future future;
	struct decision decision;
	int64_t stride;
	int64_t noted;					  /* what happened until here was told */
	int64_t uncovered[DIRECTORY_TRUST_MAX + 1];	  /* since when; 0: it is not */
	bool outage[DIRECTORY_TRUST_MAX + 1];		  /* that was told */
	struct condition before[DECISION_CONDITIONS_MAX]; /* of the last quiet decision */
	size_t before_count;
	int r; /* the first error */
};

/* ---- the list ---- */

static bool limit_reached(struct walk *walk, int r)
{
	if (r == -ERROR_LIMIT)
		walk->forecast->cut = true;
	else if (r < 0)
		walk->r = r;
	return r < 0;
}

/* Adds the event in its place; of the same instant the first told is first. */
static void tell(struct walk *walk, int64_t at, enum forecast_kind kind, enum severity severity,
	const struct condition *what)
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

static void span_add(struct walk *walk, const struct forecast_span *span, const char *name)
{
	struct forecast *forecast = walk->forecast;
	struct forecast_span *added;

	if (limit_reached(walk, array_reserve(&forecast->spans, &forecast->spans_capacity,
					forecast->spans_count, sizeof(*span), FORECAST_SPANS_MAX)))
		return;
	added = &forecast->spans[forecast->spans_count++];
	*added = *span;
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

static void spans_begin(struct walk *walk)
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
static void spans_end(struct walk *walk)
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

/* Whether a later generation is Registered and unexpired beside it. */
static bool superseded(const struct walk *walk, const struct forecast_span *span)
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
static void tell_passed(
	struct walk *walk, const struct forecast_span *span, int64_t at, enum forecast_kind kind)
{
	struct condition what = {.certificate = span->certificate,
		.detail = span->certificate ? span->certificate->common_name : span->name};
	bool minor = !span->certificate || superseded(walk, span);

	if (at <= walk->noted || at > walk->future.situation.now)
		return;
	memcpy(what.id, span->id, sizeof(what.id));
	tell(walk, at, kind, minor ? SEVERITY_NOTE : SEVERITY_WARNING, &what);
}

static void spans_pass(struct walk *walk)
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

static void outage_check(struct walk *walk, size_t bit, bool uncovered, bool quiet)
{
	const struct situation *situation = &walk->future.situation;
	struct condition what = {.reason = REASON_AUTHORITY_UNCOVERED};

	if (bit < situation->wanted->trust_count)
		what.detail = situation->wanted->trust[bit]->name;
	if (!uncovered) {
		if (walk->outage[bit])
			tell(walk, situation->now, FORECAST_OUTAGE_END, SEVERITY_NOTE, &what);
		walk->outage[bit] = false;
		walk->uncovered[bit] = 0;
		return;
	}
	if (walk->uncovered[bit] == 0)
		walk->uncovered[bit] = situation->now;
	/* what the next step mends is none */
	if (walk->outage[bit] || !quiet)
		return;
	tell(walk, walk->uncovered[bit], FORECAST_OUTAGE, SEVERITY_ERROR, &what);
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

static void outages_check(struct walk *walk, bool quiet)
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
static bool told_otherwise(const struct walk *walk, const struct condition *condition)
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

static void conditions_check(struct walk *walk)
{
	const struct decision *decision = &walk->decision;

	for (size_t i = 0; i < decision->conditions_count; i++) {
		const struct condition *condition = &decision->conditions[i];
		enum severity severity = condition_severity(condition);
		bool known = severity == SEVERITY_NOTE || told_otherwise(walk, condition);

		for (size_t j = 0; !known && j < walk->before_count; j++)
			known = same_condition(condition, &walk->before[j]);
		if (!known)
			tell(walk, walk->future.situation.now, FORECAST_CONDITION, severity,
				condition);
	}
	memcpy(walk->before, decision->conditions,
		decision->conditions_count * sizeof(walk->before[0]));
	walk->before_count = decision->conditions_count;
}

/* ---- time ---- */

static void sooner(int64_t *next, int64_t now, int64_t instant)
{
	if (instant > now && instant < *next)
		*next = instant;
}

/* Around its end what may be done with a certificate changes, which not every decision tells. */
static void sooner_around(int64_t *next, int64_t now, int64_t not_after)
{
	const int64_t distances[] = {-CERTIFICATE_DOOR - CERTIFICATE_MARGIN - STEP_VIEW_MAX,
		-CERTIFICATE_DOOR - CERTIFICATE_MARGIN + 1, -GUARD_LIFE_LEFT - STEP_VIEW_MAX,
		-STEP_VIEW_MAX, 1, GUARD_EXPIRED_SINCE_FULL, ROTATION_EXPIRED_SINCE};

	for (size_t i = 0; i < ARRAY_LENGTH(distances); i++)
		sooner(next, now, not_after + distances[i]);
}

static void sooner_wanted(int64_t *next, int64_t now, const struct directory *wanted)
{
	for (size_t i = 0; i < wanted->trust_count; i++)
		for (size_t j = 0; j < wanted->trust[i]->count; j++) {
			sooner(next, now, wanted->trust[i]->certificates[j]->not_before);
			sooner_around(next, now, wanted->trust[i]->certificates[j]->not_after);
		}
	for (size_t i = 0; i < wanted->approvals_count; i++) {
		sooner(next, now, wanted->approvals[i].until);
		sooner(next, now, wanted->approvals[i].until - STEP_VIEW_MAX);
	}
}

/* The next threshold. */
static int64_t next_notice(const struct situation *situation)
{
	struct decision ignored;

	ignored.conditions_count = 0;
	return notices_tell(situation, &ignored);
}

/* The next instant at which anything can change. */
static int64_t next_instant(const struct walk *walk)
{
	const struct situation *situation = &walk->future.situation;
	const struct memory *memory = situation->memory;
	const struct decision *decision = &walk->decision;
	int64_t now = situation->now, next = walk->forecast->until;
	int64_t ends = model_next(&walk->future.model, &walk->future.options);

	if (ends <= now)
		return now + DECIDE_LOOK_MIN;
	sooner(&next, now, ends);
	if (walk->stride > 0)
		sooner(&next, now, now + walk->stride);
	/* looks at what is in flight show nothing before it ends */
	sooner(&next, now,
		situation_busy(situation) ? next_notice(situation) : decision->step.until);
	for (size_t i = 0; i < decision->conditions_count; i++)
		sooner(&next, now, decision->conditions[i].at);
	if (memory->busy_since != 0)
		sooner(&next, now, memory->busy_since + SITUATION_STUCK_AFTER);
	if (memory->disabled_since != 0)
		sooner(&next, now, memory->disabled_since + situation->wanted->overlap);
	sooner_wanted(&next, now, situation->wanted);
	for (size_t i = 0; i < memory->certificates_count; i++)
		sooner_around(&next, now, memory->certificates[i].certificate->not_after);
	for (size_t i = 0; i < situation->observed->listed_count; i++)
		sooner_around(&next, now, situation->observed->listed[i].expiry);
	return next;
}

/* Whether things stand as they will for a while: neither a step nor the end of one is next. */
static bool is_quiet(const struct walk *walk)
{
	const struct step *step = &walk->decision.step;

	return !step_writes(step) && !(step->kind == STEP_WAIT && step->reason == REASON_MISSED) &&
	       model_next(&walk->future.model, &walk->future.options) == MODEL_NEVER;
}

static void note(struct walk *walk)
{
	bool quiet = is_quiet(walk);

	spans_pass(walk);
	spans_begin(walk);
	outages_check(walk, quiet);
	if (quiet)
		conditions_check(walk);
	walk->noted = walk->future.situation.now;
}

static void act(struct walk *walk)
{
	static const enum forecast_kind kinds[STEPS] = {[STEP_REGISTER] = FORECAST_REGISTER,
		[STEP_DEREGISTER] = FORECAST_DEREGISTER,
		[STEP_ENABLE] = FORECAST_ENABLE,
		[STEP_DISABLE] = FORECAST_DISABLE};
	struct step step = walk->decision.step;
	struct condition what = {.reason = step.reason,
		.certificate = step.certificate,
		.reversible_until = step.reversible_until};
	int r = future_act(&walk->future, &step);

	memcpy(what.id, step.id, sizeof(what.id));
	if (r < 0)
		walk->r = r;
	else if (walk->future.memory.change.phase == CHANGE_ACCEPTED)
		tell(walk, walk->future.situation.now, kinds[step.kind], SEVERITY_NOTE, &what);
}

/* Decides, and goes on to the next instant. False at the end. */
static bool walk_on(struct walk *walk)
{
	struct situation *situation = &walk->future.situation;
	int64_t left = walk->forecast->until - situation->now, next;

	situation->interval = left > DECIDE_LOOK_MIN ? left : DECIDE_LOOK_MIN;
	decide(situation, &walk->decision);
	note(walk);
	if (walk->r < 0 || walk->forecast->cut || left <= 0)
		return false;
	next = situation->now + DECIDE_LOOK_MIN;
	if (step_writes(&walk->decision.step))
		act(walk);
	else
		next = next_instant(walk);
	/* the passes before it have seen what this one saw */
	if (walk->future.memory.looked != 0 && next - DECIDE_LOOK_MIN > walk->future.memory.looked)
		walk->future.memory.looked = next - DECIDE_LOOK_MIN;
	if (walk->r == 0)
		walk->r = future_look(&walk->future, next);
	return walk->r == 0;
}

/* All that can be said of what could not be read. */
static void tell_unread(struct walk *walk, const struct situation *situation)
{
	walk->future.situation = *situation;
	decide(situation, &walk->decision);
	conditions_check(walk);
}

static int walk_through(struct walk *walk, const struct situation *situation)
{
	size_t looks = 0;
	int r = future_begin(situation, &walk->future);

	if (r < 0)
		return r;
	walk->future.situation.rollouts = NULL;
	while (walk_on(walk))
		if (++looks == FORECAST_LOOKS_MAX) {
			walk->forecast->cut = true;
			break;
		}
	spans_end(walk);
	future_done(&walk->future);
	return walk->r;
}

int forecast_make_by(const struct situation *situation, int64_t until, int64_t stride,
	struct forecast *ret_forecast)
{
	struct forecast forecast = {.begin = situation->now,
		.until = until > situation->now ? until : situation->now,
		.readable = situation->observed->complete && situation->observed->arrived != 0};
	struct walk walk = {.forecast = &forecast, .stride = stride, .noted = situation->now};
	int r = 0;

	if (forecast.readable)
		r = walk_through(&walk, situation);
	else
		tell_unread(&walk, situation);
	if (r == 0)
		r = walk.r;
	if (r < 0) {
		forecast_done(&forecast);
		return r;
	}
	*ret_forecast = forecast;
	return 0;
}

int forecast_make(const struct situation *situation, int64_t until, struct forecast *ret_forecast)
{
	return forecast_make_by(situation, until, 0, ret_forecast);
}
