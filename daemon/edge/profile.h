/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The shared configuration files of the AWS tools: `config` (sections [default], [profile x],
 * [sso-session x], [services x]) and `credentials` (sections [x]), read as the AWS CLI reads them.
 * Keys are letters of either case; a key without a value may be followed by indented keys, one
 * level deep. What is kept may be secret: it is wiped when released, and no message quotes a value.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/error.h"

/* A file; thousands of profiles have some hundred kilobytes. Bytes. */
#define PROFILE_FILE_MAX (1024 * 1024)
/* Keys of both files together. */
#define PROFILE_KEYS_MAX 8192
/* Names of sections and keys. Bytes. */
#define PROFILE_NAME_MAX 256
/* "FILE:LINE" in messages, cut. Bytes. */
#define PROFILE_PLACE_SIZE 300

/* Kinds of sections; all in the credentials file are profiles. */
enum profile_kind {
	PROFILE_PROFILE,
	PROFILE_SSO_SESSION,
	PROFILE_SERVICES,
};

/* Which of the files; of a profile in both, the keys of the latter win. */
enum profile_file {
	PROFILE_CONFIG,
	PROFILE_CREDENTIALS,
	PROFILE_FILES,
};

struct profiles;

/* NULL without memory. */
struct profiles *profiles_new(void);
/* Wipes. Accepts NULL. */
void profiles_free(struct profiles *profiles);
CLEANUP_DEFINE(profiles)

/*
 * Adds what one file says; `name` stands in messages. 0, or -ERROR_INVALID, -ERROR_LIMIT or
 * -ERROR_MEMORY with file and line; the profiles are to be freed then.
 */
int profiles_parse(struct profiles *profiles, enum profile_file file, const char *name,
	const char *text, size_t length, struct error *error);

/*
 * Reads both files: AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE, or those below ~/.aws. A file
 * that is not there, and one below a HOME that may not be entered, is empty; one that cannot be
 * read is an error.
 */
int profiles_load(struct profiles **ret_profiles, struct error *error);

/* A number that is another one, in all likelihood, when one of these files has been written,
 * replaced, made or removed since. */
uint64_t profiles_stamp(void);

/* Whether there is such a section, even an empty one. */
bool profiles_have(const struct profiles *profiles, enum profile_kind kind, const char *name);

/* The value of a key of a section, of whichever file wins; NULL if it is not there. Borrowed. */
const char *profiles_text(
	const struct profiles *profiles, enum profile_kind kind, const char *name, const char *key);
/* The same, of one file alone. */
const char *profiles_text_in(const struct profiles *profiles, enum profile_file file,
	enum profile_kind kind, const char *name, const char *key);
/* The value of `key` below `parent`. */
const char *profiles_nested(const struct profiles *profiles, enum profile_kind kind,
	const char *name, const char *parent, const char *key);

/* Where a section begins, "FILE:LINE" for messages; "" if it is not there. */
const char *profiles_place(const struct profiles *profiles, enum profile_kind kind,
	const char *name, char ret_text[static PROFILE_PLACE_SIZE]);

/*
 * A path as the AWS tools take one: "~/" stands for HOME. Writes it cut to `size`. False if it is
 * too long or HOME is needed and not set.
 */
bool profile_path(const char *text, char *ret_path, size_t size);
/* The profile that AWS_DEFAULT_PROFILE or AWS_PROFILE (botocore's order) chooses; NULL: none.
 * Borrowed. */
const char *profile_chosen(void);
/* The profile that speaks: `own` of our own file, else the chosen one, else "default". */
const char *profile_name(const char *own);
