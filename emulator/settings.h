/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How the emulated service behaves: the model's options, its rates and the forms of its replies.
 * One table holds every setting with its word, its help and how a text is applied, so that the
 * command line (--word TEXT) and the control path ("word": "text") can never differ.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "core/model.h"

/* SigV4: a request may be five minutes off by the documentation, fifteen in practice. Seconds. */
#define SETTINGS_CLOCK_WINDOW 900
/* A NextToken is good for this long; not published. Seconds. */
#define SETTINGS_TOKEN_LIFE 300
/* AWS Managed Microsoft AD directories, and AD Connectors, of an account in a Region. */
#define SETTINGS_DIRECTORY_LIMIT 10
/* A token or a path that a setting holds, and the NUL. */
#define SETTINGS_TEXT_SIZE 1025
/* credential_life and shown_life: what was asked for, and the truth. */
#define SETTINGS_AS_ASKED INT64_C(-1)
/* Longest latency and slowness, so that a mistyped number is noticed. Milliseconds. */
#define SETTINGS_LATENCY_MAX 600000

/* How a refusal names its code. */
enum type_form {
	TYPE_FORM_NAMESPACE, /* "__type":"com.amazonaws.directoryservice#X" */
	TYPE_FORM_BARE,	     /* "__type":"X" */
	TYPE_FORM_URL,	     /* "__type":"X:http://internal.amazon.com/..." */
	TYPE_FORM_HEADER,    /* x-amzn-ErrorType: X, no __type */
};

/* Which spelling the text of a refusal has. */
enum message_form {
	MESSAGE_FORM_SERVICE, /* Message for modelled errors, message for common ones */
	MESSAGE_FORM_LOWER,
	MESSAGE_FORM_UPPER,
	MESSAGE_FORM_NONE,
};

struct settings {
	struct model_options model;
	unsigned directory_limit;   /* what CreateMicrosoftAD and ConnectDirectory allow per kind */
	int64_t create_delay;	    /* seconds until a created directory is Active */
	int64_t delete_delay;	    /* seconds until a deleted one is gone */
	double rate;		    /* requests a second for one account and Region; 0: no limit */
	double burst;		    /* requests at once */
	int64_t latency_ms;	    /* before each reply */
	int64_t token_life;	    /* seconds a NextToken holds */
	int64_t clock_window;	    /* seconds a signature may be off */
	enum refusal clock_refusal; /* what a signature off by more is refused with */
	unsigned page;		    /* most items of one page, whatever Limit says */
	enum type_form type_form;
	enum message_form message_form;
	int64_t credential_life; /* seconds temporary credentials hold; SETTINGS_AS_ASKED */
	int64_t shown_life;	 /* seconds they are said to hold; SETTINGS_AS_ASKED */
	char web_identity_token[SETTINGS_TEXT_SIZE]; /* the one that STS takes; "": none */
	char sso_token[SETTINGS_TEXT_SIZE];	     /* the one that the portal takes; "": none */
	char container_token[SETTINGS_TEXT_SIZE];    /* that a container must send; "": none */
	char container_path[SETTINGS_TEXT_SIZE];     /* where it asks */
	char container_role[SETTINGS_TEXT_SIZE];     /* ROLE[@ACCOUNT] that it gets; "": none */
	char metadata_role[SETTINGS_TEXT_SIZE];	     /* the same of the instance */
	char metadata_code[SETTINGS_TEXT_SIZE];	     /* Code of its keys */
	bool exponent;				     /* instants as 1.8E9 */
	bool empty_object;			     /* an empty result is {} rather than nothing */
	bool request_id_in_text;		     /* messages end with " : RequestId: ..." */
};

struct setting {
	const char *word;
	const char *argument; /* for the help */
	const char *help;
	int (*apply)(struct settings *settings, const char *value, struct error *error);
	const char *const
		*words; /* all it may be, ends with NULL; NULL: anything that apply takes */
};

/* The table; words are those of the long options. */
extern const struct setting settings_table[];
extern const size_t settings_count;

struct settings settings_default(void);
/* Applies one by its word. 0 or -ERROR_INVALID with what is allowed in `error`. */
int settings_apply(
	struct settings *settings, const char *word, const char *value, struct error *error);
/* Prints the help of all, guards, points and answers included. */
void settings_help(FILE *file);
