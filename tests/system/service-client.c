/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The API client by itself, for the system tests: makes calls, one after the other on one
 * client, as the environment says, and prints one JSON object a call with all that the client
 * tells.
 *
 *	service-client [--region R] [--repeat N] [--connect-ms N] [--total-ms N] [--reply-max N]
 *		[--deadline SECONDS] [--wait-ms N] [--stop-ms N] [--call-ms N] [--pace-ms N]
 *		OPERATION [ARGUMENT...] [, OPERATION ...]
 *
 * --wait-ms shortens the waits between attempts, which are printed as they were asked for;
 * --deadline counts from now; --stop-ms asks the client to stop that long after the start;
 *--call-ms is the time of one call, --pace-ms what each of its requests waits for its turn.
 */
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "edge/clock.h"
#include "edge/credentials-environment.h"
#include "edge/endpoint.h"
#include "edge/json.h"
#include "edge/observe.h"
#include "edge/retry.h"
#include "edge/service.h"

static const char *const classes[] = {
	[REFUSAL_TRANSIENT] = "transient",
	[REFUSAL_THROTTLE] = "throttle",
	[REFUSAL_PERMANENT] = "permanent",
	[REFUSAL_STALE_VIEW] = "stale-view",
	[REFUSAL_CREDENTIALS] = "credentials",
	[REFUSAL_CLOCK] = "clock",
	[REFUSAL_BUG] = "bug",
};

static const char *const outcomes[] = {
	[SERVICE_NOT_EXECUTED] = "not-executed",
	[SERVICE_UNKNOWN] = "unknown",
	[SERVICE_EXECUTED] = "executed",
};

struct run {
	const char *region;
	struct http_limits limits;
	long repeat, wait_ms, stop_ms, call_ms, pace_ms;
	int64_t deadline;
	json_t *waits; /* of the call under way */
	atomic_bool stop;
	long paced, throttled;
};

static int run_wait(void *context, int64_t milliseconds)
{
	struct run *run = context;

	json_array_append_new(run->waits, json_integer(milliseconds));
	if (run->wait_ms >= 0 && milliseconds > run->wait_ms)
		milliseconds = run->wait_ms;
	clock_sleep_ms(milliseconds);
	return atomic_load(&run->stop) ? -ERROR_STOPPED : 0;
}

static int run_pace(void *context)
{
	struct run *run = context;

	run->paced++;
	clock_sleep_ms(run->pace_ms);
	return atomic_load(&run->stop) ? -ERROR_STOPPED : 0;
}

static void run_replied(void *context, bool throttled)
{
	struct run *run = context;

	run->throttled += throttled;
}

static void *run_stop(void *context)
{
	struct run *run = context;

	clock_sleep_ms(run->stop_ms);
	atomic_store(&run->stop, true);
	return NULL;
}

static json_t *listed_json(const struct listed *listed, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:I, s:s, s:s?}", "id", listed[i].id,
				      "type", certificate_type_str(listed[i].type), "state",
				      certificate_state_str(listed[i].state), "expiry",
				      (json_int_t)listed[i].expiry, "name", listed[i].common_name,
				      "reason", listed[i].state_reason));
	return list;
}

static int do_list(struct service *service, struct run *run, char **words, json_t *out,
	struct service_reply *reply, struct error *error)
{
	struct service_listing listing = {0};
	int r = service_list_certificates(service, words[0], &listing, reply, error);

	(void)run;
	json_object_set_new(out, "certificates", listed_json(listing.certificates, listing.count));
	service_listing_done(&listing);
	return r;
}

static int do_certificate(struct service *service, struct run *run, char **words, json_t *out,
	struct service_reply *reply, struct error *error)
{
	struct service_certificate certificate = {0};
	int r = service_describe_certificate(
		service, words[0], words[1], &certificate, reply, error);

	(void)run;
	json_object_set_new(out, "state", json_string(certificate_state_str(certificate.state)));
	json_object_set_new(out, "reason", json_string(certificate.state_reason));
	json_object_set_new(out, "registered", json_integer(certificate.registered));
	return r;
}

static int do_settings(struct service *service, struct run *run, char **words, json_t *out,
	struct service_reply *reply, struct error *error)
{
	struct service_settings settings = {0};
	int r = service_describe_ldaps_settings(service, words[0], &settings, reply, error);

	(void)run;
	json_object_set_new(out, "found", json_boolean(settings.found));
	json_object_set_new(out, "ldaps", json_string(ldaps_status_str(settings.status)));
	json_object_set_new(out, "reason", json_string(settings.reason));
	return r;
}

static int do_directories(struct service *service, struct run *run, char **words, json_t *out,
	struct service_reply *reply, struct error *error)
{
	struct service_sweep sweep = {0};
	int r = service_describe_directories(service, words[0], &sweep, reply, error);
	json_t *list = json_array();

	(void)run;
	for (size_t i = 0; i < sweep.count; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", sweep.directories[i].id,
				      "name", sweep.directories[i].name, "type",
				      directory_type_str(sweep.directories[i].type), "stage",
				      directory_stage_str(sweep.directories[i].stage), "reason",
				      sweep.directories[i].stage_reason));
	json_object_set_new(out, "directories", list);
	service_sweep_done(&sweep);
	return r;
}

static int do_register(struct service *service, struct run *run, char **words, json_t *out,
	struct service_reply *reply, struct error *error)
{
	char pem[2 * SERVICE_PEM_MAX] = "", id[SERVICE_ID_SIZE] = "";
	FILE *file = fopen(words[1], "rb");
	int r;

	if (file && fread(pem, 1, sizeof(pem) - 1, file) == 0)
		fprintf(stderr, "%s is empty\n", words[1]);
	if (file)
		fclose(file);
	r = service_register_certificate(service, words[0], pem, run->deadline, id, reply, error);
	json_object_set_new(out, "id", json_string(id));
	return r;
}

static int do_deregister(struct service *service, struct run *run, char **words, json_t *out,
	struct service_reply *reply, struct error *error)
{
	(void)out;
	return service_deregister_certificate(
		service, words[0], words[1], run->deadline, reply, error);
}

static int do_enable(struct service *service, struct run *run, char **words, json_t *out,
	struct service_reply *reply, struct error *error)
{
	(void)out;
	return service_enable_ldaps(service, words[0], run->deadline, reply, error);
}

static int do_disable(struct service *service, struct run *run, char **words, json_t *out,
	struct service_reply *reply, struct error *error)
{
	(void)out;
	return service_disable_ldaps(service, words[0], run->deadline, reply, error);
}

static int do_observe(struct service *service, struct run *run, char **words, json_t *out,
	struct service_reply *reply, struct error *error)
{
	struct service_sweep sweep = {0};
	struct observed observed = {0};
	int r = service_describe_directories(service, NULL, &sweep, reply, error);

	(void)run;
	if (r == 0)
		r = observe(service, &sweep, words[0], &observed, reply, error);
	json_object_set_new(out, "complete", json_boolean(observed.complete));
	json_object_set_new(out, "observed_refusal", json_string(refusal_str(observed.refusal)));
	json_object_set_new(out, "reason", json_string(observed.reason));
	json_object_set_new(out, "name", json_string(observed.name));
	json_object_set_new(out, "ldaps", json_string(ldaps_status_str(observed.ldaps)));
	json_object_set_new(out, "explicit", json_boolean(observed.ldaps_explicit));
	json_object_set_new(
		out, "certificates", listed_json(observed.listed, observed.listed_count));
	observed_done(&observed);
	service_sweep_done(&sweep);
	return r;
}

static const struct {
	const char *word;
	int arguments; /* at least */
	int (*run)(struct service *service, struct run *run, char **words, json_t *out,
		struct service_reply *reply, struct error *error);
} operations[] = {
	{"list", 1, do_list},
	{"certificate", 2, do_certificate},
	{"settings", 1, do_settings},
	{"directories", 0, do_directories},
	{"register", 2, do_register},
	{"deregister", 2, do_deregister},
	{"enable", 1, do_enable},
	{"disable", 1, do_disable},
	{"observe", 1, do_observe},
};

static void print(json_t *out, int r, const struct service_reply *reply, const struct error *error,
	const struct service *service, struct run *run)
{
	struct service_counters counters = service_counters(service);

	json_object_set_new(out, "result", json_string(r < 0 ? error_str(r) : ""));
	json_object_set_new(out, "message", json_string(r < 0 ? error->message : ""));
	json_object_set_new(out, "refusal", json_string(refusal_str(reply->refusal)));
	json_object_set_new(out, "class", json_string(classes[reply->class]));
	json_object_set_new(out, "outcome", json_string(outcomes[reply->outcome]));
	json_object_set_new(out, "status", json_integer(reply->status));
	json_object_set_new(out, "code", json_string(reply->code));
	json_object_set_new(out, "text", json_string(reply->message));
	json_object_set_new(out, "request_id", json_string(reply->request_id));
	json_object_set_new(out, "arrived", json_integer(reply->arrived));
	json_object_set_new(out, "date", json_integer(reply->date));
	json_object_set_new(out, "now", json_integer(service_reply_now(reply)));
	json_object_set_new(out, "skew", json_integer(reply->skew));
	json_object_set_new(out, "dated", json_boolean(reply->dated));
	json_object_set_new(out, "attempts", json_integer(reply->attempts));
	json_object_set_new(out, "requests", json_integer((json_int_t)counters.requests));
	json_object_set_new(out, "connections", json_integer((json_int_t)counters.connections));
	json_object_set_new(out, "throttled", json_integer(run->throttled));
	json_object_set_new(out, "paced", json_integer(run->paced));
	json_object_set_new(out, "waits", run->waits);
	json_dumpf(out, stdout, JSON_COMPACT);
	putchar('\n');
}

/* One call on the client that all share. 0, or 2 if there is no such operation. */
static int perform_one(struct service *service, struct run *run, int count, char **words)
{
	struct service_reply reply = {0};
	struct error error = {0};
	json_t *out;
	size_t i = 0;
	int r;

	while (i < ARRAY_LENGTH(operations) && strcmp(operations[i].word, words[0]) != 0)
		i++;
	if (i == ARRAY_LENGTH(operations) || count <= operations[i].arguments)
		return 2;
	out = json_object();
	run->waits = json_array();
	r = operations[i].run(service, run, words + 1, out, &reply, &error);
	print(out, r, &reply, &error, service, run);
	json_decref(out);
	return 0;
}

static int perform(struct run *run, char **words)
{
	struct error error = {0};
	struct endpoint endpoint;
	struct retry retry;
	struct service_options options = {.endpoint = &endpoint,
		.retry = &retry,
		.provider = credentials_environment(),
		.limits = &run->limits,
		.call_ms = run->call_ms,
		.stop = &run->stop,
		.hooks = {run, run_pace, run_replied, run_wait}};
	struct service *service;
	unsigned attempts = RETRY_ATTEMPTS;
	int r = 0;

	retry_init(&retry);
	if (endpoint_resolve(&(struct endpoint_wish){.service = ENDPOINT_DIRECTORY_SERVICE,
				     .region = run->region},
		    &endpoint, &error) < 0 ||
		retry_attempts(NULL, &attempts, &error) < 0) {
		fprintf(stderr, "%s\n", error.message);
		return 1;
	}
	atomic_store(&retry.attempts, attempts);
	options.share = http_share_new();
	service = service_new(&options);
	for (long turn = 0; r == 0 && turn < run->repeat; turn++)
		for (char **word = words; r == 0 && *word;) {
			int count = 0;

			while (word[count] && strcmp(word[count], ",") != 0)
				count++;
			char *comma = word[count];

			word[count] = NULL;
			r = count > 0 ? perform_one(service, run, count, word) : 2;
			word[count] = comma;
			word += count + (comma != NULL);
		}
	service_free(service);
	http_share_free(options.share);
	return r;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"region", required_argument, NULL, 'r'},
		{"repeat", required_argument, NULL, 'n'},
		{"connect-ms", required_argument, NULL, 'c'},
		{"total-ms", required_argument, NULL, 't'},
		{"reply-max", required_argument, NULL, 'm'},
		{"deadline", required_argument, NULL, 'd'},
		{"wait-ms", required_argument, NULL, 'w'},
		{"call-ms", required_argument, NULL, 'l'},
		{"pace-ms", required_argument, NULL, 'p'},
		{"stop-ms", required_argument, NULL, 's'}, {0}};
	struct run run = {.region = "eu-west-1", .repeat = 1, .wait_ms = -1, .stop_ms = -1};
	pthread_t stopper;
	int letter, r;

	json_start();
	while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
		long number = letter == 'r' ? 0 : strtol(optarg ? optarg : "", NULL, 10);

		switch (letter) {
		case 'r':
			run.region = optarg;
			break;
		case 'n':
			run.repeat = number;
			break;
		case 'c':
			run.limits.connect_ms = number;
			break;
		case 't':
			run.limits.total_ms = number;
			break;
		case 'm':
			run.limits.reply_max = (size_t)number;
			break;
		case 'd':
			run.deadline = clock_elapsed() + number;
			break;
		case 'w':
			run.wait_ms = number;
			break;
		case 'l':
			run.call_ms = number;
			break;
		case 'p':
			run.pace_ms = number;
			break;
		case 's':
			run.stop_ms = number;
			break;
		default:
			return 2;
		}
	}
	if (optind == argc)
		return 2;
	if (run.stop_ms >= 0 && pthread_create(&stopper, NULL, run_stop, &run) != 0)
		return 1;
	r = perform(&run, argv + optind);
	if (run.stop_ms >= 0)
		pthread_join(stopper, NULL);
	return r;
}
