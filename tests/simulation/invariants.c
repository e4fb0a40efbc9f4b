/* SPDX-License-Identifier: Apache-2.0 */
/* What is checked of each write and of each rest. What looks and calls leave behind: log.c. */
#include "invariants.h"

#include "facts.h"

/* ---- writes ---- */

/* What the checks of one write look at. */
struct write {
	const struct world *world;
	const struct file *file;
	const struct past *past;
	const struct looking *looking;
	const struct step *step;
	const struct model_certificate *entry; /* in the raw world; NULL if it names none */
	enum who who;			       /* CERTIFICATES if it is about none */
	bool cuts;			       /* it removes or disables */
	bool trusted; /* a removal that can take trust away: not of a failed registration */
};

static const char *check_view(const struct write *write)
{
	const struct world *world = write->world;
	bool risks = write->step->kind != STEP_REGISTER;

	if (!write->looking->complete)
		return "N4: a write rests on a look that was not complete";
	if (world->impaired)
		return "rule 1: a write to a directory that is not Active";
	if (write->file->wrong_name)
		return "N9: a write to a directory of another name";
	if (write->file->absent)
		return "N8: a write to a directory that is not in the file";
	if (risks && world->skew == 2)
		return "N4: sent by a clock more than 5 min off";
	if (write->step->kind == STEP_DEREGISTER && write->past->contradictory)
		return "4.5: a removal on a look that contradicts itself or the one before";
	if (world->now - write->looking->at > 60)
		return "N4: sent more than 60 s after the look";
	return NULL;
}

static const char *check_policy(const struct write *write)
{
	if (write->file->policy == POLICY_OBSERVE)
		return "policy observe: something was written";
	if (write->file->policy == POLICY_ADD_ONLY && write->cuts)
		return "policy add-only: something was removed or disabled";
	if (write->cuts && (write->file->trust & TRUST_UNSAID))
		return "N8: a removal though the file trusts nothing without saying none";
	if (write->cuts && write->world->out_of_turn && write->trusted)
		return "N12: out of turn";
	return NULL;
}

/* N7: what is under way in truth. */
static const char *check_flight(const struct write *write)
{
	const struct world *world = write->world;
	bool stuck = write->past->busy != 0 && world->now - write->past->busy >= 3600;

	if (world->late.there && world->late.ours)
		return "N7: a request of ours is still under way";
	if (write->past->disabling != 0)
		return "N7: a DisableLDAPS of ours is still under way";
	if (stuck && write->step->kind == STEP_REGISTER)
		return NULL;
	for (size_t i = 0; i < world->directory.count; i++)
		if (ldaps_type(&world->entries[i]) &&
			(world->entries[i].state == CERTIFICATE_STATE_REGISTERING ||
				world->entries[i].state == CERTIFICATE_STATE_DEREGISTERING) &&
			shown_entry(write->looking->shown, world->entries[i].id))
			return "N7: a certificate is in flight";
	return world->directory.ldaps == LDAPS_STATUS_ENABLING ? "N7: LDAPS is in flight" : NULL;
}

static const char *check_rate(const struct write *write)
{
	const int64_t *sends;

	if (write->step->kind == STEP_DEREGISTER && write->who == CERTIFICATES)
		return NULL;
	sends = write->past->sends[target_of(write->step, write->who)];
	if (sends[SENDS_MAX - 1] != 0 && write->world->now - sends[SENDS_MAX - 1] < DAYS(1))
		return "N11: the same write a fourth time within 24 h, without success";
	return NULL;
}

static bool shown_registered(const struct observed *shown, enum who who)
{
	for (size_t i = 0; i < shown->listed_count; i++)
		if (looks_like(who, &shown->listed[i]) &&
			shown->listed[i].state == CERTIFICATE_STATE_REGISTERED)
			return true;
	return false;
}

/* Whether it is not to be registered now: retired here, or waiting for its threshold, which is
 * `rest` away. */
static bool put_off(const struct past *past, enum who who, int64_t rest)
{
	return (who == A1 && past->retired) ||
	       (who == A2 && world_setting()->at_threshold && rest > 0);
}

/* Wanted (4.2), as far as the file, the truth and the call log tell. */
static bool wanted(const struct world *world, const struct past *past, enum who who)
{
	bool current = false;

	for (size_t i = 0; i < world->directory.count; i++)
		current |= registered(&world->entries[i]) &&
			   world_who(world->entries[i].certificate) == A1;
	return listed_in(&world->file, who) && left(world, who) > DAYS(91) &&
	       !put_off(past, who, current ? left(world, A1) + 60 - WORLD_ROTATE_BEFORE : 0);
}

static const char *check_register(const struct write *write)
{
	const struct observed *shown = write->looking->shown;

	if (write->who >= F || !listed_in(write->file, write->who))
		return "rule 3: a certificate is registered that the file does not ask for";
	if (left(write->world, write->who) + 60 <= DAYS(91))
		return "4.2: a certificate is registered that is not registrable";
	if (put_off(write->past, write->who,
		    listed_in(write->file, A1) && shown_registered(shown, A1)
			    ? left(write->world, A1) - WORLD_ROTATE_BEFORE
			    : 0))
		return "4.2: a certificate is registered that is retired or is to wait";
	for (size_t i = 0; i < shown->listed_count; i++)
		if (looks_like(write->who, &shown->listed[i]) &&
			(shown->listed[i].state == CERTIFICATE_STATE_REGISTERED ||
				shown->listed[i].state == CERTIFICATE_STATE_REGISTERING))
			return "N10: what is listed already is registered again";
	return NULL;
}

/* A Registered certificate of the authority that ends after now; `without` is left out. */
static bool covered(
	const struct world *world, int authority, const struct model_certificate *without)
{
	for (size_t i = 0; i < world->directory.count; i++) {
		const struct model_certificate *entry = &world->entries[i];
		enum who who = world_who(entry->certificate);

		if (entry != without && registered(entry) && left(world, who) >= 0 &&
			authority_of(who) == authority && listed_in(&world->file, who))
			return true;
	}
	return false;
}

static const char *check_enable(const struct write *write)
{
	const struct world *world = write->world;

	if (!off(world))
		return "N10: LDAPS is on already";
	if (write->file->client_ldaps != CLIENT_LDAPS_ENABLED)
		return "rule 4: LDAPS is enabled though the file does not ask for it";
	if (!(write->file->trust & (TRUST_ROOT | TRUST_ISSUING)))
		return "N5: LDAPS is enabled with nothing trusted";
	for (int who = A1; who < F; who++) {
		bool there = false;

		for (size_t i = 0; i < world->directory.count; i++)
			there |= registered(&world->entries[i]) &&
				 world_who(world->entries[i].certificate) == (enum who)who;
		if (!there && wanted(world, write->past, (enum who)who))
			return "N5: LDAPS is enabled before a wanted certificate is Registered";
	}
	if (world->probed != VERDICT_OK && world_rotates() && listed_in(write->file, A1) &&
		listed_in(write->file, A2) && left(world, A1) > 0 && left(world, A1) <= DAYS(90) &&
		!write->past->retired && entries_like(write->looking->shown, A1) == 0)
		return "N5: LDAPS is enabled without a generation that controllers may still need";
	for (int authority = ROOT; authority < AUTHORITIES; authority++)
		if (trusts(write->file, authority) && !covered(world, authority, NULL))
			return "N5: LDAPS is enabled while a trusted authority has no unexpired "
			       "certificate";
	if (world->probed == VERDICT_FAIL)
		return "N5: LDAPS is enabled while the probe fails";
	if (write->past->elsewhere != 0 && world->now - write->past->elsewhere < WORLD_REENABLE)
		return "rule 4: LDAPS is enabled again before reenable_after";
	return NULL;
}

static const char *check_disable(const struct write *write)
{
	const struct world *world = write->world;

	if (write->file->client_ldaps != CLIENT_LDAPS_DISABLED)
		return "N6: LDAPS is disabled though the file does not say disabled";
	if (!(write->file->approve & APPROVE_DISABLE) &&
		(write->past->disable_wished == 0 ||
			world->now - write->past->disable_wished < WORLD_GRACE))
		return "N6: LDAPS is disabled before grace is over, and without approval";
	return off(world) ? "N10: LDAPS is off already" : NULL;
}

/* Breadth first from one certificate along its signers to a self-signed one. */
static bool rooted(
	const struct world *world, enum who start, const struct model_certificate *without)
{
	bool reached[CERTIFICATES] = {false};
	bool grew = true;

	reached[start] = true;
	while (grew) {
		grew = false;
		for (size_t i = 0; i < world->directory.count; i++) {
			const struct model_certificate *entry = &world->entries[i];
			enum who who = world_who(entry->certificate);

			if (entry == without || !registered(entry) || reached[who])
				continue;
			for (int other = A1; other < CERTIFICATES; other++)
				if (reached[other] &&
					memcmp(&world_certificate((enum who)other)->signer,
						&entry->certificate->key,
						sizeof(struct digest)) == 0)
					grew = reached[who] = true;
		}
	}
	for (int who = A1; who < CERTIFICATES; who++)
		if (reached[who] &&
			memcmp(&world_certificate((enum who)who)->signer,
				&world_certificate((enum who)who)->key, sizeof(struct digest)) == 0)
			return true;
	return false;
}

/* What the daemon can know of an entry: it is ours, or it looks like a trusted one. */
static bool knowable(const struct world *world, const struct model_certificate *entry)
{
	return (entry->mark & MARK_OURS) || listed_in(&world->file, world_who(entry->certificate));
}

static const char *check_left(const struct write *write)
{
	const struct world *world = write->world;
	bool yields = left(world, write->who) < 0 || approved(write->file, write->who);
	bool lives = false;

	if (off(world) && world->directory.ldaps == LDAPS_STATUS_DISABLED &&
		write->past->said_disabled != 0 &&
		write->looking->at - write->past->said_disabled >= WORLD_OVERLAP)
		return NULL;
	for (size_t i = 0; i < world->directory.count; i++)
		lives |= &world->entries[i] != write->entry && registered(&world->entries[i]) &&
			 left(world, world_who(world->entries[i].certificate)) > DAYS(7) - 2;
	if (!lives)
		return "N1a: no Registered certificate with more than 7 days stays";
	for (int authority = ROOT; !yields && authority < AUTHORITIES; authority++)
		if (trusts(write->file, authority) && !covered(world, authority, write->entry))
			return "N1b: a trusted authority stays without a Registered, unexpired one";
	for (size_t i = 0; !yields && i < world->directory.count; i++) {
		const struct model_certificate *entry = &world->entries[i];
		enum who who = world_who(entry->certificate);

		if (entry != write->entry && registered(entry) && knowable(world, entry) &&
			rooted(world, who, NULL) && !rooted(world, who, write->entry))
			return "N1c: a Registered certificate loses its path to a root";
	}
	return NULL;
}

/* Slots that are surely filled in the listing that was shown. */
static bool shown_full(const struct observed *shown)
{
	unsigned filled = 0;

	for (size_t i = 0; i < shown->listed_count; i++)
		filled += shown->listed[i].type == CERTIFICATE_TYPE_CLIENT_LDAPS &&
			  shown->listed[i].state != CERTIFICATE_STATE_DEREGISTERED &&
			  shown->listed[i].state != CERTIFICATE_STATE_REGISTER_FAILED;
	return filled >= slots();
}

/* A wanted certificate is missing from a listing that may be full, or of which the API said so. */
static bool room_needed(const struct write *write)
{
	const struct observed *shown = write->looking->shown;

	for (int who = A1; who < F; who++)
		if (listed_in(write->file, (enum who)who) &&
			left(write->world, (enum who)who) > DAYS(91) &&
			entries_like(shown, (enum who)who) == 0)
			return shown->listed_count >= slots() ||
			       write->world->memory.full_mark != 0;
	return false;
}

/* The table of 4.5. */
static const char *check_retire(const struct write *write)
{
	const struct world *world = write->world;
	const struct past *past = write->past;
	int64_t rest = left(world, write->who);

	if (write->looking->at - past->live < WORLD_OVERLAP)
		return "4.2: a removal before the later generation was Registered for overlap";
	if (approved(write->file, write->who))
		return NULL;
	switch (write->file->retire) {
	case RETIRE_WHEN_PROVEN:
		return world->without == VERDICT_OK || rest <= -DAYS(1)
			       ? NULL
			       : "4.5: a superseded certificate goes unproven";
	case RETIRE_AFTER:
		if (rest <= -DAYS(1))
			return NULL;
		if (past->superseded == 0 || world->now - past->superseded < WORLD_AFTER)
			return "4.5: a superseded certificate goes before `after` is over";
		return rest > DAYS(91) ? NULL : "4.5: an irreversible removal by `after`";
	case RETIRE_AT_EXPIRY:
		return rest <= -DAYS(1) ? NULL
					: "4.5: a superseded certificate goes before its end";
	default:
		return "4.5: a superseded certificate goes though retire says manual";
	}
}

static const char *check_reason(const struct write *write)
{
	const struct world *world = write->world;
	const struct past *past = write->past;
	int64_t rest = left(world, write->who);
	bool full = shown_full(write->looking->shown);
	int64_t ended = full ? -300 : -DAYS(1);
	bool expired = rest <= ended, dropped = past->dropped[write->who] != 0;
	bool superseded = write->who == A1 && trusts(write->file, ROOT) && past->live != 0;
	const char *broken = superseded ? check_retire(write) : NULL;

	if (!dropped && !superseded && !(rest <= -300 && room_needed(write)))
		return "N10: a removal of what is neither dropped, superseded nor expired";
	if (broken && !(rest <= -300 && room_needed(write)))
		return broken;
	if (rest <= DAYS(91) && !expired && !approved(write->file, write->who) &&
		!(write->who == A1 && world->without == VERDICT_OK))
		return "N3: an irreversible removal without proof, expiry or approval";
	if (!superseded && rest > -300 && !approved(write->file, write->who) &&
		(!dropped || world->now - past->dropped[write->who] < WORLD_GRACE))
		return "4.5: a dropped certificate goes before grace is over";
	if (write->who == A1 && world->without == VERDICT_FAIL)
		return "4.5: a certificate goes though a controller needs it (StillNeeded)";
	return NULL;
}

static const char *check_deregister(const struct write *write)
{
	const struct listed *shown = shown_entry(write->looking->shown, write->step->id);
	const char *broken;

	if (!shown)
		return "N8: a removal of what the look did not show";
	if (!write->entry) /* it expired and went between the look and the call */
		return NULL;
	if (!ldaps_type(write->entry))
		return "N2: an entry of type ClientCertAuth is deregistered";
	if (!(write->entry->mark & (MARK_OURS | MARK_CLAIM)))
		return "N2: a foreign entry is deregistered";
	if (!write->trusted)
		return NULL;
	broken = check_left(write);
	return broken ? broken : check_reason(write);
}

const char *invariants_write(
	const struct world *world, const struct looking *looking, const struct step *step)
{
	static const char *(*const common[])(const struct write *) = {
		check_view, check_policy, check_flight, check_rate};
	static const char *(*const own[STEPS])(const struct write *) = {
		[STEP_REGISTER] = check_register,
		[STEP_DEREGISTER] = check_deregister,
		[STEP_ENABLE] = check_enable,
		[STEP_DISABLE] = check_disable};
	struct write write = {.world = world,
		.file = &world->file,
		.past = &world->past,
		.looking = looking,
		.step = step,
		.who = world_who(step->certificate),
		.cuts = step->kind == STEP_DEREGISTER || step->kind == STEP_DISABLE};

	if (step->kind == STEP_DEREGISTER) {
		write.entry = entry_of(world, step->id);
		if (write.entry)
			write.who = world_who(write.entry->certificate);
	}
	write.trusted = !write.entry || write.entry->state != CERTIFICATE_STATE_REGISTER_FAILED;
	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++) {
		const char *broken = common[i](&write);

		if (broken)
			return broken;
	}
	return own[step->kind](&write);
}

const char *invariants_rest(const struct world *world, const struct step *step)
{
	if (step->kind == STEP_OBSERVE)
		return "rule 0: nothing is decided on a look that was made";
	if (step->until < world->now + 15)
		return "N11: the next look is less than 15 s away";
	if (step->until > world->now + WORLD_INTERVAL)
		return "rule 7: the next look is further away than the interval";
	return NULL;
}

const char *invariants_settled(const struct world *world)
{
	const struct file *file = &world->file;

	if (file->policy == POLICY_OBSERVE)
		return NULL;
	for (int who = A1; who < F; who++) {
		bool there = false;

		for (size_t i = 0; i < world->directory.count; i++)
			there |= registered(&world->entries[i]) &&
				 world_who(world->entries[i].certificate) == (enum who)who;
		if (!there && wanted(world, &world->past, (enum who)who))
			return "settled though a wanted certificate is not Registered";
	}
	if (file->client_ldaps == CLIENT_LDAPS_ENABLED && off(world))
		return "settled though LDAPS is wanted and off";
	if (file->client_ldaps == CLIENT_LDAPS_DISABLED && file->policy == POLICY_SYNC &&
		!off(world))
		return "settled though LDAPS is to be off and on";
	return NULL;
}
