/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One look at one directory: its complete listing, its LDAPS setting and, for entries in a failed
 * state, the reason (DescribeCertificate). What the directory is comes from the sweep that the
 * caller made.
 */

#include "core/observed.h"
#include "edge/service.h"

/* Failed entries whose reason is read in one look; the others show without one. */
#define OBSERVE_REASONS_MAX 10

/*
 * Looks at `directory`. *ret_observed is always filled and owned by the caller (observed_done): if
 * it is not `complete` it says why, with the API's code in `refusal`. *ret_reply holds the facts of
 * the reply that failed or, of a complete look, the oldest arrival, the newest Date and the largest
 * skew of all replies, the sweep's included. A directory that the sweep does not know is incomplete
 * with EntityDoesNotExistException, and nothing is asked. Returns 0 if complete, otherwise the
 * error.
 */
int observe(struct service *service, const struct service_sweep *sweep, const char *directory,
	struct observed *ret_observed, struct service_reply *ret_reply, struct error *error);

/*
 * Why a read failed, as the API says it: its own refusal, or for credentials that are not there or
 * malformed the one that it gives to a request without them; for another account's, and for what
 * this host says of the endpoint, the proxy and the like and cannot be used (an ERROR_INVALID that
 * no reply came to), our own.
 */
enum refusal observe_refusal(const struct error *error, const struct service_reply *reply);
