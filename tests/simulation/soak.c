/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulation of the large world (design 6.3): seeded fleets over ten years each. See
 * CONTRIBUTING.md for how to run it and how to read the story of a seed that fails.
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/array.h"
#include "fleet-end.h"
#include "fleet-story.h"
#include "fleet-tally.h"
#include "fleet-world.h"

/* Lived by `make check`. */
#define SEEDS_CHECKED 200
/* Seeds that once showed a fault of the core, or of what the simulation held to be one: always
 * lived, first. */
static const struct {
	uint64_t seed;
	const char *sentence;
} regressions[] = {
	{360, "a failed entry that others cleared away contradicts nothing"},
};

/* One for each core that the build machines surely have. */
#define WORKERS 2
/* It only computes: tests beside it that are held to a time come first. */
#define NICE 10
/* Of one run: the rest is not worth reading before these are mended. */
#define FAILED_MAX 5

/* The command line. */
struct choice {
	uint64_t first, last;
	bool one, story; /* one seed; its story */
	bool full;	 /* everything must be reached */
};

/* What the workers share. */
struct board {
	atomic_uint_fast64_t next;
	atomic_int failed;
	uint64_t failures[FAILED_MAX];
	struct tally tallies[WORKERS];
};

static void *need(void *memory)
{
	if (!memory) {
		fprintf(stderr, "soak: out of memory\n");
		exit(2);
	}
	return memory;
}

/* Lives through one seed. False if something was broken. */
static bool live(struct world *world, uint64_t seed, struct tally *tally)
{
	struct tally one = {.seeds = 1};

	world->tally = &one;
	world_make(world, seed);
	world_live(world, WORLD_BEGIN + YEARS(WORLD_YEARS));
	if (!world->broken)
		world_end(world);
	one.directories = world->seats_count;
	one.targets = world->targets_count;
	one.years = (double)world->targets_count * (double)(world->now - WORLD_BEGIN) /
		    (double)YEARS(1);
	tally_add(tally, &one);
	return !world->broken;
}

static double seconds_used(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* The regressions, then those that were asked for. */
static bool next_seed(struct board *board, const struct choice *choice, uint64_t *ret_seed)
{
	uint64_t at = atomic_fetch_add(&board->next, 1);

	*ret_seed = at < ARRAY_LENGTH(regressions) ? regressions[at].seed
						   : choice->first + at - ARRAY_LENGTH(regressions);
	return *ret_seed <= choice->last || at < ARRAY_LENGTH(regressions);
}

/* Takes one seed after the other until none is left. */
static void work(struct board *board, const struct choice *choice, struct tally *tally)
{
	struct world *world = need(malloc(sizeof(*world)));
	uint64_t seed;

	while (next_seed(board, choice, &seed) && atomic_load(&board->failed) < FAILED_MAX) {
		memset(world, 0, sizeof(*world));
		if (!live(world, seed, tally)) {
			int at = atomic_fetch_add(&board->failed, 1);

			if (at < FAILED_MAX)
				board->failures[at] = seed;
		}
		world_done(world);
	}
	tally->seconds = seconds_used();
	free(world);
}

/* ---- telling ---- */

/* Lives through a seed once more and tells of it. */
static bool tell(uint64_t seed, bool all)
{
	struct world *world = need(calloc(1, sizeof(*world)));
	struct tally tally = {0};
	bool good;

	world->story = need(story_new());
	good = live(world, seed, &tally);
	if (!good) {
		char name[TARGET_NAME_SIZE];

		printf("not ok - seed %" PRIu64 ", %s: %s\n", seed,
			target_name(world, &world->targets[world->broken_by], name), world->broken);
	}
	if (all)
		story_print(world, stdout, -1, SIZE_MAX);
	else if (!good)
		story_print(world, stdout, (long)world->broken_by, STORY_TOLD_MAX);
	if (!good)
		story_facts(world, stdout, &world->targets[world->broken_by]);
	if (good)
		printf("ok - seed %" PRIu64 "\n", seed);
	else
		printf("  replay: tests/simulation/soak --seed %" PRIu64 " --story\n", seed);
	free(world->story);
	world_done(world);
	free(world);
	return good;
}

static bool tell_board(struct board *board, const struct choice *choice)
{
	struct tally sum = {0};
	int failed = atomic_load(&board->failed);

	for (int i = 0; i < failed && i < FAILED_MAX; i++)
		(void)tell(board->failures[i], false);
	for (int i = 0; i < WORKERS; i++)
		tally_add(&sum, &board->tallies[i]);
	tally_print(&sum);
	if (failed > 0) {
		printf("not ok - %d seeds failed\n", failed);
		return false;
	}
	return !choice->full || tally_complete(&sum);
}

static bool run(const struct choice *choice)
{
	struct board *board = mmap(
		NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool good = true;

	if (board == MAP_FAILED)
		return false;
	(void)!nice(NICE);
	for (int i = 0; i < WORKERS; i++) {
		pid_t child = fork();

		if (child == 0) {
			work(board, choice, &board->tallies[i]);
			_exit(0);
		}
		if (child < 0)
			return false;
	}
	for (int i = 0; i < WORKERS; i++) {
		int ended;

		good &= wait(&ended) >= 0 && WIFEXITED(ended) && WEXITSTATUS(ended) == 0;
	}
	return tell_board(board, choice) && good;
}

/* ---- the command line ---- */

/* "N", or "FIRST..LAST". */
static bool choose_seeds(const char *text, struct choice *choice)
{
	char *end;

	choice->first = 1;
	choice->last = strtoull(text, &end, 10);
	if (strncmp(end, "..", 2) == 0) {
		choice->first = choice->last;
		choice->last = strtoull(end + 2, &end, 10);
	}
	choice->full = choice->last - choice->first + 1 >= SEEDS_CHECKED;
	return *text != '\0' && *end == '\0' && choice->first <= choice->last;
}

static bool choose(int argc, char **argv, struct choice *choice)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--story") == 0) {
			choice->story = true;
		} else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
			choice->one = true;
			if (!choose_seeds(argv[++i], choice))
				return false;
			choice->first = choice->last;
		} else if (strcmp(argv[i], "--seeds") == 0 && i + 1 < argc) {
			if (!choose_seeds(argv[++i], choice))
				return false;
		} else {
			return false;
		}
	}
	return choice->one || !choice->story;
}

int main(int argc, char **argv)
{
	struct choice choice = {.first = 1, .last = SEEDS_CHECKED, .full = true};
	const char *effort = getenv("TESTS_EFFORT");

#ifdef __SANITIZE_THREAD__
	if (argc == 1) {
		printf("skipped: there is one thread in each process\n");
		return 77;
	}
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	effort = "small"; /* a tenth of the speed */
#endif
	if (effort && strcmp(effort, "small") == 0)
		choice = (struct choice){.first = 1, .last = 10};
	if (!choose(argc, argv, &choice)) {
		fprintf(stderr,
			"usage: soak [--seeds N | --seeds FIRST..LAST | --seed N [--story]]\n");
		return 2;
	}
	if (choice.one)
		return !tell(choice.first, choice.story);
	return !run(&choice);
}
