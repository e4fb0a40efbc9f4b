/* SPDX-License-Identifier: Apache-2.0 */
#include "core/health.h"

#include <string.h>

#include "base/array.h"
#include "base/calendar.h"
#include "core/explain.h"
#include "core/rotation.h"

static const char *const kinds[HEALTHS] = {[HEALTH_READY] = "Ready",
	[HEALTH_DRIFTED] = "Drifted",
	[HEALTH_ROTATING] = "Rotating",
	[HEALTH_HELD] = "Held",
	[HEALTH_EXPIRING_SOON] = "ExpiringSoon",
	[HEALTH_SUCCESSOR_MISSING] = "SuccessorMissing",
	[HEALTH_STALE] = "Stale",
	[HEALTH_CREDENTIALS_INVALID] = "CredentialsInvalid",
	[HEALTH_CONFIG_INVALID] = "ConfigInvalid"};
static const char *const truths[TRUTHS] = {
	[TRUTH_UNKNOWN] = "Unknown", [TRUTH_FALSE] = "False", [TRUTH_TRUE] = "True"};

/* Superseded generations wait for these: by design, and no drift. */
static const enum reason rotations[] = {REASON_SUPERSEDED, REASON_OVERLAPPING, REASON_AWAITS_PROOF,
	REASON_AWAITS_AGE, REASON_AWAITS_EXPIRY, REASON_RETIRED_BY_HAND, REASON_AWAITS_TURN,
	REASON_AWAITS_FIRST};
/* What only an edit of the file mends. */
static const enum reason configurations[] = {REASON_WRONG_KIND, REASON_WRONG_NAME, REASON_RENAMED,
	REASON_SELECTED_TWICE, REASON_DIRECTORY_MISSING, REASON_NOTHING_TRUSTED, REASON_NOT_USABLE,
	REASON_OTHER_SUBJECT, REASON_AMBIGUOUS_ORDER, REASON_SHORTER_LIFE,
	REASON_INDISTINGUISHABLE};

static bool one_of(enum reason reason, const enum reason *reasons, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (reasons[i] == reason)
			return true;
	return false;
}

/* The first condition of this reason; NULL if there is none. */
static const struct condition *find(const struct decision *decision, enum reason reason)
{
	for (size_t i = 0; i < decision->conditions_count; i++)
		if (decision->conditions[i].reason == reason)
			return &decision->conditions[i];
	return NULL;
}

/* ---- answers ---- */

static struct health_row say(enum truth truth, const char *reason, const char *text)
{
	return (struct health_row){.truth = truth, .reason = reason, .text = text};
}

static struct health_row by_condition(enum truth truth, const struct condition *condition)
{
	return (struct health_row){
		.truth = truth, .reason = reason_str(condition->reason), .cause = condition};
}

/* With the words of a condition where one has the step's reason. */
static struct health_row by_step(enum truth truth, const struct decision *decision)
{
	const struct condition *condition = find(decision, decision->step.reason);
	struct health_row row = say(truth, reason_str(decision->step.reason), NULL);

	row.cause = condition;
	if (!condition && step_writes(&decision->step))
		row.step = &decision->step;
	else if (!condition)
		row.text = "";
	return row;
}

static struct health_row by_certificate(enum truth truth, const struct listed *listed)
{
	struct health_row row = say(truth, kinds[HEALTH_EXPIRING_SOON], NULL);

	row.listed = listed;
	return row;
}

/* Nothing of it is known as long as the directory cannot be read, or not be managed. */
static bool unknown(const struct situation *situation)
{
	return !situation_manageable(situation);
}

/* ---- the questions ---- */

static struct health_row ready(const struct situation *situation, const struct decision *decision)
{
	if (!situation->observed->complete)
		return by_step(TRUTH_UNKNOWN, decision);
	for (size_t i = 0; i < decision->conditions_count; i++)
		if (condition_severity(&decision->conditions[i]) == SEVERITY_ERROR)
			return by_condition(TRUTH_FALSE, &decision->conditions[i]);
	if (decision->step.kind != STEP_SETTLED)
		return by_step(TRUTH_FALSE, decision);
	return say(TRUTH_TRUE, reason_str(decision->step.reason),
		"everything is as the file wants it");
}

static bool rotation_only(const struct condition *condition)
{
	return one_of(condition->reason, rotations, ARRAY_LENGTH(rotations));
}

static struct health_row drifted(const struct situation *situation, const struct decision *decision)
{
	const struct step *step = &decision->step;

	if (unknown(situation))
		return by_step(TRUTH_UNKNOWN, decision);
	if (step_writes(step) && !one_of(step->reason, rotations, ARRAY_LENGTH(rotations)))
		return by_step(TRUTH_TRUE, decision);
	for (size_t i = 0; i < decision->conditions_count; i++)
		if (decision->conditions[i].holds != STEP_OBSERVE &&
			!rotation_only(&decision->conditions[i]))
			return by_condition(TRUTH_TRUE, &decision->conditions[i]);
	if (situation_busy(situation))
		return by_step(TRUTH_TRUE, decision);
	return say(TRUTH_FALSE, reason_str(REASON_CONVERGED),
		"nothing that the file wants is missing");
}

static struct health_row rotating(
	const struct situation *situation, const struct decision *decision)
{
	const struct memory *memory = situation->memory;

	if (unknown(situation))
		return by_step(TRUTH_UNKNOWN, decision);
	for (size_t i = 0; i < decision->conditions_count; i++)
		if (rotation_only(&decision->conditions[i]))
			return by_condition(TRUTH_TRUE, &decision->conditions[i]);
	for (size_t i = 0; i < memory->certificates_count; i++)
		if (observed_find(situation->observed, memory->certificates[i].id) &&
			rotation_succeeded(situation, memory->certificates[i].certificate))
			return say(TRUTH_TRUE, "TwoGenerations",
				"a later generation is registered, or on its way, beside an "
				"earlier "
				"one");
	return say(TRUTH_FALSE, "OneGeneration", "no generation is being replaced");
}

static struct health_row held(const struct situation *situation, const struct decision *decision)
{
	(void)situation;
	if (decision->step.kind == STEP_HELD)
		return by_step(TRUTH_TRUE, decision);
	for (size_t i = 0; i < decision->conditions_count; i++)
		if (decision->conditions[i].holds != STEP_OBSERVE &&
			condition_severity(&decision->conditions[i]) != SEVERITY_NOTE)
			return by_condition(TRUTH_TRUE, &decision->conditions[i]);
	return say(TRUTH_FALSE, "NothingHeld", "no write is held back");
}

/* Whether it vouches for something, and ends soon. */
static bool expires_soon(const struct situation *situation, const struct listed *listed)
{
	const struct memory_certificate *owned = situation_owned(situation, listed);
	const struct certificate *certificate = situation_certificate(situation, listed);
	const struct authority *authority =
		certificate ? directory_authority_of(situation->wanted, &certificate->sha256)
			    : NULL;
	int64_t before = authority ? authority->rotation.rotate_before : 0;

	if (listed->type != CERTIFICATE_TYPE_CLIENT_LDAPS ||
		listed->state != CERTIFICATE_STATE_REGISTERED || listed->expiry == 0)
		return false;
	if (owned && rotation_successor(situation, owned))
		return false;
	if (before == 0)
		before = FLEET_ROTATE_BEFORE_DEFAULT;
	return listed->expiry - situation->now <= before;
}

static struct health_row expiring(
	const struct situation *situation, const struct decision *decision)
{
	const struct observed *observed = situation->observed;
	const struct listed *first = NULL;

	if (!observed->complete)
		return by_step(TRUTH_UNKNOWN, decision);
	for (size_t i = 0; i < observed->listed_count; i++)
		if (expires_soon(situation, &observed->listed[i]) &&
			(!first || observed->listed[i].expiry < first->expiry))
			first = &observed->listed[i];
	if (first)
		return by_certificate(TRUTH_TRUE, first);
	return say(TRUTH_FALSE, "FarFromExpiry", "no Registered certificate is near its end");
}

static struct health_row successor(
	const struct situation *situation, const struct decision *decision)
{
	const struct condition *condition = find(decision, REASON_SUCCESSOR_MISSING);

	if (condition)
		return by_condition(TRUTH_TRUE, condition);
	if (!situation->observed->complete)
		return by_step(TRUTH_UNKNOWN, decision);
	return say(TRUTH_FALSE, "NothingMissing",
		"no Registered certificate nears its end without a successor");
}

static struct health_row stale(const struct situation *situation, const struct decision *decision)
{
	const struct condition *condition = find(decision, REASON_STALE);

	if (condition)
		return by_condition(TRUTH_TRUE, condition);
	if (situation->observed->complete)
		return say(TRUTH_FALSE, "Looked", "the last look was complete");
	if (situation->memory->looked == 0)
		return say(
			TRUTH_UNKNOWN, reason_str(REASON_NEVER_SEEN), "no look was complete yet");
	return say(TRUTH_FALSE, "Recent", "the last complete look is no three intervals ago");
}

static struct health_row credentials(
	const struct situation *situation, const struct decision *decision)
{
	enum reason reason = decision->step.reason;

	if (find(decision, REASON_CREDENTIALS_INVALID) || reason == REASON_CREDENTIALS_INVALID) {
		struct health_row row = by_step(TRUTH_TRUE, decision);

		row.cause = find(decision, REASON_CREDENTIALS_INVALID);
		row.reason = kinds[HEALTH_CREDENTIALS_INVALID];
		return row;
	}
	if (reason == REASON_WRONG_ACCOUNT)
		return by_step(TRUTH_TRUE, decision);
	if (situation->observed->complete || reason == REASON_ACCESS_DENIED ||
		reason == REASON_DIRECTORY_MISSING)
		return say(TRUTH_FALSE, "Accepted", "AWS takes the credentials");
	return by_step(TRUTH_UNKNOWN, decision);
}

static struct health_row configuration(const struct decision *decision, bool refused)
{
	if (refused)
		return say(TRUTH_TRUE, "FileRefused",
			"the file on the disk was refused; the last good one is in force: "
			"`ldapsward check` tells why");
	for (size_t i = 0; i < decision->conditions_count; i++)
		if (one_of(decision->conditions[i].reason, configurations,
			    ARRAY_LENGTH(configurations)))
			return by_condition(TRUTH_TRUE, &decision->conditions[i]);
	return say(TRUTH_FALSE, "FileTaken", "the file was taken");
}

/* ---- all of them ---- */

static int64_t since(struct health_past *past, enum health_kind kind, enum truth truth, int64_t now)
{
	if (past->since[kind] == 0 || past->truth[kind] != truth)
		past->since[kind] = now;
	past->truth[kind] = (uint8_t)truth;
	return past->since[kind];
}

void health_judge(const struct situation *situation, const struct decision *decision, bool refused,
	struct health_past *past, struct health *ret_health)
{
	*ret_health = (struct health){
		.rows = {[HEALTH_READY] = ready(situation, decision),
			[HEALTH_DRIFTED] = drifted(situation, decision),
			[HEALTH_ROTATING] = rotating(situation, decision),
			[HEALTH_HELD] = held(situation, decision),
			[HEALTH_EXPIRING_SOON] = expiring(situation, decision),
			[HEALTH_SUCCESSOR_MISSING] = successor(situation, decision),
			[HEALTH_STALE] = stale(situation, decision),
			[HEALTH_CREDENTIALS_INVALID] = credentials(situation, decision),
			[HEALTH_CONFIG_INVALID] = configuration(decision, refused)}};
	for (enum health_kind kind = 0; kind < HEALTHS; kind++)
		ret_health->rows[kind].since =
			since(past, kind, ret_health->rows[kind].truth, situation->now);
}

/* An entry that may not be a certificate we know: by what the listing says of it. */
static int explain_listed(const struct listed *listed, struct buffer *buffer)
{
	char text[INSTANT_SIZE];

	return buffer_printf(buffer, "%s, %s, ends on %.10s, and no successor is Registered",
		listed->id, listed->common_name, instant_format(listed->expiry, text));
}

int health_explain(const struct health_row *row, struct buffer *buffer)
{
	if (row->text)
		return buffer_append_text(buffer, row->text);
	if (row->cause)
		return explain_condition(row->cause, buffer);
	if (row->listed)
		return explain_listed(row->listed, buffer);
	return row->step ? explain_step(row->step, buffer) : buffer_status(buffer);
}

const char *health_str(enum health_kind kind)
{
	return kinds[kind];
}

enum health_kind health_parse(const char *name)
{
	enum health_kind kind = 0;

	while (kind < HEALTHS && strcmp(kinds[kind], name) != 0)
		kind++;
	return kind;
}

const char *truth_str(enum truth truth)
{
	return truths[truth];
}

enum truth truth_parse(const char *name)
{
	for (enum truth truth = TRUTH_FALSE; truth < TRUTHS; truth++)
		if (strcmp(truths[truth], name) == 0)
			return truth;
	return TRUTH_UNKNOWN;
}

bool health_good(enum health_kind kind, enum truth truth)
{
	if (kind == HEALTH_ROTATING)
		return true;
	return truth == (kind == HEALTH_READY ? TRUTH_TRUE : TRUTH_FALSE);
}
