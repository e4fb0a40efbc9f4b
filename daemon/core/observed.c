/* SPDX-License-Identifier: Apache-2.0 */
#include "core/observed.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

void observed_done(struct observed *observed)
{
	if (!observed)
		return;
	for (size_t i = 0; i < observed->listed_count; i++)
		free(observed->listed[i].state_reason);
	free(observed->listed);
	free(observed->regions);
	*observed = (struct observed){0};
}

int observed_take_regions(struct observed *observed, const char *text)
{
	char *regions;

	if (*text == '\0')
		return 0;
	regions = strdup(text);
	if (!regions)
		return -ERROR_MEMORY;
	free(observed->regions);
	observed->regions = regions;
	observed->regions_count = 1;
	for (; *regions; regions++)
		if (*regions == ' ') {
			*regions = '\0';
			observed->regions_count++;
		}
	return 0;
}

const char *observed_region(const struct observed *observed, size_t i)
{
	const char *region = observed->regions;

	for (; i > 0; i--)
		region += strlen(region) + 1;
	return region;
}

int observed_copy_regions(const struct observed *from, struct observed *observed)
{
	const char *last =
		from->regions_count > 0 ? observed_region(from, from->regions_count - 1) : NULL;
	size_t size = last ? (size_t)(last - from->regions) + strlen(last) + 1 : 0;

	if (size == 0)
		return 0;
	observed->regions = malloc(size);
	if (!observed->regions)
		return -ERROR_MEMORY;
	memcpy(observed->regions, from->regions, size);
	observed->regions_count = from->regions_count;
	return 0;
}

static int listed_compare(const void *a, const void *b)
{
	const struct listed *one = a, *other = b;

	return strcmp(one->id, other->id);
}

void observed_sort(struct observed *observed)
{
	if (observed->listed_count > 1)
		qsort(observed->listed, observed->listed_count, sizeof(observed->listed[0]),
			listed_compare);
}

const struct listed *observed_find(const struct observed *observed, const char *id)
{
	for (size_t i = 0; i < observed->listed_count; i++)
		if (strcmp(observed->listed[i].id, id) == 0)
			return &observed->listed[i];
	return NULL;
}

bool observed_equal(const struct observed *a, const struct observed *b)
{
	if (a->complete != b->complete || a->type != b->type || a->stage != b->stage ||
		a->listed_count != b->listed_count || a->ldaps_explicit != b->ldaps_explicit ||
		a->ldaps != b->ldaps || a->refusal != b->refusal || strcmp(a->name, b->name) != 0)
		return false;
	for (size_t i = 0; i < a->listed_count; i++) {
		const struct listed *one = &a->listed[i], *other = &b->listed[i];

		if (strcmp(one->id, other->id) != 0 || one->type != other->type ||
			one->state != other->state || one->expiry != other->expiry ||
			strcmp(one->common_name, other->common_name) != 0)
			return false;
	}
	return true;
}

uint64_t observed_mark(const struct observed *observed)
{
	uint64_t hash = HASH_START;
	int facts[] = {observed->complete, (int)observed->type, (int)observed->stage,
		observed->ldaps_explicit, (int)observed->ldaps, (int)observed->refusal};

	hash = hash_bytes(hash, facts, sizeof(facts));
	hash = hash_bytes(hash, observed->name, strlen(observed->name) + 1);
	for (size_t i = 0; i < observed->listed_count; i++) {
		const struct listed *listed = &observed->listed[i];
		int words[] = {(int)listed->type, (int)listed->state};

		hash = hash_bytes(hash, listed->id, strlen(listed->id) + 1);
		hash = hash_bytes(hash, words, sizeof(words));
		hash = hash_bytes(hash, &listed->expiry, sizeof(listed->expiry));
		hash = hash_bytes(hash, listed->common_name, strlen(listed->common_name) + 1);
	}
	return hash ? hash : 1;
}

size_t observed_slots(const struct observed *observed)
{
	size_t slots = 0;

	for (size_t i = 0; i < observed->listed_count; i++) {
		const struct listed *listed = &observed->listed[i];

		if (listed->type != CERTIFICATE_TYPE_CLIENT_LDAPS)
			continue;
		slots += listed->state == CERTIFICATE_STATE_REGISTERED ||
			 listed->state == CERTIFICATE_STATE_REGISTERING ||
			 listed->state == CERTIFICATE_STATE_DEREGISTERING ||
			 listed->state == CERTIFICATE_STATE_DEREGISTER_FAILED;
	}
	return slots;
}
