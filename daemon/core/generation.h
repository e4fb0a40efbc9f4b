/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How the certificates of one authority hang together (design 4.2): which is a generation of which,
 * what ties two of them, and what is wrong with one that is none. Reads nothing but the values: no
 * clock changes an answer. A line is what certificate_same_line puts together; a self-issued
 * cross-certificate may be listed, belongs to no line, is never registered, and vouches for the key
 * that it carries.
 */

#include <stdbool.h>

#include "core/certificate.h"
#include "core/fleet.h"

/* What ties a generation to an older one of its line. */
enum generation_link {
	GENERATION_LINK_NONE,	      /* they are not of one line, or one of them is missing */
	GENERATION_LINK_SAME_KEY,     /* equal SubjectPublicKeyInfo: what either issued chains to
				       * both */
	GENERATION_LINK_CROSS_SIGNED, /* another key; a cross-certificate of the authority carries
				       * it and verifies under the older one's */
	GENERATION_LINK_NEW_KEY,      /* another key, and nothing vouches for it */
	GENERATION_LINKS,
};

/* What can be wrong with a certificate as a member of its authority, in the order of the search. */
enum generation_rule {
	GENERATION_GOOD,
	GENERATION_CROSS,	    /* a self-issued cross-certificate */
	GENERATION_OTHER_SUBJECT,   /* the authority has usable certificates of several subjects:
				     * then each of them breaks this */
	GENERATION_AMBIGUOUS_ORDER, /* nothing tells which of it and another one of its line comes
				     * later; both break this */
	GENERATION_SHORTER_LIFE,    /* it comes later than another one of its line, by CA version
				     * where both have one, else by notBefore (which is read for
				     * nothing but this mistake), and does not end later */
	GENERATION_RULES,
};

/* "V65535.65535" and the NUL: an index has 16 bits. */
#define GENERATION_VERSION_SIZE 14

/* The first rule that `certificate` breaks as a member of `authority`, and in *ret_other (NULL is
 * allowed) the certificate that it breaks it with; GENERATION_GOOD and NULL if it breaks none.
 * Certificates that break a rule of their own (certificate_judge) are nobody's siblings. */
enum generation_rule generation_judge(const struct authority *authority,
	const struct certificate *certificate, const struct certificate **ret_other);
/* The same without GENERATION_OTHER_SUBJECT: as if its line had an authority of its own. */
enum generation_rule generation_judge_line(const struct authority *authority,
	const struct certificate *certificate, const struct certificate **ret_other);
/* A sentence for people that follows the certificate's name: what is wrong. Static, never NULL. */
const char *generation_rule_str(enum generation_rule rule);
/* What to do about it. Static, never NULL; "" for GENERATION_GOOD. */
const char *generation_rule_advice(enum generation_rule rule);

/*
 * Whether `newer` is a later generation than `older`, so that it may supersede it: of one line, the
 * order is told (certificate_generation_cmp), and nothing contradicts it (the one that comes later
 * also ends later).
 */
bool generation_succeeds(const struct certificate *older, const struct certificate *newer);

/* The generation right before `certificate`: the latest of the authority that it succeeds and that
 * has its place in the line itself. NULL if it is the first, or none. */
const struct certificate *generation_before(
	const struct authority *authority, const struct certificate *certificate);

/* Whether nothing in the authority succeeds it. */
bool generation_newest(const struct authority *authority, const struct certificate *certificate);

/* What ties `newer` to `older`; the cross-certificates are those of `authority`. NULL is allowed
 * for either: GENERATION_LINK_NONE. */
enum generation_link generation_link(const struct authority *authority,
	const struct certificate *older, const struct certificate *newer);
/* For people and machines: "none", "same key", "cross-signed", "new key". Static, never NULL. */
const char *generation_link_str(enum generation_link link);

/* Whether the certificate ends its own path, or a certificate of `authority` has signed it. */
bool generation_signed_in(const struct authority *authority, const struct certificate *certificate);

/* "V1.0", certificate index and key index of the AD CS CA version as Microsoft writes them; ""
 * without one. Returns ret_text. */
char *generation_version(
	const struct certificate *certificate, char ret_text[static GENERATION_VERSION_SIZE]);
