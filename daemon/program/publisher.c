/* SPDX-License-Identifier: Apache-2.0 */
#include "program/publisher.h"

#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "edge/clock.h"
#include "edge/environment.h"
#include "edge/journal.h"
#include "edge/json.h"
#include "edge/replace.h"
#include "program/lane.h"
#include "program/metrics.h"
#include "program/overview.h"

#define MS_PER_S  1000
#define NS_PER_MS 1000000
#define NS_PER_S  1000000000
/* Accounts times Regions of the largest fleet; far more than there are lanes. */
#define PASSES_MAX 100000

struct publisher {
	struct ledger *ledger; /* borrowed */
	char *status_file;     /* owned; NULL: none */
	char told[2]
		 [ERROR_MESSAGE_SIZE]; /* what went wrong last, of each file; "" if nothing did */

	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t wake;
	char *metrics_file; /* owned; NULL: none */
	bool changed, ending, ended;
	struct metrics_counts counts;
	struct metrics_pass *passes; /* owned */
	size_t passes_count, passes_capacity;
};

/* ---- writing ---- */

/* What goes wrong is told when it begins, and its end too. */
static void tell(char told[static ERROR_MESSAGE_SIZE], const char *path, const struct error *error)
{
	if (error->code != 0 && strcmp(told, error->message) != 0)
		journal_event(EVENT_PUBLISH_FAILED, JOURNAL_OWN, NULL, 0,
			"%s; what is in it is old", error->message);
	else if (error->code == 0 && told[0] != '\0')
		journal_event(EVENT_PUBLISHED, JOURNAL_OWN, NULL, 0, "%s: is written again", path);
	memcpy(told, error->message, ERROR_MESSAGE_SIZE);
	if (error->code == 0)
		told[0] = '\0';
}

/* One round: what is read once goes into both. */
struct round {
	struct replacement *status; /* NULL: no such file */
	struct metrics *metrics;    /* NULL: none */
	size_t directories;
};

static void take_status(struct round *round, const char *text)
{
	json_t *value = NULL;

	if (round->status) {
		if (round->directories > 0)
			replacement_put_text(round->status, OVERVIEW_SEPARATOR);
		replacement_put_text(round->status, text);
	}
	round->directories++;
	if (round->metrics && json_parse(text, strlen(text), &value, NULL) == 0)
		metrics_add_status(round->metrics, value);
	json_decref(value);
}

/* All directories, a page at a time. */
static int take_statuses(struct publisher *publisher, struct round *round, struct error *error)
{
	struct ledger_statuses page = {0}, next = {0};
	struct ledger_key after = overview_key;
	int r;

	while ((r = ledger_status_page(publisher->ledger, &after, PUBLISHER_PAGE, &next, error)) ==
		0) {
		ledger_statuses_done(&page);
		page = next;
		next = (struct ledger_statuses){0};
		if (page.count == 0)
			break;
		for (size_t i = 0; i < page.count; i++)
			take_status(round, page.statuses[i].text);
		after = page.statuses[page.count - 1].key;
	}
	ledger_statuses_done(&page);
	return r;
}

static struct overview overview_of(struct publisher *publisher)
{
	struct overview overview;
	struct error ignored;
	char *saved = NULL;

	(void)ledger_status_find(publisher->ledger, &overview_key, &saved, &ignored);
	overview = overview_read(saved, clock_now());
	free(saved);
	return overview;
}

static void put_head(struct replacement *status, const struct overview *overview)
{
	struct buffer head;

	buffer_init(&head, OVERVIEW_HEAD_MAX);
	overview_begin(overview, &head);
	replacement_put_text(status, buffer_text(&head));
	buffer_done(&head);
}

/* Opens, if the file is wanted and can be written. */
static struct replacement *begin(const char *path, struct error *error)
{
	struct replacement *replacement = NULL;

	if (path)
		(void)replacement_new(path, PUBLISHER_MODE, &replacement, error);
	return replacement;
}

static void write_metrics(struct metrics *metrics, const char *path, struct error *error)
{
	CLEANUP(replacement_free_ptr) struct replacement *file = begin(path, error);
	struct buffer text;
	int r = 0;

	for (enum metric metric = 0; file && r == 0 && metric < METRICS; metric++) {
		buffer_init(&text, 2 * METRICS_FAMILY_MAX);
		r = metrics_text(metrics, metric, &text);
		replacement_put(file, buffer_text(&text), text.length);
		buffer_done(&text);
	}
	if (r < 0)
		error_set(error, (enum error_code) - r, "%s: %s", path, error_str(r));
	else if (file)
		(void)replacement_commit(file, error);
}

static void write_both(
	struct publisher *publisher, struct metrics *metrics, const char *metrics_file)
{
	struct error errors[2] = {{0}}, failure = {0};
	CLEANUP(replacement_free_ptr)
	struct replacement *status = begin(publisher->status_file, &errors[0]);
	struct round round = {.status = status, .metrics = metrics_file ? metrics : NULL};
	const struct overview overview = overview_of(publisher);

	if (status)
		put_head(status, &overview);
	metrics_add_overview(metrics, &overview);
	if (take_statuses(publisher, &round, &failure) < 0) {
		errors[0] = errors[1] = failure;
	} else {
		if (status) {
			replacement_put_text(status, OVERVIEW_END);
			(void)replacement_commit(status, &errors[0]);
		}
		if (metrics_file)
			write_metrics(metrics, metrics_file, &errors[1]);
	}
	if (publisher->status_file)
		tell(publisher->told[0], publisher->status_file, &errors[0]);
	if (metrics_file)
		tell(publisher->told[1], metrics_file, &errors[1]);
}

/* ---- the thread ---- */

/* What the others count, into the metrics; called with the mutex held. */
static char *take_counts(struct publisher *publisher, struct metrics *metrics)
{
	metrics_add_counts(metrics, &publisher->counts);
	for (size_t i = 0; i < publisher->passes_count; i++)
		metrics_add_pass(metrics, &publisher->passes[i]);
	return publisher->metrics_file ? strdup(publisher->metrics_file) : NULL;
}

static struct timespec after_ms(int64_t milliseconds)
{
	struct timespec at = clock_monotonic_after(milliseconds / MS_PER_S);

	at.tv_nsec += milliseconds % MS_PER_S * NS_PER_MS;
	if (at.tv_nsec >= NS_PER_S) {
		at.tv_sec++;
		at.tv_nsec -= NS_PER_S;
	}
	return at;
}

/* Waits with the mutex held: for a change, and then until files may be written again. */
static void wait_for_change(struct publisher *publisher, const struct timespec *earliest)
{
	while (!publisher->ending && !publisher->changed)
		pthread_cond_wait(&publisher->wake, &publisher->mutex);
	while (!publisher->ending &&
		pthread_cond_timedwait(&publisher->wake, &publisher->mutex, earliest) == 0)
		;
}

static void *publish(void *argument)
{
	struct publisher *publisher = argument;
	struct timespec earliest = {0};

	pthread_mutex_lock(&publisher->mutex);
	for (;;) {
		struct metrics metrics;
		int64_t began, rest_ms;
		char *metrics_file;

		wait_for_change(publisher, &earliest);
		if (!publisher->changed)
			break;
		publisher->changed = false;
		metrics_init(&metrics);
		metrics_file = take_counts(publisher, &metrics);
		pthread_mutex_unlock(&publisher->mutex);
		began = clock_monotonic_ms();
		write_both(publisher, &metrics, metrics_file);
		metrics_done(&metrics);
		free(metrics_file);
		(void)malloc_trim(0);
		rest_ms = (clock_monotonic_ms() - began) * PUBLISHER_REST;
		if (rest_ms < PUBLISHER_GAP_MS)
			rest_ms = PUBLISHER_GAP_MS;
		earliest = after_ms(rest_ms);
		pthread_mutex_lock(&publisher->mutex);
	}
	publisher->ended = true;
	pthread_cond_broadcast(&publisher->wake);
	pthread_mutex_unlock(&publisher->mutex);
	return NULL;
}

/* "/run/ldapsward/status.json" of the first directory that systemd has made; NULL: none. */
static char *status_file(void)
{
	const char *directory = environment_text("RUNTIME_DIRECTORY");
	char *path = NULL;

	if (!directory || asprintf(&path, "%.*s/" PUBLISHER_STATUS_FILE,
				  (int)strcspn(directory, ":"), directory) < 0)
		return NULL;
	return path;
}

int publisher_new(struct ledger *ledger, struct publisher **ret_publisher, struct error *error)
{
	struct publisher *publisher = calloc(1, sizeof(*publisher));
	pthread_condattr_t monotonic;
	pthread_attr_t attributes;
	pthread_t thread;
	bool started;

	if (!publisher)
		return error_set(error, ERROR_MEMORY, "out of memory");
	publisher->ledger = ledger;
	publisher->status_file = status_file();
	pthread_mutex_init(&publisher->mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&publisher->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, LANE_STACK);
	started = pthread_create(&thread, &attributes, publish, publisher) == 0;
	pthread_attr_destroy(&attributes);
	if (!started) {
		free(publisher->status_file);
		free(publisher);
		return error_set(error, ERROR_INTERNAL, "no thread could be started");
	}
	*ret_publisher = publisher;
	return 0;
}

/* ---- what others tell ---- */

static void change(struct publisher *publisher)
{
	publisher->changed = true;
	pthread_cond_broadcast(&publisher->wake);
}

void publisher_changed(struct publisher *publisher)
{
	if (!publisher)
		return;
	pthread_mutex_lock(&publisher->mutex);
	change(publisher);
	pthread_mutex_unlock(&publisher->mutex);
}

void publisher_metrics_file(struct publisher *publisher, const char *path)
{
	char *copy = path ? strdup(path) : NULL;

	if (publisher) {
		char *old;

		pthread_mutex_lock(&publisher->mutex);
		old = publisher->metrics_file;
		publisher->metrics_file = copy;
		copy = old;
		change(publisher);
		pthread_mutex_unlock(&publisher->mutex);
	}
	free(copy);
}

void publisher_stepped(struct publisher *publisher, enum step_kind kind, bool failed)
{
	if (!publisher)
		return;
	pthread_mutex_lock(&publisher->mutex);
	publisher->counts.steps[kind][failed]++;
	change(publisher);
	pthread_mutex_unlock(&publisher->mutex);
}

void publisher_unrecorded(struct publisher *publisher)
{
	if (!publisher)
		return;
	pthread_mutex_lock(&publisher->mutex);
	publisher->counts.unrecorded++;
	change(publisher);
	pthread_mutex_unlock(&publisher->mutex);
}

/* NULL without memory, or beyond the limit. Called with the mutex held. */
static struct metrics_pass *pass_of(
	struct publisher *publisher, const char *account, const char *region)
{
	struct metrics_pass pass = {0};

	for (size_t i = 0; i < publisher->passes_count; i++)
		if (strcmp(publisher->passes[i].account, account) == 0 &&
			strcmp(publisher->passes[i].region, region) == 0)
			return &publisher->passes[i];
	if (array_reserve(&publisher->passes, &publisher->passes_capacity, publisher->passes_count,
		    sizeof(pass), PASSES_MAX) < 0)
		return NULL;
	pass.account = strdup(account);
	pass.region = strdup(region);
	if (!pass.account || !pass.region) {
		free(pass.account);
		free(pass.region);
		return NULL;
	}
	publisher->passes[publisher->passes_count] = pass;
	return &publisher->passes[publisher->passes_count++];
}

void publisher_passed(
	struct publisher *publisher, const char *account, const char *region, int64_t seconds)
{
	struct metrics_pass *pass;

	if (!publisher)
		return;
	pthread_mutex_lock(&publisher->mutex);
	pass = pass_of(publisher, account, region);
	if (pass) {
		pass->passes++;
		pass->seconds = seconds;
	}
	change(publisher);
	pthread_mutex_unlock(&publisher->mutex);
}

void publisher_end(struct publisher *publisher)
{
	const struct timespec until = after_ms(PUBLISHER_END_MS);

	if (!publisher)
		return;
	pthread_mutex_lock(&publisher->mutex);
	publisher->ending = true;
	pthread_cond_broadcast(&publisher->wake);
	while (!publisher->ended &&
		pthread_cond_timedwait(&publisher->wake, &publisher->mutex, &until) == 0)
		;
	pthread_mutex_unlock(&publisher->mutex);
}
