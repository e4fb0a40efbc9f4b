/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "edge/http.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "edge/clock.h"
#include "edge/crash.h"
#include "edge/environment.h"
#include "edge/http-connection.h"
#include "edge/http-message.h"
#include "edge/signature.h"

/* Header and body of a request: a certificate has 8 kB, a session token some. Bytes. */
#define REQUEST_MAX ((size_t)64 * 1024)
/* What is taken at once: a listing has 800 bytes; one that has more is read in pieces. */
#define READ_SIZE 4096
/* AWS JSON 1.1, and the service's name in the scope of the signature. */
#define CONTENT_TYPE "application/x-amz-json-1.1"
#define SERVICE_NAME "ds"
/* Characters of an application id that go into User-Agent (AWS SDKs). */
#define AGENT_ID_MAX 50

struct http {
	struct http_dial dial;
	char *bundle; /* owned; NULL: the system's CA certificates */
	struct http_limits limits;
	char agent[sizeof(PACKAGE_NAME "/" PACKAGE_VERSION " app/") + AGENT_ID_MAX];
	struct http_connection *kept; /* owned: for the next read; NULL if it is not to be used */
	bool fresh;		      /* nothing has gone over it yet */
	struct error unopened;	      /* why http_open failed, until it is told */
	unsigned long connections;
	struct signature_key key; /* of the last request */
	struct buffer text;	  /* of the request under way; wiped after it */
};

/* ---- one worker's connections ---- */

static void set_agent(struct http *http)
{
	const char *id = environment_text("AWS_SDK_UA_APP_ID");
	size_t length = (size_t)snprintf(
		http->agent, sizeof(http->agent), "%s", PACKAGE_NAME "/" PACKAGE_VERSION);

	if (!id || strlen(id) > AGENT_ID_MAX)
		return;
	length += (size_t)snprintf(http->agent + length, sizeof(http->agent) - length, " app/");
	for (; *id; id++)
		http->agent[length++] =
			isalnum((unsigned char)*id) || strchr("!#$%&'*+-.^_`|~", *id) ? *id : '-';
	http->agent[length] = '\0';
}

static struct http_limits limits_of(const struct http_limits *wanted)
{
	struct http_limits limits = {HTTP_CONNECT_MS, HTTP_TOTAL_MS, HTTP_REPLY_MAX};

	if (wanted && wanted->connect_ms > 0 && wanted->connect_ms < limits.connect_ms)
		limits.connect_ms = wanted->connect_ms;
	if (wanted && wanted->total_ms > 0 && wanted->total_ms < limits.total_ms)
		limits.total_ms = wanted->total_ms;
	if (wanted && wanted->reply_max > 0 && wanted->reply_max < limits.reply_max)
		limits.reply_max = wanted->reply_max;
	return limits;
}

struct http *http_new(struct http_share *share, const struct http_limits *limits,
	const char *bundle, const atomic_bool *stop)
{
	struct http *http = calloc(1, sizeof(*http));

	if (!http)
		return NULL;
	http->bundle = bundle && *bundle ? strdup(bundle) : NULL;
	if (bundle && *bundle && !http->bundle) {
		free(http);
		return NULL;
	}
	http->limits = limits_of(limits);
	http->dial = (struct http_dial){share, http->limits.connect_ms, http->bundle, stop};
	buffer_init(&http->text, REQUEST_MAX);
	set_agent(http);
	return http;
}

void http_free(struct http *http)
{
	if (!http)
		return;
	http_connection_free(http->kept);
	signature_key_done(&http->key);
	buffer_wipe(&http->text);
	free(http->bundle);
	free(http);
}

unsigned long http_connections(const struct http *http)
{
	return http->connections;
}

/* ---- the bytes of a request ---- */

static int add_header(struct buffer *text, const char *name, const char *value)
{
	if (strpbrk(value, "\r\n")) /* it would end the header */
		return -ERROR_INVALID;
	(void)buffer_append_text(text, name);
	(void)buffer_append_text(text, ": ");
	(void)buffer_append_text(text, value);
	return buffer_append_text(text, "\r\n");
}

static const char *content_type(const struct http_request *request)
{
	return request->content_type ? request->content_type : CONTENT_TYPE;
}

/* The value of Authorization, signed by OpenSSL, as the last header. */
static int add_signature(
	struct signature_key *key, const struct signature_request *signing, struct buffer *text)
{
	struct buffer authorization;
	int r;

	buffer_init(&authorization, SIGNATURE_MAX);
	r = signature_append(signing, key, &authorization);
	if (r == 0)
		r = add_header(text, "Authorization", buffer_text(&authorization));
	buffer_wipe(&authorization);
	return r;
}

static int add_date_and_signature(struct http *http, const struct http_request *request)
{
	const char *token = secret_text(&request->credentials->token);
	char date[SIGNATURE_DATE_SIZE];
	const struct signature_request signing = {request->host, content_type(request),
		request->target, request->region,
		request->service ? request->service : SERVICE_NAME, date, request->body,
		request->body_length, request->credentials};
	int r = signature_date(request->date, date);

	if (r == 0 && *token)
		r = add_header(&http->text, "X-Amz-Security-Token", token);
	if (r == 0)
		r = add_header(&http->text, "X-Amz-Date", date);
	if (r == 0)
		r = add_signature(&http->key, &signing, &http->text);
	return r;
}

/* Path and query of a URL whose host libcurl has judged; what follows a '#' is not sent. */
static int add_request_line(struct buffer *text, const struct http_request *request)
{
	static const char *const methods[] = {
		[HTTP_POST] = "POST ", [HTTP_GET] = "GET ", [HTTP_PUT] = "PUT "};
	const char *host = request->url + strcspn(request->url, ":/?#"), *path;

	if (strncmp(host, "://", 3) != 0)
		return -ERROR_INVALID;
	path = host + 3 + strcspn(host + 3, "/?#");
	(void)buffer_append_text(text, methods[request->method]);
	if (*path != '/')
		(void)buffer_append_text(text, "/");
	(void)buffer_append(text, path, strcspn(path, "#"));
	return buffer_append_text(text, " HTTP/1.1\r\n");
}

/* A POST or PUT without a body is one still, of no length; some servers refuse it unless told. */
static int add_body(struct buffer *text, const struct http_request *request)
{
	if (request->method != HTTP_GET || request->body)
		(void)buffer_printf(text, "Content-Length: %zu\r\n", request->body_length);
	(void)buffer_append_text(text, "\r\n");
	return request->body_length ? buffer_append(text, request->body, request->body_length)
				    : buffer_status(text);
}

static int make_text(struct http *http, const struct http_request *request)
{
	struct buffer *text = &http->text;
	int r = add_request_line(text, request);

	if (r == 0)
		r = add_header(text, "Host", request->host);
	if (r == 0)
		r = add_header(text, "User-Agent", http->agent);
	if (r == 0)
		r = add_header(text, "Accept", "*/*");
	if (r == 0 && request->body)
		r = add_header(text, "Content-Type", content_type(request));
	if (r == 0 && request->target)
		r = add_header(text, "X-Amz-Target", request->target);
	for (size_t i = 0; r == 0 && i < request->headers_count; i++)
		if (request->headers[i].value)
			r = add_header(text, request->headers[i].name, request->headers[i].value);
	if (r == 0 && request->credentials)
		r = add_date_and_signature(http, request);
	return r == 0 ? add_body(text, request) : r;
}

static void forget_text(struct buffer *text)
{
	if (text->data)
		explicit_bzero(text->data, text->length);
	buffer_clear(text);
}

/* ---- one request over one connection ---- */

/* What converse() goes by, and what it finds. */
struct conversation {
	const struct http_request *request;
	struct http_reply *reply;
	struct error *error;
	int64_t end_ms;
	bool silent; /* the connection ended, or failed, before a byte of the reply */
	bool keep;   /* it can be used again */
};

/* A write that has left is waited for: giving it up would only hide what became of it. */
static const atomic_bool *stop_of(const struct http *http, const struct conversation *talk)
{
	return talk->request->once ? NULL : http->dial.stop;
}

/* A reply may hold keys: what passed through here is wiped. */
static int take_reply(struct http *http, struct http_connection *connection,
	struct http_message *message, struct conversation *talk)
{
	char bytes[READ_SIZE];
	size_t length = 0;
	int r = 0;

	while (r == 0 && message->state != HTTP_MESSAGE_WHOLE) {
		r = http_connection_receive(connection, bytes, sizeof(bytes), talk->end_ms,
			stop_of(http, talk), &length, talk->error);
		talk->silent = talk->silent && (r == -ERROR_NETWORK || (r == 0 && length == 0));
		if (r == 0)
			r = length > 0 ? http_message_take(message, bytes, length, talk->error)
				       : http_message_end(message, talk->error);
	}
	explicit_bzero(bytes, sizeof(bytes));
	talk->keep = r == 0 && message->keep;
	return r;
}

static int converse(
	struct http *http, struct http_connection *connection, struct conversation *talk)
{
	const struct http_request *request = talk->request;
	struct http_message message;
	int r;

	if (clock_past(request->deadline)) {
		error_set(talk->error, ERROR_STALE,
			"not sent: what it was decided on grew too old while it connected");
		return http_connection_prefix(connection, talk->error);
	}
	talk->silent = true;
	talk->reply->sent = true;
	r = http_connection_send(connection, http->text.data, http->text.length, request->deadline,
		talk->end_ms, stop_of(http, talk), talk->error);
	http_message_begin(&message, talk->reply);
	if (r == 0)
		r = take_reply(http, connection, &message, talk);
	http_message_done(&message);
	return r < 0 ? http_connection_prefix(connection, talk->error) : 0;
}

static int open_connection(
	struct http *http, const struct conversation *talk, struct http_connection **ret_connection)
{
	int r = http_connection_open(
		&http->dial, talk->request, talk->end_ms, ret_connection, talk->error);

	http->connections += r == 0;
	return r;
}

/* A write has a connection of its own, so that nothing is ever sent again. */
static int ask_once(struct http *http, struct conversation *talk)
{
	struct http_connection *connection = NULL;
	int r = open_connection(http, talk, &connection);

	if (r == 0)
		r = converse(http, connection, talk);
	http_connection_free(connection);
	return r;
}

static void drop_kept(struct http *http)
{
	http_connection_free(http->kept);
	http->kept = NULL;
}

void http_open(struct http *http, const struct http_request *request)
{
	struct conversation talk = {.request = request,
		.error = &http->unopened,
		.end_ms = clock_monotonic_ms() + http->limits.total_ms};

	drop_kept(http);
	http->unopened = (struct error){0};
	http->fresh = open_connection(http, &talk, &http->kept) == 0;
}

/* What http_open has met is told once. */
static int tell_unopened(struct http *http, struct error *error)
{
	*error = http->unopened;
	http->unopened = (struct error){0};
	return error->code;
}

/*
 * Over the connection that is kept. Where it served before, its peer may just be closing it: then
 * over another.
 */
static int ask(struct http *http, struct conversation *talk)
{
	bool another = true, fresh = http->fresh;
	int r = 0;

	http->fresh = false;
	if (http_connection_usable(http->kept, talk->request->url)) {
		r = converse(http, http->kept, talk);
		another = r == -ERROR_NETWORK && talk->silent && !fresh;
	}
	if (another) {
		drop_kept(http);
		r = open_connection(http, talk, &http->kept);
		if (r == 0)
			r = converse(http, http->kept, talk);
	}
	if (r < 0 || !talk->keep)
		drop_kept(http);
	return r;
}

int http_post(struct http *http, const struct http_request *request, struct http_reply *ret_reply,
	struct error *error)
{
	int64_t total = http->limits.total_ms;
	struct conversation talk = {.request = request, .reply = ret_reply, .error = error};
	int r;

	*ret_reply = (struct http_reply){.retry_after_ms = -1};
	buffer_init(&ret_reply->body, http->limits.reply_max);
	r = make_text(http, request);
	if (r < 0) {
		forget_text(&http->text);
		return error_set(error, (enum error_code) - r, "the request cannot be made");
	}
	if (request->wait_ms > 0 && request->wait_ms < total)
		total = request->wait_ms;
	talk.end_ms = clock_monotonic_ms() + total;
	crash_point(CRASH_REQUEST, true);
	r = http->unopened.code < 0 ? tell_unopened(http, error)
	    : request->once	    ? ask_once(http, &talk)
				    : ask(http, &talk);
	crash_point(CRASH_REQUEST, false);
	forget_text(&http->text);
	ret_reply->arrived = clock_elapsed();
	ret_reply->skew = ret_reply->date ? ret_reply->date - clock_now() : 0;
	return r;
}
