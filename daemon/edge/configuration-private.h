/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the parts of edge/configuration share while one configuration is read. Nobody else's. */

#include <stdbool.h>
#include <stddef.h>

#include "edge/configuration.h"
#include "edge/file.h"
#include "edge/profile.h"
#include "edge/schema.h"
#include "edge/yaml.h"

/* One file of YAML. */
struct source {
	char *path;	  /* owned; as it is opened */
	const char *file; /* the same for messages; borrowed from the diagnostics */
	struct yaml_tree tree;
	struct schema_value values[KEYS]; /* of the file's outermost section */
};

/* Where something stands. */
struct place {
	const struct source *source; /* borrowed */
	const struct yaml_node *node;
};

/* Something that may be defined once: an account, an authority, a directory. */
struct name {
	const char *text; /* borrowed from its tree */
	size_t position;  /* in the fleet's array */
	struct place place;
};

struct names {
	struct name *names; /* owned; sorted by names_close */
	size_t count;
	const char **words; /* owned; the texts alone, for suggestions; NULL until needed */
};

/* A certificate as one authority lists it. */
struct member {
	const struct certificate *certificate; /* borrowed from the store */
	const char *path;		       /* borrowed from `found` */
	size_t authority;		       /* position in the fleet */
	struct place place;		       /* of the pattern that named the file */
};

struct loading {
	const struct configuration_options *options;
	struct store *store;
	struct diagnostics *diagnostics;
	struct source *sources; /* owned */
	size_t sources_count;
	bool partial;		   /* a part could not be read: what seems missing may be there */
	struct profiles *profiles; /* owned; NULL until a directory without Regions needs them */
	struct fleet fleet;
	struct names accounts, authorities, directories;
	struct schema_value defaults[KEYS]; /* of the section `defaults` */
	struct schema_value rotation[KEYS]; /* of `rotation` in it */
	struct place rotation_place;	    /* node NULL if there is none */
	struct rotation rotation_default;   /* `retire` of it, resolved by authorities_build */
	struct member *members;		    /* owned; sorted by digest once all are there */
	size_t members_count;
	size_t members_capacity;
	struct file_list *found; /* owned; the files of every pattern */
	size_t found_count;
	size_t found_capacity;
};

/* Adds a sentence at a place. */
#define place_say(loading, severity, place, ...)                                                   \
	schema_say(                                                                                \
		(loading)->diagnostics, severity, (place).source->file, (place).node, __VA_ARGS__)

/* Says that what `pattern` names beside `base` is about to be read. */
void loading_reads(const struct loading *loading, const char *pattern, const char *base);

/* Elements below `key` of all files; tells if there are more than `limit`. */
size_t loading_count(struct loading *loading, enum key key, size_t limit);

/* Room for `count` names. 0 or -ERROR_MEMORY. */
int names_open(struct names *names, size_t count);
void names_add(struct names *names, const char *text, size_t position, struct place place);
/* Sorts; tells every name that is there twice, with both places. `what`: "account". */
void names_close(struct loading *loading, struct names *names, const char *what);
void names_done(struct names *names);
/* The first of this name, or NULL. After names_close. */
const struct name *names_find(const struct names *names, const char *text);
/* The nearest name, or NULL. */
const char *names_suggest(struct names *names, const char *text);

/* A selector from the sections `select` of an entry (NULL: it has an id). Its wish, account and
 * homes are the caller's to fill. 0 or -ERROR_MEMORY; what is wrong is told. */
int selector_build(struct loading *loading, struct place entry, const struct yaml_node *select,
	struct selector *selector);
/* Warns if the newest selector and one before it have, without doubt, directories in common, which
 * are then held. `select` is where it stands. */
void selector_compare(struct loading *loading, struct place select);

/* Each fills its part of loading->fleet, in this order. 0 or -ERROR_MEMORY; the rest is told. */
int accounts_build(struct loading *loading);
int authorities_build(struct loading *loading);
/* Links every certificate to its signer, sorts each authority, tells what is no generation. */
int generations_build(struct loading *loading);
int directories_build(struct loading *loading);

/* Tells of endpoints that cannot serve what the directories ask of them. After directories_build.
 */
void accounts_judge(struct loading *loading);

/* Whether any authority lists a certificate with this digest. After authorities_build. */
bool members_have(const struct loading *loading, const struct digest *sha256);
/* The member for a certificate that this authority lists. After authorities_build. */
const struct member *members_find(
	const struct loading *loading, const struct digest *sha256, size_t authority);
/* The common name, or words for none. */
const char *members_name(const struct certificate *certificate);
/* Says which rule a member's certificate breaks, with `more` after it. */
void member_say(struct loading *loading, const struct member *member, enum severity severity,
	enum certificate_rule rule, const char *more);
/* Whether every file was read without an error: what seems missing then is missing. */
bool generations_complete(const struct loading *loading);
