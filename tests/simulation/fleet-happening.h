/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * All that happens beside the daemon's passes: one row each, with how often it is drawn among the
 * disturbances (0: it is only planned, as the end or the consequence of another).
 */

#include "fleet-world.h"

/* clang-format off */
#define HAPPENING_TABLE(X) \
/* operators edit the file */ \
	X(EDIT_POLICY, 5, "an operator changes the policy") \
	X(EDIT_LDAPS, 4, "an operator changes client_ldaps") \
	X(EDIT_TRUST, 7, "an operator changes trust") \
	X(EDIT_ADOPT, 2, "an operator changes adopt") \
	X(EDIT_APPROVE, 6, "an operator approves a removal") \
	X(EDIT_APPROVE_DISABLE, 3, "an operator approves disabling") \
	X(EDIT_RETIRE, 2, "an operator changes retire") \
	X(EDIT_PEM, 5, "an operator deletes a certificate file") \
	X(EDIT_TWIN, 1, "an operator adds a certificate that cannot be told from another") \
	X(EDIT_NAME, 2, "an operator mistypes the name") \
	X(EDIT_ABSENT, 4, "a directory leaves the file") \
	X(EDIT_REFUSED, 3, "a file is refused") \
	X(EDIT_REVERT, 0, "an edit is reverted") \
	X(EDIT_BACK, 0, "a certificate file is put back") \
	X(EDIT_LAPSE, 0, "an approval is taken out") \
/* CAs */ \
	X(CA_RENEW, 0, "a CA is renewed") \
	X(CA_NEW_KEY, 0, "a CA is renewed with a new key") \
	X(CA_SAME_KEY, 0, "a CA is renewed with its key") \
	X(CA_LATE, 0, "a CA is renewed under the threshold") \
	X(CA_MISSING, 0, "a CA is renewed after it has expired") \
	X(CA_OTHER_SUBJECT, 0, "a wrong successor: another subject") \
	X(CA_SHORTER, 0, "a wrong successor: a shorter life") \
	X(CA_UNDER_DOOR, 0, "a wrong successor: under 90 days") \
	X(CA_CROSS, 0, "a wrong successor: a cross-certificate") \
	X(CA_LIVE, 0, "a CA signs with its new certificate") \
	X(CA_PUBLISH, 0, "a certificate is put into the file") \
	X(CA_WITHDRAW, 0, "a certificate is taken out of the file") \
/* domain controllers */ \
	X(CONTROLLER_RENEW, 0, "a controller renews its certificate") \
	X(CONTROLLER_MOVE, 0, "a controller moves to another key") \
	X(CONTROLLER_SILENT, 5, "a controller cannot be probed") \
	X(CONTROLLER_BROKEN, 1, "a controller shows a certificate that fails") \
	X(CONTROLLER_GOOD, 0, "a controller can be probed again") \
	X(CONTROLLER_JOINS, 1, "a controller is promoted") \
	X(CONTROLLER_LEAVES, 1, "a controller is demoted") \
/* other people and tools */ \
	X(OTHERS_REGISTER, 4, "others register a certificate") \
	X(OTHERS_AUTH, 1, "others register one for client authentication") \
	X(OTHERS_DEREGISTER, 6, "others deregister one") \
	X(OTHERS_ENABLE, 1, "others enable LDAPS") \
	X(OTHERS_DISABLE, 3, "others disable LDAPS") \
/* the service */ \
	X(STORM, 2, "requests of an account in a Region are throttled") \
	X(DENIAL, 1, "requests of an account in a Region are denied") \
	X(STORM_ENDS, 0, "requests are answered again") \
	X(MOOD, 12, "a directory refuses, loses requests or loses replies") \
	X(MOOD_ENDS, 0, "a directory answers again") \
	X(IMPAIRED, 2, "a directory is impaired") \
	X(ACTIVE, 0, "a directory is active again") \
	X(LIE, 4, "one look lies") \
	X(CURSE, 1, "the service dislikes a certificate") \
	X(CURSE_ENDS, 0, "the service likes it again") \
	X(LATE_ARRIVES, 0, "a late request arrives") \
	X(REGION_JOINS, 0, "a directory gets a replica in another Region") \
/* the daemon and its machine */ \
	X(CRASH_WAITS, 10, "the daemon will crash in the midst of a pass") \
	X(DOWN, 3, "the daemon is stopped") \
	X(SKEW, 3, "the machine's clock steps") \
	X(SKEW_ENDS, 0, "the machine's clock is right again") \
	X(LEDGER_LOST, 1, "the ledger is lost") \
	X(DISTURBANCE, 0, "something goes wrong")
/* clang-format on */

enum happening {
#define X(name, weight, sentence) HAPPENING_##name,
	HAPPENING_TABLE(X)
#undef X
	HAPPENINGS,
};

/* How it happens; -1 for an argument draws it. False if it cannot happen now. */
typedef bool happening_fn(struct world *world, int a, int b);
#define X(name, weight, sentence) happening_fn happen_##name;
HAPPENING_TABLE(X)
#undef X

/* One that never happens by itself: it is counted where another brings it about. */
#define HAPPENING_NEVER(name)                                                                      \
	bool happen_##name(struct world *world, int a, int b)                                      \
	{                                                                                          \
		(void)world;                                                                       \
		(void)a;                                                                           \
		(void)b;                                                                           \
		return false;                                                                      \
	}

/* Lets it happen, and counts it. */
bool happening_let(struct world *world, int kind, int a, int b);
/* Counts one that happened as a part of another. */
void happening_count(struct world *world, enum happening kind);
/* Plans the next disturbance. */
void happening_plan(struct world *world);
/* What is planned to go wrong; a calm world forgets it. */
bool happening_disturbs(int kind);
const char *happening_str(int kind);
const char *happening_name(int kind);
