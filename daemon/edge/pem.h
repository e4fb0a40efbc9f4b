/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The text of a certificate file cut into its labelled blocks (RFC 7468, read leniently: any line
 * end, a BOM, blanks around a marker, any text between blocks). Decodes nothing.
 */

#include <stddef.h>

#include "base/error.h"

/* Blocks of one file; a bundle that a person maintains has a handful. */
#define PEM_BLOCKS_MAX 64
/* Longest label that a marker may carry; the longest in use has 26. Characters. */
#define PEM_LABEL_MAX 64

/* Everything borrows from the text. */
struct pem_block {
	const char *label; /* "CERTIFICATE": printable ASCII, not NUL-terminated */
	int label_length;  /* 1 to PEM_LABEL_MAX; an int, as "%.*s" takes it */
	const char *body;  /* between the marker lines */
	size_t body_length;
	size_t line; /* of the BEGIN marker, from 1 */
};

/*
 * Finds the blocks of `text`, in order; none is no error. Any marker of a private key, however
 * damaged, refuses the whole text before anything else is looked at. 0; -ERROR_DENIED (a private
 * key), -ERROR_INVALID (a block without its end or a marker that is not whole) or -ERROR_LIMIT,
 * with the line, and never with what the line holds, in `error`.
 */
int pem_scan(const char *text, size_t length, struct pem_block ret_blocks[static PEM_BLOCKS_MAX],
	size_t *ret_count, struct error *error);
