/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/configuration.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/error.h"
#include "base/suggest.h"
#include "edge/configuration-private.h"

/* More of the configuration, beside the main file. */
#define CONFIGURATION_PARTS "conf.d/*.yaml"
/* What somebody may take for more of it. */
#define CONFIGURATION_STRAYS "conf.d/*.yml"
#define CONFIGURATION_FOLDER "conf.d"

/* ---------------------------------------------------------------- names */

int names_open(struct names *names, size_t count)
{
	names->names = calloc(count ? count : 1, sizeof(names->names[0]));
	return names->names ? 0 : -ERROR_MEMORY;
}

void names_add(struct names *names, const char *text, size_t position, struct place place)
{
	names->names[names->count++] =
		(struct name){.text = text, .position = position, .place = place};
}

static int name_compare(const void *left, const void *right)
{
	const struct name *a = left, *b = right;
	int r = strcmp(a->text, b->text);

	return r ? r : (a->position < b->position ? -1 : a->position > b->position);
}

void names_close(struct loading *loading, struct names *names, const char *what)
{
	if (names->count > 1)
		qsort(names->names, names->count, sizeof(names->names[0]), name_compare);
	for (size_t i = 1, first = 0; i < names->count; i++) {
		const struct name *name = &names->names[i], *other = &names->names[first];

		if (strcmp(name->text, other->text) != 0)
			first = i;
		else
			place_say(loading, SEVERITY_ERROR, name->place,
				"the %s \"%s\" is defined twice: first at %s:%u:%u", what,
				name->text, other->place.source->file,
				(unsigned)other->place.node->line,
				(unsigned)other->place.node->column);
	}
}

void names_done(struct names *names)
{
	free(names->names);
	free(names->words);
	*names = (struct names){0};
}

const struct name *names_find(const struct names *names, const char *text)
{
	size_t low = 0, high = names->count;

	while (low < high) { /* the first that is not less: duplicates are told elsewhere */
		size_t middle = low + (high - low) / 2;

		if (strcmp(names->names[middle].text, text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == names->count || strcmp(names->names[low].text, text) != 0)
		return NULL;
	return &names->names[low];
}

const char *names_suggest(struct names *names, const char *text)
{
	if (!names->words) {
		names->words = calloc(names->count ? names->count : 1, sizeof(names->words[0]));
		for (size_t i = 0; names->words && i < names->count; i++)
			names->words[i] = names->names[i].text;
	}
	return names->words ? suggest(text, names->words, names->count) : NULL;
}

/* ---------------------------------------------------------------- files */

void loading_reads(const struct loading *loading, const char *pattern, const char *base)
{
	if (loading->options->reading)
		loading->options->reading(loading->options->context, pattern, base);
}

static int source_add(struct loading *loading, const char *path)
{
	struct source *source = &loading->sources[loading->sources_count];

	loading->sources_count++;
	source->file = diagnostics_file(loading->diagnostics, path);
	source->path = strdup(path);
	return source->file && source->path ? 0 : -ERROR_MEMORY;
}

/* A file in the place of the folder. */
static void folder_judge(struct loading *loading, const char *path)
{
	struct file_list folder = {0};
	struct error ignored;
	struct stat status;

	if (file_find(CONFIGURATION_FOLDER, path, 1, &folder, &ignored) < 0)
		return;
	if (folder.count > 0 && stat(folder.paths[0], &status) == 0 && !S_ISDIR(status.st_mode))
		diagnostics_add(loading->diagnostics, SEVERITY_WARNING, loading->sources[0].file, 0,
			0,
			"%s is not read: it is no directory, and only " CONFIGURATION_PARTS " is",
			folder.paths[0]);
	file_list_done(&folder);
}

/* Directories that are in no file are released, so what is not read is told. */
static void strays_tell(struct loading *loading, const char *path)
{
	struct file_list strays = {0};
	struct error ignored;

	folder_judge(loading, path);
	if (file_find(CONFIGURATION_STRAYS, path, CONFIGURATION_FILES_MAX, &strays, &ignored) < 0)
		return;
	for (size_t i = 0; i < strays.count; i++)
		diagnostics_add(loading->diagnostics, SEVERITY_WARNING, loading->sources[0].file, 0,
			0, "%s is not read: only " CONFIGURATION_PARTS " is", strays.paths[i]);
	file_list_done(&strays);
}

/* The main file, then conf.d in lexical order. */
static int sources_find(struct loading *loading, const char *path)
{
	struct file_list others = {0};
	struct error error = {0}, *reason = &error;
	int r, found;

	loading_reads(loading, path, "");
	loading_reads(loading, CONFIGURATION_PARTS, path);
	found = file_find(CONFIGURATION_PARTS, path, CONFIGURATION_FILES_MAX, &others, reason);
	loading->sources = calloc(1 + others.count, sizeof(loading->sources[0]));
	r = loading->sources ? source_add(loading, path) : -ERROR_MEMORY;
	for (size_t i = 0; r == 0 && i < others.count; i++)
		r = source_add(loading, others.paths[i]);
	file_list_done(&others);
	if (r == 0)
		strays_tell(loading, path);
	if (r == 0 && found < 0) {
		loading->partial = true;
		diagnostics_add(loading->diagnostics, SEVERITY_ERROR, loading->sources[0].file, 0,
			0, "%s", error.message);
	}
	return r;
}

/* A file without any document is as one with an empty mapping: what is required is told. */
static void source_check(struct loading *loading, struct source *source)
{
	static const struct yaml_node nothing = {.kind = YAML_MAPPING, .line = 1, .column = 1};
	/* a mistake elsewhere hides nothing that is asked for by its name */
	static const enum key named[] = {
		KEY_DEFAULTS, KEY_ACCOUNTS, KEY_AUTHORITIES, KEY_DIRECTORIES};
	const struct yaml_node *root = source->tree.root ? source->tree.root : &nothing;

	schema_read(SECTION_FILE, root, source->file, loading->diagnostics, source->values);
	for (size_t i = 0; i < ARRAY_LENGTH(named); i++)
		loading->partial |= source->values[named[i]].refused;
	loading->partial |= root->kind != YAML_MAPPING;
}

static int source_read(struct loading *loading, struct source *source)
{
	struct error error = {0};
	struct buffer text;
	int r;

	buffer_init(&text, YAML_FILE_MAX);
	r = file_read_named(source->path, &text, &error);
	if (r < 0)
		diagnostics_add(loading->diagnostics, SEVERITY_ERROR, source->file, 0, 0, "%s%s",
			error.message,
			r == -ERROR_MISSING && strcmp(source->path, "-") == 0
				? "; standard input is not read: name a regular file"
				: "");
	else
		r = yaml_parse(buffer_text(&text), text.length, source->file, loading->diagnostics,
			&source->tree);
	buffer_done(&text);
	if (r == 0)
		source_check(loading, source);
	loading->partial |= r < 0;
	return r == -ERROR_MEMORY ? r : 0;
}

/* ---------------------------------------------------------------- what is said once */

/* The one place where `key` stands in any file; telling every further one. Node NULL: nowhere. */
static struct place loading_once(struct loading *loading, enum key key)
{
	struct place once = {0};

	for (size_t i = 0; i < loading->sources_count; i++) {
		const struct source *source = &loading->sources[i];
		struct place place = {source, source->values[key].node};

		if (!place.node)
			continue;
		if (once.node)
			place_say(loading, SEVERITY_ERROR, place,
				"\"%s\" is said twice: first at %s:%u:%u", schema_key(key)->name,
				once.source->file, (unsigned)once.node->line,
				(unsigned)once.node->column);
		else
			once = place;
	}
	return once;
}

static void defaults_read(struct loading *loading)
{
	static const struct yaml_node nothing = {.kind = YAML_MAPPING};
	struct place place = loading_once(loading, KEY_DEFAULTS);
	const struct yaml_node *rotation;
	const char *file = place.node ? place.source->file : NULL;

	schema_read(SECTION_DEFAULTS, place.node ? place.node : &nothing, file,
		loading->diagnostics, loading->defaults);
	rotation = loading->defaults[KEY_ROTATION].node;
	loading->rotation_place = (struct place){place.source, rotation};
	schema_read(SECTION_ROTATION, rotation ? rotation : &nothing, file, loading->diagnostics,
		loading->rotation);
}

/* Only such files are read in node_exporter's folder. */
#define METRICS_SUFFIX ".prom"

/* Where the metrics go: not relative to a file that may be checked out anywhere. */
static int metrics_read(struct loading *loading)
{
	struct place place = loading_once(loading, KEY_METRICS_FILE);
	const char *path = place.node ? place.node->text : NULL;
	size_t length = path ? strlen(path) : 0;
	char found[YAML_FOUND_SIZE];

	if (!path || place.source->values[KEY_METRICS_FILE].refused)
		return 0;
	if (path[0] != '/' || length <= strlen(METRICS_SUFFIX) ||
		strcmp(path + length - strlen(METRICS_SUFFIX), METRICS_SUFFIX) != 0) {
		schema_say(loading->diagnostics, SEVERITY_ERROR, place.source->file, place.node,
			"\"metrics_file\" must be a whole path that ends in " METRICS_SUFFIX
			", such as /var/lib/prometheus/node-exporter/ldapsward.prom; found %s",
			yaml_found(place.node, found));
		return 0;
	}
	loading->fleet.metrics_file = strdup(path);
	return loading->fleet.metrics_file ? 0 : -ERROR_MEMORY;
}

static void fleet_read(struct loading *loading)
{
	struct place interval = loading_once(loading, KEY_INTERVAL);
	struct place rollout = loading_once(loading, KEY_ROLLOUT);
	struct schema_value values[KEYS];

	loading->fleet.interval = interval.node ? interval.source->values[KEY_INTERVAL].number
						: FLEET_INTERVAL_DEFAULT;
	loading->fleet.parallel = FLEET_PARALLEL_DEFAULT;
	if (!rollout.node)
		return;
	schema_read(
		SECTION_ROLLOUT, rollout.node, rollout.source->file, loading->diagnostics, values);
	loading->fleet.parallel = (unsigned)values[KEY_PARALLEL].number;
}

size_t loading_count(struct loading *loading, enum key key, size_t limit)
{
	bool told = false;
	size_t count = 0;

	for (size_t i = 0; i < loading->sources_count; i++) {
		const struct yaml_node *node = loading->sources[i].values[key].node;

		count += node ? node->length : 0;
		if (!node || count <= limit || told)
			continue;
		schema_say(loading->diagnostics, SEVERITY_ERROR, loading->sources[i].file, node,
			"more than %zu %s in all files: the limit", limit, schema_key(key)->name);
		told = true;
	}
	return count;
}

/* ---------------------------------------------------------------- the whole */

static void loading_done(struct loading *loading)
{
	for (size_t i = 0; i < loading->sources_count; i++) {
		yaml_tree_done(&loading->sources[i].tree);
		free(loading->sources[i].path);
	}
	for (size_t i = 0; i < loading->found_count; i++)
		file_list_done(&loading->found[i]);
	names_done(&loading->accounts);
	names_done(&loading->authorities);
	names_done(&loading->directories);
	profiles_free(loading->profiles);
	free(loading->sources);
	free(loading->members);
	free(loading->found);
	fleet_done(&loading->fleet);
}

static int loading_run(struct loading *loading, const char *path)
{
	int r = sources_find(loading, path);

	for (size_t i = 0; r == 0 && i < loading->sources_count; i++)
		r = source_read(loading, &loading->sources[i]);
	if (r < 0)
		return r;
	defaults_read(loading);
	fleet_read(loading);
	r = metrics_read(loading);
	r = r < 0 ? r : accounts_build(loading);
	r = r < 0 ? r : authorities_build(loading);
	r = r < 0 ? r : generations_build(loading);
	r = r < 0 ? r : directories_build(loading);
	if (r == 0)
		accounts_judge(loading);
	if (r < 0)
		return r;
	if (loading->diagnostics->totals[SEVERITY_ERROR] == 0 &&
		loading->fleet.directories_count == 0 && loading->fleet.selectors_count == 0)
		diagnostics_add(loading->diagnostics, SEVERITY_WARNING, loading->sources[0].file, 0,
			0, "no directories: nothing is looked after");
	return loading->diagnostics->broken;
}

/* What needs the whole of a directory to be there. */
static void fleet_finish(struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->directories_count; i++)
		fleet->directories[i].revision = directory_revision(&fleet->directories[i]);
}

int configuration_load(const char *path, const struct configuration_options *options,
	struct store *store, struct fleet *ret_fleet, struct diagnostics *diagnostics)
{
	struct loading loading = {.options = options, .store = store, .diagnostics = diagnostics};
	int r = loading_run(&loading, path);

	diagnostics_sort(diagnostics);
	if (r == 0 && diagnostics->totals[SEVERITY_ERROR] > 0)
		r = -ERROR_INVALID;
	if (r == 0) {
		fleet_finish(&loading.fleet);
		*ret_fleet = loading.fleet;
		loading.fleet = (struct fleet){0};
	}
	loading_done(&loading);
	return r;
}
