/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The one door to OpenSSL's X.509: bytes of a file in, certificate values out; DER in, the
 * canonical PEM that is sent out. Judges nothing (core/certificate does) but what cannot be a
 * certificate file.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/certificate.h"
#include "core/store.h"

/* A file of certificates: 64 of them with text preambles. Bytes. */
#define X509_FILE_MAX (1024 * 1024)
/* Certificates of one file. */
#define X509_FILE_CERTIFICATES_MAX 64

/*
 * Reads every certificate of a file (PEM with LF, CR LF or CR, BOM, text around the blocks, several
 * blocks, trust settings; base64 without markers; DER; PKCS#7 in PEM or DER) and adds it to
 * `store`. Gives the store's own in file order in ret_certificates (X509_FILE_CERTIFICATES_MAX of
 * them fit) and their number, which is never 0; a certificate that is there twice is given twice.
 * 0, or -ERROR_INVALID / -ERROR_DENIED (the file holds a private key; no byte of it is in the
 * message) / -ERROR_LIMIT / -ERROR_MEMORY with the reason in `error` (NULL is allowed), written to
 * follow the file's name: "is empty", "block 2 (line 31): is damaged". A common name that could
 * trick a terminal or a C string (control characters, NUL) or is over 64 characters is refused as
 * well. Of a file that fails the store may keep what came before the fault.
 */
int x509_read(const void *bytes, size_t length, struct store *store,
	const struct certificate **ret_certificates, size_t *ret_count, struct error *error);

/* One certificate from its DER (as the ledger keeps it), added to `store`. As x509_read. */
int x509_read_der(const void *der, size_t length, struct store *store,
	const struct certificate **ret_certificate, struct error *error);

/*
 * Fills `signer` of every certificate of the store: who verifies whom, by signature; a name only
 * says whom to try. Call after certificates were added and before deciding. 0 or -ERROR_MEMORY.
 */
int x509_link(struct store *store);

/* The canonical PEM (64 columns, LF) of DER, NUL-terminated; to be freed by the caller. NULL: no
 * memory. */
char *x509_pem(const struct certificate *certificate);
