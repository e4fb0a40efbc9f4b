/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/operation.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "emulator/describe.h"
#include "emulator/page.h"

/* ---------------------------------------------------------------- refusals */

/* What the service says with a refusal, where the operation has nothing better to say. */
/* clang-format off */
static const char *const texts[REFUSALS] = {
	[REFUSAL_DirectoryUnavailableException] = "The specified directory is unavailable.",
	[REFUSAL_UnsupportedOperationException] = "LDAPS operations are not supported for this Directory Type.",
	[REFUSAL_ClientException] = "Operation is not supported for Shared MicrosoftAD directories.",
	[REFUSAL_InvalidCertificateException] = "The certificate PEM that was provided has incorrect encoding.",
	[REFUSAL_InvalidParameterException] = "One or more parameters are not valid.",
	[REFUSAL_CertificateLimitExceededException] = "The certificate could not be added because the certificate limit has been reached.",
	[REFUSAL_CertificateAlreadyExistsException] = "The certificate has already been registered into the system.",
	[REFUSAL_CertificateDoesNotExistException] = "The certificate is not present in the system for describe or deregister activities.",
	[REFUSAL_CertificateInUseException] = "The certificate is being used for the LDAP security connection and cannot be removed without disabling LDAP security.",
	[REFUSAL_NoAvailableCertificateException] = "The LDAP activities could not be performed because at least one valid certificate must be registered with the system.",
	[REFUSAL_InvalidLDAPSStatusException] = "The LDAP activities could not be performed because they are limited by the LDAPS status.",
	[REFUSAL_ServiceException] = "An exception has occurred in AWS Directory Service.",
};
/* clang-format on */

static void refuse(struct call *call, enum refusal refusal, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void refuse(struct call *call, enum refusal refusal, const char *format, ...)
{
	va_list arguments;

	call->refusal = refusal;
	va_start(arguments, format);
	vsnprintf(call->message, sizeof(call->message), format, arguments);
	va_end(arguments);
}

/* Takes over how the model ended a call; whether it was accepted. */
static bool conclude(struct call *call, enum refusal refusal)
{
	if (refusal != REFUSAL_NONE)
		refuse(call, refusal, "%s", texts[refusal] ? texts[refusal] : "");
	return refusal == REFUSAL_NONE;
}

/* The directory of a request, or NULL with the call refused: `missing` if it is not there. */
static struct resource *target(struct world *world, struct call *call, enum refusal missing)
{
	struct resource *resource = world_find(world, call->scope, call->directory, call->now);

	if (!resource)
		refuse(call, missing, "Directory %s does not exist.", call->directory);
	return resource;
}

/* The same for the calls about certificates and LDAPS, which the kind can refuse. */
static struct resource *ldaps_target(struct world *world, struct call *call)
{
	struct resource *resource = target(world, call, REFUSAL_DirectoryDoesNotExistException);

	return resource && conclude(call, model_read(&resource->model, &world->settings.model))
		       ? resource
		       : NULL;
}

/* ---------------------------------------------------------------- certificates */

/* The entry with the smallest id after `last`; NULL past the end. */
static const struct model_certificate *entry_after(
	const struct model_directory *directory, const char *last)
{
	const struct model_certificate *next = NULL;

	for (size_t i = 0; i < directory->count; i++) {
		const struct model_certificate *entry = &directory->certificates[i];

		if (strcmp(entry->id, last) > 0 && (!next || strcmp(entry->id, next->id) < 0))
			next = entry;
	}
	return next;
}

static void list_certificates(struct world *world, struct call *call)
{
	struct resource *resource = ldaps_target(world, call);
	const struct model_certificate *entry;
	char last[SERVICE_ID_SIZE], token[PAGE_TOKEN_SIZE];
	size_t size;

	if (!resource || !page_start(world, call, last, &size))
		return;
	writer_open(call->writer, "CertificatesInfo", '[');
	while (size-- > 0 && (entry = entry_after(&resource->model, last))) {
		describe_listed(world, call, entry);
		memcpy(last, entry->id, sizeof(last));
	}
	writer_close(call->writer, ']');
	if (entry_after(&resource->model, last) || call->endless) {
		page_token(call, call->endless ? "" : last, token);
		writer_text(call->writer, "NextToken", token);
	}
}

static void describe_certificate(struct world *world, struct call *call)
{
	struct resource *resource = ldaps_target(world, call);
	const struct model_certificate *entry =
		resource ? model_find(&resource->model, call->certificate) : NULL;

	if (!resource)
		return;
	if (entry)
		describe_entry(world, call, resource, entry);
	else
		conclude(call, REFUSAL_CertificateDoesNotExistException);
}

/* What a test asked to go wrong with the next call of this kind, used up; NULL if nothing. */
static const struct outcome *take_outcome(struct resource *resource, enum outcome_call kind)
{
	struct outcome *outcome = &resource->outcomes[kind];

	if (outcome->count == 0)
		return NULL;
	outcome->count--;
	return outcome;
}

static void fail_entry(struct model_certificate *entry, const struct outcome *outcome)
{
	if (!entry || !outcome)
		return;
	entry->fails = true;
	entry->reason = outcome->reason;
}

/* Keeps the OCSP address of a smart-card certificate; losing it for lack of memory harms nobody. */
static void keep_ocsp(
	struct world *world, struct call *call, struct resource *resource, const char *certificate)
{
	const json_t *settings = json_member_object(call->input, "ClientCertAuthSettings");
	struct ocsp ocsp = {.url = world_text(world, json_member_text(settings, "OCSPUrl"))};

	if (!ocsp.url ||
		array_reserve(&resource->ocsps, &resource->ocsps_capacity, resource->ocsps_count,
			sizeof(ocsp), OBSERVED_CERTIFICATES_MAX) < 0)
		return;
	memcpy(ocsp.certificate, certificate, sizeof(ocsp.certificate));
	resource->ocsps[resource->ocsps_count++] = ocsp;
}

/* A better text than "incorrect encoding" where something else is wrong with the certificate. */
static void explain_certificate(struct call *call, const struct certificate *certificate)
{
	if (!certificate || (call->refusal != REFUSAL_InvalidCertificateException &&
				    call->refusal != REFUSAL_InvalidParameterException))
		return;
	if (certificate->pss)
		refuse(call, call->refusal,
			"Certificates that use the RSASSA-PSS signature algorithm are not "
			"supported.");
	else
		refuse(call, call->refusal,
			"The certificate must be more than 90 days from expiration.");
}

static void register_certificate(struct world *world, struct call *call)
{
	struct resource *resource = ldaps_target(world, call);
	const json_t *data = json_object_get(call->input, "CertificateData");
	enum certificate_type type = certificate_type_parse(json_member_text(call->input, "Type"));
	const struct certificate *certificate;
	struct model_certificate *entry;

	if (!resource)
		return;
	if (type == CERTIFICATE_TYPE_UNKNOWN)
		type = CERTIFICATE_TYPE_CLIENT_LDAPS;
	certificate = world_certificate(world, json_string_value(data), json_string_length(data));
	if (!conclude(call, model_register(&resource->model, &world->settings.model, certificate,
				    type, call->now, &entry))) {
		explain_certificate(call, certificate);
		return;
	}
	memcpy(call->certificate, entry->id, sizeof(call->certificate));
	fail_entry(entry, take_outcome(resource, OUTCOME_REGISTER));
	keep_ocsp(world, call, resource, entry->id);
	call->changed = resource;
	writer_text(call->writer, "CertificateId", entry->id);
}

static void deregister_certificate(struct world *world, struct call *call)
{
	struct resource *resource = ldaps_target(world, call);

	if (!resource || !conclude(call, model_deregister(&resource->model, &world->settings.model,
						 call->certificate, call->now)))
		return;
	fail_entry(model_find(&resource->model, call->certificate),
		take_outcome(resource, OUTCOME_DEREGISTER));
	call->changed = resource;
}

/* ---------------------------------------------------------------- LDAPS */

static void enable_ldaps(struct world *world, struct call *call)
{
	struct resource *resource = ldaps_target(world, call);
	const struct outcome *outcome;

	if (!resource ||
		!conclude(call, model_enable(&resource->model, &world->settings.model, call->now)))
		return;
	outcome = take_outcome(resource, OUTCOME_ENABLE);
	if (outcome && resource->model.ldaps_due > 0) {
		resource->model.ldaps_next = LDAPS_STATUS_ENABLE_FAILED;
		resource->model.ldaps_reason = outcome->reason;
	}
	call->changed = resource;
}

static void disable_ldaps(struct world *world, struct call *call)
{
	struct resource *resource = ldaps_target(world, call);

	if (resource &&
		conclude(call, model_disable(&resource->model, &world->settings.model, call->now)))
		call->changed = resource;
}

/* The listings of one page go on only where a fault says so. */
static void turn_for_ever(const struct call *call)
{
	char token[PAGE_TOKEN_SIZE];

	if (!call->endless)
		return;
	page_token(call, "", token);
	writer_text(call->writer, "NextToken", token);
}

static void describe_ldaps_settings(struct world *world, struct call *call)
{
	struct resource *resource = ldaps_target(world, call);
	char last[SERVICE_ID_SIZE];
	size_t size;

	if (!resource || !page_start(world, call, last, &size))
		return;
	describe_ldaps(world, call, resource);
	turn_for_ever(call);
}

/* ---------------------------------------------------------------- directories */

/* The ids that were asked for, each once; false with the call refused. */
static bool describe_named(struct world *world, struct call *call, const json_t *ids)
{
	if (json_array_size(ids) == 0) {
		refuse(call, REFUSAL_InvalidParameterException,
			"The list of directory ids must not be empty.");
		return false;
	}
	for (size_t i = 0; i < json_array_size(ids); i++) {
		const char *id = json_string_value(json_array_get(ids, i));
		struct resource *resource = world_find(world, call->scope, id, call->now);

		if (!resource) {
			refuse(call, REFUSAL_EntityDoesNotExistException,
				"Directory %s does not exist.", id);
			return false;
		}
		describe_directory(world, call, resource);
	}
	return true;
}

static void describe_directories(struct world *world, struct call *call)
{
	const json_t *ids = json_member_array(call->input, "DirectoryIds");
	struct scope *scope = call->scope;
	char last[SERVICE_ID_SIZE], token[PAGE_TOKEN_SIZE];
	size_t size, at = 0;

	if (!page_start(world, call, last, &size))
		return;
	writer_open(call->writer, "DirectoryDescriptions", '[');
	if (ids) {
		if (!describe_named(world, call, ids))
			return;
	} else {
		at = scope_after(scope, last);
		while (size > 0 && at < scope->count) {
			struct resource *resource =
				world_find(world, scope, scope->resources[at]->model.id, call->now);

			if (!resource)
				continue; /* its deletion ended just now */
			describe_directory(world, call, resource);
			at++;
			size--;
		}
	}
	writer_close(call->writer, ']');
	if ((!ids && at < scope->count) || call->endless) {
		page_token(call, call->endless || at == 0 ? "" : scope->resources[at - 1]->model.id,
			token);
		writer_text(call->writer, "NextToken", token);
	}
}

static void describe_trusts(struct world *world, struct call *call)
{
	struct resource *resource = NULL;
	bool named = json_member_text(call->input, "DirectoryId");

	if (named && !(resource = target(world, call, REFUSAL_EntityDoesNotExistException)))
		return;
	scope_settle(world, call->scope, call->now);
	writer_open(call->writer, "Trusts", '[');
	for (size_t i = 0; i < call->scope->count; i++)
		if (!resource || call->scope->resources[i] == resource)
			describe_trusts_of(call, call->scope->resources[i]);
	writer_close(call->writer, ']');
}

static void list_tags(struct world *world, struct call *call)
{
	struct resource *resource = target(world, call, REFUSAL_EntityDoesNotExistException);
	char last[SERVICE_ID_SIZE];
	size_t size;

	if (!resource || !page_start(world, call, last, &size))
		return;
	writer_open(call->writer, "Tags", '[');
	for (size_t i = 0; i < resource->tags_count; i++) {
		writer_open(call->writer, NULL, '{');
		writer_text(call->writer, "Key", resource->tags[i].key);
		writer_text(call->writer, "Value", resource->tags[i].value);
		writer_close(call->writer, '}');
	}
	writer_close(call->writer, ']');
	turn_for_ever(call);
}

static void describe_regions(struct world *world, struct call *call)
{
	struct resource *resource = target(world, call, REFUSAL_DirectoryDoesNotExistException);
	char last[SERVICE_ID_SIZE];
	size_t size;

	if (!resource || !page_start(world, call, last, &size))
		return;
	if (resource->model.type != DIRECTORY_TYPE_MICROSOFT_AD) {
		refuse(call, REFUSAL_UnsupportedOperationException,
			"Operation is not supported for this Directory Type.");
		return;
	}
	writer_open(call->writer, "RegionsDescription", '[');
	describe_regions_of(world, call, resource);
	writer_close(call->writer, ']');
	turn_for_ever(call);
}

/* Keeps the tags that a directory is made with; the limit of their number is not checked. */
static void keep_tags(struct world *world, struct call *call, struct resource *resource)
{
	const json_t *tags = json_member_array(call->input, "Tags");

	for (size_t i = 0; i < json_array_size(tags); i++)
		resource_tag(world, resource, json_member_text(json_array_get(tags, i), "Key"),
			json_member_text(json_array_get(tags, i), "Value"));
}

/* What both ways of making a directory share; NULL with the call refused. */
static struct resource *make(struct world *world, struct call *call, enum directory_type type)
{
	struct scope *scope = call->scope;
	struct resource *resource;
	size_t same = 0;

	for (size_t i = 0; i < scope->count; i++)
		same += scope->resources[i]->model.type == type;
	if (same >= world->settings.directory_limit) {
		refuse(call, REFUSAL_DirectoryLimitExceededException,
			"The maximum number of directories in the Region has been reached.");
		return NULL;
	}
	if (world_create(world, scope, NULL, json_member_text(call->input, "Name"), type,
		    &resource) < 0) {
		conclude(call, REFUSAL_ServiceException);
		return NULL;
	}
	resource->short_name = world_text(world, json_member_text(call->input, "ShortName"));
	resource->description = world_text(world, json_member_text(call->input, "Description"));
	resource->model.stage = DIRECTORY_STAGE_CREATING;
	resource->stage_next = DIRECTORY_STAGE_ACTIVE;
	resource->stage_due = world->settings.create_delay < MODEL_NEVER - call->now
				      ? call->now + world->settings.create_delay
				      : MODEL_NEVER;
	resource->launched = resource->stage_updated = call->now;
	keep_tags(world, call, resource);
	memcpy(call->directory, resource->model.id, sizeof(call->directory));
	call->changed = resource;
	writer_text(call->writer, "DirectoryId", resource->model.id);
	return resource;
}

static void create_microsoft_ad(struct world *world, struct call *call)
{
	const char *edition = json_member_text(call->input, "Edition");
	struct resource *resource = make(world, call, DIRECTORY_TYPE_MICROSOFT_AD);

	if (!resource)
		return;
	resource->edition = world_text(world, edition ? edition : "Enterprise");
	resource->vpc = world_text(
		world, json_member_text(json_member_object(call->input, "VpcSettings"), "VpcId"));
}

static void connect_directory(struct world *world, struct call *call)
{
	struct resource *resource = make(world, call, DIRECTORY_TYPE_AD_CONNECTOR);

	if (!resource)
		return;
	resource->size = world_text(world, json_member_text(call->input, "Size"));
	resource->vpc = world_text(world,
		json_member_text(json_member_object(call->input, "ConnectSettings"), "VpcId"));
}

static void delete_directory(struct world *world, struct call *call)
{
	struct resource *resource = target(world, call, REFUSAL_EntityDoesNotExistException);

	if (!resource)
		return;
	resource->model.stage = DIRECTORY_STAGE_DELETING;
	resource->stage_updated = call->now;
	resource->stage_next = DIRECTORY_STAGE_DELETED;
	resource->stage_due = world->settings.delete_delay < MODEL_NEVER - call->now
				      ? call->now + world->settings.delete_delay
				      : MODEL_NEVER;
	call->changed = resource;
	writer_text(call->writer, "DirectoryId", resource->model.id);
}

/* ---------------------------------------------------------------- */

static void (*const handlers[OPERATIONS])(struct world *world, struct call *call) = {
	[OPERATION_LIST_CERTIFICATES] = list_certificates,
	[OPERATION_DESCRIBE_CERTIFICATE] = describe_certificate,
	[OPERATION_REGISTER_CERTIFICATE] = register_certificate,
	[OPERATION_DEREGISTER_CERTIFICATE] = deregister_certificate,
	[OPERATION_ENABLE_LDAPS] = enable_ldaps,
	[OPERATION_DISABLE_LDAPS] = disable_ldaps,
	[OPERATION_DESCRIBE_LDAPS_SETTINGS] = describe_ldaps_settings,
	[OPERATION_DESCRIBE_DIRECTORIES] = describe_directories,
	[OPERATION_DESCRIBE_TRUSTS] = describe_trusts,
	[OPERATION_CREATE_MICROSOFT_AD] = create_microsoft_ad,
	[OPERATION_CONNECT_DIRECTORY] = connect_directory,
	[OPERATION_DELETE_DIRECTORY] = delete_directory,
	[OPERATION_LIST_TAGS_FOR_RESOURCE] = list_tags,
	[OPERATION_DESCRIBE_REGIONS] = describe_regions,
};

static void copy_id(const json_t *input, const char *member, char kind, char *ret_id)
{
	const char *id = json_member_text(input, member);

	ret_id[0] = '\0';
	if (id && service_id_valid(id, kind))
		memcpy(ret_id, id, SERVICE_ID_SIZE);
}

void call_target(const json_t *input, char ret_directory[static SERVICE_ID_SIZE])
{
	copy_id(input, "DirectoryId", 'd', ret_directory);
	if (!ret_directory[0])
		copy_id(input, "ResourceId", 'd', ret_directory);
}

void operation_run(struct world *world, struct call *call)
{
	call_target(call->input, call->directory);
	copy_id(call->input, "CertificateId", 'c', call->certificate);
	call->refusal = shape_check(call->operation, call->input, call->message);
	if (call->refusal == REFUSAL_NONE)
		handlers[call->operation](world, call);
}
