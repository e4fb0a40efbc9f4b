/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What one configuration changes against the one before it, for people: which directories,
 * authorities and accounts were added, removed or altered, and in what.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "core/fleet.h"

enum fleet_thing {
	FLEET_DIRECTORY,
	FLEET_AUTHORITY,
	FLEET_ACCOUNT,
	FLEET_THINGS, /* count */
};

enum fleet_change_kind {
	FLEET_ADDED,
	FLEET_REMOVED,
	FLEET_ALTERED,
	FLEET_CHANGES, /* count */
};

struct fleet_change {
	enum fleet_thing thing;
	enum fleet_change_kind kind;
	const char *name;   /* id of a directory, name of the rest; borrowed from the fleets */
	const void *before; /* struct directory, authority or account; NULL if added; borrowed */
	const void *after;  /* likewise; NULL if removed */
};

/* All-zero is: nothing has changed. */
struct fleet_diff {
	struct fleet_change *changes; /* owned; by thing, then by name */
	size_t count;
	size_t totals[FLEET_THINGS][FLEET_CHANGES];
	bool interval;	/* the interval between passes is another */
	bool parallel;	/* the width of the roll-outs is another */
	bool selectors; /* what selects directories is another, whatever it picks */
	bool metrics;	/* the metrics go to another file, or begin or cease to be written */
};

/*
 * Compares two fleets. A directory counts as altered when its own words differ or an authority that
 * it trusts does. The fleets must live as long as the result. 0 or -ERROR_MEMORY.
 */
int fleet_diff(const struct fleet *before, const struct fleet *after, struct fleet_diff *ret_diff);
/* Leaves all-zero; accepts all-zero. */
void fleet_diff_done(struct fleet_diff *diff);

/* Whether the two fleets ask for the same. */
bool fleet_diff_empty(const struct fleet_diff *diff);

/* "1 directory added, 2 altered; 1 authority altered; interval altered", or "nothing has changed".
 * The result of append. */
int fleet_diff_summary(const struct fleet_diff *diff, struct buffer *buffer);

/*
 * One change as a sentence, such as "directory d-926708e4f1 altered: policy observe instead of
 * sync, trust". The result of append.
 */
int fleet_change_text(const struct fleet_change *change, struct buffer *buffer);
