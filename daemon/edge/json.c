/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/json.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* A double counts whole seconds exactly up to here. */
#define INSTANT_MAX 9007199254740992.0

static void wiping_free(void *memory)
{
	if (memory)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

void json_start(void)
{
	json_object_seed(0);
	json_set_alloc_funcs(malloc, wiping_free);
}

/* jansson's own limit of depth is 2048 frames; a worker's stack is small. */
static bool too_deep(const char *text, size_t length)
{
	size_t depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < length; i++) {
		if (quoted && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && (text[i] == '[' || text[i] == '{') && ++depth > JSON_DEPTH_MAX)
			return true;
		else if (!quoted && (text[i] == ']' || text[i] == '}') && depth > 0)
			depth--;
	}
	return false;
}

static int parse(
	const char *text, size_t length, size_t flags, json_t **ret_value, struct error *error)
{
	json_error_t reason;
	json_t *value;

	if (length > JSON_TEXT_MAX)
		return error_set(error, ERROR_LIMIT,
			"the JSON text has %zu bytes, at most %d are read", length, JSON_TEXT_MAX);
	if (too_deep(text, length))
		return error_set(error, ERROR_LIMIT,
			"the JSON text nests more than %d arrays and objects", JSON_DEPTH_MAX);
	value = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | flags, &reason);
	if (!value)
		return json_error_code(&reason) == json_error_out_of_memory
			       ? error_set(error, ERROR_MEMORY, "out of memory")
			       : error_set(error, ERROR_INVALID,
					 "not JSON (at byte %d, line %d, column %d)",
					 reason.position, reason.line, reason.column);
	*ret_value = value;
	return 0;
}

int json_parse(const void *text, size_t length, json_t **ret_value, struct error *error)
{
	return parse(text, length, 0, ret_value, error);
}

/* Where the string ends that begins at `at`: its closing quote, or the end of the text. */
static const char *string_end(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++)
		at += *at == '\\' && at + 1 < end;
	return at;
}

static const char *skip_space(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
		at++;
	return at;
}

/* Where the value of a member of the outermost object begins; NULL if there is none. */
static const char *member_value(const char *text, const char *end, const char *key)
{
	size_t length = strlen(key), depth = 0;

	for (const char *at = text; at < end; at++) {
		const char *string = at + 1, *colon;

		depth += *at == '{' || *at == '[';
		depth -= depth > 0 && (*at == '}' || *at == ']');
		if (*at != '"')
			continue;
		at = string_end(at, end);
		if (at == end)
			break;
		if (depth != 1 || (size_t)(at - string) != length ||
			memcmp(string, key, length) != 0)
			continue;
		colon = skip_space(at + 1, end);
		if (colon < end && *colon == ':')
			return colon + 1;
	}
	return NULL;
}

int json_parse_member(
	const char *text, size_t length, const char *key, json_t **ret_value, struct error *error)
{
	const char *value = member_value(text, text + length, key);

	if (!value)
		return error_set(error, ERROR_MISSING, "the JSON text has no %s", key);
	return parse(
		value, (size_t)(text + length - value), JSON_DISABLE_EOF_CHECK, ret_value, error);
}

static int append_piece(const char *piece, size_t size, void *buffer)
{
	return buffer_append(buffer, piece, size);
}

int json_append(struct buffer *buffer, const json_t *value)
{
	int r = json_dump_callback(value, append_piece, buffer, JSON_COMPACT | JSON_ENCODE_ANY);

	if (r < 0)
		return buffer_status(buffer) < 0 ? buffer_status(buffer) : -ERROR_MEMORY;
	return 0;
}

const char *json_member_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

const json_t *json_member_array(const json_t *object, const char *key)
{
	const json_t *member = json_object_get(object, key);

	return json_is_array(member) ? member : NULL;
}

const json_t *json_member_object(const json_t *object, const char *key)
{
	const json_t *member = json_object_get(object, key);

	return json_is_object(member) ? member : NULL;
}

bool json_member_instant(const json_t *object, const char *key, int64_t *ret_instant)
{
	const json_t *member = json_object_get(object, key);
	double seconds = json_number_value(member);
	int64_t whole;

	if (!json_is_number(member) || !(seconds > -INSTANT_MAX && seconds < INSTANT_MAX))
		return false;
	whole = (int64_t)seconds;
	*ret_instant = (double)whole > seconds ? whole - 1 : whole;
	return true;
}

void json_member_copy(const json_t *object, const char *key, char *ret_text, size_t size)
{
	const char *text = json_member_text(object, key);

	text_copy(text ? text : "", ret_text, size);
}

json_t *json_text(const char *text)
{
	json_t *value = json_string(text);
	char *plain;

	if (value)
		return value;
	plain = strdup(text);
	for (char *at = plain; plain && *at; at++)
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	value = plain ? json_string(plain) : NULL;
	free(plain);
	return value;
}
