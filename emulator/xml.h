/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Writes XML as the query protocol's services do: an element a line, two blanks a level. */

#include "base/buffer.h"

struct xml {
	struct buffer *buffer; /* borrowed */
	unsigned depth;
};

/* Opens an element; `attributes` ("a=\"b\"") may be NULL. */
void xml_open(struct xml *xml, const char *name, const char *attributes);
void xml_close(struct xml *xml, const char *name);
/* An element with a text; nothing at all for NULL. */
void xml_text(struct xml *xml, const char *name, const char *text);
