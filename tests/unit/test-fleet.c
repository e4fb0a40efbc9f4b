/* SPDX-License-Identifier: Apache-2.0 */
/* What is wanted: who trusts what, what is approved until when, and what makes a file another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "tests/unit/scene.h"

static void trust_is_looked_up(void **state)
{
	struct scene scene;
	const struct directory *directory = &scene.directory;

	(void)state;
	scene_init(&scene);
	scene_trust(&scene, SCENE_OTHER);
	assert_ptr_equal(directory_authority_of(directory, &scene.certificates[SCENE_ROOT].sha256),
		&scene.authorities[0]);
	assert_ptr_equal(directory_authority_of(directory, &scene.certificates[SCENE_OTHER].sha256),
		&scene.authorities[1]);
	assert_null(directory_authority_of(directory, &scene.certificates[SCENE_SHORT].sha256));
	assert_ptr_equal(directory_trusts(directory, "second"), &scene.authorities[1]);
	assert_null(directory_trusts(directory, "third"));
	assert_null(directory_trusts(directory, ""));
	scene_done(&scene);
}

static void approvals_hold_until_they_end(void **state)
{
	struct scene scene;
	const struct directory *directory = &scene.directory;
	const struct digest *root = &scene.certificates[SCENE_ROOT].sha256;
	const struct digest *other = &scene.certificates[SCENE_OTHER].sha256;

	(void)state;
	scene_init(&scene);
	assert_null(directory_approval(directory, root, SCENE_NOW));
	scene.directory.approvals_count = 1;
	scene.approvals[0] = (struct approval){.certificate = *root, .until = SCENE_NOW};
	assert_non_null(directory_approval(directory, root, SCENE_NOW - 1));
	assert_null(directory_approval(directory, root, SCENE_NOW));
	assert_null(directory_approval(directory, other, SCENE_NOW - 1));
	assert_null(directory_approval_disable(directory, SCENE_NOW - 1));
	scene.approvals[0].until = 0;
	assert_non_null(directory_approval(directory, root, INT64_MAX));
	scene.approvals[0] = (struct approval){.disable = true, .until = SCENE_NOW};
	assert_non_null(directory_approval_disable(directory, SCENE_NOW - 1));
	assert_null(directory_approval_disable(directory, SCENE_NOW));
	assert_null(directory_approval(directory, &scene.approvals[0].certificate, SCENE_NOW - 1));
	scene_done(&scene);
}

/* ---- what makes it another file ---- */

static void change_id(struct scene *scene)
{
	scene->directory.id[2] = 'f';
}

static void change_name(struct scene *scene)
{
	static char name[] = "corp.example.com";

	scene->directory.name = name;
}

static void change_account(struct scene *scene)
{
	static char name[] = "prod";
	static const struct account account = {.name = name};

	scene->directory.account = &account;
}

static void change_regions(struct scene *scene)
{
	static char region[] = "eu-west-1";
	static char *regions[] = {region};

	scene->directory.regions = regions;
	scene->directory.regions_count = 1;
}

static void change_trust(struct scene *scene)
{
	scene_trust(scene, SCENE_OTHER);
}

static void change_certificate(struct scene *scene)
{
	scene->generations[0][0] = &scene->certificates[SCENE_OTHER];
}

static void change_generations(struct scene *scene)
{
	scene->generations[0][1] = &scene->certificates[SCENE_OTHER];
	scene->authorities[0].count = 2;
}

static void change_overlap(struct scene *scene)
{
	scene->authorities[0].rotation.overlap++;
}

static void change_retire(struct scene *scene)
{
	scene->authorities[0].rotation.retire = RETIRE_MANUAL;
}

static void change_approvals(struct scene *scene)
{
	scene->approvals[0].disable = true;
	scene->directory.approvals_count = 1;
}

static void change_trust_none(struct scene *scene)
{
	scene->directory.trust_none = true;
}

static void change_policy(struct scene *scene)
{
	scene->directory.policy = POLICY_OBSERVE;
}

static void change_ldaps(struct scene *scene)
{
	scene->directory.client_ldaps = CLIENT_LDAPS_UNMANAGED;
}

static void change_adopt(struct scene *scene)
{
	scene->directory.adopt = ADOPT_NEVER;
}

static void change_grace(struct scene *scene)
{
	scene->directory.grace++;
}

static void change_reenable(struct scene *scene)
{
	scene->directory.reenable_after++;
}

static void change_directory_overlap(struct scene *scene)
{
	scene->directory.overlap++;
}

static void change_limit(struct scene *scene)
{
	scene->directory.certificate_limit++;
}

static void every_word_makes_another_revision(void **state)
{
	static void (*const changes[])(struct scene *) = {change_id, change_name, change_account,
		change_regions, change_trust, change_certificate, change_generations,
		change_overlap, change_retire, change_approvals, change_trust_none, change_policy,
		change_ldaps, change_adopt, change_grace, change_reenable, change_directory_overlap,
		change_limit};
	uint64_t seen[ARRAY_LENGTH(changes) + 1];
	struct scene scene;

	(void)state;
	scene_init(&scene);
	seen[0] = directory_revision(&scene.directory);
	scene.directory.revision = 99; /* is no part of itself */
	assert_true(directory_revision(&scene.directory) == seen[0]);
	scene_done(&scene);
	for (size_t i = 0; i < ARRAY_LENGTH(changes); i++) {
		scene_init(&scene);
		changes[i](&scene);
		seen[i + 1] = directory_revision(&scene.directory);
		for (size_t j = 0; j <= i; j++)
			if (seen[j] == seen[i + 1])
				fail_msg("change %zu is the same as %zu", i + 1, j);
		scene_done(&scene);
	}
}

static void generations_are_sorted(void **state)
{
	struct certificate old = {.version_certificate = -1, .version_key = -1, .not_after = 100};
	struct certificate young = {.version_certificate = -1, .version_key = -1, .not_after = 200};
	const struct certificate *list[] = {&young, &old};
	struct authority authority = {.certificates = list, .count = 2};

	(void)state;
	old.sha256.bytes[0] = 1;
	young.sha256.bytes[0] = 2;
	authority_sort(&authority);
	assert_ptr_equal(list[0], &old);
	assert_ptr_equal(list[1], &young);
}

static void the_files_words(void **state)
{
	(void)state;
	assert_string_equal(policy_str(POLICY_OBSERVE), "observe");
	assert_string_equal(policy_str(POLICY_ADD_ONLY), "add-only");
	assert_string_equal(policy_str(POLICY_SYNC), "sync");
	assert_string_equal(client_ldaps_str(CLIENT_LDAPS_UNMANAGED), "unmanaged");
	assert_string_equal(client_ldaps_str(CLIENT_LDAPS_ENABLED), "enabled");
	assert_string_equal(client_ldaps_str(CLIENT_LDAPS_DISABLED), "disabled");
	assert_string_equal(retire_str(RETIRE_WHEN_PROVEN), "when_proven");
	assert_string_equal(retire_str(RETIRE_AFTER), "after");
	assert_string_equal(retire_str(RETIRE_AT_EXPIRY), "at_expiry");
	assert_string_equal(retire_str(RETIRE_MANUAL), "manual");
}

static void a_fleet_is_searched_and_freed(void **state)
{
	struct fleet fleet = {0};

	(void)state;
	fleet.directories = calloc(2, sizeof(fleet.directories[0]));
	fleet.authorities = calloc(1, sizeof(fleet.authorities[0]));
	fleet.accounts = calloc(1, sizeof(fleet.accounts[0]));
	assert_true(fleet.directories && fleet.authorities && fleet.accounts);
	fleet.directories_count = 2;
	fleet.authorities_count = fleet.accounts_count = 1;
	memcpy(fleet.directories[1].id, "d-0000000001", SERVICE_ID_SIZE);
	fleet.authorities[0].name = strdup("corp-root");
	fleet.accounts[0].name = strdup("prod");
	assert_ptr_equal(fleet_directory(&fleet, "d-0000000001"), &fleet.directories[1]);
	assert_null(fleet_directory(&fleet, "d-0000000002"));
	assert_ptr_equal(fleet_authority(&fleet, "corp-root"), &fleet.authorities[0]);
	assert_null(fleet_authority(&fleet, "corp"));
	assert_ptr_equal(fleet_account(&fleet, "prod"), &fleet.accounts[0]);
	assert_null(fleet_account(&fleet, ""));
	fleet_done(&fleet);
	fleet_done(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trust_is_looked_up),
		cmocka_unit_test(approvals_hold_until_they_end),
		cmocka_unit_test(every_word_makes_another_revision),
		cmocka_unit_test(generations_are_sorted),
		cmocka_unit_test(the_files_words),
		cmocka_unit_test(a_fleet_is_searched_and_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
