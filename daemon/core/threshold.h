/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How near the end of a certificate without a successor is: nine thresholds, each of which matters
 * more than the one before (design 4.4).
 */

#include <stdint.h>

#include "base/severity.h"

/* One of them. */
struct threshold {
	int64_t days; /* before the end */
	enum severity severity;
};

#define THRESHOLDS 9
/* From the farthest to the nearest. 90 days are the service's line: from there on the certificate
 * can never be registered again; 120 leave 30 days to act before it. */
extern const struct threshold thresholds[THRESHOLDS];

/* The nearest one that is crossed at `now`, that many days before `end` or later; NULL if none is.
 */
const struct threshold *threshold_crossed(int64_t end, int64_t now);
/* When the next one after `now` is crossed; 0 if none is left. */
int64_t threshold_next(int64_t end, int64_t now);
/* How much it matters that the threshold of so many days is crossed; a number of days that is none
 * of them as the farthest that is nearer. */
enum severity threshold_severity(int64_t days);
