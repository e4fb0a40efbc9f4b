/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/visit.h"

#include <stdarg.h>

#include "edge/clock.h"
#include "emulator/writer.h"

/* Longest line of the log. */
#define LINE_MAX_SIZE 4096

void visit_refuse(struct visit *visit, enum trouble trouble, const char *format, ...)
{
	va_list arguments;

	visit->trouble = trouble;
	va_start(arguments, format);
	vsnprintf(visit->message, sizeof(visit->message), format, arguments);
	va_end(arguments);
}

/* The members are those of the operations' lines. */
static void write_log(const struct visit *visit, const struct fault *fault, bool executed)
{
	struct buffer line;
	struct writer writer = {.buffer = &line};

	if (!visit->world->log)
		return;
	buffer_init(&line, LINE_MAX_SIZE);
	writer_open(&writer, NULL, '{');
	writer_number(&writer, "time", visit->now);
	writer_number(&writer, "monotonic_ms", clock_monotonic_ms());
	writer_text(&writer, "request_id", visit->reply->request_id);
	writer_text(&writer, "account", visit->identity.account);
	writer_text(&writer, "region", visit->identity.region);
	writer_text(&writer, "caller", visit->identity.arn);
	writer_text(&writer, "operation", served_str(visit->served));
	writer_text(&writer, "directory", "");
	writer_text(&writer, "certificate", "");
	writer_text(&writer, "outcome", trouble_str(visit->trouble));
	writer_number(&writer, "status", visit->reply->status);
	writer_flag(&writer, "executed", executed);
	writer_text(
		&writer, "fault", fault->kind != FAULT_NONE ? fault_kind_str(fault->kind) : NULL);
	writer_close(&writer, '}');
	fprintf(visit->world->log, "%s\n", buffer_text(&line));
	fflush(visit->world->log);
	buffer_done(&line);
}

void visit_serve(struct world *world, const struct visit_host *host,
	const struct sigv4_request *request, struct reply *reply)
{
	struct visit visit = {.world = world,
		.request = request,
		.host = host,
		.now = world_now(world),
		.reply = reply};
	struct fault fault;

	visit.served = host->name(&visit);
	fault = faults_take_served(&world->faults, visit.served);
	if (fault.kind == FAULT_REFUSE)
		visit_refuse(&visit, fault.trouble, "The emulator was asked to refuse.");
	else if (fault_executes(fault.kind))
		host->run(&visit);
	if (visit.trouble != TROUBLE_NONE) {
		buffer_clear(&reply->body);
		host->refuse(&visit);
	}
	reply->status = trouble_status(visit.trouble);
	reply->delay_ms = world->settings.latency_ms;
	reply_distort(reply, fault.kind);
	reply->fault = fault.kind;
	world->visits[visit.served][visit.trouble]++;
	write_log(&visit, &fault, fault_executes(fault.kind) && visit.trouble == TROUBLE_NONE);
}
