/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Single values of the format: whether a text is one of its type. Part of edge/schema. */

#include "edge/schema.h"

/* Reads a scalar as a value that is no word; *ret_number is filled for those that have a number. */
bool value_read(enum value_type type, const struct yaml_node *node, int64_t *ret_number);

/* One line of at most so many characters of UTF-8. */
bool value_is_line(const char *text, size_t most);
