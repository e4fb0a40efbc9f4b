/* SPDX-License-Identifier: Apache-2.0 */
#include "program/pace.h"

/* Replies are counted over this long. Milliseconds. */
#define PACE_WINDOW_MS 1000

static double larger(double one, double other)
{
	return one > other ? one : other;
}

static void pace_window(struct pace *pace, int64_t now_ms)
{
	int64_t age = now_ms - pace->window_ms;
	bool next = age < 2 * PACE_WINDOW_MS;

	if (age < PACE_WINDOW_MS)
		return;
	pace->before = next ? pace->taken : 0;
	pace->taken = 0;
	pace->window_ms = next ? pace->window_ms + PACE_WINDOW_MS : now_ms;
}

/* Requests that were taken in the second before now. */
static double pace_taken(const struct pace *pace, int64_t now_ms)
{
	double age = (double)(now_ms - pace->window_ms) / PACE_WINDOW_MS;

	return pace->taken + pace->before * (1 - age);
}

static double pace_rate(const struct pace *pace, int64_t now_ms)
{
	double since = (double)(now_ms - pace->throttled_ms) / 1000, beyond = since - PACE_RECOVER;

	if (beyond < 0)
		return pace->ceiling * (1 + (1 - PACE_BACK_OFF) * beyond / PACE_RECOVER);
	return pace->ceiling * (1 + PACE_PROBE * beyond) +
	       PACE_PROBE_FAR * beyond * beyond * beyond;
}

int64_t pace_ask(struct pace *pace, int64_t now_ms, unsigned *ticket)
{
	double gap_ms, wait_ms;
	int ahead;

	if (pace->ceiling <= 0)
		return 0;
	if (*ticket == 0)
		*ticket = ++pace->asked != 0 ? pace->asked : ++pace->asked;
	ahead = (int)(*ticket - pace->left) - 1;
	gap_ms = 1000 / pace_rate(pace, now_ms);
	wait_ms = pace->next_ms - (double)now_ms + (ahead > 0 ? ahead : 0) * gap_ms;
	if (wait_ms > 0)
		return wait_ms < PACE_ASK_MS ? (int64_t)wait_ms + 1 : PACE_ASK_MS;
	pace->left++;
	/* who wakes up late costs nobody his turn, but nothing is saved up */
	pace->next_ms = larger(pace->next_ms, (double)now_ms - gap_ms) + gap_ms;
	return 0;
}

static void pace_throttled(struct pace *pace, int64_t now_ms)
{
	double rate = pace->ceiling, taken = pace_taken(pace, now_ms);

	if (pace->ceiling <= 0) {
		rate = larger(taken, PACE_FIRST);
		pace->least = PACE_FIRST;
		pace->throttled_ms = now_ms;
	} else if (now_ms - pace->throttled_ms >= PACE_SETTLE_MS) {
		rate = pace_rate(pace, now_ms);
		pace->least = larger(rate * PACE_LEAST, PACE_CEILING_MIN);
		pace->throttled_ms = now_ms;
	}
	/* each further one of the same event tells better how much was taken */
	if (taken < rate)
		rate = taken;
	pace->ceiling = larger(rate, pace->least);
	pace->next_ms = larger(pace->next_ms, (double)now_ms + 1000 / pace_rate(pace, now_ms));
}

void pace_replied(struct pace *pace, int64_t now_ms, bool throttled)
{
	pace_window(pace, now_ms);
	if (throttled)
		pace_throttled(pace, now_ms);
	else
		pace->taken++;
}
