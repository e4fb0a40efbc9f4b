/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Notices that a file of the configuration has changed (inotify(7)), and the one door to that. It
 * watches directories, not files: Git and editors put another file in the place of the old one, or
 * point a symbolic link elsewhere. Every directory on the way to a file is watched for the names
 * that the way goes by, those behind symbolic links too, so a directory that vanishes is noticed
 * when it comes back. It says only that something changed, never what: whoever is told reads all of
 * it anew.
 *
 * A reading of the configuration is framed by watch_begin and watch_end; in it watch_file is called
 * before each file is opened, so that no change between reading and watching is lost.
 */

#include <stdbool.h>

#include "base/error.h"

/* Directories watched at once: those of a file, conf.d and some certificates; far below the 8192
 * that kernels allow a user. */
#define WATCH_DIRECTORIES_MAX 1024
/* Names that matter in one directory; with more, every name does. */
#define WATCH_NAMES_MAX 64
/* Names and symbolic links on the way to one file; the kernel itself follows 40 links. */
#define WATCH_DEPTH_MAX 64
/* Symbolic links followed for one pattern: links in links can double with each. */
#define WATCH_LINKS_MAX 1024

struct watch;

/* 0, or -ERROR_IO (the kernel gives no more of them) or -ERROR_MEMORY with the reason. */
int watch_new(struct watch **ret_watch, struct error *error);
/* Accepts NULL. */
void watch_free(struct watch *watch);

/* Readable when something may have changed. */
int watch_fd(const struct watch *watch);

/* A reading begins. */
void watch_begin(struct watch *watch);
/*
 * The file or the files that `pattern` names are about to be read; the arguments are those of
 * file_find. What cannot be watched is remembered for watch_blind.
 */
void watch_file(struct watch *watch, const char *pattern, const char *base);
/* A reading has ended. `whole`: what it did not name is watched no more; otherwise it may have
 * ended early, and what was watched before it stays watched. */
void watch_end(struct watch *watch, bool whole);

/* Why changes somewhere are not noticed, found by the last reading: the first such sentence, or
 * NULL. Valid until the next watch_begin. */
const char *watch_blind(const struct watch *watch);

/*
 * Takes all that was noticed. Whether a name that matters was among it, or a directory vanished, or
 * the kernel lost count (its queue was full), which means that anything may have changed. Never
 * waits.
 */
bool watch_read(struct watch *watch);
