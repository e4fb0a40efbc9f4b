/* SPDX-License-Identifier: Apache-2.0 */
#include "core/reason.h"

#include <string.h>

static const struct {
	const char *name;
	enum severity severity;
	const char *text;
	const char *advice;
} reasons[REASONS] = {[REASON_NONE] = {"None", SEVERITY_NOTE, "", ""},
#define X(code, name, severity, text, advice)                                                      \
	[REASON_##code] = {#name, SEVERITY_##severity, text, advice},
	REASON_TABLE(X)
#undef X
};

/* A value outside the table reads as REASON_NONE. */
static unsigned row(enum reason reason)
{
	return (unsigned)reason < REASONS ? reason : REASON_NONE;
}

const char *reason_str(enum reason reason)
{
	return reasons[row(reason)].name;
}

enum reason reason_parse(const char *name)
{
	unsigned reason = REASONS - 1;

	while (reason > REASON_NONE && strcmp(reasons[reason].name, name) != 0)
		reason--;
	return (enum reason)reason;
}

enum severity reason_severity(enum reason reason)
{
	return reasons[row(reason)].severity;
}

const char *reason_text(enum reason reason)
{
	return reasons[row(reason)].text;
}

const char *reason_advice(enum reason reason)
{
	return reasons[row(reason)].advice;
}

enum reason reason_of_rule(enum generation_rule rule)
{
	static const enum reason of[GENERATION_RULES] = {
		[GENERATION_CROSS] = REASON_CROSS_CERTIFICATE,
		[GENERATION_OTHER_SUBJECT] = REASON_OTHER_SUBJECT,
		[GENERATION_AMBIGUOUS_ORDER] = REASON_AMBIGUOUS_ORDER,
		[GENERATION_SHORTER_LIFE] = REASON_SHORTER_LIFE,
	};

	return (unsigned)rule < GENERATION_RULES ? of[rule] : REASON_NONE;
}

enum reason reason_of_refusal(enum refusal refusal, bool clock_off)
{
	switch (refusal) {
	case REFUSAL_AccessDenied:
	case REFUSAL_AccessDeniedException:
	case REFUSAL_NotAuthorized:
	case REFUSAL_OptInRequired:
		return REASON_ACCESS_DENIED;
	case REFUSAL_DirectoryDoesNotExistException:
	case REFUSAL_EntityDoesNotExistException:
		return REASON_DIRECTORY_MISSING;
	case REFUSAL_WrongAccount:
		return REASON_WRONG_ACCOUNT;
	case REFUSAL_WrongSettings:
		return REASON_WRONG_SETTINGS;
	default:
		break;
	}
	switch (refusal_class(refusal)) {
	case REFUSAL_THROTTLE:
		return REASON_THROTTLED;
	case REFUSAL_CREDENTIALS:
		return REASON_CREDENTIALS_INVALID;
	case REFUSAL_CLOCK:
		/* a signature that is refused while the clock is right is a matter of the keys */
		return clock_off ? REASON_CLOCK_SKEW : REASON_CREDENTIALS_INVALID;
	default:
		return REASON_UNREADABLE;
	}
}
