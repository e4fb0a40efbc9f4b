/* SPDX-License-Identifier: Apache-2.0 */
#include "program/bulletin.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/array.h"
#include "base/calendar.h"
#include "edge/clock.h"
#include "edge/journal.h"
#include "edge/notify.h"
#include "program/telling.h"

/* Where the time of day begins in an instant's text. */
#define INSTANT_CLOCK 11

struct census {
	size_t converged, rotating, held;
};

static struct census take_census(const struct scheduler *scheduler)
{
	struct census census = {0};

	for (size_t i = 0; i < scheduler->targets_count; i++) {
		const struct target *target = scheduler->targets[i];

		census.converged += target->state == STEP_SETTLED;
		census.rotating += target->health.truth[HEALTH_ROTATING] == TRUTH_TRUE;
		census.held += target->state == STEP_HELD;
	}
	return census;
}

void bulletin_status(const struct bulletin *bulletin, bool refused)
{
	const struct scheduler *scheduler = bulletin->scheduler;
	struct census census = take_census(scheduler);
	int64_t next = scheduler_next(scheduler);
	char instant[INSTANT_SIZE], clock[sizeof("next pass at 00:00 UTC")] = "no pass is due";

	if (next != 0)
		snprintf(clock, sizeof(clock), "next pass at %.5s UTC",
			instant_format(next, instant) + INSTANT_CLOCK);
	notify_status("%zu %s: %zu converged, %zu rotating, %zu held; %s%s",
		scheduler->targets_count, scheduler_directories(scheduler), census.converged,
		census.rotating, census.held, clock,
		refused ? "; the file has mistakes, an older one is in force" : "");
}

void bulletin_begin(struct bulletin *bulletin, const struct scheduler *scheduler)
{
	bulletin->scheduler = scheduler;
}

void bulletin_unsaved(struct bulletin *bulletin, const struct target *target, const struct job *job)
{
	bulletin->unsaved_now = true;
	if (repeat_count(&bulletin->unsaved, clock_elapsed()))
		telling_unsaved(target, job, bulletin->unsaved.count);
}

void bulletin_selected(struct bulletin *bulletin, const char *why_not)
{
	char times[sizeof("4294967295")];
	struct journal_field repeated = {"REPEATED", times};

	if (!why_not && bulletin->unselected.count > 0) {
		journal_event(EVENT_SELECTION_READ, JOURNAL_OWN, NULL, 0,
			"what selectors match could be taken again");
		bulletin->unselected = (struct repeat){0};
	}
	if (!why_not || !repeat_count(&bulletin->unselected, clock_elapsed()))
		return;
	snprintf(times, sizeof(times), "%" PRIu32, bulletin->unselected.count);
	journal_event(EVENT_SELECTION_REFUSED, JOURNAL_OWN, &repeated,
		bulletin->unselected.count > 1,
		"what selectors match could not be taken: %s; what they matched before is looked "
		"after",
		why_not);
}

/* The ledger takes what it is given again, once a pass has found nothing that it does not. */
static void tell_saved(struct bulletin *bulletin)
{
	if (bulletin->unsaved.count > 0 && !bulletin->unsaved_now) {
		journal_event(EVENT_RECORDED, JOURNAL_OWN, NULL, 0,
			"the ledger can be written again; %" PRIu32
			" times something could not be recorded",
			bulletin->unsaved.count);
		bulletin->unsaved = (struct repeat){0};
	}
	bulletin->unsaved_now = false;
}

void bulletin_clock(int64_t seconds)
{
	char text[DURATION_SIZE];

	journal_event(EVENT_CLOCK_JUMPED, JOURNAL_OWN, NULL, 0,
		"this machine's clock was set %s by %s; every directory is looked at anew, and "
		"nothing is removed, enabled or disabled unless it agrees with AWS's",
		seconds < 0 ? "back" : "forward",
		duration_format(seconds < 0 ? -seconds : seconds, text));
}

static void tell_first_pass(const struct bulletin *bulletin)
{
	struct census census = take_census(bulletin->scheduler);

	journal_event(EVENT_FIRST_PASS, JOURNAL_OWN, NULL, 0,
		"looked at %s %zu %s for the first time: %zu converged, %zu rotating, %zu held",
		bulletin->scheduler->targets_count == 1 ? "the" : "all",
		bulletin->scheduler->targets_count, scheduler_directories(bulletin->scheduler),
		census.converged, census.rotating, census.held);
}

void bulletin_passed(struct bulletin *bulletin, struct pass *pass, int64_t elapsed)
{
	const struct journal_field fields[] = {{"REGION", pass->region},
		{"ACCOUNT", pass->account[0] != '\0' ? pass->account : NULL},
		{"PASS_ID", pass->id}};

	telling_gathered(pass);
	if (!bulletin->looked && scheduler_looked(bulletin->scheduler) != 0) {
		bulletin->looked = true;
		tell_first_pass(bulletin);
	}
	tell_saved(bulletin);
	journal_event(EVENT_PASS_ENDED, JOURNAL_OWN, fields, ARRAY_LENGTH(fields),
		"a pass over account '%s' in %s took %lld s", pass->account, pass->region,
		(long long)elapsed);
}
