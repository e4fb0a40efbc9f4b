/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One owner at a time: an exclusive flock(2) on a file that says who holds it. The lock ends with
 * its process, however that ends; the file stays, and what it says counts only while it is locked.
 */

#include "base/cleanup.h"
#include "base/error.h"

/* "PROGRAM PID" and a newline: longer names are cut. Bytes. */
#define LOCK_TEXT_SIZE 128

struct lock;

/*
 * Takes the lock file at `path`, made with mode 0600 if it is not there, for `program` ("ldapsward
 * run"). 0, or -ERROR_BUSY with the owner's program and pid in `error`, -ERROR_DENIED, -ERROR_IO or
 * -ERROR_MEMORY. Does not wait.
 */
int lock_take(const char *path, const char *program, struct lock **ret_lock, struct error *error);

/* Gives the lock up and frees it; accepts NULL. */
void lock_free(struct lock *lock);
CLEANUP_DEFINE(lock)
