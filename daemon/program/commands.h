/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The commands (design 3), each a function from its options to the exit status. */

#include "program/options.h"

/* 0 good, 1 errors (strict: warnings too). */
int command_check(const struct options *options);
/* 0; 1 error; with --detailed-exitcode 0 nothing to do, 2 changes. */
int command_plan(const struct options *options);
/* 0 converged, 1 error, 2 held back or not finished in time. */
int command_apply(const struct options *options);
/* 0 all that is registered is ours, 1 error, 2 something is not. */
int command_adopt(const struct options *options);
/* 0 stopped, 1 cannot start, 78 bad configuration at start. */
int command_run(const struct options *options);
/* 0 healthy, 1 not, 3 nothing known. */
int command_status(const struct options *options);
/* 0 no outage ahead, 1 error, 2 an outage is ahead. */
int command_forecast(const struct options *options);
/* 0; 1 if the history cannot be read. */
int command_history(const struct options *options);
/* 0; 1 if something could not be read. */
int command_export(const struct options *options);
