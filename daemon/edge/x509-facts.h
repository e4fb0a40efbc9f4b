/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a parsed certificate says, as the plain value that the core decides on. Private to the x509
 * module: it shares OpenSSL's types with edge/x509.c and with nobody else.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/x509.h>

#include "base/error.h"
#include "core/certificate.h"

/*
 * Fills everything but the `signer` of a certificate that another one signed. `der`, of `length`
 * bytes, is its encoding; it stays the caller's and is borrowed by *ret_certificate. 0,
 * -ERROR_INVALID (dates or a common name that cannot be read, or must not be shown), -ERROR_LIMIT
 * (a common name over 64 characters) or -ERROR_MEMORY, with the reason in `error`.
 */
int x509_facts(X509 *x509, const uint8_t *der, size_t length, struct certificate *ret_certificate,
	struct error *error);

/* Whether the signature of `x509` verifies under the key of `signer`; names are not looked at. */
bool x509_signed_by(X509 *x509, X509 *signer);

/* Characters of the canonical PEM of so many bytes of DER, without the NUL. */
size_t x509_pem_length(size_t der_length);
