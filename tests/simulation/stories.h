/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Stories that once ended badly, as lists of events: each is told again in its world and must now
 * pass every check. A new one is what explore prints when it finds a violation.
 */

#include <stdbool.h>

/* Prints a line for each; false if one breaks an invariant or can no longer be told. */
bool stories_replay(void);
