/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/completion.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "core/model.h"
#include "emulator/settings.h"

/* "point=answer". Bytes. */
#define ANSWER_SIZE 64

/* The words that the model has for its refusals and its open points; ends each with NULL. */
struct model_words {
	const char *refusals[MODEL_GUARDS + 2];
	const char *answers[MODEL_POINTS * MODEL_ANSWERS_MAX + 1];
	char text[MODEL_POINTS * MODEL_ANSWERS_MAX][ANSWER_SIZE];
};

static void fill_words(struct model_words *words)
{
	size_t count = 0;

	for (int guard = 0; guard < MODEL_GUARDS; guard++)
		words->refusals[guard] = model_guard_str((enum model_guard)guard);
	words->refusals[MODEL_GUARDS] = "all";
	for (int point = 0; point < MODEL_POINTS; point++) {
		const char *answer;

		for (unsigned i = 0; (answer = model_answer_str((enum model_point)point, i)); i++) {
			snprintf(words->text[count], ANSWER_SIZE, "%s=%s",
				model_point_str((enum model_point)point), answer);
			words->answers[count] = words->text[count];
			count++;
		}
	}
}

static const char *const shells[COMPLETION_SHELLS + 1] = {"bash", "zsh", "fish"};

int emulator_completion(const struct completion_option *options, size_t count,
	enum completion_shell shell, struct buffer *buffer)
{
	CLEANUP(free_ptr) struct model_words *words = calloc(1, sizeof(*words));
	CLEANUP(free_ptr)
	struct completion_option *all = calloc(count + settings_count, sizeof(*all));
	const struct completion_value values[] = {
		{"DIRECTORY", COMPLETION_FOLDER, NULL, NULL},
		{"FILE", COMPLETION_FILE, NULL, NULL},
		{"NAME", COMPLETION_WORDS, words ? words->refusals : NULL, NULL},
		{"NAME=ANSWER", COMPLETION_WORDS, words ? words->answers : NULL, NULL},
		{"SHELL", COMPLETION_WORDS, shells, NULL},
	};

	if (!words || !all)
		return -ERROR_MEMORY;
	fill_words(words);
	for (size_t i = 0; i < count; i++)
		all[i] = options[i];
	for (size_t i = 0; i < settings_count; i++)
		all[count + i] = (struct completion_option){
			.name = settings_table[i].word,
			.argument = settings_table[i].argument,
			.help = settings_table[i].help,
			.words = settings_table[i].words,
		};
	for (size_t i = 0; i < count + settings_count; i++)
		all[i].commands = 1; /* there are no commands */
	return completion_write(&(struct completion){.program = "ldapsward-emulator",
					.options = all,
					.options_count = count + settings_count,
					.values = values,
					.values_count = ARRAY_LENGTH(values)},
		shell, buffer);
}
