/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs one command and says what it cost: `launch FILE COMMAND [ARGUMENT]...` writes a line
 * "START WALL CPU RSS STATUS" to FILE: CLOCK_MONOTONIC at its start, wall time, and user and system
 * time of it and its children, all in microseconds; the peak RSS in KiB; and its exit status (128
 * and more: a signal).
 *
 * A program of its own because a process inherits the peak RSS of what started it, and a Python
 * that holds a benchmark is larger than what is measured.
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static long long now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static long long time_us(struct timeval time)
{
	return (long long)time.tv_sec * 1000000 + time.tv_usec;
}

int main(int argc, char **argv)
{
	long long start, end;
	struct rusage usage;
	int status, r;
	pid_t child;
	FILE *file;

	if (argc < 3) {
		fprintf(stderr, "usage: launch FILE COMMAND [ARGUMENT]...\n");
		return 2;
	}
	start = now_us();
	r = posix_spawn(&child, argv[2], NULL, NULL, argv + 2, environ);
	if (r != 0) {
		fprintf(stderr, "%s: %s\n", argv[2], strerror(r));
		return 2;
	}
	while (wait4(child, &status, 0, &usage) < 0)
		if (errno != EINTR)
			return 2;
	end = now_us();
	file = fopen(argv[1], "we");
	if (!file)
		return 2;
	fprintf(file, "%lld %lld %lld %ld %d\n", start, end - start,
		time_us(usage.ru_utime) + time_us(usage.ru_stime), usage.ru_maxrss,
		WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return fclose(file) == 0 ? 0 : 2;
}
