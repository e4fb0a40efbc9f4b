/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "program/report.h"
#include "program/skeleton-report.h"

const char *skeleton_why(const struct skeleton_directory *directory)
{
	if (directory->obstacle != SKELETON_UNREAD)
		return skeleton_obstacle_str(directory->obstacle);
	return directory->sights[0].observed.reason;
}

static json_t *entries_json(
	const struct skeleton *skeleton, const struct skeleton_generation *generation)
{
	json_t *array = json_array();

	for (size_t i = generation->first; i < generation->first + generation->count; i++) {
		const struct skeleton_entry *entry = &skeleton->entries[i];

		(void)json_array_append_new(
			array, json_pack("{s:s, s:s, s:s, s:s, s:s}", "id", entry->listed->id,
				       "directory", entry->sight->id, "account",
				       entry->sight->account, "region", entry->sight->region,
				       "state", certificate_state_str(entry->listed->state)));
	}
	return array;
}

static json_t *authority_json(
	const struct skeleton *skeleton, const struct skeleton_authority *authority)
{
	json_t *generations = json_array();

	for (size_t i = authority->first; i < authority->first + authority->count; i++) {
		const struct skeleton_generation *generation = &skeleton->generations[i];

		(void)json_array_append_new(
			generations, json_pack("{s:s, s:o, s:o}", "file", generation->file,
					     "expires", report_instant(generation->expiry),
					     "entries", entries_json(skeleton, generation)));
	}
	return json_pack("{s:s, s:o, s:o}", "name", authority->name, "common_name",
		json_text(authority->common_name), "generations", generations);
}

static json_t *regions_json(const struct skeleton_directory *directory)
{
	json_t *array = json_array();

	for (size_t i = 0; i < directory->count; i++)
		(void)json_array_append_new(array, json_string(directory->sights[i].region));
	return array;
}

static json_t *trust_json(
	const struct skeleton *skeleton, const struct skeleton_directory *directory)
{
	json_t *array = json_array();

	for (size_t i = 0; i < directory->trust_count; i++)
		(void)json_array_append_new(
			array, json_string(skeleton->authorities[directory->trust[i]].name));
	return array;
}

static json_t *directory_json(
	const struct skeleton *skeleton, const struct skeleton_directory *directory)
{
	const struct skeleton_sight *sight = directory->sights;
	bool managed = directory->client_ldaps != CLIENT_LDAPS_UNMANAGED;

	return json_pack("{s:s, s:s, s:o, s:s, s:s, s:o, s:s?, s:o, s:o, s:o}", "account",
		sight->account, "directory", sight->id, "name", json_text(sight->observed.name),
		"type", directory_type_str(sight->observed.type), "stage",
		directory_stage_str(sight->observed.stage), "regions", regions_json(directory),
		"client_ldaps", managed ? client_ldaps_str(directory->client_ldaps) : NULL, "trust",
		trust_json(skeleton, directory), "certificate_limit",
		directory->certificate_limit != 0 ? json_integer(directory->certificate_limit)
						  : json_null(),
		"why_not", json_text(skeleton_why(directory)));
}

static json_t *gaps_json(const struct skeleton_report *report)
{
	json_t *array = json_array();

	for (size_t i = 0; i < report->gaps_count; i++)
		(void)json_array_append_new(
			array, json_pack("{s:s, s:s, s:o}", "account", report->gaps[i].account,
				       "region", report->gaps[i].region, "message",
				       json_text(report->gaps[i].error.message)));
	return array;
}

json_t *skeleton_json(const struct skeleton_report *report)
{
	const struct skeleton *skeleton = report->skeleton;
	json_t *authorities = json_array(), *directories = json_array();

	for (size_t i = 0; i < skeleton->authorities_count; i++)
		(void)json_array_append_new(
			authorities, authority_json(skeleton, &skeleton->authorities[i]));
	for (size_t i = 0; i < skeleton->directories_count; i++)
		(void)json_array_append_new(
			directories, directory_json(skeleton, &skeleton->directories[i]));
	return json_pack("{s:i, s:o, s:o, s:o, s:o}", "version", REPORT_VERSION, "written",
		report_instant(report->now), "authorities", authorities, "directories", directories,
		"unread", gaps_json(report));
}
