/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one door to expat: single texts out of a small XML reply. A document type is refused, and
 * with it every entity of its own; sizes and depth have limits. What expat holds is wiped.
 */

#include <stddef.h>

#include "base/error.h"
#include "base/secret.h"

/* A reply of STS has two kilobytes. Bytes. */
#define XML_TEXT_MAX ((size_t)64 * 1024)
/* Elements in one another. */
#define XML_DEPTH_MAX 16
/* All names of the elements in one another, joined. Bytes. */
#define XML_PATH_SIZE 512

/* A text that is looked for. */
struct xml_wish {
	const char *path;     /* names from the root on: "ErrorResponse/Error/Code" */
	struct secret *value; /* of the first such element; untouched if there is none */
};

/* Fills what is wished for. 0, or -ERROR_INVALID (no XML), -ERROR_LIMIT or -ERROR_MEMORY with a
 * reason that quotes nothing; values may be filled then all the same. */
int xml_texts(const char *text, size_t length, const struct xml_wish *wishes, size_t count,
	struct error *error);
