/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the service manager is told, and the one door to sd_notify(3). Without NOTIFY_SOCKET, and
 * when nobody listens, each does nothing. The watchdog is sd-event's.
 */

#include <stdint.h>

/* `systemctl status` shows one line; longer ones are cut with "...". Bytes, the NUL included. */
#define NOTIFY_STATUS_SIZE 256

/* The start, or a reload, is complete. `status` is shown beside it; NULL: it stays as it was. */
void notify_ready(const char *status);

/* A reload begins; notify_ready must follow, whatever becomes of it. */
void notify_reloading(void);

/* What is being done, as one line for people; control characters are shown as "?". */
void notify_status(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The end begins, and takes at most so long: the service manager is to wait for it. */
void notify_stopping(int64_t milliseconds);
