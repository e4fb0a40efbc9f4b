/* SPDX-License-Identifier: Apache-2.0 */
/* `export`: a first configuration from what the API says today; writes nothing anywhere. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "edge/clock.h"
#include "edge/journal.h"
#include "program/commands.h"
#include "program/discovery.h"
#include "program/setup.h"
#include "program/skeleton-report.h"
#include "program/survey.h"

/* Accounts and Regions in which directories are asked for. */
#define EXPORT_PLACES_MAX ((size_t)OPTIONS_ACCOUNTS_MAX * DIRECTORY_REGIONS_MAX)

struct exporting {
	const struct options *options;
	struct fleet configuration; /* for its accounts; all-zero without --account */
	struct account standard;    /* the standard AWS chain */
	const struct account *accounts[OPTIONS_ACCOUNTS_MAX];
	size_t accounts_count;
	char *chosen[OPTIONS_ACCOUNTS_MAX]; /* owned: Regions of accounts that name none */
	size_t chosen_count;
	struct keyring *keyrings; /* never freed: a list as of keyring_of */
	/* What was found: directories with the Regions to look in, and one sight for each. */
	struct fleet found; /* its accounts are those above, its texts are never freed */
	size_t found_capacity;
	struct skeleton_sight *sights; /* owned: first those that nobody looks at */
	size_t sights_count, sights_capacity;
	struct skeleton_gap *gaps; /* owned */
	size_t gaps_count, gaps_capacity;
};

static int no_memory(struct error *error)
{
	return error_set(error, ERROR_MEMORY, "out of memory");
}

/* ---- where ---- */

/* The accounts that are named, from the configuration; else the standard chain. */
static int accounts_take(struct exporting *exporting, struct error *error)
{
	const struct options *options = exporting->options;

	exporting->standard =
		(struct account){.name = strdup(""), .concurrency = ACCOUNT_CONCURRENCY_DEFAULT};
	if (!exporting->standard.name)
		return no_memory(error);
	if (options->accounts_count == 0)
		exporting->accounts[exporting->accounts_count++] = &exporting->standard;
	for (size_t i = 0; i < options->accounts_count; i++) {
		const struct account *account =
			fleet_account(&exporting->configuration, options->accounts[i]);

		if (!account)
			return error_set(error, ERROR_INVALID,
				"%s: no account %s in it; --account takes a name under `accounts`",
				options->config, options->accounts[i]);
		exporting->accounts[exporting->accounts_count++] = account;
	}
	return 0;
}

static bool region_known(const char *const *regions, size_t count, const char *region)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(regions[i], region) == 0)
			return true;
	return false;
}

/* The Region that environment and profile choose. */
static int region_chosen(struct exporting *exporting, const struct account *account,
	const char **ret_region, struct error *error)
{
	char region[ENDPOINT_REGION_SIZE], **chosen = &exporting->chosen[exporting->chosen_count];
	int r = discover_region(account, region, error);

	if (r == -ERROR_MISSING)
		error_set(error, ERROR_MISSING,
			"no Region to look in: name one with --region, or in AWS_REGION");
	if (r < 0)
		return r;
	*chosen = strdup(region);
	if (!*chosen)
		return no_memory(error);
	exporting->chosen_count++;
	*ret_region = *chosen;
	return 0;
}

static void add_regions(
	char *const *regions, size_t count, const char **ret_regions, size_t *ret_count)
{
	for (size_t i = 0; i < count; i++)
		if (*ret_count < DIRECTORY_REGIONS_MAX &&
			!region_known(ret_regions, *ret_count, regions[i]))
			ret_regions[(*ret_count)++] = regions[i];
}

/* Where the file looks after directories of this account, or for some. */
static void regions_of_file(const struct fleet *fleet, const struct account *account,
	const char **ret_regions, size_t *ret_count)
{
	for (size_t i = 0; i < fleet->directories_count; i++)
		if (fleet->directories[i].account == account)
			add_regions(fleet->directories[i].regions,
				fleet->directories[i].regions_count, ret_regions, ret_count);
	for (size_t i = 0; i < fleet->selectors_count; i++)
		if (fleet->selectors[i].wish.account == account)
			add_regions(fleet->selectors[i].homes, fleet->selectors[i].homes_count,
				ret_regions, ret_count);
}

/* The Regions of an account: as named, else of its directories in the file, else as chosen. */
static int regions_of(struct exporting *exporting, const struct account *account,
	const char *ret_regions[static DIRECTORY_REGIONS_MAX], size_t *ret_count,
	struct error *error)
{
	const struct options *options = exporting->options;
	size_t count = 0;

	for (size_t i = 0; i < options->regions_count; i++)
		ret_regions[count++] = options->regions[i];
	if (count == 0)
		regions_of_file(&exporting->configuration, account, ret_regions, &count);
	*ret_count = count;
	if (count > 0)
		return 0;
	*ret_count = 1;
	return region_chosen(exporting, account, &ret_regions[0], error);
}

/* ---- which directories there are ---- */

static bool selected(const struct options *options, const char *id)
{
	return options->directories_count == 0 ||
	       region_known(options->directories, options->directories_count, id);
}

static int add_region(struct directory *directory, const char *region, size_t length)
{
	char **next = &directory->regions[directory->regions_count];

	for (size_t i = 0; i < directory->regions_count; i++)
		if (strlen(directory->regions[i]) == length &&
			memcmp(directory->regions[i], region, length) == 0)
			return 0;
	if (length == 0 || directory->regions_count == DIRECTORY_REGIONS_MAX)
		return 0;
	*next = strndup(region, length);
	if (!*next)
		return -ERROR_MEMORY;
	directory->regions_count++;
	return 0;
}

/* The directory of this account in what was found; added if it is new. NULL without memory. */
static struct directory *found_directory(
	struct exporting *exporting, const struct account *account, const char *id)
{
	struct fleet *found = &exporting->found;
	struct directory *directory;
	char **regions;

	for (size_t i = 0; i < found->directories_count; i++)
		if (found->directories[i].account == account &&
			strcmp(found->directories[i].id, id) == 0)
			return &found->directories[i];
	if (array_reserve(&found->directories, &exporting->found_capacity, found->directories_count,
		    sizeof(found->directories[0]), FLEET_DIRECTORIES_MAX) < 0)
		return NULL;
	regions = calloc(DIRECTORY_REGIONS_MAX, sizeof(regions[0]));
	if (!regions)
		return NULL;
	directory = &found->directories[found->directories_count++];
	*directory = (struct directory){.account = account,
		.regions = regions,
		.trust_none = true,
		.policy = POLICY_OBSERVE,
		.adopt = ADOPT_NEVER,
		.overlap = FLEET_OVERLAP_DEFAULT,
		.certificate_limit = SERVICE_LDAPS_LIMIT};
	text_copy(id, directory->id, sizeof(directory->id));
	return directory;
}

/* The Regions in which it was found, and those to which it says it is replicated. */
static int found_add(struct exporting *exporting, const struct account *account, const char *region,
	const struct service_directory *one)
{
	struct directory *directory = found_directory(exporting, account, one->id);
	const char *at = one->regions;
	int r = directory ? add_region(directory, region, strlen(region)) : -ERROR_MEMORY;

	while (r == 0 && *at != '\0') {
		size_t length = strcspn(at, " ");

		r = add_region(directory, at, length);
		at += length + strspn(at + length, " ");
	}
	return r;
}

static struct skeleton_sight *add_sight(struct exporting *exporting)
{
	if (array_reserve(&exporting->sights, &exporting->sights_capacity, exporting->sights_count,
		    sizeof(exporting->sights[0]),
		    FLEET_DIRECTORIES_MAX * DIRECTORY_REGIONS_MAX) < 0)
		return NULL;
	return &exporting->sights[exporting->sights_count++];
}

/* Of a kind that has no certificates: told, not looked at. */
static int add_unasked(struct exporting *exporting, const struct account *account,
	const char *region, const struct service_directory *one)
{
	struct skeleton_sight *sight = add_sight(exporting);

	if (!sight)
		return -ERROR_MEMORY;
	*sight = (struct skeleton_sight){.account = account->name,
		.region = region,
		.observed = {.type = one->type, .stage = one->stage}};
	text_copy(one->id, sight->id, sizeof(sight->id));
	text_copy(one->name, sight->observed.name, sizeof(sight->observed.name));
	return 0;
}

static int take_sweep(struct exporting *exporting, const struct account *account,
	const char *region, const struct service_sweep *sweep)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < sweep->count; i++) {
		const struct service_directory *one = &sweep->directories[i];

		if (!selected(exporting->options, one->id))
			continue;
		if (one->type == DIRECTORY_TYPE_MICROSOFT_AD ||
			one->type == DIRECTORY_TYPE_AD_CONNECTOR)
			r = found_add(exporting, account, region, one);
		else
			r = add_unasked(exporting, account, region, one);
	}
	return r;
}

static int add_gap(struct exporting *exporting, const struct account *account, const char *region,
	const struct error *error)
{
	if (array_reserve(&exporting->gaps, &exporting->gaps_capacity, exporting->gaps_count,
		    sizeof(exporting->gaps[0]), EXPORT_PLACES_MAX) < 0)
		return -ERROR_MEMORY;
	exporting->gaps[exporting->gaps_count++] =
		(struct skeleton_gap){.account = account->name, .region = region, .error = *error};
	fprintf(stderr, "ldapsward: %s%s%s: %s\n", account->name,
		account->name[0] != '\0' ? ", " : "", region, error->message);
	return 0;
}

static int discover_account(
	struct exporting *exporting, const struct account *account, struct error *error)
{
	const char *regions[DIRECTORY_REGIONS_MAX] = {NULL};
	size_t count;
	int r = regions_of(exporting, account, regions, &count, error);

	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct service_sweep sweep = {0};
		struct error reason = {0};

		if (discover(&exporting->keyrings, account, regions[i], &sweep, &reason) < 0)
			r = add_gap(exporting, account, regions[i], &reason);
		else
			r = take_sweep(exporting, account, regions[i], &sweep);
		service_sweep_done(&sweep);
	}
	return r < 0 ? no_memory(error) : 0;
}

/* ---- what they have ---- */

static int begun(void *context, size_t targets)
{
	(void)context;
	(void)targets;
	return 0;
}

/* Keeps a copy of the look; without memory it counts as not read. */
static void seen(void *context, const struct target *target, const struct situation *situation,
	const struct decision *decided, struct rollouts *rollouts)
{
	struct exporting *exporting = context;
	struct skeleton_sight *sight = add_sight(exporting);
	const struct observed *observed = situation->observed;

	(void)decided;
	(void)rollouts;
	if (!sight)
		return;
	*sight = (struct skeleton_sight){.account = target->wanted->account->name,
		.region = target->region,
		.observed = *observed};
	text_copy(target->id, sight->id, sizeof(sight->id));
	sight->observed.listed = calloc(observed->listed_count + 1, sizeof(observed->listed[0]));
	sight->observed.listed_count = 0;
	if (!sight->observed.listed) {
		sight->observed.complete = false;
		return;
	}
	for (size_t i = 0; i < observed->listed_count; i++) {
		sight->observed.listed[i] = observed->listed[i];
		sight->observed.listed[i].state_reason = NULL;
	}
	sight->observed.listed_count = observed->listed_count;
}

/* By account and id, and among the Regions of one that where it is read first. */
static int sight_compare(const void *a, const void *b)
{
	const struct skeleton_sight *one = a, *other = b;
	int order = strcmp(one->account, other->account);

	if (order == 0)
		order = strcmp(one->id, other->id);
	if (order == 0)
		order = other->observed.complete - one->observed.complete;
	return order != 0 ? order : strcmp(one->region, other->region);
}

static int look(struct exporting *exporting, struct store *store, struct error *error)
{
	const struct survey_listener listener = {.context = exporting,
		.keyrings = exporting->keyrings,
		.begun = begun,
		.seen = seen};
	struct options options = *exporting->options;
	int r;

	options.state_directory = NULL;
	exporting->found.interval = FLEET_INTERVAL_DEFAULT;
	exporting->found.parallel = FLEET_PARALLEL_DEFAULT;
	r = survey_fleet(&options, &exporting->found, store, &listener, error);
	qsort(exporting->sights, exporting->sights_count, sizeof(exporting->sights[0]),
		sight_compare);
	return r;
}

/* ---- the end ---- */

static bool all_known(const struct exporting *exporting)
{
	const struct options *options = exporting->options;
	bool known = true;

	for (size_t i = 0; i < options->directories_count; i++) {
		bool found = false;

		for (size_t j = 0; j < exporting->sights_count; j++)
			found = found ||
				strcmp(exporting->sights[j].id, options->directories[i]) == 0;
		if (!found)
			fprintf(stderr,
				"ldapsward: there is no directory %s in these accounts and "
				"Regions\n",
				options->directories[i]);
		known = known && found;
	}
	return known;
}

static bool all_read(const struct exporting *exporting)
{
	bool read = exporting->gaps_count == 0;

	for (size_t i = 0; i < exporting->sights_count; i++) {
		const struct skeleton_sight *sight = &exporting->sights[i];
		bool asked = sight->observed.type == DIRECTORY_TYPE_UNKNOWN ||
			     sight->observed.type == DIRECTORY_TYPE_MICROSOFT_AD ||
			     sight->observed.type == DIRECTORY_TYPE_AD_CONNECTOR;

		if (sight->observed.complete || !asked || sight->observed.reason[0] == '\0')
			continue;
		fprintf(stderr, "ldapsward: %s (%s): %s\n", sight->id, sight->region,
			sight->observed.reason);
		read = false;
	}
	return read;
}

static int print(const struct exporting *exporting, const struct skeleton *skeleton)
{
	const struct skeleton_report report = {.skeleton = skeleton,
		.accounts = exporting->accounts,
		.accounts_count = exporting->accounts_count,
		.gaps = exporting->gaps,
		.gaps_count = exporting->gaps_count,
		.now = clock_now()};
	struct buffer text;
	json_t *value;
	int r;

	buffer_init(&text, SKELETON_TEXT_MAX);
	if (exporting->options->json) {
		value = skeleton_json(&report);
		r = value ? json_append(&text, value) : -ERROR_MEMORY;
		json_decref(value);
		buffer_append_text(&text, "\n");
	} else {
		r = skeleton_yaml(&report, &text);
	}
	fputs(r == 0 ? buffer_text(&text) : "", stdout);
	buffer_done(&text);
	return r;
}

static int export(struct exporting *exporting, struct store *store, struct error *error)
{
	struct skeleton skeleton = {0};
	int r = accounts_take(exporting, error);

	for (size_t i = 0; r == 0 && i < exporting->accounts_count; i++)
		r = discover_account(exporting, exporting->accounts[i], error);
	if (r == 0 && exporting->found.directories_count > 0)
		r = look(exporting, store, error);
	if (r < 0)
		return r;
	/* where nobody could be asked there is nothing to write, and nothing to overwrite with it
	 */
	if (!all_known(exporting) || (exporting->sights_count == 0 && exporting->gaps_count > 0))
		return -ERROR_MISSING;
	r = skeleton_make(exporting->sights, exporting->sights_count, &skeleton);
	if (r == 0)
		r = print(exporting, &skeleton);
	skeleton_done(&skeleton);
	return r < 0 ? error_set(error, (enum error_code) - r, "the file would be too large: %s",
			       error_str(r))
		     : 0;
}

int command_export(const struct options *options)
{
	static struct exporting exporting; /* looks may still be under way at the end */
	struct store store = {0};
	struct error error = {0};

	exporting.options = options;
	setup_journal(options, options->log_format);
	if (options->accounts_count > 0 &&
		setup_fleet(options, &store, &exporting.configuration) < 0) {
		if (access(options->config, R_OK) < 0)
			fprintf(stderr, "ldapsward: --account is a name under `accounts` of a "
					"configuration: name one with --config, with `version` and "
					"`accounts` alone if need be, or leave --account out for "
					"the keys that the AWS CLI would find\n");
		return EXIT_FAILURE;
	}
	if (export(&exporting, &store, &error) < 0) {
		if (error.message[0] != '\0')
			fprintf(stderr, "ldapsward: %s\n", error.message);
		return EXIT_FAILURE;
	}
	return all_read(&exporting) ? EXIT_SUCCESS : EXIT_FAILURE;
}
