/* SPDX-License-Identifier: Apache-2.0 */
#include "core/reason.h"

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
