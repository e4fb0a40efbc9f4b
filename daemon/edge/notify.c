/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/notify.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <systemd/sd-daemon.h>

#include "edge/clock.h"
#include "edge/journal.h"

/* From the end of the loop to the end of the process, on a busy machine. Milliseconds. */
#define NOTIFY_END_MS 5000

void notify_ready(const char *status)
{
	char clean[NOTIFY_STATUS_SIZE];

	if (status)
		sd_notifyf(0, "READY=1\nSTATUS=%s", journal_clean(status, clean, sizeof(clean)));
	else
		sd_notify(0, "READY=1");
}

void notify_reloading(void)
{
	/* The time is what systemd 253 and later asks for with Type=notify-reload. */
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_monotonic_ms() * 1000);
}

void notify_status(const char *format, ...)
{
	/* One more than is shown, so that journal_clean sees that it is cut. */
	char text[NOTIFY_STATUS_SIZE + 1], clean[NOTIFY_STATUS_SIZE];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (length >= 0)
		sd_notifyf(0, "STATUS=%s", journal_clean(text, clean, sizeof(clean)));
}

void notify_stopping(int64_t milliseconds)
{
	/* the process itself needs a moment after its last write */
	sd_notifyf(0, "STOPPING=1\nEXTEND_TIMEOUT_USEC=%lld",
		(long long)(milliseconds + NOTIFY_END_MS) * 1000);
}
