/* SPDX-License-Identifier: Apache-2.0 */
#include "program/state.h"

#include <string.h>

#include "edge/clock.h"
#include "edge/journal.h"
#include "program/overview.h"
#include "program/report.h"
#include "program/telling.h"

int state_open(const struct options *options, const char *program, struct store *store,
	struct state *ret_state, struct error *error)
{
	struct state state = {0};
	int r = ledger_open(options->state_directory, program, clock_now(), &state.ledger, error);

	if (r < 0)
		return r;
	r = ledger_load(state.ledger, store, &state.records, error);
	if (r == 0)
		r = ledger_status_load(state.ledger, &state.statuses, error);
	if (r < 0) {
		ledger_records_done(&state.records);
		ledger_free(state.ledger);
		return r;
	}
	if (ledger_restarted(state.ledger))
		journal_event(EVENT_LEDGER_DAMAGED, JOURNAL_OWN, NULL, 0, "%s",
			ledger_notice(state.ledger));
	*ret_state = state;
	return 0;
}

/* Whether the file has it, though perhaps not among what this run was asked to manage. */
static bool in_file(const struct fleet *fleet, const struct ledger_key *key)
{
	const struct directory *directory = fleet_directory(fleet, key->directory);

	if (!directory || strcmp(directory->account->name, key->account) != 0)
		return false;
	for (size_t i = 0; i < directory->regions_count; i++)
		if (strcmp(directory->regions[i], key->region) == 0)
			return true;
	return false;
}

static void unsaved(const struct error *error)
{
	journal_send(
		LOG_DEBUG, NULL, 0, "what `status` shows could not be saved: %s", error->message);
}

static void save_json(struct ledger *ledger, const struct ledger_key *key, json_t *value)
{
	struct error error = {0};
	struct buffer text;

	buffer_init(&text, LEDGER_STATUS_MAX);
	if (!value || json_append(&text, value) < 0 ||
		ledger_status_save(ledger, key, buffer_text(&text), &error) < 0)
		unsaved(&error);
	buffer_done(&text);
}

static void release_one(struct ledger *ledger, const struct ledger_status *status)
{
	json_t *value = NULL;

	if (json_parse(status->text, strlen(status->text), &value, NULL) < 0)
		return;
	if (report_release(value))
		save_json(ledger, &status->key, value);
	json_decref(value);
}

static void release(struct ledger *ledger, const struct ledger_statuses *statuses,
	const struct scheduler *scheduler)
{
	for (size_t i = 0; i < statuses->count; i++) {
		const struct ledger_status *status = &statuses->statuses[i];

		if (status->key.directory[0] != '\0' && !scheduler_find(scheduler, &status->key) &&
			!in_file(scheduler->fleet, &status->key))
			release_one(ledger, status);
	}
}

void state_release(struct ledger *ledger, const struct scheduler *scheduler)
{
	struct ledger_statuses statuses = {0};
	struct error ignored;

	if (ledger_status_load(ledger, &statuses, &ignored) == 0)
		release(ledger, &statuses, scheduler);
	ledger_statuses_done(&statuses);
}

void state_looked(struct ledger *ledger, const struct scheduler *scheduler, int64_t looked)
{
	int64_t interval = scheduler->mode == SCHEDULER_RUN ? scheduler->fleet->interval : 0;
	struct error error = {0};
	struct buffer text;

	if (looked == 0)
		return;
	buffer_init(&text, OVERVIEW_HEAD_MAX);
	if (overview_save_text(looked, interval, scheduler->refused, &text) == 0 &&
		ledger_status_save(ledger, &overview_key, buffer_text(&text), &error) < 0)
		unsaved(&error);
	buffer_done(&text);
}

void state_recall(struct state *state, const struct scheduler *scheduler)
{
	for (size_t i = 0; i < state->statuses.count; i++) {
		const struct ledger_status *status = &state->statuses.statuses[i];
		struct target *target = scheduler_find(scheduler, &status->key);

		if (target)
			telling_status_known(target, status->text);
	}
	release(state->ledger, &state->statuses, scheduler);
	ledger_statuses_done(&state->statuses);
	ledger_records_done(&state->records);
}
