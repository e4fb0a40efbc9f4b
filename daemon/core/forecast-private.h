/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A forecast on its way: shared by its walk through time (forecast.c) and what it notes at each
 * look (forecast-note.c); nobody else includes this. */

#include "core/forecast.h"
#include "core/future.h"

/* One forecast on its way. */
struct forecast_walk {
	struct forecast *forecast;
	struct future future;
	struct decision decision;
	int64_t stride;
	int64_t noted;					  /* what happened until here was told */
	int64_t uncovered[DIRECTORY_TRUST_MAX + 1];	  /* since when; 0: it is not */
	bool outage[DIRECTORY_TRUST_MAX + 1];		  /* that was told */
	struct condition before[DECISION_CONDITIONS_MAX]; /* of the last quiet decision */
	size_t before_count;
	int r; /* the first error */
};

/* Adds the event in its place; of the same instant the first told is first. */
void forecast_tell(struct forecast_walk *walk, int64_t at, enum forecast_kind kind,
	enum severity severity, const struct condition *what);

/* Notes what has come since the last look; what needs time to be true only where things stand for a
 * while (`quiet`). */
void forecast_note(struct forecast_walk *walk, bool quiet);
/* Notes the conditions that the last quiet decision did not have. */
void forecast_note_conditions(struct forecast_walk *walk);
/* Adds the rows of what was never Registered, and puts all in order. */
void forecast_note_end(struct forecast_walk *walk);
