/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/document.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"

/* A double counts whole seconds exactly up to here. */
#define INSTANT_MAX 9007199254740992.0
/* Bytes of text for one value, about: what the API writes needs no second allocation. */
#define VALUE_BYTES 16

/* The text ends with a NUL behind its last byte, which no rule below takes. */
struct reader {
	struct document *document;
	char *at;
	unsigned depth;
	const char *limit; /* which one was met, if -ERROR_LIMIT is returned */
};

/* ---- texts ---- */

/* Four hexadecimal digits. Negative if there is anything else. */
static long read_hexadecimal(const char *text)
{
	long code = 0;

	for (size_t i = 0; i < 4; i++) {
		int c = (unsigned char)text[i];

		if (c >= '0' && c <= '9')
			code = code * 16 + c - '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			code = code * 16 + (c | 0x20) - 'a' + 10;
		else
			return -1;
	}
	return code;
}

/* Writes a character as UTF-8, and returns where the next one goes. */
static char *write_character(char *to, unsigned long code)
{
	if (code < 0x80) {
		*to++ = (char)code;
		return to;
	}
	if (code < 0x800) {
		*to++ = (char)(0xC0 | code >> 6);
	} else {
		if (code < 0x10000) {
			*to++ = (char)(0xE0 | code >> 12);
		} else {
			*to++ = (char)(0xF0 | code >> 18);
			*to++ = (char)(0x80 | (code >> 12 & 0x3F));
		}
		*to++ = (char)(0x80 | (code >> 6 & 0x3F));
	}
	*to++ = (char)(0x80 | (code & 0x3F));
	return to;
}

/* "\u00e9" at `from`, or a pair of surrogates. How many bytes it has; 0 if it is none. */
static size_t read_code(const char *from, unsigned long *ret_code)
{
	long first = read_hexadecimal(from + 2), second;

	if (first <= 0 || (first >= 0xDC00 && first <= 0xDFFF))
		return 0;
	*ret_code = (unsigned long)first;
	if (first < 0xD800 || first > 0xDBFF)
		return 6;
	if (from[6] != '\\' || from[7] != 'u')
		return 0;
	second = read_hexadecimal(from + 8);
	if (second < 0xDC00 || second > 0xDFFF)
		return 0;
	*ret_code =
		0x10000 + (((unsigned long)first & 0x3FF) << 10 | ((unsigned long)second & 0x3FF));
	return 12;
}

/* An escape at `*from`, written to `*to`, which it is never shorter than. False if it is none. */
static bool read_escape(char **from, char **to)
{
	static const char written[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	char c = (*from)[1];
	const char *found = c ? strchr(written, c) : NULL;
	unsigned long code = 0;
	size_t length;

	if (found) {
		*(*to)++ = meant[found - written];
		*from += 2;
		return true;
	}
	length = c == 'u' ? read_code(*from, &code) : 0;
	if (length == 0)
		return false;
	*to = write_character(*to, code);
	*from += length;
	return true;
}

/* A character of several bytes at `*from`, moved to `*to`. False if it is no UTF-8. */
static bool read_character(char **from, char **to)
{
	const unsigned char *bytes = (const unsigned char *)*from;
	size_t length = bytes[0] >= 0xF0 ? 4 : bytes[0] >= 0xE0 ? 3 : 2;
	unsigned long code = bytes[0] & (0xFFU >> (length + 1));
	static const unsigned long least[] = {0, 0, 0x80, 0x800, 0x10000};

	if (bytes[0] < 0xC2 || bytes[0] > 0xF4)
		return false;
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xC0) != 0x80)
			return false;
		code = code << 6 | (bytes[i] & 0x3F);
	}
	if (code < least[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
		return false;
	for (size_t i = 0; i < length; i++)
		*(*to)++ = *(*from)++;
	return true;
}

static bool is_plain(char c)
{
	return (signed char)c >= ' ' && c != '"' && c != '\\';
}

/* From one quote to the other, decoded in place. */
static int read_text(struct reader *reader, const char **ret_text)
{
	char *from = reader->at + 1, *to = from;

	*ret_text = from;
	for (;;) {
		while (is_plain(*from))
			*to++ = *from++;
		if (*from == '"')
			break;
		if (*from == '\\' ? !read_escape(&from, &to)
				  : (signed char)*from >= 0 || !read_character(&from, &to)) {
			reader->at = from;
			return -ERROR_INVALID;
		}
	}
	*to = '\0';
	reader->at = from + 1;
	return 0;
}

/* ---- numbers ---- */

static char *skip_digits(char *at)
{
	while (*at >= '0' && *at <= '9')
		at++;
	return at;
}

/* The end of a number at `at`; NULL if there is none. */
static char *number_end(char *at, bool *ret_whole)
{
	char *end;

	at += *at == '-';
	end = *at == '0' ? at + 1 : skip_digits(at);
	if (end == at)
		return NULL;
	*ret_whole = *end != '.' && *end != 'e' && *end != 'E';
	if (*end == '.') {
		at = end + 1;
		end = skip_digits(at);
		if (end == at)
			return NULL;
	}
	if (*end == 'e' || *end == 'E') {
		at = end + 1;
		at += *at == '+' || *at == '-';
		end = skip_digits(at);
		if (end == at)
			return NULL;
	}
	return end;
}

/* Whole numbers fit 64 bits, others a double. The program never leaves the locale "C". */
static int read_number(struct reader *reader, double *ret_number)
{
	bool whole = false;
	char *end = number_end(reader->at, &whole);
	double number;

	if (!end)
		return -ERROR_INVALID;
	errno = 0;
	number = whole ? (double)strtoll(reader->at, NULL, 10) : strtod(reader->at, NULL);
	if (whole ? errno == ERANGE : !isfinite(number))
		return -ERROR_INVALID;
	*ret_number = number;
	reader->at = end;
	return 0;
}

/* ---- values ---- */

static int read_value(struct reader *reader, const char *name);

static char skip_space(struct reader *reader)
{
	while (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\n' ||
		*reader->at == '\r')
		reader->at++;
	return *reader->at;
}

/* Whether the object at `index` has no member `name` yet. */
static int name_new(struct reader *reader, size_t index, const char *name)
{
	const struct value *values = reader->document->values;
	size_t members = 0;

	for (size_t i = index + 1; i < reader->document->count; i += values[i].span) {
		if (strcmp(values[i].name, name) == 0)
			return -ERROR_INVALID;
		if (++members == DOCUMENT_MEMBERS_MAX) {
			reader->limit = "members of one object";
			return -ERROR_LIMIT;
		}
	}
	return 0;
}

/* "name": value */
static int read_member(struct reader *reader, size_t index)
{
	const char *name;
	int r = skip_space(reader) == '"' ? read_text(reader, &name) : -ERROR_INVALID;

	if (r == 0)
		r = name_new(reader, index, name);
	if (r == 0 && skip_space(reader) != ':')
		r = -ERROR_INVALID;
	if (r < 0)
		return r;
	reader->at++;
	return read_value(reader, name);
}

/* What the list or object at `index` holds, to its closing bracket. */
static int read_held(struct reader *reader, size_t index, char closing)
{
	int r = 0;

	if (++reader->depth > DOCUMENT_DEPTH_MAX) {
		reader->limit = "arrays and objects in one another";
		return -ERROR_LIMIT;
	}
	reader->at++;
	if (skip_space(reader) != closing)
		for (;;) {
			r = closing == '}' ? read_member(reader, index) : read_value(reader, NULL);
			if (r < 0)
				return r;
			if (skip_space(reader) != ',')
				break;
			reader->at++;
		}
	if (*reader->at != closing)
		return -ERROR_INVALID;
	reader->at++;
	reader->depth--;
	return 0;
}

static int read_word(struct reader *reader, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(reader->at, word, length) != 0)
		return -ERROR_INVALID;
	reader->at += length;
	return 0;
}

/* Reads what begins with `first` into the value at `index`. */
static int read_kind(struct reader *reader, char first, size_t index)
{
	struct value *value = &reader->document->values[index];

	switch (first) {
	case '{':
		value->kind = VALUE_OBJECT;
		return read_held(reader, index, '}');
	case '[':
		value->kind = VALUE_LIST;
		return read_held(reader, index, ']');
	case '"':
		value->kind = VALUE_TEXT;
		return read_text(reader, &value->text);
	case 'n':
		return read_word(reader, "null");
	case 'f':
		value->kind = VALUE_FALSE;
		return read_word(reader, "false");
	case 't':
		value->kind = VALUE_TRUE;
		return read_word(reader, "true");
	default:
		value->kind = VALUE_NUMBER;
		return read_number(reader, &value->number);
	}
}

static int read_value(struct reader *reader, const char *name)
{
	struct document *document = reader->document;
	size_t index = document->count;
	int r = array_reserve(&document->values, &document->capacity, index,
		sizeof(document->values[0]), DOCUMENT_TEXT_MAX);

	if (r < 0)
		return r;
	document->values[document->count++] = (struct value){.kind = VALUE_NULL, .name = name};
	r = read_kind(reader, skip_space(reader), index);
	document->values[index].span = (uint32_t)(document->count - index);
	return r;
}

/* The copy that is decoded in place, and room for what is in it. */
static int document_new(const void *text, size_t length, struct document *ret_document)
{
	struct document document = {.length = length, .capacity = length / VALUE_BYTES + 1};

	document.text = malloc(length + 1);
	document.values = reallocarray(NULL, document.capacity, sizeof(document.values[0]));
	if (!document.text || !document.values) {
		free(document.text);
		free(document.values);
		return -ERROR_MEMORY;
	}
	if (length > 0)
		memcpy(document.text, text, length);
	document.text[length] = '\0';
	*ret_document = document;
	return 0;
}

static int failed(const struct reader *reader, int r, struct error *error)
{
	if (r == -ERROR_MEMORY)
		return error_set(error, ERROR_MEMORY, "out of memory");
	if (r == -ERROR_LIMIT)
		return error_set(
			error, ERROR_LIMIT, "the JSON text has too many %s", reader->limit);
	return error_set(error, ERROR_INVALID, "not JSON (at byte %td)",
		reader->at - reader->document->text);
}

int document_parse(
	const void *text, size_t length, struct document *ret_document, struct error *error)
{
	struct document document;
	struct reader reader = {.document = &document, .limit = "values"};
	int r;

	if (length > DOCUMENT_TEXT_MAX)
		return error_set(error, ERROR_LIMIT,
			"the JSON text has %zu bytes, at most %zu are read", length,
			DOCUMENT_TEXT_MAX);
	if (document_new(text, length, &document) < 0)
		return error_set(error, ERROR_MEMORY, "out of memory");
	reader.at = document.text;
	r = read_value(&reader, NULL);
	if (r == 0 && (skip_space(&reader), reader.at != document.text + length))
		r = -ERROR_INVALID;
	if (r < 0) {
		r = failed(&reader, r, error);
		document_done(&document);
		return r;
	}
	*ret_document = document;
	return 0;
}

void document_done(struct document *document)
{
	if (document->text)
		explicit_bzero(document->text, document->length);
	free(document->text);
	free(document->values);
	*document = (struct document){0};
}

/* ---- looking ---- */

const struct value *value_first(const struct value *list)
{
	bool holds = list && (list->kind == VALUE_LIST || list->kind == VALUE_OBJECT);

	return holds && list->span > 1 ? list + 1 : NULL;
}

const struct value *value_next(const struct value *list, const struct value *value)
{
	const struct value *next = value + value->span;

	return next < list + list->span ? next : NULL;
}

size_t value_count(const struct value *list)
{
	size_t count = 0;

	if (list && list->kind == VALUE_LIST)
		for (const struct value *one = value_first(list); one; one = value_next(list, one))
			count++;
	return count;
}

const struct value *value_member(const struct value *object, const char *name)
{
	if (!object || object->kind != VALUE_OBJECT)
		return NULL;
	for (const struct value *one = value_first(object); one; one = value_next(object, one))
		if (strcmp(one->name, name) == 0)
			return one;
	return NULL;
}

const char *value_member_text(const struct value *object, const char *name)
{
	const struct value *member = value_member(object, name);

	return member && member->kind == VALUE_TEXT ? member->text : NULL;
}

const struct value *value_member_object(const struct value *object, const char *name)
{
	const struct value *member = value_member(object, name);

	return member && member->kind == VALUE_OBJECT ? member : NULL;
}

bool value_member_instant(const struct value *object, const char *name, int64_t *ret_instant)
{
	const struct value *member = value_member(object, name);
	int64_t whole;

	if (!member || member->kind != VALUE_NUMBER ||
		!(member->number > -INSTANT_MAX && member->number < INSTANT_MAX))
		return false;
	whole = (int64_t)member->number;
	*ret_instant = (double)whole > member->number ? whole - 1 : whole;
	return true;
}

void value_member_copy(const struct value *object, const char *name, char *ret_text, size_t size)
{
	const char *text = value_member_text(object, name);

	text_copy(text ? text : "", ret_text, size);
}
