/* SPDX-License-Identifier: Apache-2.0 */
#include "core/clock-jump.h"

int64_t clock_jump(int64_t *offset, int64_t now, int64_t elapsed)
{
	int64_t jump = now - elapsed - *offset;

	if (jump > -CLOCK_JUMP_MIN && jump < CLOCK_JUMP_MIN)
		return 0;
	*offset = now - elapsed;
	return jump;
}
