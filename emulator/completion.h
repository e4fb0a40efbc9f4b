/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What completes the emulator's command line in a shell: its options, and its settings. */

#include <stddef.h>

#include "base/completion.h"

/* Appends the script for `count` options (`commands` is filled in here) and all settings. 0,
 * -ERROR_MEMORY or a buffer's error. */
int emulator_completion(const struct completion_option *options, size_t count,
	enum completion_shell shell, struct buffer *buffer);
