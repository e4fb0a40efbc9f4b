/* SPDX-License-Identifier: Apache-2.0 */
#include "fleet-tally.h"

#include <inttypes.h>
#include <stdio.h>

#define ADD(member) sum->member += part->member
#define ADD_EACH(member)                                                                           \
	for (size_t i = 0; i < sizeof(sum->member) / sizeof(sum->member[0]); i++)                  \
	sum->member[i] += part->member[i]

void tally_add(struct tally *sum, const struct tally *part)
{
	ADD(seeds);
	ADD(directories);
	ADD(targets);
	ADD(years);
	ADD(passes);
	ADD(skipped);
	ADD(checked);
	ADD(kept_by_hand);
	ADD(seconds);
	ADD_EACH(steps);
	ADD_EACH(writes);
	ADD_EACH(retired);
	ADD_EACH(exceptions);
	ADD_EACH(endings);
	ADD_EACH(held);
	ADD_EACH(waited);
	ADD_EACH(released);
	ADD_EACH(happenings);
	ADD_EACH(crashes);
}

static const char *const exception_words[EXCEPTIONS] = {[EXCEPTION_AFTER] = "retire: after",
	[EXCEPTION_DROPPED] = "dropped authority",
	[EXCEPTION_APPROVED] = "approved",
	[EXCEPTION_OFF] = "LDAPS settled off",
	[EXCEPTION_TWIN] = "taken for its twin"};

static const char *const ending_words[ENDINGS] = {[ENDING_OPEN] = "open",
	[ENDING_ABSENT] = "not in the file",
	[ENDING_SETTLED] = "settled",
	[ENDING_WAITS] = "waiting",
	[ENDING_HELD] = "held"};

static const char *const crash_words[CRASHES] = {[CRASH_LEARNED_NOT] = "before the look's commit",
	[CRASH_LEARNED] = "after the look's commit",
	[CRASH_INTENDED] = "after the intent",
	[CRASH_SENT] = "after the call"};

static void print_reasons(const char *what, const uint64_t *counts)
{
	printf("%s:", what);
	for (int i = 0; i < REASONS; i++)
		if (counts[i] != 0)
			printf(" %s %" PRIu64, reason_str((enum reason)i), counts[i]);
	printf("\n");
}

static void print_words(
	const char *what, const char *const *words, const uint64_t *counts, int count)
{
	printf("%s:", what);
	for (int i = 0; i < count; i++)
		if (words[i])
			printf(" %s %" PRIu64 "%s", words[i], counts[i], i + 1 < count ? "," : "");
	printf("\n");
}

static void print_steps(const char *what, const uint64_t *counts)
{
	printf("%s:", what);
	for (int i = 0; i < STEPS; i++)
		if (counts[i] != 0)
			printf(" %s %" PRIu64, step_kind_str((enum step_kind)i), counts[i]);
	printf("\n");
}

void tally_print(const struct tally *tally)
{
	printf("%" PRIu64 " seeds, %" PRIu64 " directories, %" PRIu64
	       " of them and their replicas in Regions, %.0f directory-years\n",
		tally->seeds, tally->directories, tally->targets, tally->years);
	printf("passes: %" PRIu64 " executed, %" PRIu64 " skipped, %" PRIu64
	       " executed to check that settled was settled\n",
		tally->passes, tally->skipped, tally->checked);
	print_steps("decided", tally->steps);
	print_steps("sent", tally->writes);
	printf("retired:");
	for (int i = RETIRE_WHEN_PROVEN; i < RETIRE_MANUAL; i++)
		printf(" %s %" PRIu64 ",", retire_str((enum retire)i), tally->retired[i]);
	printf(" kept by %s %" PRIu64 "\n", retire_str(RETIRE_MANUAL), tally->kept_by_hand);
	print_words("controllers cut off by a removal (N13)", exception_words, tally->exceptions,
		EXCEPTIONS);
	print_words("crashes", crash_words, tally->crashes, CRASHES);
	print_words("targets ended", ending_words, tally->endings, ENDINGS);
	print_reasons("  waiting for", tally->waited);
	print_reasons("  held for", tally->held);
	print_reasons("  released by taking the blocking fact away", tally->released);
	printf("%.1f s of one core, %.0f directory-years in each\n", tally->seconds,
		tally->seconds > 0 ? tally->years / tally->seconds : 0.0);
}

static bool reached(bool is, const char *what)
{
	if (!is)
		printf("not ok - never reached: %s\n", what);
	return is;
}

bool tally_complete(const struct tally *tally)
{
	bool all = true;

	for (int i = 0; i < HAPPENINGS; i++)
		all &= reached(tally->happenings[i] != 0, happening_str(i));
	for (int i = 0; i < STEPS; i++)
		all &= reached(tally->steps[i] != 0, step_kind_str((enum step_kind)i));
	for (int i = RETIRE_WHEN_PROVEN; i < RETIRE_MANUAL; i++)
		all &= reached(tally->retired[i] != 0, retire_str((enum retire)i));
	all &= reached(tally->kept_by_hand != 0, retire_str(RETIRE_MANUAL));
	for (int i = CRASH_LEARNED_NOT; i < CRASHES; i++)
		all &= reached(tally->crashes[i] != 0, crash_words[i]);
	return all;
}
