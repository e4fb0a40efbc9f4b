/* SPDX-License-Identifier: Apache-2.0 */
#include "core/fleet.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"

void directory_done(struct directory *directory)
{
	if (directory->lent)
		return;
	for (size_t i = 0; i < directory->regions_count; i++)
		free(directory->regions[i]);
	for (size_t i = 0; i < directory->approvals_count; i++)
		free(directory->approvals[i].reason);
	free(directory->name);
	free(directory->regions);
	free(directory->trust);
	free(directory->approvals);
	free(directory->contested);
}

static void selector_done(struct selector *selector)
{
	for (size_t i = 0; i < selector->tags_count; i++) {
		free(selector->tags[i].key);
		free(selector->tags[i].value);
	}
	for (size_t i = 0; i < selector->homes_count; i++)
		free(selector->homes[i]);
	free(selector->tags);
	free(selector->name);
	free(selector->homes);
	free(selector->place);
	free(selector->text);
	directory_done(&selector->wish);
}

static void account_done(struct account *account)
{
	free(account->name);
	free(account->profile);
	free(account->role_arn);
	free(account->external_id);
	free(account->session_name);
	free(account->account_id);
	free(account->sts_endpoint);
	for (size_t i = 0; i < account->endpoints_count; i++) {
		free(account->endpoints[i].region);
		free(account->endpoints[i].url);
	}
	free(account->endpoints);
}

void fleet_done(struct fleet *fleet)
{
	if (!fleet)
		return;
	for (size_t i = 0; i < fleet->directories_count; i++)
		directory_done(&fleet->directories[i]);
	free(fleet->directories);
	if (fleet->base) {
		*fleet = (struct fleet){0};
		return;
	}
	for (size_t i = 0; i < fleet->selectors_count; i++)
		selector_done(&fleet->selectors[i]);
	for (size_t i = 0; i < fleet->authorities_count; i++) {
		free(fleet->authorities[i].name);
		free(fleet->authorities[i].certificates);
	}
	for (size_t i = 0; i < fleet->accounts_count; i++)
		account_done(&fleet->accounts[i]);
	free(fleet->selectors);
	free(fleet->authorities);
	free(fleet->accounts);
	free(fleet->metrics_file);
	*fleet = (struct fleet){0};
}

const struct authority *fleet_authority(const struct fleet *fleet, const char *name)
{
	for (size_t i = 0; i < fleet->authorities_count; i++)
		if (strcmp(fleet->authorities[i].name, name) == 0)
			return &fleet->authorities[i];
	return NULL;
}

const char *account_endpoint(const struct account *account, const char *region)
{
	const char *url = NULL;

	for (size_t i = 0; i < account->endpoints_count; i++) {
		const struct account_endpoint *endpoint = &account->endpoints[i];

		if (!endpoint->region)
			url = url ? url : endpoint->url;
		else if (strcmp(endpoint->region, region) == 0)
			return endpoint->url;
	}
	return url;
}

const struct account *fleet_account(const struct fleet *fleet, const char *name)
{
	for (size_t i = 0; i < fleet->accounts_count; i++)
		if (strcmp(fleet->accounts[i].name, name) == 0)
			return &fleet->accounts[i];
	return NULL;
}

const struct directory *fleet_directory(const struct fleet *fleet, const char *id)
{
	for (size_t i = 0; i < fleet->directories_count; i++)
		if (strcmp(fleet->directories[i].id, id) == 0)
			return &fleet->directories[i];
	return NULL;
}

bool directory_has_region(const struct directory *directory, const char *region)
{
	for (size_t i = 0; i < directory->regions_count; i++)
		if (strcmp(directory->regions[i], region) == 0)
			return true;
	return false;
}

static int copy_text(const char *text, char **ret_copy)
{
	*ret_copy = text ? strdup(text) : NULL;
	return text && !*ret_copy ? -ERROR_MEMORY : 0;
}

static int copy_regions(const struct directory *directory, struct directory *copy)
{
	copy->regions = calloc(directory->regions_count + 1, sizeof(copy->regions[0]));
	if (!copy->regions)
		return -ERROR_MEMORY;
	for (; copy->regions_count < directory->regions_count; copy->regions_count++)
		if (copy_text(directory->regions[copy->regions_count],
			    &copy->regions[copy->regions_count]) < 0)
			return -ERROR_MEMORY;
	return 0;
}

static int copy_approvals(const struct directory *directory, struct directory *copy)
{
	copy->approvals = calloc(directory->approvals_count + 1, sizeof(copy->approvals[0]));
	if (!copy->approvals)
		return -ERROR_MEMORY;
	for (; copy->approvals_count < directory->approvals_count; copy->approvals_count++) {
		struct approval *approval = &copy->approvals[copy->approvals_count];

		*approval = directory->approvals[copy->approvals_count];
		if (copy_text(approval->reason, &approval->reason) < 0)
			return -ERROR_MEMORY;
	}
	return 0;
}

int directory_copy(const struct directory *directory, struct directory *ret_copy)
{
	struct directory copy = *directory;
	int r;

	copy.name = copy.contested = NULL;
	copy.regions = NULL;
	copy.trust = NULL;
	copy.approvals = NULL;
	copy.regions_count = copy.approvals_count = 0;
	copy.lent = false;
	r = copy_text(directory->name, &copy.name);
	r = r < 0 ? r : copy_text(directory->contested, &copy.contested);
	r = r < 0 ? r : copy_regions(directory, &copy);
	r = r < 0 ? r : copy_approvals(directory, &copy);
	if (r == 0) {
		copy.trust = calloc(directory->trust_count + 1, sizeof(copy.trust[0]));
		r = copy.trust ? 0 : -ERROR_MEMORY;
	}
	if (r < 0) {
		directory_done(&copy);
		return r;
	}
	for (size_t i = 0; i < directory->trust_count; i++)
		copy.trust[i] = directory->trust[i];
	*ret_copy = copy;
	return 0;
}

const struct authority *directory_authority_of(
	const struct directory *directory, const struct digest *certificate)
{
	for (size_t i = 0; i < directory->trust_count; i++)
		for (size_t j = 0; j < directory->trust[i]->count; j++)
			if (digest_equal(
				    &directory->trust[i]->certificates[j]->sha256, certificate))
				return directory->trust[i];
	return NULL;
}

const struct authority *directory_trusts(const struct directory *directory, const char *authority)
{
	for (size_t i = 0; i < directory->trust_count; i++)
		if (strcmp(directory->trust[i]->name, authority) == 0)
			return directory->trust[i];
	return NULL;
}

static bool approval_holds(const struct approval *approval, int64_t now)
{
	return approval->until == 0 || now < approval->until;
}

const struct approval *directory_approval(
	const struct directory *directory, const struct digest *certificate, int64_t now)
{
	for (size_t i = 0; i < directory->approvals_count; i++) {
		const struct approval *approval = &directory->approvals[i];

		if (!approval->disable && digest_equal(&approval->certificate, certificate) &&
			approval_holds(approval, now))
			return approval;
	}
	return NULL;
}

const struct approval *directory_approval_disable(const struct directory *directory, int64_t now)
{
	for (size_t i = 0; i < directory->approvals_count; i++)
		if (directory->approvals[i].disable &&
			approval_holds(&directory->approvals[i], now))
			return &directory->approvals[i];
	return NULL;
}

static uint64_t mix_authority(uint64_t hash, const struct authority *authority)
{
	hash = hash_text(hash, authority->name);
	for (size_t i = 0; i < authority->count; i++)
		hash = hash_bytes(hash, &authority->certificates[i]->sha256, sizeof(struct digest));
	hash = hash_number(hash, authority->rotation.register_at_threshold);
	hash = hash_number(hash, authority->rotation.rotate_before);
	hash = hash_number(hash, authority->rotation.overlap);
	hash = hash_number(hash, authority->rotation.retire);
	return hash_number(hash, authority->rotation.retire_after);
}

uint64_t directory_revision(const struct directory *directory)
{
	uint64_t hash = HASH_START;

	hash = hash_text(hash, directory->id);
	hash = hash_text(hash, directory->name);
	hash = hash_text(hash, directory->account ? directory->account->name : NULL);
	for (size_t i = 0; !directory->selector && i < directory->regions_count; i++)
		hash = hash_text(hash, directory->regions[i]);
	for (size_t i = 0; i < directory->trust_count; i++)
		hash = mix_authority(hash, directory->trust[i]);
	for (size_t i = 0; i < directory->approvals_count; i++) {
		hash = hash_number(hash, directory->approvals[i].disable);
		hash = hash_bytes(
			hash, &directory->approvals[i].certificate, sizeof(struct digest));
		hash = hash_number(hash, directory->approvals[i].until);
	}
	hash = hash_number(hash, directory->trust_none);
	hash = hash_number(hash, directory->policy);
	hash = hash_number(hash, directory->client_ldaps);
	hash = hash_number(hash, directory->adopt);
	hash = hash_number(hash, directory->grace);
	hash = hash_number(hash, directory->reenable_after);
	hash = hash_number(hash, directory->overlap);
	return hash_number(hash, directory->certificate_limit);
}

static int generation_compare(const void *a, const void *b)
{
	const struct certificate *const *older = a, *const *newer = b;
	int order = certificate_generation_cmp(*older, *newer);

	return order ? order : digest_cmp(&(*older)->sha256, &(*newer)->sha256);
}

void authority_sort(struct authority *authority)
{
	if (authority->count > 1)
		qsort(authority->certificates, authority->count, sizeof(authority->certificates[0]),
			generation_compare);
}

const char *policy_str(enum policy policy)
{
	static const char *const words[] = {[POLICY_OBSERVE] = "observe",
		[POLICY_ADD_ONLY] = "add-only",
		[POLICY_SYNC] = "sync"};

	return words[policy];
}

const char *client_ldaps_str(enum client_ldaps client_ldaps)
{
	static const char *const words[] = {[CLIENT_LDAPS_UNMANAGED] = "unmanaged",
		[CLIENT_LDAPS_ENABLED] = "enabled",
		[CLIENT_LDAPS_DISABLED] = "disabled"};

	return words[client_ldaps];
}

const char *retire_str(enum retire retire)
{
	static const char *const words[] = {[RETIRE_WHEN_PROVEN] = "when_proven",
		[RETIRE_AFTER] = "after",
		[RETIRE_AT_EXPIRY] = "at_expiry",
		[RETIRE_MANUAL] = "manual"};

	return words[retire];
}
