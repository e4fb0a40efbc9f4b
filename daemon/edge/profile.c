/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/profile.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/hash.h"
#include "base/text.h"
#include "edge/environment.h"
#include "edge/file.h"

/* A section, or a key of one. */
struct entry {
	enum profile_file file;
	enum profile_kind kind;
	unsigned line;
	char *section; /* owned; as are those below */
	char *parent;  /* of a nested key; NULL otherwise */
	char *key;     /* NULL: the section itself */
	char *value;
};

struct profiles {
	struct entry *entries; /* owned, in the order of the files */
	size_t count, capacity;
	char *names[PROFILE_FILES]; /* owned */
};

struct profiles *profiles_new(void)
{
	return calloc(1, sizeof(struct profiles));
}

static void wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

void profiles_free(struct profiles *profiles)
{
	if (!profiles)
		return;
	for (size_t i = 0; i < profiles->count; i++) {
		wipe(profiles->entries[i].section);
		wipe(profiles->entries[i].parent);
		wipe(profiles->entries[i].key);
		wipe(profiles->entries[i].value);
	}
	free(profiles->entries);
	for (size_t i = 0; i < PROFILE_FILES; i++)
		free(profiles->names[i]);
	free(profiles);
}

/* ---- reading ---- */

/* What stands where in a file while it is read. */
struct reading {
	struct profiles *profiles;
	enum profile_file file;
	enum profile_kind kind;
	const char *name;
	unsigned line;
	bool known;	     /* the section is of a kind that is kept */
	bool inside;	     /* there was a section */
	char *section;	     /* owned */
	char *key;	     /* owned; the last that was not nested; NULL: none in this section */
	size_t indent;	     /* of that key */
	size_t value;	     /* its entry, if `known` */
	struct error *error; /* may be NULL */
};

#define refuse(reading, ...) error_set_at(reading, ERROR_INVALID, __VA_ARGS__)

static int error_set_at(
	const struct reading *reading, enum error_code code, const char *what, const char *todo)
{
	return error_set(
		reading->error, code, "%s:%u: %s: %s", reading->name, reading->line, what, todo);
}

static int no_memory(const struct reading *reading)
{
	return error_set(reading->error, ERROR_MEMORY, "out of memory");
}

static char *copy(const char *text, size_t length)
{
	return strndup(text, length);
}

static char *copy_lower(const char *text, size_t length)
{
	char *lower = strndup(text, length);

	for (char *at = lower; at && *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return lower;
}

/* The bytes of a line without what is blank at its ends. */
static void strip(const char **text, size_t *length)
{
	while (*length > 0 && isspace((unsigned char)**text)) {
		++*text;
		--*length;
	}
	while (*length > 0 && isspace((unsigned char)(*text)[*length - 1]))
		--*length;
}

static const struct entry *find(const struct profiles *profiles, int file, enum profile_kind kind,
	const char *section, const char *parent, const char *key)
{
	for (size_t i = 0; i < profiles->count; i++) {
		const struct entry *entry = &profiles->entries[i];

		if ((file != PROFILE_FILES && entry->file != (enum profile_file)file) ||
			entry->kind != kind || strcmp(entry->section, section) != 0)
			continue;
		if (!key != !entry->key || !parent != !entry->parent)
			continue;
		if ((!key || strcmp(entry->key, key) == 0) &&
			(!parent || strcmp(entry->parent, parent) == 0))
			return entry;
	}
	return NULL;
}

/* Takes `key`, and `value`; `parent` is copied. */
static int entry_add(struct reading *reading, const char *parent, char *key, char *value)
{
	struct profiles *profiles = reading->profiles;
	struct entry entry = {.file = reading->file,
		.kind = reading->kind,
		.line = reading->line,
		.section = strdup(reading->section),
		.parent = parent ? strdup(parent) : NULL,
		.key = key,
		.value = value};
	int r = array_reserve(&profiles->entries, &profiles->capacity, profiles->count,
		sizeof(profiles->entries[0]), PROFILE_KEYS_MAX);

	if (r == 0 && entry.section && (!parent || entry.parent)) {
		profiles->entries[profiles->count++] = entry;
		return 0;
	}
	free(entry.section);
	free(entry.parent);
	free(key);
	wipe(value);
	return r == -ERROR_LIMIT ? error_set_at(reading, ERROR_LIMIT, "too many keys",
					   "at most 8192 are read")
				 : no_memory(reading);
}

/* The name in "profile x" or "profile 'my x'"; NULL if the words are none of `prefix`. */
static const char *word_after(
	const char *text, size_t length, const char *prefix, size_t *ret_length)
{
	size_t skip = strlen(prefix);
	const char *word = text + skip;

	if (length <= skip || strncmp(text, prefix, skip) != 0 || !isblank((unsigned char)*word))
		return NULL;
	length -= skip;
	strip(&word, &length);
	if (length >= 2 && (*word == '"' || *word == '\'') && word[length - 1] == *word) {
		word++;
		length -= 2;
	} else if (memchr(word, ' ', length) || memchr(word, '\t', length)) {
		return NULL;
	}
	*ret_length = length;
	return length > 0 ? word : NULL;
}

/* Whose section this is; sections of other kinds are passed over, as the AWS tools do. */
static const char *section_name(struct reading *reading, const char *text, size_t *length)
{
	static const char *const prefixes[] = {[PROFILE_PROFILE] = "profile",
		[PROFILE_SSO_SESSION] = "sso-session",
		[PROFILE_SERVICES] = "services"};

	reading->kind = PROFILE_PROFILE;
	if (reading->file == PROFILE_CREDENTIALS ||
		(*length == 7 && memcmp(text, "default", 7) == 0))
		return text;
	for (size_t i = 0; i < ARRAY_LENGTH(prefixes); i++) {
		const char *word = word_after(text, *length, prefixes[i], length);

		reading->kind = (enum profile_kind)i;
		if (word)
			return word;
	}
	return NULL;
}

static int read_section(struct reading *reading, const char *text, size_t length)
{
	const char *end = memrchr(text, ']', length);
	const char *name = text + 1;
	size_t size;

	free(reading->section);
	free(reading->key);
	reading->section = reading->key = NULL;
	reading->inside = true;
	if (!end || end == name)
		return refuse(reading, "not a section", "it looks like [profile x]");
	size = (size_t)(end - name);
	strip(&name, &size);
	name = section_name(reading, name, &size);
	reading->known = name != NULL;
	if (!name)
		return 0;
	if (size > PROFILE_NAME_MAX)
		return refuse(reading, "the name of the section is too long", "at most 256 bytes");
	reading->section = copy(name, size);
	if (!reading->section)
		return no_memory(reading);
	if (find(reading->profiles, (int)reading->file, reading->kind, reading->section, NULL,
		    NULL))
		return refuse(reading, "this section is there twice", "join the two");
	return entry_add(reading, NULL, NULL, NULL);
}

/* Splits "key = value" or "key: value". False if it is neither. */
static bool split(const char *text, size_t length, const char *marks, size_t *ret_key,
	const char **ret_value, size_t *ret_value_length)
{
	size_t at = 0;
	const char *value;

	while (at < length && !strchr(marks, text[at]))
		at++;
	if (at == length || at == 0)
		return false;
	value = text + at + 1;
	*ret_value_length = length - at - 1;
	strip(&value, ret_value_length);
	*ret_value = value;
	while (at > 0 && isspace((unsigned char)text[at - 1]))
		at--;
	*ret_key = at;
	return at > 0;
}

static int key_add(struct reading *reading, const char *parent, const char *text, size_t length)
{
	const char *value = NULL;
	size_t value_length = 0, key_length = 0;
	char *key, *kept;

	if (!split(text, length, parent ? "=" : "=:", &key_length, &value, &value_length))
		return refuse(reading, "neither a section nor a key",
			"a key looks like \"region = eu-west-1\" (the line is not shown)");
	if (key_length > PROFILE_NAME_MAX)
		return refuse(reading, "the name of the key is too long", "at most 256 bytes");
	key = copy_lower(text, key_length);
	kept = copy(value, value_length);
	if (!key || !kept) {
		free(key);
		wipe(kept);
		return no_memory(reading);
	}
	if (!parent) {
		free(reading->key);
		reading->key = strdup(key);
		if (!reading->key) {
			free(key);
			wipe(kept);
			return no_memory(reading);
		}
	}
	if (find(reading->profiles, (int)reading->file, reading->kind, reading->section, parent,
		    key)) {
		free(key);
		wipe(kept);
		return refuse(reading, "this key is there twice", "delete one of the two");
	}
	if (!parent)
		reading->value = reading->profiles->count;
	return entry_add(reading, parent, key, kept);
}

/* A further line of a value that does not end with its line. */
static int value_extend(struct reading *reading, const char *text, size_t length)
{
	struct entry *entry = &reading->profiles->entries[reading->value];
	size_t before = strlen(entry->value);
	char *longer = malloc(before + length + 2);

	if (!longer)
		return no_memory(reading);
	memcpy(longer, entry->value, before);
	longer[before] = '\n';
	memcpy(longer + before + 1, text, length);
	longer[before + 1 + length] = '\0';
	wipe(entry->value);
	entry->value = longer;
	return 0;
}

static int read_line(struct reading *reading, const char *line, size_t size)
{
	const char *text = line;
	size_t length = size, indent;

	strip(&text, &length);
	indent = (size_t)(text - line);
	if (length == 0 || *text == '#' || *text == ';')
		return 0;
	if (reading->inside && reading->key && indent > reading->indent)
		return *reading->profiles->entries[reading->value].value
			       ? value_extend(reading, text, length)
			       : key_add(reading, reading->key, text, length);
	if (*text == '[')
		return read_section(reading, text, length);
	if (!reading->inside)
		return refuse(reading, "a key before the first section",
			"begin with [default] or [profile x]");
	reading->indent = indent;
	return reading->known ? key_add(reading, NULL, text, length) : 0;
}

int profiles_parse(struct profiles *profiles, enum profile_file file, const char *name,
	const char *text, size_t length, struct error *error)
{
	struct reading reading = {.profiles = profiles, .file = file, .name = name, .error = error};
	int r = 0;

	free(profiles->names[file]);
	profiles->names[file] = strdup(name);
	if (!profiles->names[file])
		return no_memory(&reading);
	while (r == 0 && length > 0) {
		const char *end = memchr(text, '\n', length);
		size_t size = end ? (size_t)(end - text) : length;

		reading.line++;
		if (memchr(text, '\0', size))
			r = refuse(&reading, "a NUL byte", "this is no text file");
		else
			r = read_line(&reading, text, size);
		size += end != NULL;
		text += size;
		length -= size;
	}
	free(reading.section);
	free(reading.key);
	return r;
}

/* ---- the files ---- */

bool profile_path(const char *text, char *ret_path, size_t size)
{
	const char *home = environment_text("HOME");
	bool tilde = text[0] == '~' && text[1] == '/';
	int length;

	if (tilde && !home)
		return false;
	length = tilde ? snprintf(ret_path, size, "%s%s", home, text + 1)
		       : snprintf(ret_path, size, "%s", text);
	return length >= 0 && (size_t)length < size;
}

const char *profile_chosen(void)
{
	const char *name = environment_text("AWS_DEFAULT_PROFILE");

	return name ? name : environment_text("AWS_PROFILE");
}

const char *profile_name(const char *own)
{
	const char *name = own ? own : profile_chosen();

	return name ? name : "default";
}

/* Where one of the files is. False if that needs HOME, and it is not set. */
static bool file_place(enum profile_file file, char *ret_path, size_t size, bool *ret_named)
{
	static const struct {
		const char *variable, *path;
	} places[PROFILE_FILES] = {[PROFILE_CONFIG] = {"AWS_CONFIG_FILE", "~/.aws/config"},
		[PROFILE_CREDENTIALS] = {"AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"}};
	const char *named = environment_text(places[file].variable);

	*ret_named = named != NULL;
	return profile_path(named ? named : places[file].path, ret_path, size);
}

static int file_load(struct profiles *profiles, enum profile_file file, struct error *error)
{
	char path[PATH_MAX];
	struct buffer text;
	bool named;
	int r;

	if (!file_place(file, path, sizeof(path), &named))
		return 0;		      /* no HOME: there is no such file */
	if (!named && access(path, F_OK) < 0) /* nor in the HOME of somebody else, as after sudo */
		return 0;
	buffer_init(&text, PROFILE_FILE_MAX);
	r = file_read(path, &text, error);
	if (r == 0)
		r = profiles_parse(profiles, file, path, buffer_text(&text), text.length, error);
	else if (r == -ERROR_MISSING)
		r = 0;
	buffer_wipe(&text);
	return r;
}

uint64_t profiles_stamp(void)
{
	uint64_t stamp = HASH_START;
	char path[PATH_MAX];
	bool named;

	for (int file = 0; file < PROFILE_FILES; file++) {
		bool known = file_place((enum profile_file)file, path, sizeof(path), &named);

		stamp = hash_number(stamp, known ? (int64_t)file_mark(path) : 0);
	}
	return stamp;
}

int profiles_load(struct profiles **ret_profiles, struct error *error)
{
	struct profiles *profiles = profiles_new();
	int r = profiles ? 0 : error_set(error, ERROR_MEMORY, "out of memory");

	for (int file = 0; r == 0 && file < PROFILE_FILES; file++)
		r = file_load(profiles, (enum profile_file)file, error);
	if (r < 0)
		profiles_free(profiles);
	else
		*ret_profiles = profiles;
	return r;
}

/* ---- asking ---- */

bool profiles_have(const struct profiles *profiles, enum profile_kind kind, const char *name)
{
	return find(profiles, PROFILE_FILES, kind, name, NULL, NULL) != NULL;
}

static const char *value_of(const struct entry *entry)
{
	return entry ? entry->value : NULL;
}

const char *profiles_text_in(const struct profiles *profiles, enum profile_file file,
	enum profile_kind kind, const char *name, const char *key)
{
	return value_of(find(profiles, (int)file, kind, name, NULL, key));
}

const char *profiles_text(
	const struct profiles *profiles, enum profile_kind kind, const char *name, const char *key)
{
	const char *text = profiles_text_in(profiles, PROFILE_CREDENTIALS, kind, name, key);

	return text ? text : profiles_text_in(profiles, PROFILE_CONFIG, kind, name, key);
}

const char *profiles_nested(const struct profiles *profiles, enum profile_kind kind,
	const char *name, const char *parent, const char *key)
{
	return value_of(find(profiles, PROFILE_FILES, kind, name, parent, key));
}

const char *profiles_place(const struct profiles *profiles, enum profile_kind kind,
	const char *name, char ret_text[static PROFILE_PLACE_SIZE])
{
	const struct entry *entry = find(profiles, PROFILE_FILES, kind, name, NULL, NULL);

	ret_text[0] = '\0';
	if (entry)
		snprintf(ret_text, PROFILE_PLACE_SIZE, "%s:%u", profiles->names[entry->file],
			entry->line);
	return ret_text;
}
