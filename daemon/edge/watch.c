/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/watch.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"

/* Whatever can make another file be read. Of a directory on the way only its names: /etc and /tmp
 * have files that others write to. What is asked for is added to what was. */
#define WATCH_MASK_WAY                                                                             \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF |        \
		IN_MOVE_SELF | IN_ONLYDIR | IN_MASK_ADD)
/* IN_MODIFY, as a file that is being written is not done. */
#define WATCH_MASK (WATCH_MASK_WAY | IN_MODIFY | IN_CLOSE_WRITE)
/* Events taken at once. Bytes. */
#define WATCH_CHUNK_SIZE 16384

struct name {
	char *text; /* owned */
	bool wild;  /* a pattern of fnmatch(3) */
	unsigned round;
};

/* A directory, known by the kernel's number of it: two ways to one directory are one. */
struct watched {
	int number;
	unsigned round;
	unsigned all; /* the round in which every name came to matter; 0: not every one does */
	struct name *names; /* owned */
	size_t names_count, names_capacity;
};

struct watch {
	int fd;
	unsigned round;		     /* of the reading: what it names is of this round */
	struct watched *directories; /* owned */
	size_t count, capacity;
	unsigned links; /* that may still be followed for this pattern */
	struct error blind;
};

int watch_new(struct watch **ret_watch, struct error *error)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return error_set(error, ERROR_MEMORY, "out of memory");
	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch->fd < 0) {
		int number = errno;

		free(watch);
		return error_set(error, ERROR_IO,
			"changes of files cannot be noticed (inotify: %s); see "
			"fs.inotify.max_user_instances",
			strerror(number));
	}
	*ret_watch = watch;
	return 0;
}

static void watched_done(struct watched *directory)
{
	for (size_t i = 0; i < directory->names_count; i++)
		free(directory->names[i].text);
	free(directory->names);
}

void watch_free(struct watch *watch)
{
	if (!watch)
		return;
	for (size_t i = 0; i < watch->count; i++)
		watched_done(&watch->directories[i]);
	free(watch->directories);
	close(watch->fd);
	free(watch);
}

int watch_fd(const struct watch *watch)
{
	return watch->fd;
}

/* ---- what is watched ---- */

static struct watched *watched_find(struct watch *watch, int number)
{
	for (size_t i = 0; i < watch->count; i++)
		if (watch->directories[i].number == number)
			return &watch->directories[i];
	return NULL;
}

static void watched_drop(struct watch *watch, struct watched *directory)
{
	watched_done(directory);
	*directory = watch->directories[--watch->count];
}

static void watch_say(struct watch *watch, const char *path, const char *reason)
{
	if (watch->blind.code == 0)
		(void)error_set(&watch->blind, ERROR_IO,
			"changes in %s are not noticed by themselves (%s); `systemctl reload` "
			"takes them",
			path, reason);
}

/* The name matters there from now on. Without memory every name does. */
static void watched_name(
	struct watched *directory, const char *text, size_t length, bool wild, unsigned round)
{
	struct name *name;

	for (size_t i = 0; i < directory->names_count; i++) {
		name = &directory->names[i];
		if (strncmp(name->text, text, length) == 0 && name->text[length] == '\0' &&
			name->wild == wild) {
			name->round = round;
			return;
		}
	}
	if (array_reserve(&directory->names, &directory->names_capacity, directory->names_count,
		    sizeof(directory->names[0]), WATCH_NAMES_MAX) < 0) {
		directory->all = round;
		return;
	}
	name = &directory->names[directory->names_count];
	*name = (struct name){.text = strndup(text, length), .wild = wild, .round = round};
	if (name->text)
		directory->names_count++;
	else
		directory->all = round;
}

/*
 * Watches the directory `path` for a name. `last`: it is where the file itself is; that a directory
 * on the way there cannot be watched only hides that the way changes. `written`: also for what is
 * written to the file of that name.
 */
static void watch_name(struct watch *watch, const char *path, const char *text, size_t length,
	bool wild, bool last, bool written)
{
	int number = inotify_add_watch(watch->fd, path, written ? WATCH_MASK : WATCH_MASK_WAY);
	struct watched *directory;

	if (number < 0) {
		if (errno == ENOSPC)
			watch_say(watch, path,
				"no more watches are allowed, see fs.inotify.max_user_watches");
		else if (last && errno != ENOENT && errno != ENOTDIR)
			watch_say(watch, path, strerror(errno));
		return;
	}
	directory = watched_find(watch, number);
	if (!directory) {
		if (array_reserve(&watch->directories, &watch->capacity, watch->count,
			    sizeof(watch->directories[0]), WATCH_DIRECTORIES_MAX) < 0) {
			(void)inotify_rm_watch(watch->fd, number);
			watch_say(watch, path, "too many directories");
			return;
		}
		directory = &watch->directories[watch->count++];
		*directory = (struct watched){.number = number};
	}
	directory->round = watch->round;
	watched_name(directory, text, length, wild, watch->round);
}

/* ---- the way to a file ---- */

/* A way from the directory `from`: names with slashes between, patterns among them if `wild`. */
struct way {
	const char *from, *rest;
	bool wild;
	bool directory; /* that is where it leads */
	unsigned left;	/* names and links that may still come */
};

static void watch_way(struct watch *watch, struct way way);

/* `from`/`name`; false if that is no path any more. */
static bool path_below(
	char path[static PATH_MAX], const char *from, const char *name, size_t length)
{
	const char *slash = from[0] != '\0' && from[strlen(from) - 1] == '/' ? "" : "/";
	int written = snprintf(path, PATH_MAX, "%s%s%.*s", from, slash, (int)length, name);

	return written > 0 && written < PATH_MAX;
}

/* One name on the way: through it if it is a link, and on from it. */
static void watch_through(struct watch *watch, const struct way *way, const char *name,
	size_t length, const char *further)
{
	char path[PATH_MAX], target[PATH_MAX];
	struct stat status;
	ssize_t read;

	if (!path_below(path, way->from, name, length) || lstat(path, &status) < 0)
		return;
	if (S_ISLNK(status.st_mode)) {
		read = readlink(path, target, sizeof(target) - 1);
		if (read <= 0 || watch->links == 0)
			return;
		target[read] = '\0';
		watch->links--;
		watch_way(watch, (struct way){.from = target[0] == '/' ? "/" : way->from,
					 .rest = target,
					 .directory = way->directory || *further,
					 .left = way->left - 1});
	}
	if (*further)
		watch_way(watch, (struct way){.from = path,
					 .rest = further,
					 .wild = way->wild,
					 .directory = way->directory,
					 .left = way->left - 1});
}

/* Every name there that the pattern matches. */
static void watch_matches(
	struct watch *watch, const struct way *way, size_t length, const char *further)
{
	DIR *directory = opendir(way->from);
	char pattern[NAME_MAX + 1];
	struct dirent *entry;

	if (!directory)
		return;
	/* what is longer than a name can be matches none */
	if (length <= NAME_MAX) {
		memcpy(pattern, way->rest, length);
		pattern[length] = '\0';
		/* cppcheck-suppress readdirCalled ; the stream is this function's own */
		while ((entry = readdir(directory)) != NULL)
			if (fnmatch(pattern, entry->d_name, FNM_PERIOD) == 0)
				watch_through(
					watch, way, entry->d_name, strlen(entry->d_name), further);
	}
	closedir(directory);
}

static void watch_way(struct watch *watch, struct way way)
{
	const char *further;
	size_t length;
	bool wild;

	way.rest += strspn(way.rest, "/");
	length = strcspn(way.rest, "/");
	further = way.rest + length;
	further += strspn(further, "/");
	wild = way.wild && strcspn(way.rest, "*?[\\") < length;
	if (length == 0 || way.left == 0)
		return;
	watch_name(watch, way.from, way.rest, length, wild, *further == '\0',
		*further == '\0' && !way.directory);
	if (wild)
		watch_matches(watch, &way, length, further);
	else
		watch_through(watch, &way, way.rest, length, further);
}

void watch_file(struct watch *watch, const char *pattern, const char *base)
{
	bool wild = strpbrk(pattern, "*?[") != NULL;
	const char *slash = strrchr(base, '/');
	char from[PATH_MAX];

	watch->links = WATCH_LINKS_MAX;
	if (*pattern == '/') {
		watch_way(watch, (struct way){"/", pattern, wild, false, WATCH_DEPTH_MAX});
		return;
	}
	if (!slash) {
		watch_way(watch, (struct way){".", pattern, wild, false, WATCH_DEPTH_MAX});
		return;
	}
	if (slash - base >= PATH_MAX)
		return;
	snprintf(from, sizeof(from), "%.*s", (int)(slash - base + 1), base);
	watch_way(
		watch, (struct way){*from == '/' ? "/" : ".", from, false, true, WATCH_DEPTH_MAX});
	watch_way(watch, (struct way){from, pattern, wild, false, WATCH_DEPTH_MAX});
}

/* ---- readings ---- */

void watch_begin(struct watch *watch)
{
	watch->round++;
	watch->blind = (struct error){0};
}

/* Forgets what the last reading did not name. */
static void watched_prune(struct watched *directory, unsigned round)
{
	size_t kept = 0;

	for (size_t i = 0; i < directory->names_count; i++) {
		if (directory->names[i].round == round)
			directory->names[kept++] = directory->names[i];
		else
			free(directory->names[i].text);
	}
	directory->names_count = kept;
	if (directory->all != round)
		directory->all = 0;
}

void watch_end(struct watch *watch, bool whole)
{
	for (size_t i = watch->count; whole && i-- > 0;) {
		struct watched *directory = &watch->directories[i];

		if (directory->round == watch->round) {
			watched_prune(directory, watch->round);
			continue;
		}
		(void)inotify_rm_watch(watch->fd, directory->number);
		watched_drop(watch, directory);
	}
}

const char *watch_blind(const struct watch *watch)
{
	return watch->blind.code != 0 ? watch->blind.message : NULL;
}

/* ---- what was noticed ---- */

static bool watched_matters(const struct watched *directory, const char *name)
{
	if (directory->all != 0)
		return true;
	for (size_t i = 0; i < directory->names_count; i++) {
		const struct name *known = &directory->names[i];

		if (known->wild ? fnmatch(known->text, name, FNM_PERIOD) == 0
				: strcmp(known->text, name) == 0)
			return true;
	}
	return false;
}

/* Whether the event means that something must be read anew. */
static bool watch_take(struct watch *watch, const struct inotify_event *event)
{
	struct watched *directory = watched_find(watch, event->wd);

	if (event->mask & IN_Q_OVERFLOW)
		return true;
	if (!directory)
		return false; /* watched no more */
	if (event->mask & IN_IGNORED) {
		watched_drop(watch, directory); /* it is gone, and its number with it */
		return true;
	}
	return event->len == 0 || watched_matters(directory, event->name);
}

bool watch_read(struct watch *watch)
{
	union {
		struct inotify_event first; /* aligned as the kernel writes them */
		char bytes[WATCH_CHUNK_SIZE];
	} chunk;
	bool changed = false;
	ssize_t length;

	while ((length = read(watch->fd, chunk.bytes, sizeof(chunk.bytes))) > 0 ||
		(length < 0 && errno == EINTR)) {
		for (ssize_t at = 0; at < length;) {
			const struct inotify_event *event =
				(const struct inotify_event *)(const void *)(chunk.bytes + at);

			changed |= watch_take(watch, event);
			at += (ssize_t)(sizeof(*event) + event->len);
		}
	}
	return changed;
}
