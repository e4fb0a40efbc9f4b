/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/credentials-process.h"

#include "edge/credentials-json.h"
#include "edge/process.h"

static const struct credentials_members members = {
	"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", false};

static int read_output(
	const struct buffer *output, struct credentials *ret_credentials, struct error *error)
{
	CLEANUP(json_free_ptr) json_t *value = NULL;
	int r = json_parse(buffer_text(output), output->length, &value, error);

	if (r < 0)
		return error_prefix(error, "what it printed (not shown)");
	if (json_integer_value(json_object_get(value, "Version")) != 1)
		return error_set(
			error, ERROR_INVALID, "what it printed (not shown) has no \"Version\": 1");
	return credentials_from_json(
		value, &members, "what it printed (not shown)", ret_credentials, error);
}

/* The end of standard error is a line break more often than not. */
static const char *errors_of(struct process_result *result)
{
	char *text = result->errors.data;
	size_t length = result->errors.length;

	while (length > 0 && (text[length - 1] == '?' || text[length - 1] == ' '))
		text[--length] = '\0';
	return length > 0 ? text : "it wrote nothing to standard error";
}

int credentials_process(const char *command, int64_t timeout_ms, const atomic_bool *stop,
	struct credentials *ret_credentials, struct error *error)
{
	struct process_words words = {0};
	struct process_result result;
	int r = process_split(command, &words, error);

	if (r < 0)
		return error_prefix(error, "credential_process");
	r = process_run(
		&words, timeout_ms > 0 ? timeout_ms : CREDENTIALS_PROCESS_MS, stop, &result, error);
	if (r == 0 && result.status != 0)
		r = error_set(error, ERROR_DENIED, "exit status %d: %s", result.status,
			errors_of(&result));
	else if (r == 0)
		r = read_output(&result.output, ret_credentials, error);
	process_result_done(&result);
	if (r < 0)
		error_prefix(error, "credential_process %s", words.words[0]);
	process_words_done(&words);
	return r;
}
