/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The Directory Service as typed calls (service model ds/2015-04-16). One `struct service` is one
 * worker's client for one account and Region; it is used by one thread at a time and blocks.
 *
 * Reads are tried again here, as the AWS SDKs' standard mode does (edge/retry). A write is sent
 * once, on a connection of its own, and again only if it was provably not executed: the connection
 * failed, or the service refused it by a throttling code, for its credentials or for our clock. A
 * write that may have been executed ends with `outcome` UNKNOWN: look before anything else is
 * decided.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/observed.h"
#include "core/vocabulary.h"
#include "edge/credentials.h"
#include "edge/endpoint.h"
#include "edge/http.h"
#include "edge/retry.h"

/* Attempts of a write that is surely not executed, whatever is set for reads (N11). */
#define SERVICE_WRITE_ATTEMPTS 3
/* A look at one directory, all its pages and attempts: older than 60 s it supports no write. */
#define SERVICE_CALL_MS INT64_C(60000)
/* The sweep of all directories: thousands of them are hundreds of pages. */
#define SERVICE_SWEEP_MS INT64_C(300000)
/* Pages of one listing; pages may hold fewer entries than were asked for. */
#define SERVICE_LIST_PAGES_MAX 64
/* Pages of one sweep. */
#define SERVICE_SWEEP_PAGES_MAX 4096
/* Directories of one account and Region; quotas are some tens. */
#define SERVICE_DIRECTORIES_MAX 100000
/* All Regions of a directory: as many as a file may name (DIRECTORY_REGIONS_MAX). Bytes. */
#define SERVICE_REGIONS_SIZE ((size_t)32 * ENDPOINT_REGION_SIZE)
/* Pages of the tags of one directory, which has at most 50. */
#define SERVICE_TAG_PAGES_MAX 8
/* All tags of one directory: 50 keys of 128 and values of 256 characters in UTF-8. Bytes. */
#define SERVICE_TAGS_SIZE ((size_t)80 * 1024)
/* Messages and reasons of the service, cut. Bytes. */
#define SERVICE_MESSAGE_SIZE 256
/* An error code of the API, cut. Bytes. */
#define SERVICE_CODE_SIZE 64

/* Whether the request that failed has changed anything. */
enum service_outcome {
	SERVICE_NOT_EXECUTED, /* provably not, or it was a read */
	SERVICE_UNKNOWN,      /* may have been executed: list, match, decide anew */
	SERVICE_EXECUTED,     /* the service said so */
};

/* How a call went. Filled in every case. */
struct service_reply {
	/* what failed; refusal is NONE if no API error came, or on success */
	enum refusal refusal;
	enum refusal_class class; /* also meaningful if refusal is NONE or OTHER */
	enum service_outcome outcome;
	long status;			    /* HTTP status of the last reply; 0 if there was none */
	char code[SERVICE_CODE_SIZE];	    /* the API's own word, known or not; "" if none */
	char message[SERVICE_MESSAGE_SIZE]; /* the API's, without its request id; "" if none */

	/* what the replies said, also on success */
	char request_id[HTTP_TEXT_SIZE]; /* of the last reply; "" if none */
	int64_t arrived;      /* clock_elapsed when the oldest reply used arrived; 0 if none */
	int64_t date;	      /* Date of the newest reply used that had one; 0 if none had */
	int64_t date_arrived; /* clock_elapsed when that one arrived */
	int64_t skew; /* Date less our clock, seconds: the furthest from 0 of all replies used, for
			 N4; the time is service_reply_now's */
	int64_t retry_after_ms; /* what the last reply asked to wait; -1 if it did not */
	bool dated;		/* every reply used had a Date, so `skew` is known */
	unsigned attempts;	/* requests made, failed ones included */
};

/*
 * What time it is by the service: the newest Date and what has passed since, so that no setting of
 * a clock moves it; our own clock if no reply had a Date.
 */
int64_t service_reply_now(const struct service_reply *reply);

/* Hooks of the lane; each may be NULL. Called on the worker's own thread. */
struct service_hooks {
	void *context;
	/* Before every request: takes a token of the lane's bucket, waiting for it. 0 or
	 * -ERROR_STOPPED. */
	int (*pace)(void *context);
	/* After every reply, with whether it throttled. */
	void (*replied)(void *context, bool throttled);
	/* Waits between attempts. 0, or -ERROR_STOPPED if the program ends. NULL: sleeps. */
	int (*wait)(void *context, int64_t milliseconds);
};

struct service_options {
	const struct endpoint *endpoint;	     /* copied */
	const struct credentials_provider *provider; /* borrowed; asked for every request, and
						      * for others when the service refuses them */
	struct http_share *share;		     /* borrowed; may be NULL */
	struct retry *retry;		  /* borrowed; NULL: one of its own, as retry_init */
	const struct http_limits *limits; /* copied; may be NULL */
	int64_t call_ms; /* tests make it smaller; 0, or more than SERVICE_CALL_MS, means that */
	const atomic_bool *stop;    /* borrowed; may be NULL; ends requests */
	struct service_hooks hooks; /* copied; its context is borrowed */
};

/* What a client did since it was made. */
struct service_counters {
	unsigned long calls;	   /* of the functions below */
	unsigned long requests;	   /* HTTP requests, the failed ones included */
	unsigned long retries;	   /* of them, those that were further attempts */
	unsigned long throttled;   /* replies that throttled */
	unsigned long connections; /* opened */
};

struct service;

/* NULL if there is no memory. */
struct service *service_new(const struct service_options *options);
void service_free(struct service *service);
CLEANUP_DEFINE(service)

/* Opens the connection of the first request, before it is known which: what keeps it from being
 * opened is what that request fails for, as its first attempt (http_open). */
void service_open(struct service *service);

struct service_counters service_counters(const struct service *service);

/* One element of DescribeDirectories. A whole account's are held until each is looked at. */
struct service_directory {
	char id[SERVICE_ID_SIZE];
	enum directory_type type;
	enum directory_stage stage;
	char *name;		  /* owned; below OBSERVED_NAME_SIZE; "" if missing */
	const char *stage_reason; /* in the same memory; below OBSERVED_REASON_SIZE */
	const char *regions;	  /* RegionsInfo, in the same memory: names apart by a space, the
				   * primary one first; below SERVICE_REGIONS_SIZE; "" if the reply has
				   * none, as for directories that cannot be in several */
	char *tags;  /* owned; by service_list_tags, which whoever has the sweep asks; NULL: it did
			not */
	bool unread; /* it did, and failed */
};

/* All directories of one account and Region, or one of them. */
struct service_sweep {
	struct service_directory *directories; /* owned; sorted by id */
	size_t count;
	size_t capacity;
	int64_t arrived;	    /* clock_elapsed when its oldest reply arrived */
	int64_t date, date_arrived; /* as in struct service_reply */
	int64_t skew;
	bool dated;
};

/* Accepts NULL and all-zero; leaves all-zero. */
void service_sweep_done(struct service_sweep *sweep);
/* The directory with this id, or NULL. */
const struct service_directory *service_sweep_find(
	const struct service_sweep *sweep, const char *id);

struct service_listing {
	struct listed *certificates; /* owned; sorted by id */
	size_t count;
	size_t capacity;
};

/* Accepts NULL and all-zero; leaves all-zero. */
void service_listing_done(struct service_listing *listing);

/* What DescribeCertificate adds to the listing. */
struct service_certificate {
	enum certificate_type type;
	enum certificate_state state;
	int64_t registered; /* RegisteredDateTime, UTC seconds; 0 if missing */
	int64_t expiry;
	char state_reason[OBSERVED_REASON_SIZE]; /* filled on success too */
};

struct service_settings {
	bool found; /* the list had an entry; an empty one means LDAPS was never enabled */
	enum ldaps_status status;
	char reason[OBSERVED_REASON_SIZE];
	int64_t updated; /* LastUpdatedDateTime, UTC seconds; 0 if missing */
};

/*
 * The calls. Each returns 0, or an error code with a sentence in `error` (code and message of the
 * API in it) and the facts in *ret_reply, which is always filled:
 *   -ERROR_REFUSED      the API refused; ret_reply->refusal and class say how
 *   -ERROR_SERVICE      the API failed or throttled
 *   -ERROR_NETWORK, -ERROR_TIMEOUT, -ERROR_DENIED (TLS), -ERROR_LIMIT   no usable reply came
 *   -ERROR_CORRUPT      the reply made no sense
 *   -ERROR_MISSING, -ERROR_INVALID   no or malformed credentials (the class is then
 * REFUSAL_CREDENTIALS), or an argument: nothing was sent -ERROR_STALE        the deadline passed
 * before it could be sent -ERROR_STOPPED, -ERROR_MEMORY The other results are untouched on failure.
 */

/* Every page; a listing is whole or it is an error. */
int service_list_certificates(struct service *service, const char *directory,
	struct service_listing *ret_listing, struct service_reply *ret_reply, struct error *error);

int service_describe_certificate(struct service *service, const char *directory,
	const char *certificate, struct service_certificate *ret_certificate,
	struct service_reply *ret_reply, struct error *error);

/* Of LDAPS type Client, the only one there is. */
int service_describe_ldaps_settings(struct service *service, const char *directory,
	struct service_settings *ret_settings, struct service_reply *ret_reply,
	struct error *error);

/* Every page of all directories, or the one with this id; `directory` NULL: all. An unknown id is
 * refused with EntityDoesNotExistException. */
int service_describe_directories(struct service *service, const char *directory,
	struct service_sweep *ret_sweep, struct service_reply *ret_reply, struct error *error);

/*
 * The sweep of all directories page by page, so that what a page says can be used while the next is
 * on its way: each is given to `take` with its own facts, and is its receiver's to release. Where
 * the service lets a token go stale the sweep begins anew, and directories come again. `take`
 * returns 0, or an error that ends the sweep. ret_reply has the facts of the last page.
 */
int service_sweep_pages(struct service *service,
	int (*take)(void *context, struct service_sweep *page), void *context,
	struct service_reply *ret_reply, struct error *error);

/* All tags of a directory: a line for each key and one for its value; "" for none. *ret_tags is the
 * caller's to free. */
int service_list_tags(struct service *service, const char *directory, char **ret_tags,
	struct service_reply *ret_reply, struct error *error);

/*
 * The writes. No request leaves after `deadline` (on clock_elapsed, as `arrived` is; 0: none): the
 * replies that the decision rests on are too old then, N4.
 */
int service_register_certificate(struct service *service, const char *directory, const char *pem,
	int64_t deadline, char ret_id[static SERVICE_ID_SIZE], struct service_reply *ret_reply,
	struct error *error);
/* CertificateDoesNotExistException is success here: what was to go is gone. */
int service_deregister_certificate(struct service *service, const char *directory,
	const char *certificate, int64_t deadline, struct service_reply *ret_reply,
	struct error *error);
int service_enable_ldaps(struct service *service, const char *directory, int64_t deadline,
	struct service_reply *ret_reply, struct error *error);
int service_disable_ldaps(struct service *service, const char *directory, int64_t deadline,
	struct service_reply *ret_reply, struct error *error);
