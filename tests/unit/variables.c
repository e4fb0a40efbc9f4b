/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/variables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"

/* How what stands in the environment begins. */
static const char *const read_by_us[] = {"AWS_", "LDAPSWARD_", "HOME=", "https_proxy=",
	"HTTPS_PROXY=", "all_proxy=", "ALL_PROXY=", "no_proxy=", "NO_PROXY="};

static bool concerns_us(const char *entry)
{
	for (size_t i = 0; i < ARRAY_LENGTH(read_by_us); i++)
		if (strncmp(entry, read_by_us[i], strlen(read_by_us[i])) == 0)
			return true;
	return false;
}

int variables_clear(void **state)
{
	(void)state;
	for (char **entry = environ; *entry;) {
		char *name = concerns_us(*entry) ? strndup(*entry, strcspn(*entry, "=")) : NULL;

		if (name) {
			unsetenv(name); /* the next one is in its place */
			free(name);
		} else {
			entry++;
		}
	}
	return 0;
}

void variable_set(const char *name, const char *value)
{
	if (name && value)
		assert_int_equal(setenv(name, value, 1), 0);
}
