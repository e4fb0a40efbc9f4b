/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The format of the configuration file as one table: every key with the places where it may stand,
 * what it may be, its default and what it means. The table drives the reading, the suggestions, the
 * comparison with conf/ldapsward.schema.json and the manual.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diagnostics.h"
#include "edge/yaml.h"

/* The only version of the format. */
#define SCHEMA_VERSION 1
/* Names of authorities and accounts. Characters. */
#define SCHEMA_NAME_MAX 64
/* The name of a Region: the longest known has 14. Characters. */
#define SCHEMA_REGION_MAX 32
/* A name of a session and an external id of STS (its API reference); the shortest have 2. */
#define SCHEMA_SESSION_MAX     64
#define SCHEMA_EXTERNAL_ID_MAX 1224
/* The ARN of a role, by the same source. Characters. */
#define SCHEMA_ROLE_MAX 2048
/* Key and value of a tag (service model of the Directory Service). Characters. */
#define SCHEMA_TAG_KEY_MAX   128
#define SCHEMA_TAG_VALUE_MAX 256
/* The reason of an approval, a path. Bytes. */
#define SCHEMA_TEXT_MAX 1000

/* The mappings of the format. */
enum section {
	SECTION_FILE,
	SECTION_DEFAULTS,
	SECTION_ROLLOUT,
	SECTION_ACCOUNT,   /* each of `accounts` */
	SECTION_AUTHORITY, /* each of `authorities` */
	SECTION_ROTATION,
	SECTION_RETIRE,
	SECTION_DIRECTORY, /* each of `directories` */
	SECTION_APPROVAL,  /* each of `approve` that is no word */
	SECTION_SELECT,
	SECTIONS,
};

/* A bit for each section, for schema_key.where. */
#define SECTION_BIT(section) (1u << (section))

/* What a single value is. */
enum value_type {
	VALUE_NONE,	    /* the key holds sections alone */
	VALUE_WORD,	    /* one of `words`; number: its index */
	VALUE_NUMBER,	    /* a whole number */
	VALUE_DURATION,	    /* "15m", "3d"; number: seconds */
	VALUE_DATE,	    /* "2027-05-01", or with a time; number: UTC seconds */
	VALUE_NAME,	    /* of an authority or account */
	VALUE_DIRECTORY_ID, /* "d-" and ten hexadecimal digits */
	VALUE_DOMAIN,	    /* a DNS name */
	VALUE_REGION,	    /* "eu-west-1" */
	VALUE_DIGEST,	    /* a SHA-256 in hexadecimal */
	VALUE_PATH,	    /* a file or pattern */
	VALUE_TEXT,	    /* one line for people */
	VALUE_ACCOUNT_ID,   /* 12 digits */
	VALUE_ROLE,	    /* the ARN of an IAM role */
	VALUE_SESSION,	    /* the name of a session of STS */
	VALUE_EXTERNAL_ID,  /* what the trust policy of a role asks for */
	VALUE_URL,	    /* one line; who uses it takes it apart, and never shows it */
	VALUE_PATTERN,	    /* of DNS names, with * and ? */
	VALUE_TAG,	    /* of a directory: its value; its key is the key of the mapping */
	VALUE_TYPES,
};

/* How values are put together below a key. */
enum shape {
	SHAPE_ONE,	/* one value */
	SHAPE_LIST,	/* a list of values without repetition */
	SHAPE_SECTION,	/* one section */
	SHAPE_SECTIONS, /* a list of sections */
	SHAPE_NAMED,	/* a mapping from names to sections */
	SHAPE_REGIONAL, /* one value, or a mapping from Regions to values */
	SHAPE_TEXTS,	/* a mapping from texts to values; `minimum` and `maximum` count them */
};

/* clang-format off */
enum key {
	/* the file */
	KEY_VERSION, KEY_INTERVAL, KEY_METRICS_FILE, KEY_DEFAULTS, KEY_ROLLOUT, KEY_ACCOUNTS,
	KEY_AUTHORITIES, KEY_DIRECTORIES,
	/* a directory, and what defaults say for all of them */
	KEY_ID, KEY_NAME, KEY_ACCOUNT, KEY_REGIONS, KEY_TRUST, KEY_POLICY, KEY_CLIENT_LDAPS, KEY_ADOPT,
	KEY_APPROVE, KEY_GRACE, KEY_REENABLE_AFTER, KEY_CERTIFICATE_LIMIT, KEY_HOME, KEY_SELECT,
	/* what selects directories */
	KEY_TAGS, KEY_TYPE, KEY_PATTERN,
	/* an approval */
	KEY_CERTIFICATE, KEY_REASON, KEY_UNTIL,
	/* an authority */
	KEY_CERTIFICATES, KEY_ROTATION, KEY_REGISTER, KEY_ROTATE_BEFORE, KEY_OVERLAP, KEY_RETIRE,
	KEY_AFTER,
	/* the roll-out */
	KEY_PARALLEL,
	/* an account */
	KEY_CONCURRENCY, KEY_PROFILE, KEY_ROLE_ARN, KEY_ACCOUNT_ID, KEY_EXTERNAL_ID,
	KEY_SESSION_NAME, KEY_DURATION, KEY_ENDPOINT, KEY_STS_ENDPOINT,
	KEYS,
};
/* clang-format on */

struct schema_key {
	const char *name;
	unsigned where;	      /* SECTION_BIT of every section in which it may stand */
	enum shape shape;     /* of what stands below it */
	enum value_type type; /* of the value, or of each in the list */
	enum section section; /* of the section, or of each in the list or mapping */
	int64_t minimum;      /* the least number or duration; the least items of a list */
	int64_t maximum;      /* the most */
	/* VALUE_WORD: the words allowed. Otherwise words that may stand in the place of the list
	 * or section (`trust: none`) or of a section in the list (`approve: [disable]`). An index
	 * is the value of the enumeration in core/fleet.h; holes are NULL. */
	const char *const *words;
	size_t words_count;
	int64_t fallback;    /* what an absent key means: number, seconds or index of the word */
	const char *meaning; /* one sentence for people */
	bool has_default;    /* `fallback` counts */
	bool required;	     /* in each section of `where` */
};

/* The row of a key. Static. */
const struct schema_key *schema_key(enum key key);
/* What a section is called in messages: "the file", "a directory". Static. */
const char *section_str(enum section section);
/* What a value of this type must be: "a duration such as 15m, 24h or 3d". Static. */
const char *value_type_str(enum value_type type);

/* What was read for one key of a section. */
struct schema_value {
	const struct yaml_node *node; /* NULL if the key is absent or was refused */
	int64_t number;		      /* of a single value, see enum value_type; or the default */
	bool word;		      /* one of `words` stands in place of the list or section */
	bool refused;		      /* it is there, and an error was told */
	/* Of a key that takes a list of values: the list, also if some of its items were refused
	 * (schema_item), so that no mistake hides what is wrong with the others; otherwise NULL. */
	const struct yaml_node *list;
};

/*
 * Reads the keys of one section: unknown and misplaced keys, kinds, ranges, words and required keys
 * are told, each with its place; single values and lists of values are checked whole, sections
 * below are only checked to be sections (whoever builds from them reads them by another call, and
 * passes over items that are neither a mapping nor a word).
 * Fills KEYS values, defaults included. `node` of another kind than a mapping is told too.
 */
void schema_read(enum section section, const struct yaml_node *node, const char *file,
	struct diagnostics *diagnostics, struct schema_value ret_values[static KEYS]);

/*
 * Where one section says nothing another speaks for it: takes over each of `defaults` that may
 * stand in sections of this kind (SECTION_DEFAULTS: what directories inherit).
 */
void schema_inherit(enum section section, struct schema_value values[static KEYS],
	const struct schema_value defaults[static KEYS]);

/* Whether an entry of a list of sections is one of the key's words; gives its index. */
bool schema_word(enum key key, const struct yaml_node *node, int64_t *ret_index);

/* Whether an item of a key's list is good: of its kind, and not there before. */
bool schema_item(enum key key, const struct yaml_node *list, const struct yaml_node *item);

/* Whether this is the name of a Region, by its form. */
bool schema_region_valid(const char *text);

/* Adds a sentence at a node's place. */
#define schema_say(diagnostics, severity, file, node, ...)                                         \
	diagnostics_add(diagnostics, severity, file, (node)->line, (node)->column, __VA_ARGS__)
