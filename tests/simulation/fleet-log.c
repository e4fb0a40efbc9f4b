/* SPDX-License-Identifier: Apache-2.0 */
/* What looks, calls and their ends leave behind for the invariants of the large world. */
#include "fleet-facts.h"
#include "fleet-invariants.h"

/* ---- looks ---- */

static bool adoptable(const struct world *world, const struct settings *file,
	const struct observed *shown, const struct listed *listed)
{
	int certificates = 0, match = -1;

	for (int i = 0; i < world->papers_count; i++)
		if (listed_in(world, file, i) && looks_like(world, i, listed)) {
			certificates++;
			match = i;
		}
	return file->adopt == ADOPT_MATCHING && certificates == 1 &&
	       entries_like(world, shown, match) == 1 &&
	       (listed->state == CERTIFICATE_STATE_REGISTERED ||
		       listed->state == CERTIFICATE_STATE_REGISTERING);
}

/* It looks like a registration of ours whose reply never came. */
static bool claimable(
	const struct world *world, const struct memory_change *change, const struct listed *listed)
{
	return change->phase != CHANGE_NONE && change->kind == STEP_REGISTER &&
	       looks_like(world, paper_of(world, change->certificate), listed);
}

static void look_marks(struct world *world, struct target *target, const struct looking *looking)
{
	const struct observed *shown = looking->shown;
	const struct settings *file = &world->seats[target->seat].set;

	for (size_t i = 0; i < target->model.count; i++) {
		struct model_certificate *entry = &target->model.certificates[i];
		const struct listed *listed = shown_entry(shown, entry->id);

		if (entry->mark == 0 && listed && ldaps_type(entry) &&
			(adoptable(world, file, shown, listed) ||
				claimable(world, looking->change, listed)))
			entry->mark |= MARK_CLAIM;
	}
}

static void look_owned(
	const struct world *world, struct target *target, const struct observed *shown, int64_t at)
{
	struct past *past = &target->past;
	uint8_t count[PAPERS_MAX] = {0}, live[PAPERS_MAX] = {0};
	bool any = false, on;

	for (size_t i = 0; i < shown->listed_count; i++) {
		const struct listed *listed = &shown->listed[i];
		const struct model_certificate *entry = entry_of(target, listed->id);

		if (!entry || !ldaps_type(entry))
			continue;
		any |= listed->state == CERTIFICATE_STATE_REGISTERED;
		if ((entry->mark & MARK_OURS) &&
			(listed->state == CERTIFICATE_STATE_REGISTERED ||
				listed->state == CERTIFICATE_STATE_DEREGISTER_FAILED))
			live[paper_of(world, entry->certificate)]++;
		if ((entry->mark & MARK_OURS) && listed->state == CERTIFICATE_STATE_REGISTERED)
			count[paper_of(world, entry->certificate)]++;
	}
	on = shown->ldaps_explicit &&
	     (shown->ldaps == LDAPS_STATUS_ENABLED || shown->ldaps == LDAPS_STATUS_ENABLING);
	past->contradictory = on && !any;
	for (int i = 0; i < world->papers_count; i++) {
		if (live[i] < past->shown[i] && past->removed[i] == 0)
			past->contradictory = true;
		past->shown[i] = count[i];
		/* a request of ours that hangs may be what the next look shows */
		if (at - past->removed[i] > LATE_MAX)
			past->removed[i] = 0;
	}
}

static void look_ldaps(
	const struct world *world, struct target *target, const struct observed *shown, int64_t at)
{
	struct past *past = &target->past;
	const struct settings *file = &world->seats[target->seat].set;
	bool enabled = shown->ldaps_explicit && shown->ldaps == LDAPS_STATUS_ENABLED;
	bool disabled = !shown->ldaps_explicit || shown->ldaps == LDAPS_STATUS_DISABLED;

	follow(&past->said_disabled, shown->ldaps_explicit && shown->ldaps == LDAPS_STATUS_DISABLED,
		at);
	if (disabled && past->shown_enabled && !past->disable_sent &&
		file->client_ldaps == CLIENT_LDAPS_ENABLED)
		past->elsewhere = at;
	if (enabled || file->client_ldaps != CLIENT_LDAPS_ENABLED)
		past->elsewhere = 0;
	if (enabled || disabled)
		past->shown_enabled = enabled;
	if (enabled && past->disabling == 0 && !target->late.there)
		past->disable_sent = false;
}

/*
 * Whether the look shows what a request of ours would have done that hangs in the network: then no
 * look can tell that it was not executed, and that others did the same.
 */
static bool late_shows(
	const struct world *world, const struct late *late, const struct observed *shown)
{
	const struct listed *listed = shown_entry(shown, late->id);

	switch (late->kind) {
	case STEP_REGISTER:
		for (size_t i = 0; i < shown->listed_count; i++)
			if (looks_like(world, late->paper, &shown->listed[i]))
				return true;
		return false;
	case STEP_DEREGISTER:
		return !listed || listed->state != CERTIFICATE_STATE_REGISTERED;
	case STEP_ENABLE:
		return shown->ldaps_explicit && shown->ldaps != LDAPS_STATUS_DISABLED &&
		       shown->ldaps != LDAPS_STATUS_UNKNOWN;
	default:
		return shown->ldaps_explicit && shown->ldaps == LDAPS_STATUS_DISABLED;
	}
}

static void forget_sends(struct past *past)
{
	memset(past->sends, 0, sizeof(past->sends));
	memset(past->switches, 0, sizeof(past->switches));
}

void invariants_look(struct world *world, struct target *target, const struct looking *looking)
{
	struct past *past = &target->past;
	const struct seat *seat = seat_of(world, target);
	const struct settings *file = &seat->set;
	bool sync = file->policy == POLICY_SYNC;

	/* nothing waited on while nobody looked for two days */
	if (past->looked != 0 && looking->at - past->looked > DAYS(2)) {
		invariants_restart(target);
		past->said_disabled = 0;
	}
	look_marks(world, target, looking);
	if (past->revision != seat->directory.revision)
		forget_sends(past);
	past->revision = seat->directory.revision;
	if (target->late.there && late_shows(world, &target->late, looking->shown))
		target->late.ours = false;
	follow(&past->disable_wished, sync && file->client_ldaps == CLIENT_LDAPS_DISABLED,
		looking->at);
	for (int ca = 0; ca < world->cas_count; ca++)
		follow(&past->dropped[ca], sync && !trusts(file, ca), looking->at);
	/* a call of ours whose outcome is not known counts as something in flight (rule 2) */
	follow(&past->busy,
		shown_busy(looking->shown) || target->memory.change.phase != CHANGE_NONE,
		looking->at);
	for (int i = 0; i < world->papers_count; i++)
		if (past->let_go[i] && probed_without(world, target, i) == VERDICT_FAIL)
			past->retired[i] = past->let_go[i] = false;
	look_owned(world, target, looking->shown, looking->at);
	look_ldaps(world, target, looking->shown, looking->at);
	past->looked = looking->at;
}

/* ---- calls and their ends ---- */

static void note_send(int64_t *sends, int64_t now)
{
	memmove(sends + 1, sends, (SENDS_MAX - 1) * sizeof(*sends));
	sends[0] = now;
}

/* What the write that is sent would cut. */
static struct cut cut_of(
	const struct world *world, const struct target *target, const struct step *step)
{
	const struct model_certificate *entry = entry_of(target, step->id);
	const struct seat *seat = &world->seats[target->seat];
	struct cut cut = {.at = world->now,
		.target = (size_t)(target - world->targets),
		.paper = -1,
		.scope = CUT_NONE,
		.revision = seat->directory.revision};

	if (step->kind == STEP_DISABLE)
		cut.scope = seat->account;
	if (step->kind != STEP_DEREGISTER || !entry ||
		entry->state == CERTIFICATE_STATE_REGISTER_FAILED)
		return cut;
	cut.paper = paper_of(world, entry->certificate);
	cut.scope = world->papers[cut.paper].ca;
	return cut;
}

void invariants_intend(struct world *world, struct target *target, const struct step *step)
{
	int paper = paper_of(world, step->certificate);

	if (step->kind == STEP_DEREGISTER && paper >= 0 &&
		trusts(&seat_of(world, target)->set, world->papers[paper].ca))
		target->past.let_go[paper] = true;
}

void invariants_sent(struct world *world, struct target *target, const struct step *step)
{
	struct past *past = &target->past;
	const struct model_certificate *entry = entry_of(target, step->id);
	int paper;

	world->sending = cut_of(world, target, step);
	if (step->kind == STEP_ENABLE || step->kind == STEP_DISABLE) {
		past->disable_sent |= step->kind == STEP_DISABLE;
		note_send(past->switches[step->kind == STEP_DISABLE], world->now);
		return;
	}
	paper = paper_of(world, step->certificate);
	if (step->kind == STEP_REGISTER) {
		past->retired[paper] = past->let_go[paper] = false;
		note_send(past->sends[0][paper], world->now);
		return;
	}
	if (!entry)
		return;
	paper = paper_of(world, entry->certificate);
	past->removed[paper] = world->now;
	/* of several failed entries of one certificate each removal is a write of its own */
	if (entry->state == CERTIFICATE_STATE_REGISTER_FAILED)
		return;
	if (trusts(&seat_of(world, target)->set, world->papers[paper].ca))
		past->retired[paper] = true;
	note_send(past->sends[1][paper], world->now);
}

void invariants_cut(struct world *world, const struct cut *cut)
{
	if (cut->scope == CUT_NONE)
		return;
	world->cuts[world->cuts_count % CUTS_MAX] = *cut;
	world->cuts[world->cuts_count++ % CUTS_MAX].at = world->now;
}

void invariants_disabling(const struct world *world, struct target *target)
{
	target->past.disabling = world->now;
}

/* Without a later generation nothing is retired. */
static bool has_later(const struct world *world, int paper, const bool *there)
{
	for (int i = 0; i < world->papers_count; i++)
		if (there[i] && later_generation(world, paper, i))
			return true;
	return false;
}

void invariants_settle(const struct world *world, struct target *target)
{
	struct past *past = &target->past;
	bool there[PAPERS_MAX] = {false}, any[PAPERS_MAX] = {false};

	if (target->model.ldaps_due == 0)
		past->disabling = 0;
	for (size_t i = 0; i < target->model.count; i++) {
		const struct model_certificate *entry = &target->model.certificates[i];
		int paper = paper_of(world, entry->certificate);

		there[paper] |= registered(entry);
		any[paper] |= ldaps_type(entry) && entry->state != CERTIFICATE_STATE_DEREGISTERED;
	}
	for (int i = 0; i < world->papers_count; i++) {
		follow(&past->registered[i], there[i], world->now);
		if (past->retired[i])
			past->retired[i] = has_later(world, i, there);
		if (there[i])
			memset(past->sends[0][i], 0, sizeof(past->sends[0][i]));
		if (!any[i])
			memset(past->sends[1][i], 0, sizeof(past->sends[1][i]));
	}
	if (target->model.ldaps == LDAPS_STATUS_ENABLED)
		memset(past->switches[0], 0, sizeof(past->switches[0]));
	if (target->model.ldaps == LDAPS_STATUS_DISABLED)
		memset(past->switches[1], 0, sizeof(past->switches[1]));
}

void invariants_forget(const struct world *world, struct target *target)
{
	struct past *past = &target->past;

	(void)world;
	for (size_t i = 0; i < target->model.count; i++)
		target->model.certificates[i].mark = 0;
	memset(past->shown, 0, sizeof(past->shown));
	memset(past->retired, 0, sizeof(past->retired));
	memset(past->let_go, 0, sizeof(past->let_go));
	past->shown_enabled = past->disable_sent = past->contradictory = false;
	past->elsewhere = past->disabling = 0;
	forget_sends(past);
	target->late.ours = false;
	invariants_restart(target);
	past->said_disabled = past->busy = 0;
}

void invariants_restart(struct target *target)
{
	target->past.disable_wished = 0;
	memset(target->past.dropped, 0, sizeof(target->past.dropped));
}
