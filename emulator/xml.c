/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/xml.h"

#include <string.h>

static void indent(struct xml *xml)
{
	for (unsigned i = 0; i < xml->depth; i++)
		buffer_append_text(xml->buffer, "  ");
}

static void append_escaped(struct buffer *buffer, const char *text)
{
	static const struct {
		char c;
		const char *entity;
	} entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}};

	for (; *text; text++) {
		const char *entity = NULL;

		for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
			if (entities[i].c == *text)
				entity = entities[i].entity;
		if (entity)
			buffer_append_text(buffer, entity);
		else
			buffer_append(buffer, text, 1);
	}
}

void xml_open(struct xml *xml, const char *name, const char *attributes)
{
	indent(xml);
	buffer_printf(xml->buffer, "<%s%s%s>\n", name, attributes ? " " : "",
		attributes ? attributes : "");
	xml->depth++;
}

void xml_close(struct xml *xml, const char *name)
{
	xml->depth--;
	indent(xml);
	buffer_printf(xml->buffer, "</%s>\n", name);
}

void xml_text(struct xml *xml, const char *name, const char *text)
{
	if (!text)
		return;
	indent(xml);
	buffer_printf(xml->buffer, "<%s>", name);
	append_escaped(xml->buffer, text);
	buffer_printf(xml->buffer, "</%s>\n", name);
}
