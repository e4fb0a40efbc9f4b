/* SPDX-License-Identifier: Apache-2.0 */
/* The sources of keys as far as they ask nobody else: what they take, and what is wrong with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/array.h"
#include "edge/credentials-chain.h"
#include "edge/credentials-container.h"
#include "edge/credentials-environment.h"
#include "edge/credentials-instance.h"
#include "edge/credentials-profile.h"
#include "edge/credentials-sso.h"
#include "edge/http.h"
#include "tests/unit/valgrind.h"
#include "tests/unit/variables.h"

#define KEYS "aws_access_key_id = AKIDFILE\naws_secret_access_key = FILEHUSH\n"
#define OWN  "aws_access_key_id = AKIDCONFIG\naws_secret_access_key = CONFIGHUSH\n"
#define ROLE "role_arn = arn:aws:iam::111122223333:role/x\n"

static char home[] = "/tmp/ldapsward-credentials-XXXXXX";
static char config_path[64], credentials_path[64];

/* What the process had is of no concern here. */
static void forget(void)
{
	variables_clear(NULL);
	setenv("HOME", home, 1);
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
	setenv("AWS_CONFIG_FILE", config_path, 1);
	setenv("AWS_SHARED_CREDENTIALS_FILE", credentials_path, 1);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text ? text : "", file);
	fclose(file);
}

/* What a load came to. */
struct outcome {
	int r;
	struct credentials credentials;
	struct error error;
};

static void outcome_check(struct outcome *outcome, const char *why, int r, const char *text)
{
	const char *found =
		outcome->r == 0 ? outcome->credentials.access_key_id : outcome->error.message;

	if (outcome->r != r || !strstr(found, text) || strstr(found, "HUSH"))
		fail_msg("%s: %d, %s", why, outcome->r, found);
	credentials_done(&outcome->credentials);
}

/* ---- the environment ---- */

static void takes_keys_of_the_environment(void **state)
{
	static const struct {
		const char *why, *id, *secret, *token, *legacy, *expiry;
		int r;
		const char *text;
	} cases[] = {
		{"nothing", NULL, NULL, NULL, NULL, NULL, -ERROR_MISSING, "no AWS credentials"},
		{"a pair", "AKIDA", "HUSH", NULL, NULL, NULL, 0, "AKIDA"},
		{"empty is not set", "", "", NULL, NULL, NULL, -ERROR_MISSING, ""},
		{"a key alone", "AKIDA", NULL, NULL, NULL, NULL, -ERROR_INVALID,
			"AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not"},
		{"a secret alone", NULL, "HUSH", NULL, NULL, NULL, -ERROR_INVALID,
			"AWS_SECRET_ACCESS_KEY is set but AWS_ACCESS_KEY_ID is not"},
		{"a line break in a token", "AKIDA", "HUSH", "HUSH\r\nX: y", NULL, NULL,
			-ERROR_INVALID, "AWS_SESSION_TOKEN holds"},
		{"the legacy name", "AKIDA", "HUSH", NULL, "HUSH x", NULL, -ERROR_INVALID,
			"AWS_SECURITY_TOKEN holds"},
		{"which the new one hides", "AKIDA", "HUSH", "t", "HUSH x", NULL, 0, "AKIDA"},
		{"an end", "AKIDA", "HUSH", "t", NULL, "2027-05-01T06:30:00Z", 0, "AKIDA"},
		{"an end that is none", "AKIDA", "HUSH", "t", NULL, "soon", -ERROR_INVALID,
			"AWS_CREDENTIAL_EXPIRATION is not an instant"},
		{"a key that is none", "AKI/D", "HUSH", NULL, NULL, NULL, -ERROR_INVALID,
			"AWS_ACCESS_KEY_ID is not an access key id"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const char *const pairs[][2] = {{"AWS_ACCESS_KEY_ID", cases[i].id},
			{"AWS_SECRET_ACCESS_KEY", cases[i].secret},
			{"AWS_SESSION_TOKEN", cases[i].token},
			{"AWS_SECURITY_TOKEN", cases[i].legacy},
			{"AWS_CREDENTIAL_EXPIRATION", cases[i].expiry}};
		struct outcome outcome = {0};

		forget();
		for (size_t j = 0; j < ARRAY_LENGTH(pairs); j++)
			if (pairs[j][1])
				setenv(pairs[j][0], pairs[j][1], 1);
		outcome.r =
			credentials_environment_load(NULL, &outcome.credentials, &outcome.error);
		if (outcome.r == 0 && cases[i].expiry)
			assert_true(outcome.credentials.expires == 1809153000);
		outcome_check(&outcome, cases[i].why, cases[i].r, cases[i].text);
	}
}

/* ---- profiles ---- */

struct way {
	const char *why, *credentials, *config, *more;
	int r;
	const char *text;
};

static void ways_check(const struct way *ways, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct credentials_setting setting = {0};
		struct outcome outcome = {0};
		char config[1024];

		forget();
		snprintf(config, sizeof(config), "%s%s", ways[i].config ? ways[i].config : "",
			ways[i].more ? ways[i].more : "");
		write_file(config_path, config);
		write_file(credentials_path, ways[i].credentials);
		outcome.r =
			credentials_profile_load(&setting, &outcome.credentials, &outcome.error);
		outcome_check(&outcome, ways[i].why, ways[i].r, ways[i].text);
	}
}

static void finds_the_way_of_a_profile(void **state)
{
	static const char printed[] = "credential_process = /bin/echo "
				      "'{\"Version\":1,\"AccessKeyId\":\"AKIDPRINTED\","
				      "\"SecretAccessKey\":\"HUSH\"}'\n";
	static const struct way ways[] = {
		{"no files", NULL, NULL, NULL, -ERROR_MISSING, "no profile default"},
		{"keys of the credentials file", "[default]\n" KEYS, NULL, NULL, 0, "AKIDFILE"},
		{"keys of the config file", NULL, "[default]\n" OWN, NULL, 0, "AKIDCONFIG"},
		{"of both: the credentials file's", "[default]\n" KEYS, "[default]\n" OWN, NULL, 0,
			"AKIDFILE"},
		{"a program", NULL, "[default]\n", printed, 0, "AKIDPRINTED"},
		{"after keys of the credentials file", "[default]\n" KEYS, "[default]\n", printed,
			0, "AKIDFILE"},
		{"before keys of the config file", NULL, "[default]\n" OWN, printed, 0,
			"AKIDPRINTED"},
		{"nothing", NULL, "[default]\nregion = x\n", NULL, -ERROR_MISSING,
			"holds no way to keys"},
		{"half a pair", "[default]\naws_access_key_id = A\n", NULL, NULL, -ERROR_INVALID,
			"aws_secret_access_key is missing"},
		{"a token alone", NULL, "[default]\naws_session_token = HUSH\n", NULL,
			-ERROR_INVALID, "aws_session_token needs aws_access_key_id"},
		{"a source without a role", NULL, "[default]\nsource_profile = b\n", NULL,
			-ERROR_INVALID, "source_profile needs role_arn"},
		{"likewise of another kind", NULL, "[default]\ncredential_source = Environment\n",
			NULL, -ERROR_INVALID, "credential_source needs role_arn"},
		{"which keys make unimportant", "[default]\n" KEYS,
			"[default]\nsource_profile = b\n", NULL, 0, "AKIDFILE"},
		{"a web identity without a role", "[default]\n" KEYS,
			"[default]\nweb_identity_token_file = /x\n", NULL, -ERROR_INVALID,
			"web_identity_token_file needs role_arn"},
		{"a session without an account", NULL, "[default]\nsso_session = corp\n", NULL,
			-ERROR_INVALID, "sso_session needs sso_account_id"},
		{"an account without a session", NULL, "[default]\nsso_account_id = 1\n", NULL,
			-ERROR_INVALID, "sso_session is missing"},
		{"a role of a session", NULL,
			"[default]\nsso_session = corp\nsso_role_name = r\n"
			"[sso-session corp]\nsso_region = eu-west-1\n",
			NULL, -ERROR_INVALID, "sso_account_id is missing"},
		{"a session that is not there", NULL,
			"[default]\nsso_session = corp\nsso_role_name = r\nsso_account_id = 1\n",
			NULL, -ERROR_INVALID, "there is no section [sso-session corp]"},
		{"a login", NULL, "[default]\nlogin_session = x\n", NULL, -ERROR_UNSUPPORTED,
			"login_session is not supported"},
	};

	(void)state;
	ways_check(ways, ARRAY_LENGTH(ways));
}

static void follows_roles(void **state)
{
	static const struct way ways[] = {
		{"a role without a source", NULL, "[default]\n" ROLE, NULL, -ERROR_INVALID,
			"found none"},
		{"with two", NULL,
			"[default]\n" ROLE "source_profile = b\ncredential_source = Environment\n",
			NULL, -ERROR_INVALID, "found both"},
		{"of an unknown kind", NULL, "[default]\n" ROLE "credential_source = Cloud\n", NULL,
			-ERROR_INVALID, "Environment, EcsContainer and Ec2InstanceMetadata"},
		{"of a profile that is not there", NULL, "[default]\n" ROLE "source_profile = b\n",
			NULL, -ERROR_INVALID, "source_profile names b, but"},
		{"of itself, without keys", NULL, "[default]\n" ROLE "source_profile = default\n",
			NULL, -ERROR_INVALID, "this is a loop"},
		{"of one that leads back", NULL,
			"[default]\n" ROLE "source_profile = b\n[profile b]\n" ROLE
			"source_profile = default\n",
			NULL, -ERROR_INVALID, "this is a loop"},
		{"of one that holds nothing", NULL,
			"[default]\n" ROLE "source_profile = b\n[profile b]\nregion = x\n", NULL,
			-ERROR_INVALID, "holds no way to keys"},
		{"a role that wants a code", NULL,
			"[default]\n" ROLE "source_profile = b\nmfa_serial = m\n[profile b]\n" OWN,
			NULL, -ERROR_INVALID, "mfa_serial"},
		{"too short", NULL, "[default]\n" ROLE "duration_seconds = 899\n", NULL,
			-ERROR_INVALID, "from 900 to 43200"},
		{"too long", NULL, "[default]\n" ROLE "duration_seconds = 43201\n", NULL,
			-ERROR_INVALID, "from 900 to 43200"},
		{"no number", NULL, "[default]\n" ROLE "duration_seconds = 1h\n", NULL,
			-ERROR_INVALID, "from 900 to 43200"},
		/* as far as it goes without a Region for STS: keys that ask for the role */
		{"a source of keys", "[b]\n" KEYS, "[default]\n" ROLE "source_profile = b\n", NULL,
			-ERROR_INVALID, "AssumeRole of STS"},
		{"a source that is a role too, but has keys", "[b]\n" KEYS,
			"[default]\n" ROLE "source_profile = b\n[profile b]\n" ROLE
			"source_profile = default\n",
			NULL, -ERROR_INVALID, "AssumeRole of STS"},
		{"itself, with keys", "[default]\n" KEYS,
			"[default]\n" ROLE "source_profile = default\n", NULL, -ERROR_INVALID,
			"AssumeRole of STS"},
	};

	(void)state;
	ways_check(ways, ARRAY_LENGTH(ways));
}

static void has_an_end_of_profiles(void **state)
{
	struct credentials_setting setting = {.profile = "p0"};
	struct outcome outcome = {0};
	char config[4096];
	int length = 0;

	(void)state;
	forget();
	for (int i = 0; i <= CREDENTIALS_PROFILES_MAX; i++) {
		length += snprintf(config + length, sizeof(config) - (size_t)length,
			"[profile p%d]\n" ROLE "source_profile = p%d\n", i, i + 1);
	}
	write_file(config_path, config);
	write_file(credentials_path, NULL);
	outcome.r = credentials_profile_load(&setting, &outcome.credentials, &outcome.error);
	outcome_check(&outcome, "too many", -ERROR_LIMIT, "more than 16 profiles");
}

static void notices_that_files_change(void **state)
{
	uint64_t stamp;

	(void)state;
	forget();
	write_file(config_path, "[default]\n");
	write_file(credentials_path, "[default]\n");
	stamp = credentials_chain_stamp(NULL);
	assert_true(credentials_chain_stamp(NULL) == stamp);
	write_file(credentials_path, "[default]\n" KEYS);
	assert_true(credentials_chain_stamp(NULL) != stamp);
	stamp = credentials_chain_stamp(NULL);
	assert_int_equal(unlink(config_path), 0);
	assert_true(credentials_chain_stamp(NULL) != stamp);
}

/* ---- programs ---- */

static void takes_what_a_program_prints(void **state)
{
	static const struct {
		const char *why, *command;
		int r;
		const char *text;
	} cases[] = {
		{"keys",
			"echo '{\"Version\":1,\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"x\"}'",
			0, "AKID"},
		{"no version", "echo '{\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"x\"}'",
			-ERROR_INVALID, "has no \"Version\": 1"},
		{"another version",
			"echo '{\"Version\":2,\"AccessKeyId\":\"AKID\",\"SecretAccessKey\":\"x\"}'",
			-ERROR_INVALID, "has no \"Version\": 1"},
		{"no secret", "echo '{\"Version\":1,\"AccessKeyId\":\"AKID\"}'", -ERROR_INVALID,
			"SecretAccessKey"},
		{"no JSON", "echo HUSH", -ERROR_INVALID, "not JSON"},
		{"no object", "echo '[\"HUSH\"]'", -ERROR_INVALID, "Version"},
		{"no shell", "echo HUSH; true", -ERROR_INVALID, "not JSON"},
		{"a failure", "sh -c 'echo HUSH; echo no card >&2; exit 7'", -ERROR_DENIED,
			"exit status 7: no card"},
		{"an end by a signal", "sh -c 'kill -9 $$'", -ERROR_DENIED, "exit status 137"},
		{"no program", "/nonexistent/program", -ERROR_INVALID, "cannot be started"},
		{"an open quotation", "sh -c 'echo", -ERROR_INVALID, "left open"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct credentials_setting setting = {0};
		struct outcome outcome = {0};
		char config[1024];

		if (under_valgrind() && strcmp(cases[i].why, "no program") == 0)
			continue;
		forget();
		snprintf(config, sizeof(config), "[default]\ncredential_process = %s\n",
			cases[i].command);
		write_file(config_path, config);
		write_file(credentials_path, NULL);
		outcome.r =
			credentials_profile_load(&setting, &outcome.credentials, &outcome.error);
		outcome_check(&outcome, cases[i].why, cases[i].r, cases[i].text);
	}
}

/* ---- containers and instances, as far as nobody is asked ---- */

static void refuses_to_ask_a_stranger(void **state)
{
	static const struct {
		const char *why, *relative, *full, *token;
		int r;
		const char *text;
	} cases[] = {
		{"nothing", NULL, NULL, NULL, -ERROR_MISSING, "is set"},
		{"another host", NULL, "http://example.com/HUSH", NULL, -ERROR_INVALID,
			"plain http is allowed to"},
		{"one that begins alike", NULL, "http://169.254.170.2.example.com/HUSH", NULL,
			-ERROR_INVALID, "plain http is allowed to"},
		{"one of this link", NULL, "http://169.254.170.3/HUSH", NULL, -ERROR_INVALID,
			"plain http is allowed to"},
		{"another scheme", NULL, "ftp://127.0.0.1/HUSH", NULL, -ERROR_INVALID,
			"plain http is allowed to"},
		{"a user's name", NULL, "https://HUSH@example.com/", NULL, -ERROR_INVALID,
			"without a user name"},
		{"a path that is none", "HUSH", NULL, NULL, -ERROR_INVALID, "begin with"},
		{"a line break in the token", NULL, "http://127.0.0.1:9/", "HUSH\r\nX: y",
			-ERROR_INVALID, "holds a line break"},
		{"at its end", NULL, "http://127.0.0.1:9/", "HUSH\n", -ERROR_INVALID,
			"holds a line break"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct credentials_setting setting = {0};
		struct outcome outcome = {0};

		forget();
		if (cases[i].relative)
			setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", cases[i].relative, 1);
		if (cases[i].full)
			setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", cases[i].full, 1);
		if (cases[i].token)
			setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", cases[i].token, 1);
		outcome.r =
			credentials_container_load(&setting, &outcome.credentials, &outcome.error);
		outcome_check(&outcome, cases[i].why, cases[i].r, cases[i].text);
	}
}

static void knows_where_instances_ask(void **state)
{
	static const struct {
		const char *why, *disabled, *endpoint, *mode;
		int r;
		const char *text;
	} cases[] = {
		{"switched off", "True", "http://example.com", NULL, -ERROR_MISSING, "is true"},
		{"another host", NULL, "http://example.com", NULL, -ERROR_INVALID,
			"neither this host"},
		{"a path", NULL, "http://127.0.0.1/latest", NULL, -ERROR_INVALID, "alone, as in"},
		{"no mode", NULL, NULL, "IPv5", -ERROR_INVALID, "neither IPv4 nor IPv6"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct credentials_setting setting = {0};
		struct outcome outcome = {0};

		forget();
		setenv("AWS_EC2_METADATA_DISABLED", cases[i].disabled ? cases[i].disabled : "", 1);
		if (cases[i].endpoint)
			setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", cases[i].endpoint, 1);
		if (cases[i].mode)
			setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", cases[i].mode, 1);
		outcome.r =
			credentials_instance_load(&setting, &outcome.credentials, &outcome.error);
		outcome_check(&outcome, cases[i].why, cases[i].r, cases[i].text);
	}
}

/* One second before the line, and on it. */
static void stretches_keys_of_an_instance(void **state)
{
	(void)state;
	assert_true(credentials_instance_expiry(0, 1000, 0) == 0);
	assert_true(credentials_instance_expiry(1900, 1000, 0) == 1900);
	assert_true(credentials_instance_expiry(1899, 1000, 0) == 1000 + 900 + 120);
	assert_true(credentials_instance_expiry(500, 1000, UINT32_MAX) == 1000 + 900 + 600);
}

/* ---- the chain ---- */

static void broken_is_not_left_out(void **state)
{
	struct credentials_setting setting = {0};
	struct outcome outcome = {0};

	(void)state;
	forget();
	write_file(config_path, "[default]\nsource_profile = b\n");
	write_file(credentials_path, NULL);
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/", 1);
	outcome.r = credentials_chain_load(&setting, &outcome.credentials, &outcome.error);
	outcome_check(&outcome, "half a profile before a container", -ERROR_INVALID,
		"keys of the profile: profile default (");
	setenv("AWS_ACCESS_KEY_ID", "AKIDENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "HUSH", 1);
	outcome.r = credentials_chain_load(&setting, &outcome.credentials, &outcome.error);
	outcome_check(&outcome, "behind the environment", 0, "AKIDENV");
	setting.profile = "mine";
	outcome.r = credentials_chain_load(&setting, &outcome.credentials, &outcome.error);
	outcome_check(&outcome, "our own file skips the environment", -ERROR_INVALID,
		"; it is named by the configuration");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_keys_of_the_environment),
		cmocka_unit_test(finds_the_way_of_a_profile),
		cmocka_unit_test(follows_roles),
		cmocka_unit_test(has_an_end_of_profiles),
		cmocka_unit_test(notices_that_files_change),
		cmocka_unit_test(takes_what_a_program_prints),
		cmocka_unit_test(refuses_to_ask_a_stranger),
		cmocka_unit_test(knows_where_instances_ask),
		cmocka_unit_test(stretches_keys_of_an_instance),
		cmocka_unit_test(broken_is_not_left_out),
	};
	int failed;

	if (!mkdtemp(home))
		return EXIT_FAILURE;
	snprintf(config_path, sizeof(config_path), "%s/config", home);
	snprintf(credentials_path, sizeof(credentials_path), "%s/credentials", home);
	failed = cmocka_run_group_tests_name("credentials", tests, NULL, NULL);
	unlink(config_path);
	unlink(credentials_path);
	rmdir(home);
	return failed;
}
