/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How a directory is, as nine questions with the answers yes, no and not known, each with a reason
 * and since when: what `status`, the status file, the metrics and alert rules speak of. Made of a
 * situation and its decision; the questions are fixed, the reasons are those of core/reason and the
 * few words of the table in health.c.
 */
/* clang-format off */
/*
 *   Ready               everything is as the file wants it, and nothing is an error
 *   Drifted             something that the file wants is missing, off, in flight or held back, or is
 *                       there and should not be; superseded generations are no drift
 *   Rotating            a generation is there whose successor is there too, or on its way
 *   Held                nothing is written, or a write is held back, until somebody acts or a
 *                       waiting time that the administrator can end is over
 *   ExpiringSoon        a Registered certificate without a Registered successor has no more left
 *                       than its authority's `rotate_before` (others: its default)
 *   SuccessorMissing    the alarm of that name (core/alarm)
 *   Stale               no look has been complete for three intervals
 *   CredentialsInvalid  AWS does not take the credentials, or there are none
 *   ConfigInvalid       what the file says cannot be done for this directory, or the file on the
 *                       disk was refused and the last good one is in force
 */
/* clang-format on */

#include <stdint.h>

#include "base/buffer.h"
#include "core/situation.h"
#include "core/step.h"

enum health_kind {
	HEALTH_READY,
	HEALTH_DRIFTED,
	HEALTH_ROTATING,
	HEALTH_HELD,
	HEALTH_EXPIRING_SOON,
	HEALTH_SUCCESSOR_MISSING,
	HEALTH_STALE,
	HEALTH_CREDENTIALS_INVALID,
	HEALTH_CONFIG_INVALID,
	HEALTHS, /* count, not a question */
};

enum truth {
	TRUTH_UNKNOWN,
	TRUTH_FALSE,
	TRUTH_TRUE,
	TRUTHS, /* count */
};

/* What was answered last, for `since`; all-zero: nothing was. */
struct health_past {
	int64_t since[HEALTHS]; /* UTC seconds; 0: not asked yet */
	uint8_t truth[HEALTHS]; /* enum truth */
};

/* One answer. Everything is borrowed from the situation and the decision. */
struct health_row {
	enum truth truth;
	const char *reason;	       /* one word, "Converged"; never NULL */
	const char *text;	       /* the sentence; NULL: that of `cause`, `step` or `listed` */
	const struct condition *cause; /* NULL: none */
	const struct step *step;       /* NULL: none */
	const struct listed *listed;   /* the entry that ends first; NULL: none */
	int64_t since;		       /* UTC seconds: the answer has been this one since then */
};

struct health {
	struct health_row rows[HEALTHS];
};

/*
 * Answers all questions at situation->now. `refused`: the file on the disk was not taken. `past` is
 * what was answered last, and becomes what is answered now: an answer that stays keeps its `since`.
 */
void health_judge(const struct situation *situation, const struct decision *decision, bool refused,
	struct health_past *past, struct health *ret_health);

/* The row's sentence without its full stop. 0 or a buffer's error. */
int health_explain(const struct health_row *row, struct buffer *buffer);

/* "Ready", "Drifted", ... Static, never NULL. */
const char *health_str(enum health_kind kind);
/* HEALTHS for any other text. */
enum health_kind health_parse(const char *name);
/* "True", "False", "Unknown". Static, never NULL. */
const char *truth_str(enum truth truth);
/* TRUTH_UNKNOWN for any other text. */
enum truth truth_parse(const char *name);
/* Whether `truth` is the answer that one wants to see: yes to Ready, no to what somebody must see
 * to; Rotating is neither good nor bad. */
bool health_good(enum health_kind kind, enum truth truth);
