/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the file wants: accounts, authorities and directories with every default already applied
 * (design 2). A fleet is made whole by edge/configuration, is never changed afterwards, and is
 * freed whole; everything below borrows from it. Durations are seconds.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/certificate.h"
#include "core/vocabulary.h"

/* Limits of a file; each far above any real fleet, so that a mistake stops early. */
#define FLEET_DIRECTORIES_MAX	   20000
#define FLEET_ACCOUNTS_MAX	   1000
#define FLEET_AUTHORITIES_MAX	   1000
#define AUTHORITY_CERTIFICATES_MAX 64 /* files and blocks of one authority */
#define DIRECTORY_TRUST_MAX	   16 /* authorities of one directory: the quota is 5 certificates */
#define DIRECTORY_REGIONS_MAX	   32
#define DIRECTORY_APPROVALS_MAX	   32
#define FLEET_SELECTORS_MAX	   1000
#define SELECTOR_TAGS_MAX	   50 /* what a directory can have */

/* Defaults of the format, where it has any: `policy` and `retire: after` have none by intent. */
#define FLEET_INTERVAL_DEFAULT	    (INT64_C(15) * 60)
#define FLEET_OVERLAP_DEFAULT	    (INT64_C(24) * 3600)
#define FLEET_GRACE_DEFAULT	    (INT64_C(3) * 86400)
#define FLEET_REENABLE_DEFAULT	    (INT64_C(3600))
#define FLEET_ROTATE_BEFORE_DEFAULT (INT64_C(120) * 86400)
#define FLEET_PARALLEL_DEFAULT	    1
#define ACCOUNT_CONCURRENCY_DEFAULT 4

/* What may be done at all; required, no default. */
enum policy {
	POLICY_OBSERVE,	 /* never writes */
	POLICY_ADD_ONLY, /* registers and enables, never removes or disables */
	POLICY_SYNC,	 /* also removes what ldapsward owns */
};

enum client_ldaps {
	CLIENT_LDAPS_UNMANAGED, /* left out of the file: neither enabled nor disabled */
	CLIENT_LDAPS_ENABLED,
	CLIENT_LDAPS_DISABLED,
};

enum adopt {
	ADOPT_MATCHING, /* certificates that were there before become ours when they match exactly
			   one */
	ADOPT_NEVER,
};

/* When a superseded generation goes (design 4.5). */
enum retire {
	RETIRE_WHEN_PROVEN,
	RETIRE_AFTER,
	RETIRE_AT_EXPIRY,
	RETIRE_MANUAL,
};

struct rotation {
	bool register_at_threshold; /* same-key successors wait for rotate_before; else on discovery
				     */
	int64_t rotate_before;	    /* seconds before expiry */
	int64_t overlap; /* seconds both generations are Registered; also the quiet time after
			  * an explicit Disabled before the last certificate goes */
	enum retire retire;
	int64_t retire_after; /* seconds, for RETIRE_AFTER */
};

/* One CA with all its generations. */
struct authority {
	char *name;
	/* Generations, oldest first (certificate_generation_cmp); borrowed from the certificate
	 * store. */
	const struct certificate **certificates;
	size_t count;
	struct rotation rotation;
};

/* How one AWS account is reached. Texts are owned; NULL where the file says nothing. */
/* An endpoint of one's own, as that of AWS PrivateLink. */
struct account_endpoint {
	char *region; /* NULL: of every Region that has none of its own */
	char *url;
};

struct account {
	char *name;	      /* "" for the standard AWS chain */
	unsigned concurrency; /* requests in flight in one Region, 1 to 64 */
	char *profile;	      /* of the shared configuration files of the AWS tools */
	char *role_arn;	      /* a role that is assumed with what profile or chain give */
	char *external_id;    /* what the role's trust policy asks for */
	char *session_name;   /* as CloudTrail shows it; NULL: ldapsward-HOST */
	int64_t duration;     /* of the role's session, seconds; 0: an hour */
	char *account_id;     /* whose the keys must be (N9); NULL: not looked at */
	struct account_endpoint *endpoints; /* of the Directory Service; owned */
	size_t endpoints_count;
	char *sts_endpoint; /* NULL: as environment and profile say */
};

/* Something that may be done although it cannot be undone (design 4.5). */
struct approval {
	bool disable;		   /* approves DisableLDAPS without waiting for `grace` */
	struct digest certificate; /* approves the removal of this one; zero if `disable` */
	char *reason;		   /* owned; NULL if none was given */
	int64_t until;		   /* the approval ends at this instant; 0: no end */
};

struct selector;

/* The wish for one directory. It holds in each of its Regions apart. */
struct directory {
	char id[SERVICE_ID_SIZE];
	char *name; /* what DescribeDirectories must say; owned; NULL if the file names none */
	const struct account *account; /* borrowed from the fleet */
	char **regions; /* owned texts; at least one, but in the wish of a selector with regions_all
			 */
	size_t regions_count;
	bool regions_all; /* every Region that it is replicated to: `regions` are those known */
	const struct authority **trust; /* borrowed authorities; empty only with trust_none */
	size_t trust_count;
	bool trust_none; /* the word none: nothing is trusted any more */
	enum policy policy;
	enum client_ldaps client_ldaps;
	enum adopt adopt;
	struct approval *approvals; /* owned */
	size_t approvals_count;
	int64_t grace;		/* before a dropped certificate goes or LDAPS is disabled */
	int64_t reenable_after; /* before LDAPS that others disabled is enabled again */
	int64_t overlap;	/* longest overlap of the authorities trusted, or the default's */
	unsigned certificate_limit; /* slots of the directory for ClientLDAPS, 1 to 100 */
	/* What picked it (core/selection); borrowed; NULL where the file names id and Regions. */
	const struct selector *selector;
	char *contested; /* the places of the selectors that match it, if several do: nothing is
			  * written; owned; NULL if not */
	bool lent;	 /* all that it owns is owned by the fleet's `base` */
	/* Changes when anything above or any trusted certificate does: what was held "until the
	 * file changes" is tried again then. */
	uint64_t revision;
};

/* A tag that a directory must have. */
struct selector_tag {
	char *key;   /* owned */
	char *value; /* owned; "*": any */
};

/*
 * An entry of `directories` whose directories, or their Regions, are known only once the API has
 * told of them: `select`, or an `id` with `regions: all`. core/selection says what it picks.
 */
struct selector {
	char id[SERVICE_ID_SIZE];  /* this directory alone, wherever it is; "": by what follows */
	struct selector_tag *tags; /* owned; all of them must be there */
	size_t tags_count;
	enum directory_type type; /* UNKNOWN: AWS Managed Microsoft AD and AD Connector alike */
	char *name;		  /* owned pattern of the DNS name; NULL: any */
	char **homes;		  /* owned texts: the Regions in which it looks; at least one */
	size_t homes_count;
	char *place;	       /* owned: "ldapsward.yaml:41" */
	char *text;	       /* owned: "{tags: {env: prod}}", or the id */
	struct directory wish; /* for each that it picks: all but id, and `regions` where all */
};

struct fleet {
	int64_t interval;   /* between passes of one account and Region */
	char *metrics_file; /* whole path; owned; NULL: no metrics are written */
	unsigned parallel; /* directories and Regions that change in one pass of a roll-out (N12) */
	struct account *accounts;
	size_t accounts_count;
	struct authority *authorities;
	size_t authorities_count;
	struct directory *directories; /* in the file's order */
	size_t directories_count;
	struct selector *selectors; /* in the file's order */
	size_t selectors_count;
	/* Of a fleet that core/selection made: the file's, which must outlive it and which owns
	 * everything but `directories`. NULL: it is the file's itself. */
	const struct fleet *base;
};

/* Frees all that the fleet owns, not the certificates. Accepts NULL and all-zero; `fleet` itself
 * stays. */
void fleet_done(struct fleet *fleet);

const struct authority *fleet_authority(const struct fleet *fleet, const char *name);
const struct account *fleet_account(const struct fleet *fleet, const char *name);
/* The URL at which the Directory Service is asked in a Region; NULL if the account names none. */
const char *account_endpoint(const struct account *account, const char *region);
const struct directory *fleet_directory(const struct fleet *fleet, const char *id);

/* Whether the directory is wished for in this Region. */
bool directory_has_region(const struct directory *directory, const char *region);
/* A copy that owns what the original owns; `lent` is false. 0, or -ERROR_MEMORY with *ret_copy
 * untouched. */
int directory_copy(const struct directory *directory, struct directory *ret_copy);
/* Frees what it owns; accepts all-zero. */
void directory_done(struct directory *directory);

/* The trusted authority that lists the certificate with this digest; NULL if none does. */
const struct authority *directory_authority_of(
	const struct directory *directory, const struct digest *certificate);
/* The trusted authority of this name; NULL if it is not trusted. */
const struct authority *directory_trusts(const struct directory *directory, const char *authority);
/* The approval of removing `certificate` that holds at `now`; NULL if there is none. */
const struct approval *directory_approval(
	const struct directory *directory, const struct digest *certificate, int64_t now);
/* The same for disabling. */
const struct approval *directory_approval_disable(const struct directory *directory, int64_t now);

/* Computes `revision` from everything else: FNV-1a over the values, stable across runs. Regions
 * that were found count for nothing: one more is no edit. */
uint64_t directory_revision(const struct directory *directory);

/* Sorts an authority's generations, oldest first. */
void authority_sort(struct authority *authority);

/* The file's words for the enumerations ("add-only", "when_proven"). Static, never NULL. */
const char *policy_str(enum policy policy);
const char *client_ldaps_str(enum client_ldaps client_ldaps);
const char *retire_str(enum retire retire);
