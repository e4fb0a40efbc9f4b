/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From the file to what is worked on: asks where selectors look, and gives the fleet in which what
 * they pick is named (core/selection). Both fleets are made by calloc; the made one has the file's
 * as its `base`, or is the file's itself where it selects nothing.
 */

#include "base/buffer.h"
#include "base/error.h"
#include "core/fleet.h"
#include "core/knowledge.h"
#include "edge/json.h"
#include "program/options.h"
#include "program/report.h"
#include "program/scheduler.h"

/* Whether what the options ask for depends on what selectors pick. */
bool selecting_needed(const struct options *options, const struct fleet *file);

/*
 * As scheduler_discover, but ends with -ERROR_STOPPED if the scheduler was stopped: by a listener
 * of the loop, or by a blocked SIGTERM or SIGINT that nobody else listens to meanwhile.
 */
int selecting_discover(struct scheduler *scheduler, const struct fleet *file, struct error *error);

/* In how many places selectors could not ask for everything: a fleet without what they match there
 * may lack directories. With `tell`, why, on standard error. */
size_t selecting_failures(const struct fleet *fleet, const struct knowledge *knowledge, bool tell);

/* The fleet to work on; `file` is part of it from then on. NULL without memory or beyond the
 * limit, with the reason. */
struct fleet *selecting_make(
	struct fleet *file, const struct knowledge *knowledge, struct error *error);
/* The same with what is known now; NULL with an error of code 0 if nothing has changed. */
struct fleet *selecting_again(
	const struct fleet *fleet, const struct knowledge *knowledge, struct error *error);
/* Frees a fleet that selecting_again has replaced, not the file's. */
void selecting_drop(struct fleet *fleet);
/* Frees both. Accepts NULL. */
void selecting_drop_file(struct fleet *fleet);

/*
 * What each selector of a made fleet matches, for `plan`: [{select, place, account, regions[],
 * failures[], matched[], others[{directory, name, why}]}].
 */
json_t *selecting_report(const struct fleet *fleet, const struct knowledge *knowledge);
/* The same as text, ending with a newline; nothing for no selectors. */
int selecting_report_text(
	const json_t *selectors, const struct report_style *style, struct buffer *buffer);
