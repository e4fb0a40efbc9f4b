/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one convention for failure: functions that can fail return 0 or a negative `enum error_code`
 * and leave their results untouched. Those that know a reason a person can use also fill a
 * caller-owned `struct error`. An error is made once, where it is understood, and logged once,
 * where it is handled; callers branch on the class, people read the message.
 */

#include <stdbool.h>
#include <stddef.h>

/* Enough for a path, an id and two sentences; a longer message is cut with "...". Bytes. */
#define ERROR_MESSAGE_SIZE 640

enum error_class {
	ERROR_CLASS_TRANSIENT, /* the same call may succeed later: retry with back-off */
	ERROR_CLASS_PERMANENT, /* somebody must change something first */
	ERROR_CLASS_BUG,       /* cannot happen, or our own encoding is wrong */
};

/* code, class, text */
#define ERROR_TABLE(X)                                                                             \
	X(MEMORY, TRANSIENT, "out of memory")                                                      \
	X(LIMIT, PERMANENT, "a limit was exceeded")                                                \
	X(INVALID, PERMANENT, "not valid")                                                         \
	X(MISSING, PERMANENT, "not found")                                                         \
	X(EXISTS, PERMANENT, "there already")                                                      \
	X(DENIED, PERMANENT, "permission denied")                                                  \
	X(UNSUPPORTED, PERMANENT, "not supported")                                                 \
	X(CORRUPT, PERMANENT, "damaged")                                                           \
	X(BUSY, TRANSIENT, "in use by another")                                                    \
	X(IO, TRANSIENT, "input or output failed")                                                 \
	X(NETWORK, TRANSIENT, "the network failed")                                                \
	X(TIMEOUT, TRANSIENT, "took too long")                                                     \
	X(SERVICE, TRANSIENT, "the service failed")                                                \
	X(REFUSED, PERMANENT, "the service refused")                                               \
	X(ACCOUNT, PERMANENT, "of another account")                                                \
	X(STALE, TRANSIENT, "too old to act on")                                                   \
	X(STOPPED, TRANSIENT, "asked to stop")                                                     \
	X(INTERNAL, BUG, "internal error")

enum error_code {
	ERROR_NONE,
#define X(code, class, text) ERROR_##code,
	ERROR_TABLE(X)
#undef X
	ERROR_CODES, /* count, not a code */
};

struct error {
	int code;			  /* negative enum error_code; 0 while nothing failed */
	char message[ERROR_MESSAGE_SIZE]; /* one sentence without a final newline; no secret, no PEM
					   */
};

/* Class of a negative (or positive) error code; an unknown code is a bug. */
enum error_class error_class(int code);

/* Text of the table for a negative (or positive) error code; never NULL. */
const char *error_str(int code);

/*
 * Fills `error` (NULL is allowed: the message is then dropped) and returns `-code`, so that a
 * caller can write `return error_set(error, ERROR_INVALID, "...")`.
 */
int error_set(struct error *error, enum error_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "format: " before the message that is there; returns error->code. */
int error_prefix(struct error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A failure is negative, whatever happens; where it is made, compilers and analysers see that too,
 * and do not follow callers into what they do after a success. */
static inline int error_negative(int code)
{
	return code < 0 ? code : -ERROR_INTERNAL;
}
#define error_set(...)	  error_negative(error_set(__VA_ARGS__))
#define error_prefix(...) error_negative(error_prefix(__VA_ARGS__))
