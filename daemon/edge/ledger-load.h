/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reading all that the ledger remembers. Part of edge/ledger; nobody else includes this header. */

#include "core/store.h"
#include "edge/ledger-database.h"
#include "edge/ledger.h"

/*
 * Adds every record to the empty `records` and every certificate to `store`, linked; with `keys`,
 * which are sorted, only the records of these `count` directories, and no roll-outs. 0,
 * -ERROR_CORRUPT for what cannot have been written, or another error; the caller then frees the
 * records that came before.
 */
int ledger_read(struct database *database, struct store *store, const struct ledger_key *keys,
	size_t count, struct ledger_records *records, struct error *error);
