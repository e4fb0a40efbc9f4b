/* SPDX-License-Identifier: Apache-2.0 */
#include "events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "core/guard.h"
#include "core/learn.h"
#include "invariants.h"

bool event_leads(enum event_kind kind)
{
	switch (kind) {
	case EVENT_PASS_SLOW:
	case EVENT_PASS_STALE:
	case EVENT_EVE_PASS:
	case EVENT_EVE_SLOW:
	case EVENT_LOOK_FAILED:
	case EVENT_LOOK_THROTTLED:
	case EVENT_LOOK_PARTIAL:
		return false;
	default:
		return true;
	}
}

/* ---------------------------------------------------------------- a pass */

/* How a write goes. */
struct answer {
	bool arrives;		   /* the service gets it and does what it does */
	bool told;		   /* its reply comes back */
	enum refusal refusal;	   /* the service refuses with this, whatever its state */
	enum outcome_kind told_as; /* of that refusal */
};

static const struct answer answers[] = {
	[EVENT_PASS] = {.arrives = true, .told = true},
	[EVENT_PASS_CRASH_SENT] = {.arrives = true},
	[EVENT_PASS_LOST_REQUEST] = {.arrives = false},
	[EVENT_PASS_LOST_REPLY] = {.arrives = true},
	[EVENT_PASS_LATE] = {.arrives = false},
	[EVENT_PASS_SLOW] = {.arrives = true, .told = true},
	[EVENT_PASS_STALE] = {.arrives = true, .told = true},
	[EVENT_PASS_UNAVAILABLE] = {.told = true,
		.refusal = REFUSAL_DirectoryUnavailableException,
		.told_as = OUTCOME_REFUSED},
	[EVENT_PASS_THROTTLED] = {.told = true,
		.refusal = REFUSAL_ThrottlingException,
		.told_as = OUTCOME_NOT_EXECUTED},
	[EVENT_PASS_INVALID] = {.told = true,
		.refusal = REFUSAL_InvalidCertificateException,
		.told_as = OUTCOME_REFUSED},
	[EVENT_PASS_LIMIT] = {.told = true,
		.refusal = REFUSAL_CertificateLimitExceededException,
		.told_as = OUTCOME_REFUSED},
	[EVENT_PASS_DENIED] = {.told = true,
		.refusal = REFUSAL_AccessDeniedException,
		.told_as = OUTCOME_REFUSED},
};

/* The answer in a mood, where the event itself says nothing. */
static const enum event_kind moods[MOODS] = {
	[MOOD_GOOD] = EVENT_PASS,
	[MOOD_REFUSES] = EVENT_PASS_UNAVAILABLE,
	[MOOD_THROTTLES] = EVENT_PASS_THROTTLED,
	[MOOD_LOSES] = EVENT_PASS_LOST_REQUEST,
	[MOOD_DEAF] = EVENT_PASS_LOST_REPLY,
	[MOOD_FAILS] = EVENT_PASS,
};

/* The service does what it is asked. */
static enum refusal execute(struct world *world, enum step_kind kind, enum who who, const char *id,
	struct model_certificate **ret_entry)
{
	const struct model_options *options = world_options();

	switch (kind) {
	case STEP_REGISTER:
		return model_register(&world->directory, options, world_certificate(who),
			CERTIFICATE_TYPE_CLIENT_LDAPS, world->now, ret_entry);
	case STEP_DEREGISTER:
		return model_deregister(&world->directory, options, id, world->now);
	case STEP_ENABLE:
		return model_enable(&world->directory, options, world->now);
	default:
		return model_disable(&world->directory, options, world->now);
	}
}

/* A write of ours reaches the service. */
static void arrive(struct world *world, const struct step *step, struct outcome *outcome)
{
	struct model_certificate *entry = NULL;
	enum refusal refusal =
		execute(world, step->kind, world_who(step->certificate), step->id, &entry);

	outcome->kind = refusal == REFUSAL_NONE ? OUTCOME_ACCEPTED : OUTCOME_REFUSED;
	outcome->refusal = refusal;
	if (entry) {
		entry->mark = MARK_OURS;
		memcpy(outcome->id, entry->id, sizeof(outcome->id));
	}
	if (step->kind == STEP_DISABLE && refusal == REFUSAL_NONE &&
		world->directory.ldaps_due != 0)
		invariants_disabling(world);
}

static void hang(struct world *world, const struct step *step)
{
	world->late = (struct late){.there = true,
		.ours = true,
		.kind = step->kind,
		.who = world_who(step->certificate),
		.sent = world->now};
	memcpy(world->late.id, step->id, sizeof(step->id));
}

static void send(struct world *world, enum event_kind event, const struct looking *looking,
	struct report *report)
{
	struct step *step = &report->step;
	bool usual = event == EVENT_PASS || event > EVENT_PASS_DENIED;
	const struct answer *answer = &answers[usual ? moods[world->mood] : event];
	struct outcome outcome = {.kind = OUTCOME_UNKNOWN};

	report->broken = invariants_write(world, looking, step);
	invariants_sent(world, step);
	if (answer->refusal != REFUSAL_NONE) {
		outcome.kind = answer->told_as;
		outcome.refusal = answer->refusal;
	} else if (answer->arrives) {
		arrive(world, step, &outcome);
	} else if (event == EVENT_PASS_LATE) {
		hang(world, step);
	}
	if (!answer->told)
		outcome = (struct outcome){.kind = OUTCOME_UNKNOWN};
	if (event != EVENT_PASS_CRASH_SENT &&
		memory_conclude(&world->memory, step, &outcome, observed_mark(looking->shown),
			world->now) < 0)
		report->broken = "memory_conclude failed";
}

/* The write of a pass, with the crashes around it. */
static void act(struct world *world, enum event_kind event, const struct looking *looking,
	struct report *report)
{
	static const struct outcome stale = {.kind = OUTCOME_NOT_EXECUTED};

	if (event == EVENT_PASS_CRASH_LEARNED)
		return;
	if (memory_intend(&world->memory, &report->step, world->now) < 0)
		report->broken = "memory_intend failed";
	if (event == EVENT_PASS_CRASH_INTENDED)
		return;
	if (event == EVENT_PASS_SLOW || event == EVENT_EVE_SLOW)
		world_advance(world, 60);
	else if (event == EVENT_PASS_STALE)
		world_advance(world, 61);
	if (!guard_stale(&report->step, world->now)) {
		report->asks = true;
		send(world, event, looking, report);
	} else if (memory_conclude(&world->memory, &report->step, &stale, 0, world->now) < 0) {
		report->broken = "memory_conclude failed";
	}
}

static void drop_listed(struct observed *observed, size_t index)
{
	free(observed->listed[index].state_reason);
	observed->listed_count--;
	memmove(&observed->listed[index], &observed->listed[index + 1],
		(observed->listed_count - index) * sizeof(observed->listed[0]));
}

/* Makes a look fail, or lie. */
static void distort(struct observed *observed, struct event event)
{
	switch (event.kind) {
	case EVENT_LOOK_FAILED:
		observed->refusal = REFUSAL_ServiceException;
		break;
	case EVENT_LOOK_THROTTLED:
		observed->refusal = REFUSAL_ThrottlingException;
		break;
	case EVENT_LOOK_PARTIAL:
		observed->refusal = REFUSAL_InvalidNextTokenException;
		if (observed->listed_count > 0)
			drop_listed(observed, observed->listed_count - 1);
		break;
	case EVENT_LOOK_EMPTY:
		while (observed->listed_count > 0)
			drop_listed(observed, 0);
		return;
	case EVENT_LOOK_WITHOUT:
		if (event.argument < observed->listed_count)
			drop_listed(observed, event.argument);
		return;
	case EVENT_LOOK_UNKNOWN:
		observed->ldaps_explicit = true;
		observed->ldaps = LDAPS_STATUS_UNKNOWN;
		return;
	default:
		return;
	}
	observed->complete = false;
}

/* On to the last second before the next boundary. */
static bool eve(struct world *world)
{
	int64_t next = world_next(world);

	if (next < 2)
		return false;
	world_advance(world, next - 1);
	return true;
}

/* What is decided when nothing was ever read. */
static void begin(const struct situation *looked, struct report *report)
{
	struct observed nothing = {0};
	struct situation situation = *looked;
	struct decision decision;

	situation.observed = &nothing;
	decide(&situation, &decision);
	report->begun = decision.step.kind == STEP_OBSERVE;
	if (!report->begun)
		report->broken = "rule 0: nothing was read, and it does not look";
}

static bool pass(struct world *world, struct event event, struct report *report)
{
	struct observed observed = {0};
	struct looking looking = {.shown = &observed};
	struct wish wish;
	struct situation situation;
	struct decision decision;

	if (world->file.absent || !world_has_room(world))
		return false;
	if ((event.kind == EVENT_EVE_PASS || event.kind == EVENT_EVE_SLOW) && !eve(world))
		return false;
	world->due = false;
	looking.at = world->now;
	looking.before = world->memory.looked;
	if (model_observe(&world->directory, world_options(), world->now, &observed) < 0)
		return false;
	distort(&observed, event);
	looking.complete = observed.complete;
	world_wish(world, &wish);
	world_situation(world, &wish, &observed, &situation);
	looking.edited = world->memory.revision != wish.directory.revision;
	if (world->memory.looked == 0)
		begin(&situation, report);
	if (learn(&situation, &world->memory) < 0)
		report->broken = "learn failed";
	if (observed.complete && !world->impaired && !world->file.wrong_name)
		invariants_look(world, &looking);
	decide(&situation, &decision);
	report->step = decision.step;
	report->passed = true;
	if (!report->broken && !step_writes(&report->step))
		report->broken = invariants_rest(world, &report->step);
	else if (!report->broken)
		act(world, event.kind, &looking, report);
	observed_done(&observed);
	return true;
}

/* ---------------------------------------------------------------- the service and others */

static bool finish(struct world *world, uint8_t index, bool ok)
{
	const struct model_certificate *entry;

	if (index == EVENT_LDAPS)
		return model_finish(&world->directory, world_options(), NULL, ok, world->now);
	if (index >= world->directory.count)
		return false;
	entry = &world->entries[index];
	if (entry->due == 0 || (ok && entry->fails))
		return false;
	if (ok && entry->state == CERTIFICATE_STATE_DEREGISTERING)
		invariants_removed(world, world_who(entry->certificate));
	return model_finish(&world->directory, world_options(), entry->id, ok, world->now);
}

static bool late_arrives(struct world *world)
{
	struct late late = world->late;
	struct step step = {.kind = late.kind,
		.certificate = late.who < CERTIFICATES ? world_certificate(late.who) : NULL};
	struct outcome outcome = {0};

	if (!late.there)
		return false;
	memcpy(step.id, late.id, sizeof(step.id));
	world->late = (struct late){0};
	arrive(world, &step, &outcome);
	if (!late.ours && outcome.id[0])
		world->entries[world->directory.count - 1].mark = 0;
	return true;
}

static bool others_register(struct world *world, enum who who, enum certificate_type type)
{
	struct model_certificate *entry = NULL;

	if (model_register(&world->directory, world_options(), world_certificate(who), type,
		    world->now, &entry) != REFUSAL_NONE)
		return false;
	if (type == CERTIFICATE_TYPE_CLIENT_CERT_AUTH)
		model_finish(&world->directory, world_options(), entry->id, true, world->now);
	return true;
}

static bool others_deregister(struct world *world, uint8_t index)
{
	return index < world->directory.count &&
	       model_deregister(&world->directory, world_options(), world->entries[index].id,
		       world->now) == REFUSAL_NONE;
}

static bool time_passes(struct world *world)
{
	int64_t next = world_next(world);

	if (next == 0 || (world->past.disabling != 0 &&
				 world->now - world->past.disabling >= WORLD_DISABLE_MAX))
		return false;
	world_advance(world, next);
	world->due = true;
	return true;
}

/* ---------------------------------------------------------------- edits and the rest */

static bool edit_absent(struct world *world)
{
	world->file.absent = !world->file.absent;
	if (!world->file.absent) {
		memory_restart_waits(&world->memory);
		invariants_restart(world);
	}
	return true;
}

static bool edit(struct world *world, struct event event)
{
	struct file *file = &world->file;

	switch (event.kind) {
	case EVENT_EDIT_POLICY:
		file->policy = event.argument;
		break;
	case EVENT_EDIT_LDAPS:
		file->client_ldaps = event.argument;
		break;
	case EVENT_EDIT_TRUST:
		file->trust = event.argument;
		break;
	case EVENT_EDIT_PEM:
		file->vanished ^= (uint8_t)(1 << event.argument);
		break;
	case EVENT_EDIT_NAME:
		file->wrong_name = !file->wrong_name;
		break;
	case EVENT_EDIT_ABSENT:
		return edit_absent(world);
	case EVENT_EDIT_REFUSED:
		memory_restart_waits(&world->memory);
		invariants_restart(world);
		break;
	case EVENT_EDIT_ADOPT:
		file->adopt = event.argument;
		break;
	case EVENT_EDIT_APPROVE:
		file->approve = event.argument;
		break;
	case EVENT_EDIT_RETIRE:
		file->retire = event.argument;
		break;
	default:
		return false;
	}
	return true;
}

static bool lose_ledger(struct world *world)
{
	world->memory = (struct memory){.certificates = world->owned,
		.certificates_capacity = WORLD_ENTRIES,
		.wishes = world->wishes,
		.wishes_capacity = WORLD_ENTRIES};
	invariants_forget(world);
	return true;
}

static bool rest(struct world *world, struct event event)
{
	switch (event.kind) {
	case EVENT_LEDGER_LOST:
		return lose_ledger(world);
	case EVENT_SKEW:
		world->skew = event.argument;
		break;
	case EVENT_STAGE:
		world->impaired = !world->impaired;
		world->directory.stage =
			world->impaired ? DIRECTORY_STAGE_IMPAIRED : DIRECTORY_STAGE_ACTIVE;
		break;
	case EVENT_TURN:
		world->out_of_turn = !world->out_of_turn;
		break;
	case EVENT_PROBED:
		world->probed = (enum verdict)event.argument;
		break;
	case EVENT_WITHOUT:
		world->without = (enum verdict)event.argument;
		break;
	default:
		world->mood = (enum mood)event.argument;
		break;
	}
	return true;
}

static bool others(struct world *world, struct event event)
{
	switch (event.kind) {
	case EVENT_OTHERS_REGISTER:
		return others_register(
			world, (enum who)event.argument, CERTIFICATE_TYPE_CLIENT_LDAPS);
	case EVENT_OTHERS_REGISTER_AUTH:
		return others_register(
			world, (enum who)event.argument, CERTIFICATE_TYPE_CLIENT_CERT_AUTH);
	case EVENT_OTHERS_DEREGISTER:
		return others_deregister(world, event.argument);
	case EVENT_OTHERS_ENABLE:
		return model_enable(&world->directory, world_options(), world->now) == REFUSAL_NONE;
	default:
		return model_disable(&world->directory, world_options(), world->now) ==
		       REFUSAL_NONE;
	}
}

bool event_apply(struct world *world, struct event event, struct report *ret_report)
{
	bool done;

	*ret_report = (struct report){0};
	if (event.kind < EVENT_FINISH)
		done = pass(world, event, ret_report);
	else if (event.kind == EVENT_FINISH || event.kind == EVENT_FINISH_BADLY)
		done = finish(world, event.argument, event.kind == EVENT_FINISH);
	else if (event.kind == EVENT_LATE_ARRIVES)
		done = late_arrives(world);
	else if (event.kind == EVENT_TIME)
		done = time_passes(world);
	else if (event.kind < EVENT_EDIT_POLICY)
		done = others(world, event);
	else if (event.kind < EVENT_LEDGER_LOST)
		done = edit(world, event);
	else
		done = rest(world, event);
	if (done)
		invariants_settle(world);
	return done && world_has_room(world);
}
