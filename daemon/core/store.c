/* SPDX-License-Identifier: Apache-2.0 */
#include "core/store.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"

static void certificate_free(struct certificate *certificate)
{
	if (!certificate)
		return;
	free((void *)(uintptr_t)certificate->der);
	free(certificate);
}

void store_done(struct store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < store->count; i++)
		certificate_free(store->certificates[i]);
	free(store->certificates);
	*store = (struct store){0};
}

static struct certificate *certificate_copy(const struct certificate *certificate)
{
	struct certificate *copy = malloc(sizeof(*copy));
	uint8_t *der = certificate->der ? malloc(certificate->der_length) : NULL;

	if (!copy || (certificate->der && !der)) {
		free(copy);
		free(der);
		return NULL;
	}
	*copy = *certificate;
	if (der)
		memcpy(der, certificate->der, certificate->der_length);
	copy->der = der;
	return copy;
}

int store_add(struct store *store, const struct certificate *certificate,
	const struct certificate **ret_certificate)
{
	const struct certificate *known = store_find(store, &certificate->sha256);
	struct certificate *copy;
	int r;

	if (!known) {
		r = array_reserve(&store->certificates, &store->capacity, store->count,
			sizeof(store->certificates[0]), STORE_CERTIFICATES_MAX);
		if (r < 0)
			return r;
		copy = certificate_copy(certificate);
		if (!copy)
			return -ERROR_MEMORY;
		store->certificates[store->count++] = copy;
		known = copy;
	}
	*ret_certificate = known;
	return 0;
}

const struct certificate *store_find(const struct store *store, const struct digest *sha256)
{
	for (size_t i = 0; i < store->count; i++)
		if (digest_equal(&store->certificates[i]->sha256, sha256))
			return store->certificates[i];
	return NULL;
}
