/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct replacement {
	char *path, *aside; /* owned; `aside` is NULL once it is in its place */
	FILE *file;	    /* owned */
	int failed;	    /* errno of the first write that failed; 0: none */
};

static int fail(const char *path, int number, struct error *error)
{
	enum error_code code = ERROR_IO;

	if (number == ENOENT || number == ENOTDIR)
		code = ERROR_MISSING;
	else if (number == EACCES || number == EPERM || number == EROFS)
		code = ERROR_DENIED;
	return error_set(error, code, "%s: cannot be written: %s", path, strerrordesc_np(number));
}

/* "/run/x/.status.json.new" of "/run/x/status.json"; NULL without memory. */
static char *aside_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	int directory = slash ? (int)(slash + 1 - path) : 0;
	char *aside;

	if (asprintf(&aside, "%.*s.%s.new", directory, path, path + directory) < 0)
		return NULL;
	return aside;
}

/* What an end in mid-write has left goes first: nobody else writes here. */
static FILE *open_aside(const char *aside, mode_t mode)
{
	FILE *file = NULL;
	int fd;

	(void)unlink(aside);
	fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, mode);
	if (fd >= 0 && (fchmod(fd, mode) < 0 || !(file = fdopen(fd, "we"))))
		close(fd);
	return file;
}

int replacement_new(
	const char *path, mode_t mode, struct replacement **ret_replacement, struct error *error)
{
	CLEANUP(replacement_free_ptr)
	struct replacement *replacement = calloc(1, sizeof(*replacement));
	int number;

	if (!replacement || !(replacement->path = strdup(path)) ||
		!(replacement->aside = aside_of(path)))
		return error_set(error, ERROR_MEMORY, "%s: out of memory", path);
	replacement->file = open_aside(replacement->aside, mode);
	if (!replacement->file) {
		number = errno;
		return fail(path, number, error);
	}
	*ret_replacement = replacement;
	replacement = NULL;
	return 0;
}

void replacement_put(struct replacement *replacement, const void *bytes, size_t length)
{
	if (replacement->failed == 0 && length > 0 &&
		fwrite(bytes, 1, length, replacement->file) != length)
		replacement->failed = errno;
}

void replacement_put_text(struct replacement *replacement, const char *text)
{
	replacement_put(replacement, text, strlen(text));
}

int replacement_commit(struct replacement *replacement, struct error *error)
{
	FILE *file = replacement->file;

	replacement->file = NULL;
	if (fclose(file) != 0 && replacement->failed == 0)
		replacement->failed = errno;
	if (replacement->failed == 0 && rename(replacement->aside, replacement->path) < 0)
		replacement->failed = errno;
	if (replacement->failed != 0)
		return fail(replacement->path, replacement->failed, error);
	free(replacement->aside);
	replacement->aside = NULL;
	return 0;
}

void replacement_free(struct replacement *replacement)
{
	if (!replacement)
		return;
	if (replacement->file)
		(void)fclose(replacement->file);
	if (replacement->aside)
		(void)unlink(replacement->aside);
	free(replacement->aside);
	free(replacement->path);
	free(replacement);
}
