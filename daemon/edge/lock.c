/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "edge/file.h"

struct lock {
	int descriptor;
};

void lock_free(struct lock *lock)
{
	if (!lock)
		return;
	close(lock->descriptor);
	free(lock);
}

/* Who holds it, as the file says: "PROGRAM, pid PID". The owner may not have written it yet. */
static int lock_busy(const char *path, int descriptor, struct error *error)
{
	char text[LOCK_TEXT_SIZE];
	ssize_t length = pread(descriptor, text, sizeof(text) - 1, 0);
	char *pid;

	text[length > 0 ? length : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	pid = strrchr(text, ' ');
	if (!pid)
		return error_set(error, ERROR_BUSY,
			"%s: another process holds this state: stop it first", path);
	*pid++ = '\0';
	return error_set(error, ERROR_BUSY,
		"%s: `%s` with pid %s holds this state: stop it first, or let it do the work", path,
		text, pid);
}

/* Written over what was there and then cut, so that a full disk still takes it. */
static int lock_sign(const char *path, int descriptor, const char *program, struct error *error)
{
	char text[LOCK_TEXT_SIZE];
	int length = snprintf(
		text, sizeof(text), "%.*s %ld\n", LOCK_TEXT_SIZE - 32, program, (long)getpid());

	errno = ENOSPC; /* a short write sets none */
	if (pwrite(descriptor, text, (size_t)length, 0) != length ||
		ftruncate(descriptor, length) < 0)
		return error_set(error, ERROR_IO, "%s: cannot write the lock file: %s", path,
			strerrordesc_np(errno));
	return 0;
}

int lock_take(const char *path, const char *program, struct lock **ret_lock, struct error *error)
{
	int descriptor = file_create(path);
	struct lock *lock;
	int r = 0;

	if (descriptor < 0 && errno == EEXIST)
		descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	if (descriptor < 0)
		return error_set(error,
			errno == EACCES || errno == EPERM || errno == EROFS ? ERROR_DENIED
									    : ERROR_IO,
			"%s: cannot open the lock file: %s%s", path, strerrordesc_np(errno),
			errno == EACCES || errno == EPERM
				? ": run this as root or as the user of the service"
				: "");
	if (flock(descriptor, LOCK_EX | LOCK_NB) < 0)
		r = errno == EWOULDBLOCK ? lock_busy(path, descriptor, error)
					 : error_set(error, ERROR_IO, "%s: cannot be locked: %s",
						   path, strerrordesc_np(errno));
	if (r == 0)
		r = lock_sign(path, descriptor, program, error);
	lock = r == 0 ? malloc(sizeof(*lock)) : NULL;
	if (!lock) {
		close(descriptor);
		return r < 0 ? r : error_set(error, ERROR_MEMORY, "%s: out of memory", path);
	}
	lock->descriptor = descriptor;
	*ret_lock = lock;
	return 0;
}
