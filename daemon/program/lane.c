/* SPDX-License-Identifier: Apache-2.0 */
#include "program/lane.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/array.h"
#include "edge/clock.h"
#include "edge/journal.h"

/* Waits of a worker are cut into slices, so that the end of the program is noticed. Milliseconds.
 */
#define LANE_SLICE_MS 100

int finished_init(struct finished *finished, struct error *error)
{
	*finished = (struct finished){.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
	if (finished->event < 0)
		return error_set(error, ERROR_INTERNAL, "eventfd: %s", strerror(errno));
	finished->last = &finished->first;
	pthread_mutex_init(&finished->mutex, NULL);
	return 0;
}

struct job *finished_take(struct finished *finished)
{
	struct job *jobs;
	eventfd_t count;

	(void)eventfd_read(finished->event, &count);
	pthread_mutex_lock(&finished->mutex);
	jobs = finished->first;
	finished->first = NULL;
	finished->last = &finished->first;
	pthread_mutex_unlock(&finished->mutex);
	return jobs;
}

void finished_put(struct finished *finished, struct job *job)
{
	bool wake;

	job->next = NULL;
	pthread_mutex_lock(&finished->mutex);
	wake = finished->first == NULL;
	*finished->last = job;
	finished->last = &job->next;
	pthread_mutex_unlock(&finished->mutex);
	if (wake)
		(void)eventfd_write(finished->event, 1);
}

static int lane_wait(void *context, int64_t milliseconds)
{
	struct lane *lane = context;
	int64_t end = clock_monotonic_ms() + milliseconds, left;

	while ((left = end - clock_monotonic_ms()) > 0) {
		if (atomic_load(lane->stop))
			return -ERROR_STOPPED;
		clock_sleep_ms(left < LANE_SLICE_MS ? left : LANE_SLICE_MS);
	}
	return 0;
}

static int lane_pace(void *context)
{
	struct lane *lane = context;
	unsigned ticket = 0;

	for (;;) {
		int64_t wait_ms;
		int r;

		pthread_mutex_lock(&lane->mutex);
		wait_ms = pace_ask(&lane->pace, clock_monotonic_ms(), &ticket);
		pthread_mutex_unlock(&lane->mutex);
		if (wait_ms == 0)
			return 0;
		r = lane_wait(lane, wait_ms);
		if (r < 0)
			return r;
	}
}

static void lane_replied(void *context, bool throttled)
{
	struct lane *lane = context;

	pthread_mutex_lock(&lane->mutex);
	pace_replied(&lane->pace, clock_monotonic_ms(), throttled);
	pthread_mutex_unlock(&lane->mutex);
}

static int lane_keys(void *context, struct credentials *ret_credentials, struct error *error)
{
	struct lane *lane = context;
	const struct credentials_provider *provider = keyring_provider(atomic_load(&lane->keyring));

	return provider->load(provider->context, ret_credentials, error);
}

static void lane_keys_refused(void *context, const struct credentials *credentials)
{
	struct lane *lane = context;
	const struct credentials_provider *provider = keyring_provider(atomic_load(&lane->keyring));

	provider->refused(provider->context, credentials);
}

/* A worker's client for where the lane asks now; the one it had goes if that has changed. */
static struct service *lane_client(struct lane *lane, struct service *had, unsigned *moves)
{
	struct endpoint endpoint;
	unsigned now;

	pthread_mutex_lock(&lane->mutex);
	now = lane->moves;
	endpoint = lane->endpoint;
	pthread_mutex_unlock(&lane->mutex);
	if (had && now == *moves)
		return had;
	service_free(had);
	*moves = now;
	return service_new(&(struct service_options){.endpoint = &endpoint,
		.provider = &lane->provider,
		.share = lane->share,
		.retry = &lane->retry,
		.stop = lane->stop,
		.hooks = {.context = lane,
			.pace = lane_pace,
			.replied = lane_replied,
			.wait = lane_wait}});
}

/* How many may run at once now: one at a time while connections fail. */
static unsigned lane_width(const struct lane *lane)
{
	return lane->failures >= LANE_FAILURES_MAX ? 1 : lane->concurrency;
}

static void lane_start_worker(struct lane *lane);

/* No thread to be had: what is queued fails rather than wait for ever. */
static void lane_fail(struct lane *lane)
{
	struct job *job;

	while ((job = lane->first) != NULL) {
		lane->first = job->next;
		job->result = error_set(&job->error, ERROR_BUSY, "no thread could be started");
		finished_put(lane->finished, job);
	}
	lane->last = &lane->first;
	lane->queued = 0;
}

/* There is news of the keys: as many workers as have something to do. */
static void lane_wake(void *context)
{
	struct lane *lane = context;
	unsigned before;

	pthread_mutex_lock(&lane->mutex);
	lane->awaited = NULL;
	do {
		before = lane->threads;
		if (lane->threads - lane->running < lane->queued &&
			lane->threads < lane_width(lane))
			lane_start_worker(lane);
	} while (lane->threads > before);
	if (lane->threads == 0)
		lane_fail(lane);
	pthread_cond_broadcast(&lane->work);
	pthread_mutex_unlock(&lane->mutex);
}

/* Whether a worker gets keys, or a reason why not, without waiting. Called with the mutex held. */
static bool lane_keyed(struct lane *lane)
{
	struct keyring *keyring = atomic_load(&lane->keyring);

	if (lane->awaited != keyring)
		lane->awaited = keyring_ready(keyring, lane_wake, lane) ? NULL : keyring;
	return !lane->awaited;
}

static bool lane_ready(struct lane *lane)
{
	return lane->first && lane->running < lane_width(lane) && lane_keyed(lane);
}

/* The next job, waiting for one; NULL when this worker should leave. Called with the mutex held. */
static struct job *lane_next(struct lane *lane)
{
	struct timespec until = clock_monotonic_after(LANE_IDLE_S);
	struct job *job;

	lane->idle++;
	while (!lane_ready(lane))
		if (pthread_cond_timedwait(&lane->work, &lane->mutex, &until) == ETIMEDOUT)
			break;
	lane->idle--;
	if (!lane_ready(lane))
		return NULL;
	job = lane->first;
	lane->first = job->next;
	if (!lane->first)
		lane->last = &lane->first;
	lane->queued--;
	lane->running++;
	return job;
}

/*
 * A reply of whatever kind shows that the connection works. Called with the mutex held. Who notes
 * takes the next job itself; others are woken only if more than one may run now.
 */
static void lane_note(struct lane *lane, const struct job *job)
{
	unsigned before = lane_width(lane);

	lane->running--;
	if (job->reply.status != 0)
		lane->failures = 0;
	else if (job->result == -ERROR_NETWORK || job->result == -ERROR_TIMEOUT)
		lane->failures++;
	if (lane_width(lane) > before)
		pthread_cond_broadcast(&lane->work);
}

/* A connection is some 80 KB, which would be kept until the next pass. */
static void lane_left(struct lane *lane)
{
	bool last;

	pthread_mutex_lock(&lane->mutex);
	last = --lane->clients == 0;
	pthread_mutex_unlock(&lane->mutex);
	if (last)
		(void)malloc_trim(0);
}

/* It counts as idle meanwhile: the first job is for it. Called with the mutex held. */
static struct service *lane_connect(struct lane *lane, unsigned *ret_moves)
{
	struct service *service;

	lane->opening = false;
	pthread_mutex_unlock(&lane->mutex);
	service = lane_client(lane, NULL, ret_moves);
	if (service)
		service_open(service);
	pthread_mutex_lock(&lane->mutex);
	lane->idle--;
	return service;
}

static void *lane_work(void *argument)
{
	struct lane *lane = argument;
	struct service *service = NULL;
	struct job *job;
	unsigned moves = 0;

	pthread_mutex_lock(&lane->mutex);
	if (lane->opening)
		service = lane_connect(lane, &moves);
	while ((job = lane_next(lane)) != NULL) {
		pthread_mutex_unlock(&lane->mutex);
		service = lane_client(lane, service, &moves);
		if (service)
			job_run(job, service);
		else
			job->result = error_set(&job->error, ERROR_MEMORY, "out of memory");
		pthread_mutex_lock(&lane->mutex);
		lane_note(lane, job);
		pthread_mutex_unlock(&lane->mutex);
		finished_put(lane->finished, job);
		pthread_mutex_lock(&lane->mutex);
	}
	lane->threads--;
	pthread_mutex_unlock(&lane->mutex);
	service_free(service);
	lane_left(lane);
	return NULL;
}

/* Monotonic waits, so that a step of the wall clock keeps no worker. */
static void lane_init_condition(struct lane *lane)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&lane->work, &attributes);
	pthread_condattr_destroy(&attributes);
	pthread_mutex_init(&lane->mutex, NULL);
}

/* Where a lane on the terms of `account` asks. */
static int lane_endpoint(const struct account *account, const char *region,
	struct endpoint *ret_endpoint, struct error *error)
{
	return endpoint_resolve(&(struct endpoint_wish){.service = ENDPOINT_DIRECTORY_SERVICE,
					.region = region,
					.url = account_endpoint(account, region),
					.profile = account->profile},
		ret_endpoint, error);
}

/* Where it asks, and who said so. */
static void lane_tell(const struct lane *lane, int priority)
{
	const struct endpoint *endpoint = &lane->endpoint;
	const struct journal_field fields[] = {
		{"ACCOUNT", *lane->account ? lane->account : NULL}, {"REGION", endpoint->region}};

	journal_event(EVENT_ENDPOINT_CHANGED, priority, fields, ARRAY_LENGTH(fields),
		"account '%s', %s: asked at %s%s%s%s%s%s", lane->account, endpoint->region,
		endpoint->url, endpoint->source[0] ? " (" : "", endpoint->source,
		endpoint->source[0] ? ")" : "", endpoint->bundle[0] ? ", verified by " : "",
		endpoint->bundle);
}

struct lane *lane_new(const char *name, const char *region, const struct account *account,
	struct keyring *keyring, struct finished *finished, const atomic_bool *stop,
	struct error *error)
{
	struct lane *lane = calloc(1, sizeof(*lane));
	unsigned attempts;

	if (!lane) {
		error_set(error, ERROR_MEMORY, "out of memory");
		return NULL;
	}
	lane->share = http_share_new();
	if (lane_endpoint(account, region, &lane->endpoint, error) < 0 ||
		retry_attempts(account->profile, &attempts, error) < 0) {
		http_share_free(lane->share);
		free(lane);
		return NULL;
	}
	lane->account = name;
	lane->keyring = keyring;
	lane->provider = (struct credentials_provider){
		.load = lane_keys, .refused = lane_keys_refused, .context = lane};
	lane->concurrency = account->concurrency;
	retry_init(&lane->retry);
	atomic_store(&lane->retry.attempts, attempts);
	lane->finished = finished;
	lane->stop = stop;
	lane->last = &lane->first;
	lane_init_condition(lane);
	lane_tell(lane, LOG_DEBUG);
	return lane;
}

/* Takes another endpoint, for which every worker makes a new client before its next job. */
static void lane_move(struct lane *lane, const struct account *account)
{
	const struct journal_field fields[] = {{"ACCOUNT", *lane->account ? lane->account : NULL},
		{"REGION", lane->endpoint.region}};
	struct error error = {0};
	struct endpoint endpoint;

	if (lane_endpoint(account, lane->endpoint.region, &endpoint, &error) < 0) {
		journal_event(EVENT_CONFIGURATION_MISTAKE, LOG_WARNING, fields,
			ARRAY_LENGTH(fields), "account '%s', %s: %s; asked at %s as before",
			lane->account, lane->endpoint.region, error.message, lane->endpoint.url);
		return;
	}
	if (endpoint_equal(&endpoint, &lane->endpoint))
		return;
	pthread_mutex_lock(&lane->mutex);
	lane->endpoint = endpoint;
	lane->moves++;
	pthread_mutex_unlock(&lane->mutex);
	lane_tell(lane, JOURNAL_OWN);
}

void lane_change(struct lane *lane, const struct account *account, struct keyring *keyring)
{
	const struct journal_field fields[] = {{"ACCOUNT", *lane->account ? lane->account : NULL},
		{"REGION", lane->endpoint.region}};
	struct error error = {0};
	unsigned attempts;

	lane_move(lane, account);
	if (retry_attempts(account->profile, &attempts, &error) == 0)
		atomic_store(&lane->retry.attempts, attempts);
	else
		journal_event(EVENT_CONFIGURATION_MISTAKE, LOG_WARNING, fields,
			ARRAY_LENGTH(fields), "account '%s', %s: %s; %u as before", lane->account,
			lane->endpoint.region, error.message, atomic_load(&lane->retry.attempts));
	atomic_store(&lane->keyring, keyring);
	pthread_mutex_lock(&lane->mutex);
	lane->concurrency = account->concurrency;
	pthread_cond_broadcast(&lane->work);
	pthread_mutex_unlock(&lane->mutex);
}

static void lane_start_worker(struct lane *lane)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, LANE_STACK);
	if (pthread_create(&thread, &attributes, lane_work, lane) == 0) {
		lane->threads++;
		lane->clients++;
	}
	pthread_attr_destroy(&attributes);
}

void lane_open(struct lane *lane)
{
	pthread_mutex_lock(&lane->mutex);
	if (lane->threads == 0) {
		lane_start_worker(lane);
		lane->opening = lane->threads > 0;
		lane->idle += lane->threads;
	}
	pthread_mutex_unlock(&lane->mutex);
}

void lane_submit(struct lane *lane, struct job *job)
{
	pthread_mutex_lock(&lane->mutex);
	job->next = NULL;
	*lane->last = job;
	lane->last = &job->next;
	lane->queued++;
	if (lane_keyed(lane)) {
		if (lane->idle < lane->queued && lane->threads < lane_width(lane))
			lane_start_worker(lane);
		if (lane->threads == 0)
			lane_fail(lane);
		pthread_cond_signal(&lane->work);
	}
	pthread_mutex_unlock(&lane->mutex);
}

unsigned lane_load(struct lane *lane)
{
	unsigned load;

	pthread_mutex_lock(&lane->mutex);
	load = lane->queued + lane->running;
	pthread_mutex_unlock(&lane->mutex);
	return load;
}
