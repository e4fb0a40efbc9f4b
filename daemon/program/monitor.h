/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * `status --monitor`: one line and an exit status for Nagios, Icinga and the like
 * (https://nagios-plugins.org/doc/guidelines.html), with performance data.
 */
/* clang-format off */
/*
 *   OK        0   no directory has a warning or an error; one that changes or waits is no reason
 *   WARNING   1   one has a warning, or it is not known whether it is ready; or the file on the disk
 *                 was refused
 *   CRITICAL  2   one has an error, or the last pass of the daemon is too long ago
 *   UNKNOWN   3   nothing is known, or it cannot be read
 */
/* clang-format on */

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "edge/json.h"
#include "program/overview.h"

enum monitor_state {
	MONITOR_OK,
	MONITOR_WARNING,
	MONITOR_CRITICAL,
	MONITOR_UNKNOWN,
};

/* Bytes of the line that name the worst directory; a longer name is cut. */
#define MONITOR_WORST_SIZE 512
/* The whole line: that, and numbers. Bytes. */
#define MONITOR_LINE_MAX 2048

/* What the line is made of. All-zero is: no directory yet. */
struct monitor {
	size_t directories, ready; /* that are in the file */
	size_t errors, warnings;   /* directories that have one; those with an error count once */
	int64_t end; /* of the Registered certificate for LDAPS that ends first; 0: none */
	enum monitor_state state;
	char worst[MONITOR_WORST_SIZE]; /* the first directory of that state, and why; "" for OK */
};

/* Takes one status (program/report). One that has left the file does not count. */
void monitor_add(struct monitor *monitor, const json_t *status);

/* The line, with its newline, and the state in *ret_state. 0 or a buffer's error. */
int monitor_text(const struct monitor *monitor, const struct overview *overview,
	struct buffer *buffer, enum monitor_state *ret_state);

/* The line where nothing can be read, for `reason`. */
int monitor_text_unknown(const char *reason, struct buffer *buffer);
