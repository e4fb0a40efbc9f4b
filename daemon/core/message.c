/* SPDX-License-Identifier: Apache-2.0 */
#include "core/message.h"

#include <string.h>

#include "base/array.h"
#include "base/wrap.h"

/* journalctl puts three columns before each line of a catalog. */
#define CATALOG_WIDTH 77
/* The longest advice with its placeholders told. Bytes. */
#define CATALOG_ADVICE_MAX 4096

static const struct {
	const char *id, *subject, *why;
} of_reasons[REASONS] = {
#define X(code, id, subject, why) [REASON_##code] = {id, subject, why},
	MESSAGE_REASONS(X)
#undef X
};

static const struct message of_events[EVENTS] = {
#define X(code, name, urgency, id, subject, why, advice)                                           \
	[EVENT_##code] = {#name, id, subject, why, advice, URGENCY_##urgency},
	MESSAGE_EVENTS(X)
#undef X
};

struct message message_of_reason(enum reason reason)
{
	unsigned row = (unsigned)reason < REASONS ? reason : REASON_NONE;

	return (struct message){.name = reason_str(reason),
		.id = of_reasons[row].id,
		.subject = of_reasons[row].subject,
		.why = of_reasons[row].why,
		.advice = reason_advice(reason),
		.urgency = URGENCY_INFO};
}

struct message message_of_event(enum event event)
{
	return of_events[event];
}

enum urgency condition_urgency(const struct condition *condition)
{
	static const enum urgency of[SEVERITIES] = {[SEVERITY_ERROR] = URGENCY_ERROR,
		[SEVERITY_WARNING] = URGENCY_WARNING,
		[SEVERITY_NOTE] = URGENCY_INFO};

	/* where it holds nothing back LDAPS is on: that is an outage */
	if (condition->reason == REASON_AUTHORITY_UNCOVERED && condition->holds == STEP_OBSERVE)
		return URGENCY_ALERT;
	if (condition->reason == REASON_SUCCESSOR_MISSING && condition->level != 0 &&
		condition->level <= MESSAGE_ALERT_DAYS)
		return URGENCY_ALERT;
	return of[condition_severity(condition)];
}

/* What stands for an argument in the catalog, which knows the fields of the entry alone. */
static const struct {
	const char *word, *shown;
} placeholders[] = {
	{"{approval}", "the `approve:` that the message names"},
	{"{at}", "the time that the message names"},
	{"{command}", "the command that the message ends with"},
	{"{detail}", "what the message names"},
	{"{id}", "@CERTIFICATE_ID@"},
	{"{removal}", "do as the message says"},
};

/* Appends what stands for the placeholder that `text` begins with; returns its length. One that is
 * not known is shown as it is: a test looks for that. */
static size_t put_shown(const char *text, struct buffer *buffer)
{
	for (size_t i = 0; i < ARRAY_LENGTH(placeholders); i++) {
		size_t length = strlen(placeholders[i].word);

		if (strncmp(text, placeholders[i].word, length) != 0)
			continue;
		buffer_append_text(buffer, placeholders[i].shown);
		return length;
	}
	buffer_append(buffer, text, 1);
	return 1;
}

static void put_advice(const char *text, struct buffer *buffer)
{
	buffer_append_text(buffer, "To do: ");
	while (*text != '\0') {
		size_t plain = strcspn(text, "{");

		buffer_append(buffer, text, plain);
		text += plain;
		if (*text == '{')
			text += put_shown(text, buffer);
	}
	buffer_append_text(buffer, ".");
}

int message_catalog(const struct message *message, struct buffer *buffer)
{
	struct buffer advice;

	buffer_init(&advice, CATALOG_ADVICE_MAX);
	if (message->advice[0] != '\0')
		put_advice(message->advice, &advice);
	else
		buffer_append_text(&advice, "Nothing is to be done.");
	buffer_printf(buffer,
		"\n-- %s\nSubject: %s: %s\nDefined-By: ldapsward\nSupport: man:ldapsward(8)\n"
		"Documentation: man:ldapsward(8)\n\n",
		message->id, message->name, message->subject);
	wrap_words(buffer, 0, 0, CATALOG_WIDTH, message->why);
	buffer_append_text(buffer, "\n");
	wrap_words(buffer, 0, 0, CATALOG_WIDTH, buffer_text(&advice));
	buffer_done(&advice);
	return buffer_status(buffer);
}
