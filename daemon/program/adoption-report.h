/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the command `adopt` shows of a directory: each entry, whether a certificate of the files is
 * it, and why not. As in report.h the text is written from the JSON value.
 */

#include "core/fleet.h"
#include "program/report.h"

/* How many entries and directories there were of each kind. */
struct adoption_totals {
	size_t adopted; /* matched and not ours before */
	size_t owned;	/* ours before */
	size_t foreign; /* take a slot, and match no file */
	size_t held;	/* directories in which nothing may be learnt */
	size_t unread;	/* directories that could not be read */
};

/*
 * The report of one directory: {account, region, directory, name, type, stage, ldaps,
 * certificates[], missing[]}, and where nothing may be learnt of it {standing, reason,
 * conditions[]} as in a status. `before` is what was remembered, situation->memory what is
 * remembered with the adoptions. Adds to *totals. NULL without memory.
 */
json_t *adoption_report(const struct target *target, const struct situation *situation,
	const struct fleet *fleet, const struct memory *before, struct adoption_totals *totals);

/* The text of it for people, ending with a newline. */
int adoption_report_text(
	const json_t *report, const struct report_style *style, struct buffer *buffer);
