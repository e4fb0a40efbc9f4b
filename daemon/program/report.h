/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What people and machines are shown of directories. Everything is first a JSON value of one
 * documented shape (ldapsward(8), JSON OUTPUT); the text is written from that value, so that both
 * say the same.
 */

#include "base/buffer.h"
#include "core/plan.h"
#include "core/situation.h"
#include "core/step.h"
#include "edge/json.h"
#include "edge/terminal.h"
#include "program/target.h"

/* Version of the shape; it grows without a new one, it never changes a meaning without. */
#define REPORT_VERSION 1
/* The text of one directory: 96 conditions of two lines and 512 entries. Bytes. */
#define REPORT_TEXT_MAX ((size_t)512 * 1024)

/* Where the lines begin that explain the one above. Columns. */
#define REPORT_INDENT 6

/* How a directory stands, from its step and conditions. */
enum standing {
	STANDING_READY,	   /* settled, and nothing is an error */
	STANDING_CHANGING, /* a step or something in flight */
	STANDING_WAITING,  /* only time is missing */
	STANDING_HELD,	   /* something is held back until somebody does something */
	STANDING_ALARM,	   /* settled, nothing is held back; but somebody must see to an error */
};

/* How texts are laid out. */
struct report_style {
	bool colour;
	size_t width; /* columns; longer sentences go on in the next line */
};

/* That of standard output. */
struct report_style report_style_stdout(void);

enum standing report_standing(const struct decision *decision);
const char *standing_str(enum standing standing);

/* An instant or a digest as it is shown; null for 0 and for NULL. */
json_t *report_instant(int64_t instant);
json_t *report_digest(const struct certificate *certificate);

/* What all reports of a directory begin with: {account, region, directory, name, type, stage,
 * ldaps}. NULL without memory. */
json_t *report_begin(const struct target *target, const struct situation *situation);

/* Adds how it stands: {standing, reason, conditions[]}. `memory` says since when conditions hold;
 * NULL: that is not told. */
void report_decision(json_t *report, const struct target *target, const struct memory *memory,
	const struct decision *decision);

/*
 * The status of a directory: {account, region, directory, name, type, stage, standing, reason,
 * ldaps, conditions[], health[], certificates[]}. Nothing in it changes with the clock alone. What
 * is answered (core/health) is noted in the target. NULL without memory.
 */
json_t *report_status(
	struct target *target, const struct situation *situation, const struct decision *decision);

/*
 * The plan of a directory: {account, region, directory, name, type, stage, ldaps, steps[], notes[],
 * standing, reason, conditions[]}. Standing, reason and conditions are those after the steps; notes
 * are conditions of the way there.
 */
json_t *report_plan(
	const struct target *target, const struct situation *situation, const struct plan *plan);

/* The texts of both for people, ending with a newline. `now` counts the days left. */
int report_status_text(
	const json_t *status, int64_t now, const struct report_style *style, struct buffer *buffer);
int report_plan_text(const json_t *plan, const struct report_style *style, struct buffer *buffer);

/* The lines of conditions and of what to do about them; those that read the same come once. */
void report_conditions_text(
	const json_t *conditions, const struct report_style *style, struct buffer *buffer);

/* How a step is marked in texts: '+', '-', '~', or '.' for a wait; and its colour. */
char report_step_sign(const char *action);
enum terminal_style report_step_style(const char *action);

/* Appends "NAME (ID, REGION)", with the account before the Region if it has a name. */
int report_heading(const char *name, const char *account, const char *directory, const char *region,
	struct buffer *buffer);

/* How long it is told that a directory is not selected any more: somebody comes by in a month. */
#define REPORT_LOSS_TOLD (30 * DAY)

/*
 * Turns a status into that of a directory that has left the file: as it was last seen, with nothing
 * to be done about it. `loss` (NULL: the file's) tells that a selector has it no more; it is told
 * for REPORT_LOSS_TOLD. False if it is that already.
 */
bool report_release(json_t *status, const struct condition *loss, int64_t now);
/* Whether a selector had the directory. */
bool report_is_selected(const json_t *status);

/*
 * Puts the certificates of `before`, the text of an earlier status, into one whose look could not
 * read them, and says that they are old. False if there are none to put.
 */
bool report_keep_certificates(json_t *status, const char *before);

/*
 * Says in a status what was sent after the look that it is of, and what became of that; "" takes it
 * out. The next look makes a status without it.
 */
void report_sent(json_t *status, const char *sent);
/* The same in the text of a status (NULL: there is none): owned, NULL without memory. */
char *report_sent_text(const char *status, const char *sent);

/* What the directory is called: by the API, else by the file; "" if neither names it. Borrowed. */
const char *report_name(const struct target *target, const struct observed *observed);

/*
 * Whether the reason of a step says that the directory could not be read at all (design 4.3, rule
 * 1). A clock that is off is the cause of that where the look is not `complete`; otherwise it only
 * holds a step back.
 */
bool report_unread(enum reason reason, bool complete);
