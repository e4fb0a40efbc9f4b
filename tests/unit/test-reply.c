/* SPDX-License-Identifier: Apache-2.0 */
/* Replies of the Directory Service in the forms that it, gateways and proxies give them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "edge/reply.h"

/* Larger than any of the files. Bytes. */
#define FILE_MAX 65536

static char bytes[FILE_MAX];

static size_t load(const char *name)
{
	char path[1024];
	FILE *file;
	size_t length;

	assert_true(snprintf(path, sizeof(path), "%s/%s", REPLIES, name) < (int)sizeof(path));
	file = fopen(path, "rb");
	if (!file)
		fail_msg("%s cannot be read", path);
	length = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	return length;
}

static struct service_listing listing_of(const char *name, char **ret_token)
{
	struct service_listing listing = {0};
	struct error error = {0};
	size_t length = load(name);

	if (reply_listing(bytes, length, &listing, ret_token, &error) < 0)
		fail_msg("%s: %s", name, error.message);
	return listing;
}

static void listing_has_every_state_and_form_of_time(void **state)
{
	static const enum certificate_state states[] = {CERTIFICATE_STATE_REGISTERING,
		CERTIFICATE_STATE_REGISTERED, CERTIFICATE_STATE_REGISTER_FAILED,
		CERTIFICATE_STATE_DEREGISTERING, CERTIFICATE_STATE_DEREGISTERED,
		CERTIFICATE_STATE_DEREGISTER_FAILED};
	char *token = NULL;
	struct service_listing listing = listing_of("list-every-state.json", &token);

	(void)state;
	assert_int_equal(listing.count, ARRAY_LENGTH(states));
	assert_null(token);
	for (size_t i = 0; i < listing.count; i++) {
		assert_int_equal(listing.certificates[i].state, states[i]);
		assert_int_equal(listing.certificates[i].expiry, 1800000000);
		assert_int_equal(listing.certificates[i].type, CERTIFICATE_TYPE_CLIENT_LDAPS);
		assert_string_equal(listing.certificates[i].common_name, "Corp Root");
	}
	service_listing_done(&listing);
}

static void listing_takes_what_is_missing_or_new(void **state)
{
	static const struct {
		const char *file;
		size_t count;
		enum certificate_type type;
		enum certificate_state state;
		int64_t expiry;
		const char *name;
		const char *token;
	} cases[] = {
		{"list-registered.json", 1, CERTIFICATE_TYPE_CLIENT_LDAPS,
			CERTIFICATE_STATE_REGISTERED, 1715848629, "unused", NULL},
		{"list-unknown-words.json", 1, CERTIFICATE_TYPE_UNKNOWN, CERTIFICATE_STATE_UNKNOWN,
			0, "", NULL},
		{"list-missing-members.json", 1, CERTIFICATE_TYPE_CLIENT_LDAPS,
			CERTIFICATE_STATE_UNKNOWN, 0, "", NULL},
		{"list-unicode-name.json", 1, CERTIFICATE_TYPE_CLIENT_LDAPS,
			CERTIFICATE_STATE_REGISTERED, 0, "Z\u00fcrich \u2603 \U0001f600", NULL},
		{"list-empty.json", 0, 0, 0, 0, NULL, NULL},
		{"list-nothing.json", 0, 0, 0, 0, NULL, NULL},
		{"list-null.json", 0, 0, 0, 0, NULL, NULL},
		{"list-page.json", 1, CERTIFICATE_TYPE_CLIENT_LDAPS, CERTIFICATE_STATE_UNKNOWN, 0,
			"", "AAAAAAA/+=\u00e9"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char *token = NULL;
		struct service_listing listing = listing_of(cases[i].file, &token);

		assert_int_equal(listing.count, cases[i].count);
		if (listing.count > 0) {
			assert_int_equal(listing.certificates[0].type, cases[i].type);
			assert_int_equal(listing.certificates[0].state, cases[i].state);
			assert_int_equal(listing.certificates[0].expiry, cases[i].expiry);
			assert_string_equal(listing.certificates[0].common_name, cases[i].name);
		}
		assert_string_equal(token ? token : "", cases[i].token ? cases[i].token : "");
		free(token);
		service_listing_done(&listing);
	}
}

static void listing_cuts_a_long_name_between_characters(void **state)
{
	char *token = NULL;
	struct service_listing listing = listing_of("list-long-name.json", &token);

	(void)state;
	assert_int_equal(strlen(listing.certificates[0].common_name), 256);
	service_listing_done(&listing);
	listing = listing_of("list-odd-times.json", &token);
	assert_int_equal(listing.certificates[0].expiry, -1);
	assert_int_equal(listing.certificates[1].expiry, 0);
	assert_int_equal(listing.certificates[3].expiry, INT64_C(4102444800));
	service_listing_done(&listing);
}

/* Every file that is named bad-*: no reader takes it, and each says why. */
static void senseless_replies_are_refused(void **state)
{
	DIR *directory = opendir(REPLIES);
	size_t seen = 0;

	(void)state;
	assert_non_null(directory);
	for (struct dirent *entry; (entry = readdir(directory));) {
		const char *name = entry->d_name;
		struct service_listing listing = {0};
		struct service_settings settings = {0};
		struct error error = {0};
		char *token = NULL;
		size_t length;
		int r;

		if (strncmp(name, "bad-", 4) != 0)
			continue;
		length = load(name);
		if (strncmp(name, "bad-settings", 12) == 0)
			r = reply_settings(bytes, length, &settings, &token, &error);
		else
			r = reply_listing(bytes, length, &listing, &token, &error);
		if (r != -ERROR_CORRUPT && r != -ERROR_LIMIT)
			fail_msg("%s was taken", name);
		assert_true(error.message[0] != '\0');
		assert_null(token);
		service_listing_done(&listing);
		seen++;
	}
	closedir(directory);
	assert_true(seen > 10);
}

static void settings_tell_never_from_disabled(void **state)
{
	static const struct {
		const char *file;
		bool found;
		enum ldaps_status status;
		const char *reason;
		int64_t updated;
	} cases[] = {
		{"settings-enabled.json", true, LDAPS_STATUS_ENABLED,
			"LDAPS is enabled successfully.", 1589321436},
		{"settings-never.json", false, LDAPS_STATUS_UNKNOWN, "", 0},
		{"settings-unknown.json", true, LDAPS_STATUS_UNKNOWN, "", 0},
		{"settings-failed.json", true, LDAPS_STATUS_ENABLE_FAILED,
			"No domain controller  answered.", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct service_settings settings = {0};
		char *token = NULL;
		size_t length = load(cases[i].file);

		assert_int_equal(reply_settings(bytes, length, &settings, &token, NULL), 0);
		assert_int_equal(settings.found, cases[i].found);
		assert_int_equal(settings.status, cases[i].status);
		assert_string_equal(settings.reason, cases[i].reason);
		assert_int_equal(settings.updated, cases[i].updated);
		assert_null(token);
	}
}

static void certificate_has_a_reason_on_success_too(void **state)
{
	struct service_certificate certificate = {0};
	size_t length = load("certificate-failed.json");

	(void)state;
	assert_int_equal(reply_certificate(bytes, length, &certificate, NULL), 0);
	assert_int_equal(certificate.state, CERTIFICATE_STATE_REGISTER_FAILED);
	assert_string_equal(certificate.state_reason, "The certificate could not be installed.");
	assert_int_equal(certificate.registered, 1689661371);
	length = load("certificate-registered.json");
	assert_int_equal(reply_certificate(bytes, length, &certificate, NULL), 0);
	assert_int_equal(certificate.state, CERTIFICATE_STATE_REGISTERED);
	assert_int_equal(certificate.registered, 1481749250);
}

static void directories_are_described(void **state)
{
	struct service_sweep sweep = {0};
	char *token = NULL;
	size_t length = load("directories.json");

	(void)state;
	assert_int_equal(reply_directories(bytes, length, &sweep, &token, NULL), 0);
	assert_int_equal(sweep.count, 3);
	assert_string_equal(token, "next");
	assert_string_equal(sweep.directories[0].id, "d-926708e4f1");
	assert_string_equal(sweep.directories[0].name, "corp.example.com");
	assert_int_equal(sweep.directories[0].type, DIRECTORY_TYPE_MICROSOFT_AD);
	assert_int_equal(sweep.directories[0].stage, DIRECTORY_STAGE_ACTIVE);
	assert_string_equal(sweep.directories[0].regions, "eu-west-1 eu-central-1");
	assert_string_equal(sweep.directories[1].regions, "");
	assert_int_equal(sweep.directories[1].stage, DIRECTORY_STAGE_IMPAIRED);
	assert_string_equal(sweep.directories[1].stage_reason, "One domain controller is down.");
	assert_int_equal(sweep.directories[2].type, DIRECTORY_TYPE_UNKNOWN);
	assert_int_equal(sweep.directories[2].stage, DIRECTORY_STAGE_UNKNOWN);
	free(token);
	service_sweep_done(&sweep);
}

/* One element that makes no sense is no reason to know nothing of the others. */
static void odd_directories_are_skipped(void **state)
{
	struct service_sweep sweep = {0};
	char *token = NULL;
	size_t length = load("directories-odd-elements.json");

	(void)state;
	assert_int_equal(reply_directories(bytes, length, &sweep, &token, NULL), 0);
	assert_int_equal(sweep.count, 1);
	assert_string_equal(sweep.directories[0].id, "d-926708e4f1");
	assert_null(token);
	service_sweep_done(&sweep);
}

static void empty_results_have_many_forms(void **state)
{
	static const struct {
		const char *body;
		int r;
	} cases[] = {{"", 0}, {"{}", 0}, {" \r\n\t", 0}, {"{\"New\":1}", 0},
		{"<html></html>", -ERROR_CORRUPT}, {"[]", -ERROR_CORRUPT},
		{"{\"__type\":\"X\"}", -ERROR_CORRUPT}};
	char id[SERVICE_ID_SIZE] = "";

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		assert_int_equal(
			reply_empty(cases[i].body, strlen(cases[i].body), NULL), cases[i].r);
	assert_int_equal(reply_registered(bytes, load("registered.json"), id, NULL), 0);
	assert_string_equal(id, "c-0123456789");
	assert_int_equal(reply_registered("{}", 2, id, NULL), -ERROR_CORRUPT);
	assert_int_equal(reply_registered("", 0, id, NULL), -ERROR_CORRUPT);
}

static const struct {
	const char *what;
	const char *file; /* NULL: no body */
	const char *header;
	long status;
	enum refusal refusal;
	enum refusal_class class;
	const char *code, *message, *request_id;
} refusal_cases[] = {
	{"a modelled error; the request id goes from the message", "error-modelled.json", "", 400,
		REFUSAL_UnsupportedOperationException, REFUSAL_PERMANENT,
		"UnsupportedOperationException",
		"LDAPS operations are not supported for this Directory Type.",
		"6238d084-f28d-42a7-876a-684b0ec0d999"},
	{"a namespace", "error-namespace.json", "", 400, REFUSAL_DirectoryDoesNotExistException,
		REFUSAL_PERMANENT, "DirectoryDoesNotExistException",
		"Directory d-926708e4f1 does not exist.", ""},
	{"a colon and a URL", "error-colon.json", "", 400, REFUSAL_ThrottlingException,
		REFUSAL_THROTTLE, "ThrottlingException", "Rate exceeded", ""},
	{"both, and message is null", "error-both.json", "", 400, REFUSAL_ValidationException,
		REFUSAL_PERMANENT, "ValidationException", "1 validation error", ""},
	{"no message", "error-no-message.json", "", 403, REFUSAL_UnrecognizedClientException,
		REFUSAL_CREDENTIALS, "UnrecognizedClientException", "", ""},
	{"the body goes before the header", "error-no-message.json", "Throttling", 403,
		REFUSAL_UnrecognizedClientException, REFUSAL_CREDENTIALS,
		"UnrecognizedClientException", "", ""},
	{"the header alone", NULL, "ThrottlingException:http://x/", 400,
		REFUSAL_ThrottlingException, REFUSAL_THROTTLE, "ThrottlingException", "", ""},
	{"the header beside an empty object", "error-nothing.json",
		"com.amazon#AccessDeniedException", 400, REFUSAL_AccessDeniedException,
		REFUSAL_PERMANENT, "AccessDeniedException", "", ""},
	{"an unknown code is permanent", "error-unknown.json", "", 400, REFUSAL_OTHER,
		REFUSAL_PERMANENT, "BrandNewException", "Surprise", ""},
	{"but not with a status that passes", "error-unknown.json", "", 500, REFUSAL_OTHER,
		REFUSAL_TRANSIENT, "BrandNewException", "Surprise", ""},
	{"the limit of certificates is no throttle", "error-not-a-throttle.json", "", 400,
		REFUSAL_CertificateLimitExceededException, REFUSAL_PERMANENT,
		"CertificateLimitExceededException", "Limit of 5.", ""},
	{"the code counts, not the status", "error-namespace.json", "", 500,
		REFUSAL_DirectoryDoesNotExistException, REFUSAL_PERMANENT,
		"DirectoryDoesNotExistException", "Directory d-926708e4f1 does not exist.", ""},
	{"a message that quotes what was signed is cut", "error-signature.json", "", 403,
		REFUSAL_SignatureDoesNotMatch, REFUSAL_CREDENTIALS, "SignatureDoesNotMatch",
		"The request signature we calculated does not match the signature you "
		"provided. The ...",
		""},
	{"so is one that quotes the header", "error-incomplete.json", "", 403, REFUSAL_OTHER,
		REFUSAL_PERMANENT, "IncompleteSignatureException",
		"Credential must have 5 elements: ...", ""},
	{"a request id that is none stays", "error-request-id-inside.json", "", 400,
		REFUSAL_ClientException, REFUSAL_PERMANENT, "ClientException",
		"RequestId of the peer was lost.", ""},
	{"control characters go", "error-odd-code.json", "", 400, REFUSAL_OTHER, REFUSAL_PERMANENT,
		"Bad", "a [31mb", ""},
	{"members of other types are none", "error-number.json", "", 400, REFUSAL_OTHER,
		REFUSAL_PERMANENT, "", "", ""},
	{"XML", "error.xml", "", 403, REFUSAL_SignatureDoesNotMatch, REFUSAL_CREDENTIALS,
		"SignatureDoesNotMatch",
		"The request signature we calculated ? yours do not match.",
		"11111111-2222-3333-4444-555555555555"},
	{"XML that is cut", "error-cut.xml", "", 500, REFUSAL_OTHER, REFUSAL_TRANSIENT, "", "", ""},
	{"HTML", "error.html", "", 500, REFUSAL_OTHER, REFUSAL_TRANSIENT, "",
		"500 Internal Server Error", ""},
	{"text of a gateway", "error-plain.html", "", 503, REFUSAL_OTHER, REFUSAL_TRANSIENT, "", "",
		""},
	{"nothing, 502", NULL, "", 502, REFUSAL_OTHER, REFUSAL_TRANSIENT, "", "", ""},
	{"nothing, 504", NULL, "", 504, REFUSAL_OTHER, REFUSAL_TRANSIENT, "", "", ""},
	{"nothing, 408", NULL, "", 408, REFUSAL_OTHER, REFUSAL_TRANSIENT, "", "", ""},
	{"nothing, 429", NULL, "", 429, REFUSAL_OTHER, REFUSAL_THROTTLE, "", "", ""},
	{"nothing, 509", NULL, "", 509, REFUSAL_OTHER, REFUSAL_THROTTLE, "", "", ""},
	{"nothing, 403", NULL, "", 403, REFUSAL_OTHER, REFUSAL_PERMANENT, "", "", ""},
	{"a redirect", NULL, "", 301, REFUSAL_OTHER, REFUSAL_PERMANENT, "", "", ""},
};

static void refusals_are_classed_by_code(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(refusal_cases); i++) {
		struct service_reply reply = {0};
		size_t length = refusal_cases[i].file ? load(refusal_cases[i].file) : 0;

		print_message("%s\n", refusal_cases[i].what);
		reply_refusal(refusal_cases[i].status, refusal_cases[i].header,
			length ? bytes : NULL, length, &reply);
		assert_int_equal(reply.status, refusal_cases[i].status);
		assert_string_equal(reply.code, refusal_cases[i].code);
		assert_int_equal(reply.refusal, refusal_cases[i].refusal);
		assert_int_equal(reply.class, refusal_cases[i].class);
		assert_string_equal(reply.message, refusal_cases[i].message);
		assert_string_equal(reply.request_id, refusal_cases[i].request_id);
	}
}

/* Each code of the vocabulary, in each spelling, is found and has its own class. */
static void every_code_is_found_in_every_spelling(void **state)
{
	static const char *const forms[] = {"{\"__type\":\"%s\"}",
		"{\"__type\":\"com.amazonaws.directoryservice#%s\"}",
		"{\"__type\":\"%s:http://internal.amazon.com/\"}",
		"<Error><Code>%s</Code></Error>"};

	(void)state;
	for (int refusal = REFUSAL_NONE + 1; refusal < REFUSAL_OTHER; refusal++)
		for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) {
			struct service_reply reply = {0};
			char body[256];
			int length;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			length = snprintf(
				body, sizeof(body), forms[i], refusal_str((enum refusal)refusal));
#pragma GCC diagnostic pop
			reply_refusal(400, "", body, (size_t)length, &reply);
			assert_int_equal(reply.refusal, refusal);
			assert_int_equal(reply.class, refusal_class((enum refusal)refusal));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listing_has_every_state_and_form_of_time),
		cmocka_unit_test(listing_takes_what_is_missing_or_new),
		cmocka_unit_test(listing_cuts_a_long_name_between_characters),
		cmocka_unit_test(senseless_replies_are_refused),
		cmocka_unit_test(settings_tell_never_from_disabled),
		cmocka_unit_test(certificate_has_a_reason_on_success_too),
		cmocka_unit_test(directories_are_described),
		cmocka_unit_test(odd_directories_are_skipped),
		cmocka_unit_test(empty_results_have_many_forms),
		cmocka_unit_test(refusals_are_classed_by_code),
		cmocka_unit_test(every_code_is_found_in_every_spelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
