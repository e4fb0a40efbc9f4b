/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where the Directory Service of a Region is: the partition table of the AWS endpoint rules, and
 * the variables that override it in the order of the AWS tools. Names are formed, not looked up: a
 * host that does not exist shows itself when it is first called.
 */

#include <stdbool.h>

#include "base/error.h"

/* RegionName has 8 to 32 characters; an endpoint of one's own may stand behind a shorter one. */
#define ENDPOINT_REGION_SIZE 33
/* A host name of 253 characters, scheme, port and NUL, rounded up. Bytes. */
#define ENDPOINT_URL_SIZE 300

struct endpoint {
	char region[ENDPOINT_REGION_SIZE]; /* what requests are signed for */
	char url[ENDPOINT_URL_SIZE];	   /* scheme://host[:port]/ */
	char host[ENDPOINT_URL_SIZE];	   /* what Host says, with the port if not the scheme's */
	bool custom;			   /* from a variable, not from the table */
	bool loopback;			   /* the host is this one: plain http is taken, no proxy */
};

/* The services that are asked: the one that this program is for, and those that give keys for it.
 */
enum endpoint_service {
	ENDPOINT_DIRECTORY_SERVICE,
	ENDPOINT_STS,
	ENDPOINT_SSO, /* the portal of IAM Identity Center */
	ENDPOINT_SERVICES,
};

/*
 * The endpoint of the Directory Service in `region`, or of AWS_REGION, then AWS_DEFAULT_REGION if
 * `region` is NULL. Read from the environment: AWS_ENDPOINT_URL_DIRECTORY_SERVICE, then
 * AWS_ENDPOINT_URL, both ignored with AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true;
 * AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT, which cannot be combined with a URL of
 * one's own. 0, -ERROR_MISSING (no Region) or -ERROR_INVALID with the reason in `error`.
 */
int endpoint_resolve(const char *region, struct endpoint *ret_endpoint, struct error *error);

/* The same for any of the services: its own variable (AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL_SSO)
 * comes before AWS_ENDPOINT_URL. */
int endpoint_resolve_service(enum endpoint_service service, const char *region,
	struct endpoint *ret_endpoint, struct error *error);

/*
 * Takes the URL of an endpoint of one's own, as `name` holds it: https, or http to this host; no
 * path, no user name. 0 or -ERROR_INVALID with a reason that never quotes it.
 */
int endpoint_take(
	const char *name, const char *text, struct endpoint *ret_endpoint, struct error *error);

/* Whether `region` is letters, digits and inner hyphens, at most 32: safe in a host name and in a
 * signature. */
bool endpoint_region_valid(const char *region);
