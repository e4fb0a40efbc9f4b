/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/calendar.h"
#include "edge/yaml-write.h"
#include "program/report.h"
#include "program/skeleton-report.h"

/* A comment: a common name, where it is and why. Bytes. */
#define COMMENT_MAX 4096

__attribute__((format(printf, 3, 4))) static void comment(
	struct buffer *buffer, size_t indent, const char *format, ...)
{
	char text[COMMENT_MAX];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	yaml_write_comment(buffer, indent, text);
}

/* "  key: value", where there is a value. */
static void pair(struct buffer *buffer, size_t indent, const char *key, const char *value)
{
	if (!value)
		return;
	buffer_printf(buffer, "%*s%s: ", (int)indent, "", key);
	yaml_write_text(buffer, value);
	buffer_append_text(buffer, "\n");
}

/* ---- the head ---- */

static void put_head(const struct skeleton_report *report, struct buffer *buffer)
{
	char now[INSTANT_SIZE];

	comment(buffer, 0,
		"What AWS had at %s, as `ldapsward export` wrote it. Nothing was changed.",
		instant_format(report->now, now));
	comment(buffer, 0, "%s", "");
	if (report->skeleton->authorities_count > 0) {
		comment(buffer, 0,
			"1. Put the certificates into ca/ beside this file, each under "
			"the name that it has below: the");
		comment(buffer, 0,
			"   API gives none out, your CAs do. Where the names of "
			"authorities say nothing to you, change them.");
		comment(buffer, 0,
			"2. `ldapsward check` tells every mistake, and "
			"`ldapsward adopt --dry-run` whether these are the");
		comment(buffer, 0, "   certificates that are registered.");
	} else {
		comment(buffer, 0,
			"1. Put the certificates of the CAs of your domain controllers "
			"into ca/ beside this file, and name");
		comment(buffer, 0,
			"   them under `authorities` and `trust`; see ldapsward.yaml(5).");
		comment(buffer, 0, "2. `ldapsward check` tells every mistake.");
	}
	comment(buffer, 0,
		"3. With the policy observe nothing is written to AWS. `ldapsward plan` "
		"tells what would be done");
	comment(buffer, 0, "   with sync or add-only, once a directory, or `defaults`, says so.");
	for (size_t i = 0; i < report->gaps_count; i++) {
		const struct skeleton_gap *gap = &report->gaps[i];

		if (i == 0)
			comment(buffer, 0, "%s", "");
		comment(buffer, 0, "NOT COMPLETE: %s%s%s: %s", gap->account,
			gap->account[0] != '\0' ? ", " : "", gap->region, gap->error.message);
	}
	buffer_append_text(buffer, "version: 1\n\ndefaults:\n  policy: observe\n");
}

/* One URL for all Regions, or one for each that has its own. */
static void put_endpoints(const struct account *account, struct buffer *buffer)
{
	for (size_t i = 0; i < account->endpoints_count; i++) {
		const struct account_endpoint *endpoint = &account->endpoints[i];

		if (!endpoint->region) {
			pair(buffer, 4, "endpoint", endpoint->url);
			continue;
		}
		buffer_append_text(buffer, i == 0 ? "    endpoint:\n" : "");
		pair(buffer, 6, endpoint->region, endpoint->url);
	}
	pair(buffer, 4, "sts_endpoint", account->sts_endpoint);
}

static void put_account(const struct account *account, struct buffer *buffer)
{
	char duration[DURATION_SIZE];

	buffer_append_text(buffer, "  ");
	yaml_write_text(buffer, account->name);
	buffer_append_text(buffer, ":\n");
	pair(buffer, 4, "account_id", account->account_id);
	pair(buffer, 4, "profile", account->profile);
	pair(buffer, 4, "role_arn", account->role_arn);
	pair(buffer, 4, "external_id", account->external_id);
	pair(buffer, 4, "session_name", account->session_name);
	if (account->role_arn && account->duration != 0)
		pair(buffer, 4, "duration", duration_write(account->duration, duration));
	put_endpoints(account, buffer);
	buffer_printf(buffer, "    concurrency: %u\n", account->concurrency);
}

static void put_accounts(const struct skeleton_report *report, struct buffer *buffer)
{
	bool begun = false;

	for (size_t i = 0; i < report->accounts_count; i++) {
		if (report->accounts[i]->name[0] == '\0')
			continue;
		if (!begun)
			buffer_append_text(buffer, "\naccounts:\n");
		begun = true;
		put_account(report->accounts[i], buffer);
	}
}

/* ---- authorities ---- */

static void put_place(const struct skeleton_entry *entry, struct buffer *buffer)
{
	const struct skeleton_sight *sight = entry->sight;

	comment(buffer, 6, "  %s in %s (%s%s%s)", entry->listed->id, sight->id, sight->account,
		sight->account[0] != '\0' ? ", " : "", sight->region);
}

/* How often one directory and Region lists what looks the same. */
static bool has_twins(const struct skeleton *skeleton, const struct skeleton_generation *generation)
{
	for (size_t i = generation->first + 1; i < generation->first + generation->count; i++)
		if (skeleton->entries[i].sight == skeleton->entries[i - 1].sight)
			return true;
	return false;
}

static void put_generation(const struct skeleton_report *report,
	const struct skeleton_generation *generation, const char *name, struct buffer *buffer)
{
	const struct skeleton *skeleton = report->skeleton;
	int64_t left = (generation->expiry - report->now) / DAY;
	char date[INSTANT_SIZE];

	instant_format_date(generation->expiry, date);
	if (generation->expiry > report->now)
		comment(buffer, 6, "%s, expires %s, %" PRId64 " days left", name, date, left);
	else
		comment(buffer, 6, "%s, has expired on %s", name, date);
	for (size_t i = generation->first; i < generation->first + generation->count; i++)
		put_place(&skeleton->entries[i], buffer);
	if (has_twins(skeleton, generation))
		comment(buffer, 6,
			"  Two of these look the same in one directory: put both "
			"certificates into the file. Neither is adopted.");
	buffer_printf(buffer, "      - %s\n", generation->file);
}

static void put_authorities(const struct skeleton_report *report, struct buffer *buffer)
{
	const struct skeleton *skeleton = report->skeleton;

	if (skeleton->authorities_count > 0)
		buffer_append_text(buffer, "\nauthorities:\n");
	for (size_t i = 0; i < skeleton->authorities_count; i++) {
		const struct skeleton_authority *authority = &skeleton->authorities[i];
		const char *name = authority->common_name[0] != '\0' ? authority->common_name
								     : "(no common name)";

		buffer_printf(buffer, "  %s:\n    certificates:\n", authority->name);
		for (size_t j = authority->first; j < authority->first + authority->count; j++)
			put_generation(report, &skeleton->generations[j], name, buffer);
	}
}

/* ---- directories ---- */

/* What an entry of `name` must look like; the API's own names always do. */
static bool is_domain(const char *name)
{
	static const char characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					 "0123456789._-";
	size_t length = strlen(name);

	return length > 0 && length <= 253 && name[strspn(name, characters)] == '\0' &&
	       name[0] != '.' && name[length - 1] != '.' && !strstr(name, "..");
}

static void put_list(struct buffer *buffer, const char *key)
{
	buffer_printf(buffer, "    %s: [", key);
}

static void put_item(struct buffer *buffer, size_t number, const char *text)
{
	buffer_append_text(buffer, number > 0 ? ", " : "");
	yaml_write_text(buffer, text);
}

static void put_ldaps(const struct skeleton_directory *directory, struct buffer *buffer)
{
	const struct observed *observed = NULL;

	for (size_t i = 0; !observed && i < directory->count; i++)
		if (directory->sights[i].observed.complete)
			observed = &directory->sights[i].observed;
	if (directory->client_ldaps != CLIENT_LDAPS_UNMANAGED)
		pair(buffer, 4, "client_ldaps", client_ldaps_str(directory->client_ldaps));
	else if (directory->ldaps_differs)
		comment(buffer, 4, "client_ldaps: is not the same in all Regions");
	else if (observed && observed->ldaps_explicit)
		comment(buffer, 4, "client_ldaps: is %s", ldaps_status_str(observed->ldaps));
	else
		comment(buffer, 4, "client_ldaps: was never enabled");
}

static void put_trust(const struct skeleton *skeleton, const struct skeleton_directory *directory,
	struct buffer *buffer)
{
	if (directory->certificate_limit != 0)
		buffer_printf(buffer, "    certificate_limit: %u\n", directory->certificate_limit);
	if (directory->trust_count == 0) {
		comment(buffer, 4,
			"No CA certificate is registered: name the authorities that "
			"issue its domain controllers' certificates.");
		buffer_append_text(buffer, "    trust: none\n");
		return;
	}
	if (directory->trust_cut)
		comment(buffer, 4, "There are more than %d, of which a file takes no more.",
			DIRECTORY_TRUST_MAX);
	put_list(buffer, "trust");
	for (size_t i = 0; i < directory->trust_count; i++)
		put_item(buffer, i, skeleton->authorities[directory->trust[i]].name);
	buffer_append_text(buffer, "]\n");
}

/* What a Region lacks of the authorities that the directory trusts. */
static void put_missing(const struct skeleton_report *report,
	const struct skeleton_directory *directory, const struct skeleton_sight *sight,
	struct buffer *buffer)
{
	const struct skeleton *skeleton = report->skeleton;

	for (size_t i = 0; sight->observed.complete && i < directory->trust_count; i++) {
		const struct skeleton_authority *authority =
			&skeleton->authorities[directory->trust[i]];

		for (size_t j = authority->first; j < authority->first + authority->count; j++) {
			const struct skeleton_generation *generation = &skeleton->generations[j];
			bool registrable = generation->expiry - report->now >
					   CERTIFICATE_DOOR + CERTIFICATE_MARGIN;

			if (!skeleton_has(skeleton, j, sight))
				comment(buffer, 4, "%s: %s is not registered%s", sight->region,
					generation->file,
					registrable ? ": add-only and sync would do it" : "");
		}
	}
}

/* What is there and is not taken over. */
static void put_rest(const struct skeleton_sight *sight, struct buffer *buffer)
{
	size_t cards = 0;

	for (size_t i = 0; i < sight->observed.listed_count; i++) {
		const struct listed *listed = &sight->observed.listed[i];

		if (listed->type == CERTIFICATE_TYPE_CLIENT_CERT_AUTH)
			cards++;
		else if (!skeleton_keeps(listed))
			comment(buffer, 4, "%s: %s, %s, is %s: left out", sight->region, listed->id,
				listed->common_name, certificate_state_str(listed->state));
	}
	if (cards > 0)
		comment(buffer, 4, "%s: %zu for smart cards (%s): never touched", sight->region,
			cards, certificate_type_str(CERTIFICATE_TYPE_CLIENT_CERT_AUTH));
	if (!sight->observed.complete)
		comment(buffer, 4, "%s: could not be read: %s", sight->region,
			sight->observed.reason);
	else if (sight->observed.stage != DIRECTORY_STAGE_ACTIVE)
		comment(buffer, 4, "%s: is %s: nothing is written until it is Active",
			sight->region, directory_stage_str(sight->observed.stage));
}

static void put_directory(const struct skeleton_report *report,
	const struct skeleton_directory *directory, struct buffer *buffer)
{
	const struct skeleton_sight *first = directory->sights;

	buffer_printf(buffer, "  - id: %s\n", first->id);
	if (is_domain(first->observed.name))
		pair(buffer, 4, "name", first->observed.name);
	else
		comment(buffer, 4, "name: AWS says %s, which is no DNS name",
			first->observed.name[0] != '\0' ? first->observed.name : "none");
	if (first->account[0] != '\0')
		pair(buffer, 4, "account", first->account);
	put_list(buffer, "regions");
	for (size_t i = 0; i < directory->count; i++)
		put_item(buffer, i, directory->sights[i].region);
	buffer_append_text(buffer, "]\n");
	put_ldaps(directory, buffer);
	put_trust(report->skeleton, directory, buffer);
	for (size_t i = 0; i < directory->count; i++) {
		put_missing(report, directory, &directory->sights[i], buffer);
		put_rest(&directory->sights[i], buffer);
	}
}

static void put_directories(const struct skeleton_report *report, struct buffer *buffer)
{
	const struct skeleton *skeleton = report->skeleton;
	bool begun = false;

	for (size_t i = 0; i < skeleton->directories_count; i++) {
		const struct skeleton_directory *directory = &skeleton->directories[i];

		if (directory->obstacle != SKELETON_NONE)
			continue;
		buffer_append_text(buffer, begun ? "" : "\ndirectories:\n");
		begun = true;
		put_directory(report, directory, buffer);
	}
	if (!begun)
		comment(buffer, 0, "There is no directory that could be looked after.");
	for (size_t i = 0; i < skeleton->directories_count; i++) {
		const struct skeleton_directory *directory = &skeleton->directories[i];
		const struct skeleton_sight *sight = directory->sights;

		if (directory->obstacle != SKELETON_NONE)
			comment(buffer, 2, "not %s, %s (%s%s%s): %s", sight->id,
				sight->observed.name, sight->account,
				sight->account[0] != '\0' ? ", " : "", sight->region,
				skeleton_why(directory));
	}
}

int skeleton_yaml(const struct skeleton_report *report, struct buffer *buffer)
{
	put_head(report, buffer);
	put_accounts(report, buffer);
	put_authorities(report, buffer);
	put_directories(report, buffer);
	return buffer_status(buffer);
}
