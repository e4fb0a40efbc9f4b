/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The fields of one entry of the journal about a directory: where it is, in which pass and under
 * which revision of the configuration it was told, and what is added. Those that have no value are
 * left out. ldapsward(8) lists them all.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/calendar.h"
#include "core/certificate.h"
#include "edge/journal.h"
#include "program/target.h"

/* A number of 64 bits and NUL. Bytes. */
#define ENTRY_NUMBER_SIZE 21

/* What is added is borrowed until the entry is sent; the entry itself does not move. */
struct entry {
	struct journal_field fields[JOURNAL_FIELDS_MAX];
	size_t count;
	int priority;
	char sha256[DIGEST_TEXT_SIZE];
	char not_after[INSTANT_SIZE];
	char repeated[ENTRY_NUMBER_SIZE];
};

/* Begins an entry about the target; `message` has an id, or the entry has none. */
void entry_begin(struct entry *entry, const struct target *target, const struct message *message,
	enum urgency urgency);
/* Adds a field; NULL and "" are no value. Beyond JOURNAL_FIELDS_MAX it is left out. */
void entry_add(struct entry *entry, const char *name, const char *value);
/* Adds CERTIFICATE_ID, CERTIFICATE_SHA256 and NOT_AFTER, each if there is one. */
void entry_certificate(struct entry *entry, const struct certificate *certificate, const char *id);
/* Adds REPEATED, if it is more than 1. */
void entry_repeated(struct entry *entry, uint32_t count);
/* The value of a field; "" if it has none. */
const char *entry_value(const struct entry *entry, const char *name);
/* Sends it. */
void entry_send(const struct entry *entry, const char *message);
