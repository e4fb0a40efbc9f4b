/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Plain facts of entries and of what a look showed, for the invariants of the small world and of
 * the large one alike; no function of the core is asked. */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/model.h"
#include "core/observed.h"

static inline bool ldaps_type(const struct model_certificate *entry)
{
	return entry->type == CERTIFICATE_TYPE_CLIENT_LDAPS;
}

static inline bool registered(const struct model_certificate *entry)
{
	return ldaps_type(entry) && entry->state == CERTIFICATE_STATE_REGISTERED;
}

static inline const struct listed *shown_entry(const struct observed *shown, const char *id)
{
	for (size_t i = 0; i < shown->listed_count; i++)
		if (memcmp(shown->listed[i].id, id, SERVICE_ID_SIZE) == 0)
			return &shown->listed[i];
	return NULL;
}

/* Whether anything of type ClientLDAPS, or the setting, is shown in flight or by an unknown word.
 */
static inline bool shown_busy(const struct observed *shown)
{
	for (size_t i = 0; i < shown->listed_count; i++)
		if (shown->listed[i].type == CERTIFICATE_TYPE_CLIENT_LDAPS &&
			(shown->listed[i].state == CERTIFICATE_STATE_REGISTERING ||
				shown->listed[i].state == CERTIFICATE_STATE_DEREGISTERING))
			return true;
	return shown->ldaps_explicit &&
	       (shown->ldaps == LDAPS_STATUS_ENABLING || shown->ldaps == LDAPS_STATUS_UNKNOWN);
}

/* A wait begins with the first look at which it holds and ends with the first at which it does not.
 */
static inline void follow(int64_t *since, bool holds, int64_t at)
{
	if (!holds)
		*since = 0;
	else if (*since == 0)
		*since = at;
}
