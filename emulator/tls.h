/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Throw-away keys for HTTPS on loopback: a CA made at each start and a server certificate for
 * 127.0.0.1 and localhost signed by it. The CA's certificate is for the client (AWS_CA_BUNDLE); no
 * private key is ever written.
 */

#include "base/error.h"

/* How long they hold. Days. */
#define TLS_DAYS 30
/* Backdated by this, for clients whose clock is behind. Days. */
#define TLS_BACKDATE 2

/*
 * Writes the CA to DIRECTORY/ca.pem and gives the server's certificate and key as PEM, both to be
 * freed by the caller. 0 or a negative error with its reason.
 */
int tls_make(const char *directory, char **ret_certificate, char **ret_key, struct error *error);
