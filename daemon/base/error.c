/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const struct {
	enum error_class class;
	const char *text;
} table[] = {[ERROR_NONE] = {ERROR_CLASS_BUG, "no error"},
#define X(code, class, text) [ERROR_##code] = {ERROR_CLASS_##class, text},
	ERROR_TABLE(X)
#undef X
};

_Static_assert(sizeof(table) / sizeof(table[0]) == ERROR_CODES, "a row for every code");

static int error_index(int code)
{
	int index = code < 0 ? -code : code;

	return index > 0 && index < ERROR_CODES ? index : ERROR_INTERNAL;
}

enum error_class error_class(int code)
{
	return table[error_index(code)].class;
}

const char *error_str(int code)
{
	return code == 0 ? table[ERROR_NONE].text : table[error_index(code)].text;
}

__attribute__((format(printf, 2, 0))) static void error_format(
	char *message, const char *format, va_list arguments)
{
	int length = vsnprintf(message, ERROR_MESSAGE_SIZE, format, arguments);

	if (length >= ERROR_MESSAGE_SIZE)
		memcpy(message + text_fit(message, ERROR_MESSAGE_SIZE - 3), "...", 4);
	if (length < 0)
		message[0] = '\0';
}

int(error_set)(struct error *error, enum error_code code, const char *format, ...)
{
	va_list arguments;

	if (error) {
		error->code = -(int)code;
		va_start(arguments, format);
		error_format(error->message, format, arguments);
		va_end(arguments);
	}
	return -(int)code;
}

int(error_prefix)(struct error *error, const char *format, ...)
{
	char prefix[ERROR_MESSAGE_SIZE], rest[ERROR_MESSAGE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	error_format(prefix, format, arguments);
	va_end(arguments);
	memcpy(rest, error->message, sizeof(rest));
	return error_set(error, (enum error_code) - error->code, "%s: %s", prefix, rest);
}
