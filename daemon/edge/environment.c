/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/environment.h"

#include <stdlib.h>
#include <strings.h>

const char *environment_text(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

bool environment_true(const char *name)
{
	const char *value = environment_text(name);

	return value && strcasecmp(value, "true") == 0;
}
