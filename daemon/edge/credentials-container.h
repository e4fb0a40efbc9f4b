/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keys that the host of a container hands out (ECS, EKS Pod Identity, Greengrass):
 * AWS_CONTAINER_CREDENTIALS_RELATIVE_URI at 169.254.170.2, else
 * AWS_CONTAINER_CREDENTIALS_FULL_URI, with the Authorization header of
 * AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE (read at each load), else of
 * AWS_CONTAINER_AUTHORIZATION_TOKEN. Plain http only to this host and the addresses that AWS uses.
 */

#include "edge/credentials.h"

/* One attempt, their number, and the pause between two (AWS SDKs). */
#define CREDENTIALS_CONTAINER_MS       INT64_C(2000)
#define CREDENTIALS_CONTAINER_ATTEMPTS 3
#define CREDENTIALS_CONTAINER_PAUSE_MS INT64_C(1000)

/* A `load` of struct credentials_provider; `context` is a struct credentials_setting. */
int credentials_container_load(
	void *context, struct credentials *ret_credentials, struct error *error);
