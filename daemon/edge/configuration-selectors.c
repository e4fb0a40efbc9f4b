/* SPDX-License-Identifier: Apache-2.0 */
/* What an entry of `directories` selects by: `select`, or an `id` in all its Regions. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "core/selection.h"
#include "edge/configuration-private.h"

/* A selector as text: 50 tags of 128 and 256 characters. Bytes. */
#define SELECTOR_TEXT_MAX ((size_t)128 * 1024)
/* "conf.d/prod.yaml:41". Bytes. */
#define SELECTOR_PLACE_MAX 4096

static int tags_build(const struct yaml_node *tags, struct selector *selector)
{
	selector->tags = calloc(tags->length + 1, sizeof(selector->tags[0]));
	if (!selector->tags)
		return -ERROR_MEMORY;
	for (const struct yaml_node *key = tags->first; key; key = key->next->next) {
		struct selector_tag *tag = &selector->tags[selector->tags_count++];

		tag->key = strdup(key->text);
		tag->value = strdup(key->next->text);
		if (!tag->key || !tag->value)
			return -ERROR_MEMORY;
	}
	return 0;
}

/* As one would write it in the file, but for quotes. */
static int text_build(struct selector *selector)
{
	const char *between = "";
	struct buffer text;
	int r;

	if (selector->id[0] != '\0') {
		selector->text = strdup(selector->id);
		return selector->text ? 0 : -ERROR_MEMORY;
	}
	buffer_init(&text, SELECTOR_TEXT_MAX);
	buffer_append_text(&text, "{");
	for (size_t i = 0; i < selector->tags_count; i++)
		buffer_printf(&text, "%s%s: %s", i > 0 ? ", " : "tags: {", selector->tags[i].key,
			selector->tags[i].value);
	if (selector->tags_count > 0) {
		buffer_append_text(&text, "}");
		between = ", ";
	}
	if (selector->type != DIRECTORY_TYPE_UNKNOWN) {
		buffer_printf(&text, "%stype: %s", between, directory_type_str(selector->type));
		between = ", ";
	}
	if (selector->name)
		buffer_printf(&text, "%sname: %s", between, selector->name);
	r = buffer_append_text(&text, "}");
	selector->text = r == 0 ? buffer_steal(&text) : NULL;
	buffer_done(&text);
	return selector->text ? 0 : -ERROR_MEMORY;
}

static int place_build(struct place entry, struct selector *selector)
{
	struct buffer text;
	int r;

	buffer_init(&text, SELECTOR_PLACE_MAX);
	r = buffer_printf(&text, "%s:%u", entry.source->file, (unsigned)entry.node->line);
	selector->place = r == 0 ? buffer_steal(&text) : NULL;
	buffer_done(&text);
	return selector->place ? 0 : -ERROR_MEMORY;
}

int selector_build(struct loading *loading, struct place entry, const struct yaml_node *select,
	struct selector *selector)
{
	struct schema_value values[KEYS];
	int r = place_build(entry, selector);

	if (r < 0 || !select)
		return r < 0 ? r : text_build(selector);
	schema_read(SECTION_SELECT, select, entry.source->file, loading->diagnostics, values);
	if (select->length == 0)
		schema_say(loading->diagnostics, SEVERITY_ERROR, entry.source->file, select,
			"\"select\" must have \"tags\", \"type\" or \"name\": to select all write "
			"name: \"*\"");
	if (values[KEY_TAGS].node)
		r = tags_build(values[KEY_TAGS].node, selector);
	if (values[KEY_TYPE].node)
		selector->type = (enum directory_type)values[KEY_TYPE].number;
	if (r == 0 && values[KEY_PATTERN].node) {
		selector->name = strdup(values[KEY_PATTERN].node->text);
		r = selector->name ? 0 : -ERROR_MEMORY;
	}
	return r < 0 ? r : text_build(selector);
}

/* ---------------------------------------------------------------- two that have the same */

/* Whether every directory with the tags of `narrow` has those of `wide`. */
static bool tags_cover(const struct selector *wide, const struct selector *narrow)
{
	for (size_t i = 0; i < wide->tags_count; i++) {
		const struct selector_tag *tag = &wide->tags[i];
		size_t j = 0;

		while (j < narrow->tags_count && strcmp(tag->key, narrow->tags[j].key) != 0)
			j++;
		if (j == narrow->tags_count ||
			(strcmp(tag->value, "*") != 0 &&
				strcmp(tag->value, narrow->tags[j].value) != 0))
			return false;
	}
	return true;
}

static bool name_covers(const char *wide, const char *narrow)
{
	if (!wide || strcmp(wide, "*") == 0)
		return true;
	if (!narrow)
		return false;
	return strcasecmp(wide, narrow) == 0 ||
	       (!strpbrk(narrow, "*?") && selector_name_matches(wide, narrow));
}

/* Whether `wide` selects, without doubt, whatever `narrow` does. */
static bool selector_covers(const struct selector *wide, const struct selector *narrow)
{
	return (wide->type == DIRECTORY_TYPE_UNKNOWN || wide->type == narrow->type) &&
	       name_covers(wide->name, narrow->name) && tags_cover(wide, narrow);
}

/* The first Region of one in which the other looks too; NULL if there is none. */
static const char *home_shared(const struct selector *one, const struct selector *other)
{
	if (one->wish.account != other->wish.account)
		return NULL;
	for (size_t i = 0; i < one->homes_count; i++)
		for (size_t j = 0; j < other->homes_count; j++)
			if (strcmp(one->homes[i], other->homes[j]) == 0)
				return one->homes[i];
	return NULL;
}

void selector_compare(struct loading *loading, struct place select)
{
	const struct fleet *fleet = &loading->fleet;
	const struct selector *last = &fleet->selectors[fleet->selectors_count - 1];

	/* what is refused may be what tells them apart */
	for (const struct selector *other = fleet->selectors;
		generations_complete(loading) && other < last; other++) {
		const char *home = other->id[0] == '\0' ? home_shared(other, last) : NULL;

		if (!home || (!selector_covers(other, last) && !selector_covers(last, other)))
			continue;
		place_say(loading, SEVERITY_WARNING, select,
			"what %s selects in %s is selected by %s as well, and is then held "
			"(SelectedTwice): change one \"select\", or one's \"account\" or "
			"\"regions\"",
			selector_covers(other, last) ? "this" : other->place, home,
			selector_covers(other, last) ? other->place : "this");
		return;
	}
}
