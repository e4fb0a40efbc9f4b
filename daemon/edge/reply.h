/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a reply of the Directory Service says: bytes in, values out, nothing else. Successful bodies
 * are JSON; errors come as JSON in several spellings, as XML, as HTML or with no body at all, and
 * are classed by their code, never by their status alone.
 *
 * No member of a reply is required by the service model and every enumeration may grow, so that a
 * missing member or an unknown word is a value (0, "", UNKNOWN) and no error. An entry that cannot
 * be told from others (no id, or an id twice) makes the whole reply senseless.
 */

#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "edge/service.h"

/* NextToken is an unconstrained string; real ones have some hundred characters. Bytes. */
#define REPLY_TOKEN_MAX 65536

/*
 * Classes a reply whose status is not 2xx: fills refusal, class, code, message and, if the reply
 * names one, request_id and status of *reply; the rest stays. `message` holds no request id and
 * nothing that could be part of a signature. `error_type` is header x-amzn-ErrorType, "" if none.
 */
void reply_refusal(long status, const char *error_type, const void *body, size_t length,
	struct service_reply *reply);

/*
 * The successful replies. 0, or -ERROR_CORRUPT / -ERROR_LIMIT / -ERROR_MEMORY with the reason in
 * `error` and the results as they were, but for those that append page by page: they keep what
 * they had and what was appended before the failure.
 */

/* Appends one page. *ret_token is the next one's, to be freed by the caller; NULL at the end. */
int reply_listing(const void *body, size_t length, struct service_listing *listing,
	char **ret_token, struct error *error);
int reply_directories(const void *body, size_t length, struct service_sweep *sweep,
	char **ret_token, struct error *error);
/* Appends the tags of one page, a line for each key and one for its value. */
int reply_tags(const void *body, size_t length, struct buffer *tags, char **ret_token,
	struct error *error);
/* A directory has one LDAPS setting of type Client; several entries are senseless. */
int reply_settings(const void *body, size_t length, struct service_settings *ret_settings,
	char **ret_token, struct error *error);
int reply_certificate(const void *body, size_t length, struct service_certificate *ret_certificate,
	struct error *error);
/* RegisterCertificate: the new id. */
int reply_registered(
	const void *body, size_t length, char ret_id[static SERVICE_ID_SIZE], struct error *error);
/* An operation without a result: nothing, white space or an object. */
int reply_empty(const void *body, size_t length, struct error *error);
