/* SPDX-License-Identifier: Apache-2.0 */
#include "program/state.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "core/explain.h"
#include "core/selection.h"
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
	if (r == 0)
		r = ledger_selection_load(state.ledger, &state.knowledge, error);
	if (r < 0) {
		knowledge_done(&state.knowledge);
		ledger_statuses_done(&state.statuses);
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
	return directory_has_region(directory, key->region);
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

/* Why a directory that a selector had is not among what is worked on. */
static int explain_loss(
	const struct scheduler *scheduler, const struct ledger_key *key, struct buffer *buffer)
{
	if (fleet_directory(scheduler->fleet, key->directory))
		return buffer_append_text(buffer, "is not in this Region any more");
	return selection_explain_loss(
		scheduler->fleet, scheduler->knowledge, key->directory, buffer);
}

static void tell_loss(const struct scheduler *scheduler, const json_t *status,
	const struct ledger_key *key, const struct condition *loss)
{
	const char *name = json_member_text(status, "name"), *revision = scheduler->revision;
	const struct message message = message_of_reason(loss->reason);
	const struct journal_field fields[] = {
		{"MESSAGE_ID", message.id},
		{"DIRECTORY_ID", key->directory},
		{"DIRECTORY_NAME", name && *name ? name : NULL},
		{"REGION", key->region},
		{"ACCOUNT", key->account[0] != '\0' ? key->account : NULL},
		{"REASON", reason_str(loss->reason)},
		{"CONFIG_REVISION", revision && *revision ? revision : NULL},
	};
	struct buffer text;

	buffer_init(&text, JOURNAL_MESSAGE_SIZE);
	report_heading(name ? name : "", key->account, key->directory, key->region, &text);
	buffer_printf(&text, ": %s: ", reason_str(loss->reason));
	explain_condition(loss, &text);
	buffer_append_text(&text, "; to do: ");
	explain_advice(loss, key->directory, key->region, &text);
	journal_send(LOG_WARNING, fields, ARRAY_LENGTH(fields), "%s", buffer_text(&text));
	buffer_done(&text);
}

static void release_one(struct ledger *ledger, const struct scheduler *scheduler,
	const struct ledger_key *key, const char *text)
{
	struct condition loss = {.reason = REASON_DESELECTED, .at = clock_now()};
	struct buffer why;
	json_t *value = NULL;
	bool lost;

	if (json_parse(text, strlen(text), &value, NULL) < 0)
		return;
	lost = report_is_selected(value) && scheduler->knowledge &&
	       scheduler->fleet->selectors_count > 0;
	buffer_init(&why, JOURNAL_MESSAGE_SIZE);
	if (lost)
		explain_loss(scheduler, key, &why);
	loss.detail = buffer_text(&why);
	if (report_release(value, lost ? &loss : NULL, loss.at)) {
		if (strcmp(json_member_text(value, "reason"), reason_str(loss.reason)) == 0)
			tell_loss(scheduler, value, key, &loss);
		save_json(ledger, key, value);
	}
	buffer_done(&why);
	json_decref(value);
}

void state_release(struct ledger *ledger, const struct scheduler *scheduler)
{
	struct ledger_statuses statuses = {0};
	struct error ignored;

	if (ledger_status_keys(ledger, &statuses, &ignored) < 0)
		return;
	for (size_t i = 0; i < statuses.count; i++) {
		const struct ledger_key *key = &statuses.statuses[i].key;
		char *text;

		if (key->directory[0] == '\0' || scheduler_find(scheduler, key) ||
			in_file(scheduler->fleet, key) ||
			ledger_status_find(ledger, key, &text, &ignored) < 0)
			continue;
		release_one(ledger, scheduler, key, text);
		free(text);
	}
	ledger_statuses_done(&statuses);
}

void state_roll(struct ledger *ledger, struct scheduler *scheduler)
{
	const struct ledger_change change = {.rollouts = &scheduler->rollouts};
	struct error unsaid;

	if (scheduler->rollouts.revision != scheduler->rollouts_sent &&
		ledger_save_all(ledger, &change, 1, &unsaid) == 0)
		scheduler->rollouts_sent = scheduler->rollouts.revision;
}

void state_select(struct ledger *ledger, const struct fleet *fleet, struct knowledge *knowledge)
{
	struct error error = {0};

	if (fleet->selectors_count == 0 && knowledge->count == 0)
		return;
	if (selection_note(fleet, knowledge, clock_now()) < 0 || !knowledge->news)
		return;
	if (ledger_selection_save(ledger, knowledge, &error) == 0)
		knowledge->news = false;
	else
		journal_event(EVENT_UNRECORDED, LOG_WARNING, NULL, 0,
			"what selectors match could not be saved: %s; it is asked for again after "
			"a "
			"restart",
			error.message);
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
	ledger_statuses_done(&state->statuses);
	ledger_records_done(&state->records);
	state_release(state->ledger, scheduler);
}
