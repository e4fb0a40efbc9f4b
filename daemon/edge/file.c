/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"

#define FILE_PATH_MAX	4096 /* PATH_MAX of Linux; with every character escaped twice that */
#define FILE_CHUNK_SIZE 16384

static enum error_code code_of(int number)
{
	switch (number) {
	case ENOENT:
	case ENOTDIR:
		return ERROR_MISSING;
	case EACCES:
	case EPERM:
		return ERROR_DENIED;
	case ENOMEM:
		return ERROR_MEMORY;
	default:
		return ERROR_IO;
	}
}

static int file_failed(struct error *error)
{
	int number = errno;

	return error_set(error, code_of(number), "%s", strerror(number));
}

static int file_slurp(int fd, struct buffer *buffer, struct error *error)
{
	char chunk[FILE_CHUNK_SIZE];

	for (;;) {
		ssize_t length = read(fd, chunk, sizeof(chunk));
		int r;

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return file_failed(error);
		if (length == 0)
			return 0;
		r = buffer_append(buffer, chunk, (size_t)length);
		explicit_bzero(chunk, (size_t)length); /* somebody may have named a private key */
		if (r == -ERROR_LIMIT)
			return error_set(error, ERROR_LIMIT,
				"it is longer than %zu bytes, the limit of such a file",
				buffer->limit);
		if (r < 0)
			return error_set(error, ERROR_MEMORY, "out of memory");
	}
}

/* What is wrong is told without the path. */
static int file_take(const char *path, struct buffer *ret_buffer, struct error *error)
{
	/* not to wait for a writer if it is a pipe; without effect on a regular file */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat status;
	int r;

	if (fd < 0)
		return file_failed(error);
	if (fstat(fd, &status) < 0)
		r = file_failed(error);
	else if (S_ISDIR(status.st_mode))
		r = error_set(error, ERROR_INVALID, "it is a directory, not a file");
	else if (!S_ISREG(status.st_mode))
		r = error_set(error, ERROR_INVALID,
			"it is not a regular file; pipes and devices are not read");
	else
		r = file_slurp(fd, ret_buffer, error);
	close(fd);
	if (r < 0)
		buffer_wipe(ret_buffer);
	return r;
}

int file_read(const char *path, struct buffer *ret_buffer, struct error *error)
{
	int r = file_take(path, ret_buffer, error);

	return r < 0 && error ? error_prefix(error, "cannot read %s", path) : r;
}

int file_read_named(const char *path, struct buffer *ret_buffer, struct error *error)
{
	int r = file_take(path, ret_buffer, error);

	return r < 0 && error ? error_prefix(error, "cannot be read") : r;
}

/* Root gives what it makes to the owner of the directory, if the system lets it. */
static void give(int descriptor, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash && slash != path ? (size_t)(slash - path) : 1;
	char *directory = strndup(slash ? path : ".", length);
	struct stat status;

	if (directory && stat(directory, &status) == 0 && status.st_uid != 0)
		(void)!fchown(descriptor, status.st_uid, status.st_gid);
	free(directory);
}

int file_create(const char *path)
{
	int descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (descriptor >= 0 && geteuid() == 0)
		give(descriptor, path);
	return descriptor;
}

void file_take_standard(void)
{
	for (int number = STDIN_FILENO; number <= STDERR_FILENO; number++)
		if (fcntl(number, F_GETFD) < 0) /* the lowest that is free: this one */
			(void)open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

uint64_t file_mark(const char *path)
{
	struct stat status;
	uint64_t mark = HASH_START;

	if (stat(path, &status) < 0)
		return 0;
	mark = hash_number(mark, (int64_t)status.st_ino);
	mark = hash_number(mark, (int64_t)status.st_size);
	mark = hash_number(mark, (int64_t)status.st_mtim.tv_sec);
	mark = hash_number(mark, (int64_t)status.st_mtim.tv_nsec);
	return mark != 0 ? mark : 1;
}

void file_list_done(struct file_list *list)
{
	if (!list)
		return;
	for (size_t i = 0; i < list->count; i++)
		free(list->paths[i]);
	free(list->paths);
	*list = (struct file_list){0};
}

/* The directory part of `base` with its slash, wildcards in it escaped if `escape`; then `name`. */
static int path_join(
	struct buffer *buffer, const char *base, const char *name, bool escape, struct error *error)
{
	const char *slash = strrchr(base, '/');

	for (const char *c = base; *name != '/' && slash && c <= slash; c++) {
		if (escape && strchr("*?[]\\", *c))
			buffer_append_text(buffer, "\\");
		buffer_append(buffer, c, 1);
	}
	buffer_append_text(buffer, name);
	if (buffer_status(buffer) == -ERROR_LIMIT)
		return error_set(error, ERROR_LIMIT,
			"a path longer than %d bytes beside %s: the limit", FILE_PATH_MAX, base);
	return buffer_status(buffer) < 0 ? error_set(error, ERROR_MEMORY, "out of memory") : 0;
}

static int path_compare(const void *left, const void *right)
{
	const char *const *a = left, *const *b = right;

	return strcmp(*a, *b);
}

static int list_copy(char *const *paths, size_t count, struct file_list *ret_list)
{
	struct file_list list = {.paths = calloc(count ? count : 1, sizeof(list.paths[0]))};

	if (!list.paths)
		return -ERROR_MEMORY;
	for (; list.count < count; list.count++) {
		list.paths[list.count] = strdup(paths[list.count]);
		if (!list.paths[list.count]) {
			file_list_done(&list);
			return -ERROR_MEMORY;
		}
	}
	if (count > 1)
		qsort(list.paths, count, sizeof(list.paths[0]), path_compare);
	*ret_list = list;
	return 0;
}

/* A directory that is not there matches nothing; one that cannot be read is an error. */
static int glob_failed(const char *path, int number)
{
	(void)path;
	return number != ENOENT && number != ENOTDIR;
}

static int list_glob(
	const char *pattern, size_t limit, struct file_list *ret_list, struct error *error)
{
	glob_t found = {0};
	int r, result = glob(pattern, GLOB_NOSORT, glob_failed, &found);

	if (result == GLOB_NOMATCH)
		found.gl_pathc = 0;
	if (result == GLOB_NOSPACE)
		r = error_set(error, ERROR_MEMORY, "cannot look for %s: out of memory", pattern);
	else if (result == GLOB_ABORTED)
		r = error_set(error, ERROR_IO,
			"cannot look for %s: a directory on the way cannot be read", pattern);
	else if (found.gl_pathc > limit)
		r = error_set(error, ERROR_LIMIT, "%s matches %zu files; at most %zu are taken",
			pattern, (size_t)found.gl_pathc, limit);
	else
		r = list_copy(found.gl_pathv, found.gl_pathc, ret_list);
	globfree(&found);
	return r;
}

int file_find(const char *pattern, const char *base, size_t limit, struct file_list *ret_list,
	struct error *error)
{
	bool wild = strpbrk(pattern, "*?[") != NULL;
	struct buffer path;
	char *one;
	int r;

	buffer_init(&path, wild ? (size_t)2 * FILE_PATH_MAX : FILE_PATH_MAX);
	r = path_join(&path, base, pattern, wild, error);
	one = path.data;
	if (r == 0 && wild)
		r = list_glob(one, limit, ret_list, error);
	else if (r == 0 && (r = list_copy(&one, 1, ret_list)) < 0)
		r = error_set(error, ERROR_MEMORY, "out of memory");
	buffer_done(&path);
	return r;
}
