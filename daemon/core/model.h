/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The Directory Service itself as a pure state machine over values: what one directory in one
 * Region does with the four calls that change it. The emulator answers from it, `plan` lets the
 * decision loose on it, and the exhaustive exploration walks through its states. No I/O and no
 * clock: `now` is always the caller's, UTC seconds, and more than 0.
 *
 * The rules, each with where it comes from. [M] service model ds/2015-04-16, [D] documentation of
 * AWS, [I] inferred, [O] an open point nobody answers in public (enum model_point has the answers).
 *
 *   register    SimpleAD: UnsupportedOperationException; shared: ClientException    [D] KIND
 *               stage other than Active: DirectoryUnavailableException              [I] STAGE
 *               no certificate, or RSASSA-PSS: InvalidCertificateException          [D] CERTIFICATE
 *               90 days or less to live: refused, how is open                       [D] NINETY_DAYS
 *               there already: CertificateAlreadyExistsException, what that is open [M] DUPLICATE
 *               no slot of its type free: CertificateLimitExceededException         [D] LIMIT
 *               else an entry Registering, that ends Registered or RegisterFailed   [M]
 *   deregister  unknown id, or Deregistered: CertificateDoesNotExistException       [M] MISSING
 *               Registering or Deregistering: DirectoryUnavailableException         [I] BUSY
 *               the last Registered ClientLDAPS one while LDAPS is Enabled or
 *               Enabling: CertificateInUseException                                 [D] LAST
 *               else Deregistering, that ends Deregistered or DeregisterFailed      [M]
 *   enable      Enabling or Enabled: InvalidLDAPSStatusException or nothing         [O] STATUS
 *               no Registered, unexpired ClientLDAPS certificate:
 *               NoAvailableCertificateException                              [D] NO_CERTIFICATE
 *               else Enabling, that ends Enabled or EnableFailed                    [M]
 *   disable     Disabled or never enabled: InvalidLDAPSStatusException or nothing   [O] STATUS
 *               Enabling: InvalidLDAPSStatusException                               [I] STATUS
 *               else Disabled after a while in which nothing shows (no Disabling)   [M]
 *
 * Slots are counted per type (5 and 100, [D] quotas; per type is [I]).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/certificate.h"
#include "core/observed.h"
#include "core/vocabulary.h"

/* As a delay: the call never ends by itself, model_finish decides. As a `due`: the same. */
#define MODEL_NEVER INT64_MAX

/* Protective refusals of the service, each of which can be switched off. name, option's word */
/* clang-format off */
#define MODEL_GUARD_TABLE(X) \
	X(KIND, "kind") X(STAGE, "stage") X(CERTIFICATE, "certificate") \
	X(NINETY_DAYS, "ninety-days") X(DUPLICATE, "duplicate") X(LIMIT, "limit") \
	X(MISSING, "missing") X(BUSY, "busy") X(LAST, "last-certificate") \
	X(STATUS, "status") X(NO_CERTIFICATE, "no-certificate")
enum model_guard {
#define X(name, word) MODEL_GUARD_##name,
	MODEL_GUARD_TABLE(X)
#undef X
	MODEL_GUARDS };

/*
 * Open points, each with its answers; the first answer is the default.
 * name, option's word, answers in the order of their numbers
 */
#define MODEL_POINT_TABLE(X) \
	/* what CertificateAlreadyExists compares, and whether per type */ \
	X(DUPLICATE, "duplicate", "bytes", "key", "subject") \
	X(DUPLICATE_TYPE, "duplicate-type", "per-type", "across", NULL) \
	/* whether a RegisterFailed entry counts as there already */ \
	X(FAILED_DUPLICATE, "failed-duplicate", "free", "blocks", NULL) \
	/* whether RegisterFailed and Deregistered entries stay listed, and hold a slot if so */ \
	X(FAILED_LISTED, "failed-listed", "listed", "gone", NULL) \
	X(FAILED_SLOT, "failed-slot", "held", "free", NULL) \
	X(DEREGISTERED_LISTED, "deregistered-listed", "gone", "listed", NULL) \
	X(DEREGISTERED_SLOT, "deregistered-slot", "free", "held", NULL) \
	/* EnableLDAPS on Enabling or Enabled, DisableLDAPS on Disabled */ \
	X(REPEAT, "repeat", "refused", "accepted", NULL) \
	/* EnableLDAPS while another certificate is Registering; refused: DirectoryUnavailable */ \
	X(ENABLE_REGISTERING, "enable-registering", "accepted", "refused", NULL) \
	/* how 90 days or less are refused: InvalidCertificate, InvalidParameter, RegisterFailed */ \
	X(NINETY_DAYS, "ninety-days", "certificate", "parameter", "failed") \
	/* DescribeLDAPSSettings of a directory never enabled: an empty list or Disabled */ \
	X(NEVER_ENABLED, "never-enabled", "empty", "disabled", NULL) \
	/* CommonName of a subject without CN: an empty text or no member */ \
	X(NO_COMMON_NAME, "no-common-name", "empty", "missing", NULL) \
	/* ExpiryDateTime: notAfter, or a second beside it */ \
	X(EXPIRY, "expiry", "exact", "earlier", "later") \
	/* DeregisterCertificate while Enabled though others remain; refused: CertificateInUse */ \
	X(DEREGISTER_ENABLED, "deregister-enabled", "accepted", "refused", NULL) \
	/* a certificate that neither signed itself nor has its signer Registered: RegisterFailed */ \
	X(PARTIAL_CHAIN, "partial-chain", "accepted", "failed", NULL) \
	/* a registered certificate that expires: stays Registered, or goes from the list */ \
	X(EXPIRED, "expired", "registered", "gone", NULL)
enum model_point {
#define X(name, word, first, second, third) MODEL_POINT_##name,
	MODEL_POINT_TABLE(X)
#undef X
	MODEL_POINTS };
/* clang-format on */

/* Most answers of one open point. */
#define MODEL_ANSWERS_MAX 3

/* Answers by name, for the points that have more than yes and no. The number is the column. */
enum {
	MODEL_DUPLICATE_BYTES,
	MODEL_DUPLICATE_KEY,
	MODEL_DUPLICATE_SUBJECT
};
enum {
	MODEL_NINETY_CERTIFICATE,
	MODEL_NINETY_PARAMETER,
	MODEL_NINETY_FAILED
};
enum {
	MODEL_EXPIRY_EXACT,
	MODEL_EXPIRY_EARLIER,
	MODEL_EXPIRY_LATER
};

struct model_options {
	uint32_t guards;	      /* bit 1u << MODEL_GUARD_x: the service refuses so */
	uint8_t points[MODEL_POINTS]; /* the answer's column; 0 is the default */
	/* Seconds from the call to its end: 0 ends with the next model_advance; MODEL_NEVER. */
	int64_t register_delay;
	int64_t deregister_delay;
	int64_t enable_delay;
	int64_t disable_delay;
	unsigned ldaps_limit; /* ClientLDAPS slots; 5 */
	unsigned auth_limit;  /* ClientCertAuth slots; 100 */
};

struct model_certificate {
	/* Borrowed. NULL for an entry of which only name and expiry are known: such a one is a
	 * duplicate of nothing. */
	const struct certificate *certificate;
	const char *common_name; /* borrowed (the certificate's or the listing's), never NULL */
	const char *reason;	 /* borrowed; why it failed or will fail; NULL: nothing special */
	int64_t expiry;		 /* ExpiryDateTime, UTC seconds */
	int64_t registered_at;	 /* RegisteredDateTime; 0 if unknown */
	int64_t due;		 /* when Registering or Deregistering ends; 0 if it is neither */
	enum certificate_type type;
	enum certificate_state state;
	uint32_t mark; /* the caller's own (who did it); copied, compared and hashed */
	bool fails;    /* how what is due ends */
	char id[SERVICE_ID_SIZE];
};

struct model_directory {
	struct model_certificate *certificates; /* owned; in order of registration */
	size_t count;
	size_t capacity;
	const char *name;	  /* borrowed; NULL if the caller does not need it */
	const char *ldaps_reason; /* borrowed; as the certificates' */
	uint64_t next_id;      /* number of the next certificate id; its lower 40 bits are shown */
	int64_t ldaps_due;     /* when ldaps becomes ldaps_next; 0 if nothing is under way */
	int64_t ldaps_updated; /* LastUpdatedDateTime; 0 while never enabled */
	enum ldaps_status ldaps; /* DISABLED while never enabled */
	enum ldaps_status ldaps_next;
	enum directory_type type;
	enum directory_stage stage;
	bool ldaps_explicit; /* EnableLDAPS was called once */
	char id[SERVICE_ID_SIZE];
};

/* Every refusal on, every open point at its default, register and enable 0 s, the quotas. */
struct model_options model_options_default(void);
/* Whether `guard` is on. */
bool model_guarded(const struct model_options *options, enum model_guard guard);

/* The option's word of a guard, of a point, of an answer; NULL past the last answer. Static. */
const char *model_guard_str(enum model_guard guard);
const char *model_point_str(enum model_point point);
const char *model_answer_str(enum model_point point, unsigned answer);
/* 0 or -ERROR_INVALID for a word that is none. */
int model_guard_parse(const char *word, enum model_guard *ret_guard);
int model_point_parse(const char *word, enum model_point *ret_point);
int model_answer_parse(enum model_point point, const char *word, uint8_t *ret_answer);

/* An empty, active directory: no certificates, never enabled. `name` is borrowed. */
void model_init(struct model_directory *directory, const char *id, const char *name,
	enum directory_type type);
/* Frees the entries; accepts NULL and all-zero; leaves all-zero. */
void model_done(struct model_directory *directory);
/* Deep copy into an uninitialised `ret_copy`, as small as the count allows. 0 or -ERROR_MEMORY. */
int model_copy(const struct model_directory *directory, struct model_directory *ret_copy);
/* Whether two are in the same state: entries in order with all their members, LDAPS, kind, stage,
 * next_id. */
bool model_equal(const struct model_directory *a, const struct model_directory *b);
/* FNV-1a over what model_equal compares; the same in every run. */
uint64_t model_hash(const struct model_directory *directory);

/* The entry with this id, or NULL. Valid until the next change of the list. */
struct model_certificate *model_find(struct model_directory *directory, const char *id);
/* Slots that entries of `type` hold, failed and deregistered ones as the options say. */
size_t model_slots(const struct model_directory *directory, const struct model_options *options,
	enum certificate_type type);

/* How reads of this directory are refused by its kind (all seven calls are), or REFUSAL_NONE. */
enum refusal model_read(
	const struct model_directory *directory, const struct model_options *options);

/*
 * The four writes. Each returns REFUSAL_NONE and has changed the directory, or the refusal that the
 * API would give and has changed nothing. ServiceException also stands for a lack of memory.
 * model_register: `certificate` NULL is something that is no certificate; with CERTIFICATE switched
 * off it is an entry without a name. Gives the new entry (valid until the next change; its `mark`,
 * `fails` and `reason` are the caller's to set) if ret_entry is not NULL.
 */
enum refusal model_register(struct model_directory *directory, const struct model_options *options,
	const struct certificate *certificate, enum certificate_type type, int64_t now,
	struct model_certificate **ret_entry);
enum refusal model_deregister(struct model_directory *directory,
	const struct model_options *options, const char *id, int64_t now);
enum refusal model_enable(
	struct model_directory *directory, const struct model_options *options, int64_t now);
enum refusal model_disable(
	struct model_directory *directory, const struct model_options *options, int64_t now);

/* Ends everything that is due at `now`, in order of due time. Whether anything changed. */
bool model_advance(
	struct model_directory *directory, const struct model_options *options, int64_t now);
/* When the next thing ends (or, with EXPIRED gone, expires); MODEL_NEVER if nothing will. */
int64_t model_next(const struct model_directory *directory, const struct model_options *options);
/* Ends what is under way for the certificate `id`, or for LDAPS if NULL, well or not. false if
 * nothing is under way there. */
bool model_finish(struct model_directory *directory, const struct model_options *options,
	const char *id, bool ok, int64_t now);

/*
 * What a complete look shows at `now` (arrived: now). The caller releases it with observed_done.
 * 0 or -ERROR_MEMORY. Of a kind that refuses reads it is incomplete, with that refusal.
 */
int model_observe(const struct model_directory *directory, const struct model_options *options,
	int64_t now, struct observed *ret_observed);
/*
 * The model of what was seen: what is under way ends after the options' delays from `now`. Borrows
 * the names, so `observed` must outlive it; entries have no `certificate`, the caller sets those it
 * knows (model_find). Entries of an unknown type or state stay as they are for ever. 0 or
 * -ERROR_MEMORY.
 */
int model_from_observed(const struct observed *observed, const char *id,
	const struct model_options *options, int64_t now, struct model_directory *ret_directory);
