/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A forecast drawn in characters: one row for each certificate from today to the horizon, with when
 * it is Registered, its last 90 days, its end, and below them the outages.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "core/forecast.h"

/* A wider lane shows no more. Columns. */
#define TIMELINE_LANE_MAX 160
/* A narrower one shows nothing. Columns. */
#define TIMELINE_LANE_MIN 20
/* Names of certificates that are longer are cut. Columns. */
#define TIMELINE_NAME_MAX 24

struct timeline_style {
	bool colour;
	bool unicode;
	size_t width; /* columns of a line; too narrow a one is exceeded */
};

/* Draws it: scale, rows, outages; nothing if there is no certificate. 0 or a buffer's error. */
int timeline_draw(
	const struct forecast *forecast, const struct timeline_style *style, struct buffer *buffer);

/* What the signs mean, as lines. 0 or a buffer's error. */
int timeline_legend(const struct timeline_style *style, struct buffer *buffer);
