/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the command `export` prints of a skeleton: a configuration in YAML, or the same as JSON. */

#include "base/buffer.h"
#include "core/skeleton.h"
#include "edge/json.h"

/* A file of the format's limit, and the comments around it: of each entry where it is. Bytes. */
#define SKELETON_TEXT_MAX ((size_t)64 * 1024 * 1024)

/* An account and Region whose directories nobody could tell. */
struct skeleton_gap {
	const char *account; /* borrowed */
	const char *region;
	struct error error;
};

struct skeleton_report {
	const struct skeleton *skeleton;
	const struct account *const *accounts; /* those that were asked; "" is not written */
	size_t accounts_count;
	const struct skeleton_gap *gaps;
	size_t gaps_count;
	int64_t now; /* UTC seconds */
};

/* {version, written, authorities[], directories[], unread[]}. NULL without memory. */
json_t *skeleton_json(const struct skeleton_report *report);

/* Appends the configuration. 0 or a buffer's error. */
int skeleton_yaml(const struct skeleton_report *report, struct buffer *buffer);

/* Why a directory is not in the file, or could not be read in any Region. Borrowed. */
const char *skeleton_why(const struct skeleton_directory *directory);
