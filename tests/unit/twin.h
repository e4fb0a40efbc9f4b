/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Our reader of JSON beside jansson: both must take the same texts, and see the same in them. */

#include <stdbool.h>
#include <stddef.h>

/*
 * Reads a text with both, in memory that ends where it does. True if they agree; *ret_result is
 * then document_parse's. Ours may refuse alone what has more than DOCUMENT_MEMBERS_MAX members, or
 * a NUL.
 */
bool twin_read(const void *text, size_t length, int *ret_result);
