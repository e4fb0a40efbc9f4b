/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How the generations of one authority follow each other in one directory and Region (design 4.2,
 * 4.4, 4.5): whether a later one has taken over, whether an earlier one may go in time and when,
 * and whether a later one is to wait. Questions only: guard forbids by them, decide tells them.
 *
 *   superseded  an owned certificate of a trusted authority, while a later generation of its line
 *               that is owned too has been Registered for `overlap`, still is, has not expired and
 *               ends later
 *   retirable   superseded, and what `retire:` asks is there: the table of design 4.5
 *   deferred    a later generation with the same key, under `register: at_threshold`, while the one
 *               before it is Registered and further than `rotate_before` from its end
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/situation.h"

/* An expired certificate goes this long after its end. Seconds. */
#define ROTATION_EXPIRED_SINCE (INT64_C(24) * 3600)

/* The trusted authority that an owned certificate belongs to: that lists it, else the one under
 * whose name it is recorded. NULL if neither is trusted. */
const struct authority *rotation_authority(
	const struct situation *situation, const struct memory_certificate *owned);

/* The Registered, unexpired, owned later generation that has been Registered for the longest time;
 * NULL if there is none. */
const struct memory_certificate *rotation_successor(
	const struct situation *situation, const struct memory_certificate *owned);

/* Why it may go, in time. */
enum leaving rotation_leaving(
	const struct situation *situation, const struct memory_certificate *owned);

/*
 * What keeps a certificate that has a successor here although nothing else would: REASON_NONE if it
 * is retirable, else the reason, and in *ret_at when it ends by itself (0: it does not). `sent_by`
 * is the latest instant at which the removal would be sent: what is not reversible then is not
 * reversible.
 */
enum reason rotation_stays(const struct situation *situation,
	const struct memory_certificate *owned, int64_t sent_by, int64_t *ret_at);

/* What a probe has found against the removal of a superseded one, as a sentence without its full
 * stop. Static. */
const char *rotation_doubt(
	const struct situation *situation, const struct certificate *certificate);

/* A sentence and the reason that an approval gives; a longer one is cut. Bytes. */
#define ROTATION_GROUND_SIZE 256

/* What allows the removal that `step` is, beside its own reason: the approval with what the file
 * says of it or, of a superseded one, what `retire:` asked for. As a sentence without its full
 * stop; "" where there is nothing to say. Returns ret_text. */
char *rotation_ground(const struct situation *situation, const struct step *step,
	char ret_text[static ROTATION_GROUND_SIZE]);

/* Until when a certificate of a trusted authority is deferred; 0: it is not. */
int64_t rotation_deferred(const struct situation *situation, const struct certificate *certificate);

/*
 * Whether an earlier generation of a trusted authority is not here, can no longer be registered and
 * has not ended: controllers may still have certificates of it. Not so of one that is retired here.
 */
bool rotation_out_of_reach(
	const struct situation *situation, const struct certificate *certificate);

/* Whether a later generation of its line is there, or on its way: without one nothing is retired
 * (design 4.2). */
bool rotation_succeeded(const struct situation *situation, const struct certificate *certificate);
