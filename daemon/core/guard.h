/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What may never happen (design, "Never"): a table of rules that every write must pass. decide
 * proposes, guard forbids; a rule lives here and nowhere else, so that taking it out shows in the
 * exhaustive exploration. Nothing here chooses what to do.
 */
/* clang-format off */
/*
 *   rule      applies to                  forbids
 *   RETIRE    deregister                  one of a trusted authority that is not superseded, or
 *                                         that stays as `retire:` asks (core/rotation)
 *   POLICY    every write                 anything under observe; deregister, disable unless sync
 *   N9        every write                 another name or kind, not Active, not fully read
 *   N7        every write                 while a change of ours is unresolved, or an entry or the
 *                                         setting is in flight; Stuck no longer forbids register
 *   N11       every write                 before the back-off of a failure ends; while contested
 *   N4_CLOCK  deregister enable disable   our clock over SITUATION_SKEW_MAX from the API's, or
 *                                         replies without a date
 *   N4_VIEW   deregister register         the first look that misses what is ours
 *             deregister                  a look that contradicts itself
 *   N2        deregister                  what is not listed, not ClientLDAPS or not owned
 *   N8        deregister disable          when the file trusts nothing without saying none
 *   N1A       deregister                  leaving no Registered one with more than 7 days left
 *   N1B       deregister                  leaving a trusted authority without a Registered,
 *                                         unexpired one
 *   N1C       deregister                  cutting a Registered one's path to a registered root
 *   N3        deregister                  the irreversible without proof, expiry or approval
 *   NEEDED    deregister                  what a domain controller was seen to need
 *   GRACE     deregister                  a dropped one before `grace` is over, unless approved
 *   N5        enable                      before every wanted one is Registered and every trusted
 *                                         authority covered, or while the probe fails; unless it
 *                                         succeeds, also without an earlier generation that has
 *                                         not ended and can no longer be registered here
 *   REENABLE  enable                      within reenable_after of a disable by others
 *   N6_FILE   disable                     unless the file says disabled
 *   N6_GRACE  disable                     before `grace` is over, unless approved
 *   N12       deregister disable          out of turn in its roll-out (core/rollout)
 *
 * N1A, N1B and N1C yield to LDAPS being settled Disabled; N1B and N1C also to expiry of the
 * removed one and to approval. GRACE ends with the certificate itself. An expired one has expired
 * for a day, or for 5 minutes where it makes room; of that one RETIRE says nothing.
 * An entry that never became Registered (RegisterFailed) carries no trust: N1, N3, RETIRE, NEEDED,
 * GRACE and N12 say nothing about clearing it away. What must still hold at the sending (life left,
 * cover, reversibility, approval) is asked STEP_VIEW_MAX after the look. N4's age (60 s) is
 * guard_stale: it can only be told at the sending.
 */
/* clang-format on */

#include <stdbool.h>

#include "core/situation.h"
#include "core/step.h"

enum guard_rule {
	GUARD_RETIRE,
	GUARD_POLICY,
	GUARD_N9,
	GUARD_N7,
	GUARD_N11,
	GUARD_N4_CLOCK,
	GUARD_N4_VIEW,
	GUARD_N2,
	GUARD_N8,
	GUARD_N1A,
	GUARD_N1B,
	GUARD_N1C,
	GUARD_N3,
	GUARD_NEEDED,
	GUARD_GRACE,
	GUARD_N5,
	GUARD_REENABLE,
	GUARD_N6_FILE,
	GUARD_N6_GRACE,
	GUARD_N12,
	GUARD_RULES,
	GUARD_N4_AGE = GUARD_RULES, /* guard_stale */
	GUARD_ALL,
};

/* N1: more life than this must be left in one that stays. Seconds. */
#define GUARD_LIFE_LEFT (INT64_C(7) * 86400)
/* An expired certificate whose slot is needed goes this long after its end; others after
 * ROTATION_EXPIRED_SINCE. Seconds. */
#define GUARD_EXPIRED_SINCE_FULL (INT64_C(5) * 60)

/*
 * Whether `step` may be taken. If not, the first rule that forbids it, and what to tell about it in
 * *ret_condition (untouched otherwise). Returns GUARD_ALL if nothing forbids it.
 */
enum guard_rule guard_check(const struct situation *situation, const struct step *step,
	struct condition *ret_condition);

/* The same without the rules that only make one wait (N7, N11, RETIRE, GRACE, REENABLE, N6_GRACE,
 * N12): what waiting rests on. Something in flight is no change of mind, so it breaks no wait. */
enum guard_rule guard_check_but_waiting(const struct situation *situation, const struct step *step);

/* Whether this one rule forbids a step of this kind that names nothing: the walk of decide asks so
 * for N9 and N7, that what ends it lives here too. */
bool guard_forbids(const struct situation *situation, enum guard_rule rule, enum step_kind kind);

/* N4: whether a write must be dropped at `clock` (the clock of observed.arrived) rather than sent.
 */
bool guard_stale(const struct step *step, int64_t clock);

/* The rule's name ("N1A"). Static, never NULL. */
const char *guard_rule_str(enum guard_rule rule);

/*
 * Whether a Registered, unexpired entry other than `without` ("" for none) is a certificate of
 * `authority`: N1B and N5 ask the same.
 */
bool guard_covers(
	const struct situation *situation, const struct authority *authority, const char *without);
