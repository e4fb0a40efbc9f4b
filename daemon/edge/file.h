/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Files as the configuration names them: read whole with a limit, and found by pattern. */

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/*
 * Reads the regular file at `path` (symbolic links are followed; nothing else is opened for good:
 * no device, no pipe) into `ret_buffer`, which the caller has initialised with its limit. 0, or
 * -ERROR_MISSING, -ERROR_DENIED, -ERROR_INVALID (no regular file), -ERROR_LIMIT, -ERROR_IO or
 * -ERROR_MEMORY with the path and the reason in `error` (may be NULL); the buffer is then empty.
 */
int file_read(const char *path, struct buffer *ret_buffer, struct error *error);

/* The same for who names the path in front of the message: it follows as "cannot be read: REASON".
 */
int file_read_named(const char *path, struct buffer *ret_buffer, struct error *error);

/*
 * Makes a new file that nobody else can read, and opens it for reading and writing. One that root
 * makes in the directory of another user is that user's: what an administrator records by hand must
 * not lock the service out. A descriptor to be closed, or -1 with errno: EEXIST if it is there.
 */
int file_create(const char *path);

/* A number that is another one once the file has been written to or replaced; 0 where there is
 * none.
 */
uint64_t file_mark(const char *path);

/*
 * Takes the place of standard input, output and error where one of them is closed: otherwise the
 * next file opened would get its number, and what is printed would be written into the ledger. What
 * reads or writes there fails with EBADF, as before. First of all, before anything is opened.
 */
void file_take_standard(void);

/* Paths, sorted by bytes. All-zero is an empty list. */
struct file_list {
	char **paths; /* owned */
	size_t count;
};

/* Frees the paths and leaves an empty list. Accepts NULL and all-zero. */
void file_list_done(struct file_list *list);

/*
 * Gives the files that `pattern` names; a relative one starts at the directory of the file `base`.
 * A pattern without wildcards is one file, whether it is there or not; one with wildcards (glob(7))
 * gives what is there, perhaps nothing. Names that begin with a dot match only a dot. 0, or
 * -ERROR_LIMIT (more than `limit`), -ERROR_IO (a directory cannot be read: "nothing there" would be
 * a guess), -ERROR_MEMORY, with the reason in `error`.
 */
int file_find(const char *pattern, const char *base, size_t limit, struct file_list *ret_list,
	struct error *error);
