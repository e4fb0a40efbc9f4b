/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exhaustive exploration of the small world (design 6.2): breadth first over packed worlds,
 * fewest disturbances first, every event at every state, every invariant at every write.
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "core/guard.h"
#include "events.h"
#include "forbade.h"
#include "invariants.h"
#include "set.h"
#include "stories.h"
#include "world.h"

/* States of one world; more is a world that wants a smaller budget. */
#define STATES_MAX (1U << 21)
#define NOBODY	   UINT32_MAX
/* Events after which a run without disturbances must have come to its end. */
#define CALM_MAX 120
/* One for each core that the build machines surely have. */
#define WORKERS	     2
#define SETTINGS_MAX 128

/* ---- the set of states ---- */

struct node {
	uint64_t offset; /* of its bytes in the arena */
	uint32_t parent;
	struct event event; /* from the parent */
	uint16_t length;
	uint8_t cost; /* disturbances on the shortest way here */
	bool done;
};

/* What exploring one world came to; shared with the parent. */
struct tally {
	uint64_t states, transitions, skipped;
	uint64_t per_event[EVENTS], per_step[STEPS], forbade[GUARD_ALL + 1];
	uint64_t ends[STEPS];  /* calm runs that were run to their end, by how they end */
	int calm_most;	       /* events of the longest calm run */
	unsigned disturbances; /* on the longest way */
	bool done, good;
	char story[32768];
};

/* What the workers share. */
struct board {
	atomic_size_t next;
	atomic_int broken;
	struct tally tallies[SETTINGS_MAX];
};

/* The command line. */
struct choice {
	bool quick;	 /* stop at the first violation, no convergence */
	unsigned budget; /* 0: each world's own */
	const char *name;
};

struct explorer {
	struct tally *tally;
	unsigned budget;
	uint8_t *calm; /* of each node: events until a calm run ends; 0: not known */
	uint8_t *arena;
	size_t used, size;
	struct node *nodes;
	uint32_t count;
	uint32_t *table; /* open addressing, node + 1 */
	uint32_t mask;
	uint32_t *queue[2]; /* nodes of this cost, and of the next */
	size_t queued[2];
};

static void *need(void *memory)
{
	if (!memory) {
		fprintf(stderr, "explore: out of memory\n");
		exit(2);
	}
	return memory;
}

static void explorer_init(struct explorer *explorer)
{
	memset(explorer, 0, sizeof(*explorer));
	explorer->size = (size_t)STATES_MAX * 200;
	explorer->arena = need(set_room(explorer->size));
	explorer->nodes = need(set_room(STATES_MAX * sizeof(explorer->nodes[0])));
	explorer->calm = need(malloc(STATES_MAX));
	explorer->mask = STATES_MAX * 2 - 1;
	explorer->table = need(set_room(STATES_MAX * 2 * sizeof(explorer->table[0])));
	for (int i = 0; i < 2; i++)
		explorer->queue[i] = need(malloc(STATES_MAX * 2 * sizeof(explorer->queue[i][0])));
}

static uint32_t explorer_find(
	const struct explorer *explorer, const uint8_t *bytes, size_t length, uint32_t *ret_slot)
{
	uint64_t hash = set_mark(bytes, length);
	uint32_t slot = (uint32_t)(hash ^ hash >> 32) & explorer->mask;

	while (explorer->table[slot] != 0) {
		const struct node *node = &explorer->nodes[explorer->table[slot] - 1];

		if (node->length == length &&
			memcmp(explorer->arena + node->offset, bytes, length) == 0)
			break;
		slot = (slot + 1) & explorer->mask;
	}
	*ret_slot = slot;
	return explorer->table[slot] == 0 ? NOBODY : explorer->table[slot] - 1;
}

static void enqueue(struct explorer *explorer, uint32_t node, unsigned extra)
{
	if (explorer->queued[extra] < STATES_MAX * 2)
		explorer->queue[extra][explorer->queued[extra]++] = node;
	else
		explorer->tally->skipped++;
}

/* The state after an event: new, known, or known by a longer way. */
static void reach(struct explorer *explorer, const struct world *world, uint32_t parent,
	struct event event, unsigned cost, unsigned extra)
{
	uint8_t bytes[WORLD_PACKED_MAX];
	size_t length = world_pack(world, bytes);
	uint32_t slot, found = explorer_find(explorer, bytes, length, &slot);
	struct node *node;

	if (found == NOBODY) {
		if (explorer->count >= STATES_MAX || explorer->used + length > explorer->size) {
			explorer->tally->skipped++;
			return;
		}
		found = explorer->count++;
		explorer->table[slot] = found + 1;
		node = &explorer->nodes[found];
		*node = (struct node){.offset = explorer->used, .length = (uint16_t)length};
		memcpy(explorer->arena + explorer->used, bytes, length);
		explorer->used += length;
	} else {
		node = &explorer->nodes[found];
		if (node->done || node->cost <= cost)
			return;
	}
	node->parent = parent;
	node->event = event;
	node->cost = (uint8_t)cost;
	enqueue(explorer, found, extra);
}

/* ---- telling ---- */

static void tell_step(FILE *out, const struct report *report)
{
	if (!report->passed)
		return;
	fprintf(out, "        -> %s", step_kind_str(report->step.kind));
	if (report->step.certificate)
		fprintf(out, " %s", world_name(world_who(report->step.certificate)));
	if (report->step.id[0])
		fprintf(out, " %s", report->step.id);
	fprintf(out, " (%s)\n", reason_str(report->step.reason));
}

/* The shortest story of a state and one event more; ready to become a row of stories.c. */
static void tell_story(FILE *out, const struct explorer *explorer, uint32_t node, struct event last)
{
	static uint32_t way[4096];
	size_t length = 0;
	struct world world;
	struct report report;
	char text[200];

	for (uint32_t at = node; at != NOBODY && length < ARRAY_LENGTH(way);
		at = explorer->nodes[at].parent)
		way[length++] = at;
	fprintf(out, "    world \"%s\": %s\n", world_setting()->name, world_setting()->sentence);
	for (size_t i = length; i-- > 0;) {
		struct event event = i > 0 ? explorer->nodes[way[i - 1]].event : last;
		int64_t before;

		world_unpack(explorer->arena + explorer->nodes[way[i]].offset, &world);
		event_tell(&world, event, text, sizeof(text));
		before = world.now;
		event_apply(&world, event, &report);
		fprintf(out, "    {EVENT_%s, %u}: %s", event_name((enum event_kind)event.kind),
			event.argument, text);
		if (world.now != before)
			fprintf(out, " (%" PRId64 " s)", world.now - before);
		fprintf(out, "\n");
		tell_step(out, &report);
	}
}

static void tell_violation(
	struct explorer *explorer, const char *broken, uint32_t node, struct event last)
{
	FILE *out = fmemopen(explorer->tally->story, sizeof(explorer->tally->story) - 1, "w");

	if (!out)
		return;
	fprintf(out, "VIOLATION: %s\n", broken);
	tell_story(out, explorer, node, last);
	fclose(out);
}

/* ---- exploring ---- */

static void count(struct explorer *explorer, struct event event, const struct report *report)
{
	struct tally *tally = explorer->tally;

	tally->transitions++;
	tally->per_event[event.kind]++;
	tally->per_step[STEP_OBSERVE] += report->begun;
	if (report->passed)
		tally->per_step[report->step.kind]++;
}

/* Every event at one state. Returns false at a violation. */
static bool expand(struct explorer *explorer, uint32_t at)
{
	struct node *node = &explorer->nodes[at];
	struct event events[EVENTS_MAX];
	unsigned costs[EVENTS_MAX];
	struct world here, there;
	struct report report;
	bool writes = true;
	size_t events_count;

	node->done = true;
	world_unpack(explorer->arena + node->offset, &here);
	events_count = events_of(&here, events, costs);
	for (size_t i = 0; i < events_count; i++) {
		unsigned cost = node->cost + costs[i];

		/* the ways of a call are apart only where there is a call */
		if (cost > explorer->budget || (!writes && events[i].kind > EVENT_PASS &&
						       events[i].kind <= EVENT_PASS_DENIED))
			continue;
		world_copy(&here, &there);
		if (!event_apply(&there, events[i], &report))
			continue;
		if (events[i].kind == EVENT_PASS)
			writes = step_writes(&report.step);
		count(explorer, events[i], &report);
		if (report.broken) {
			tell_violation(explorer, report.broken, at, events[i]);
			return false;
		}
		if (event_leads((enum event_kind)events[i].kind))
			reach(explorer, &there, at, events[i], cost, costs[i] > 0);
	}
	return true;
}

static bool explore(struct explorer *explorer)
{
	struct world world;

	world_begin(&world);
	reach(explorer, &world, NOBODY, (struct event){0}, 0, 0);
	for (unsigned cost = 0; cost <= explorer->budget && explorer->queued[0] > 0; cost++) {
		uint32_t *swapped = explorer->queue[0];

		for (size_t i = 0; i < explorer->queued[0]; i++) {
			uint32_t at = explorer->queue[0][i];

			if (!explorer->nodes[at].done && explorer->nodes[at].cost == cost &&
				!expand(explorer, at))
				return false;
		}
		explorer->queue[0] = explorer->queue[1];
		explorer->queued[0] = explorer->queued[1];
		explorer->queue[1] = swapped;
		explorer->queued[1] = 0;
		explorer->tally->disturbances = cost;
	}
	return true;
}

/* ---- convergence: nothing more goes wrong, and time goes on ---- */

/* The next event of a run in which nothing goes wrong; false if it has come to its end. */
static bool calm_event(const struct world *world, bool idle, struct event *ret_event)
{
	static const struct event late = {EVENT_LATE_ARRIVES, 0}, pass = {EVENT_PASS, 0},
				  time = {EVENT_TIME, 0}, good = {EVENT_MOOD, MOOD_GOOD};

	if (world->mood != MOOD_GOOD) {
		*ret_event = good;
		return true;
	}
	if (world->late.there) {
		*ret_event = late;
		return true;
	}
	for (size_t i = 0; i < world->directory.count; i++)
		if (world->entries[i].due != 0) {
			*ret_event = (struct event){
				world->entries[i].fails ? EVENT_FINISH_BADLY : EVENT_FINISH,
				(uint8_t)i};
			return true;
		}
	if (world->directory.ldaps_due != 0) {
		*ret_event = (struct event){EVENT_FINISH, EVENT_LDAPS};
		return true;
	}
	if (world->file.absent)
		return false;
	*ret_event = idle ? time : pass;
	return true;
}

/* Whether the schedule of tries is through: from then on there is one a day (design 4.3). */
static bool tried_out(const struct memory *memory)
{
	bool out = memory->enable.failures == ATTEMPT_FAILURES_MAX ||
		   memory->disable.failures == ATTEMPT_FAILURES_MAX;

	for (size_t i = 0; i < memory->wishes_count; i++)
		out |= memory->wishes[i].registration.failures == ATTEMPT_FAILURES_MAX;
	for (size_t i = 0; i < memory->certificates_count; i++)
		out |= memory->certificates[i].deregister.failures == ATTEMPT_FAILURES_MAX;
	return out;
}

/* Whether a decision ends a calm run: what remains is for somebody outside to change. */
static bool ends(const struct world *world, const struct report *report)
{
	if (!report->passed)
		return false;
	if (report->step.kind == STEP_WAIT)
		return (report->step.reason == REASON_AWAITS_FIRST && world->out_of_turn) ||
		       (report->step.reason == REASON_BACKING_OFF && tried_out(&world->memory));
	return report->step.kind == STEP_SETTLED || report->step.kind == STEP_HELD;
}

/* Runs calmly from a state to its end, or to a state whose end is known. The steps; -1: a story. */
static int calm_run(struct explorer *explorer, uint32_t from)
{
	uint32_t way[CALM_MAX + 1];
	int length = 0, more = 0;
	struct world world;
	struct event event;
	bool idle = false;

	world_unpack(explorer->arena + explorer->nodes[from].offset, &world);
	while (length < CALM_MAX && calm_event(&world, idle, &event)) {
		uint8_t before[WORLD_PACKED_MAX], after[WORLD_PACKED_MAX];
		size_t size = world_pack(&world, before), packed;
		uint32_t slot, known = explorer_find(explorer, before, size, &slot);
		struct report report;

		if (!idle && known != NOBODY && explorer->calm[known] != 0) {
			more = explorer->calm[known];
			break;
		}
		way[length++] = idle ? NOBODY : known;
		if (!event_apply(&world, event, &report)) {
			if (idle)
				return -1; /* it waits for a time that never comes */
			break;
		}
		if (report.broken)
			return -1;
		if (ends(&world, &report)) {
			if (report.step.kind == STEP_SETTLED && invariants_settled(&world))
				return -1;
			explorer->tally->ends[report.step.kind]++;
			more = 1;
			break;
		}
		packed = world_pack(&world, after);
		idle = event.kind == EVENT_PASS && packed == size &&
		       memcmp(before, after, size) == 0;
		world_unpack(after, &world);
	}
	if (length == CALM_MAX)
		return -1;
	for (int i = length; i-- > 0;) {
		more = more < UINT8_MAX ? more + 1 : more;
		if (way[i] != NOBODY)
			explorer->calm[way[i]] = (uint8_t)more;
	}
	return more;
}

static bool converge(struct explorer *explorer)
{
	memset(explorer->calm, 0, explorer->count);
	for (uint32_t i = 0; i < explorer->count; i++) {
		int steps = calm_run(explorer, i);

		if (steps < 0) {
			tell_violation(explorer,
				"N11: from here a run without disturbances does not end", i,
				(struct event){EVENT_PASS, 0});
			return false;
		}
		if (steps > explorer->tally->calm_most)
			explorer->tally->calm_most = steps;
	}
	return true;
}

/* ---- all worlds ---- */

static void explore_setting(struct explorer *explorer, const struct setting *setting,
	struct tally *tally, const struct choice *choice)
{
	explorer->count = 0;
	explorer->used = 0;
	explorer->queued[0] = explorer->queued[1] = 0;
	explorer->tally = tally;
	explorer->budget = choice->budget ? choice->budget : setting->budget;
	memset(explorer->table, 0, (explorer->mask + (size_t)1) * sizeof(explorer->table[0]));
	memset(forbade, 0, sizeof(forbade));
	world_use(setting);
	tally->good = explore(explorer) && (choice->quick || converge(explorer));
	tally->states = explorer->count;
	memcpy(tally->forbade, forbade, sizeof(forbade));
	tally->done = true;
}

/* Takes one world after the other until none is left. */
static void work(struct board *board, const struct choice *choice)
{
	struct explorer explorer;
	size_t next;

	explorer_init(&explorer);
	while ((next = atomic_fetch_add(&board->next, 1)) < settings_count)
		if ((!choice->name || strstr(settings[next].name, choice->name)) &&
			!(choice->quick && atomic_load(&board->broken))) {
			explore_setting(&explorer, &settings[next], &board->tallies[next], choice);
			if (!board->tallies[next].good)
				atomic_store(&board->broken, 1);
		}
}

static void tell_tally(const struct setting *setting, const struct tally *tally)
{
	if (!tally->done)
		return;
	printf("%-38s %u disturbances%s: %8" PRIu64 " states, %9" PRIu64
	       " transitions, calm within %d steps\n",
		setting->name, tally->disturbances, tally->skipped ? " (CUT SHORT)" : "",
		tally->states, tally->transitions, tally->calm_most);
	if (!tally->good)
		printf("%s", tally->story);
}

static void add(uint64_t *sum, const uint64_t *part, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sum[i] += part[i];
}

/* What all worlds together reached; false if an event, a guard or a step kind never was. */
static bool tell_sum(const struct tally *sum)
{
	bool all = true;

	printf("together: %" PRIu64 " states, %" PRIu64
	       " transitions; calm runs end settled %" PRIu64 ", held %" PRIu64
	       ", waiting for their turn %" PRIu64 "\n",
		sum->states, sum->transitions, sum->ends[STEP_SETTLED], sum->ends[STEP_HELD],
		sum->ends[STEP_WAIT]);
	printf("states in which an event was let happen:\n");
	for (int i = 0; i < EVENTS; i++) {
		printf("  %-22s %" PRIu64 "\n", event_name((enum event_kind)i), sum->per_event[i]);
		all &= sum->per_event[i] != 0;
	}
	printf("passes that decided:\n");
	for (int i = 0; i < STEPS; i++) {
		printf("  %-22s %" PRIu64 "\n", step_kind_str((enum step_kind)i), sum->per_step[i]);
		all &= sum->per_step[i] != 0;
	}
	printf("how often a guard forbade:\n");
	for (int i = 0; i < GUARD_ALL; i++) {
		printf("  %-22s %" PRIu64 "\n", guard_rule_str((enum guard_rule)i),
			sum->forbade[i]);
		all &= sum->forbade[i] != 0;
	}
	if (!all)
		printf("not ok - an event, a step kind or a guard was never reached\n");
	return all;
}

static bool tell_board(const struct board *board, const struct choice *choice)
{
	struct tally sum = {.good = true};

	for (size_t i = 0; i < settings_count; i++) {
		const struct tally *tally = &board->tallies[i];

		tell_tally(&settings[i], tally);
		if (!tally->done)
			continue;
		/* a world that was cut short was not explored */
		sum.good &= tally->good && (choice->quick || tally->skipped == 0);
		sum.states += tally->states;
		sum.transitions += tally->transitions;
		add(sum.ends, tally->ends, STEPS);
		add(sum.per_event, tally->per_event, EVENTS);
		add(sum.per_step, tally->per_step, STEPS);
		add(sum.forbade, tally->forbade, GUARD_ALL + 1);
	}
	if (choice->quick || choice->name)
		return sum.good;
	return tell_sum(&sum) && sum.good;
}

/* explore [--quick] [--budget N] [NAME]: only the worlds whose names contain NAME. */
static bool choose(int argc, char **argv, struct choice *choice)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--quick") == 0)
			choice->quick = true;
		else if (strcmp(argv[i], "--budget") == 0 && i + 1 < argc)
			choice->budget = (unsigned)strtoul(argv[++i], NULL, 10);
		else if (!choice->name && argv[i][0] != '-')
			choice->name = argv[i];
		else
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	const char *effort = getenv("TESTS_EFFORT");
	struct choice choice = {0};
	struct board *board;
	int status = 0;

#ifdef __SANITIZE_THREAD__
	if (argc == 1) {
		printf("skipped: there is one thread in each process\n");
		return 77;
	}
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	effort = "small"; /* a tenth of the speed */
#endif
	/* one family of worlds, one disturbance in each run: the code, not the logic */
	if (effort && strcmp(effort, "small") == 0 && argc == 1)
		choice = (struct choice){.name = "rotation", .budget = 1};
	if (!choose(argc, argv, &choice)) {
		fprintf(stderr, "usage: explore [--quick] [--budget N] [NAME]\n");
		return 2;
	}
	if (!choice.quick && !choice.name && !stories_replay())
		return 1;
	board = mmap(
		NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED || settings_count > SETTINGS_MAX)
		return 2;
	for (int i = 0; i < WORKERS; i++) {
		pid_t child = fork();

		if (child == 0) {
			work(board, &choice);
			_exit(0);
		}
		if (child < 0)
			return 2;
	}
	for (int i = 0; i < WORKERS; i++) {
		int ended;

		if (wait(&ended) < 0 || !WIFEXITED(ended) || WEXITSTATUS(ended) != 0) {
			printf("not ok - a worker died\n");
			status = 2;
		}
	}
	return !tell_board(board, &choice) || status != 0;
}
