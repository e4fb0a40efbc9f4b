/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The facts that are kept of a reply's header, for http-message.c alone. */

#include "edge/http.h"

/* Takes one field; those of other names are passed over, and values that make no sense. */
void http_header_take(const char *name, const char *value, struct http_reply *reply);
