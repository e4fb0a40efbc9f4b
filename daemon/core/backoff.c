/* SPDX-License-Identifier: Apache-2.0 */
#include "core/backoff.h"

#include "base/error.h"

int64_t backoff_seconds(unsigned failures, int64_t interval, uint64_t salt)
{
	int64_t least = BACKOFF_FIRST, wait;

	if (failures == 0)
		return interval;
	while (--failures > 0 && least < interval)
		least *= 2;
	wait = least + (int64_t)(salt % (uint64_t)(least + 1));
	return wait < interval ? wait : interval;
}

bool backoff_worth(int error)
{
	return error < 0 && error != -ERROR_STOPPED && error_class(error) == ERROR_CLASS_TRANSIENT;
}
