/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The partitions of AWS, as its endpoint rules have them (partitions.json): which one a Region
 * belongs to by its name, and how hosts end there. Names are formed, not looked up.
 */

#include <stdbool.h>

struct partition {
	const char *name; /* "aws", "aws-cn" */
	/* What the names of its Regions begin with, the hyphen included; NULL ends them. */
	const char *prefixes[10];
	const char *suffix;	/* of hosts: "amazonaws.com" */
	const char *dual_stack; /* of hosts that are reached by IPv4 and IPv6: "api.aws" */
	bool all_fips; /* what needs no FIPS variant there: every host of STS and of the SSO portal
			*/
};

/* The partition of a Region; NULL if its name fits none. Static. */
const struct partition *partition_of(const char *region);
