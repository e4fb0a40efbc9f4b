/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

#define DAYS(n) (INT64_C(86400) * (n))
/* A certificate whose next boundary is further away than this is as if it were just so far: longer
 * than the waits of one run. Seconds. */
#define FAR DAYS(6)

static struct certificate certificates[CERTIFICATES];
static char authority_names[AUTHORITIES][8] = {"root", "issuing"};
static const struct setting *setting;
static struct model_options options;

/* Seconds that a certificate has left when something about it changes. */
static const int64_t boundaries[] = {DAYS(91), DAYS(90), DAYS(7), 60, 0, -1, -300, -DAYS(1)};

/* ---- the setting ---- */

static void make(enum who who, const char *name, uint8_t key, uint8_t signer)
{
	struct certificate *certificate = &certificates[who];

	*certificate = (struct certificate){.not_before = 1,
		.version_certificate = -1,
		.version_key = -1,
		.pem_length = 1000,
		.ca = true,
		.cert_sign = true,
		.self_signed = key == signer,
		.self_issued = key == signer};
	certificate->sha256.bytes[0] = (uint8_t)(1 + who);
	certificate->subject.bytes[0] = (uint8_t)name[0];
	certificate->key.bytes[0] = key;
	certificate->signer.bytes[0] = signer;
	snprintf(certificate->common_name, sizeof(certificate->common_name), "%s", name);
}

void world_use(const struct setting *chosen)
{
	setting = chosen;
	make(A1, "Root", 1, 1);
	make(A2, "Root", chosen->same_key ? 1 : 2, chosen->same_key ? 1 : 2);
	make(B, "Issuing", 3, chosen->second_root ? 3 : 1);
	make(F, "Foreign", 4, 4);
	options = model_options_default();
	if (chosen->unprotected)
		options.guards = 0;
	for (int point = 0; point < MODEL_POINTS; point++)
		for (uint8_t answer = 0; answer <= chosen->answer; answer++)
			if (model_answer_str((enum model_point)point, answer))
				options.points[point] = answer;
	options.register_delay = options.deregister_delay = MODEL_NEVER;
	options.enable_delay = options.disable_delay = MODEL_NEVER;
	if (chosen->limit)
		options.ldaps_limit = chosen->limit;
}

const struct setting *world_setting(void)
{
	return setting;
}

const struct model_options *world_options(void)
{
	return &options;
}

const struct certificate *world_certificate(enum who who)
{
	return &certificates[who];
}

enum who world_who(const struct certificate *certificate)
{
	return certificate ? (enum who)(certificate - certificates) : CERTIFICATES;
}

const char *world_name(enum who who)
{
	static const char *const names[] = {"A1 (root, first generation)",
		"A2 (root, second generation)", "B (issuing CA)", "F (in no file)", "nothing"};

	return names[who];
}

/* ---- the value ---- */

/* The arrays are inside; the core must never grow them (world_has_room). */
static void attach(struct world *world)
{
	world->directory.certificates = world->entries;
	world->directory.capacity = WORLD_ENTRIES;
	world->memory.certificates = world->owned;
	world->memory.certificates_capacity = WORLD_ENTRIES;
	world->memory.wishes = world->wishes;
	world->memory.wishes_capacity = WORLD_ENTRIES;
}

void world_copy(const struct world *world, struct world *ret_copy)
{
	memcpy(ret_copy, world, sizeof(*world));
	attach(ret_copy);
}

bool world_has_room(const struct world *world)
{
	return world->directory.count + 2 < WORLD_ENTRIES &&
	       world->memory.certificates_count + 3 < WORLD_ENTRIES &&
	       world->memory.wishes_count + 2 < WORLD_ENTRIES;
}

static int64_t shown_expiry(enum who who)
{
	static const int64_t off[] = {0, -1, 1};

	return certificates[who].not_after + off[options.points[MODEL_POINT_EXPIRY]];
}

static void set_dates(const struct world *world)
{
	for (int who = A1; who < CERTIFICATES; who++)
		certificates[who].not_after = WORLD_NOW + world->left[who];
}

static struct model_certificate *add_entry(
	struct world *world, enum who who, enum certificate_type type, unsigned number)
{
	struct model_certificate *entry = &world->entries[world->directory.count++];

	memset(entry, 0, sizeof(*entry));
	entry->certificate = &certificates[who];
	entry->common_name = certificates[who].common_name;
	entry->expiry = shown_expiry(who);
	entry->type = type;
	snprintf(entry->id, sizeof(entry->id), "c-%010x", number);
	return entry;
}

void world_begin(struct world *ret_world)
{
	struct world *world = ret_world;

	memset(world, 0, sizeof(*world));
	model_init(
		&world->directory, "d-0000000001", "corp.example.com", DIRECTORY_TYPE_MICROSOFT_AD);
	attach(world);
	world->now = WORLD_NOW;
	for (int who = A1; who < CERTIFICATES; who++)
		world->left[who] = setting->mortal >> who & 1 ? DAYS(setting->days[who])
							      : WORLD_LONG + who * DAYS(1);
	set_dates(world);
	world->file = setting->file;
	for (size_t i = 0; i < setting->beginning_count; i++)
		add_entry(world, setting->beginning[i].who, setting->beginning[i].type,
			(unsigned)i + 1)
			->state = setting->beginning[i].state;
	world->directory.next_id = setting->beginning_count + 1;
	if (setting->enabled) {
		world->directory.ldaps = world->directory.ldaps_next = LDAPS_STATUS_ENABLED;
		world->directory.ldaps_explicit = true;
	}
}

/* ---- time ---- */

static bool mortal(enum who who)
{
	return setting->mortal >> who & 1;
}

static void nearer(int64_t *next, int64_t distance)
{
	if (distance > 0 && (*next == 0 || distance < *next))
		*next = distance;
}

/* A wait of `length` that began at `since`. */
static void wait_next(const struct world *world, int64_t *next, int64_t since, int64_t length)
{
	if (since != 0)
		nearer(next, since + length - world->now);
}

static void attempt_next(const struct world *world, int64_t *next, const struct attempt *attempt)
{
	if (attempt->next != 0 && attempt->next != ATTEMPT_HELD)
		nearer(next, attempt->next - world->now);
}

static void contest_next(const struct world *world, int64_t *next, const struct contest *contest)
{
	if (contest->count > CONTEST_MAX)
		wait_next(world, next, contest->since, CONTEST_WINDOW);
}

/* Whether a wait runs that a long absence of looks would break. */
static bool waits_run(const struct world *world)
{
	const struct memory *memory = &world->memory;
	bool run = memory->disable_since != 0 || memory->disabled_since != 0 ||
		   world->past.disable_wished != 0;

	for (size_t i = 0; i < memory->certificates_count; i++)
		run |= memory->certificates[i].removable_since != 0;
	for (int who = A1; who < CERTIFICATES; who++)
		run |= world->past.dropped[who] != 0;
	return run;
}

int64_t world_next(const struct world *world)
{
	const struct memory *memory = &world->memory;
	int64_t next = 0;

	for (int who = A1; who < CERTIFICATES; who++)
		for (size_t i = 0; mortal((enum who)who) && i < ARRAY_LENGTH(boundaries); i++)
			nearer(&next, certificates[who].not_after - boundaries[i] - world->now);
	wait_next(world, &next, memory->busy_since, SITUATION_STUCK_AFTER);
	wait_next(world, &next, memory->disable_since, WORLD_GRACE);
	wait_next(world, &next, memory->disabled_since, WORLD_OVERLAP);
	wait_next(world, &next, memory->disabled_elsewhere_since, WORLD_REENABLE);
	if (memory->change.phase != CHANGE_NONE)
		nearer(&next, memory_change_end(&memory->change) - world->now);
	attempt_next(world, &next, &memory->enable);
	attempt_next(world, &next, &memory->disable);
	contest_next(world, &next, &memory->ldaps_contest);
	for (size_t i = 0; i < memory->certificates_count; i++) {
		wait_next(world, &next, memory->certificates[i].removable_since, WORLD_GRACE);
		attempt_next(world, &next, &memory->certificates[i].deregister);
	}
	for (size_t i = 0; i < memory->wishes_count; i++) {
		attempt_next(world, &next, &memory->wishes[i].registration);
		contest_next(world, &next, &memory->wishes[i].contest);
	}
	if (waits_run(world)) {
		wait_next(world, &next, memory->looked, WORLD_INTERVAL);
		wait_next(world, &next, memory->looked, WAIT_GAP_MAX + 1);
	}
	if (world->late.there)
		wait_next(world, &next, world->late.sent, WORLD_LATE_MAX);
	wait_next(world, &next, world->past.disabling, WORLD_DISABLE_MAX);
	return next;
}

void world_advance(struct world *world, int64_t seconds)
{
	world->now += seconds;
	model_advance(&world->directory, &options, world->now);
	if (world->late.there && world->now - world->late.sent > WORLD_LATE_MAX)
		world->late = (struct late){0};
}

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
	unsigned long number = id[0] ? strtoul(id + 2, NULL, 16) : 0;
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
	unsigned long number = id[0] ? strtoul(id + 2, NULL, 16) : 0;
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
	int authority = strcmp(owned->authority, authority_names[ISSUING]) == 0 ? ISSUING
			: owned->authority[0]					? ROOT
										: AUTHORITIES;

	put_id(packer, owned->id);
	put(packer, (int64_t)world_who(owned->certificate) | authority << 3 |
			    (int64_t)owned->origin << 5 | (int64_t)owned->failed << 6 |
			    (int64_t)(owned->removing_since != 0) << 7);
	put(packer, owned->registered_at != 0);
	put_since(packer, owned->removable_since, WORLD_GRACE);
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
		model_observe(&world->directory, &options, world->now, &observed) < 0)
		return 0;
	mark = observed_mark(&observed);
	observed_done(&observed);
	return mark == world->memory.full_mark ? 1 : 2;
}

static void put_memory(struct packer *packer)
{
	const struct memory *memory = &packer->world->memory;

	memcpy(packer->at, &memory->revision, sizeof(memory->revision));
	packer->at += sizeof(memory->revision);
	put_since(packer,
		memory->looked && !waits_run(packer->world) ? packer->world->now : memory->looked,
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
			if (strtoul(packer->world->owned[i].id + 2, NULL, 16) ==
				packer->ids[number])
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
			    (int64_t)past->contradictory << 2);
}

/* What a certificate has left: only the way to the next boundary counts. */
static int64_t clamp_left(enum who who, int64_t left)
{
	size_t i = 0;

	if (!mortal(who))
		return WORLD_LONG + who * DAYS(1);
	while (i < ARRAY_LENGTH(boundaries) && left <= boundaries[i])
		i++;
	if (i == ARRAY_LENGTH(boundaries))
		return boundaries[i - 1] - 1;
	return left - boundaries[i] > FAR ? boundaries[i] + FAR : left;
}

size_t world_pack(const struct world *world, uint8_t *ret_bytes)
{
	struct packer packer = {.at = ret_bytes, .world = world};
	const struct file *file = &world->file;

	note_ids(&packer);
	for (int who = A1; who < CERTIFICATES; who++)
		if (mortal((enum who)who))
			put_long(&packer, clamp_left((enum who)who,
						  certificates[who].not_after - world->now));
	put(&packer, file->policy | file->client_ldaps << 2 | file->adopt << 4 |
			     file->wrong_name << 5 | file->absent << 6 | world->due << 7);
	put(&packer, file->trust | file->approve << 3);
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
		snprintf(ret_id, SERVICE_ID_SIZE, "c-%010x", number);
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
		entry = add_entry(
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
	owned->certificate = &certificates[bits & 7];
	if ((bits >> 3 & 3) < AUTHORITIES)
		memcpy(owned->authority, authority_names[bits >> 3 & 3],
			sizeof(authority_names[0]));
	owned->origin = (enum origin)(bits >> 5 & 1);
	owned->failed = bits >> 6 & 1;
	owned->removing_since = bits >> 7 ? WORLD_NOW : 0;
	owned->registered_at = get(unpacker) ? WORLD_NOW : 0;
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
	change->certificate = who < CERTIFICATES ? &certificates[who] : NULL;
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
		*wish = (struct memory_wish){
			.certificate = &certificates[bits & 7], .retired = bits >> 3};
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
}

/* The mark of the listing as it is, where memory holds that one. */
static void restore_mark(struct world *world)
{
	struct observed observed = {0};

	if (world->memory.full_mark != 1 ||
		model_observe(&world->directory, &options, world->now, &observed) < 0)
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

	memset(world, 0, sizeof(*world));
	model_init(
		&world->directory, "d-0000000001", "corp.example.com", DIRECTORY_TYPE_MICROSOFT_AD);
	attach(world);
	world->now = WORLD_NOW;
	for (int who = A1; who < CERTIFICATES; who++)
		world->left[who] =
			mortal((enum who)who) ? get_long(&unpacker) : WORLD_LONG + who * DAYS(1);
	set_dates(world);
	bits = get(&unpacker);
	world->file.policy = bits & 3;
	world->file.client_ldaps = bits >> 2 & 3;
	world->file.adopt = bits >> 4 & 1;
	world->file.wrong_name = bits >> 5 & 1;
	world->file.absent = bits >> 6 & 1;
	world->due = bits >> 7;
	bits = get(&unpacker);
	world->file.trust = bits & 7;
	world->file.approve = (uint8_t)(bits >> 3);
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

/* ---- what the daemon is given ---- */

static void wish_authority(const struct world *world, struct wish *wish, int index)
{
	struct authority *authority = &wish->authorities[index];

	authority->name = authority_names[index];
	authority->certificates = wish->lists[index];
	authority->rotation = (struct rotation){.overlap = WORLD_OVERLAP};
	for (int who = index == ROOT ? A1 : B; who < (index == ROOT ? B : F); who++)
		if (!(world->file.vanished >> who & 1) && !(setting->left_out >> who & 1))
			wish->lists[index][authority->count++] = &certificates[who];
	authority_sort(authority);
}

static void wish_approvals(const struct world *world, struct wish *wish)
{
	struct directory *directory = &wish->directory;

	directory->approvals = wish->approvals;
	if (world->file.approve & APPROVE_A1)
		wish->approvals[directory->approvals_count++].certificate = certificates[A1].sha256;
	if (world->file.approve & APPROVE_DISABLE)
		wish->approvals[directory->approvals_count++].disable = true;
}

void world_wish(const struct world *world, struct wish *ret_wish)
{
	static char name[] = "corp.example.com", wrong[] = "other.example.com";
	static struct account account = {.name = name, .concurrency = 1};
	struct wish *wish = ret_wish;
	struct directory *directory = &wish->directory;

	memset(wish, 0, sizeof(*wish));
	memcpy(directory->id, "d-0000000001", sizeof(directory->id));
	directory->name = world->file.wrong_name ? wrong : name;
	directory->account = &account;
	directory->policy = (enum policy)world->file.policy;
	directory->client_ldaps = (enum client_ldaps)world->file.client_ldaps;
	directory->adopt = (enum adopt)world->file.adopt;
	directory->grace = WORLD_GRACE;
	directory->overlap = WORLD_OVERLAP;
	directory->reenable_after = WORLD_REENABLE;
	directory->certificate_limit = setting->limit ? setting->limit : SERVICE_LDAPS_LIMIT;
	directory->trust = wish->trust;
	for (int i = ROOT; i < AUTHORITIES; i++) {
		wish_authority(world, wish, i);
		if (world->file.trust >> i & 1)
			wish->trust[directory->trust_count++] = &wish->authorities[i];
	}
	directory->trust_none = directory->trust_count == 0 && !(world->file.trust & TRUST_UNSAID);
	wish_approvals(world, wish);
	directory->revision = directory_revision(directory);
	wish->proof.registered = world->probed;
	wish->removal = (struct proof_removal){certificates[A1].sha256, world->without};
	wish->proof.removals = &wish->removal;
	wish->proof.removals_count = 1;
}

void world_situation(const struct world *world, const struct wish *wish,
	const struct observed *observed, struct situation *ret_situation)
{
	static const int64_t skews[] = {0, SITUATION_SKEW_MAX, SITUATION_SKEW_MAX + 1};

	*ret_situation = (struct situation){.wanted = &wish->directory,
		.observed = observed,
		.memory = &world->memory,
		.proof = &wish->proof,
		.now = world->now,
		.skew = skews[world->skew],
		.interval = WORLD_INTERVAL,
		.turn = !world->out_of_turn};
}
