/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What selectors have picked, in the ledger's tables. Part of edge/ledger; nobody else includes
 * this header. */

#include "base/error.h"
#include "core/knowledge.h"
#include "edge/ledger-database.h"

/* Replaces it within the transaction that the caller has begun and ends. Errors as ledger_save_all.
 */
int ledger_write_selection(
	struct database *database, const struct knowledge *knowledge, struct error *error);
/* Puts all into `knowledge`. What cannot have been written is passed over: it is asked for anew. */
int ledger_read_selection(
	struct database *database, struct knowledge *knowledge, struct error *error);
