/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The fields of a form-encoded body or of a query: a=b&c=d, percent-encoded. */

#include <stddef.h>

/* Fields of one form; those beyond are not seen. */
#define FORM_FIELDS_MAX 64

struct form {
	struct {
		const char *name, *value; /* decoded; into `text` */
	} fields[FORM_FIELDS_MAX];
	size_t count;
	char *text; /* owned */
};

/* Takes a form apart. 0 or -ERROR_MEMORY; form_done releases it in any case. */
int form_parse(const char *text, size_t length, struct form *ret_form);
/* Wipes and frees it. */
void form_done(struct form *form);
/* The first field of that name; NULL if it is missing or empty. */
const char *form_get(const struct form *form, const char *name);
