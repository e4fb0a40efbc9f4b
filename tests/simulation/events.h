/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What can happen in the small world, each as a small value and as a sentence. A pass is the
 * daemon's cycle as the program runs it: look, learn, commit, decide, and for a write: intend,
 * commit, send unless stale, conclude, commit. A crash drops what was not committed, which is all
 * that differs, since nothing that matters lives in the process alone.
 */

#include "core/decide.h"
#include "world.h"

/* clang-format off */
/* name, family, sentence; %s is the argument's name */
#define EVENT_TABLE(X) \
	X(PASS, 0, "the daemon makes a pass") \
	X(PASS_CRASH_LEARNED, CRASH, "a pass; killed when what the look taught was committed") \
	X(PASS_CRASH_INTENDED, CRASH, "a pass; killed when the intent was committed, before the call") \
	X(PASS_CRASH_SENT, CRASH, "a pass; killed after the call, before its outcome was committed") \
	X(PASS_LOST_REQUEST, LOST, "a pass; the request is lost on its way") \
	X(PASS_LOST_REPLY, LOST, "a pass; the reply is lost on its way") \
	X(PASS_LATE, LOST, "a pass; the request hangs in the network") \
	X(PASS_SLOW, LOST, "a pass; the request is sent 60 s after the look") \
	X(PASS_STALE, LOST, "a pass; the request would be sent 61 s after the look") \
	X(PASS_UNAVAILABLE, REFUSE, "a pass; the service says DirectoryUnavailableException") \
	X(PASS_THROTTLED, REFUSE, "a pass; the service says ThrottlingException") \
	X(PASS_INVALID, REFUSE, "a pass; the service says InvalidCertificateException") \
	X(PASS_LIMIT, REFUSE, "a pass; the service says CertificateLimitExceededException") \
	X(PASS_DENIED, REFUSE, "a pass; the service says AccessDeniedException") \
	X(LOOK_FAILED, LOOK, "a pass; the look fails") \
	X(LOOK_THROTTLED, LOOK, "a pass; the look is throttled") \
	X(LOOK_PARTIAL, LOOK, "a pass; the second page of the listing fails") \
	X(LOOK_EMPTY, LOOK, "a pass; the listing is empty, wrongly") \
	X(LOOK_WITHOUT, LOOK, "a pass; the listing lacks %s, wrongly") \
	X(LOOK_UNKNOWN, LOOK, "a pass; the LDAPS status is a word nobody knows") \
	X(EVE_PASS, 0, "a pass one second before the next boundary") \
	X(EVE_SLOW, 0, "a pass one second before the next boundary; its request is sent 60 s later") \
	X(FINISH, 0, "the service finishes %s") \
	X(FINISH_BADLY, MOOD, "the service fails with %s") \
	X(LATE_ARRIVES, 0, "the request that hung in the network arrives") \
	X(TIME, 0, "time passes, until the next boundary") \
	X(OTHERS_REGISTER, FOREIGN, "others register %s") \
	X(OTHERS_REGISTER_AUTH, FOREIGN, "others register %s for smart cards") \
	X(OTHERS_DEREGISTER, FOREIGN, "others deregister %s") \
	X(OTHERS_ENABLE, FOREIGN, "others enable LDAPS") \
	X(OTHERS_DISABLE, FOREIGN, "others disable LDAPS") \
	X(EDIT_POLICY, EDIT, "the file says policy %s") \
	X(EDIT_LDAPS, EDIT, "the file says client_ldaps %s") \
	X(EDIT_TRUST, EDIT, "the file trusts %s") \
	X(EDIT_PEM, EDIT, "the PEM of %s vanishes, or is back") \
	X(EDIT_NAME, EDIT, "the file has another name, or the right one again") \
	X(EDIT_ABSENT, EDIT, "the directory vanishes from the file, or is back") \
	X(EDIT_REFUSED, EDIT, "a file is refused, then the old one is back") \
	X(EDIT_ADOPT, EDIT, "the file says adopt %s") \
	X(EDIT_APPROVE, EDIT, "the file approves %s") \
	X(EDIT_RETIRE, EDIT, "the file says retire %s") \
	X(LEDGER_LOST, REST, "the ledger is lost") \
	X(SKEW, REST, "the clock is off by %s") \
	X(STAGE, REST, "the directory is Impaired, or Active again") \
	X(TURN, REST, "it is not the directory's turn, or it is again") \
	X(PROBED, REST, "the probe says %s") \
	X(WITHOUT, REST, "the probe without A1 says %s") \
	X(MOOD, MOOD, "from now on the service %s")
/* clang-format on */

enum event_kind {
#define X(name, family, sentence) EVENT_##name,
	EVENT_TABLE(X)
#undef X
	EVENTS
};

struct event {
	uint8_t kind;	  /* enum event_kind */
	uint8_t argument; /* certificate, index of an entry or a value */
};

/* Of an entry: LDAPS instead. */
#define EVENT_LDAPS 255
/* More than can happen in any state. */
#define EVENTS_MAX 160

/* What came of an event. */
struct report {
	const char *broken; /* the sentence of the Never table; NULL */
	bool begun;	    /* before its first look the daemon decided to look */
	bool passed;	    /* it was a pass that decided */
	bool asks;	    /* the pass decided a write that came to a call */
	struct step step;   /* what it decided; borrows from nothing that moves */
};

/* What can happen in `world`, and what each costs of the budget. */
size_t events_of(const struct world *world, struct event ret_events[static EVENTS_MAX],
	unsigned ret_costs[static EVENTS_MAX]);
/* Lets it happen. False if it cannot. */
bool event_apply(struct world *world, struct event event, struct report *ret_report);
/*
 * Whether what comes of it is looked into further. Not so where it differs from another event's end
 * by less than two minutes in instants alone (all the checks have been made), or not at all.
 */
bool event_leads(enum event_kind kind);
/* The sentence, in the world before the event. */
void event_tell(const struct world *world, struct event event, char *ret_text, size_t size);
const char *event_name(enum event_kind kind);
