/* SPDX-License-Identifier: Apache-2.0 */
#include "program/keyring.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "core/repeat.h"
#include "edge/clock.h"
#include "edge/credentials-chain.h"
#include "edge/journal.h"

/* Who waits for news of a keyring without holding a thread. */
struct waiter {
	struct waiter *next;
	void (*wake)(void *context);
	void *context;
};

struct keyring {
	struct keyring *next;		      /* in the list; older */
	struct credentials_provider provider; /* asked for keys */
	struct credentials_provider door;     /* given to clients */
	struct credentials_setting setting;   /* of keyring_for: owns its texts */
	char *name;			      /* owned */

	pthread_mutex_t mutex; /* guards what follows */
	pthread_cond_t news;
	bool refreshing; /* somebody is at it */
	bool have;	 /* there are keys, valid or not */
	bool refused;	 /* by the service: others are needed */
	bool same;	 /* the last try brought those that there were */
	struct credentials credentials;
	struct keyring_times times;
	int64_t retry_at;	/* on clock_elapsed: nobody tries again before */
	struct error error;	/* why the last try failed; code 0 if it did not */
	struct repeat failures; /* tries in a row */
	bool warned;		/* one of them was told */
	bool pressed;		/* one of them was when the keys were about to end */
	uint64_t stamp;		/* of the source, as it was before the last try */
	int64_t stamp_at;	/* on clock_elapsed: looked at again from then on */
	struct waiter *waiters; /* owned */
};

struct keyring_times keyring_times(int64_t expires, int64_t now, int64_t elapsed)
{
	int64_t left = expires > now ? expires - now : 0;
	int64_t advisory = left / 2 < KEYRING_ADVISORY ? left / 2 : KEYRING_ADVISORY;
	int64_t mandatory = left / 3 < KEYRING_MANDATORY ? left / 3 : KEYRING_MANDATORY;

	if (expires == 0)
		return (struct keyring_times){INT64_MAX, INT64_MAX, INT64_MAX};
	return (struct keyring_times){
		elapsed + left - advisory, elapsed + left - mandatory, elapsed + left};
}

/* ---- refreshing: with the mutex held, which is let go while the source is asked ---- */

static uint64_t stamp_of(const struct keyring *keyring)
{
	const struct credentials_provider *provider = &keyring->provider;

	return provider->stamp ? provider->stamp(provider->context) : 0;
}

/* The end of such a series. */
static void forget_failures(struct keyring *keyring)
{
	const struct journal_field field = {"ACCOUNT", *keyring->name ? keyring->name : NULL};

	if (keyring->warned)
		journal_event(EVENT_CREDENTIALS_RENEWED, JOURNAL_OWN, &field, 1,
			"account '%s': there are new keys, after %" PRIu32 " tries that failed",
			keyring->name, keyring->failures.count);
	keyring->failures = (struct repeat){0};
	keyring->warned = keyring->pressed = false;
}

/* Where they come from, never what they are. */
static void tell_fresh(const struct keyring *keyring, const struct credentials *fresh)
{
	const char *role = keyring->setting.role_arn;
	char at[INSTANT_SIZE];

	journal_send(LOG_DEBUG, NULL, 0, "account '%s': keys of %s%s%s, %s%s", keyring->name,
		role ? role : "", role ? " by those of " : "",
		fresh->source ? fresh->source : "a source without a name",
		fresh->expires ? "until " : "without an end",
		fresh->expires ? instant_format(fresh->expires, at) : "");
}

static void take_fresh(struct keyring *keyring, struct credentials *fresh)
{
	int64_t elapsed = clock_elapsed();

	tell_fresh(keyring, fresh);
	keyring->same = keyring->have && credentials_equal(fresh, &keyring->credentials);
	credentials_done(&keyring->credentials);
	keyring->credentials = *fresh;
	keyring->times = keyring_times(fresh->expires, clock_now(), elapsed);
	keyring->have = true;
	keyring->refused = false; /* the same once more: what was refused may be taken now */
	keyring->error.code = 0;
	forget_failures(keyring);
	/* what is old already when it comes is used all the same: the service judges */
	keyring->retry_at =
		keyring->same || keyring->times.mandatory <= elapsed ? elapsed + KEYRING_RETRY : 0;
}

static bool usable(const struct keyring *keyring)
{
	return keyring->have && !keyring->refused;
}

/* Of a series of tries that failed the first is told, and the first when it is pressing; the others
 * are counted, and told ever less often. */
static void take_failure(struct keyring *keyring, const struct error *error, int code)
{
	const struct journal_field field = {"ACCOUNT", *keyring->name ? keyring->name : NULL};
	int64_t elapsed = clock_elapsed();
	bool due = repeat_count(&keyring->failures, elapsed);
	bool pressing = elapsed >= keyring->times.mandatory && !keyring->pressed;

	keyring->error = *error;
	keyring->error.code = code;
	keyring->retry_at = elapsed + KEYRING_RETRY;
	keyring->pressed = keyring->pressed || pressing;
	if (!usable(keyring) || elapsed >= keyring->times.end || !(due || pressing))
		return;
	keyring->warned = true;
	journal_event(EVENT_CREDENTIALS_OLD, JOURNAL_OWN, &field, 1,
		"account '%s': new keys could not be got, those that there are serve on: %s",
		keyring->name, error->message);
}

/* Without the mutex each, as lanes hold theirs when they ask. Who comes back meanwhile is woken by
 * the next refresh. */
static void wake_waiters(struct keyring *keyring)
{
	struct waiter *waiters = keyring->waiters, *next;

	keyring->waiters = NULL;
	pthread_mutex_unlock(&keyring->mutex);
	for (; waiters; waiters = next) {
		next = waiters->next;
		waiters->wake(waiters->context);
		free(waiters);
	}
	pthread_mutex_lock(&keyring->mutex);
}

static void refresh(struct keyring *keyring)
{
	struct credentials fresh = {0};
	struct error error = {0};
	int r;

	keyring->refreshing = true;
	keyring->stamp = stamp_of(keyring);
	pthread_mutex_unlock(&keyring->mutex);
	r = keyring->provider.load(keyring->provider.context, &fresh, &error);
	pthread_mutex_lock(&keyring->mutex);
	if (r == 0)
		take_fresh(keyring, &fresh);
	else
		take_failure(keyring, &error, r);
	keyring->refreshing = false;
	pthread_cond_broadcast(&keyring->news);
	wake_waiters(keyring);
}

static void *refresh_beside(void *argument)
{
	struct keyring *keyring = argument;

	pthread_mutex_lock(&keyring->mutex);
	refresh(keyring);
	pthread_mutex_unlock(&keyring->mutex);
	return NULL;
}

/* Without a thread it is done when it must be, by who asks. */
static void start_refresh(struct keyring *keyring)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, KEYRING_STACK);
	keyring->refreshing = true;
	if (pthread_create(&thread, &attributes, refresh_beside, keyring) != 0)
		keyring->refreshing = false;
	pthread_attr_destroy(&attributes);
}

/* Whether the source says something else than when it was last asked; looked at now and then. */
static bool source_changed(struct keyring *keyring, int64_t elapsed)
{
	if (elapsed < keyring->stamp_at)
		return false;
	keyring->stamp_at = elapsed + KEYRING_RETRY;
	return stamp_of(keyring) != keyring->stamp;
}

/* Starts a refresh beside the work where keys are due but still serve. */
static void look_ahead(struct keyring *keyring, int64_t elapsed)
{
	bool due = elapsed >= keyring->times.advisory && elapsed >= keyring->retry_at;

	if (usable(keyring) && elapsed < keyring->times.end && !keyring->refreshing &&
		(due || source_changed(keyring, elapsed)))
		start_refresh(keyring);
}

/* Whether there are keys to give: valid ones, or those that were as old when they came. */
static bool gives(const struct keyring *keyring, int64_t elapsed)
{
	return usable(keyring) &&
	       (elapsed < keyring->times.end ||
		       (elapsed < keyring->retry_at && keyring->error.code == 0));
}

/* Waits until there is something to give, or a reason why not. */
static int provide(
	struct keyring *keyring, struct credentials *ret_credentials, struct error *error)
{
	for (;;) {
		int64_t elapsed = clock_elapsed();

		look_ahead(keyring, elapsed);
		if (gives(keyring, elapsed))
			return credentials_copy(&keyring->credentials, ret_credentials) < 0
				       ? error_set(error, ERROR_MEMORY, "out of memory")
				       : 0;
		if (keyring->refreshing) {
			pthread_cond_wait(&keyring->news, &keyring->mutex);
		} else if (elapsed >= keyring->retry_at) {
			refresh(keyring);
		} else {
			if (error)
				*error = keyring->error;
			return keyring->error.code < 0 ? keyring->error.code : -ERROR_INTERNAL;
		}
	}
}

/* Without memory nobody waits: who works asks then. */
static bool add_waiter(struct keyring *keyring, void (*wake)(void *context), void *context)
{
	struct waiter *waiter = malloc(sizeof(*waiter));

	if (!waiter)
		return false;
	*waiter = (struct waiter){keyring->waiters, wake, context};
	keyring->waiters = waiter;
	return true;
}

bool keyring_ready(struct keyring *keyring, void (*wake)(void *context), void *context)
{
	int64_t elapsed = clock_elapsed();
	bool waits;

	pthread_mutex_lock(&keyring->mutex);
	look_ahead(keyring, elapsed);
	waits = !gives(keyring, elapsed);
	if (waits && !keyring->refreshing && elapsed >= keyring->retry_at)
		start_refresh(keyring);
	/* if nobody is at it the reason is given at once, or got by who asks */
	waits = waits && keyring->refreshing && add_waiter(keyring, wake, context);
	pthread_mutex_unlock(&keyring->mutex);
	return !waits;
}

bool keyring_busy(struct keyring *keyring)
{
	bool busy;

	pthread_mutex_lock(&keyring->mutex);
	busy = keyring->refreshing;
	pthread_mutex_unlock(&keyring->mutex);
	return busy;
}

static int keyring_load(void *context, struct credentials *ret_credentials, struct error *error)
{
	struct keyring *keyring = context;
	int r;

	pthread_mutex_lock(&keyring->mutex);
	r = provide(keyring, ret_credentials, error);
	pthread_mutex_unlock(&keyring->mutex);
	return r;
}

/* Only what is held can be refused: another worker may have refreshed meanwhile. */
static void keyring_refused(void *context, const struct credentials *credentials)
{
	struct keyring *keyring = context;

	pthread_mutex_lock(&keyring->mutex);
	if (keyring->have && !keyring->refused &&
		(!keyring->same || clock_elapsed() >= keyring->retry_at) &&
		credentials_equal(credentials, &keyring->credentials)) {
		keyring->refused = true;
		keyring->retry_at = 0;
	}
	pthread_mutex_unlock(&keyring->mutex);
}

void keyring_retry(struct keyring *list)
{
	for (struct keyring *keyring = list; keyring; keyring = keyring->next) {
		pthread_mutex_lock(&keyring->mutex);
		keyring->retry_at = keyring->stamp_at = 0;
		pthread_mutex_unlock(&keyring->mutex);
	}
}

const struct credentials_provider *keyring_provider(struct keyring *keyring)
{
	return &keyring->door;
}

struct keyring *keyring_new(const struct credentials_provider *provider, const char *name)
{
	struct keyring *keyring = calloc(1, sizeof(*keyring));

	if (!keyring)
		return NULL;
	keyring->name = strdup(name);
	if (!keyring->name) {
		free(keyring);
		return NULL;
	}
	keyring->provider = *provider;
	keyring->door = (struct credentials_provider){
		.load = keyring_load, .refused = keyring_refused, .context = keyring};
	pthread_mutex_init(&keyring->mutex, NULL);
	pthread_cond_init(&keyring->news, NULL);
	return keyring;
}

/* ---- of an account ---- */

static bool text_equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Whether the account says the same as the one that the keyring was made for. */
static bool fits(const struct keyring *keyring, const struct account *account)
{
	const struct credentials_setting *setting = &keyring->setting;

	return strcmp(keyring->name, account->name) == 0 &&
	       text_equal(setting->profile, account->profile) &&
	       text_equal(setting->role_arn, account->role_arn) &&
	       text_equal(setting->external_id, account->external_id) &&
	       text_equal(setting->session_name, account->session_name) &&
	       text_equal(setting->account_id, account->account_id) &&
	       text_equal(setting->sts_endpoint, account->sts_endpoint) &&
	       setting->duration == account->duration;
}

/* Copies a text that may be NULL. */
static bool take_text(const char *text, const char **ret_copy)
{
	*ret_copy = text ? strdup(text) : NULL;
	return !text || *ret_copy;
}

struct keyring *keyring_of(struct keyring **list, const struct account *account, const char *region,
	const atomic_bool *stop)
{
	struct keyring *keyring = *list;
	struct credentials_setting *setting;

	while (keyring && !fits(keyring, account))
		keyring = keyring->next;
	if (keyring)
		return keyring;
	keyring = keyring_new(&(struct credentials_provider){.load = credentials_chain_load,
				      .stamp = credentials_chain_stamp},
		account->name);
	if (!keyring)
		return NULL;
	keyring->next = *list;
	setting = &keyring->setting;
	setting->duration = account->duration;
	setting->stop = stop;
	keyring->provider.context = setting;
	/* without memory what was copied so far is lost: the fleet is not taken then */
	if (!take_text(account->profile, &setting->profile) ||
		!take_text(account->role_arn, &setting->role_arn) ||
		!take_text(account->external_id, &setting->external_id) ||
		!take_text(account->session_name, &setting->session_name) ||
		!take_text(account->account_id, &setting->account_id) ||
		!take_text(account->sts_endpoint, &setting->sts_endpoint) ||
		!take_text(region, &setting->region))
		return NULL;
	*list = keyring;
	return keyring;
}
