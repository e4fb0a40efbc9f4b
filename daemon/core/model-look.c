/* SPDX-License-Identifier: Apache-2.0 */
/* The model as a look at a directory shows it, and the model of what a look has shown. */
#include "core/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An instant after a delay, never past MODEL_NEVER. */
static int64_t due_at(int64_t now, int64_t delay)
{
	return delay > MODEL_NEVER - now ? MODEL_NEVER : now + delay;
}

static int observe_entries(const struct model_directory *directory, struct observed *observed)
{
	if (directory->count == 0)
		return 0;
	observed->listed = calloc(directory->count, sizeof(observed->listed[0]));
	if (!observed->listed)
		return -ERROR_MEMORY;
	for (size_t i = 0; i < directory->count; i++) {
		const struct model_certificate *entry = &directory->certificates[i];
		struct listed *listed = &observed->listed[observed->listed_count++];

		memcpy(listed->id, entry->id, sizeof(listed->id));
		listed->type = entry->type;
		listed->state = entry->state;
		listed->expiry = entry->expiry;
		snprintf(
			listed->common_name, sizeof(listed->common_name), "%s", entry->common_name);
		if (entry->due == 0 && entry->reason) {
			listed->state_reason = strdup(entry->reason);
			if (!listed->state_reason)
				return -ERROR_MEMORY;
		}
	}
	observed_sort(observed);
	return 0;
}

int model_observe(const struct model_directory *directory, const struct model_options *options,
	int64_t now, struct observed *ret_observed)
{
	struct observed observed = {
		.refusal = model_read(directory, options),
		.type = directory->type,
		.stage = directory->stage,
		.ldaps = directory->ldaps,
		.ldaps_explicit = directory->ldaps_explicit ||
				  options->points[MODEL_POINT_NEVER_ENABLED] != 0,
		.arrived = now,
	};
	int r;

	snprintf(
		observed.name, sizeof(observed.name), "%s", directory->name ? directory->name : "");
	if (directory->ldaps_reason && directory->ldaps_due == 0)
		snprintf(observed.ldaps_reason, sizeof(observed.ldaps_reason), "%s",
			directory->ldaps_reason);
	observed.complete = observed.refusal == REFUSAL_NONE;
	if (!observed.complete) {
		observed.ldaps_explicit = false;
		observed.ldaps = LDAPS_STATUS_DISABLED;
	} else if ((r = observe_entries(directory, &observed)) < 0) {
		observed_done(&observed);
		return r;
	}
	*ret_observed = observed;
	return 0;
}

static struct model_certificate entry_of(
	const struct listed *listed, const struct model_options *options, int64_t now)
{
	struct model_certificate entry = {
		.common_name = listed->common_name,
		.reason = listed->state_reason,
		.expiry = listed->expiry,
		.type = listed->type,
		.state = listed->state,
	};

	memcpy(entry.id, listed->id, sizeof(entry.id));
	if (listed->state == CERTIFICATE_STATE_REGISTERING)
		entry.due = due_at(now, options->register_delay);
	else if (listed->state == CERTIFICATE_STATE_DEREGISTERING)
		entry.due = due_at(now, options->deregister_delay);
	return entry;
}

int model_from_observed(const struct observed *observed, const char *id,
	const struct model_options *options, int64_t now, struct model_directory *ret_directory)
{
	struct model_directory directory;

	model_init(&directory, id, observed->name, observed->type);
	directory.stage = observed->stage;
	directory.ldaps_explicit = observed->ldaps_explicit;
	directory.ldaps = observed->ldaps_explicit ? observed->ldaps : LDAPS_STATUS_DISABLED;
	directory.ldaps_next = directory.ldaps;
	if (directory.ldaps == LDAPS_STATUS_ENABLING) {
		directory.ldaps_next = LDAPS_STATUS_ENABLED;
		directory.ldaps_due = due_at(now, options->enable_delay);
	}
	if (observed->listed_count > 0) {
		directory.certificates =
			calloc(observed->listed_count, sizeof(directory.certificates[0]));
		if (!directory.certificates)
			return -ERROR_MEMORY;
	}
	directory.capacity = directory.count = observed->listed_count;
	for (size_t i = 0; i < directory.count; i++)
		directory.certificates[i] = entry_of(&observed->listed[i], options, now);
	*ret_directory = directory;
	return 0;
}
