/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as JSON: our reader takes what jansson takes, and sees the same in it. */
#include <stdint.h>
#include <stdlib.h>

#include "tests/unit/twin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int result;

	if (!twin_read(data, size, &result))
		abort();
	return 0;
}
