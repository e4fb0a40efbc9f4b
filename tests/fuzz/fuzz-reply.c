/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as any reply, with any status: results are whole and bounded, or the error says why. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "edge/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		abort();
}

static void check_result(int r, const struct error *error)
{
	check(r == 0 ? error->code == 0 : error->code == r && error->message[0] != '\0');
}

static bool is_text(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static void try_listing(const uint8_t *data, size_t size)
{
	struct service_listing listing = {0};
	struct error error = {0};
	char *token = NULL;

	check_result(reply_listing(data, size, &listing, &token, &error), &error);
	check(listing.count <= OBSERVED_CERTIFICATES_MAX);
	for (size_t i = 0; i < listing.count; i++) {
		check(service_id_valid(listing.certificates[i].id, 'c'));
		check(is_text(listing.certificates[i].common_name, CERTIFICATE_NAME_SIZE));
	}
	check(!token || (*token && error.code == 0));
	free(token);
	service_listing_done(&listing);
}

static void try_directories(const uint8_t *data, size_t size)
{
	struct service_sweep sweep = {0};
	struct error error = {0};
	char *token = NULL;

	check_result(reply_directories(data, size, &sweep, &token, &error), &error);
	for (size_t i = 0; i < sweep.count; i++)
		check(service_id_valid(sweep.directories[i].id, 'd'));
	free(token);
	service_sweep_done(&sweep);
}

static void try_settings(const uint8_t *data, size_t size)
{
	struct service_settings settings = {0};
	struct service_certificate certificate = {0};
	struct error error = {0};
	char *token = NULL;

	check_result(reply_settings(data, size, &settings, &token, &error), &error);
	check(is_text(settings.reason, sizeof(settings.reason)));
	free(token);
	error = (struct error){0};
	check_result(reply_certificate(data, size, &certificate, &error), &error);
	check(is_text(certificate.state_reason, sizeof(certificate.state_reason)));
}

static void try_results(const uint8_t *data, size_t size)
{
	char id[SERVICE_ID_SIZE] = "";
	struct error error = {0};

	check_result(reply_registered(data, size, id, &error), &error);
	check(error.code != 0 ? id[0] == '\0' : service_id_valid(id, 'c'));
	error = (struct error){0};
	check_result(reply_empty(data, size, &error), &error);
}

static void try_refusal(const uint8_t *data, size_t size, long status)
{
	struct service_reply reply = {0};
	char header[64];
	size_t length = size < sizeof(header) - 1 ? size : sizeof(header) - 1;

	memcpy(header, data, length);
	header[length] = '\0';
	reply_refusal(status, header, data, size, &reply);
	check(reply.refusal != REFUSAL_NONE && reply.refusal <= REFUSAL_OTHER);
	check(is_text(reply.code, sizeof(reply.code)));
	check(is_text(reply.message, sizeof(reply.message)));
	check(is_text(reply.request_id, sizeof(reply.request_id)));
	for (const char *text = reply.message; *text; text++)
		check((unsigned char)*text >= ' ' && *text != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_listing(data, size);
	try_directories(data, size);
	try_settings(data, size);
	try_results(data, size);
	try_refusal(data, size, 400);
	try_refusal(data, size, 503);
	return 0;
}
