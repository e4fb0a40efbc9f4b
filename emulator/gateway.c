/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/gateway.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "edge/clock.h"
#include "emulator/auth.h"
#include "emulator/control.h"
#include "emulator/operation.h"
#include "emulator/state.h"

#define TARGET_PREFIX "DirectoryService_20150416."

/* A request on its way through. */
struct passage {
	struct world *world;
	const struct sigv4_request *request;
	struct reply *reply;
	struct identity identity; /* "" until the signature was checked */
	struct call call;
	struct fault fault;
	bool executed;
};

/* ---------------------------------------------------------------- small parts */

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

/* 400 for what the operation models, but for these otherwise (devguide, "Common errors"). */
static unsigned status_of(enum operation operation, enum refusal refusal)
{
	if (refusal != REFUSAL_ServiceException && shape_models(operation, refusal))
		return 400;
	switch (refusal) {
	case REFUSAL_NONE:
		return 200;
	case REFUSAL_NotAuthorized:
		return 401;
	case REFUSAL_AccessDeniedException:
	case REFUSAL_ExpiredTokenException:
	case REFUSAL_IncompleteSignature:
	case REFUSAL_InvalidClientTokenId:
	case REFUSAL_MissingAuthenticationTokenException:
	case REFUSAL_OptInRequired:
	case REFUSAL_SignatureDoesNotMatch:
	case REFUSAL_UnrecognizedClientException:
		return 403;
	case REFUSAL_UnknownOperationException:
		return 404;
	case REFUSAL_RequestTimeoutException:
		return 408;
	case REFUSAL_RequestEntityTooLargeException:
		return 413;
	case REFUSAL_InternalFailure:
	case REFUSAL_InternalServerError:
	case REFUSAL_ServiceException:
		return 500;
	case REFUSAL_ServiceUnavailable:
		return 503;
	default:
		return 400;
	}
}

static void refuse(struct passage *passage, enum refusal refusal, const char *text)
{
	passage->call.refusal = refusal;
	snprintf(passage->call.message, sizeof(passage->call.message), "%s", text);
}

/* ---------------------------------------------------------------- forms of a reply */

static void write_type(struct writer *writer, const struct settings *settings, const char *code)
{
	char type[128];

	switch (settings->type_form) {
	case TYPE_FORM_NAMESPACE:
		snprintf(type, sizeof(type), "com.amazonaws.directoryservice#%s", code);
		break;
	case TYPE_FORM_URL:
		snprintf(type, sizeof(type), "%s:http://internal.amazon.com/coral/", code);
		break;
	default:
		snprintf(type, sizeof(type), "%s", code);
		break;
	}
	if (settings->type_form != TYPE_FORM_HEADER)
		writer_text(writer, "__type", type);
}

/* Modelled errors have Message and RequestId, the common ones message. */
static void write_refusal(struct passage *passage, struct writer *writer)
{
	const struct settings *settings = &passage->world->settings;
	bool modelled = shape_models(passage->call.operation, passage->call.refusal);
	bool upper = settings->message_form == MESSAGE_FORM_UPPER ||
		     (settings->message_form == MESSAGE_FORM_SERVICE && modelled);
	char text[SHAPE_MESSAGE_SIZE + 2 * REQUEST_ID_SIZE];

	snprintf(text, sizeof(text), "%s%s%s", passage->call.message,
		modelled && settings->request_id_in_text ? " : RequestId: " : "",
		modelled && settings->request_id_in_text ? passage->reply->request_id : "");
	write_type(writer, settings, refusal_str(passage->call.refusal));
	if (settings->message_form != MESSAGE_FORM_NONE)
		writer_text(writer, upper ? "Message" : "message", text);
	if (modelled)
		writer_text(writer, "RequestId", passage->reply->request_id);
}

/* The reply as it is without any fault. */
static void compose(struct passage *passage, const struct buffer *members)
{
	const struct settings *settings = &passage->world->settings;
	struct reply *reply = passage->reply;
	struct writer writer = {.buffer = &reply->body};

	reply->status = status_of(passage->call.operation, passage->call.refusal);
	if (passage->call.refusal != REFUSAL_NONE) {
		writer_open(&writer, NULL, '{');
		write_refusal(passage, &writer);
		writer_close(&writer, '}');
		if (settings->type_form == TYPE_FORM_HEADER)
			reply->error_type = refusal_str(passage->call.refusal);
	} else if (members->length > 0 || settings->empty_object) {
		buffer_printf(&reply->body, "{");
		buffer_append(&reply->body, buffer_text(members), members->length);
		buffer_printf(&reply->body, "}");
	}
}

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
	while (reply->body.length < GATEWAY_HUGE)
		buffer_append_text(&reply->body, filled);
	buffer_printf(&reply->body, "\"}");
	reply->status = 200;
}

/* What a fault does to the reply; what it does to the connection is the server's. */
static void distort(struct reply *reply, enum fault_kind kind)
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
		reply->delay_ms = GATEWAY_HANG_MS;
		break;
	default:
		break;
	}
}

/* ---------------------------------------------------------------- log and counts */

static void write_log(struct passage *passage)
{
	const struct call *call = &passage->call;
	struct buffer line;
	struct writer writer = {.buffer = &line};

	if (!passage->world->log)
		return;
	buffer_init(&line, SHAPE_MESSAGE_SIZE * 2);
	writer_open(&writer, NULL, '{');
	writer_number(&writer, "time", call->now);
	writer_number(&writer, "monotonic_ms", clock_monotonic_ms());
	writer_text(&writer, "request_id", passage->reply->request_id);
	writer_text(&writer, "account", passage->identity.account);
	writer_text(&writer, "region", passage->identity.region);
	writer_text(&writer, "operation", operation_str(call->operation));
	writer_text(&writer, "directory", call->directory);
	writer_text(&writer, "certificate", call->certificate);
	writer_text(&writer, "outcome",
		call->refusal == REFUSAL_NONE ? "OK" : refusal_str(call->refusal));
	writer_number(&writer, "status", passage->reply->status);
	writer_flag(&writer, "executed", passage->executed);
	writer_text(&writer, "fault",
		passage->fault.kind != FAULT_NONE ? fault_kind_str(passage->fault.kind) : NULL);
	writer_close(&writer, '}');
	fprintf(passage->world->log, "%s\n", buffer_text(&line));
	fflush(passage->world->log);
	buffer_done(&line);
}

/* ---------------------------------------------------------------- the way through */

/* The operation of X-Amz-Target; UNKNOWN if it is none of ours. */
static enum operation operation_of(const struct sigv4_request *request)
{
	const char *target = sigv4_header(request, "x-amz-target");

	if (!target || strncmp(target, TARGET_PREFIX, strlen(TARGET_PREFIX)) != 0)
		return OPERATION_UNKNOWN;
	return operation_parse(target + strlen(TARGET_PREFIX));
}

/* Refuses what no operation sees: a wrong route, a wrong signature, too many requests. */
static bool admit(struct passage *passage, bool too_large)
{
	const struct sigv4_request *request = passage->request;
	const char *type = sigv4_header(request, "content-type");
	char message[AUTH_MESSAGE_SIZE] = "";
	enum refusal refusal;

	if (strcmp(request->method, "POST") != 0 || strcmp(request->path, "/") != 0) {
		refuse(passage, REFUSAL_UnknownOperationException, "");
		return false;
	}
	if (too_large) {
		refuse(passage, REFUSAL_RequestEntityTooLargeException,
			"The request body is too large.");
		return false;
	}
	refusal =
		auth_check(passage->world, request, passage->call.now, &passage->identity, message);
	if (refusal != REFUSAL_NONE) {
		refuse(passage, refusal, message);
		return false;
	}
	passage->call.scope = world_scope(
		passage->world, passage->identity.account, passage->identity.region, true);
	if (!passage->call.scope) {
		refuse(passage, REFUSAL_InternalFailure, "");
		return false;
	}
	if (!scope_admits(passage->call.scope, &passage->world->settings, clock_monotonic_ms())) {
		refuse(passage, REFUSAL_ThrottlingException, "Rate exceeded");
		return false;
	}
	if (passage->call.operation == OPERATION_UNKNOWN || !type ||
		strncmp(type, "application/x-amz-json-1.1", 26) != 0) {
		refuse(passage, REFUSAL_UnknownOperationException, "");
		return false;
	}
	return true;
}

/* Takes the fault of this call, and executes it unless the fault forbids. */
static void execute(struct passage *passage, const json_t *input, struct writer *writer)
{
	struct call *call = &passage->call;

	call->input = input;
	call->writer = writer;
	call_target(input, call->directory);
	passage->fault = faults_take(&passage->world->faults, call->operation, call->directory);
	if (passage->fault.kind == FAULT_REFUSE) {
		refuse(passage, passage->fault.refusal, "The emulator was asked to refuse.");
		return;
	}
	if (!fault_executes(passage->fault.kind))
		return;
	call->endless = passage->fault.kind == FAULT_ENDLESS_PAGES;
	call->unknown_words = passage->fault.kind == FAULT_UNKNOWN_WORDS;
	operation_run(passage->world, call);
	passage->executed = call->refusal == REFUSAL_NONE;
	if (call->changed)
		state_save(passage->world, call->changed);
}

static void serve(struct passage *passage, bool too_large)
{
	struct buffer members;
	struct writer writer = {.buffer = &members, .exponent = passage->world->settings.exponent};
	json_t *input = NULL;

	buffer_init(&members, GATEWAY_REPLY_MAX);
	passage->call.operation = operation_of(passage->request);
	passage->reply->content_type = "application/x-amz-json-1.1";
	passage->reply->delay_ms = passage->world->settings.latency_ms;
	if (admit(passage, too_large)) {
		if (json_parse(passage->request->body, passage->request->body_length, &input,
			    NULL) < 0 ||
			!json_is_object(input))
			refuse(passage, REFUSAL_SerializationException,
				"The request body is not a JSON object.");
		else
			execute(passage, input, &writer);
	}
	compose(passage, &members);
	distort(passage->reply, passage->fault.kind);
	passage->reply->fault = passage->fault.kind;
	passage->world->calls[passage->call.operation][passage->call.refusal]++;
	write_log(passage);
	json_decref(input);
	buffer_done(&members);
}

static void control(struct passage *passage)
{
	struct reply *reply = passage->reply;
	const struct sigv4_request *request = passage->request;
	struct error error = {0};
	json_t *input = NULL, *output = NULL;
	int r = request->body_length == 0
			? ((input = json_object()) ? 0 : -ERROR_MEMORY)
			: json_parse(request->body, request->body_length, &input, &error);

	if (r == 0)
		r = control_run(passage->world, request->path + strlen(GATEWAY_CONTROL), input,
			&output, &error);
	if (r < 0 && error.message[0] == '\0')
		error_set(&error, (enum error_code) - r, "%s", error_str(r));
	if (r < 0)
		output = json_pack("{s:s}", "error", error.message);
	reply->status = r < 0 ? 400 : 200;
	reply->content_type = "application/json";
	json_append(&reply->body, output);
	buffer_append_text(&reply->body, "\n");
	json_decref(output);
	json_decref(input);
}

void gateway_handle(struct world *world, const struct sigv4_request *request, bool too_large,
	struct reply *ret_reply)
{
	struct passage *passage = calloc(1, sizeof(*passage));

	*ret_reply = (struct reply){.status = 500, .content_type = "text/plain"};
	buffer_init(&ret_reply->body, GATEWAY_REPLY_MAX);
	if (!passage)
		return;
	passage->world = world;
	passage->request = request;
	passage->reply = ret_reply;
	request_id_make(ret_reply->request_id);
	pthread_mutex_lock(&world->lock);
	passage->call.now = world_now(world);
	date_make(passage->call.now, ret_reply->date);
	if (strncmp(request->path, GATEWAY_CONTROL, strlen(GATEWAY_CONTROL)) == 0)
		control(passage);
	else
		serve(passage, too_large);
	pthread_mutex_unlock(&world->lock);
	free(passage);
}

void reply_done(struct reply *reply)
{
	buffer_done(&reply->body);
}
