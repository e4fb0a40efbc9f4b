/* SPDX-License-Identifier: Apache-2.0 */
#include "program/finding.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/selection-see.h"
#include "core/selection.h"

struct interest {
	enum directory_type type; /* UNKNOWN: either kind */
	char *name;		  /* owned pattern; NULL: any */
};

struct finding_filter {
	struct interest *interests; /* owned */
	size_t count;
	/* in a row, of all workers together, for what concerns all directories alike */
	atomic_uint failures;
};

void finding_filter_free(struct finding_filter *filter)
{
	if (!filter)
		return;
	for (size_t i = 0; i < filter->count; i++)
		free(filter->interests[i].name);
	free(filter->interests);
	free(filter);
}

static int filter_add(struct finding_filter *filter, const struct selector *selector)
{
	struct interest *interest = &filter->interests[filter->count];

	interest->type = selector->type;
	interest->name = selector->name ? strdup(selector->name) : NULL;
	if (selector->name && !interest->name)
		return -ERROR_MEMORY;
	filter->count++;
	return 0;
}

int finding_filter_make(const struct fleet *fleet, const char *account, const char *region,
	struct finding_filter **ret_filter)
{
	struct finding_filter *filter = calloc(1, sizeof(*filter));
	int r = 0;

	if (filter)
		filter->interests =
			calloc(fleet->selectors_count + 1, sizeof(filter->interests[0]));
	if (!filter || !filter->interests)
		r = -ERROR_MEMORY;
	for (size_t i = 0; r == 0 && i < fleet->selectors_count; i++)
		if (fleet->selectors[i].tags_count > 0 &&
			selector_looks_in(&fleet->selectors[i], account, region))
			r = filter_add(filter, &fleet->selectors[i]);
	if (r < 0 || filter->count == 0) {
		finding_filter_free(filter);
		filter = NULL;
	}
	if (r == 0)
		*ret_filter = filter;
	return r;
}

/* Whether a selector with tags may have this one. */
static bool wanted(const struct finding_filter *filter, const struct service_directory *directory)
{
	if (directory->type != DIRECTORY_TYPE_MICROSOFT_AD &&
		directory->type != DIRECTORY_TYPE_AD_CONNECTOR)
		return false;
	for (size_t i = 0; i < filter->count; i++) {
		const struct interest *interest = &filter->interests[i];

		if ((interest->type == DIRECTORY_TYPE_UNKNOWN ||
			    interest->type == directory->type) &&
			(!interest->name || selector_name_matches(interest->name, directory->name)))
			return true;
	}
	return false;
}

/* Whether the service has answered for this directory, so that the next may be answered well. */
static bool answered(const struct service_reply *reply)
{
	return reply->refusal == REFUSAL_DirectoryUnavailableException ||
	       (reply->refusal != REFUSAL_NONE &&
		       (reply->class == REFUSAL_PERMANENT || reply->class == REFUSAL_STALE_VIEW));
}

/* The tags of one directory. An error is one that ends the sweep. */
static int read_tags(struct service *service, struct finding_filter *filter,
	struct service_directory *directory, struct service_reply *ret_reply,
	struct error *ret_unread, struct error *error)
{
	struct error reason = {0};
	int r = -ERROR_REFUSED;

	if (atomic_load(&filter->failures) < FINDING_FAILURES_MAX) {
		r = service_list_tags(service, directory->id, &directory->tags, ret_reply, &reason);
		if (r < 0 && !answered(ret_reply))
			atomic_fetch_add(&filter->failures, 1);
		else
			atomic_store(&filter->failures, 0);
	}
	if (r == -ERROR_STOPPED || r == -ERROR_MEMORY) {
		*error = reason;
		return r;
	}
	directory->unread = r < 0;
	if (reason.code != 0)
		*ret_unread = reason;
	return 0;
}

int finding_page(struct service_sweep *sweep, size_t from, struct service_sweep *ret_page)
{
	struct service_sweep page = *sweep;
	size_t left = sweep->count - from;

	page.count = page.capacity = left < FINDING_PAGE ? left : FINDING_PAGE;
	page.directories = calloc(page.count, sizeof(page.directories[0]));
	if (!page.directories)
		return -ERROR_MEMORY;
	for (size_t i = 0; i < page.count; i++) {
		page.directories[i] = sweep->directories[from + i];
		sweep->directories[from + i].name = sweep->directories[from + i].tags = NULL;
	}
	*ret_page = page;
	return 0;
}

bool finding_wants(const struct finding_filter *filter, const struct service_sweep *page)
{
	for (size_t i = 0; i < page->count; i++)
		if (wanted(filter, &page->directories[i]))
			return true;
	return false;
}

int finding_tags(struct service *service, struct finding_filter *filter, struct service_sweep *page,
	struct service_reply *ret_reply, struct error *ret_unread, struct error *error)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < page->count; i++)
		if (wanted(filter, &page->directories[i]))
			r = read_tags(service, filter, &page->directories[i], ret_reply, ret_unread,
				error);
	return r;
}

int finding_learn(const struct fleet *fleet, struct knowledge *knowledge, unsigned home,
	const struct service_sweep *page, int64_t at)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < page->count; i++) {
		const struct service_directory *directory = &page->directories[i];
		struct sighting sighting = {.type = directory->type,
			.name = directory->name,
			.regions = (char *)(uintptr_t)directory->regions,
			.tags = directory->tags,
			.unread = directory->unread};

		memcpy(sighting.id, directory->id, sizeof(sighting.id));
		r = selection_see(fleet, knowledge, home, &sighting, at);
	}
	return r;
}
