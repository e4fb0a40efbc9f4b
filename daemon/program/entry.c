/* SPDX-License-Identifier: Apache-2.0 */
#include "program/entry.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "program/pass.h"
#include "program/scheduler.h"

void entry_add(struct entry *entry, const char *name, const char *value)
{
	if (value && value[0] != '\0' && entry->count < JOURNAL_FIELDS_MAX)
		entry->fields[entry->count++] = (struct journal_field){name, value};
}

void entry_begin(struct entry *entry, const struct target *target, const struct message *message,
	enum urgency urgency)
{
	const struct pass *pass = target->pass;

	entry->count = 0;
	entry->priority = (int)urgency;
	entry_add(entry, "MESSAGE_ID", message->id);
	entry_add(entry, "DIRECTORY_ID", target->id);
	entry_add(entry, "DIRECTORY_NAME", target->wanted ? target->wanted->name : NULL);
	entry_add(entry, "REGION", target->region);
	entry_add(entry, "ACCOUNT", target->account);
	entry_add(entry, "PASS_ID", pass ? pass->id : NULL);
	entry_add(entry, "CONFIG_REVISION", pass ? pass->scheduler->revision : NULL);
}

void entry_certificate(struct entry *entry, const struct certificate *certificate, const char *id)
{
	entry_add(entry, "CERTIFICATE_ID", id);
	if (!certificate)
		return;
	entry_add(entry, "CERTIFICATE_SHA256", digest_format(&certificate->sha256, entry->sha256));
	entry_add(entry, "NOT_AFTER", instant_format(certificate->not_after, entry->not_after));
}

void entry_repeated(struct entry *entry, uint32_t count)
{
	if (count <= 1)
		return;
	snprintf(entry->repeated, sizeof(entry->repeated), "%" PRIu32, count);
	entry_add(entry, "REPEATED", entry->repeated);
}

const char *entry_value(const struct entry *entry, const char *name)
{
	for (size_t i = 0; i < entry->count; i++)
		if (strcmp(entry->fields[i].name, name) == 0)
			return entry->fields[i].value;
	return "";
}

void entry_send(const struct entry *entry, const char *message)
{
	journal_send(entry->priority, entry->fields, entry->count, "%s", message);
}
