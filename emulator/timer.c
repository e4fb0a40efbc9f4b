/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/timer.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "base/array.h"
#include "edge/clock.h"

/* A binary heap: children of i are 2i+1 and 2i+2, the earliest is first. */
struct waiting {
	int64_t due_ms;
	void *item;
};

struct timer {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	void (*expire)(void *item);
	struct waiting *heap;
	size_t count, capacity;
	bool stopping;
};

static void swap(struct waiting *a, struct waiting *b)
{
	struct waiting kept = *a;

	*a = *b;
	*b = kept;
}

static void heap_push(struct timer *timer, struct waiting waiting)
{
	size_t at = timer->count++;

	timer->heap[at] = waiting;
	for (; at > 0 && timer->heap[(at - 1) / 2].due_ms > timer->heap[at].due_ms;
		at = (at - 1) / 2)
		swap(&timer->heap[at], &timer->heap[(at - 1) / 2]);
}

static void *heap_pop(struct timer *timer)
{
	void *item = timer->heap[0].item;
	size_t at = 0;

	timer->heap[0] = timer->heap[--timer->count];
	for (;;) {
		size_t least = at;

		for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++)
			if (child < timer->count &&
				timer->heap[child].due_ms < timer->heap[least].due_ms)
				least = child;
		if (least == at)
			return item;
		swap(&timer->heap[at], &timer->heap[least]);
		at = least;
	}
}

/* Waits for the next due time or a change; the lock is held. */
static void wait_for_next(struct timer *timer)
{
	struct timespec until;

	if (timer->count == 0) {
		pthread_cond_wait(&timer->changed, &timer->lock);
		return;
	}
	until.tv_sec = (time_t)(timer->heap[0].due_ms / 1000);
	until.tv_nsec = (long)(timer->heap[0].due_ms % 1000) * 1000000;
	pthread_cond_timedwait(&timer->changed, &timer->lock, &until);
}

static void *run(void *data)
{
	struct timer *timer = data;

	pthread_mutex_lock(&timer->lock);
	while (!timer->stopping || timer->count > 0) {
		while (timer->count > 0 &&
			(timer->stopping || timer->heap[0].due_ms <= clock_monotonic_ms())) {
			void *item = heap_pop(timer);

			pthread_mutex_unlock(&timer->lock);
			timer->expire(item);
			pthread_mutex_lock(&timer->lock);
		}
		if (!timer->stopping)
			wait_for_next(timer);
	}
	pthread_mutex_unlock(&timer->lock);
	return NULL;
}

int timer_start(void (*expire)(void *item), struct timer **ret_timer)
{
	struct timer *timer = calloc(1, sizeof(*timer));
	pthread_condattr_t attributes;

	if (!timer)
		return -ERROR_MEMORY;
	timer->expire = expire;
	pthread_mutex_init(&timer->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&timer->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	if (pthread_create(&timer->thread, NULL, run, timer) != 0) {
		free(timer);
		return -ERROR_MEMORY;
	}
	*ret_timer = timer;
	return 0;
}

void timer_add(struct timer *timer, int64_t milliseconds, void *item)
{
	bool added;

	pthread_mutex_lock(&timer->lock);
	added = !timer->stopping && array_reserve(&timer->heap, &timer->capacity, timer->count,
					    sizeof(timer->heap[0]), TIMER_ITEMS_MAX) == 0;
	if (added)
		heap_push(timer, (struct waiting){clock_monotonic_ms() + milliseconds, item});
	pthread_cond_signal(&timer->changed);
	pthread_mutex_unlock(&timer->lock);
	if (!added)
		timer->expire(item);
}

void timer_stop(struct timer *timer)
{
	pthread_mutex_lock(&timer->lock);
	timer->stopping = true;
	pthread_cond_signal(&timer->changed);
	pthread_mutex_unlock(&timer->lock);
	pthread_join(timer->thread, NULL);
}

void timer_free(struct timer *timer)
{
	pthread_cond_destroy(&timer->changed);
	pthread_mutex_destroy(&timer->lock);
	free(timer->heap);
	free(timer);
}
