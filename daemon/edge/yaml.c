/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/array.h"
#include "base/error.h"

#define FOUND_BYTES 48 /* of a text that is shown in a message */
#define YAML_BLOCK_SIZE                                                                            \
	((size_t)64 * 1024) /* memory of nodes and texts is taken in such blocks                   \
			     */

struct yaml_block {
	struct yaml_block *older;
	size_t used;
	size_t size;
	_Alignas(max_align_t) char bytes[];
};

/* A sequence or mapping that is not closed yet. */
struct frame {
	struct yaml_node *node;
	struct yaml_node *last; /* its last child; NULL while empty */
	uint32_t children;
	size_t anchor;		/* 1 + index among the anchors; 0 if it has none */
	size_t expanded_before; /* `expanded` of the parser when it was opened */
};

struct anchor {
	const char *name;
	const struct yaml_node *node;
	size_t weight; /* nodes it stands for; 0 while it is not closed */
};

struct parser {
	yaml_parser_t yaml;
	const char *bytes;
	size_t length;
	struct diagnostics *diagnostics;
	struct yaml_tree tree;
	struct frame stack[YAML_DEPTH_MAX];
	size_t depth;
	size_t expanded; /* nodes so far, aliases counted as what they stand for */
	struct anchor *anchors;
	size_t anchors_count;
	size_t anchors_capacity;
	struct yaml_node **keys; /* of the mapping that is being closed */
	size_t keys_capacity;
	bool several; /* a document has ended */
};

void yaml_tree_done(struct yaml_tree *tree)
{
	if (!tree)
		return;
	while (tree->blocks) {
		struct yaml_block *block = tree->blocks;

		tree->blocks = block->older;
		free(block);
	}
	*tree = (struct yaml_tree){0};
}

/* Memory that lives as long as the tree; aligned for a node. NULL: none left. */
static void *tree_take(struct yaml_tree *tree, size_t size)
{
	struct yaml_block *block = tree->blocks;
	void *taken;

	size = (size + _Alignof(struct yaml_node) - 1) & ~(_Alignof(struct yaml_node) - 1);
	if (!block || block->size - block->used < size) {
		size_t room = size > YAML_BLOCK_SIZE ? size : YAML_BLOCK_SIZE;

		block = malloc(sizeof(*block) + room);
		if (!block)
			return NULL;
		*block = (struct yaml_block){.older = tree->blocks, .size = room};
		tree->blocks = block;
	}
	taken = block->bytes + block->used;
	block->used += size;
	return taken;
}

static char *tree_text(struct yaml_tree *tree, const void *text, size_t length)
{
	char *copy = tree_take(tree, length + 1);

	if (copy) {
		memcpy(copy, text, length);
		copy[length] = '\0';
	}
	return copy;
}

#define complain(parser, mark, ...)                                                                \
	diagnostics_add((parser)->diagnostics, SEVERITY_ERROR, (parser)->tree.file,                \
		(unsigned)(mark).line + 1, (unsigned)(mark).column + 1, __VA_ARGS__)

/* The place of a byte, for errors below the scanner, which know no more. */
static yaml_mark_t mark_of(const struct parser *parser, size_t offset)
{
	yaml_mark_t mark = {0};

	for (size_t i = 0; i < offset && i < parser->length; i++) {
		mark.column += ((unsigned char)parser->bytes[i] & 0xC0) != 0x80; /* characters */
		if (parser->bytes[i] == '\n') {
			mark.line++;
			mark.column = 0;
		}
	}
	return mark;
}

/* The byte at a mark: libyaml counts characters, so `index` is no offset. NUL at the end. */
static char byte_at(const struct parser *parser, yaml_mark_t mark)
{
	const char *at = parser->bytes, *end = at + parser->length;

	for (size_t line = 0; at && line < mark.line; line++) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : NULL;
	}
	for (size_t column = 0; at && at < end; at++) {
		bool begins = ((unsigned char)*at & 0xC0) != 0x80; /* not inside a character */

		if (begins && column++ == mark.column)
			return *at;
	}
	return '\0';
}

static int syntax_error(struct parser *parser)
{
	const yaml_parser_t *yaml = &parser->yaml;
	yaml_mark_t mark = yaml->problem_mark;

	if (yaml->error == YAML_MEMORY_ERROR)
		return -ERROR_MEMORY;
	if (yaml->error == YAML_READER_ERROR) {
		mark = mark_of(parser, yaml->problem_offset);
		if (strstr(yaml->problem, "control"))
			complain(parser, mark, "not YAML: %s", yaml->problem);
		else
			complain(parser, mark, "not UTF-8 text: %s: save the file as UTF-8",
				yaml->problem);
	} else if (byte_at(parser, mark) == '\t') {
		complain(parser, mark, "not YAML: a tab where only spaces may indent");
	} else if (yaml->context && yaml->context_mark.line != mark.line) {
		complain(parser, mark, "not YAML: %s %s that starts on line %zu", yaml->problem,
			yaml->context, yaml->context_mark.line + 1);
	} else if (yaml->context) {
		complain(parser, mark, "not YAML: %s %s", yaml->problem, yaml->context);
	} else {
		complain(parser, mark, "not YAML: %s", yaml->problem);
	}
	return -ERROR_INVALID;
}

/* A new node at the event's place, hung below the innermost open sequence or mapping. */
static int node_add(
	struct parser *parser, const yaml_event_t *event, size_t weight, struct yaml_node **ret)
{
	struct frame *frame = parser->depth > 0 ? &parser->stack[parser->depth - 1] : NULL;
	struct yaml_node *node;

	if (weight > YAML_NODES_MAX - parser->expanded) {
		complain(parser, event->start_mark,
			"more than %d nodes, aliases counted as what they stand for: the limit of "
			"one file",
			YAML_NODES_MAX);
		return -ERROR_INVALID;
	}
	parser->expanded += weight;
	node = tree_take(&parser->tree, sizeof(*node));
	if (!node)
		return -ERROR_MEMORY;
	*node = (struct yaml_node){.line = (uint32_t)event->start_mark.line + 1,
		.column = (uint32_t)event->start_mark.column + 1};
	if (!frame) {
		parser->tree.root = node;
	} else {
		if (frame->last)
			frame->last->next = node;
		else
			frame->node->first = node;
		frame->last = node;
		frame->children++;
	}
	*ret = node;
	return 0;
}

static const struct anchor *anchor_find(const struct parser *parser, const char *name)
{
	for (size_t i = 0; i < parser->anchors_count; i++)
		if (strcmp(parser->anchors[i].name, name) == 0)
			return &parser->anchors[i];
	return NULL;
}

/* Remembers `node` under `name` if there is one; gives 1 + its index, 0 without a name. */
static int anchor_add(struct parser *parser, const yaml_event_t *event, const yaml_char_t *name,
	const struct yaml_node *node, size_t weight, size_t *ret_anchor)
{
	char *copy;
	int r;

	*ret_anchor = 0;
	if (!name)
		return 0;
	if (anchor_find(parser, (const char *)name)) {
		complain(parser, event->start_mark, "the anchor &%.64s is defined twice",
			(const char *)name);
		return 0;
	}
	r = array_reserve(&parser->anchors, &parser->anchors_capacity, parser->anchors_count,
		sizeof(parser->anchors[0]), YAML_ANCHORS_MAX);
	if (r == -ERROR_LIMIT) {
		complain(parser, event->start_mark, "more than %d anchors: the limit of one file",
			YAML_ANCHORS_MAX);
		return -ERROR_INVALID;
	}
	copy = r < 0 ? NULL : tree_text(&parser->tree, name, strlen((const char *)name));
	if (!copy)
		return -ERROR_MEMORY;
	parser->anchors[parser->anchors_count++] =
		(struct anchor){.name = copy, .node = node, .weight = weight};
	*ret_anchor = parser->anchors_count;
	return 0;
}

static void refuse_tag(struct parser *parser, const yaml_event_t *event, const yaml_char_t *tag)
{
	if (tag)
		complain(parser, event->start_mark,
			"tags (\"!\") are not part of the format: write the value without one");
}

static bool is_null(const yaml_event_t *event)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL"};

	if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		if (strcmp((const char *)event->data.scalar.value, words[i]) == 0)
			return true;
	return false;
}

static int on_scalar(struct parser *parser, const yaml_event_t *event)
{
	size_t length = event->data.scalar.length, anchor;
	struct yaml_node *node;
	int r = node_add(parser, event, 1, &node);

	if (r < 0)
		return r;
	refuse_tag(parser, event, event->data.scalar.tag);
	if (memchr(event->data.scalar.value, 0, length))
		complain(parser, event->start_mark, "a text may not contain a NUL character");
	node->text = tree_text(&parser->tree, event->data.scalar.value, length);
	if (!node->text)
		return -ERROR_MEMORY;
	node->length = (uint32_t)strlen(node->text);
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	node->kind = is_null(event) ? YAML_NULL : YAML_SCALAR;
	return anchor_add(parser, event, event->data.scalar.anchor, node, 1, &anchor);
}

static int on_alias(struct parser *parser, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;
	const struct anchor *anchor = anchor_find(parser, name);
	struct yaml_node *node, own;
	int r;

	if (!anchor || anchor->weight == 0) {
		complain(parser, event->start_mark,
			anchor ? "the alias *%.64s stands inside what it refers to"
			       : "the alias *%.64s has no anchor before it",
			name);
		return -ERROR_INVALID;
	}
	r = node_add(parser, event, anchor->weight, &node);
	if (r < 0)
		return r;
	own = *node;
	*node = *anchor->node;
	node->next = own.next;
	node->line = own.line;
	node->column = own.column;
	node->dropped = false;
	return 0;
}

static int on_open(struct parser *parser, const yaml_event_t *event, enum yaml_kind kind,
	const yaml_char_t *name, const yaml_char_t *tag)
{
	size_t before = parser->expanded;
	struct yaml_node *node;
	struct frame *frame;
	int r;

	if (parser->depth == YAML_DEPTH_MAX) {
		complain(parser, event->start_mark, "nested more than %d deep: the limit",
			YAML_DEPTH_MAX);
		return -ERROR_INVALID;
	}
	refuse_tag(parser, event, tag);
	r = node_add(parser, event, 1, &node);
	if (r < 0)
		return r;
	node->kind = (uint8_t)kind;
	frame = &parser->stack[parser->depth];
	*frame = (struct frame){.node = node, .expanded_before = before};
	r = anchor_add(parser, event, name, node, 0, &frame->anchor);
	if (r < 0)
		return r;
	parser->depth++;
	return 0;
}

static int key_compare(const void *left, const void *right)
{
	const struct yaml_node *const *a = left, *const *b = right;
	int r = strcmp((*a)->text, (*b)->text);

	if (r != 0)
		return r;
	if ((*a)->line != (*b)->line)
		return (*a)->line < (*b)->line ? -1 : 1;
	return (*a)->column < (*b)->column ? -1 : (*a)->column > (*b)->column;
}

const char *yaml_kind_str(const struct yaml_node *node)
{
	static const char *const words[] = {[YAML_NULL] = "nothing",
		[YAML_SCALAR] = "a text",
		[YAML_SEQUENCE] = "a list",
		[YAML_MAPPING] = "a mapping"};

	return words[node->kind];
}

const char *yaml_found(const struct yaml_node *node, char ret_text[static YAML_FOUND_SIZE])
{
	size_t length = 0;

	if (node->kind != YAML_SCALAR)
		return yaml_kind_str(node);
	if (strstr(node->text, YAML_PEM_MARK))
		return "a PEM block";
	if (strchr(node->text, '\n'))
		return "a text of several lines";
	ret_text[length++] = '"';
	while (length <= FOUND_BYTES && node->text[length - 1] != '\0') {
		ret_text[length] = node->text[length - 1];
		length++;
	}
	if (node->text[length - 1] == '\0') {
		memcpy(ret_text + length, "\"", 2);
		return ret_text;
	}
	while (length > 1 && ((unsigned char)node->text[length - 1] & 0xC0) == 0x80)
		length--; /* cut between characters, not within */
	memcpy(ret_text + length, "...\"", 5);
	return ret_text;
}

static void key_drop(struct parser *parser, struct yaml_node *key, const struct yaml_node *first)
{
	yaml_mark_t mark = {.line = key->line - 1, .column = key->column - 1};
	char found[YAML_FOUND_SIZE];

	key->dropped = true;
	if (first)
		complain(parser, mark, "the key %s is here twice: the first is on line %u",
			yaml_found(key, found), (unsigned)first->line);
	else if (key->kind == YAML_SCALAR)
		complain(parser, mark,
			"merge keys (\"<<\") are not part of the format: write the keys out, or "
			"say them once under defaults");
	else
		complain(parser, mark, "a key must be a word, found %s", yaml_found(key, found));
}

/* Takes the keys that were dropped, with their values, out of the list of children. */
static void mapping_relink(struct yaml_node *mapping)
{
	const struct yaml_node *child = mapping->first;
	struct yaml_node *last = NULL; /* the last value that stays */

	mapping->first = NULL;
	while (child) {
		/* nodes are ours until the tree is handed over; const is for its readers */
		struct yaml_node *key = (struct yaml_node *)(uintptr_t)child;
		struct yaml_node *value = (struct yaml_node *)(uintptr_t)key->next;

		child = value->next;
		if (key->dropped) {
			mapping->length--;
			continue;
		}
		if (last)
			last->next = key;
		else
			mapping->first = key;
		value->next = NULL;
		last = value;
	}
}

static bool is_merge(const struct yaml_node *key)
{
	return key->plain && strcmp(key->text, "<<") == 0;
}

static int on_mapping_close(struct parser *parser, struct yaml_node *mapping)
{
	size_t count = 0, drops = 0;

	for (const struct yaml_node *child = mapping->first; child; child = child->next->next) {
		struct yaml_node *key = (struct yaml_node *)(uintptr_t)child;

		if (key->kind != YAML_SCALAR || is_merge(key)) {
			key_drop(parser, key, NULL);
			drops++;
			continue;
		}
		if (array_reserve(&parser->keys, &parser->keys_capacity, count,
			    sizeof(parser->keys[0]), YAML_NODES_MAX) < 0)
			return -ERROR_MEMORY;
		parser->keys[count++] = key;
	}
	if (count > 1)
		qsort(parser->keys, count, sizeof(parser->keys[0]), key_compare);
	for (size_t first = 0, i = 1; i < count; i++) {
		if (strcmp(parser->keys[first]->text, parser->keys[i]->text) != 0) {
			first = i;
			continue;
		}
		key_drop(parser, parser->keys[i], parser->keys[first]);
		drops++;
	}
	if (drops > 0)
		mapping_relink(mapping);
	return 0;
}

static int on_close(struct parser *parser)
{
	struct frame *frame = &parser->stack[--parser->depth];
	struct yaml_node *node = frame->node;

	node->length = node->kind == YAML_MAPPING ? frame->children / 2 : frame->children;
	if (frame->anchor > 0)
		parser->anchors[frame->anchor - 1].weight =
			parser->expanded - frame->expanded_before;
	return node->kind == YAML_MAPPING ? on_mapping_close(parser, node) : 0;
}

static int on_document(struct parser *parser, const yaml_event_t *event)
{
	if (!parser->several)
		return 0;
	complain(parser, event->start_mark,
		"a second document (\"---\") in one file: put it into a file of its own under "
		"conf.d");
	return -ERROR_INVALID;
}

static int on_event(struct parser *parser, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return on_scalar(parser, event);
	case YAML_ALIAS_EVENT:
		return on_alias(parser, event);
	case YAML_SEQUENCE_START_EVENT:
		return on_open(parser, event, YAML_SEQUENCE, event->data.sequence_start.anchor,
			event->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return on_open(parser, event, YAML_MAPPING, event->data.mapping_start.anchor,
			event->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return on_close(parser);
	case YAML_DOCUMENT_START_EVENT:
		return on_document(parser, event);
	case YAML_DOCUMENT_END_EVENT:
		parser->several = true;
		return 0;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
		break;
	}
	return 0;
}

static int parse_events(struct parser *parser)
{
	bool end = false;

	while (!end) {
		yaml_event_t event;
		int r;

		if (!yaml_parser_parse(&parser->yaml, &event))
			return syntax_error(parser);
		end = event.type == YAML_STREAM_END_EVENT;
		r = on_event(parser, &event);
		yaml_event_delete(&event);
		if (r < 0)
			return r;
	}
	return 0;
}

/* By its byte order mark, or by the empty half of its first character. */
static bool is_utf16(const unsigned char *bytes, size_t length)
{
	return length >= 2 &&
	       (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0 ||
		       (bytes[0] == '\0') != (bytes[1] == '\0'));
}

int yaml_parse(const void *bytes, size_t length, const char *file, struct diagnostics *diagnostics,
	struct yaml_tree *ret_tree)
{
	struct parser parser = {.bytes = bytes,
		.length = length,
		.diagnostics = diagnostics,
		.tree = {.file = file}};
	int r;

	if (length > YAML_FILE_MAX) {
		complain(&parser, (yaml_mark_t){0},
			"longer than %d bytes, the limit of one file: split it over conf.d",
			YAML_FILE_MAX);
		return -ERROR_INVALID;
	}
	if (is_utf16(bytes, length)) {
		complain(&parser, (yaml_mark_t){0},
			"this is UTF-16, as some editors of Windows write it: save the file as "
			"UTF-8");
		return -ERROR_INVALID;
	}
	if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) { /* a byte order mark */
		parser.bytes += 3;
		parser.length -= 3;
	}
	if (!yaml_parser_initialize(&parser.yaml))
		return -ERROR_MEMORY;
	yaml_parser_set_encoding(&parser.yaml, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
		&parser.yaml, (const unsigned char *)parser.bytes, parser.length);
	r = parse_events(&parser);
	yaml_parser_delete(&parser.yaml);
	free(parser.anchors);
	free(parser.keys);
	if (r < 0) {
		yaml_tree_done(&parser.tree);
		return r;
	}
	*ret_tree = parser.tree;
	return 0;
}

const struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *name)
{
	if (!mapping || mapping->kind != YAML_MAPPING)
		return NULL;
	for (const struct yaml_node *key = mapping->first; key; key = key->next->next)
		if (strcmp(key->text, name) == 0)
			return key->next;
	return NULL;
}
