/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* SHA-1 as a name of files: the AWS CLI calls the token of a session by the digest of its name. Not
 * for anything that must be secure. */

/* 40 hexadecimal digits and NUL. */
#define DIGEST_NAME_SIZE 41

/* The digest of a text, in lower case. 0 or -ERROR_MEMORY. */
int digest_name(const char *text, char ret_name[static DIGEST_NAME_SIZE]);
