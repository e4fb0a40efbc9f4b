/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Scalars and comments of a YAML file that this program writes. Texts may come from anywhere: what
 * is written is read back as the same text, and no byte of a comment ends it or is one that libyaml
 * refuses.
 */

#include "base/buffer.h"

/* Appends a text as a scalar: plain where nothing else can be read from it, else in double quotes.
 * Bytes that are no UTF-8 become "?". 0 or a buffer's error. */
int yaml_write_text(struct buffer *buffer, const char *text);

/*
 * Appends a line with a comment, behind so many spaces. Control characters, other ends of a line
 * and signs that turn the direction of writing become "?". 0 or a buffer's error.
 */
int yaml_write_comment(struct buffer *buffer, size_t indent, const char *text);
