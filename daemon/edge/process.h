/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Runs another program and takes what it prints: without a shell, without standard input, in a
 * process group of its own that is killed when its time is up or it has ended. Everything it prints
 * may be a secret and is kept in memory that is wiped.
 */

#include <stdatomic.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/* Words of a command line, and its characters. */
#define PROCESS_WORDS_MAX   64
#define PROCESS_COMMAND_MAX 4096
/* What is taken of standard output, and kept of standard error. Bytes. */
#define PROCESS_OUTPUT_MAX ((size_t)64 * 1024)
#define PROCESS_ERRORS_MAX ((size_t)400)

/* The words of a command; all-zero is none. */
struct process_words {
	char *words[PROCESS_WORDS_MAX + 1]; /* owned; ends with NULL */
	size_t count;
};

/* Accepts all-zero; leaves all-zero. */
void process_words_done(struct process_words *words);

/*
 * Splits a command as the AWS CLI does (Python's shlex): words between blanks, '...' as it stands,
 * "..." with \" and \\, and a backslash before any character outside of quotes. No variables, no
 * patterns. 0, -ERROR_INVALID, -ERROR_LIMIT or -ERROR_MEMORY with a reason that quotes nothing.
 */
int process_split(const char *command, struct process_words *ret_words, struct error *error);

struct process_result {
	int status;	      /* exit status, or 128 and the signal */
	struct buffer output; /* standard output; owned */
	struct buffer
		errors; /* the beginning of standard error, without control characters; owned */
};

/* Wipes. Accepts all-zero. */
void process_result_done(struct process_result *result);

/*
 * Runs words[0], found by PATH, with the environment of this process. 0 when it has ended, whatever
 * its status; -ERROR_MISSING (no such program), -ERROR_TIMEOUT, -ERROR_LIMIT (it prints too much),
 * -ERROR_STOPPED (*stop became true; may be NULL), -ERROR_IO or -ERROR_MEMORY. *ret_result is the
 * caller's to release in every case.
 */
int process_run(const struct process_words *words, int64_t timeout_ms, const atomic_bool *stop,
	struct process_result *ret_result, struct error *error);
