/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a reply of HTTP: a reply within its limits or a reason, however they are cut. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "tests/unit/cut.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cut cut;

	cut_read((const char *)data, size, 0, &cut);
	assert(cut.reply.body.length <= CUT_REPLY_MAX);
	assert(cut.r < 0 || (cut.reply.status >= 200 && cut.reply.status < 600));
	cut_done(&cut);
	if (!cut_same((const char *)data, size))
		abort();
	return 0;
}
