/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/calendar.h"
#include "core/vocabulary.h"
#include "edge/schema.h"
#include "program/options-private.h"

#define MISTAKE                                                                                    \
	{                                                                                          \
		64, "a mistake on the command line"                                                \
	}

const struct command_row command_rows[COMMANDS] = {
	[COMMAND_RUN] = {"run", NULL, "the daemon, as the service starts it",
		"Looks at each directory once an interval, takes the next step, and tells systemd "
		"and the journal what it does. Edited files are taken by themselves, SIGHUP reads "
		"them at once, SIGTERM ends it.",
		{{0, "stopped"}, {1, "could not start, or lost its ledger"}, MISTAKE,
			{78, "the configuration was wrong at start"}}},
	[COMMAND_CHECK] = {"check", "FILE", "reads the configuration and tells every mistake",
		"Reads the configuration, or FILE instead, and every certificate file it names, "
		"offline, and prints all mistakes as file:line:column: sentence. What depends on "
		"the clock is never more than a warning.",
		{{0, "good"}, {1, "errors, or warnings with --strict"}, MISTAKE}},
	[COMMAND_PLAN] = {"plan", NULL, "prints what run would do and why, and changes nothing",
		"Reads the API and prints what run would do, why, and until when it could be "
		"undone; also what is held back and what to do about it.",
		{{0, "done; with --detailed-exitcode: nothing to do"}, {1, "error"},
			{2, "with --detailed-exitcode: changes"}, MISTAKE}},
	[COMMAND_APPLY] = {"apply", NULL, "does what plan prints, waits for the end, and exits",
		"One pass to the end, waiting for registrations. Refused beside a running daemon "
		"on the same state.",
		{{0, "converged"}, {1, "error"}, {2, "held back, or not finished in time"},
			MISTAKE}},
	[COMMAND_ADOPT] = {"adopt", NULL, "shows and records which certificates there match files",
		"Reads the API and shows which of the certificates that were registered before "
		"match a file, and why the others do not. What matches is recorded as ldapsward's "
		"own, also with `adopt: never` in the file and before the daemon ever ran; AWS is "
		"sent nothing. Refused beside a running daemon on the same state.",
		{{0, "all that is registered is ldapsward's"}, {1, "error"},
			{2, "something matches no file, or is held back"}, MISTAKE}},
	[COMMAND_STATUS] = {"status", NULL, "what the last pass saw of each directory",
		"The conditions of each directory and, for each certificate, its id, name, owner, "
		"state and reason, when it was registered, when it expires, and until when its "
		"removal could be undone; before them all directories at one glance, with the days "
		"left. Asks nobody, and reads no configuration.",
		{{0, "every directory is healthy"}, {1, "not every one; with --monitor a warning"},
			{2, "with --monitor alone: something is critical"}, {3, "nothing is known"},
			MISTAKE}},
	[COMMAND_FORECAST] = {"forecast", NULL, "what will happen if nobody does anything",
		"What run would do, and what will happen to each certificate, until a date: "
		"registrations, removals and until when they could be undone, thresholds, ends, "
		"and the outages to come, as a timeline and as a list. Reads the API and changes "
		"nothing; with --offline it reads the files alone.",
		{{0, "no outage until then"}, {1, "error"}, {2, "an outage is ahead"}, MISTAKE}},
	[COMMAND_HISTORY] = {"history", NULL, "what was done, when and why",
		"What was done, when, why, and with which request id; the oldest first.",
		{{0, "done"}, {1, "error"}, MISTAKE}},
	[COMMAND_EXPORT] = {"export", NULL, "writes a first configuration from what AWS has today",
		"Reads the API and prints a configuration of what is there: directories, LDAPS and "
		"authorities, with the name of each certificate file that you have to supply, as "
		"the API gives no certificate out. Its policy is observe: nothing is written until "
		"you say so. It needs no configuration, but --account.",
		{{0, "done"}, {1, "error, or something could not be read"}, MISTAKE}},
};

static int take_config(struct options *options, const char *value, int64_t now, struct error *error)
{
	(void)now;
	if (*value == '\0')
		return error_set(error, ERROR_INVALID, "the name of a file is wanted");
	options->config = value;
	return 0;
}

static int take_state_directory(
	struct options *options, const char *value, int64_t now, struct error *error)
{
	(void)now;
	if (*value == '\0')
		return error_set(error, ERROR_INVALID, "the name of a directory is wanted");
	options->state_directory = value;
	return 0;
}

/* Adds a text to a list without repetition. */
static int take_one_of(
	const char **list, size_t *count, size_t limit, const char *value, struct error *error)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(list[i], value) == 0)
			return 0;
	if (*count == limit)
		return error_set(error, ERROR_INVALID,
			"at most %zu can be named; leave it out for all", limit);
	list[(*count)++] = value;
	return 0;
}

static int take_directory(
	struct options *options, const char *value, int64_t now, struct error *error)
{
	(void)now;
	if (!service_id_valid(value, 'd'))
		return error_set(error, ERROR_INVALID,
			"'%s' is no directory id: d- and ten of 0-9 and a-f, such as d-926708e4f1",
			value);
	return take_one_of(options->directories, &options->directories_count,
		OPTIONS_DIRECTORIES_MAX, value, error);
}

static int take_account(
	struct options *options, const char *value, int64_t now, struct error *error)
{
	(void)now;
	if (*value == '\0')
		return error_set(error, ERROR_INVALID, "the name of an account is wanted");
	return take_one_of(
		options->accounts, &options->accounts_count, OPTIONS_ACCOUNTS_MAX, value, error);
}

static int take_region(struct options *options, const char *value, int64_t now, struct error *error)
{
	(void)now;
	if (!schema_region_valid(value))
		return error_set(
			error, ERROR_INVALID, "'%s' is no Region, such as eu-west-1", value);
	return take_one_of(
		options->regions, &options->regions_count, OPTIONS_REGIONS_MAX, value, error);
}

static int take_timeout(
	struct options *options, const char *value, int64_t now, struct error *error)
{
	int64_t seconds;

	(void)now;
	if (duration_parse(value, &seconds) < 0 || seconds == 0)
		return error_set(error, ERROR_INVALID,
			"'%s' is no duration: such as 30s, 15m or 1h30m", value);
	options->timeout_s = seconds;
	return 0;
}

static int take_since(struct options *options, const char *value, int64_t now, struct error *error)
{
	int64_t instant, ago;

	if (instant_parse(value, &instant) < 0) {
		if (duration_parse(value, &ago) < 0)
			return error_set(error, ERROR_INVALID,
				"'%s' is neither a date such as 2027-05-01 or 2027-05-01T06:30:00Z "
				"nor how long ago, such as 7d or 12h",
				value);
		instant = now - ago;
	}
	options->since = instant > 0 ? instant : 0;
	return 0;
}

static int take_until(struct options *options, const char *value, int64_t now, struct error *error)
{
	int64_t instant, ahead;

	if (instant_parse(value, &instant) < 0) {
		if (duration_parse(value, &ahead) < 0)
			return error_set(error, ERROR_INVALID,
				"'%s' is neither a date such as 2027-05-01 or 2027-05-01T06:30:00Z "
				"nor how far ahead, such as 90d or 3650d",
				value);
		instant = now + ahead;
	}
	if (instant <= now || instant - now > DURATION_MAX)
		return error_set(
			error, ERROR_INVALID, "'%s' is not within the next 100 years", value);
	options->until = instant;
	return 0;
}

static int take_limit(struct options *options, const char *value, int64_t now, struct error *error)
{
	size_t limit = 0;
	const char *digit = value;

	(void)now;
	for (; *digit >= '0' && *digit <= '9' && limit <= OPTIONS_LIMIT_MAX; digit++)
		limit = limit * 10 + (size_t)(*digit - '0');
	if (*digit != '\0' || limit == 0 || limit > OPTIONS_LIMIT_MAX)
		return error_set(error, ERROR_INVALID, "'%s' is no number from 1 to %d", value,
			OPTIONS_LIMIT_MAX);
	options->limit = limit;
	return 0;
}

static int take_log_format(
	struct options *options, const char *value, int64_t now, struct error *error)
{
	(void)now;
	for (int format = 0; format < JOURNAL_FORMATS; format++)
		if (strcmp(journal_format_str((enum journal_format)format), value) == 0) {
			options->log_format = (enum journal_format)format;
			return 0;
		}
	return error_set(error, ERROR_INVALID, "'%s' is none of auto, text and json", value);
}

static int take_completion(
	struct options *options, const char *value, int64_t now, struct error *error)
{
	(void)now;
	options->completion = completion_shell_parse(value);
	if (options->completion == COMPLETION_SHELLS)
		return error_set(error, ERROR_INVALID, "'%s' is none of bash, zsh and fish", value);
	return 0;
}

#define LOOKS                                                                                      \
	OPTIONS_FOR(COMMAND_PLAN) | OPTIONS_FOR(COMMAND_APPLY) | OPTIONS_FOR(COMMAND_ADOPT) |      \
		OPTIONS_FOR(COMMAND_FORECAST)
#define READS OPTIONS_FOR(COMMAND_STATUS) | OPTIONS_FOR(COMMAND_HISTORY)

const struct option_row option_rows[OPTIONS_ROWS] = {
	{"account", 0, "NAME", OPTIONS_FOR(COMMAND_EXPORT), 0, take_account,
		"An account of the configuration, which is read for that alone. May be given "
		"several times. Default: the keys that the AWS CLI would find."},
	{"completion", 0, "SHELL", OPTIONS_FOR(COMMANDS), 0, take_completion,
		"Print what completes the command line in bash, zsh or fish."},
	{"config", 0, "FILE", OPTIONS_EVERY_COMMAND, 0, take_config,
		"The configuration. Default: " CONFIGURATION_FILE "; status and history do not "
		"read it, export does for --account."},
	{"debug", 0, NULL, OPTIONS_FOR(COMMAND_RUN) | OPTIONS_FOR(COMMAND_EXPORT) | LOOKS,
		offsetof(struct options, debug), NULL,
		"Also log what is of use to those who look for a mistake."},
	{"detailed-exitcode", 0, NULL, OPTIONS_FOR(COMMAND_PLAN),
		offsetof(struct options, detailed_exitcode), NULL,
		"Let the exit status tell whether there is something to do."},
	{"directory", 0, "ID", OPTIONS_EVERY_COMMAND, 0, take_directory,
		"This directory alone, such as d-926708e4f1. May be given several times."},
	{"dry-run", 0, NULL, OPTIONS_FOR(COMMAND_ADOPT), offsetof(struct options, dry_run), NULL,
		"Show what would be recorded and record nothing, also beside a running daemon."},
	{"help", 'h', NULL, OPTIONS_ALWAYS, offsetof(struct options, help), NULL,
		"Print this text."},
	{"json", 0, NULL, OPTIONS_EVERY_COMMAND, offsetof(struct options, json), NULL,
		"Print one JSON document instead of text."},
	{"limit", 0, "N", OPTIONS_FOR(COMMAND_HISTORY), 0, take_limit,
		"The newest N entries alone."},
	{"log-format", 0, "FORMAT", OPTIONS_FOR(COMMAND_RUN) | OPTIONS_FOR(COMMAND_APPLY), 0,
		take_log_format,
		"auto, text or json: what is told on standard error. Default: auto, which is the "
		"journal under systemd, else text."},
	{"monitor", 0, NULL, OPTIONS_FOR(COMMAND_STATUS), offsetof(struct options, monitor), NULL,
		"Print one line for Nagios or Icinga, and end as they want it."},
	{"offline", 0, NULL, OPTIONS_FOR(COMMAND_FORECAST), offsetof(struct options, offline), NULL,
		"Ask nobody: take what is trusted and valid to be registered already."},
	{"region", 0, "REGION", OPTIONS_FOR(COMMAND_EXPORT), 0, take_region,
		"A Region to look in, such as eu-west-1. May be given several times. Default: "
		"those of the account's directories in the configuration, else AWS_REGION, or "
		"the profile's."},
	{"since", 0, "WHEN", OPTIONS_FOR(COMMAND_HISTORY), 0, take_since,
		"From a date on (2027-05-01), or from so long ago (7d)."},
	{"state-dir", 0, "DIRECTORY", OPTIONS_FOR(COMMAND_RUN) | LOOKS | READS, 0,
		take_state_directory,
		"Where the ledger is. Default: the service's, " STATE_DIRECTORY},
	{"strict", 0, NULL, OPTIONS_FOR(COMMAND_CHECK), offsetof(struct options, strict), NULL,
		"Treat warnings as errors."},
	{"timeout", 0, "DURATION", OPTIONS_FOR(COMMAND_APPLY), 0, take_timeout,
		"Wait at most this long for the end, such as 15m. Default: 1h"},
	{"until", 0, "WHEN", OPTIONS_FOR(COMMAND_FORECAST), 0, take_until,
		"Until a date (2029-05-01), or so far ahead (3650d). Default: 400d"},
	{"version", 0, NULL, OPTIONS_ALWAYS, offsetof(struct options, version), NULL,
		"Print the version."},
	{"watch", 0, NULL, OPTIONS_FOR(COMMAND_STATUS), offsetof(struct options, watch), NULL,
		"Keep the terminal up to date until Ctrl-C; with --json, print it anew at each "
		"change."},
};
