/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/reply.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "edge/document.h"
#include "edge/endpoint.h"

/* ---- texts ---- */

/*
 * From here on a message may quote the request that was to be signed, session token and all:
 * SignatureDoesNotMatch does.
 */
static const char *const forbidden[] = {"canonical string", "string-to-sign", "string to sign",
	"authorization=", "aws4-hmac", "x-amz-security-token"};

static void message_censor(char *message)
{
	for (size_t i = 0; i < ARRAY_LENGTH(forbidden); i++) {
		char *found = strcasestr(message, forbidden[i]);

		if (found)
			memcpy(found, "...", 4); /* shorter than any of them */
	}
}

/* The service ends its messages with ": RequestId: 6238d084-...". */
static void message_cut_request_id(char *message)
{
	char *found = NULL, *next = message;
	size_t length;

	while ((next = strcasestr(next, "RequestId")))
		found = next++;
	if (!found || strspn(found + strlen("RequestId"), " :=0123456789abcdefABCDEF-)].") !=
			      strlen(found + strlen("RequestId")))
		return;
	for (length = (size_t)(found - message); length > 0; length--)
		if (!strchr(" :;,([", message[length - 1]))
			break;
	message[length] = '\0';
}

/* Copies what fits of `length` bytes; control characters become spaces. */
static void words_copy(const char *text, size_t length, char *ret_text, size_t size)
{
	size_t end = length < size ? length : text_fit(text, size);

	for (size_t i = 0; i < end; i++)
		ret_text[i] = (unsigned char)text[i] < ' ' || text[i] == 0x7f ? ' ' : text[i];
	ret_text[end] = '\0';
}

static void message_take(const char *text, size_t length, struct service_reply *reply)
{
	char *message = strndup(text, length);

	if (!message)
		return; /* the code alone says enough */
	message_censor(message);
	message_cut_request_id(message);
	words_copy(message, strlen(message), reply->message, sizeof(reply->message));
	free(message);
}

/* "com.amazonaws.directoryservice#X:http://..." is X. */
static void code_take(const char *text, size_t length, struct service_reply *reply)
{
	const char *colon = memchr(text, ':', length);
	const char *hash;
	size_t end = 0;

	if (colon)
		length = (size_t)(colon - text);
	hash = memrchr(text, '#', length);
	if (hash) {
		length -= (size_t)(hash + 1 - text);
		text = hash + 1;
	}
	while (length > 0 && isspace((unsigned char)*text)) {
		text++;
		length--;
	}
	while (end < length && end < sizeof(reply->code) - 1 &&
		(isalnum((unsigned char)text[end]) || strchr("._-", text[end])) && text[end])
		end++;
	memcpy(reply->code, text, end);
	reply->code[end] = '\0';
}

static void request_id_take(const char *text, size_t length, struct service_reply *reply)
{
	if (reply->request_id[0] == '\0')
		words_copy(text, length, reply->request_id, sizeof(reply->request_id));
}

/* ---- errors ---- */

static const char *member_either(const struct value *object, const char *one, const char *other)
{
	const char *text = value_member_text(object, one);

	return text ? text : value_member_text(object, other);
}

static bool refusal_json(const void *body, size_t length, struct service_reply *reply)
{
	CLEANUP(document_done) struct document document = {0};
	const struct value *root;
	const char *text;

	if (document_parse(body, length, &document, NULL) < 0)
		return false;
	root = document.values;
	if (root->kind != VALUE_OBJECT)
		return false;
	if ((text = member_either(root, "__type", "code")))
		code_take(text, strlen(text), reply);
	if ((text = member_either(root, "message", "Message")))
		message_take(text, strlen(text), reply);
	if ((text = member_either(root, "RequestId", "requestId")))
		request_id_take(text, strlen(text), reply);
	return true;
}

/* The text of the first element of this name, without attributes; NULL if there is none. */
static const char *element(const char *body, size_t length, const char *name, size_t *ret_length)
{
	char opening[32], closing[32];
	const char *begin, *end;
	size_t opening_length = (size_t)snprintf(opening, sizeof(opening), "<%s>", name);
	size_t closing_length = (size_t)snprintf(closing, sizeof(closing), "</%s>", name);

	begin = memmem(body, length, opening, opening_length);
	if (!begin)
		return NULL;
	begin += opening_length;
	end = memmem(begin, length - (size_t)(begin - body), closing, closing_length);
	if (!end)
		return NULL;
	*ret_length = (size_t)(end - begin);
	return begin;
}

/* Entities and bytes beyond ASCII become '?': enough for a message that a person reads. */
static char *element_text(const char *begin, size_t length)
{
	char *text = strndup(begin, length);
	size_t out = 0;

	if (!text)
		return NULL;
	length = strlen(text);
	for (size_t i = 0; i < length; i++) {
		size_t entity = text[i] == '&' ? strcspn(text + i, ";") : 0;

		if (entity > 1 && entity < 8 && text[i + entity] == ';')
			i += entity;
		else if ((unsigned char)text[i] < 0x80) {
			text[out++] = text[i];
			continue;
		}
		text[out++] = '?';
	}
	text[out] = '\0';
	return text;
}

/* XML of the query protocol (<Code>, <Message>, <RequestId>), or the title of an HTML page. */
static void refusal_markup(const char *body, size_t length, struct service_reply *reply)
{
	static const char *const messages[] = {"Message", "message", "title", "TITLE"};
	static const char *const ids[] = {"RequestId", "RequestID"};
	const char *found;
	size_t size;

	if ((found = element(body, length, "Code", &size)))
		code_take(found, size, reply);
	for (size_t i = 0; i < ARRAY_LENGTH(messages) && !reply->message[0]; i++)
		if ((found = element(body, length, messages[i], &size))) {
			CLEANUP(free_ptr) char *text = element_text(found, size);

			if (text)
				message_take(text, strlen(text), reply);
		}
	for (size_t i = 0; i < ARRAY_LENGTH(ids); i++)
		if ((found = element(body, length, ids[i], &size))) {
			CLEANUP(free_ptr) char *text = element_text(found, size);

			if (text)
				request_id_take(text, strlen(text), reply);
		}
}

/* What a status says where no code of ours does. */
static enum refusal_class class_of_status(long status)
{
	if (status == 429 || status == 509)
		return REFUSAL_THROTTLE;
	if (status >= 500 || status == 408)
		return REFUSAL_TRANSIENT;
	return REFUSAL_PERMANENT;
}

void reply_refusal(long status, const char *error_type, const void *body, size_t length,
	struct service_reply *reply)
{
	reply->status = status;
	reply->code[0] = '\0';
	reply->message[0] = '\0';
	if (!refusal_json(body, length, reply))
		refusal_markup(length ? body : "", length, reply);
	if (!reply->code[0])
		code_take(error_type, strlen(error_type), reply);
	reply->refusal = reply->code[0] ? refusal_parse(reply->code) : REFUSAL_OTHER;
	reply->class = reply->refusal == REFUSAL_OTHER ? class_of_status(status)
						       : refusal_class(reply->refusal);
}

/* ---- successful replies ---- */

static int senseless(struct error *error, const char *reason)
{
	return error_set(error, ERROR_CORRUPT, "the reply makes no sense: %s", reason);
}

/* *ret_root is borrowed from the document, which the caller is done with in any case. */
static int object_parse(const void *body, size_t length, struct document *document,
	const struct value **ret_root, struct error *error)
{
	struct error inner = {0};
	int r = document_parse(body, length, document, &inner);

	if (r == -ERROR_MEMORY || r == -ERROR_LIMIT)
		return error_set(error, (enum error_code) - r, "%s", inner.message);
	if (r < 0)
		return senseless(error, inner.message);
	if (document->values->kind != VALUE_OBJECT || value_member(document->values, "__type"))
		return senseless(
			error, "it is not an object, or an error with the status of a success");
	*ret_root = document->values;
	return 0;
}

static bool is_missing(const struct value *member)
{
	return !member || member->kind == VALUE_NULL;
}

/* A list that is missing is empty; one of another type is senseless. */
static int list_of(const struct value *root, const char *key, const struct value **ret_list,
	struct error *error)
{
	const struct value *member = value_member(root, key);

	if (!is_missing(member) && member->kind != VALUE_LIST)
		return error_set(
			error, ERROR_CORRUPT, "the reply makes no sense: %s is not a list", key);
	*ret_list = is_missing(member) ? NULL : member;
	return 0;
}

static int token_of(const struct value *root, char **ret_token, struct error *error)
{
	const struct value *member = value_member(root, "NextToken");
	const char *text = value_member_text(root, "NextToken");
	char *token = NULL;

	if (!is_missing(member) && !text)
		return senseless(error, "NextToken is not a text");
	if (text && strlen(text) > REPLY_TOKEN_MAX)
		return error_set(error, ERROR_LIMIT, "NextToken is longer than %d characters",
			REPLY_TOKEN_MAX);
	if (text && *text) {
		token = strdup(text);
		if (!token)
			return error_set(error, ERROR_MEMORY, "out of memory");
	}
	*ret_token = token;
	return 0;
}

static bool id_of(
	const struct value *object, const char *key, char kind, char ret_id[SERVICE_ID_SIZE])
{
	const char *id = value_member_text(object, key);

	if (!id || !service_id_valid(id, kind))
		return false;
	memcpy(ret_id, id, SERVICE_ID_SIZE);
	return true;
}

static enum certificate_type type_of(const struct value *object)
{
	const char *text = value_member_text(object, "Type");

	return text ? certificate_type_parse(text) : CERTIFICATE_TYPE_CLIENT_LDAPS;
}

/* Reasons and names for people: no control characters. */
static void words_of(const struct value *object, const char *key, char *ret_text, size_t size)
{
	const char *text = value_member_text(object, key);

	words_copy(text ? text : "", text ? strlen(text) : 0, ret_text, size);
}

static int listing_add(
	struct service_listing *listing, const struct value *element, struct error *error)
{
	struct listed *listed;
	int r = array_reserve(&listing->certificates, &listing->capacity, listing->count,
		sizeof(*listed), OBSERVED_CERTIFICATES_MAX);

	if (r < 0)
		return error_set(error, (enum error_code) - r,
			"the listing has more than %d certificates", OBSERVED_CERTIFICATES_MAX);
	listed = &listing->certificates[listing->count];
	*listed = (struct listed){0};
	if (!id_of(element, "CertificateId", 'c', listed->id))
		return senseless(error, "a certificate without a CertificateId");
	for (size_t i = 0; i < listing->count; i++)
		if (strcmp(listing->certificates[i].id, listed->id) == 0)
			return error_set(error, ERROR_CORRUPT,
				"%s is listed twice: the listing changed while it was read",
				listed->id);
	listed->type = type_of(element);
	listed->state = certificate_state_parse(value_member_text(element, "State"));
	value_member_instant(element, "ExpiryDateTime", &listed->expiry);
	value_member_copy(element, "CommonName", listed->common_name, sizeof(listed->common_name));
	listing->count++;
	return 0;
}

int reply_listing(const void *body, size_t length, struct service_listing *listing,
	char **ret_token, struct error *error)
{
	CLEANUP(document_done) struct document document = {0};
	const struct value *root = NULL;
	const struct value *list = NULL, *one;
	int r = object_parse(body, length, &document, &root, error);

	if (r == 0)
		r = list_of(root, "CertificatesInfo", &list, error);
	for (one = value_first(list); r == 0 && one; one = value_next(list, one))
		r = listing_add(listing, one, error);
	return r == 0 ? token_of(root, ret_token, error) : r;
}

/* Appends the name of a Region to a list apart by spaces; one that is none is left out. */
static void regions_add(const char *region, char *list, size_t size)
{
	size_t used = strlen(list);

	if (region && endpoint_region_valid(region))
		snprintf(list + used, size - used, "%s%s", used > 0 ? " " : "", region);
}

/* RegionsInfo, which directories of one Region need not have. */
static void regions_take(const struct value *element, char ret_list[static SERVICE_REGIONS_SIZE])
{
	const struct value *info = value_member_object(element, "RegionsInfo");
	const struct value *more = value_member(info, "AdditionalRegions"), *one;
	size_t room = SERVICE_REGIONS_SIZE - ENDPOINT_REGION_SIZE - 1;

	ret_list[0] = '\0';
	regions_add(value_member_text(info, "PrimaryRegion"), ret_list, SERVICE_REGIONS_SIZE);
	for (one = value_first(more); one && strlen(ret_list) < room; one = value_next(more, one))
		if (one->kind == VALUE_TEXT)
			regions_add(one->text, ret_list, SERVICE_REGIONS_SIZE);
}

/* Its three texts, in one piece of memory. */
static int texts_take(const struct value *element, struct service_directory *directory)
{
	char name[OBSERVED_NAME_SIZE], reason[OBSERVED_REASON_SIZE], regions[SERVICE_REGIONS_SIZE];
	size_t name_size, reason_size, regions_size;

	words_of(element, "Name", name, sizeof(name));
	words_of(element, "StageReason", reason, sizeof(reason));
	regions_take(element, regions);
	name_size = strlen(name) + 1;
	reason_size = strlen(reason) + 1;
	regions_size = strlen(regions) + 1;
	directory->name = malloc(name_size + reason_size + regions_size);
	if (!directory->name)
		return -ERROR_MEMORY;
	memcpy(directory->name, name, name_size);
	directory->stage_reason = memcpy(directory->name + name_size, reason, reason_size);
	directory->regions =
		memcpy(directory->name + name_size + reason_size, regions, regions_size);
	return 0;
}

static int sweep_add(struct service_sweep *sweep, const struct value *element, struct error *error)
{
	struct service_directory *directory;
	int r = array_reserve(&sweep->directories, &sweep->capacity, sweep->count,
		sizeof(*directory), SERVICE_DIRECTORIES_MAX);

	if (r < 0)
		return error_set(error, (enum error_code) - r, "there are more than %d directories",
			SERVICE_DIRECTORIES_MAX);
	directory = &sweep->directories[sweep->count];
	*directory = (struct service_directory){0};
	if (!id_of(element, "DirectoryId", 'd', directory->id))
		return 0; /* one that nobody can have named does not hide the others */
	directory->type = directory_type_parse(value_member_text(element, "Type"));
	directory->stage = directory_stage_parse(value_member_text(element, "Stage"));
	if (texts_take(element, directory) < 0)
		return error_set(error, ERROR_MEMORY, "out of memory");
	sweep->count++;
	return 0;
}

int reply_directories(const void *body, size_t length, struct service_sweep *sweep,
	char **ret_token, struct error *error)
{
	CLEANUP(document_done) struct document document = {0};
	const struct value *root = NULL;
	const struct value *list = NULL, *one;
	int r = object_parse(body, length, &document, &root, error);

	if (r == 0)
		r = list_of(root, "DirectoryDescriptions", &list, error);
	for (one = value_first(list); r == 0 && one; one = value_next(list, one))
		r = sweep_add(sweep, one, error);
	return r == 0 ? token_of(root, ret_token, error) : r;
}

/* A key or a value with more lines than one would pass for another tag. */
static int tag_append(const struct value *element, const char *key, struct buffer *tags)
{
	const char *text = value_member_text(element, key);
	CLEANUP(free_ptr) char *copy = strdup(text ? text : "");

	if (!copy)
		return -ERROR_MEMORY;
	text_clean(copy);
	return buffer_printf(tags, "%s\n", copy);
}

int reply_tags(
	const void *body, size_t length, struct buffer *tags, char **ret_token, struct error *error)
{
	CLEANUP(document_done) struct document document = {0};
	const struct value *root = NULL;
	const struct value *list = NULL, *one;
	int r = object_parse(body, length, &document, &root, error);

	if (r == 0)
		r = list_of(root, "Tags", &list, error);
	for (one = value_first(list); r == 0 && one; one = value_next(list, one)) {
		if (!value_member_text(one, "Key"))
			return senseless(error, "a tag without a Key");
		if (tag_append(one, "Key", tags) < 0 || tag_append(one, "Value", tags) < 0)
			r = error_set(error, (enum error_code) - buffer_status(tags),
				"the tags are more than %zu bytes", SERVICE_TAGS_SIZE);
	}
	return r == 0 ? token_of(root, ret_token, error) : r;
}

int reply_settings(const void *body, size_t length, struct service_settings *ret_settings,
	char **ret_token, struct error *error)
{
	CLEANUP(document_done) struct document document = {0};
	const struct value *root = NULL;
	struct service_settings settings = {0};
	const struct value *list = NULL, *first;
	int r = object_parse(body, length, &document, &root, error);

	if (r == 0)
		r = list_of(root, "LDAPSSettingsInfo", &list, error);
	if (r == 0 && value_count(list) > 1)
		r = senseless(error, "more than one LDAPS setting of type Client");
	if (r == 0)
		r = token_of(root, ret_token, error);
	if (r < 0)
		return r;
	first = value_first(list);
	settings.found = first && first->kind == VALUE_OBJECT;
	settings.status = ldaps_status_parse(value_member_text(first, "LDAPSStatus"));
	value_member_instant(first, "LastUpdatedDateTime", &settings.updated);
	words_of(first, "LDAPSStatusReason", settings.reason, sizeof(settings.reason));
	*ret_settings = settings;
	return 0;
}

int reply_certificate(const void *body, size_t length, struct service_certificate *ret_certificate,
	struct error *error)
{
	CLEANUP(document_done) struct document document = {0};
	const struct value *root = NULL;
	struct service_certificate certificate = {0};
	const struct value *member;
	int r = object_parse(body, length, &document, &root, error);

	if (r < 0)
		return r;
	member = value_member_object(root, "Certificate");
	certificate.type = type_of(member);
	certificate.state = certificate_state_parse(value_member_text(member, "State"));
	value_member_instant(member, "RegisteredDateTime", &certificate.registered);
	value_member_instant(member, "ExpiryDateTime", &certificate.expiry);
	words_of(member, "StateReason", certificate.state_reason, sizeof(certificate.state_reason));
	*ret_certificate = certificate;
	return 0;
}

int reply_registered(
	const void *body, size_t length, char ret_id[static SERVICE_ID_SIZE], struct error *error)
{
	CLEANUP(document_done) struct document document = {0};
	const struct value *root = NULL;
	int r = object_parse(body, length, &document, &root, error);

	if (r < 0)
		return r;
	return id_of(root, "CertificateId", 'c', ret_id)
		       ? 0
		       : senseless(error, "RegisterCertificate gave no CertificateId");
}

int reply_empty(const void *body, size_t length, struct error *error)
{
	CLEANUP(document_done) struct document document = {0};
	const struct value *root = NULL;
	const char *text = body;

	for (size_t i = 0; i < length; i++)
		if (!isspace((unsigned char)text[i]))
			return object_parse(body, length, &document, &root, error);
	return 0;
}
