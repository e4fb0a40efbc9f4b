/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Every reason there is: why a step is taken, what is waited for, what is held back. One table
 * holds the code's name as people and machines see it, how much it matters, the sentence and what
 * to do ("" where there is nothing). In the texts {certificate} {id} {at} {number} {refusal}
 * {detail} stand for the arguments of a condition, {on} for the date of {at}, {door} for the date
 * from which {certificate} cannot be registered again, {times} for the number as "once", "3
 * times", {refused} for the refusal in brackets with a space before, or for nothing without one,
 * {expected} for what the file says, {stage} for it as a directory's stage, {skew} for it as the
 * distance of two clocks, {left} for the days that are left, {approval} for the words of the file
 * that allow what is held back, {command} for the command that removes {id}, {removal} for the one
 * of these two that removes {id}: the first where {detail} names its authority; core/explain fills
 * them in. How much SuccessorMissing matters depends on its threshold (condition_severity).
 */

#include "base/severity.h"
#include "core/generation.h"
#include "core/vocabulary.h"

/* clang-format off */
#define REASON_TABLE(X) \
/* ---- why a step is taken */ \
	X(NEVER_SEEN, NeverSeen, NOTE, "has not been looked at yet", "") \
	X(MISSING, Missing, NOTE, "{certificate} is wanted and not registered", "") \
	X(LDAPS_WANTED, LdapsWanted, NOTE, "client-side LDAPS is wanted and off", "") \
	X(LDAPS_UNWANTED, LdapsUnwanted, NOTE, "the file wants client-side LDAPS off", "") \
	X(DROPPED, Dropped, NOTE, "{certificate} belongs to no authority in `trust` any more", "") \
	X(SUPERSEDED, Superseded, NOTE, "{certificate} is superseded: a later generation is Registered", "") \
	X(OWN_FAILURE, OwnFailure, NOTE, "entry {id} failed: it is cleared away before the next try", "") \
	X(MAKE_ROOM, MakeRoom, NOTE, "{certificate} has expired and its slot is needed", "") \
	X(CONVERGED, Converged, NOTE, "everything is as the file wants it", "") \
/* ---- rule 1: held, no writes */ \
	X(UNREADABLE, Unreadable, ERROR, "could not be read: {detail}", "see that what is asked there is named right, can be reached and answers as it should; nothing is changed until then") \
	X(THROTTLED, Throttled, WARNING, "AWS throttles the requests ({refusal})", "check what else calls this API in the account; ldapsward slows down and tries again by itself") \
	X(ACCESS_DENIED, AccessDenied, ERROR, "AWS denies access: {detail}", "grant the identity the actions that ldapsward(8) names under AWS PERMISSIONS") \
	X(CREDENTIALS_INVALID, CredentialsInvalid, ERROR, "the credentials do not work: {detail}", "give the service valid credentials") \
	X(WRONG_ACCOUNT, WrongAccount, ERROR, "is not touched: {detail}", "correct `account_id`, `profile` or `role_arn` of its account in the file, or the keys") \
	X(WRONG_SETTINGS, WrongSettings, ERROR, "cannot be asked for: {detail}", "correct what is named there: in the service's environment (then restart it), in an AWS profile or in the file; nothing is changed until then") \
	X(DIRECTORY_MISSING, DirectoryMissing, ERROR, "does not exist in this Region of this account", "check the id, the Region, the account and the role") \
	X(NOT_ACTIVE, NotActive, WARNING, "is {stage}, not Active: {detail}", "ldapsward waits until it is Active; if it does not become so, look at it in the AWS console") \
	X(WRONG_KIND, WrongKind, ERROR, "is of type {detail}, which has no client-side LDAPS of its own", "take it out of the file: only AWS Managed Microsoft AD and AD Connector can be managed; of a shared directory the owner's") \
	X(WRONG_NAME, WrongName, ERROR, "is named {detail} by AWS, but {expected} in the file", "correct `id` or `name` in the file") \
	X(RENAMED, Renamed, ERROR, "is named {detail} by AWS, but was {expected} when it was selected", "see in the AWS console which directory this is; give it an entry with its `id`, or have it selected no longer for one pass") \
	X(SELECTED_TWICE, SelectedTwice, ERROR, "is matched by several selectors: {detail}", "change their `select` so that one matches, or give the directory an entry with its `id`") \
	X(UNCONFIRMED, Unconfirmed, NOTE, "was selected by {detail}, and that is not confirmed: the last look did not find it so, or none could tell since the start or for three intervals", "") \
	X(CLOCK_SKEW, ClockSkew, ERROR, "{skew}", "synchronise this machine's clock; until then nothing is removed, enabled or disabled") \
	X(STALE, Stale, ERROR, "the last complete look on record was at {at}, more than three intervals ago: what is told of certificates is as it was then", "what keeps it from being read is told beside this; until that ends only the file and the ledger are known") \
/* ---- rule 2: in flight */ \
	X(IN_FLIGHT, InFlight, NOTE, "{certificate} is {detail} since {at}", "") \
	X(LDAPS_IN_FLIGHT, LdapsInFlight, NOTE, "client-side LDAPS is {detail} since {at}", "") \
	X(UNKNOWN_STATE, UnknownState, WARNING, "{detail} is in a state that ldapsward does not know, since {at}", "see if there is a newer ldapsward that knows it; this one waits") \
	X(UNRESOLVED, Unresolved, NOTE, "the outcome of a {detail} is not known yet; it shows by {at}", "") \
	X(UNLISTED, Unlisted, WARNING, "registering {certificate} was accepted as {id}, but that is not listed; nothing more is sent here until it is, or until {at}", "if it lasts, others may have removed it: CloudTrail shows DeregisterCertificate") \
	X(STUCK, Stuck, ERROR, "the directory is busy for more than an hour, since {at}", "look at the directory in the AWS console; open a support case if it does not end") \
/* ---- rule 3: registering */ \
	X(UNDER_DOOR, UnderDoor, WARNING, "{certificate} can no longer be registered: AWS takes only what has more than 90 days left", "put its next generation into the file") \
	X(OUT_OF_REACH, OutOfReach, WARNING, "{certificate} can no longer be registered here, though domain controllers may still have certificates of it: it is an earlier generation that ends on {on}", "see that every domain controller has a certificate of a later generation, then take its file out of the authority; until then, or until it has ended, client-side LDAPS is not enabled here") \
	X(EXPIRED, Expired, WARNING, "{certificate} expired on {on}", "put its next generation into the file, or take its authority out of `trust`") \
	X(NOT_YET_VALID, NotYetValid, NOTE, "{certificate} is not valid before {at}", "") \
	X(NOT_USABLE, NotUsable, ERROR, "{certificate} {detail}", "replace the file") \
	X(AWAITS_THRESHOLD, AwaitsThreshold, NOTE, "{certificate} will be registered at {at}: `register: at_threshold` waits until its predecessor has no more than `rotate_before` left", "") \
	X(CROSS_CERTIFICATE, CrossCertificate, WARNING, "{certificate} is a self-issued cross-certificate, not a root, and is not registered", "take the (n-m) files of CertEnroll out of `certificates`") \
	X(OTHER_SUBJECT, OtherSubject, ERROR, "{certificate} is not registered: authority {detail} has certificates of several subjects, and none of this one's is Registered here", "give each CA an authority of its own") \
	X(AMBIGUOUS_ORDER, AmbiguousOrder, ERROR, "{certificate} is not registered: neither the CA version nor the expiry tells which of two generations in authority {detail} comes later", "keep one of the two in `certificates`") \
	X(SHORTER_LIFE, ShorterLife, ERROR, "{certificate} is not registered: it comes later than another generation in authority {detail} and does not outlive it", "have it issued with a longer life, or take it out of `certificates`") \
	X(INDISTINGUISHABLE, Indistinguishable, ERROR, "{certificate} cannot be told from another one: same common name, same expiry", "keep one of the two in `trust`, or have one reissued") \
	X(FOREIGN_MATCH, ForeignMatch, WARNING, "{certificate} looks like entry {id}, which ldapsward does not own", "say `adopt: matching` to have it adopted; or, if no domain controller needs the entry, remove it: {command}") \
	X(BACKING_OFF, BackingOff, WARNING, "the last {detail} failed{refused}; the next try is at {at}", "it is tried again by itself; `ldapsward history` tells what was answered") \
	X(REGISTER_FAILED, RegisterFailed, ERROR, "registering {certificate} failed{refused}: {detail}", "correct the certificate; after four tries it is tried again only when the file changes") \
	X(CONTESTED, Contested, ERROR, "others undid it {times} in 24 hours; it is not tried again before {at}", "find who does it: CloudTrail shows DeregisterCertificate and DisableLDAPS") \
	X(NO_FREE_SLOT, NoFreeSlot, ERROR, "there is no free slot: at least {number} are taken", "free one of those listed below, take an authority out of `trust` that nothing needs, or have AWS raise the quota and say `certificate_limit`") \
	X(SLOT, Slot, NOTE, "a slot is taken by {id}, {certificate}: ldapsward's own", "") \
	X(SUPERSEDED_SLOT, SupersededSlot, NOTE, "a slot is taken by {id}, {certificate}: ldapsward's own, with a later generation beside it", "if every domain controller has a certificate of the later generation: say {approval}, under `policy: sync`") \
	X(FOREIGN_SLOT, ForeignSlot, NOTE, "a slot is taken by {id}, {detail} (expires {on}): not ldapsward's", "if no domain controller needs it: {command}") \
/* ---- rule 4: enabling */ \
	X(WAITS_FOR_CERTIFICATES, WaitsForCertificates, WARNING, "{certificate} is not Registered", "what holds that certificate back holds this back") \
	X(FOLLOWS_CERTIFICATES, FollowsCertificates, NOTE, "it follows once {certificate} is Registered", "") \
	X(AUTHORITY_UNCOVERED, AuthorityUncovered, ERROR, "no unexpired certificate of authority {detail} is Registered", "put its next generation into the file, or take the authority out of `trust`") \
	X(PROBE_FAILS, ProbeFails, ERROR, "domain controllers do not chain to the registered certificates", "see which CA issued the certificate of each domain controller, as `openssl s_client -connect HOST:636` shows it, and put that CA into `trust`; or give the controller a certificate of a CA that is there") \
	X(UNPROVEN, Unproven, NOTE, "whether the domain controllers chain to the registered certificates is not proven; from then on applications reach them on TCP 636 alone", "") \
	X(DISABLED_ELSEWHERE, DisabledElsewhere, ERROR, "others have disabled it; it is enabled again after `reenable_after`, at {at}", "to keep it off say `client_ldaps: disabled`; CloudTrail shows who called DisableLDAPS") \
	X(ENABLE_FAILED, EnableFailed, ERROR, "EnableLDAPS failed{refused}: {detail}", "see that the domain controllers answer on TCP 636 with certificates of the registered CAs; after four tries it is tried again only when the file changes") \
	X(NOTHING_TRUSTED, NothingTrusted, ERROR, "client-side LDAPS is wanted but nothing is trusted", "name authorities in `trust`, or say `client_ldaps: disabled`") \
/* ---- rules 5 and 6: disabling and removing */ \
	X(POLICY, Policy, WARNING, "policy {detail} forbids it", "say `policy: sync` to allow it") \
	X(OBSERVING, Observing, NOTE, "policy observe writes nothing", "say `policy: sync` or `policy: add-only` to have it done") \
	X(GRACE, Grace, WARNING, "it waits for `grace`, until {at}", "revert the edit to keep things as they are, or say {approval} to go on at once") \
	X(OVERLAPPING, Overlapping, NOTE, "{certificate} stays beside its later generation for `overlap`, until {at} at least", "") \
	X(AWAITS_PROOF, AwaitsProof, NOTE, "{certificate} is superseded and stays: {detail}", "by itself it goes at {at}, a day after its end; to have it removed before, see that every domain controller has a certificate of the later generation, and say {approval}") \
	X(AWAITS_AGE, AwaitsAge, NOTE, "{certificate} is superseded and stays until it has been so for as long as `retire` says, at {at}", "") \
	X(AWAITS_EXPIRY, AwaitsExpiry, NOTE, "{certificate} is superseded and stays until a day after its end, at {at}", "to have it removed before, see that every domain controller has a certificate of the later generation, and say {approval}") \
	X(RETIRED_BY_HAND, RetiredByHand, NOTE, "{certificate} is superseded and stays, as `retire: manual` says", "to have it removed, see that every domain controller has a certificate of the later generation, and say {approval}") \
	X(LAST_CERTIFICATE, LastCertificate, WARNING, "{certificate} stays: without it no Registered certificate would have more than 7 days left", "have a successor registered first, or take LDAPS down with `client_ldaps: disabled`") \
	X(AUTHORITY_LEFT_BARE, AuthorityLeftBare, WARNING, "{certificate} stays: without it trusted authority {detail} would have no Registered, unexpired certificate", "put the next generation of {detail} into the file, or take it out of `trust`") \
	X(PATH_BROKEN, PathBroken, WARNING, "{certificate} stays: the path of {detail} to a registered root runs through it", "take what it issued out of `trust` first, or say {approval}") \
	X(IRREVERSIBLE, Irreversible, WARNING, "{certificate} stays: since {on} its removal cannot be undone", "it goes a day after it has expired; to have it removed before, say {approval}") \
	X(STILL_NEEDED, StillNeeded, ERROR, "{certificate} stays: a domain controller needs it", "give that domain controller a certificate of another CA first") \
	X(NOT_OWNED, NotOwned, WARNING, "{id} is not ldapsward's to remove", "if no domain controller needs it: {command}") \
	X(AWAITS_DISABLED, AwaitsDisabled, NOTE, "{certificate} stays as the last one until the API has said Disabled for `overlap`, at {at}", "") \
	X(MISSED, Missed, NOTE, "one look missed a certificate of ldapsward's; the next one, at {at}, decides whether it is gone", "") \
	X(CONTRADICTORY, Contradictory, WARNING, "the API contradicts itself: {detail}", "nothing is removed on such a look; if it lasts, compare with the AWS console") \
	X(AWAITS_TURN, AwaitsTurn, NOTE, "it waits for its turn in the roll-out, not before {at}: {detail} goes first", "") \
	X(AWAITS_FIRST, AwaitsFirst, NOTE, "it waits for its turn in the roll-out: {detail} goes first and is not Ready yet", "see with `ldapsward status` what {detail} waits for; nothing is removed or disabled elsewhere until it has stayed Ready for `overlap`") \
	X(DEREGISTER_FAILED, DeregisterFailed, ERROR, "deregistering {certificate} failed{refused}: {detail}", "look at entry {id} in the AWS console; after four tries it is tried again only when the file changes") \
	X(DISABLE_FAILED, DisableFailed, ERROR, "DisableLDAPS failed{refused}: {detail}", "look at the directory in the AWS console; after four tries it is tried again only when the file changes") \
/* ---- what else is worth telling */ \
	X(FOREIGN, Foreign, NOTE, "{id}, {detail} (expires {on}), is not ldapsward's: it is shown, counted and never touched", "") \
	X(ADOPTED, Adopted, NOTE, "{id} was there before and is {certificate}: it is ldapsward's from now on", "") \
	X(REMOVED_ELSEWHERE, RemovedElsewhere, WARNING, "others have removed {certificate} {times} in 24 hours", "find who does it: CloudTrail shows DeregisterCertificate") \
	X(NOT_IN_FILES, NotInFiles, WARNING, "{certificate} is registered as {id}, but no file of authority {detail} holds it any more", "it stays; put the file back, or take the authority out of `trust` to have it removed") \
	X(REGION_NOT_COVERED, RegionNotCovered, WARNING, "is replicated to {detail}, which is not among its `regions`: nothing is looked after there", "add {detail} to `regions`, or say `regions: all`") \
	X(DESELECTED, Deselected, WARNING, "no selector matches it any more since {at}, as it {detail}: nothing more is done to it, and nothing was removed from it", "have a selector match it again, or give it an entry with its `id`; this is told for 30 days") \
	X(NO_ROOT, NoRoot, WARNING, "no registered root ends the path of {certificate}", "add the root to `trust`: whether AWS accepts partial chains is not documented") \
	X(SUCCESSOR_MISSING, SuccessorMissing, ERROR, "{certificate} has {left} left and no successor that is Registered or to be registered; after {door} it cannot be registered again", "have its CA renewed and put the next generation into the file beside it, under a policy that registers it; if nothing needs it any more, take its authority out of `trust`") \
	X(REDUNDANT_EXPIRING, RedundantExpiring, WARNING, "{certificate} has {left} left and is registered as {id} beside a successor of the same key: once expired it may stand in that one's way", "{removal}")
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
/* The reason of this name; REASON_NONE for any other text. */
enum reason reason_parse(const char *name);
enum severity reason_severity(enum reason reason);
/* The sentence and the advice with their placeholders; advice "" if there is none. Static. */
const char *reason_text(enum reason reason);
const char *reason_advice(enum reason reason);

/* The reason that tells of a rule that a certificate breaks in its authority; REASON_NONE for
 * GENERATION_GOOD. */
enum reason reason_of_rule(enum generation_rule rule);

/* Why a look failed, by the API's answer; REASON_UNREADABLE for what says nothing more.
 * `clock_off`: our clock is too far from the API's, which then explains a refused signature. */
enum reason reason_of_refusal(enum refusal refusal, bool clock_off);
