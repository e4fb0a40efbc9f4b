/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether an entry that was there before is one of the certificates of the files (design 5.3): the
 * API shows no more of it than type, common name and expiry, so it becomes ours only when these
 * match exactly one certificate of the trusted authorities and one listed entry. core/learn adopts
 * by this judgement, and the command `adopt` shows it.
 */

#include "base/buffer.h"
#include "core/situation.h"

enum adoption {
	ADOPTION_MATCH,		  /* exactly one certificate and one entry: it may be adopted */
	ADOPTION_OWNED,		  /* it is ours already */
	ADOPTION_OTHER_TYPE,	  /* not ClientLDAPS: not ours in any way */
	ADOPTION_STATE,		  /* neither Registered nor Registering */
	ADOPTION_NO_FILE,	  /* no trusted certificate has its name and expiry */
	ADOPTION_SEVERAL_FILES,	  /* several of them have */
	ADOPTION_CROSS,		  /* the one that has is a self-issued cross-certificate */
	ADOPTION_SEVERAL_ENTRIES, /* another entry looks the same */
	ADOPTION_OTHER_ENTRY,	  /* its certificate is ours under another id */
	ADOPTIONS,		  /* count */
};

/* "matches", "no_file", ... for machines. Static, never NULL. */
const char *adoption_str(enum adoption adoption);

/*
 * Judges one entry of situation->observed, which must be complete. *ret_certificate is the one that
 * it is or looks like; NULL if none or several.
 */
enum adoption adoption_judge(const struct situation *situation, const struct listed *listed,
	const struct certificate **ret_certificate);

/*
 * Why an entry is not adopted, or what it is, as a sentence without its final full stop. `fleet`
 * may know its certificate under an authority that is not trusted here. 0 or a buffer's error.
 */
int adoption_explain(const struct situation *situation, const struct fleet *fleet,
	const struct listed *listed, enum adoption adoption, struct buffer *buffer);
