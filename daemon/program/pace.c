/* SPDX-License-Identifier: Apache-2.0 */
#include "program/pace.h"

/* Requests are counted over this long. Milliseconds. */
#define PACE_WINDOW_MS 1000

static unsigned pace_taken(const struct pace *pace)
{
	return pace->asked > pace->refused ? pace->asked - pace->refused : 0;
}

static void pace_window(struct pace *pace, int64_t now_ms)
{
	int64_t age = now_ms - pace->window_ms;

	if (age < PACE_WINDOW_MS)
		return;
	pace->before = age < 2 * PACE_WINDOW_MS ? pace_taken(pace) : 0;
	pace->asked = pace->refused = 0;
	pace->window_ms = now_ms;
}

static double pace_rate(const struct pace *pace, int64_t now_ms)
{
	double since = (double)(now_ms - pace->throttled_ms);

	if (since < PACE_RECOVER_MS)
		return pace->ceiling *
		       (PACE_BACK_OFF + (1 - PACE_BACK_OFF) * since / PACE_RECOVER_MS);
	return pace->ceiling * (1 + PACE_PROBE * (since - PACE_RECOVER_MS) / 1000);
}

int64_t pace_take(struct pace *pace, int64_t now_ms)
{
	int64_t leave;

	pace_window(pace, now_ms);
	pace->asked++;
	if (pace->ceiling <= 0)
		return 0;
	leave = pace->next_ms > now_ms ? pace->next_ms : now_ms;
	pace->next_ms = leave + (int64_t)(1000 / pace_rate(pace, now_ms));
	return leave - now_ms;
}

void pace_throttled(struct pace *pace, int64_t now_ms)
{
	double taken, rate = pace->ceiling;

	pace_window(pace, now_ms);
	pace->refused++;
	taken = pace_taken(pace) > pace->before ? pace_taken(pace) : pace->before;
	if (pace->ceiling <= 0 || now_ms - pace->throttled_ms >= PACE_SETTLE_MS) {
		rate = pace->ceiling > 0 ? pace_rate(pace, now_ms) : taken;
		pace->throttled_ms = now_ms;
	}
	/* each further one of the same event tells better how much was taken */
	if (taken < rate)
		rate = taken;
	pace->ceiling = rate > PACE_CEILING_MIN ? rate : PACE_CEILING_MIN;
}
