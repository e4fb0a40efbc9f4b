/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The one door to environment variables. What AWS tools do with theirs holds for all. */

#include <stdbool.h>

/* The value of `name`; NULL if it is not set or empty, which is the same. Borrowed; nobody changes
 * the environment after the start. */
const char *environment_text(const char *name);

/* Whether `name` is "true", in letters of either case. */
bool environment_true(const char *name);
