/* SPDX-License-Identifier: Apache-2.0 */
#include "program/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/array.h"
#include "base/calendar.h"
#include "base/suggest.h"
#include "base/text.h"
#include "config.h"
#include "core/vocabulary.h"
#include "edge/clock.h"
#include "edge/environment.h"
#include "program/options-private.h"

/* What getopt_long returns for the first option of the table; above all letters. */
#define OPTION_FIRST 256
