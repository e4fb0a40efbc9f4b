/* SPDX-License-Identifier: Apache-2.0 */
#include "program/clerk.h"

#include <stddef.h>

#include "program/lane.h"

void clerk_init(struct clerk *clerk, struct finished *finished)
{
	*clerk = (struct clerk){.finished = finished};
	clerk->last = &clerk->first;
	pthread_mutex_init(&clerk->mutex, NULL);
}

/* Takes what waits, up to a batch. Without anything the worker is done: called with the mutex held.
 */
static size_t clerk_take(struct clerk *clerk, struct job *jobs[static JOBS_SAVE_MAX])
{
	size_t count = 0;

	while (clerk->first && count < JOBS_SAVE_MAX) {
		jobs[count++] = clerk->first;
		clerk->first = clerk->first->next;
	}
	if (!clerk->first)
		clerk->last = &clerk->first;
	return count;
}

static void *clerk_work(void *argument)
{
	struct clerk *clerk = argument;
	struct job *jobs[JOBS_SAVE_MAX];
	size_t count;

	pthread_mutex_lock(&clerk->mutex);
	while ((count = clerk_take(clerk, jobs)) > 0) {
		pthread_mutex_unlock(&clerk->mutex);
		jobs_save(jobs, count);
		for (size_t i = 0; i < count; i++)
			finished_put(clerk->finished, jobs[i]);
		pthread_mutex_lock(&clerk->mutex);
	}
	clerk->working = false;
	pthread_mutex_unlock(&clerk->mutex);
	return NULL;
}

static bool clerk_start(struct clerk *clerk)
{
	pthread_attr_t attributes;
	pthread_t thread;
	bool started;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, LANE_STACK);
	started = pthread_create(&thread, &attributes, clerk_work, clerk) == 0;
	pthread_attr_destroy(&attributes);
	return started;
}

void clerk_submit(struct clerk *clerk, struct job *job)
{
	pthread_mutex_lock(&clerk->mutex);
	if (!clerk->working && !clerk_start(clerk)) {
		job->result = error_set(&job->error, ERROR_BUSY, "no thread could be started");
		finished_put(clerk->finished, job);
	} else {
		clerk->working = true;
		job->next = NULL;
		*clerk->last = job;
		clerk->last = &job->next;
	}
	pthread_mutex_unlock(&clerk->mutex);
}
