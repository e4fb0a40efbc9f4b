/* SPDX-License-Identifier: Apache-2.0 */
#include "program/pass.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "program/scheduler.h"

struct pass *pass_new(struct scheduler *scheduler, const struct account *account,
	const char *region, struct keyring *keyring)
{
	struct pass *pass = calloc(1, sizeof(*pass));

	if (!pass)
		return NULL;
	pass->scheduler = scheduler;
	pass->account = strdup(account->name);
	if (!pass->account) {
		free(pass);
		return NULL;
	}
	memcpy(pass->region, region, strnlen(region, sizeof(pass->region) - 1));
	pass->last = &pass->ready;
	pass_change(pass, account, keyring);
	return pass;
}

void pass_change(struct pass *pass, const struct account *account, struct keyring *keyring)
{
	struct scheduler *scheduler = pass->scheduler;

	if (pass->lane) {
		lane_change(pass->lane, account, keyring);
		return;
	}
	pass->lane = lane_new(pass->account, pass->region, account, keyring, &scheduler->finished,
		&scheduler->stop, &pass->error);
	if (pass->lane)
		pass->lane->pass = pass;
}

void pass_free(struct pass *pass)
{
	if (!pass)
		return;
	sd_event_source_disable_unref(pass->timer);
	sd_event_source_disable_unref(pass->telling);
	pass_clear(pass);
	pass_forget(pass);
	free(pass->pages);
	roundup_done(&pass->roundup);
	service_sweep_done(&pass->untagged);
	finding_filter_free(pass->filter);
	free(pass->targets);
	if (!pass->lane)
		free(pass->account);
	free(pass);
}

void pass_clear(struct pass *pass)
{
	struct target *target;

	while ((target = pass_next(pass)) != NULL) {
		shared_sweep_release(target->page);
		target->page = NULL;
		target->round = 0;
	}
	pass->patchy = pass->passing;
	pass->targets_count = 0;
}

struct target *pass_find(const struct pass *pass, const char *id)
{
	size_t low = 0, high = pass->targets_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(id, pass->targets[middle]->id);

		if (order == 0)
			return pass->targets[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

void pass_ready(struct pass *pass, struct target *target, struct shared_sweep *page)
{
	if (target->round == pass->round)
		return;
	target->round = pass->round;
	target->page = shared_sweep_use(page);
	target->ready_next = NULL;
	*pass->last = target;
	pass->last = &target->ready_next;
}

int pass_keep(struct pass *pass, struct shared_sweep *page)
{
	int r = array_reserve(&pass->pages, &pass->pages_capacity, pass->pages_count,
		sizeof(pass->pages[0]), KNOWLEDGE_MAX + 1);

	if (r < 0)
		return r;
	pass->pages[pass->pages_count++] = shared_sweep_use(page);
	return 0;
}

void pass_forget(struct pass *pass)
{
	while (pass->pages_count > 0)
		shared_sweep_release(pass->pages[--pass->pages_count]);
}

struct target *pass_next(struct pass *pass)
{
	struct target *target = pass->ready;

	if (!target)
		return NULL;
	pass->ready = target->ready_next;
	if (!pass->ready)
		pass->last = &pass->ready;
	return target;
}

int pass_add(struct pass *pass, struct target *target)
{
	int r = array_reserve(&pass->targets, &pass->targets_capacity, pass->targets_count,
		sizeof(pass->targets[0]), FLEET_DIRECTORIES_MAX * DIRECTORY_REGIONS_MAX);

	if (r < 0)
		return r;
	pass->targets[pass->targets_count++] = target;
	target->pass = pass;
	return 0;
}
