/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/calendar.h"
#include "base/suggest.h"
#include "edge/schema-value.h"

#define ITEM_MAX     100 /* of a value that is repeated; bytes */
#define ALLOWED_SIZE 400 /* the words or keys of one row or section, joined; bytes */

/* What reading one section is about. */
struct reading {
	enum section section;
	const char *file;
	struct diagnostics *diagnostics;
};

#define refuse(reading, node, ...)                                                                 \
	schema_say((reading)->diagnostics, SEVERITY_ERROR, (reading)->file, node, __VA_ARGS__)

/* ---------------------------------------------------------------- single values */

bool schema_word(enum key key, const struct yaml_node *node, int64_t *ret_index)
{
	const struct schema_key *row = schema_key(key);

	for (size_t i = 0; node->kind == YAML_SCALAR && i < row->words_count; i++)
		if (row->words[i] && strcmp(row->words[i], node->text) == 0) {
			*ret_index = (int64_t)i;
			return true;
		}
	return false;
}

/* "a, b, c" of those that are not NULL, with `between` between them; cut if there are too many. */
static const char *join(
	const char *const *words, size_t count, const char *between, size_t size, char *ret_text)
{
	size_t length = 0;

	ret_text[0] = '\0';
	for (size_t i = 0; i < count && length < size; i++)
		if (words[i])
			length += (size_t)snprintf(ret_text + length, size - length, "%s%s",
				length > 0 ? between : "", words[i]);
	return ret_text;
}

/* The nearest of the words that are not NULL. */
static const char *nearest(const char *word, const char *const *words, size_t count)
{
	const char *some[KEYS];
	size_t some_count = 0;

	for (size_t i = 0; i < count && some_count < KEYS; i++)
		if (words[i])
			some[some_count++] = words[i];
	return suggest(word, some, some_count);
}

static void refuse_word(
	struct reading *reading, const struct schema_key *row, const struct yaml_node *node)
{
	char found[YAML_FOUND_SIZE], allowed[ALLOWED_SIZE];
	const char *near = NULL;

	if (node->kind == YAML_SCALAR)
		near = nearest(node->text, row->words, row->words_count);
	join(row->words, row->words_count, ", ", sizeof(allowed), allowed);
	if (near)
		refuse(reading, node, "\"%s\" must be one of %s; found %s: did you mean \"%s\"?",
			row->name, allowed, yaml_found(node, found), near);
	else
		refuse(reading, node, "\"%s\" must be one of %s; found %s", row->name, allowed,
			yaml_found(node, found));
}

static void refuse_range(
	struct reading *reading, const struct schema_key *row, const struct yaml_node *node)
{
	char least[DURATION_SIZE], most[DURATION_SIZE], found[YAML_FOUND_SIZE];

	yaml_found(node, found);
	if (row->type == VALUE_DURATION)
		refuse(reading, node, "\"%s\" must be from %s to %s; found %s", row->name,
			duration_write(row->minimum, least), duration_write(row->maximum, most),
			found);
	else if (row->minimum == row->maximum)
		refuse(reading, node, "\"%s\" must be %" PRId64 "; found %s", row->name,
			row->minimum, found);
	else
		refuse(reading, node, "\"%s\" must be from %" PRId64 " to %" PRId64 "; found %s",
			row->name, row->minimum, row->maximum, found);
}

/* Reads one value of `row` (or one item of its list). */
static bool read_value(struct reading *reading, const struct schema_key *row,
	const struct yaml_node *node, int64_t *ret_number)
{
	bool ranged = row->type == VALUE_NUMBER || row->type == VALUE_DURATION;
	char found[YAML_FOUND_SIZE];
	int64_t number = 0;

	if (node->kind != YAML_SCALAR || !value_read(row->type, node, &number)) {
		refuse(reading, node,
			row->shape == SHAPE_LIST || row->shape == SHAPE_TEXTS
				? "each of \"%s\" must be %s; found %s"
				: "\"%s\" must be %s; found %s",
			row->name, value_type_str(row->type), yaml_found(node, found));
		return false;
	}
	if (ranged && (number < row->minimum || number > row->maximum)) {
		refuse_range(reading, row, node);
		return false;
	}
	*ret_number = number;
	return true;
}

/* ---------------------------------------------------------------- shapes */

static const struct yaml_node *item_before(
	const struct yaml_node *list, const struct yaml_node *item)
{
	for (const struct yaml_node *other = list->first; other != item; other = other->next)
		if (other->kind == YAML_SCALAR && strcmp(other->text, item->text) == 0)
			return other;
	return NULL;
}

bool schema_item(enum key key, const struct yaml_node *list, const struct yaml_node *item)
{
	int64_t number;

	return item->kind == YAML_SCALAR && value_read(schema_key(key)->type, item, &number) &&
	       !item_before(list, item);
}

static bool read_items(
	struct reading *reading, const struct schema_key *row, const struct yaml_node *list)
{
	bool good = true;
	int64_t number;

	for (const struct yaml_node *item = list->first; item; item = item->next) {
		if (!read_value(reading, row, item, &number)) {
			good = false;
		} else if (item_before(list, item)) {
			refuse(reading, item, "\"%s\" is here twice in \"%s\"", item->text,
				row->name);
			good = false;
		}
	}
	return good;
}

/* " or the word none", " or one of the words a, b", "" if the row has no words. */
static const char *or_words(const struct schema_key *row, char ret_text[static ALLOWED_SIZE])
{
	char words[ALLOWED_SIZE - 32];

	if (row->words_count == 0)
		return "";
	join(row->words, row->words_count, " or ", sizeof(words), words);
	snprintf(ret_text, ALLOWED_SIZE, " or the word %s", words);
	return ret_text;
}

/* Whether it could stand in the list as it is: the brackets were forgotten. The word of another
 * list is none of its items. */
static bool is_item(const struct schema_key *row, const struct yaml_node *node)
{
	int64_t number;

	return row->shape == SHAPE_LIST && node->kind == YAML_SCALAR && node->plain &&
	       strcmp(node->text, "all") != 0 && strcmp(node->text, "none") != 0 &&
	       node->length <= ITEM_MAX && value_read(row->type, node, &number);
}

/* What a row wants where a list, a section or a mapping of them is missing. */
static void refuse_shape(
	struct reading *reading, const struct schema_key *row, const struct yaml_node *node)
{
	static const char *const shapes[] = {[SHAPE_LIST] = "a list",
		[SHAPE_SECTION] = "a mapping",
		[SHAPE_SECTIONS] = "a list, each item of it a mapping",
		[SHAPE_NAMED] = "a mapping from names to mappings",
		[SHAPE_TEXTS] = "a mapping from texts to texts"};
	char found[YAML_FOUND_SIZE], words[ALLOWED_SIZE];
	bool item = is_item(row, node);

	refuse(reading, node, "\"%s\" must be %s%s; found %s%s%s%s", row->name, shapes[row->shape],
		or_words(row, words), yaml_found(node, found), item ? ": write [" : "",
		item ? node->text : "", item ? "]" : "");
}

/* Each of a list of sections: whoever builds from them takes what is a section or a word. */
static void check_sections(struct reading *reading, enum key key, const struct yaml_node *list)
{
	char found[YAML_FOUND_SIZE], words[ALLOWED_SIZE];
	const struct schema_key *row = schema_key(key);
	int64_t index;

	for (const struct yaml_node *item = list->first; item; item = item->next)
		if (item->kind != YAML_MAPPING && !schema_word(key, item, &index))
			refuse(reading, item, "each of \"%s\" must be a mapping%s; found %s",
				row->name, or_words(row, words), yaml_found(item, found));
}

/* What the word means that may stand in the place of a list. */
static const char *words_meaning(const struct schema_key *row)
{
	if (row->words_count == 0)
		return "";
	return strcmp(row->words[0], "none") == 0 ? "nothing at all write the word \""
						  : "every one write the word \"";
}

static bool read_list(struct reading *reading, enum key key, const struct yaml_node *node)
{
	const struct schema_key *row = schema_key(key);

	if (node->kind != YAML_SEQUENCE) {
		refuse_shape(reading, row, node);
		return false;
	}
	if (node->length < row->minimum) {
		refuse(reading, node, "\"%s\" must not be an empty list%s%s%s%s", row->name,
			row->words_count ? ": for " : "", words_meaning(row),
			row->words_count ? row->words[0] : "", row->words_count ? "\"" : "");
		return false;
	}
	if (node->length > row->maximum) {
		refuse(reading, node, "\"%s\" has %u items; at most %" PRId64 " are allowed",
			row->name, (unsigned)node->length, row->maximum);
		return false;
	}
	if (row->shape == SHAPE_LIST)
		return read_items(reading, row, node);
	check_sections(reading, key, node);
	return true;
}

static bool read_named(
	struct reading *reading, const struct schema_key *row, const struct yaml_node *node)
{
	char found[YAML_FOUND_SIZE];
	int64_t number;

	if (node->kind != YAML_MAPPING) {
		refuse_shape(reading, row, node);
		return false;
	}
	if (node->length > row->maximum) {
		refuse(reading, node, "\"%s\" has %u names; at most %" PRId64 " are allowed",
			row->name, (unsigned)node->length, row->maximum);
		return false;
	}
	for (const struct yaml_node *name = node->first; name; name = name->next->next)
		if (!value_read(VALUE_NAME, name, &number))
			refuse(reading, name, "each of \"%s\" must stand under %s; found %s",
				row->name, value_type_str(VALUE_NAME), yaml_found(name, found));
	return true; /* what stands under a bad name is read on, for its own mistakes */
}

/* Each key is a text of its own; what it may be follows from the one kind of such a mapping. */
static bool read_texts(
	struct reading *reading, const struct schema_key *row, const struct yaml_node *node)
{
	char found[YAML_FOUND_SIZE];
	bool good = true;
	int64_t number;

	if (node->kind != YAML_MAPPING) {
		refuse_shape(reading, row, node);
		return false;
	}
	if (node->length < row->minimum || node->length > row->maximum) {
		refuse(reading, node, "\"%s\" must have %" PRId64 " to %" PRId64 " keys; found %u",
			row->name, row->minimum, row->maximum, (unsigned)node->length);
		return false;
	}
	for (const struct yaml_node *name = node->first; name; name = name->next->next) {
		if (name->length == 0 || !value_is_line(name->text, SCHEMA_TAG_KEY_MAX)) {
			refuse(reading, name,
				"each of \"%s\" must stand under a text of one line and 1 to %d "
				"characters; found %s",
				row->name, SCHEMA_TAG_KEY_MAX, yaml_found(name, found));
			good = false;
		}
		good = read_value(reading, row, name->next, &number) && good;
	}
	return good;
}

static bool read_section(
	struct reading *reading, const struct schema_key *row, const struct yaml_node *node)
{
	if (node->kind == YAML_MAPPING)
		return true;
	refuse_shape(reading, row, node);
	return false;
}

static bool read_one(struct reading *reading, enum key key, const struct yaml_node *node,
	struct schema_value *value)
{
	const struct schema_key *row = schema_key(key);

	if (row->type != VALUE_WORD)
		return read_value(reading, row, node, &value->number);
	if (schema_word(key, node, &value->number))
		return true;
	refuse_word(reading, row, node);
	return false;
}

static bool read_regional(struct reading *reading, enum key key, const struct yaml_node *node,
	struct schema_value *value)
{
	const struct schema_key *row = schema_key(key);
	char found[YAML_FOUND_SIZE];
	bool good = true;

	if (node->kind != YAML_MAPPING)
		return read_one(reading, key, node, value);
	if (node->length < row->minimum || node->length > row->maximum) {
		refuse(reading, node,
			"\"%s\" names %u Regions; from %" PRId64 " to %" PRId64 " are allowed",
			row->name, (unsigned)node->length, row->minimum, row->maximum);
		return false;
	}
	for (const struct yaml_node *name = node->first; name; name = name->next->next) {
		if (!value_read(VALUE_REGION, name, NULL)) {
			refuse(reading, name, "each of \"%s\" must stand under %s; found %s",
				row->name, value_type_str(VALUE_REGION), yaml_found(name, found));
			good = false;
		}
		good = read_value(reading, row, name->next, &value->number) && good;
	}
	return good;
}

static bool read_shape(struct reading *reading, enum key key, const struct yaml_node *node,
	struct schema_value *value)
{
	const struct schema_key *row = schema_key(key);

	if (row->shape == SHAPE_ONE)
		return read_one(reading, key, node, value);
	if (row->shape == SHAPE_REGIONAL)
		return read_regional(reading, key, node, value);
	if (row->shape != SHAPE_SECTIONS && schema_word(key, node, &value->number)) {
		value->word = true;
		return true;
	}
	if (row->shape == SHAPE_SECTION)
		return read_section(reading, row, node);
	if (row->shape == SHAPE_NAMED)
		return read_named(reading, row, node);
	if (row->shape == SHAPE_TEXTS)
		return read_texts(reading, row, node);
	return read_list(reading, key, node);
}

/* ---------------------------------------------------------------- keys of a section */

static void refuse_misplaced(
	struct reading *reading, const struct schema_key *row, const struct yaml_node *name)
{
	const char *places[SECTIONS] = {0};
	char allowed[ALLOWED_SIZE];

	for (int i = 0; i < SECTIONS; i++)
		if (row->where & SECTION_BIT(i))
			places[i] = section_str((enum section)i);
	refuse(reading, name, "\"%s\" has no meaning in %s: it belongs into %s", row->name,
		section_str(reading->section),
		join(places, SECTIONS, " or ", sizeof(allowed), allowed));
}

/* A key that does not belong here: misspelt, misplaced or made up. */
static void refuse_key(struct reading *reading, const struct yaml_node *name)
{
	const char *here[KEYS], *near;
	const struct schema_key *elsewhere = NULL;
	char allowed[ALLOWED_SIZE], found[YAML_FOUND_SIZE];

	for (int key = 0; key < KEYS; key++) {
		const struct schema_key *row = schema_key((enum key)key);
		bool is_here = row->where & SECTION_BIT(reading->section);

		here[key] = is_here ? row->name : NULL;
		if (strcmp(row->name, name->text) == 0)
			elsewhere = row;
	}
	near = nearest(name->text, here, KEYS);
	if (near)
		refuse(reading, name, "unknown key %s in %s: did you mean \"%s\"?",
			yaml_found(name, found), section_str(reading->section), near);
	else if (elsewhere)
		refuse_misplaced(reading, elsewhere, name);
	else
		refuse(reading, name, "unknown key %s in %s: allowed are %s",
			yaml_found(name, found), section_str(reading->section),
			join(here, KEYS, ", ", sizeof(allowed), allowed));
}

static int key_find(enum section section, const char *name)
{
	for (int key = 0; key < KEYS; key++)
		if ((schema_key((enum key)key)->where & SECTION_BIT(section)) &&
			strcmp(schema_key((enum key)key)->name, name) == 0)
			return key;
	return KEYS;
}

static void read_key(struct reading *reading, const struct yaml_node *name,
	struct schema_value values[static KEYS])
{
	int key = key_find(reading->section, name->text);
	struct schema_value *value;

	if (key == KEYS) {
		refuse_key(reading, name);
		return;
	}
	value = &values[key];
	if (schema_key((enum key)key)->shape == SHAPE_LIST && name->next->kind == YAML_SEQUENCE &&
		name->next->length <= schema_key((enum key)key)->maximum)
		value->list = name->next;
	if (read_shape(reading, (enum key)key, name->next, value))
		value->node = name->next;
	else
		value->refused = true;
}

static void check_required(struct reading *reading, const struct yaml_node *node,
	const struct schema_value values[static KEYS])
{
	for (int key = 0; key < KEYS; key++) {
		const struct schema_key *row = schema_key((enum key)key);

		if (row->required && (row->where & SECTION_BIT(reading->section)) &&
			!values[key].node && !values[key].refused)
			refuse(reading, node, "%s must have \"%s\"", section_str(reading->section),
				row->name);
	}
}

void schema_read(enum section section, const struct yaml_node *node, const char *file,
	struct diagnostics *diagnostics, struct schema_value ret_values[static KEYS])
{
	struct reading reading = {.section = section, .file = file, .diagnostics = diagnostics};
	char found[YAML_FOUND_SIZE];

	for (int key = 0; key < KEYS; key++)
		ret_values[key] =
			(struct schema_value){.number = schema_key((enum key)key)->fallback};
	if (node->kind != YAML_MAPPING) {
		refuse(&reading, node, "%s must be a mapping of keys to values; found %s",
			section_str(section), yaml_found(node, found));
		return;
	}
	for (const struct yaml_node *name = node->first; name; name = name->next->next)
		read_key(&reading, name, ret_values);
	check_required(&reading, node, ret_values);
}

void schema_inherit(enum section section, struct schema_value values[static KEYS],
	const struct schema_value defaults[static KEYS])
{
	for (int key = 0; key < KEYS; key++)
		if ((schema_key((enum key)key)->where & SECTION_BIT(section)) &&
			!values[key].node && !values[key].refused)
			values[key] = defaults[key];
}
