/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>

#include "emulator/gateway.h"
#include "emulator/ticket.h"
#include "emulator/timer.h"

struct server {
	struct MHD_Daemon *daemon;
	struct world *world;   /* borrowed */
	struct timer *timer;   /* owned; resumes what waits */
	struct ticket *ticket; /* owned; NULL without TLS */
};

/* One request on its connection. */
struct exchange {
	struct server *server;
	struct MHD_Connection *connection;
	char *path;  /* as sent, without the query */
	char *query; /* as sent; points into `path`'s memory; "" if none */
	struct buffer body;
	bool too_large;
	bool begun;    /* counted as in flight */
	bool answered; /* `reply` is made */
	bool waited;   /* its delay is over */
	bool paused;   /* a slow body: the next byte was waited for */
	struct reply reply;
};

/* ---------------------------------------------------------------- requests */

/* Called with the target as sent, before anything else: what it returns is the exchange. */
static void *exchange_new(void *data, const char *uri, struct MHD_Connection *connection)
{
	struct exchange *exchange = calloc(1, sizeof(*exchange));
	char *question;

	if (!exchange)
		return NULL;
	exchange->path = strdup(uri);
	if (!exchange->path) {
		free(exchange);
		return NULL;
	}
	exchange->server = data;
	exchange->connection = connection;
	question = strchr(exchange->path, '?');
	exchange->query = question ? question + 1 : strchr(exchange->path, '\0');
	if (question)
		*question = '\0';
	buffer_init(&exchange->body, GATEWAY_BODY_MAX);
	return exchange;
}

static void exchange_free(struct exchange *exchange)
{
	if (!exchange)
		return;
	free(exchange->path);
	buffer_wipe(&exchange->body);
	reply_done(&exchange->reply);
	free(exchange);
}

static void count_flight(struct exchange *exchange, bool begins)
{
	struct world *world = exchange->server->world;

	pthread_mutex_lock(&world->lock);
	if (begins && ++world->in_flight > world->in_flight_max)
		world->in_flight_max = world->in_flight;
	if (!begins)
		world->in_flight--;
	pthread_mutex_unlock(&world->lock);
	exchange->begun = begins;
}

static void completed(void *data, struct MHD_Connection *connection, void **context,
	enum MHD_RequestTerminationCode code)
{
	struct exchange *exchange = *context;

	(void)data;
	(void)connection;
	(void)code;
	if (exchange && exchange->begun)
		count_flight(exchange, false);
	exchange_free(exchange);
	*context = NULL;
}

/* Headers of the request, in order. */
struct headers {
	struct sigv4_header list[SIGV4_HEADERS_MAX];
	size_t count;
};

static enum MHD_Result collect(
	void *data, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct headers *headers = data;

	(void)kind;
	if (headers->count == SIGV4_HEADERS_MAX)
		return MHD_NO;
	headers->list[headers->count++] = (struct sigv4_header){name, value ? value : ""};
	return MHD_YES;
}

static void answer(struct exchange *exchange, const char *method)
{
	struct headers headers = {.count = 0};
	struct sigv4_request request = {
		.method = method,
		.path = exchange->path,
		.query = exchange->query,
		.headers = headers.list,
		.body = buffer_text(&exchange->body),
		.body_length = exchange->body.length,
	};

	MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, collect, &headers);
	request.headers_count = headers.count;
	gateway_handle(exchange->server->world, &request, exchange->too_large, &exchange->reply);
	exchange->answered = true;
}

/* ---------------------------------------------------------------- replies */

/* Body of the faults "slow" (a byte at a time) and "cut-body" (half of it, then the end). */
static ssize_t read_slowly(void *data, uint64_t position, char *bytes, size_t size)
{
	struct exchange *exchange = data;
	const struct buffer *body = &exchange->reply.body;

	if (size == 0 || position >= body->length)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (exchange->reply.fault == FAULT_CUT_BODY) {
		size_t half = body->length / 2 - (size_t)position;

		if (position >= body->length / 2)
			return MHD_CONTENT_READER_END_WITH_ERROR;
		if (half > size)
			half = size;
		memcpy(bytes, body->data + position, half);
		return (ssize_t)half;
	}
	if (!exchange->paused) {
		exchange->paused = true;
		MHD_suspend_connection(exchange->connection);
		timer_add(exchange->server->timer, SERVER_SLOW_MS, exchange->connection);
		return 0;
	}
	exchange->paused = false;
	bytes[0] = body->data[position];
	return 1;
}

static struct MHD_Response *make_response(struct exchange *exchange)
{
	struct reply *reply = &exchange->reply;

	if (reply->fault == FAULT_SLOW || reply->fault == FAULT_CUT_BODY)
		return MHD_create_response_from_callback(
			reply->body.length, 4096, read_slowly, exchange, NULL);
	return MHD_create_response_from_buffer(reply->body.length,
		reply->body.length > 0 ? reply->body.data : (void *)(uintptr_t) "",
		MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result send_reply(struct exchange *exchange)
{
	struct reply *reply = &exchange->reply;
	struct MHD_Response *response;
	enum MHD_Result result;

	if (reply->fault == FAULT_LOST_REPLY || reply->fault == FAULT_CUT_BEFORE ||
		reply->fault == FAULT_HANG)
		return MHD_NO; /* closes the connection */
	response = make_response(exchange);
	if (!response)
		return MHD_NO;
	if (reply->content_type)
		MHD_add_response_header(response, "Content-Type", reply->content_type);
	MHD_add_response_header(response, "x-amzn-RequestId", reply->request_id);
	if (reply->error_type)
		MHD_add_response_header(response, "x-amzn-ErrorType", reply->error_type);
	if (reply->token_ttl > 0) {
		char ttl[24];

		snprintf(ttl, sizeof(ttl), "%lld", (long long)reply->token_ttl);
		MHD_add_response_header(response, "x-aws-ec2-metadata-token-ttl-seconds", ttl);
	}
	if (reply->date[0])
		MHD_add_response_header(response, "Date", reply->date);
	if (reply->fault == FAULT_REDIRECT)
		MHD_add_response_header(response, "Location", "http://127.0.0.1:9/elsewhere");
	result = MHD_queue_response(exchange->connection, reply->status, response);
	MHD_destroy_response(response);
	return result;
}

/* Called for the headers, for each piece of the body, at its end, and after a suspension. */
static enum MHD_Result handle(void *data, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *upload, size_t *upload_size,
	void **context)
{
	struct exchange *exchange = *context;

	(void)data;
	(void)url;
	(void)version;
	if (!exchange)
		return MHD_NO;
	if (!exchange->begun) {
		count_flight(exchange, true);
		return MHD_YES;
	}
	if (*upload_size > 0) {
		if (buffer_append(&exchange->body, upload, *upload_size) < 0)
			exchange->too_large = true;
		*upload_size = 0;
		return MHD_YES;
	}
	if (!exchange->answered)
		answer(exchange, method);
	if (exchange->reply.delay_ms > 0 && !exchange->waited) {
		exchange->waited = true;
		MHD_suspend_connection(connection);
		timer_add(exchange->server->timer, exchange->reply.delay_ms, connection);
		return MHD_YES;
	}
	return send_reply(exchange);
}

/* ---------------------------------------------------------------- life */

static void resume(void *item)
{
	MHD_resume_connection(item);
}

static struct MHD_Daemon *start_daemon(
	struct server *server, uint16_t port, const char *certificate, const char *key)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	unsigned flags = MHD_USE_AUTO_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
			 MHD_USE_SUPPRESS_DATE_NO_CLOCK | (certificate ? MHD_USE_TLS : 0);
	/* Ends with the list's end where there is no TLS. */
	enum MHD_OPTION tls = certificate ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END;

	return MHD_start_daemon(flags, port, NULL, NULL, handle, server, MHD_OPTION_SOCK_ADDR,
		(struct sockaddr *)&address, MHD_OPTION_NOTIFY_COMPLETED, completed, server,
		MHD_OPTION_URI_LOG_CALLBACK, exchange_new, server, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)SERVER_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)SERVER_IDLE, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)SERVER_THREADS, tls,
		certificate, MHD_OPTION_HTTPS_MEM_KEY, key, MHD_OPTION_NOTIFY_CONNECTION,
		ticket_offer, server->ticket, MHD_OPTION_END);
}

int server_start(struct world *world, uint16_t port, const char *certificate, const char *key,
	struct server **ret_server, struct error *error)
{
	struct server *server = calloc(1, sizeof(*server));

	if (!server || timer_start(resume, &server->timer) < 0) {
		free(server);
		return error_set(error, ERROR_MEMORY, "out of memory");
	}
	server->world = world;
	server->ticket = certificate ? ticket_new() : NULL;
	errno = 0;
	server->daemon = !certificate || server->ticket
				 ? start_daemon(server, port, certificate, key)
				 : NULL;
	if (!server->daemon) {
		timer_stop(server->timer);
		timer_free(server->timer);
		ticket_free(server->ticket);
		free(server);
		return error_set(error, ERROR_NETWORK, "cannot listen on 127.0.0.1:%u: %s", port,
			errno ? strerror(errno) : "the server did not start");
	}
	*ret_server = server;
	return 0;
}

uint16_t server_port(const struct server *server)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);

	return info ? info->port : 0;
}

void server_stop(struct server *server)
{
	/* A suspended connection would never end: the timer lets all of them go first. */
	timer_stop(server->timer);
	MHD_stop_daemon(server->daemon);
	timer_free(server->timer);
	ticket_free(server->ticket);
	free(server);
}
