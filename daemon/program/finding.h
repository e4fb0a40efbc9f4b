/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a sweep finds for the selectors of a file (core/selection): the directories of one account
 * and Region, with their tags where a selector asks for tags.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/fleet.h"
#include "core/knowledge.h"
#include "edge/service.h"

/* Directories whose tags are read by one worker, one after the other, while the lane's other
 * workers read those of others: looks at them are not to wait for those of all. */
#define FINDING_PAGE 16
/* So many requests in a row that fail for what concerns all directories alike (the network, the
 * service, throttling, keys): the others of this sweep are not sent. What the service refuses of
 * one directory says nothing of the next. */
#define FINDING_FAILURES_MAX 3

/* Whose tags are asked for; a copy of what the file says, for a worker. */
struct finding_filter;

/*
 * Of the selectors with tags that look there; *ret_filter is NULL if there are none. 0 or
 * -ERROR_MEMORY.
 */
int finding_filter_make(const struct fleet *fleet, const char *account, const char *region,
	struct finding_filter **ret_filter);
void finding_filter_free(struct finding_filter *filter);

/* The next FINDING_PAGE directories of a sweep, from `from` on, as a page of their own, which takes
 * over what is theirs. 0 or -ERROR_MEMORY. */
int finding_page(struct service_sweep *sweep, size_t from, struct service_sweep *ret_page);

/* Whether the tags of any directory of the page are asked for. */
bool finding_wants(const struct finding_filter *filter, const struct service_sweep *page);

/*
 * Reads the tags of the directories that `filter` is for, which may serve several workers at once.
 * Blocks. A tag that could not be read is `unread` in its directory, and no error: *ret_unread
 * tells why of the last that was asked for. 0, -ERROR_STOPPED or -ERROR_MEMORY.
 */
int finding_tags(struct service *service, struct finding_filter *filter, struct service_sweep *page,
	struct service_reply *ret_reply, struct error *ret_unread, struct error *error);

/* What a page of a sweep tells, into `knowledge`, with an eye on what the selectors of `fleet`
 * have. 0, -ERROR_MEMORY or -ERROR_LIMIT. */
int finding_learn(const struct fleet *fleet, struct knowledge *knowledge, unsigned home,
	const struct service_sweep *page, int64_t at);
