/* SPDX-License-Identifier: Apache-2.0 */
#include "core/vocabulary.h"

#include <string.h>

/* One table, one _str and one _parse for each enumeration. */
#define WORDS(noun, NOUN, TABLE, COUNT)                                                            \
	static const char *const noun##_words[COUNT] = {[NOUN##_UNKNOWN] = "Unknown", TABLE};      \
	const char *noun##_str(enum noun value)                                                    \
	{                                                                                          \
		return noun##_words[(unsigned)value < COUNT ? value : NOUN##_UNKNOWN];             \
	}                                                                                          \
	enum noun noun##_parse(const char *text)                                                   \
	{                                                                                          \
		return (enum noun)word_find(noun##_words, COUNT, text);                            \
	}

/* Index of `text` in `words`, 0 (UNKNOWN) if it is not there. */
static unsigned word_find(const char *const *words, unsigned count, const char *text)
{
	for (unsigned i = 1; text && i < count; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	return 0;
}

/* clang-format off */
#define X(name, text) [CERTIFICATE_TYPE_##name] = text,
WORDS(certificate_type, CERTIFICATE_TYPE, CERTIFICATE_TYPE_TABLE(X), CERTIFICATE_TYPES)
#undef X
#define X(name, text) [CERTIFICATE_STATE_##name] = text,
WORDS(certificate_state, CERTIFICATE_STATE, CERTIFICATE_STATE_TABLE(X), CERTIFICATE_STATES)
#undef X
#define X(name, text) [LDAPS_STATUS_##name] = text,
WORDS(ldaps_status, LDAPS_STATUS, LDAPS_STATUS_TABLE(X), LDAPS_STATUSES)
#undef X
#define X(name, text) [DIRECTORY_TYPE_##name] = text,
WORDS(directory_type, DIRECTORY_TYPE, DIRECTORY_TYPE_TABLE(X), DIRECTORY_TYPES)
#undef X
#define X(name, text) [DIRECTORY_STAGE_##name] = text,
WORDS(directory_stage, DIRECTORY_STAGE, DIRECTORY_STAGE_TABLE(X), DIRECTORY_STAGES)
#undef X
#define X(name, text) [OPERATION_##name] = text,
WORDS(operation, OPERATION, OPERATION_TABLE(X), OPERATIONS)
#undef X
/* clang-format on */

static const struct {
	const char *code;
	enum refusal_class class;
} refusals[REFUSALS] = {
	[REFUSAL_NONE] = {"None", REFUSAL_PERMANENT},
#define X(code, class) [REFUSAL_##code] = {#code, REFUSAL_##class},
	REFUSAL_TABLE(X)
#undef X
		[REFUSAL_OTHER] = {"Other", REFUSAL_PERMANENT},
};

const char *refusal_str(enum refusal refusal)
{
	return refusals[(unsigned)refusal < REFUSALS ? refusal : REFUSAL_OTHER].code;
}

enum refusal refusal_parse(const char *code)
{
	for (unsigned i = REFUSAL_NONE + 1; code && i < REFUSAL_OTHER; i++)
		if (strcmp(refusals[i].code, code) == 0)
			return (enum refusal)i;
	return REFUSAL_OTHER;
}

enum refusal_class refusal_class(enum refusal refusal)
{
	return refusals[(unsigned)refusal < REFUSALS ? refusal : REFUSAL_OTHER].class;
}

bool operation_writes(enum operation operation)
{
	switch (operation) {
	case OPERATION_REGISTER_CERTIFICATE:
	case OPERATION_DEREGISTER_CERTIFICATE:
	case OPERATION_ENABLE_LDAPS:
	case OPERATION_DISABLE_LDAPS:
	case OPERATION_CREATE_MICROSOFT_AD:
	case OPERATION_CONNECT_DIRECTORY:
	case OPERATION_DELETE_DIRECTORY:
		return true;
	default:
		return false;
	}
}

bool service_id_valid(const char *id, char kind)
{
	return id[0] == kind && id[1] == '-' && strspn(id + 2, "0123456789abcdef") == 10 &&
	       id[12] == '\0';
}
