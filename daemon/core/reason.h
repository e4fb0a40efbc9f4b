/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Every reason there is: why a step is taken, what is waited for, what is held back. One table
 * holds the code's name as people and machines see it, how much it matters, the sentence and what
 * to do. In the texts {certificate} {id} {at} {in} {number} {refusal} {detail} stand for the
 * arguments of a condition, which core/explain fills in; {directory} and {region} for where it is.
 */

#include "base/severity.h"

/* clang-format off */
#define REASON_TABLE(X) \
/* ---- why a step is taken */ \
	X(NEVER_SEEN, NeverSeen, NOTE, "has not been looked at yet", "") \
	X(MISSING, Missing, NOTE, "{certificate} is wanted and not registered", "") \
	X(LDAPS_WANTED, LdapsWanted, NOTE, "client-side LDAPS is wanted and off", "") \
	X(LDAPS_UNWANTED, LdapsUnwanted, NOTE, "the file wants client-side LDAPS off", "") \
	X(DROPPED, Dropped, NOTE, "{certificate} belongs to no authority in `trust` any more", "") \
	X(SUPERSEDED, Superseded, NOTE, "{certificate} is superseded by a later generation", "") \
	X(OWN_FAILURE, OwnFailure, NOTE, "the failed entry {id} of {certificate} is cleared away", "") \
	X(MAKE_ROOM, MakeRoom, NOTE, "{certificate} has expired and its slot is needed", "") \
	X(CONVERGED, Converged, NOTE, "everything is as the file wants it", "") \
/* ---- rule 1: held, no writes */ \
	X(UNREADABLE, Unreadable, ERROR, "could not be read: {detail}", "mend that; nothing is changed until it can be read completely") \
	X(THROTTLED, Throttled, WARNING, "AWS throttles the requests ({refusal})", "ldapsward slows down and tries again; check what else calls this API in the account") \
	X(ACCESS_DENIED, AccessDenied, ERROR, "AWS denies access ({refusal}): {detail}", "grant the identity the actions that ldapsward(8) names under AWS PERMISSIONS") \
	X(CREDENTIALS_INVALID, CredentialsInvalid, ERROR, "the credentials do not work ({refusal}): {detail}", "give the service valid credentials") \
	X(DIRECTORY_MISSING, DirectoryMissing, ERROR, "does not exist here", "check the id, the Region, the account and the role") \
	X(NOT_ACTIVE, NotActive, WARNING, "is not Active: {detail}", "nothing, if it becomes Active by itself; else look at it in the AWS console") \
	X(WRONG_KIND, WrongKind, ERROR, "is of type {detail}, which has no client-side LDAPS of its own", "only AWS Managed Microsoft AD and AD Connector can be managed; for a shared directory manage the owner's") \
	X(WRONG_NAME, WrongName, ERROR, "is named {detail} by AWS, which is not what the file says", "correct `id` or `name` in the file") \
	X(CLOCK_SKEW, ClockSkew, ERROR, "this machine's clock is {number} s from AWS's", "synchronise the clock; until then nothing is removed, enabled or disabled") \
/* ---- rule 2: in flight */ \
	X(IN_FLIGHT, InFlight, NOTE, "{certificate} is {detail} since {at}", "") \
	X(LDAPS_IN_FLIGHT, LdapsInFlight, NOTE, "client-side LDAPS is {detail} since {at}", "") \
	X(UNKNOWN_STATE, UnknownState, WARNING, "is in a state that ldapsward does not know since {at}", "ldapsward waits; a newer version may know it") \
	X(UNRESOLVED, Unresolved, NOTE, "the outcome of a {detail} is not known yet; it shows by {at}", "") \
	X(STUCK, Stuck, ERROR, "is busy for more than an hour, since {at}", "look at the directory in the AWS console; open a support case if it does not end") \
/* ---- rule 3: registering */ \
	X(UNDER_DOOR, UnderDoor, WARNING, "{certificate} can no longer be registered: 90 days or less (and a day) before it expires on {at}", "put its successor into the file") \
	X(EXPIRED, Expired, WARNING, "{certificate} expired on {at}", "put its successor into the file") \
	X(NOT_YET_VALID, NotYetValid, NOTE, "{certificate} is not valid before {at}", "") \
	X(NOT_USABLE, NotUsable, ERROR, "{certificate} {detail}", "replace the file") \
	X(CROSS_CERTIFICATE, CrossCertificate, WARNING, "{certificate} is a self-issued cross-certificate, not a root, and is not registered", "take the (n-m) files of CertEnroll out of `certificates`") \
	X(INDISTINGUISHABLE, Indistinguishable, ERROR, "{certificate} cannot be told from another one: same common name, same expiry", "keep one of the two in `trust`, or have one reissued") \
	X(FOREIGN_MATCH, ForeignMatch, WARNING, "{certificate} looks like entry {id}, which ldapsward does not own", "allow `adopt: matching`, or remove the entry by hand: {detail}") \
	X(BACKING_OFF, BackingOff, WARNING, "the {detail} failed ({refusal}); the next try is at {at}", "") \
	X(REGISTER_FAILED, RegisterFailed, ERROR, "{certificate} was taken and then ended as RegisterFailed: {detail}", "correct the certificate; it is tried again when the file changes") \
	X(CONTESTED, Contested, ERROR, "others undo what ldapsward does to {certificate}: {number} times in 24 hours", "find who does it (CloudTrail: DeregisterCertificate, DisableLDAPS); held until {at}") \
	X(NO_FREE_SLOT, NoFreeSlot, ERROR, "{certificate} finds no free slot: at least {number} are taken", "take an authority out of `trust`, have the quota raised (`certificate_limit`), or remove what nobody needs: `aws ds deregister-certificate --region {region} --directory-id {directory} --certificate-id {id}`") \
	X(SLOT, Slot, NOTE, "{id} takes one: {detail}, expires {at}", "") \
/* ---- rule 4: enabling */ \
	X(WAITS_FOR_CERTIFICATES, WaitsForCertificates, WARNING, "client-side LDAPS is not enabled before {certificate} is Registered", "") \
	X(AUTHORITY_UNCOVERED, AuthorityUncovered, ERROR, "no unexpired certificate of authority {detail} is Registered", "put a registrable certificate of it into the file") \
	X(PROBE_FAILS, ProbeFails, ERROR, "domain controllers do not chain to the registered certificates", "run `ldapsward probe`") \
	X(UNPROVEN, Unproven, NOTE, "whether the domain controllers chain to these certificates is not proven", "") \
	X(DISABLED_ELSEWHERE, DisabledElsewhere, ERROR, "client-side LDAPS was disabled by others at {at}", "it is enabled again after `reenable_after`; to keep it off say `client_ldaps: disabled`") \
	X(ENABLE_FAILED, EnableFailed, ERROR, "EnableLDAPS failed ({refusal}): {detail}", "") \
	X(NOTHING_TRUSTED, NothingTrusted, ERROR, "client-side LDAPS is wanted but nothing is trusted", "name authorities in `trust`, or say `client_ldaps: disabled`") \
/* ---- rules 5 and 6: disabling and removing */ \
	X(POLICY, Policy, WARNING, "policy {detail} forbids it", "say `policy: sync` to allow it") \
	X(OBSERVING, Observing, NOTE, "policy observe: nothing is ever written", "") \
	X(GRACE, Grace, WARNING, "waits for `grace`, until {at}", "revert the edit to keep it, or approve it to go on at once") \
	X(LAST_CERTIFICATE, LastCertificate, WARNING, "{certificate} stays: without it no Registered certificate would have more than 7 days left", "register a successor first") \
	X(AUTHORITY_LEFT_BARE, AuthorityLeftBare, WARNING, "{certificate} stays: without it trusted authority {detail} would have no Registered, unexpired certificate", "put a registrable certificate of that authority into the file, or `approve` the removal") \
	X(PATH_BROKEN, PathBroken, WARNING, "{certificate} stays: the path of {detail} to a registered root runs through it", "keep its authority in `trust`, or `approve` the removal") \
	X(IRREVERSIBLE, Irreversible, WARNING, "{certificate} stays: since {at} its removal cannot be undone", "it goes a day after it expires, or with `approve`") \
	X(STILL_NEEDED, StillNeeded, ERROR, "{certificate} stays: a domain controller needs it", "") \
	X(NOT_OWNED, NotOwned, WARNING, "{id} is not ldapsward's to remove", "{detail}") \
	X(AWAITS_DISABLED, AwaitsDisabled, NOTE, "{certificate} stays until the API has said Disabled for `overlap`", "") \
	X(CONTRADICTORY, Contradictory, WARNING, "the API contradicts itself ({detail}); nothing is removed on such a look", "") \
	X(AWAITS_TURN, AwaitsTurn, NOTE, "waits for its turn in the roll-out", "") \
	X(DEREGISTER_FAILED, DeregisterFailed, ERROR, "{certificate} could not be deregistered ({refusal}): {detail}", "") \
	X(DISABLE_FAILED, DisableFailed, ERROR, "DisableLDAPS failed ({refusal})", "") \
	X(STALE, Stale, NOTE, "the look is too old to act on", "") \
/* ---- what else is worth telling */ \
	X(FOREIGN, Foreign, NOTE, "{id} ({detail}) is not ldapsward's: it is shown, counted and never touched", "") \
	X(NO_ROOT, NoRoot, WARNING, "no registered root ends the path of {certificate}", "add the root to `trust`: whether AWS accepts partial chains is not documented") \
	X(EXPIRES_SOON, ExpiresSoon, WARNING, "{certificate} expires on {at}", "")
/* clang-format on */

enum reason {
	REASON_NONE,
#define X(code, name, severity, text, advice) REASON_##code,
	REASON_TABLE(X)
#undef X
	REASONS,
};

/* The name as shown ("NoFreeSlot"); "None" for REASON_NONE. Static, never NULL. */
const char *reason_str(enum reason reason);
enum severity reason_severity(enum reason reason);
/* The sentence and the advice with their placeholders; advice "" if there is none. Static. */
const char *reason_text(enum reason reason);
const char *reason_advice(enum reason reason);
