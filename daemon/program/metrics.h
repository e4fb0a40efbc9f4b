/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is known of all directories in the text format of Prometheus (version 0.0.4), for the
 * textfile folder of node_exporter. Every family is a row of METRICS_TABLE; ldapsward(8) explains
 * them, conf/prometheus and conf/grafana ask for them, and a test holds the four together. Labels
 * are bounded by the fleet: account, region, directory and, of a certificate, its common name and
 * the first 8 digits of its SHA-256.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "core/step.h"
#include "edge/json.h"
#include "program/overview.h"

/* clang-format off */
/* code, name, type, help */
#define METRICS_TABLE(X) \
	X(BUILD, "ldapsward_build_info", "gauge", "The version that wrote this; always 1.") \
	X(RELOADED, "ldapsward_config_last_reload_successful", "gauge", "1 if the file on the disk is in force, 0 if it was refused and an older one is.") \
	X(LOOKED, "ldapsward_last_pass_timestamp_seconds", "gauge", "When the last complete pass over all directories ended.") \
	X(INTERVAL, "ldapsward_interval_seconds", "gauge", "Time between passes; 0 if no daemon makes them.") \
	X(DIRECTORIES, "ldapsward_directories", "gauge", "Directories by how they stand.") \
	X(DIRECTORY, "ldapsward_directory_info", "gauge", "What the API says of a directory; always 1.") \
	X(LDAPS, "ldapsward_directory_ldaps_enabled", "gauge", "1 if client-side LDAPS is Enabled, 0 if not; left out where that is not known.") \
	X(CONDITION, "ldapsward_directory_condition", "gauge", "The conditions of a directory: 1 True, 0 False, -1 Unknown.") \
	X(PROBLEMS, "ldapsward_directory_problems", "gauge", "What is told of a directory, by severity.") \
	X(EXPIRY, "ldapsward_certificate_expiry_timestamp_seconds", "gauge", "When a Registered certificate expires.") \
	X(DOOR, "ldapsward_certificate_registrable_until_timestamp_seconds", "gauge", "Until when a Registered certificate that was removed could be registered again.") \
	X(PASSES, "ldapsward_passes_total", "counter", "Passes that have ended since the start.") \
	X(DURATION, "ldapsward_last_pass_duration_seconds", "gauge", "How long the last pass took.") \
	X(STEPS, "ldapsward_steps_total", "counter", "Steps that were taken, or tried, since the start.") \
	X(UNRECORDED, "ldapsward_unrecorded_total", "counter", "What could not be recorded since the start, and was not done for that.")
/* clang-format on */

enum metric {
#define X(code, name, type, help) METRIC_##code,
	METRICS_TABLE(X)
#undef X
	METRICS, /* count, not a metric */
};

/* All series of one family: conditions of 20,000 directories with names as long as they may be.
 * Bytes. */
#define METRICS_FAMILY_MAX ((size_t)64 * 1024 * 1024)

/* How a directory can stand (program/report), and that it has left the file. */
#define METRICS_STANDINGS 6

/* What the process has counted. All-zero is the start. */
struct metrics_counts {
	uint64_t steps[STEPS][2]; /* of each kind; [0] accepted, [1] failed */
	uint64_t unrecorded;
};

/* One round of one account in one Region, as its last pass went. */
struct metrics_pass {
	char *account, *region; /* owned by whoever keeps it */
	uint64_t passes;
	int64_t seconds;
};

struct metrics {
	struct buffer families[METRICS];       /* samples, one a line */
	uint64_t standings[METRICS_STANDINGS]; /* in the order of metrics.c */
};

/* Prepares it. */
void metrics_init(struct metrics *metrics);
/* Frees it; accepts all-zero. */
void metrics_done(struct metrics *metrics);

/* What is known of the program. */
void metrics_add_overview(struct metrics *metrics, const struct overview *overview);
/* A directory by its status (program/report). One that has left the file is counted alone, and one
 * that no selector has any more as a problem too. */
void metrics_add_status(struct metrics *metrics, const json_t *status);
void metrics_add_counts(struct metrics *metrics, const struct metrics_counts *counts);
void metrics_add_pass(struct metrics *metrics, const struct metrics_pass *pass);

/* The text of one family with its head; appends nothing for one without samples. 0 or a buffer's
 * error, also that of a family that found no room. */
int metrics_text(struct metrics *metrics, enum metric metric, struct buffer *buffer);
