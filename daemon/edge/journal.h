/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The log sink, and the one door to the journal. Only the outermost layer writes here; everything
 * below returns an error. Callers pass no secret and no PEM: this module cannot know one.
 *
 * journal_start is called once, before there are threads; after it every function may be called
 * from any thread, and no two messages mix.
 */

#include <stdbool.h>
#include <stddef.h>
#include <syslog.h>

#include "core/message.h"

/* A sentence with an id, a name and the API's own reason; longer ones are cut with "...". Bytes,
 * the NUL included. */
#define JOURNAL_MESSAGE_SIZE 2048
/* A subject name is the longest value there is; longer ones are cut with "...". Bytes, the name,
 * "=" and the NUL included. */
#define JOURNAL_FIELD_SIZE 512
/* More fields than any event has; those beyond are left out. */
#define JOURNAL_FIELDS_MAX 24
/* A line is "<7>" or "ldapsward: ", a message and a newline. Bytes, the NUL included. */
#define JOURNAL_LINE_SIZE (JOURNAL_MESSAGE_SIZE + 16)

/* Where messages go. */
enum journal_style {
	JOURNAL_STYLE_PLAIN,	  /* "ldapsward: message" on standard error: a person reads it */
	JOURNAL_STYLE_PREFIXED,	  /* "<6>message" for a service manager, as sd-daemon(3) says */
	JOURNAL_STYLE_STRUCTURED, /* to the journal, with all fields */
	JOURNAL_STYLE_JSON,	  /* an object with all fields a line, on standard error */
};

/* What the administrator asks for. */
enum journal_format {
	JOURNAL_FORMAT_AUTO, /* the journal where there is one, else text */
	JOURNAL_FORMAT_TEXT, /* lines on standard error, also where it is the journal */
	JOURNAL_FORMAT_JSON, /* a line of JSON for each message, on standard error */
	JOURNAL_FORMATS,     /* count */
};

/* The word of --log-format; "auto" for JOURNAL_FORMAT_AUTO. Static, never NULL. */
const char *journal_format_str(enum journal_format format);

/* One field of the journal beside the message, such as DIRECTORY_ID or MESSAGE_ID. */
struct journal_field {
	const char *name;  /* A-Z, 0-9 and _, first a letter; any other name: left out */
	const char *value; /* NULL: left out */
};

/*
 * Decides where messages go, once. JOURNAL_FORMAT_AUTO: to the journal if standard error is
 * connected to it (JOURNAL_STREAM, systemd.exec(5)), else as text. Text: with the priority before
 * each line if systemd started the program (INVOCATION_ID), else plain, for people and files.
 * Without `debug`, LOG_DEBUG is left out.
 */
void journal_start(bool debug, enum journal_format format);

/* Whether messages keep their fields: they go to the journal or are JSON. */
bool journal_structured(void);
/* Whether they go to the journal, and what is written to `descriptor` goes there as well. */
bool journal_takes(int descriptor);

/*
 * Sends one message. `priority` is LOG_EMERG to LOG_DEBUG; `fields` (`count` of them, may be NULL
 * with 0; a name may come more than once) reach the journal alone, so the message must make sense
 * without them. Control characters and what is not UTF-8 are shown as "?". A journal that does not
 * take it gets a prefixed line on standard error instead. Never fails; errno is kept.
 */
void journal_send(int priority, const struct journal_field *fields, size_t count,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Sends what is told of an event: with its id and, unless `priority` is not negative, with its own
 * urgency. Else as journal_send. */
void journal_event(enum event event, int priority, const struct journal_field *fields, size_t count,
	const char *format, ...) __attribute__((format(printf, 5, 6)));
/* For `priority`: the event's own. */
#define JOURNAL_OWN (-1)

/*
 * What journal_send does to text: cuts `text` so that it and a NUL fit `size` (at least 4) bytes,
 * the cut marked with "...", and shows control characters and what is not UTF-8 as "?". Returns
 * `ret_text`.
 */
char *journal_clean(const char *text, char *ret_text, size_t size);

/* The line that a message becomes, its newline included; `style` is not STRUCTURED. Returns
 * `ret_line`. */
char *journal_line(enum journal_style style, int priority, const char *message,
	char ret_line[static JOURNAL_LINE_SIZE]);
