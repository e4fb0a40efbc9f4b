/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/twin.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "edge/document.h"
#include "edge/json.h"

static bool same(const struct value *value, const json_t *theirs);

static bool same_list(const struct value *value, const json_t *theirs)
{
	const struct value *one = value_first(value);
	size_t count = json_array_size(theirs);

	for (size_t i = 0; i < count; i++, one = value_next(value, one))
		if (!one || !same(one, json_array_get(theirs, i)))
			return false;
	return !one && value_count(value) == count;
}

static bool same_object(const struct value *value, const json_t *theirs)
{
	size_t count = 0;

	for (const struct value *one = value_first(value); one; one = value_next(value, one)) {
		if (value_member(value, one->name) != one ||
			!same(one, json_object_get(theirs, one->name)))
			return false;
		count++;
	}
	return count == json_object_size(theirs);
}

static bool same(const struct value *value, const json_t *theirs)
{
	if (!theirs)
		return false;
	switch (value->kind) {
	case VALUE_NULL:
		return json_is_null(theirs);
	case VALUE_FALSE:
		return json_is_false(theirs);
	case VALUE_TRUE:
		return json_is_true(theirs);
	case VALUE_NUMBER:
		return json_is_number(theirs) && value->number == json_number_value(theirs);
	case VALUE_TEXT:
		return json_is_string(theirs) &&
		       strcmp(value->text, json_string_value(theirs)) == 0;
	case VALUE_LIST:
		return json_is_array(theirs) && same_list(value, theirs);
	case VALUE_OBJECT:
		return json_is_object(theirs) && same_object(value, theirs);
	}
	return false;
}

bool twin_read(const void *text, size_t length, int *ret_result)
{
	CLEANUP(json_free_ptr) json_t *theirs = NULL;
	CLEANUP(document_done) struct document document = {0};
	CLEANUP(free_ptr) char *copy = malloc(length ? length : 1);
	struct error error = {0};
	int r, other;

	if (!copy)
		abort();
	memcpy(copy, text, length);
	r = document_parse(copy, length, &document, &error);
	other = json_parse(copy, length, &theirs, NULL);
	*ret_result = r;
	if (r < 0 && (error.code != r || !error.message[0]))
		return false;
	/* jansson overlooks one right behind a number or a word */
	if (memchr(text, '\0', length))
		return r < 0;
	if (r == -ERROR_LIMIT && other == 0)
		return strstr(error.message, "members") != NULL;
	return r == 0 ? same(document.values, theirs) : other < 0;
}
