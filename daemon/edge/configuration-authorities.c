/* SPDX-License-Identifier: Apache-2.0 */
/* Authorities: their files read, their certificates judged, each to be found once. */
#include "edge/configuration-private.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/calendar.h"
#include "base/error.h"
#include "edge/x509.h"

/* A successor with a new key breaks each controller that has not enrolled anew: two thirds of a
 * template's usual year, and a month (design 4.5). Seconds. */
#define RETIRE_AFTER_SAFE (400 * DAY)
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

static const char *name_of(const struct certificate *certificate)
{
	return certificate->common_name[0] ? certificate->common_name : "(no common name)";
}

static void member_judge(struct loading *loading, const struct member *member)
{
	const struct certificate *certificate = member->certificate;
	enum certificate_rule rule = certificate_judge(certificate);
	enum severity severity = SEVERITY_ERROR;

	if (rule == CERTIFICATE_GOOD) {
		rule = certificate_judge_at(certificate, loading->options->now);
		severity = SEVERITY_WARNING;
	}
	if (rule != CERTIFICATE_GOOD) {
		char expiry[INSTANT_SIZE];

		place_say(loading, severity, member->place,
			"%s: the certificate \"%s\" (expires %s): %s", member->path,
			name_of(certificate), instant_format_date(certificate->not_after, expiry),
			certificate_rule_str(rule));
	}
	if (certificate_is_cross(certificate))
		place_say(loading, SEVERITY_WARNING, member->place,
			"%s: the certificate \"%s\" is a self-issued cross-certificate, signed "
			"with another key than its own: it is no generation and domain controllers "
			"are not verified by it; leave it out of \"certificates\"",
			member->path, name_of(certificate));
}

static int member_add(struct loading *loading, const struct member *member)
{
	int r = array_reserve(&loading->members, &loading->members_capacity, loading->members_count,
		sizeof(loading->members[0]), MEMBERS_MAX);

	if (r < 0)
		return -ERROR_MEMORY;
	loading->members[loading->members_count++] = *member;
	member_judge(loading, member);
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

/* Another certificate that ought to be a generation of the same line, and is not. */
static const struct certificate *authority_stranger(const struct authority *authority)
{
	const struct certificate *line = NULL;

	for (size_t i = 0; i < authority->count; i++) {
		const struct certificate *certificate = authority->certificates[i];

		if (certificate_is_cross(certificate))
			continue;
		if (line && !certificate_same_line(line, certificate))
			return certificate;
		line = certificate;
	}
	return NULL;
}

/* Whether the clock alone leaves nothing of it to register. */
static bool authority_ran_out(const struct authority *authority, int64_t now)
{
	for (size_t i = 0; i < authority->count; i++)
		if (certificate_judge(authority->certificates[i]) != CERTIFICATE_GOOD ||
			certificate_judge_at(authority->certificates[i], now) == CERTIFICATE_GOOD)
			return false;
	return true;
}

static bool authority_changed_key(const struct authority *authority)
{
	for (size_t i = 1; i < authority->count; i++)
		if (!digest_equal(
			    &authority->certificates[0]->key, &authority->certificates[i]->key))
			return true;
	return false;
}

static void authority_judge(
	struct loading *loading, const struct authority *authority, struct place place)
{
	const struct certificate *stranger = authority_stranger(authority);
	const struct rotation *rotation = &authority->rotation;
	char after[DURATION_SIZE];

	if (authority->count == 0)
		return; /* told where its files were read */
	if (stranger)
		place_say(loading, SEVERITY_WARNING, place,
			"the authority \"%s\" lists certificates of several subjects (\"%s\" is "
			"another than the one before): only those with one subject are generations "
			"of each other; give each CA an authority of its own",
			authority->name, name_of(stranger));
	if (authority_ran_out(authority, loading->options->now))
		place_say(loading, SEVERITY_WARNING, place,
			"the authority \"%s\" has no certificate left that could be registered: "
			"add its next generation",
			authority->name);
	if (rotation->retire == RETIRE_AFTER && rotation->retire_after < RETIRE_AFTER_SAFE &&
		authority_changed_key(authority))
		place_say(loading, SEVERITY_WARNING, place,
			"the authority \"%s\" has changed its key, and \"retire: after\" of %s is "
			"less than the 400 d in which every domain controller has surely enrolled "
			"anew",
			authority->name, duration_format(rotation->retire_after, after));
}

static int authority_build(
	struct loading *loading, const struct source *source, const struct yaml_node *name)
{
	size_t position = loading->fleet.authorities_count, first = loading->members_count;
	struct authority *authority = &loading->fleet.authorities[position];
	struct place place = {source, name};
	struct schema_value values[KEYS];
	const struct yaml_node *patterns;
	int r = 0;

	schema_read(SECTION_AUTHORITY, name->next, source->file, loading->diagnostics, values);
	authority->name = strdup(name->text);
	if (!authority->name)
		return -ERROR_MEMORY;
	names_add(&loading->authorities, name->text, position, place);
	loading->fleet.authorities_count++;
	authority->rotation = rotation_build(loading, source, values[KEY_ROTATION].node);
	patterns = values[KEY_CERTIFICATES].node;
	for (const struct yaml_node *pattern = patterns ? patterns->first : NULL; r == 0 && pattern;
		pattern = pattern->next)
		r = pattern_members(
			loading, pattern->text, position, (struct place){source, pattern});
	r = r < 0 ? r : authority_collect(loading, authority, first, place);
	if (r == 0)
		authority_judge(loading, authority, place);
	return r;
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
			members[i].path, name_of(members[i].certificate), members[first].path,
			loading->fleet.authorities[members[first].authority].name,
			members[first].place.source->file,
			(unsigned)members[first].place.node->line,
			(unsigned)members[first].place.node->column);
	}
}

bool members_have(const struct loading *loading, const struct digest *sha256)
{
	size_t low = 0, high = loading->members_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int r = digest_cmp(&loading->members[middle].certificate->sha256, sha256);

		if (r == 0)
			return true;
		if (r < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
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
