/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the core costs, without a network: `core-bench [--quick]` prints the time of one decision
 * beside that of parsing the listing that it rests on, the memory of a directory between two looks,
 * and the time of a forecast of ten years for a fleet beside its goal. The least of several rounds
 * counts, as a machine that does something else only adds to it. --quick is a small run that shows
 * that all of this works. Judges nothing.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/calendar.h"
#include "core/decide.h"
#include "core/forecast.h"
#include "core/learn.h"
#include "core/presumption.h"
#include "edge/json.h"
#include "program/target.h"

#define NOW	    INT64_C(1800000000)
#define HORIZON	    (3650 * DAY)
#define DIRECTORIES 1000
/* The goal of a forecast of DIRECTORIES. Seconds. */
#define GOAL 1.0

/* Five certificates: a root with its successor, and three CAs that end before the horizon. */
static struct certificate certificates[5];
static const struct {
	const char *name;
	int64_t days;
	int authority;
} facts[ARRAY_LENGTH(certificates)] = {{"Corp Root CA", 1500, 0}, {"Corp Root CA", 5000, 0},
	{"Corp Issuing CA", 900, 1}, {"Lab Root CA", 2500, 2}, {"Old Root CA", 400, 3}};

static struct authority authorities[4];
static const struct certificate *generations[ARRAY_LENGTH(authorities)][2];
static const struct authority *trust[ARRAY_LENGTH(authorities)];
static char names[][16] = {"corp-root", "corp-issuing", "lab", "old"};
static char domain[] = "corp.example.com";
static struct directory directory = {.id = "d-926708e4f1",
	.name = domain,
	.trust = trust,
	.trust_count = ARRAY_LENGTH(trust),
	.policy = POLICY_SYNC,
	.client_ldaps = CLIENT_LDAPS_ENABLED,
	.grace = FLEET_GRACE_DEFAULT,
	.reenable_after = FLEET_REENABLE_DEFAULT,
	.overlap = FLEET_OVERLAP_DEFAULT,
	.certificate_limit = SERVICE_LDAPS_LIMIT};

static void set_up(void)
{
	for (size_t i = 0; i < ARRAY_LENGTH(authorities); i++) {
		trust[i] = &authorities[i];
		authorities[i] = (struct authority){.name = names[i],
			.certificates = generations[i],
			.rotation = {.overlap = FLEET_OVERLAP_DEFAULT,
				.rotate_before = FLEET_ROTATE_BEFORE_DEFAULT}};
	}
	for (size_t i = 0; i < ARRAY_LENGTH(certificates); i++) {
		struct authority *authority = &authorities[facts[i].authority];
		int subject = facts[i].authority + 1, key = (int)i + 1;

		certificates[i] = (struct certificate){.not_before = NOW - 365 * DAY,
			.not_after = NOW + facts[i].days * DAY,
			.version_certificate = -1,
			.version_key = -1,
			.pem_length = 2000,
			.ca = true,
			.cert_sign = true,
			.self_issued = true,
			.self_signed = true};
		memset(&certificates[i].sha256, key, sizeof(struct digest));
		memset(&certificates[i].key, key, sizeof(struct digest));
		memset(&certificates[i].signer, key, sizeof(struct digest));
		memset(&certificates[i].subject, subject, sizeof(struct digest));
		memset(&certificates[i].issuer, subject, sizeof(struct digest));
		snprintf(certificates[i].common_name, sizeof(certificates[i].common_name), "%s",
			facts[i].name);
		generations[facts[i].authority][authority->count++] = &certificates[i];
	}
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Runs `what` so often in a round; the seconds of one run in the best of the rounds. */
static double measure(void (*what)(void *context), void *context, int rounds, int times)
{
	double best = 0;

	for (int round = 0; round < rounds; round++) {
		double begin = now_s(), took;

		for (int i = 0; i < times; i++)
			what(context);
		took = (now_s() - begin) / times;
		if (round == 0 || took < best)
			best = took;
	}
	return best;
}

static void decide_once(void *context)
{
	struct presumption *presumption = context;
	static struct decision decision;

	decide(&presumption->situation, &decision);
}

/* All that a look at rest leads to but the look. */
static void learn_once(void *context)
{
	struct presumption *presumption = context;

	if (learn(&presumption->situation, &presumption->memory) < 0)
		abort();
	decide_once(context);
}

static void parse_once(void *context)
{
	const struct buffer *reply = context;
	json_t *value;

	if (json_parse(reply->data, reply->length, &value, NULL) < 0)
		abort();
	json_decref(value);
}

static void forecast_once(void *context)
{
	struct presumption presumption;
	struct forecast forecast;

	(void)context;
	if (presumption_make(&directory, FLEET_INTERVAL_DEFAULT, NOW, &presumption) < 0 ||
		forecast_make(&presumption.situation, NOW + HORIZON, &forecast) < 0)
		abort();
	if (forecast.outages == 0)
		abort();
	forecast_done(&forecast);
	presumption_done(&presumption);
}

/* The reply of ListCertificates that shows what is presumed. */
static void list(const struct observed *observed, struct buffer *reply)
{
	buffer_append_text(reply, "{\"CertificatesInfo\":[");
	for (size_t i = 0; i < observed->listed_count; i++)
		buffer_printf(reply,
			"%s{\"CertificateId\":\"%s\",\"CommonName\":\"%s\",\"State\":"
			"\"Registered\","
			"\"ExpiryDateTime\":%lld,\"Type\":\"ClientLDAPS\"}",
			i > 0 ? "," : "", observed->listed[i].id, observed->listed[i].common_name,
			(long long)observed->listed[i].expiry);
	if (buffer_append_text(reply, "]}") < 0)
		abort();
}

static void measure_decision(struct presumption *presumption, int times)
{
	struct buffer reply;
	double parse, decision, lesson;

	buffer_init(&reply, JSON_TEXT_MAX);
	list(&presumption->observed, &reply);
	parse = measure(parse_once, &reply, 5, times);
	decision = measure(decide_once, presumption, 5, times);
	lesson = measure(learn_once, presumption, 5, times);
	printf("a decision for one directory: %.0f ns; with what the look teaches %.0f ns; jansson "
	       "parses its listing in %.0f ns: ratio %.2f\n",
		decision * 1e9, lesson * 1e9, parse * 1e9, lesson / parse);
	buffer_done(&reply);
}

static void measure_memory(int count)
{
	struct memory *memories = calloc((size_t)count, sizeof(memories[0]));
	size_t before = mallinfo2().uordblks, used;

	if (!memories)
		abort();
	for (int i = 0; i < count; i++) {
		struct presumption presumption;

		if (presumption_make(&directory, FLEET_INTERVAL_DEFAULT, NOW, &presumption) < 0)
			abort();
		memories[i] = presumption.memory;
		presumption.memory = (struct memory){0};
		presumption_done(&presumption);
	}
	used = (mallinfo2().uordblks - before) / (size_t)count;
	printf("memory of a directory between two looks: %zu bytes: %zu of its target, %zu of what "
	       "is remembered of five certificates\n",
		sizeof(struct target) + used, sizeof(struct target), used);
	for (int i = 0; i < count; i++)
		memory_done(&memories[i]);
	free(memories);
}

static void measure_forecast(int times)
{
	double one = measure(forecast_once, NULL, 3, times), all = one * DIRECTORIES;

	printf("a forecast of ten years for %d directories: %.3f s, %.0f directories a second; the "
	       "goal is %.0f s: ratio %.2f\n",
		DIRECTORIES, all, 1 / one, GOAL, all / GOAL);
}

int main(int argc, char **argv)
{
	bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
	struct presumption presumption;

	set_up();
	if (presumption_make(&directory, FLEET_INTERVAL_DEFAULT, NOW, &presumption) < 0)
		return EXIT_FAILURE;
	measure_decision(&presumption, quick ? 100 : 20000);
	presumption_done(&presumption);
	measure_memory(quick ? 10 : DIRECTORIES);
	measure_forecast(quick ? 10 : DIRECTORIES);
	return EXIT_SUCCESS;
}
