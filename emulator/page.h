/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * NextToken: opaque to the client, good for one listing of one operation and for a time. A page
 * goes on behind the last id of the one before, whatever was added or removed meanwhile.
 */

#include <stdint.h>

#include "emulator/operation.h"

/* Hexadecimal of everything in it, and the NUL. */
#define PAGE_TOKEN_SIZE 256

/* A token that goes on behind `last`. */
void page_token(const struct call *call, const char *last, char ret_token[static PAGE_TOKEN_SIZE]);
/*
 * Where the request goes on ("" at the start) and how many items its page has at most. Refuses the
 * call with InvalidNextTokenException and returns false if the token is wrong or too old.
 */
bool page_start(const struct world *world, struct call *call, char ret_last[static SERVICE_ID_SIZE],
	size_t *ret_size);
