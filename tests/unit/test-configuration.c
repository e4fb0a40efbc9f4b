/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole configurations: each of tests/data/configuration/{good,bad}/NAME.yaml is read as
 * `ldapsward.yaml` (NAME.d/ as its conf.d) beside the certificates of `ca/`, and what came out is
 * compared with NAME.expected: what was said, and for a good one the fleet. A first line of
 * "# AWS_REGION=REGION" gives the region of the caller.
 *
 *   test-configuration             compares
 *   test-configuration --update    writes every NAME.expected anew, to be reviewed as a diff
 *   test-configuration --keys      prints the schema table, one key a line, for the schema's test
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/calendar.h"
#include "edge/configuration.h"
#include "edge/file.h"
#include "edge/schema.h"

#define NOW	    INT64_C(1798761600) /* 2027-01-01T00:00:00Z, from which the certificates count */
#define OUTPUT_MAX  1000000
#define REGION_LINE "# AWS_REGION="

static bool update; /* write what came out instead of comparing it */

/* ---------------------------------------------------------------- the fleet as text */

static void dump_authority(const struct authority *authority, struct buffer *out)
{
	const struct rotation *rotation = &authority->rotation;
	char text[DIGEST_TEXT_SIZE];

	buffer_printf(out,
		"authority %s: register %s, rotate_before %" PRId64 ", overlap %" PRId64
		", retire %s %" PRId64 "\n",
		authority->name, rotation->register_at_threshold ? "at_threshold" : "on_discovery",
		rotation->rotate_before, rotation->overlap, retire_str(rotation->retire),
		rotation->retire_after);
	for (size_t i = 0; i < authority->count; i++) {
		const struct certificate *certificate = authority->certificates[i];

		instant_format_date(certificate->not_after, text);
		buffer_printf(out, "  \"%s\" %s\n", certificate->common_name, text);
	}
}

static void dump_directory(const struct directory *directory, struct buffer *out)
{
	buffer_printf(out,
		"directory %s: name %s, account \"%s\", policy %s, client_ldaps %s, %s\n",
		directory->id, directory->name ? directory->name : "-", directory->account->name,
		policy_str(directory->policy), client_ldaps_str(directory->client_ldaps),
		directory->adopt == ADOPT_MATCHING ? "adopts" : "never adopts");
	buffer_printf(out,
		"  grace %" PRId64 ", reenable_after %" PRId64 ", overlap %" PRId64 ", limit %u\n",
		directory->grace, directory->reenable_after, directory->overlap,
		directory->certificate_limit);
	buffer_append_text(out, "  regions");
	for (size_t i = 0; i < directory->regions_count; i++)
		buffer_printf(out, " %s", directory->regions[i]);
	buffer_printf(out, "\n  trust%s", directory->trust_none ? " none" : "");
	for (size_t i = 0; i < directory->trust_count; i++)
		buffer_printf(out, " %s", directory->trust[i]->name);
	buffer_append_text(out, "\n");
	for (size_t i = 0; i < directory->approvals_count; i++) {
		const struct approval *approval = &directory->approvals[i];
		char until[INSTANT_SIZE], text[DIGEST_TEXT_SIZE];

		buffer_printf(out, "  approves %s until %s because %s\n",
			approval->disable ? "disable" : digest_format(&approval->certificate, text),
			instant_format(approval->until, until),
			approval->reason ? approval->reason : "-");
	}
}

static void dump_selector(const struct selector *selector, struct buffer *out)
{
	buffer_printf(out, "selector %s (%s) in", selector->text, selector->place);
	for (size_t i = 0; i < selector->homes_count; i++)
		buffer_printf(out, " %s", selector->homes[i]);
	buffer_printf(out, "%s:\n", selector->wish.regions_all ? ", all Regions" : "");
	dump_directory(&selector->wish, out);
}

static void dump_account(const struct account *account, struct buffer *out)
{
	const char *const texts[] = {account->profile, account->role_arn, account->external_id,
		account->session_name, account->account_id, account->sts_endpoint};
	static const char *const names[] = {
		"profile", "role_arn", "external_id", "session_name", "account_id", "sts_endpoint"};

	buffer_printf(out, "account \"%s\": concurrency %u", account->name, account->concurrency);
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
		if (texts[i])
			buffer_printf(out, ", %s %s", names[i], texts[i]);
	if (account->duration)
		buffer_printf(out, ", duration %" PRId64, account->duration);
	for (size_t i = 0; i < account->endpoints_count; i++)
		buffer_printf(out, ", endpoint %s %s",
			account->endpoints[i].region ? account->endpoints[i].region : "*",
			account->endpoints[i].url);
	buffer_printf(out, "\n");
}

static void dump_fleet(const struct fleet *fleet, struct buffer *out)
{
	buffer_printf(out, "interval %" PRId64 ", parallel %u\n", fleet->interval, fleet->parallel);
	if (fleet->metrics_file)
		buffer_printf(out, "metrics_file %s\n", fleet->metrics_file);
	for (size_t i = 0; i < fleet->accounts_count; i++)
		dump_account(&fleet->accounts[i], out);
	for (size_t i = 0; i < fleet->authorities_count; i++)
		dump_authority(&fleet->authorities[i], out);
	for (size_t i = 0; i < fleet->directories_count; i++)
		dump_directory(&fleet->directories[i], out);
	for (size_t i = 0; i < fleet->selectors_count; i++)
		dump_selector(&fleet->selectors[i], out);
}

/* ---------------------------------------------------------------- one case */

static void must(bool good, const char *what)
{
	if (!good) {
		perror(what);
		abort();
	}
}

static void text_read(const char *path, struct buffer *out)
{
	struct error error = {0};

	if (file_read(path, out, &error) < 0)
		buffer_clear(out);
}

/* The path of a neighbour of the case: NAME.yaml -> NAME`suffix`. */
static const char *beside(const char *path, const char *suffix, struct buffer *out)
{
	buffer_clear(out);
	buffer_append(out, path, strlen(path) - strlen(".yaml"));
	buffer_append_text(out, suffix);
	return buffer_text(out);
}

/* Makes an empty directory hold the case as `ldapsward.yaml`, its conf.d and `ca`. */
static void stage(const char *path)
{
	struct file_list others = {0};
	struct error error;
	struct buffer text;

	buffer_init(&text, 4096);
	must(symlink(path, "ldapsward.yaml") == 0, path);
	must(symlink(ZOO, "ca") == 0, ZOO);
	must(mkdir("conf.d", 0700) == 0, "conf.d");
	must(file_find(beside(path, ".d/*.yaml", &text), "", 100, &others, &error) == 0, path);
	for (size_t i = 0; i < others.count; i++) {
		buffer_clear(&text);
		buffer_printf(&text, "conf.d%s", strrchr(others.paths[i], '/'));
		must(symlink(others.paths[i], buffer_text(&text)) == 0, others.paths[i]);
	}
	file_list_done(&others);
	buffer_done(&text);
}

static void unstage(void)
{
	glob_t found;

	unlink("ldapsward.yaml");
	unlink("ca");
	if (glob("conf.d/*", 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			unlink(found.gl_pathv[i]);
		globfree(&found);
	}
	rmdir("conf.d");
}

/* Keys are made anew in each build tree, so digests differ: "9f...2a..." becomes
 * "################...". */
static void mask_digests(char *text)
{
	for (char *dots = strstr(text, "..."); dots; dots = strstr(dots + 3, "..."))
		for (char *c = dots; c > text && c > dots - 16 && strchr("0123456789abcdef", c[-1]);
			c--)
			c[-1] = '#';
}

/* A signature may be a byte longer or shorter, and the lines below its certificate move with it. */
static void mask_lines(char *text)
{
	static const char word[] = "(line ";

	for (char *line = strstr(text, word); line; line = strstr(line + 1, word))
		for (char *c = line + strlen(word); strchr("0123456789", *c) && *c; c++)
			*c = '#';
}

/* Loads ./ldapsward.yaml and writes what came out. Gives the result. */
static int load(struct buffer *out)
{
	struct configuration_options options = {.now = NOW};
	struct diagnostics diagnostics = {0};
	struct store store = {0};
	struct fleet fleet = {.interval = -1};
	char *region = NULL;
	struct buffer text;
	int r;

	buffer_init(&text, 2 * YAML_FILE_MAX);
	text_read("ldapsward.yaml", &text);
	if (strncmp(buffer_text(&text), REGION_LINE, strlen(REGION_LINE)) == 0)
		region = strndup(buffer_text(&text) + strlen(REGION_LINE),
			strcspn(buffer_text(&text) + strlen(REGION_LINE), "\n"));
	options.region = region;
	r = configuration_load("ldapsward.yaml", &options, &store, &fleet, &diagnostics);
	diagnostics_format(&diagnostics, out);
	if (out->data) {
		mask_digests(out->data);
		mask_lines(out->data);
	}
	if (r == 0) {
		dump_fleet(&fleet, out);
		fleet_done(&fleet);
	} else {
		assert_int_equal(fleet.interval, -1); /* untouched */
	}
	diagnostics_done(&diagnostics);
	store_done(&store);
	buffer_done(&text);
	free(region);
	return r;
}

static void compare(const char *path, const struct buffer *got)
{
	struct buffer name, expected;
	FILE *file;

	buffer_init(&name, 4096);
	buffer_init(&expected, OUTPUT_MAX);
	beside(path, ".expected", &name);
	if (update) {
		file = fopen(buffer_text(&name), "w");
		must(file && fputs(buffer_text(got), file) >= 0 && fclose(file) == 0,
			buffer_text(&name));
	} else {
		text_read(buffer_text(&name), &expected);
		if (strcmp(buffer_text(got), buffer_text(&expected)) != 0)
			print_error("%s: got\n%s", path, buffer_text(got));
		assert_string_equal(buffer_text(got), buffer_text(&expected));
	}
	buffer_done(&name);
	buffer_done(&expected);
}

static void run_cases(const char *kind, int result)
{
	char place[] = "/tmp/test-configuration.XXXXXX";
	struct file_list cases = {0};
	struct error error;
	struct buffer text;

	must(mkdtemp(place) && chdir(place) == 0, place);
	buffer_init(&text, OUTPUT_MAX);
	buffer_printf(&text, "%s/%s/*.yaml", CASES, kind);
	assert_int_equal(file_find(buffer_text(&text), "", 1000, &cases, &error), 0);
	assert_true(cases.count > 0);
	for (size_t i = 0; i < cases.count; i++) {
		int r;

		buffer_clear(&text);
		stage(cases.paths[i]);
		r = load(&text);
		unstage();
		compare(cases.paths[i], &text);
		if (r != result)
			print_error("%s: result %d\n", cases.paths[i], r);
		assert_int_equal(r, result);
	}
	file_list_done(&cases);
	buffer_done(&text);
	must(chdir("/") == 0 && rmdir(place) == 0, place);
}

static void good_configurations_become_fleets(void **state)
{
	(void)state;
	run_cases("good", 0);
}

static void bad_configurations_are_told_whole(void **state)
{
	(void)state;
	run_cases("bad", -ERROR_INVALID);
}

/* The sample that is installed, beside the two files that it names. */
static void the_sample_is_taken_without_a_word(void **state)
{
	char place[] = "/tmp/test-configuration.XXXXXX";
	struct buffer text;

	(void)state;
	must(mkdtemp(place) && chdir(place) == 0 && mkdir("ca", 0700) == 0, place);
	must(symlink(SAMPLE, "ldapsward.yaml") == 0, SAMPLE);
	must(symlink(ZOO "/corp-root.pem", "ca/corp-root.pem") == 0, ZOO);
	must(symlink(ZOO "/corp-issuing.pem", "ca/corp-issuing.pem") == 0, ZOO);
	buffer_init(&text, OUTPUT_MAX);
	assert_int_equal(load(&text), 0);
	if (strncmp(buffer_text(&text), "interval 900, ", 14) != 0)
		print_error("%s", buffer_text(&text));
	assert_int_equal(strncmp(buffer_text(&text), "interval 900, ", 14), 0);
	buffer_done(&text);
	unlink("ca/corp-root.pem");
	unlink("ca/corp-issuing.pem");
	rmdir("ca");
	unlink("ldapsward.yaml");
	must(chdir("/") == 0 && rmdir(place) == 0, place);
}

/* Writes conf.d/N.yaml with `count` directories from number `first` on. */
static void put_directories(unsigned file, size_t first, size_t count)
{
	char path[32];
	FILE *out;

	snprintf(path, sizeof(path), "conf.d/%u.yaml", file);
	out = fopen(path, "w");
	must(out != NULL, path);
	fputs("version: 1\ndirectories:\n", out);
	for (size_t i = first; i < first + count; i++)
		fprintf(out, "  - {id: d-%010zx, trust: [corp-root], policy: sync}\n", i);
	must(fclose(out) == 0, path);
}

/* Loads the main file that is staged; gives the result, the directories and what was said first. */
static int load_count(size_t *ret_count, char *ret_said, size_t said_size)
{
	struct configuration_options options = {.now = NOW, .region = "eu-west-1"};
	struct diagnostics diagnostics = {0};
	struct store store = {0};
	struct fleet fleet = {0};
	int r = configuration_load("ldapsward.yaml", &options, &store, &fleet, &diagnostics);

	*ret_count = fleet.directories_count;
	snprintf(ret_said, said_size, "%s",
		diagnostics.count > 0 ? diagnostics.entries[0].sentence : "");
	fleet_done(&fleet);
	store_done(&store);
	diagnostics_done(&diagnostics);
	return r;
}

static void a_fleet_has_its_limit(void **state)
{
	char place[] = "/tmp/test-configuration.XXXXXX", said[200];
	size_t count;

	(void)state;
	must(mkdtemp(place) && chdir(place) == 0, place);
	stage(CASES "/good/minimal.yaml");
	for (unsigned i = 0; i < 2; i++)
		put_directories(i, i * 9999, 9999);
	assert_int_equal(load_count(&count, said, sizeof(said)), 0);
	assert_int_equal(count, 19999);
	assert_string_equal(said, "");
	put_directories(2, 19998, 2);
	assert_int_equal(load_count(&count, said, sizeof(said)), -ERROR_INVALID);
	assert_string_equal(said, "more than 20000 directories in all files: the limit");
	unstage();
	must(chdir("/") == 0 && rmdir(place) == 0, place);
}

/* ---------------------------------------------------------------- the table itself */

static void every_key_of_the_table_is_whole(void **state)
{
	(void)state;
	for (int i = 0; i < KEYS; i++) {
		const struct schema_key *row = schema_key((enum key)i);

		assert_non_null(row->name);
		assert_true(row->where > 0 && row->where < SECTION_BIT(SECTIONS));
		assert_true(strlen(row->meaning) > 10);
		assert_true(row->minimum <= row->maximum);
		assert_int_equal(row->type == VALUE_WORD && row->words_count == 0, 0);
		if (row->has_default && row->type != VALUE_WORD && row->type != VALUE_NONE)
			assert_true(row->fallback >= row->minimum && row->fallback <= row->maximum);
	}
	for (int i = 0; i < SECTIONS; i++)
		assert_non_null(section_str((enum section)i));
	for (int i = 0; i < VALUE_TYPES; i++)
		assert_non_null(value_type_str((enum value_type)i));
}

static void the_words_of_the_table_are_those_of_the_fleet(void **state)
{
	const struct schema_key *policy = schema_key(KEY_POLICY), *retire = schema_key(KEY_RETIRE);
	const struct schema_key *ldaps = schema_key(KEY_CLIENT_LDAPS);

	(void)state;
	for (size_t i = 0; i < policy->words_count; i++)
		assert_string_equal(policy->words[i], policy_str((enum policy)i));
	for (size_t i = 0; i < retire->words_count; i++)
		if (i != RETIRE_AFTER)
			assert_string_equal(retire->words[i], retire_str((enum retire)i));
	for (size_t i = CLIENT_LDAPS_ENABLED; i < ldaps->words_count; i++)
		assert_string_equal(ldaps->words[i], client_ldaps_str((enum client_ldaps)i));
}

/*
 * One key of one section a line, with tabs between: section, key, required, shape, type,
 * section below, minimum, maximum, words, default (or "-"), meaning.
 */
static void print_key(int section, const struct schema_key *row)
{
	printf("%d\t%s\t%d\t%d\t%d\t%d\t%" PRId64 "\t%" PRId64 "\t", section, row->name,
		row->required, (int)row->shape, (int)row->type, (int)row->section, row->minimum,
		row->maximum);
	for (size_t i = 0; i < row->words_count; i++)
		printf("%s,", row->words[i] ? row->words[i] : "");
	if (!row->has_default)
		printf("\t-");
	else if (row->words_count > 0)
		printf("\t%s", row->words[row->fallback] ? row->words[row->fallback] : "-");
	else
		printf("\t%" PRId64, row->fallback);
	printf("\t%s\n", row->meaning);
}

static int print_keys(void)
{
	for (int section = 0; section < SECTIONS; section++)
		for (int key = 0; key < KEYS; key++)
			if (schema_key((enum key)key)->where & SECTION_BIT(section))
				print_key(section, schema_key((enum key)key));
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_of_the_table_is_whole),
		cmocka_unit_test(the_words_of_the_table_are_those_of_the_fleet),
		cmocka_unit_test(good_configurations_become_fleets),
		cmocka_unit_test(bad_configurations_are_told_whole),
		cmocka_unit_test(the_sample_is_taken_without_a_word),
		cmocka_unit_test(a_fleet_has_its_limit),
	};

	if (argc > 1 && strcmp(argv[1], "--keys") == 0)
		return print_keys();
	/* whoever runs this: no profile speaks */
	unsetenv("HOME");
	unsetenv("AWS_CONFIG_FILE");
	unsetenv("AWS_SHARED_CREDENTIALS_FILE");
	update = argc > 1 && strcmp(argv[1], "--update") == 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
