/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diagnostics.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"
#include "base/text.h"

void diagnostics_done(struct diagnostics *diagnostics)
{
	if (!diagnostics)
		return;
	for (size_t i = 0; i < diagnostics->count; i++)
		free(diagnostics->entries[i].sentence);
	for (size_t i = 0; i < diagnostics->files_count; i++)
		free(diagnostics->files[i]);
	free(diagnostics->entries);
	free(diagnostics->files);
	*diagnostics = (struct diagnostics){0};
}

const char *diagnostics_file(struct diagnostics *diagnostics, const char *name)
{
	int r = array_reserve(&diagnostics->files, &diagnostics->files_capacity,
		diagnostics->files_count, sizeof(diagnostics->files[0]), DIAGNOSTICS_FILES_MAX);
	char *copy = r < 0 ? NULL : strdup(name);

	if (!copy) {
		diagnostics->broken = r < 0 ? r : -ERROR_MEMORY;
		return NULL;
	}
	text_clean(copy);
	diagnostics->files[diagnostics->files_count++] = copy;
	return copy;
}

static size_t file_rank(const struct diagnostics *diagnostics, const char *file)
{
	size_t rank = 0;

	while (rank < diagnostics->files_count && diagnostics->files[rank] != file)
		rank++;
	return rank;
}

__attribute__((format(printf, 1, 0))) static char *sentence_make(
	const char *format, va_list arguments)
{
	char text[DIAGNOSTIC_SENTENCE_SIZE];
	int length = vsnprintf(text, sizeof(text), format, arguments);

	if (length < 0)
		return NULL;
	if ((size_t)length >= sizeof(text))
		memcpy(text + sizeof(text) - 4, "...", 4);
	text_clean(text);
	return strdup(text);
}

bool diagnostics_room(const struct diagnostics *diagnostics, enum severity severity)
{
	return diagnostics->kept[severity] < DIAGNOSTICS_MAX;
}

void diagnostics_add(struct diagnostics *diagnostics, enum severity severity, const char *file,
	unsigned line, unsigned column, const char *format, ...)
{
	va_list arguments;
	char *sentence;

	diagnostics->totals[severity]++;
	if (!diagnostics_room(diagnostics, severity))
		return;
	va_start(arguments, format);
	sentence = sentence_make(format, arguments);
	va_end(arguments);
	if (!sentence || array_reserve(&diagnostics->entries, &diagnostics->capacity,
				 diagnostics->count, sizeof(diagnostics->entries[0]),
				 (size_t)SEVERITIES * DIAGNOSTICS_MAX) < 0) {
		free(sentence);
		diagnostics->broken = -ERROR_MEMORY;
		return;
	}
	diagnostics->kept[severity]++;
	diagnostics->entries[diagnostics->count++] = (struct diagnostic){.severity = severity,
		.file = file,
		.file_rank = file_rank(diagnostics, file),
		.line = line,
		.column = column,
		.sentence = sentence};
}

static int order(size_t a, size_t b)
{
	return a < b ? -1 : a > b;
}

static int diagnostic_compare(const void *left, const void *right)
{
	const struct diagnostic *a = left, *b = right;
	int r = order(a->file_rank, b->file_rank);

	r = r ? r : order(a->line, b->line);
	r = r ? r : order(a->column, b->column);
	r = r ? r : order(a->severity, b->severity);
	return r ? r : strcmp(a->sentence, b->sentence);
}

void diagnostics_sort(struct diagnostics *diagnostics)
{
	size_t unique = 0;

	if (diagnostics->count < 2)
		return;
	qsort(diagnostics->entries, diagnostics->count, sizeof(diagnostics->entries[0]),
		diagnostic_compare);
	for (size_t i = 1; i < diagnostics->count; i++) {
		struct diagnostic *entry = &diagnostics->entries[i];

		if (diagnostic_compare(&diagnostics->entries[unique], entry) != 0) {
			diagnostics->entries[++unique] = *entry;
			continue;
		}
		diagnostics->totals[entry->severity]--;
		diagnostics->kept[entry->severity]--;
		free(entry->sentence);
	}
	diagnostics->count = unique + 1;
}

const char *severity_str(enum severity severity)
{
	static const char *const words[SEVERITIES] = {[SEVERITY_ERROR] = "error",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_NOTE] = "note"};

	return words[severity];
}

int diagnostic_format(const struct diagnostic *diagnostic, struct buffer *buffer)
{
	if (diagnostic->file && diagnostic->line > 0)
		buffer_printf(buffer, "%s:%u:%u: ", diagnostic->file, diagnostic->line,
			diagnostic->column);
	else if (diagnostic->file)
		buffer_printf(buffer, "%s: ", diagnostic->file);
	if (diagnostic->severity != SEVERITY_ERROR)
		buffer_printf(buffer, "%s: ", severity_str(diagnostic->severity));
	return buffer_append_text(buffer, diagnostic->sentence);
}

int diagnostics_format(const struct diagnostics *diagnostics, struct buffer *buffer)
{
	for (size_t i = 0; i < diagnostics->count; i++) {
		diagnostic_format(&diagnostics->entries[i], buffer);
		buffer_append_text(buffer, "\n");
	}
	for (int i = 0; i < SEVERITIES; i++) {
		size_t more = diagnostics->totals[i] - diagnostics->kept[i];

		if (more > 0)
			buffer_printf(buffer, "and %zu more %s%s\n", more,
				severity_str((enum severity)i), more > 1 ? "s" : "");
	}
	return buffer_status(buffer);
}
