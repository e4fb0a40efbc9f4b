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
static const int64_t boundaries[] = {
	WORLD_ROTATE_BEFORE, DAYS(91), DAYS(90), DAYS(7), 60, 0, -1, -300, -DAYS(1)};

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

const char *world_authority(int authority)
{
	return authority_names[authority];
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

void world_set_dates(const struct world *world)
{
	for (int who = A1; who < CERTIFICATES; who++)
		certificates[who].not_after = WORLD_NOW + world->left[who];
}

/* Ten digits, as the model's "c-%010x". */
#define ID_DIGITS 10

void world_id(unsigned number, char ret_id[static SERVICE_ID_SIZE])
{
	memcpy(ret_id, "c-", 2);
	for (int i = ID_DIGITS + 1; i > 1; i--, number >>= 4)
		ret_id[i] = "0123456789abcdef"[number & 15];
	ret_id[ID_DIGITS + 2] = '\0';
}

unsigned world_number(const char *id)
{
	unsigned number = 0;

	for (const char *digit = id[0] ? id + 2 : id; *digit; digit++)
		number = number << 4 | (unsigned)(*digit <= '9' ? *digit - '0' : *digit - 'a' + 10);
	return number;
}

struct model_certificate *world_add_entry(
	struct world *world, enum who who, enum certificate_type type, unsigned number)
{
	struct model_certificate *entry = &world->entries[world->directory.count++];

	memset(entry, 0, sizeof(*entry));
	entry->certificate = &certificates[who];
	entry->common_name = certificates[who].common_name;
	entry->expiry = shown_expiry(who);
	entry->type = type;
	world_id(number, entry->id);
	return entry;
}

void world_blank(struct world *ret_world)
{
	struct world *world = ret_world;

	memset(world, 0, sizeof(*world));
	model_init(
		&world->directory, "d-0000000001", "corp.example.com", DIRECTORY_TYPE_MICROSOFT_AD);
	attach(world);
	world->now = WORLD_NOW;
}

void world_begin(struct world *ret_world)
{
	struct world *world = ret_world;

	world_blank(world);
	for (int who = A1; who < CERTIFICATES; who++)
		world->left[who] = setting->mortal >> who & 1 ? DAYS(setting->days[who])
							      : WORLD_LONG + who * DAYS(1);
	world_set_dates(world);
	world->file = setting->file;
	for (size_t i = 0; i < setting->beginning_count; i++)
		world_add_entry(world, setting->beginning[i].who, setting->beginning[i].type,
			(unsigned)i + 1)
			->state = setting->beginning[i].state;
	world->directory.next_id = setting->beginning_count + 1;
	if (setting->enabled) {
		world->directory.ldaps = world->directory.ldaps_next = LDAPS_STATUS_ENABLED;
		world->directory.ldaps_explicit = true;
	}
}

/* ---- time ---- */

bool world_mortal(enum who who)
{
	return setting->mortal >> who & 1;
}

bool world_rotates(void)
{
	return !(setting->left_out & (1 << A1 | 1 << A2));
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
bool world_waits(const struct world *world)
{
	const struct memory *memory = &world->memory;
	bool run = memory->disable_since != 0 || memory->disabled_since != 0 ||
		   world->past.disable_wished != 0;

	for (size_t i = 0; i < memory->certificates_count; i++)
		run |= memory->certificates[i].removable_since != 0;
	for (int who = A1; who < CERTIFICATES; who++)
		run |= world->past.dropped[who] != 0;
	return run || (world_rotates() && world->past.superseded != 0);
}

int64_t world_next(const struct world *world)
{
	const struct memory *memory = &world->memory;
	int64_t next = 0;

	for (int who = A1; who < CERTIFICATES; who++)
		for (size_t i = 0; world_mortal((enum who)who) && i < ARRAY_LENGTH(boundaries); i++)
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
		if (memory->certificates[i].leaving == LEAVING_SUPERSEDED)
			wait_next(
				world, &next, memory->certificates[i].removable_since, WORLD_AFTER);
		if (world_rotates() && memory->certificates[i].certificate == &certificates[A2])
			wait_next(
				world, &next, memory->certificates[i].registered_at, WORLD_OVERLAP);
		attempt_next(world, &next, &memory->certificates[i].deregister);
	}
	for (size_t i = 0; i < memory->wishes_count; i++) {
		attempt_next(world, &next, &memory->wishes[i].registration);
		contest_next(world, &next, &memory->wishes[i].contest);
	}
	if (world_waits(world)) {
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

int64_t world_clamp_left(enum who who, int64_t left)
{
	size_t i = 0;

	if (!world_mortal(who))
		return WORLD_LONG + who * DAYS(1);
	while (i < ARRAY_LENGTH(boundaries) && left <= boundaries[i])
		i++;
	if (i == ARRAY_LENGTH(boundaries))
		return boundaries[i - 1] - 1;
	return left - boundaries[i] > FAR ? boundaries[i] + FAR : left;
}

/* ---- what the daemon is given ---- */

static void wish_authority(const struct world *world, struct wish *wish, int index)
{
	struct authority *authority = &wish->authorities[index];

	authority->name = authority_names[index];
	authority->certificates = wish->lists[index];
	authority->rotation = (struct rotation){.overlap = WORLD_OVERLAP,
		.register_at_threshold = setting->at_threshold,
		.rotate_before = WORLD_ROTATE_BEFORE,
		.retire = (enum retire)world->file.retire,
		.retire_after = WORLD_AFTER};
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

/* Another place went first with everything, and is not Ready. */
static const struct rollouts *rollouts_elsewhere(void)
{
	static struct rollout firsts[AUTHORITIES + 1];
	static const struct rollouts rollouts = {
		.rollouts = firsts, .count = sizeof(firsts) / sizeof(firsts[0])};

	for (int i = 0; i <= AUTHORITIES; i++) {
		firsts[i] = (struct rollout){.directory = "d-0000000002",
			.region = "eu-west-1",
			.first = "d-0000000002 in eu-west-1",
			.used = INT64_MAX}; /* never forgotten */
		snprintf(firsts[i].scope, sizeof(firsts[i].scope), "%s",
			i < AUTHORITIES ? world_authority(i) : "corp.example.com");
		if (i < AUTHORITIES) /* one of the same authority is enough */
			firsts[i].certificate = certificates[0].sha256;
	}
	return &rollouts;
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
		.rollouts = world->out_of_turn ? rollouts_elsewhere() : NULL,
		.place = {wish->directory.account->name, "eu-west-1", wish->directory.id}};
}
