/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the service model ds/2015-04-16 says of the operations: the members of each input with
 * their constraints, the members of each result, and the errors it models. The emulator refuses
 * by these tables, and a test holds them against the model that ships with botocore.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "core/vocabulary.h"
#include "edge/json.h"

/* Errors one operation models. */
#define SHAPE_ERRORS_MAX 12
/* Members of one structure, with the one that ends it. */
#define SHAPE_MEMBERS_MAX 32
/* "1 validation error detected: ..." with a value that was cut. */
#define SHAPE_MESSAGE_SIZE 768

enum shape_kind {
	SHAPE_TEXT,
	SHAPE_NUMBER,
	SHAPE_FLAG,
	SHAPE_INSTANT,
	SHAPE_TEXTS,	 /* list of texts, each under the constraints */
	SHAPE_STRUCTURE, /* `members` */
	SHAPE_STRUCTURES /* list of structures of `members` */
};

struct shape_member {
	const char *name; /* NULL ends a list */
	enum shape_kind kind;
	bool required;
	bool sensitive;		  /* its value never appears in a message */
	const char *pattern;	  /* of a text, as an extended regular expression; NULL: any */
	long low, high;		  /* length of a text or value of a number; high 0: no limit */
	const char *const *words; /* the words of an enumeration; NULL: no enumeration */
	const struct shape_member *members;
};

struct shape {
	const struct shape_member *input;
	const struct shape_member *output;
	enum refusal errors[SHAPE_ERRORS_MAX]; /* REFUSAL_NONE ends it */
};

const struct shape *shape_of(enum operation operation);
/* Whether the operation models this error. */
bool shape_models(enum operation operation, enum refusal refusal);

/* Compiles the patterns; once, before the first shape_check. 0 or -ERROR_MEMORY. */
int shape_start(void);
void shape_stop(void);

/*
 * Checks a request against the shape. REFUSAL_NONE, SerializationException (a member of the wrong
 * type) or ValidationException, with the service's text.
 */
enum refusal shape_check(
	enum operation operation, const json_t *input, char ret_message[static SHAPE_MESSAGE_SIZE]);

/* Writes all tables as JSON: what the test compares. */
void shape_print(FILE *file);
