/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/auth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum refusal refuse(enum refusal refusal, char *ret_message, const char *text)
{
	snprintf(ret_message, AUTH_MESSAGE_SIZE, "%s", text);
	return refusal;
}

/* Host, the date and every x-amz- header that was sent must be signed. */
static bool covers_enough(const struct sigv4_request *request, const char *names)
{
	if (!sigv4_covers(names, "host") || !sigv4_covers(names, "x-amz-date"))
		return false;
	for (size_t i = 0; i < request->headers_count; i++) {
		const char *name = request->headers[i].name;

		if ((strncasecmp(name, "x-amz-", 6) == 0 ||
			    strcasecmp(name, "content-type") == 0) &&
			!sigv4_covers(names, name))
			return false;
	}
	return true;
}

/* The signing key of the scope: derived anew only when date, Region or service change. */
static const uint8_t *signing_key(
	struct credential *credential, const struct sigv4_authorization *authorization)
{
	char scope[sizeof(credential->key_scope)];

	snprintf(scope, sizeof(scope), "%s/%s/%s", authorization->date, authorization->region,
		authorization->service);
	if (strcmp(scope, credential->key_scope) == 0)
		return credential->key;
	if (sigv4_key(credential->secret, authorization->date, authorization->region,
		    authorization->service, credential->key) < 0)
		return NULL;
	memcpy(credential->key_scope, scope, sizeof(scope));
	return credential->key;
}

static bool signature_matches(struct credential *credential, const struct sigv4_request *request,
	const struct sigv4_authorization *authorization, const char *time)
{
	struct buffer canonical, string;
	char signature[SIGV4_HASH_SIZE] = "";
	const uint8_t *key = signing_key(credential, authorization);
	bool matches;

	buffer_init(&canonical, SIGV4_CANONICAL_MAX);
	buffer_init(&string, SIGV4_CANONICAL_MAX);
	matches = key && sigv4_canonical(request, authorization->signed_headers, &canonical) == 0 &&
		  sigv4_string(authorization, time, &canonical, &string) == 0 &&
		  sigv4_sign(key, &string, signature) == 0 &&
		  strcmp(signature, authorization->signature) == 0;
	buffer_wipe(&canonical);
	buffer_wipe(&string);
	return matches;
}

/* A declared body hash must be that of the body. */
static bool body_matches(const struct sigv4_request *request)
{
	const char *declared = sigv4_header(request, "x-amz-content-sha256");
	char hash[SIGV4_HASH_SIZE];

	if (!declared)
		return true;
	sigv4_hash(request->body, request->body_length, hash);
	return strcmp(declared, hash) == 0;
}

static enum refusal check_credential(const struct credential *credential,
	const struct sigv4_request *request, int64_t now, char *ret_message)
{
	const char *token = sigv4_header(request, "x-amz-security-token");

	if (!credential || strcmp(token ? token : "", credential->token) != 0)
		return refuse(REFUSAL_UnrecognizedClientException, ret_message,
			"The security token included in the request is invalid.");
	if (credential->expired || (credential->until != 0 && credential->until <= now))
		return refuse(REFUSAL_ExpiredTokenException, ret_message,
			"The security token included in the request is expired");
	return REFUSAL_NONE;
}

static enum refusal check_time(const struct world *world, const char *time, int64_t now,
	const struct sigv4_authorization *authorization, char *ret_message)
{
	int64_t sent;

	if (!time || sigv4_time(time, &sent) < 0)
		return refuse(REFUSAL_IncompleteSignature, ret_message,
			"Authorization header requires existence of a valid 'X-Amz-Date' header.");
	if (strncmp(time, authorization->date, 8) != 0)
		return refuse(REFUSAL_SignatureDoesNotMatch, ret_message,
			"Date in Credential scope does not match the date of the request.");
	if (llabs(sent - now) > world->settings.clock_window)
		return refuse(world->settings.clock_refusal, ret_message,
			sent < now ? "Signature expired: the time of the request is too early."
				   : "Signature not yet current: the time of the request is too "
				     "late.");
	return REFUSAL_NONE;
}

enum refusal auth_check(struct world *world, const struct sigv4_request *request,
	const char *service, int64_t now, struct identity *ret_identity,
	char ret_message[static AUTH_MESSAGE_SIZE])
{
	const char *header = sigv4_header(request, "authorization"),
		   *time = sigv4_header(request, "x-amz-date");
	struct sigv4_authorization authorization;
	struct credential *credential;
	enum refusal refusal;

	if (!header)
		return refuse(REFUSAL_MissingAuthenticationTokenException, ret_message,
			"Missing Authentication Token");
	if (sigv4_parse(header, &authorization) < 0)
		return refuse(REFUSAL_IncompleteSignature, ret_message,
			"Authorization header requires 'Credential', 'SignedHeaders' and "
			"'Signature' parameters.");
	credential = world_credential(world, authorization.access_key);
	refusal = check_credential(credential, request, now, ret_message);
	if (refusal == REFUSAL_NONE)
		refusal = check_time(world, time, now, &authorization, ret_message);
	if (refusal != REFUSAL_NONE)
		return refusal;
	if (strcmp(authorization.service, service) != 0) {
		snprintf(ret_message, AUTH_MESSAGE_SIZE,
			"Credential should be scoped to correct service: '%s'.", service);
		return REFUSAL_SignatureDoesNotMatch;
	}
	if (strlen(authorization.region) >= REGION_SIZE ||
		!covers_enough(request, authorization.signed_headers) || !body_matches(request) ||
		!signature_matches(credential, request, &authorization, time))
		return refuse(REFUSAL_SignatureDoesNotMatch, ret_message,
			"The request signature we calculated does not match the signature you "
			"provided.");
	identity_of(credential, authorization.region, ret_identity);
	return REFUSAL_NONE;
}
