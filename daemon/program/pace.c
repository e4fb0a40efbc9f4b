/* SPDX-License-Identifier: Apache-2.0 */
#include "program/pace.h"

/* A window is measured over this long at least. Milliseconds. */
#define PACE_WINDOW_MS 1000

static void pace_measure(struct pace *pace, int64_t now_ms)
{
	int64_t length = now_ms - pace->window_ms;

	if (length >= PACE_WINDOW_MS) {
		pace->measured = (double)pace->window * 1000.0 / (double)length;
		pace->window = 0;
		pace->window_ms = now_ms;
	}
	pace->window++;
}

static void pace_probe(struct pace *pace, int64_t now_ms)
{
	while (now_ms - pace->changed_ms >= 1000) {
		pace->rate *= 1 + PACE_PROBE;
		pace->changed_ms += 1000;
	}
}

int64_t pace_take(struct pace *pace, int64_t now_ms)
{
	int64_t leave;

	pace_measure(pace, now_ms);
	if (pace->rate <= 0)
		return 0;
	pace_probe(pace, now_ms);
	leave = pace->next_ms > now_ms ? pace->next_ms : now_ms;
	pace->next_ms = leave + (int64_t)(1000.0 / pace->rate);
	return leave - now_ms;
}

void pace_throttled(struct pace *pace, int64_t now_ms)
{
	double measured = pace->measured > 0 ? pace->measured : (double)pace->window;

	if (pace->rate > 0 && now_ms - pace->changed_ms < PACE_SETTLE_MS)
		return;
	pace->rate = (pace->rate > 0 ? pace->rate : measured) * PACE_BACK_OFF;
	if (pace->rate < PACE_RATE_MIN)
		pace->rate = PACE_RATE_MIN;
	pace->changed_ms = now_ms;
}
