/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How often each rule of guard forbade. The linker puts the functions of forbade.c around those of
 * core/guard (--wrap), so that the core that is explored is the one that is shipped.
 */

#include <stdint.h>

#include "core/guard.h"

extern uint64_t forbade[GUARD_ALL + 1];
