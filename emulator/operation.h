/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The fourteen operations: a checked request in, the members of its result or a refusal out. Called
 * with the world's lock held.
 */

#include <stdbool.h>

#include "edge/json.h"
#include "emulator/shape.h"
#include "emulator/world.h"
#include "emulator/writer.h"

struct call {
	enum operation operation;
	struct scope *scope;   /* the caller's account and Region; borrowed */
	const json_t *input;   /* borrowed */
	int64_t now;	       /* UTC seconds */
	bool endless;	       /* a fault: always another page */
	bool unknown_words;    /* a fault: states and types nobody knows */
	struct writer *writer; /* takes the members of the result */

	enum refusal refusal;		  /* how it ended */
	char message[SHAPE_MESSAGE_SIZE]; /* its text */
	char directory[SERVICE_ID_SIZE];  /* what it was about, "" if nothing; for the log */
	char certificate[SERVICE_ID_SIZE];
	struct resource *changed; /* the directory that it changed; NULL if none */
};

/* The directory that a request names, "" if it names none or nonsense; for faults. */
void call_target(const json_t *input, char ret_directory[static SERVICE_ID_SIZE]);
/* Checks and executes; fills the lower half of `call`. */
void operation_run(struct world *world, struct call *call);
