/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/endpoint.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "edge/environment.h"
#include "edge/http-url.h"
#include "edge/partition.h"
#include "edge/profile.h"

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

/*
 * How a service is called in host names, without and with FIPS, in the variable of an endpoint of
 * one's own, and in a [services] section. `gov`: GovCloud has no variant, as every host of it is
 * one.
 */
static const struct {
	const char *host, *fips, *variable, *key;
	bool gov;
} services[ENDPOINT_SERVICES] = {
	[ENDPOINT_DIRECTORY_SERVICE] = {"ds", "ds-fips", "AWS_ENDPOINT_URL_DIRECTORY_SERVICE",
		"directory_service", false},
	[ENDPOINT_STS] = {"sts", "sts-fips", "AWS_ENDPOINT_URL_STS", "sts", true},
	[ENDPOINT_SSO] = {"portal.sso", "portal.sso-fips", "AWS_ENDPOINT_URL_SSO", "sso", true},
};

/* Regions that were there before STS had hosts of its own in each (rules of STS). */
static const char *const legacy_regions[] = {"ap-northeast-1", "ap-south-1", "ap-southeast-1",
	"ap-southeast-2", "aws-global", "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1",
	"eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"};

/* One resolution: the wish, and the profile that speaks where the variables do not. */
struct asking {
	const struct endpoint_wish *wish;
	const struct profiles *profiles;
	const char *profile;
	struct error *error;
};

/* What a variable or, without it, a key of the profile says, and which of the two. */
struct said {
	const char *text; /* borrowed; NULL: neither */
	char source[ENDPOINT_SOURCE_SIZE];
};

static struct said said_by(const struct asking *asking, const char *variable, const char *key)
{
	struct said said = {.text = variable ? environment_text(variable) : NULL};

	if (said.text) {
		snprintf(said.source, sizeof(said.source), "%s", variable);
		return said;
	}
	said.text =
		key ? profiles_text(asking->profiles, PROFILE_PROFILE, asking->profile, key) : NULL;
	if (said.text && !*said.text)
		said.text = NULL;
	snprintf(said.source, sizeof(said.source), "%s of the profile %s", key ? key : "",
		asking->profile);
	return said;
}

static bool said_true(const struct said *said)
{
	return said->text && strcasecmp(said->text, "true") == 0;
}

/* ---- the Region ---- */

bool endpoint_region_valid(const char *region)
{
	size_t length = strlen(region);

	return length > 0 && length < ENDPOINT_REGION_SIZE && region[0] != '-' &&
	       region[length - 1] != '-' && strspn(region, LOWER DIGITS "-") == length;
}

static int resolve_region(const struct asking *asking, struct endpoint *endpoint)
{
	struct said said = {.text = asking->wish->region, .source = "the region"};

	if (!said.text)
		said = said_by(asking, "AWS_REGION", NULL);
	if (!said.text)
		said = said_by(asking, "AWS_DEFAULT_REGION", "region");
	if (!said.text)
		said = (struct said){.text = asking->wish->fallback, .source = "the region"};
	if (!said.text)
		return error_set(asking->error, ERROR_MISSING,
			"no Region: name it in the file (regions:), in the "
			"profile, or set AWS_REGION");
	if (!endpoint_region_valid(said.text))
		return error_set(asking->error, ERROR_INVALID,
			"%s is not the name of a Region: at most %d lower-case letters, digits and "
			"inner hyphens, as in eu-west-1",
			said.source, ENDPOINT_REGION_SIZE - 1);
	snprintf(endpoint->region, sizeof(endpoint->region), "%s", said.text);
	return 0;
}

/* ---- the rules ---- */

static int resolve_rules(
	const struct asking *asking, bool fips, bool dual, struct endpoint *endpoint)
{
	enum endpoint_service service = asking->wish->service;
	const struct partition *partition = partition_of(endpoint->region);
	const char *host = services[service].host;

	if (!partition)
		return error_set(asking->error, ERROR_INVALID,
			"Region %s fits no AWS partition (a Region looks like eu-west-1 or "
			"us-gov-west-1): correct it, or set %s",
			endpoint->region, services[service].variable);
	if (fips && (dual || !partition->all_fips || !services[service].gov))
		host = services[service].fips;
	snprintf(endpoint->host, sizeof(endpoint->host), "%s.%s.%s", host, endpoint->region,
		dual ? partition->dual_stack : partition->suffix);
	snprintf(endpoint->url, sizeof(endpoint->url), "https://%s.%s.%s/", host, endpoint->region,
		dual ? partition->dual_stack : partition->suffix);
	return 0;
}

/* The one host that STS had first, where `legacy` asks for it. */
static int resolve_legacy(const struct asking *asking, struct endpoint *endpoint)
{
	struct said said = said_by(asking, "AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints");

	if (!said.text || strcasecmp(said.text, "regional") == 0)
		return 0;
	if (strcasecmp(said.text, "legacy") != 0)
		return error_set(
			asking->error, ERROR_INVALID, "%s must be regional or legacy", said.source);
	for (size_t i = 0; i < ARRAY_LENGTH(legacy_regions); i++)
		if (strcmp(legacy_regions[i], endpoint->region) == 0) {
			snprintf(endpoint->host, sizeof(endpoint->host), "sts.amazonaws.com");
			snprintf(
				endpoint->url, sizeof(endpoint->url), "https://sts.amazonaws.com/");
			snprintf(endpoint->region, sizeof(endpoint->region), "us-east-1");
			break;
		}
	return 0;
}

/* ---- an endpoint of one's own ---- */

/* `text` may hold a password: it is never quoted. */
int endpoint_take(
	const char *name, const char *text, struct endpoint *ret_endpoint, struct error *error)
{
	struct http_url url;
	bool secure;

	if (strlen(text) >= ENDPOINT_URL_SIZE || http_url_parse(text, &url) < 0)
		return error_set(error, ERROR_INVALID,
			"%s is not a URL such as https://ds.example.com", name);
	if (url.user)
		return error_set(error, ERROR_INVALID,
			"%s holds a user name or password, which is not allowed there", name);
	secure = strcmp(url.scheme, "https") == 0;
	if (!secure && strcmp(url.scheme, "http") != 0)
		return error_set(error, ERROR_INVALID,
			"%s begins with %s://, only https:// (and http:// on this host) is allowed",
			name, url.scheme);
	if (!url.bare)
		return error_set(error, ERROR_INVALID,
			"%s has a path, a query or a fragment; give scheme, host and port alone",
			name);
	ret_endpoint->loopback = http_host_loopback(url.host);
	if (!secure && !ret_endpoint->loopback)
		return error_set(error, ERROR_INVALID,
			"%s is plain http to %s; that is allowed to localhost, 127.0.0.0/8 and "
			"[::1] only: use https://",
			name, url.host);
	snprintf(ret_endpoint->url, sizeof(ret_endpoint->url), "%s://%s:%ld/", url.scheme, url.host,
		url.port);
	if (url.port == (secure ? 443 : 80))
		snprintf(ret_endpoint->host, sizeof(ret_endpoint->host), "%s", url.host);
	else
		snprintf(ret_endpoint->host, sizeof(ret_endpoint->host), "%s:%ld", url.host,
			url.port);
	snprintf(ret_endpoint->source, sizeof(ret_endpoint->source), "%s", name);
	return 0;
}

/* What the section of the profile's `services` says of this service. */
static int services_text(const struct asking *asking, struct said *ret_said)
{
	const char *key = services[asking->wish->service].key;
	struct said section = said_by(asking, NULL, "services");

	if (!section.text)
		return 0;
	if (!profiles_have(asking->profiles, PROFILE_SERVICES, section.text))
		return error_set(asking->error, ERROR_INVALID,
			"%s names %s, but there is no section [services %s]", section.source,
			section.text, section.text);
	ret_said->text = profiles_nested(
		asking->profiles, PROFILE_SERVICES, section.text, key, "endpoint_url");
	if (ret_said->text && !*ret_said->text)
		ret_said->text = NULL;
	snprintf(ret_said->source, sizeof(ret_said->source), "endpoint_url of %s in [services %s]",
		key, section.text);
	return 0;
}

/* The first who names an endpoint, in the order of the AWS tools; text NULL if nobody does. */
static int find_custom(const struct asking *asking, struct said *ret_said)
{
	const char *variable = services[asking->wish->service].variable;
	struct said ignore = said_by(
		asking, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls");
	int r = 0;

	*ret_said = (struct said){.text = asking->wish->url, .source = "the endpoint of the file"};
	if (ret_said->text || said_true(&ignore))
		return 0;
	*ret_said = said_by(asking, variable, NULL);
	if (!ret_said->text)
		*ret_said = said_by(asking, "AWS_ENDPOINT_URL", NULL);
	if (!ret_said->text)
		r = services_text(asking, ret_said);
	if (r == 0 && !ret_said->text)
		*ret_said = said_by(asking, NULL, "endpoint_url");
	return r;
}

static int resolve_bundle(const struct asking *asking, struct endpoint *endpoint)
{
	struct said said = said_by(asking, "AWS_CA_BUNDLE", "ca_bundle");

	if (said.text && !profile_path(said.text, endpoint->bundle, sizeof(endpoint->bundle)))
		return error_set(asking->error, ERROR_INVALID,
			"%s is too long, or begins with ~ and HOME is not set", said.source);
	return 0;
}

static int resolve(const struct asking *asking, struct endpoint *endpoint)
{
	struct said fips = said_by(asking, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
	struct said dual = said_by(asking, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
	bool variant = said_true(&fips) || said_true(&dual);
	struct said custom;
	int r = resolve_region(asking, endpoint);

	if (r == 0)
		r = resolve_bundle(asking, endpoint);
	if (r == 0)
		r = find_custom(asking, &custom);
	if (r < 0)
		return r;
	if (custom.text && variant)
		return error_set(asking->error, ERROR_INVALID,
			"%s and %s are both set: an endpoint of your own cannot be combined with "
			"it",
			custom.source, said_true(&fips) ? fips.source : dual.source);
	if (custom.text)
		return endpoint_take(custom.source, custom.text, endpoint, asking->error);
	r = resolve_rules(asking, said_true(&fips), said_true(&dual), endpoint);
	if (r == 0 && asking->wish->service == ENDPOINT_STS && !variant)
		r = resolve_legacy(asking, endpoint);
	return r;
}

int endpoint_resolve(
	const struct endpoint_wish *wish, struct endpoint *ret_endpoint, struct error *error)
{
	CLEANUP(profiles_free_ptr) struct profiles *own = NULL;
	struct asking asking = {.wish = wish,
		.profiles = wish->profiles,
		.profile = profile_name(wish->profile),
		.error = error};
	struct endpoint endpoint = {0};
	int r = wish->profiles ? 0 : profiles_load(&own, error);

	if (own)
		asking.profiles = own;
	if (r < 0 && r != -ERROR_MEMORY) {
		error_prefix(error, "keys of the profile");
		if (error)
			error->code = -ERROR_CORRUPT;
		r = -ERROR_CORRUPT;
	}
	if (r == 0)
		r = resolve(&asking, &endpoint);
	if (r == 0)
		*ret_endpoint = endpoint;
	return r;
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return strcmp(a->region, b->region) == 0 && strcmp(a->url, b->url) == 0 &&
	       strcmp(a->bundle, b->bundle) == 0;
}
