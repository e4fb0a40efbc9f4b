/* SPDX-License-Identifier: Apache-2.0 */
#include "core/selection.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* ---- one selector, one directory ---- */

static char lower(char letter)
{
	return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

/* One way back suffices: what a later * can take an earlier one need not. */
bool selector_name_matches(const char *pattern, const char *name)
{
	const char *star = NULL, *from = NULL;

	while (*name) {
		if (*pattern == '*') {
			star = ++pattern;
			from = name;
		} else if (*pattern && (*pattern == '?' || lower(*pattern) == lower(*name))) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star;
			name = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static enum verdict_selector judge_tags(
	const struct selector *selector, const struct sighting *sighting, size_t *ret_tag)
{
	if (selector->tags_count > 0 && !sighting->tags)
		return SELECTOR_TAGS_UNKNOWN;
	for (size_t i = 0; i < selector->tags_count; i++) {
		const struct selector_tag *tag = &selector->tags[i];
		size_t length = 0;
		const char *value = sighting_tag(sighting, tag->key, &length);

		if (ret_tag)
			*ret_tag = i;
		if (!value)
			return SELECTOR_TAG_MISSING;
		if (strcmp(tag->value, "*") != 0 &&
			(strlen(tag->value) != length || memcmp(tag->value, value, length) != 0))
			return SELECTOR_TAG_OTHER;
	}
	return SELECTOR_MATCHES;
}

enum verdict_selector selector_judge(
	const struct selector *selector, const struct sighting *sighting, size_t *ret_tag)
{
	if (selector->id[0] != '\0')
		return strcmp(selector->id, sighting->id) == 0 ? SELECTOR_MATCHES
							       : SELECTOR_OTHER_ID;
	if (sighting->type != DIRECTORY_TYPE_MICROSOFT_AD &&
		sighting->type != DIRECTORY_TYPE_AD_CONNECTOR)
		return SELECTOR_KIND;
	if (selector->type != DIRECTORY_TYPE_UNKNOWN && selector->type != sighting->type)
		return SELECTOR_TYPE;
	if (selector->name &&
		!selector_name_matches(selector->name, sighting->name ? sighting->name : ""))
		return SELECTOR_NAME;
	return judge_tags(selector, sighting, ret_tag);
}

int selector_explain(
	const struct selector *selector, const struct sighting *sighting, struct buffer *buffer)
{
	size_t tag = 0, length = 0;
	const char *value;

	switch (selector_judge(selector, sighting, &tag)) {
	case SELECTOR_OTHER_ID:
		return buffer_append_text(buffer, "is another directory");
	case SELECTOR_KIND:
		return buffer_printf(buffer, "is of type %s, which is never selected",
			directory_type_str(sighting->type));
	case SELECTOR_TYPE:
		return buffer_printf(buffer, "is of type %s", directory_type_str(sighting->type));
	case SELECTOR_NAME:
		return buffer_printf(buffer, "is named %s",
			sighting->name && *sighting->name ? sighting->name : "nothing");
	case SELECTOR_TAGS_UNKNOWN:
		return buffer_append_text(buffer, "has tags that could not be read");
	case SELECTOR_TAG_MISSING:
		return buffer_printf(buffer, "has no tag %s", selector->tags[tag].key);
	case SELECTOR_TAG_OTHER:
		value = sighting_tag(sighting, selector->tags[tag].key, &length);
		return buffer_printf(
			buffer, "has tag %s \"%.*s\"", selector->tags[tag].key, (int)length, value);
	default:
		return buffer_append_text(buffer, "matches");
	}
}

bool selector_looks_in(const struct selector *selector, const char *account, const char *region)
{
	if (strcmp(selector->wish.account->name, account) != 0)
		return false;
	for (size_t i = 0; i < selector->homes_count; i++)
		if (strcmp(selector->homes[i], region) == 0)
			return true;
	return false;
}

/* ---- making a fleet ---- */

/* Those known by one id. */
struct group {
	const struct knowledge *knowledge;
	size_t from, to;
};

struct making {
	const struct fleet *base;
	const struct knowledge *knowledge;
	const char **named; /* owned: ids that entries name, sorted */
	size_t named_count;
	const struct selector **selectors; /* owned: those without an id, in the file's order */
	size_t selectors_count;
	struct fleet fleet;
	size_t capacity;
};

static const struct known *group_known(const struct group *group, size_t i)
{
	return &group->knowledge->knowns[group->from + i];
}

static size_t group_count(const struct group *group)
{
	return group->to - group->from;
}

static const struct home *home_of(const struct group *group, const struct known *known)
{
	return &group->knowledge->homes[known->home];
}

/* Whether the selector sees this one at all. */
static bool sees(
	const struct selector *selector, const struct group *group, const struct known *known)
{
	const struct home *home = home_of(group, known);

	return selector_looks_in(selector, home->account, home->region);
}

static bool matches(const struct selector *selector, const struct group *group)
{
	for (size_t i = 0; i < group_count(group); i++) {
		const struct known *known = group_known(group, i);

		if (sees(selector, group, known) &&
			selector_judge(selector, &known->seen, NULL) == SELECTOR_MATCHES)
			return true;
	}
	return false;
}

static struct group group_of(const struct knowledge *knowledge, size_t from)
{
	struct group group = {knowledge, from, from};

	while (group.to < knowledge->count &&
		strcmp(knowledge->knowns[group.to].seen.id, knowledge->knowns[from].seen.id) == 0)
		group.to++;
	return group;
}

bool selector_has(
	const struct selector *selector, const struct knowledge *knowledge, const char *id)
{
	struct group group = group_of(knowledge, knowledge_from(knowledge, id));

	return matches(selector, &group);
}

static int region_add(struct directory *directory, const char *region, size_t length)
{
	char **grown, *copy;

	if (directory->regions_count >= DIRECTORY_REGIONS_MAX)
		return 0;
	copy = strndup(region, length);
	grown = copy ? reallocarray(
			       directory->regions, directory->regions_count + 1, sizeof(grown[0]))
		     : NULL;
	if (!grown) {
		free(copy);
		return -ERROR_MEMORY;
	}
	directory->regions = grown;
	if (directory_has_region(directory, copy))
		free(copy);
	else
		directory->regions[directory->regions_count++] = copy;
	return 0;
}

/* All Regions of a text with blanks between. */
static int regions_add(struct directory *directory, const char *regions)
{
	int r = 0;

	while (r == 0 && *regions) {
		size_t length = strcspn(regions, " ");

		r = region_add(directory, regions, length);
		regions += length;
		regions += strspn(regions, " ");
	}
	return r;
}

static void regions_clear(struct directory *directory)
{
	while (directory->regions_count > 0)
		free(directory->regions[--directory->regions_count]);
}

/* Where every sweep that the selector makes says that the directory is. */
static int regions_all(
	const struct selector *selector, const struct group *group, struct directory *directory)
{
	int r = 0;

	regions_clear(directory);
	for (size_t i = 0; r == 0 && i < group_count(group); i++)
		if (sees(selector, group, group_known(group, i)))
			r = regions_add(directory, group_known(group, i)->seen.regions);
	for (size_t i = 0; r == 0 && group_count(group) == 0 && i < selector->homes_count; i++)
		r = region_add(directory, selector->homes[i], strlen(selector->homes[i]));
	return r;
}

/* Those of the list in which it is. */
static void regions_listed(
	const struct selector *selector, const struct group *group, struct directory *directory)
{
	size_t kept = 0;

	for (size_t i = 0; i < directory->regions_count; i++) {
		bool there = false;

		for (size_t j = 0; j < group_count(group); j++)
			there = there ||
				(sees(selector, group, group_known(group, j)) &&
					regions_text_has(group_known(group, j)->seen.regions,
						directory->regions[i]));
		if (there)
			directory->regions[kept++] = directory->regions[i];
		else
			free(directory->regions[i]);
	}
	directory->regions_count = kept;
}

/* The name under which it was picked, the same wherever it is; that of now if it was not. */
static const char *name_of(const struct selector *selector, const struct group *group)
{
	const char *name = NULL;

	for (size_t i = 0; i < group_count(group); i++) {
		const struct known *known = group_known(group, i);

		if (!sees(selector, group, known))
			continue;
		if (known->picked)
			return *known->picked ? known->picked : NULL;
		if (!name)
			name = known->seen.name;
	}
	return name && *name ? name : NULL;
}

/* A new directory of the fleet by the selector's wish. */
static int directory_add(struct making *making, const struct selector *selector, const char *id,
	const struct group *group, char *contested)
{
	struct fleet *fleet = &making->fleet;
	struct directory directory;
	const char *name = selector->id[0] == '\0' ? name_of(selector, group) : NULL;
	int r = array_reserve(&fleet->directories, &making->capacity, fleet->directories_count,
		sizeof(directory), FLEET_DIRECTORIES_MAX);

	r = r < 0 ? r : directory_copy(&selector->wish, &directory);
	if (r < 0) {
		free(contested);
		return r;
	}
	memcpy(directory.id, id, sizeof(directory.id));
	directory.selector = selector;
	directory.contested = contested;
	if (name) {
		directory.name = strdup(name);
		r = directory.name ? 0 : -ERROR_MEMORY;
	}
	if (r == 0 && directory.regions_all)
		r = regions_all(selector, group, &directory);
	else if (r == 0)
		regions_listed(selector, group, &directory);
	if (r < 0) {
		directory_done(&directory);
		return r;
	}
	directory.revision = directory_revision(&directory);
	fleet->directories[fleet->directories_count++] = directory;
	return 0;
}

/* Adds a place to those of the selectors that match. */
static int contest(char **contested, const char *place)
{
	struct buffer text;
	int r;

	buffer_init(&text, FLEET_SELECTORS_MAX * 64);
	if (*contested)
		buffer_printf(&text, "%s and ", *contested);
	r = buffer_append_text(&text, place);
	free(*contested);
	*contested = r < 0 ? NULL : buffer_steal(&text);
	buffer_done(&text);
	return r;
}

/* Who has the directories known by one id. */
static int group_add(struct making *making, const struct group *group)
{
	const struct selector *first = NULL;
	char *contested = NULL;
	size_t count = 0;

	for (size_t i = 0; i < making->selectors_count; i++) {
		const struct selector *selector = making->selectors[i];
		int r;

		if (!matches(selector, group))
			continue;
		first = first ? first : selector;
		count++;
		r = contest(&contested, selector->place);
		if (r < 0)
			return r;
	}
	if (count < 2) {
		free(contested);
		contested = NULL;
	}
	return first ? directory_add(
			       making, first, group_known(group, 0)->seen.id, group, contested)
		     : 0;
}

static int text_compare(const void *a, const void *b)
{
	const char *const *one = a, *const *other = b;

	return strcmp(*one, *other);
}

/* The ids that entries name, which no selector has, and the selectors that have all others. */
static int entries_collect(struct making *making)
{
	const struct fleet *base = making->base;
	size_t most = base->directories_count + base->selectors_count;

	making->named = calloc(most + 1, sizeof(making->named[0]));
	making->selectors = calloc(base->selectors_count + 1, sizeof(making->selectors[0]));
	if (!making->named || !making->selectors)
		return -ERROR_MEMORY;
	for (size_t i = 0; i < base->directories_count; i++)
		making->named[making->named_count++] = base->directories[i].id;
	for (size_t i = 0; i < base->selectors_count; i++)
		if (base->selectors[i].id[0] != '\0')
			making->named[making->named_count++] = base->selectors[i].id;
		else
			making->selectors[making->selectors_count++] = &base->selectors[i];
	qsort(making->named, making->named_count, sizeof(making->named[0]), text_compare);
	return 0;
}

static bool is_named(const struct making *making, const char *id)
{
	return bsearch(&id, making->named, making->named_count, sizeof(making->named[0]),
		       text_compare) != NULL;
}

/* The file's own directories, those that it names with `regions: all`, and what is picked. */
static int make(struct making *making)
{
	const struct fleet *base = making->base;
	struct fleet *fleet = &making->fleet;
	int r = entries_collect(making);

	fleet->directories = calloc(base->directories_count + 1, sizeof(fleet->directories[0]));
	if (r < 0 || !fleet->directories)
		return -ERROR_MEMORY;
	making->capacity = base->directories_count + 1;
	for (; fleet->directories_count < base->directories_count; fleet->directories_count++) {
		fleet->directories[fleet->directories_count] =
			base->directories[fleet->directories_count];
		fleet->directories[fleet->directories_count].lent = true;
	}
	for (size_t i = 0; r == 0 && i < base->selectors_count; i++) {
		const struct selector *selector = &base->selectors[i];
		struct group group = group_of(
			making->knowledge, knowledge_from(making->knowledge, selector->id));

		if (selector->id[0] != '\0')
			r = directory_add(making, selector, selector->id, &group, NULL);
	}
	for (size_t i = 0; r == 0 && i < making->knowledge->count;) {
		struct group group = group_of(making->knowledge, i);

		if (!is_named(making, making->knowledge->knowns[i].seen.id))
			r = group_add(making, &group);
		i = group.to;
	}
	return r;
}

int selection_make(
	const struct fleet *base, const struct knowledge *knowledge, struct fleet *ret_fleet)
{
	struct making making = {.base = base, .knowledge = knowledge, .fleet = *base};
	int r;

	making.fleet.base = base;
	making.fleet.directories = NULL;
	making.fleet.directories_count = 0;
	r = make(&making);
	free(making.named);
	free(making.selectors);
	if (r < 0)
		fleet_done(&making.fleet);
	else
		*ret_fleet = making.fleet;
	return r;
}

bool selection_confirmed(const struct directory *directory, const struct knowledge *knowledge,
	int64_t interval, int64_t elapsed)
{
	const struct selector *selector = directory->selector;
	struct group group = group_of(knowledge, knowledge_from(knowledge, directory->id));

	if (!selector || selector->id[0] != '\0')
		return true;
	for (size_t i = 0; i < group_count(&group); i++) {
		const struct known *known = group_known(&group, i);

		if (sees(selector, &group, known) && known->confirmed != 0 &&
			elapsed - known->confirmed <= SELECTION_CONFIRMED_INTERVALS * interval &&
			selector_judge(selector, &known->seen, NULL) == SELECTOR_MATCHES)
			return true;
	}
	return false;
}

/* ---- from one selection to the next ---- */

static int id_compare(const void *a, const void *b)
{
	const struct directory *const *one = a, *const *other = b;

	return strcmp((*one)->id, (*other)->id);
}

int selection_note(const struct fleet *fleet, struct knowledge *knowledge, int64_t now)
{
	const struct directory **picked = calloc(fleet->directories_count + 1, sizeof(picked[0]));
	size_t count = 0;
	int r = picked ? 0 : -ERROR_MEMORY;

	if (r < 0)
		return r;
	for (size_t i = 0; i < fleet->directories_count; i++)
		if (fleet->directories[i].selector)
			picked[count++] = &fleet->directories[i];
	qsort(picked, count, sizeof(picked[0]), id_compare);
	for (size_t i = 0; r == 0 && i < knowledge->count; i++) {
		struct known *known = &knowledge->knowns[i];
		struct directory key, *named = &key;
		const struct directory **found;

		memcpy(key.id, known->seen.id, sizeof(key.id));
		found = bsearch(&named, picked, count, sizeof(picked[0]), id_compare);
		/* where it comes to be seen later it is still by the name of then (N9) */
		r = knowledge_pick(knowledge, known,
			!found		 ? NULL
			: (*found)->name ? (*found)->name
					 : known->seen.name,
			now);
	}
	free(picked);
	return r;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same(const struct directory *a, const struct directory *b)
{
	if (strcmp(a->id, b->id) != 0 || a->selector != b->selector ||
		!same_text(a->contested, b->contested) || !same_text(a->name, b->name) ||
		a->regions_count != b->regions_count)
		return false;
	for (size_t i = 0; i < a->regions_count; i++)
		if (strcmp(a->regions[i], b->regions[i]) != 0)
			return false;
	return true;
}

bool selection_equal(const struct fleet *a, const struct fleet *b)
{
	if (a->directories_count != b->directories_count)
		return false;
	for (size_t i = 0; i < a->directories_count; i++)
		if (!same(&a->directories[i], &b->directories[i]))
			return false;
	return true;
}

int selection_explain_loss(const struct fleet *fleet, const struct knowledge *knowledge,
	const char *id, struct buffer *buffer)
{
	struct group group = group_of(knowledge, knowledge_from(knowledge, id));
	enum verdict_selector nearest = SELECTOR_OTHER_ID;
	const struct selector *who = NULL;
	const struct known *whom = NULL;

	for (size_t i = 0; i < fleet->selectors_count; i++)
		for (size_t j = 0; j < group_count(&group); j++) {
			const struct selector *selector = &fleet->selectors[i];
			const struct known *known = group_known(&group, j);
			enum verdict_selector verdict =
				selector_judge(selector, &known->seen, NULL);

			if (selector->id[0] == '\0' && sees(selector, &group, known) &&
				verdict > nearest) {
				nearest = verdict;
				who = selector;
				whom = known;
			}
		}
	if (who)
		return selector_explain(who, &whom->seen, buffer);
	return buffer_append_text(buffer, "is listed no longer where selectors look");
}
