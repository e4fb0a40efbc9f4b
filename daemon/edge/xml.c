/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/xml.h"

#include <expat.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

struct reading {
	XML_Parser parser;
	const struct xml_wish *wishes;
	size_t count;
	char path[XML_PATH_SIZE];
	size_t length, depth;	     /* of the path */
	const struct xml_wish *open; /* whose text is being read */
	struct buffer text;
	int failed; /* 0 or why the parser was stopped */
};

static void wiping_free(void *memory)
{
	if (memory)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

/* Not realloc, which would leave a copy behind. */
static void *wiping_realloc(void *memory, size_t size)
{
	size_t before = memory ? malloc_usable_size(memory) : 0;
	void *grown = malloc(size);

	if (!grown)
		return NULL;
	if (memory)
		memcpy(grown, memory, before < size ? before : size);
	wiping_free(memory);
	return grown;
}

static void stop(struct reading *reading, int code)
{
	if (reading->failed == 0)
		reading->failed = code;
	(void)XML_StopParser(reading->parser, XML_FALSE);
}

static void on_doctype(void *context, const XML_Char *name, const XML_Char *system,
	const XML_Char *public, int inner)
{
	(void)name;
	(void)system;
	(void)public;
	(void)inner;
	stop(context, -ERROR_INVALID);
}

static void on_begin(void *context, const XML_Char *name, const XML_Char **attributes)
{
	struct reading *reading = context;
	size_t length = strlen(name);

	(void)attributes;
	if (reading->depth == XML_DEPTH_MAX ||
		reading->length + length + 2 > sizeof(reading->path)) {
		stop(reading, -ERROR_LIMIT);
		return;
	}
	if (reading->depth++ > 0)
		reading->path[reading->length++] = '/';
	memcpy(reading->path + reading->length, name, length + 1);
	reading->length += length;
	reading->open = NULL;
	for (size_t i = 0; i < reading->count; i++)
		if (strcmp(reading->wishes[i].path, reading->path) == 0 &&
			!reading->wishes[i].value->text)
			reading->open = &reading->wishes[i];
	buffer_clear(&reading->text);
}

static void on_text(void *context, const XML_Char *text, int length)
{
	struct reading *reading = context;

	if (reading->open && buffer_append(&reading->text, text, (size_t)length) < 0)
		stop(reading, buffer_status(&reading->text));
}

static void on_end(void *context, const XML_Char *name)
{
	struct reading *reading = context;
	size_t length = strlen(name);
	int r = 0;

	if (reading->open)
		r = secret_set(reading->open->value, buffer_text(&reading->text));
	if (r < 0)
		stop(reading, r);
	reading->open = NULL;
	reading->depth--;
	reading->length -= length + (reading->depth > 0);
	reading->path[reading->length] = '\0';
}

static int parse(struct reading *reading, const char *text, size_t length, struct error *error)
{
	enum XML_Status status;

	XML_SetUserData(reading->parser, reading);
	XML_SetElementHandler(reading->parser, on_begin, on_end);
	XML_SetCharacterDataHandler(reading->parser, on_text);
	XML_SetStartDoctypeDeclHandler(reading->parser, on_doctype);
	status = XML_Parse(reading->parser, text, (int)length, 1);
	if (reading->failed == -ERROR_LIMIT)
		return error_set(error, ERROR_LIMIT, "XML with too long texts, or too deep");
	if (reading->failed == -ERROR_MEMORY ||
		XML_GetErrorCode(reading->parser) == XML_ERROR_NO_MEMORY)
		return error_set(error, ERROR_MEMORY, "out of memory");
	if (status != XML_STATUS_OK)
		return error_set(error, ERROR_INVALID, "no XML (line %lu)",
			(unsigned long)XML_GetCurrentLineNumber(reading->parser));
	return 0;
}

int xml_texts(const char *text, size_t length, const struct xml_wish *wishes, size_t count,
	struct error *error)
{
	static const XML_Memory_Handling_Suite memory = {malloc, wiping_realloc, wiping_free};
	struct reading reading = {.wishes = wishes, .count = count};
	int r;

	if (length > XML_TEXT_MAX)
		return error_set(error, ERROR_LIMIT,
			"the XML text has %zu bytes, at most %zu are read", length, XML_TEXT_MAX);
	reading.parser = XML_ParserCreate_MM(NULL, &memory, NULL);
	if (!reading.parser)
		return error_set(error, ERROR_MEMORY, "out of memory");
	buffer_init(&reading.text, SECRET_MAX);
	r = parse(&reading, text, length, error);
	buffer_wipe(&reading.text);
	XML_ParserFree(reading.parser);
	return r;
}
