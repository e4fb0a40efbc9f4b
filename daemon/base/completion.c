/* SPDX-License-Identifier: Apache-2.0 */
#include "base/completion.h"

#include <string.h>

#include "base/completion-private.h"

/* clang-format off */
static const struct {
	const char *name;
	void (*write)(const struct completion *completion, struct buffer *buffer);
} shells[COMPLETION_SHELLS] = {
	[COMPLETION_BASH] = {"bash", completion_write_bash},
	[COMPLETION_ZSH] = {"zsh", completion_write_zsh},
	[COMPLETION_FISH] = {"fish", completion_write_fish},
};
/* clang-format on */

const char *completion_shell_str(enum completion_shell shell)
{
	return shells[shell].name;
}

enum completion_shell completion_shell_parse(const char *name)
{
	for (unsigned shell = 0; shell < COMPLETION_SHELLS; shell++)
		if (strcmp(shells[shell].name, name) == 0)
			return (enum completion_shell)shell;
	return COMPLETION_SHELLS;
}

int completion_write(
	const struct completion *completion, enum completion_shell shell, struct buffer *buffer)
{
	shells[shell].write(completion, buffer);
	return buffer_status(buffer);
}

struct completion_value completion_value_of(
	const struct completion *completion, const char *argument, const char *const *words)
{
	if (words)
		return (struct completion_value){
			.argument = argument, .kind = COMPLETION_WORDS, .words = words};
	for (size_t i = 0; i < completion->values_count; i++)
		if (strcmp(completion->values[i].argument, argument) == 0)
			return completion->values[i];
	return (struct completion_value){.argument = argument, .kind = COMPLETION_FREE};
}

bool completion_takes(const struct completion_option *option, size_t index)
{
	return option->commands & 1U << index;
}

void completion_function(
	const struct completion *completion, const char *suffix, struct buffer *buffer)
{
	for (const char *character = completion->program; *character; character++)
		buffer_append(buffer, *character == '-' ? "_" : character, 1);
	buffer_append_text(buffer, suffix);
}

void completion_sentence(const char *help, const char *escaped, struct buffer *buffer)
{
	const char *stop = strstr(help, ". ");
	size_t length = stop ? (size_t)(stop - help) : strlen(help);

	if (length > 0 && help[length - 1] == '.')
		length--;
	for (size_t i = 0; i < length; i++) {
		if (strchr(escaped, help[i]))
			buffer_append_text(buffer, "\\");
		buffer_append(buffer, help + i, 1);
	}
}
