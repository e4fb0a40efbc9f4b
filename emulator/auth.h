/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who sends a request: checks its SigV4 signature against the known credentials as the service
 * does, and says which account and Region it is for. Called with the world's lock held.
 */

#include "emulator/identity.h"
#include "emulator/sigv4.h"

/* Text of a refusal. No secret and no signature is in it. */
#define AUTH_MESSAGE_SIZE 256

/*
 * Checks that the request is signed for `service`, such as "ds", in whatever Region. REFUSAL_NONE
 * with the identity, or the refusal with its text: MissingAuthenticationToken,
 * IncompleteSignature, UnrecognizedClient, ExpiredToken, SignatureDoesNotMatch, or what
 * --clock-refusal says for a time that is off by more than --clock-window.
 */
enum refusal auth_check(struct world *world, const struct sigv4_request *request,
	const char *service, int64_t now, struct identity *ret_identity,
	char ret_message[static AUTH_MESSAGE_SIZE]);
