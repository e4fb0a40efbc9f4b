/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A JSON text, read: replies of the API, each looked at once and forgotten. A reader of our own, as
 * jansson (json.h), which makes and frees an object for every value, was a quarter of what a pass
 * costs. What it takes and refuses is what json_parse does; tests/unit/test-document.c and
 * tests/fuzz/fuzz-document.c hold the two together.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Largest text that is read: what a reply of the API may have. Bytes. */
#define DOCUMENT_TEXT_MAX ((size_t)1024 * 1024)
/* Arrays and objects in one another; replies of the API need six. They are read by recursion. */
#define DOCUMENT_DEPTH_MAX 32
/* Members of one object; the API's have at most 30. Each is compared with all before it. */
#define DOCUMENT_MEMBERS_MAX 256

enum value_kind {
	VALUE_NULL,
	VALUE_FALSE,
	VALUE_TRUE,
	VALUE_NUMBER,
	VALUE_TEXT,
	VALUE_LIST,
	VALUE_OBJECT,
};

/* One value; what it holds follows it. */
struct value {
	enum value_kind kind;
	uint32_t span;	  /* values from this one to what follows it: itself and what it holds */
	const char *name; /* of a member, borrowed from the document; NULL elsewhere */
	union {
		const char *text; /* VALUE_TEXT: borrowed from the document; UTF-8 */
		double number;	  /* VALUE_NUMBER: finite */
	};
};

/* All-zero is none. */
struct document {
	struct value *values; /* owned; the first is the whole; NULL if nothing was read */
	size_t count, capacity;
	char *text; /* owned: a copy, in which texts were decoded */
	size_t length;
};

/*
 * Reads one JSON value (RFC 8259; duplicate keys and NUL in strings refused) with nothing but white
 * space after it. 0, or -ERROR_INVALID / -ERROR_LIMIT / -ERROR_MEMORY with the reason in `error`;
 * no byte of the text is quoted. document_done it only after 0.
 */
int document_parse(
	const void *text, size_t length, struct document *ret_document, struct error *error);

/* Wipes and releases: replies can hold secrets. Leaves all-zero; accepts all-zero. */
void document_done(struct document *document);

/* The first of what a list or an object holds, and the one after `value` in the same; NULL if there
 * is none, or `list` is NULL or of another kind. */
const struct value *value_first(const struct value *list);
const struct value *value_next(const struct value *list, const struct value *value);
/* How many a list holds; 0 for NULL and every other kind. */
size_t value_count(const struct value *list);

/*
 * Members of an object; `object` may be NULL or any other kind of value, which has no members. A
 * member of another kind than asked for counts as missing: NULL or false, *ret untouched.
 */
const struct value *value_member(const struct value *object, const char *name);
const char *value_member_text(const struct value *object, const char *name);
const struct value *value_member_object(const struct value *object, const char *name);
/* Any JSON number as whole seconds, rounded down: the API writes epoch seconds plain, with a
 * fraction or with an exponent. Numbers beyond what a double counts exactly are missing. */
bool value_member_instant(const struct value *object, const char *name, int64_t *ret_instant);
/* Copies a text, cut to `size` with its NUL at a character's boundary; "" if missing. */
void value_member_copy(const struct value *object, const char *name, char *ret_text, size_t size);
