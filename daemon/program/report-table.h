/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The certificates of a directory as a table for people: a line of its columns for each, and one of
 * what is left of it, until when its removal could be undone, and what AWS says of it.
 */

#include <stdint.h>

#include "program/report.h"

/* Appends the table of `certificates`, those of a status (report_status), as it reads at `now`;
 * nothing for none. */
void report_table(const json_t *certificates, int64_t now, const struct report_style *style,
	struct buffer *buffer);
