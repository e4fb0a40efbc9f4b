/* SPDX-License-Identifier: Apache-2.0 */
#include "fleet-pass.h"

#include "base/array.h"
#include "core/announce.h"
#include "core/decide.h"
#include "core/learn.h"
#include "core/rollout-look.h"
#include "fleet-controller.h"
#include "fleet-invariants.h"
#include "fleet-service.h"
#include "fleet-story.h"
#include "fleet-tally.h"

/* One in so many of the skipped passes is executed all the same. */
#define CHECKED_ONE_IN 100
/* While a wait runs there is a pass at least every: half of WAIT_GAP_MAX. Seconds. */
#define WAIT_PASS_MAX DAYS(1)
/* Between looks that fail: days of them teach nothing. Seconds. */
#define FAILED_PASS HOURS(6)
/* What is held waits for others. Seconds. */
#define HELD_PASS_MAX DAYS(4)

/* One pass at work. */
struct pass {
	struct world *world;
	struct target *target;
	struct memory ledger; /* what is committed, while something is not */
	struct observed observed;
	struct situation situation;
	struct looking looking;
	struct decision decision;
	struct memory_change change; /* in flight before the look */
	struct rollout_turn turn;    /* that the write took */
	bool turns;
	bool lied; /* the look does not show what is */
};

static void check(const struct pass *pass, const char *broken)
{
	world_break(pass->world, pass->target, broken);
}

/* ---- crashes ---- */

void daemon_ends(struct world *world, int64_t seconds)
{
	world->down_until = world->now + seconds;
	for (size_t i = 0; i < world->targets_count; i++) {
		struct target *target = &world->targets[i];

		target_rouse(world, target);
		target->memory.vanished = false; /* the ledger does not keep it */
		for (size_t j = 0; j < target->memory.certificates_count; j++)
			target->memory.certificates[j].missed = false;
		target->claimed_until = 0;
		target->next_pass =
			world->down_until + dice_between(&world->dice, 15, world->interval);
	}
}

/* Whether the daemon crashes at this moment. */
static bool crashes(const struct pass *pass, enum crash at)
{
	static const char *const words[CRASHES] = {
		[CRASH_LEARNED_NOT] = "before it commits what it saw",
		[CRASH_LEARNED] = "after it has committed what it saw",
		[CRASH_INTENDED] = "between the intent and the call",
		[CRASH_SENT] = "between the call and its outcome"};
	struct world *world = pass->world;

	if (world->crash != at)
		return false;
	world->crash = CRASH_NONE;
	world->tally->crashes[at]++;
	story_target(world, pass->target, "the daemon crashes %s", words[at]);
	daemon_ends(world, dice_percent(&world->dice, 90) ? dice_between(&world->dice, 1, HOURS(2))
							  : dice_between(&world->dice, 1, DAYS(4)));
	return true;
}

/* ---- writes ---- */

static void tell_write(const struct pass *pass, const struct outcome *outcome)
{
	static const char *const words[] = {[OUTCOME_ACCEPTED] = "accepted",
		[OUTCOME_REFUSED] = "refused",
		[OUTCOME_NOT_EXECUTED] = "not executed",
		[OUTCOME_UNKNOWN] = "no answer"};
	const struct step *step = &pass->decision.step;
	char name[TARGET_NAME_SIZE] = "";

	if (step->certificate)
		paper_name(pass->world, paper_of(pass->world, step->certificate), name);
	story_target(pass->world, pass->target, "-> %s%s%s %s (%s): %s%s%s",
		step_kind_str(step->kind), name[0] ? " " : "", name, step->id,
		reason_str(step->reason), words[outcome->kind],
		outcome->refusal != REFUSAL_NONE ? ", " : "",
		outcome->refusal != REFUSAL_NONE ? refusal_str(outcome->refusal) : "");
}

/* The step was surely not executed: its turn is another's. */
static void give_back(const struct pass *pass)
{
	if (pass->turns)
		rollouts_give_back(&pass->world->rollouts, &pass->turn);
}

static void count_retired(const struct pass *pass)
{
	const struct world *world = pass->world;
	int ca = world->papers[paper_of(world, pass->decision.step.certificate)].ca;

	world->tally->retired[world->cas[ca].retire]++;
}

static void send(struct pass *pass, const struct answer *answer)
{
	struct world *world = pass->world;
	struct target *target = pass->target;
	const struct step *step = &pass->decision.step;
	struct outcome outcome = {.kind = OUTCOME_UNKNOWN};

	check(pass, invariants_write(world, target, &pass->looking, step));
	invariants_sent(world, target, step);
	world->tally->writes[step->kind]++;
	if (step->reason == REASON_SUPERSEDED)
		count_retired(pass);
	if (answer->refusal != REFUSAL_NONE) {
		outcome.kind = answer->told_as;
		outcome.refusal = answer->refusal;
	} else if (answer->arrives) {
		outcome.refusal = service_execute(world, target, step->kind,
			paper_of(world, step->certificate), step->id, MARK_OURS, outcome.id);
		outcome.kind = outcome.refusal == REFUSAL_NONE ? OUTCOME_ACCEPTED : OUTCOME_REFUSED;
		if (outcome.kind == OUTCOME_ACCEPTED)
			invariants_cut(world, &world->sending);
	} else if (answer->hangs) {
		service_hang(world, target, step);
	}
	if (!answer->told)
		outcome = (struct outcome){.kind = OUTCOME_UNKNOWN};
	if (outcome.kind != OUTCOME_ACCEPTED && outcome.kind != OUTCOME_UNKNOWN)
		give_back(pass);
	tell_write(pass, &outcome);
	if (!crashes(pass, CRASH_SENT) && memory_conclude(&target->memory, step, &outcome,
						  observed_mark(&pass->observed), world->now) < 0)
		check(pass, "memory_conclude failed");
}

static void act(struct pass *pass)
{
	static const struct outcome stale = {.kind = OUTCOME_NOT_EXECUTED};
	struct world *world = pass->world;
	const struct step *step = &pass->decision.step;
	struct answer answer = service_answer(world, pass->target);

	pass->turns = situation_turn(&pass->situation, step, &pass->turn);
	if (pass->turns && rollouts_take(&world->rollouts, &pass->turn) < 0)
		check(pass, "rollouts_take failed");
	if (memory_intend(&pass->target->memory, step, world->now) < 0)
		check(pass, "memory_intend failed");
	invariants_intend(world, pass->target, step);
	if (crashes(pass, CRASH_INTENDED))
		return;
	world->now += answer.slow;
	target_advance(world, pass->target);
	if (!guard_stale(step, world->now)) {
		send(pass, &answer);
		return;
	}
	tell_write(pass, &stale);
	give_back(pass);
	if (memory_conclude(&pass->target->memory, step, &stale, 0, world->now) < 0)
		check(pass, "memory_conclude failed");
}

/* ---- when to look again ---- */

static void nearer(int64_t *next, int64_t instant, int64_t now)
{
	if (instant > now && instant < *next)
		*next = instant;
}

/*
 * When something about a certificate that is owned changes by itself. What then may go begins its
 * wait with the next pass, which a daemon that sleeps here would miss.
 */
static int64_t boundary_next(const struct pass *pass)
{
	static const int64_t boundaries[] = {DAYS(91), DAYS(7), 0, -301, -DAYS(1)};
	const struct memory *memory = &pass->target->memory;
	int64_t now = pass->world->now, next = MODEL_NEVER;

	for (size_t i = 0; i < memory->certificates_count; i++) {
		const struct memory_certificate *owned = &memory->certificates[i];

		for (size_t j = 0; j < ARRAY_LENGTH(boundaries); j++) {
			int64_t at = owned->certificate->not_after - boundaries[j];

			nearer(&next, at - STEP_VIEW_MAX, now);
			nearer(&next, at, now);
			nearer(&next, at + 1, now);
		}
		for (size_t j = 0; j < pass->situation.wanted->trust_count; j++)
			nearer(&next,
				owned->registered_at +
					pass->situation.wanted->trust[j]->rotation.overlap,
				now);
	}
	if (memory->disabled_since != 0)
		nearer(&next, memory->disabled_since + pass->situation.wanted->overlap, now);
	return next;
}

/* What would be decided if there were no interval: when something changes by itself. */
static int64_t changes_at(const struct pass *pass)
{
	struct situation situation = pass->situation;
	struct decision decision;
	int64_t probe = probe_next(pass->world, pass->target), boundary = boundary_next(pass);

	situation.interval = YEARS(50);
	decide(&situation, &decision);
	if (boundary < probe)
		probe = boundary;
	return probe < decision.step.until ? probe : decision.step.until;
}

/* How many passes go by until the next that is executed to check what settled claims. */
static int64_t until_checked(struct world *world)
{
	return 1 + dice_below(&world->dice, 2 * CHECKED_ONE_IN);
}

/* Whether the look taught nothing but that there was one; nothing is decided by what was told. */
static bool taught_nothing(const struct pass *pass)
{
	struct memory is = pass->target->memory, was = pass->ledger;

	is.looked = was.looked;
	is.announcements_count = was.announcements_count = 0;
	return memory_equal(&is, &was);
}

/* Whether a threshold is told. */
static bool tells_threshold(const struct pass *pass)
{
	for (size_t i = 0; i < pass->decision.conditions_count; i++)
		if (pass->decision.conditions[i].news && pass->decision.conditions[i].level != 0)
			return true;
	return false;
}

/* Whether others wait for its looks to find it Ready (N12). */
static bool leads(const struct pass *pass)
{
	const struct rollouts *rollouts = &pass->world->rollouts;

	for (size_t i = 0; i < rollouts->count; i++)
		if (rollout_led_by(&rollouts->rollouts[i], &pass->target->place))
			return true;
	return false;
}

static void sleep_on(struct pass *pass)
{
	struct world *world = pass->world;
	struct target *target = pass->target;
	const struct step *step = &pass->decision.step;
	int64_t changes, most;

	target->next_pass = step->until;
	if (!pass->observed.complete && target->next_pass < pass->world->now + FAILED_PASS)
		target->next_pass = pass->world->now + FAILED_PASS;
	if (!pass->looking.known || pass->lied || !taught_nothing(pass))
		return;
	changes = changes_at(pass);
	most = step->kind == STEP_HELD ? HELD_PASS_MAX : WAIT_PASS_MAX;
	if (most < world->interval)
		most = world->interval;
	if (step->kind == STEP_SETTLED && !leads(pass)) {
		target->claimed_until = changes;
		most = world->interval * until_checked(world);
	}
	target->slept_since = world->now;
	target->next_pass = changes < world->now + most ? changes : world->now + most;
	if (target->next_pass < world->now + DECIDE_LOOK_MIN)
		target->next_pass = world->now + DECIDE_LOOK_MIN;
}

/* ---- the pass ---- */

/* What the look taught, roughly. */
static void tell_lesson(const struct pass *pass)
{
	const struct memory *is = &pass->target->memory, *was = &pass->ledger;

	story_target(pass->world, pass->target,
		"the look taught: owned %zu to %zu, wishes %zu to %zu, missed %d to %d, "
		"Disabled since %lld to %lld, to be disabled since %lld to %lld, file %#llx to "
		"%#llx",
		was->certificates_count, is->certificates_count, was->wishes_count,
		is->wishes_count, was->vanished, is->vanished, (long long)was->disabled_since,
		(long long)is->disabled_since, (long long)was->disable_since,
		(long long)is->disable_since, (unsigned long long)was->revision,
		(unsigned long long)is->revision);
	for (size_t i = 0; i < is->certificates_count; i++) {
		const struct memory_certificate *now = &is->certificates[i];
		const struct memory_certificate *before = memory_find(was, now->id);

		if (before && (before->removable_since != now->removable_since ||
				      before->leaving != now->leaving))
			story_target(pass->world, pass->target,
				"the look taught of %s: leaving %d to %d, removable since %lld to "
				"%lld",
				now->id, before->leaving, now->leaving,
				(long long)before->removable_since,
				(long long)now->removable_since);
	}
}

/* Whether what was settled is still so, though nothing has changed. */
static void check_claim(struct pass *pass, int64_t claimed_until)
{
	if (claimed_until == 0 || pass->world->now >= claimed_until || !pass->looking.known)
		return;
	pass->world->tally->checked++;
	if (pass->decision.step.kind != STEP_SETTLED) {
		story_target(pass->world, pass->target,
			"it decides %s (%s), and had settled before",
			step_kind_str(pass->decision.step.kind),
			reason_str(pass->decision.step.reason));
		check(pass, "N10: settled, and without any change something is to be done");
	}
	if (tells_threshold(pass))
		check(pass, "4.4: settled, and without any change a threshold is crossed");
	if (!taught_nothing(pass)) {
		tell_lesson(pass);
		check(pass, "N10: settled, and without any change a look teaches something");
	}
}

static bool look(struct pass *pass)
{
	struct world *world = pass->world;
	struct target *target = pass->target;
	const struct seat *seat = seat_of(world, target);

	pass->change = target->memory.change;
	target_rouse(world, target);
	check(pass, invariants_ask(world, target));
	if (model_observe(&target->model, &world->options, world->now, &pass->observed) < 0)
		return false;
	pass->lied = target->lie != LIE_NONE;
	service_distort(world, target, &pass->observed);
	probe_look(world, target);
	pass->situation = (struct situation){.wanted = &seat->directory,
		.observed = &pass->observed,
		.memory = &target->memory,
		.proof = &target->probe.proof,
		.now = world->now,
		.skew = world->skew,
		.interval = world->interval,
		.rollouts = &world->rollouts,
		.place = target->place};
	pass->looking = (struct looking){.shown = &pass->observed,
		.at = world->now,
		.change = &pass->change,
		.complete = pass->observed.complete,
		.known = pass->observed.complete && !seat->set.wrong_name &&
			 target->model.stage == DIRECTORY_STAGE_ACTIVE};
	return true;
}

static void tell_rest(const struct pass *pass)
{
	const struct step *step = &pass->decision.step, *last = &pass->target->last;

	if (step->kind != last->kind || step->reason != last->reason)
		story_target(pass->world, pass->target, "is %s (%s)", step_kind_str(step->kind),
			reason_str(step->reason));
}

static void conclude(struct pass *pass, int64_t claimed_until)
{
	struct world *world = pass->world;
	struct target *target = pass->target;

	decide(&pass->situation, &pass->decision);
	rollouts_look(&world->rollouts, &pass->situation, &pass->decision);
	announce(&pass->situation, &pass->decision, &target->memory);
	world->tally->steps[pass->decision.step.kind]++;
	check_claim(pass, claimed_until);
	if (step_writes(&pass->decision.step)) {
		target->next_pass = world->now + dice_between(&world->dice, 75, 120);
		act(pass);
	} else {
		check(pass, invariants_rest(world, target, &pass->decision.step));
		tell_rest(pass);
		sleep_on(pass);
	}
	target->last = pass->decision.step;
}

/* What is decided before the first look. */
static void begin(struct pass *pass)
{
	struct observed nothing = {0};
	struct situation situation = pass->situation;

	if (pass->target->passed != 0)
		return;
	situation.observed = &nothing;
	decide(&situation, &pass->decision);
	pass->world->tally->steps[pass->decision.step.kind]++;
	if (pass->decision.step.kind != STEP_OBSERVE)
		check(pass, "rule 0: nothing was read, and it does not look");
}

void pass_run(struct world *world, struct target *target)
{
	struct pass pass = {.world = world, .target = target};
	int64_t claimed_until = target->claimed_until;

	target->claimed_until = 0;
	target->next_pass = world->now + world->interval;
	if (!look(&pass) || memory_copy(&target->memory, &pass.ledger) < 0) {
		check(&pass, "out of memory");
		return;
	}
	begin(&pass);
	world->tally->passes++;
	target->passed = world->now;
	if (learn(&pass.situation, &target->memory) < 0)
		check(&pass, "learn failed");
	if (world->crash == CRASH_LEARNED_NOT) {
		struct memory lost = target->memory;

		target->memory = pass.ledger;
		pass.ledger = lost;
	}
	if (!crashes(&pass, CRASH_LEARNED_NOT)) {
		if (pass.looking.known)
			invariants_look(world, target, &pass.looking);
		if (!crashes(&pass, CRASH_LEARNED))
			conclude(&pass, claimed_until);
	}
	memory_done(&pass.ledger);
	observed_done(&pass.observed);
}
