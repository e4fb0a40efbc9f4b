/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Scenes in which something is told: what changes a converged scene so that decide tells a reason.
 * The table here has those of looking, waiting and registering; test-reasons has the others and
 * builds on the ones below.
 */

#include "core/reason.h"
#include "tests/unit/scene.h"

struct plight {
	enum reason reason;
	void (*set)(struct scene *scene);
};

/* The table, and how many there are. */
const struct plight *plights(size_t *ret_count);

/* The look failed: nobody answered. */
void plight_unreachable(struct scene *scene);
/* LDAPS is off. */
void plight_disabled(struct scene *scene);
/* A second certificate is trusted and not registered. */
void plight_second_missing(struct scene *scene);
/* The file wants LDAPS off. */
void plight_ldaps_unwanted(struct scene *scene);
/* A second one is registered by us and no longer trusted, for so long that it may go; its record.
 */
struct memory_certificate *plight_drop_other(struct scene *scene);
/* The same, as a case. */
void plight_dropped(struct scene *scene);
/* One with 60 days left is trusted. */
void plight_short_wanted(struct scene *scene);
/* A trusted one looks like an entry that is not ours. */
void plight_foreign_match(struct scene *scene);
/* A second one failed to register and is tried again in an hour. */
void plight_backing_off(struct scene *scene);
