/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which directories there are: one sweep of an account in one Region, on the thread that calls, for
 * the command that asks before there is a file. Writes nothing anywhere.
 */

#include "core/fleet.h"
#include "edge/endpoint.h"
#include "edge/service.h"
#include "program/keyring.h"

/*
 * Asks for all directories; blocks. `keyrings` is a list as of keyring_of. 0 with *ret_sweep to be
 * released by service_sweep_done, or an error with its reason.
 */
int discover(struct keyring **keyrings, const struct account *account, const char *region,
	struct service_sweep *ret_sweep, struct error *error);

/*
 * The Region that environment and profile choose for an account. 0, -ERROR_MISSING if they choose
 * none, or as endpoint_resolve.
 */
int discover_region(const struct account *account, char ret_region[static ENDPOINT_REGION_SIZE],
	struct error *error);
