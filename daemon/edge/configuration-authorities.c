/* SPDX-License-Identifier: Apache-2.0 */
/* Authorities: their files read, their certificates judged, each to be found once. */
#include "edge/configuration-private.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/calendar.h"
#include "base/error.h"
#include "edge/x509.h"

/* Members of all authorities together. */
#define MEMBERS_MAX ((size_t)FLEET_AUTHORITIES_MAX * AUTHORITY_CERTIFICATES_MAX)

/* ---------------------------------------------------------------- rotation */

static void rotation_retire(struct loading *loading, const struct source *source,
	const struct schema_value *retire, struct rotation *rotation)
{
	struct schema_value values[KEYS];

	rotation->retire = (enum retire)retire->number;
	rotation->retire_after = 0;
	if (!retire->node || retire->word)
		return;
	schema_read(SECTION_RETIRE, retire->node, source->file, loading->diagnostics, values);
	rotation->retire = RETIRE_AFTER;
	rotation->retire_after = values[KEY_AFTER].number;
}

/* `node` is the authority's own `rotation`, NULL if it has none; defaults speak key by key. */
static struct rotation rotation_build(
	struct loading *loading, const struct source *source, const struct yaml_node *node)
{
	static const struct yaml_node nothing = {.kind = YAML_MAPPING};
	struct rotation rotation = loading->rotation_default;
	struct schema_value values[KEYS];

	schema_read(SECTION_ROTATION, node ? node : &nothing, source->file, loading->diagnostics,
		values);
	if (values[KEY_RETIRE].node)
		rotation_retire(loading, source, &values[KEY_RETIRE], &rotation);
	schema_inherit(SECTION_ROTATION, values, loading->rotation);
	rotation.register_at_threshold = values[KEY_REGISTER].number == 1;
	rotation.rotate_before = values[KEY_ROTATE_BEFORE].number;
	rotation.overlap = values[KEY_OVERLAP].number;
	return rotation;
}

/* ---------------------------------------------------------------- files */

const char *members_name(const struct certificate *certificate)
{
	return certificate->common_name[0] ? certificate->common_name : "(no common name)";
}

void member_say(struct loading *loading, const struct member *member, enum severity severity,
	enum certificate_rule rule, const char *more)
{
	const struct certificate *certificate = member->certificate;
	char expiry[INSTANT_SIZE];

	place_say(loading, severity, member->place, "%s: the certificate \"%s\" (expires %s): %s%s",
		member->path, members_name(certificate),
		instant_format_date(certificate->not_after, expiry), certificate_rule_str(rule),
		more);
}

static int member_add(struct loading *loading, const struct member *member)
{
	int r = array_reserve(&loading->members, &loading->members_capacity, loading->members_count,
		sizeof(loading->members[0]), MEMBERS_MAX);
	enum certificate_rule rule;

	if (r < 0)
		return -ERROR_MEMORY;
	loading->members[loading->members_count++] = *member;
	rule = certificate_judge(member->certificate);
	if (rule != CERTIFICATE_GOOD)
		member_say(loading, member, SEVERITY_ERROR, rule, "");
	return 0;
}

/* Every certificate of one file. */
static int file_members(
	struct loading *loading, const char *path, size_t authority, struct place place)
{
	const struct certificate *certificates[X509_FILE_CERTIFICATES_MAX];
	struct error error = {0};
	struct buffer bytes;
	size_t count = 0;
	int r;

	buffer_init(&bytes, X509_FILE_MAX);
	r = file_read(path, &bytes, &error);
	if (r < 0) {
		place_say(loading, SEVERITY_ERROR, place, "%s", error.message);
	} else {
		r = x509_read(buffer_text(&bytes), bytes.length, loading->store, certificates,
			&count, &error);
		if (r < 0)
			place_say(loading, SEVERITY_ERROR, place, "%s: %s", path, error.message);
	}
	buffer_wipe(&bytes); /* it may have held a private key */
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct member member = {certificates[i], path, authority, place};

		r = member_add(loading, &member);
	}
	return r == -ERROR_MEMORY ? r : 0;
}

/* Every file that one pattern names. */
static int pattern_members(
	struct loading *loading, const char *pattern, size_t authority, struct place place)
{
	struct file_list *list;
	struct error error = {0};
	int r = array_reserve(&loading->found, &loading->found_capacity, loading->found_count,
		sizeof(loading->found[0]), MEMBERS_MAX);

	if (r < 0)
		return -ERROR_MEMORY;
	list = &loading->found[loading->found_count];
	loading_reads(loading, pattern, place.source->path);
	r = file_find(pattern, place.source->path, AUTHORITY_CERTIFICATES_MAX, list, &error);
	if (r < 0) {
		place_say(loading, SEVERITY_ERROR, place, "%s", error.message);
		return r == -ERROR_MEMORY ? r : 0;
	}
	/* the list of paths stays where it is, though `found` may move */
	loading->found_count++;
	if (list->count == 0)
		place_say(loading, SEVERITY_ERROR, place,
			"no file matches \"%s\": a pattern must name at least one", pattern);
	for (size_t i = 0; r == 0 && i < list->count; i++)
		r = file_members(loading, list->paths[i], authority, place);
	return r;
}

/* ---------------------------------------------------------------- one authority */

static int authority_collect(
	struct loading *loading, struct authority *authority, size_t first, struct place place)
{
	size_t count = loading->members_count - first;

	if (count > AUTHORITY_CERTIFICATES_MAX) {
		place_say(loading, SEVERITY_ERROR, place,
			"the authority \"%s\" has %zu certificates; at most %d are allowed",
			authority->name, count, AUTHORITY_CERTIFICATES_MAX);
		count = AUTHORITY_CERTIFICATES_MAX;
	}
	authority->certificates = calloc(count ? count : 1, sizeof(authority->certificates[0]));
	if (!authority->certificates)
		return -ERROR_MEMORY;
	for (size_t i = 0; i < count; i++)
		authority->certificates[i] = loading->members[first + i].certificate;
	authority->count = count;
	return 0;
}

static int authority_build(
	struct loading *loading, const struct source *source, const struct yaml_node *name)
{
	size_t position = loading->fleet.authorities_count, first = loading->members_count;
	struct authority *authority = &loading->fleet.authorities[position];
	struct place place = {source, name};
	struct schema_value values[KEYS];
	const struct yaml_node *list;
	int r = 0;

	schema_read(SECTION_AUTHORITY, name->next, source->file, loading->diagnostics, values);
	authority->name = strdup(name->text);
	if (!authority->name)
		return -ERROR_MEMORY;
	names_add(&loading->authorities, name->text, position, place);
	loading->fleet.authorities_count++;
	authority->rotation = rotation_build(loading, source, values[KEY_ROTATION].node);
	list = values[KEY_CERTIFICATES].list;
	for (const struct yaml_node *item = list ? list->first : NULL; r == 0 && item;
		item = item->next)
		if (schema_item(KEY_CERTIFICATES, list, item))
			r = pattern_members(
				loading, item->text, position, (struct place){source, item});
	return r < 0 ? r : authority_collect(loading, authority, first, place);
}

/* ---------------------------------------------------------------- all of them */

static int member_compare(const void *left, const void *right)
{
	const struct member *a = left, *b = right;
	int r = digest_cmp(&a->certificate->sha256, &b->certificate->sha256);

	if (r != 0)
		return r;
	if (a->authority != b->authority)
		return a->authority < b->authority ? -1 : 1;
	if (a->place.node->line != b->place.node->line)
		return a->place.node->line < b->place.node->line ? -1 : 1;
	if (a->place.node->column != b->place.node->column)
		return a->place.node->column < b->place.node->column ? -1 : 1;
	return strcmp(a->path, b->path);
}

/* A certificate that is named twice belongs to nobody for sure. */
static void members_close(struct loading *loading)
{
	struct member *members = loading->members;

	if (loading->members_count > 1)
		qsort(members, loading->members_count, sizeof(members[0]), member_compare);
	for (size_t i = 1, first = 0; i < loading->members_count; i++) {
		if (members[first].certificate != members[i].certificate) {
			first = i;
			continue;
		}
		place_say(loading, SEVERITY_ERROR, members[i].place,
			"%s: the certificate \"%s\" is in %s as well (authority \"%s\", "
			"%s:%u:%u): name it once",
			members[i].path, members_name(members[i].certificate), members[first].path,
			loading->fleet.authorities[members[first].authority].name,
			members[first].place.source->file,
			(unsigned)members[first].place.node->line,
			(unsigned)members[first].place.node->column);
	}
}

/* The first member that does not come before this certificate in this authority. */
static size_t members_from(
	const struct loading *loading, const struct digest *sha256, size_t authority)
{
	size_t low = 0, high = loading->members_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct member *member = &loading->members[middle];
		int r = digest_cmp(&member->certificate->sha256, sha256);

		if (r < 0 || (r == 0 && member->authority < authority))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool members_have(const struct loading *loading, const struct digest *sha256)
{
	size_t at = members_from(loading, sha256, 0);

	return at < loading->members_count &&
	       digest_equal(&loading->members[at].certificate->sha256, sha256);
}

const struct member *members_find(
	const struct loading *loading, const struct digest *sha256, size_t authority)
{
	/* it is there: each certificate of an authority came from a member */
	return &loading->members[members_from(loading, sha256, authority)];
}

int authorities_build(struct loading *loading)
{
	size_t count = loading_count(loading, KEY_AUTHORITIES, FLEET_AUTHORITIES_MAX);
	int r = names_open(&loading->authorities, count);

	loading->fleet.authorities = calloc(count + 1, sizeof(loading->fleet.authorities[0]));
	if (r < 0 || !loading->fleet.authorities)
		return -ERROR_MEMORY;
	rotation_retire(loading, loading->rotation_place.source, &loading->rotation[KEY_RETIRE],
		&loading->rotation_default);
	for (size_t i = 0; count <= FLEET_AUTHORITIES_MAX && i < loading->sources_count; i++) {
		const struct source *source = &loading->sources[i];
		const struct yaml_node *all = source->values[KEY_AUTHORITIES].node;

		for (const struct yaml_node *name = all ? all->first : NULL; name;
			name = name->next->next)
			if ((r = authority_build(loading, source, name)) < 0)
				return r;
	}
	names_close(loading, &loading->authorities, "authority");
	members_close(loading);
	return 0;
}
