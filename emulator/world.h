/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Everything the emulated service knows: accounts and Regions with their directories, each a
 * core/model with what DescribeDirectories shows around it; credentials; faults; settings; counts.
 * One lock guards all of it; every function but world_init and world_done is called with it held.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/model.h"
#include "core/store.h"
#include "emulator/fault.h"
#include "emulator/settings.h"
#include "emulator/sigv4.h"

/* An account id has twelve digits. */
#define ACCOUNT_SIZE 13
/* RegionName: 8 to 32 characters. */
#define REGION_SIZE 33
/* Of the example credentials, when none are given. */
#define WORLD_ACCOUNT "111122223333"
#define WORLD_KEY     "AKIDEXAMPLE"
#define WORLD_SECRET  "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

/* The user that a credential is of when none is named. */
#define WORLD_USER "operator"

/* Far above what a rehearsal needs. */
#define WORLD_SCOPES_MAX      4096
#define WORLD_DIRECTORIES_MAX 100000
#define WORLD_CREDENTIALS_MAX 4096
#define WORLD_ROLES_MAX	      4096
#define WORLD_TRUSTS_MAX      64
#define WORLD_TAGS_MAX	      50 /* of a directory, by the service's quota */
#define WORLD_SECRET_SIZE     129
#define WORLD_TOKEN_SIZE      4097
#define WORLD_NAME_SIZE	      129 /* of a user or role, with what the SSO portal puts around it */

/* PEM texts whose certificate is remembered: making many directories alike reads each once. */
#define WORLD_PEMS 16

/* Ids are the prefix of the public samples and 24 bits that jump about. */
#define WORLD_ID_PREFIX UINT64_C(0x9067)

/* What the next calls of a kind come to, whatever the model would say. */
enum outcome_call {
	OUTCOME_REGISTER,
	OUTCOME_DEREGISTER,
	OUTCOME_ENABLE,
	OUTCOME_CALLS
};
struct outcome {
	unsigned count;	    /* calls that still fail */
	const char *reason; /* interned; NULL for the service's own words */
};

struct trust {
	char id[SERVICE_ID_SIZE];
	const char *remote; /* interned, as all texts here */
	const char *type;
	const char *direction;
	const char *state;
	int64_t created;
};

struct tag {
	const char *key;
	const char *value;
};

struct ocsp {
	char certificate[SERVICE_ID_SIZE];
	const char *url;
};

/* One directory in one Region. */
struct resource {
	struct model_directory model;
	struct scope *scope; /* borrowed */
	const char *short_name;
	const char *edition;	 /* NULL for an AD Connector */
	const char *size;	 /* NULL for Managed AD */
	const char *description; /* NULL if none */
	const char *vpc;
	const char *stage_reason;  /* NULL if none */
	const char *owner_account; /* of a shared one, else NULL */
	const char *owner_directory;
	bool additional; /* an additional Region of a directory whose primary is elsewhere */
	int64_t launched;
	int64_t stage_updated;
	int64_t stage_due;		 /* 0: the stage stays */
	enum directory_stage stage_next; /* DELETED: the directory is gone then */
	struct outcome outcomes[OUTCOME_CALLS];
	struct trust *trusts;
	size_t trusts_count, trusts_capacity;
	struct ocsp *ocsps;
	size_t ocsps_count, ocsps_capacity;
	struct tag *tags;
	size_t tags_count, tags_capacity;
};

/* One account in one Region. */
struct scope {
	char account[ACCOUNT_SIZE];
	char region[REGION_SIZE];
	struct resource **resources; /* owned, sorted by id */
	size_t count, capacity;
	double tokens; /* of the rate limit */
	int64_t filled_ms;
};

struct role;
struct credential {
	char access_key[SIGV4_ACCESS_KEY_SIZE];
	char secret[WORLD_SECRET_SIZE];
	char token[WORLD_TOKEN_SIZE]; /* "" without one */
	char account[ACCOUNT_SIZE];
	char user[WORLD_NAME_SIZE];    /* "" for WORLD_USER */
	char role[WORLD_NAME_SIZE];    /* of a session of a role; "" for a user's */
	char session[WORLD_NAME_SIZE]; /* its name */
	int64_t until;		       /* the end of a temporary one; 0: none */
	bool expired;		       /* ended by the control path */
	bool kept;		       /* in the state; those of the command line are not */
	/* The signing key that was asked for last, by its date, Region and service. */
	char key_scope[9 + 2 * SIGV4_WORD_SIZE + 2];
	uint8_t key[32];
};

struct world {
	pthread_mutex_t lock;
	struct settings settings;
	struct store store; /* every certificate that was ever registered */
	struct scope **scopes;
	size_t scopes_count, scopes_capacity;
	struct credential *credentials;
	size_t credentials_count, credentials_capacity;
	struct role *roles; /* see emulator/role.h */
	size_t roles_count, roles_capacity;
	struct faults faults;
	void *texts; /* interned texts, a tsearch tree */
	struct {
		char *pem; /* owned */
		const struct certificate *certificate;
	} pems[WORLD_PEMS]; /* those read last, overwritten in turn */
	size_t pems_next;
	uint64_t sequence;    /* of ids */
	int64_t clock_offset; /* added to the clock by the control path, seconds */
	uint64_t calls[OPERATIONS]
		      [REFUSALS]; /* by how they ended; lost replies count as executed */
	uint64_t visits[SERVED_KINDS][TROUBLES]; /* the same of what is beside the service */
	unsigned in_flight, in_flight_max;
	FILE *state;		   /* owned by emulator/state; NULL without --state */
	size_t state_certificates; /* of the store, written already */
	bool state_failed;	   /* said so once */
	FILE *log;		   /* owned; NULL without --request-log */
};

/* An empty world with default settings and no credentials. 0 or -ERROR_MEMORY. */
int world_init(struct world *world);
void world_done(struct world *world);
/* Appends a line for each request to this file from now on. 0 or -ERROR_IO with its reason. */
int world_open_log(struct world *world, const char *path, struct error *error);

/* The service's time, UTC seconds: the clock, its file and the control path's offset. */
int64_t world_now(const struct world *world);
/* A copy of `text` that lives as long as the world; NULL for NULL or without memory. */
const char *world_text(struct world *world, const char *text);

/* The scope of an account and Region, made if `make`. NULL: there is none (or no memory). */
struct scope *world_scope(struct world *world, const char *account, const char *region, bool make);
/* Whether a request may pass the rate limit now. */
bool scope_admits(struct scope *scope, const struct settings *settings, int64_t now_ms);

/* Takes "KEY:SECRET[:TOKEN][@ACCOUNT]". 0 or -ERROR_INVALID; no part of it is in the message. */
int world_add_credential(struct world *world, const char *text, struct error *error);
/* Adds a copy, or puts it in the place of the one with that key. 0 or -ERROR_LIMIT. */
int world_put_credential(struct world *world, const struct credential *credential);
struct credential *world_credential(struct world *world, const char *access_key);
/* The account of whoever names none: that of the first credential. */
const char *world_account(const struct world *world);

/* A fresh id of that kind ('d', 'c' or 't'). */
void world_new_id(struct world *world, char kind, char ret_id[static SERVICE_ID_SIZE]);
/*
 * A new active directory with empty texts. `id` may be NULL. 0, -ERROR_EXISTS, -ERROR_LIMIT or
 * -ERROR_MEMORY.
 */
int world_create(struct world *world, struct scope *scope, const char *id, const char *name,
	enum directory_type type, struct resource **ret_resource);
void world_remove(struct world *world, struct resource *resource);
/* Adds a tag or gives it another value. 0, -ERROR_LIMIT or -ERROR_MEMORY. */
int resource_tag(
	struct world *world, struct resource *resource, const char *key, const char *value);
/* The directory with what is due at `now` done; NULL if there is none, or none any more. */
struct resource *world_find(struct world *world, struct scope *scope, const char *id, int64_t now);
/* The same in whatever account and Region has it first. */
struct resource *world_find_anywhere(struct world *world, const char *id, int64_t now);
/* The directory as it stood when it was looked at last; NULL if there is none. */
struct resource *scope_find(const struct scope *scope, const char *id);
/* The index of the first directory whose id is after `id`; the count if there is none. */
size_t scope_after(const struct scope *scope, const char *id);
/* Does what is due at `now` in every directory of the scope. */
void scope_settle(struct world *world, struct scope *scope, int64_t now);

/* The certificate of a PEM, kept in the store; NULL if it is not exactly one. */
const struct certificate *world_certificate(struct world *world, const char *pem, size_t length);
