/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where a service of AWS is asked for an account in a Region: our own file, the variables and the
 * profile of the AWS tools in the order of these tools, else the endpoint rules of AWS. Names are
 * formed, not looked up: a host that does not exist shows itself when it is first called.
 *
 *	Region	 the caller's; AWS_REGION; AWS_DEFAULT_REGION; `region` of the profile; the fallback
 *	host	 the caller's URL; AWS_ENDPOINT_URL_<SERVICE>; AWS_ENDPOINT_URL; the [services] of
 *		 the profile; `endpoint_url` of the profile; the rules. All between the first and
 *the last are passed over with AWS_IGNORE_CONFIGURED_ENDPOINT_URLS or
 *		 ignore_configured_endpoint_urls.
 *	variant	 AWS_USE_FIPS_ENDPOINT or use_fips_endpoint, AWS_USE_DUALSTACK_ENDPOINT or
 *		 use_dualstack_endpoint: never together with a URL of one's own
 *	STS	 AWS_STS_REGIONAL_ENDPOINTS or sts_regional_endpoints: where `legacy` says so, the
 *old global host for the Regions that had it trust	 AWS_CA_BUNDLE or ca_bundle
 *
 * Where two are named with `or`, the variable goes before the key of the profile.
 */

#include <stdbool.h>

#include "base/error.h"

/* RegionName has 8 to 32 characters; an endpoint of one's own may stand behind a shorter one. */
#define ENDPOINT_REGION_SIZE 33
/* A host name of 253 characters, scheme, port and NUL, rounded up. Bytes. */
#define ENDPOINT_URL_SIZE 300
/* What named a URL, for messages, cut. Bytes. */
#define ENDPOINT_SOURCE_SIZE 160
/* Name of a file of CA certificates. Bytes. */
#define ENDPOINT_BUNDLE_SIZE 1024

struct profiles;

/* The services that are asked: the one that this program is for, and those that give keys for it.
 */
enum endpoint_service {
	ENDPOINT_DIRECTORY_SERVICE,
	ENDPOINT_STS,
	ENDPOINT_SSO, /* the portal of IAM Identity Center */
	ENDPOINT_SERVICES,
};

/* Which endpoint is wanted. Texts are borrowed; NULL where nothing is said. */
struct endpoint_wish {
	enum endpoint_service service;
	const char *region;   /* goes before all others */
	const char *fallback; /* the Region if nobody else names one */
	const char *url;      /* of our own file: goes before all others, and is never ignored */
	const char *profile;  /* that our own file chooses; NULL: the one that variables choose */
	/* The profiles as they were read; NULL: they are read now. */
	const struct profiles *profiles;
};

struct endpoint {
	char region[ENDPOINT_REGION_SIZE]; /* what requests are signed for */
	char url[ENDPOINT_URL_SIZE];	   /* scheme://host[:port]/ */
	char host[ENDPOINT_URL_SIZE];	   /* what Host says, with the port if not the scheme's */
	/* What named the URL, "AWS_ENDPOINT_URL"; "" for the rules. */
	char source[ENDPOINT_SOURCE_SIZE];
	bool loopback; /* the host is this one: plain http is taken, no proxy */
	/* File of CA certificates that its own is verified with; "": the system's. */
	char bundle[ENDPOINT_BUNDLE_SIZE];
};

/*
 * 0, -ERROR_MISSING (no Region), -ERROR_INVALID, or -ERROR_CORRUPT (the files of the profiles
 * cannot be read, which the source of keys would tell in the same words) with the reason in
 * `error`. A profile that is not there says nothing: who wants its keys tells that.
 */
int endpoint_resolve(
	const struct endpoint_wish *wish, struct endpoint *ret_endpoint, struct error *error);

/*
 * Takes the URL of an endpoint of one's own, as `name` holds it: https, or http to this host; no
 * path, no user name. Sets url, host, loopback and source. 0 or -ERROR_INVALID with a reason that
 * never quotes it.
 */
int endpoint_take(
	const char *name, const char *text, struct endpoint *ret_endpoint, struct error *error);

/* Whether both send to the same place, for the same Region, and trust the same. */
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);

/* Whether `region` is letters, digits and inner hyphens, at most 32: safe in a host name and in a
 * signature. */
bool endpoint_region_valid(const char *region);
