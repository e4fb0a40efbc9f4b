/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append_quoted(struct buffer *buffer, const char *text)
{
	buffer_append_text(buffer, "\"");
	for (const char *run = text; *run;) {
		size_t plain = 0;

		while ((unsigned char)run[plain] >= 0x20 && run[plain] != '"' && run[plain] != '\\')
			plain++;
		buffer_append(buffer, run, plain);
		run += plain;
		if (*run == '"' || *run == '\\')
			buffer_printf(buffer, "\\%c", *run);
		else if (*run)
			buffer_printf(buffer, "\\u%04x", (unsigned)(unsigned char)*run);
		run += *run != '\0';
	}
	buffer_append_text(buffer, "\"");
}

static void start(struct writer *writer, const char *key)
{
	if (writer->comma)
		buffer_append_text(writer->buffer, ",");
	writer->comma = true;
	if (key)
		buffer_printf(writer->buffer, "\"%s\":", key);
}

void writer_open(struct writer *writer, const char *key, char bracket)
{
	start(writer, key);
	buffer_append(writer->buffer, &bracket, 1);
	writer->comma = false;
}

void writer_close(struct writer *writer, char bracket)
{
	buffer_append(writer->buffer, &bracket, 1);
	writer->comma = true;
}

void writer_text(struct writer *writer, const char *key, const char *text)
{
	if (!text)
		return;
	start(writer, key);
	append_quoted(writer->buffer, text);
}

void writer_number(struct writer *writer, const char *key, int64_t number)
{
	start(writer, key);
	buffer_printf(writer->buffer, "%" PRId64, number);
}

void writer_flag(struct writer *writer, const char *key, bool flag)
{
	start(writer, key);
	buffer_append_text(writer->buffer, flag ? "true" : "false");
}

/* Drops the zeros at the end of a fraction, but keeps one digit. */
static void trim_zeros(char *digits)
{
	size_t length = strlen(digits);

	while (length > 3 && digits[length - 1] == '0' && digits[length - 2] != '.')
		digits[--length] = '\0';
}

void writer_instant(struct writer *writer, const char *key, int64_t seconds, unsigned milliseconds)
{
	char digits[48];
	char *mark;
	double value = (double)seconds + milliseconds / 1000.0;

	start(writer, key);
	if (!writer->exponent) {
		if (milliseconds > 0)
			buffer_printf(writer->buffer, "%.3f", value);
		else
			buffer_printf(writer->buffer, "%" PRId64, seconds);
		return;
	}
	/* 13 significant digits hold milliseconds of ten-digit seconds. */
	snprintf(digits, sizeof(digits), "%.12e", value);
	mark = strchr(digits, 'e');
	if (!mark)
		return; /* not a finite number: no instant is */
	*mark = '\0';
	trim_zeros(digits);
	buffer_printf(writer->buffer, "%sE%ld", digits, strtol(mark + 1, NULL, 10));
}
