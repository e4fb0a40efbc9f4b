/* SPDX-License-Identifier: Apache-2.0 */
#include "core/fleet-diff.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* ---- what can differ in a directory, an authority, an account ---- */

/* Whether they differ in one respect; says how in `buffer` where that is a word or two. */
typedef bool differ_fn(const void *before, const void *after, struct buffer *buffer);

struct respect {
	const char *word; /* as the file has it */
	differ_fn *differ;
};

static bool words_differ(const char *before, const char *after, struct buffer *buffer)
{
	bool same = before && after ? strcmp(before, after) == 0 : before == after;

	if (!same)
		buffer_printf(buffer, " %s instead of %s", after && *after ? after : "none",
			before && *before ? before : "none");
	return !same;
}

static bool rotations_differ(const struct rotation *before, const struct rotation *after)
{
	return before->register_at_threshold != after->register_at_threshold ||
	       before->rotate_before != after->rotate_before || before->overlap != after->overlap ||
	       before->retire != after->retire || before->retire_after != after->retire_after;
}

static bool has_certificate(const struct authority *authority, const struct digest *sha256)
{
	for (size_t i = 0; i < authority->count; i++)
		if (digest_equal(&authority->certificates[i]->sha256, sha256))
			return true;
	return false;
}

/* Certificates of one that the other has not. */
static size_t certificates_beyond(const struct authority *one, const struct authority *other)
{
	size_t count = 0;

	for (size_t i = 0; i < one->count; i++)
		count += !has_certificate(other, &one->certificates[i]->sha256);
	return count;
}

static bool certificates_differ(const void *a, const void *b, struct buffer *buffer)
{
	const struct authority *before = a, *after = b;
	size_t added = certificates_beyond(after, before);
	size_t removed = certificates_beyond(before, after);

	if (added > 0)
		buffer_printf(buffer, " %zu added", added);
	if (removed > 0)
		buffer_printf(buffer, "%s %zu removed", added > 0 ? " and" : "", removed);
	return added > 0 || removed > 0;
}

static bool rotation_differs(const void *a, const void *b, struct buffer *buffer)
{
	const struct authority *before = a, *after = b;

	(void)buffer;
	return rotations_differ(&before->rotation, &after->rotation);
}

static bool concurrency_differs(const void *a, const void *b, struct buffer *buffer)
{
	const struct account *before = a, *after = b;

	if (before->concurrency == after->concurrency)
		return false;
	buffer_printf(buffer, " %u instead of %u", after->concurrency, before->concurrency);
	return true;
}

/* How an account gets its keys, and where it asks: told by their words alone. */

static bool text_differs(const char *before, const char *after)
{
	return before && after ? strcmp(before, after) != 0 : before != after;
}

static bool profile_differs(const void *a, const void *b, struct buffer *buffer)
{
	(void)buffer;
	return text_differs(
		((const struct account *)a)->profile, ((const struct account *)b)->profile);
}

static bool role_differs(const void *a, const void *b, struct buffer *buffer)
{
	const struct account *before = a, *after = b;

	(void)buffer;
	return text_differs(before->role_arn, after->role_arn) ||
	       text_differs(before->external_id, after->external_id) ||
	       text_differs(before->session_name, after->session_name) ||
	       before->duration != after->duration;
}

static bool account_id_differs(const void *a, const void *b, struct buffer *buffer)
{
	(void)buffer;
	return text_differs(
		((const struct account *)a)->account_id, ((const struct account *)b)->account_id);
}

static bool endpoint_differs(const void *a, const void *b, struct buffer *buffer)
{
	const struct account *before = a, *after = b;
	bool same = before->endpoints_count == after->endpoints_count;

	(void)buffer;
	for (size_t i = 0; same && i < before->endpoints_count; i++)
		same = !text_differs(before->endpoints[i].region, after->endpoints[i].region) &&
		       !text_differs(before->endpoints[i].url, after->endpoints[i].url);
	return !same;
}

static bool sts_endpoint_differs(const void *a, const void *b, struct buffer *buffer)
{
	(void)buffer;
	return text_differs(((const struct account *)a)->sts_endpoint,
		((const struct account *)b)->sts_endpoint);
}

static bool name_differs(const void *a, const void *b, struct buffer *buffer)
{
	const struct directory *before = a, *after = b;

	return words_differ(before->name, after->name, buffer);
}

static bool account_differs(const void *a, const void *b, struct buffer *buffer)
{
	const struct directory *before = a, *after = b;

	return words_differ(before->account ? before->account->name : NULL,
		after->account ? after->account->name : NULL, buffer);
}

static bool regions_differ(const void *a, const void *b, struct buffer *buffer)
{
	const struct directory *before = a, *after = b;
	bool same = before->regions_count == after->regions_count;

	(void)buffer;
	for (size_t i = 0; same && i < before->regions_count; i++)
		same = strcmp(before->regions[i], after->regions[i]) == 0;
	return !same;
}

static bool trust_differs(const void *a, const void *b, struct buffer *buffer)
{
	const struct directory *before = a, *after = b;
	bool same = before->trust_count == after->trust_count &&
		    before->trust_none == after->trust_none;

	(void)buffer;
	for (size_t i = 0; same && i < before->trust_count; i++)
		same = strcmp(before->trust[i]->name, after->trust[i]->name) == 0;
	return !same;
}

static bool authorities_differ(const struct authority *before, const struct authority *after)
{
	return certificates_beyond(before, after) > 0 || certificates_beyond(after, before) > 0 ||
	       rotations_differ(&before->rotation, &after->rotation);
}

/* What it trusts is the same by name, but one of these is another. */
static bool trusted_differ(const void *a, const void *b, struct buffer *buffer)
{
	const struct directory *before = a, *after = b;
	bool differ = false;

	for (size_t i = 0; i < after->trust_count; i++) {
		const struct authority *old = directory_trusts(before, after->trust[i]->name);

		if (!old || !authorities_differ(old, after->trust[i]))
			continue;
		buffer_printf(buffer, "%s %s", differ ? "," : "", old->name);
		differ = true;
	}
	return differ;
}

static bool policy_differs(const void *a, const void *b, struct buffer *buffer)
{
	const struct directory *before = a, *after = b;

	return words_differ(policy_str(before->policy), policy_str(after->policy), buffer);
}

static bool client_ldaps_differs(const void *a, const void *b, struct buffer *buffer)
{
	const struct directory *before = a, *after = b;

	return words_differ(client_ldaps_str(before->client_ldaps),
		client_ldaps_str(after->client_ldaps), buffer);
}

static bool adopt_differs(const void *a, const void *b, struct buffer *buffer)
{
	const struct directory *before = a, *after = b;

	(void)buffer;
	return before->adopt != after->adopt;
}

static bool texts_equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool approve_differs(const void *a, const void *b, struct buffer *buffer)
{
	const struct directory *before = a, *after = b;
	bool same = before->approvals_count == after->approvals_count;

	(void)buffer;
	for (size_t i = 0; same && i < before->approvals_count; i++) {
		const struct approval *old = &before->approvals[i], *new = &after->approvals[i];

		same = old->disable == new->disable &&
		       old->until ==
			       new->until &&digest_equal(&old->certificate, &new->certificate) &&
		       texts_equal(old->reason, new->reason);
	}
	return !same;
}

static bool grace_differs(const void *a, const void *b, struct buffer *buffer)
{
	const struct directory *before = a, *after = b;

	(void)buffer;
	return before->grace != after->grace;
}

static bool reenable_after_differs(const void *a, const void *b, struct buffer *buffer)
{
	const struct directory *before = a, *after = b;

	(void)buffer;
	return before->reenable_after != after->reenable_after;
}

static bool overlap_differs(const void *a, const void *b, struct buffer *buffer)
{
	const struct directory *before = a, *after = b;

	(void)buffer;
	return before->overlap != after->overlap;
}

static bool certificate_limit_differs(const void *a, const void *b, struct buffer *buffer)
{
	const struct directory *before = a, *after = b;

	if (before->certificate_limit == after->certificate_limit)
		return false;
	buffer_printf(
		buffer, " %u instead of %u", after->certificate_limit, before->certificate_limit);
	return true;
}

static const struct respect directory_respects[] = {
	{"name", name_differs},
	{"account", account_differs},
	{"regions", regions_differ},
	{"trust", trust_differs},
	{"authorities", trusted_differ},
	{"policy", policy_differs},
	{"client_ldaps", client_ldaps_differs},
	{"adopt", adopt_differs},
	{"approve", approve_differs},
	{"grace", grace_differs},
	{"reenable_after", reenable_after_differs},
	{"overlap", overlap_differs},
	{"certificate_limit", certificate_limit_differs},
	{NULL, NULL},
};

static const struct respect authority_respects[] = {
	{"certificates", certificates_differ},
	{"rotation", rotation_differs},
	{NULL, NULL},
};

static const struct respect account_respects[] = {
	{"concurrency", concurrency_differs},
	{"profile", profile_differs},
	{"role", role_differs},
	{"account_id", account_id_differs},
	{"endpoint", endpoint_differs},
	{"sts_endpoint", sts_endpoint_differs},
	{NULL, NULL},
};

/* ---- the three kinds of things ---- */

static const void *directory_at(const struct fleet *fleet, size_t i, const char **ret_name)
{
	*ret_name = fleet->directories[i].id;
	return &fleet->directories[i];
}

static const void *authority_at(const struct fleet *fleet, size_t i, const char **ret_name)
{
	*ret_name = fleet->authorities[i].name;
	return &fleet->authorities[i];
}

static const void *account_at(const struct fleet *fleet, size_t i, const char **ret_name)
{
	*ret_name = fleet->accounts[i].name;
	return &fleet->accounts[i];
}

static size_t directories_of(const struct fleet *fleet)
{
	return fleet->directories_count;
}

static size_t authorities_of(const struct fleet *fleet)
{
	return fleet->authorities_count;
}

static size_t accounts_of(const struct fleet *fleet)
{
	return fleet->accounts_count;
}

static const struct {
	const char *one, *many;
	size_t (*count)(const struct fleet *fleet);
	const void *(*at)(const struct fleet *fleet, size_t i, const char **ret_name);
	const struct respect *respects;
} things[FLEET_THINGS] = {
	[FLEET_DIRECTORY] = {"directory", "directories", directories_of, directory_at,
		directory_respects},
	[FLEET_AUTHORITY] = {"authority", "authorities", authorities_of, authority_at,
		authority_respects},
	[FLEET_ACCOUNT] = {"account", "accounts", accounts_of, account_at, account_respects},
};

static const char *const kinds[FLEET_CHANGES] = {
	[FLEET_ADDED] = "added", [FLEET_REMOVED] = "removed", [FLEET_ALTERED] = "altered"};

/* ---- comparing ---- */

/* Things of one kind by name. */
struct entry {
	const char *name;
	const void *thing;
};

struct index {
	struct entry *entries; /* owned */
	size_t count;
};

static int entry_compare(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;

	return strcmp(one->name, other->name);
}

static int index_make(const struct fleet *fleet, enum fleet_thing thing, struct index *ret_index)
{
	size_t count = things[thing].count(fleet);
	struct index index = {.entries = calloc(count + 1, sizeof(index.entries[0]))};

	if (!index.entries)
		return -ERROR_MEMORY;
	for (; index.count < count; index.count++) {
		struct entry *entry = &index.entries[index.count];

		entry->thing = things[thing].at(fleet, index.count, &entry->name);
	}
	qsort(index.entries, count, sizeof(index.entries[0]), entry_compare);
	*ret_index = index;
	return 0;
}

static bool things_differ(enum fleet_thing thing, const void *before, const void *after)
{
	struct buffer dropped;
	bool differ = false;

	/* an empty limit: what is said is not kept */
	buffer_init(&dropped, 0);
	for (const struct respect *respect = things[thing].respects; respect->word; respect++)
		differ = differ || respect->differ(before, after, &dropped);
	buffer_done(&dropped);
	return differ;
}

static void diff_add(struct fleet_diff *diff, enum fleet_thing thing, const struct entry *before,
	const struct entry *after)
{
	struct fleet_change *change = &diff->changes[diff->count];
	const struct entry *there = after ? after : before;

	if (!there)
		return;
	*change = (struct fleet_change){.thing = thing,
		.kind = before && after ? FLEET_ALTERED
			: after		? FLEET_ADDED
					: FLEET_REMOVED,
		.name = there->name,
		.before = before ? before->thing : NULL,
		.after = after ? after->thing : NULL};
	diff->totals[thing][change->kind]++;
	diff->count++;
}

/* Walks both lists side by side. */
static void diff_merge(struct fleet_diff *diff, enum fleet_thing thing, const struct index *before,
	const struct index *after)
{
	size_t i = 0, j = 0;

	while (i < before->count || j < after->count) {
		const struct entry *old = i < before->count ? &before->entries[i] : NULL;
		const struct entry *new = j < after->count ? &after->entries[j] : NULL;
		int order = !old ? 1 : !new ? -1 : strcmp(old->name, new->name);

		if (order != 0)
			diff_add(diff, thing, order < 0 ? old : NULL, order < 0 ? NULL : new);
		else if (things_differ(thing, old->thing, new->thing))
			diff_add(diff, thing, old, new);
		i += order <= 0;
		j += order >= 0;
	}
}

static int diff_things(struct fleet_diff *diff, enum fleet_thing thing, const struct fleet *before,
	const struct fleet *after)
{
	struct index old = {0}, new = {0};
	int r = index_make(before, thing, &old);

	r = r < 0 ? r : index_make(after, thing, &new);
	if (r == 0)
		diff_merge(diff, thing, &old, &new);
	free(old.entries);
	free(new.entries);
	return r;
}

static bool selectors_differ(const struct fleet *before, const struct fleet *after)
{
	bool same = before->selectors_count == after->selectors_count;

	for (size_t i = 0; same && i < before->selectors_count; i++) {
		const struct selector *old = &before->selectors[i], *new = &after->selectors[i];

		same = strcmp(old->text, new->text) == 0 && old->homes_count == new->homes_count &&
		       old->wish.regions_all == new->wish.regions_all &&
		       !things_differ(FLEET_DIRECTORY, &old->wish, &new->wish);
		for (size_t j = 0; same && j < old->homes_count; j++)
			same = strcmp(old->homes[j], new->homes[j]) == 0;
	}
	return !same;
}

int fleet_diff(const struct fleet *before, const struct fleet *after, struct fleet_diff *ret_diff)
{
	struct fleet_diff diff = {.interval = before->interval != after->interval,
		.parallel = before->parallel != after->parallel,
		.selectors = selectors_differ(before, after),
		.metrics = !texts_equal(before->metrics_file, after->metrics_file)};
	size_t most = 1;
	int r = 0;

	for (int thing = 0; thing < FLEET_THINGS; thing++)
		most += things[thing].count(before) + things[thing].count(after);
	diff.changes = calloc(most, sizeof(diff.changes[0]));
	if (!diff.changes)
		return -ERROR_MEMORY;
	for (int thing = 0; r == 0 && thing < FLEET_THINGS; thing++)
		r = diff_things(&diff, (enum fleet_thing)thing, before, after);
	if (r < 0)
		fleet_diff_done(&diff);
	else
		*ret_diff = diff;
	return r;
}

void fleet_diff_done(struct fleet_diff *diff)
{
	free(diff->changes);
	*diff = (struct fleet_diff){0};
}

bool fleet_diff_empty(const struct fleet_diff *diff)
{
	return diff->count == 0 && !diff->interval && !diff->parallel && !diff->selectors &&
	       !diff->metrics;
}

/* ---- as words ---- */

/* "1 directory added, 2 altered", if any. */
static void summary_of(const struct fleet_diff *diff, int thing, struct buffer *buffer)
{
	bool first = true;

	for (int kind = 0; kind < FLEET_CHANGES; kind++) {
		size_t count = diff->totals[thing][kind];

		if (count == 0)
			continue;
		if (first)
			buffer_printf(buffer, "%s%zu %s %s", buffer->length > 0 ? "; " : "", count,
				count == 1 ? things[thing].one : things[thing].many, kinds[kind]);
		else
			buffer_printf(buffer, ", %zu %s", count, kinds[kind]);
		first = false;
	}
}

int fleet_diff_summary(const struct fleet_diff *diff, struct buffer *buffer)
{
	struct buffer text;
	int r;

	buffer_init(&text, buffer->limit);
	for (int thing = 0; thing < FLEET_THINGS; thing++)
		summary_of(diff, thing, &text);
	if (diff->interval)
		buffer_printf(&text, "%sinterval altered", text.length > 0 ? "; " : "");
	if (diff->parallel)
		buffer_printf(&text, "%srollout altered", text.length > 0 ? "; " : "");
	if (diff->selectors)
		buffer_printf(&text, "%sselect altered", text.length > 0 ? "; " : "");
	if (diff->metrics)
		buffer_printf(&text, "%smetrics_file altered", text.length > 0 ? "; " : "");
	if (text.length == 0)
		buffer_append_text(&text, "nothing has changed");
	buffer_append_text(buffer, buffer_text(&text));
	r = buffer_status(&text);
	buffer_done(&text);
	return r < 0 ? r : buffer_status(buffer);
}

int fleet_change_text(const struct fleet_change *change, struct buffer *buffer)
{
	const char *between = ": ";

	buffer_printf(buffer, "%s %s %s", things[change->thing].one,
		*change->name ? change->name : "(standard chain)", kinds[change->kind]);
	for (const struct respect *respect = things[change->thing].respects;
		change->kind == FLEET_ALTERED && respect->word; respect++) {
		struct buffer how;

		buffer_init(&how, buffer->limit);
		if (respect->differ(change->before, change->after, &how)) {
			buffer_printf(buffer, "%s%s%s", between, respect->word, buffer_text(&how));
			between = ", ";
		}
		buffer_done(&how);
	}
	return buffer_status(buffer);
}
