/* SPDX-License-Identifier: Apache-2.0 */
#include "stories.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "events.h"

#define STORY_EVENTS_MAX 40

struct story {
	const char *sentence;
	const char *setting;
	size_t count;
	struct event events[STORY_EVENTS_MAX];
	enum step_kind last; /* what the last pass decides */
};

#define TOLD(...) .count = ARRAY_LENGTH(((struct event[]){__VA_ARGS__})), .events = {__VA_ARGS__}
#define E(name, argument)                                                                          \
	{                                                                                          \
		EVENT_##name, argument                                                             \
	}

static const struct story stories[] = {
	{"a request that hangs for half an hour is not sent again beside it", "one",
		TOLD(E(PASS_LATE, 0), E(TIME, 0), E(PASS, 0)), STEP_WAIT},
	{"what is throttled is sent three times a day, not each pass", "one",
		TOLD(E(MOOD, MOOD_THROTTLES), E(PASS, 0), E(PASS, 0)), STEP_WAIT},
	{"a lost request counts as a try", "one",
		TOLD(E(MOOD, MOOD_LOSES), E(PASS, 0), E(TIME, 0), E(PASS, 0)), STEP_WAIT},
	{"a DisableLDAPS under way is not overtaken by a registration", "one",
		TOLD(E(PASS, 0), E(FINISH, 0), E(PASS, 0), E(FINISH, EVENT_LDAPS),
			E(EDIT_LDAPS, CLIENT_LDAPS_DISABLED), E(PASS, 0), E(TIME, 0), E(PASS, 0),
			E(TIME, 0), E(PASS, 0), E(TIME, 0), E(LOOK_EMPTY, 0)),
		STEP_WAIT},
	{"an entry that had failed before does not prove that its removal was executed", "one",
		TOLD(E(PASS, 0), E(FINISH_BADLY, 0), E(PASS_LATE, 0), E(PASS, 0)), STEP_WAIT},
	{"an LDAPS status that nobody knows does not prove that it was enabled", "one",
		TOLD(E(PASS, 0), E(FINISH, 0), E(PASS_LATE, 0), E(LOOK_UNKNOWN, 0), E(PASS, 0)),
		STEP_WAIT},
	{"CertificateLimitExceeded in answer to EnableLDAPS is a failure like others", "one",
		TOLD(E(PASS, 0), E(FINISH, 0), E(PASS_LIMIT, 0), E(PASS, 0)), STEP_WAIT},
	{"a failed entry does not hide the one that succeeded", "one",
		TOLD(E(PASS, 0), E(FINISH_BADLY, 0), E(EDIT_POLICY, POLICY_ADD_ONLY), E(PASS, 0),
			E(TIME, 0), E(PASS, 0), E(FINISH, 1), E(PASS, 0)),
		STEP_ENABLE},
	{"a registration that vanishes before it was Registered has failed", "one",
		TOLD(E(PASS, 0), E(PASS, 0), E(LOOK_EMPTY, 0)), STEP_WAIT},
	{"an EnableLDAPS whose end nobody saw counts as a try", "one",
		TOLD(E(PASS, 0), E(FINISH, 0), E(PASS, 0), E(PASS, 0), E(FINISH_BADLY, EVENT_LDAPS),
			E(OTHERS_DISABLE, 0), E(FINISH, EVENT_LDAPS), E(PASS, 0)),
		STEP_WAIT},
	{"a PEM that vanishes while its certificate is being registered is not dropped", "install",
		TOLD(E(PASS, 0), E(FINISH, 0), E(EDIT_PEM, A2), E(PASS, 0), E(FINISH, 1),
			E(PASS, 0), E(FINISH, 2), E(PASS, 0), E(FINISH, EVENT_LDAPS), E(PASS, 0)),
		STEP_SETTLED},
	{"one listing that lacks an entry does not make it foreign, whose path could then be cut",
		"half",
		TOLD(E(PASS, 0), E(FINISH, 1), E(PASS, 0), E(FINISH, EVENT_LDAPS), E(EDIT_TRUST, 0),
			E(LOOK_WITHOUT, 1), E(PASS, 0), E(TIME, 0), E(PASS, 0), E(TIME, 0),
			E(PASS, 0)),
		STEP_DEREGISTER},
	{"a certificate that is irreversible when the call is sent stays, another goes", "aging",
		TOLD(E(PASS, 0), E(FINISH, 2), E(EDIT_TRUST, 0), E(PASS, 0), E(TIME, 0), E(PASS, 0),
			E(TIME, 0), E(EVE_SLOW, 0)),
		STEP_DEREGISTER},
	{"LDAPS is not enabled on a certificate that ends before the call is sent", "expiring",
		TOLD(E(OTHERS_DISABLE, 0), E(TIME, 0), E(FINISH, EVENT_LDAPS), E(EVE_SLOW, 0)),
		STEP_HELD},
};

static const struct setting *setting_of(const char *name)
{
	for (size_t i = 0; i < settings_count; i++)
		if (strcmp(settings[i].name, name) == 0)
			return &settings[i];
	return NULL;
}

static bool replay(const struct story *story)
{
	struct world world;
	struct report report;
	enum step_kind last = STEP_OBSERVE;

	world_use(setting_of(story->setting));
	world_begin(&world);
	for (size_t i = 0; i < story->count; i++) {
		uint8_t bytes[WORLD_PACKED_MAX];

		if (!event_apply(&world, story->events[i], &report)) {
			printf("    event %zu (%s) cannot happen\n", i,
				event_name((enum event_kind)story->events[i].kind));
			return false;
		}
		if (report.broken) {
			printf("    event %zu: %s\n", i, report.broken);
			return false;
		}
		if (report.passed)
			last = report.step.kind;
		world_pack(&world, bytes);
		world_unpack(bytes, &world);
	}
	if (last != story->last)
		printf("    decided %s instead of %s (%s)\n", step_kind_str(last),
			step_kind_str(story->last), reason_str(report.step.reason));
	return last == story->last;
}

bool stories_replay(void)
{
	bool good = true;

	for (size_t i = 0; i < ARRAY_LENGTH(stories); i++) {
		bool ok = replay(&stories[i]);

		printf("%s - %s\n", ok ? "ok" : "not ok", stories[i].sentence);
		good &= ok;
	}
	return good;
}
