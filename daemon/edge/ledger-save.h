/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Writing one change to the ledger. Part of edge/ledger; nobody else includes this header. */

#include "edge/ledger-database.h"
#include "edge/ledger.h"

/* Writes `change` within the transaction that the caller has begun and ends. Errors as
 * ledger_save_all.
 */
int ledger_write(
	struct database *database, const struct ledger_change *change, struct error *error);
