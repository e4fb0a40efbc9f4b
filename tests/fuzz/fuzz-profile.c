/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a shared configuration file: profiles within their limits, or a reason. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "edge/process.h"
#include "edge/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_as(enum profile_file file, const uint8_t *data, size_t size)
{
	struct profiles *profiles = profiles_new();
	struct error error = {0};
	const char *command;
	int r = profiles_parse(profiles, file, "fuzz", (const char *)data, size, &error);

	assert(r == 0 || (error.message[0] && strncmp(error.message, "fuzz:", 5) == 0));
	command = profiles_text(profiles, PROFILE_PROFILE, "default", "credential_process");
	if (command) {
		struct process_words words = {0};

		assert(profiles_have(profiles, PROFILE_PROFILE, "default"));
		r = process_split(command, &words, &error);
		assert(r < 0 || (words.count > 0 && words.count <= PROCESS_WORDS_MAX));
		process_words_done(&words);
	}
	profiles_free(profiles);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	read_as(PROFILE_CONFIG, data, size);
	read_as(PROFILE_CREDENTIALS, data, size);
	return 0;
}
