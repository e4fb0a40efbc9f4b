/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From a whole HTTP request to a whole reply. Sends it to whom it is for; what is for the Directory
 * Service goes through signature, rate, fault, operation, form of the reply, count and log line
 * here. Knows nothing of sockets.
 */

#include "emulator/reply.h"
#include "emulator/sigv4.h"
#include "emulator/world.h"

/* Longest body of a request. Bytes. */
#define GATEWAY_BODY_MAX (1024 * 1024)
/* Where the control path begins. */
#define GATEWAY_CONTROL "/_control/"
/* Answers one request. `too_large` tells that its body was cut off. */
void gateway_handle(struct world *world, const struct sigv4_request *request, bool too_large,
	struct reply *ret_reply);
