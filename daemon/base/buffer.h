/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A growing run of bytes that is born with a maximum. `data` is always followed by a NUL that is
 * not counted in `length`, so text can be used as a C string. Once an append fails the buffer is
 * `broken`: later appends do nothing, and buffer_status tells, so that a writer checks once at the
 * end.
 */

#include <stddef.h>

#include "base/cleanup.h"

struct buffer {
	char *data;	 /* owned; NULL while nothing was ever appended */
	size_t length;	 /* bytes */
	size_t capacity; /* bytes allocated, the NUL included */
	size_t limit;	 /* most bytes `length` may reach */
	int broken;	 /* 0, -ERROR_LIMIT or -ERROR_MEMORY: the first append that failed */
};

/* An empty buffer of at most `limit` bytes. */
void buffer_init(struct buffer *buffer, size_t limit);

/* Releases the bytes and leaves an empty buffer with the same limit. Accepts NULL and all-zero. */
void buffer_done(struct buffer *buffer);

/* Wipes the bytes before releasing them: for what holds a secret. */
void buffer_wipe(struct buffer *buffer);

/* Each returns 0, -ERROR_LIMIT or -ERROR_MEMORY; on failure the content stays as it was. */
int buffer_append(struct buffer *buffer, const void *bytes, size_t length);
int buffer_append_text(struct buffer *buffer, const char *text);
int buffer_printf(struct buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Forgets the content (and `broken`), keeps the memory. */
void buffer_clear(struct buffer *buffer);

/* The text, "" if empty. Borrowed until the next append. */
const char *buffer_text(const struct buffer *buffer);

/* 0, or the error of the first append that failed. */
int buffer_status(const struct buffer *buffer);

/* Hands the bytes (NUL-terminated, to be freed by the caller) over; NULL if empty or broken. */
char *buffer_steal(struct buffer *buffer);
