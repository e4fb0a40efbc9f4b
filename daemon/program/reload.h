/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the daemon says of its configuration: taken or refused, at which revision, and what changed.
 * A refusal is told once, however often the same files are read.
 */

#include "base/diagnostics.h"
#include "core/fleet-diff.h"
#include "core/knowledge.h"
#include "edge/git-revision.h"
#include "program/scheduler.h"

/* Changes told one by one; of more, how many there are. As many as anybody reads. */
#define RELOAD_CHANGES_MAX 50

/* The configuration as it was last read. All-zero before the first reading. */
struct edition {
	struct git_revision revision; /* of what is in force; commit "" if it is no work tree */
	char *refused; /* owned: what is wrong with the files as they are; NULL if nothing is */
	bool news;     /* the last refusal was another than the one before it */
};

/* Notes the revision of the files at `path`, which are now in force; nothing is refused. */
void edition_take(struct edition *edition, const char *path);
void edition_done(struct edition *edition);

/*
 * Tells every mistake and that the last good configuration stays in force (`start`: that there is
 * none). The same mistakes as the last time are told again only if `asked`.
 */
void edition_refuse(struct edition *edition, const char *path,
	const struct diagnostics *diagnostics, bool start, bool asked);

/* Tells all that is to be said of the files; at `debug` by who reads the same ones again and again.
 */
void edition_tell_notes(const struct diagnostics *diagnostics, bool debug);

/* Tells that the files at `path` with so many directories in each of their Regions were taken, and
 * what they change. */
void edition_tell_taken(const struct edition *edition, const char *path,
	const struct scheduler *scheduler, const struct fleet_diff *diff);

/* Tells what selectors of the files at `path` match now and did not before, or no more. */
void edition_tell_selected(
	const char *path, const struct scheduler *scheduler, const struct fleet_diff *diff);

/* Tells where selectors could not ask, or not for tags, when that begins and when it ends. */
void edition_tell_homes(struct knowledge *knowledge);

/* " at revision 0123456789ab of main" in `text`, "" if it is no work tree. Returns `text`. */
#define EDITION_TEXT_SIZE (GIT_COMMIT_SIZE + GIT_BRANCH_SIZE + 32)
char *edition_text(const struct edition *edition, char text[static EDITION_TEXT_SIZE]);
