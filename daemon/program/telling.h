/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the daemon and `apply` say while they work: changes once, steady state not at all (design
 * 5). Every entry about a directory carries the journal's fields DIRECTORY_ID, DIRECTORY_NAME,
 * REGION, ACCOUNT, ACTION, REASON, CERTIFICATE_ID, CERTIFICATE_SHA256, NOT_AFTER and AWS_REQUEST_ID
 * where it has them.
 */

#include "core/situation.h"
#include "core/step.h"
#include "program/job.h"
#include "program/target.h"

/*
 * The status of the target as text, to be saved; NULL if it is the same as the last that was told,
 * or without memory. Owned by the caller.
 */
char *telling_status(
	struct target *target, const struct situation *situation, const struct decision *decision);

/* Marks a status text as told, and its answers as given: what the ledger holds from before. */
void telling_status_known(struct target *target, const char *text);

/* Logs the conditions that are news (core/announce), and the return to ready. */
void telling_decided(
	struct target *target, const struct situation *situation, const struct decision *decision);

/* Logs a step that was taken, or tried. */
void telling_acted(const struct target *target, const struct job *job);

/* Logs that something could not be recorded. */
void telling_unsaved(const struct target *target, const struct job *job);

/*
 * What became of a step, below the line that names it: "accepted as c-0123456789", or the API's
 * words, in lines of at most `width` columns.
 */
int telling_outcome_text(const struct job *job, size_t width, struct buffer *buffer);

/* "register Corp Root CA (...): accepted as c-0123456789", for people. */
int telling_act_text(const struct job *job, struct buffer *buffer);
