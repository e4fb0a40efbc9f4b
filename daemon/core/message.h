/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the journal is told under an id of its own (MESSAGE_ID): every reason of core/reason, and
 * the events that are no reasons. One table holds the id, what happened in a few words (the
 * catalog's subject), and why it matters; of an event also its name, how urgent it is and what to
 * do ("" where there is nothing; a reason has that in its own table). An id is made once, with
 * `systemd-id128 new`, and never changes: others watch for it. The message catalog and the ids in
 * ldapsward(8) are printed from here by tests/system/catalog, and a test holds them to it.
 */

#include "base/buffer.h"
#include "core/reason.h"
#include "core/step.h"

/* How soon somebody must act; the numbers are those of syslog(3). */
enum urgency {
	URGENCY_ALERT = 1, /* at once: applications are cut off, or will be within a week */
	URGENCY_CRITICAL,  /* today: ldapsward cannot do its work at all */
	URGENCY_ERROR,	   /* something is held until somebody acts */
	URGENCY_WARNING,   /* it will want somebody, or is tried again by itself */
	URGENCY_NOTICE,	   /* something was done, or is over: to be kept */
	URGENCY_INFO,	   /* good to know */
	URGENCY_DEBUG,	   /* steady state */
};

/* With so many days left, or fewer, a certificate without a successor is an alert. */
#define MESSAGE_ALERT_DAYS 7

/* clang-format off */
#define MESSAGE_REASONS(X) \
	X(NEVER_SEEN, "8c56f4904ca64fde8dea1b1ca4fa1906", "nothing is known of the directory yet", "ldapsward decides on a look alone, never on what it supposes.") \
	X(MISSING, "5ec49e4fb0764c05a148df9a3e932800", "a certificate is wanted and not registered", "Domain controllers that prove themselves by this CA are not trusted by AWS's applications until it is registered. ldapsward registers it now.") \
	X(LDAPS_WANTED, "613dd85901c6468baba2666f88e8e619", "client-side LDAPS is wanted and off", "Until it is enabled the traffic to the domain controllers is not encrypted. Once it is enabled there is no way back to port 389 for the applications.") \
	X(LDAPS_UNWANTED, "061f40da5e1c40f686cc26e845c35f15", "the file wants client-side LDAPS off", "Without it the traffic to the domain controllers is no longer encrypted.") \
	X(DROPPED, "eff49b1c25f245ee9f2745b7b620e440", "a certificate belongs to no authority that is trusted any more", "It was registered or adopted by ldapsward, and the file no longer names its authority in `trust`: it is to be removed.") \
	X(SUPERSEDED, "0bae48d5f0cd495b9fe099e4c46118e7", "a certificate has a later generation that is registered", "Its successor has stood beside it for as long as `overlap` says, and `retire` lets it go: it is to be removed.") \
	X(OWN_FAILURE, "9eed2f72832941f384b30655c02e4e78", "an entry that failed is cleared away", "A registration of ldapsward's failed and may take a slot. It is removed before the next try.") \
	X(MAKE_ROOM, "80c7abf3e8b04c93a49b2fdb302a2347", "an expired certificate gives its slot away", "The directory is full and a certificate that is wanted has no room. One that has expired serves nobody any more.") \
	X(CONVERGED, "4a7ec9ffb8c94f79bb2f6b0a4f42636b", "everything is as the file wants it", "The directory has reached the state that the file describes. From here on only changes are told.") \
	X(UNREADABLE, "613bf4d343354dd6bbbf7f1003b79990", "a directory could not be read", "What cannot be read completely is not acted on: nothing is registered, removed, enabled or disabled until it can be. Applications that use the directory are not affected by this.") \
	X(THROTTLED, "566ce3180bc04e02995716ba6a8f9b72", "AWS throttles the requests", "The API takes only so many requests a second from an account, whoever sends them. ldapsward slows down; its passes take longer, and changes come later.") \
	X(ACCESS_DENIED, "7ff4ead444914153bbcccaafbb5aa024", "AWS denies access", "The credentials work, but their policy lacks an action, or denies it. Nothing is changed until it is granted; alarms about certificates go on from what was seen before.") \
	X(CREDENTIALS_INVALID, "cfb3fb1af8e645d3a4a8d609808cad48", "the credentials do not work", "AWS does not take the keys, or there are none. Nothing of this account can be read or changed; all other accounts go on.") \
	X(WRONG_ACCOUNT, "515a934ae7944426be580e3cd0c20dbb", "the credentials belong to another account", "The file says which account its directories are in, and the keys are of another one. Nothing there is read or changed, for it may be somebody else's.") \
	X(WRONG_SETTINGS, "9c277421796740c8bcae8bbafe46b5c8", "a setting of this host keeps AWS from being asked", "A variable of the environment or an AWS profile says what cannot be used: an endpoint, a proxy, a file of CA certificates, a number of attempts. Nothing there is read or changed until it is put right; applications that use the directory are not affected by this.") \
	X(DIRECTORY_MISSING, "b67d94163859494c987e1ac559273a31", "there is no such directory", "AWS knows no directory of this id in this Region of this account. It was deleted, or the id, the Region, the account or the role is wrong.") \
	X(NOT_ACTIVE, "0ebc3472456b426e9a6dba1ae4f1562c", "the directory is not Active", "AWS is building, repairing or deleting it, or it is impaired. Nothing is changed meanwhile.") \
	X(WRONG_KIND, "e6c81798eb6543a2b057c3619acff9d8", "the directory has no client-side LDAPS of its own", "Only AWS Managed Microsoft AD and AD Connector have one; that of a shared directory is set where its owner is.") \
	X(WRONG_NAME, "53252f3992924b4cbc9489e3e8173f50", "the directory has another name than the file says", "The name in the file guards against a mistyped id: a directory that is not the one that is meant is not touched.") \
	X(RENAMED, "039922588cbe4c88b5de829377e7fabc", "a selected directory has another name", "The name under which a selector picked it guards against taking another directory for it. Nothing is written to it.") \
	X(SELECTED_TWICE, "cfc605c89d03453cbc11848267667f5b", "several selectors match a directory", "Each would have it be otherwise. Nothing is written to it until only one matches, or it has an entry of its own.") \
	X(UNCONFIRMED, "c02de5ad504c4c86aed8fa26220786a4", "it is only remembered that a directory is selected", "Its tags or its listing could not be read since the start, or for three intervals, or the last look found it without the tag that it was selected by; it may not be selected any more. Nothing is written to it.") \
	X(CLOCK_SKEW, "a2acb047ad964c8aa1b644d1f219a638", "this machine's clock and AWS's are too far apart", "Whether a certificate has expired, or how old a look is, cannot be told with a wrong clock. Certificates are registered still, but nothing is removed, enabled or disabled until both agree within five minutes.") \
	X(STALE, "7d76581f57314f84a65d1dbb6fe7afd6", "the last complete look is long ago", "For three intervals no look was complete. What is said of certificates is as it was then; nothing is changed.") \
	X(IN_FLIGHT, "9f6c5475672049ae8907c3c348c08601", "a certificate is being registered or removed", "AWS takes minutes for that. ldapsward waits for its end before it changes anything else of this directory.") \
	X(LDAPS_IN_FLIGHT, "3b659e2ace6a44498a0b41592568276a", "client-side LDAPS is being enabled or disabled", "AWS takes minutes for that. ldapsward waits for its end before it changes anything else of this directory.") \
	X(UNKNOWN_STATE, "b153248e894f46c9b499436eee16596a", "AWS shows a state that ldapsward does not know", "What a state means that is not known cannot be guessed. Nothing is removed, enabled or disabled meanwhile.") \
	X(UNRESOLVED, "ef97a571e31e4b2891fd9751e983babd", "the outcome of a change is not known yet", "The request was sent and its answer was lost. ldapsward looks whether it was executed, and never sends it twice without knowing.") \
	X(UNLISTED, "176e566cbe3c48869d25147a87fefdcf", "a registration that was accepted is not listed", "AWS has accepted the certificate and given it an id, and its list lacks it: others have removed it before it was looked at, or the list is behind. What is not registered protects nothing. ldapsward sends nothing more here until it is listed, or until so long has passed that it will not be.") \
	X(STUCK, "8adf29a5904d46329a07b376465ba734", "the directory is busy for more than an hour", "What AWS does there usually ends within minutes. Certificates are registered meanwhile, nothing is removed, enabled or disabled.") \
	X(UNDER_DOOR, "710b4ea543c44c6f9698d7f169428e67", "a certificate has too little left to be registered", "AWS registers only what has more than 90 days to live. Where this one is not registered already, it can never be any more: only its next generation can.") \
	X(OUT_OF_REACH, "4c964cfee39b4c1288cf256e5f59a69a", "an earlier generation can no longer be registered here", "Domain controllers that still have a certificate of it would not be trusted by AWS's applications once client-side LDAPS is on, and it cannot be registered any more.") \
	X(EXPIRED, "3e351bbf3ca34a3dac7bc76111b58237", "a certificate has expired", "What has expired proves nothing: domain controllers that chain to this certificate alone are refused by AWS's applications.") \
	X(NOT_YET_VALID, "e7f081439a2841dc8b4482cd78060c70", "a certificate is not valid yet", "It is registered when its time has come.") \
	X(NOT_USABLE, "2bb439bfa00c46d39421c1a50aa8dc00", "a certificate cannot be used", "AWS would refuse it, or it proves nothing: it is not registered.") \
	X(AWAITS_THRESHOLD, "6a9b3bcc77fd448c982acd268219c759", "a successor waits to be registered", "As `register: at_threshold` says it is registered when its predecessor nears its end; it has the same key, so no domain controller needs it before.") \
	X(CROSS_CERTIFICATE, "822d9e5869ef458f92eb726d2cd8afc0", "a cross-certificate is among the roots", "AD CS makes it beside the new root when a CA is renewed under a new key. Registered, it would take a slot and prove nothing on its own.") \
	X(OTHER_SUBJECT, "280d79adb7844ae0a250e63d45ec466e", "an authority has certificates of several subjects", "The generations of one CA have one name. Two CAs in one authority would be taken for each other's successors, so the one that is not known here is not registered.") \
	X(AMBIGUOUS_ORDER, "7a905d672e7445f79a53bf148160e5a0", "it is not known which of two generations is the later", "A successor is what comes later. Without an order nothing can be said to be superseded, so it is not registered.") \
	X(SHORTER_LIFE, "36138372b05a453aba333bdc36d43450", "a successor ends before its predecessor", "A generation that comes later and ends first would leave the directory without either: it is not registered.") \
	X(INDISTINGUISHABLE, "89c7ffcc0732462483e6dbafcc1606b7", "two certificates cannot be told apart", "The API tells certificates by name and expiry alone. Of two that share both it is not known which one is registered.") \
	X(FOREIGN_MATCH, "91490204120b495fb66a6b27569be18e", "an entry looks like a wanted certificate, but is not ldapsward's", "Somebody registered it before. It takes a slot, and ldapsward neither adopts it nor registers the same beside it while `adopt` says never.") \
	X(BACKING_OFF, "856b252c706b457fb3ffdf107ca0ab65", "a change failed and is tried again later", "ldapsward waits longer after each failure: 1, 6 and 24 hours.") \
	X(REGISTER_FAILED, "5c1c2226336f4189ae9e6e13f04671ff", "registering a certificate failed", "Four tries have failed. Domain controllers that prove themselves by this CA are not trusted by AWS's applications.") \
	X(CONTESTED, "eb81e05a79494bea9e0327758d0cba3e", "somebody undoes what ldapsward does", "Two hands change the same directory. ldapsward stops for a day rather than fight.") \
	X(NO_FREE_SLOT, "c4c9e047d1564b91890ef413668fa9ea", "the directory has no room for a certificate", "A directory holds five certificates, or what its quota says. One that is wanted is not registered until a slot is free; nothing that may be needed is removed for it.") \
	X(SLOT, "37b60e328862439cb380ce1df9c37ef0", "a certificate of ldapsward's takes a slot", "It is listed because the directory is full.") \
	X(SUPERSEDED_SLOT, "210bc36db4f14fdab55d44a8dc972c6a", "a certificate with a later generation beside it takes a slot", "It is listed because the directory is full. It goes by itself once it is proven or expired.") \
	X(FOREIGN_SLOT, "8e52c92b2b474d63a15b6d5751a6b531", "a certificate that is not ldapsward's takes a slot", "It is listed because the directory is full. What ldapsward did not register or adopt it never removes.") \
	X(WAITS_FOR_CERTIFICATES, "49f322f1ba2240cfbf1b3960902b9d96", "a certificate must be registered first", "Client-side LDAPS is enabled only when every certificate that is wanted is registered, for else domain controllers would be refused.") \
	X(FOLLOWS_CERTIFICATES, "c7bedfeddbae459d8e83b5bd2c519222", "it follows once a certificate is registered", "Steps are taken one after the other, so that none cuts the directory off.") \
	X(AUTHORITY_UNCOVERED, "5a8e9eeff9b045dba064ee07ebbd8073", "a trusted authority has no valid certificate registered", "Domain controllers of that CA are refused by AWS's applications where client-side LDAPS is on: this is an outage, or will be one as soon as it is enabled.") \
	X(PROBE_FAILS, "4d0241ee3e3944f1a1aefb63f281e188", "domain controllers do not chain to the registered certificates", "Enabled now, client-side LDAPS would cut the applications off from them.") \
	X(UNPROVEN, "ccc4ff07d4e744a890c5dc8a34c6b11c", "it is not proven that domain controllers chain to the registered certificates", "From the moment that client-side LDAPS is enabled the applications reach them on TCP 636 alone.") \
	X(DISABLED_ELSEWHERE, "a8e9059d6cfa45d5b6238d6c7e31c9c8", "somebody has disabled client-side LDAPS", "The traffic to the domain controllers is no longer encrypted. ldapsward enables it again after `reenable_after`, which leaves time to say that it was meant.") \
	X(ENABLE_FAILED, "249642cd0a3745d4bccceb77638149d7", "enabling client-side LDAPS failed", "AWS could not reach a domain controller on TCP 636, or did not trust it. The traffic to the domain controllers is not encrypted.") \
	X(NOTHING_TRUSTED, "6d1f49b78b474fbd89b7acca3735feb4", "client-side LDAPS is wanted without anything to trust", "Without a registered certificate it cannot be enabled.") \
	X(POLICY, "2b37503a95004c7abec5fdc96c171f36", "the policy forbids a change", "The file lets ldapsward add but not remove, or only look. What is told is what it would do.") \
	X(OBSERVING, "7ac594a2364540108b97dee53d0e4246", "the policy lets ldapsward only look", "What is told is what it would do.") \
	X(GRACE, "ac1696d5877544f5a605ed988ac7ba8f", "a change that may cut off waits for its time of grace", "A removal or disable that comes from an edit waits, so that a mistake in the file can be taken back.") \
	X(OVERLAPPING, "96f9fa16b2304d30aed17a082b9f0226", "a certificate stays beside its successor", "Domain controllers take their time to get certificates of the new generation; both are served meanwhile.") \
	X(AWAITS_PROOF, "3a7490a660a0454fb8f750c4b749a947", "a superseded certificate stays until nobody needs it", "A domain controller that still has a certificate of it would be cut off by its removal. Unknown is never proof.") \
	X(AWAITS_AGE, "930871479105449d9433a22c31aa3204", "a superseded certificate stays for a time", "`retire` of its authority says for how long.") \
	X(AWAITS_EXPIRY, "0886a9b3f1a34775ae4bf28a7cc1e901", "a superseded certificate stays until it has expired", "`retire` of its authority says so. That is safe: it costs a slot.") \
	X(RETIRED_BY_HAND, "4cc624509f6c47f996f1e244f3644880", "a superseded certificate stays until you remove it", "`retire: manual` of its authority says so.") \
	X(LAST_CERTIFICATE, "6c6cb827c4714b42b847af215d4d6124", "the last certificate with more than seven days left stays", "Without any the directory would be cut off.") \
	X(AUTHORITY_LEFT_BARE, "508f828b5bf1401cbb977f457d906966", "the last certificate of a trusted authority stays", "Without it the domain controllers of that CA would be refused by AWS's applications.") \
	X(PATH_BROKEN, "dba74d7dac1142a6a6c0372b2cde08ef", "a certificate stays because another one's path runs through it", "Without it what it issued would no longer chain to a registered root.") \
	X(IRREVERSIBLE, "756664fa691d426ab6dd1451e0455228", "a removal that cannot be undone is held back", "With less than 90 days left AWS would not register the certificate again if it turned out to be needed.") \
	X(STILL_NEEDED, "62924c72b4804bd5a4b2a53d85df2058", "a certificate stays because a domain controller needs it", "Without it AWS's applications would refuse that domain controller.") \
	X(NOT_OWNED, "8dbdbd34722c4f0d92718bed08ac7bbb", "an entry is not ldapsward's to remove", "What it did not register or adopt it never removes.") \
	X(AWAITS_DISABLED, "82f85eb83b374c3791214a60608e7be9", "the last certificate stays until client-side LDAPS is off for good", "Without it a directory that is still on would be cut off.") \
	X(MISSED, "8ba5c50b75b94e31a069d61183843e46", "a certificate is missing from one look", "One look may be wrong. The next one decides whether somebody removed it.") \
	X(CONTRADICTORY, "bf4302464f56421d9c9897716de709e5", "what AWS says contradicts itself", "A view that cannot be right is not acted on: nothing is removed, enabled or disabled.") \
	X(AWAITS_TURN, "be8eec71a5294180b22df47bb0a65018", "a change waits for its turn in the roll-out", "Removals and disables are done in one directory first; the others follow at a measured pace.") \
	X(AWAITS_FIRST, "4a61a7268e1647b3965b2b0a3e230303", "a change waits for the first directory of the roll-out", "The directory that went first is not Ready. What went wrong there is not repeated elsewhere.") \
	X(DEREGISTER_FAILED, "0a88d787383446d0a939f7cf1cce36c4", "removing a certificate failed", "It stays registered and takes a slot.") \
	X(DISABLE_FAILED, "380fd47b7c684cf592d4ab2e7f99bdb8", "disabling client-side LDAPS failed", "It stays on.") \
	X(FOREIGN, "44c5f436cf094b56b406b61eacce22dc", "an entry is not ldapsward's", "Somebody else registered it. It is counted and never touched.") \
	X(ADOPTED, "a44bbf6a58564fd085c4f3bece7d34d2", "a certificate that was there before is ldapsward's now", "It matches a certificate of the file. From now on it is rotated and removed by the same rules as those that ldapsward registered.") \
	X(REMOVED_ELSEWHERE, "c5badeddec1e4b18ae9188c519be063f", "somebody has removed a certificate", "Domain controllers that chain to it are refused by AWS's applications. ldapsward registers it again, three times in a day at most.") \
	X(NOT_IN_FILES, "ce5d8258bdae4a788f29f1eedd6e53e6", "a registered certificate is in no file any more", "Its file vanished while its authority is still trusted. That may be a mistake, so it stays.") \
	X(REGION_NOT_COVERED, "3da7b69e1242434089ad8fa31d3611c0", "a directory is in a Region that the file does not name", "Client-side LDAPS is set in each Region apart: in that one nobody looks after its certificates or tells of their end.") \
	X(DESELECTED, "1c73074437f74901b0e88e5108381c1d", "a directory is not selected any more", "Nothing more is done to it, nothing was removed from it, and nobody tells of the end of its certificates any more.") \
	X(NO_ROOT, "cf015be85b054d21b0fe78e5fcf48d60", "a certificate has no registered root above it", "Whether AWS accepts a chain that ends below the root is not documented: domain controllers may be refused.") \
	X(SUCCESSOR_MISSING, "e25f4b3ce551473dbbd04e6f99632d2b", "a certificate nears its end without a successor", "When it has expired, domain controllers of this CA are refused by AWS's applications. From 90 days before that day on nothing can be put in its place but a new generation.") \
	X(REDUNDANT_EXPIRING, "492facacc11a411c8aa254c467c032a5", "a certificate that nobody needs nears its end", "Its successor has the same key. Once the old one has expired it may be picked instead of the good one.")

#define MESSAGE_EVENTS(X) \
	X(STARTED, Started, NOTICE, "b605a051441d48b18fc49db0a2fe9ebc", "ldapsward has started", "It has read its configuration and its ledger, and looks at every directory now.", "") \
	X(NOT_STARTED, NotStarted, CRITICAL, "ed9b90ba09824701a3425880721a5f90", "ldapsward could not start", "No directory is looked after: certificates are not rotated, and nobody is warned of their end. Applications are not affected until a certificate ends.", "what the message and those before it name; `ldapsward check` tells what is wrong with the files, and `systemctl start ldapsward` tries again") \
	X(FIRST_PASS, FirstPass, NOTICE, "5ab2b57d0c4d49a3b0be9358d576e579", "ldapsward has looked at every directory", "From here on it tells changes alone.", "") \
	X(APPLIED, Applied, NOTICE, "5177002d84de4544937f618ecc5b54b8", "one run of apply has ended", "Every directory was looked at once, and what could be done was done. What is left is told by the entries before this one, unless an earlier run has told it; the next run goes on.", "`ldapsward status` shows what is not ready and why") \
	X(NOT_APPLIED, NotApplied, ERROR, "79936a5ceeb84ba99b86e88033596bec", "a run of apply could not begin", "Nothing was looked at and nothing was done in it. Where a daemon holds the state, that looks after the directories; otherwise nobody does until a run succeeds.", "what the message and those before it name; `ldapsward check` tells what is wrong with the files; the next run tries again") \
	X(STOPPED, Stopped, NOTICE, "c82980fcf878485a8c54491d81cb40f5", "ldapsward stops", "It was asked to. What is in flight is found again at the next start; until then no directory is looked after.", "start it again unless the stop was meant: `systemctl start ldapsward`") \
	X(REHEARSAL, Rehearsal, WARNING, "71a30f223fd845f7820bd2d2760680f5", "the clock is moved by a file", "LDAPSWARD_DEMO_CLOCK is set, which is for rehearsals alone: what waits for a time waits for the moved one.", "take the variable out of the service's environment") \
	X(CONFIGURATION_TAKEN, ConfigurationTaken, NOTICE, "4dbf18ef187b46589cb7dc577ab915fc", "an edited configuration was taken", "It is in force from now on. The entries after this one tell what it changes.", "") \
	X(CONFIGURATION_CHANGED, ConfigurationChanged, INFO, "3a132f3c50ef4b87ad4ae7e18c729aed", "a difference between two configurations", "It was added, removed or altered in the configuration that was just taken. A directory that was removed is no longer touched, and nothing is removed from it.", "") \
	X(CONFIGURATION_REFUSED, ConfigurationRefused, ERROR, "53a2144debc14a45b73d57828c5741fe", "an edited configuration was refused", "A file with a mistake is refused as a whole, and the last good one stays in force, now older than the one on the disk. No waiting time for a removal goes on meanwhile.", "correct the mistakes, which the entries before this one name by file, line and column; `ldapsward check` lists them again, and the corrected file is taken by itself") \
	X(CONFIGURATION_MISTAKE, ConfigurationMistake, ERROR, "fb0ec32dc5914d839f978daf21e71285", "a mistake in the configuration, or something doubtful", "An error keeps the files from being taken; a warning or a note is of files that were taken.", "what the sentence says, at that place of the file") \
	X(CONFIGURATION_UNWATCHED, ConfigurationUnwatched, WARNING, "c6faac79a74842aa9b60df27623aa69a", "changes of the files are not noticed by themselves", "The kernel does not tell ldapsward of all changes in the folders that the configuration names.", "after an edit say `systemctl reload ldapsward`") \
	X(SELECTION_CHANGED, SelectionChanged, NOTICE, "28ea6067a7b2499fbf11b0b6740e246a", "selectors match otherwise than before", "A directory was made, tagged, replicated or deleted. The entries after this one tell what came and went; nothing is removed from what went.", "") \
	X(SELECTION_UNREAD, SelectionUnread, WARNING, "02001e2e4da4462e999f2fe9e3aaeba5", "what selectors ask for could not be read", "What they matched before stays selected, and what is new is not picked up. After three intervals nothing more is written to it.", "see that the endpoint can be reached and that the identity may call DescribeDirectories and, where a selector has tags, ListTagsForResource on all directories") \
	X(SELECTION_READ, SelectionRead, NOTICE, "95fd729601074e7c87cdac656c3d8ec1", "what selectors ask for can be read again, or taken", "What they match is what AWS has now.", "") \
	X(SELECTION_REFUSED, SelectionRefused, ERROR, "a503ae5377b44ecc96e1961da212b15f", "what selectors match could not be taken", "What they matched before is looked after as it was; a directory that came since is not yet.", "mend what the message names: free memory on this machine, have fewer directories match, or see that the ledger can be read; the next pass tries again") \
	X(ENDPOINT_CHANGED, EndpointChanged, INFO, "732b460c7b5b461788f1e70eccacbbb4", "an account is asked at another endpoint", "The file, a profile or the environment names another one than before. The message says which, and where it is said.", "") \
	X(CHANGE_ACCEPTED, ChangeAccepted, NOTICE, "b0a5ca2bc0974a97b237eca65f70f9d7", "a change was sent to AWS and accepted", "AWS takes minutes for it; the next looks show when it is done. ACTION and REASON say what was done and why, AWS_REQUEST_ID is the request in CloudTrail.", "") \
	X(CHANGE_REFUSED, ChangeRefused, WARNING, "a9b06e902a244d8b8d7558cdaf495236", "AWS refused a change", "Nothing was changed. ldapsward looks again and decides anew; what goes on failing is tried less and less often, and told as a condition of its own.", "read the refusal; if it goes on, the condition that follows says what to do") \
	X(CHANGE_UNSENT, ChangeUnsent, WARNING, "23ea1237e0b04a689b063879856f0ee1", "a change was not sent", "AWS could not be reached, or the look that it rests on had become too old. Nothing was changed; ldapsward looks again and decides anew.", "") \
	X(CHANGE_UNKNOWN, ChangeUnknown, WARNING, "3cae7d54520f41c388a1ff8c8082e9fa", "it is not known whether a change was executed", "The request was sent and its answer was lost. ldapsward looks, and never sends it again without knowing.", "") \
	X(UNRECORDED, Unrecorded, CRITICAL, "f1f897abd3af4d1384e86fd53af64b28", "the ledger cannot be written", "What cannot be recorded is not done: no certificate is registered or removed until the ledger can be written again.", "see that the state directory has room, belongs to the service's user and is not on a file system that is read-only; ldapsward tries again by itself") \
	X(RECORDED, Recorded, NOTICE, "3a8128c988684c1b9b5398bec37e81a2", "the ledger can be written again", "What could not be recorded is recorded now, and ldapsward goes on.", "") \
	X(LEDGER_DAMAGED, LedgerDamaged, ERROR, "289771376e0f49b2a6949d3c6ef2b177", "a damaged ledger was set aside", "A fresh one was begun from what is still known. Certificates that were registered before are adopted again where they match the files; nothing is removed because of it. History and waiting times begin anew.", "look for the cause, such as a failing disk; the file that was set aside is kept for you") \
	X(LEDGER_GONE, LedgerGone, CRITICAL, "1b064fcef1f24387b4913f3498999263", "the ledger was taken away under ldapsward, which ends", "Its file was removed or moved while ldapsward ran, and nothing is done that cannot be recorded. The next start, which systemd makes by itself, begins as on a new machine: certificates are adopted again where they match the files; nothing is removed because of it. History and waiting times begin anew.", "find who removes files in the state directory; to bring an old ledger back, stop ldapsward first") \
	X(PUBLISH_FAILED, PublishFailed, WARNING, "4fe59913738a412a86df0e581cf69905", "status.json or the metrics could not be written", "Monitoring sees what was written last, which grows old. The directories are looked after all the same.", "see that the file's folder exists, has room and can be written by the service's user") \
	X(PUBLISHED, Published, NOTICE, "b65668c67a734be2906f438f6a007969", "status.json or the metrics are written again", "Monitoring sees the present again.", "") \
	X(CREDENTIALS_OLD, CredentialsOld, WARNING, "473f702bdac84d909ac0b16a2f0f45fb", "new keys could not be got", "The keys that there are serve until they end. After that nothing of this account can be read or changed.", "see that the source that the message names can be reached and gives keys") \
	X(CREDENTIALS_RENEWED, CredentialsRenewed, NOTICE, "64c28268d36e45f5808c822af1be0695", "keys are renewed again", "The source of the account's keys works again.", "") \
	X(CLOCK_JUMPED, ClockJumped, WARNING, "1fa210180a07426294beb2769b132765", "the clock of this machine was set", "Waiting times count by AWS's clock and are not shortened by this. Every directory is looked at anew. If the two differ by more than five minutes nothing is removed, enabled or disabled until they agree.", "see that the time is synchronised (`timedatectl`), if it was not set by hand") \
	X(CONDITION_OVER, ConditionOver, NOTICE, "d32682efa5f24d6388712f0cb63cad49", "what was told before is over", "REASON names the condition that no longer holds.", "") \
	X(PASS_ENDED, PassEnded, DEBUG, "a1b2f84783e64202b7dfb8cc7756179e", "a pass has ended", "Every directory of one account and Region was looked at.", "")
/* clang-format on */

enum event {
#define X(code, name, urgency, id, subject, why, advice) EVENT_##code,
	MESSAGE_EVENTS(X)
#undef X
	EVENTS, /* count, not an event */
};

/* One row. Static texts. */
struct message {
	const char *name;     /* "NoFreeSlot", "ChangeAccepted" */
	const char *id;	      /* 32 hexadecimal digits; NULL: none */
	const char *subject;  /* what happened */
	const char *why;      /* why that matters: sentences */
	const char *advice;   /* what to do, without a full stop; "" for nothing. Of a reason with
			       * the placeholders of core/reason */
	enum urgency urgency; /* of an event; a reason's depends on the condition */
};

/* Without an id for REASON_NONE, and for a reason that has none yet. */
struct message message_of_reason(enum reason reason);
struct message message_of_event(enum event event);

/* How urgent the condition is. */
enum urgency condition_urgency(const struct condition *condition);

/*
 * Appends the entry of journald's message catalog (https://systemd.io/CATALOG/), with the empty
 * line before it without which the one above would swallow it. 0 or a buffer's error.
 */
int message_catalog(const struct message *message, struct buffer *buffer);
