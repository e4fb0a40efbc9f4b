/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/retry.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "edge/clock.h"
#include "edge/environment.h"
#include "edge/profile.h"

#define KEY "max_attempts"
/* The first wait is a part of this, each further one of twice as much. Milliseconds. */
#define WAIT_MS INT64_C(1000)

void retry_init(struct retry *retry)
{
	atomic_init(&retry->attempts, RETRY_ATTEMPTS);
	atomic_init(&retry->quota, RETRY_QUOTA);
	atomic_init(&retry->correction, 0);
}

/* ---- attempts ---- */

static bool number_take(const char *text, unsigned *ret_number)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (end == text || *end || number < 1 || (errno && errno != ERANGE))
		return false;
	*ret_number = number < RETRY_ATTEMPTS_MAX ? (unsigned)number : RETRY_ATTEMPTS_MAX;
	return true;
}

static int profile_attempts(const char *profile, unsigned *ret_attempts, struct error *error)
{
	CLEANUP(profiles_free_ptr) struct profiles *profiles = NULL;
	char place[PROFILE_PLACE_SIZE];
	const char *text;

	if (!profile)
		profile = profile_chosen();
	if (!profile)
		profile = "default";
	if (profiles_load(&profiles, NULL) < 0)
		return 0;
	text = profiles_text(profiles, PROFILE_PROFILE, profile, KEY);
	if (!text || number_take(text, ret_attempts))
		return 0;
	return error_set(error, ERROR_INVALID,
		KEY " of profile %s (%s) is '%.32s'; it takes a number from 1 on", profile,
		profiles_place(profiles, PROFILE_PROFILE, profile, place), text);
}

int retry_attempts(const char *profile, unsigned *ret_attempts, struct error *error)
{
	const char *text = environment_text("AWS_MAX_ATTEMPTS");
	unsigned attempts = RETRY_ATTEMPTS;
	int r = 0;

	if (!text)
		r = profile_attempts(profile, &attempts, error);
	else if (!number_take(text, &attempts))
		r = error_set(error, ERROR_INVALID,
			"AWS_MAX_ATTEMPTS is '%.32s'; it takes a number from 1 on", text);
	if (r < 0)
		return r;
	*ret_attempts = attempts;
	return 0;
}

/* ---- quota ---- */

bool retry_take(struct retry *retry, bool timeout, int *ret_cost)
{
	int cost = timeout ? RETRY_TIMEOUT : RETRY_COST, left = atomic_load(&retry->quota);

	do {
		if (left < cost)
			return false;
	} while (!atomic_compare_exchange_weak(&retry->quota, &left, left - cost));
	*ret_cost = cost;
	return true;
}

void retry_return(struct retry *retry, int cost)
{
	int left = atomic_load(&retry->quota), more;

	do {
		more = left + (cost ? cost : RETRY_SUCCESS);
		if (more > RETRY_QUOTA)
			more = RETRY_QUOTA;
	} while (more != left && !atomic_compare_exchange_weak(&retry->quota, &left, more));
}

/* ---- the time that is signed ---- */

int64_t retry_date(const struct retry *retry)
{
	return clock_now() + atomic_load(&retry->correction);
}

bool retry_mistimed(struct retry *retry, int64_t signed_at, int64_t date, int64_t skew)
{
	if (date == 0 || llabs(date - signed_at) < RETRY_MISTIMED)
		return false;
	atomic_store(&retry->correction, skew);
	return true;
}

/* ---- waiting ---- */

int64_t retry_wait_ms(unsigned attempt, uint32_t random, int64_t asked_ms)
{
	int64_t top = WAIT_MS, wait;

	while (attempt-- > 0 && top < RETRY_WAIT_MAX_MS)
		top *= 2;
	if (top > RETRY_WAIT_MAX_MS)
		top = RETRY_WAIT_MAX_MS;
	wait = (int64_t)((double)random / (double)UINT32_MAX * (double)top);
	if (asked_ms > RETRY_WAIT_MAX_MS)
		asked_ms = RETRY_WAIT_MAX_MS;
	return asked_ms > wait ? asked_ms : wait;
}

int64_t retry_wait_random_ms(unsigned attempt, int64_t asked_ms)
{
	uint32_t random = UINT32_MAX / 2;

	(void)!getrandom(&random, sizeof(random), GRND_NONBLOCK);
	return retry_wait_ms(attempt, random, asked_ms);
}
