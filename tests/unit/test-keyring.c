/* SPDX-License-Identifier: Apache-2.0 */
/* One set of keys for all workers of an account: got once, ahead of their end. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/array.h"
#include "edge/clock.h"
#include "program/keyring.h"

/* Nothing here takes longer on a slow machine. Milliseconds. */
#define PATIENCE_MS INT64_C(30000)

static char clock_path[] = "/tmp/ldapsward-keyring-XXXXXX";
static int64_t shift;

/* Moves the wall clock and the elapsed time of this process. */
static void move(int64_t seconds)
{
	FILE *file = fopen(clock_path, "w");

	assert_non_null(file);
	shift += seconds;
	fprintf(file, "%lld\n", (long long)shift);
	fclose(file);
}

/* A source of keys that is told what to do. */
struct source {
	atomic_int loads;
	atomic_int number;   /* of the keys that it gives */
	atomic_int lifetime; /* of them; 0: static */
	atomic_bool broken;  /* it fails */
	atomic_bool held;    /* it does not return */
	atomic_int stamp;    /* of its files */
	atomic_int woken;    /* how often who waits for it was */
	struct credentials_provider provider;
	struct keyring *keyring;
};

/* A keyring is never freed, nor is what it asks: here they can be found by who looks for leaks. */
static struct source *sources[16];
static size_t sources_count;

static int source_load(void *context, struct credentials *ret_credentials, struct error *error)
{
	struct source *source = context;
	int lifetime = atomic_load(&source->lifetime);
	char text[32];

	atomic_fetch_add(&source->loads, 1);
	while (atomic_load(&source->held))
		clock_sleep_ms(1);
	if (atomic_load(&source->broken))
		return error_set(error, ERROR_SERVICE, "the source is broken");
	snprintf(text, sizeof(text), "KEY%d", atomic_load(&source->number));
	*ret_credentials = (struct credentials){0};
	assert_int_equal(credentials_set_key_id(ret_credentials, text, "", error), 0);
	assert_int_equal(credentials_set_secret(&ret_credentials->secret, text, "", error), 0);
	ret_credentials->expires = lifetime ? clock_now() + lifetime : 0;
	return 0;
}

static uint64_t source_stamp(void *context)
{
	struct source *source = context;

	return (uint64_t)atomic_load(&source->stamp);
}

static void source_wake(void *context)
{
	struct source *source = context;

	atomic_fetch_add(&source->woken, 1);
}

static struct source *source_new(int lifetime)
{
	struct source *source = calloc(1, sizeof(*source));

	assert_non_null(source);
	assert_true(sources_count < ARRAY_LENGTH(sources));
	sources[sources_count++] = source;
	source->lifetime = lifetime;
	source->provider = (struct credentials_provider){
		.load = source_load, .stamp = source_stamp, .context = source};
	source->keyring = keyring_new(&source->provider, "test");
	assert_non_null(source->keyring);
	return source;
}

static int take(struct source *source, char ret_id[static 32], struct error *error)
{
	const struct credentials_provider *door = keyring_provider(source->keyring);
	struct credentials credentials = {0};
	int r = door->load(door->context, &credentials, error);

	snprintf(ret_id, 32, "%.31s", credentials.access_key_id);
	credentials_done(&credentials);
	return r;
}

/* Whoever may be asking the source meanwhile. */
static void assert_serves(struct source *source, const char *id)
{
	struct error error = {0};
	char found[32];

	assert_int_equal(take(source, found, &error), 0);
	assert_string_equal(found, id);
}

static void assert_gives(struct source *source, const char *id, int loads)
{
	assert_serves(source, id);
	assert_int_equal(atomic_load(&source->loads), loads);
}

static void await_loads(struct source *source, int loads)
{
	int64_t end = clock_monotonic_ms() + PATIENCE_MS;

	while (atomic_load(&source->loads) < loads && clock_monotonic_ms() < end)
		clock_sleep_ms(1);
	assert_int_equal(atomic_load(&source->loads), loads);
}

/* Until a refresh beside the work has ended. */
static void await_end(struct source *source)
{
	int64_t end = clock_monotonic_ms() + PATIENCE_MS;

	while (keyring_busy(source->keyring) && clock_monotonic_ms() < end)
		clock_sleep_ms(1);
	assert_false(keyring_busy(source->keyring));
}

/* Until a refresh beside the work has handed in what it got. */
static void await_gives(struct source *source, const char *id)
{
	int64_t end = clock_monotonic_ms() + PATIENCE_MS;
	struct error error = {0};
	char found[32];

	do {
		clock_sleep_ms(1);
		assert_int_equal(take(source, found, &error), 0);
	} while (strcmp(found, id) != 0 && clock_monotonic_ms() < end);
	assert_string_equal(found, id);
}

static void knows_its_times(void **state)
{
	static const struct {
		const char *why;
		int64_t left, advisory, mandatory, end;
	} cases[] = {
		{"an hour: as the AWS SDKs", 3600, 2700, 3000, 3600},
		{"half an hour: just so", 1800, 900, 1200, 1800},
		{"a quarter of an hour: by parts", 900, 450, 600, 900},
		{"seconds", 6, 3, 4, 6},
		{"one second", 1, 1, 1, 1},
		{"over already", -5, 0, 0, 0},
	};
	struct keyring_times never = keyring_times(0, 1000, 50);

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct keyring_times times = keyring_times(1000 + cases[i].left, 1000, 50);

		if (times.advisory != 50 + cases[i].advisory ||
			times.mandatory != 50 + cases[i].mandatory ||
			times.end != 50 + cases[i].end)
			fail_msg("%s: %lld %lld %lld", cases[i].why, (long long)times.advisory,
				(long long)times.mandatory, (long long)times.end);
	}
	assert_true(never.advisory == INT64_MAX && never.mandatory == INT64_MAX);
}

static void asks_once_for_static_keys(void **state)
{
	struct source *source = source_new(0);

	(void)state;
	assert_gives(source, "KEY0", 1);
	source->number = 1;
	move(365 * 86400);
	assert_gives(source, "KEY0", 1);
}

static void refreshes_beside_the_work(void **state)
{
	struct source *source = source_new(3600);

	(void)state;
	assert_gives(source, "KEY0", 1);
	source->number = 1;
	move(2690);
	assert_gives(source, "KEY0", 1);
	source->held = true;
	move(20);
	assert_serves(source, "KEY0");
	await_loads(source, 2);
	/* others are served while it is asked, even where it must be asked */
	move(400);
	assert_gives(source, "KEY0", 2);
	source->held = false;
	await_gives(source, "KEY1");
	assert_int_equal(source->loads, 2);
}

static void refreshes_before_the_work_where_nothing_is_valid(void **state)
{
	struct source *source = source_new(3600);

	(void)state;
	assert_gives(source, "KEY0", 1);
	source->number = 1;
	move(3610);
	assert_gives(source, "KEY1", 2);
}

static void keeps_what_is_valid(void **state)
{
	struct source *source = source_new(3600);
	struct error error = {0};
	char id[32];

	(void)state;
	assert_gives(source, "KEY0", 1);
	source->broken = true;
	for (int loads = 2; loads < 4; loads++) { /* the first early, the second when it presses */
		move(loads == 2 ? 2710 : 300);
		assert_serves(source, "KEY0");
		await_loads(source, loads);
		await_end(source);
		assert_gives(source, "KEY0", loads); /* and asks not again at once */
	}
	move(600);
	assert_int_equal(take(source, id, &error), -ERROR_SERVICE);
	assert_string_equal(error.message, "the source is broken");
	assert_int_equal(source->loads, 4);
	assert_int_equal(take(source, id, &error), -ERROR_SERVICE);
	assert_int_equal(source->loads, 4);
	source->broken = false;
	source->number = 1;
	keyring_retry(source->keyring);
	assert_gives(source, "KEY1", 5);
}

static void looks_anew_where_files_have_changed(void **state)
{
	struct source *source = source_new(0);

	(void)state;
	assert_gives(source, "KEY0", 1);
	source->number = 1;
	move(KEYRING_RETRY + 1);
	assert_gives(source, "KEY0", 1);
	source->stamp = 1;
	assert_gives(source, "KEY0", 1); /* it has just looked */
	keyring_retry(source->keyring);
	await_gives(source, "KEY1");
	assert_int_equal(source->loads, 2);
	source->stamp = 2;
	source->broken = true; /* half written: what there was serves on */
	move(KEYRING_RETRY + 1);
	assert_serves(source, "KEY1");
	await_loads(source, 3);
	await_end(source);
	assert_gives(source, "KEY1", 3);
}

static bool ready(struct source *source)
{
	return keyring_ready(source->keyring, source_wake, source);
}

static void await_woken(struct source *source, int times)
{
	int64_t end = clock_monotonic_ms() + PATIENCE_MS;

	while (atomic_load(&source->woken) < times && clock_monotonic_ms() < end)
		clock_sleep_ms(1);
	assert_int_equal(atomic_load(&source->woken), times);
}

static void lets_wait_without_a_thread(void **state)
{
	struct source *source = source_new(3600);

	(void)state;
	source->held = true;
	assert_false(ready(source));
	assert_false(ready(source));
	await_loads(source, 1);
	assert_int_equal(source->woken, 0);
	source->held = false;
	await_woken(source, 2);
	assert_true(ready(source));
	assert_gives(source, "KEY0", 1);
	/* while keys serve nobody waits for others */
	source->held = true;
	move(3500);
	assert_true(ready(source));
	await_loads(source, 2);
	move(200);
	assert_false(ready(source));
	source->held = false;
	await_woken(source, 3);
	/* a reason is given at once, and then looked for again */
	move(3700);
	source->broken = true;
	assert_false(ready(source));
	await_woken(source, 4);
	assert_true(ready(source));
	assert_int_equal(source->loads, 3);
	move(KEYRING_RETRY + 1);
	assert_false(ready(source));
	await_woken(source, 5);
	assert_int_equal(source->loads, 4);
}

static void refreshes_once_what_is_refused(void **state)
{
	struct source *source = source_new(3600);
	const struct credentials_provider *door = keyring_provider(source->keyring);
	struct credentials old = {0};
	struct error error = {0};

	(void)state;
	assert_int_equal(door->load(door->context, &old, &error), 0);
	source->number = 1;
	door->refused(door->context, &old);
	assert_gives(source, "KEY1", 2);
	door->refused(door->context, &old); /* of another worker that had them too */
	assert_gives(source, "KEY1", 2);
	credentials_done(&old);
	assert_int_equal(door->load(door->context, &old, &error), 0);
	door->refused(door->context, &old);
	assert_gives(source, "KEY1", 3); /* the same once more: there are no others */
	door->refused(door->context, &old);
	assert_gives(source, "KEY1", 3);
	move(KEYRING_RETRY + 1);
	door->refused(door->context, &old);
	assert_gives(source, "KEY1", 4);
	credentials_done(&old);
}

static void gives_what_comes_old(void **state)
{
	struct source *source = source_new(-100);
	const struct credentials_provider *door = keyring_provider(source->keyring);
	struct credentials old = {0};
	struct error error = {0};

	(void)state;
	assert_gives(source, "KEY0", 1);
	assert_gives(source, "KEY0", 1);
	move(KEYRING_RETRY + 1);
	assert_gives(source, "KEY0", 2);
	/* others that come old, as over a suspension, and are refused: asked for at once */
	source->number = 1;
	move(KEYRING_RETRY + 1);
	assert_gives(source, "KEY1", 3);
	assert_int_equal(door->load(door->context, &old, &error), 0);
	source->number = 2;
	source->lifetime = 3600;
	door->refused(door->context, &old);
	assert_gives(source, "KEY2", 4);
	credentials_done(&old);
}

static void *worker(void *context)
{
	struct error error = {0};
	char id[32];

	assert_int_equal(take(context, id, &error), 0);
	return NULL;
}

static void asks_once_for_many(void **state)
{
	struct source *source = source_new(3600);
	pthread_t threads[8];

	(void)state;
	source->held = true;
	for (size_t i = 0; i < ARRAY_LENGTH(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, worker, source), 0);
	await_loads(source, 1);
	source->held = false;
	for (size_t i = 0; i < ARRAY_LENGTH(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(source->loads, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_its_times),
		cmocka_unit_test(asks_once_for_static_keys),
		cmocka_unit_test(refreshes_beside_the_work),
		cmocka_unit_test(refreshes_before_the_work_where_nothing_is_valid),
		cmocka_unit_test(keeps_what_is_valid),
		cmocka_unit_test(refreshes_once_what_is_refused),
		cmocka_unit_test(gives_what_comes_old),
		cmocka_unit_test(asks_once_for_many),
		cmocka_unit_test(looks_anew_where_files_have_changed),
		cmocka_unit_test(lets_wait_without_a_thread),
	};
	int descriptor = mkstemp(clock_path), failed;

	if (descriptor < 0)
		return EXIT_FAILURE;
	close(descriptor);
	setenv(CLOCK_DEMO_VARIABLE, clock_path, 1);
	failed = cmocka_run_group_tests_name("keyring", tests, NULL, NULL);
	unlink(clock_path);
	return failed;
}
