/* SPDX-License-Identifier: Apache-2.0 */
#include "program/state.h"

#include "edge/clock.h"
#include "edge/journal.h"
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
	if (ledger_notice(state.ledger))
		journal_send(LOG_WARNING, NULL, 0, "%s", ledger_notice(state.ledger));
	*ret_state = state;
	return 0;
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
}
