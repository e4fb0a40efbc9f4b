/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The environment of a unit test: what whoever runs it has set is of no concern there. */

/* Takes away every variable that the program reads: the AWS ones, the proxies, the home and the
 * demonstration's. A setup of cmocka: 0. */
int variables_clear(void **state);

/* Sets one; does nothing where either is NULL, as rows of tables have it. */
void variable_set(const char *name, const char *value);
