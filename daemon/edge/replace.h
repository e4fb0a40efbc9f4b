/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A file that others read while it is written anew: they see the old text or the new one, whole.
 * It is written beside its place under a hidden name (".NAME.new": no pattern such as *.prom finds
 * it) and then renamed. Nothing is forced to the disk: what is written so is written again.
 * For one writer at a time.
 */

#include <stddef.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/error.h"

struct replacement;

/*
 * Begins the next text of the file at `path`, which will have `mode` whatever the umask says. 0, or
 * -ERROR_MISSING (no such directory), -ERROR_DENIED, -ERROR_IO, -ERROR_MEMORY with the path and the
 * reason in `error`.
 */
int replacement_new(
	const char *path, mode_t mode, struct replacement **ret_replacement, struct error *error);

/* Appends; what fails is told by replacement_commit. */
void replacement_put(struct replacement *replacement, const void *bytes, size_t length);
void replacement_put_text(struct replacement *replacement, const char *text);

/* Puts the text in its place. 0 or -ERROR_IO (a full disk, ...): the file is then as it was. */
int replacement_commit(struct replacement *replacement, struct error *error);

/* Frees it; what was not committed is gone. Accepts NULL. */
void replacement_free(struct replacement *replacement);
CLEANUP_DEFINE(replacement)
