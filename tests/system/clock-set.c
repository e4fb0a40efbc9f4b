/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Preloaded into ldapsward (test-clock.py): a wall clock that can be set. It is ahead by the
 * seconds in the file CLOCK_SET, and timers that are cancelled when it is set become readable when
 * that number changes; it is read every hundredth of a second.
 */

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int (*real_gettime)(clockid_t clock, struct timespec *now);
static int (*real_create)(int clock, int flags);
static int (*real_settime)(
	int fd, int flags, const struct itimerspec *wish, struct itimerspec *before);
static _Atomic(long) shift;
static int timer = -1;

static long shift_read(void)
{
	char text[32] = "";
	int file = open(getenv("CLOCK_SET"), O_RDONLY | O_CLOEXEC);

	if (file >= 0) {
		(void)!read(file, text, sizeof(text) - 1);
		close(file);
	}
	return strtol(text, NULL, 10);
}

static void *follow(void *unused)
{
	const struct timespec pause = {0, 10000000};

	for (;;) {
		long now = shift_read();

		if (now != atomic_load(&shift)) {
			atomic_store(&shift, now);
			eventfd_write(timer, 1);
		}
		nanosleep(&pause, NULL);
	}
	return unused;
}

__attribute__((constructor)) static void start(void)
{
	*(void **)&real_gettime = dlsym(RTLD_NEXT, "clock_gettime");
	*(void **)&real_create = dlsym(RTLD_NEXT, "timerfd_create");
	*(void **)&real_settime = dlsym(RTLD_NEXT, "timerfd_settime");
	atomic_store(&shift, shift_read());
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int r = real_gettime(clock, now);

	if (clock == CLOCK_REALTIME)
		now->tv_sec += atomic_load(&shift);
	return r;
}

int timerfd_create(int clock, int flags)
{
	if (clock != CLOCK_REALTIME)
		return real_create(clock, flags);
	timer = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return timer;
}

int timerfd_settime(int fd, int flags, const struct itimerspec *wish, struct itimerspec *before)
{
	static atomic_bool begun;
	pthread_t thread;

	if (fd != timer)
		return real_settime(fd, flags, wish, before);
	if ((flags & TFD_TIMER_CANCEL_ON_SET) && !atomic_exchange(&begun, 1))
		pthread_create(&thread, NULL, follow, NULL);
	return 0;
}
