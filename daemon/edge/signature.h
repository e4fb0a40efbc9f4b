/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * AWS Signature Version 4 of the one kind of request that we make, POST / with a body in memory,
 * for when the service's clock is not the machine's. libcurl signs otherwise; but 7.88 takes the
 * time from the system alone, or sends X-Amz-Date twice when it is told one, which the service
 * refuses. The digests are OpenSSL's.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "edge/credentials.h"

/* "20270501T063000Z" and its NUL. */
#define SIGNATURE_DATE_SIZE 17
/* Most characters of the Authorization header's value. */
#define SIGNATURE_MAX 1024

struct signature_request {
	const char *host;	  /* value of Host, as it is sent */
	const char *content_type; /* values of headers, each without space around it */
	const char *target;
	const char *region;
	const char *service;
	const char *date; /* value of X-Amz-Date, SIGNATURE_DATE_SIZE */
	const void *body;
	size_t body_length;
	const struct credentials *credentials; /* a token is signed as X-Amz-Security-Token */
};

/* Writes an instant (UTC seconds) as X-Amz-Date has it. 0 or -ERROR_INVALID. */
int signature_date(int64_t instant, char ret_date[static SIGNATURE_DATE_SIZE]);

/*
 * Appends the value of the Authorization header, which signs content-type, host, x-amz-date,
 * x-amz-target and, if there is a token, x-amz-security-token. 0, -ERROR_LIMIT or -ERROR_MEMORY.
 */
int signature_append(const struct signature_request *request, struct buffer *authorization);
