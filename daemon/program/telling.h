/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the daemon and `apply` say while they work: changes once, steady state not at all (design
 * 5). Every entry about a directory has the fields of program/entry, and those of the step or the
 * condition that it tells. What lasts is counted (program/tally), what many directories of a lane
 * share is told once for all (program/roundup).
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

/*
 * Logs the conditions that are news (core/announce) or that a reminder is due of, those that are
 * over, and the return to ready. To be called before telling_status. `request_id`: of the last
 * reply of the look, "" without one.
 */
void telling_decided(struct target *target, const struct situation *situation,
	const struct decision *decision, const char *request_id);

/* Logs what a lane has gathered: at the end of a pass, or at the program's. */
void telling_gathered(struct pass *pass);

/* Logs a step that was taken, or tried. */
void telling_acted(const struct target *target, const struct job *job);

/* Logs that something could not be recorded, for the `times`th time. */
void telling_unsaved(const struct target *target, const struct job *job, uint32_t times);

/*
 * What became of a step, below the line that names it: "accepted as c-0123456789", or the API's
 * words, in lines of at most `width` columns.
 */
int telling_outcome_text(const struct job *job, size_t width, struct buffer *buffer);

/* "register Corp Root CA (...): accepted as c-0123456789", for people. */
int telling_act_text(const struct job *job, struct buffer *buffer);
/* The same of a commit that was begun, ended or not, for report_sent; nothing if it is known that
 * nothing was sent. */
int telling_sent_text(const struct job *job, struct buffer *buffer);
