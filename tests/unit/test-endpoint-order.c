/* SPDX-License-Identifier: Apache-2.0 */
/* Who names Region, endpoint and CA certificates where several do: the order of the AWS tools. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "edge/endpoint.h"
#include "edge/profile.h"
#include "tests/unit/variables.h"

#define SERVICES_SECTION                                                                           \
	"[services s]\ndirectory_service =\n  endpoint_url = https://section\nsts =\n"             \
	"  endpoint_url = https://section-sts\n"

static const struct {
	const char *what;
	const char *file;	       /* what our own file says */
	const char *own, *general;     /* AWS_ENDPOINT_URL_DIRECTORY_SERVICE, AWS_ENDPOINT_URL */
	const char *ignore;	       /* AWS_IGNORE_CONFIGURED_ENDPOINT_URLS */
	const char *fips, *dual;       /* AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT */
	const char *profile, *section; /* keys of [default]; the [services s] after it */
	const char *url;	       /* NULL: refused */
	const char *said;	       /* in the message; or what named the URL */
} order_cases[] = {
	{"nobody says anything", .url = "https://ds.eu-west-1.amazonaws.com/", .said = ""},
	{"the profile's own", .profile = "endpoint_url = https://profile",
		.url = "https://profile:443/", .said = "endpoint_url of the profile default"},
	{"its services go before it", .profile = "endpoint_url = https://profile\nservices = s",
		.section = SERVICES_SECTION, .url = "https://section:443/",
		.said = "endpoint_url of directory_service in [services s]"},
	{"services without this one", .profile = "endpoint_url = https://profile\nservices = s",
		.section = "[services s]\ns3 =\n  endpoint_url = https://s3\n",
		.url = "https://profile:443/", .said = "endpoint_url of the profile default"},
	{"the name of the CLI's command is none", .profile = "services = s",
		.section = "[services s]\nds =\n  endpoint_url = https://x\n",
		.url = "https://ds.eu-west-1.amazonaws.com/", .said = ""},
	{"services that are not there", .profile = "services = t", .section = SERVICES_SECTION,
		.said = "no section [services t]"},
	{"services that are not there, and are not asked", .general = "https://general",
		.profile = "services = t", .url = "https://general:443/",
		.said = "AWS_ENDPOINT_URL"},
	{"the general variable goes before the profile", .general = "https://general",
		.profile = "endpoint_url = https://profile\nservices = s",
		.section = SERVICES_SECTION, .url = "https://general:443/",
		.said = "AWS_ENDPOINT_URL"},
	{"the service's variable goes before it", .own = "https://own",
		.general = "https://general", .profile = "endpoint_url = https://profile",
		.url = "https://own:443/", .said = "AWS_ENDPOINT_URL_DIRECTORY_SERVICE"},
	{"our own file goes before all", .file = "https://file", .own = "https://own",
		.general = "https://general", .profile = "endpoint_url = https://profile",
		.url = "https://file:443/", .said = "the endpoint of the file"},
	{"ignored: all between the file and the rules", .own = "https://own",
		.general = "https://general", .ignore = "true",
		.profile = "endpoint_url = https://profile\nservices = t",
		.url = "https://ds.eu-west-1.amazonaws.com/", .said = ""},
	{"ignored by the profile", .general = "https://general",
		.profile = "ignore_configured_endpoint_urls = True",
		.url = "https://ds.eu-west-1.amazonaws.com/", .said = ""},
	{"the variable that does not ignore goes before the profile that does",
		.general = "https://general", .ignore = "false",
		.profile = "ignore_configured_endpoint_urls = true", .url = "https://general:443/",
		.said = "AWS_ENDPOINT_URL"},
	{"the file is never ignored", .file = "https://file", .ignore = "true",
		.url = "https://file:443/", .said = "the endpoint of the file"},
	{"FIPS by the profile", .profile = "use_fips_endpoint = true",
		.url = "https://ds-fips.eu-west-1.amazonaws.com/", .said = ""},
	{"not by the variable", .fips = "false", .profile = "use_fips_endpoint = true",
		.url = "https://ds.eu-west-1.amazonaws.com/", .said = ""},
	{"dual-stack by the profile, FIPS by the variable", .fips = "true",
		.profile = "use_dualstack_endpoint = TRUE",
		.url = "https://ds-fips.eu-west-1.api.aws/", .said = ""},
	{"something else than true", .profile = "use_fips_endpoint = yes",
		.url = "https://ds.eu-west-1.amazonaws.com/", .said = ""},
	{"FIPS with the file's endpoint", .file = "https://file",
		.profile = "use_fips_endpoint = true",
		.said = "the endpoint of the file and use_fips_endpoint of the profile default"},
	{"dual-stack with a profile's endpoint", .dual = "true",
		.profile = "endpoint_url = https://profile",
		.said = "profile default and AWS_USE_DUALSTACK_ENDPOINT"},
	{"FIPS with an endpoint that is ignored", .general = "https://general", .ignore = "true",
		.fips = "true", .url = "https://ds-fips.eu-west-1.amazonaws.com/", .said = ""},
	{"a profile's endpoint with a password",
		.profile = "endpoint_url = https://u:hunter2@profile", .said = "user name"},
	{"a profile's endpoint by plain http", .profile = "endpoint_url = http://profile",
		.said = "plain http to profile"},
	{"a profile's endpoint on this host", .profile = "endpoint_url = http://127.0.0.1:4580",
		.url = "http://127.0.0.1:4580/", .said = "endpoint_url of the profile default"},
};

static struct profiles *profiles_of(const char *profile, const char *section)
{
	struct profiles *profiles = profiles_new();
	char text[1024];

	assert_non_null(profiles);
	snprintf(text, sizeof(text), "[default]\n%s\n%s", profile ? profile : "",
		section ? section : "");
	assert_int_equal(
		profiles_parse(profiles, PROFILE_CONFIG, "config", text, strlen(text), NULL), 0);
	return profiles;
}

static void endpoints_have_an_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(order_cases); i++) {
		struct profiles *profiles =
			profiles_of(order_cases[i].profile, order_cases[i].section);
		struct endpoint endpoint = {0};
		struct error error = {0};
		int r;

		print_message("%s\n", order_cases[i].what);
		variables_clear(NULL);
		variable_set("AWS_ENDPOINT_URL_DIRECTORY_SERVICE", order_cases[i].own);
		variable_set("AWS_ENDPOINT_URL", order_cases[i].general);
		variable_set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", order_cases[i].ignore);
		variable_set("AWS_USE_FIPS_ENDPOINT", order_cases[i].fips);
		variable_set("AWS_USE_DUALSTACK_ENDPOINT", order_cases[i].dual);
		r = endpoint_resolve(&(struct endpoint_wish){.region = "eu-west-1",
					     .url = order_cases[i].file,
					     .profiles = profiles},
			&endpoint, &error);
		profiles_free(profiles);
		if (order_cases[i].url) {
			assert_int_equal(r, 0);
			assert_string_equal(endpoint.url, order_cases[i].url);
			assert_string_equal(endpoint.source, order_cases[i].said);
			continue;
		}
		assert_int_equal(r, -ERROR_INVALID);
		if (!strstr(error.message, order_cases[i].said))
			fail_msg("%s", error.message);
		assert_null(strstr(error.message, "hunter2"));
	}
	variables_clear(NULL);
}

static void regions_have_an_order(void **state)
{
	static const struct {
		const char *what, *own, *aws, *standard, *profile, *fallback, *region;
	} cases[] = {
		{"the file", "r-1", "r-2", "r-3", "region = r-4", "r-5", "r-1"},
		{"AWS_REGION", NULL, "r-2", "r-3", "region = r-4", "r-5", "r-2"},
		{"AWS_DEFAULT_REGION", NULL, NULL, "r-3", "region = r-4", "r-5", "r-3"},
		{"the profile", NULL, NULL, NULL, "region = r-4", "r-5", "r-4"},
		{"what is left", NULL, NULL, NULL, NULL, "r-5", "r-5"},
		{"an empty key is none", NULL, NULL, NULL, "region =", "r-5", "r-5"},
		{"nobody", NULL, NULL, NULL, NULL, NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct profiles *profiles = profiles_of(cases[i].profile, NULL);
		struct endpoint endpoint = {0};

		print_message("%s\n", cases[i].what);
		variables_clear(NULL);
		variable_set("AWS_REGION", cases[i].aws);
		variable_set("AWS_DEFAULT_REGION", cases[i].standard);
		assert_int_equal(endpoint_resolve(&(struct endpoint_wish){.region = cases[i].own,
							  .fallback = cases[i].fallback,
							  .url = "https://own",
							  .profiles = profiles},
					 &endpoint, NULL),
			cases[i].region ? 0 : -ERROR_MISSING);
		profiles_free(profiles);
		if (cases[i].region)
			assert_string_equal(endpoint.region, cases[i].region);
	}
	variables_clear(NULL);
}

static void sts_had_one_host_for_all(void **state)
{
	static const struct {
		const char *what, *region, *variable, *profile, *fips, *file, *url, *signed_for;
	} cases[] = {
		{"nobody asks for it", "eu-west-1", NULL, NULL, NULL, NULL,
			"https://sts.eu-west-1.amazonaws.com/", "eu-west-1"},
		{"the profile does", "eu-west-1", NULL, "legacy", NULL, NULL,
			"https://sts.amazonaws.com/", "us-east-1"},
		{"the variable goes before it", "eu-west-1", "regional", "legacy", NULL, NULL,
			"https://sts.eu-west-1.amazonaws.com/", "eu-west-1"},
		{"the variable alone", "us-west-2", "LEGACY", NULL, NULL, NULL,
			"https://sts.amazonaws.com/", "us-east-1"},
		{"a Region that came later", "eu-south-1", "legacy", NULL, NULL, NULL,
			"https://sts.eu-south-1.amazonaws.com/", "eu-south-1"},
		{"another partition", "cn-north-1", "legacy", NULL, NULL, NULL,
			"https://sts.cn-north-1.amazonaws.com.cn/", "cn-north-1"},
		{"with FIPS", "us-east-1", "legacy", NULL, "true", NULL,
			"https://sts-fips.us-east-1.amazonaws.com/", "us-east-1"},
		{"with an endpoint of the file", "eu-west-1", "legacy", NULL, NULL, "https://own",
			"https://own:443/", "eu-west-1"},
		{"nonsense", "eu-west-1", "global", NULL, NULL, NULL, NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct profiles *profiles;
		struct endpoint endpoint = {0};
		char key[80];
		int r;

		print_message("%s\n", cases[i].what);
		variables_clear(NULL);
		variable_set("AWS_STS_REGIONAL_ENDPOINTS", cases[i].variable);
		variable_set("AWS_USE_FIPS_ENDPOINT", cases[i].fips);
		snprintf(key, sizeof(key), "sts_regional_endpoints = %s",
			cases[i].profile ? cases[i].profile : "");
		profiles = profiles_of(key, NULL);
		r = endpoint_resolve(&(struct endpoint_wish){.service = ENDPOINT_STS,
					     .region = cases[i].region,
					     .url = cases[i].file,
					     .profiles = profiles},
			&endpoint, NULL);
		profiles_free(profiles);
		assert_int_equal(r, cases[i].url ? 0 : -ERROR_INVALID);
		if (!cases[i].url)
			continue;
		assert_string_equal(endpoint.url, cases[i].url);
		assert_string_equal(endpoint.region, cases[i].signed_for);
	}
	variables_clear(NULL);
}

static void bundles_have_an_order(void **state)
{
	struct profiles *profiles = profiles_of("ca_bundle = ~/profile.pem", NULL);
	const struct endpoint_wish wish = {.region = "eu-west-1", .profiles = profiles};
	struct endpoint endpoint = {0};

	(void)state;
	variables_clear(NULL);
	assert_int_equal(endpoint_resolve(&wish, &endpoint, NULL), -ERROR_INVALID); /* no HOME */
	variable_set("HOME", "/home/me");
	assert_int_equal(endpoint_resolve(&wish, &endpoint, NULL), 0);
	assert_string_equal(endpoint.bundle, "/home/me/profile.pem");
	variable_set("AWS_CA_BUNDLE", "/etc/ours.pem");
	assert_int_equal(endpoint_resolve(&wish, &endpoint, NULL), 0);
	assert_string_equal(endpoint.bundle, "/etc/ours.pem");
	profiles_free(profiles);
	variables_clear(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endpoints_have_an_order),
		cmocka_unit_test(regions_have_an_order),
		cmocka_unit_test(sts_had_one_host_for_all),
		cmocka_unit_test(bundles_have_an_order),
	};

	return cmocka_run_group_tests(tests, variables_clear, NULL);
}
