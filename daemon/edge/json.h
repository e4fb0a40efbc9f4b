/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one door to jansson. Others include this header instead of its own and use its functions to
 * build values; bytes from outside come in through json_parse alone, which bounds them. Replies of
 * the API are read by document.h.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/error.h"

/* Largest text that is parsed: what a reply of the API may have. Bytes. */
#define JSON_TEXT_MAX (1024 * 1024)
/* Arrays and objects in one another; replies of the API need six. jansson parses by recursion. */
#define JSON_DEPTH_MAX 32

/*
 * Makes jansson wipe what it frees: requests and replies can hold secrets. Call once, before any
 * other thread starts; values made before are freed rightly all the same.
 */
void json_start(void);

/*
 * Parses one JSON value (RFC 8259; duplicate keys and NUL in strings refused) with nothing but
 * white space after it. 0, or -ERROR_INVALID / -ERROR_LIMIT with place and reason in `error`; no
 * byte of the text is quoted.
 */
int json_parse(const void *text, size_t length, json_t **ret_value, struct error *error);

/*
 * Parses the value of one member of the outermost object alone: of a text of ours of which little
 * is needed. What stands before and behind it is skipped, not judged; `key` has no character that
 * JSON escapes. 0, -ERROR_MISSING if there is no such member, or as json_parse.
 */
int json_parse_member(
	const char *text, size_t length, const char *key, json_t **ret_value, struct error *error);

/* Appends the compact text of `value` (keys in the order they were set). 0 or buffer's errors. */
int json_append(struct buffer *buffer, const json_t *value);

/* For `CLEANUP(json_free_ptr) json_t *value`. */
static inline void json_free_ptr(json_t **value)
{
	json_decref(*value);
}

/*
 * Members of an object; `object` may be NULL or any other kind of value, which has no members. A
 * member of another type than asked for counts as missing: NULL or false, *ret untouched.
 */
const char *json_member_text(const json_t *object, const char *key);
const json_t *json_member_array(const json_t *object, const char *key);
const json_t *json_member_object(const json_t *object, const char *key);
/* Any JSON number as whole seconds, rounded down: the API writes epoch seconds plain, with a
 * fraction or with an exponent. Numbers beyond what a double counts exactly are missing. */
bool json_member_instant(const json_t *object, const char *key, int64_t *ret_instant);
/* Copies a text, cut to `size` with its NUL at a character's boundary; "" if missing. */
void json_member_copy(const json_t *object, const char *key, char *ret_text, size_t size);
/* A text of any origin: where it is not UTF-8, '?' stands for what is not ASCII, as no value may be
 * lost for that. NULL only without memory. The caller's. */
json_t *json_text(const char *text);
