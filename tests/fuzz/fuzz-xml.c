/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a reply of STS: texts within their limits, or a reason. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/array.h"
#include "edge/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct secret values[3] = {0};
	const struct xml_wish wishes[] = {
		{"AssumeRoleResponse/AssumeRoleResult/Credentials/AccessKeyId", &values[0]},
		{"ErrorResponse/Error/Code", &values[1]}, {"ErrorResponse/Error", &values[2]}};
	struct error error = {0};
	int r = xml_texts((const char *)data, size, wishes, ARRAY_LENGTH(wishes), &error);

	assert(r == 0 || error.message[0]);
	for (size_t i = 0; i < ARRAY_LENGTH(values); i++) {
		assert(values[i].length <= SECRET_MAX);
		assert(strlen(secret_text(&values[i])) == values[i].length);
		secret_done(&values[i]);
	}
	return 0;
}
