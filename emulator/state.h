/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The world on disk: a file of JSON lines, one for each certificate, one for a directory whenever
 * it changes; the last line about a directory counts. So a change costs one short write however
 * many directories there are, and a killed emulator has lost nothing it replied to. Opening reads
 * the file and writes it anew, once, without what was overtaken. Called with the world's lock held.
 */

#include "base/error.h"
#include "edge/json.h"
#include "emulator/world.h"

/* Loads `path` if it is there and goes on writing to it. 0 or a negative error with its reason. */
int state_open(struct world *world, const char *path, struct error *error);
void state_close(struct world *world);

/* Writes the directory as it is now. Does nothing without state_open. */
void state_save(struct world *world, const struct resource *resource);
/* Writes that the directory is gone. */
void state_remove(struct world *world, const struct scope *scope, const char *id);

/* Writes a credential, or a role, as it is now. Each does nothing without state_open. */
void state_save_credential(struct world *world, const struct credential *credential);
void state_save_role(struct world *world, const struct role *role);
/* Writes that the role is gone. */
void state_remove_role(struct world *world, const struct role *role);

/* The directory as JSON, as it is written and dumped; to be released. NULL: no memory. */
json_t *state_describe(const struct resource *resource);
