/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is kept of a reply's header, one line at a time, for http.c alone. */

#include <stddef.h>

#include "edge/http.h"

/* Takes one line, "Name: value", without its line break. Lines of other names are passed over, and
 * those that are longer than any that is read. */
void http_header_take(const char *line, size_t length, struct http_reply *reply);
