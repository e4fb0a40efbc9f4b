/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What must be remembered of one (account, Region, directory) for the next decision to be the same
 * after a crash (design 4.1, 5.3). It is read whole from the ledger at start, changed only by
 * core/learn (a look) and by the functions below (a step), and written back before anything rests
 * on it. All instants are the API's time (`Date`), UTC seconds; 0 means "not".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/certificate.h"
#include "core/step.h"
#include "core/vocabulary.h"

/* Entries of a listing that were ever ours; the listing itself is bounded by the service's quota.
 */
#define MEMORY_CERTIFICATES_MAX 512
/* Certificates that were ever wished for in one directory. */
#define MEMORY_WISHES_MAX 512
/* Conditions that were announced: two decisions full of them (DECISION_CONDITIONS_MAX), and as many
 * that are over and still kept. */
#define MEMORY_ANNOUNCEMENTS_MAX 256
/* Names of authorities have at most 64 characters. */
#define AUTHORITY_NAME_SIZE 65
/* Bytes that are kept of the service's words for a failure; longer ones are cut. */
#define MEMORY_FAILURE_SIZE 128

/* Tries of a write without success; each is followed by a longer wait (design 4.3). */
#define ATTEMPT_FAILURES_MAX 4
/* Not before the file changes. */
#define ATTEMPT_HELD INT64_MAX
/*
 * Removals or disables by others, each within CONTEST_WINDOW of the one before, that are still
 * repaired: so never more than these in any such window (design 4.3).
 */
#define CONTEST_MAX    3
#define CONTEST_WINDOW (INT64_C(24) * 3600)
/*
 * A signed request is refused when it arrives more than 15 min after its date (RequestExpired). The
 * date is by our own clock, which registers even when it is 15 min ahead, and the request leaves up
 * to STEP_VIEW_MAX after the intent and within the edge's minute after that. So a change that no
 * look shows 33 min after its intent was not executed and never will be (N7). Seconds.
 */
#define CHANGE_LIFETIME (INT64_C(33) * 60)
/*
 * What the service has accepted may take this long to show: DisableLDAPS has no state of its own
 * while it is under way (API page, section 7; the longest time that is documented for anything is
 * 30 min). Seconds.
 */
#define CHANGE_UNSEEN_MAX (INT64_C(60) * 60)
/* Two days without a complete look break every waiting time (design 4.5, "without a break"). */
#define WAIT_GAP_MAX (INT64_C(48) * 3600)

/* How writes of one kind to one thing have gone since the last success. */
struct attempt {
	int64_t next; /* no try before this; 0: at once; ATTEMPT_HELD: not until the file changes */
	enum refusal refusal; /* the API's answer to the last; REFUSAL_NONE if it failed later,
			       * REFUSAL_RequestTimeout if no answer came and nothing happened */
	uint8_t failures;     /* tries in a row without success; ATTEMPT_FAILURES_MAX is the last */
};

/* How often others undid what we did. */
struct contest {
	uint8_t count; /* in a row, each within CONTEST_WINDOW of the one before */
	int64_t since; /* the last of them */
};

/* Why an owned certificate may go, in time (design 4.2); core/rotation tells it. */
enum leaving {
	LEAVING_NOT,
	LEAVING_DROPPED,    /* its authority was taken out of `trust` */
	LEAVING_SUPERSEDED, /* a later generation has been Registered for `overlap` */
};

enum origin {
	ORIGIN_REGISTERED, /* by us */
	ORIGIN_ADOPTED,	   /* was there before and matched exactly one certificate */
};

/* One listed entry that is ours ("owned"). There are many: members are in an order without gaps. */
struct memory_certificate {
	char id[SERVICE_ID_SIZE];
	char authority[AUTHORITY_NAME_SIZE]; /* that listed it when it was last seen in the file */
	bool missed; /* the last look did not list it; gone is what two looks miss. Not kept in
		      * the ledger: after a crash two looks are due anew */
	bool failed; /* its RegisterFailed or DeregisterFailed has been counted */
	const struct certificate *certificate; /* borrowed from the store */
	enum origin origin;
	enum leaving leaving;	 /* as of the last look: another reason has waits of its own */
	int64_t registered_at;	 /* first seen Registered (adoption time if adopted); 0: not yet */
	int64_t removable_since; /* first look since when all but the waiting time allowed its
				    removal for the reason of `leaving` */
	int64_t removing_since;	 /* our DeregisterCertificate was committed; 0: none */
	struct attempt deregister;
};

/* What wishing for one certificate has met; by digest, as it has no id before it is registered. */
struct memory_wish {
	const struct certificate *certificate; /* borrowed from the store */
	bool retired; /* its removal as superseded was committed (design 4.2) */
	struct attempt registration;
	char failure[MEMORY_FAILURE_SIZE]; /* StateReason of the last RegisterFailed since the last
					      success; "" for none */
	struct contest contest;
};

/* A condition that was told (core/announce), so that it is not told again. Nothing is decided by
 * it.
 */
struct memory_announcement {
	enum reason reason;
	uint64_t mark; /* of what it is about: a certificate, an entry, what the service said */
	int64_t level; /* the lowest threshold that was told, in days before the end; 0: none */
	int64_t since; /* it holds without a break since; 0: the last complete look lacked it */
	int64_t told;  /* when last */
};

/* How far the one change in flight has come. */
enum change_phase {
	CHANGE_NONE,
	CHANGE_INTENDED, /* committed before the call; whether it was executed only a look can tell
			  */
	CHANGE_ACCEPTED, /* the API said 200; a look has not shown it yet */
};

struct memory_change {
	enum change_phase phase;
	enum step_kind kind;		       /* STEP_REGISTER, _DEREGISTER, _ENABLE or _DISABLE */
	const struct certificate *certificate; /* borrowed; NULL for enable and disable */
	char id[SERVICE_ID_SIZE];	       /* of the entry; "" where there is none yet */
	int64_t since;			       /* when the intent was committed */
};

struct memory {
	uint64_t revision;  /* directory_revision of the last look */
	int64_t looked;	    /* last complete look */
	int64_t busy_since; /* something of the directory is in flight or unknown since this look */
	int64_t disable_since;	/* first look since when all but `grace` allowed DisableLDAPS */
	int64_t disabled_since; /* the API says an explicit Disabled since this look */
	int64_t disabled_elsewhere_since; /* Enabled became Disabled without us */
	uint64_t full_mark; /* observed_mark on which CertificateLimitExceeded was answered; 0: none
			     */
	bool was_enabled;   /* the last look that was not in flight showed Enabled */
	bool vanished;	    /* the last look was the first to miss an owned entry that we did not
			     * remove: contradictory */
	bool enable_failed; /* the EnableFailed that is shown has been counted */
	struct attempt enable, disable;
	struct contest ldaps_contest;
	struct memory_change change;
	struct memory_certificate *certificates; /* owned; in order of arrival */
	size_t certificates_count, certificates_capacity;
	struct memory_wish *wishes; /* owned; in order of arrival */
	size_t wishes_count, wishes_capacity;
	struct memory_announcement *announcements; /* owned; in order of arrival */
	size_t announcements_count, announcements_capacity;
};

/* What became of a write, as its worker tells it. */
enum outcome_kind {
	OUTCOME_ACCEPTED,     /* 200 */
	OUTCOME_REFUSED,      /* the API's refusal: not executed */
	OUTCOME_NOT_EXECUTED, /* never left, or dropped as stale: nothing is counted; or throttled
			       * and the like, with the `refusal`: a failure (N11) */
	OUTCOME_UNKNOWN,      /* only a look can tell */
};

struct outcome {
	enum outcome_kind kind;
	enum refusal refusal;	  /* for OUTCOME_REFUSED, and OUTCOME_NOT_EXECUTED by an answer */
	char id[SERVICE_ID_SIZE]; /* CertificateId of an accepted registration; "" otherwise */
};

/* Frees what it owns; accepts NULL and all-zero; leaves all-zero. */
void memory_done(struct memory *memory);
/* A deep copy into all-zero *ret_copy. 0 or -ERROR_MEMORY. */
int memory_copy(const struct memory *memory, struct memory *ret_copy);
bool memory_equal(const struct memory *a, const struct memory *b);

/* The owned entry with this id, or NULL. */
struct memory_certificate *memory_find(const struct memory *memory, const char *id);
/* The owned entry of this certificate that came last, or NULL. */
struct memory_certificate *memory_find_certificate(
	const struct memory *memory, const struct digest *sha256);
/* The wish for this certificate, or NULL if nothing was ever noted. */
struct memory_wish *memory_wish_find(const struct memory *memory, const struct digest *sha256);

/* Adds or finds; NULL only without memory or beyond the limit. */
struct memory_certificate *memory_add(
	struct memory *memory, const char *id, const struct certificate *certificate);
struct memory_wish *memory_wish_add(struct memory *memory, const struct certificate *certificate);
void memory_remove(struct memory *memory, const char *id);

/* The announcement of this, or NULL. */
struct memory_announcement *memory_announcement_find(
	const struct memory *memory, enum reason reason, uint64_t mark);
/* Adds one, all else 0. NULL without memory or beyond the limit. */
struct memory_announcement *memory_announcement_add(
	struct memory *memory, enum reason reason, uint64_t mark);

/* What was told is told, though nothing else of `from` was taken over: moves its announcements. */
void memory_move_announcements(struct memory *from, struct memory *to);

/* Notes the intent of `step` at `now`, and counts the try: to be committed before the call. 0 or
 * -ERROR_MEMORY. */
__attribute__((nonnull(1))) int memory_intend(
	struct memory *memory, const struct step *step, int64_t now);
/* Notes what became of `step`: to be committed after the call. 0 or -ERROR_MEMORY. */
__attribute__((nonnull(1))) int memory_conclude(struct memory *memory, const struct step *step,
	const struct outcome *outcome, uint64_t observed_mark, int64_t now);

/* When a change that no look has shown is taken for never executed. */
int64_t memory_change_end(const struct memory_change *change);

/* Starts every waiting time anew: after an absence from the file or a refused file (design 4.5). */
void memory_restart_waits(struct memory *memory);

/*
 * A try begins at `now`. It counts as failed until its success is seen, so that nothing that is
 * lost, crashes or ends unseen lets it be sent again before the schedule of design 4.3 says so: 1
 * h, 6 h, 24 h later (N11).
 */
void attempt_begin(struct attempt *attempt, int64_t now);
/* It was refused for what a look will show the end of (no free slot): counted, but only after the
 * third does it wait. */
void attempt_spare(struct attempt *attempt);
/* The try was never made. */
void attempt_forgive(struct attempt *attempt);
/*
 * The try that began has failed at `now`: the wait begins. The last one holds, if only an edit can
 * mend it (it failed after all, or the API finds the request itself wrong); what may pass by itself
 * is tried again every 24 h, for every wait ends (N11).
 */
void attempt_fail(struct attempt *attempt, enum refusal refusal, int64_t now);
/* Success, or a file that changed: forgets. */
void attempt_reset(struct attempt *attempt);
/* Whether a try may be made at `now`. */
bool attempt_ready(const struct attempt *attempt, int64_t now);
/* One more undoing by others at `now`. */
void contest_note(struct contest *contest, int64_t now);
/* Until when repairs are held; 0: they are not. */
int64_t contest_until(const struct contest *contest, int64_t now);
