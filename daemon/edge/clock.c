/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "edge/environment.h"

/* Digits, sign, newline and NUL of the largest shift. */
#define DEMO_TEXT_SIZE 24
/* The kernel takes it for the end of its own time. UTC seconds. */
#define CLOCK_WATCH_NEVER INT64_MAX

static int64_t demo_shift(const char *path)
{
	char text[DEMO_TEXT_SIZE], *end;
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t length;
	long long shift;

	if (file < 0)
		return 0;
	length = read(file, text, sizeof(text) - 1);
	close(file);
	if (length <= 0)
		return 0;
	text[length] = '\0';
	errno = 0;
	shift = strtoll(text, &end, 10);
	if (errno || end == text || (*end != '\0' && *end != '\n'))
		return 0;
	return shift >= -CLOCK_DEMO_MAX && shift <= CLOCK_DEMO_MAX ? shift : 0;
}

int64_t clock_now(void)
{
	const char *demo = environment_text(CLOCK_DEMO_VARIABLE);
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec + (demo ? demo_shift(demo) : 0);
}

int64_t clock_monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_elapsed(void)
{
	const char *demo = environment_text(CLOCK_DEMO_VARIABLE);
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec + (demo ? demo_shift(demo) : 0);
}

bool clock_past(int64_t deadline)
{
	return deadline != 0 && clock_elapsed() >= deadline;
}

bool clock_demo(void)
{
	return environment_text(CLOCK_DEMO_VARIABLE) != NULL;
}

bool clock_demo_skip(int64_t seconds)
{
	const char *demo = environment_text(CLOCK_DEMO_VARIABLE);
	FILE *file;

	if (!demo || !environment_text(CLOCK_DEMO_SKIP_VARIABLE))
		return false;
	seconds += demo_shift(demo);
	file = fopen(demo, "we");
	if (!file)
		return false;
	fprintf(file, "%lld\n", (long long)seconds);
	return fclose(file) == 0;
}

/* A timer that never ends, but is cancelled when the clock is set. */
static int watch_arm(int descriptor)
{
	const struct itimerspec never = {.it_value.tv_sec = CLOCK_WATCH_NEVER};

	return timerfd_settime(
		descriptor, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

int clock_watch(void)
{
	int descriptor = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK), number;

	/* set since it was made: it waits all the same */
	if (descriptor < 0 || watch_arm(descriptor) == 0 || errno == ECANCELED)
		return descriptor;
	number = errno;
	close(descriptor);
	errno = number;
	return -1;
}

void clock_watch_again(int descriptor)
{
	uint64_t ended;

	(void)!read(descriptor, &ended, sizeof(ended));
	(void)watch_arm(descriptor);
}

struct timespec clock_monotonic_after(int64_t seconds)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)seconds;
	return until;
}

void clock_sleep_ms(int64_t milliseconds)
{
	struct timespec left = {
		(time_t)(milliseconds / 1000), (long)(milliseconds % 1000) * 1000000};

	if (milliseconds <= 0)
		return;
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}
