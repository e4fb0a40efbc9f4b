/* SPDX-License-Identifier: Apache-2.0 */
#include "program/target.h"

#include <stdlib.h>
#include <string.h>

struct target *target_new(const char *account, const char *region, const struct directory *wanted)
{
	struct target *target = calloc(1, sizeof(*target));

	if (!target)
		return NULL;
	target->account = strdup(account);
	if (!target->account) {
		free(target);
		return NULL;
	}
	memcpy(target->region, region, strnlen(region, sizeof(target->region) - 1));
	memcpy(target->id, wanted->id, sizeof(target->id));
	target->wanted = wanted;
	return target;
}

void target_free(struct target *target)
{
	if (!target)
		return;
	sd_event_source_disable_unref(target->timer);
	memory_done(&target->memory);
	tally_done(&target->tally);
	free(target->account);
	free(target);
}

struct ledger_key target_key(const struct target *target)
{
	return (struct ledger_key){
		.account = target->account, .region = target->region, .directory = target->id};
}

bool target_replicated(const struct target *target)
{
	return target->wanted && target->wanted->regions_count > 1;
}

int target_cmp(const struct target *a, const struct target *b)
{
	int order = strcmp(a->account, b->account);

	if (order == 0)
		order = strcmp(a->region, b->region);
	return order ? order : strcmp(a->id, b->id);
}
