/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/partition.h"

#include <stddef.h>
#include <string.h>

#include "base/array.h"

#define LOWER		    "abcdefghijklmnopqrstuvwxyz"
#define DIGITS		    "0123456789"
#define SUFFIX(plain, dual) .suffix = plain, .dual_stack = dual

/* A Region is a prefix, one word and a number. */
static const struct partition partitions[] = {
	{"aws", {"us-", "eu-", "ap-", "sa-", "ca-", "me-", "af-", "il-", "mx-"},
		SUFFIX("amazonaws.com", "api.aws")},
	{"aws-cn", {"cn-"}, SUFFIX("amazonaws.com.cn", "api.amazonwebservices.com.cn")},
	{"aws-us-gov", {"us-gov-"}, SUFFIX("amazonaws.com", "api.aws"), .all_fips = true},
	{"aws-eusc", {"eusc-de-"}, SUFFIX("amazonaws.eu", "api.amazonwebservices.eu")},
	{"aws-iso", {"us-iso-"}, SUFFIX("c2s.ic.gov", "api.aws.ic.gov")},
	{"aws-iso-b", {"us-isob-"}, SUFFIX("sc2s.sgov.gov", "api.aws.scloud")},
	{"aws-iso-e", {"eu-isoe-"}, SUFFIX("cloud.adc-e.uk", "api.cloud-aws.adc-e.uk")},
	{"aws-iso-f", {"us-isof-"}, SUFFIX("csp.hci.ic.gov", "api.aws.hci.ic.gov")},
};

/* "central-1" of "eu-central-1": the rules' \w+\-\d+ */
static bool rest_matches(const char *rest)
{
	size_t word = strspn(rest, LOWER DIGITS "_");
	size_t number = word && rest[word] == '-' ? strspn(rest + word + 1, DIGITS) : 0;

	return number > 0 && rest[word + 1 + number] == '\0';
}

const struct partition *partition_of(const char *region)
{
	for (size_t i = 0; i < ARRAY_LENGTH(partitions); i++)
		for (const char *const *prefix = partitions[i].prefixes; *prefix; prefix++)
			if (strncmp(region, *prefix, strlen(*prefix)) == 0 &&
				rest_matches(region + strlen(*prefix)))
				return &partitions[i];
	return NULL;
}
