/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the writers of base/completion share; nobody else includes this. */

#include <stdbool.h>

#include "base/completion.h"

/* How an option's argument, or a command's operand, is completed. */
struct completion_value completion_value_of(
	const struct completion *completion, const char *argument, const char *const *words);

/* Whether command `index` takes the option; `commands_count`: whether the program does alone. */
bool completion_takes(const struct completion_option *option, size_t index);

/* The name of a shell function: "ldapsward_emulator", then `suffix`. */
void completion_function(
	const struct completion *completion, const char *suffix, struct buffer *buffer);

/* Appends the first sentence of a help without its full stop, a backslash before each character of
 * `escaped`. */
void completion_sentence(const char *help, const char *escaped, struct buffer *buffer);

void completion_write_bash(const struct completion *completion, struct buffer *buffer);
void completion_write_fish(const struct completion *completion, struct buffer *buffer);
void completion_write_zsh(const struct completion *completion, struct buffer *buffer);
