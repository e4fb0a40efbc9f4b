/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/gateway.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "edge/clock.h"
#include "emulator/auth.h"
#include "emulator/container.h"
#include "emulator/control.h"
#include "emulator/metadata.h"
#include "emulator/operation.h"
#include "emulator/portal.h"
#include "emulator/state.h"
#include "emulator/sts.h"
#include "emulator/visit.h"

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
	case REFUSAL_ExpiredToken:
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
	writer_text(&writer, "caller", passage->identity.arn);
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
	refusal = auth_check(
		passage->world, request, "ds", passage->call.now, &passage->identity, message);
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

	buffer_init(&members, REPLY_MAX);
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
	reply_distort(passage->reply, passage->fault.kind);
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

/* What its path and form say it is for: the first that takes it, else the Directory Service. */
static const struct visit_host *host_of(
	const struct world *world, const struct sigv4_request *request)
{
	static const struct visit_host *const hosts[] = {
		&sts_host, &portal_host, &metadata_host, &container_host};

	for (size_t i = 0; i < ARRAY_LENGTH(hosts); i++)
		if (hosts[i]->takes(world, request))
			return hosts[i];
	return NULL;
}

void gateway_handle(struct world *world, const struct sigv4_request *request, bool too_large,
	struct reply *ret_reply)
{
	struct passage *passage = calloc(1, sizeof(*passage));
	const struct visit_host *host;

	pthread_mutex_lock(&world->lock);
	reply_init(ret_reply, world_now(world));
	host = host_of(world, request);
	if (!passage) {
		pthread_mutex_unlock(&world->lock);
		return;
	}
	passage->world = world;
	passage->request = request;
	passage->reply = ret_reply;
	passage->call.now = world_now(world);
	if (strncmp(request->path, GATEWAY_CONTROL, strlen(GATEWAY_CONTROL)) == 0)
		control(passage);
	else if (host && !too_large)
		visit_serve(world, host, request, ret_reply);
	else
		serve(passage, too_large);
	pthread_mutex_unlock(&world->lock);
	free(passage);
}
