/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/reply.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static void request_id_make(char ret_id[static REQUEST_ID_SIZE])
{
	uint8_t bytes[16] = {0};
	size_t at = 0;

	if (getrandom(bytes, sizeof(bytes), 0) < 0)
		bytes[0] = 0;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			ret_id[at++] = '-';
		snprintf(ret_id + at, 3, "%02x", bytes[i]);
		at += 2;
	}
}

static void date_make(int64_t now, char ret_date[static HTTP_DATE_SIZE])
{
	time_t seconds = (time_t)now;
	struct tm broken;

	gmtime_r(&seconds, &broken);
	strftime(ret_date, HTTP_DATE_SIZE, "%a, %d %b %Y %H:%M:%S GMT", &broken);
}

void reply_init(struct reply *ret_reply, int64_t now)
{
	*ret_reply = (struct reply){.status = 500, .content_type = "text/plain"};
	buffer_init(&ret_reply->body, REPLY_MAX);
	request_id_make(ret_reply->request_id);
	date_make(now, ret_reply->date);
}

void reply_done(struct reply *reply)
{
	buffer_wipe(&reply->body);
}

/* ---------------------------------------------------------------- faults */

#define HTML_500                                                                                   \
	"<html><head><title>500 Internal Server Error</title></head>"                              \
	"<body><h1>Internal Server Error</h1></body></html>\n"
#define XML_403                                                                                    \
	"<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"                       \
	"<Message>Access denied</Message></Error></ErrorResponse>\n"

/* Puts another body in the place of the true one. */
static void replace(struct reply *reply, unsigned status, const char *content_type,
	const void *bytes, size_t length)
{
	buffer_clear(&reply->body);
	buffer_append(&reply->body, bytes, length);
	reply->status = status;
	reply->content_type = content_type;
}

static void replace_text(
	struct reply *reply, unsigned status, const char *content_type, const char *text)
{
	replace(reply, status, content_type, text, strlen(text));
}

static void make_huge(struct reply *reply)
{
	char filled[4096 + 1];

	memset(filled, 'x', sizeof(filled) - 1);
	filled[sizeof(filled) - 1] = '\0';
	buffer_clear(&reply->body);
	buffer_printf(&reply->body, "{\"Padding\":\"");
	while (reply->body.length < REPLY_HUGE)
		buffer_append_text(&reply->body, filled);
	buffer_printf(&reply->body, "\"}");
	reply->status = 200;
}

void reply_distort(struct reply *reply, enum fault_kind kind)
{
	static const unsigned char garbage[] = {0xff, 0xfe, 0x00, 0x80, '{', 0xc3, 0x28, '"', 0x1b};

	switch (kind) {
	case FAULT_HTML500:
	case FAULT_LOST_500:
		replace_text(reply, 500, "text/html", HTML_500);
		break;
	case FAULT_BARE503:
		replace_text(reply, 503, NULL, "");
		break;
	case FAULT_XML403:
		replace_text(reply, 403, "text/xml", XML_403);
		break;
	case FAULT_REDIRECT:
		replace_text(reply, 307, "text/html", "");
		break;
	case FAULT_GARBAGE:
		replace(reply, 200, reply->content_type, garbage, sizeof(garbage));
		break;
	case FAULT_TRUNCATED:
		reply->body.length /= 2;
		break;
	case FAULT_EMPTY:
		replace_text(reply, 200, reply->content_type, "");
		break;
	case FAULT_WRONG_JSON:
		replace_text(reply, 200, reply->content_type,
			"{\"CertificatesInfo\":{\"State\":1},\"DirectoryDescriptions\":\"none\","
			"\"LDAPSSettingsInfo\":[7],\"CertificateId\":12,\"Certificate\":[]}");
		break;
	case FAULT_HUGE:
		make_huge(reply);
		break;
	case FAULT_BAD_DATE:
		snprintf(reply->date, sizeof(reply->date), "yesterday at noon");
		break;
	case FAULT_NO_DATE:
		reply->date[0] = '\0';
		break;
	case FAULT_HANG:
		reply->delay_ms = REPLY_HANG_MS;
		break;
	default:
		break;
	}
}
