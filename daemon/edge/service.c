/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/service.h"

#include <stdlib.h>
#include <string.h>

#include "edge/clock.h"
#include "edge/exchange.h"
#include "edge/json.h"
#include "edge/pages.h"
#include "edge/reply.h"

/* A request's body: a PEM with its escapes, or a NextToken. Bytes. */
#define BODY_MAX ((size_t)4 * REPLY_TOKEN_MAX)

struct service *service_new(const struct service_options *options)
{
	struct service *service = calloc(1, sizeof(*service));

	if (service)
		service->http = http_new(
			options->share, options->limits, options->endpoint->bundle, options->stop);
	if (!service || !service->http) {
		free(service);
		return NULL;
	}
	service->endpoint = *options->endpoint;
	service->provider = options->provider;
	service->hooks = options->hooks;
	retry_init(&service->own);
	service->retry = options->retry ? options->retry : &service->own;
	service->call_ms = options->call_ms > 0 && options->call_ms < SERVICE_CALL_MS
				   ? options->call_ms
				   : SERVICE_CALL_MS;
	return service;
}

void service_open(struct service *service)
{
	http_open(service->http, &(struct http_request){.url = service->endpoint.url,
					 .loopback = service->endpoint.loopback});
}

void service_free(struct service *service)
{
	if (!service)
		return;
	http_free(service->http);
	credentials_done(&service->credentials);
	free(service);
}

int64_t service_reply_now(const struct service_reply *reply)
{
	return reply->date != 0 ? reply->date + clock_elapsed() - reply->date_arrived : clock_now();
}

struct service_counters service_counters(const struct service *service)
{
	struct service_counters counters = service->counters;

	counters.connections = http_connections(service->http);
	return counters;
}

/* ---- values ---- */

void service_sweep_done(struct service_sweep *sweep)
{
	if (!sweep)
		return;
	for (size_t i = 0; i < sweep->count; i++) {
		free(sweep->directories[i].name);
		free(sweep->directories[i].tags);
	}
	free(sweep->directories);
	*sweep = (struct service_sweep){0};
}

static int directory_compare(const void *a, const void *b)
{
	const struct service_directory *one = a, *other = b;

	return strcmp(one->id, other->id);
}

const struct service_directory *service_sweep_find(
	const struct service_sweep *sweep, const char *id)
{
	struct service_directory key = {0};

	if (sweep->count == 0 || strlen(id) >= sizeof(key.id))
		return NULL;
	memcpy(key.id, id, strlen(id) + 1);
	return bsearch(&key, sweep->directories, sweep->count, sizeof(key), directory_compare);
}

void service_listing_done(struct service_listing *listing)
{
	if (!listing)
		return;
	free(listing->certificates);
	*listing = (struct service_listing){0};
}

static int listed_compare(const void *a, const void *b)
{
	const struct listed *one = a, *other = b;

	return strcmp(one->id, other->id);
}

/* ---- bodies ---- */

/* Takes `value` over. */
static int body_make(json_t *value, struct buffer *body, struct error *error)
{
	int r = -ERROR_MEMORY;

	buffer_init(body, BODY_MAX);
	if (value)
		r = json_append(body, value);
	json_decref(value);
	return r < 0 ? error_set(error, (enum error_code) - r, "the request cannot be made") : 0;
}

static int call_begin(struct call *call, struct service *service, enum operation operation,
	const char *directory, struct service_reply *ret_reply, struct error *error)
{
	int64_t time =
		operation == OPERATION_DESCRIBE_DIRECTORIES ? SERVICE_SWEEP_MS : service->call_ms;

	*ret_reply = (struct service_reply){.retry_after_ms = -1};
	*call = (struct call){.service = service,
		.operation = operation,
		.subject = directory,
		.end_ms = clock_monotonic_ms() + time,
		.reply = ret_reply,
		.error = error};
	service->counters.calls++;
	service->paced_ms = 0;
	if (directory && !service_id_valid(directory, 'd'))
		return error_set(error, ERROR_INVALID,
			"%s: not a directory id: 'd-' and ten hexadecimal digits are allowed",
			operation_str(operation));
	return 0;
}

/* ---- reads ---- */

static void listing_ask(const struct call *call, struct buffer *body)
{
	buffer_printf(body, "\"DirectoryId\":\"%s\",\"Limit\":%d", call->subject, SERVICE_PAGE_MAX);
}

static int listing_take(
	void *result, const void *body, size_t length, char **ret_token, struct error *error)
{
	return reply_listing(body, length, result, ret_token, error);
}

static void listing_clear(void *result)
{
	service_listing_done(result);
}

int service_list_certificates(struct service *service, const char *directory,
	struct service_listing *ret_listing, struct service_reply *ret_reply, struct error *error)
{
	struct error local = {0};
	struct service_listing listing = {0};
	struct pager pager = {
		SERVICE_LIST_PAGES_MAX, listing_ask, listing_take, listing_clear, &listing};
	struct call call;
	int r = call_begin(&call, service, OPERATION_LIST_CERTIFICATES, directory, ret_reply,
		error ? error : &local);

	if (r == 0)
		r = pages_read(&call, &pager);
	if (r < 0)
		return r;
	if (listing.count > 1)
		qsort(listing.certificates, listing.count, sizeof(listing.certificates[0]),
			listed_compare);
	*ret_listing = listing;
	return 0;
}

static void settings_ask(const struct call *call, struct buffer *body)
{
	buffer_printf(body, "\"DirectoryId\":\"%s\",\"Type\":\"Client\"", call->subject);
}

static int settings_take(
	void *result, const void *body, size_t length, char **ret_token, struct error *error)
{
	struct service_settings *settings = result, taken = {0};
	int r = reply_settings(body, length, &taken, ret_token, error);

	if (r == 0 && taken.found && settings->found)
		return error_set(error, ERROR_CORRUPT,
			"the reply makes no sense: more than one LDAPS setting of type Client");
	if (r == 0 && taken.found)
		*settings = taken;
	return r;
}

static void settings_clear(void *result)
{
	*(struct service_settings *)result = (struct service_settings){0};
}

int service_describe_ldaps_settings(struct service *service, const char *directory,
	struct service_settings *ret_settings, struct service_reply *ret_reply, struct error *error)
{
	struct error local = {0};
	struct service_settings settings = {0};
	struct pager pager = {
		SERVICE_LIST_PAGES_MAX, settings_ask, settings_take, settings_clear, &settings};
	struct call call;
	int r = call_begin(&call, service, OPERATION_DESCRIBE_LDAPS_SETTINGS, directory, ret_reply,
		error ? error : &local);

	if (r == 0)
		r = pages_read(&call, &pager);
	if (r == 0)
		*ret_settings = settings;
	return r;
}

/* An empty DirectoryIds is refused by the service: it is left out instead. */
static void sweep_ask(const struct call *call, struct buffer *body)
{
	if (call->subject)
		buffer_printf(body, "\"DirectoryIds\":[\"%s\"]", call->subject);
}

static int sweep_take(
	void *result, const void *body, size_t length, char **ret_token, struct error *error)
{
	return reply_directories(body, length, result, ret_token, error);
}

static void sweep_clear(void *result)
{
	service_sweep_done(result);
}

/* Sorts, and refuses a directory that came twice: the sweep changed while it was read. */
static int sweep_finish(const struct call *call, struct service_sweep *sweep)
{
	if (sweep->count > 1)
		qsort(sweep->directories, sweep->count, sizeof(sweep->directories[0]),
			directory_compare);
	for (size_t i = 1; i < sweep->count; i++)
		if (strcmp(sweep->directories[i - 1].id, sweep->directories[i].id) == 0) {
			call->reply->class = REFUSAL_TRANSIENT;
			error_set(call->error, ERROR_CORRUPT,
				"the reply makes no sense: %s came twice",
				sweep->directories[i].id);
			return call_prefix(call);
		}
	sweep->arrived = call->reply->arrived;
	sweep->date = call->reply->date;
	sweep->date_arrived = call->reply->date_arrived;
	sweep->skew = call->reply->skew;
	sweep->dated = call->reply->dated;
	return 0;
}

int service_describe_directories(struct service *service, const char *directory,
	struct service_sweep *ret_sweep, struct service_reply *ret_reply, struct error *error)
{
	struct error local = {0};
	struct service_sweep sweep = {0};
	struct pager pager = {SERVICE_SWEEP_PAGES_MAX, sweep_ask, sweep_take, sweep_clear, &sweep};
	struct call call;
	int r = call_begin(&call, service, OPERATION_DESCRIBE_DIRECTORIES, directory, ret_reply,
		error ? error : &local);

	if (r == 0)
		r = pages_read(&call, &pager);
	if (r == 0)
		r = sweep_finish(&call, &sweep);
	if (r == 0)
		*ret_sweep = sweep;
	else
		service_sweep_done(&sweep);
	return r;
}

/* A sweep that is handed on page by page. */
struct handing {
	const struct call *call;
	int (*take)(void *context, struct service_sweep *page);
	void *context;
};

static int handing_take(
	void *result, const void *body, size_t length, char **ret_token, struct error *error)
{
	const struct handing *handing = result;
	struct service_sweep page = {0};
	int r = reply_directories(body, length, &page, ret_token, error);

	if (r == 0)
		r = sweep_finish(handing->call, &page);
	if (r == 0)
		r = handing->take(handing->context, &page);
	service_sweep_done(&page);
	if (r == 0 && *ret_token)
		handing->call->reply->arrived = 0; /* the next page has facts of its own */
	return r;
}

static void handing_clear(void *result)
{
	(void)result; /* what was handed on is not ours any more */
}

int service_sweep_pages(struct service *service,
	int (*take)(void *context, struct service_sweep *page), void *context,
	struct service_reply *ret_reply, struct error *error)
{
	struct error local = {0};
	struct call call;
	struct handing handing = {&call, take, context};
	struct pager pager = {
		SERVICE_SWEEP_PAGES_MAX, sweep_ask, handing_take, handing_clear, &handing};
	int r = call_begin(&call, service, OPERATION_DESCRIBE_DIRECTORIES, NULL, ret_reply,
		error ? error : &local);

	return r == 0 ? pages_read(&call, &pager) : r;
}

static void tags_ask(const struct call *call, struct buffer *body)
{
	buffer_printf(body, "\"ResourceId\":\"%s\"", call->subject);
}

static int tags_take(
	void *result, const void *body, size_t length, char **ret_token, struct error *error)
{
	return reply_tags(body, length, result, ret_token, error);
}

static void tags_clear(void *result)
{
	buffer_clear(result);
}

int service_list_tags(struct service *service, const char *directory, char **ret_tags,
	struct service_reply *ret_reply, struct error *error)
{
	struct error local = {0};
	struct buffer tags;
	struct pager pager = {SERVICE_TAG_PAGES_MAX, tags_ask, tags_take, tags_clear, &tags};
	struct call call;
	int r = call_begin(&call, service, OPERATION_LIST_TAGS_FOR_RESOURCE, directory, ret_reply,
		error ? error : &local);

	buffer_init(&tags, SERVICE_TAGS_SIZE);
	if (r == 0)
		r = pages_read(&call, &pager);
	if (r == 0) {
		char *text = tags.length > 0 ? buffer_steal(&tags) : strdup("");

		if (text)
			*ret_tags = text;
		else
			r = error_set(call.error, ERROR_MEMORY, "out of memory");
	}
	buffer_done(&tags);
	return r;
}

/* ---- calls of one request ---- */

/* Sends `value` (taken over) and gives the reply's body in *ret_http. */
static int call_once(const struct call *call, json_t *value, struct http_reply *ret_http)
{
	struct buffer body;
	int r = body_make(value, &body, call->error);

	r = r < 0 ? call_prefix(call) : exchange(call, &body, ret_http);
	buffer_done(&body);
	return r;
}

static int certificate_valid_id(const char *certificate, struct error *error)
{
	if (service_id_valid(certificate, 'c'))
		return 0;
	return error_set(error, ERROR_INVALID,
		"not a certificate id: 'c-' and ten hexadecimal digits are allowed");
}

int service_describe_certificate(struct service *service, const char *directory,
	const char *certificate, struct service_certificate *ret_certificate,
	struct service_reply *ret_reply, struct error *error)
{
	struct error local = {0};
	struct http_reply http = {0};
	struct call call;
	int r = call_begin(&call, service, OPERATION_DESCRIBE_CERTIFICATE, directory, ret_reply,
		error ? error : &local);

	if (r == 0)
		r = certificate_valid_id(certificate, call.error);
	if (r == 0)
		r = call_once(&call,
			json_pack("{s:s, s:s}", "DirectoryId", directory, "CertificateId",
				certificate),
			&http);
	if (r < 0)
		return r;
	r = reply_certificate(
		buffer_text(&http.body), http.body.length, ret_certificate, call.error);
	http_reply_done(&http);
	if (r < 0) {
		ret_reply->class = REFUSAL_TRANSIENT;
		call_prefix(&call);
	}
	return r;
}

/* ---- writes ---- */

/* After a reply of status 2xx: executed if it makes sense, otherwise who knows who answered. */
static int write_finish(const struct call *call, int r)
{
	call->reply->outcome = r < 0 ? SERVICE_UNKNOWN : SERVICE_EXECUTED;
	if (r < 0) {
		call->reply->class = REFUSAL_TRANSIENT;
		call_prefix(call);
	}
	return r;
}

/* Takes `value` over. */
static int write_empty(struct call *call, int64_t deadline, json_t *value)
{
	struct http_reply http = {0};
	int r;

	call->deadline = deadline;
	r = call_once(call, value, &http);
	if (r < 0)
		return r;
	r = reply_empty(buffer_text(&http.body), http.body.length, call->error);
	http_reply_done(&http);
	return write_finish(call, r);
}

int service_register_certificate(struct service *service, const char *directory, const char *pem,
	int64_t deadline, char ret_id[static SERVICE_ID_SIZE], struct service_reply *ret_reply,
	struct error *error)
{
	struct error local = {0};
	struct http_reply http = {0};
	size_t length = strnlen(pem, SERVICE_PEM_MAX + 1);
	struct call call;
	int r = call_begin(&call, service, OPERATION_REGISTER_CERTIFICATE, directory, ret_reply,
		error ? error : &local);

	if (r < 0)
		return r;
	if (length == 0 || length > SERVICE_PEM_MAX)
		return error_set(call.error, ERROR_INVALID,
			"the certificate is not 1 to %d characters of PEM", SERVICE_PEM_MAX);
	call.deadline = deadline;
	r = call_once(&call,
		json_pack("{s:s, s:s, s:s}", "DirectoryId", directory, "CertificateData", pem,
			"Type", certificate_type_str(CERTIFICATE_TYPE_CLIENT_LDAPS)),
		&http);
	if (r < 0)
		return r;
	r = reply_registered(buffer_text(&http.body), http.body.length, ret_id, call.error);
	http_reply_done(&http);
	return write_finish(&call, r);
}

int service_deregister_certificate(struct service *service, const char *directory,
	const char *certificate, int64_t deadline, struct service_reply *ret_reply,
	struct error *error)
{
	struct error local = {0};
	struct call call;
	int r = call_begin(&call, service, OPERATION_DEREGISTER_CERTIFICATE, directory, ret_reply,
		error ? error : &local);

	if (r == 0)
		r = certificate_valid_id(certificate, call.error);
	if (r < 0)
		return r;
	r = write_empty(&call, deadline,
		json_pack("{s:s, s:s}", "DirectoryId", directory, "CertificateId", certificate));
	if (r < 0 && ret_reply->refusal == REFUSAL_CertificateDoesNotExistException) {
		ret_reply->outcome = SERVICE_EXECUTED;
		return 0;
	}
	return r;
}

static int switch_ldaps(struct service *service, enum operation operation, const char *directory,
	int64_t deadline, struct service_reply *ret_reply, struct error *error)
{
	struct error local = {0};
	struct call call;
	int r = call_begin(&call, service, operation, directory, ret_reply, error ? error : &local);

	if (r < 0)
		return r;
	return write_empty(&call, deadline,
		json_pack("{s:s, s:s}", "DirectoryId", directory, "Type", "Client"));
}

int service_enable_ldaps(struct service *service, const char *directory, int64_t deadline,
	struct service_reply *ret_reply, struct error *error)
{
	return switch_ldaps(service, OPERATION_ENABLE_LDAPS, directory, deadline, ret_reply, error);
}

int service_disable_ldaps(struct service *service, const char *directory, int64_t deadline,
	struct service_reply *ret_reply, struct error *error)
{
	return switch_ldaps(
		service, OPERATION_DISABLE_LDAPS, directory, deadline, ret_reply, error);
}
