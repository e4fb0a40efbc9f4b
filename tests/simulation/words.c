/* SPDX-License-Identifier: Apache-2.0 */
/* Events in words. */
#include <stdio.h>
#include <string.h>

#include "events.h"

static const struct {
	const char *name;
	const char *sentence;
} kinds[EVENTS] = {
#define X(name, family, sentence) [EVENT_##name] = {#name, sentence},
	EVENT_TABLE(X)
#undef X
};

const char *event_name(enum event_kind kind)
{
	return kinds[kind].name;
}

static const char *entry_name(const struct world *world, uint8_t index)
{
	if (index == EVENT_LDAPS)
		return "LDAPS";
	return index < world->directory.count
		       ? world_name(world_who(world->entries[index].certificate))
		       : "nothing";
}

static const char *trust_name(uint8_t trust)
{
	static const char *const names[] = {
		"none", "root", "issuing", "root and issuing", "nothing without saying none"};

	return names[trust];
}

static const char *argument_name(const struct world *world, struct event event)
{
	static const char *const skews[] = {"nothing", "300 s", "301 s"};
	static const char *const verdicts[] = {"unknown", "all chain", "some do not"};
	static const char *const words[MOODS] = {"behaves", "is unavailable", "throttles",
		"loses requests", "loses replies", "fails with what it accepts"};
	static const char *const approvals[] = {"nothing", "removing A1", "disabling"};

	switch (event.kind) {
	case EVENT_LOOK_WITHOUT:
	case EVENT_FINISH:
	case EVENT_FINISH_BADLY:
	case EVENT_OTHERS_DEREGISTER:
		return entry_name(world, event.argument);
	case EVENT_OTHERS_REGISTER:
	case EVENT_OTHERS_REGISTER_AUTH:
	case EVENT_EDIT_PEM:
		return world_name((enum who)event.argument);
	case EVENT_EDIT_POLICY:
		return policy_str((enum policy)event.argument);
	case EVENT_EDIT_LDAPS:
		return client_ldaps_str((enum client_ldaps)event.argument);
	case EVENT_EDIT_TRUST:
		return trust_name(event.argument);
	case EVENT_EDIT_ADOPT:
		return event.argument == ADOPT_NEVER ? "never" : "matching";
	case EVENT_EDIT_APPROVE:
		return approvals[event.argument];
	case EVENT_EDIT_RETIRE:
		return retire_str((enum retire)event.argument);
	case EVENT_SKEW:
		return skews[event.argument];
	case EVENT_PROBED:
	case EVENT_WITHOUT:
		return verdicts[event.argument];
	case EVENT_MOOD:
		return words[event.argument];
	default:
		return "";
	}
}

void event_tell(const struct world *world, struct event event, char *ret_text, size_t size)
{
	const char *sentence = kinds[event.kind].sentence, *hole = strstr(sentence, "%s");

	if (hole)
		snprintf(ret_text, size, "%.*s%s%s", (int)(hole - sentence), sentence,
			argument_name(world, event), hole + 2);
	else
		snprintf(ret_text, size, "%s", sentence);
}
