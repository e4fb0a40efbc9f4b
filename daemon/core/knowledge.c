/* SPDX-License-Identifier: Apache-2.0 */
#include "core/knowledge.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"

static void known_done(struct known *known)
{
	free(known->seen.name);
	free(known->seen.regions);
	free(known->seen.tags);
	free(known->picked);
}

void knowledge_done(struct knowledge *knowledge)
{
	for (size_t i = 0; i < knowledge->count; i++)
		known_done(&knowledge->knowns[i]);
	for (size_t i = 0; i < knowledge->homes_count; i++) {
		free(knowledge->homes[i].account);
		free(knowledge->homes[i].region);
		free(knowledge->homes[i].failure);
	}
	free(knowledge->knowns);
	free(knowledge->homes);
	*knowledge = (struct knowledge){0};
}

int knowledge_home(
	struct knowledge *knowledge, const char *account, const char *region, unsigned *ret_home)
{
	struct home home = {.sweep = 1};
	size_t i = 0;
	int r;

	while (i < knowledge->homes_count &&
		(strcmp(knowledge->homes[i].account, account) != 0 ||
			strcmp(knowledge->homes[i].region, region) != 0))
		i++;
	*ret_home = (unsigned)i;
	if (i < knowledge->homes_count)
		return 0;
	r = array_reserve(&knowledge->homes, &knowledge->homes_capacity, knowledge->homes_count,
		sizeof(home), KNOWLEDGE_HOMES_MAX);
	if (r < 0)
		return r;
	home.account = strdup(account);
	home.region = strdup(region);
	if (!home.account || !home.region) {
		free(home.account);
		free(home.region);
		return -ERROR_MEMORY;
	}
	knowledge->homes[knowledge->homes_count++] = home;
	return 0;
}

/* The first that does not come before this id and home. */
static size_t place_of(const struct knowledge *knowledge, const char *id, unsigned home)
{
	size_t low = 0, high = knowledge->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct known *known = &knowledge->knowns[middle];
		int order = strcmp(known->seen.id, id);

		if (order < 0 || (order == 0 && known->home < home))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t knowledge_from(const struct knowledge *knowledge, const char *id)
{
	size_t at = place_of(knowledge, id, 0);

	return at < knowledge->count && strcmp(knowledge->knowns[at].seen.id, id) == 0
		       ? at
		       : knowledge->count;
}

const struct known *knowledge_at(const struct knowledge *knowledge, const char *id, unsigned home)
{
	size_t at = place_of(knowledge, id, home);

	if (at == knowledge->count || knowledge->knowns[at].home != home ||
		strcmp(knowledge->knowns[at].seen.id, id) != 0)
		return NULL;
	return &knowledge->knowns[at];
}

/* The one of this id and home, made with nothing in it if there was none; NULL without room. */
static struct known *known_at(
	struct knowledge *knowledge, const char *id, unsigned home, int *ret_r)
{
	size_t at = place_of(knowledge, id, home);
	struct known *known;

	*ret_r = 0;
	if (at < knowledge->count && knowledge->knowns[at].home == home &&
		strcmp(knowledge->knowns[at].seen.id, id) == 0)
		return &knowledge->knowns[at];
	*ret_r = array_reserve(&knowledge->knowns, &knowledge->capacity, knowledge->count,
		sizeof(*known), KNOWLEDGE_MAX);
	if (*ret_r < 0)
		return NULL;
	known = &knowledge->knowns[at];
	memmove(known + 1, known, (knowledge->count - at) * sizeof(*known));
	*known = (struct known){.home = home};
	memcpy(known->seen.id, id, strnlen(id, sizeof(known->seen.id) - 1));
	knowledge->count++;
	return known;
}

/* All at once: they may be thousands. */
static void forget_missed(struct knowledge *knowledge)
{
	size_t kept = 0;

	for (size_t i = 0; i < knowledge->count; i++) {
		struct known *known = &knowledge->knowns[i];

		if (known->missed < KNOWLEDGE_MISSES) {
			knowledge->knowns[kept++] = *known;
			continue;
		}
		knowledge->news = knowledge->news || known->picked;
		known_done(known);
	}
	knowledge->count = kept;
}

/* One that was made, but got no texts. */
static void unmake(struct knowledge *knowledge, size_t at)
{
	struct known *known = &knowledge->knowns[at];

	memmove(known, known + 1, (--knowledge->count - at) * sizeof(*known));
}

bool regions_text_has(const char *regions, const char *region)
{
	size_t length = strlen(region);

	for (const char *at = regions; at && *at; at += strspn(at, " ")) {
		size_t word = strcspn(at, " ");

		if (word == length && strncmp(at, region, length) == 0)
			return true;
		at += word;
	}
	return false;
}

/* A mark of what is in a list of items of so many words, in whatever order they are. */
static uint64_t set_mark(const char *list, const char *separator, int words)
{
	uint64_t mark = 0;

	while (*list) {
		const char *end = list + strcspn(list, separator);

		for (int i = 1; i < words && *end; i++)
			end += 1 + strcspn(end + 1, separator);
		mark += hash_bytes(HASH_START, list, (size_t)(end - list));
		list = *end ? end + 1 : end;
	}
	return mark;
}

/* Neither the tags nor the Regions of a directory have an order: the next reply may give them in
 * another. NULL is another than any. */
static bool same_set(const char *a, const char *b, const char *separator, int words)
{
	return a && b ? strlen(a) == strlen(b) &&
				set_mark(a, separator, words) == set_mark(b, separator, words)
		      : a == b;
}

static bool same_tags(const char *a, const char *b)
{
	return same_set(a, b, "\n", 2);
}

static bool same_regions(const char *a, const char *b)
{
	return same_set(a, b, " ", 1);
}

/* What the sweep says, or what was known where it says nothing; its home is always among them. */
static char *regions_of(const char *told, const char *before, const char *home)
{
	const char *regions = told && *told ? told : before ? before : "";
	bool there = regions_text_has(regions, home);
	size_t length = strlen(regions), more = there ? 0 : strlen(home) + 1;
	char *text = malloc(length + more + 1);

	if (!text)
		return NULL;
	memcpy(text, regions, length + 1);
	if (!there) {
		if (length > 0)
			text[length++] = ' ';
		memcpy(text + length, home, strlen(home) + 1);
	}
	if (before && same_regions(text, before)) /* in the order of before */
		memcpy(text, before, strlen(before) + 1);
	return text;
}

/* The texts as they will be; false without memory. */
static bool texts_of(const struct knowledge *knowledge, const struct known *known,
	const struct sighting *told, struct sighting *ret_seen)
{
	const char *tags = told->unread && known ? known->seen.tags : told->tags;
	const char *name = told->name && *told->name   ? told->name
			   : known && known->seen.name ? known->seen.name
						       : "";

	*ret_seen = (struct sighting){.type = told->type == DIRECTORY_TYPE_UNKNOWN && known
						      ? known->seen.type
						      : told->type,
		.unread = told->unread,
		.name = strdup(name),
		.regions = regions_of(told->regions, known ? known->seen.regions : NULL,
			knowledge->homes[known->home].region),
		.tags = tags ? strdup(tags) : NULL};
	memcpy(ret_seen->id, told->id, sizeof(ret_seen->id));
	if (ret_seen->name && ret_seen->regions && (!tags || ret_seen->tags))
		return true;
	free(ret_seen->name);
	free(ret_seen->regions);
	free(ret_seen->tags);
	return false;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static int put(struct knowledge *knowledge, unsigned home, const struct sighting *told,
	struct known **ret_known)
{
	struct sighting seen;
	int r;
	struct known *known = known_at(knowledge, told->id, home, &r);

	if (!known)
		return r;
	if (!texts_of(knowledge, known, told, &seen)) {
		if (!known->seen.name)
			unmake(knowledge, (size_t)(known - knowledge->knowns));
		return -ERROR_MEMORY;
	}
	if (known->picked && (!same_text(known->seen.name, seen.name) ||
				     !same_text(known->seen.regions, seen.regions) ||
				     !same_tags(known->seen.tags, seen.tags)))
		knowledge->news = true;
	free(known->seen.name);
	free(known->seen.regions);
	free(known->seen.tags);
	known->seen = seen;
	*ret_known = known;
	return 0;
}

int knowledge_see(
	struct knowledge *knowledge, unsigned home, const struct sighting *sighting, int64_t at)
{
	struct known *known;
	int r = put(knowledge, home, sighting, &known);

	if (r < 0)
		return r;
	known->sweep = knowledge->homes[home].sweep;
	if (!sighting->unread)
		known->confirmed = at;
	return 0;
}

int knowledge_miss(struct knowledge *knowledge, unsigned home, const struct sighting *sighting)
{
	const struct known *before = knowledge_at(knowledge, sighting->id, home);
	struct sighting kept = *sighting;
	struct known *known;
	int r;

	kept.tags = before ? before->seen.tags : NULL;
	r = put(knowledge, home, &kept, &known);
	if (r == 0)
		known->confirmed = 0;
	return r;
}

/* Failures are news when they begin and end, not when they come in other words. */
static void note_failure(struct home *home, const char *failure)
{
	home->news = home->news || (failure != NULL) != (home->failure != NULL);
	free(home->failure);
	home->failure = failure ? strdup(failure) : NULL;
}

void knowledge_swept(struct knowledge *knowledge, unsigned home, bool complete, const char *failure)
{
	unsigned sweep = knowledge->homes[home].sweep++;
	size_t forgotten = 0;

	knowledge->homes[home].swept = complete;
	note_failure(&knowledge->homes[home], failure);
	for (size_t i = 0; complete && i < knowledge->count; i++) {
		struct known *known = &knowledge->knowns[i];
		uint8_t missed = known->sweep == sweep ? 0 : (uint8_t)(known->missed + 1);

		if (known->home != home)
			continue;
		knowledge->news = knowledge->news || (known->picked && missed != known->missed);
		known->missed = missed;
		known->confirmed = missed > 0 ? 0 : known->confirmed;
		forgotten += known->missed >= KNOWLEDGE_MISSES;
	}
	if (forgotten > 0)
		forget_missed(knowledge);
}

int knowledge_recall(struct knowledge *knowledge, const char *account, const char *region,
	const struct sighting *sighting, const char *picked, int64_t since, int64_t missed)
{
	char *copy = strdup(picked);
	struct known *known;
	unsigned home;
	int r = copy ? knowledge_home(knowledge, account, region, &home) : -ERROR_MEMORY;

	r = r < 0 ? r : put(knowledge, home, sighting, &known);
	if (r < 0) {
		free(copy);
		return r;
	}
	free(known->picked);
	known->picked = copy;
	known->since = since;
	known->missed = missed <= 0		    ? 0
			: missed < KNOWLEDGE_MISSES ? (uint8_t)missed
						    : KNOWLEDGE_MISSES - 1;
	return 0;
}

int knowledge_pick(struct knowledge *knowledge, struct known *known, const char *name, int64_t now)
{
	char *copy;

	if ((name != NULL) == (known->picked != NULL))
		return 0;
	copy = name ? strdup(name) : NULL;
	if (name && !copy)
		return -ERROR_MEMORY;
	free(known->picked);
	known->picked = copy;
	known->since = name ? now : 0;
	knowledge->news = true;
	return 0;
}

const char *sighting_tag(const struct sighting *sighting, const char *key, size_t *ret_length)
{
	size_t length = strlen(key);

	for (const char *line = sighting->tags; line && *line;) {
		const char *end = line + strcspn(line, "\n"), *value = *end ? end + 1 : end;
		size_t value_length = strcspn(value, "\n");

		if ((size_t)(end - line) == length && strncmp(line, key, length) == 0) {
			*ret_length = value_length;
			return value;
		}
		line = value + value_length;
		line += *line == '\n';
	}
	return NULL;
}
