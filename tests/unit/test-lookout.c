/* SPDX-License-Identifier: Apache-2.0 */
/* When a change of the files is taken to be complete. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/array.h"
#include "program/lookout.h"

static void a_change_settles(void **state)
{
	static const struct {
		const char *said;
		int64_t first, last, due;
	} cases[] = {
		{"one change", 1000, 1000, 1000 + LOOKOUT_SETTLE_MS},
		{"another one puts it off", 1000, 2500, 2500 + LOOKOUT_SETTLE_MS},
		{"changes without end do not", 1000, 1000 + LOOKOUT_SETTLE_MAX_MS,
			1000 + LOOKOUT_SETTLE_MAX_MS},
		{"the last that still puts it off", 1000,
			1000 + LOOKOUT_SETTLE_MAX_MS - LOOKOUT_SETTLE_MS,
			1000 + LOOKOUT_SETTLE_MAX_MS},
		{"one more", 1000, 1001 + LOOKOUT_SETTLE_MAX_MS - LOOKOUT_SETTLE_MS,
			1000 + LOOKOUT_SETTLE_MAX_MS},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		if (lookout_due(cases[i].first, cases[i].last) != cases[i].due)
			fail_msg("%s", cases[i].said);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_settles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
