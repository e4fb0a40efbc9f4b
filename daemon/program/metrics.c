/* SPDX-License-Identifier: Apache-2.0 */
#include "program/metrics.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/calendar.h"
#include "config.h"
#include "core/health.h"

/* Digits of a digest that tell certificates of one name apart. */
#define PREFIX 8
/* Three labels of a directory, each character escaped. Bytes. */
#define LABELS_MAX 4096

static const struct {
	const char *name, *type, *help;
} families[METRICS] = {
#define X(code, name, type, help) [METRIC_##code] = {name, type, help},
	METRICS_TABLE(X)
#undef X
};

static const char *const standings[METRICS_STANDINGS] = {
	"ready", "changing", "waiting", "held", "alarm", "released"};

void metrics_init(struct metrics *metrics)
{
	*metrics = (struct metrics){0};
	for (size_t i = 0; i < METRICS; i++)
		buffer_init(&metrics->families[i], METRICS_FAMILY_MAX);
}

void metrics_done(struct metrics *metrics)
{
	for (size_t i = 0; i < METRICS; i++)
		buffer_done(&metrics->families[i]);
}

/* ---- samples ---- */

/* A label's value: any UTF-8, with the three characters that the format escapes. */
static void put_label(struct buffer *buffer, const char *name, const char *value)
{
	bool first = buffer->length == 0 || buffer->data[buffer->length - 1] == '{';

	buffer_printf(buffer, "%s%s=\"", first ? "" : ",", name);
	for (; *value != '\0'; value++) {
		if (*value == '\n')
			buffer_append_text(buffer, "\\n");
		else
			buffer_printf(buffer, "%s%c", *value == '\\' || *value == '"' ? "\\" : "",
				*value);
	}
	buffer_append_text(buffer, "\"");
}

/* A sample with all its labels in one text, which may be empty. */
static void put(struct metrics *metrics, enum metric metric, const char *labels, int64_t value)
{
	struct buffer *family = &metrics->families[metric];

	if (labels[0] == '\0')
		buffer_printf(family, "%s %lld\n", families[metric].name, (long long)value);
	else
		buffer_printf(
			family, "%s{%s} %lld\n", families[metric].name, labels, (long long)value);
}

/* The same with one label more. */
static void put_with(struct metrics *metrics, enum metric metric, const char *labels,
	const char *name, const char *label, int64_t value)
{
	struct buffer all;

	buffer_init(&all, LABELS_MAX);
	buffer_append_text(&all, labels);
	put_label(&all, name, label);
	put(metrics, metric, buffer_text(&all), value);
	buffer_done(&all);
}

/* ---- the program ---- */

void metrics_add_overview(struct metrics *metrics, const struct overview *overview)
{
	int64_t looked;

	put_with(metrics, METRIC_BUILD, "", "version", PACKAGE_VERSION, 1);
	put(metrics, METRIC_RELOADED, "", !overview->refused);
	put(metrics, METRIC_INTERVAL, "", overview->interval);
	if (overview->looked[0] != '\0' && instant_parse(overview->looked, &looked) == 0)
		put(metrics, METRIC_LOOKED, "", looked);
}

void metrics_add_counts(struct metrics *metrics, const struct metrics_counts *counts)
{
	static const char *const outcomes[] = {"accepted", "failed"};

	for (enum step_kind kind = 0; kind < STEPS; kind++) {
		const struct step step = {.kind = kind};

		for (size_t i = 0; step_writes(&step) && i < ARRAY_LENGTH(outcomes); i++) {
			struct buffer labels;

			buffer_init(&labels, LABELS_MAX);
			put_label(&labels, "action", step_kind_str(kind));
			put_with(metrics, METRIC_STEPS, buffer_text(&labels), "outcome",
				outcomes[i], (int64_t)counts->steps[kind][i]);
			buffer_done(&labels);
		}
	}
	put(metrics, METRIC_UNRECORDED, "", (int64_t)counts->unrecorded);
}

void metrics_add_pass(struct metrics *metrics, const struct metrics_pass *pass)
{
	struct buffer labels;

	buffer_init(&labels, LABELS_MAX);
	put_label(&labels, "account", pass->account);
	put_label(&labels, "region", pass->region);
	put(metrics, METRIC_PASSES, buffer_text(&labels), (int64_t)pass->passes);
	put(metrics, METRIC_DURATION, buffer_text(&labels), pass->seconds);
	buffer_done(&labels);
}

/* ---- a directory ---- */

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_member_text(object, key);

	return text ? text : "";
}

static void add_conditions(struct metrics *metrics, const json_t *health, const char *labels)
{
	static const int values[TRUTHS] = {
		[TRUTH_UNKNOWN] = -1, [TRUTH_FALSE] = 0, [TRUTH_TRUE] = 1};
	size_t i;
	json_t *row;

	json_array_foreach(health, i, row)
	{
		enum health_kind kind = health_parse(text_of(row, "type"));

		if (kind < HEALTHS)
			put_with(metrics, METRIC_CONDITION, labels, "condition", health_str(kind),
				values[truth_parse(text_of(row, "status"))]);
	}
}

static void add_problems(struct metrics *metrics, const json_t *conditions, const char *labels)
{
	static const enum severity told[] = {SEVERITY_ERROR, SEVERITY_WARNING};

	for (size_t i = 0; i < ARRAY_LENGTH(told); i++) {
		const char *severity = severity_str(told[i]);
		int64_t count = 0;
		size_t j;
		json_t *condition;

		json_array_foreach(conditions, j, condition)
		{
			count += strcmp(text_of(condition, "severity"), severity) == 0;
		}
		put_with(metrics, METRIC_PROBLEMS, labels, "severity", severity, count);
	}
}

static bool counts(const json_t *certificate)
{
	return strcmp(text_of(certificate, "type"), "ClientLDAPS") == 0 &&
	       strcmp(text_of(certificate, "state"), "Registered") == 0;
}

static bool same_prefix(const char *a, const char *b)
{
	for (size_t i = 0; i < PREFIX; i++) {
		if (a[i] != b[i])
			return false;
		if (a[i] == '\0')
			break;
	}
	return true;
}

/* Whether an earlier entry of the list has the same labels: foreign ones of one name have no
 * digest to tell them apart, and a series may stand once. The one that ends first stands for all.
 */
static bool stands_behind(const json_t *certificates, size_t index, const json_t *certificate)
{
	const char *expires = text_of(certificate, "expires");

	for (size_t i = 0; i < json_array_size(certificates); i++) {
		const json_t *other = json_array_get(certificates, i);
		int order = strcmp(text_of(other, "expires"), expires);

		if (i != index && counts(other) && (order < 0 || (order == 0 && i < index)) &&
			strcmp(text_of(other, "common_name"),
				text_of(certificate, "common_name")) == 0 &&
			same_prefix(text_of(other, "sha256"), text_of(certificate, "sha256")))
			return true;
	}
	return false;
}

static void add_certificate(struct metrics *metrics, const json_t *certificate, const char *labels)
{
	char prefix[PREFIX + 1];
	struct buffer all;
	int64_t at;

	snprintf(prefix, sizeof(prefix), "%s", text_of(certificate, "sha256"));
	buffer_init(&all, LABELS_MAX);
	buffer_append_text(&all, labels);
	put_label(&all, "common_name", text_of(certificate, "common_name"));
	put_label(&all, "sha256", prefix);
	if (instant_parse(text_of(certificate, "expires"), &at) == 0)
		put(metrics, METRIC_EXPIRY, buffer_text(&all), at);
	if (instant_parse(text_of(certificate, "reversible_until"), &at) == 0)
		put(metrics, METRIC_DOOR, buffer_text(&all), at);
	buffer_done(&all);
}

static void add_directory(struct metrics *metrics, const json_t *status, const char *labels)
{
	const json_t *certificates = json_member_array(status, "certificates");
	const char *ldaps = text_of(status, "ldaps");
	struct buffer all;
	size_t i;
	json_t *certificate;

	buffer_init(&all, LABELS_MAX);
	buffer_append_text(&all, labels);
	put_label(&all, "name", text_of(status, "name"));
	put_label(&all, "type", text_of(status, "type"));
	put_label(&all, "stage", text_of(status, "stage"));
	put(metrics, METRIC_DIRECTORY, buffer_text(&all), 1);
	buffer_done(&all);
	if (strcmp(ldaps, "Unknown") != 0)
		put(metrics, METRIC_LDAPS, labels, strcmp(ldaps, "Enabled") == 0);
	add_conditions(metrics, json_member_array(status, "health"), labels);
	add_problems(metrics, json_member_array(status, "conditions"), labels);
	json_array_foreach(certificates, i, certificate)
	{
		if (counts(certificate) && !stands_behind(certificates, i, certificate))
			add_certificate(metrics, certificate, labels);
	}
}

void metrics_add_status(struct metrics *metrics, const json_t *status)
{
	const char *standing = text_of(status, "standing");
	const json_t *conditions;
	struct buffer labels;

	for (size_t i = 0; i < ARRAY_LENGTH(standings); i++)
		metrics->standings[i] += strcmp(standing, standings[i]) == 0;
	conditions = json_member_array(status, "conditions");
	if (strcmp(standing, "released") == 0 && json_array_size(conditions) == 0)
		return;
	buffer_init(&labels, LABELS_MAX);
	put_label(&labels, "account", text_of(status, "account"));
	put_label(&labels, "region", text_of(status, "region"));
	put_label(&labels, "directory", text_of(status, "directory"));
	/* of one that no selector has any more, that is told and nothing else */
	if (strcmp(standing, "released") == 0)
		add_problems(metrics, conditions, buffer_text(&labels));
	else
		add_directory(metrics, status, buffer_text(&labels));
	buffer_done(&labels);
}

/* ---- the text ---- */

int metrics_text(struct metrics *metrics, enum metric metric, struct buffer *buffer)
{
	const struct buffer *family = &metrics->families[metric];

	if (metric == METRIC_DIRECTORIES && family->length == 0)
		for (size_t i = 0; i < ARRAY_LENGTH(standings); i++)
			put_with(metrics, metric, "", "standing", standings[i],
				(int64_t)metrics->standings[i]);
	if (family->length > 0) {
		buffer_printf(buffer, "# HELP %s %s\n# TYPE %s %s\n", families[metric].name,
			families[metric].help, families[metric].name, families[metric].type);
		buffer_append(buffer, family->data, family->length);
	}
	return buffer_status(family) < 0 ? buffer_status(family) : buffer_status(buffer);
}
