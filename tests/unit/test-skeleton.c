/* SPDX-License-Identifier: Apache-2.0 */
/* What a file would have to name of what the API tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "core/skeleton.h"

#define END	INT64_C(1956528000) /* 2032-01-01 */
#define DAY	INT64_C(86400)
#define S(name) CERTIFICATE_STATE_##name
#define LDAPS	CERTIFICATE_TYPE_CLIENT_LDAPS
#define CARD	CERTIFICATE_TYPE_CLIENT_CERT_AUTH

/* A sight of a Managed AD with LDAPS never enabled, and of so many entries. */
static struct skeleton_sight sight(
	const char *id, const char *region, struct listed *listed, size_t count)
{
	struct skeleton_sight sight = {.account = "", .region = region};

	memcpy(sight.id, id, strlen(id) + 1);
	sight.observed = (struct observed){.complete = true,
		.type = DIRECTORY_TYPE_MICROSOFT_AD,
		.stage = DIRECTORY_STAGE_ACTIVE,
		.listed = listed,
		.listed_count = count};
	return sight;
}

static struct listed entry(
	const char *id, const char *name, int64_t expiry, enum certificate_state state)
{
	struct listed listed = {.type = LDAPS, .state = state, .expiry = expiry};

	memcpy(listed.id, id, strlen(id) + 1);
	memcpy(listed.common_name, name, strlen(name) + 1);
	return listed;
}

static void names_become_authorities(void **state)
{
	static const struct {
		const char *common_name, *name;
	} cases[] = {
		{"", "ca"},
		{"2024", "ca-2024"},
		{"CORP Root CA", "corp-root-ca"},
		{"Corp. Root (CA)", "corp-root-ca-2"},
		{"Corp/Root/CA", "corp-root-ca-3"},
		{"None", "none-ca"},
		{"\xD0\x96", "ca-2"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-2"},
	};
	struct listed listed[ARRAY_LENGTH(cases)];
	struct skeleton skeleton = {0};
	struct skeleton_sight one;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		listed[i] = entry("c-0000000001", cases[i].common_name, END, S(REGISTERED));
	one = sight("d-0000000001", "eu-west-1", listed, ARRAY_LENGTH(cases));
	assert_int_equal(skeleton_make(&one, 1, &skeleton), 0);
	assert_int_equal(skeleton.authorities_count, ARRAY_LENGTH(cases));
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const char *name = NULL;

		for (size_t j = 0; j < skeleton.authorities_count; j++)
			if (strcmp(skeleton.authorities[j].common_name, cases[i].common_name) == 0)
				name = skeleton.authorities[j].name;
		assert_string_equal(name, cases[i].name);
	}
	skeleton_done(&skeleton);
}

/* The same name and end is one certificate, in however many places; another end is another. */
static void entries_become_certificates(void **state)
{
	struct listed first[] = {entry("c-0000000001", "Root", END, S(REGISTERED)),
		entry("c-0000000002", "Root", END + 7200, S(REGISTERING)),
		entry("c-0000000003", "Root", END + 400 * DAY, S(REGISTER_FAILED)),
		entry("c-0000000004", "Root", 0, S(REGISTERED)),
		entry("c-0000000005", "Going", END, S(DEREGISTERING)),
		entry("c-0000000006", "Card", END, S(REGISTERED))};
	struct listed second[] = {entry("c-0000000011", "Root", END + 1, S(REGISTERED)),
		entry("c-0000000012", "Issuing", END, S(REGISTERED))};
	struct skeleton_sight sights[] = {
		sight("d-0000000001", "eu-west-1", first, ARRAY_LENGTH(first)),
		sight("d-0000000002", "eu-west-1", second, ARRAY_LENGTH(second))};
	struct skeleton skeleton = {0};

	(void)state;
	first[5].type = CARD;
	assert_int_equal(skeleton_make(sights, 2, &skeleton), 0);
	assert_int_equal(skeleton.authorities_count, 2);
	assert_int_equal(skeleton.entries_count, 4);
	assert_int_equal(skeleton.generations_count, 3);
	assert_string_equal(skeleton.generations[0].file, "ca/issuing-2032-01-01.pem");
	assert_string_equal(skeleton.generations[1].file, "ca/root-2032-01-01.pem");
	assert_string_equal(skeleton.generations[2].file, "ca/root-2032-01-01-2.pem");
	assert_int_equal(skeleton.generations[1].count, 2);
	assert_true(skeleton_has(&skeleton, 1, &sights[0]));
	assert_true(skeleton_has(&skeleton, 1, &sights[1]));
	assert_true(skeleton_has(&skeleton, 2, &sights[0]));
	assert_false(skeleton_has(&skeleton, 2, &sights[1]));
	assert_int_equal(skeleton.directories[0].trust_count, 1);
	assert_int_equal(skeleton.directories[1].trust_count, 2);
	assert_int_equal(skeleton.directories[1].trust[1], 1);
	skeleton_done(&skeleton);
}

/* LDAPS is told as it is where it is the same everywhere; a Region that was not read has no say. */
static void regions_are_one_directory(void **state)
{
	static const struct {
		bool explicit[2];
		enum ldaps_status ldaps[2];
		bool read[2];
		enum client_ldaps wish;
		bool differs;
		enum skeleton_obstacle obstacle;
	} cases[] = {
		{{true, true}, {LDAPS_STATUS_ENABLED, LDAPS_STATUS_ENABLING}, {true, true},
			CLIENT_LDAPS_ENABLED, false, SKELETON_NONE},
		{{true, true}, {LDAPS_STATUS_DISABLED, LDAPS_STATUS_DISABLED}, {true, true},
			CLIENT_LDAPS_DISABLED, false, SKELETON_NONE},
		{{true, false}, {LDAPS_STATUS_ENABLED, LDAPS_STATUS_DISABLED}, {true, true},
			CLIENT_LDAPS_UNMANAGED, true, SKELETON_NONE},
		{{true, false}, {LDAPS_STATUS_ENABLED, LDAPS_STATUS_DISABLED}, {true, false},
			CLIENT_LDAPS_ENABLED, false, SKELETON_NONE},
		{{true, true}, {LDAPS_STATUS_ENABLE_FAILED, LDAPS_STATUS_ENABLE_FAILED},
			{true, true}, CLIENT_LDAPS_UNMANAGED, false, SKELETON_NONE},
		{{false, false}, {LDAPS_STATUS_DISABLED, LDAPS_STATUS_DISABLED}, {true, true},
			CLIENT_LDAPS_UNMANAGED, false, SKELETON_NONE},
		{{false, false}, {LDAPS_STATUS_DISABLED, LDAPS_STATUS_DISABLED}, {false, false},
			CLIENT_LDAPS_UNMANAGED, false, SKELETON_UNREAD},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct skeleton_sight sights[] = {sight("d-0000000001", "eu-west-1", NULL, 0),
			sight("d-0000000001", "eu-west-2", NULL, 0)};
		struct skeleton skeleton = {0};

		for (size_t j = 0; j < 2; j++) {
			sights[j].observed.complete = cases[i].read[j];
			sights[j].observed.ldaps_explicit = cases[i].explicit[j];
			sights[j].observed.ldaps = cases[i].ldaps[j];
		}
		assert_int_equal(skeleton_make(sights, 2, &skeleton), 0);
		assert_int_equal(skeleton.directories_count, 1);
		assert_int_equal(skeleton.directories[0].count, 2);
		assert_int_equal(skeleton.directories[0].client_ldaps, cases[i].wish);
		assert_int_equal(skeleton.directories[0].ldaps_differs, cases[i].differs);
		assert_int_equal(skeleton.directories[0].obstacle, cases[i].obstacle);
		skeleton_done(&skeleton);
	}
}

static void one_id_is_named_once(void **state)
{
	struct skeleton_sight sights[] = {sight("d-0000000001", "eu-west-1", NULL, 0),
		sight("d-0000000001", "eu-west-1", NULL, 0),
		sight("d-0000000002", "eu-west-1", NULL, 0)};
	struct skeleton skeleton = {0};

	(void)state;
	sights[0].account = "one";
	sights[1].account = sights[2].account = "other";
	sights[2].observed.type = DIRECTORY_TYPE_SIMPLE_AD;
	assert_int_equal(skeleton_make(sights, 3, &skeleton), 0);
	assert_int_equal(skeleton.directories_count, 3);
	assert_int_equal(skeleton.directories[0].obstacle, SKELETON_NONE);
	assert_int_equal(skeleton.directories[1].obstacle, SKELETON_TWICE);
	assert_int_equal(skeleton.directories[2].obstacle, SKELETON_SIMPLE);
	skeleton_done(&skeleton);
	sights[2].observed.type = DIRECTORY_TYPE_UNKNOWN;
	assert_int_equal(skeleton_make(sights, 3, &skeleton), 0);
	assert_int_equal(skeleton.directories[2].obstacle, SKELETON_UNKNOWN);
	skeleton_done(&skeleton);
}

/* More than a file takes is an error, and nothing is left behind. */
static void what_no_file_takes_is_an_error(void **state)
{
	struct skeleton skeleton = {0};
	struct listed *listed = calloc(AUTHORITY_CERTIFICATES_MAX + 1, sizeof(listed[0]));
	struct skeleton_sight one =
		sight("d-0000000001", "eu-west-1", listed, AUTHORITY_CERTIFICATES_MAX);

	(void)state;
	assert_non_null(listed);
	for (size_t i = 0; i <= AUTHORITY_CERTIFICATES_MAX; i++)
		listed[i] = entry("c-0000000001", "Root", END + (int64_t)i * DAY, S(REGISTERED));
	assert_int_equal(skeleton_make(&one, 1, &skeleton), 0);
	assert_int_equal(skeleton.directories[0].certificate_limit, AUTHORITY_CERTIFICATES_MAX);
	skeleton_done(&skeleton);
	one.observed.listed_count++;
	assert_int_equal(skeleton_make(&one, 1, &skeleton), -ERROR_LIMIT);
	assert_null(skeleton.entries);
	free(listed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_become_authorities),
		cmocka_unit_test(entries_become_certificates),
		cmocka_unit_test(regions_are_one_directory),
		cmocka_unit_test(one_id_is_named_once),
		cmocka_unit_test(what_no_file_takes_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
