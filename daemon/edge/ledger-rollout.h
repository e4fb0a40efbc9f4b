/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The roll-outs in the ledger: few rows, always read and replaced together. Part of edge/ledger;
 * nobody else includes this header. */

#include "core/rollout.h"
#include "edge/ledger-database.h"

/* Replaces them within the transaction that the caller has begun and ends. Errors as
 * ledger_save_all. */
int ledger_write_rollouts(
	struct database *database, const struct rollouts *rollouts, struct error *error);
/* Adds all to the empty `rollouts`. 0, -ERROR_CORRUPT for what cannot have been written, or another
 * error; the caller then frees those that came before. */
int ledger_read_rollouts(struct database *database, struct rollouts *rollouts, struct error *error);
