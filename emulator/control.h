/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What happens behind the API's back: POST /_control/COMMAND with a JSON object, unsigned, on
 * loopback. Makes directories of any kind and stage, registers and removes as another
 * administrator would (past every refusal, at once), decides what the next calls come to, adds
 * faults, changes settings, moves the clock, and shows what there is. A seed file is a list of the
 * same commands: [{"create": {...}}, ...]. Called with the world's lock held.
 */

#include <stdio.h>

#include "base/error.h"
#include "edge/json.h"
#include "emulator/world.h"

/* Where directories are made when a command names no Region. */
#define CONTROL_REGION "eu-west-1"

/*
 * Runs one command; `input` is its object. 0 with the reply (to be released) or a negative error
 * with its reason.
 */
int control_run(struct world *world, const char *command, const json_t *input, json_t **ret_output,
	struct error *error);
/* Runs every command of a seed file. 0 or a negative error with its reason. */
int control_seed(struct world *world, const char *path, struct error *error);
/* Lists the commands with their members. */
void control_help(FILE *file);
