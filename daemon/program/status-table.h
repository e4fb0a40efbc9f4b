/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * All directories at one glance, a line each: where it is, whether client-side LDAPS is on, the
 * days left of each Registered certificate, and its conditions: Ready, or those that somebody must
 * see to. Fits the terminal.
 */

#include <stdint.h>

#include "base/buffer.h"
#include "edge/json.h"
#include "program/report.h"

/* Columns of where a directory is; a longer account or Region is cut. */
#define STATUS_TABLE_WHERE 20
/* Columns of the days left; of more certificates than fit the number is told. */
#define STATUS_TABLE_DAYS 15

/* The line of titles. 0 or a buffer's error. */
int status_table_begin(struct buffer *buffer);
/* The line of one status at `now`. 0 or a buffer's error. */
int status_table_row(
	const json_t *status, int64_t now, const struct report_style *style, struct buffer *buffer);
