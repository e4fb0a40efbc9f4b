/* SPDX-License-Identifier: Apache-2.0 */
/* What selectors pick, of what sweeps have told: one directory at a time, and whole fleets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "core/selection.h"

#define ONE "d-0000000001"
#define TWO "d-0000000002"
/* A text for a member that owns its texts elsewhere. */
#define TEXT(literal) ((char[]){literal})
#define INTERVAL      900
#define MANAGED	      "ldapsward\nmanaged\n"

static char west[] = "eu-west-1", central[] = "eu-central-1", east[] = "us-east-1";
static char prod[] = "prod", lab[] = "lab", here[] = "file:1", there[] = "file:2",
	    tag_key[] = "ldapsward", tag_value[] = "managed", pattern[] = "*.example.com";

/* ---- names ---- */

static const struct {
	const char *pattern, *name;
	bool matches;
	const char *why;
} names[] = {
	{"corp.example.com", "corp.example.com", true, "itself"},
	{"corp.example.com", "Corp.EXAMPLE.com", true, "case counts for nothing"},
	{"corp.example.com", "corp.example.org", false, "another end"},
	{"corp.example.com", "corp.example.com.au", false, "a longer name"},
	{"*.example.com", "a.b.example.com", true, "a star takes dots as well"},
	{"*.example.com", "example.com", false, "the dot is wanted"},
	{"*", "", true, "a star takes nothing"},
	{"", "", true, "nothing is nothing"},
	{"", "a", false, "nothing is not something"},
	{"*a*b", "aXbXab", true, "a star gives back what it took"},
	{"*a*b", "aXbXa", false, "and finds no end"},
	{"d?.example.com", "d1.example.com", true, "one character"},
	{"d?.example.com", "d.example.com", false, "not none"},
	{"**?", "x", true, "stars beside a question mark"},
};

static void names_match(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		if (selector_name_matches(names[i].pattern, names[i].name) != names[i].matches)
			fail_msg("%s of %s: %s", names[i].name, names[i].pattern, names[i].why);
}

/* ---- one directory ---- */

static struct selector_tag env_prod[] = {{TEXT("env"), TEXT("prod")}},
			   env_any[] = {{TEXT("env"), TEXT("*")}},
			   two_tags[] = {{TEXT("env"), TEXT("prod")}, {TEXT("owner"), TEXT("")}};

static const struct {
	struct selector selector;
	enum directory_type type;
	const char *tags;
	enum verdict_selector verdict;
	const char *text;
} verdicts[] = {
	{{.tags = env_prod, .tags_count = 1}, DIRECTORY_TYPE_MICROSOFT_AD, "a\nb\nenv\nprod\n",
		SELECTOR_MATCHES, "matches"},
	{{.tags = env_prod, .tags_count = 1}, DIRECTORY_TYPE_MICROSOFT_AD, "env\nproduction\n",
		SELECTOR_TAG_OTHER, "has tag env \"production\""},
	{{.tags = env_prod, .tags_count = 1}, DIRECTORY_TYPE_MICROSOFT_AD, "env\nPROD\n",
		SELECTOR_TAG_OTHER, "has tag env \"PROD\""},
	{{.tags = env_prod, .tags_count = 1}, DIRECTORY_TYPE_MICROSOFT_AD, "Env\nprod\nprod\nenv\n",
		SELECTOR_TAG_MISSING, "has no tag env"},
	{{.tags = env_prod, .tags_count = 1}, DIRECTORY_TYPE_MICROSOFT_AD, "", SELECTOR_TAG_MISSING,
		"has no tag env"},
	{{.tags = env_prod, .tags_count = 1}, DIRECTORY_TYPE_MICROSOFT_AD, NULL,
		SELECTOR_TAGS_UNKNOWN, "has tags that could not be read"},
	{{.tags = env_any, .tags_count = 1}, DIRECTORY_TYPE_AD_CONNECTOR, "env\n\n",
		SELECTOR_MATCHES, "matches"},
	{{.tags = two_tags, .tags_count = 2}, DIRECTORY_TYPE_AD_CONNECTOR, "owner\n\nenv\nprod\n",
		SELECTOR_MATCHES, "matches"},
	{{.tags = two_tags, .tags_count = 2}, DIRECTORY_TYPE_AD_CONNECTOR, "env\nprod\nowner\nme\n",
		SELECTOR_TAG_OTHER, "has tag owner \"me\""},
	{{.type = DIRECTORY_TYPE_AD_CONNECTOR}, DIRECTORY_TYPE_MICROSOFT_AD, NULL, SELECTOR_TYPE,
		"is of type MicrosoftAD"},
	{{.name = west}, DIRECTORY_TYPE_SIMPLE_AD, NULL, SELECTOR_KIND,
		"is of type SimpleAD, which is never selected"},
	{{.id = ""}, DIRECTORY_TYPE_SHARED_MICROSOFT_AD, NULL, SELECTOR_KIND,
		"is of type SharedMicrosoftAD, which is never selected"},
	{{.id = ""}, DIRECTORY_TYPE_UNKNOWN, NULL, SELECTOR_KIND,
		"is of type Unknown, which is never selected"},
	{{.name = west}, DIRECTORY_TYPE_MICROSOFT_AD, NULL, SELECTOR_NAME,
		"is named corp.example.com"},
	{{.id = TWO}, DIRECTORY_TYPE_MICROSOFT_AD, NULL, SELECTOR_OTHER_ID, "is another directory"},
	{{.id = ONE}, DIRECTORY_TYPE_SIMPLE_AD, NULL, SELECTOR_MATCHES, "matches"},
};

static void verdicts_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(verdicts); i++) {
		const struct sighting seen = {.id = ONE,
			.type = verdicts[i].type,
			.name = TEXT("corp.example.com"),
			.tags = (char *)(uintptr_t)verdicts[i].tags};
		struct buffer text;

		assert_int_equal(
			selector_judge(&verdicts[i].selector, &seen, NULL), verdicts[i].verdict);
		buffer_init(&text, 1000);
		assert_int_equal(selector_explain(&verdicts[i].selector, &seen, &text), 0);
		assert_string_equal(buffer_text(&text), verdicts[i].text);
		buffer_done(&text);
	}
}

/* ---- whole fleets ---- */

/*
 * A file with two selectors: of the tag ldapsward in eu-west-1 and us-east-1, and of the name
 * *.example.com in eu-west-1 alone, in all Regions; and with an entry for TWO unless it is taken
 * out.
 */
struct world {
	struct account accounts[2];
	char *regions[2], *homes[1];
	struct selector_tag tag;
	struct selector selectors[3];
	struct directory named;
	struct fleet file;
	struct knowledge knowledge;
	struct fleet fleet; /* the last that was made */
};

static void world_make(struct world *world)
{
	*world = (struct world){0};
	world->accounts[0].name = prod;
	world->accounts[1].name = lab;
	world->regions[0] = west;
	world->regions[1] = east;
	world->homes[0] = west;
	world->tag = (struct selector_tag){tag_key, tag_value};
	world->selectors[0] = (struct selector){.tags = &world->tag,
		.tags_count = 1,
		.homes = world->regions,
		.homes_count = 2,
		.place = here,
		.wish = {.account = &world->accounts[0],
			.regions = world->regions,
			.regions_count = 2,
			.policy = POLICY_SYNC}};
	world->selectors[1] = (struct selector){.name = pattern,
		.homes = world->homes,
		.homes_count = 1,
		.place = there,
		.wish = {.account = &world->accounts[0],
			.regions_all = true,
			.policy = POLICY_ADD_ONLY}};
	world->named = (struct directory){.id = TWO,
		.account = &world->accounts[0],
		.regions = world->homes,
		.regions_count = 1};
	world->file = (struct fleet){.interval = INTERVAL,
		.accounts = world->accounts,
		.accounts_count = 2,
		.directories = &world->named,
		.directories_count = 1,
		.selectors = world->selectors,
		.selectors_count = 2};
}

static void world_done(struct world *world)
{
	if (world->fleet.base)
		fleet_done(&world->fleet);
	knowledge_done(&world->knowledge);
}

static void see(struct world *world, const char *account, const char *region, const char *id,
	const char *name, const char *regions, const char *tags)
{
	struct sighting seen = {.type = DIRECTORY_TYPE_MICROSOFT_AD,
		.name = (char *)(uintptr_t)name,
		.regions = (char *)(uintptr_t)regions,
		.tags = (char *)(uintptr_t)tags};
	unsigned home;

	memcpy(seen.id, id, strlen(id) + 1);
	assert_int_equal(knowledge_home(&world->knowledge, account, region, &home), 0);
	assert_int_equal(knowledge_see(&world->knowledge, home, &seen, 1000), 0);
}

static void swept(struct world *world, const char *region, bool complete)
{
	unsigned home;

	assert_int_equal(knowledge_home(&world->knowledge, prod, region, &home), 0);
	knowledge_swept(&world->knowledge, home, complete, complete ? NULL : "no");
}

/* Makes the fleet and notes it; gives the directory, or NULL. */
static const struct directory *made(struct world *world, const char *id)
{
	if (world->fleet.base)
		fleet_done(&world->fleet);
	assert_int_equal(selection_make(&world->file, &world->knowledge, &world->fleet), 0);
	assert_int_equal(selection_note(&world->fleet, &world->knowledge, 5), 0);
	return fleet_directory(&world->fleet, id);
}

static void regions_are(const struct directory *directory, const char *first, const char *second)
{
	assert_non_null(directory);
	assert_int_equal(directory->regions_count, second ? 2 : 1);
	assert_string_equal(directory->regions[0], first);
	if (second)
		assert_string_equal(directory->regions[1], second);
}

static void a_list_is_cut_to_where_the_directory_is(void **state)
{
	struct world world;
	const struct directory *directory;

	(void)state;
	world_make(&world);
	see(&world, prod, east, ONE, "one.example.org", "us-east-1 eu-central-1", MANAGED);
	directory = made(&world, ONE);
	regions_are(directory, east, NULL);
	assert_string_equal(directory->name, "one.example.org");
	assert_int_equal(directory->policy, POLICY_SYNC);
	assert_ptr_equal(directory->selector, &world.selectors[0]);
	assert_null(directory->contested);
	see(&world, prod, east, ONE, "one.example.org", "us-east-1 eu-west-1", MANAGED);
	regions_are(made(&world, ONE), west, east);
	world_done(&world);
}

static void all_regions_are_those_that_are_told(void **state)
{
	struct world world;
	uint64_t revision;

	(void)state;
	world_make(&world);
	see(&world, prod, west, ONE, "one.example.com", "eu-west-1", NULL);
	regions_are(made(&world, ONE), west, NULL);
	revision = fleet_directory(&world.fleet, ONE)->revision;
	see(&world, prod, west, ONE, "one.example.com", "eu-west-1 eu-central-1", NULL);
	regions_are(made(&world, ONE), west, central);
	/* a replica is no edit: what was held until the file changes stays so */
	assert_true(revision == fleet_directory(&world.fleet, ONE)->revision);
	/* a reply without RegionsInfo takes none away */
	see(&world, prod, west, ONE, "one.example.com", "", NULL);
	regions_are(made(&world, ONE), west, central);
	see(&world, prod, west, ONE, "one.example.com", "eu-west-1", NULL);
	regions_are(made(&world, ONE), west, NULL);
	/* an AD Connector has none, and is where it was seen */
	see(&world, prod, west, "d-0000000003", "two.example.com", "", NULL);
	regions_are(made(&world, "d-0000000003"), west, NULL);
	world_done(&world);
}

static void an_entry_wins(void **state)
{
	struct world world;
	const struct directory *directory;

	(void)state;
	world_make(&world);
	see(&world, prod, west, TWO, "two.example.com", "eu-west-1", MANAGED);
	directory = made(&world, TWO);
	assert_null(directory->selector);
	assert_null(directory->contested);
	assert_int_equal(world.fleet.directories_count, 1);
	world_done(&world);
}

static void two_selectors_contest(void **state)
{
	struct world world;
	const struct directory *directory;

	(void)state;
	world_make(&world);
	see(&world, prod, west, ONE, "one.example.com", "eu-west-1", MANAGED);
	directory = made(&world, ONE);
	assert_string_equal(directory->contested, "file:1 and file:2");
	assert_int_equal(world.fleet.directories_count, 2);
	/* seen in two homes of one selector it is still that one's alone */
	see(&world, prod, west, ONE, "one.example.org", "eu-west-1 us-east-1", MANAGED);
	see(&world, prod, east, ONE, "one.example.org", "eu-west-1 us-east-1", MANAGED);
	assert_null(made(&world, ONE)->contested);
	world_done(&world);
}

static void another_account_is_not_looked_in(void **state)
{
	struct world world;

	(void)state;
	world_make(&world);
	see(&world, lab, west, ONE, "one.example.com", "eu-west-1", MANAGED);
	see(&world, prod, central, ONE, "one.example.com", "eu-central-1", MANAGED);
	assert_null(made(&world, ONE));
	world_done(&world);
}

static void an_id_in_all_regions_is_always_there(void **state)
{
	struct world world;
	const struct directory *directory;

	(void)state;
	world_make(&world);
	world.file.directories_count = 0;
	world.selectors[2] = world.selectors[1];
	memcpy(world.selectors[2].id, TWO, sizeof(TWO));
	world.selectors[2].name = NULL;
	world.file.selectors_count = 3;
	directory = made(&world, TWO);
	regions_are(directory, west, NULL);
	assert_null(directory->name);
	assert_true(selection_confirmed(directory, &world.knowledge, INTERVAL, 1000000));
	see(&world, prod, west, TWO, "two.example.com", "eu-central-1 eu-west-1", MANAGED);
	directory = made(&world, TWO);
	regions_are(directory, central, west);
	assert_null(directory->contested);
	assert_ptr_equal(directory->selector, &world.selectors[2]);
	world_done(&world);
}

static void a_name_is_kept_until_it_is_let_go(void **state)
{
	struct world world;

	(void)state;
	world_make(&world);
	see(&world, prod, west, ONE, "one.example.org", "eu-west-1", MANAGED);
	assert_string_equal(made(&world, ONE)->name, "one.example.org");
	see(&world, prod, west, ONE, "new.example.org", "eu-west-1", MANAGED);
	assert_string_equal(made(&world, ONE)->name, "one.example.org");
	see(&world, prod, west, ONE, "new.example.org", "eu-west-1", "");
	assert_null(made(&world, ONE));
	see(&world, prod, west, ONE, "new.example.org", "eu-west-1", MANAGED);
	assert_string_equal(made(&world, ONE)->name, "new.example.org");
	world_done(&world);
}

static void only_complete_sweeps_forget(void **state)
{
	struct world world;

	(void)state;
	world_make(&world);
	see(&world, prod, west, ONE, "one.example.org", "eu-west-1", MANAGED);
	swept(&world, west, true);
	for (int i = 0; i < 5; i++)
		swept(&world, west, false);
	assert_non_null(made(&world, ONE));
	world.knowledge.news = false;
	swept(&world, west, true);	   /* an empty listing */
	assert_true(world.knowledge.news); /* how often is remembered too */
	assert_non_null(made(&world, ONE));
	swept(&world, west, false);
	see(&world, prod, west, ONE, "one.example.org", "eu-west-1", MANAGED);
	swept(&world, west, true); /* it was one look that erred */
	swept(&world, west, true);
	assert_non_null(made(&world, ONE));
	swept(&world, east, true); /* another home's */
	assert_non_null(made(&world, ONE));
	world.knowledge.news = false;
	swept(&world, west, true);
	assert_true(world.knowledge.news);
	assert_null(made(&world, ONE));
	world_done(&world);
}

static void a_tag_that_cannot_be_read_is_as_it_was(void **state)
{
	struct world world;
	struct sighting unread = {.id = ONE,
		.type = DIRECTORY_TYPE_MICROSOFT_AD,
		.name = TEXT("one.example.org"),
		.unread = true};

	(void)state;
	world_make(&world);
	see(&world, prod, west, ONE, "one.example.org", "eu-west-1", MANAGED);
	assert_non_null(made(&world, ONE));
	assert_int_equal(knowledge_see(&world.knowledge, 0, &unread, 9000), 0);
	assert_non_null(made(&world, ONE));
	/* nobody asked: what was known of tags is old, and counts for nothing */
	see(&world, prod, west, ONE, "one.example.org", "eu-west-1", NULL);
	assert_null(made(&world, ONE));
	/* one of which no tag was ever read is nobody's */
	memcpy(unread.id, "d-0000000003", sizeof(unread.id));
	assert_int_equal(knowledge_see(&world.knowledge, 0, &unread, 9000), 0);
	assert_null(made(&world, "d-0000000003"));
	world_done(&world);
}

static void what_is_remembered_is_to_be_confirmed(void **state)
{
	struct world world;
	const struct directory *directory;
	struct sighting seen = {.id = ONE,
		.type = DIRECTORY_TYPE_MICROSOFT_AD,
		.name = TEXT("one.example.org"),
		.regions = west,
		.tags = TEXT(MANAGED)};

	(void)state;
	world_make(&world);
	assert_int_equal(
		knowledge_recall(&world.knowledge, prod, west, &seen, "old.example.org", 3, 0), 0);
	directory = made(&world, ONE);
	assert_string_equal(directory->name, "old.example.org");
	assert_false(selection_confirmed(directory, &world.knowledge, INTERVAL, 1000));
	see(&world, prod, west, ONE, "one.example.org", "eu-west-1", MANAGED);
	assert_true(selection_confirmed(directory, &world.knowledge, INTERVAL, 1000));
	assert_true(
		selection_confirmed(directory, &world.knowledge, INTERVAL, 1000 + 3 * INTERVAL));
	assert_false(
		selection_confirmed(directory, &world.knowledge, INTERVAL, 1001 + 3 * INTERVAL));
	world_done(&world);
}

static void a_list_in_another_order_is_no_other(void **state)
{
	struct world world;
	struct fleet again;

	(void)state;
	world_make(&world);
	see(&world, prod, west, ONE, "one.example.com", "eu-west-1 eu-central-1 us-east-1",
		"a\nb\nc\nd\n");
	assert_non_null(made(&world, ONE));
	world.knowledge.news = false;
	see(&world, prod, west, ONE, "one.example.com", "eu-west-1 us-east-1 eu-central-1",
		"c\nd\na\nb\n");
	assert_false(world.knowledge.news);
	assert_int_equal(selection_make(&world.file, &world.knowledge, &again), 0);
	assert_true(selection_equal(&world.fleet, &again));
	fleet_done(&again);
	see(&world, prod, west, ONE, "one.example.com", "eu-west-1 us-east-1 eu-central-1",
		"a\nd\nc\nb\n");
	assert_true(world.knowledge.news);
	world_done(&world);
}

static void a_type_that_is_not_told_is_as_it_was(void **state)
{
	struct world world;
	struct sighting untold = {.id = ONE,
		.type = DIRECTORY_TYPE_UNKNOWN,
		.name = TEXT("one.example.org"),
		.tags = TEXT(MANAGED)};

	(void)state;
	world_make(&world);
	see(&world, prod, west, ONE, "one.example.org", "eu-west-1", MANAGED);
	assert_int_equal(knowledge_see(&world.knowledge, 0, &untold, 9000), 0);
	assert_non_null(made(&world, ONE));
	untold.type = DIRECTORY_TYPE_SIMPLE_AD;
	assert_int_equal(knowledge_see(&world.knowledge, 0, &untold, 9000), 0);
	assert_null(made(&world, ONE));
	world_done(&world);
}

static void the_name_is_that_of_the_first_pick(void **state)
{
	struct world world;
	unsigned home;

	(void)state;
	world_make(&world);
	assert_int_equal(knowledge_home(&world.knowledge, prod, west, &home), 0);
	see(&world, prod, east, ONE, "one.example.org", "us-east-1", MANAGED);
	assert_string_equal(made(&world, ONE)->name, "one.example.org");
	/* the home that comes first tells of it later, and by another name */
	see(&world, prod, west, ONE, "new.example.org", "us-east-1 eu-west-1", MANAGED);
	assert_non_null(made(&world, ONE)); /* picked there too */
	assert_string_equal(made(&world, ONE)->name, "one.example.org");
	world_done(&world);
}

static void any_home_of_a_selector_makes_it_have_one(void **state)
{
	struct world world;

	(void)state;
	world_make(&world);
	see(&world, prod, west, ONE, "one.example.org", "eu-west-1 us-east-1", MANAGED);
	see(&world, prod, east, ONE, "one.example.org", "eu-west-1 us-east-1", "");
	/* what is known where another selector looks is none of its business */
	see(&world, prod, central, ONE, "one.example.com", "eu-west-1 us-east-1", NULL);
	assert_true(selector_has(&world.selectors[0], &world.knowledge, ONE));
	assert_false(selector_has(&world.selectors[1], &world.knowledge, ONE));
	assert_false(selector_has(&world.selectors[0], &world.knowledge, TWO));
	see(&world, prod, west, ONE, "one.example.org", "eu-west-1 us-east-1", "");
	assert_false(selector_has(&world.selectors[0], &world.knowledge, ONE));
	world_done(&world);
}

static void many_are_forgotten_at_once(void **state)
{
	struct world world;
	char id[SERVICE_ID_SIZE];

	(void)state;
	world_make(&world);
	see(&world, prod, east, ONE, "one.example.org", "us-east-1", MANAGED);
	for (int i = 10; i < 90; i++) {
		(void)snprintf(id, sizeof(id), "d-00000000%d", i);
		see(&world, prod, west, id, "some.example.org", "eu-west-1", MANAGED);
	}
	swept(&world, west, true);
	swept(&world, west, true);
	see(&world, prod, west, "d-0000000050", "some.example.org", "eu-west-1", MANAGED);
	swept(&world, west, true);
	assert_int_equal(world.knowledge.count, 2);
	assert_non_null(made(&world, "d-0000000050"));
	world_done(&world);
}

static void a_loss_is_explained_by_the_nearest_selector(void **state)
{
	struct world world;
	struct buffer text;

	(void)state;
	world_make(&world);
	see(&world, prod, west, ONE, "one.example.org", "eu-west-1", "ldapsward\nno\n");
	assert_null(made(&world, ONE));
	buffer_init(&text, 1000);
	assert_int_equal(selection_explain_loss(&world.file, &world.knowledge, ONE, &text), 0);
	assert_string_equal(buffer_text(&text), "has tag ldapsward \"no\"");
	buffer_clear(&text);
	assert_int_equal(selection_explain_loss(&world.file, &world.knowledge, TWO, &text), 0);
	assert_string_equal(buffer_text(&text), "is listed no longer where selectors look");
	buffer_done(&text);
	world_done(&world);
}

static void equal_selections_are_equal(void **state)
{
	struct world world;
	struct fleet again;

	(void)state;
	world_make(&world);
	see(&world, prod, west, ONE, "one.example.com", "eu-west-1", "");
	assert_non_null(made(&world, ONE));
	assert_int_equal(selection_make(&world.file, &world.knowledge, &again), 0);
	assert_true(selection_equal(&world.fleet, &again));
	fleet_done(&again);
	see(&world, prod, west, ONE, "one.example.com", "eu-west-1 eu-central-1", "");
	assert_int_equal(selection_make(&world.file, &world.knowledge, &again), 0);
	assert_false(selection_equal(&world.fleet, &again));
	fleet_done(&again);
	see(&world, prod, west, ONE, "one.example.com", "eu-west-1", MANAGED);
	assert_int_equal(selection_make(&world.file, &world.knowledge, &again), 0);
	assert_false(selection_equal(&world.fleet, &again)); /* contested now */
	fleet_done(&again);
	world_done(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_match),
		cmocka_unit_test(verdicts_are_told),
		cmocka_unit_test(a_list_is_cut_to_where_the_directory_is),
		cmocka_unit_test(all_regions_are_those_that_are_told),
		cmocka_unit_test(an_entry_wins),
		cmocka_unit_test(two_selectors_contest),
		cmocka_unit_test(another_account_is_not_looked_in),
		cmocka_unit_test(an_id_in_all_regions_is_always_there),
		cmocka_unit_test(a_name_is_kept_until_it_is_let_go),
		cmocka_unit_test(only_complete_sweeps_forget),
		cmocka_unit_test(a_tag_that_cannot_be_read_is_as_it_was),
		cmocka_unit_test(what_is_remembered_is_to_be_confirmed),
		cmocka_unit_test(a_list_in_another_order_is_no_other),
		cmocka_unit_test(a_type_that_is_not_told_is_as_it_was),
		cmocka_unit_test(the_name_is_that_of_the_first_pick),
		cmocka_unit_test(any_home_of_a_selector_makes_it_have_one),
		cmocka_unit_test(many_are_forgotten_at_once),
		cmocka_unit_test(a_loss_is_explained_by_the_nearest_selector),
		cmocka_unit_test(equal_selections_are_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
