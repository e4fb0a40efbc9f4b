/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keys of the role of an EC2 instance, from its metadata service, version 2 alone and never through
 * a proxy. AWS_EC2_METADATA_DISABLED switches it off; AWS_EC2_METADATA_SERVICE_ENDPOINT, or
 * AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE (IPv4, IPv6), says where it is;
 * AWS_METADATA_SERVICE_TIMEOUT (seconds) and AWS_METADATA_SERVICE_NUM_ATTEMPTS, 1 each, how patient
 * we are. Where a variable is not set, the key of the profile is looked at that has its name
 * without AWS, in lower case.
 */

#include "edge/credentials.h"

/* Static stability: what the service hands out with less than this left is used as if it ended this
 * much later, and a random 2 to 10 minutes. Seconds. */
#define CREDENTIALS_INSTANCE_STABLE	INT64_C(900)
#define CREDENTIALS_INSTANCE_JITTER_MIN INT64_C(120)
#define CREDENTIALS_INSTANCE_JITTER_MAX INT64_C(600)

/*
 * A `load` of struct credentials_provider; `context` is a struct credentials_setting. Where nobody
 * answers at the usual address this is no instance, and where it has no role there are no keys:
 * -ERROR_MISSING.
 */
int credentials_instance_load(
	void *context, struct credentials *ret_credentials, struct error *error);

/* When keys that end at `expires` are held to end, `random` of UINT32_MAX through the jitter. */
int64_t credentials_instance_expiry(int64_t expires, int64_t now, uint32_t random);
