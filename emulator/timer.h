/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Things that wait for their time: one thread calls back for each when it has come. */

#include <stdint.h>

/* Things that wait at one time: as many as there are connections. */
#define TIMER_ITEMS_MAX 8192

struct timer;

/* Starts the thread; `expire` is called in it, without any lock held. 0 or -ERROR_MEMORY. */
int timer_start(void (*expire)(void *item), struct timer **ret_timer);
/* Calls back for `item` in `milliseconds`; at once if there are too many or the timer has stopped.
 */
void timer_add(struct timer *timer, int64_t milliseconds, void *item);
/* Calls back for everything that waits and ends the thread; what is added later is called back at
 * once. */
void timer_stop(struct timer *timer);
/* After timer_stop, when nothing adds any more. */
void timer_free(struct timer *timer);
