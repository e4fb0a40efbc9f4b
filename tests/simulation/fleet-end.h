/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How a life ends: nothing goes wrong any more, and every target must come to rest: converged, or
 * held by a fact that the simulation knows, and that, taken away alone, frees it.
 */

#include "fleet-world.h"

void world_end(struct world *world);
