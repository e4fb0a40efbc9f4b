/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The story of one seed, in plain sentences with dates: kept while it is lived, if somebody asked,
 * and told to its end or for one target alone. Keeping it throws no dice, so that a seed lives the
 * same with and without.
 */

#include <stdio.h>

#include "fleet-world.h"

/* What a failing seed tells at the most. */
#define STORY_TOLD_MAX 40
/* "d-0000000001 in eu-west-1" and its NUL, with room to spare. */
#define TARGET_NAME_SIZE 64

/* An empty story, to be set as world->story; freed with free. NULL without memory. */
struct story *story_new(void);

/* Notes what happens to one target, to a seat in all its Regions, or to everybody. */
__attribute__((format(printf, 3, 4))) void story_target(
	struct world *world, const struct target *target, const char *format, ...);
__attribute__((format(printf, 3, 4))) void story_seat(
	struct world *world, const struct seat *seat, const char *format, ...);
__attribute__((format(printf, 2, 3))) void story_all(struct world *world, const char *format, ...);

/* Tells the last `most` sentences that concern the target (all of them: -1). */
void story_print(const struct world *world, FILE *out, long target, size_t most);
/* The world as it is now: of the target its file, its entries, its memory, its controllers. */
void story_facts(struct world *world, FILE *out, struct target *target);

/* Names. The first two return `ret_name`. */
char *target_name(const struct world *world, const struct target *target,
	char ret_name[static TARGET_NAME_SIZE]);
char *paper_name(const struct world *world, int paper, char ret_name[static TARGET_NAME_SIZE]);
