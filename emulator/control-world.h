/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The inside of the control path: a command at work, and the commands about directories and their
 * certificates, which have a file of their own.
 */

#include "emulator/control.h"

struct control {
	struct world *world;
	const json_t *input;
	json_t *output; /* an object, filled on the way */
	int64_t now;
	struct error *error;
};

/* A member as a text that lives as long as the world; NULL if it is missing. */
const char *control_text(const struct control *control, const char *key);
/* A member that is a whole number; false if it is missing. */
bool control_number(const json_t *object, const char *key, int64_t *ret_number);
/* The members of a certificate, in `register` and in the certificates of `create`. */
#define CONTROL_ENTRY "pem common_name expiry type state reason id due registered_at"

/* Whether `object` has no member but `members`, words with spaces between, and each is of the type
 * that its name tells (null is as if it were not there); else says which one. 0 or -ERROR_INVALID.
 */
int control_known(const struct control *control, const json_t *object, const char *members);

/* Says what was expected of a member; -ERROR_INVALID. */
int control_invalid(struct control *control, const char *key, const char *allowed);

/* Commands; 0 or a negative error with its reason. */
int command_register(struct control *control);
int command_deregister(struct control *control);
int command_certificate(struct control *control);
int command_create(struct control *control);
int command_replicate(struct control *control);
int command_set(struct control *control);
int command_remove(struct control *control);
int command_enable(struct control *control);
int command_disable(struct control *control);
int command_outcome(struct control *control);
int command_trust(struct control *control);
