/* SPDX-License-Identifier: Apache-2.0 */
#include "core/skeleton.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/calendar.h"

/* Characters that are taken from a common name: a number, and the rest of a file's name, follow. */
#define SLUG_MAX 48

static const char *const obstacles[] = {
	[SKELETON_NONE] = "",
	[SKELETON_SIMPLE] = "Simple AD has no client-side LDAPS",
	[SKELETON_SHARED] = "shared by another account, where it is looked after",
	[SKELETON_UNKNOWN] = "of a type that is not known",
	[SKELETON_UNREAD] = "",
	[SKELETON_TWICE] = "named above under another account",
};

const char *skeleton_obstacle_str(enum skeleton_obstacle obstacle)
{
	return obstacles[obstacle];
}

void skeleton_done(struct skeleton *skeleton)
{
	if (!skeleton)
		return;
	free(skeleton->entries);
	free(skeleton->generations);
	free(skeleton->authorities);
	free(skeleton->directories);
	*skeleton = (struct skeleton){0};
}

/* ---- entries ---- */

bool skeleton_keeps(const struct listed *listed)
{
	return listed->type == CERTIFICATE_TYPE_CLIENT_LDAPS && listed->expiry != 0 &&
	       (listed->state == CERTIFICATE_STATE_REGISTERED ||
		       listed->state == CERTIFICATE_STATE_REGISTERING);
}

static size_t kept_count(const struct skeleton_sight *sight)
{
	size_t count = 0;

	for (size_t i = 0; i < sight->observed.listed_count; i++)
		count += sight->observed.complete && skeleton_keeps(&sight->observed.listed[i]);
	return count;
}

static int entry_compare(const void *a, const void *b)
{
	const struct skeleton_entry *one = a, *other = b;
	int order = strcmp(one->listed->common_name, other->listed->common_name);

	if (order == 0)
		order = (one->listed->expiry > other->listed->expiry) -
			(one->listed->expiry < other->listed->expiry);
	if (order == 0)
		order = (one->sight > other->sight) - (one->sight < other->sight);
	return order != 0 ? order : strcmp(one->listed->id, other->listed->id);
}

static int entries_make(
	const struct skeleton_sight *sights, size_t count, struct skeleton *skeleton)
{
	size_t all = 0, used = 0;

	for (size_t i = 0; i < count; i++)
		all += kept_count(&sights[i]);
	skeleton->entries = calloc(all + 1, sizeof(skeleton->entries[0]));
	skeleton->generations = calloc(all + 1, sizeof(skeleton->generations[0]));
	skeleton->authorities = calloc(all + 1, sizeof(skeleton->authorities[0]));
	if (!skeleton->entries || !skeleton->generations || !skeleton->authorities)
		return -ERROR_MEMORY;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0;
			kept_count(&sights[i]) > 0 && j < sights[i].observed.listed_count; j++)
			if (skeleton_keeps(&sights[i].observed.listed[j]))
				skeleton->entries[used++] =
					(struct skeleton_entry){.sight = &sights[i],
						.listed = &sights[i].observed.listed[j]};
	skeleton->entries_count = used;
	qsort(skeleton->entries, used, sizeof(skeleton->entries[0]), entry_compare);
	return 0;
}

/* ---- names ---- */

/* Words to which a file gives another meaning. */
static bool is_reserved(const char *name)
{
	static const char *const words[] = {
		"none", "null", "true", "false", "yes", "no", "on", "off", "y", "n"};

	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		if (strcmp(words[i], name) == 0)
			return true;
	return false;
}

/* "corp-root-ca" of "Corp Root CA": letters and digits in lower case, joined by hyphens. */
static void slug(const char *common_name, char ret_name[static SKELETON_NAME_SIZE])
{
	size_t used = 0;

	for (; *common_name != '\0' && used < SLUG_MAX; common_name++) {
		char c = *common_name;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c >= '0' && c <= '9' && used == 0) {
			memcpy(ret_name, "ca-", strlen("ca-")); /* no number: a name */
			used = strlen("ca-");
		}
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			ret_name[used++] = c;
		else if (used > 0 && ret_name[used - 1] != '-')
			ret_name[used++] = '-';
	}
	while (used > 0 && ret_name[used - 1] == '-')
		used--;
	ret_name[used] = '\0';
	if (used == 0)
		memcpy(ret_name, "ca", sizeof("ca"));
	else if (is_reserved(ret_name))
		memcpy(ret_name + used, "-ca", sizeof("-ca"));
}

static bool name_taken(const struct skeleton *skeleton, size_t before, const char *name)
{
	for (size_t i = 0; i < before; i++)
		if (strcmp(skeleton->authorities[i].name, name) == 0)
			return true;
	return false;
}

static void authority_name(struct skeleton *skeleton, size_t index)
{
	struct skeleton_authority *authority = &skeleton->authorities[index];
	char name[SKELETON_NAME_SIZE];

	slug(authority->common_name, name);
	memcpy(authority->name, name, sizeof(name));
	for (unsigned number = 2; name_taken(skeleton, index, authority->name); number++)
		snprintf(authority->name, sizeof(authority->name), "%.*s-%u", SLUG_MAX, name,
			number);
}

static bool file_taken(const struct skeleton *skeleton, size_t before, const char *file)
{
	for (size_t i = 0; i < before; i++)
		if (strcmp(skeleton->generations[i].file, file) == 0)
			return true;
	return false;
}

static void generation_file(struct skeleton *skeleton, size_t index)
{
	struct skeleton_generation *generation = &skeleton->generations[index];
	const char *name = skeleton->authorities[generation->authority].name;
	char date[INSTANT_SIZE];

	instant_format_date(generation->expiry, date);
	snprintf(generation->file, sizeof(generation->file), "ca/%s-%.10s.pem", name, date);
	for (unsigned number = 2; file_taken(skeleton, index, generation->file); number++)
		snprintf(generation->file, sizeof(generation->file), "ca/%s-%.10s-%u.pem", name,
			date, number);
}

/* ---- groups ---- */

/* Whether the entry is of the certificate of the one before it in their order. */
static bool same_certificate(
	const struct skeleton_generation *generation, const struct skeleton_entry *entry)
{
	return entry->listed->expiry - generation->expiry <= CERTIFICATE_EXPIRY_SLACK;
}

static int groups_make(struct skeleton *skeleton)
{
	struct skeleton_authority *authority = NULL;
	struct skeleton_generation *generation = NULL;

	for (size_t i = 0; i < skeleton->entries_count; i++) {
		struct skeleton_entry *entry = &skeleton->entries[i];

		if (!authority || strcmp(authority->common_name, entry->listed->common_name) != 0) {
			authority = &skeleton->authorities[skeleton->authorities_count++];
			*authority = (struct skeleton_authority){
				.common_name = entry->listed->common_name,
				.first = skeleton->generations_count};
			generation = NULL;
		}
		if (!generation || !same_certificate(generation, entry)) {
			generation = &skeleton->generations[skeleton->generations_count++];
			*generation = (struct skeleton_generation){
				.authority = skeleton->authorities_count - 1,
				.expiry = entry->listed->expiry,
				.first = i};
			authority->count++;
		}
		generation->count++;
		entry->generation = skeleton->generations_count - 1;
		if (authority->count > AUTHORITY_CERTIFICATES_MAX ||
			skeleton->authorities_count > FLEET_AUTHORITIES_MAX)
			return -ERROR_LIMIT;
	}
	for (size_t i = 0; i < skeleton->authorities_count; i++)
		authority_name(skeleton, i);
	for (size_t i = 0; i < skeleton->generations_count; i++)
		generation_file(skeleton, i);
	return 0;
}

/* ---- directories ---- */

static enum skeleton_obstacle obstacle_of(const struct skeleton_sight *sights, size_t count)
{
	switch (sights->observed.type) {
	case DIRECTORY_TYPE_SIMPLE_AD:
		return SKELETON_SIMPLE;
	case DIRECTORY_TYPE_SHARED_MICROSOFT_AD:
		return SKELETON_SHARED;
	case DIRECTORY_TYPE_UNKNOWN:
		/* of one that could not be read the type is not known either */
		if (sights->observed.complete || sights->observed.reason[0] == '\0')
			return SKELETON_UNKNOWN;
		break;
	default:
		break;
	}
	for (size_t i = 0; i < count; i++)
		if (sights[i].observed.complete)
			return SKELETON_NONE;
	return SKELETON_UNREAD;
}

static enum client_ldaps ldaps_of(const struct observed *observed)
{
	if (!observed->ldaps_explicit)
		return CLIENT_LDAPS_UNMANAGED;
	if (observed->ldaps == LDAPS_STATUS_ENABLED || observed->ldaps == LDAPS_STATUS_ENABLING)
		return CLIENT_LDAPS_ENABLED;
	return observed->ldaps == LDAPS_STATUS_DISABLED ? CLIENT_LDAPS_DISABLED
							: CLIENT_LDAPS_UNMANAGED;
}

/* LDAPS as it is everywhere, and the slots of the fullest Region. */
static void directory_judge(struct skeleton_directory *directory)
{
	bool first = true;
	size_t slots = 0;

	directory->obstacle = obstacle_of(directory->sights, directory->count);
	for (size_t i = 0; i < directory->count; i++) {
		const struct observed *observed = &directory->sights[i].observed;

		if (!observed->complete)
			continue;
		if (first)
			directory->client_ldaps = ldaps_of(observed);
		else if (directory->client_ldaps != ldaps_of(observed))
			directory->ldaps_differs = true;
		first = false;
		if (observed_slots(observed) > slots)
			slots = observed_slots(observed);
	}
	if (directory->ldaps_differs)
		directory->client_ldaps = CLIENT_LDAPS_UNMANAGED;
	if (slots > SERVICE_LDAPS_LIMIT)
		directory->certificate_limit =
			slots < SERVICE_AUTH_LIMIT ? (unsigned)slots : SERVICE_AUTH_LIMIT;
}

/* How many of these sights are of one directory, from the first on. */
static size_t sights_of_one(const struct skeleton_sight *sights, size_t count)
{
	size_t same = 1;

	while (same < count && strcmp(sights[same].id, sights->id) == 0 &&
		strcmp(sights[same].account, sights->account) == 0)
		same++;
	return same;
}

static bool named_before(
	const struct skeleton *skeleton, const struct skeleton_directory *directory)
{
	for (size_t i = 0; &skeleton->directories[i] < directory; i++)
		if (strcmp(skeleton->directories[i].sights->id, directory->sights->id) == 0)
			return true;
	return false;
}

static int directories_make(
	const struct skeleton_sight *sights, size_t count, struct skeleton *skeleton)
{
	skeleton->directories = calloc(count + 1, sizeof(skeleton->directories[0]));
	if (!skeleton->directories)
		return -ERROR_MEMORY;
	while (count > 0) {
		struct skeleton_directory *directory =
			&skeleton->directories[skeleton->directories_count++];

		directory->sights = sights;
		directory->count = sights_of_one(sights, count);
		directory_judge(directory);
		if (named_before(skeleton, directory))
			directory->obstacle = SKELETON_TWICE;
		sights += directory->count;
		count -= directory->count;
	}
	return 0;
}

static struct skeleton_directory *directory_of(
	const struct skeleton *skeleton, const struct skeleton_sight *sight)
{
	size_t low = 0, high = skeleton->directories_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (sight < skeleton->directories[middle].sights)
			high = middle;
		else
			low = middle;
	}
	return &skeleton->directories[low];
}

/* Entries come by authority, so that each trust list grows in order. */
static void trust_make(struct skeleton *skeleton)
{
	for (size_t i = 0; i < skeleton->entries_count; i++) {
		const struct skeleton_entry *entry = &skeleton->entries[i];
		struct skeleton_directory *directory = directory_of(skeleton, entry->sight);
		size_t authority = skeleton->generations[entry->generation].authority;

		if (directory->trust_count > 0 &&
			directory->trust[directory->trust_count - 1] == authority)
			continue;
		if (directory->trust_count == DIRECTORY_TRUST_MAX)
			directory->trust_cut = true;
		else
			directory->trust[directory->trust_count++] = authority;
	}
	for (size_t i = 0; i < skeleton->directories_count; i++) {
		struct skeleton_directory *directory = &skeleton->directories[i];

		/* where Regions differ, all that is trusted may be more than any of them has */
		if (directory->trust_count > SERVICE_LDAPS_LIMIT &&
			directory->certificate_limit < directory->trust_count)
			directory->certificate_limit = (unsigned)directory->trust_count;
	}
}

bool skeleton_has(
	const struct skeleton *skeleton, size_t generation, const struct skeleton_sight *sight)
{
	const struct skeleton_generation *known = &skeleton->generations[generation];
	size_t low = known->first, high = known->first + known->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (skeleton->entries[middle].sight == sight)
			return true;
		if (skeleton->entries[middle].sight < sight)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

int skeleton_make(const struct skeleton_sight *sights, size_t count, struct skeleton *ret_skeleton)
{
	struct skeleton skeleton = {0};
	int r = entries_make(sights, count, &skeleton);

	if (r == 0)
		r = groups_make(&skeleton);
	if (r == 0)
		r = directories_make(sights, count, &skeleton);
	if (r < 0) {
		skeleton_done(&skeleton);
		return r;
	}
	trust_make(&skeleton);
	*ret_skeleton = skeleton;
	return 0;
}
