/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A configuration from what the API says today: looks at directories in, the authorities,
 * certificate files and directories out that a file would have to name. The API tells a common name
 * and an expiry of each certificate and no more, so entries with the same name are taken for one
 * authority, and those with the same expiry as well for one certificate.
 */

#include "core/fleet.h"
#include "core/observed.h"

/* The name of an authority, made from a common name, with a number behind it. Bytes. */
#define SKELETON_NAME_SIZE 60
/* "ca/NAME-2031-05-01-2.pem". Bytes. */
#define SKELETON_FILE_SIZE (SKELETON_NAME_SIZE + 32)

/* One directory in one Region, as it was looked at. */
struct skeleton_sight {
	const char *account; /* the file's name for it; "": the standard AWS chain */
	const char *region;
	char id[SERVICE_ID_SIZE];
	struct observed observed; /* not `complete` where it could not be read, or was not asked */
};

/* One entry that a file would have to name. */
struct skeleton_entry {
	const struct skeleton_sight *sight;
	const struct listed *listed;
	size_t generation;
};

/* One certificate, to be supplied as a file. Its entries follow one another, by sight. */
struct skeleton_generation {
	size_t authority;
	int64_t expiry;
	char file[SKELETON_FILE_SIZE]; /* relative to the configuration */
	size_t first, count;	       /* entries */
};

/* All certificates with one common name, which end one after another. */
struct skeleton_authority {
	char name[SKELETON_NAME_SIZE];
	const char *common_name;
	size_t first, count; /* generations */
};

/* Why a file cannot have a directory. */
enum skeleton_obstacle {
	SKELETON_NONE,
	SKELETON_SIMPLE,  /* Simple AD has no client-side LDAPS */
	SKELETON_SHARED,  /* another account's */
	SKELETON_UNKNOWN, /* of a type that is not known */
	SKELETON_UNREAD,  /* not read in any Region */
	SKELETON_TWICE,	  /* named before, under another account */
};

struct skeleton_directory {
	const struct skeleton_sight *sights; /* one for each Region */
	size_t count;
	enum skeleton_obstacle obstacle;
	size_t trust[DIRECTORY_TRUST_MAX]; /* authorities, ascending */
	size_t trust_count;
	bool trust_cut;			/* there are more */
	enum client_ldaps client_ldaps; /* UNMANAGED: never enabled, failed, or not everywhere alike
					 */
	bool ldaps_differs;		/* not alike in all Regions */
	unsigned certificate_limit;	/* 0: the default does */
};

/* Borrows from the sights. */
struct skeleton {
	struct skeleton_entry *entries; /* owned */
	size_t entries_count;
	struct skeleton_generation *generations; /* owned */
	size_t generations_count;
	struct skeleton_authority *authorities; /* owned; by common name */
	size_t authorities_count;
	struct skeleton_directory *directories; /* owned; in the order of the sights */
	size_t directories_count;
};

/*
 * Makes a skeleton of sights that are sorted by account and id. 0, -ERROR_MEMORY, or -ERROR_LIMIT
 * if there are more authorities, or more certificates of one, than a file may have.
 */
int skeleton_make(const struct skeleton_sight *sights, size_t count, struct skeleton *ret_skeleton);

/* Frees what it owns; accepts NULL and all-zero; leaves all-zero. */
void skeleton_done(struct skeleton *skeleton);

/* Whether a file would have to name this entry: it is there and stays. What has failed, is on its
 * way out or tells no expiry is left out. */
bool skeleton_keeps(const struct listed *listed);

/* Whether a sight lists this certificate among what is kept. */
bool skeleton_has(
	const struct skeleton *skeleton, size_t generation, const struct skeleton_sight *sight);

/* "Simple AD has no client-side LDAPS", ...; "" for SKELETON_NONE and SKELETON_UNREAD, whose reason
 * is the look's. Static. */
const char *skeleton_obstacle_str(enum skeleton_obstacle obstacle);
