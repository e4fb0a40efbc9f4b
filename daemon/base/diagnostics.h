/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a reader of files has to say about them: a list of sentences, each with a severity and a
 * place, all of a run and not only the first. Bounded: beyond the limit sentences are counted, not
 * kept.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/severity.h"

/* Sentences kept of each severity: more than anybody reads at once, and no flood of warnings can
 * push an error out. */
#define DIAGNOSTICS_MAX 200
/* Files of one run: the main file and conf.d. */
#define DIAGNOSTICS_FILES_MAX 1025
/* One sentence, its place not counted; a longer one is cut with "...". Bytes. */
#define DIAGNOSTIC_SENTENCE_SIZE 1024

struct diagnostic {
	enum severity severity;
	const char *file; /* borrowed from the list; NULL if it concerns no file */
	size_t file_rank; /* order of `file` among the files of the run */
	unsigned line;	  /* from 1; 0 if it concerns the file as a whole */
	unsigned column;  /* from 1, in characters */
	char *sentence;	  /* owned; no final newline, no secret */
};

/* All-zero is an empty list. */
struct diagnostics {
	struct diagnostic *entries; /* owned */
	size_t count;
	size_t capacity;
	size_t totals[SEVERITIES]; /* of each severity, kept or not */
	size_t kept[SEVERITIES];   /* of each severity, in `entries` */
	char **files;		   /* owned names, in the order they were registered */
	size_t files_count;
	size_t files_capacity;
	int broken; /* 0, or -ERROR_MEMORY: a sentence was lost */
};

/* Frees everything and leaves an empty list. Accepts NULL and all-zero. */
void diagnostics_done(struct diagnostics *diagnostics);

/*
 * Registers a file name (copied) and gives the list's own copy, to be passed to diagnostics_add;
 * sentences are sorted by the order of registration. NULL: no memory or too many (broken is set).
 */
const char *diagnostics_file(struct diagnostics *diagnostics, const char *name);

/*
 * Adds a sentence. `file` is NULL or came from diagnostics_file; `line` 0 means the whole file.
 * Control characters of file names and sentences are shown as "?".
 */
void diagnostics_add(struct diagnostics *diagnostics, enum severity severity, const char *file,
	unsigned line, unsigned column, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* Whether one more of this severity would be kept: ask before costly suggestions. */
bool diagnostics_room(const struct diagnostics *diagnostics, enum severity severity);

/* Sorts by file, line, column and severity, and drops repetitions (an alias is read twice). */
void diagnostics_sort(struct diagnostics *diagnostics);

/* "file:line:column: sentence", with "warning: " or "note: " before those; the result of append. */
int diagnostic_format(const struct diagnostic *diagnostic, struct buffer *buffer);

/* All lines, each with a newline, and how many more there are. The result of append. */
int diagnostics_format(const struct diagnostics *diagnostics, struct buffer *buffer);
