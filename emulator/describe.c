/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/describe.h"

#include <string.h>

/* ---------------------------------------------------------------- certificates */

/* Words that no version of the service knows, for the fault of that name. */
static const char *word(const struct call *call, const char *text)
{
	return call->unknown_words ? "Quarantined" : text;
}

static void common_name(
	const struct world *world, struct call *call, const struct model_certificate *entry)
{
	if (!entry->common_name[0] && world->settings.model.points[MODEL_POINT_NO_COMMON_NAME] != 0)
		return;
	writer_text(call->writer, "CommonName", entry->common_name);
}

/* What listing and description share; the caller has opened the object. */
static void shared_members(
	const struct world *world, struct call *call, const struct model_certificate *entry)
{
	writer_text(call->writer, "CertificateId", entry->id);
	common_name(world, call, entry);
	writer_text(call->writer, "State", word(call, certificate_state_str(entry->state)));
	if (entry->expiry != 0)
		writer_instant(call->writer, "ExpiryDateTime", entry->expiry, 0);
	writer_text(call->writer, "Type",
		call->unknown_words ? "ClientFuture" : certificate_type_str(entry->type));
}

void describe_listed(
	const struct world *world, struct call *call, const struct model_certificate *entry)
{
	writer_open(call->writer, NULL, '{');
	shared_members(world, call, entry);
	writer_close(call->writer, '}');
}

static const char *state_reason(const struct model_certificate *entry)
{
	switch (entry->state) {
	case CERTIFICATE_STATE_REGISTERED:
		return "Certificate registered successfully.";
	case CERTIFICATE_STATE_REGISTER_FAILED:
		return entry->reason ? entry->reason : "Certificate registration failed.";
	case CERTIFICATE_STATE_DEREGISTER_FAILED:
		return entry->reason ? entry->reason : "Certificate deregistration failed.";
	default:
		return NULL;
	}
}

void describe_entry(const struct world *world, struct call *call, const struct resource *resource,
	const struct model_certificate *entry)
{
	writer_open(call->writer, "Certificate", '{');
	shared_members(world, call, entry);
	writer_text(call->writer, "StateReason", state_reason(entry));
	if (entry->registered_at != 0)
		writer_instant(call->writer, "RegisteredDateTime", entry->registered_at,
			DESCRIBE_FRACTION);
	for (size_t i = 0; i < resource->ocsps_count; i++)
		if (strcmp(resource->ocsps[i].certificate, entry->id) == 0) {
			writer_open(call->writer, "ClientCertAuthSettings", '{');
			writer_text(call->writer, "OCSPUrl", resource->ocsps[i].url);
			writer_close(call->writer, '}');
		}
	writer_close(call->writer, '}');
}

void describe_ldaps(const struct world *world, struct call *call, const struct resource *resource)
{
	const struct model_directory *model = &resource->model;

	writer_open(call->writer, "LDAPSSettingsInfo", '[');
	if (model->ldaps_explicit || world->settings.model.points[MODEL_POINT_NEVER_ENABLED] != 0) {
		writer_open(call->writer, NULL, '{');
		writer_text(
			call->writer, "LDAPSStatus", word(call, ldaps_status_str(model->ldaps)));
		if (model->ldaps == LDAPS_STATUS_ENABLE_FAILED)
			writer_text(call->writer, "LDAPSStatusReason",
				model->ldaps_reason ? model->ldaps_reason
						    : "LDAPS could not be enabled.");
		if (model->ldaps_updated != 0)
			writer_instant(call->writer, "LastUpdatedDateTime", model->ldaps_updated,
				DESCRIBE_FRACTION);
		writer_close(call->writer, '}');
	}
	writer_close(call->writer, ']');
}

/* ---------------------------------------------------------------- directories */

static void addresses(struct writer *writer)
{
	writer_open(writer, "DnsIpAddrs", '[');
	writer_text(writer, NULL, "10.0.0.10");
	writer_text(writer, NULL, "10.0.1.10");
	writer_close(writer, ']');
}

static void network(struct writer *writer, const struct resource *resource)
{
	bool connector = resource->model.type == DIRECTORY_TYPE_AD_CONNECTOR;

	writer_open(writer, connector ? "ConnectSettings" : "VpcSettings", '{');
	writer_text(writer, "VpcId", resource->vpc ? resource->vpc : "vpc-0a1b2c3d");
	writer_open(writer, "SubnetIds", '[');
	writer_text(writer, NULL, "subnet-0a1b2c3d");
	writer_text(writer, NULL, "subnet-1a2b3c4d");
	writer_close(writer, ']');
	if (connector)
		writer_text(writer, "CustomerUserName", "connector");
	writer_close(writer, '}');
}

/* The same directory in one of its Regions; NULL if it is not there. */
static const struct resource *in_scope(const struct scope *scope, const struct resource *resource)
{
	return strcmp(scope->account, resource->scope->account) == 0
		       ? scope_find(scope, resource->model.id)
		       : NULL;
}

static const char *primary_of(const struct world *world, const struct resource *resource)
{
	const char *primary = resource->scope->region;

	for (size_t i = 0; i < world->scopes_count; i++) {
		const struct resource *other = in_scope(world->scopes[i], resource);

		if (other && !other->additional)
			primary = world->scopes[i]->region;
	}
	return primary;
}

static void describe_region(struct call *call, const struct resource *resource, const char *primary)
{
	struct writer *writer = call->writer;
	const char *name = resource->scope->region;

	writer_open(writer, NULL, '{');
	writer_text(writer, "DirectoryId", resource->model.id);
	writer_text(writer, "RegionName", name);
	writer_text(writer, "RegionType", strcmp(name, primary) == 0 ? "Primary" : "Additional");
	writer_text(writer, "Status", word(call, directory_stage_str(resource->model.stage)));
	network(writer, resource);
	writer_number(writer, "DesiredNumberOfDomainControllers", 2);
	writer_instant(writer, "LaunchTime", resource->launched, DESCRIBE_FRACTION);
	writer_instant(
		writer, "StatusLastUpdatedDateTime", resource->stage_updated, DESCRIBE_FRACTION);
	writer_instant(writer, "LastUpdatedDateTime", resource->stage_updated, DESCRIBE_FRACTION);
	writer_close(writer, '}');
}

void describe_regions_of(
	const struct world *world, struct call *call, const struct resource *resource)
{
	const char *wanted = json_member_text(call->input, "RegionName"),
		   *primary = primary_of(world, resource);

	for (size_t i = 0; i < world->scopes_count; i++) {
		const struct resource *there = in_scope(world->scopes[i], resource);

		if (there && (!wanted || strcmp(wanted, world->scopes[i]->region) == 0))
			describe_region(call, there, primary);
	}
}

/* RegionsInfo, for Managed AD alone: AD Connectors are of one Region. */
static void regions(
	const struct world *world, struct writer *writer, const struct resource *resource)
{
	const char *primary = primary_of(world, resource);

	writer_open(writer, "RegionsInfo", '{');
	writer_text(writer, "PrimaryRegion", primary);
	writer_open(writer, "AdditionalRegions", '[');
	for (size_t i = 0; i < world->scopes_count; i++)
		if (strcmp(world->scopes[i]->region, primary) != 0 &&
			in_scope(world->scopes[i], resource))
			writer_text(writer, NULL, world->scopes[i]->region);
	writer_close(writer, ']');
	writer_close(writer, '}');
}

static void owner(struct writer *writer, const struct resource *resource)
{
	writer_text(writer, "ShareStatus", "Shared");
	writer_open(writer, "OwnerDirectoryDescription", '{');
	writer_text(writer, "DirectoryId", resource->owner_directory);
	writer_text(writer, "AccountId", resource->owner_account);
	writer_close(writer, '}');
}

void describe_directory(
	const struct world *world, struct call *call, const struct resource *resource)
{
	struct writer *writer = call->writer;

	writer_open(writer, NULL, '{');
	writer_text(writer, "DirectoryId", resource->model.id);
	writer_text(writer, "Name", resource->model.name);
	writer_text(writer, "ShortName", resource->short_name);
	writer_text(writer, "Size", resource->size);
	writer_text(writer, "Edition", resource->edition);
	writer_text(writer, "Description", resource->description);
	writer_text(writer, "Type", word(call, directory_type_str(resource->model.type)));
	writer_text(writer, "Stage", word(call, directory_stage_str(resource->model.stage)));
	writer_text(writer, "StageReason", resource->stage_reason);
	writer_instant(writer, "LaunchTime", resource->launched, DESCRIBE_FRACTION);
	writer_instant(
		writer, "StageLastUpdatedDateTime", resource->stage_updated, DESCRIBE_FRACTION);
	addresses(writer);
	network(writer, resource);
	if (resource->owner_account || resource->owner_directory)
		owner(writer, resource);
	if (resource->model.type == DIRECTORY_TYPE_MICROSOFT_AD)
		regions(world, writer, resource);
	writer_flag(writer, "SsoEnabled", false);
	writer_close(writer, '}');
}

/* Whether TrustIds was left out or names this one. */
static bool asked_for(const struct call *call, const struct trust *trust)
{
	const json_t *ids = json_member_array(call->input, "TrustIds");

	for (size_t i = 0; i < json_array_size(ids); i++)
		if (strcmp(json_string_value(json_array_get(ids, i)), trust->id) == 0)
			return true;
	return !ids;
}

void describe_trusts_of(struct call *call, const struct resource *resource)
{
	struct writer *writer = call->writer;

	for (size_t i = 0; i < resource->trusts_count; i++) {
		const struct trust *trust = &resource->trusts[i];

		if (!asked_for(call, trust))
			continue;
		writer_open(writer, NULL, '{');
		writer_text(writer, "DirectoryId", resource->model.id);
		writer_text(writer, "TrustId", trust->id);
		writer_text(writer, "RemoteDomainName", trust->remote);
		writer_text(writer, "TrustType", trust->type);
		writer_text(writer, "TrustDirection", trust->direction);
		writer_text(writer, "TrustState", trust->state);
		writer_instant(writer, "CreatedDateTime", trust->created, DESCRIBE_FRACTION);
		writer_instant(writer, "LastUpdatedDateTime", trust->created, DESCRIBE_FRACTION);
		writer_instant(
			writer, "StateLastUpdatedDateTime", trust->created, DESCRIBE_FRACTION);
		writer_close(writer, '}');
	}
}
