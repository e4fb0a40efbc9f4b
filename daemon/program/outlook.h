/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What people and machines are shown of forecasts. For people directories that will go the same way
 * are one block that names them all, so that a fleet stays readable; those with an outage come
 * first, the nearest before the others. For machines each is an object of its own (ldapsward(8),
 * JSON OUTPUT).
 */

#include "base/buffer.h"
#include "core/forecast.h"
#include "edge/json.h"
#include "program/timeline.h"

/* Text of one block: its names, FORECAST_SPANS_MAX rows and FORECAST_EVENTS_MAX events. Bytes. */
#define OUTLOOK_TEXT_MAX ((size_t)4 * 1024 * 1024)

/* One directory in one Region. */
struct outlook_place {
	const char *account, *region, *directory; /* borrowed */
	const char *name;			  /* what it is called; "" for nothing; borrowed */
};

/* The forecast of a directory as JSON; `ids` of entries are left out where they are made up. NULL
 * without memory. */
json_t *outlook_json(const struct outlook_place *place, const struct forecast *forecast, bool ids);

/* Directories that go the same way. */
struct outlook_block {
	struct forecast forecast;	/* owned; of the first of them */
	const struct directory *wanted; /* borrowed; of the first of them */
	struct buffer names;		/* all of them */
	size_t count;			/* directories */
	size_t order;			/* of its first directory among the blocks */
	uint64_t mark;			/* differs where forecasts do */
};

struct outlook {
	struct outlook_block *blocks; /* owned */
	size_t count, capacity;
};

/* Adds a directory, taking over its forecast. 0 or an error of memory, the forecast freed. */
int outlook_add(struct outlook *outlook, const struct outlook_place *place,
	const struct directory *wanted, struct forecast *forecast);
/* Puts outages first. */
void outlook_sort(struct outlook *outlook);
/* The block as text, ending with a newline. 0 or a buffer's error. */
int outlook_text(const struct outlook_block *block, const struct timeline_style *style, bool ids,
	struct buffer *buffer);
/* Frees what it owns. Accepts NULL and all-zero. */
void outlook_done(struct outlook *outlook);
