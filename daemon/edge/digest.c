/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

int digest_name(const char *text, char ret_name[static DIGEST_NAME_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned length = 0;

	if (!EVP_Digest(text, strlen(text), digest, &length, EVP_sha1(), NULL))
		return -ERROR_MEMORY;
	for (unsigned i = 0; i < length && 2 * i + 2 < DIGEST_NAME_SIZE; i++)
		snprintf(ret_name + 2 * (size_t)i, 3, "%02x", digest[i]);
	return 0;
}
