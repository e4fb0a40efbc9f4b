/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Codes into words: the table of core/reason with its placeholders filled in. Everything that a
 * person reads of a decision, in a log, a plan or a status, is written here and nowhere else.
 */

#include "base/buffer.h"
#include "core/step.h"

/* A sentence with a common name, a reason of the API and two instants. Bytes. */
#define EXPLAIN_SIZE 1024

/* "Corp Root CA (expires 2031-05-01, 3f9a1c2b)"; "a certificate" for NULL. 0 or a buffer's error.
 */
int explain_certificate(const struct certificate *certificate, struct buffer *buffer);

/*
 * The condition as a sentence without its final full stop. One that holds a write back begins with
 * that write: "held back: deregister c-0123456789, Corp Root CA (...), reversible until 2027-05-01:
 * it waits for `grace`, until ...".
 */
int explain_condition(const struct condition *condition, struct buffer *buffer);

/*
 * What to do about it, in this directory and Region; appends nothing if there is nothing to say.
 */
int explain_advice(const struct condition *condition, const char *directory, const char *region,
	struct buffer *buffer);

/*
 * A write as an imperative ("deregister c-0123456789, Corp Root CA (...)"), a wait, hold or end as
 * what it is ("waits until 2027-05-01T06:30:00Z: InFlight").
 */
int explain_step(const struct step *step, struct buffer *buffer);

/*
 * Why a step is taken, to be read after it: "it is wanted and not registered", where "it" is the
 * step's certificate. Appends nothing for what is no write.
 */
int explain_why(const struct step *step, struct buffer *buffer);

/*
 * A write that is done, tried or held back: as above, and of a removal whether it can be undone
 * ("deregister c-0123456789, Corp Root CA (...), reversible until 2027-05-01").
 */
int explain_act(const struct step *step, struct buffer *buffer);

/* Whether a write can be undone: "reversible", of a removal "reversible until 2027-05-01" or
 * "irreversible". Appends nothing for what is no write. */
int explain_reversibility(const struct step *step, struct buffer *buffer);
