/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One look at one directory in one Region: the complete listing of its certificates, its LDAPS
 * setting and what the sweep of DescribeDirectories said of it. Only a complete look supports a
 * decision; an incomplete one says why (design 4.3, rule 1).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/certificate.h"
#include "core/vocabulary.h"

/* 5 + 100 entries are a full AD Connector; failed and deregistered ones may stay listed. */
#define OBSERVED_CERTIFICATES_MAX 512
/* StateReason, StageReason, LDAPSStatusReason and messages of errors, cut. Bytes. */
#define OBSERVED_REASON_SIZE 256
/* Why a look failed: a whole message, down to the source of keys that is broken. Bytes. */
#define OBSERVED_FAILURE_SIZE ERROR_MESSAGE_SIZE
/* DNS names have at most 253 characters. */
#define OBSERVED_NAME_SIZE 256

/* One entry of ListCertificates. */
struct listed {
	char id[SERVICE_ID_SIZE];
	enum certificate_type type; /* a missing Type is ClientLDAPS (API page, section 9) */
	enum certificate_state state;
	int64_t expiry; /* ExpiryDateTime, UTC seconds; 0 if the reply had none */
	char common_name[CERTIFICATE_NAME_SIZE];
	char *state_reason; /* from DescribeCertificate, for failed entries; owned; NULL if not read
			     */
};

struct observed {
	bool complete;	      /* every page of every reply arrived and made sense */
	enum refusal refusal; /* the API's own code that made it incomplete; REFUSAL_NONE if none */
	char reason[OBSERVED_FAILURE_SIZE]; /* why it is incomplete, or StageReason; "" if nothing
					      to say */

	char name[OBSERVED_NAME_SIZE]; /* DescribeDirectories: Name */
	enum directory_type type;
	enum directory_stage stage;

	char *regions; /* owned: those of RegionsInfo, the primary one first, each with its NUL;
			  NULL if none was told */
	size_t regions_count;

	struct listed *listed; /* owned; sorted by id */
	size_t listed_count;

	bool ldaps_explicit; /* the settings list had an entry; an empty list means never enabled */
	enum ldaps_status ldaps; /* meaningful only if ldaps_explicit; DISABLED otherwise */
	char ldaps_reason[OBSERVED_REASON_SIZE];

	/* When the oldest reply that this look rests on arrived, in seconds that no setting of the
	 * clock moves (edge/clock: clock_elapsed; only the demonstration's does); 0 if never. N4.
	 */
	int64_t arrived;
};

/* Frees what it owns; accepts NULL and all-zero; leaves all-zero. */
void observed_done(struct observed *observed);
/* Takes the Regions of a text with blanks between. 0 or -ERROR_MEMORY. */
int observed_take_regions(struct observed *observed, const char *text);
/* Region `i` of them. */
const char *observed_region(const struct observed *observed, size_t i);
/* Takes over what `from` says of Regions. 0 or -ERROR_MEMORY. */
int observed_copy_regions(const struct observed *from, struct observed *observed);
/* Sorts `listed` by id. */
void observed_sort(struct observed *observed);
/* The entry with this id, or NULL. */
const struct listed *observed_find(const struct observed *observed, const char *id);
/* Whether two looks show the same things; when they were made does not count. */
bool observed_equal(const struct observed *a, const struct observed *b);
/* FNV-1a over what observed_equal compares: the listing's mark in memory. Never 0. */
uint64_t observed_mark(const struct observed *observed);

/* ClientLDAPS entries that surely fill a slot: Registered, Registering, Deregistering,
 * DeregisterFailed. */
size_t observed_slots(const struct observed *observed);
