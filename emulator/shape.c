/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/shape.h"

#include <ctype.h>
#include <regex.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/error.h"

/* Longest part of a refused value that is shown. */
#define SHOWN_MAX 64

/* ---------------------------------------------------------------- words */

#define X(name, text) text,
static const char *const certificate_types[] = {CERTIFICATE_TYPE_TABLE(X) NULL};
static const char *const certificate_states[] = {CERTIFICATE_STATE_TABLE(X) NULL};
static const char *const ldaps_statuses[] = {LDAPS_STATUS_TABLE(X) NULL};
static const char *const directory_types[] = {DIRECTORY_TYPE_TABLE(X) NULL};
static const char *const directory_stages[] = {DIRECTORY_STAGE_TABLE(X) NULL};
#undef X
static const char *const ldaps_types[] = {"Client", NULL};
static const char *const sizes[] = {"Small", "Large", NULL};
static const char *const editions[] = {"Enterprise", "Standard", NULL};
static const char *const trust_types[] = {"Forest", "External", NULL};
static const char *const trust_directions[] = {
	"One-Way: Outgoing", "One-Way: Incoming", "Two-Way", NULL};
static const char *const trust_states[] = {"Creating", "Created", "Verifying", "VerifyFailed",
	"Verified", "Updating", "UpdateFailed", "Updated", "Deleting", "Deleted", "Failed", NULL};
static const char *const region_types[] = {"Primary", "Additional", NULL};
static const char *const share_statuses[] = {"Shared", "PendingAcceptance", "Rejected", "Rejecting",
	"RejectFailed", "Sharing", "ShareFailed", "Deleted", "Deleting", NULL};

/* ---------------------------------------------------------------- members */

#define DIRECTORY_ID   "^d-[0-9a-f]{10}$"
#define RESOURCE_ID    "^[d]-[0-9a-f]{10}$"
#define CERTIFICATE_ID "^c-[0-9a-f]{10}$"
#define TRUST_ID       "^t-[0-9a-f]{10}$"
#define DIRECTORY_NAME "^([a-zA-Z0-9]+[\\\\.-])+([a-zA-Z0-9])+$"
#define REMOTE_NAME    "^([a-zA-Z0-9]+[\\\\.-])+([a-zA-Z0-9])+[.]?$"
#define SHORT_NAME     "^[^\\\\/:*?\"<>|.]+[^\\\\/:*?\"<>|]*$"
#define VPC_ID	       "^(vpc-[0-9a-f]{8}|vpc-[0-9a-f]{17})$"
#define SUBNET_ID      "^(subnet-[0-9a-f]{8}|subnet-[0-9a-f]{17})$"
#define ADDRESS                                                                                    \
	"^((25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)\\.){3}(25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)$"
#define USER_NAME "[a-zA-Z0-9._-]+"
#define OCSP_URL                                                                                   \
	"^(https?|ftp|file|ldaps?)://[-a-zA-Z0-9+&@#/%?=~_|!:,.;()]*[-a-zA-Z0-9+&@#/%=~_|()]"
#define ACCOUNT_ID "^([0-9]{12})$"

/* clang-format off */
#define NEXT_TOKEN {.name = "NextToken"}
#define PAGE_LIMIT {.name = "Limit", .kind = SHAPE_NUMBER, .low = 1, .high = SERVICE_PAGE_MAX}
#define LIMIT {.name = "Limit", .kind = SHAPE_NUMBER}
#define DIRECTORY(needed) {.name = "DirectoryId", .required = needed, .pattern = DIRECTORY_ID}
#define CERTIFICATE(needed) {.name = "CertificateId", .required = needed, .pattern = CERTIFICATE_ID}
#define END {.name = NULL}

static const struct shape_member client_cert_auth[] = {
	{.name = "OCSPUrl", .pattern = OCSP_URL, .low = 1, .high = 1024}, END};
static const struct shape_member tag[] = {
	{.name = "Key", .required = true, .low = 1, .high = 128},
	{.name = "Value", .required = true, .high = 256}, END};
static const struct shape_member vpc_settings[] = {
	{.name = "VpcId", .required = true, .pattern = VPC_ID},
	{.name = "SubnetIds", .kind = SHAPE_TEXTS, .required = true, .pattern = SUBNET_ID}, END};
static const struct shape_member connect_settings[] = {
	{.name = "VpcId", .required = true, .pattern = VPC_ID},
	{.name = "SubnetIds", .kind = SHAPE_TEXTS, .required = true, .pattern = SUBNET_ID},
	{.name = "CustomerDnsIps", .kind = SHAPE_TEXTS, .required = true, .pattern = ADDRESS},
	{.name = "CustomerUserName", .required = true, .pattern = USER_NAME, .low = 1}, END};

static const struct shape_member list_certificates[] = {DIRECTORY(true), NEXT_TOKEN, PAGE_LIMIT, END};
static const struct shape_member one_certificate[] = {DIRECTORY(true), CERTIFICATE(true), END};
static const struct shape_member register_certificate[] = {
	DIRECTORY(true),
	{.name = "CertificateData", .required = true, .low = 1, .high = SERVICE_PEM_MAX},
	{.name = "Type", .words = certificate_types},
	{.name = "ClientCertAuthSettings", .kind = SHAPE_STRUCTURE, .members = client_cert_auth}, END};
static const struct shape_member change_ldaps[] = {
	DIRECTORY(true), {.name = "Type", .required = true, .words = ldaps_types}, END};
static const struct shape_member describe_ldaps[] = {
	DIRECTORY(true), {.name = "Type", .words = ldaps_types}, NEXT_TOKEN, PAGE_LIMIT, END};
static const struct shape_member describe_directories[] = {
	{.name = "DirectoryIds", .kind = SHAPE_TEXTS, .pattern = DIRECTORY_ID}, NEXT_TOKEN, LIMIT, END};
static const struct shape_member describe_trusts[] = {
	DIRECTORY(false), {.name = "TrustIds", .kind = SHAPE_TEXTS, .pattern = TRUST_ID}, NEXT_TOKEN, LIMIT, END};
static const struct shape_member create_microsoft_ad[] = {
	{.name = "Name", .required = true, .pattern = DIRECTORY_NAME},
	{.name = "ShortName", .pattern = SHORT_NAME},
	{.name = "Password", .required = true, .sensitive = true, .pattern = "^.{8,64}$"},
	{.name = "Description", .high = 128},
	{.name = "VpcSettings", .kind = SHAPE_STRUCTURE, .required = true, .members = vpc_settings},
	{.name = "Edition", .words = editions},
	{.name = "Tags", .kind = SHAPE_STRUCTURES, .members = tag}, END};
static const struct shape_member connect_directory[] = {
	{.name = "Name", .required = true, .pattern = DIRECTORY_NAME},
	{.name = "ShortName", .pattern = SHORT_NAME},
	{.name = "Password", .required = true, .sensitive = true, .low = 1, .high = 128},
	{.name = "Description", .high = 128},
	{.name = "Size", .required = true, .words = sizes},
	{.name = "ConnectSettings", .kind = SHAPE_STRUCTURE, .required = true, .members = connect_settings},
	{.name = "Tags", .kind = SHAPE_STRUCTURES, .members = tag}, END};
static const struct shape_member list_tags[] = {
	{.name = "ResourceId", .required = true, .pattern = RESOURCE_ID}, NEXT_TOKEN, LIMIT, END};
static const struct shape_member describe_regions[] = {
	DIRECTORY(true), {.name = "RegionName", .low = 8, .high = 32}, NEXT_TOKEN, END};
static const struct shape_member one_directory[] = {DIRECTORY(true), END};

/* Results: no member of one is required. */
static const struct shape_member nothing[] = {END};
static const struct shape_member listed[] = {
	CERTIFICATE(false), {.name = "CommonName"}, {.name = "State", .words = certificate_states},
	{.name = "ExpiryDateTime", .kind = SHAPE_INSTANT}, {.name = "Type", .words = certificate_types}, END};
static const struct shape_member listing[] = {
	{.name = "CertificatesInfo", .kind = SHAPE_STRUCTURES, .members = listed}, NEXT_TOKEN, END};
static const struct shape_member certificate[] = {
	CERTIFICATE(false), {.name = "State", .words = certificate_states}, {.name = "StateReason"},
	{.name = "CommonName"}, {.name = "RegisteredDateTime", .kind = SHAPE_INSTANT},
	{.name = "ExpiryDateTime", .kind = SHAPE_INSTANT}, {.name = "Type", .words = certificate_types},
	{.name = "ClientCertAuthSettings", .kind = SHAPE_STRUCTURE, .members = client_cert_auth}, END};
static const struct shape_member described_certificate[] = {
	{.name = "Certificate", .kind = SHAPE_STRUCTURE, .members = certificate}, END};
static const struct shape_member registered[] = {CERTIFICATE(false), END};
static const struct shape_member setting[] = {
	{.name = "LDAPSStatus", .words = ldaps_statuses}, {.name = "LDAPSStatusReason"},
	{.name = "LastUpdatedDateTime", .kind = SHAPE_INSTANT}, END};
static const struct shape_member settings[] = {
	{.name = "LDAPSSettingsInfo", .kind = SHAPE_STRUCTURES, .members = setting}, NEXT_TOKEN, END};
static const struct shape_member shown_vpc[] = {
	{.name = "VpcId", .pattern = VPC_ID}, {.name = "SubnetIds", .kind = SHAPE_TEXTS, .pattern = SUBNET_ID}, END};
static const struct shape_member shown_connect[] = {
	{.name = "VpcId", .pattern = VPC_ID}, {.name = "SubnetIds", .kind = SHAPE_TEXTS, .pattern = SUBNET_ID},
	{.name = "CustomerUserName", .pattern = USER_NAME, .low = 1}, END};
static const struct shape_member owner[] = {
	DIRECTORY(false), {.name = "AccountId", .pattern = ACCOUNT_ID}, END};
static const struct shape_member regions[] = {
	{.name = "PrimaryRegion", .low = 8, .high = 32},
	{.name = "AdditionalRegions", .kind = SHAPE_TEXTS, .low = 8, .high = 32}, END};
static const struct shape_member directory[] = {
	DIRECTORY(false), {.name = "Name", .pattern = DIRECTORY_NAME}, {.name = "ShortName", .pattern = SHORT_NAME},
	{.name = "Size", .words = sizes}, {.name = "Edition", .words = editions}, {.name = "Description", .high = 128},
	{.name = "DnsIpAddrs", .kind = SHAPE_TEXTS, .pattern = ADDRESS}, {.name = "Stage", .words = directory_stages},
	{.name = "ShareStatus", .words = share_statuses}, {.name = "LaunchTime", .kind = SHAPE_INSTANT},
	{.name = "StageLastUpdatedDateTime", .kind = SHAPE_INSTANT}, {.name = "Type", .words = directory_types},
	{.name = "VpcSettings", .kind = SHAPE_STRUCTURE, .members = shown_vpc},
	{.name = "ConnectSettings", .kind = SHAPE_STRUCTURE, .members = shown_connect},
	{.name = "StageReason"}, {.name = "SsoEnabled", .kind = SHAPE_FLAG},
	{.name = "OwnerDirectoryDescription", .kind = SHAPE_STRUCTURE, .members = owner},
	{.name = "RegionsInfo", .kind = SHAPE_STRUCTURE, .members = regions}, END};
static const struct shape_member directories[] = {
	{.name = "DirectoryDescriptions", .kind = SHAPE_STRUCTURES, .members = directory}, NEXT_TOKEN, END};
static const struct shape_member trust[] = {
	DIRECTORY(false), {.name = "TrustId", .pattern = TRUST_ID}, {.name = "RemoteDomainName", .pattern = REMOTE_NAME},
	{.name = "TrustType", .words = trust_types}, {.name = "TrustDirection", .words = trust_directions},
	{.name = "TrustState", .words = trust_states}, {.name = "CreatedDateTime", .kind = SHAPE_INSTANT},
	{.name = "LastUpdatedDateTime", .kind = SHAPE_INSTANT},
	{.name = "StateLastUpdatedDateTime", .kind = SHAPE_INSTANT}, END};
static const struct shape_member trusts[] = {
	{.name = "Trusts", .kind = SHAPE_STRUCTURES, .members = trust}, NEXT_TOKEN, END};
static const struct shape_member tags[] = {
	{.name = "Tags", .kind = SHAPE_STRUCTURES, .members = tag}, NEXT_TOKEN, END};
static const struct shape_member region_vpc[] = {
	{.name = "VpcId", .required = true, .pattern = VPC_ID},
	{.name = "SubnetIds", .kind = SHAPE_TEXTS, .required = true, .pattern = SUBNET_ID}, END};
static const struct shape_member region[] = {
	DIRECTORY(false), {.name = "RegionName", .low = 8, .high = 32}, {.name = "RegionType", .words = region_types},
	{.name = "Status", .words = directory_stages},
	{.name = "VpcSettings", .kind = SHAPE_STRUCTURE, .members = region_vpc},
	{.name = "DesiredNumberOfDomainControllers", .kind = SHAPE_NUMBER, .low = 2},
	{.name = "LaunchTime", .kind = SHAPE_INSTANT}, {.name = "StatusLastUpdatedDateTime", .kind = SHAPE_INSTANT},
	{.name = "LastUpdatedDateTime", .kind = SHAPE_INSTANT}, END};
static const struct shape_member region_descriptions[] = {
	{.name = "RegionsDescription", .kind = SHAPE_STRUCTURES, .members = region}, NEXT_TOKEN, END};
static const struct shape_member the_directory[] = {DIRECTORY(false), END};

#define E(code) REFUSAL_##code
#define COMMON E(InvalidParameterException), E(ClientException), E(ServiceException)
#define LDAPS E(DirectoryDoesNotExistException), E(UnsupportedOperationException), COMMON
static const struct shape shapes[OPERATIONS] = {
	[OPERATION_LIST_CERTIFICATES] = {list_certificates, listing, {LDAPS, E(InvalidNextTokenException)}},
	[OPERATION_DESCRIBE_CERTIFICATE] = {one_certificate, described_certificate,
		{LDAPS, E(CertificateDoesNotExistException)}},
	[OPERATION_REGISTER_CERTIFICATE] = {register_certificate, registered,
		{LDAPS, E(DirectoryUnavailableException), E(InvalidCertificateException),
		 E(CertificateLimitExceededException), E(CertificateAlreadyExistsException)}},
	[OPERATION_DEREGISTER_CERTIFICATE] = {one_certificate, nothing,
		{LDAPS, E(DirectoryUnavailableException), E(CertificateDoesNotExistException),
		 E(CertificateInUseException)}},
	[OPERATION_ENABLE_LDAPS] = {change_ldaps, nothing,
		{LDAPS, E(DirectoryUnavailableException), E(NoAvailableCertificateException),
		 E(InvalidLDAPSStatusException)}},
	[OPERATION_DISABLE_LDAPS] = {change_ldaps, nothing,
		{LDAPS, E(DirectoryUnavailableException), E(InvalidLDAPSStatusException)}},
	[OPERATION_DESCRIBE_LDAPS_SETTINGS] = {describe_ldaps, settings, {LDAPS, E(InvalidNextTokenException)}},
	[OPERATION_DESCRIBE_DIRECTORIES] = {describe_directories, directories,
		{COMMON, E(EntityDoesNotExistException), E(InvalidNextTokenException)}},
	[OPERATION_DESCRIBE_TRUSTS] = {describe_trusts, trusts,
		{COMMON, E(EntityDoesNotExistException), E(InvalidNextTokenException),
		 E(UnsupportedOperationException)}},
	[OPERATION_CREATE_MICROSOFT_AD] = {create_microsoft_ad, the_directory,
		{COMMON, E(DirectoryLimitExceededException), E(UnsupportedOperationException)}},
	[OPERATION_CONNECT_DIRECTORY] = {connect_directory, the_directory,
		{COMMON, E(DirectoryLimitExceededException)}},
	[OPERATION_DELETE_DIRECTORY] = {one_directory, the_directory,
		{E(EntityDoesNotExistException), E(ClientException), E(ServiceException)}},
	[OPERATION_LIST_TAGS_FOR_RESOURCE] = {list_tags, tags,
		{COMMON, E(EntityDoesNotExistException), E(InvalidNextTokenException)}},
	[OPERATION_DESCRIBE_REGIONS] = {describe_regions, region_descriptions,
		{LDAPS, E(InvalidNextTokenException), E(AccessDeniedException)}},
};
/* clang-format on */

const struct shape *shape_of(enum operation operation)
{
	return &shapes[operation];
}

bool shape_models(enum operation operation, enum refusal refusal)
{
	for (int i = 0; i < SHAPE_ERRORS_MAX && shapes[operation].errors[i] != REFUSAL_NONE; i++)
		if (shapes[operation].errors[i] == refusal)
			return true;
	return false;
}

/* ---------------------------------------------------------------- patterns */

/* Patterns of inputs, each compiled once. */
static struct {
	const char *text;
	regex_t compiled;
} patterns[] = {{DIRECTORY_ID, {0}}, {RESOURCE_ID, {0}}, {CERTIFICATE_ID, {0}}, {TRUST_ID, {0}},
	{DIRECTORY_NAME, {0}}, {SHORT_NAME, {0}}, {VPC_ID, {0}}, {SUBNET_ID, {0}}, {ADDRESS, {0}},
	{USER_NAME, {0}}, {OCSP_URL, {0}}, {"^.{8,64}$", {0}}};

int shape_start(void)
{
	for (size_t i = 0; i < ARRAY_LENGTH(patterns); i++)
		if (regcomp(&patterns[i].compiled, patterns[i].text, REG_EXTENDED) != 0)
			return -ERROR_MEMORY;
	return 0;
}

void shape_stop(void)
{
	for (size_t i = 0; i < ARRAY_LENGTH(patterns); i++)
		regfree(&patterns[i].compiled);
}

/* Whether the pattern matches the whole of `text`, as the service means it. */
static bool matches(const char *pattern, const char *text)
{
	regmatch_t match;

	for (size_t i = 0; i < ARRAY_LENGTH(patterns); i++)
		if (strcmp(patterns[i].text, pattern) == 0)
			return regexec(&patterns[i].compiled, text, 1, &match, 0) == 0 &&
			       match.rm_so == 0 && (size_t)match.rm_eo == strlen(text);
	return false;
}

/* ---------------------------------------------------------------- checking */

/* One fault found: the place, the value and the rule, in the service's words. */
struct finding {
	char path[128];
	char *message; /* SHAPE_MESSAGE_SIZE */
	enum refusal refusal;
};

static void found(struct finding *finding, const struct shape_member *member, const char *value,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

static void found(struct finding *finding, const struct shape_member *member, const char *value,
	const char *format, ...)
{
	char rule[384];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(rule, sizeof(rule), format, arguments);
	va_end(arguments);
	finding->refusal = REFUSAL_ValidationException;
	if (member->sensitive && value)
		value = "***";
	snprintf(finding->message, SHAPE_MESSAGE_SIZE,
		"1 validation error detected: Value %s%.*s%s at '%s' failed to satisfy constraint: "
		"Member must %s",
		value ? "'" : "", SHOWN_MAX, value ? value : "null", value ? "'" : "",
		finding->path, rule);
}

static void wrong_type(struct finding *finding)
{
	finding->refusal = REFUSAL_SerializationException;
	snprintf(finding->message, SHAPE_MESSAGE_SIZE,
		"The member '%s' has a value of the wrong type", finding->path);
}

static void check_words(
	struct finding *finding, const struct shape_member *member, const char *text)
{
	char list[256] = "";

	for (int i = 0; member->words[i]; i++) {
		if (strcmp(member->words[i], text) == 0)
			return;
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i ? ", " : "",
			member->words[i]);
	}
	found(finding, member, text, "satisfy enum value set: [%s]", list);
}

/* Characters, not bytes: continuation bytes do not count. */
static long characters(const char *text)
{
	long count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static void check_text(
	struct finding *finding, const struct shape_member *member, const json_t *value)
{
	const char *text = json_string_value(value);

	if (!text)
		wrong_type(finding);
	else if (characters(text) < member->low)
		found(finding, member, text, "have length greater than or equal to %ld",
			member->low);
	else if (member->high > 0 && characters(text) > member->high)
		found(finding, member, text, "have length less than or equal to %ld", member->high);
	else if (member->pattern && !matches(member->pattern, text))
		found(finding, member, text, "satisfy regular expression pattern: %s",
			member->pattern);
	else if (member->words)
		check_words(finding, member, text);
}

static void check_number(
	struct finding *finding, const struct shape_member *member, const json_t *value)
{
	json_int_t number = json_integer_value(value);
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)number);
	if (!json_is_integer(value))
		wrong_type(finding);
	else if (number < member->low)
		found(finding, member, text, "have value greater than or equal to %ld",
			member->low);
	else if (member->high > 0 && number > member->high)
		found(finding, member, text, "have value less than or equal to %ld", member->high);
}

static void check_members(
	struct finding *finding, const struct shape_member *members, const json_t *input);

static void check_list(
	struct finding *finding, const struct shape_member *member, const json_t *value)
{
	if (!json_is_array(value)) {
		wrong_type(finding);
		return;
	}
	for (size_t i = 0; i < json_array_size(value) && finding->refusal == REFUSAL_NONE; i++)
		if (member->kind == SHAPE_TEXTS)
			check_text(finding, member, json_array_get(value, i));
		else
			check_members(finding, member->members, json_array_get(value, i));
}

static void check_member(
	struct finding *finding, const struct shape_member *member, const json_t *value)
{
	if (!value || json_is_null(value)) {
		if (member->required)
			found(finding, member, NULL, "not be null");
		return;
	}
	switch (member->kind) {
	case SHAPE_TEXT:
		check_text(finding, member, value);
		break;
	case SHAPE_NUMBER:
		check_number(finding, member, value);
		break;
	case SHAPE_TEXTS:
	case SHAPE_STRUCTURES:
		check_list(finding, member, value);
		break;
	case SHAPE_STRUCTURE:
		check_members(finding, member->members, value);
		break;
	case SHAPE_FLAG:
	case SHAPE_INSTANT:
		break; /* of results only */
	}
}

static void check_members(
	struct finding *finding, const struct shape_member *members, const json_t *input)
{
	size_t length = strlen(finding->path);

	if (!json_is_object(input)) {
		wrong_type(finding);
		return;
	}
	for (; members->name && finding->refusal == REFUSAL_NONE; members++) {
		/* The service shows names with a small first letter. */
		snprintf(finding->path + length, sizeof(finding->path) - length, "%s%c%s",
			length > 0 ? "." : "", tolower((unsigned char)members->name[0]),
			members->name + 1);
		check_member(finding, members, json_object_get(input, members->name));
		finding->path[length] = '\0';
	}
}

enum refusal shape_check(
	enum operation operation, const json_t *input, char ret_message[static SHAPE_MESSAGE_SIZE])
{
	struct finding finding = {.message = ret_message};

	check_members(&finding, shapes[operation].input, input);
	return finding.refusal;
}

/* ---------------------------------------------------------------- printing */

static json_t *print_members(const struct shape_member *members)
{
	static const char *const kinds[] = {[SHAPE_TEXT] = "string",
		[SHAPE_NUMBER] = "integer",
		[SHAPE_FLAG] = "boolean",
		[SHAPE_INSTANT] = "timestamp",
		[SHAPE_TEXTS] = "strings",
		[SHAPE_STRUCTURE] = "structure",
		[SHAPE_STRUCTURES] = "structures"};
	json_t *object = json_object();

	for (; members->name; members++) {
		json_t *member = json_pack("{s:s s:b s:b s:I s:I}", "kind", kinds[members->kind],
			"required", members->required, "sensitive", members->sensitive, "min",
			(json_int_t)members->low, "max", (json_int_t)members->high);

		if (members->pattern)
			json_object_set_new(member, "pattern", json_string(members->pattern));
		if (members->words) {
			json_t *words = json_array();

			for (int i = 0; members->words[i]; i++)
				json_array_append_new(words, json_string(members->words[i]));
			json_object_set_new(member, "enum", words);
		}
		if (members->members)
			json_object_set_new(member, "members", print_members(members->members));
		json_object_set_new(object, members->name, member);
	}
	return object;
}

void shape_print(FILE *file)
{
	json_t *all = json_object();

	for (int operation = OPERATION_UNKNOWN + 1; operation < OPERATIONS; operation++) {
		const struct shape *shape = &shapes[operation];
		json_t *errors = json_array();

		for (int i = 0; i < SHAPE_ERRORS_MAX && shape->errors[i] != REFUSAL_NONE; i++)
			json_array_append_new(errors, json_string(refusal_str(shape->errors[i])));
		json_object_set_new(all, operation_str((enum operation)operation),
			json_pack("{s:o s:o s:o}", "input", print_members(shape->input), "output",
				print_members(shape->output), "errors", errors));
	}
	json_dumpf(all, file, JSON_INDENT(1));
	fputc('\n', file);
	json_decref(all);
}
