/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a fleet: which targets stay, come and go. The rounds and decisions are in scheduler.c. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "edge/clock.h"
#include "program/pass.h"
#include "program/scheduler.h"

struct target *scheduler_find(const struct scheduler *scheduler, const struct ledger_key *key)
{
	size_t low = 0, high = scheduler->targets_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct target *target = scheduler->targets[middle];
		int order = strcmp(key->account, target->account);

		if (order == 0)
			order = strcmp(key->region, target->region);
		if (order == 0)
			order = strcmp(key->directory, target->id);
		if (order == 0)
			return target;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const char *scheduler_directories(const struct scheduler *scheduler)
{
	for (size_t i = 0; i < scheduler->targets_count; i++)
		if (target_replicated(scheduler->targets[i]))
			return "directories" TARGET_APART;
	return scheduler->targets_count == 1 ? "directory" : "directories";
}

static struct pass *pass_lookup(
	const struct scheduler *scheduler, const struct account *account, const char *region)
{
	for (size_t i = 0; i < scheduler->passes_count; i++) {
		struct pass *pass = scheduler->passes[i];

		if (strcmp(pass->account, account->name) == 0 && strcmp(pass->region, region) == 0)
			return pass;
	}
	return NULL;
}

/* The pass of an account and Region, on the account's terms: told it once for each fleet. */
static struct pass *scheduler_pass(
	struct scheduler *scheduler, const struct account *account, const char *region)
{
	struct pass *pass = pass_lookup(scheduler, account, region);
	struct keyring *keyring;

	if (pass && pass->adoption == scheduler->adoptions)
		return pass;
	keyring = keyring_of(&scheduler->keyrings, account, region, &scheduler->stop);
	if (!keyring)
		return NULL;
	if (pass) {
		pass_change(pass, account, keyring);
		pass->adoption = scheduler->adoptions;
		return pass;
	}
	if (array_reserve(&scheduler->passes, &scheduler->passes_capacity, scheduler->passes_count,
		    sizeof(scheduler->passes[0]), FLEET_ACCOUNTS_MAX * DIRECTORY_REGIONS_MAX) < 0)
		return NULL;
	pass = pass_new(scheduler, account, region, keyring);
	if (pass) {
		scheduler->passes[scheduler->passes_count++] = pass;
		pass->adoption = scheduler->adoptions;
	}
	return pass;
}

static bool selected(const char *id, const char *const *only, size_t only_count)
{
	for (size_t i = 0; i < only_count; i++)
		if (strcmp(only[i], id) == 0)
			return true;
	return only_count == 0;
}

static int target_compare(const void *a, const void *b)
{
	const struct target *const *one = a, *const *other = b;

	return target_cmp(*one, *other);
}

static void targets_free(struct target **targets, size_t count)
{
	while (count > 0)
		target_free(targets[--count]);
	free(targets);
}

/* The targets of a fleet: those that were there before (their state moved over later) and new ones.
 */
static int targets_of(const struct fleet *fleet, const char *const *only, size_t only_count,
	struct target ***ret_targets, size_t *ret_count)
{
	struct target **targets = NULL;
	size_t count = 0, capacity = 0;

	for (size_t i = 0; i < fleet->directories_count; i++) {
		const struct directory *directory = &fleet->directories[i];

		if (!selected(directory->id, only, only_count))
			continue;
		for (size_t j = 0; j < directory->regions_count; j++) {
			struct target *target = target_new(
				directory->account->name, directory->regions[j], directory);

			if (!target || array_reserve(&targets, &capacity, count, sizeof(targets[0]),
					       FLEET_DIRECTORIES_MAX * DIRECTORY_REGIONS_MAX) < 0) {
				target_free(target);
				targets_free(targets, count);
				return -ERROR_MEMORY;
			}
			targets[count++] = target;
		}
	}
	if (count > 1)
		qsort(targets, count, sizeof(targets[0]), target_compare);
	*ret_targets = targets;
	*ret_count = count;
	return 0;
}

/* A released target is no longer touched; one with a job under way is kept until that ends. */
static void target_release(struct scheduler *scheduler, struct target *target)
{
	target->wanted = NULL;
	if (target->timer)
		(void)sd_event_source_set_enabled(target->timer, SD_EVENT_OFF);
	if (target->busy)
		scheduler->released[scheduler->released_count++] = target;
	else
		target_free(target);
}

/* Takes a released target that has come back; NULL if there is none of this name. */
static struct target *target_revive(struct scheduler *scheduler, const struct target *namesake)
{
	for (size_t i = 0; i < scheduler->released_count; i++) {
		struct target *target = scheduler->released[i];

		if (target_cmp(target, namesake) != 0)
			continue;
		scheduler->released[i] = scheduler->released[--scheduler->released_count];
		target->restarts++;
		target->told = 0; /* the ledger says that it was released */
		return target;
	}
	return NULL;
}

/* Room for every target that may be released, so that releasing cannot fail. */
static int released_reserve(struct scheduler *scheduler)
{
	size_t room = scheduler->released_count + scheduler->targets_count;
	struct target **grown =
		reallocarray(scheduler->released, room + 1, sizeof(scheduler->released[0]));

	if (!grown)
		return -ERROR_MEMORY;
	scheduler->released = grown;
	return 0;
}

static void target_recall(struct target *target, struct ledger_records *records)
{
	struct ledger_key key = target_key(target);
	struct ledger_record *record = records ? ledger_records_find(records, &key) : NULL;

	if (!record)
		return;
	/* a copy has the size that it needs, what was read row by row has room to grow */
	if (memory_copy(&record->memory, &target->memory) < 0) {
		target->memory = record->memory;
		record->memory = (struct memory){0};
	}
	memory_done(&record->memory); /* at once: all of them twice would be the peak */
	target->saved_looked = target->memory.looked;
}

/* Puts targets that stay in the place of their new namesakes. */
static void targets_merge(struct scheduler *scheduler, struct target **targets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct ledger_key key = target_key(targets[i]);
		struct target *old = scheduler_find(scheduler, &key);

		if (old)
			old->kept = true;
		else
			old = target_revive(scheduler, targets[i]);
		if (!old)
			continue;
		old->wanted = targets[i]->wanted;
		target_free(targets[i]);
		targets[i] = old;
	}
	for (size_t i = 0; i < scheduler->targets_count; i++) {
		if (!scheduler->targets[i]->kept)
			target_release(scheduler, scheduler->targets[i]);
		else
			scheduler->targets[i]->kept = false;
	}
}

/* Makes the lanes in which selectors look. */
static int selects_adopt(struct scheduler *scheduler, const struct fleet *fleet)
{
	bool selecting = scheduler->knowledge && (scheduler->mode == SCHEDULER_RUN ||
							 scheduler->mode == SCHEDULER_DISCOVER);

	for (size_t i = 0; i < scheduler->passes_count; i++)
		scheduler->passes[i]->selects = false;
	for (size_t i = 0; selecting && i < fleet->selectors_count; i++) {
		const struct selector *selector = &fleet->selectors[i];
		const struct account *account = selector->wish.account;

		for (size_t j = 0; j < selector->homes_count; j++) {
			struct pass *pass = scheduler_pass(scheduler, account, selector->homes[j]);

			if (!pass || knowledge_home(scheduler->knowledge, account->name,
					     selector->homes[j], &pass->home) < 0)
				return -ERROR_MEMORY;
			pass->selects = true;
		}
	}
	return 0;
}

bool scheduler_has_work(const struct pass *pass)
{
	return pass->targets_count > 0 || pass->selects;
}

/* What still has to end before a scheduler that is not the daemon's does. */
static size_t unfinished(const struct scheduler *scheduler)
{
	size_t count = 0;

	for (size_t i = 0; scheduler->mode == SCHEDULER_DISCOVER && i < scheduler->passes_count;
		i++)
		count += scheduler->passes[i]->selects;
	return scheduler->mode == SCHEDULER_DISCOVER ? count : scheduler->targets_count;
}

/* What the ledger remembers of those of the sorted targets that are not there yet. */
static int recall_new(const struct scheduler *scheduler, struct target *const *targets,
	size_t count, struct ledger_records *ret_records, struct error *error)
{
	struct ledger_key *keys = calloc(count + 1, sizeof(keys[0]));
	size_t new = 0;
	int r;

	if (!keys)
		return error_set(error, ERROR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		keys[new] = target_key(targets[i]);
		new += !scheduler_find(scheduler, &keys[new]);
	}
	r = ledger_load_some(scheduler->ledger, scheduler->store, keys, new, ret_records, error);
	free(keys);
	return r;
}

/* What can fail, before anything is changed: the targets of the fleet, and their lanes. */
static int prepare(struct scheduler *scheduler, const struct fleet *fleet, const char *const *only,
	size_t only_count, struct target ***ret_targets, size_t *ret_count)
{
	struct target **targets = NULL;
	size_t count = 0;

	if (released_reserve(scheduler) < 0 || selects_adopt(scheduler, fleet) < 0 ||
		(scheduler->mode != SCHEDULER_DISCOVER &&
			targets_of(fleet, only, only_count, &targets, &count) < 0))
		return -ERROR_MEMORY;
	for (size_t i = 0; i < count; i++)
		if (!scheduler_pass(scheduler, targets[i]->wanted->account, targets[i]->region)) {
			targets_free(targets, count);
			return -ERROR_MEMORY;
		}
	*ret_targets = targets;
	*ret_count = count;
	return 0;
}

/* The lanes of what selectors ask, in their order. */
static void foresee_homes(struct scheduler *scheduler, const struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->selectors_count; i++) {
		const struct selector *selector = &fleet->selectors[i];

		for (size_t j = 0; j < selector->homes_count; j++)
			(void)scheduler_pass(scheduler, selector->wish.account, selector->homes[j]);
	}
}

void scheduler_foresee(struct scheduler *scheduler, const struct fleet *fleet,
	const char *const *only, size_t only_count, bool selectors)
{
	struct target **targets = NULL;
	size_t count = 0;

	/* as prepare() makes them: what comes first gives an account its Region (sts.h) */
	if (selectors)
		foresee_homes(scheduler, fleet);
	(void)targets_of(fleet, only, only_count, &targets, &count);
	for (size_t i = 0; i < count; i++)
		(void)scheduler_pass(scheduler, targets[i]->wanted->account, targets[i]->region);
	targets_free(targets, count);
	for (size_t i = 0; i < scheduler->passes_count; i++) {
		struct pass *pass = scheduler->passes[i];

		pass->adoption = scheduler->adoptions + 1; /* it need not be told the terms anew */
		if (pass->lane && i < SCHEDULER_FORESEEN_MAX)
			lane_open(pass->lane);
	}
}

static int adopt(struct scheduler *scheduler, const struct fleet *fleet,
	struct ledger_records *records, const char *const *only, size_t only_count,
	struct error *error)
{
	bool again = scheduler->fleet != NULL;
	struct ledger_records of_new = {0};
	struct target **targets = NULL;
	size_t count = 0;

	scheduler->adoptions++;
	if (prepare(scheduler, fleet, only, only_count, &targets, &count) < 0)
		return error_set(error, ERROR_MEMORY, "out of memory");
	if (again && !records) {
		records = &of_new;
		if (recall_new(scheduler, targets, count, records, error) < 0) {
			targets_free(targets, count);
			return error->code;
		}
	}
	atomic_fetch_add(&scheduler->orders, 1);
	for (size_t i = 0; i < scheduler->passes_count; i++)
		pass_clear(scheduler->passes[i]);
	targets_merge(scheduler, targets, count);
	free(scheduler->targets);
	scheduler->targets = targets;
	scheduler->targets_count = count;
	scheduler->fleet = fleet;
	if (!again && records) {
		scheduler->rollouts = records->rollouts;
		records->rollouts = (struct rollouts){0};
	}
	keyring_retry(scheduler->keyrings);
	for (size_t i = 0; i < count; i++) {
		targets[i]->index = i;
		if (!targets[i]->pass) {
			target_recall(targets[i], records);
			targets[i]->restarts += again;
		}
		pass_add(pass_lookup(scheduler, targets[i]->wanted->account, targets[i]->region),
			targets[i]);
	}
	scheduler->unfinished = unfinished(scheduler);
	ledger_records_done(&of_new);
	return 0;
}

int scheduler_adopt_fleet(struct scheduler *scheduler, const struct fleet *fleet,
	struct ledger_records *records, const char *const *only, size_t only_count,
	struct error *error)
{
	int r = adopt(scheduler, fleet, records, only, only_count, error);

	if (r < 0)
		return r;
	scheduler->refused = false;
	/* `plan` and `apply` have just asked what is selected: it was not only remembered */
	if (scheduler->mode == SCHEDULER_RUN || fleet->selectors_count == 0)
		rollouts_adopt_fleet(&scheduler->rollouts, fleet);
	else
		scheduler_release_firsts(scheduler);
	return 0;
}

int scheduler_adopt_selection(struct scheduler *scheduler, const struct fleet *fleet,
	const char *const *only, size_t only_count, struct error *error)
{
	int r = adopt(scheduler, fleet, NULL, only, only_count, error);

	if (r == 0)
		scheduler_release_firsts(scheduler);
	return r;
}

void scheduler_release_firsts(struct scheduler *scheduler)
{
	rollouts_adopt_selection(&scheduler->rollouts, scheduler->fleet,
		clock_now() + scheduler->ahead,
		SCHEDULER_FIRST_PATIENCE * scheduler->fleet->interval);
}

void scheduler_clock_set(struct scheduler *scheduler)
{
	atomic_fetch_add(&scheduler->orders, 1);
	scheduler_begin(scheduler);
}

void scheduler_restart_waits(struct scheduler *scheduler)
{
	scheduler->refused = true;
	for (size_t i = 0; i < scheduler->targets_count; i++)
		scheduler->targets[i]->restarts++;
}

void scheduler_save_again(struct scheduler *scheduler)
{
	scheduler->rollouts.revision++;
	for (size_t i = 0; i < scheduler->targets_count; i++) {
		struct target *target = scheduler->targets[i];

		target->dirty = true;
		target->lost = target->busy; /* what its job saved may be lost too */
		target->told = 0;
	}
}
