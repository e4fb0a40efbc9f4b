/* SPDX-License-Identifier: Apache-2.0 */
/* The shared configuration files, read as the AWS CLI reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/array.h"
#include "edge/profile.h"

static const char CONFIG[] = "# a comment\n"
			     "[default]\n"
			     "region = eu-west-1\n"
			     "\n"
			     "[profile plain]\r\n"
			     "  Region: eu-central-1\r\n"
			     "  output = json # no comment here\n"
			     "[profile \"two words\"]\n"
			     "role_arn = arn:aws:iam::111122223333:role/a=b\n"
			     "credential_process =\n"
			     "[profile nested]\n"
			     "services = own\n"
			     "s3 =\n"
			     "  max_concurrent_requests = 20\n"
			     "  ; a comment inside\n"
			     "  addressing_style = path\n"
			     "region = us-east-1\n"
			     "credential_process = /bin/a\n"
			     "    --long\n"
			     "[sso-session corp]\n"
			     "sso_region = eu-west-1\n"
			     "[services own]\n"
			     "directory_service =\n"
			     "  endpoint_url = https://ds.example.com\n"
			     "[plugins]\n"
			     "cli = yes\n"
			     "[profile both]\n"
			     "region = config\n"
			     "output = config\n";

static const char CREDENTIALS[] = "[default]\n"
				  "aws_access_key_id = AKIDEXAMPLE\n"
				  "aws_secret_access_key = one=two\n"
				  "[both]\n"
				  "region = credentials\n";

static struct profiles *both(void)
{
	struct profiles *profiles = profiles_new();
	struct error error = {0};

	assert_non_null(profiles);
	assert_int_equal(profiles_parse(profiles, PROFILE_CONFIG, "config", CONFIG,
				 sizeof(CONFIG) - 1, &error),
		0);
	assert_int_equal(profiles_parse(profiles, PROFILE_CREDENTIALS, "credentials", CREDENTIALS,
				 sizeof(CREDENTIALS) - 1, &error),
		0);
	return profiles;
}

static void finds_what_is_there(void **state)
{
	static const struct {
		const char *why;
		enum profile_kind kind;
		const char *section, *key, *value;
	} cases[] = {
		{"a key of the default", PROFILE_PROFILE, "default", "region", "eu-west-1"},
		{"of the other file", PROFILE_PROFILE, "default", "aws_access_key_id",
			"AKIDEXAMPLE"},
		{"a value holds the mark", PROFILE_PROFILE, "default", "aws_secret_access_key",
			"one=two"},
		{"a colon, capitals, indented and with CR", PROFILE_PROFILE, "plain", "region",
			"eu-central-1"},
		{"no comment behind a value", PROFILE_PROFILE, "plain", "output",
			"json # no comment here"},
		{"a quoted name", PROFILE_PROFILE, "two words", "role_arn",
			"arn:aws:iam::111122223333:role/a=b"},
		{"an empty value", PROFILE_PROFILE, "two words", "credential_process", ""},
		{"behind nested keys", PROFILE_PROFILE, "nested", "region", "us-east-1"},
		{"a nested key is none of the section", PROFILE_PROFILE, "nested",
			"addressing_style", NULL},
		{"a value of two lines", PROFILE_PROFILE, "nested", "credential_process",
			"/bin/a\n--long"},
		{"a session", PROFILE_SSO_SESSION, "corp", "sso_region", "eu-west-1"},
		{"a session is no profile", PROFILE_PROFILE, "corp", "sso_region", NULL},
		{"the credentials file wins", PROFILE_PROFILE, "both", "region", "credentials"},
		{"for the keys that it has", PROFILE_PROFILE, "both", "output", "config"},
		{"no such profile", PROFILE_PROFILE, "nobody", "region", NULL},
	};
	struct profiles *profiles = both();

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const char *value =
			profiles_text(profiles, cases[i].kind, cases[i].section, cases[i].key);

		if (!value != !cases[i].value || (value && strcmp(value, cases[i].value) != 0))
			fail_msg("%s: \"%s\", not \"%s\"", cases[i].why, value ? value : "(none)",
				cases[i].value ? cases[i].value : "(none)");
	}
	assert_string_equal(profiles_nested(profiles, PROFILE_SERVICES, "own", "directory_service",
				    "endpoint_url"),
		"https://ds.example.com");
	assert_string_equal(
		profiles_nested(profiles, PROFILE_PROFILE, "nested", "s3", "addressing_style"),
		"path");
	assert_null(
		profiles_text_in(profiles, PROFILE_CREDENTIALS, PROFILE_PROFILE, "both", "output"));
	assert_true(profiles_have(profiles, PROFILE_PROFILE, "two words"));
	assert_false(profiles_have(profiles, PROFILE_PROFILE, "plugins"));
	profiles_free(profiles);
}

static void tells_where_a_section_is(void **state)
{
	struct profiles *profiles = both();
	char place[PROFILE_PLACE_SIZE];

	(void)state;
	assert_string_equal(profiles_place(profiles, PROFILE_PROFILE, "plain", place), "config:5");
	assert_string_equal(profiles_place(profiles, PROFILE_PROFILE, "nobody", place), "");
	profiles_free(profiles);
}

static void refuses_with_file_and_line(void **state)
{
	static const struct {
		const char *why, *text, *words;
	} cases[] = {
		{"a key before every section", "region = x\n", "f:1: a key before"},
		{"a line that is neither", "[default]\nSECRETwithoutmark\n", "f:2: neither"},
		{"nothing before the mark", "[default]\n= SECRET\n", "f:2: neither"},
		{"a section that is not closed", "[default\n", "f:1: not a section"},
		{"an empty section", "[]\n", "f:1: not a section"},
		{"a section twice", "[default]\n[profile a]\n[default]\n", "f:3: this section"},
		{"a key twice", "[default]\na = SECRET\nA = SECRET\n", "f:3: this key"},
		{"a nested line that is no key", "[default]\ns3 =\n  SECRET\n", "f:3: neither"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct profiles *profiles = profiles_new();
		struct error error = {0};

		assert_int_equal(profiles_parse(profiles, PROFILE_CONFIG, "f", cases[i].text,
					 strlen(cases[i].text), &error),
			-ERROR_INVALID);
		if (!strstr(error.message, cases[i].words) || strstr(error.message, "SECRET"))
			fail_msg("%s: %s", cases[i].why, error.message);
		profiles_free(profiles);
	}
}

static void has_limits(void **state)
{
	struct profiles *profiles = profiles_new();
	struct error error = {0};
	size_t size = (size_t)PROFILE_KEYS_MAX * 16 + 16, length;
	char *text = malloc(size);

	(void)state;
	assert_non_null(text);
	length = (size_t)snprintf(text, size, "[default]\n");
	for (int i = 0; i <= PROFILE_KEYS_MAX; i++)
		length += (size_t)snprintf(text + length, size - length, "k%d=\n", i);
	assert_int_equal(
		profiles_parse(profiles, PROFILE_CONFIG, "f", text, length, &error), -ERROR_LIMIT);
	profiles_free(profiles);
	memset(text, 'a', 1000);
	memcpy(text, "[", 1);
	memcpy(text + 1000, "]\n", 3);
	profiles = profiles_new();
	assert_int_equal(profiles_parse(profiles, PROFILE_CREDENTIALS, "f", text, 1002, &error),
		-ERROR_INVALID);
	profiles_free(profiles);
	free(text);
}

static void takes_paths_of_home(void **state)
{
	char path[32];

	(void)state;
	setenv("HOME", "/home/ward", 1);
	assert_true(profile_path("~/.aws/config", path, sizeof(path)));
	assert_string_equal(path, "/home/ward/.aws/config");
	assert_true(profile_path("/etc/aws", path, sizeof(path)));
	assert_string_equal(path, "/etc/aws");
	assert_false(profile_path("/a/path/that/is/much/longer/than/that", path, sizeof(path)));
	unsetenv("HOME");
	assert_false(profile_path("~/.aws/config", path, sizeof(path)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_is_there),
		cmocka_unit_test(tells_where_a_section_is),
		cmocka_unit_test(refuses_with_file_and_line),
		cmocka_unit_test(has_limits),
		cmocka_unit_test(takes_paths_of_home),
	};

	return cmocka_run_group_tests_name("profile", tests, NULL, NULL);
}
