/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From the files to the fleet: the main file and conf.d/NAME.yaml beside it, in lexical order, read
 * as one; every certificate file that they name; every default applied. Taken whole or not at all.
 */

#include <stdint.h>

#include "base/diagnostics.h"
#include "core/fleet.h"
#include "core/store.h"

/* Files in conf.d. */
#define CONFIGURATION_FILES_MAX (DIAGNOSTICS_FILES_MAX - 1)

struct configuration_options {
	int64_t now; /* UTC seconds; makes warnings and notes, never errors */
	/* For directories that name none (AWS_REGION); NULL: the profile of their account says. */
	const char *region;
	/*
	 * Told before each file is opened and each pattern is looked for, with the arguments of
	 * file_find: who watches from then on misses no change. NULL if nobody cares.
	 */
	void (*reading)(void *context, const char *pattern, const char *base);
	void *context;
};

/*
 * Reads the configuration at `path`. All that is wrong is told in `diagnostics` (empty
 * before, sorted afterwards), and:
 * 0 if there is no error (warnings and notes there may be), -ERROR_INVALID if there is,
 * -ERROR_MEMORY. Certificates go to `store`, also those of a configuration that is refused.
 * *ret_fleet (to be freed with fleet_done) is untouched on failure.
 */
int configuration_load(const char *path, const struct configuration_options *options,
	struct store *store, struct fleet *ret_fleet, struct diagnostics *diagnostics);
