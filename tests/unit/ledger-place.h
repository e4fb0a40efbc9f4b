/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A state directory for each test of the ledger, and what all of them do with it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/types.h>

#include "core/store.h"
#include "edge/ledger.h"

#define NOW INT64_C(1798761600) /* 2027-01-01T00:00:00Z */
/* Name of a file set aside at NOW. */
#define ASIDE LEDGER_FILE ".damaged-20270101T000000Z"

#define LEDGER_TEST(name) cmocka_unit_test_setup_teardown(name, place_make, place_remove)

struct place {
	char top[64];	/* made and removed for each test */
	char state[80]; /* in it; not made */
	struct store store;
	const struct certificate *certificates[2];
};

extern const struct ledger_key key;

/* Setup and teardown of a test. */
int place_make(void **state);
int place_remove(void **state);

/* The path of a file in the state directory; returns ret_path. */
const char *path_in(const struct place *place, const char *name, char ret_path[static 160]);

/* Bytes of a file in the state directory; -1 if it is not there. */
off_t size_of(const struct place *place, const char *name);

/* Each of these must succeed, or the test fails. */
struct ledger *open_good(const struct place *place);
struct ledger *open_read_good(const struct place *place);
void load_good(struct ledger *ledger, struct store *store, struct ledger_records *records);
void is_good(int r, const struct error *error);

/* A message is the person's only help: it says this. */
void says(const char *message, const char *word);

/* Values of a common kind, and the same saved and expected. */
struct memory memory_sample(const struct place *place);
int save_one(struct ledger *ledger, const struct ledger_key *directory, const struct memory *memory,
	const struct ledger_entry *entry, struct error *error);
void save_sample(struct ledger *ledger, const struct place *place);
void holds_sample(struct ledger *ledger, struct place *place);

/* Members at the ends of their ranges, as many entries as may be. */
struct memory memory_extreme(const struct place *place);

/* Runs statements on the file behind the ledger's back. */
void sql(const struct place *place, const char *text);

/* Runs `act` in a process of its own and gives its exit status. */
int in_child(int (*act)(struct place *place), struct place *place);
