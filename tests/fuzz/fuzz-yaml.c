/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as YAML: a tree within its limits, or a reason. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/diagnostics.h"
#include "edge/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Counts the nodes, checking each on the way. */
static size_t walk(const struct yaml_node *node, size_t depth)
{
	size_t nodes = 1, children = 0;

	assert(depth <= YAML_DEPTH_MAX);
	assert(node->line > 0 && node->column > 0);
	if (node->kind == YAML_NULL || node->kind == YAML_SCALAR) {
		assert(strlen(node->text) == node->length);
		return nodes;
	}
	for (const struct yaml_node *child = node->first; child; child = child->next) {
		assert(node->kind != YAML_MAPPING || children % 2 == 1 ||
			child->kind == YAML_SCALAR);
		children++;
		nodes += walk(child, depth + 1);
	}
	assert(children == (size_t)node->length * (node->kind == YAML_MAPPING ? 2 : 1));
	return nodes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diagnostics diagnostics = {0};
	struct yaml_tree tree = {0};
	const char *file = diagnostics_file(&diagnostics, "fuzz.yaml");
	int r = yaml_parse(data, size, file, &diagnostics, &tree);
	size_t nodes = tree.root ? walk(tree.root, 0) : 0;

	assert(nodes <= YAML_NODES_MAX);
	assert(r == 0 || (!tree.root && diagnostics.totals[SEVERITY_ERROR] > 0));
	yaml_tree_done(&tree);
	diagnostics_done(&diagnostics);
	return 0;
}
