/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Instants and durations as text. An instant is UTC seconds since 1970 in an int64_t; a duration is
 * seconds in an int64_t. Nothing here reads a clock.
 */

#include <stddef.h>
#include <stdint.h>

#define MINUTE INT64_C(60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

/* "2027-05-01T06:30:00Z" and its NUL. */
#define INSTANT_SIZE 24
/* "3650 d 23 h" and its NUL, with room for any int64_t. */
#define DURATION_SIZE 48
/* Longest duration a person may write: a century, beyond any certificate that matters. Seconds. */
#define DURATION_MAX (36500 * DAY)

/* Writes RFC 3339 UTC text ("2027-05-01T06:30:00Z") and returns `ret_text`. 0 is written as
 * "never". */
char *instant_format(int64_t instant, char ret_text[static INSTANT_SIZE]);

/* The date alone ("2027-05-01"); otherwise as instant_format. */
char *instant_format_date(int64_t instant, char ret_text[static INSTANT_SIZE]);

/*
 * Reads "YYYY-MM-DD" (midnight UTC) or "YYYY-MM-DDTHH:MM:SSZ". 0, or -ERROR_INVALID with
 * *ret_instant untouched.
 */
int instant_parse(const char *text, int64_t *ret_instant);

/*
 * Reads what other programs write for an instant: instant_parse's second form, perhaps with a
 * fraction of the second, which is dropped, and with an offset ("+02:00", "-0530") or "UTC" in the
 * place of "Z". 0, or -ERROR_INVALID with *ret_instant untouched.
 */
int instant_parse_zone(const char *text, int64_t *ret_instant);

/*
 * Reads the date of HTTP headers in the one form that is still written ("Sun, 06 Nov 1994 08:49:37
 * GMT", RFC 9110 5.6.7), years 1970 to 9999. 0, or -ERROR_INVALID with *ret_instant untouched; the
 * name of the day is not checked against the date.
 */
int instant_parse_http(const char *text, int64_t *ret_instant);

/*
 * Reads one or more numbers with a unit of s, m, h, d or w, largest unit first: "15m", "1h30m",
 * "3d". 0, -ERROR_INVALID, or -ERROR_LIMIT above DURATION_MAX.
 */
int duration_parse(const char *text, int64_t *ret_seconds);

/* Writes the two largest units ("3 d 2 h", "45 s", "0 s"; "-3 d" before the mark), returns
 * `ret_text`. */
char *duration_format(int64_t seconds, char ret_text[static DURATION_SIZE]);

/* Writes a duration from 0 to DURATION_MAX as duration_parse reads it back: "15s", "3650d",
 * "1h30m". Returns `ret_text`. */
char *duration_write(int64_t seconds, char ret_text[static DURATION_SIZE]);
