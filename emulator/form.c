/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/form.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static int digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* Decodes in place; a percent sign without two digits stands for itself. */
static void decode(char *text)
{
	char *to = text;

	for (; *text; text++)
		if (*text == '%' && isxdigit((unsigned char)text[1]) &&
			isxdigit((unsigned char)text[2])) {
			*to++ = (char)(digit(text[1]) * 16 + digit(text[2]));
			text += 2;
		} else {
			*to++ = (char)(*text == '+' ? ' ' : *text);
		}
	*to = '\0';
}

int form_parse(const char *text, size_t length, struct form *ret_form)
{
	char *rest, *field;

	*ret_form = (struct form){.text = strndup(text, length)};
	if (!ret_form->text)
		return -ERROR_MEMORY;
	rest = ret_form->text;
	while ((field = strsep(&rest, "&")) && ret_form->count < FORM_FIELDS_MAX) {
		char *value = field;
		char *name = strsep(&value, "=");

		decode(name);
		if (value)
			decode(value);
		ret_form->fields[ret_form->count].name = name;
		ret_form->fields[ret_form->count++].value = value ? value : "";
	}
	return 0;
}

void form_done(struct form *form)
{
	if (form->text)
		explicit_bzero(form->text, strlen(form->text));
	free(form->text);
	*form = (struct form){0};
}

const char *form_get(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++)
		if (strcmp(form->fields[i].name, name) == 0)
			return form->fields[i].value[0] ? form->fields[i].value : NULL;
	return NULL;
}
