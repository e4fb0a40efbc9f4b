/* SPDX-License-Identifier: Apache-2.0 */
/* Directories: defaults applied, names resolved, and what each could not do in the end. */
#include "edge/configuration-private.h"

#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/error.h"
#include "core/generation.h"

/* Certificates of one directory that are compared with each other. */
#define TRUSTED_MAX ((size_t)DIRECTORY_TRUST_MAX * AUTHORITY_CERTIFICATES_MAX)

/* One directory while it is built. */
struct draft {
	struct loading *loading;
	struct directory *directory; /* in the fleet, or of `selector` */
	struct selector *selector;   /* in the fleet; NULL where id and Regions are named */
	struct place place;	     /* of its section */
	struct schema_value values[KEYS];
};

#define draft_say(draft, severity, at, ...)                                                        \
	schema_say((draft)->loading->diagnostics, severity, (draft)->place.source->file, at,       \
		__VA_ARGS__)

static int text_copy(const char *text, char **ret_copy)
{
	char *copy = strdup(text);

	if (!copy)
		return -ERROR_MEMORY;
	*ret_copy = copy;
	return 0;
}

/* Tells that `node` names no account or authority. Suggestions cost: only while there is room. */
static void refuse_name(
	struct draft *draft, const struct yaml_node *node, struct names *names, const char *what)
{
	const char *near = NULL;

	if (draft->loading->partial)
		return; /* it may be defined in what could not be read */
	if (diagnostics_room(draft->loading->diagnostics, SEVERITY_ERROR))
		near = names_suggest(names, node->text);
	if (near)
		draft_say(draft, SEVERITY_ERROR, node,
			"there is no %s \"%s\": did you mean \"%s\"?", what, node->text, near);
	else if (names == &draft->loading->authorities && strcmp(node->text, "none") == 0)
		draft_say(draft, SEVERITY_ERROR, node,
			"there is no authority \"none\": the word stands alone, not in a list");
	else
		draft_say(draft, SEVERITY_ERROR, node, "there is no %s \"%s\"", what, node->text);
}

/* ---------------------------------------------------------------- regions, account, trust */

/* A value may come from the defaults, which may stand in another file. */
static void account_resolve(struct draft *draft)
{
	struct loading *loading = draft->loading;
	const struct yaml_node *node = draft->values[KEY_ACCOUNT].node;
	const struct name *name;

	draft->directory->account = &loading->fleet.accounts[0];
	if (!node)
		return;
	name = names_find(&loading->accounts, node->text);
	if (name)
		draft->directory->account = &loading->fleet.accounts[name->position];
	else if (node != loading->defaults[KEY_ACCOUNT].node)
		refuse_name(draft, node, &loading->accounts, "account");
}

/* What the profile of the account says, read when the first directory needs it; NULL: nothing. */
static const char *region_of_profile(struct draft *draft)
{
	struct loading *loading = draft->loading;
	struct error error = {0};

	if (!loading->profiles && profiles_load(&loading->profiles, &error) < 0) {
		draft_say(draft, SEVERITY_ERROR, draft->place.node,
			"a directory without \"regions\" takes the Region of the profile, but %s",
			error.message);
		loading->profiles = profiles_new(); /* told once */
	}
	return loading->profiles
		       ? profiles_text(loading->profiles, PROFILE_PROFILE,
				 profile_name(draft->directory->account->profile), "region")
		       : NULL;
}

/* The Region of the caller, where the file names none. */
static int region_from_caller(struct draft *draft, enum key key, char ***ret_regions, size_t *count)
{
	const char *region = draft->loading->options->region;
	const char *name = schema_key(key)->name;

	if (draft->values[key].refused)
		return 0;
	if (!region || *region == '\0')
		region = region_of_profile(draft);
	if (!region || *region == '\0') {
		if (!draft->loading->partial)
			draft_say(draft, SEVERITY_ERROR, draft->place.node,
				"a directory%s must have \"%s\", unless \"defaults\" have %s or "
				"AWS_REGION or the profile says one",
				key == KEY_HOME ? " with \"regions: all\"" : "", name,
				key == KEY_HOME ? "it" : "them");
		return 0;
	}
	if (!schema_region_valid(region)) {
		draft_say(draft, SEVERITY_ERROR, draft->place.node,
			"a directory without \"%s\" takes AWS_REGION, or the Region of the "
			"profile, and \"%.40s\" in it is not %s",
			name, region, value_type_str(VALUE_REGION));
		return 0;
	}
	*ret_regions = calloc(1, sizeof(**ret_regions));
	if (!*ret_regions || text_copy(region, &(*ret_regions)[0]) < 0)
		return -ERROR_MEMORY;
	*count = 1;
	return 0;
}

static int regions_take(struct draft *draft, enum key key, char ***ret_regions, size_t *count)
{
	const struct yaml_node *list = draft->values[key].node;

	if (!list || draft->values[key].word)
		return region_from_caller(draft, key, ret_regions, count);
	*ret_regions = calloc(list->length, sizeof(**ret_regions));
	if (!*ret_regions)
		return -ERROR_MEMORY;
	for (const struct yaml_node *region = list->first; region; region = region->next) {
		int r = text_copy(region->text, &(*ret_regions)[*count]);

		if (r < 0)
			return r;
		++*count;
	}
	return 0;
}

/* A selector looks in the Regions of its list; with `regions: all`, in `home`. */
static int regions_build(struct draft *draft)
{
	struct directory *directory = draft->directory;
	struct selector *selector = draft->selector;
	const struct yaml_node *home = draft->values[KEY_HOME].node;
	enum key key = draft->values[KEY_REGIONS].word ? KEY_HOME : KEY_REGIONS;
	int r = 0;

	directory->regions_all = draft->values[KEY_REGIONS].word;
	if (!directory->regions_all)
		r = regions_take(
			draft, KEY_REGIONS, &directory->regions, &directory->regions_count);
	if (r == 0 && selector)
		r = regions_take(draft, key, &selector->homes, &selector->homes_count);
	if (home && !directory->regions_all && home != draft->loading->defaults[KEY_HOME].node)
		draft_say(draft, SEVERITY_ERROR, home,
			"\"home\" goes with \"regions: all\": where the Regions are named, it is "
			"looked for in these");
	return r;
}

/* NULL, and told, if there is none of this name. */
static const struct authority *authority_named(struct draft *draft, const struct yaml_node *item)
{
	struct loading *loading = draft->loading;
	const struct name *name = names_find(&loading->authorities, item->text);

	if (name)
		return &loading->fleet.authorities[name->position];
	refuse_name(draft, item, &loading->authorities, "authority");
	return NULL;
}

/* The names in a list of which others were refused already. */
static void trust_judge(struct draft *draft, const struct yaml_node *list)
{
	for (const struct yaml_node *item = list ? list->first : NULL; item; item = item->next)
		if (schema_item(KEY_TRUST, list, item))
			(void)authority_named(draft, item);
}

static int trust_build(struct draft *draft)
{
	struct directory *directory = draft->directory;
	const struct schema_value *trust = &draft->values[KEY_TRUST];

	directory->overlap = draft->loading->rotation[KEY_OVERLAP].number;
	directory->trust_none = trust->word;
	directory->trust_count = 0;
	if (!trust->node)
		trust_judge(draft, trust->list);
	if (!trust->node || trust->word)
		return 0;
	directory->trust = calloc(trust->node->length, sizeof(directory->trust[0]));
	if (!directory->trust)
		return -ERROR_MEMORY;
	for (const struct yaml_node *item = trust->node->first; item; item = item->next) {
		const struct authority *authority = authority_named(draft, item);

		if (!authority)
			continue;
		if (directory->trust_count == 0 || authority->rotation.overlap > directory->overlap)
			directory->overlap = authority->rotation.overlap;
		directory->trust[directory->trust_count++] = authority;
	}
	return 0;
}

/* ---------------------------------------------------------------- approvals */

static void approval_judge(struct draft *draft, const struct approval *approval,
	const struct schema_value values[static KEYS])
{
	const struct yaml_node *until = values[KEY_UNTIL].node;
	char text[DIGEST_TEXT_SIZE];

	if (until && approval->until <= draft->loading->options->now)
		draft_say(draft, SEVERITY_WARNING, until,
			"this approval has ended on %s and allows nothing any more: remove it",
			until->text);
	if (!draft->loading->partial && !members_have(draft->loading, &approval->certificate))
		draft_say(draft, SEVERITY_NOTE, values[KEY_CERTIFICATE].node,
			"no file holds the certificate %.16s...: the approval is matched against "
			"what was registered",
			digest_format(&approval->certificate, text));
}

static int approval_build(
	struct draft *draft, const struct yaml_node *item, struct approval *approval)
{
	struct loading *loading = draft->loading;
	struct schema_value values[KEYS];
	int64_t word;

	if (schema_word(KEY_APPROVE, item, &word)) {
		approval->disable = true;
		return 0;
	}
	if (item->kind != YAML_MAPPING)
		return 0;
	schema_read(
		SECTION_APPROVAL, item, draft->place.source->file, loading->diagnostics, values);
	if (!values[KEY_CERTIFICATE].node)
		return 0;
	(void)digest_parse(values[KEY_CERTIFICATE].node->text, &approval->certificate);
	approval->until = values[KEY_UNTIL].number;
	approval_judge(draft, approval, values);
	if (values[KEY_REASON].node)
		return text_copy(values[KEY_REASON].node->text, &approval->reason);
	return 0;
}

static int approvals_build(struct draft *draft)
{
	struct directory *directory = draft->directory;
	const struct yaml_node *list = draft->values[KEY_APPROVE].node;

	if (!list || list->length == 0)
		return 0;
	directory->approvals = calloc(list->length, sizeof(directory->approvals[0]));
	if (!directory->approvals)
		return -ERROR_MEMORY;
	for (const struct yaml_node *item = list->first; item; item = item->next) {
		int r = approval_build(
			draft, item, &directory->approvals[directory->approvals_count++]);

		if (r < 0)
			return r;
	}
	return 0;
}

/* ---------------------------------------------------------------- what will not work */

/* Certificates that the API would show alike stand next to each other. */
static int alike_compare(const void *left, const void *right)
{
	const struct certificate *const *a = left, *const *b = right;
	int r = strcmp((*a)->common_name, (*b)->common_name);

	if (r == 0 && (*a)->not_after != (*b)->not_after)
		r = (*a)->not_after < (*b)->not_after ? -1 : 1;
	return r ? r : digest_cmp(&(*a)->sha256, &(*b)->sha256);
}

/* Those that could ever be registered: no cross-certificate takes a slot. */
static size_t trusted_collect(const struct directory *directory,
	const struct certificate *ret_trusted[static TRUSTED_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < directory->trust_count; i++)
		for (size_t j = 0; j < directory->trust[i]->count; j++)
			if (!certificate_is_cross(directory->trust[i]->certificates[j]))
				ret_trusted[count++] = directory->trust[i]->certificates[j];
	return count;
}

/* The first pair that nothing but the digest tells apart. */
static void judge_alike(struct draft *draft, const struct certificate **trusted, size_t count)
{
	if (count > 1)
		qsort(trusted, count, sizeof(trusted[0]), alike_compare);
	for (size_t i = 1; i < count; i++) {
		const struct certificate *one = trusted[i - 1], *other = trusted[i];
		char a[DIGEST_TEXT_SIZE], b[DIGEST_TEXT_SIZE], expiry[INSTANT_SIZE];

		if (one == other || !certificate_indistinguishable(one, other))
			continue;
		draft_say(draft, SEVERITY_WARNING, draft->values[KEY_TRUST].node,
			"the API cannot tell two trusted certificates apart: both \"%s\", both "
			"expire %s (SHA-256 %.16s... and %.16s...): neither will be registered or "
			"adopted; trust "
			"one of them",
			one->common_name, instant_format(one->not_after, expiry),
			digest_format(&one->sha256, a), digest_format(&other->sha256, b));
		return;
	}
}

/* Whether an authority that the directory trusts has signed the certificate. */
static bool trusts_signer(const struct directory *directory, const struct certificate *certificate)
{
	for (size_t i = 0; i < directory->trust_count; i++)
		if (generation_signed_in(directory->trust[i], certificate))
			return true;
	return false;
}

/* The authority that has signed the certificate; NULL if none has. */
static const struct authority *signer_of(
	const struct fleet *fleet, const struct certificate *certificate)
{
	for (size_t i = 0; i < fleet->authorities_count; i++)
		if (generation_signed_in(&fleet->authorities[i], certificate))
			return &fleet->authorities[i];
	return NULL;
}

/* An issuing CA is trusted without what signed it; one that no file holds is told once, where the
 * authority stands. */
static void judge_path(struct draft *draft, const struct certificate *const *trusted, size_t count)
{
	struct loading *loading = draft->loading;

	for (size_t i = 0; generations_complete(loading) && i < count; i++) {
		const struct certificate *certificate = trusted[i];
		const struct authority *signer;

		if (certificate->not_after < loading->options->now ||
			certificate_is_cross(certificate) || digest_is_zero(&certificate->signer) ||
			trusts_signer(draft->directory, certificate))
			continue;
		signer = diagnostics_room(loading->diagnostics, SEVERITY_WARNING)
				 ? signer_of(&loading->fleet, certificate)
				 : NULL;
		draft_say(draft, SEVERITY_WARNING, draft->values[KEY_TRUST].node,
			"\"%s\" is trusted without the CA that issued it%s%s%s: add that to "
			"\"trust\"; whether AWS accepts partial chains is not documented",
			members_name(certificate), signer ? " (authority \"" : "",
			signer ? signer->name : "", signer ? "\")" : "");
		return;
	}
}

static void judge_slots(struct draft *draft, const struct certificate *const *trusted, size_t count)
{
	const struct directory *directory = draft->directory;
	const struct yaml_node *node = draft->values[KEY_TRUST].node;
	size_t alive = 0;

	for (size_t i = 0; i < count; i++)
		alive += trusted[i]->not_after >= draft->loading->options->now;
	if (directory->trust_count > directory->certificate_limit)
		draft_say(draft, SEVERITY_ERROR, node,
			"%zu authorities are trusted and \"certificate_limit\" is %u: each needs "
			"at "
			"least one certificate registered",
			directory->trust_count, directory->certificate_limit);
	else if (alive > directory->certificate_limit)
		draft_say(draft, SEVERITY_WARNING, node,
			"the trusted authorities have %zu certificates that have not expired and "
			"\"certificate_limit\" is %u: some will not be registered",
			alive, directory->certificate_limit);
	else if (alive == directory->certificate_limit)
		draft_say(draft, SEVERITY_WARNING, node,
			"the trusted authorities have as many certificates that have not expired "
			"as "
			"\"certificate_limit\" says, %u: no slot stays free for a next generation",
			directory->certificate_limit);
}

static void directory_judge(struct draft *draft)
{
	const struct certificate *trusted[TRUSTED_MAX];
	const struct directory *directory = draft->directory;
	size_t count = trusted_collect(directory, trusted);

	if (!draft->values[KEY_TRUST].node)
		return;
	if (directory->trust_none && directory->client_ldaps == CLIENT_LDAPS_ENABLED)
		draft_say(draft, SEVERITY_WARNING, draft->values[KEY_TRUST].node,
			"LDAPS cannot stay enabled where nothing is trusted: to take it down say "
			"\"client_ldaps: disabled\"");
	judge_slots(draft, trusted, count);
	judge_path(draft, trusted, count);
	judge_alike(draft, trusted, count);
}

/* ---------------------------------------------------------------- one directory */

static void directory_values(struct draft *draft)
{
	const struct schema_value *values = draft->values;
	struct directory *directory = draft->directory;

	if (values[KEY_ID].node)
		memcpy(directory->id, values[KEY_ID].node->text, SERVICE_ID_SIZE);
	directory->policy = (enum policy)values[KEY_POLICY].number;
	directory->client_ldaps = (enum client_ldaps)values[KEY_CLIENT_LDAPS].number;
	directory->adopt = (enum adopt)values[KEY_ADOPT].number;
	directory->grace = values[KEY_GRACE].number;
	directory->reenable_after = values[KEY_REENABLE_AFTER].number;
	directory->certificate_limit = (unsigned)values[KEY_CERTIFICATE_LIMIT].number;
	if (!values[KEY_POLICY].node && !values[KEY_POLICY].refused && !draft->loading->partial)
		draft_say(draft, SEVERITY_ERROR, draft->place.node,
			"a directory must have \"policy\", unless \"defaults\" have it: observe, "
			"add-only or sync");
}

/* What names directories: an id, or something to select by. */
static void names_check(struct draft *draft)
{
	const struct schema_value *values = draft->values;
	const struct yaml_node *select = values[KEY_SELECT].node;
	bool has_id = values[KEY_ID].node || values[KEY_ID].refused;

	if (!has_id && !select && !values[KEY_SELECT].refused)
		draft_say(draft, SEVERITY_ERROR, draft->place.node,
			"a directory must have \"id\", or \"select\" in its place");
	if (!select)
		return;
	if (has_id)
		draft_say(draft, SEVERITY_ERROR, select,
			"\"select\" stands in the place of \"id\": say one of them");
	if (values[KEY_NAME].node)
		draft_say(draft, SEVERITY_ERROR, values[KEY_NAME].node,
			"beside \"select\" there is no \"name\": put it into \"select\"");
	if (values[KEY_APPROVE].node && values[KEY_APPROVE].node->length > 0)
		draft_say(draft, SEVERITY_ERROR, values[KEY_APPROVE].node,
			"what cannot be undone is approved for one directory: give it an entry of "
			"its own, with its \"id\"");
}

/* Where the directory is built: in the fleet, or as the wish of a selector. */
static void draft_begin(struct draft *draft)
{
	struct fleet *fleet = &draft->loading->fleet;

	if (draft->values[KEY_SELECT].node || draft->values[KEY_REGIONS].word) {
		draft->selector = &fleet->selectors[fleet->selectors_count++];
		draft->directory = &draft->selector->wish;
	} else {
		draft->directory = &fleet->directories[fleet->directories_count++];
	}
}

static int directory_build(
	struct loading *loading, const struct source *source, const struct yaml_node *node)
{
	struct draft draft = {.loading = loading, .place = {source, node}};
	size_t position = loading->fleet.directories_count + loading->fleet.selectors_count;
	int r = 0;

	if (node->kind != YAML_MAPPING)
		return 0;
	schema_read(SECTION_DIRECTORY, node, source->file, loading->diagnostics, draft.values);
	schema_inherit(SECTION_DEFAULTS, draft.values, loading->defaults);
	draft_begin(&draft);
	names_check(&draft);
	directory_values(&draft);
	if (draft.selector) {
		memcpy(draft.selector->id, draft.directory->id, SERVICE_ID_SIZE);
		r = selector_build(
			loading, draft.place, draft.values[KEY_SELECT].node, draft.selector);
		if (r < 0)
			return r;
	}
	if (draft.values[KEY_ID].node)
		names_add(&loading->directories, draft.values[KEY_ID].node->text, position,
			(struct place){source, draft.values[KEY_ID].node});
	if (draft.values[KEY_NAME].node)
		r = text_copy(draft.values[KEY_NAME].node->text, &draft.directory->name);
	account_resolve(&draft);
	r = r < 0 ? r : regions_build(&draft);
	if (r == 0 && draft.values[KEY_SELECT].node)
		selector_compare(loading, (struct place){source, draft.values[KEY_SELECT].node});
	r = r < 0 ? r : trust_build(&draft);
	r = r < 0 ? r : approvals_build(&draft);
	if (r == 0)
		directory_judge(&draft);
	return r;
}

/* An account named under defaults is told once, not for each directory. */
static void default_account_check(struct loading *loading)
{
	const struct yaml_node *node = loading->defaults[KEY_ACCOUNT].node;
	struct draft draft = {.loading = loading};

	if (!node || names_find(&loading->accounts, node->text))
		return;
	for (size_t i = 0; i < loading->sources_count; i++)
		if (loading->sources[i].values[KEY_DEFAULTS].node) {
			draft.place.source = &loading->sources[i];
			refuse_name(&draft, node, &loading->accounts, "account");
			return;
		}
}

/* Each directory that is found is held against every selector. */
static void selectors_count(struct loading *loading)
{
	const struct fleet *fleet = &loading->fleet;
	size_t count = 0;

	for (size_t i = 0; i < fleet->selectors_count; i++)
		count += fleet->selectors[i].id[0] == '\0';
	if (count > FLEET_SELECTORS_MAX)
		diagnostics_add(loading->diagnostics, SEVERITY_ERROR, loading->sources[0].file, 0,
			0, "%zu directories have \"select\" in all files; at most %d are allowed",
			count, FLEET_SELECTORS_MAX);
}

int directories_build(struct loading *loading)
{
	size_t count = loading_count(loading, KEY_DIRECTORIES, FLEET_DIRECTORIES_MAX);
	int r = names_open(&loading->directories, count);

	default_account_check(loading);
	loading->fleet.directories =
		calloc(count ? count : 1, sizeof(loading->fleet.directories[0]));
	loading->fleet.selectors = calloc(count ? count : 1, sizeof(loading->fleet.selectors[0]));
	if (r < 0 || !loading->fleet.directories || !loading->fleet.selectors)
		return -ERROR_MEMORY;
	for (size_t i = 0; count <= FLEET_DIRECTORIES_MAX && i < loading->sources_count; i++) {
		const struct yaml_node *list = loading->sources[i].values[KEY_DIRECTORIES].node;

		for (const struct yaml_node *node = list ? list->first : NULL; node;
			node = node->next)
			if ((r = directory_build(loading, &loading->sources[i], node)) < 0)
				return r;
	}
	selectors_count(loading);
	names_close(loading, &loading->directories, "directory");
	return 0;
}
