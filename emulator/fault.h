/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Faults: what goes wrong with which of the next calls. A fault is asked for as
 * OPERATION:COUNT:KIND, strikes COUNT calls of that operation, and is gone. KIND is one of the
 * words of the table, or an error code that the call is refused with, unexecuted. OPERATION is one
 * of the service, "*" for any of them, or a word of emulator/served.h.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "core/vocabulary.h"
#include "emulator/served.h"

/* Faults that wait at one time. */
#define FAULTS_MAX 1000
/* "*" as COUNT: for ever. */
#define FAULT_ENDLESS (-1L)

/* name, word, whether the call is executed, help */
/* clang-format off */
#define FAULT_TABLE(X) \
	X(REFUSE, "", false, "an error code: refused with it") \
	X(LOST_REPLY, "lost-reply", true, "executed, then the connection is cut") \
	X(CUT_BEFORE, "cut-before", false, "not executed, the connection is cut") \
	X(CUT_BODY, "cut-body", true, "executed, the connection is cut in mid-reply") \
	X(SLOW, "slow", true, "executed, the reply comes a byte at a time") \
	X(HANG, "hang", true, "executed, the reply never comes") \
	X(HUGE, "huge", true, "executed, the reply has four MiB") \
	X(HTML500, "html500", false, "status 500 and HTML") \
	X(LOST_500, "lost-500", true, "executed, but status 500 and HTML") \
	X(BARE503, "bare503", false, "status 503 and no body") \
	X(XML403, "xml403", false, "status 403 and XML: AccessDenied") \
	X(REDIRECT, "redirect", false, "status 307 to another host") \
	X(GARBAGE, "garbage", true, "executed, status 200 and bytes that are no text") \
	X(TRUNCATED, "truncated", true, "executed, status 200 and half of the JSON") \
	X(EMPTY, "empty", true, "executed, status 200 and no body") \
	X(WRONG_JSON, "wrong-json", true, "executed, status 200 and JSON of another shape") \
	X(UNKNOWN_WORDS, "unknown-words", true, "executed, states and types nobody knows") \
	X(BAD_DATE, "bad-date", true, "executed, a Date header that is no date") \
	X(NO_DATE, "no-date", true, "executed, no Date header") \
	X(ENDLESS_PAGES, "endless-pages", true, "executed, always with a NextToken")
enum fault_kind { FAULT_NONE,
#define X(name, word, executed, help) FAULT_##name,
	FAULT_TABLE(X)
#undef X
	FAULT_KINDS };
/* clang-format on */

struct fault {
	enum served served;	  /* NONE: an operation of the service */
	enum operation operation; /* of the service; UNKNOWN: any */
	enum fault_kind kind;
	enum refusal refusal;		 /* for REFUSE of an operation */
	enum trouble trouble;		 /* for REFUSE of what is served beside */
	long count;			 /* calls it still strikes; FAULT_ENDLESS */
	long skip;			 /* matching calls it lets pass before */
	char directory[SERVICE_ID_SIZE]; /* "" for any */
};

struct faults {
	struct fault *faults; /* owned, in order of arrival */
	size_t count;
	size_t capacity;
};

/*
 * Adds what "OPERATION:COUNT[+SKIP]:KIND[@DIRECTORY]" asks for; OPERATION and COUNT may be "*". 0
 * or a negative error with its reason.
 */
int faults_add(struct faults *faults, const char *text, struct error *error);
/* The fault that strikes this call, used up by it; kind FAULT_NONE if none does. */
struct fault faults_take(struct faults *faults, enum operation operation, const char *directory);
/* The same for what is served beside the operations. */
struct fault faults_take_served(struct faults *faults, enum served served);
/* Forgets all of them and frees the list. */
void faults_clear(struct faults *faults);

/* Whether a call struck by this kind is executed. */
bool fault_executes(enum fault_kind kind);
/* Its word, its help. Static, never NULL. */
const char *fault_kind_str(enum fault_kind kind);
const char *fault_kind_help(enum fault_kind kind);
