/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keys that a program prints (credential_process of a profile): JSON with Version 1. It is run
 * without a shell. What it writes to standard error is the error's text if it fails; what it writes
 * to standard output reaches no message.
 */

#include "edge/credentials.h"

/* A program may ask a hardware token or a far service; one that takes longer hangs. */
#define CREDENTIALS_PROCESS_MS INT64_C(60000)

/* Runs `command`. `timeout_ms` is for tests; 0: the limit above. 0, or an error with its reason. */
int credentials_process(const char *command, int64_t timeout_ms, const atomic_bool *stop,
	struct credentials *ret_credentials, struct error *error);
