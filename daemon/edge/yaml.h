/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one door to libyaml: the bytes of one document in, a tree of nodes with their places out.
 * Strict where YAML is loose: a key twice, tags, merge keys and a second document are errors. An
 * alias stands for its anchor's node by reference, so a bomb costs no memory, and the limits below
 * keep it from costing time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diagnostics.h"

/* Bytes of one file: some 10,000 directories in their short form; more belong into conf.d. */
#define YAML_FILE_MAX (1024 * 1024)
/* Nesting: the format needs six. */
#define YAML_DEPTH_MAX 32
/* Nodes of one file, those behind an alias counted each time: twice what 1 MiB can hold. */
#define YAML_NODES_MAX 1000000
/* Anchors of one file: each alias looks its anchor up among them. */
#define YAML_ANCHORS_MAX 1000

enum yaml_kind {
	YAML_NULL,     /* nothing, "~" or "null" */
	YAML_SCALAR,   /* text */
	YAML_SEQUENCE, /* items */
	YAML_MAPPING,  /* key, value, key, value, ... all linked by `next`; keys are scalars */
};

/* Owned by its tree. Small by intent: a file of 10,000 directories has 250,000 of them. */
struct yaml_node {
	const struct yaml_node *next; /* the sibling; NULL for the last */
	union {
		const char *text;	       /* scalar: NUL-terminated, no NUL inside */
		const struct yaml_node *first; /* sequence, mapping: NULL if empty */
	};
	uint32_t length; /* scalar: bytes; sequence: items; mapping: pairs */
	uint32_t line;	 /* from 1: where it is written, for an alias where the alias is */
	uint32_t column; /* from 1, in characters */
	uint8_t kind;	 /* enum yaml_kind */
	bool plain;	 /* scalar: written without quotes */
	bool dropped;	 /* for the parser's use */
};

struct yaml_block;

/* All-zero is an empty tree. */
struct yaml_tree {
	const struct yaml_node *root; /* NULL if the file holds no document */
	const char *file;	      /* borrowed from the diagnostics */
	struct yaml_block *blocks;    /* owned memory of all nodes and texts */
};

/* Frees all nodes; accepts NULL and all-zero; leaves an empty tree. */
void yaml_tree_done(struct yaml_tree *tree);

/*
 * Parses `bytes`; what is wrong goes to `diagnostics` under `file` (from diagnostics_file). 0 if
 * there is a tree, though errors may have been added (a key twice, a tag, a merge key: what they
 * concern is left out or read without, so that the rest can be checked in the same run);
 * -ERROR_INVALID if there is none (syntax, a limit, a second document); -ERROR_MEMORY.
 */
int yaml_parse(const void *bytes, size_t length, const char *file, struct diagnostics *diagnostics,
	struct yaml_tree *ret_tree);

/* The value of the key `name` in a mapping; NULL if it has none or is no mapping. */
const struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *name);
/* "a text", "a list", "a mapping", "nothing". */
const char *yaml_kind_str(const struct yaml_node *node);

/* Begins each block of PEM: a text with it may be a key and is never shown. */
#define YAML_PEM_MARK "-----BEGIN"
/* What yaml_found writes, at most, and its NUL. Bytes. */
#define YAML_FOUND_SIZE 72
/* What a node is, for a message: its first characters in quotes, or its kind. */
const char *yaml_found(const struct yaml_node *node, char ret_text[static YAML_FOUND_SIZE]);
