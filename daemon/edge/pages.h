/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A listing of the Directory Service, page by page: each asked for with the token of the one before
 * until there is none. Part of edge/service; nobody else includes this header.
 */

#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "edge/exchange.h"

/* How the pages of one listing are asked for and taken. */
struct pager {
	size_t limit; /* pages */
	/* appends the members of the request, without NextToken */
	void (*ask)(const struct call *call, struct buffer *body);
	int (*take)(void *result, const void *body, size_t length, char **ret_token,
		struct error *error);
	void (*clear)(void *result); /* forgets what was taken */
	void *result;
};

/*
 * Reads every page, or none: a listing whose token went stale is begun anew, once, and what was
 * read before is not used. 0, or an error as service.h lists them with what was taken cleared.
 */
int pages_read(const struct call *call, const struct pager *pager);
