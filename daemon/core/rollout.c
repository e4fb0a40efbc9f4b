/* SPDX-License-Identifier: Apache-2.0 */
#include "core/rollout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "core/fleet.h"

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

/* ---- records ---- */

void rollouts_done(struct rollouts *rollouts)
{
	if (!rollouts)
		return;
	free(rollouts->rollouts);
	*rollouts = (struct rollouts){0};
}

int rollouts_copy(const struct rollouts *rollouts, struct rollouts *ret_copy)
{
	struct rollouts copy = *rollouts;

	copy.rollouts = NULL;
	copy.capacity = copy.count;
	if (copy.count > 0) {
		copy.rollouts = calloc(copy.count, sizeof(copy.rollouts[0]));
		if (!copy.rollouts)
			return -ERROR_MEMORY;
		memcpy(copy.rollouts, rollouts->rollouts, copy.count * sizeof(copy.rollouts[0]));
	}
	*ret_copy = copy;
	return 0;
}

static void make_text(struct rollout *rollout)
{
	memset(rollout->first, 0, sizeof(rollout->first));
	(void)snprintf(rollout->first, sizeof(rollout->first), "%s%s%s", rollout->directory,
		rollout->region[0] != '\0' ? " in " : "", rollout->region);
}

int rollouts_add(struct rollouts *rollouts, const struct rollout *rollout)
{
	int r = array_reserve(&rollouts->rollouts, &rollouts->capacity, rollouts->count,
		sizeof(*rollout), ROLLOUTS_MAX);

	if (r < 0)
		return r;
	rollouts->rollouts[rollouts->count] = *rollout;
	make_text(&rollouts->rollouts[rollouts->count++]);
	return 0;
}

struct rollout *rollouts_find(
	const struct rollouts *rollouts, const char *scope, const struct digest *certificate)
{
	for (size_t i = 0; i < rollouts->count; i++) {
		struct rollout *rollout = &rollouts->rollouts[i];

		if (digest_equal(&rollout->certificate, certificate) &&
			strcmp(rollout->scope, scope) == 0)
			return rollout;
	}
	return NULL;
}

bool rollout_led_by(const struct rollout *rollout, const struct rollout_place *place)
{
	return rollout->directory[0] != '\0' &&
	       strcmp(rollout->directory, text_or_empty(place->directory)) == 0 &&
	       strcmp(rollout->region, text_or_empty(place->region)) == 0 &&
	       strcmp(rollout->account, text_or_empty(place->account)) == 0;
}

bool rollout_proven(const struct rollout *rollout, int64_t overlap)
{
	return rollout->ready_since != 0 && rollout->ready_seen - rollout->ready_since >= overlap;
}

bool rollout_forgotten(const struct rollout *rollout, int64_t now)
{
	return now - rollout->used > ROLLOUT_FORGET_AFTER;
}

/* Whether the record counts for this turn: of the same scope, and not forgotten. */
static bool concerns(const struct rollout *rollout, const struct rollout_turn *turn)
{
	return digest_is_zero(&rollout->certificate) == digest_is_zero(&turn->certificate) &&
	       strcmp(rollout->scope, turn->scope) == 0 && !rollout_forgotten(rollout, turn->now);
}

static bool is_own(const struct rollout *rollout, const struct rollout_turn *turn)
{
	return digest_equal(&rollout->certificate, &turn->certificate);
}

/* ---- the question ---- */

/* The first whose proof this turn waits for; NULL if there is none. */
static const struct rollout *unproven(
	const struct rollouts *rollouts, const struct rollout_turn *turn)
{
	for (size_t i = 0; i < rollouts->count; i++) {
		const struct rollout *rollout = &rollouts->rollouts[i];

		if (concerns(rollout, turn) && rollout->directory[0] != '\0' &&
			!rollout_proven(rollout, turn->overlap) &&
			!rollout_led_by(rollout, &turn->place))
			return rollout;
	}
	return NULL;
}

/* Whether the place leads a roll-out: of this very certificate, or one of the scope that is not
 * proven, so that it risks no second place. */
static bool leads(const struct rollouts *rollouts, const struct rollout_turn *turn, bool own)
{
	for (size_t i = 0; i < rollouts->count; i++) {
		const struct rollout *rollout = &rollouts->rollouts[i];

		if (concerns(rollout, turn) && rollout_led_by(rollout, &turn->place) &&
			(own ? is_own(rollout, turn) : !rollout_proven(rollout, turn->overlap)))
			return true;
	}
	return false;
}

static bool window_open(const struct rollout *rollout, const struct rollout_turn *turn)
{
	return rollout->window != 0 && turn->now - rollout->window < turn->interval;
}

/* Whether the window of the scope has room; if not, whose turns fill it and until when. */
static bool has_room(
	const struct rollouts *rollouts, const struct rollout_turn *turn, struct rollout_wait *wait)
{
	int64_t turns = 0, parallel = rollouts->fleet ? rollouts->fleet->parallel : 1;

	for (size_t i = 0; i < rollouts->count; i++) {
		const struct rollout *rollout = &rollouts->rollouts[i];
		int64_t end = rollout->window + turn->interval;

		if (!concerns(rollout, turn) || !window_open(rollout, turn))
			continue;
		turns += rollout->turns;
		if (wait->until == 0 || end < wait->until)
			*wait = (struct rollout_wait){rollout->first, rollout->ready_since, end};
	}
	return turns < parallel;
}

static bool list_full(const struct rollouts *rollouts, const struct rollout_turn *turn)
{
	size_t live = 0;

	for (size_t i = 0; i < rollouts->count; i++) {
		if (is_own(&rollouts->rollouts[i], turn) && concerns(&rollouts->rollouts[i], turn))
			return false;
		live += !rollout_forgotten(&rollouts->rollouts[i], turn->now);
	}
	return live >= ROLLOUTS_MAX;
}

bool rollouts_allow(const struct rollouts *rollouts, const struct rollout_turn *turn,
	struct rollout_wait *ret_wait)
{
	const struct rollout *first;
	struct rollout_wait wait = {0};

	if (leads(rollouts, turn, true))
		return true;
	first = unproven(rollouts, turn);
	if (first) {
		int64_t end = first->ready_since + turn->overlap;

		*ret_wait = (struct rollout_wait){first->first, first->ready_since, 0};
		if (first->ready_since != 0) /* it may be over, but no look has seen it yet */
			ret_wait->until = end > turn->now ? end : turn->now + turn->interval;
		return false;
	}
	if (!list_full(rollouts, turn) &&
		(leads(rollouts, turn, false) || has_room(rollouts, turn, &wait)))
		return true;
	*ret_wait = wait;
	return false;
}

/* ---- turns ---- */

static void prune(struct rollouts *rollouts, int64_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < rollouts->count; i++)
		if (!rollout_forgotten(&rollouts->rollouts[i], now))
			rollouts->rollouts[kept++] = rollouts->rollouts[i];
	rollouts->count = kept;
}

/* False if a text is too long. */
static bool put_text(const char *text, char *ret_text, size_t size)
{
	size_t length = strlen(text_or_empty(text));

	memset(ret_text, 0, size);
	if (length >= size)
		return false;
	memcpy(ret_text, text_or_empty(text), length);
	return true;
}

static bool put_first(struct rollout *rollout, const struct rollout_turn *turn)
{
	rollout->begun = turn->now;
	return put_text(turn->place.account, rollout->account, sizeof(rollout->account)) &&
	       put_text(turn->place.region, rollout->region, sizeof(rollout->region)) &&
	       put_text(turn->place.directory, rollout->directory, sizeof(rollout->directory));
}

/* The record that the turn is taken in, with a first. */
static int rollout_of_turn(
	struct rollouts *rollouts, const struct rollout_turn *turn, struct rollout **ret_rollout)
{
	struct rollout *found = rollouts_find(rollouts, turn->scope, &turn->certificate);
	struct rollout new = {.certificate = turn->certificate};
	int r;

	if (found && found->directory[0] != '\0') {
		*ret_rollout = found;
		return 0;
	}
	if (!put_first(&new, turn) || !put_text(turn->scope, new.scope, sizeof(new.scope)))
		return -ERROR_LIMIT;
	if (found) {
		new.window = found->window;
		new.turns = found->turns;
		*found = new;
		make_text(found);
		*ret_rollout = found;
		return 0;
	}
	r = rollouts_add(rollouts, &new);
	if (r == 0)
		*ret_rollout = &rollouts->rollouts[rollouts->count - 1];
	return r;
}

int rollouts_take(struct rollouts *rollouts, const struct rollout_turn *turn)
{
	struct rollout *rollout;
	int r;

	prune(rollouts, turn->now);
	r = rollout_of_turn(rollouts, turn, &rollout);
	if (r < 0)
		return r;
	if (!window_open(rollout, turn)) {
		rollout->window = turn->now;
		rollout->turns = 0;
	}
	rollout->turns++;
	rollout->used = turn->now;
	for (size_t i = 0; i < rollouts->count; i++)
		if (rollout_led_by(&rollouts->rollouts[i], &turn->place))
			rollouts->rollouts[i].ready_since = rollouts->rollouts[i].ready_seen = 0;
	rollouts->revision++;
	return 0;
}

static void remove_rollout(struct rollouts *rollouts, struct rollout *rollout)
{
	*rollout = rollouts->rollouts[--rollouts->count];
}

void rollouts_give_back(struct rollouts *rollouts, const struct rollout_turn *turn)
{
	struct rollout *rollout = rollouts_find(rollouts, turn->scope, &turn->certificate);

	if (!rollout)
		return;
	rollouts->revision++;
	if (rollout->window <= turn->now && rollout->turns > 0 && --rollout->turns == 0)
		rollout->window = 0;
	if (rollout->begun == turn->now && rollout_led_by(rollout, &turn->place))
		rollouts_vacate(rollouts, rollout);
	if (rollout->directory[0] == '\0' && rollout->turns == 0)
		remove_rollout(rollouts, rollout);
}

/* ---- what looks show ---- */

void rollouts_vacate(struct rollouts *rollouts, struct rollout *rollout)
{
	memset(rollout->account, 0, sizeof(rollout->account));
	memset(rollout->region, 0, sizeof(rollout->region));
	memset(rollout->directory, 0, sizeof(rollout->directory));
	rollout->begun = rollout->ready_since = rollout->ready_seen = rollout->absent = 0;
	rollouts->revision++;
}

void rollouts_see(struct rollouts *rollouts, struct rollout *rollout, bool ready, int64_t now)
{
	int64_t gap = now - rollout->ready_seen;

	if (!ready) {
		rollouts->revision += rollout->ready_since != 0;
		rollout->ready_since = rollout->ready_seen = 0;
		return;
	}
	if (rollout->ready_since == 0 || gap < 0 || gap > ROLLOUT_GAP_MAX) {
		rollout->ready_since = now;
		rollouts->revision++;
	} else if (now / ROLLOUT_SAVE_EVERY != rollout->ready_seen / ROLLOUT_SAVE_EVERY) {
		rollouts->revision++;
	}
	rollout->ready_seen = now;
}

void rollouts_await(struct rollouts *rollouts, const struct rollout_turn *turn)
{
	struct rollout *rollout = rollouts_find(rollouts, turn->scope, &turn->certificate);

	if (!rollout || rollout_forgotten(rollout, turn->now) ||
		turn->now - rollout->used < ROLLOUT_SAVE_EVERY)
		return;
	rollout->used = turn->now;
	rollouts->revision++;
}

static bool in_fleet(const struct fleet *fleet, const struct rollout *rollout)
{
	const struct directory *directory = fleet_directory(fleet, rollout->directory);

	if (!directory || strcmp(directory->account->name, rollout->account) != 0)
		return false;
	for (size_t i = 0; i < directory->regions_count; i++)
		if (strcmp(directory->regions[i], rollout->region) == 0)
			return true;
	return false;
}

static void set_absent(struct rollouts *rollouts, struct rollout *rollout, int64_t absent)
{
	rollouts->revision += rollout->absent != absent;
	rollout->absent = absent;
}

void rollouts_adopt_fleet(struct rollouts *rollouts, const struct fleet *fleet)
{
	rollouts->fleet = fleet;
	for (size_t i = 0; i < rollouts->count; i++) {
		struct rollout *rollout = &rollouts->rollouts[i];

		if (rollout->directory[0] == '\0' || in_fleet(fleet, rollout))
			set_absent(rollouts, rollout, 0);
		else if (rollout->absent == 0 || fleet->selectors_count == 0)
			rollouts_vacate(rollouts, rollout);
	}
}

void rollouts_adopt_selection(
	struct rollouts *rollouts, const struct fleet *fleet, int64_t now, int64_t patience)
{
	rollouts->fleet = fleet;
	for (size_t i = 0; i < rollouts->count; i++) {
		struct rollout *rollout = &rollouts->rollouts[i];

		if (rollout->directory[0] == '\0' || in_fleet(fleet, rollout))
			set_absent(rollouts, rollout, 0);
		else if (rollout->absent == 0 || now < rollout->absent)
			set_absent(rollouts, rollout, now);
		else if (now - rollout->absent >= patience)
			rollouts_vacate(rollouts, rollout);
	}
}
