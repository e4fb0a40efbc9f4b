/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which commit a folder is at, when it is part of a Git work tree: read from the repository's own
 * files (gitrepository-layout(5)), without running git. For people: nothing is decided by it, and
 * a work tree may hold more than its commit.
 */

#include <stdbool.h>

/* A commit's id as hexadecimal digits (SHA-1 or SHA-256) and its NUL. Bytes. */
#define GIT_COMMIT_SIZE 65
/* A branch; a longer name is cut. Bytes, the NUL included. */
#define GIT_BRANCH_SIZE 128

struct git_revision {
	char commit[GIT_COMMIT_SIZE];
	char branch[GIT_BRANCH_SIZE]; /* "main"; "" if no branch is checked out */
};

/*
 * The revision of the work tree that the file `path` lies in, symbolic links resolved. False, with
 * *ret_revision untouched, if it lies in none, nothing is committed yet, or the repository cannot
 * be read or understood (its references are in another format than files).
 */
bool git_revision_read(const char *path, struct git_revision *ret_revision);

/* Whether git is at work there now: its index is locked, so a checkout may be half done. */
bool git_revision_busy(const char *path);
