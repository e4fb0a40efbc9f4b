/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/fetch.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "edge/clock.h"
#include "edge/endpoint.h"
#include "edge/http-url.h"

/* Codes and messages of a reply, cut. Bytes. */
#define WORDS_SIZE 200

bool fetch_host(const char *url, char *ret_host, size_t size)
{
	struct http_url parts;
	bool usual;
	int length;

	if (strlen(url) > FETCH_URL_MAX || http_url_parse(url, &parts) < 0 || parts.user)
		return false;
	usual = parts.port == (strcmp(parts.scheme, "https") == 0 ? 443 : 80);
	length = usual ? snprintf(ret_host, size, "%s", parts.host)
		       : snprintf(ret_host, size, "%s:%ld", parts.host, parts.port);
	return length > 0 && (size_t)length < size;
}

/* What may pass: a failure of the service, or its throttle. */
static bool passes(const struct http_reply *reply)
{
	return reply->status >= 500 || reply->status == 429;
}

int fetch(const struct fetch *fetch, struct http_reply *ret_reply, struct error *error)
{
	char host[ENDPOINT_URL_SIZE];
	const struct http_limits limits = {.connect_ms = (long)fetch->timeout_ms};
	struct http_request request = {.method = fetch->method,
		.url = fetch->url,
		.host = host,
		.loopback = fetch->loopback,
		.link = fetch->link,
		.direct = fetch->direct,
		.headers = fetch->headers,
		.headers_count = fetch->headers_count,
		.wait_ms = fetch->timeout_ms};
	struct http *http;
	int r;

	*ret_reply = (struct http_reply){0};
	if (!fetch_host(fetch->url, host, sizeof(host)))
		return error_set(error, ERROR_INVALID, "not a URL that can be asked");
	http = http_new(NULL, &limits, fetch->bundle, fetch->stop);
	if (!http)
		return error_set(error, ERROR_MEMORY, "out of memory");
	for (unsigned i = 1;; i++) {
		r = http_post(http, &request, ret_reply, error);
		if (i >= fetch->attempts || i >= FETCH_ATTEMPTS_MAX ||
			(r == 0 && !passes(ret_reply)) ||
			(r < 0 && r != -ERROR_NETWORK && r != -ERROR_TIMEOUT))
			break;
		http_reply_done(ret_reply);
		clock_sleep_ms(fetch->pause_ms);
	}
	http_free(http);
	return r;
}

/* A text of a JSON object under either name, fit for people. */
static void words_of(
	const json_t *object, const char *one, const char *other, char ret_text[static WORDS_SIZE])
{
	const char *text = json_member_text(object, one);

	json_member_copy(object, text ? one : other, ret_text, WORDS_SIZE);
	text_clean(ret_text);
}

int fetch_refused(const struct http_reply *reply, struct error *error)
{
	CLEANUP(json_free_ptr) json_t *value = NULL;
	char code[WORDS_SIZE] = "", message[WORDS_SIZE] = "";

	if (json_parse(buffer_text(&reply->body), reply->body.length, &value, NULL) == 0) {
		words_of(value, "code", "Code", code);
		words_of(value, "message", "Message", message);
	}
	return error_set(error, reply->status >= 500 ? ERROR_SERVICE : ERROR_REFUSED,
		"HTTP status %ld%s%s%s%s", reply->status, code[0] ? ", " : "", code,
		message[0] ? ": " : "", message);
}
