/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/endpoint.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "edge/environment.h"
#include "edge/http-url.h"

#define LOWER		    "abcdefghijklmnopqrstuvwxyz"
#define DIGITS		    "0123456789"
#define SUFFIX(plain, dual) .suffix = plain, .dual_stack = dual

/* The AWS endpoint rules (partitions.json): a Region is a prefix, one word and a number. */
static const struct partition {
	const char *name;
	const char *const prefixes[10]; /* with their hyphen */
	const char *suffix;
	const char *dual_stack;
} partitions[] = {
	{"aws", {"us-", "eu-", "ap-", "sa-", "ca-", "me-", "af-", "il-", "mx-"},
		SUFFIX("amazonaws.com", "api.aws")},
	{"aws-cn", {"cn-"}, SUFFIX("amazonaws.com.cn", "api.amazonwebservices.com.cn")},
	{"aws-us-gov", {"us-gov-"}, SUFFIX("amazonaws.com", "api.aws")},
	{"aws-eusc", {"eusc-de-"}, SUFFIX("amazonaws.eu", "api.amazonwebservices.eu")},
	{"aws-iso", {"us-iso-"}, SUFFIX("c2s.ic.gov", "api.aws.ic.gov")},
	{"aws-iso-b", {"us-isob-"}, SUFFIX("sc2s.sgov.gov", "api.aws.scloud")},
	{"aws-iso-e", {"eu-isoe-"}, SUFFIX("cloud.adc-e.uk", "api.cloud-aws.adc-e.uk")},
	{"aws-iso-f", {"us-isof-"}, SUFFIX("csp.hci.ic.gov", "api.aws.hci.ic.gov")},
};

/* How a service is called in host names, with FIPS, and the variable of an endpoint of one's own.
 */
static const struct {
	const char *host, *fips, *variable;
} services[ENDPOINT_SERVICES] = {
	[ENDPOINT_DIRECTORY_SERVICE] = {"ds", "ds-fips", "AWS_ENDPOINT_URL_DIRECTORY_SERVICE"},
	[ENDPOINT_STS] = {"sts", "sts-fips", "AWS_ENDPOINT_URL_STS"},
	[ENDPOINT_SSO] = {"portal.sso", "portal.sso-fips", "AWS_ENDPOINT_URL_SSO"},
};

bool endpoint_region_valid(const char *region)
{
	size_t length = strlen(region);

	return length > 0 && length < ENDPOINT_REGION_SIZE && region[0] != '-' &&
	       region[length - 1] != '-' && strspn(region, LOWER DIGITS "-") == length;
}

/* "central-1" of "eu-central-1": the rules' \w+\-\d+ */
static bool rest_matches(const char *rest)
{
	size_t word = strspn(rest, LOWER DIGITS "_");
	size_t number = word && rest[word] == '-' ? strspn(rest + word + 1, DIGITS) : 0;

	return number > 0 && rest[word + 1 + number] == '\0';
}

static const struct partition *partition_of(const char *region)
{
	for (size_t i = 0; i < ARRAY_LENGTH(partitions); i++)
		for (const char *const *prefix = partitions[i].prefixes; *prefix; prefix++)
			if (strncmp(region, *prefix, strlen(*prefix)) == 0 &&
				rest_matches(region + strlen(*prefix)))
				return &partitions[i];
	return NULL;
}

static int resolve_region(const char *region, struct endpoint *ret_endpoint, struct error *error)
{
	const char *source = "the region";

	if (!region && (region = environment_text("AWS_REGION")))
		source = "AWS_REGION";
	if (!region && (region = environment_text("AWS_DEFAULT_REGION")))
		source = "AWS_DEFAULT_REGION";
	if (!region)
		return error_set(error, ERROR_MISSING,
			"no Region: name it in the file (regions:) or set AWS_REGION");
	if (!endpoint_region_valid(region))
		return error_set(error, ERROR_INVALID,
			"%s is not the name of a Region: at most %d lower-case letters, digits and "
			"inner hyphens, as in eu-west-1",
			source, ENDPOINT_REGION_SIZE - 1);
	snprintf(ret_endpoint->region, sizeof(ret_endpoint->region), "%s", region);
	return 0;
}

static int resolve_table(enum endpoint_service service, struct endpoint *ret_endpoint, bool fips,
	bool dual, struct error *error)
{
	const struct partition *partition = partition_of(ret_endpoint->region);
	const char *host = fips ? services[service].fips : services[service].host;

	if (!partition)
		return error_set(error, ERROR_INVALID,
			"Region %s fits no AWS partition (a Region looks like eu-west-1 or "
			"us-gov-west-1): correct it, or set %s",
			ret_endpoint->region, services[service].variable);
	snprintf(ret_endpoint->host, sizeof(ret_endpoint->host), "%s.%s.%s", host,
		ret_endpoint->region, dual ? partition->dual_stack : partition->suffix);
	snprintf(ret_endpoint->url, sizeof(ret_endpoint->url), "https://%s.%s.%s/", host,
		ret_endpoint->region, dual ? partition->dual_stack : partition->suffix);
	return 0;
}

/* `text` may hold a password: it is never quoted. */
int endpoint_take(
	const char *name, const char *text, struct endpoint *ret_endpoint, struct error *error)
{
	struct http_url url;

	if (strlen(text) >= ENDPOINT_URL_SIZE || http_url_parse(text, &url) < 0)
		return error_set(error, ERROR_INVALID,
			"%s is not a URL such as https://ds.example.com", name);
	if (url.user)
		return error_set(error, ERROR_INVALID,
			"%s holds a user name or password, which is not allowed there", name);
	if (strcmp(url.scheme, "https") != 0 && strcmp(url.scheme, "http") != 0)
		return error_set(error, ERROR_INVALID,
			"%s begins with %s://, only https:// (and http:// on this host) is allowed",
			name, url.scheme);
	if (!url.bare)
		return error_set(error, ERROR_INVALID,
			"%s has a path, a query or a fragment; give scheme, host and port alone",
			name);
	ret_endpoint->loopback = http_host_loopback(url.host);
	if (strcmp(url.scheme, "http") == 0 && !ret_endpoint->loopback)
		return error_set(error, ERROR_INVALID,
			"%s is plain http to %s; that is allowed to localhost, 127.0.0.0/8 and "
			"[::1] only: use https://",
			name, url.host);
	snprintf(ret_endpoint->url, sizeof(ret_endpoint->url), "%s://%s:%ld/", url.scheme, url.host,
		url.port);
	if (url.port == (strcmp(url.scheme, "https") == 0 ? 443 : 80))
		snprintf(ret_endpoint->host, sizeof(ret_endpoint->host), "%s", url.host);
	else
		snprintf(ret_endpoint->host, sizeof(ret_endpoint->host), "%s:%ld", url.host,
			url.port);
	ret_endpoint->custom = true;
	return 0;
}

/* The name of the variable that holds an endpoint of the user's own, its text in ret_text. */
static const char *custom_variable(enum endpoint_service service, const char **ret_text)
{
	const char *const names[] = {services[service].variable, "AWS_ENDPOINT_URL"};

	if (environment_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"))
		return NULL;
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		if ((*ret_text = environment_text(names[i])))
			return names[i];
	return NULL;
}

int endpoint_resolve(const char *region, struct endpoint *ret_endpoint, struct error *error)
{
	return endpoint_resolve_service(ENDPOINT_DIRECTORY_SERVICE, region, ret_endpoint, error);
}

int endpoint_resolve_service(enum endpoint_service service, const char *region,
	struct endpoint *ret_endpoint, struct error *error)
{
	const char *text = NULL;
	const char *custom = custom_variable(service, &text);
	bool fips = environment_true("AWS_USE_FIPS_ENDPOINT");
	bool dual = environment_true("AWS_USE_DUALSTACK_ENDPOINT");
	struct endpoint endpoint = {0};
	int r = resolve_region(region, &endpoint, error);

	if (r < 0)
		return r;
	if (custom && (fips || dual))
		return error_set(error, ERROR_INVALID,
			"%s and %s are both set: an endpoint of your own cannot be combined with "
			"it",
			custom, fips ? "AWS_USE_FIPS_ENDPOINT" : "AWS_USE_DUALSTACK_ENDPOINT");
	r = custom ? endpoint_take(custom, text, &endpoint, error)
		   : resolve_table(service, &endpoint, fips, dual, error);
	if (r == 0)
		*ret_endpoint = endpoint;
	return r;
}
