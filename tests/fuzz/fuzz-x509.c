/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate files: what is read goes out and comes in again as the same; what is refused says
 * why and leaves the results alone. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "edge/x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		abort();
}

static void round_trip(const struct certificate *certificate)
{
	const struct certificate *found[X509_FILE_CERTIFICATES_MAX];
	struct store store = {0};
	char *pem = x509_pem(certificate);
	size_t count = 0;

	check(pem && strlen(pem) == certificate->pem_length);
	check(x509_read(pem, strlen(pem), &store, found, &count, NULL) == 0 && count == 1);
	check(digest_equal(&found[0]->sha256, &certificate->sha256));
	check(digest_equal(&found[0]->subject, &certificate->subject));
	check(found[0]->self_signed == certificate->self_signed);
	check(!certificate->self_signed || certificate->self_issued);
	check(memchr(certificate->common_name, '\0', sizeof(certificate->common_name)) != NULL);
	free(pem);
	store_done(&store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct certificate *found[X509_FILE_CERTIFICATES_MAX];
	struct store store = {0};
	struct error error = {0};
	size_t count = SIZE_MAX;
	int r = x509_read(data, size, &store, found, &count, &error);

	if (r == 0) {
		check(count > 0 && count <= X509_FILE_CERTIFICATES_MAX && error.code == 0);
		for (size_t i = 0; i < count; i++)
			round_trip(found[i]);
		check(x509_link(&store) == 0);
	} else {
		check(count == SIZE_MAX && error.code == r && error.message[0] != '\0');
	}
	store_done(&store);
	return 0;
}
