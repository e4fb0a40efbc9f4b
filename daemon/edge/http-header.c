/* SPDX-License-Identifier: Apache-2.0 */
#include "edge/http-header.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/calendar.h"
#include "edge/clock.h"

static void take_text(const char *value, size_t length, char ret_text[static HTTP_TEXT_SIZE])
{
	size_t end = length < HTTP_TEXT_SIZE ? length : HTTP_TEXT_SIZE - 1;

	for (size_t i = 0; i < end; i++)
		ret_text[i] = value[i] >= ' ' && value[i] <= '~' ? value[i] : '?';
	ret_text[end] = '\0';
}

static void take_date(struct http_reply *reply, const char *value)
{
	time_t date;

	/* every reply has one: libcurl's reader of all forms takes as long as reading the reply */
	if (instant_parse_http(value, &reply->date) == 0)
		return;
	date = curl_getdate(value, NULL);
	reply->date = date > 0 ? (int64_t)date : 0;
}

static void take_wait(struct http_reply *reply, int64_t milliseconds)
{
	if (milliseconds < 0)
		return;
	reply->retry_after_ms =
		milliseconds < HTTP_RETRY_AFTER_MAX_MS ? milliseconds : HTTP_RETRY_AFTER_MAX_MS;
}

/* Milliseconds for x-amz-retry-after, seconds or a date for Retry-After. The former wins. */
static void take_retry_after(struct http_reply *reply, const char *value, bool amazon)
{
	char *end;
	long long number;
	time_t date;

	errno = 0;
	number = strtoll(value, &end, 10);
	if (end != value && *end == '\0' && errno == 0 && number >= 0) {
		if (amazon || number < HTTP_RETRY_AFTER_MAX_MS)
			take_wait(reply, amazon ? number : number * 1000);
	} else if (!amazon && (date = curl_getdate(value, NULL)) > 0) {
		take_wait(reply, ((int64_t)date - clock_now()) * 1000);
	}
}

void http_header_take(const char *name, const char *value, struct http_reply *reply)
{
	if (strcasecmp(name, "date") == 0)
		take_date(reply, value);
	else if (strcasecmp(name, "x-amzn-requestid") == 0)
		take_text(value, strlen(value), reply->request_id);
	else if (strcasecmp(name, "x-amzn-errortype") == 0)
		take_text(value, strlen(value), reply->error_type);
	else if (strcasecmp(name, "content-type") == 0)
		take_text(value, strlen(value), reply->content_type);
	else if (strcasecmp(name, "x-amz-retry-after") == 0)
		take_retry_after(reply, value, true);
	else if (strcasecmp(name, "retry-after") == 0 && reply->retry_after_ms < 0)
		take_retry_after(reply, value, false);
}
