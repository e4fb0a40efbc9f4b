/* SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/error.h"

static size_t instant_strftime(const struct tm *parts, bool clock, char *text)
{
	if (clock)
		return strftime(text, INSTANT_SIZE, "%Y-%m-%dT%H:%M:%SZ", parts);
	return strftime(text, INSTANT_SIZE, "%Y-%m-%d", parts);
}

/* Writes "YYYY-MM-DD", and the time of day behind it when `clock` says so. */
static char *instant_write(int64_t instant, bool clock, char ret_text[static INSTANT_SIZE])
{
	time_t seconds = (time_t)instant;
	struct tm parts;

	if (instant == 0)
		memcpy(ret_text, "never", sizeof("never"));
	else if (!gmtime_r(&seconds, &parts) || instant_strftime(&parts, clock, ret_text) == 0)
		memcpy(ret_text, "out of range", sizeof("out of range"));
	return ret_text;
}

char *instant_format(int64_t instant, char ret_text[static INSTANT_SIZE])
{
	return instant_write(instant, true, ret_text);
}

char *instant_format_date(int64_t instant, char ret_text[static INSTANT_SIZE])
{
	return instant_write(instant, false, ret_text);
}

int instant_parse(const char *text, int64_t *ret_instant)
{
	struct tm parts = {0}, check;
	const char *end = strptime(text, "%Y-%m-%d", &parts);
	time_t instant;

	if (end && *end == 'T')
		end = strptime(end, "T%H:%M:%SZ", &parts);
	if (!end || *end != '\0')
		return -ERROR_INVALID;
	check = parts;
	instant = timegm(&check);
	/* timegm quietly turns 31 February into March: refuse what it had to correct */
	if (check.tm_mday != parts.tm_mday || check.tm_mon != parts.tm_mon)
		return -ERROR_INVALID;
	*ret_instant = (int64_t)instant;
	return 0;
}

/* Exactly `count` digits. False if there is anything else. */
static bool digits_read(const char *text, size_t count, int *ret_number)
{
	int number = 0;

	for (size_t i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (text[i] - '0');
	}
	*ret_number = number;
	return true;
}

/* Days since 1970 of a date in the Gregorian calendar; `month` from 0. */
static int64_t days_of(int year, int month, int day)
{
	/* of a year that begins in March, so that the leap day is its last */
	static const int before[] = {306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275};
	int64_t begun = month < 2 ? year - 1 : year;

	return begun * 365 + begun / 4 - begun / 100 + begun / 400 + before[month] + day - 719469;
}

int instant_parse_zone(const char *text, int64_t *ret_instant)
{
	/* the date and time of instant_parse, its "Z" in place of what follows */
	char plain[sizeof("2027-05-01T06:30:00Z")];
	const size_t length = sizeof(plain) - 2;
	int hour = 0, minute = 0, sign;
	int64_t instant;

	if (strnlen(text, length + 1) <= length)
		return -ERROR_INVALID;
	snprintf(plain, sizeof(plain), "%.*sZ", (int)length, text);
	if (plain[10] != 'T' || instant_parse(plain, &instant) < 0)
		return -ERROR_INVALID;
	text += length;
	if (*text == '.')
		text += 1 + strspn(text + 1, "0123456789");
	sign = *text == '+' ? 1 : *text == '-' ? -1 : 0;
	if (sign == 0 && strcmp(text, "Z") != 0 && strcmp(text, "UTC") != 0)
		return -ERROR_INVALID;
	if (sign != 0) {
		const char *rest = text + 3;

		if (strnlen(text, 3) < 3 || !digits_read(text + 1, 2, &hour))
			return -ERROR_INVALID;
		rest += *rest == ':';
		if (strlen(rest) != 2 || !digits_read(rest, 2, &minute) || hour > 23 || minute > 59)
			return -ERROR_INVALID;
	}
	*ret_instant = instant - sign * (hour * HOUR + minute * MINUTE);
	return 0;
}

int instant_parse_http(const char *text, int64_t *ret_instant)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	static const char shape[] = "aaa, 00 aaa 0000 00:00:00 GMT";
	static const int last[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int day, month = 0, year, hour, minute, second;

	for (size_t i = 0; i < sizeof(shape); i++)
		if (shape[i] != 'a' && shape[i] != '0' && text[i] != shape[i])
			return -ERROR_INVALID;
		else if (text[i] == '\0' && shape[i] != '\0')
			return -ERROR_INVALID;
	while (month < 12 && memcmp(text + 8, months + 3 * month, 3) != 0)
		month++;
	if (month == 12 || !digits_read(text + 5, 2, &day) || !digits_read(text + 12, 4, &year) ||
		!digits_read(text + 17, 2, &hour) || !digits_read(text + 20, 2, &minute) ||
		!digits_read(text + 23, 2, &second))
		return -ERROR_INVALID;
	if (year < 1970 || day < 1 || day > last[month] || hour > 23 || minute > 59 || second > 60)
		return -ERROR_INVALID;
	if (month == 1 && day == 29 && (year % 4 != 0 || (year % 100 == 0 && year % 400 != 0)))
		return -ERROR_INVALID;
	*ret_instant = days_of(year, month, day) * DAY + hour * HOUR + minute * MINUTE + second;
	return 0;
}

static const struct {
	char name;
	int64_t seconds;
} units[] = {{'w', 7 * DAY}, {'d', DAY}, {'h', HOUR}, {'m', MINUTE}, {'s', 1}};

int duration_parse(const char *text, int64_t *ret_seconds)
{
	int64_t total = 0;
	size_t unit = 0;

	if (*text == '\0')
		return -ERROR_INVALID;
	while (*text != '\0') {
		int64_t number = 0;
		const char *digits = text;

		for (; *text >= '0' && *text <= '9'; text++) {
			if (number > DURATION_MAX)
				return -ERROR_LIMIT;
			number = number * 10 + (*text - '0');
		}
		while (unit < ARRAY_LENGTH(units) && units[unit].name != *text)
			unit++;
		if (text == digits || unit == ARRAY_LENGTH(units))
			return -ERROR_INVALID;
		if (number > (DURATION_MAX - total) / units[unit].seconds)
			return -ERROR_LIMIT;
		total += number * units[unit].seconds;
		unit++;
		text++;
	}
	*ret_seconds = total;
	return 0;
}

char *duration_format(int64_t seconds, char ret_text[static DURATION_SIZE])
{
	const char *sign = seconds < 0 ? "-" : "";
	int64_t rest = seconds < 0 ? -seconds : seconds;
	size_t unit = 1; /* weeks are read but not written: days count better */
	int64_t first, second = 0;

	while (unit + 1 < ARRAY_LENGTH(units) && rest < units[unit].seconds)
		unit++;
	first = rest / units[unit].seconds;
	if (unit + 1 < ARRAY_LENGTH(units))
		second = rest % units[unit].seconds / units[unit + 1].seconds;
	if (second > 0)
		snprintf(ret_text, DURATION_SIZE, "%s%" PRId64 " %c %" PRId64 " %c", sign, first,
			units[unit].name, second, units[unit + 1].name);
	else
		snprintf(
			ret_text, DURATION_SIZE, "%s%" PRId64 " %c", sign, first, units[unit].name);
	return ret_text;
}

char *duration_write(int64_t seconds, char ret_text[static DURATION_SIZE])
{
	size_t length = 0;

	for (size_t unit = 1; unit < ARRAY_LENGTH(units); unit++) {
		int64_t number = seconds / units[unit].seconds;

		seconds %= units[unit].seconds;
		if (number > 0)
			length += (size_t)snprintf(ret_text + length, DURATION_SIZE - length,
				"%" PRId64 "%c", number, units[unit].name);
	}
	if (length == 0)
		snprintf(ret_text, DURATION_SIZE, "0s");
	return ret_text;
}
