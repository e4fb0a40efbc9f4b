/* SPDX-License-Identifier: Apache-2.0 */
/* What a new configuration changes: every respect is told by its word, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "core/fleet-diff.h"

/* Two directories that trust one authority of one certificate; a case changes the second fleet. */
struct world {
	struct certificate certificates[3];
	const struct certificate *listed[2][3];
	struct authority authorities[2];
	struct account accounts[2];
	const struct authority *trust[2][2];
	struct directory directories[2];
	struct approval approvals[1];
	char *regions[2];
	struct fleet fleet;
};

static char standard[] = "", prod[] = "prod", root[] = "root", issuing[] = "issuing",
	    ireland[] = "eu-west-1", frankfurt[] = "eu-central-1", corp[] = "corp.example.com";

static void world_make(struct world *world)
{
	*world = (struct world){0};
	for (unsigned i = 0; i < ARRAY_LENGTH(world->certificates); i++)
		world->certificates[i].sha256.bytes[0] = (uint8_t)(i + 1);
	world->accounts[0] = (struct account){.name = standard, .concurrency = 4};
	world->accounts[1] = (struct account){.name = prod, .concurrency = 4};
	for (size_t i = 0; i < 2; i++) {
		world->listed[i][0] = &world->certificates[i];
		world->authorities[i] = (struct authority){.name = i == 0 ? root : issuing,
			.certificates = world->listed[i],
			.count = 1,
			.rotation = {.overlap = 100}};
		world->trust[i][0] = &world->authorities[0];
		world->directories[i] = (struct directory){.id = "d-0000000001",
			.account = &world->accounts[0],
			.regions = world->regions,
			.regions_count = 1,
			.trust = world->trust[i],
			.trust_count = 1,
			.policy = POLICY_SYNC,
			.approvals = world->approvals,
			.grace = 10,
			.certificate_limit = 5};
		world->directories[i].id[11] = (char)('1' + i);
	}
	world->regions[0] = ireland;
	world->regions[1] = frankfurt;
	world->fleet = (struct fleet){.interval = 900,
		.parallel = 1,
		.accounts = world->accounts,
		.accounts_count = 2,
		.authorities = world->authorities,
		.authorities_count = 2,
		.directories = world->directories,
		.directories_count = 2};
}

static void nothing(struct world *world)
{
	(void)world;
}

static void order(struct world *world)
{
	struct directory first = world->directories[0];

	world->directories[0] = world->directories[1];
	world->directories[1] = first;
}

static void removed(struct world *world)
{
	world->fleet.directories_count = 1;
}

static void replaced(struct world *world)
{
	world->directories[1].id[11] = '0';
}

static void named(struct world *world)
{
	world->directories[0].name = corp;
}

static void accounted(struct world *world)
{
	world->directories[0].account = &world->accounts[1];
}

static void regioned(struct world *world)
{
	world->directories[0].regions_count = 2;
}

static void trusted(struct world *world)
{
	world->trust[0][1] = &world->authorities[1];
	world->directories[0].trust_count = 2;
}

static void renewed(struct world *world)
{
	world->listed[0][1] = &world->certificates[2];
	world->authorities[0].count = 2;
}

static void exchanged(struct world *world)
{
	world->listed[1][0] = &world->certificates[2];
}

static void rotated(struct world *world)
{
	world->authorities[1].rotation.retire = RETIRE_MANUAL;
}

static void observed(struct world *world)
{
	world->directories[0].policy = POLICY_OBSERVE;
	world->directories[0].certificate_limit = 10;
}

static void enabled(struct world *world)
{
	world->directories[0].client_ldaps = CLIENT_LDAPS_ENABLED;
}

static void adopted(struct world *world)
{
	world->directories[0].adopt = ADOPT_NEVER;
}

static void approved(struct world *world)
{
	world->directories[0].approvals_count = 1;
}

static void waits(struct world *world)
{
	world->directories[0].grace++;
	world->directories[0].reenable_after++;
	world->directories[0].overlap++;
}

static void widened(struct world *world)
{
	world->accounts[0].concurrency = 8;
}

static void with_keys(struct world *world)
{
	static char text[] = "text";

	world->accounts[1].profile = world->accounts[1].account_id = text;
	world->accounts[1].external_id = world->accounts[1].sts_endpoint = text;
}

static struct account_endpoint endpoints[2];

static void with_endpoints(struct world *world)
{
	static char url[] = "https://ds.example.com";

	endpoints[0] = (struct account_endpoint){.region = ireland, .url = url};
	world->accounts[1].endpoints = endpoints;
	world->accounts[1].endpoints_count = 1;
}

static void without_account(struct world *world)
{
	world->fleet.accounts_count = 1;
}

static void passes(struct world *world)
{
	world->fleet.interval++;
	world->fleet.parallel++;
}

static void measured(struct world *world)
{
	static char path[] = "/run/ldapsward.prom";

	world->fleet.metrics_file = path;
}

static const struct {
	void (*edit)(struct world *world);
	const char *summary, *changes;
} cases[] = {
	{nothing, "nothing has changed", ""},
	{order, "nothing has changed", ""},
	{removed, "1 directory removed", "directory d-0000000002 removed\n"},
	{replaced, "1 directory added, 1 removed",
		"directory d-0000000000 added\ndirectory d-0000000002 removed\n"},
	{named, "1 directory altered",
		"directory d-0000000001 altered: name corp.example.com instead of none\n"},
	{accounted, "1 directory altered",
		"directory d-0000000001 altered: account prod instead of none\n"},
	{regioned, "1 directory altered", "directory d-0000000001 altered: regions\n"},
	{trusted, "1 directory altered", "directory d-0000000001 altered: trust\n"},
	{renewed, "2 directories altered; 1 authority altered",
		"directory d-0000000001 altered: authorities root\n"
		"directory d-0000000002 altered: authorities root\n"
		"authority root altered: certificates 1 added\n"},
	{exchanged, "1 authority altered",
		"authority issuing altered: certificates 1 added and 1 removed\n"},
	{rotated, "1 authority altered", "authority issuing altered: rotation\n"},
	{observed, "1 directory altered",
		"directory d-0000000001 altered: policy observe instead of sync, certificate_limit "
		"10 "
		"instead of 5\n"},
	{enabled, "1 directory altered",
		"directory d-0000000001 altered: client_ldaps enabled instead of unmanaged\n"},
	{adopted, "1 directory altered", "directory d-0000000001 altered: adopt\n"},
	{approved, "1 directory altered", "directory d-0000000001 altered: approve\n"},
	{waits, "1 directory altered",
		"directory d-0000000001 altered: grace, reenable_after, overlap\n"},
	{widened, "1 account altered",
		"account (standard chain) altered: concurrency 8 instead of 4\n"},
	{with_keys, "1 account altered",
		"account prod altered: profile, role, account_id, sts_endpoint\n"},
	{with_endpoints, "1 account altered", "account prod altered: endpoint\n"},
	{without_account, "1 account removed", "account prod removed\n"},
	{passes, "interval altered; rollout altered", ""},
	{measured, "metrics_file altered", ""},
};

static void every_respect_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct world before, after;
		struct buffer summary, changes;
		struct fleet_diff diff;

		world_make(&before);
		world_make(&after);
		cases[i].edit(&after);
		buffer_init(&summary, 1000);
		buffer_init(&changes, 1000);
		assert_int_equal(fleet_diff(&before.fleet, &after.fleet, &diff), 0);
		assert_int_equal(fleet_diff_summary(&diff, &summary), 0);
		for (size_t j = 0; j < diff.count; j++) {
			assert_int_equal(fleet_change_text(&diff.changes[j], &changes), 0);
			buffer_append_text(&changes, "\n");
		}
		assert_string_equal(buffer_text(&summary), cases[i].summary);
		assert_string_equal(buffer_text(&changes), cases[i].changes);
		assert_int_equal(fleet_diff_empty(&diff),
			cases[i].edit == nothing || cases[i].edit == order);
		fleet_diff_done(&diff);
		buffer_done(&summary);
		buffer_done(&changes);
	}
}

/* What decide would see as another directory is told as altered: no revision changes unseen. */
static void no_revision_changes_unseen(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct world before, after;
		struct fleet_diff diff;
		size_t different = 0;

		world_make(&before);
		world_make(&after);
		cases[i].edit(&after);
		for (size_t j = 0; j < after.fleet.directories_count; j++) {
			const struct directory *new = &after.directories[j];
			const struct directory *old = fleet_directory(&before.fleet, new->id);

			different += old && directory_revision(old) != directory_revision(new);
		}
		assert_int_equal(fleet_diff(&before.fleet, &after.fleet, &diff), 0);
		assert_int_equal(diff.totals[FLEET_DIRECTORY][FLEET_ALTERED], different);
		fleet_diff_done(&diff);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_respect_is_told),
		cmocka_unit_test(no_revision_changes_unseen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
