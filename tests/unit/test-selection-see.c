/* SPDX-License-Identifier: Apache-2.0 */
/* A tag by which a directory is selected, and that one look or several do not find. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/array.h"
#include "core/selection-see.h"
#include "core/selection.h"

#define ONE	 "d-0000000001"
#define INTERVAL 900
#define MANAGED	 "ldapsward\nmanaged\n"
/* A text for a member that owns its texts elsewhere. */
#define TEXT(literal) ((char[]){literal})

static char west[] = "eu-west-1", prod[] = "prod", *homes[] = {west};
static struct account account = {.name = prod};
static struct selector_tag tag = {TEXT("ldapsward"), TEXT("managed")};
/* By the tag, and by the name: the latter also without it. */
static struct selector selectors[] = {
	{.tags = &tag,
		.tags_count = 1,
		.homes = homes,
		.homes_count = 1,
		.place = TEXT("file:1"),
		.wish = {.account = &account, .regions = homes, .regions_count = 1}},
	{.name = TEXT("*.example.org"),
		.homes = homes,
		.homes_count = 1,
		.place = TEXT("file:2"),
		.wish = {.account = &account, .regions = homes, .regions_count = 1}},
};
static const struct fleet file = {.interval = INTERVAL,
	.accounts = &account,
	.accounts_count = 1,
	.selectors = selectors,
	.selectors_count = ARRAY_LENGTH(selectors)};

/* What a sweep does not tell, and one that is not complete. */
static const char unread[] = "unread", unlisted[] = "unlisted", failed[] = "failed";

struct world {
	struct knowledge knowledge;
	unsigned home;
};

static void tell(struct world *world, const char *name, const char *tags)
{
	const struct sighting seen = {.id = ONE,
		.type = DIRECTORY_TYPE_MICROSOFT_AD,
		.name = (char *)(uintptr_t)name,
		.regions = west,
		.tags = tags == unread ? NULL : (char *)(uintptr_t)tags,
		.unread = tags == unread};

	assert_int_equal(selection_see(&file, &world->knowledge, world->home, &seen, 1000), 0);
}

/* One sweep: by which selector the directory is selected after it, and whether that is confirmed.
 */
static char sweep(struct world *world, const char *name, const char *tags)
{
	const struct directory *directory;
	struct fleet fleet;
	char found = '-';

	if (tags != unlisted && tags != failed)
		tell(world, name, tags);
	knowledge_swept(&world->knowledge, world->home, tags != failed, NULL);
	assert_int_equal(selection_make(&file, &world->knowledge, &fleet), 0);
	assert_int_equal(selection_note(&fleet, &world->knowledge, 5), 0);
	directory = fleet_directory(&fleet, ONE);
	if (directory && !selection_confirmed(directory, &world->knowledge, INTERVAL, 1001))
		found = 'u';
	else if (directory && directory->contested)
		found = 'x';
	else if (directory)
		found = directory->selector == &selectors[0] ? '1' : '2';
	fleet_done(&fleet);
	return found;
}

/* clang-format off */
static const struct {
	const char *name;
	const char *tags[6]; /* of each sweep; the first finds the directory with its tag */
	const char *found;   /* after each: 1 and 2 selected by, x by both, u not confirmed, - by none */
	const char *why;
} cases[] = {
	{"a.example.com", {MANAGED, "", ""}, "1u-", "the second look in a row lets it go"},
	{"a.example.com", {MANAGED, "", MANAGED, "", MANAGED}, "1u1u1", "one look that errs counts for nothing"},
	{"a.example.com", {MANAGED, "", failed, ""}, "1uu-", "a sweep that fails is no look"},
	{"a.example.com", {MANAGED, "", unread, "", ""}, "1uuu-", "nor is one that could not read the tags, but for the row"},
	{"a.example.com", {MANAGED, "", unlisted}, "1u-", "not listed is missed as well"},
	{"a.example.com", {MANAGED, unlisted, ""}, "1u-", "in this order too"},
	{"a.example.com", {MANAGED, "ldapsward\nno\n"}, "1-", "another value is no slip: it was told"},
	{"a.example.com", {MANAGED, "env\nx\n" MANAGED, "env\ny\n" MANAGED}, "111", "other tags come and go"},
	{"a.example.com", {MANAGED, "env\nx\n", "env\nx\n"}, "1u-", "tags that are others altogether"},
	{"a.example.com", {"", "", MANAGED, ""}, "--1u", "what was never selected has nothing to lose"},
	{"a.example.com", {MANAGED, NULL}, "1-", "tags that nobody asked for are known no more"},
	{"a.example.org", {MANAGED, "", ""}, "xu2", "between two selectors it moves after the second look"},
};
/* clang-format on */

static void one_look_without_a_tag_lets_nothing_go(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct world world = {0};
		size_t count = strlen(cases[i].found);
		char found[ARRAY_LENGTH(cases[i].tags) + 1] = "";

		assert_int_equal(knowledge_home(&world.knowledge, prod, west, &world.home), 0);
		for (size_t j = 0; j < count; j++)
			found[j] = sweep(&world, cases[i].name, cases[i].tags[j]);
		if (strcmp(found, cases[i].found) != 0)
			fail_msg("%s: %s instead of %s", cases[i].why, found, cases[i].found);
		knowledge_done(&world.knowledge);
	}
}

static void a_miss_is_remembered(void **state)
{
	const struct sighting seen = {.id = ONE,
		.type = DIRECTORY_TYPE_MICROSOFT_AD,
		.name = TEXT("a.example.com"),
		.regions = west,
		.tags = TEXT(MANAGED)};
	struct world world = {0};

	(void)state;
	assert_int_equal(knowledge_home(&world.knowledge, prod, west, &world.home), 0);
	assert_int_equal(sweep(&world, "a.example.com", MANAGED), '1');
	world.knowledge.news = false;
	assert_int_equal(sweep(&world, "a.example.com", ""), 'u');
	assert_true(world.knowledge.news);
	assert_int_equal(knowledge_at(&world.knowledge, ONE, world.home)->missed, 1);
	/* a run that begins with that goes on counting: `apply` by a timer lets go as well */
	knowledge_done(&world.knowledge);
	assert_int_equal(
		knowledge_recall(&world.knowledge, prod, west, &seen, "a.example.com", 3, 1), 0);
	assert_int_equal(sweep(&world, "a.example.com", ""), '-');
	knowledge_done(&world.knowledge);
}

static void what_else_is_told_counts_at_once(void **state)
{
	struct world world = {0};
	const struct known *known;

	(void)state;
	assert_int_equal(knowledge_home(&world.knowledge, prod, west, &world.home), 0);
	assert_int_equal(sweep(&world, "a.example.com", MANAGED), '1');
	tell(&world, "b.example.com", "");
	known = knowledge_at(&world.knowledge, ONE, world.home);
	assert_string_equal(known->seen.name, "b.example.com");
	assert_string_equal(known->seen.tags, MANAGED);
	assert_null(knowledge_at(&world.knowledge, "d-0000000002", world.home));
	assert_null(knowledge_at(&world.knowledge, ONE, world.home + 1));
	knowledge_done(&world.knowledge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_look_without_a_tag_lets_nothing_go),
		cmocka_unit_test(a_miss_is_remembered),
		cmocka_unit_test(what_else_is_told_counts_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
