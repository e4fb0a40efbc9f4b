/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is planned, by its time; of two at one time the one planned first comes first. */

#include "fleet-world.h"

/* Plans happening `kind` (fleet-happening.h) with two arguments of its own. */
void plan_add(struct world *world, int64_t at, int kind, int a, int b);
/* Takes the next one that is due at world->now; false if none is. */
bool plan_take(struct world *world, struct plan_item *ret_item);
/* When the next one is due; MODEL_NEVER if nothing is planned. */
int64_t plan_next(const struct world *world);
/* Forgets all plans of the kinds that `forgets` names. */
void plan_forget(struct world *world, bool (*forgets)(int kind));
