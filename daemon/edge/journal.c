/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/journal.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* The place in this file says nothing; the message id does. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "base/calendar.h"
#include "base/text.h"
#include "edge/clock.h"
#include "edge/environment.h"
#include "edge/json.h"

/* A line of JSON: every byte of every field could need six. */
#define JOURNAL_JSON_MAX ((JOURNAL_MESSAGE_SIZE + JOURNAL_FIELDS_MAX * JOURNAL_FIELD_SIZE) * 6)
#define IDENTIFIER	 "ldapsward"
#define CUT		 "..."
/* "PRIORITY=7" and its NUL. */
#define PRIORITY_SIZE 12
/* MESSAGE, PRIORITY, SYSLOG_IDENTIFIER. */
#define OWN_FIELDS 3

/* Written by journal_start alone, before there are threads. */
static enum journal_style journal_style = JOURNAL_STYLE_PLAIN;
static bool journal_debug;

const char *journal_format_str(enum journal_format format)
{
	static const char *const words[JOURNAL_FORMATS] = {[JOURNAL_FORMAT_AUTO] = "auto",
		[JOURNAL_FORMAT_TEXT] = "text",
		[JOURNAL_FORMAT_JSON] = "json"};

	return words[(unsigned)format < JOURNAL_FORMATS ? format : JOURNAL_FORMAT_AUTO];
}

/* Bytes of the UTF-8 character at `at`; 0 if there is none that is well-formed (Unicode, table
 * 3-7). */
static size_t character_length(const char *at)
{
	const unsigned char *byte = (const unsigned char *)at;
	unsigned char low = 0x80, high = 0xBF;
	size_t length;

	if (byte[0] < 0x80)
		return 1;
	if (byte[0] < 0xC2 || byte[0] > 0xF4)
		return 0;
	length = byte[0] < 0xE0 ? 2 : byte[0] < 0xF0 ? 3 : 4;
	if (byte[0] == 0xE0)
		low = 0xA0; /* shorter forms exist */
	else if (byte[0] == 0xED)
		high = 0x9F; /* surrogates */
	else if (byte[0] == 0xF0)
		low = 0x90;
	else if (byte[0] == 0xF4)
		high = 0x8F; /* the last character is U+10FFFF */
	for (size_t i = 1; i < length; i++, low = 0x80, high = 0xBF)
		if (byte[i] < low || byte[i] > high)
			return 0;
	return length;
}

char *journal_clean(const char *text, char *ret_text, size_t size)
{
	const size_t room = size - 1;
	size_t used = 0, mark = 0; /* `mark`: the last end from which "..." still fits */

	while (*text) {
		size_t length = character_length(text);
		bool plain = length > 0 && !text_is_control(text);
		size_t shown = plain ? length : 1;

		if (used + shown > room) {
			memcpy(ret_text + mark, CUT, sizeof(CUT));
			return ret_text;
		}
		memcpy(ret_text + used, plain ? text : "?", shown);
		used += shown;
		if (used + sizeof(CUT) <= size)
			mark = used;
		text += length ? length : 1;
	}
	ret_text[used] = '\0';
	return ret_text;
}

char *journal_line(enum journal_style style, int priority, const char *message,
	char ret_line[static JOURNAL_LINE_SIZE])
{
	char clean[JOURNAL_MESSAGE_SIZE];

	journal_clean(message, clean, sizeof(clean));
	if (style == JOURNAL_STYLE_PLAIN)
		snprintf(ret_line, JOURNAL_LINE_SIZE, IDENTIFIER ": %s\n", clean);
	else
		snprintf(ret_line, JOURNAL_LINE_SIZE, "<%d>%s\n", LOG_PRI(priority), clean);
	return ret_line;
}

/* One write for a line, so that those of other threads come before or after it. What cannot be
 * written is lost: there is nowhere to say so. */
static void write_all(const char *rest, size_t left)
{
	while (left > 0) {
		ssize_t written = write(STDERR_FILENO, rest, left);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return;
		rest += written;
		left -= (size_t)written;
	}
}

static void write_line(enum journal_style style, int priority, const char *message)
{
	char line[JOURNAL_LINE_SIZE];

	journal_line(style, priority, message, line);
	write_all(line, strlen(line));
}

/* Whether the journal takes it as a name of a field; those with a first "_" are its own. */
static bool name_valid(const char *name)
{
	if (!isupper((unsigned char)*name))
		return false;
	for (; *name; name++)
		if (!isupper((unsigned char)*name) && !isdigit((unsigned char)*name) &&
			*name != '_')
			return false;
	return true;
}

static struct iovec iovec_of(char *text)
{
	return (struct iovec){.iov_base = text, .iov_len = strlen(text)};
}

/* Whether the journal took it. */
static bool send_structured(
	int priority, const struct journal_field *fields, size_t count, const char *message)
{
	char texts[JOURNAL_FIELDS_MAX][JOURNAL_FIELD_SIZE];
	char text[sizeof("MESSAGE=") + JOURNAL_MESSAGE_SIZE] = "MESSAGE=";
	char level[PRIORITY_SIZE], identifier[] = "SYSLOG_IDENTIFIER=" IDENTIFIER;
	struct iovec entry[OWN_FIELDS + JOURNAL_FIELDS_MAX];
	int used = OWN_FIELDS;

	journal_clean(message, text + strlen(text), JOURNAL_MESSAGE_SIZE);
	snprintf(level, sizeof(level), "PRIORITY=%d", LOG_PRI(priority));
	entry[0] = iovec_of(text);
	entry[1] = iovec_of(level);
	entry[2] = iovec_of(identifier);
	for (size_t i = 0; i < count && i < JOURNAL_FIELDS_MAX; i++) {
		size_t name = strlen(fields[i].name);

		if (!fields[i].value || !name_valid(fields[i].name) ||
			name > JOURNAL_FIELD_SIZE / 2)
			continue;
		snprintf(texts[i], sizeof(texts[i]), "%s=", fields[i].name);
		journal_clean(fields[i].value, texts[i] + name + 1, sizeof(texts[i]) - name - 1);
		entry[used++] = iovec_of(texts[i]);
	}
	return sd_journal_sendv(entry, used) >= 0;
}

static void set_clean(json_t *object, const char *name, const char *value)
{
	char clean[JOURNAL_MESSAGE_SIZE];

	(void)json_object_set_new(
		object, name, json_string(journal_clean(value, clean, sizeof(clean))));
}

/* A name that comes again makes a list of its values, as journalctl -o json does. */
static void add_field(json_t *object, const struct journal_field *field)
{
	json_t *there = json_object_get(object, field->name), *list;
	char clean[JOURNAL_MESSAGE_SIZE];

	if (!there) {
		set_clean(object, field->name, field->value);
		return;
	}
	journal_clean(field->value, clean, sizeof(clean));
	if (json_is_array(there)) {
		(void)json_array_append_new(there, json_string(clean));
		return;
	}
	list = json_array();
	(void)json_array_append(list, there);
	(void)json_array_append_new(list, json_string(clean));
	(void)json_object_set_new(object, field->name, list);
}

/* Names as the journal has them; the time, as nothing else would add it. */
static void write_json(
	int priority, const struct journal_field *fields, size_t count, const char *message)
{
	json_t *object = json_object();
	char now[INSTANT_SIZE];
	struct buffer line;

	set_clean(object, "TIME", instant_format(clock_now(), now));
	(void)json_object_set_new(object, "PRIORITY", json_integer(LOG_PRI(priority)));
	set_clean(object, "MESSAGE", message);
	for (size_t i = 0; i < count && i < JOURNAL_FIELDS_MAX; i++)
		if (fields[i].value && name_valid(fields[i].name))
			add_field(object, &fields[i]);
	buffer_init(&line, JOURNAL_JSON_MAX);
	if (json_append(&line, object) == 0 && buffer_append_text(&line, "\n") == 0)
		write_all(buffer_text(&line), line.length);
	buffer_done(&line);
	json_decref(object);
}

/* Whether the descriptor is the stream that the service manager named: "DEVICE:INODE", decimal. */
static bool stream_is_journal(int descriptor)
{
	const char *stream = environment_text("JOURNAL_STREAM");
	struct stat status;
	char found[48]; /* two 64-bit numbers, ":" and NUL */

	if (!stream || fstat(descriptor, &status) < 0)
		return false;
	snprintf(found, sizeof(found), "%llu:%llu", (unsigned long long)status.st_dev,
		(unsigned long long)status.st_ino);
	return strcmp(stream, found) == 0;
}

void journal_start(bool debug, enum journal_format format)
{
	journal_debug = debug;
	if (format == JOURNAL_FORMAT_JSON)
		journal_style = JOURNAL_STYLE_JSON;
	else if (format == JOURNAL_FORMAT_AUTO && stream_is_journal(STDERR_FILENO))
		journal_style = JOURNAL_STYLE_STRUCTURED;
	else if (environment_text("INVOCATION_ID"))
		journal_style = JOURNAL_STYLE_PREFIXED;
	else
		journal_style = JOURNAL_STYLE_PLAIN;
}

bool journal_structured(void)
{
	return journal_style == JOURNAL_STYLE_STRUCTURED || journal_style == JOURNAL_STYLE_JSON;
}

bool journal_takes(int descriptor)
{
	return journal_style == JOURNAL_STYLE_STRUCTURED && stream_is_journal(descriptor);
}

__attribute__((format(printf, 4, 0))) static void send_message(int priority,
	const struct journal_field *fields, size_t count, const char *format, va_list arguments)
{
	/* One more than a message may have, so that journal_clean sees that it is cut. */
	char message[JOURNAL_MESSAGE_SIZE + 1];
	int error = errno;

	if (LOG_PRI(priority) == LOG_DEBUG && !journal_debug)
		return;
	if (vsnprintf(message, sizeof(message), format, arguments) < 0)
		snprintf(message, sizeof(message), "a message could not be formatted");
	if (journal_style == JOURNAL_STYLE_JSON)
		write_json(priority, fields, count, message);
	else if (journal_style != JOURNAL_STYLE_STRUCTURED)
		write_line(journal_style, priority, message);
	else if (!send_structured(priority, fields, count, message))
		write_line(JOURNAL_STYLE_PREFIXED, priority, message);
	errno = error;
}

void journal_send(
	int priority, const struct journal_field *fields, size_t count, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	send_message(priority, fields, count, format, arguments);
	va_end(arguments);
}

void journal_event(enum event event, int priority, const struct journal_field *fields, size_t count,
	const char *format, ...)
{
	const struct message message = message_of_event(event);
	struct journal_field all[JOURNAL_FIELDS_MAX] = {{"MESSAGE_ID", message.id}};
	va_list arguments;

	if (count > JOURNAL_FIELDS_MAX - 1)
		count = JOURNAL_FIELDS_MAX - 1;
	for (size_t i = 0; i < count; i++)
		all[i + 1] = fields[i];
	va_start(arguments, format);
	send_message(
		priority < 0 ? (int)message.urgency : priority, all, count + 1, format, arguments);
	va_end(arguments);
}
