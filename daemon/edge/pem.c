/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/pem.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct line {
	const char *start; /* of the raw line */
	const char *next;  /* of the line after it, or the end of the text */
	const char *text;  /* without BOM and blanks around it */
	size_t length;	   /* of `text` */
	size_t number;	   /* from 1 */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\f' || c == '\v';
}

/* Files that were joined carry their BOMs along, so each line may start with one. */
static void trim(struct line *line, const char *end)
{
	static const char bom[] = "\xef\xbb\xbf";

	line->text = line->start;
	if (end - line->text >= 3 && memcmp(line->text, bom, 3) == 0)
		line->text += 3;
	while (line->text < end && is_blank(*line->text))
		line->text++;
	while (end > line->text && is_blank(end[-1]))
		end--;
	line->length = (size_t)(end - line->text);
}

/* Steps to the next line, that of LF, CR LF or CR; false at the end of the text. */
static bool line_next(struct line *line, const char *end)
{
	const char *stop = line->next;

	if (stop >= end)
		return false;
	line->start = stop;
	while (stop < end && *stop != '\n' && *stop != '\r')
		stop++;
	trim(line, stop);
	if (stop < end && *stop == '\r' && end - stop > 1 && stop[1] == '\n')
		stop++;
	line->next = stop < end ? stop + 1 : end;
	line->number++;
	return true;
}

static bool line_has(const struct line *line, const char *word)
{
	return memmem(line->text, line->length, word, strlen(word)) != NULL;
}

static bool line_starts(const struct line *line, const char *word)
{
	return line->length >= strlen(word) && memcmp(line->text, word, strlen(word)) == 0;
}

/* Looser than a marker: half of one, or another program's, still says that a key was near. */
static bool names_private_key(const struct line *line)
{
	return line_has(line, "PRIVATE KEY") &&
	       (line_has(line, "-BEGIN ") || line_has(line, "- BEGIN "));
}

static int refuse_private_keys(const char *text, const char *end, struct error *error)
{
	struct line line = {.next = text};

	while (line_next(&line, end))
		if (names_private_key(&line))
			return error_set(error, ERROR_DENIED,
				"holds a private key (line %zu): a key of a CA never belongs here; "
				"make a file with its certificate alone, and treat the key as seen",
				line.number);
	return 0;
}

/* Reads the label of a marker that starts with `begin`; false if it is not whole. */
static bool marker_label(const struct line *line, const char *begin, struct pem_block *ret_block)
{
	static const char dashes[] = "-----";
	size_t before = strlen(begin), after = strlen(dashes), length;

	if (line->length <= before + after)
		return false;
	length = line->length - before - after;
	if (length > PEM_LABEL_MAX || memcmp(line->text + before + length, dashes, after) != 0)
		return false;
	for (size_t i = 0; i < length; i++)
		if (line->text[before + i] < ' ' || line->text[before + i] > '~')
			return false;
	ret_block->label = line->text + before;
	ret_block->label_length = (int)length;
	return true;
}

static bool same_label(const struct pem_block *a, const struct pem_block *b)
{
	return a->label_length == b->label_length &&
	       memcmp(a->label, b->label, (size_t)a->label_length) == 0;
}

/* Reads on from the BEGIN marker in `line` to the END of that block. */
static int block_read(struct line *line, const char *end, size_t number,
	struct pem_block *ret_block, struct error *error)
{
	struct pem_block block = {.line = line->number, .body = line->next}, last;

	if (!marker_label(line, "-----BEGIN ", &block))
		return error_set(error, ERROR_INVALID,
			"line %zu begins a block, but its marker is not whole: it must read "
			"-----BEGIN CERTIFICATE-----",
			line->number);
	while (line_next(line, end)) {
		if (line_starts(line, "-----BEGIN"))
			return error_set(error, ERROR_INVALID,
				"block %zu (line %zu) is cut off: the next one begins in line %zu "
				"before its -----END %.*s-----",
				number, block.line, line->number, block.label_length, block.label);
		if (!line_starts(line, "-----END"))
			continue;
		if (!marker_label(line, "-----END ", &last) || !same_label(&block, &last))
			return error_set(error, ERROR_INVALID,
				"block %zu (line %zu) ends in line %zu with another marker than "
				"-----END %.*s-----",
				number, block.line, line->number, block.label_length, block.label);
		block.body_length = (size_t)(line->start - block.body);
		*ret_block = block;
		return 0;
	}
	return error_set(error, ERROR_INVALID,
		"block %zu (line %zu) is cut off: its -----END %.*s----- is missing", number,
		block.line, block.label_length, block.label);
}

int pem_scan(const char *text, size_t length, struct pem_block ret_blocks[static PEM_BLOCKS_MAX],
	size_t *ret_count, struct error *error)
{
	struct pem_block blocks[PEM_BLOCKS_MAX];
	const char *end = text + length;
	struct line line = {.next = text};
	size_t count = 0;
	int r;

	r = refuse_private_keys(text, end, error);
	if (r < 0)
		return r;
	while (line_next(&line, end)) {
		if (line_starts(&line, "-----END"))
			return error_set(error, ERROR_INVALID,
				"line %zu ends a block that never began: is the start of the file "
				"missing?",
				line.number);
		if (!line_starts(&line, "-----BEGIN"))
			continue;
		if (count == PEM_BLOCKS_MAX)
			return error_set(error, ERROR_LIMIT,
				"holds more than %d blocks (line %zu): split the file",
				PEM_BLOCKS_MAX, line.number);
		r = block_read(&line, end, count + 1, &blocks[count], error);
		if (r < 0)
			return r;
		count++;
	}
	memcpy(ret_blocks, blocks, count * sizeof(blocks[0]));
	*ret_count = count;
	return 0;
}
