/* SPDX-License-Identifier: Apache-2.0 */
/* A world as a short text of bytes, and back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "world.h"

#define DAYS(n) (INT64_C(86400) * (n))

/* ---- packing ---- */

struct packer {
	uint8_t *at;
	const struct world *world;
	unsigned long ids[3 * WORLD_ENTRIES];
	size_t ids_count;
};

static void put(struct packer *packer, int64_t number)
{
	*packer->at++ = (uint8_t)number;
}

static void put_long(struct packer *packer, int64_t number)
{
	uint32_t bits = (uint32_t)(int32_t)number;

	memcpy(packer->at, &bits, sizeof(bits));
	packer->at += sizeof(bits);
}

/* How long ago, at most `limit`; -1 for not. */
static void put_since(struct packer *packer, int64_t since, int64_t limit)
{
	int64_t age = packer->world->now - since;

	if (since == 0)
		age = -1;
	else if (age > limit)
		age = limit;
	put_long(packer, age);
}

static void note_id(struct packer *packer, const char *id)
{
	unsigned long number = world_number(id);
	size_t i = 0;

	while (i < packer->ids_count && packer->ids[i] < number)
		i++;
	if (number == 0 || (i < packer->ids_count && packer->ids[i] == number))
		return;
	memmove(packer->ids + i + 1, packer->ids + i,
		(packer->ids_count - i) * sizeof(packer->ids[0]));
	packer->ids[i] = number;
	packer->ids_count++;
}

static void put_id(struct packer *packer, const char *id)
{
	unsigned long number = world_number(id);
	size_t i = 0;

	while (number != 0 && packer->ids[i] != number)
		i++;
	put(packer, number ? (int64_t)i + 1 : 0);
}

static void note_ids(struct packer *packer)
{
	const struct world *world = packer->world;

	for (size_t i = 0; i < world->directory.count; i++)
		note_id(packer, world->entries[i].id);
	for (size_t i = 0; i < world->memory.certificates_count; i++)
		note_id(packer, world->owned[i].id);
	note_id(packer, world->memory.change.id);
	if (world->late.there)
		note_id(packer, world->late.id);
}

static void put_directory(struct packer *packer)
{
	const struct world *world = packer->world;
	const struct model_directory *directory = &world->directory;

	put(packer, (int64_t)directory->count);
	for (size_t i = 0; i < directory->count; i++) {
		const struct model_certificate *entry = &world->entries[i];

		put_id(packer, entry->id);
		put(packer, (int64_t)world_who(entry->certificate) | (int64_t)entry->type << 3 |
				    (int64_t)entry->mark << 5 | (int64_t)entry->fails << 7);
		put(packer, (int64_t)entry->state);
	}
	put(packer, (int64_t)directory->ldaps | (int64_t)directory->ldaps_next << 3 |
			    (int64_t)directory->ldaps_explicit << 6 |
			    (int64_t)(directory->ldaps_due != 0) << 7);
}

static void put_attempt(struct packer *packer, const struct attempt *attempt)
{
	int64_t wait = attempt->next - packer->world->now;

	put(packer, attempt->failures);
	if (attempt->next == ATTEMPT_HELD)
		wait = -1;
	else if (attempt->next == 0 || wait < 0)
		wait = 0;
	put_long(packer, wait);
}

static void put_contest(struct packer *packer, const struct contest *contest)
{
	bool over = contest->count == 0 || packer->world->now - contest->since > CONTEST_WINDOW;

	put(packer, over ? 0 : contest->count);
	put_since(packer, over ? 0 : contest->since, CONTEST_WINDOW);
}

static void put_owned(struct packer *packer, const struct memory_certificate *owned)
{
	int authority = strcmp(owned->authority, world_authority(ISSUING)) == 0 ? ISSUING
			: owned->authority[0]					? ROOT
										: AUTHORITIES;

	put_id(packer, owned->id);
	put(packer, (int64_t)world_who(owned->certificate) | authority << 3 |
			    (int64_t)owned->origin << 5 | (int64_t)owned->failed << 6 |
			    (int64_t)(owned->removing_since != 0) << 7);
	put(packer, (int64_t)(owned->registered_at != 0) | (int64_t)owned->missed << 1 |
			    (int64_t)owned->leaving << 2);
	if (world_rotates() && world_who(owned->certificate) == A2)
		put_since(packer, owned->registered_at, WORLD_OVERLAP);
	put_since(packer, owned->removable_since,
		owned->leaving == LEAVING_SUPERSEDED ? WORLD_AFTER : WORLD_GRACE);
	put_attempt(packer, &owned->deregister);
}

static void put_wish(struct packer *packer, const struct memory_wish *wish)
{
	put(packer, (int64_t)world_who(wish->certificate) | (int64_t)wish->retired << 3);
	put_attempt(packer, &wish->registration);
	put_contest(packer, &wish->contest);
}

/* The listing's mark: that of the listing as it is, another, or none. */
static int64_t mark_kind(const struct world *world)
{
	struct observed observed = {0};
	uint64_t mark;

	if (world->memory.full_mark == 0 ||
		model_observe(&world->directory, world_options(), world->now, &observed) < 0)
		return 0;
	mark = observed_mark(&observed);
	observed_done(&observed);
	return mark == world->memory.full_mark ? 1 : 2;
}

/* All but what is only told: nothing announces here, so there are no announcements. */
static void put_memory(struct packer *packer)
{
	const struct memory *memory = &packer->world->memory;

	memcpy(packer->at, &memory->revision, sizeof(memory->revision));
	packer->at += sizeof(memory->revision);
	put_since(packer,
		memory->looked && !world_waits(packer->world) ? packer->world->now : memory->looked,
		WAIT_GAP_MAX + 1);
	put_since(packer, memory->busy_since, SITUATION_STUCK_AFTER);
	put_since(packer, memory->disable_since, WORLD_GRACE);
	put_since(packer, memory->disabled_since, WORLD_OVERLAP);
	put_since(packer, memory->disabled_elsewhere_since, WORLD_REENABLE);
	put(packer, (int64_t)memory->was_enabled | (int64_t)memory->vanished << 1 |
			    (int64_t)memory->enable_failed << 2 | mark_kind(packer->world) << 3);
	put_attempt(packer, &memory->enable);
	put_attempt(packer, &memory->disable);
	put_contest(packer, &memory->ldaps_contest);
	put(packer, (int64_t)memory->change.phase);
	if (memory->change.phase != CHANGE_NONE) {
		put(packer, (int64_t)memory->change.kind);
		put(packer, (int64_t)world_who(memory->change.certificate));
		put_id(packer, memory->change.id);
		put_since(packer, memory->change.since, CHANGE_LIFETIME + CHANGE_UNSEEN_MAX);
	}
	put(packer, (int64_t)memory->certificates_count);
	for (size_t number = 0; number < packer->ids_count; number++)
		for (size_t i = 0; i < memory->certificates_count; i++)
			if (world_number(packer->world->owned[i].id) == packer->ids[number])
				put_owned(packer, &packer->world->owned[i]);
	put(packer, (int64_t)memory->wishes_count);
	for (int who = A1; who < CERTIFICATES; who++)
		for (size_t i = 0; i < memory->wishes_count; i++)
			if (world_who(packer->world->wishes[i].certificate) == (enum who)who)
				put_wish(packer, &packer->world->wishes[i]);
}

static void put_past(struct packer *packer)
{
	const struct past *past = &packer->world->past;

	put_since(packer, past->disable_wished, WORLD_GRACE);
	put_since(packer, past->said_disabled, WORLD_OVERLAP);
	put_since(packer, past->elsewhere, WORLD_REENABLE);
	put_since(packer, past->busy, 3600);
	put_since(packer, past->disabling, WORLD_DISABLE_MAX);
	for (int who = A1; who < F; who++)
		put_since(packer, past->dropped[who], WORLD_GRACE);
	if (world_rotates()) {
		put_since(packer, past->live, WORLD_OVERLAP);
		put_since(packer, past->superseded, WORLD_AFTER);
	}
	for (int target = 0; target < TARGETS; target++) {
		const int64_t *sends = past->sends[target];
		int count = 0;

		while (count < SENDS_MAX && sends[count] != 0 &&
			packer->world->now - sends[count] < DAYS(1))
			count++;
		put(packer, count);
		for (int i = 0; i < count; i++)
			put_since(packer, sends[i], DAYS(1));
	}
	for (int who = A1; who < CERTIFICATES; who++)
		put(packer, past->shown[who] | (int64_t)past->removed[who] << 7);
	put(packer, (int64_t)past->shown_enabled | (int64_t)past->disable_sent << 1 |
			    (int64_t)past->contradictory << 2 | (int64_t)past->retired << 3);
}

size_t world_pack(const struct world *world, uint8_t *ret_bytes)
{
	struct packer packer = {.at = ret_bytes, .world = world};
	const struct file *file = &world->file;

	note_ids(&packer);
	for (int who = A1; who < CERTIFICATES; who++)
		if (world_mortal((enum who)who))
			put_long(&packer, world_clamp_left((enum who)who,
						  world_certificate((enum who)(who))->not_after -
							  world->now));
	put(&packer, file->policy | file->client_ldaps << 2 | file->adopt << 4 |
			     file->wrong_name << 5 | file->absent << 6 | world->due << 7);
	put(&packer, file->trust | file->approve << 3 | file->retire << 5);
	put(&packer, file->vanished | (int64_t)world->mood << 4);
	put(&packer, world->skew | (int64_t)world->impaired << 2 |
			     (int64_t)world->out_of_turn << 3 | (int64_t)world->probed << 4 |
			     (int64_t)world->without << 6);
	put(&packer, world->late.there);
	if (world->late.there) {
		put(&packer, (int64_t)world->late.kind | (int64_t)world->late.who << 4 |
				     (int64_t)world->late.ours << 7);
		put_id(&packer, world->late.id);
		put_since(&packer, world->late.sent, WORLD_LATE_MAX);
	}
	put_directory(&packer);
	put_memory(&packer);
	put_past(&packer);
	return (size_t)(packer.at - ret_bytes);
}

/* ---- unpacking, in the same order ---- */

struct unpacker {
	const uint8_t *at;
	struct world *world;
};

static unsigned get(struct unpacker *unpacker)
{
	return *unpacker->at++;
}

static int64_t get_long(struct unpacker *unpacker)
{
	int32_t number;

	memcpy(&number, unpacker->at, sizeof(number));
	unpacker->at += sizeof(number);
	return number;
}

static int64_t get_since(struct unpacker *unpacker)
{
	int64_t age = get_long(unpacker);

	return age < 0 ? 0 : WORLD_NOW - age;
}

static void get_id(struct unpacker *unpacker, char ret_id[static SERVICE_ID_SIZE])
{
	unsigned number = get(unpacker);

	memset(ret_id, 0, SERVICE_ID_SIZE);
	if (number != 0) {
		world_id(number, ret_id);
		if (unpacker->world->directory.next_id <= number)
			unpacker->world->directory.next_id = number + 1;
	}
}

static void get_directory(struct unpacker *unpacker)
{
	struct world *world = unpacker->world;
	struct model_directory *directory = &world->directory;
	unsigned count = get(unpacker), bits;

	for (unsigned i = 0; i < count; i++) {
		char id[SERVICE_ID_SIZE];
		struct model_certificate *entry;

		get_id(unpacker, id);
		bits = get(unpacker);
		entry = world_add_entry(
			world, (enum who)(bits & 7), (enum certificate_type)(bits >> 3 & 3), 0);
		memcpy(entry->id, id, sizeof(id));
		entry->mark = bits >> 5 & 3;
		entry->fails = bits >> 7;
		entry->state = (enum certificate_state)get(unpacker);
		if (entry->state == CERTIFICATE_STATE_REGISTERING ||
			entry->state == CERTIFICATE_STATE_DEREGISTERING)
			entry->due = MODEL_NEVER;
	}
	bits = get(unpacker);
	directory->ldaps = (enum ldaps_status)(bits & 7);
	directory->ldaps_next = (enum ldaps_status)(bits >> 3 & 7);
	directory->ldaps_explicit = bits >> 6 & 1;
	directory->ldaps_due = bits >> 7 ? MODEL_NEVER : 0;
}

static struct attempt get_attempt(struct unpacker *unpacker)
{
	struct attempt attempt = {.failures = (uint8_t)get(unpacker)};
	int64_t wait = get_long(unpacker);

	attempt.next = wait < 0 ? ATTEMPT_HELD : wait > 0 ? WORLD_NOW + wait : 0;
	return attempt;
}

static struct contest get_contest(struct unpacker *unpacker)
{
	struct contest contest = {.count = (uint8_t)get(unpacker)};

	contest.since = get_since(unpacker);
	return contest;
}

static void get_owned(struct unpacker *unpacker, struct memory_certificate *owned)
{
	unsigned bits;

	*owned = (struct memory_certificate){0};
	get_id(unpacker, owned->id);
	bits = get(unpacker);
	owned->certificate = world_certificate((enum who)(bits & 7));
	if ((bits >> 3 & 3) < AUTHORITIES)
		snprintf(owned->authority, sizeof(owned->authority), "%s",
			world_authority((int)(bits >> 3 & 3)));
	owned->origin = (enum origin)(bits >> 5 & 1);
	owned->failed = bits >> 6 & 1;
	owned->removing_since = bits >> 7 & 1 ? WORLD_NOW : 0;
	bits = get(unpacker);
	owned->registered_at = bits & 1 ? WORLD_NOW : 0;
	owned->missed = bits >> 1 & 1;
	owned->leaving = (enum leaving)(bits >> 2);
	if (world_rotates() && world_who(owned->certificate) == A2)
		owned->registered_at = get_since(unpacker);
	owned->removable_since = get_since(unpacker);
	owned->deregister = get_attempt(unpacker);
}

static void get_change(struct unpacker *unpacker, struct memory_change *change)
{
	unsigned who;

	change->phase = (enum change_phase)get(unpacker);
	if (change->phase == CHANGE_NONE)
		return;
	change->kind = (enum step_kind)get(unpacker);
	who = get(unpacker);
	change->certificate = who < CERTIFICATES ? world_certificate((enum who)(who)) : NULL;
	get_id(unpacker, change->id);
	change->since = get_since(unpacker);
}

static void get_memory(struct unpacker *unpacker)
{
	struct memory *memory = &unpacker->world->memory;
	unsigned bits;

	memcpy(&memory->revision, unpacker->at, sizeof(memory->revision));
	unpacker->at += sizeof(memory->revision);
	memory->looked = get_since(unpacker);
	memory->busy_since = get_since(unpacker);
	memory->disable_since = get_since(unpacker);
	memory->disabled_since = get_since(unpacker);
	memory->disabled_elsewhere_since = get_since(unpacker);
	bits = get(unpacker);
	memory->was_enabled = bits & 1;
	memory->vanished = bits >> 1 & 1;
	memory->enable_failed = bits >> 2 & 1;
	memory->full_mark = bits >> 3; /* 1 is put right below */
	memory->enable = get_attempt(unpacker);
	memory->disable = get_attempt(unpacker);
	memory->ldaps_contest = get_contest(unpacker);
	get_change(unpacker, &memory->change);
	memory->certificates_count = get(unpacker);
	for (size_t i = 0; i < memory->certificates_count; i++)
		get_owned(unpacker, &unpacker->world->owned[i]);
	memory->wishes_count = get(unpacker);
	for (size_t i = 0; i < memory->wishes_count; i++) {
		struct memory_wish *wish = &unpacker->world->wishes[i];

		bits = get(unpacker);
		*wish = (struct memory_wish){.certificate = world_certificate((enum who)(bits & 7)),
			.retired = bits >> 3};
		wish->registration = get_attempt(unpacker);
		wish->contest = get_contest(unpacker);
	}
}

static void get_past(struct unpacker *unpacker)
{
	struct past *past = &unpacker->world->past;
	unsigned bits;

	past->disable_wished = get_since(unpacker);
	past->said_disabled = get_since(unpacker);
	past->elsewhere = get_since(unpacker);
	past->busy = get_since(unpacker);
	past->disabling = get_since(unpacker);
	for (int who = A1; who < F; who++)
		past->dropped[who] = get_since(unpacker);
	if (world_rotates()) {
		past->live = get_since(unpacker);
		past->superseded = get_since(unpacker);
	}
	for (int target = 0; target < TARGETS; target++) {
		unsigned count = get(unpacker);

		for (unsigned i = 0; i < count; i++)
			past->sends[target][i] = get_since(unpacker);
	}
	for (int who = A1; who < CERTIFICATES; who++) {
		bits = get(unpacker);
		past->shown[who] = bits & 127;
		past->removed[who] = bits >> 7;
	}
	bits = get(unpacker);
	past->shown_enabled = bits & 1;
	past->disable_sent = bits >> 1 & 1;
	past->contradictory = bits >> 2 & 1;
	past->retired = bits >> 3 & 1;
}

/* The mark of the listing as it is, where memory holds that one. */
static void restore_mark(struct world *world)
{
	struct observed observed = {0};

	if (world->memory.full_mark != 1 ||
		model_observe(&world->directory, world_options(), world->now, &observed) < 0)
		return;
	world->memory.full_mark = observed_mark(&observed);
	observed_done(&observed);
}

static void get_late(struct unpacker *unpacker)
{
	struct late *late = &unpacker->world->late;
	unsigned bits;

	late->there = get(unpacker);
	if (!late->there)
		return;
	bits = get(unpacker);
	late->kind = (enum step_kind)(bits & 15);
	late->who = (enum who)(bits >> 4 & 7);
	late->ours = bits >> 7;
	get_id(unpacker, late->id);
	late->sent = get_since(unpacker);
}

void world_unpack(const uint8_t *bytes, struct world *ret_world)
{
	struct world *world = ret_world;
	struct unpacker unpacker = {.at = bytes, .world = world};
	unsigned bits;

	world_blank(world);
	for (int who = A1; who < CERTIFICATES; who++)
		world->left[who] = world_mortal((enum who)who) ? get_long(&unpacker)
							       : WORLD_LONG + who * DAYS(1);
	world_set_dates(world);
	bits = get(&unpacker);
	world->file.policy = bits & 3;
	world->file.client_ldaps = bits >> 2 & 3;
	world->file.adopt = bits >> 4 & 1;
	world->file.wrong_name = bits >> 5 & 1;
	world->file.absent = bits >> 6 & 1;
	world->due = bits >> 7;
	bits = get(&unpacker);
	world->file.trust = bits & 7;
	world->file.approve = bits >> 3 & 3;
	world->file.retire = (uint8_t)(bits >> 5);
	bits = get(&unpacker);
	world->file.vanished = bits & 15;
	world->mood = (enum mood)(bits >> 4);
	bits = get(&unpacker);
	world->skew = bits & 3;
	world->impaired = bits >> 2 & 1;
	world->out_of_turn = bits >> 3 & 1;
	world->probed = (enum verdict)(bits >> 4 & 3);
	world->without = (enum verdict)(bits >> 6 & 3);
	get_late(&unpacker);
	get_directory(&unpacker);
	get_memory(&unpacker);
	get_past(&unpacker);
	world->directory.stage =
		world->impaired ? DIRECTORY_STAGE_IMPAIRED : DIRECTORY_STAGE_ACTIVE;
	restore_mark(world);
}
