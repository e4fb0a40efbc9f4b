/* SPDX-License-Identifier: Apache-2.0 */
/* What the log is told of a directory, and of a thousand of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "core/announce.h"
#include "edge/journal.h"
#include "edge/json.h"
#include "program/pass.h"
#include "program/scheduler.h"
#include "program/telling.h"

#define NOW	   INT64_C(1800000000)
#define MANY	   1000
#define OUTPUT_MAX ((size_t)4 * 1024 * 1024)

static struct scheduler scheduler = {.revision = "0123456789abcdef0123456789abcdef01234567"};
static char account[] = "prod";

/* ---- what was told ---- */

static FILE *file;
static int own;

static void listen(void)
{
	file = tmpfile();
	own = dup(STDERR_FILENO);
	assert_non_null(file);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
}

/* The entries since listen() whose PRIORITY is at most `priority`, as a list. */
static json_t *heard(int priority)
{
	json_t *entries = json_array(), *entry;
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	assert_true(dup2(own, STDERR_FILENO) >= 0);
	close(own);
	rewind(file);
	while ((length = getline(&line, &size, file)) > 0) {
		assert_int_equal(json_parse(line, (size_t)length, &entry, NULL), 0);
		if (json_integer_value(json_object_get(entry, "PRIORITY")) <= priority)
			json_array_append_new(entries, entry);
		else
			json_decref(entry);
	}
	free(line);
	fclose(file);
	return entries;
}

static const char *field(const json_t *entries, size_t index, const char *name)
{
	const char *value =
		json_string_value(json_object_get(json_array_get(entries, index), name));

	return value ? value : "";
}

/* ---- looks ---- */

struct look {
	struct target *target;
	struct memory *memory;
	int64_t now;
	bool away; /* it is not complete */
};

/* One look that finds these conditions, told as the scheduler has it told. */
static void looks(const struct look *look, const struct condition *conditions, size_t count)
{
	static struct decision decision;
	struct observed observed = {.complete = !look->away,
		.stage = DIRECTORY_STAGE_ACTIVE,
		.type = DIRECTORY_TYPE_MICROSOFT_AD,
		.name = "corp.example.com"};
	struct situation situation = {.wanted = look->target->wanted,
		.observed = &observed,
		.memory = look->memory,
		.now = look->now};

	decision = (struct decision){
		.step = {.kind = count > 0 ? STEP_HELD : STEP_SETTLED, .reason = REASON_CONVERGED}};
	for (size_t i = 0; i < count; i++)
		decision_tell(&decision, &conditions[i]);
	announce(&situation, &decision, look->memory);
	telling_decided(look->target, &situation, &decision, "request-1");
	look->target->health.truth[HEALTH_READY] = count > 0 ? TRUTH_FALSE : TRUTH_TRUE;
}

static struct directory wanted = {.id = "d-926708e4f1", .name = (char[]){"corp.example.com"}};

static const struct condition denied = {
	.reason = REASON_ACCESS_DENIED, .detail = "no ds:ListCertificates"};

/* An entry about a directory says where it is, in which pass, and what is the matter. */
static void an_entry_has_its_fields(void **state)
{
	static const struct {
		const char *name, *value;
	} fields[] = {{"DIRECTORY_ID", "d-926708e4f1"}, {"DIRECTORY_NAME", "corp.example.com"},
		{"REGION", "eu-west-1"}, {"ACCOUNT", "prod"}, {"REASON", "AccessDenied"},
		{"PASS_ID", "0123456789abcdef0123456789abcdef"},
		{"CONFIG_REVISION", "0123456789abcdef0123456789abcdef01234567"},
		{"AWS_REQUEST_ID", "request-1"}, {"REPEATED", ""}, {"ACTION", ""},
		{"CERTIFICATE_ID", ""}};
	struct pass pass = {.scheduler = &scheduler,
		.account = account,
		.region = "eu-west-1",
		.id = "0123456789abcdef0123456789abcdef",
		.lane = (struct lane *)&scheduler};
	struct target *target = target_new("prod", "eu-west-1", &wanted);
	struct memory memory = {0};
	json_t *entries;

	(void)state;
	target->pass = &pass;
	listen();
	looks(&(struct look){target, &memory, NOW, true}, &denied, 1);
	telling_gathered(&pass);
	entries = heard(LOG_INFO);
	assert_int_equal(json_array_size(entries), 1);
	assert_string_equal(
		field(entries, 0, "MESSAGE_ID"), message_of_reason(REASON_ACCESS_DENIED).id);
	for (size_t i = 0; i < ARRAY_LENGTH(fields); i++)
		if (strcmp(field(entries, 0, fields[i].name), fields[i].value) != 0)
			fail_msg("%s=%s", fields[i].name, field(entries, 0, fields[i].name));
	json_decref(entries);
	telling_gathered(&pass);
	memory_done(&memory);
	target_free(target);
	sd_event_source_disable_unref(pass.telling);
}

/* What is told of an error that lasts for `hours`, looked at each hour, and then ends. */
static void what_lasts_is_counted(void **state)
{
	static const struct {
		int64_t hours; /* after the first look */
		const char *repeated;
	} reminders[] = {{1, "2"}, {6, "7"}, {24, "25"}, {7 * 24, "169"}, {14 * 24, "337"}};
	struct target *target = target_new("", "eu-west-1", &wanted);
	struct memory memory = {0};
	json_t *entries;
	size_t told = 0;

	(void)state;
	for (int64_t hour = 0; hour <= 15 * 24; hour++) {
		listen();
		looks(&(struct look){target, &memory, NOW + hour * HOUR, true}, &denied, 1);
		entries = heard(LOG_INFO);
		if (hour > 0 && json_array_size(entries) > 0) {
			assert_true(told < ARRAY_LENGTH(reminders));
			assert_int_equal(hour, reminders[told].hours);
			assert_string_equal(
				field(entries, 0, "REPEATED"), reminders[told].repeated);
			assert_non_null(strstr(field(entries, 0, "MESSAGE"),
				"looks found it so since 2027-01-15T08:00:00Z"));
			told++;
		}
		json_decref(entries);
	}
	assert_int_equal(told, ARRAY_LENGTH(reminders));
	listen();
	looks(&(struct look){target, &memory, NOW + 16 * DAY, false}, NULL, 0);
	entries = heard(LOG_INFO);
	assert_int_equal(json_array_size(entries), 2);
	assert_string_equal(
		field(entries, 0, "MESSAGE_ID"), message_of_event(EVENT_CONDITION_OVER).id);
	assert_string_equal(field(entries, 0, "REASON"), "AccessDenied");
	assert_string_equal(field(entries, 0, "REPEATED"), "361");
	assert_string_equal(field(entries, 1, "REASON"), "Converged");
	json_decref(entries);
	memory_done(&memory);
	target_free(target);
}

/* What is as it was says nothing, and what was told before the start is not told again. */
static void what_is_known_is_not_told(void **state)
{
	const struct condition foreign = {.reason = REASON_FOREIGN, .id = "c-0123456789"};
	struct target *target = target_new("", "eu-west-1", &wanted);
	struct memory memory = {0};
	json_t *entries;

	(void)state;
	listen();
	looks(&(struct look){target, &memory, NOW, false}, &foreign, 1);
	looks(&(struct look){target, &memory, NOW + HOUR, false}, &foreign, 1);
	looks(&(struct look){target, &memory, NOW + 30 * DAY, false}, &foreign, 1);
	entries = heard(LOG_INFO);
	assert_int_equal(json_array_size(entries), 1);
	json_decref(entries);
	target_free(target);

	/* another process, with the same ledger */
	target = target_new("", "eu-west-1", &wanted);
	listen();
	looks(&(struct look){target, &memory, NOW + 31 * DAY, false}, &foreign, 1);
	entries = heard(LOG_INFO);
	assert_int_equal(json_array_size(entries), 0);
	json_decref(entries);
	target_free(target);

	/* one that was ready when it was seen last */
	target = target_new("", "eu-west-1", &wanted);
	target->health.truth[HEALTH_READY] = TRUTH_TRUE;
	listen();
	looks(&(struct look){target, &memory, NOW + 31 * DAY, false}, NULL, 0);
	entries = heard(LOG_INFO);
	assert_int_equal(json_array_size(entries), 0);
	json_decref(entries);
	memory_done(&memory);
	target_free(target);
}

static const struct {
	const char *what;
	size_t directories, entries;
	const char *number; /* DIRECTORIES of the first entry */
} storms[] = {
	{"one directory is told as itself", 1, 1, ""},
	{"so are a few", ROUNDUP_SINGLES, ROUNDUP_SINGLES, ""},
	{"one more, and they are one entry", ROUNDUP_SINGLES + 1, 1, "4"},
	{"and so are a thousand", MANY, 1, "1000"},
};

/* The API goes away from under many directories of a lane, and comes back. */
static void a_storm_is_one_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(storms); i++) {
		struct pass pass = {.scheduler = &scheduler,
			.account = account,
			.region = "eu-west-1",
			.passing = true,
			.lane = (struct lane *)&scheduler};
		struct target *targets[MANY];
		struct memory memories[MANY] = {0};
		struct directory all[MANY];
		json_t *entries;

		for (size_t j = 0; j < storms[i].directories; j++) {
			all[j] = wanted;
			snprintf(all[j].id, sizeof(all[j].id), "d-%010zx", j);
			targets[j] = target_new("prod", "eu-west-1", &all[j]);
			targets[j]->pass = &pass;
		}
		for (int look = 0; look < 4; look++) {
			bool away = look < 2;

			listen();
			for (size_t j = 0; j < storms[i].directories; j++)
				looks(&(struct look){targets[j], &memories[j], NOW + look * 900,
					      away},
					&denied, away ? 1 : 0);
			telling_gathered(&pass);
			entries = heard(LOG_INFO);
			/* it comes back: the condition is over, and all is well */
			if (json_array_size(entries) != (look == 0	    ? storms[i].entries
								: look == 2 ? 2 * storms[i].entries
									    : 0))
				fail_msg("%s: %zu entries at look %d", storms[i].what,
					json_array_size(entries), look);
			if (look == 0)
				assert_string_equal(
					field(entries, 0, "DIRECTORIES"), storms[i].number);
			if (look == 0 && storms[i].directories == MANY) {
				assert_string_equal(field(entries, 0, "DIRECTORY_ID"), "");
				assert_string_equal(field(entries, 0, "ACCOUNT"), "prod");
				assert_non_null(strstr(field(entries, 0, "MESSAGE"),
					"account 'prod' in eu-west-1: 1000 directories "
					"(d-0000000000, d-0000000001, d-0000000002 and 997 "
					"others): AccessDenied: "));
			}
			json_decref(entries);
		}
		for (size_t j = 0; j < storms[i].directories; j++) {
			target_free(targets[j]);
			memory_done(&memories[j]);
		}
		sd_event_source_disable_unref(pass.telling);
	}
}

/* Between passes the first few are told when they are found, the others are counted. */
static void a_storm_between_passes_begins_at_once(void **state)
{
	static const size_t told[] = {1, 1, 1, 0, 0}; /* by each look */
	struct pass pass = {.scheduler = &scheduler,
		.account = account,
		.region = "eu-west-1",
		.lane = (struct lane *)&scheduler};
	json_t *entries;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(told); i++) {
		struct target *target = target_new("prod", "eu-west-1", &wanted);
		struct memory memory = {0};

		target->pass = &pass;
		listen();
		looks(&(struct look){target, &memory, NOW, true}, &denied, 1);
		entries = heard(LOG_INFO);
		assert_int_equal(json_array_size(entries), told[i]);
		json_decref(entries);
		target_free(target);
		memory_done(&memory);
	}
	listen();
	telling_gathered(&pass);
	telling_gathered(&pass);
	entries = heard(LOG_INFO);
	assert_int_equal(json_array_size(entries), 1);
	assert_string_equal(field(entries, 0, "DIRECTORIES"), "5");
	json_decref(entries);
	sd_event_source_disable_unref(pass.telling);
}

/* For those who look closer each directory is there. */
static void a_storm_is_whole_at_debug(void **state)
{
	struct pass pass = {.scheduler = &scheduler,
		.account = account,
		.region = "eu-west-1",
		.passing = true,
		.lane = (struct lane *)&scheduler};
	struct memory memory = {0};
	struct target *target = target_new("prod", "eu-west-1", &wanted);
	json_t *entries;

	(void)state;
	target->pass = &pass;
	listen();
	for (int i = 0; i < 10; i++) {
		looks(&(struct look){target, &memory, NOW, true}, &denied, 1);
		memory_done(&memory);
		memory = (struct memory){0};
		tally_done(&target->tally);
	}
	telling_gathered(&pass);
	entries = heard(LOG_DEBUG);
	assert_int_equal(json_array_size(entries), 11);
	json_decref(entries);
	target_free(target);
	memory_done(&memory);
	sd_event_source_disable_unref(pass.telling);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_has_its_fields),
		cmocka_unit_test(what_lasts_is_counted),
		cmocka_unit_test(what_is_known_is_not_told),
		cmocka_unit_test(a_storm_is_one_line),
		cmocka_unit_test(a_storm_between_passes_begins_at_once),
		cmocka_unit_test(a_storm_is_whole_at_debug),
	};

	journal_start(true, JOURNAL_FORMAT_JSON);
	if (sd_event_new(&scheduler.event) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
