/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Temporary credentials: made for a session of a role, known from then on to whoever checks a
 * signature, and refused once they have ended.
 */

#include "edge/json.h"
#include "emulator/world.h"

/* Ended ones are still told from unknown ones for this long. Seconds. */
#define ISSUE_REMEMBERED 3600
/* What "never" comes to. Seconds. */
#define ISSUE_LIFE_MAX (INT64_C(10) * 365 * 86400)

struct issue {
	const char *account;
	const char *role;
	const char *session;
	int64_t life; /* seconds asked for; --credential-life says otherwise */
};

/*
 * Makes credentials and keeps them, in the state too. 0 with a copy and the end that the reply
 * tells (which --shown-life can set apart from the true one), or a negative error.
 */
int issue_make(struct world *world, const struct issue *issue, int64_t now,
	struct credential *ret_credential, int64_t *ret_expiration);

/*
 * Takes "ROLE[@ACCOUNT]" apart, the account being that of who names none; false if it is empty
 * or the account is not of twelve characters.
 */
bool issue_whose(const struct world *world, const char *text, char ret_role[static WORLD_NAME_SIZE],
	char ret_account[static ACCOUNT_SIZE]);

/* A credential as the state keeps it and the control path shows it; to be released. */
json_t *issue_describe(const struct credential *credential);
/* Brings one of the state back. 0 or a negative error. */
int issue_restore(struct world *world, const json_t *object);
