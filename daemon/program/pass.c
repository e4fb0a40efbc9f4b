/* SPDX-License-Identifier: Apache-2.0 */
#include "program/pass.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "program/scheduler.h"

struct pass *pass_new(
	struct scheduler *scheduler, const char *account, const char *region, unsigned concurrency)
{
	struct pass *pass = calloc(1, sizeof(*pass));

	if (!pass)
		return NULL;
	pass->scheduler = scheduler;
	pass->account = strdup(account);
	if (!pass->account) {
		free(pass);
		return NULL;
	}
	memcpy(pass->region, region, strnlen(region, sizeof(pass->region) - 1));
	pass->lane = lane_new(pass->account, pass->region, concurrency, &scheduler->finished,
		&scheduler->stop, &pass->error);
	return pass;
}

void pass_free(struct pass *pass)
{
	if (!pass)
		return;
	sd_event_source_disable_unref(pass->timer);
	shared_sweep_release(pass->sweep);
	free(pass->targets);
	if (!pass->lane)
		free(pass->account);
	free(pass);
}

void pass_clear(struct pass *pass)
{
	pass->targets_count = 0;
	pass->cursor = 0;
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
