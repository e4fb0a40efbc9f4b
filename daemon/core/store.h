/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * All certificates the program knows, each once, by the SHA-256 of its DER. Fleets, memories and
 * models borrow from it. It only grows and lives as long as the program: a certificate that
 * vanished from the files is still needed to name what is registered.
 */

#include <stddef.h>

#include "base/cleanup.h"
#include "core/certificate.h"

/* Far above five per directory; a file that names more is a mistake. */
#define STORE_CERTIFICATES_MAX 65536

struct store {
	struct certificate **certificates; /* owned, each with its `der`, in order of arrival */
	size_t count;
	size_t capacity;
};

/* Frees every certificate and its DER. Accepts NULL and all-zero. */
void store_done(struct store *store);

/*
 * Copies `certificate` and its `der` into the store unless one with that digest is there already,
 * and gives the store's own in *ret_certificate. 0, -ERROR_MEMORY or -ERROR_LIMIT.
 */
int store_add(struct store *store, const struct certificate *certificate,
	const struct certificate **ret_certificate);

/* The certificate with this digest, or NULL. */
const struct certificate *store_find(const struct store *store, const struct digest *sha256);
