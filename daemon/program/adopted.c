/* SPDX-License-Identifier: Apache-2.0 */
#include "program/adopted.h"

#include <stdlib.h>
#include <string.h>

#include "core/explain.h"
#include "core/reason.h"

void adopted_done(struct adopted *adopted)
{
	if (!adopted)
		return;
	for (size_t i = 0; i < adopted->count; i++)
		free(adopted->entries[i].owned);
	free(adopted->entries);
	*adopted = (struct adopted){0};
}

/* "adopt c-0123456789, Corp Root CA (...), as corp-root", after the id. */
static int entry_make(const struct memory_certificate *adopted, struct ledger_entry *ret_entry)
{
	struct ledger_entry entry = {.action = "adopt",
		.certificate = adopted->certificate->sha256,
		.common_name = adopted->certificate->common_name,
		.reason = reason_str(REASON_ADOPTED),
		.outcome = "recorded"};
	struct buffer text;

	buffer_init(&text, EXPLAIN_SIZE + SERVICE_ID_SIZE);
	buffer_append(&text, adopted->id, strlen(adopted->id) + 1);
	buffer_printf(&text, "adopt %s, ", adopted->id);
	explain_certificate(adopted->certificate, &text);
	if (adopted->authority[0] != '\0')
		buffer_printf(&text, ", as %s", adopted->authority);
	entry.owned = buffer_steal(&text);
	buffer_done(&text);
	if (!entry.owned)
		return -ERROR_MEMORY;
	entry.id = entry.owned;
	entry.text = entry.owned + strlen(entry.owned) + 1;
	*ret_entry = entry;
	return 0;
}

static bool is_news(const struct memory_certificate *owned, const struct memory *before)
{
	return owned->origin == ORIGIN_ADOPTED && !memory_find(before, owned->id);
}

static size_t count_news(const struct memory *before, const struct memory *learnt)
{
	size_t count = 0;

	for (size_t i = 0; i < learnt->certificates_count; i++)
		count += is_news(&learnt->certificates[i], before);
	return count;
}

bool adopted_any(const struct memory *before, const struct memory *learnt)
{
	return count_news(before, learnt) > 0;
}

int adopted_between(const struct ledger_key *key, const struct memory *before,
	const struct memory *learnt, int64_t now, struct adopted *ret_adopted)
{
	struct adopted adopted = {0};
	size_t count = count_news(before, learnt);

	if (count > 0) {
		adopted.entries = calloc(count, sizeof(adopted.entries[0]));
		if (!adopted.entries)
			return -ERROR_MEMORY;
	}
	for (size_t i = 0; adopted.count < count && i < learnt->certificates_count; i++) {
		struct ledger_entry *entry = &adopted.entries[adopted.count];

		if (!is_news(&learnt->certificates[i], before))
			continue;
		if (entry_make(&learnt->certificates[i], entry) < 0) {
			adopted_done(&adopted);
			return -ERROR_MEMORY;
		}
		entry->at = now;
		entry->key = *key;
		adopted.count++;
	}
	*ret_adopted = adopted;
	return 0;
}

void adopted_changes(const struct adopted *adopted, struct ledger_change *ret_changes)
{
	for (size_t i = 0; i < adopted->count; i++)
		ret_changes[i] = (struct ledger_change){
			.key = adopted->entries[i].key, .entry = &adopted->entries[i]};
}
