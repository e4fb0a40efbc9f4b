/* SPDX-License-Identifier: Apache-2.0 */
/* Where the service is, which keys sign, and what the variables may say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "edge/clock.h"
#include "edge/credentials-environment.h"
#include "edge/credentials-instance.h"
#include "edge/endpoint.h"
#include "edge/http-url.h"
#include "tests/unit/variables.h"

/* As environment and files say, without a word of our own file but the Region. */
static int resolve(enum endpoint_service service, const char *region, struct endpoint *ret_endpoint,
	struct error *error)
{
	return endpoint_resolve(
		&(struct endpoint_wish){.service = service, .region = region}, ret_endpoint, error);
}

static void table_of_partitions(void **state)
{
	static const struct {
		const char *region, *plain, *fips, *dual, *both; /* NULL plain: no partition */
	} cases[] = {
		{"us-east-1", "ds.us-east-1.amazonaws.com", "ds-fips.us-east-1.amazonaws.com",
			"ds.us-east-1.api.aws", "ds-fips.us-east-1.api.aws"},
		{"ap-southeast-5", "ds.ap-southeast-5.amazonaws.com",
			"ds-fips.ap-southeast-5.amazonaws.com", "ds.ap-southeast-5.api.aws",
			"ds-fips.ap-southeast-5.api.aws"},
		{"mx-central-1", "ds.mx-central-1.amazonaws.com",
			"ds-fips.mx-central-1.amazonaws.com", "ds.mx-central-1.api.aws",
			"ds-fips.mx-central-1.api.aws"},
		{"cn-northwest-1", "ds.cn-northwest-1.amazonaws.com.cn",
			"ds-fips.cn-northwest-1.amazonaws.com.cn",
			"ds.cn-northwest-1.api.amazonwebservices.com.cn",
			"ds-fips.cn-northwest-1.api.amazonwebservices.com.cn"},
		{"us-gov-west-1", "ds.us-gov-west-1.amazonaws.com",
			"ds-fips.us-gov-west-1.amazonaws.com", "ds.us-gov-west-1.api.aws",
			"ds-fips.us-gov-west-1.api.aws"},
		{"eusc-de-east-1", "ds.eusc-de-east-1.amazonaws.eu",
			"ds-fips.eusc-de-east-1.amazonaws.eu",
			"ds.eusc-de-east-1.api.amazonwebservices.eu",
			"ds-fips.eusc-de-east-1.api.amazonwebservices.eu"},
		{"us-iso-east-1", "ds.us-iso-east-1.c2s.ic.gov", "ds-fips.us-iso-east-1.c2s.ic.gov",
			"ds.us-iso-east-1.api.aws.ic.gov", "ds-fips.us-iso-east-1.api.aws.ic.gov"},
		{"us-isob-east-1", "ds.us-isob-east-1.sc2s.sgov.gov",
			"ds-fips.us-isob-east-1.sc2s.sgov.gov", "ds.us-isob-east-1.api.aws.scloud",
			"ds-fips.us-isob-east-1.api.aws.scloud"},
		{"eu-isoe-west-1", "ds.eu-isoe-west-1.cloud.adc-e.uk",
			"ds-fips.eu-isoe-west-1.cloud.adc-e.uk",
			"ds.eu-isoe-west-1.api.cloud-aws.adc-e.uk",
			"ds-fips.eu-isoe-west-1.api.cloud-aws.adc-e.uk"},
		{"us-isof-south-1", "ds.us-isof-south-1.csp.hci.ic.gov",
			"ds-fips.us-isof-south-1.csp.hci.ic.gov",
			"ds.us-isof-south-1.api.aws.hci.ic.gov",
			"ds-fips.us-isof-south-1.api.aws.hci.ic.gov"},
		{.region = "eu-west"},
		{.region = "eu-west-1a"},
		{.region = "xx-west-1"},
		{.region = "eu--1"},
		{.region = "us-gov-west"},
		{.region = "EU-WEST-1"},
		{.region = ""},
		{.region = "eu-west-1/"},
		{.region = "eu-west-1\r\nX"},
		{.region = "-eu-west-1"},
		{.region = "eu-westwestwestwestwestwestwestwest-1"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		for (int variant = 0; variant < 4; variant++) {
			const char *hosts[] = {
				cases[i].plain, cases[i].fips, cases[i].dual, cases[i].both};
			struct endpoint endpoint = {.region = "untouched"};
			struct error error = {0};
			char url[ENDPOINT_URL_SIZE];
			int r;

			variable_set("AWS_USE_FIPS_ENDPOINT", variant & 1 ? "true" : "false");
			variable_set("AWS_USE_DUALSTACK_ENDPOINT", variant & 2 ? "TRUE" : "");
			r = resolve(ENDPOINT_DIRECTORY_SERVICE, cases[i].region, &endpoint, &error);
			if (!cases[i].plain) {
				assert_int_equal(r, -ERROR_INVALID);
				assert_true(error.message[0] != '\0');
				assert_string_equal(endpoint.region, "untouched");
				continue;
			}
			assert_int_equal(r, 0);
			snprintf(url, sizeof(url), "https://%s/", hosts[variant]);
			assert_string_equal(endpoint.url, url);
			assert_string_equal(endpoint.host, hosts[variant]);
			assert_string_equal(endpoint.region, cases[i].region);
			assert_false(endpoint.loopback);
			assert_string_equal(endpoint.source, "");
		}
}

static void region_comes_from_the_first_that_names_one(void **state)
{
	struct endpoint endpoint;
	struct error error = {0};

	(void)state;
	assert_int_equal(
		resolve(ENDPOINT_DIRECTORY_SERVICE, NULL, &endpoint, &error), -ERROR_MISSING);
	assert_non_null(strstr(error.message, "AWS_REGION"));
	variable_set("AWS_DEFAULT_REGION", "us-east-2");
	assert_int_equal(resolve(ENDPOINT_DIRECTORY_SERVICE, NULL, &endpoint, NULL), 0);
	assert_string_equal(endpoint.region, "us-east-2");
	variable_set("AWS_REGION", "us-west-2");
	assert_int_equal(resolve(ENDPOINT_DIRECTORY_SERVICE, NULL, &endpoint, NULL), 0);
	assert_string_equal(endpoint.region, "us-west-2");
	assert_int_equal(resolve(ENDPOINT_DIRECTORY_SERVICE, "eu-west-1", &endpoint, NULL), 0);
	assert_string_equal(endpoint.region, "eu-west-1");
}

static const struct {
	const char *what;
	const char *own, *general, *ignore, *fips;
	const char *url;  /* NULL: refused */
	const char *said; /* in the message */
	bool loopback;
} own_cases[] = {
	{"the service's own goes first", "https://a.example.com", "https://b.example.com", NULL,
		NULL, "https://a.example.com:443/", NULL, false},
	{"the general one", NULL, "https://b.example.com:8443/", NULL, NULL,
		"https://b.example.com:8443/", NULL, false},
	{"an empty one is none", "", "https://b.example.com", NULL, NULL,
		"https://b.example.com:443/", NULL, false},
	{"both ignored", "https://a.example.com", "https://b.example.com", "true", NULL,
		"https://ds.eu-west-1.amazonaws.com/", NULL, false},
	{"ignored takes FIPS", "https://a.example.com", NULL, "True", "true",
		"https://ds-fips.eu-west-1.amazonaws.com/", NULL, false},
	{"with FIPS", "https://a.example.com", NULL, NULL, "true", NULL, "AWS_USE_FIPS_ENDPOINT",
		false},
	{"plain http on this host", "http://127.0.0.1:8080", NULL, NULL, NULL,
		"http://127.0.0.1:8080/", NULL, true},
	{"by another address", "http://127.4.5.6", NULL, NULL, NULL, "http://127.4.5.6:80/", NULL,
		true},
	{"by name", "http://LocalHost:80", NULL, NULL, NULL, "http://localhost:80/", NULL, true},
	{"by IPv6", "http://[::1]:8080", NULL, NULL, NULL, "http://[::1]:8080/", NULL, true},
	{"https on this host", "https://localhost", NULL, NULL, NULL, "https://localhost:443/",
		NULL, true},
	{"plain http elsewhere", "http://ds.example.com", NULL, NULL, NULL, NULL, "plain http",
		false},
	{"a name that only looks like it", "http://localhost.example.com", NULL, NULL, NULL, NULL,
		"plain http", false},
	{"an address that is not this host", "http://128.0.0.1", NULL, NULL, NULL, NULL,
		"plain http", false},
	{"any address", "http://0.0.0.0", NULL, NULL, NULL, NULL, "plain http", false},
	{"IPv6 that is not", "http://[::2]", NULL, NULL, NULL, NULL, "plain http", false},
	{"a user", "https://user@ds.example.com", NULL, NULL, NULL, NULL, "user name", false},
	{"a password", "https://user:pass@ds.example.com", NULL, NULL, NULL, NULL, "user name",
		false},
	{"a path", "https://ds.example.com/a", NULL, NULL, NULL, NULL, "path", false},
	{"a query", "https://ds.example.com/?a=b", NULL, NULL, NULL, NULL, "path", false},
	{"a fragment", "https://ds.example.com/#a", NULL, NULL, NULL, NULL, "path", false},
	{"another scheme", "ftp://ds.example.com", NULL, NULL, NULL, NULL, "ftp://", false},
	{"a file", "file:///etc/passwd", NULL, NULL, NULL, NULL, "not a URL", false},
	{"no scheme", "ds.example.com", NULL, NULL, NULL, NULL, "not a URL", false},
	{"nonsense", "https://", NULL, NULL, NULL, NULL, "not a URL", false},
	{"a line break", "https://ds.example.com\r\nX: y", NULL, NULL, NULL, NULL, "not a URL",
		false},
	{"a port that is none", "https://ds.example.com:99999", NULL, NULL, NULL, NULL, "not a URL",
		false},
	{"a zone", "http://[fe80::1%25eth0]", NULL, NULL, NULL, NULL, "not a URL", false},
};

static void own_endpoints(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(own_cases); i++) {
		struct endpoint endpoint;
		struct error error = {0};
		int r;

		print_message("%s\n", own_cases[i].what);
		variables_clear(NULL);
		variable_set("AWS_ENDPOINT_URL_DIRECTORY_SERVICE", own_cases[i].own);
		variable_set("AWS_ENDPOINT_URL", own_cases[i].general);
		variable_set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", own_cases[i].ignore);
		variable_set("AWS_USE_FIPS_ENDPOINT", own_cases[i].fips);
		r = resolve(ENDPOINT_DIRECTORY_SERVICE, "eu-west-1", &endpoint, &error);
		if (own_cases[i].url) {
			assert_int_equal(r, 0);
			assert_string_equal(endpoint.url, own_cases[i].url);
			assert_int_equal(endpoint.loopback, own_cases[i].loopback);
			continue;
		}
		assert_int_equal(r, -ERROR_INVALID);
		if (!strstr(error.message, own_cases[i].said))
			fail_msg("%s", error.message);
		assert_null(strstr(error.message, "pass@"));
	}
}

static void own_endpoint_takes_any_region_that_is_a_name(void **state)
{
	struct endpoint endpoint;

	(void)state;
	variable_set("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
	assert_int_equal(resolve(ENDPOINT_DIRECTORY_SERVICE, "local", &endpoint, NULL), 0);
	assert_string_equal(endpoint.source, "AWS_ENDPOINT_URL");
	assert_string_equal(endpoint.host, "127.0.0.1:1");
	variable_set("AWS_ENDPOINT_URL", "https://ds.example.com:80");
	assert_int_equal(resolve(ENDPOINT_DIRECTORY_SERVICE, "local", &endpoint, NULL), 0);
	assert_string_equal(endpoint.host, "ds.example.com:80");
	variable_set("AWS_ENDPOINT_URL", "https://ds.example.com:443");
	assert_int_equal(resolve(ENDPOINT_DIRECTORY_SERVICE, "local", &endpoint, NULL), 0);
	assert_string_equal(endpoint.host, "ds.example.com");
	assert_int_equal(
		resolve(ENDPOINT_DIRECTORY_SERVICE, "lo:cal", &endpoint, NULL), -ERROR_INVALID);
}

static void others_that_are_asked(void **state)
{
	static const struct {
		enum endpoint_service service;
		const char *region, *variable, *fips, *url;
	} cases[] = {
		{ENDPOINT_STS, "eu-west-1", NULL, NULL, "https://sts.eu-west-1.amazonaws.com/"},
		{ENDPOINT_STS, "cn-north-1", NULL, NULL,
			"https://sts.cn-north-1.amazonaws.com.cn/"},
		{ENDPOINT_STS, "us-east-1", NULL, "true",
			"https://sts-fips.us-east-1.amazonaws.com/"},
		{ENDPOINT_STS, "us-gov-west-1", NULL, "true",
			"https://sts.us-gov-west-1.amazonaws.com/"},
		{ENDPOINT_SSO, "us-gov-west-1", NULL, "true",
			"https://portal.sso.us-gov-west-1.amazonaws.com/"},
		{ENDPOINT_SSO, "eu-west-1", NULL, NULL,
			"https://portal.sso.eu-west-1.amazonaws.com/"},
		{ENDPOINT_STS, "eu-west-1", "AWS_ENDPOINT_URL_STS", NULL, "https://own:1/"},
		{ENDPOINT_SSO, "eu-west-1", "AWS_ENDPOINT_URL_SSO", NULL, "https://own:1/"},
		{ENDPOINT_SSO, "eu-west-1", "AWS_ENDPOINT_URL", NULL, "https://own:1/"},
		{ENDPOINT_STS, "eu-west-1", "AWS_ENDPOINT_URL_DIRECTORY_SERVICE", NULL,
			"https://sts.eu-west-1.amazonaws.com/"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct endpoint endpoint = {0};
		struct error error = {0};

		variables_clear(NULL);
		variable_set("AWS_USE_FIPS_ENDPOINT", cases[i].fips);
		if (cases[i].variable)
			variable_set(cases[i].variable, "https://own:1");
		assert_int_equal(resolve(cases[i].service, cases[i].region, &endpoint, &error), 0);
		assert_string_equal(endpoint.url, cases[i].url);
	}
	variables_clear(NULL);
}

static void instances_are_stable(void **state)
{
	(void)state;
	/* an hour is left: as it was told; none, or nearly none: 15 min and 2 to 10 more from now
	 */
	assert_int_equal(credentials_instance_expiry(0, 1000, 0), 0);
	assert_int_equal(credentials_instance_expiry(4600, 1000, 0), 4600);
	assert_int_equal(credentials_instance_expiry(1900, 1000, 0), 1900);
	assert_int_equal(credentials_instance_expiry(1899, 1000, 0), 1000 + 900 + 120);
	assert_int_equal(credentials_instance_expiry(10, 1000, UINT32_MAX), 1000 + 900 + 600);
}

static void credentials_come_in_pairs(void **state)
{
	static const struct {
		const char *what;
		const char *id, *secret, *token, *legacy, *expires;
		int r;
		const char *said;
	} cases[] = {
		{"static keys", "AKIDEXAMPLE", "secret+/=", NULL, NULL, NULL, 0, NULL},
		{"temporary keys", "ASIAEXAMPLE", "secret", "token", NULL, NULL, 0, NULL},
		{"the token's legacy name", "ASIAEXAMPLE", "secret", NULL, "token", NULL, 0, NULL},
		{"none", NULL, NULL, NULL, NULL, NULL, -ERROR_MISSING, "set AWS_ACCESS_KEY_ID"},
		{"empty ones", "", "", NULL, NULL, NULL, -ERROR_MISSING, "set AWS_ACCESS_KEY_ID"},
		{"no secret", "AKIDEXAMPLE", NULL, NULL, NULL, NULL, -ERROR_INVALID,
			"AWS_SECRET_ACCESS_KEY is not"},
		{"no key", NULL, "secret", NULL, NULL, NULL, -ERROR_INVALID,
			"AWS_ACCESS_KEY_ID is not"},
		{"a line break in the key", "AKID\r\nX", "secret", NULL, NULL, NULL, -ERROR_INVALID,
			"AWS_ACCESS_KEY_ID is not an access key id"},
		{"a slash in the key", "AKID/X", "secret", NULL, NULL, NULL, -ERROR_INVALID,
			"not an access key id"},
		{"a line break in the secret", "AKIDEXAMPLE", "hidden\n", NULL, NULL, NULL,
			-ERROR_INVALID, "AWS_SECRET_ACCESS_KEY holds"},
		{"a space in the token", "AKIDEXAMPLE", "secret", "hidden en", NULL, NULL,
			-ERROR_INVALID, "AWS_SESSION_TOKEN holds"},
		{"a byte beyond ASCII", "AKIDEXAMPLE", "hidden\xff", NULL, NULL, NULL,
			-ERROR_INVALID, "AWS_SECRET_ACCESS_KEY holds"},
		{"an end that is none", "AKIDEXAMPLE", "secret", NULL, NULL, "tomorrow",
			-ERROR_INVALID, "AWS_CREDENTIAL_EXPIRATION"},
	};
	const struct credentials_provider *provider = credentials_environment();

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct credentials credentials = {0};
		struct error error = {0};
		int r;

		print_message("%s\n", cases[i].what);
		variables_clear(NULL);
		variable_set("AWS_ACCESS_KEY_ID", cases[i].id);
		variable_set("AWS_SECRET_ACCESS_KEY", cases[i].secret);
		variable_set("AWS_SESSION_TOKEN", cases[i].token);
		variable_set("AWS_SECURITY_TOKEN", cases[i].legacy);
		variable_set("AWS_CREDENTIAL_EXPIRATION", cases[i].expires);
		r = provider->load(provider->context, &credentials, &error);
		assert_int_equal(r, cases[i].r);
		if (r < 0) {
			assert_non_null(strstr(error.message, cases[i].said));
			assert_null(strstr(error.message, "hidden"));
			assert_null(credentials.secret.text);
			continue;
		}
		assert_string_equal(credentials.access_key_id, cases[i].id);
		assert_string_equal(secret_text(&credentials.secret), cases[i].secret);
		assert_string_equal(secret_text(&credentials.token), cases[i].token ? cases[i].token
								     : cases[i].legacy
									     ? cases[i].legacy
									     : "");
		credentials_done(&credentials);
		assert_string_equal(credentials.access_key_id, "");
	}
}

static void credentials_have_limits_and_an_end(void **state)
{
	const struct credentials_provider *provider = credentials_environment();
	struct credentials credentials = {0}, again = {0};
	char *long_one = malloc(SECRET_MAX + 2);

	(void)state;
	assert_non_null(long_one);
	memset(long_one, 'x', SECRET_MAX + 1);
	long_one[SECRET_MAX + 1] = '\0';
	variable_set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
	variable_set("AWS_SECRET_ACCESS_KEY", "secret");
	variable_set("AWS_SESSION_TOKEN", long_one);
	assert_int_equal(provider->load(NULL, &credentials, NULL), -ERROR_LIMIT);
	long_one[SECRET_MAX] = '\0';
	variable_set("AWS_SESSION_TOKEN", long_one);
	variable_set("AWS_CREDENTIAL_EXPIRATION", "2027-05-01T06:30:00Z");
	assert_int_equal(provider->load(NULL, &credentials, NULL), 0);
	assert_int_equal(credentials.expires, 1809153000);
	assert_int_equal(provider->load(NULL, &again, NULL), 0);
	assert_true(credentials_equal(&credentials, &again));
	assert_int_equal(secret_set(&again.token, "other"), 0);
	assert_false(credentials_equal(&credentials, &again));
	credentials_done(&again);
	credentials_done(&credentials);
	free(long_one);
}

static void hosts_of_this_machine(void **state)
{
	static const char *const yes[] = {
		"localhost", "127.0.0.1", "127.255.255.254", "[::1]", "::1", "0:0:0:0:0:0:0:1"};
	static const char *const no[] = {"", "localhost.", "xlocalhost", "126.0.0.1", "128.0.0.1",
		"127.0.0.1.example.com", "[::]", "[::2]", "::ffff:7f00:1", "0.0.0.0", "[", "[]",
		"[127.0.0.1]"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(yes); i++)
		assert_true(http_host_loopback(yes[i]));
	for (size_t i = 0; i < ARRAY_LENGTH(no); i++)
		assert_false(http_host_loopback(no[i]));
}

static void clock_can_be_shifted(void **state)
{
	static const struct {
		const char *text;
		int64_t shift;
	} cases[] = {{"86400\n", 86400}, {"-3600", -3600}, {"+5", 5}, {"0", 0}, {"", 0},
		{"soon", 0}, {"12x", 0}, {"99999999999999999999", 0}, {"3155760001", 0}};
	char path[] = "/tmp/ldapsward-test-clock-XXXXXX";
	int file = mkstemp(path);
	int64_t real = clock_now(), before;

	(void)state;
	assert_true(file >= 0);
	variable_set(CLOCK_DEMO_VARIABLE, path);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		ssize_t length = (ssize_t)strlen(cases[i].text);

		assert_int_equal(ftruncate(file, 0), 0);
		assert_int_equal(pwrite(file, cases[i].text, (size_t)length, 0), length);
		assert_in_range(clock_now() - cases[i].shift, real, real + 30);
	}
	close(file);
	unlink(path);
	assert_in_range(clock_now(), real, real + 30);
	before = clock_monotonic_ms();
	clock_sleep_ms(20);
	assert_true(clock_monotonic_ms() >= before + 20);
	clock_sleep_ms(-1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(table_of_partitions, variables_clear),
		cmocka_unit_test_setup(region_comes_from_the_first_that_names_one, variables_clear),
		cmocka_unit_test_setup(own_endpoints, variables_clear),
		cmocka_unit_test_setup(
			own_endpoint_takes_any_region_that_is_a_name, variables_clear),
		cmocka_unit_test_setup(credentials_come_in_pairs, variables_clear),
		cmocka_unit_test_setup(credentials_have_limits_and_an_end, variables_clear),
		cmocka_unit_test(hosts_of_this_machine),
		cmocka_unit_test(others_that_are_asked),
		cmocka_unit_test(instances_are_stable),
		cmocka_unit_test_setup(clock_can_be_shifted, variables_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
