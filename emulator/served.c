/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/served.h"

#include <string.h>

static const char *const words[SERVED_KINDS] = {[SERVED_NONE] = "Unknown",
#define X(name, text) [SERVED_##name] = text,
	SERVED_TABLE(X)
#undef X
};

static const struct {
	const char *code;
	unsigned status;
} troubles[TROUBLES] = {[TROUBLE_NONE] = {"OK", 200},
#define X(code, status) [TROUBLE_##code] = {#code, status},
	TROUBLE_TABLE(X)
#undef X
};

const char *served_str(enum served served)
{
	return words[served];
}

enum served served_parse(const char *word)
{
	for (int i = SERVED_NONE + 1; i < SERVED_KINDS; i++)
		if (strcmp(words[i], word) == 0)
			return (enum served)i;
	return SERVED_NONE;
}

const char *trouble_str(enum trouble trouble)
{
	return troubles[trouble].code;
}

enum trouble trouble_parse(const char *code)
{
	for (int i = TROUBLE_NONE + 1; i < TROUBLES; i++)
		if (strcmp(troubles[i].code, code) == 0)
			return (enum trouble)i;
	return TROUBLE_NONE;
}

unsigned trouble_status(enum trouble trouble)
{
	return troubles[trouble].status;
}
