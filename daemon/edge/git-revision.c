/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/git-revision.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/text.h"
#include "edge/file.h"

/* A reference, HEAD, or the name of a folder: a path and some words. Bytes. */
#define GIT_LINE_MAX ((size_t)2 * PATH_MAX)
/* All packed references, some 60 bytes each: a hundred thousand and more. Bytes. */
#define GIT_PACKED_MAX ((size_t)16 * 1024 * 1024)
/* References that name references; git itself follows 5. */
#define GIT_LINKS_MAX 5

/* The first line of `folder`/`name`, without its end; false if there is none. */
static bool line_read(const char *folder, const char *name, char line[static PATH_MAX])
{
	char path[PATH_MAX];
	struct buffer text;
	struct error error;
	int length = snprintf(path, sizeof(path), "%s/%s", folder, name);
	bool read;

	if (length < 0 || length >= (int)sizeof(path))
		return false;
	buffer_init(&text, GIT_LINE_MAX);
	read = file_read(path, &text, &error) == 0;
	if (read) {
		size_t end = strcspn(buffer_text(&text), "\r\n");

		read = end > 0 && end < PATH_MAX;
		snprintf(line, PATH_MAX, "%.*s", read ? (int)end : 0, buffer_text(&text));
	}
	buffer_done(&text);
	return read;
}

/* What follows `prefix` in `line`, without blanks before it; NULL if the line begins otherwise. */
static const char *after(const char *line, const char *prefix)
{
	size_t length = strlen(prefix);

	if (strncmp(line, prefix, length) != 0)
		return NULL;
	return line + length + strspn(line + length, " \t");
}

/* `name` as seen from the folder `from`. */
static bool path_from(const char *from, const char *name, char path[static PATH_MAX])
{
	int length = *name == '/' ? snprintf(path, PATH_MAX, "%s", name)
				  : snprintf(path, PATH_MAX, "%s/%s", from, name);

	return length > 0 && length < PATH_MAX;
}

/* Where the repository of a work tree is: the folder .git, or the one that the file .git names. */
static bool repository_of(const char *tree, char repository[static PATH_MAX])
{
	char line[PATH_MAX], head[PATH_MAX];
	const char *named;

	if (!path_from(tree, ".git", repository) || access(repository, F_OK) < 0)
		return false;
	if (line_read(tree, ".git", line)) { /* a worktree of another, or a submodule */
		named = after(line, "gitdir:");
		if (!named || !path_from(tree, named, repository))
			return false;
	}
	return path_from(repository, "HEAD", head) && access(head, F_OK) == 0;
}

/* The nearest folder above the file that is a work tree. */
static bool repository_find(const char *path, char repository[static PATH_MAX])
{
	char *real = realpath(path, NULL), *slash;
	bool found = false;

	while (real && !found && (slash = strrchr(real, '/')) != NULL) {
		*slash = '\0';
		found = repository_of(real, repository);
	}
	free(real);
	return found;
}

static bool is_commit(const char *text)
{
	size_t length = strspn(text, "0123456789abcdef");

	return (length == 40 || length == 64) && text[length] == '\0';
}

/* The commit of a reference among those that were packed into one file. */
static bool packed_find(const char *common, const char *reference, char line[static PATH_MAX])
{
	char path[PATH_MAX];
	struct buffer text;
	struct error error;
	bool found = false;

	buffer_init(&text, GIT_PACKED_MAX);
	if (path_from(common, "packed-refs", path) && file_read(path, &text, &error) == 0) {
		for (const char *at = buffer_text(&text); *at && !found;) {
			size_t length = strcspn(at, "\n"), id = strcspn(at, " \n");

			found = id < length && id < GIT_COMMIT_SIZE &&
				length - id - 1 == strlen(reference) &&
				memcmp(at + id + 1, reference, length - id - 1) == 0;
			if (found)
				snprintf(line, PATH_MAX, "%.*s", (int)id, at);
			at += length + (at[length] == '\n');
		}
	}
	buffer_done(&text);
	return found;
}

/* No reference leads out of the repository. */
static bool is_reference(const char *name)
{
	return strncmp(name, "refs/", 5) == 0 && !strstr(name, "..");
}

bool git_revision_read(const char *path, struct git_revision *ret_revision)
{
	char repository[PATH_MAX], common[PATH_MAX], line[PATH_MAX], reference[PATH_MAX];
	struct git_revision revision = {0};
	const char *named, *branch;

	if (!repository_find(path, repository) || !line_read(repository, "HEAD", line))
		return false;
	/* a worktree has its own HEAD, and the branches of the repository that it belongs to */
	if (!line_read(repository, "commondir", reference) ||
		!path_from(repository, reference, common))
		memcpy(common, repository, sizeof(common));
	for (int links = 0; (named = after(line, "ref:")) != NULL && links < GIT_LINKS_MAX;
		links++) {
		memmove(reference, named, strlen(named) + 1);
		branch = after(reference, "refs/heads/");
		if (links == 0 && branch)
			text_copy(branch, revision.branch, sizeof(revision.branch));
		if (!is_reference(reference) || (!line_read(repository, reference, line) &&
							!line_read(common, reference, line) &&
							!packed_find(common, reference, line)))
			return false;
	}
	if (!is_commit(line))
		return false;
	text_copy(line, revision.commit, sizeof(revision.commit));
	text_clean(revision.branch);
	*ret_revision = revision;
	return true;
}

bool git_revision_busy(const char *path)
{
	char repository[PATH_MAX], lock[PATH_MAX];

	return repository_find(path, repository) && path_from(repository, "index.lock", lock) &&
	       access(lock, F_OK) == 0;
}
