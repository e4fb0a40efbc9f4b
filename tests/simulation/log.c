/* SPDX-License-Identifier: Apache-2.0 */
/* What looks, calls and their ends leave behind for the invariants. */
#include "facts.h"
#include "invariants.h"

/* ---- matching, as 5.3 says it ---- */

static bool adoptable(
	const struct world *world, const struct observed *shown, const struct listed *listed)
{
	int certificates = 0;
	enum who match = CERTIFICATES;

	for (int who = A1; who < CERTIFICATES; who++)
		if (listed_in(&world->file, (enum who)who) && looks_like((enum who)who, listed)) {
			certificates++;
			match = (enum who)who;
		}
	return world->file.adopt == ADOPT_MATCHING && certificates == 1 &&
	       entries_like(shown, match) == 1 &&
	       (listed->state == CERTIFICATE_STATE_REGISTERED ||
		       listed->state == CERTIFICATE_STATE_REGISTERING);
}

/* It looks like a registration of ours whose reply never came. */
static bool claimable(const struct world *world, const struct listed *listed)
{
	const struct memory_change *change = &world->memory.change;

	return change->phase != CHANGE_NONE && change->kind == STEP_REGISTER &&
	       looks_like(world_who(change->certificate), listed);
}

/* ---- looks ---- */

static void look_owned(struct world *world, const struct observed *shown)
{
	struct past *past = &world->past;
	uint8_t count[CERTIFICATES] = {0};
	bool any = false, on;

	for (size_t i = 0; i < shown->listed_count; i++) {
		const struct listed *listed = &shown->listed[i];
		const struct model_certificate *entry = entry_of(world, listed->id);

		any |= listed->type == CERTIFICATE_TYPE_CLIENT_LDAPS &&
		       listed->state == CERTIFICATE_STATE_REGISTERED;
		if (entry && ldaps_type(entry) && (entry->mark & MARK_OURS) &&
			(listed->state == CERTIFICATE_STATE_REGISTERED ||
				listed->state == CERTIFICATE_STATE_DEREGISTER_FAILED))
			count[world_who(entry->certificate)]++;
	}
	on = shown->ldaps_explicit &&
	     (shown->ldaps == LDAPS_STATUS_ENABLED || shown->ldaps == LDAPS_STATUS_ENABLING);
	past->contradictory = on && !any;
	for (int who = A1; who < CERTIFICATES; who++) {
		if (count[who] < past->shown[who] && !past->removed[who])
			past->contradictory = true;
		past->shown[who] = count[who];
		past->removed[who] = false;
	}
}

static void look_ldaps(struct world *world, const struct observed *shown, int64_t at)
{
	struct past *past = &world->past;
	bool enabled = shown->ldaps_explicit && shown->ldaps == LDAPS_STATUS_ENABLED;
	bool disabled = !shown->ldaps_explicit || shown->ldaps == LDAPS_STATUS_DISABLED;

	follow(&past->said_disabled, shown->ldaps_explicit && shown->ldaps == LDAPS_STATUS_DISABLED,
		at);
	if (disabled && past->shown_enabled && !past->disable_sent &&
		world->file.client_ldaps == CLIENT_LDAPS_ENABLED)
		past->elsewhere = at;
	if (enabled || world->file.client_ldaps != CLIENT_LDAPS_ENABLED)
		past->elsewhere = 0;
	if (enabled || disabled)
		past->shown_enabled = enabled;
	if (enabled && past->disabling == 0 && !world->late.there)
		past->disable_sent = false;
}

/*
 * Whether the look shows what a request of ours would have done that hangs in the network: then no
 * look can tell that it was not executed, and that others did the same.
 */
static bool late_shows(const struct world *world, const struct observed *shown)
{
	const struct late *late = &world->late;
	const struct listed *listed = shown_entry(shown, late->id);

	switch (late->kind) {
	case STEP_REGISTER:
		return entries_like(shown, late->who) > 0;
	case STEP_DEREGISTER:
		return !listed || listed->state != CERTIFICATE_STATE_REGISTERED;
	case STEP_ENABLE:
		return shown->ldaps_explicit && shown->ldaps != LDAPS_STATUS_DISABLED &&
		       shown->ldaps != LDAPS_STATUS_UNKNOWN;
	default:
		return shown->ldaps_explicit && shown->ldaps == LDAPS_STATUS_DISABLED;
	}
}

void invariants_look(struct world *world, const struct looking *looking)
{
	struct past *past = &world->past;
	const struct file *file = &world->file;
	const struct observed *shown = looking->shown;
	bool sync = file->policy == POLICY_SYNC;

	/* nothing waited on while nobody looked for two days */
	if (looking->before != 0 && looking->at - looking->before > DAYS(2)) {
		invariants_restart(world);
		past->said_disabled = 0;
	}
	for (size_t i = 0; i < shown->listed_count; i++) {
		struct model_certificate *entry =
			(struct model_certificate *)(uintptr_t)entry_of(world, shown->listed[i].id);

		if (entry && (adoptable(world, shown, &shown->listed[i]) ||
				     claimable(world, &shown->listed[i])))
			entry->mark |= MARK_CLAIM;
	}
	if (looking->edited)
		memset(past->sends, 0, sizeof(past->sends));
	if (late_shows(world, shown))
		world->late.ours = false;
	follow(&past->disable_wished, sync && file->client_ldaps == CLIENT_LDAPS_DISABLED,
		looking->at);
	for (int who = A1; who < F; who++)
		follow(&past->dropped[who], sync && !trusts(file, authority_of((enum who)who)),
			looking->at);
	past->retired &= world->without != VERDICT_FAIL;
	follow(&past->superseded,
		sync && trusts(file, ROOT) && past->live != 0 &&
			looking->at - past->live >= WORLD_OVERLAP,
		looking->at);
	/* a call of ours whose outcome is not known counts as something in flight (rule 2) */
	follow(&past->busy, shown_busy(shown) || world->memory.change.phase != CHANGE_NONE,
		looking->at);
	look_owned(world, shown);
	look_ldaps(world, shown, looking->at);
}

/* ---- calls and their ends ---- */

void invariants_sent(struct world *world, const struct step *step)
{
	struct past *past = &world->past;
	const struct model_certificate *entry = entry_of(world, step->id);
	enum who who = step->kind == STEP_DEREGISTER && entry ? world_who(entry->certificate)
							      : world_who(step->certificate);
	int64_t *sends;

	if (step->kind == STEP_DISABLE)
		past->disable_sent = true;
	if ((step->kind == STEP_REGISTER || step->kind == STEP_DEREGISTER) && who == CERTIFICATES)
		return;
	if (step->kind == STEP_DEREGISTER)
		past->removed[who] = true;
	/* of several failed entries of one certificate each removal is a write of its own */
	if (step->kind == STEP_DEREGISTER && entry &&
		entry->state == CERTIFICATE_STATE_REGISTER_FAILED)
		return;
	if (step->kind == STEP_DEREGISTER && who == A1 && trusts(&world->file, ROOT))
		past->retired = true;
	sends = past->sends[target_of(step, who)];
	memmove(sends + 1, sends, (SENDS_MAX - 1) * sizeof(*sends));
	sends[0] = world->now;
}

void invariants_disabling(struct world *world)
{
	world->past.disabling = world->now;
}

void invariants_removed(struct world *world, enum who who)
{
	memset(world->past.sends[TARGET_DEREGISTER + (int)who], 0, sizeof(world->past.sends[0]));
}

void invariants_settle(struct world *world)
{
	struct past *past = &world->past;
	bool there[CERTIFICATES] = {false}, any[CERTIFICATES] = {false};

	if (world->directory.ldaps_due == 0)
		past->disabling = 0;
	for (size_t i = 0; i < world->directory.count; i++) {
		const struct model_certificate *entry = &world->entries[i];
		enum who who = world_who(entry->certificate);

		there[who] |= registered(entry);
		any[who] |= ldaps_type(entry) && entry->state != CERTIFICATE_STATE_DEREGISTERED;
	}
	follow(&past->live, there[A2], world->now);
	past->retired &= there[A2];
	for (int who = A1; who < CERTIFICATES; who++) {
		if (there[who])
			memset(past->sends[TARGET_REGISTER + who], 0, sizeof(past->sends[0]));
		if (!any[who])
			memset(past->sends[TARGET_DEREGISTER + who], 0, sizeof(past->sends[0]));
	}
	if (world->directory.ldaps == LDAPS_STATUS_ENABLED)
		memset(past->sends[TARGET_ENABLE], 0, sizeof(past->sends[0]));
	if (world->directory.ldaps == LDAPS_STATUS_DISABLED)
		memset(past->sends[TARGET_DISABLE], 0, sizeof(past->sends[0]));
}

void invariants_forget(struct world *world)
{
	struct past *past = &world->past;

	for (size_t i = 0; i < world->directory.count; i++)
		world->entries[i].mark = 0;
	memset(past->shown, 0, sizeof(past->shown));
	past->shown_enabled = past->disable_sent = past->contradictory = false;
	past->elsewhere = past->disabling = 0;
	past->retired = false;
	memset(past->sends, 0, sizeof(past->sends));
	world->late.ours = false;
	invariants_restart(world);
	past->said_disabled = past->busy = 0;
}

void invariants_restart(struct world *world)
{
	world->past.disable_wished = 0;
	memset(world->past.dropped, 0, sizeof(world->past.dropped));
	world->past.superseded = 0;
}
